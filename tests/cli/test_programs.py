"""The program that a study's command starts: shown by check --command, looked for by start."""

import json
import shlex

import pytest

from support.programs import run

STUDY = """
name: sample
method: random
metric: {name: loss, goal: minimize}
budget: {trials: 2}
parameters: {lr: {min: 0.1, max: 1.0}, title: {value: "it's a b"}}
"""


@pytest.fixture
def place(tmp_path, home):
    """A folder with a study, and programs of which PATH has python3 and sh alone."""
    return Place(tmp_path, home)


class Place:
    def __init__(self, folder, home):
        self.folder, self.home = folder, home
        (folder / "bin").mkdir()
        for name in ("python3", "sh"):
            self.write(f"bin/{name}", "#!/bin/sh\n", 0o755)

    def write(self, name, text, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, newline="")
        path.chmod(mode)

    def study(self, keys, name="study.yaml"):
        self.write(name, STUDY + keys)

    def search(self, *arguments, path="bin"):
        return run("kre-search", *arguments, home=self.home, cwd=self.folder, env={"PATH": str(self.folder / path)})

    def warning(self):
        """What check --command says is missing here; "" for nothing."""
        done = self.search("check", "--command", "study.yaml")
        assert done.returncode == 0, done.stderr
        return done.stderr


def test_check_command_prints_a_line_that_a_shell_reads_as_a_worker_starts_it(place):
    place.write("train.sh", "")
    place.study('files: {train: train.sh}\ncommand: [sh, "${file:train}", "${args}", "", "$x", "${args_json_file}"]\n')
    done = place.search("check", "--command", "study.yaml")
    assert done.returncode == 0 and done.stderr == ""
    program, script, rate, title, *others = shlex.split(done.stdout)
    assert [program, script, others] == ["sh", str(place.folder / "train.sh"), ["", "$x", "${args_json_file}"]]
    assert rate.startswith("--lr=0.") and title == "--title=it's a b"
    answer = json.loads(place.search("check", "--command", "--json", "study.yaml").stdout)
    assert answer["command"] == [program, script, rate, title, *others] and answer["valid"] is True
    assert "command" not in json.loads(place.search("check", "--json", "study.yaml").stdout)


def test_check_command_of_a_wrong_file_shows_its_complaints(place):
    place.study("method: none\n")
    for arguments in ([], ["--json"]):
        assert place.search("check", "--command", "study.yaml", *arguments).returncode == 3


@pytest.mark.parametrize("keys", ["command: ['${unknown}']\n", "command: ['${file:none}']\n"])
def test_a_command_that_leads_nowhere_is_said_before_a_worker_starts(place, keys):
    place.study(keys)
    for arguments in (["check", "--command"], ["start", "--workers", 1]):
        done = place.search(*arguments, "study.yaml")
        assert done.returncode in (1, 3) and "command" in done.stderr and "memory" not in done.stderr
    assert not (place.home / "trials.db").exists()


def test_start_costs_no_trials_where_python_is_called_python3(place):
    place.write("train.py", "")
    place.study("program: train.py\n")
    done = place.search("start", "study.yaml", "--workers", 1)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "no program 'python'" in done.stderr
    assert 'write command: ["${env}", python3, "${program}", "${args}"]' in done.stderr
    assert not (place.home / "trials.db").exists()
    place.study('program: train.py\ncommand: ["${env}", python3, "${program}", "${args}"]\n')
    assert place.warning() == ""


def test_start_without_local_workers_says_it_and_goes_on(place):
    place.study("program: train.py\n")
    done = place.search("start", "study.yaml", "--detach")
    place.search("daemon", "stop")
    assert done.returncode == 0 and "warning: this machine has no program 'python'" in done.stderr


