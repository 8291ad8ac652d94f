"""A disk that is full: what was acknowledged stays, the refusal says why, and work goes on when there is room again."""

import os
import resource
import subprocess

import pytest

from support.programs import Daemon, Refused

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
