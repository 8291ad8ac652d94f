"""Data sets as people have them: exported, saved by other editors, cut off while being downloaded."""

import json

import pytest

from support.programs import run

STUDY = """
name: data
budget: {trials: 1}
files: {train: %s%s}
fixed: {model: linear, epochs: 1%s}
parameters: {learning_rate: {min: 0.1, max: 1.0}}
"""


@pytest.fixture
def rows(tmp_path):
    made = tmp_path / "made.json"
    run("kre-train", "corpus", "--rows=240", "--seed=1", f"--out={made}", check=True)
    return json.loads(made.read_text(encoding="utf-8"))


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def search(folder, home, name, files="", fixed=""):
    (folder / "study.yaml").write_text(STUDY % (name, files, fixed))
    return run("kre-search", "start", "study.yaml", "--workers", 1, home=home, cwd=folder)


def test_rows_that_were_left_out_are_said_at_the_end_of_start_and_by_show(tmp_path, home, rows):
    write_lines(tmp_path / "train.jsonl", [dict(rows[0], label="no_such"), *rows[1:], {"guid": "empty"}])
    done = search(tmp_path, home, "train.jsonl")
    note = f'note 2 bad rows left out, the first: {tmp_path}/train.jsonl:1: "no_such" is not a relation of klue'
    assert done.returncode == 0, done.stdout + done.stderr
    assert note in done.stdout
    assert note in run("kre-search", "show", 0, home=home, check=True).stdout


def test_good_rows_leave_nothing_to_say(tmp_path, home, rows):
    write_lines(tmp_path / "train.jsonl", rows)
    done = search(tmp_path, home, "train.jsonl")
    assert done.returncode == 0 and "note" not in done.stdout


def test_a_data_file_that_was_cut_off_fails_with_that_reason(tmp_path, home, rows):
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (tmp_path / "train.json").write_text(text[:len(text) // 4], encoding="utf-8")
    search(tmp_path, home, "train.json")
    (trial,) = json.loads(run("kre-search", "trials", "--json", home=home, check=True).stdout)["trials"]
    assert trial["state"] == "FAIL" and "the array ends without a closing bracket: the file was cut off" in trial["reason"]


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "list"])
def test_labels_that_are_numbers_are_read_with_their_names(tmp_path, home, rows, as_json):
    names = sorted({row["label"] for row in rows}, reverse=True)
    write_lines(tmp_path / "train.jsonl", [dict(row, label=names.index(row["label"])) for row in rows])
    (tmp_path / "names").write_text(json.dumps(names) if as_json else "\ufeff" + "\r\n".join(names), encoding="utf-8")
    done = search(tmp_path, home, "train.jsonl", ", names: names", f", label_names: {tmp_path}/names")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(run("kre-search", "show", 0, "--json", home=home, check=True).stdout)
    support = {score["label"]: score["support"] for score in shown["runs"][0]["classes"] if score["support"]}
    assert support["no_relation"] == max(support.values())


def test_texts_and_lexicons_of_other_editors_are_read(tmp_path, rows):
    write_lines(tmp_path / "train.jsonl", rows)
    (tmp_path / "words.tsv").write_text("\ufeff서울\tcity\n", encoding="utf-8")
    run("kre-train", "--data", tmp_path / "train.jsonl", "--lexicon", tmp_path / "words.tsv", "--epochs", 1, check=True)
    (tmp_path / "words.tsv").write_text("서울\tcity\n", encoding="utf-16")
    done = run("kre-train", "--data", tmp_path / "train.jsonl", "--lexicon", tmp_path / "words.tsv", "--epochs", 1)
    assert done.returncode == 1 and "words.tsv is UTF-16; it has to be saved as UTF-8" in done.stderr
