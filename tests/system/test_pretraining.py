"""Pretraining as a program and as a study, and what it makes as a parameter of a search."""

import hashlib
import json
import pathlib

import pytest

from support.programs import run

SMALL = ["--width=16", "--heads=2", "--layers=1", "--inner-width=16", "--embedding-width=16", "--max-tokens=60"]

SEARCH = """
name: begins
method: grid
metric: {{name: f1, goal: maximize}}
files: {{train: {corpus}, encoder: {encoder}}}
fixed: {{model: transformer, epochs: 1, max_tokens: 60}}
parameters:
  init: {{values: [none, {encoder}]}}
"""

PRETRAINING = """
name: hidden
metric: {{name: loss, goal: minimize}}
budget: {{trials: 2}}
files: {{train: {corpus}}}
command: [kre-train, pretrain, "--data=${{file:train}}", "${{args}}"]
fixed: {{model: bilstm, epochs: 2, units: 8, embedding_width: 8, max_tokens: 60}}
parameters:
  learning_rate: {{min: 0.001, max: 0.01, log: true}}
"""


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.json"
    run("kre-train", "corpus", "--rows=240", "--seed=1", f"--out={path}", check=True)
    return path


def search(home, folder, text):
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    done = run("kre-search", "start", path, "--workers", 1, home=home)
    assert done.returncode == 0, done.stdout + done.stderr


def pretrain(corpus, folder):
    """The encoder's path is the last line that pretraining prints."""
    done = run("kre-train", "pretrain", f"--data={corpus}", f"--out={folder}", "--epochs=2", *SMALL, check=True)
    return pathlib.Path(done.stdout.splitlines()[-1])


def test_an_encoder_is_made_named_and_searched_over(corpus, tmp_path, home):
    encoder = pretrain(corpus, tmp_path / "encoders")
    digest = hashlib.sha256(encoder.read_bytes()).hexdigest()
    assert encoder.name == f"transformer-{digest[:16]}.safetensors"
    assert pretrain(corpus, tmp_path / "encoders") == encoder  # the same flags make the same encoder
    search(home, tmp_path, SEARCH.format(corpus=corpus, encoder=encoder))
    trials = json.loads(run("kre-search", "trials", "begins", "--json", home=home, check=True).stdout)["trials"]
    assert {trial["params"]["init"] for trial in trials} == {"none", str(encoder)}
    assert all(trial["state"] == "COMPLETE" for trial in trials)


def test_a_model_that_began_with_an_encoder_predicts_without_it(corpus, tmp_path):
    encoder = pretrain(corpus, tmp_path / "encoders")
    flags = ["--model=transformer", f"--init={encoder}", "--epochs=1", f"--save={tmp_path / 'model'}",
             f"--predict={corpus}", f"--out={tmp_path / 'one.csv'}"]
    run("kre-train", f"--data={corpus}", *flags, check=True)
    encoder.unlink()
    run("kre-train", "predict", f"--model={tmp_path / 'model'}", corpus, tmp_path / "two.csv", check=True)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_flag_that_does_not_fit_the_encoder_ends_the_program_with_a_sentence(corpus, tmp_path):
    encoder = pretrain(corpus, tmp_path / "encoders")
    done = run("kre-train", f"--data={corpus}", "--model=transformer", f"--init={encoder}", "--width=32")
    assert done.returncode != 0
    assert done.stderr.strip() == f"kre-train: --width is 32, but {encoder} was made with --width=16"


def test_pretraining_is_a_study_like_any_other(corpus, tmp_path, home):
    search(home, tmp_path, PRETRAINING.format(corpus=corpus))
    trials = json.loads(run("kre-search", "trials", "hidden", "--json", home=home, check=True).stdout)["trials"]
    assert len(trials) == 2
    assert all(trial["state"] == "COMPLETE" and trial["values"][0] > 0 for trial in trials)
    assert len(list(pathlib.Path(home).rglob("bilstm-*.safetensors"))) == 2
