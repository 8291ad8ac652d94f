"""Frozen layers of a pretrained encoder: what they make of a sentence is computed once on a machine, and never changes a result."""

import os
import subprocess

import pytest

from support import tiny_encoder
from support.programs import PROGRAMS, kre_train

FLAGS = ["--model=encoder", "--max_tokens=64", "--learning_rate=0.01", "--epochs=2", "--seed=3", "--freeze_layers=1"]
ROWS = 240


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    kre_train("corpus", "--out", path, "--rows", ROWS)
    return path


@pytest.fixture(scope="module")
def encoder(tmp_path_factory, corpus):
    return tiny_encoder.write(tmp_path_factory.mktemp("encoder") / "bert", [corpus.read_text(encoding="utf-8")], "bert")


@pytest.fixture
def begin(tmp_path, corpus, encoder):
    def start(name, *more):
        folder = tmp_path / name
        folder.mkdir()
        environment = dict(os.environ, KRE_CACHE=str(tmp_path / "cache"), KRE_RUN_DIR=str(folder))
        return folder, subprocess.Popen([PROGRAMS["kre-train"], "--data", corpus, "--init", encoder, *FLAGS, *more], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return start


def finish(training):
    folder, process = training
    out, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    weights = (folder / "model" / "model.safetensors").read_bytes()
    return weights, (folder / "oof.csv").read_bytes(), [line for line in out.splitlines() if line.startswith("epoch")], errors


def stores(tmp_path):
    return sorted((tmp_path / "cache" / "hidden").glob("*.hidden"))


def test_what_was_kept_changes_no_bit(begin, tmp_path):
    without = finish(begin("without", "--cache=none"))[:3]
    assert not (tmp_path / "cache").exists()
    first = finish(begin("first"))[:3]
    (store,) = stores(tmp_path)
    size = store.stat().st_size
    second = finish(begin("second"))[:3]
    assert first == without and second == without
    assert store.stat().st_size == size


def test_all_folds_at_once_share_one_store(begin, tmp_path):
    lone = finish(begin("lone", "--cache=none", "--folds=3", "--fold=1"))[:3]
    together = [begin(f"fold{fold}", "--folds=3", f"--fold={fold}") for fold in range(3)]
    results = [finish(training)[:3] for training in together]
    assert results[1] == lone
    (store,) = stores(tmp_path)
    size = store.stat().st_size
    finish(begin("again", "--folds=3", "--fold=2", "--seed=9", "--learning_rate=0.02"))
    assert store.stat().st_size == size


def test_other_depths_are_other_stores(begin, tmp_path):
    finish(begin("one"))
    finish(begin("two", "--freeze_layers=2"))
    assert len(stores(tmp_path)) == 2


def test_a_damaged_store_costs_time_and_no_bit(begin, tmp_path):
    first = finish(begin("first"))[:3]
    (store,) = stores(tmp_path)
    size = store.stat().st_size
    with open(store, "r+b") as file:
        file.seek(size // 3)
        file.write(bytes(1000))
        file.truncate(size - 777)
    assert finish(begin("second"))[:3] == first


def test_a_full_cache_and_one_that_cannot_be_written_are_said_and_gone_without(begin, tmp_path):
    without = finish(begin("without", "--cache=none"))[:3]
    *full, errors = finish(begin("full", "--cache_gb=0.0001"))
    assert tuple(full) == without and "the cache is full: --cache_gb gives it more room" in errors
    (tmp_path / "file").write_text("")
    *refused, errors = finish(begin("refused", "--cache", tmp_path / "file" / "below"))
    assert tuple(refused) == without and "Not a directory" in errors


def test_what_stands_still_at_first_is_kept_for_every_stage(begin, tmp_path, corpus):
    deep = tiny_encoder.write(tmp_path / "deep", [corpus.read_text(encoding="utf-8")], "bert", layers=4)
    more = ["--init", deep, "--freeze_layers=0", "--schedule=constant", "--warmup=0", "--epochs=3", "--head_epochs=1",
            "--top_epochs=1"]
    without = finish(begin("without", *more, "--cache=none"))[:3]
    assert finish(begin("first", *more))[:3] == without and len(stores(tmp_path)) == 2
    *_, (head, top, _) = without
    assert head == finish(begin("head", *more[:5], "--freeze_layers=4", "--epochs=1"))[2][0]
    again = finish(begin("top", *more[:5], "--freeze_layers=2", "--epochs=2", "--head_epochs=1"))[2]
    assert again == [head, top] and len(stores(tmp_path)) == 2


def test_marks_that_frozen_layers_cannot_learn_are_warned_of(begin, tmp_path, corpus):
    warning = "warning: --freeze_layers leaves the vectors of added marks untrained"
    *_, errors = finish(begin("added", "--marker=added"))
    assert warning in errors
    larger = tiny_encoder.write(tmp_path / "larger", [corpus.read_text(encoding="utf-8")], spare=8)
    *_, errors = finish(begin("spare", "--marker=added", "--init", larger))
    assert warning in errors
    *_, errors = finish(begin("typed", "--marker=typed"))
    assert "warning" not in errors


@pytest.mark.parametrize("place, rc", [("cache/mine", 0), ("run/cache", 0), ("elsewhere", 2), ("cache-of-mine", 2)])
def test_a_training_for_a_study_keeps_its_cache_in_the_run_or_the_workers(corpus, encoder, tmp_path, place, rc):
    for name in ("cache", "run", "cache-of-mine"):
        (tmp_path / name).mkdir()
    confined = {"KRE_CONFINED": "1", "KRE_CACHE": str(tmp_path / "cache"), "KRE_RUN_DIR": str(tmp_path / "run"),
                "KRE_FILE_TRAIN": str(corpus), "KRE_FILE_ENCODER": str(encoder)}
    for _ in range(2):  # the second finds what the first one made
        done = kre_train("--data", corpus, "--init", encoder, *FLAGS, "--epochs=1", "--save=none", f"--cache={tmp_path / place}",
                         check=False, **confined)
        assert done.returncode == rc, done.stderr
        assert ("--cache: a study's training writes into its run's folder or the worker's KRE_CACHE" in done.stderr) == (rc == 2)
    assert any((tmp_path / place).glob("*.hidden")) == (rc == 0)