@pytest.mark.parametrize("keys, words", [
    ('program: train.py\ncommand: ["${interpreter}", "${program}"]\n', ["try python3 instead of '${interpreter}'"]),
    ("command: [python, train.py]\n", ["no program 'python'", "try python3 instead of 'python' in 'command'"]),
    ("command: [/usr/bin/env, A=1, nonsuch, x]\n", ["no program 'nonsuch'", "PATH"]),
    ("command: [train.sh]\n", ["looked for in PATH", "write ./train.sh"]),
    ("command: [./train.sh]\n", ["'./train.sh'", "chmod +x"]),
    ("command: [./bin]\n", ["'./bin'", "is a folder"]),
    ("command: [./absent.sh]\n", ["no './absent.sh' in "]),
    ("command: [python3, -u, absent.py]\n", ["no 'absent.py' in "]),
    ("command: [sh, /absent/x.sh]\n", ["no '/absent/x.sh'"]),
    ("command: [./first.py]\n", ["'./first.py' asks for 'python' in its first line", "#!/usr/bin/env python3"]),
    ("command: [./second.py]\n", ["asks for '/absent/python'", "it has python3"]),
    ("command: [./windows.sh]\n", ["end as on Windows"]),
    ("command: [./bare.py]\n", ["no first line", "python3"]),
])
def test_what_is_missing_here_is_said_with_what_to_write(place, keys, words):
    place.write("train.sh", "#!/bin/sh\n")
    place.write("first.py", "#!/usr/bin/env python\n", 0o755)
    place.write("second.py", "#! /absent/python -u\n", 0o755)
    place.write("windows.sh", "#!/bin/sh\r\necho\r\n", 0o755)
    place.write("bare.py", "import os\n", 0o755)
    place.study(keys)
    warning = place.warning()
    assert [word for word in words if word not in warning] == [] and warning.count("\n") == 1


@pytest.mark.parametrize("command", [
    "[kre-train, '${args}']", "[sh, -c, 'exit 3']", "[sh, tool.sh]", "[/usr/bin/env, -i, nonsuch]", "[/usr/bin/env, PATH=/x, nonsuch]",
    "[python3, -m, package.train]", "[python3, -u, train.py]", "[./good.py]", "[./plain]", "[./loop.sh]",
    "['${run_dir}/made']", "[python3, '${run_dir}/made.py']",
])
def test_what_may_well_run_draws_no_warning(place, command):
    place.write("bin/tool.sh", "#!/bin/sh\n", 0o755)
    place.write("train.py", "")
    place.write("good.py", "#!/usr/bin/env python3\n", 0o755)
    place.write("plain", "echo loss=1\n", 0o755)
    place.write("loop.sh", "#!./loop.sh\n", 0o755)
    place.study(f"command: {command}\n")
    assert place.warning() == ""


def test_local_workers_may_start_the_program_that_a_parameter_chooses(place):
    for name in ("one", "two"):
        place.write(f"{name}.sh", "#!/bin/sh\necho loss=1\n", 0o755)
    place.write("study.yaml", "name: choice\nmethod: grid\nmetric: {name: loss, goal: minimize}\n"
                "parameters: {size: {values: [one, two]}}\ncommand: ['./${param:size}.sh']\nreport: {stdout: name=value}\n")
    done = place.search("start", "study.yaml", "--workers", 1)
    assert done.returncode == 0, done.stderr
    trials = json.loads(place.search("trials", "--json").stdout)["trials"]
    assert [trial["state"] for trial in trials] == ["COMPLETE", "COMPLETE"]


def test_a_script_beside_a_study_file_elsewhere_is_pointed_at(place):
    place.write("deep/train.py", "")
    place.study("program: train.py\ncommand: [python3, '${program}']\n", name="deep/study.yaml")
    done = place.search("start", "deep/study.yaml", "--workers", 1)
    assert done.returncode == 1 and "cd deep/ first" in done.stderr


@pytest.mark.parametrize(("metric", "why"), [
    ("metric: {name: val_acc, goal: maximize}\n", "does not report val_acc"), ("", "has no rows to train on")])
def test_a_sweep_of_a_python_function_is_told_that_it_names_no_program(place, metric, why):
    place.write("study.yaml", metric + "method: random\nbudget: {trials: 1}\nretries: 0\nparameters: {lr: {values: [1, 2]}}\n")
    for arguments in (["check"], ["check", "--command"], ["start", "--workers", 1]):
        said = place.search(*arguments, "study.yaml").stderr
        assert said.count("names no program") == 1 and why in said and "program: FILE.py" in said
    place.study("program: train.py\n")
    assert place.search("check", "study.yaml").stderr == ""
    place.write("study.yaml", "files: {train: study.yaml}\nparameters: {l2: {values: [1, 2]}}\n")
    assert place.search("check", "study.yaml").stderr == ""
