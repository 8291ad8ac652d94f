"""What programs wrote and left: kre-search logs and show."""

import json
import os
import signal
import subprocess

import pytest

from support.programs import PROGRAMS, bound_by_modes, run, wait_until

STUDY = """
name: heard
metric: {{name: v, goal: maximize}}
method: random
budget: {{trials: 2}}
{more}
parameters: {{a: {{min: 0.0, max: 1.0}}}}
report: {{stdout: "name=value"}}
command: [sh, -c, '{script}', sh, "${{number}}"]
"""
LINES = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i >&2; done; printf \"\\033[31m끝\" >&2"
FAILS = f"echo v=0.5; mkdir $KRE_RUN_DIR/model; {LINES}; [ $1 = 0 ] || exit 3"


def search(home, *words, code=0):
    done = run("kre-search", *words, home=home)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def started(home, folder, script, more=""):
    path = folder / "study.yaml"
    path.write_text(STUDY.format(script=script, more=more), encoding="utf-8")
    return search(home, "start", path, "--workers", 1)


def test_the_logs_of_a_trial_are_printed_as_they_were_written(tmp_path, home):
    started(home, tmp_path, FAILS)
    assert search(home, "logs", 0).stdout == "v=0.5\n"
    written = "".join(f"line {i}\n" for i in range(1, 13)) + "\x1b[31m끝"
    assert search(home, "logs", "heard", 1, "--stderr").stdout == written
    path = f"{home}/runs/heard/1-0-0/stderr.log"
    assert json.loads(search(home, "logs", 1, "--stderr", "--json").stdout) == {"logs": [{"fold": 0, "attempt": 0, "path": path, "text": written}]}
    assert search(home, "logs", 1, "-f").stdout == "v=0.5\n"


def test_show_names_what_a_run_left_and_why_it_failed_line_by_line(tmp_path, home):
    started(home, tmp_path, FAILS)
    good, failed = (search(home, "show", number).stdout.splitlines() for number in (0, 1))
    assert f"  folder {home}/runs/heard/0-0-0" in good and f"  model {home}/runs/heard/0-0-0/model" in good
    assert not [line for line in good if "stderr" in line]
    left = json.loads(search(home, "show", 0, "--json").stdout)["files"]
    assert left == [{"fold": 0, "attempt": 0, "folder": f"{home}/runs/heard/0-0-0", "model": f"{home}/runs/heard/0-0-0/model"}]
    at = failed.index(f"  the last lines of {home}/runs/heard/1-0-0/stderr.log:")
    assert failed[at + 1:at + 11] == [*(f"    line {i}" for i in range(4, 13)), "     [31m끝"]


def test_each_fold_has_a_log(tmp_path, home):
    started(home, tmp_path, "echo v=0.$KRE_FOLD", "folds: 2")
    assert search(home, "logs", 0).stdout == "==> fold 0 <==\nv=0.0\n==> fold 1 <==\nv=0.1\n"


def test_a_log_that_grows_is_followed_until_its_run_ends(tmp_path, home):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY.format(script=f"echo v=0.5; touch {tmp_path}/begun; while ! [ -e {tmp_path}/go ]; do sleep 0.05; done; echo end", more=""))
    with subprocess.Popen([PROGRAMS["kre-search"], "start", path, "--workers", "1", "--home", home], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as search_process:
        wait_until(lambda: (tmp_path / "begun").exists(), "the first trial to run")
        with subprocess.Popen([PROGRAMS["kre-search"], "logs", "0", "-f", "--home", home], text=True, stdout=subprocess.PIPE) as following, \
                subprocess.Popen([PROGRAMS["kre-search"], "logs", "0", "-f", "--home", home], stdout=subprocess.PIPE) as stopped:
            assert following.stdout.readline() == "v=0.5\n"
            assert stopped.stdout.readline() == b"v=0.5\n"
            stopped.send_signal(signal.SIGINT)
            assert stopped.wait(60) == 130
            (tmp_path / "go").touch()
            assert following.stdout.read() == "end\n" and following.wait(60) == 0
        assert search_process.wait(60) == 0


def must_fail_alike(home, sentence, within=("env",)):
    """With --json and without."""
    command = [*within, PROGRAMS["kre-search"], "logs", "0"]
    people, programs = run(*command, home=home), run(*command, "--json", home=home)
    assert (people.returncode, people.stdout) == (programs.returncode, programs.stdout) == (1, "")
    assert people.stderr == f"kre-search: {sentence}\n" and json.loads(programs.stderr) == {"error": sentence, "exit": 1}


@pytest.mark.parametrize("kind, why", [("link", "Too many levels of symbolic links"), ("pipe", "Invalid argument"), ("folder", "Invalid argument"),
                                       ("nothing", "No such file or directory"), ("secret", "Permission denied")])
def test_nothing_but_a_file_that_can_be_read_is_taken_for_a_log(tmp_path, home, kind, why):
    started(home, tmp_path, FAILS)
    path = home / "runs" / "heard" / "0-0-0" / "stdout.log"
    path.unlink()
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "secret":
        path.touch(0)
    must_fail_alike(home, f"can't read {path}: {why}", bound_by_modes())


def test_a_log_whose_disk_fails_is_not_taken_for_an_empty_one(tmp_path, home):
    started(home, tmp_path, FAILS)
    path = home / "runs" / "heard" / "0-0-0" / "stdout.log"
    broken = f"/proc/{os.getpid()}/mem"  # where nothing is at the beginning
    if os.geteuid() != 0 or subprocess.run(["mount", "--bind", broken, path], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("needs to mount a file")
    try:
        must_fail_alike(home, f"can't read {path}: Input/output error")
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def test_logs_that_are_not_here_are_said_to_be_elsewhere(daemon, home):
    client = daemon.client(name="gpu3")
    client.call("study.create", spec={"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                      "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    client.call("trial.enqueue", study="s", params={})
    assert "trial 0 of s was not started yet" in search(home, "logs", 0, code=5).stderr
    client.call("trial.ask", study="s")
    assert f"trial 0 of s has no folder in {home}/runs; gpu3 ran it" in search(home, "logs", 0, code=5).stderr
    assert "no trial 7" in search(home, "logs", 7, code=5).stderr
    search(home, "logs", "x", code=2)
    search(home, "logs", 0, "-f", "--json", code=2)
