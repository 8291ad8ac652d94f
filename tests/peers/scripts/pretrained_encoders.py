"""Small encoders by the original implementation, and what it makes of the folders that kre-train wrote. Run by an interpreter that has
transformers and PyTorch.

    pretrained_encoders.py make OUT TOKENIZERS             OUT/bert, OUT/roberta … with random weights
    pretrained_encoders.py classify FOLDER ROWS            {id: probabilities} of the rows' plain sentences, and what was missing
    pretrained_encoders.py guess FOLDER                    the loss of guessing each one-token line of stdin behind a mask, and what was missing
"""

import json
import pathlib
import shutil
import sys
import unicodedata

import torch
import transformers
from tokenizers import Tokenizer

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": 132}
ROBERTA = {**SIZES, "pad_token_id": 1, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
KINDS = {"bert": ("Bert", "bert-uncased", SIZES), "roberta": ("Roberta", "roberta", ROBERTA), "xlm-roberta": ("XLMRoberta", "xlm-roberta", ROBERTA),
         "electra": ("Electra", "bert-uncased", {**SIZES, "embedding_size": 16}),
         "distilbert": ("DistilBert", "bert-uncased", {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": 132})}


def make(out, tokenizers):
    torch.manual_seed(3)
    for name, (kind, tokenizer, sizes) in KINDS.items():
        source = pathlib.Path(tokenizers) / tokenizer
        words = Tokenizer.from_file(str(source / "tokenizer.json")).get_vocab_size()
        config = getattr(transformers, kind + "Config")(vocab_size=words, **sizes)
        model = getattr(transformers, kind + "Model")(config)
        for parameter in model.parameters():
            parameter.data += 0.3 * torch.randn_like(parameter) / parameter.shape[-1] ** 0.5
        folder = pathlib.Path(out) / name
        model.save_pretrained(folder)
        for file in source.iterdir():
            if not file.name.startswith("ids"):
                shutil.copyfile(file, folder / file.name)


def read(folder, kind):
    model, report = getattr(transformers, kind).from_pretrained(folder, output_loading_info=True)
    tokenizer = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return model.eval(), tokenizer, sorted(report["missing_keys"])


def classify(folder, rows):
    model, tokenizer, missing = read(folder, "AutoModelForSequenceClassification")
    found = {}
    for row in json.loads(pathlib.Path(rows).read_text(encoding="utf-8")):
        ids = tokenizer.encode(unicodedata.normalize("NFC", row["sentence"])).ids
        with torch.no_grad():
            found[row["guid"]] = torch.softmax(model(torch.tensor([ids])).logits[0], -1).tolist()
    return {"missing": missing, "probabilities": found, "labels": [model.config.id2label[i] for i in range(model.config.num_labels)]}


def guess(folder):
    model, tokenizer, missing = read(folder, "AutoModelForMaskedLM")
    mask = next(tokenizer.token_to_id(word) for word in ("[MASK]", "<mask>") if tokenizer.token_to_id(word) is not None)
    losses = {}
    for line in sys.stdin.read().split():
        first, truth, last = tokenizer.encode(line).ids
        with torch.no_grad():
            logits = model(torch.tensor([[first, mask, last]])).logits[0, 1]
        losses[line] = -torch.log_softmax(logits, -1)[truth].item()
    return {"missing": missing, "losses": losses}


if __name__ == "__main__":
    print(json.dumps({"make": make, "classify": classify, "guess": guess}[sys.argv[1]](*sys.argv[2:])))
