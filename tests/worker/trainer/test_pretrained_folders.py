"""kre-train describe: what a folder of a pretrained encoder holds, or why it is none."""

import json
import os
import pathlib
import shutil
import subprocess

from support.programs import PROGRAMS

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "pretrained"
CONFIG = {"model_type": "bert", "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 5}


def describe(*arguments, **environment):
    return subprocess.run([PROGRAMS["kre-train"], "describe", *map(str, arguments)], env=dict(os.environ, **environment), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180)


def test_a_folder_is_described_by_its_encoder_and_its_tensors(tmp_path):
    shutil.copy(GOLDEN / "archive/pytorch_model.bin", tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    lines = describe(tmp_path).stdout.splitlines()
    assert lines[0] == "bert: 1 layers x 4, 2 heads, 8 between; 5 pieces, 512 positions"
    assert lines[1].startswith("14 tensors of 113 numbers in 1 file, sha256 ")
    kind, *shape, size, name = lines[3].split()
    assert (kind, shape, name) == ("F32", ["5", "x", "4"], "embeddings.word_embeddings.weight") and 0.5 < float(size) < 2


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
