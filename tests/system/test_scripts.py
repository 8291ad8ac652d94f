"""Training scripts in Python as people have them: written for W&B's sweeps, or with `import kre`."""

import json
import os
import subprocess
import sys

import pytest

from support.programs import ROOT, run

MODULES = ROOT / "examples" / "python"

STUDY = """
name: sweep
program: train.py
method: random
metric: {name: %s, goal: maximize}
budget: {trials: 1}
wandb: true
command: ["${env}", python3, "${program}", "${args}"]
parameters:
  lr: {min: 0.001, max: 0.1, log: true}
  layers: {values: [2]}
  epochs: {value: 3}
  head: {parameters: {size: {values: [128]}}}
"""


def search(folder, home, script, metric="val_f1", study=STUDY):
    """Runs the script under a study of one trial; the trial, with its runs and what they reported."""
    (folder / "train.py").write_text(script, encoding="utf-8")
    (folder / "sweep.yaml").write_text(study % metric if "%s" in study else study)
    done = run("kre-search", "start", "sweep.yaml", "--workers", 1, home=home, cwd=folder)
    exported = json.loads(run("kre-search", "export", "--format", "json", "--reports", home=home, check=True).stdout)
    (trial,) = exported["trials"]
    trial["error"] = done.stdout + done.stderr + "".join(path.read_text() for path in home.glob("runs/*/*/stderr.log"))
    return trial


def curve(trial, name="val_f1"):
    return [(report["step"], report["metrics"].get(name)) for report in trial["runs"][0]["reports"]]


ARGPARSE = """
import argparse
import wandb

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=1.0)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--head", type=str, default="")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    wandb.init(project="p", entity="me", config=args, tags=["a"], name="run")
    config = wandb.config
    assert config.lr == args.lr < 1 and config["layers"] == 2 and config.get("epochs") == 3 and config.seed == 7
    assert config.head["size"] == 128 and "lr" in config and dict(config)["lr"] == args.lr
    wandb.watch(object())
    for epoch in range(config.epochs):
        wandb.log({"epoch": epoch, "train/loss": 1 / (epoch + 1), "val_f1": [0.5, 0.7, 0.6][epoch], "name": "x"})

if __name__ == "__main__":
    main()
"""

WITH_STEP = """
import wandb
run = wandb.init(config={"lr": 5, "batch": 4})
assert run.config.lr < 1 and run.config.batch == 4
for epoch in range(1, 4):
    wandb.log({"train": {"loss": 0.5}}, step=epoch)
    wandb.log({"val_f1": [0, 0.5, 0.7, 0.6][epoch], "image": wandb.Image(None)}, step=epoch)
wandb.log({"val_f1": 9.0}, step=1)
wandb.finish()
"""

BY_EPOCH = """
import wandb
with wandb.init() as run:
    wandb.define_metric("epoch")
    wandb.define_metric("val_*", step_metric="epoch", summary="max")
    for epoch in range(3):
        for batch in range(10):
            run.log({"loss": 1.0})
        run.log({"epoch": epoch + 1, "val_f1": [0.5, 0.7, 0.6][epoch]})
    assert run.summary["val_f1"] == 0.7 and run.summary["loss"] == 1.0
"""

VALUE_FIRST = """
import wandb
wandb.init()
for epoch in range(3):
    wandb.log({"val_f1": [0.5, 0.7, 0.6][epoch]}, step=epoch)
    wandb.log({"lr": 0.1}, step=epoch)
"""

UNCOMMITTED = """
import wandb
wandb.init()
for epoch in range(3):
    wandb.log({"val_f1": [0.5, 0.7, 0.6][epoch]}, commit=False)
    wandb.log({"lr": 0.1})
"""

AS_FUNCTION = """
import wandb
def train(config=None):
    with wandb.init(config=config):
        config = wandb.config
        for epoch in range(config.epochs):
            wandb.log({"val_f1": [0.5, 0.7, 0.6][epoch]}, commit=True)
sweep_id = wandb.sweep({"method": "random"}, project="p")
wandb.agent(sweep_id, train, count=20)
"""


@pytest.mark.parametrize("script, steps", [(ARGPARSE, [0, 1, 2]), (WITH_STEP, [1, 2, 3]), (BY_EPOCH, [1, 2, 3]), (AS_FUNCTION, [0, 1, 2]),
                                           (VALUE_FIRST, [0, 1, 2]), (UNCOMMITTED, [0, 1, 2])],
                         ids=["argparse", "steps", "epochs", "function", "value-first", "uncommitted"])
def test_a_script_that_only_logs_to_wandb_is_heard(tmp_path, home, script, steps):
    trial = search(tmp_path, home, script)
    assert trial["state"] == "COMPLETE", trial["error"]
    assert curve(trial) == list(zip(steps, [0.5, 0.7, 0.6]))
    assert trial["values"] == [0.7]


def test_what_a_script_writes_into_the_summary_is_the_result(tmp_path, home):
    trial = search(tmp_path, home, """
import wandb
wandb.init()
for epoch in range(3):
    wandb.log({"val_f1": 0.9 - epoch / 10})
wandb.run.summary["val_f1"] = 0.25
wandb.summary.update({"note": "x"})
""")
    assert (trial["state"], trial["values"]) == ("COMPLETE", [0.25]), trial["error"]


def test_names_with_slashes_and_scalars_of_libraries_are_heard(tmp_path, home):
    trial = search(tmp_path, home, """
import fractions, wandb
class Tensor:
    def item(self): return 0.75
class Array:
    def item(self): raise ValueError("more than one")
wandb.init()
wandb.log({"eval/micro f1": Tensor(), "loss": float("nan"), "grid": Array(), "text": "0.5", "share": fractions.Fraction(1, 4)})
""", metric="eval/micro f1")
    assert trial["state"] == "COMPLETE", trial["error"]
    (report,) = trial["runs"][0]["reports"]
    assert report["metrics"] == {"eval/micro f1": 0.75, "loss": "nan", "share": 0.25}


