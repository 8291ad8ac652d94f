"""examples/ensemble-of-encoders.py: which models vote, and what is said of those that do not."""

import csv
import json
import os
import shutil
import subprocess
import sys

import pytest

from support.network import join
from support.programs import BUILD, ROOT, run
from test_examples import write_semeval


def vote(home, rows, out, **environment):
    environment = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "KRE_HOME": str(home), **environment}
    return subprocess.run([sys.executable, ROOT / "examples" / "ensemble-of-encoders.py", "s", rows, out, "1"], env=environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)


def create(home, rows):
    study = rows.parent / "study.yaml"
    study.write_text(f"name: s\nmethod: random\nfolds: 2\nbudget: {{trials: 1}}\nkeep: {{models: all}}\nfiles: {{train: {rows}}}\ndefaults: {{}}\n"
                     "fixed: {model: linear, epochs: 1}\nparameters: {char_max: {values: [2, 3]}}\n")
    run("kre-search", "start", study, "--detach", home=home, check=True)


def work(address, home, *options):
    run("kre-worker", address, "--home", home, "--until-finished", *options, check=True)


@pytest.fixture
def corpus(tmp_path):
    run("kre-train", "corpus", "--rows=120", f"--out={tmp_path / 'rows.json'}", check=True)
    return tmp_path / "rows.json"


def test_models_that_are_here_and_at_the_daemon_vote_together(daemon, home, tmp_path, corpus):
    create(home, corpus)
    work(join(home), tmp_path / "elsewhere", "--count", 1)
    work(daemon.socket, home)
    done = vote(home, corpus, tmp_path / "out.csv")
    assert done.returncode == 0 and "2 models voted on 120 rows" in done.stdout and "vote" not in done.stderr, done.stderr
    (model,) = (home / "runs" / "s").glob("*/model")
    shutil.rmtree(model)
    done = vote(home, corpus, tmp_path / "less.csv")
    assert "1 models voted" in done.stdout and "trial 0: 1 of the models of 2 runs" in done.stderr


def test_models_of_another_study_of_that_name_do_not_vote(daemon, home, tmp_path, corpus):
    create(home, corpus)
    work(daemon.socket, home)
    mine = tmp_path / "mine"
    shutil.copytree(home / "runs", mine / "runs")
    mine.chmod(0o700)
    (mine / "trials.db").touch(mode=0o600)
    done = vote(mine, corpus, tmp_path / "out.csv", KRE_CONNECT=join(home, "--role", "admin"))
    assert done.returncode == 1 and "no model of s is kept" in done.stderr


def test_semevals_rows_are_voted_on_and_written_as_its_scorer_reads_them(daemon, home, tmp_path):
    rows = tmp_path / "rows.TXT"
    write_semeval(rows)
    create(home, rows)
    work(daemon.socket, home)
    done = vote(home, rows, tmp_path / "out.csv")
    assert done.returncode == 0 and "2 models voted" in done.stdout, done.stderr
    done = vote(home, rows, tmp_path / "answers.txt")
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        told = [(row["id"], row["pred_label"]) for row in csv.DictReader(file) if len(json.loads(row["probs"])) == 19]
    assert told and told == [tuple(line.split("\t")) for line in (tmp_path / "answers.txt").read_text(encoding="utf-8").splitlines()]
