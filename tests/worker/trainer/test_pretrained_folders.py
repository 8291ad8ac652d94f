"""kre-train describe: what a folder of a pretrained encoder holds, or why it is none."""

import json
import os

import pytest

from support import tiny_encoder
from support.programs import kre_train

CONFIG = {"model_type": "bert", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 5}


def describe(*arguments, **environment):
    return kre_train("describe", *arguments, check=False, **environment)


def test_a_folder_is_described_by_its_encoder_its_tokenizer_and_its_tensors(tmp_path):
    folder = tiny_encoder.write(tmp_path / "bert", ["ab c"])
    pieces = len((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    lines = describe(folder).stdout.splitlines()
    assert lines[0] == f"bert: 2 layers x 16, 2 heads, 32 between; {pieces} pieces, 200 positions"
    assert lines[1].startswith(f"tokenizer of {pieces} pieces, begins with [CLS] (2), ends with [SEP] (3), pads with [PAD] (0), unknown [UNK] (1), "
                               "hides with [MASK] (4), sha256 ")
    assert lines[2] == "encoder with its head for hidden tokens: 38 tensors are there, 4 are not, 2 are others"
    assert lines[3].startswith(f"40 tensors of {7984 + 17 * pieces} numbers in 1 file, sha256 ")
    kind, *shape, size, name = lines[4].split()
    assert (kind, shape, name) == ("F32", [str(pieces), "x", "16"], "bert.embeddings.word_embeddings.weight") and 0.3 < float(size) < 0.7


@pytest.mark.parametrize("change, message", [
    ({"num_hidden_layers": 3}, "has no tensor encoder.layer.2.attention.self.query.weight, which its encoder needs"),
    ({"intermediate_size": 33}, "the tensor encoder.layer.0.intermediate.dense.weight has not the shape that config.json tells of"),
    ({"vocab_size": 10}, " tokens, but vocab_size in config.json is 10"),
    ({"model_type": "albert"}, "config.json: model_type: bert, roberta, xlm-roberta, electra or distilbert was expected"),
], ids=str)
def test_a_folder_whose_parts_do_not_belong_together_is_refused(tmp_path, change, message):
    folder = tiny_encoder.write(tmp_path / "bert", ["ab c"])
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | change), encoding="utf-8")
    refused = describe(folder)
    assert refused.returncode == 1 and message in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_a_program_in_the_place_of_weights_is_refused(tmp_path):
    ran = tmp_path / "ran"
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02cos\nsystem\nX\x64\x00\x00\x00" + f"touch {ran}".encode().ljust(100) + b"\x85R.")
    refused = describe(tmp_path)
    assert refused.returncode == 1 and not ran.exists() and len(refused.stderr.splitlines()) == 1
    assert "offset 2: it names os.system, which is not of a file of tensors: nothing of it was run" in refused.stderr


def test_a_study_does_not_look_into_folders(tmp_path):
    refused = describe(tmp_path, KRE_CONFINED="1")
    assert refused.returncode == 1 and "a study's training is train or pretrain, not describe" in refused.stderr
