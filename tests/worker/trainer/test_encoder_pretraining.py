"""kre-train pretrain --model=encoder: a pretrained encoder goes on, on sentences of the task, and is a folder again."""

import fcntl
import functools
import json
import os
import pathlib
import resource
import shutil
import signal
import struct
import subprocess

import pytest

from support import tiny_encoder
from support.programs import PROGRAMS, kre_train, wait_until

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


def command(*arguments):
    return [PROGRAMS["kre-train"], *map(str, arguments)]


KEPT = ["--checkpoint=always", "--epochs=4"]
OURS = {"transformer": ["--width=16", "--heads=2", "--layers=1", "--inner_width=16"], "bilstm": ["--units=8"]}


def without_seconds(text):
    return [" ".join(word for word in line.split() if not word.startswith("seconds=")) for line in text.splitlines()]


def files_of(path):
    return {file.relative_to(path): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def kinds(folder):
    return {"encoder": ["--model=encoder", "--init", folder, "--max_tokens=64", "--learning_rate=0.01"],
            **{name: ["--model", name, "--learning_rate=0.05", *sizes] for name, sizes in OURS.items()}}


@pytest.fixture
def interrupted(corpus, folder, tmp_path):
    """A pretraining whose reports nobody reads, so that it ends behind the checkpoint of its first epoch; and what would go on."""
    flags = ["pretrain", "--data", corpus, *kinds(folder)["encoder"], *KEPT]
    ended = kre_train(*flags, "--out", tmp_path / "rest", check=False, KRE_CHECKPOINT_DIR=str(tmp_path), KRE_REPORT_FD="100000")
    assert ended.returncode == 1 and "cannot report" in ended.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["training.safetensors"]
    return flags, tmp_path / "training.safetensors"


@pytest.mark.parametrize("kind, more", [("encoder", []), ("encoder", ["--optimizer=adafactor", "--marker=added"]), ("transformer", []),
                                        ("bilstm", ["--schedule=cosine"])])
def test_it_goes_on_from_its_checkpoint_to_the_same_bits(corpus, folder, tmp_path, kind, more):
    flags = ["pretrain", "--data", corpus, *kinds(folder)[kind], *KEPT, *more]
    whole = kre_train(*flags, "--out", tmp_path / "straight")
    (tmp_path / "kept").mkdir()
    kept, state = {"KRE_CHECKPOINT_DIR": str(tmp_path / "kept")}, tmp_path / "kept" / "training.safetensors"
    ended = kre_train(*flags, "--out", tmp_path / "rest", check=False, **kept, KRE_REPORT_FD="100000")
    assert ended.returncode == 1 and "cannot report" in ended.stderr
    rest = kre_train(*flags, "--out", tmp_path / "rest", **kept)
    assert rest.stderr.endswith(f"kre-train: goes on behind epoch 1 from {state}\n")
    assert without_seconds(rest.stdout.replace("/rest/", "/straight/")) == without_seconds(whole.stdout)
    assert files_of(tmp_path / "rest") == files_of(tmp_path / "straight")
    over = kre_train(*flags, "--out", tmp_path / "over", **kept)  # nothing is left to do but to write it again
    assert "goes on behind epoch 4" in over.stderr and files_of(tmp_path / "over") == files_of(tmp_path / "straight")


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("spoil, more", [
    (damage, []),
    (lambda path: path.write_bytes(path.read_bytes()[:-100]), []),
    (lambda path: path.write_bytes(b""), []),
    (lambda path: None, ["--seed=2"]),
    (lambda path: None, ["--held_out=0.1"]),
    (lambda path: None, ["--mask_share=0.2"]),
    (lambda path: None, ["--epochs=5"]),
])
def test_a_checkpoint_that_does_not_fit_is_passed_over_with_one_sentence(interrupted, tmp_path, spoil, more):
    flags, state = interrupted
    spoil(state)
    anew = kre_train(*flags, *more, "--out", tmp_path / "out", KRE_CHECKPOINT_DIR=str(tmp_path))
    assert anew.stderr.endswith(f"kre-train: {state} is damaged or of another training; it begins anew\n")


def test_what_cannot_be_read_or_written_there_does_not_end_it(interrupted, tmp_path):
    flags, state = interrupted
    state.unlink()
    state.mkdir()
    done = kre_train(*flags, "--out", tmp_path / "out", KRE_CHECKPOINT_DIR=str(tmp_path))
    assert f"kre-train: cannot read {state}: Is a directory; it begins anew\n" in done.stderr
    assert done.stderr.endswith(f"kre-train: cannot write {state}: Is a directory; goes on without checkpoints\n")


def test_a_checkpoint_of_another_encoder_or_other_text_is_passed_over(interrupted, corpus, gone_on, tmp_path):
    flags, state = interrupted
    saved = state.read_bytes()
    other, *_ = gone_on
    text = tmp_path / "text.txt"
    text.write_text("한 문장이 더 있다\n", encoding="utf-8")
    for more in (["--init", other], ["--text", text]):
        state.write_bytes(saved)
        anew = kre_train(*flags, *more, "--out", tmp_path / "out", KRE_CHECKPOINT_DIR=str(tmp_path))
        assert "is damaged or of another training; it begins anew" in anew.stderr
    state.write_bytes(saved)
    rest = kre_train(*flags, "--checkpoint=cheap", "--out", tmp_path / "out", KRE_CHECKPOINT_DIR=str(tmp_path))
    assert "goes on behind epoch 1" in rest.stderr  # when it is written is no part of the training


def test_a_disk_without_room_for_a_checkpoint_is_told_and_the_last_one_stays(interrupted, tmp_path):
    flags, state = interrupted
    saved = state.read_bytes()
    most = len(saved) // 2  # of which the encoder that it makes takes less
    full = subprocess.run(command(*flags, "--out", tmp_path / "out"), env=dict(os.environ, KRE_CHECKPOINT_DIR=str(tmp_path)),
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)), check=True, capture_output=True,
                          text=True)
    assert full.stderr.count("goes on without checkpoints") == 1 and f"cannot write {state}: File too large" in full.stderr
    assert state.read_bytes() == saved and not list(tmp_path.glob("*.part")) and list((tmp_path / "out").iterdir())


