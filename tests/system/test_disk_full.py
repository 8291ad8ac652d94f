"""A disk that is full: what was acknowledged stays, the refusal says why, and work goes on when there is room again."""

import os
import resource
import signal
import subprocess

import pytest

from support.programs import PATIENCE_S, PROGRAMS, Daemon, Refused, run

SPEC = {"name": "full", "method": "random", "metric": {"name": "v", "goal": "maximize"}, "parameters": {"a": {"min": 0.0, "max": 1.0}}}
TRIALS_AT_MOST = 20000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two megabytes; only root can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("needs to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room_again(small_disk):
    home = small_disk / "kre-runs"
    home.mkdir(mode=0o700)
    daemon = Daemon(home).start()
    try:
        told = {}
        client = daemon.client()
        client.call("study.create", spec=SPEC)
        with pytest.raises(Refused) as refusal:
            for number in range(TRIALS_AT_MOST):
                run = client.call("trial.ask", study="full")["run"]
                client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=float(number))
                told[run["number"]] = float(number)
        assert refusal.value.code == -32603 and "full" in refusal.value.message
        assert told, "the disk was full before anything was done"
        subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
        run = client.call("trial.ask", study="full")["run"]
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=-1.0)
        told[run["number"]] = -1.0
        daemon.kill()
        daemon.start()
        kept = dict(daemon.sql("select t.number, v.value from trials t join trial_values v using (trial_id)"))
        assert {number: kept.get(number) for number in told} == told
        assert daemon.sql("pragma integrity_check") == [("ok",)]
    finally:
        daemon.stop()


def test_a_limit_on_the_size_of_files_is_a_refusal_and_not_the_end_of_the_daemon(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    most = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    with pytest.raises(Refused) as refusal:
        client.call("trial.ask", study="full")
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, most)
    assert refusal.value.code == -32603
    assert client.call("trial.ask", study="full")["run"]["number"] == 0


LEAVES = "import os, pathlib; pathlib.Path(os.environ['KRE_RUN_DIR'], 'model').write_bytes(b'm' * 1000); print('v=1')"


def begin(home, folder, program=LEAVES, files=""):
    """A study of one trial, begun by somebody whose folder workers do not have."""
    (folder / "train.csv").write_text("content\n")
    (folder / "full.yaml").write_text("\n".join([
        "name: full", "command:", "- python3", "- -c", f'- "{program}"', "metric: {name: v, goal: maximize}", 'report: {stdout: "name=value"}', files,
        "method: random", "budget: {trials: 1}", "parameters: {x: {min: 0.0, max: 1.0}}"]))
    run("kre-search", "start", folder / "full.yaml", "--detach", home=home, check=True)
    (folder / "train.csv").unlink()


def worker(daemon, *options):
    return subprocess.Popen([PROGRAMS["kre-worker"], daemon.socket, "--allow-command", "python3", "--until-finished", *options],
                            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def said(process, words):
    """Reads the worker's log until it says that."""
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it never said {words}")


def end(process):
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def test_a_worker_whose_cache_is_full_waits_for_room_and_hands_the_run_back(small_disk, daemon, home, tmp_path):
    begin(home, tmp_path, files="files: {train: train.csv}")
    process = worker(daemon, "--home", tmp_path / "worker", "--cache", small_disk / "cache")
    line = said(process, "no room")
    assert "'train'" in line and "trying again in 30 s" in line and "--cache DIR uses another disk" in line
    end(process)
    run_again = daemon.client(role="worker").call("trial.ask")["run"]
    assert run_again["attempt"] == 1, "the trial is not burnt"


def test_a_daemon_without_room_refuses_files_and_the_worker_keeps_them(small_disk, tmp_path):
    home = tmp_path / "kre-runs"
    home.mkdir(mode=0o700)
    (home / "blobs").mkdir(mode=0o700)
    subprocess.run(["mount", "--bind", small_disk, home / "blobs"], check=True)
    daemon = Daemon(home).start()
    try:
        begin(home, tmp_path)
        process = worker(daemon, "--home", tmp_path / "worker")
        line = said(process, "what it left waits here")
        assert "no room" in line and "trying again in 30 s" in line
        (trial,) = daemon.client().call("trial.list", study="full")["trials"]
        assert trial["state"] == "COMPLETE", "the result did not wait for the file"
        assert (tmp_path / "worker" / "runs" / "full" / "0-0-0" / "model").read_bytes() == b"m" * 1000
        end(process)
    finally:
        daemon.stop()
        subprocess.run(["umount", "-l", home / "blobs"], check=True)
