"""kre-train on a pretrained encoder: it learns, goes on from its checkpoint, is saved as a change and made whole again."""

import csv
import json
import os
import shutil
import struct

import pytest

from support import tiny_encoder
from support.programs import kre_train


FLAGS = ["--model=encoder", "--max_tokens=64", "--learning_rate=0.01", "--epochs=3"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    kre_train("corpus", "--out", path, "--rows", 240)
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory, corpus):
    text = corpus.read_text(encoding="utf-8")
    return {kind: tiny_encoder.write(tmp_path_factory.mktemp("encoders") / kind, [text], kind) for kind in tiny_encoder.CONFIGS}


def losses(done):
    return [float(word.removeprefix("loss=")) for line in done.stdout.splitlines() for word in line.split()
            if word.startswith("loss=")]


def tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    return {name: (entry["shape"], data[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]])
            for name, entry in header.items()}


def probabilities(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {row["id"]: json.loads(row["probs"]) for row in csv.DictReader(file)}


def test_an_encoder_learns_and_says_what_it_found(corpus, folders):
    done = kre_train("--data", corpus, "--init", folders["bert"], *FLAGS)
    first, *_, last = losses(done)[:3]
    assert last < first
    assert "encoder: 37 tensors loaded, 2 new (kre.out.weight, kre.out.bias), 3 unused (bert.pooler.dense.weight, " \
           "bert.pooler.dense.bias, cls.predictions.bias)" in done.stderr


@pytest.mark.parametrize("kind, more", [
    ("bert", ["--pooling=cls", "--head=hf"]), ("bert", ["--head=lstm"]), ("bert", ["--marker=added"]), ("bert", ["--pooling=attention"]),
    ("bert", ["--freeze_layers=2", "--optimizer=sgd"]), ("bert", ["--train=bias"]), ("bert", ["--r_drop=1", "--average=ema"]),
    ("bert", ["--loss=focal", "--optimizer=adafactor", "--curriculum=rarity"]), ("distilbert", ["--pooling=cls", "--head=hf"]),
    ("distilbert", ["--freeze_layers=1", "--head=mlp"]), ("distilbert", ["--layer_decay=0.8", "--head_rate=5"]),
], ids=str)
def test_what_was_trained_is_saved_as_a_change_and_predicts_the_same(corpus, folders, tmp_path, kind, more):
    kre_train("--data", corpus, "--init", folders[kind], *FLAGS, *more, KRE_RUN_DIR=str(tmp_path))
    folder = tmp_path / "model"
    assert sorted(path.name for path in folder.iterdir()) == ["base.json", "config.json", "model.safetensors"]
    kre_train("predict", "--model", folder, corpus, tmp_path / "again.csv")
    whole = tmp_path / "whole"
    kre_train("export", "--model", folder, "--out", whole)
    kre_train("predict", "--model", whole, corpus, tmp_path / "whole.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    again = probabilities(tmp_path / "again.csv")
    held_out = probabilities(tmp_path / "oof.csv")
    assert held_out and all(max(abs(a - b) for a, b in zip(row, again[key])) < 1e-6 for key, row in held_out.items())


@pytest.mark.parametrize("pooling, head", [
    ("cls", ["bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias", "classifier.weight"]),
    ("max", ["kre.hidden.bias", "kre.hidden.weight", "kre.out.bias", "kre.out.weight"]),
    ("cls_entity_start", ["kre.hidden.bias", "kre.hidden.weight", "kre.out.bias", "kre.out.weight"]),
])
def test_a_head_has_transformers_names_where_it_is_theirs(corpus, folders, tmp_path, pooling, head):
    kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--epochs=1", "--head=hf", f"--pooling={pooling}", KRE_RUN_DIR=str(tmp_path))
    kre_train("export", "--model", tmp_path / "model", "--out", tmp_path / "whole")
    before, whole = (tensors(path / "model.safetensors") for path in (folders["bert"], tmp_path / "whole"))
    changed = [name for name, tensor in whole.items() if before.get(name) != tensor and not name.startswith(("bert.embeddings", "bert.encoder"))]
    assert sorted(changed) == head


def test_frozen_layers_are_not_in_the_change_and_stay_as_they_are(corpus, folders, tmp_path):
    kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--freeze_layers=1", KRE_RUN_DIR=str(tmp_path))
    kre_train("export", "--model", tmp_path / "model", "--out", tmp_path / "whole")
    before, after = tensors(folders["bert"] / "model.safetensors"), tensors(tmp_path / "whole" / "model.safetensors")
    changed = {name for name in before if before[name] != after[name]}
    assert changed and all(name.startswith("bert.encoder.layer.1.") for name in changed)
    assert set(after) - set(before) == {"kre.out.weight", "kre.out.bias"}
    assert not [name for name in tensors(tmp_path / "model" / "model.safetensors") if name.startswith("block0")]


def test_a_whole_folder_keeps_the_files_it_came_from(corpus, folders, tmp_path):
    kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--epochs=1", "--save", tmp_path / "model")
    kre_train("export", "--model", tmp_path / "model", "--out", tmp_path / "whole")
    config = json.loads((tmp_path / "whole" / "config.json").read_text(encoding="utf-8"))
    assert config["somebody_elses_key"] == [1, "two"] and config["architectures"] == ["BertModel"]
    for name in ("vocab.txt", "tokenizer_config.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (folders["bert"] / name).read_bytes()
    refused = kre_train("export", "--model", tmp_path / "model", "--out", tmp_path / "whole", check=False)
    assert refused.returncode == 1 and "File exists" in refused.stderr


@pytest.mark.parametrize("name, what", [("model.safetensors", "weights"), ("vocab.txt", "tokenizer's files")])
def test_a_whole_folder_that_was_changed_is_not_taken_for_what_was_trained(corpus, folders, tmp_path, name, what):
    kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--epochs=1", "--save", tmp_path / "model")
    whole = tmp_path / "whole"
    kre_train("export", "--model", tmp_path / "model", "--out", whole)
    data = bytearray((whole / name).read_bytes())
    data[-2] ^= 1
    (whole / name).write_bytes(data)
    refused = kre_train("predict", "--model", whole, corpus, tmp_path / "out.csv", check=False)
    assert refused.returncode == 1 and f"{whole} is damaged or was changed: its {what} are not those" in refused.stderr


def test_added_marks_are_in_the_whole_folder_s_tokenizer_table_and_config(corpus, folders, tmp_path):
    kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--marker=added", "--save", tmp_path / "model")
    kre_train("export", "--model", tmp_path / "model", "--out", tmp_path / "whole")
    before = json.loads((folders["bert"] / "config.json").read_text())["vocab_size"]
    assert json.loads((tmp_path / "whole" / "config.json").read_text())["vocab_size"] == before + 4
    shape, _ = tensors(tmp_path / "whole" / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    assert shape == [before + 4, tiny_encoder.WIDTH]
    kre_train("--data", corpus, "--init", tmp_path / "whole", *FLAGS, "--marker=added", "--epochs=1")


def without_seconds(text):
    return [" ".join(word for word in line.split() if not word.startswith("seconds=")) for line in text.splitlines()]


@pytest.mark.parametrize("more", [[], ["--freeze_layers=1", "--average=ema"], ["--marker=added", "--layer_decay=0.9"],
                                  ["--head_epochs=1"], ["--head_epochs=2", "--freeze_layers=1", "--optimizer=adafactor"]],
                         ids=lambda more: " ".join(more) or "all")
def test_a_training_goes_on_from_its_checkpoint_to_the_same_bits(corpus, folders, tmp_path, more):
    flags = ["--data", corpus, "--init", folders["bert"], *FLAGS, "--checkpoint=always", *more]
    for name in ("kept", "rest", "straight"):
        (tmp_path / name).mkdir()
    kept = {"KRE_CHECKPOINT_DIR": str(tmp_path / "kept"), "KRE_RUN_DIR": str(tmp_path / "rest")}
    ended = kre_train(*flags, check=False, **kept, KRE_REPORT_FD="100000")
    assert ended.returncode == 1 and "cannot report" in ended.stderr
    whole = kre_train(*flags, KRE_RUN_DIR=str(tmp_path / "straight"))
    rest = kre_train(*flags, **kept)
    assert "goes on behind epoch 1" in rest.stderr
    assert without_seconds(rest.stdout) == without_seconds(whole.stdout)
    for name in ("oof.csv", "model/model.safetensors"):
        assert (tmp_path / "straight" / name).read_bytes() == (tmp_path / "rest" / name).read_bytes(), name


def change_config(**changes):
    def change(folder):
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | changes))
    return change


def add_pieces(folder):
    with open(folder / "vocab.txt", "a", encoding="utf-8") as file:
        file.write("one\nmore\n")


def lose_a_tensor(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data.replace(b"encoder.layer.1.output.dense.bias", b"encoder.layer.1.output.dense.pias"))


@pytest.mark.parametrize("spoil, more, message", [
    (None, ["--max_tokens=201"], "--max_tokens is 201, but the encoder in {0} knows 200 places"),
    (None, ["--freeze_layers=3"], "--freeze_layers is 3, but the encoder in {0} has 2 layers"),
    (change_config(hidden_size=17), [], "heads"),
    (change_config(intermediate_size=33), [], "has not the shape that config.json tells of"),
    (change_config(model_type="gpt2"), [], "config.json: model_type: bert, roberta, "),
    (add_pieces, [], "its tokenizer has "),
    (lose_a_tensor, [], "{0} has no tensor encoder.layer.1.output.dense.bias, which its encoder needs"),
    (lambda folder: (folder / "model.safetensors").unlink(), [], "model.safetensors"),
    (lambda folder: (folder / "vocab.txt").unlink(), [], "vocab.txt"),
])
def test_what_does_not_fit_is_refused_in_one_sentence(corpus, folders, tmp_path, spoil, more, message):
    folder = tmp_path / "encoder"
    shutil.copytree(folders["bert"], folder)
    if spoil:
        spoil(folder)
    refused = kre_train("--data", corpus, "--init", folder, *FLAGS, *more, check=False)
    assert refused.returncode in (1, 2) and message.format(folder) in refused.stderr and refused.stderr.count("\n") == 1


def test_a_loss_that_is_no_number_names_its_step(corpus, folders):
    refused = kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--learning_rate=100", "--optimizer=sgd", "--clip=0",
                        check=False)
    assert refused.returncode == 1 and "the loss is no number any more at batch" in refused.stderr


def test_a_model_knows_its_encoder_again(corpus, folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "here")
    kre_train("--data", corpus, "--init", tmp_path / "here", *FLAGS, "--epochs=1", "--save", tmp_path / "model")
    os.rename(tmp_path / "here", tmp_path / "there")
    predict = ["predict", "--model", tmp_path / "model", corpus, tmp_path / "out.csv"]
    assert "(or another place for it by --init)" in kre_train(*predict, check=False).stderr
    predict[1:1] = ["--init", tmp_path / "there"]
    kre_train(*predict)
    other = tiny_encoder.write(tmp_path / "there", [corpus.read_text(encoding="utf-8")], seed=2)
    refused = kre_train(*predict, check=False)
    assert f"was made from another pretrained encoder than {other}: its weights differ" in refused.stderr


def test_a_folder_without_a_trained_head_does_not_predict(corpus, folders, tmp_path):
    refused = kre_train("predict", "--model", folders["bert"], corpus, tmp_path / "out.csv", check=False)
    assert refused.returncode == 1 and "which has no trained head yet" in refused.stderr


def test_a_study_s_file_called_encoder_is_what_it_begins_with(corpus, folders):
    done = kre_train("--data", corpus, *FLAGS, "--epochs=1", KRE_FILE_ENCODER=str(folders["bert"]))
    assert "37 tensors loaded" in done.stderr
    missing = kre_train("--data", corpus, *FLAGS, check=False)
    assert missing.returncode == 2 and "--model=encoder needs --init=DIR" in missing.stderr


def test_a_model_is_scored_on_rows_of_its_own(corpus, folders, tmp_path):
    rows = json.loads(corpus.read_text(encoding="utf-8"))
    for name, part in (("train", rows[:160]), ("valid", rows[160:])):
        (tmp_path / f"{name}.json").write_text(json.dumps(part, ensure_ascii=False), encoding="utf-8")
    trained = kre_train("--data", tmp_path / "train.json", "--valid", tmp_path / "valid.json", "--init", folders["bert"], *FLAGS,
                        "--save", tmp_path / "model")
    best = dict(word.split("=") for word in trained.stdout.splitlines()[-1].split() if "=" in word)
    scored = kre_train("evaluate", "--model", tmp_path / "model", tmp_path / "valid.json").stdout.split()
    assert scored == [f"{name}={best[name]}" for name in ("f1", "auprc", "accuracy")] + ["rows=80"]
    refused = kre_train("evaluate", "--model", tmp_path / "model", check=False)
    assert refused.returncode == 2 and "evaluate needs --model DIR FILE" in refused.stderr
    refused = kre_train("evaluate", "--model", tmp_path / "model", "--auprc_absent=none", corpus, check=False)
    assert refused.returncode == 2 and "--auprc_absent: sklearn, skip or nan" in refused.stderr


def test_a_class_without_rows_counts_as_evaluate_is_told(corpus, folders, tmp_path):
    rows = json.loads(corpus.read_text(encoding="utf-8"))
    (tmp_path / "few.json").write_text(json.dumps(rows[:5], ensure_ascii=False), encoding="utf-8")
    kre_train("--data", corpus, "--init", folders["bert"], *FLAGS, "--epochs=1", "--save", tmp_path / "model")
    scored = [kre_train("evaluate", "--model", tmp_path / "model", *more, tmp_path / "few.json").stdout.split()[1]
              for more in ([], ["--auprc_absent=sklearn"], ["--auprc_absent=skip"], ["--auprc_absent=nan"])]
    assert scored[0] == scored[1] != scored[2] and scored[3] == "auprc=nan"
    refused = kre_train("predict", "--model", tmp_path / "model", "--auprc_absent=nan", tmp_path / "few.json", tmp_path / "out.csv", check=False)
    assert refused.returncode == 2 and "there is no option --auprc_absent" in refused.stderr