def test_ctrl_c_leaves_what_it_goes_on_from(corpus, folder, tmp_path):
    flags = ["pretrain", "--data", corpus, *kinds(folder)["encoder"], "--checkpoint=always", "--epochs=20", "--out", tmp_path / "rest"]
    kept, state = {"KRE_CHECKPOINT_DIR": str(tmp_path / "kept")}, tmp_path / "kept" / "training.safetensors"
    (tmp_path / "kept").mkdir()
    reader, writer = os.pipe()  # that is full after some epochs, so that the program waits for a reader
    os.write(writer, bytes(fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096) - 300))
    heeds = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # tests in the background may have it ignored
    with subprocess.Popen(command(*flags), env=dict(os.environ, **kept), stdout=writer, preexec_fn=heeds) as running:
        wait_until(state.exists, "its first savepoint")
        running.send_signal(signal.SIGINT)
        assert running.wait() == -signal.SIGINT
    os.close(reader)
    os.close(writer)
    part = state.with_name(f"{state.name}.{running.pid}.part")  # as if it had been writing
    part.write_bytes(b"half")
    rest = kre_train(*flags, **kept)
    assert [file.name for file in (tmp_path / "kept").iterdir()] == [state.name]
    behind = int(rest.stderr.split("goes on behind epoch ")[1].split()[0])
    assert 1 <= behind < 20 and f"from {state}" in rest.stderr
    whole = kre_train(*flags[:-1], tmp_path / "straight")
    assert files_of(tmp_path / "rest") == files_of(tmp_path / "straight")


def test_nothing_is_kept_where_it_is_not_wanted(corpus, folder, tmp_path):
    flags = ["pretrain", "--data", corpus, *kinds(folder)["encoder"], "--epochs=1", "--out", tmp_path / "out"]
    done = kre_train(*flags, "--checkpoint=never", KRE_CHECKPOINT_DIR=str(tmp_path / "nowhere"))
    assert "checkpoint" not in done.stderr
    done = kre_train(*flags, "--checkpoint=always", KRE_CHECKPOINT_DIR=str(tmp_path / "nowhere"))
    assert done.stderr.count("goes on without checkpoints") == 1


def test_a_tokenizer_without_a_mask_is_refused(corpus, folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "vocab.txt").write_text((folder / "vocab.txt").read_text(encoding="utf-8").replace("[MASK]", "[WALL]"), encoding="utf-8")
    refused = kre_train("pretrain", "--data", corpus, "--init", other, "--out", tmp_path, *FLAGS, check=False)
    assert refused.returncode == 1 and "its tokenizer has no mask" in refused.stderr


def test_it_needs_a_folder(corpus, tmp_path):
    refused = kre_train("pretrain", "--data", corpus, "--out", tmp_path, *FLAGS, check=False)
    assert refused.returncode == 2 and "pretrain --model=encoder needs --init=DIR" in refused.stderr
