"""A pretrained folder in Hugging Face's layout with random weights, small enough for a test.

    tiny_encoder.py FOLDER TEXT …     a BERT of two layers with the characters of these files as its pieces
"""

import json
import pathlib
import random
import struct
import sys

WIDTH, HEADS, INNER, PLACES = 16, 2, 32, 200
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
MARKS = "@*#^<>[]/"


def vocabulary(texts):
    signs = {character for text in [MARKS, *texts] for character in text if not character.isspace()}
    return SPECIAL + sorted(signs) + sorted("##" + sign for sign in signs if sign.isalnum())


def names(kind):
    """The layers' tensors as (name, shape) of one layer, the embeddings', and the prefix."""
    if kind == "distilbert":
        affine = {"attention.q_lin": (WIDTH, WIDTH), "attention.k_lin": (WIDTH, WIDTH), "attention.v_lin": (WIDTH, WIDTH),
                  "attention.out_lin": (WIDTH, WIDTH), "ffn.lin1": (INNER, WIDTH), "ffn.lin2": (WIDTH, INNER)}
        return "distilbert.", "transformer.layer.", affine, ["sa_layer_norm", "output_layer_norm"]
    affine = {f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
    affine |= {"attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (INNER, WIDTH), "output.dense": (WIDTH, INNER)}
    return "bert.", "encoder.layer.", affine, ["attention.output.LayerNorm", "output.LayerNorm"]


def tensors(kind, pieces, layers, stream):
    prefix, layer, affine, norms = names(kind)

    def noise(*shape, around=0.0, spread=0.15):
        count = 1
        for side in shape:
            count *= side
        return shape, [around + spread * stream.gauss(0, 1) for _ in range(count)]

    yield prefix + "embeddings.word_embeddings.weight", noise(pieces, WIDTH, spread=0.5)
    yield prefix + "embeddings.position_embeddings.weight", noise(PLACES, WIDTH)
    if kind == "bert":
        yield prefix + "embeddings.token_type_embeddings.weight", noise(2, WIDTH)
    yield prefix + "embeddings.LayerNorm.weight", noise(WIDTH, around=1)
    yield prefix + "embeddings.LayerNorm.bias", noise(WIDTH)
    for number in range(layers):
        for name, shape in affine.items():
            yield f"{prefix}{layer}{number}.{name}.weight", noise(*shape, spread=0.3)
            yield f"{prefix}{layer}{number}.{name}.bias", noise(shape[0])
        for name in norms:
            yield f"{prefix}{layer}{number}.{name}.weight", noise(WIDTH, around=1)
            yield f"{prefix}{layer}{number}.{name}.bias", noise(WIDTH)
    if kind == "bert":
        yield prefix + "pooler.dense.weight", noise(WIDTH, WIDTH)
        yield prefix + "pooler.dense.bias", noise(WIDTH)
        yield "cls.predictions.bias", noise(pieces)


def write_weights(path, items):
    header, body, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, (shape, values) in items:
        data = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + len(data)]}
        body.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(body))


CONFIGS = {
    "bert": {"model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_size": WIDTH,
             "num_attention_heads": HEADS, "intermediate_size": INNER, "max_position_embeddings": PLACES, "type_vocab_size": 2,
             "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "layer_norm_eps": 1e-12,
             "pad_token_id": 0, "initializer_range": 0.02, "somebody_elses_key": [1, "two"]},
    "distilbert": {"model_type": "distilbert", "architectures": ["DistilBertForMaskedLM"], "dim": WIDTH,
                   "n_heads": HEADS, "hidden_dim": INNER, "max_position_embeddings": PLACES, "activation": "gelu", "dropout": 0.1,
                   "attention_dropout": 0.1, "seq_classif_dropout": 0.2, "pad_token_id": 0, "initializer_range": 0.02},
}


def write(folder, texts, kind="bert", seed=1, layers=2, spare=0):
    """With `spare` rows of the table of embeddings that no token has."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pieces = vocabulary(texts)
    rows = len(pieces) + spare
    values = CONFIGS[kind] | {"vocab_size": rows, "n_layers" if kind == "distilbert" else "num_hidden_layers": layers}
    (folder / "config.json").write_text(json.dumps(values, indent=2), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": PLACES}), encoding="utf-8")
    write_weights(folder / "model.safetensors", tensors(kind, rows, layers, random.Random(seed)))
    return folder


if __name__ == "__main__":
    write(sys.argv[1], [pathlib.Path(path).read_text(encoding="utf-8") for path in sys.argv[2:]])
