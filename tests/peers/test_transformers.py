"""transformers reads what kre-train made of its encoders, and computes the same.

PyTorch and transformers take gigabytes, so that nothing here installs them: KRE_TRANSFORMERS names an interpreter that has both.
"""

import csv
import json
import os
import pathlib
import subprocess

import pytest

from support.programs import PROGRAMS

HERE = pathlib.Path(__file__).resolve().parent
TOKENIZERS = HERE.parent / "worker/tokenizers/golden"
KINDS = ["bert", "roberta", "xlm-roberta", "electra", "distilbert"]
PYTHON = os.environ.get("KRE_TRANSFORMERS")

pytestmark = pytest.mark.skipif(not PYTHON, reason="KRE_TRANSFORMERS names no interpreter with transformers and PyTorch")


def kre_train(*arguments):
    return subprocess.run([PROGRAMS["kre-train"], *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                          timeout=300).stdout


def theirs(*arguments, text=""):
    done = subprocess.run([PYTHON, HERE / "scripts/pretrained_encoders.py", *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=600, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    out = tmp_path_factory.mktemp("encoders")
    theirs("make", out, TOKENIZERS)
    kre_train("corpus", "--out", out / "corpus.json", "--rows", 40)
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_an_exported_classifier_gives_the_same_probabilities(folders, tmp_path, kind):
    rows, model, whole = folders / "corpus.json", tmp_path / "model", tmp_path / "whole"
    kre_train("--data", rows, "--model=encoder", "--init", folders / kind, "--marker=none", "--pooling=cls", "--head=hf", "--epochs=1",
              "--learning_rate=0.01", "--save", model, "--oof=none")
    kre_train("export", "--model", model, "--out", whole)
    kre_train("predict", "--model", model, rows, tmp_path / "ours.csv")
    found = theirs("classify", whole, rows)
    assert found["missing"] == []
    with open(tmp_path / "ours.csv", newline="", encoding="utf-8") as file:
        ours = {row["id"]: (row["pred_label"], json.loads(row["probs"])) for row in csv.DictReader(file)}
    assert ours.keys() == found["probabilities"].keys()
    for name, (label, probabilities) in ours.items():
        assert max(abs(a - b) for a, b in zip(probabilities, found["probabilities"][name], strict=True)) < 1e-5
        assert label == found["labels"][max(range(len(probabilities)), key=probabilities.__getitem__)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_goes_on_guessing_guesses_as_theirs(folders, tmp_path, kind):
    lines = "아\n나\n오\n"
    (tmp_path / "lines.txt").write_text(lines, encoding="utf-8")
    folder = kre_train("pretrain", "--model=encoder", "--init", folders / kind, "--data", folders / "corpus.json", "--out", tmp_path,
                       "--learning_rate=0.01", "--epochs=1").splitlines()[-1]
    found = theirs("guess", folder, text=lines)
    assert found["missing"] == []
    seen = set()
    for seed in range(1, 16):  # one line is held out, and its token is behind a mask four times of five
        first = kre_train("pretrain", "--model=encoder", "--init", folder, "--text", tmp_path / "lines.txt", "--out", tmp_path, "--epochs=1",
                          "--learning_rate=1e-8", "--held_out=0.001", "--seed", seed).splitlines()[0]
        loss = float(first.split("loss=")[1].split()[0])
        seen |= {line for line, expected in found["losses"].items() if abs(expected - loss) < 2e-4}
    assert len(seen) >= 2, (found, seen)
