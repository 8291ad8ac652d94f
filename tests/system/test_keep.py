"""Whose models stay on the disk."""

import json
import os

import pytest

from support.programs import PROGRAMS, Refused, bound_by_modes, run

FILE = """\
name: kept
program: ./program.py
command: [python3, "${program}", "${args}"]
metric: {name: f1, goal: maximize}
report: {stdout: name=value}
method: grid
retries: 0
keep: {models: KEEP}
parameters: {x: {values: [3, 1, 5, 2, 4]}}
"""

PROGRAM = """\
import os, sys
value = float(sys.argv[1].split("=")[1])
os.chdir(os.environ["KRE_RUN_DIR"])
os.mkdir("model")
for name in ("model/weights", "model.pt", "notes.txt"):
    open(name, "w").write("w" * 5000)
open(os.environ["ELSEWHERE"] + "/model.%g" % value, "w").write("w")
print("f1=%g" % value)
"""


def start(folder, home, keep):
    (folder / "study.yaml").write_text(FILE.replace("KEEP", keep))
    (folder / "program.py").write_text(PROGRAM)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    done = run("kre-search", "start", "study.yaml", "--workers=1", home=home, cwd=folder,
               env=dict(os.environ, ELSEWHERE=str(elsewhere)))
    assert done.returncode == 0, done.stderr
    return done


def values_with(home, name):
    """The values of the trials in whose folders that file lies."""
    folders = (home / "runs" / "kept").glob("*-0-0")
    return sorted(json.loads((folder / "params.json").read_text())["x"] for folder in folders
                  if (folder / name).exists())


def test_the_models_of_the_best_stay_and_nothing_else_goes(tmp_path, home):
    start(tmp_path, home, "best 2")
    assert values_with(home, "model/weights") == values_with(home, "model.pt") == [4, 5]
    assert values_with(home, "notes.txt") == values_with(home, "stdout.log") == [1, 2, 3, 4, 5]
    assert len(os.listdir(tmp_path / "elsewhere")) == 5
    shown = run("kre-search", "best", "kept", home=home)
    assert "model" in shown.stdout


def test_all_models_stay_where_the_file_says_so_until_it_says_otherwise(tmp_path, home):
    start(tmp_path, home, "all")
    assert values_with(home, "model.pt") == [1, 2, 3, 4, 5]
    assert "nothing is to be freed" in run("kre-search", "clean", home=home).stdout
    changed = start(tmp_path, home, "best 1")
    assert "keep.models all → best 1" in changed.stderr
    assert values_with(home, "model.pt") == [5]


def test_clean_says_what_it_would_free_and_frees_it(tmp_path, home):
    start(tmp_path, home, "best 2")
    lost = next(folder for folder in (home / "runs" / "kept").glob("*-0-0")
                if json.loads((folder / "params.json").read_text())["x"] == 1)
    (lost / "model.bin").write_text("w" * 200000)
    dry = run("kre-search", "clean", "--dry-run", home=home)
    assert "kept: 1 model of trials that have lost, 20" in dry.stdout and "kB would be freed" in dry.stdout
    assert (lost / "model.bin").exists()
    said = json.loads(run("kre-search", "clean", "kept", "--json", home=home).stdout)
    assert said["dry_run"] is False and said["studies"][0]["models"] == 1 and said["studies"][0]["bytes"] >= 200000
    assert not (lost / "model.bin").exists() and values_with(home, "model.pt") == [4, 5]
    assert run("kre-search", "clean", "nobody", home=home).returncode == 5


@pytest.mark.parametrize("mode", [0o500, 0])
@pytest.mark.parametrize("words", [[], ["--quiet"], ["--json"]])
def test_clean_that_leaves_models_frees_the_others_fails_and_says_where(tmp_path, home, mode, words):
    start(tmp_path, home, "best 2")
    lost = sorted(folder for folder in (home / "runs" / "kept").glob("*-0-0") if not (folder / "model.pt").exists())
    for folder in lost:
        (folder / "model.bin").write_text("weights")
    lost[0].chmod(mode)
    done = run(*bound_by_modes(), PROGRAMS["kre-search"], "clean", *words, home=home)
    lost[0].chmod(0o700)
    assert done.returncode == 1
    assert f"not all models in {home}/runs/kept can be removed: Permission denied" in done.stderr
    freed = json.loads(done.stdout)["studies"][0]["models"] if words == ["--json"] else int(done.stdout.split()[1])
    assert freed == len(lost) - 1 and [folder for folder in lost if (folder / "model.bin").exists()] == lost[:1]


SPEC = {"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}}, "keep": {"models": "best 1"}}


def finish(client, value):
    run = client.call("trial.ask", study="s")["run"]
    client.call("trial.report", run=run["run"], lease=run["lease"], step=1, value=value)
    client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete")
    return run


def test_workers_are_told_the_best_the_running_and_not_what_may_still_begin(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    assert "keep" not in finish(client, 0.9) and "keep" not in finish(client, 0.1)
    running = client.call("trial.ask", study="s")["run"]
    assert running["keep"] == {"before": 3, "numbers": [0, 2]}
    client.call("trial.enqueue", study="s", params={"x": 0.5})
    daemon.kill()
    client = daemon.start().client()
    assert client.call("study.get", study="s")["keep"] == {"before": 3, "numbers": [0, 2]}
    finish(client, 0.95)
    assert client.call("study.get", study="s")["keep"] == {"before": 4, "numbers": [3, 2]}


@pytest.mark.parametrize("models", ["best", "best 0", "best 1.5", "best 1001", "none", 5, ["all"]])
def test_what_keep_may_say_is_said(daemon, models):
    client = daemon.client()
    with pytest.raises(Refused) as refused:
        client.call("study.create", spec=dict(SPEC, keep={"models": models}))
    assert refused.value.data["complaints"][0]["path"] == "keep.models"
