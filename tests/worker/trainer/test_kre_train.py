"""kre-train as a program: what it leaves behind can be read by others, predicts the same, and is gone on from."""

import csv
import json
import os
import struct
import subprocess

import pytest

from support.programs import PROGRAMS, kre_train

SMALL = {
    "linear": ["--char_max=3"],
    "cnn": ["--filters=12", "--embedding_width=12", "--learning_rate=0.01"],
    "bilstm": ["--units=8", "--embedding_width=12", "--learning_rate=0.01"],
    "transformer": ["--width=16", "--heads=2", "--layers=1", "--inner_width=16", "--learning_rate=0.01"],
    "mix": ["--filters=12", "--embedding_width=12", "--char_max=3"],
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    kre_train("corpus", "--out", path, "--rows", 240)
    return path


@pytest.mark.parametrize("verb", [[], ["train"], ["pretrain"], ["predict"], ["evaluate"], ["describe"], ["export"], ["corpus"], ["defaults"]])
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_every_verb_knows_help(verb, word):
    assert "kre-train corpus --out FILE" in kre_train(*verb, word).stdout


def safetensors(path):
    """The file by the letter of the format: metadata, and name → (dtype, shape, values)."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    metadata = header.pop("__metadata__")
    assert all(isinstance(value, str) for value in metadata.values())
    tensors, at = {}, 0
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        assert begin == at and (8 + length + begin) % {"F32": 4, "U64": 8}[tensor["dtype"]] == 0
        count = 1
        for side in tensor["shape"]:
            count *= side
        code = {"F32": "f", "U64": "Q"}[tensor["dtype"]]
        values = struct.unpack(f"<{count}{code}", body[begin:end])
        tensors[name] = (tensor["dtype"], tensor["shape"], values)
        at = end
    assert at == len(body)
    return metadata, tensors


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("model", SMALL)
def test_a_run_leaves_its_best_model_and_that_predicts_what_it_did(model, corpus, tmp_path):
    kre_train("--data", corpus, "--model", model, "--epochs", 3, *SMALL[model], KRE_RUN_DIR=str(tmp_path))
    folder = tmp_path / "model"
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors", "vocabulary"]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["format"], config["labels"], config["model"]) == (1, "klue", model)
    assert len(config["classes"]) == 30 and config["classes"][0] == "no_relation"
    for flag in SMALL[model]:
        name, value = flag[2:].split("=")
        assert config["options"][name] == float(value)
    metadata, tensors = safetensors(folder / "model.safetensors")
    words = (folder / "vocabulary").read_text(encoding="utf-8").splitlines()
    assert words[0] == "id\ttoken"
    ids = [int(line.split("\t")[0]) for line in words[1:]]
    assert ids == list(range(2, 2 + int(metadata["tokens"])))
    assert all(line.split("\t")[1] for line in words[1:])
    assert tensors["vocabulary"][1] == [len(ids)]
    assert (int(metadata["features"]) > 0) == (model in ("linear", "mix"))
    kre_train("predict", "--model", folder, corpus, tmp_path / "again.csv")
    again = {row["id"]: row for row in read_rows(tmp_path / "again.csv")}
    held_out = read_rows(tmp_path / "oof.csv")
    assert held_out
    for row in held_out:
        one, other = json.loads(row["probs"]), json.loads(again[row["id"]]["probs"])
        assert max(abs(a - b) for a, b in zip(one, other)) < 1e-6 and len(one) == 30
        assert row["pred_label"] == again[row["id"]]["pred_label"] == config["classes"][one.index(max(one))]


def test_evaluate_is_told_what_numbered_labels_mean(corpus, tmp_path):
    rows = json.loads(corpus.read_text(encoding="utf-8"))
    names = sorted({row["label"] for row in rows}, reverse=True)
    (tmp_path / "names.txt").write_text("\n".join(names), encoding="utf-8")
    numbered = [dict(row, guid=f"klue-re-v1_train_{n:05}", label=names.index(row["label"])) for n, row in enumerate(rows)]
    data = tmp_path / "numbered.json"
    data.write_text(json.dumps(numbered, ensure_ascii=False), encoding="utf-8")
    told = ["--label_names", tmp_path / "names.txt"]
    trained = kre_train("--data", data, *told, "--valid", data, "--epochs", 2, *SMALL["linear"], "--save", tmp_path / "model")
    best = [word for word in trained.stdout.splitlines()[-1].split() if word.startswith(("f1=", "auprc=", "accuracy="))]
    scored = kre_train("evaluate", "--model", tmp_path / "model", *told, "--auprc_absent", "sklearn", data)
    assert scored.stdout.split() == [*best, "rows=240"]
    refused = kre_train("predict", "--model", tmp_path / "model", *told, data, tmp_path / "out.csv", check=False)
    assert refused.returncode == 2 and "there is no option --label_names" in refused.stderr


def test_folds_cover_every_row_once_and_never_divide_a_sentence(corpus, tmp_path):
    rows = json.loads(corpus.read_text(encoding="utf-8"))
    doubled = [dict(row, guid=row["guid"] + suffix) for row in rows for suffix in ("", "-again")]
    for row in doubled[1::2]:  # the same sentence the other way round
        row["subject_entity"], row["object_entity"] = row["object_entity"], row["subject_entity"]
    data = tmp_path / "doubled.json"
    data.write_text(json.dumps(doubled, ensure_ascii=False), encoding="utf-8")
    kinds = {row["guid"]: row["label"] for row in doubled}
    sentences = {row["guid"]: row["sentence"] for row in doubled}
    seen, fold_of = [], {}
    for fold in range(4):
        out = tmp_path / f"oof-{fold}.csv"
        kre_train("--data", data, "--epochs", 1, "--folds", 4, "--fold", fold, "--oof", out)
        for row in read_rows(out):
            seen.append(row["id"])
            assert row["label"] == kinds[row["id"]]
            assert fold_of.setdefault(sentences[row["id"]], fold) == fold
    assert sorted(seen) == sorted(kinds)


def test_nothing_is_kept_that_is_not_wanted(corpus, tmp_path):
    kre_train("--data", corpus, "--epochs", 1, "--save=none", "--oof=none", KRE_RUN_DIR=str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.csv", "confusion.csv"]
    kre_train("--data", corpus, "--epochs", 1, "--checkpoint=never", KRE_CHECKPOINT_DIR=str(tmp_path / "none"))


def test_a_model_is_replaced_and_nothing_else_is(corpus, tmp_path):
    folder = tmp_path / "kept"
    for model in ("linear", "cnn"):
        kre_train("--data", corpus, "--model", model, "--epochs", 1, "--save", f"{folder}/")
        assert json.loads((folder / "config.json").read_text())["model"] == model
    (folder / "notes.txt").write_text("mine")
    refused = kre_train("--data", corpus, "--epochs", 1, "--save", folder, check=False)
    assert refused.returncode == 1 and not refused.stdout
    assert refused.stderr == f"kre-train: {folder} holds notes.txt, which is no part of a model: nothing is put there\n"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("flags, sentence", [
    (["--predict={0}/none.csv", "--out={0}/out.csv"], "cannot open {0}/none.csv: No such file or directory"),
    (["--predict={0}/other.txt", "--out={0}/out.csv"], "{0}/other.txt has the relations of semeval, not of klue"),
    (["--predict={0}/corpus.json", "--out={0}/none/out.csv"], "cannot write {0}/none/out.csv: No such file or directory"),
    (["--predict={0}/corpus.json", "--out={0}"], "cannot write {0}: Is a directory"),
    (["--oof={0}/none/oof.csv"], "cannot write {0}/none/oof.csv: No such file or directory"),
    (["--save={0}/none/model/"], "cannot write {0}/none/model: No such file or directory"),
])
def test_what_comes_after_the_training_is_looked_at_before_it(corpus, tmp_path, flags, sentence):
    (tmp_path / "corpus.json").write_bytes(corpus.read_bytes())
    (tmp_path / "other.txt").write_text('1\t"<e1>a</e1> <e2>b</e2>"\nOther\n\n')
    refused = kre_train("--data", corpus, "--epochs", 1, *[flag.format(tmp_path) for flag in flags], check=False)
    assert refused.returncode == 1 and not refused.stdout
    assert refused.stderr == f"kre-train: {sentence.format(tmp_path)}\n"


@pytest.mark.parametrize("change, message", [
    (lambda config: config.update(format=2), "its format is 2, this program reads 1"),
    (lambda config: config["classes"].reverse(), "its classes are not those of klue"),
    (lambda config: config["options"].update(warp=9), "there is no option --warp; did you mean --warmup?"),
    (lambda config: config.update(model="cart"), "--model: linear, "),
    (lambda config: config["options"].update(filters=13), "these are not the weights of that model"),
])
def test_a_folder_that_is_not_such_a_model_is_refused_in_one_sentence(corpus, tmp_path, change, message):
    folder = tmp_path / "model"
    kre_train("--data", corpus, "--model=cnn", "--epochs", 1, *SMALL["cnn"], "--save", folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    change(config)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    refused = kre_train("predict", "--model", folder, corpus, tmp_path / "out.csv", check=False)
    assert refused.returncode == 1 and message in refused.stderr and refused.stderr.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


@pytest.fixture
def interrupted(corpus, tmp_path, request):
    """A training whose reports nobody reads: it ends behind the checkpoint of its first epoch. And how it is started."""
    flags = ["--data", corpus, "--checkpoint=always", *getattr(request, "param", ["--model=cnn", "--epochs=3", *SMALL["cnn"]])]
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    run = tmp_path / "run"
    run.mkdir()
    environment = {"KRE_RUN_DIR": str(run), "KRE_CHECKPOINT_DIR": str(checkpoints)}
    ended = kre_train(*flags, check=False, **environment, KRE_REPORT_FD="100000")
    assert ended.returncode == 1 and "cannot report" in ended.stderr
    return flags, environment, checkpoints / "training.safetensors"


def without_seconds(text):
    return [" ".join(word for word in line.split() if not word.startswith("seconds=")) for line in text.splitlines()]


@pytest.mark.parametrize("interrupted", [
    ["--model=linear", "--epochs=40", "--patience=2", "--learning_rate=0.4", *SMALL["linear"]],
    ["--model=cnn", "--epochs=3", "--average=ema", "--average_decay=0.9", *SMALL["cnn"]],
    ["--model=bilstm", "--epochs=3", "--select=auprc", "--folds=3", "--fold=2", *SMALL["bilstm"]],
    ["--model=transformer", "--epochs=3", "--select=last", "--curriculum=loss", "--curriculum_share=0.7", *SMALL["transformer"]],
    ["--model=mix", "--epochs=3", "--optimizer=lion", *SMALL["mix"]],
], indirect=True, ids=list(SMALL))
def test_a_training_goes_on_from_its_checkpoint_to_the_same_result(interrupted, tmp_path):
    flags, environment, checkpoint = interrupted
    straight = tmp_path / "straight"
    straight.mkdir()
    whole = kre_train(*flags, KRE_RUN_DIR=str(straight))
    rest = kre_train(*flags, **environment)
    assert rest.stderr == f"kre-train: goes on behind epoch 1 from {checkpoint}\n"
    assert without_seconds(rest.stdout) == without_seconds(whole.stdout)
    for name in ("oof.csv", "classes.csv", "confusion.csv", "model/model.safetensors", "model/config.json", "model/vocabulary"):
        assert (straight / name).read_bytes() == (tmp_path / "run" / name).read_bytes(), name


def kernel(**environment):
    return kre_train("--version", **environment).stdout.splitlines()[1].removeprefix("OpenBLAS kernel ")


def test_the_version_names_the_kernel_and_the_users_choice_wins():
    assert kernel(OPENBLAS_CORETYPE="Prescott") == "Prescott"
    assert kernel(OPENBLAS_CORETYPE="").split()[0] != ""


@pytest.mark.skipif("avx2" not in open("/proc/cpuinfo").read(), reason="this processor has one kernel only: no AVX2")
def test_a_training_that_goes_on_under_another_kernel_says_so(interrupted):
    flags, environment, checkpoint = interrupted
    rest = kre_train(*flags, **environment, OPENBLAS_CORETYPE="Prescott")
    assert rest.stderr.splitlines()[0] == f"kre-train: goes on behind epoch 1 from {checkpoint}"
    assert "the next ones by Prescott: results may differ in their last digits" in rest.stderr


def damage(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("spoil, more", [
    (damage, []),
    (lambda path: path.write_bytes(path.read_bytes()[:-100]), []),
    (lambda path: path.write_bytes(b""), []),
    (lambda path: None, ["--seed=2"]),
    (lambda path: None, ["--filters=13"]),
    (lambda path: None, ["--learning_rate=0.02"]),
    (lambda path: None, ["--split_seed=2"]),
])
def test_a_checkpoint_that_does_not_fit_is_passed_over_with_one_sentence(interrupted, spoil, more):
    flags, environment, checkpoint = interrupted
    spoil(checkpoint)
    whole = kre_train(*flags, *more)
    anew = kre_train(*flags, *more, **environment)
    assert anew.stderr == f"kre-train: {checkpoint} is damaged or of another training; it begins anew\n"
    assert without_seconds(anew.stdout) == without_seconds(whole.stdout)


def test_a_checkpoint_that_began_with_another_encoder_is_passed_over(corpus, tmp_path):
    encoder, checkpoint = tmp_path / "encoder.safetensors", tmp_path / "training.safetensors"
    sizes = ["--width=16", "--heads=2", "--layers=1", "--inner_width=16"]
    train = ["--data", corpus, "--model=transformer", "--epochs=2", "--init", encoder, "--checkpoint=always"]

    def pretrain(epochs):
        made = kre_train("pretrain", "--data", corpus, "--out", tmp_path, "--epochs", epochs, *sizes)
        os.replace(made.stdout.splitlines()[-1], encoder)

    pretrain(1)
    kre_train(*train, check=False, KRE_CHECKPOINT_DIR=str(tmp_path), KRE_REPORT_FD="100000")
    assert checkpoint.exists()
    pretrain(2)
    anew = kre_train(*train, KRE_CHECKPOINT_DIR=str(tmp_path))
    assert anew.stderr == f"kre-train: {checkpoint} is damaged or of another training; it begins anew\n"


def test_a_folder_that_takes_no_checkpoint_does_not_end_the_training(corpus, tmp_path):
    done = kre_train("--data", corpus, "--epochs", 3, "--checkpoint=always", KRE_CHECKPOINT_DIR=str(tmp_path / "nowhere"))
    assert done.stderr.count("goes on without checkpoints") == 1 and "best epoch" in done.stdout


@pytest.fixture
def confined(tmp_path, corpus):
    """What a worker tells a training: its folders, its file, and that these are all."""
    for name in ("run", "kept", "datasets"):
        (tmp_path / name).mkdir()
    (tmp_path / "run" / "way-out").symlink_to(tmp_path)
    (tmp_path / "other.json").write_bytes(corpus.read_bytes())
    return {"KRE_CONFINED": "1", "KRE_RUN_DIR": str(tmp_path / "run"), "KRE_CHECKPOINT_DIR": str(tmp_path / "kept"),
            "KRE_FILE_TRAIN": str(corpus)}


@pytest.mark.parametrize("flag, rc", [
    ("--save={0}/run/model", 0), ("--oof={0}/kept/oof.csv", 0), ("--save=none", 0), ("--valid={0}/run/../run/way-out/none", 1),
    ("--save={0}/elsewhere", 2), ("--save={0}/running", 2), ("--save={0}/run/../elsewhere", 2), ("--save={0}/run/new/../../x", 2),
    ("--oof={0}/run/way-out/oof.csv", 2), ("--oof=oof.csv", 2), ("--valid={0}/other.json", 2), ("--valid={0}/run/way-out/other.json", 2),
])
def test_a_training_for_a_study_keeps_to_its_folders_and_files(confined, tmp_path, flag, rc):
    done = kre_train("--epochs=1", "--char_max=3", flag.format(tmp_path), check=False, **confined)
    assert done.returncode == rc, done.stderr
    assert ("a study's training" in done.stderr) == (rc == 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["datasets", "kept", "other.json", "run"]


def test_the_order_of_labels_is_a_word_and_no_path(confined, tmp_path):
    done = subprocess.run([PROGRAMS["kre-train"], "--epochs=1", "--char_max=3", "--label_names=datasets"], cwd=tmp_path,
                          env=dict(os.environ, **confined), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    assert "a study's training" not in done.stderr
