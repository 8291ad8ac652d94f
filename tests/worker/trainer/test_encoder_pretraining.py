"""kre-train pretrain --model=encoder: a pretrained encoder goes on, on sentences of the task, and is a folder again."""

import json
import pathlib
import shutil
import struct

import pytest

from support import tiny_encoder
from support.programs import kre_train

FLAGS = ["--model=encoder", "--max_tokens=64", "--learning_rate=0.01", "--epochs=3"]
HEAD = ["cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias", "cls.predictions.transform.LayerNorm.weight",
        "cls.predictions.transform.LayerNorm.bias", "cls.predictions.bias"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    kre_train("corpus", "--out", path, "--rows", 120)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory, corpus):
    return tiny_encoder.write(tmp_path_factory.mktemp("encoders") / "bert", [corpus.read_text(encoding="utf-8")])


def pretrain(corpus, folder, out, *more, **environment):
    """The folder that it made, the losses on held-out sentences, and what it said."""
    done = kre_train("pretrain", "--data", corpus, "--init", folder, "--out", out, *FLAGS, *more, **environment)
    losses = [float(line.split("loss=")[1].split()[0]) for line in done.stdout.splitlines() if line.startswith("epoch")]
    return pathlib.Path(done.stdout.splitlines()[-1]), losses, done.stderr


@pytest.fixture(scope="module")
def gone_on(tmp_path_factory, corpus, folder):
    return pretrain(corpus, folder, tmp_path_factory.mktemp("out"))


def shapes(path):
    data = (path / "model.safetensors").read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    assert header.pop("__metadata__") == {"format": "pt"}
    return {name: entry["shape"] for name, entry in header.items()}


def test_it_learns_and_leaves_a_whole_folder(folder, gone_on):
    path, losses, said = gone_on
    assert losses[-1] < losses[0]
    assert "encoder: 38 tensors loaded, 4 new (cls.predictions.transform.dense.weight, " in said and "first row: [CLS]" in said
    assert path.name.startswith("encoder-") and sorted(file.name for file in path.iterdir()) == [
        "config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]
    for name in ("vocab.txt", "tokenizer_config.json"):
        assert (path / name).read_bytes() == (folder / name).read_bytes()
    config, before = (json.loads((place / "config.json").read_text(encoding="utf-8")) for place in (path, folder))
    assert config == before | {"architectures": ["BertForMaskedLM"]}
    after = shapes(path)
    assert after == shapes(folder) | {name: after[name] for name in HEAD}


def test_what_guesses_is_loaded_when_it_is_there(corpus, gone_on, tmp_path):
    path, losses, _ = gone_on
    _, again, said = pretrain(corpus, path, tmp_path, "--epochs=1", "--learning_rate=1e-8")
    assert "encoder: 42 tensors loaded, 0 new, 2 unused (bert.pooler.dense.weight, bert.pooler.dense.bias)" in said
    assert again == [min(losses)]


def test_a_classifier_begins_with_what_it_made(corpus, gone_on):
    path, _, _ = gone_on
    done = kre_train("--data", corpus, "--model=encoder", "--init", path, "--pooling=cls", "--head=hf", "--epochs=1", "--save=none", "--oof=none")
    assert "encoder: 39 tensors loaded, 2 new (classifier.weight, classifier.bias), 5 unused (cls.predictions" in done.stderr


def test_marks_that_are_new_tokens_make_the_tables_longer(corpus, folder, tmp_path):
    path, _, said = pretrain(corpus, folder, tmp_path, "--marker=added", "--epochs=1")
    words = json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    assert json.loads((path / "config.json").read_text(encoding="utf-8"))["vocab_size"] == words + 4
    assert shapes(path)["bert.embeddings.word_embeddings.weight"][0] == words + 4 and shapes(path)["cls.predictions.bias"] == [words + 4]
    assert "<subj>" in said
    again, _, said = pretrain(corpus, path, tmp_path, "--marker=added", "--epochs=1")
    assert "encoder: 42 tensors loaded, 0 new" in said
    assert shapes(again)["cls.predictions.bias"] == [words + 4]


def test_plain_text_will_do_and_the_same_twice_is_the_same(corpus, folder, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("\n".join(row["sentence"] for row in json.loads(corpus.read_text(encoding="utf-8"))[:60]), encoding="utf-8")
    flags = ["pretrain", "--model=encoder", "--text", text, "--epochs=2", "--out", tmp_path / "out"]
    first = kre_train(*flags, "--init", folder)
    second = kre_train(*flags, KRE_FILE_ENCODER=str(folder))
    assert first.stdout.splitlines()[-1] == second.stdout.splitlines()[-1]


def test_a_tokenizer_without_a_mask_is_refused(corpus, folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "vocab.txt").write_text((folder / "vocab.txt").read_text(encoding="utf-8").replace("[MASK]", "[WALL]"), encoding="utf-8")
    refused = kre_train("pretrain", "--data", corpus, "--init", other, "--out", tmp_path, *FLAGS, check=False)
    assert refused.returncode == 1 and "its tokenizer has no mask" in refused.stderr


def test_it_needs_a_folder(corpus, tmp_path):
    refused = kre_train("pretrain", "--data", corpus, "--out", tmp_path, *FLAGS, check=False)
    assert refused.returncode == 2 and "pretrain --model=encoder needs --init=DIR" in refused.stderr