def test_a_step_is_heard_as_soon_as_what_the_study_waits_for_is_there(tmp_path, home):
    """With `step` named W&B keeps a step open until the next one; a pruner would learn of it one epoch late."""
    trial = search(tmp_path, home, """
import os, sys, wandb
wandb.init()
wandb.log({"loss": 1.0}, step=1)
wandb.log({"val_f1": 0.5}, step=1)
os._exit(0)
""")
    assert curve(trial) == [(1, 0.5)], trial["error"]


def test_without_the_key_the_script_gets_wandb_of_its_own(tmp_path, home):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "wandb.py").write_text("def init(): print('val_f1=0.5')\n")
    trial = search(tmp_path, home, "import sys; sys.path.append('real')\nimport wandb\nwandb.init()\n",
                   study=(STUDY % "val_f1").replace("wandb: true", "report: {stdout: name=value}"))
    assert (trial["state"], trial["values"]) == ("COMPLETE", [0.5]), trial["error"]


@pytest.mark.parametrize("statement, missing", [("wandb.Api()", "'Api'"), ("import wandb.keras", "'keras'"), ("wandb.run.fork()", "'run.fork'")])
def test_a_part_of_wandb_that_is_not_there_is_said(tmp_path, home, statement, missing):
    trial = search(tmp_path, home, f"import wandb\nwandb.init()\n{statement}\n")
    assert trial["state"] == "FAIL"
    assert f"stand-in for wandb has no {missing}" in trial["reason"]


def test_wandb_is_true_or_false(tmp_path):
    (tmp_path / "sweep.yaml").write_text((STUDY % "val_f1").replace("wandb: true", "wandb: [1]"))
    done = run("kre-search", "check", tmp_path / "sweep.yaml")
    assert done.returncode == 3
    assert done.stderr.splitlines()[0].endswith("error: wandb: true or false is expected")


def test_what_is_logged_to_wandb_and_not_heard_is_said(tmp_path):
    (tmp_path / "sweep.yaml").write_text(STUDY % "val_f1" + "report: {stdout: name=value}\n")
    done = run("kre-search", "check", tmp_path / "sweep.yaml")
    assert done.returncode == 0 and "warning: wandb: `report` says where the values are" in done.stderr


KRE = """
import kre
settings = kre.params(lr=9.0, momentum=0.9)
assert settings["lr"] < 1 and settings["momentum"] == 0.9 and settings["head"] == {"size": 128}
for epoch in range(1, 4):
    kre.report(epoch, val_f1=[0, 0.5, 0.7, 0.6][epoch], **{"train/loss": float("inf")})
    assert not kre.should_stop()
"""


def test_a_program_imports_kre_wherever_it_runs_under_a_worker(tmp_path, home):
    trial = search(tmp_path, home, KRE, study=(STUDY % "val_f1").replace("wandb: true\n", ""))
    assert trial["state"] == "COMPLETE", trial["error"]
    assert curve(trial) == [(1, 0.5), (2, 0.7), (3, 0.6)]
    assert curve(trial, "train/loss")[0] == (1, "inf")


def test_a_program_that_looks_whether_to_stop_ends_by_itself(tmp_path, home):
    trial = search(tmp_path, home, """
import kre, time
kre.should_stop()
step = 0
while not kre.should_stop():
    kre.report(step, val_f1=0.1)
    step += 1
    time.sleep(0.01)
print("saved")
""", study=(STUDY % "val_f1").replace("budget:", "pruner: {name: threshold, lower: 0.5}\nbudget:"))
    assert trial["state"] == "PRUNED", trial["error"]
    assert (next(home.glob("runs/*/*/stdout.log"))).read_text() == "saved\n"


def test_a_launcher_that_closes_the_pipe_is_named(tmp_path, home):
    trial = search(tmp_path, home, """
import subprocess, sys
if "child" in sys.argv:
    import kre
    kre.report(1, val_f1=0.5)
else:
    subprocess.run([sys.executable, sys.argv[0], "child"], check=True)
""")
    assert trial["state"] == "FAIL"
    assert "KRE_REPORT_FD was closed by the program that started this one" in trial["error"]


def test_outside_a_worker_reports_are_printed(tmp_path):
    script = "import kre, wandb\nprint(kre.params(a=1))\nwandb.init(config={'b': 2})\nwandb.log({'f1': 0.5, 'b': wandb.config.b})\n"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRE_")}
    environment["PYTHONPATH"] = f"{MODULES}{os.pathsep}{MODULES / 'stand-in'}"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == '{\'a\': 1}\n{"f1": 0.5, "b": 2.0, "step": 0}\n'


def test_a_command_names_what_it_wants_without_a_shell(tmp_path, home):
    trial = search(tmp_path, home, """
import os, sys, kre
rate, seed, folder, number, fold, text = sys.argv[1:]
kre.report(0, val_f1=0.5)
assert float(rate[5:]) == kre.params()["lr"] and 0 <= int(seed) < 2**32 and int(seed) == int(os.environ["KRE_SEED"]) % 2**32
assert folder == os.environ["KRE_RUN_DIR"] + "/out" and (number, fold) == ("0", "0") and text == "--text=${envvar:HOME}"
""", study=(STUDY % "val_f1").replace('"${args}"]', '"rate=${param:lr}", "${seed}", "${run_dir}/out", "${number}", "${fold}", '
                                      '"--text=${param:text}"]') + "  text: {value: '${envvar:HOME}'}\n")
    assert trial["state"] == "COMPLETE", trial["error"]
