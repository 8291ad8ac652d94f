"""kre-train --vectors: models begin with vectors of words and look at them, in training and when they predict."""

import csv
import json
import pathlib

import pytest

from support import tiny_encoder
from support.programs import kre_train


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    kre_train("corpus", "--out", path, "--rows", 240)
    return path


@pytest.fixture(scope="module")
def vectors(tmp_path_factory, corpus):
    path = tmp_path_factory.mktemp("vectors") / "words.vec"
    words = sorted({word for row in json.loads(corpus.read_text(encoding="utf-8")) for word in row["sentence"].split()})
    lines = [f"{word} " + " ".join(f"{(hash_of(word) >> shift) % 7 - 3}" for shift in range(0, 24, 2)) for word in words]
    path.write_text(f"{len(lines)} 12\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def hash_of(word):
    return sum(ord(letter) * 31 ** place for place, letter in enumerate(word)) % 2 ** 31


def probabilities(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {row["id"]: json.loads(row["probs"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize("flags", ["--model=linear", "--model=cnn", "--model=cnn --vectors_rate=0", "--model=mix",
                                   "--model=linear --weight_vectors=0", "--model=mix --weight_vectors=0"])
def test_a_saved_model_predicts_as_it_did(tmp_path, corpus, vectors, flags):
    kre_train("--data", corpus, "--vectors", vectors, *flags.split(), "--epochs=2", "--save", tmp_path / "model", "--predict", corpus,
              "--out", tmp_path / "then.csv", "--oof=none")
    assert (tmp_path / "model/vectors.json").exists() == ("cnn" not in flags and "weight_vectors=0" not in flags)
    assert json.loads((tmp_path / "model/config.json").read_text())["options"].get("embedding_width", 12) == 12
    kre_train("predict", "--model", tmp_path / "model", corpus, tmp_path / "now.csv")
    assert probabilities(tmp_path / "then.csv") == probabilities(tmp_path / "now.csv")


def test_the_vocabulary_names_the_tokens_that_rows_have(tmp_path, corpus):
    more = tmp_path / "more.vec"
    more.write_text("2 4\nnowhere 1 0 0 0\nelsewhere 0 1 0 0\n", encoding="utf-8")
    kre_train("--data", corpus, "--vectors", more, "--model=cnn", "--unit=word", "--epochs=1", "--save", tmp_path / "model")
    words = (tmp_path / "model/vocabulary").read_text(encoding="utf-8").splitlines()
    assert words and all(line.split("\t")[1] for line in words)


def test_vectors_are_as_wide_as_a_saved_model_may_be(tmp_path, corpus):
    for width in (3, 1028):
        (tmp_path / f"{width}.vec").write_text(f"2 {width}\n" + "".join(f"{word} {'0.5 ' * (width - 1)}{n}\n" for n, word in enumerate("ab")))
    train = ["--data", corpus, "--model=cnn", "--filters=4", "--epochs=1", "--save", tmp_path / "model", "--vectors"]
    refused = kre_train(*train, tmp_path / "3.vec", check=False)
    assert refused.returncode == 2 and refused.stderr == (
        f"kre-train: the vectors of {tmp_path}/3.vec have 3 numbers, and --embedding_width is 4 to 4096\n")
    kre_train(*train, tmp_path / "1028.vec")
    kre_train("predict", "--model", tmp_path / "model", corpus, tmp_path / "out.csv")


def test_a_folder_of_an_encoder_gives_its_table(tmp_path, corpus):
    folder = tiny_encoder.write(tmp_path / "encoder", [corpus.read_text(encoding="utf-8")], "bert")
    with_it = kre_train("--data", corpus, "--epochs=1", "--model=linear", KRE_FILE_VECTORS=str(folder)).stdout
    without = kre_train("--data", corpus, "--epochs=1", "--model=linear").stdout
    assert with_it.split("seconds")[0] != without.split("seconds")[0]


def test_other_vectors_are_noticed_and_may_lie_elsewhere(tmp_path, corpus, vectors):
    mine = tmp_path / "mine.vec"
    mine.write_text(vectors.read_text(encoding="utf-8"), encoding="utf-8")
    kre_train("--data", corpus, "--vectors", mine, "--model=linear", "--epochs=1", "--save", tmp_path / "model")
    mine.write_text(mine.read_text(encoding="utf-8").replace(" 1\n", " 2\n"), encoding="utf-8")
    refused = kre_train("predict", "--model", tmp_path / "model", corpus, tmp_path / "out.csv", check=False)
    assert refused.returncode == 1 and "was trained with other vectors than" in refused.stderr
    mine.unlink()
    refused = kre_train("predict", "--model", tmp_path / "model", corpus, tmp_path / "out.csv", check=False)
    assert refused.returncode == 1 and "the vectors that the model looks at are needed" in refused.stderr
    kre_train("predict", "--model", tmp_path / "model", corpus, tmp_path / "out.csv", KRE_FILE_VECTORS=str(vectors))
    assert probabilities(tmp_path / "out.csv")


@pytest.mark.parametrize("flags, sentence", [
    (["--model=cnn", "--embedding_width=50"], "--embedding_width is 50, but the vectors of"),
    (["--model=encoder", "--init=nowhere"], "nowhere"),
    (["--model=linear", "--vectors=nowhere.vec"], "cannot open nowhere.vec"),
])
def test_what_does_not_fit_is_said_at_once(corpus, vectors, flags, sentence):
    refused = kre_train("--data", corpus, "--vectors", vectors, *flags, check=False)
    assert refused.returncode == 2 and sentence in refused.stderr and len(refused.stderr.splitlines()) == 1


def test_a_studys_training_reads_only_its_own_vectors(corpus, vectors):
    refused = kre_train("--data", corpus, "--vectors", vectors, check=False, KRE_CONFINED="1", KRE_FILE_TRAIN=str(corpus))
    assert refused.returncode == 2 and "--vectors: a study's training reads the study's files" in refused.stderr
    assert pathlib.Path(vectors).exists()
    kre_train("--epochs=1", KRE_CONFINED="1", KRE_FILE_TRAIN=str(corpus), KRE_FILE_VECTORS=str(vectors))
