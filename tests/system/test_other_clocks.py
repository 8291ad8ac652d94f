"""One machine's clock is off by more than a year: lines, leases and results do not go by it, and it is said once."""

import os
import pathlib
import subprocess

import pytest

from support.network import Caller, join
from support.programs import PATIENCE_S, PROGRAMS, Daemon, Refused, run

FAKETIME = next(pathlib.Path("/usr/lib").rglob("libfaketime.so.1"), None)
pytestmark = pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
SPEC = {"name": "s", "method": "random", "command": ["sh", "-c", "echo f1=0.5"], "report": {"stdout": "name=value"},
        "metric": {"name": "f1", "goal": "maximize"}, "budget": {"trials": 3}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
DIFFER = "the daemon's clock and this machine's differ by 345"  # 400 days in seconds, give or take what a start takes


def off_by(days):
    """Variables under which a program's clock is off; ASan wants to be the first library, and can do without."""
    options = os.environ.get("ASAN_OPTIONS", "")
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{days:+d}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": (options + ":" if options else "") + "verify_asan_link_order=0"}


def work(line, folder, variables):
    return subprocess.run([PROGRAMS["kre-worker"], line, "--home", folder / "worker", "--allow-command", "sh", "--until-finished"],
                          capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False,
                          env={**os.environ, **variables})


@pytest.fixture(params=[-400, 400])
def daemon_elsewhen(home, request):
    variables = [f"{name}={value}" for name, value in off_by(request.param).items()]
    other = Daemon(home, "--lease-s=5", within=lambda words: ["env", *variables, *words]).start()
    yield other
    assert other.stop() == 0, other.output()


@pytest.mark.parametrize("days", [-400, 400])
def test_a_worker_with_another_clock_works_and_says_once_that_it_has(daemon, home, tmp_path, days):
    daemon.client().call("study.create", spec=SPEC)
    done = work(join(home, "--expires", "1d"), tmp_path, off_by(days))
    assert done.returncode == 0 and done.stderr.count(DIFFER) == 1
    assert daemon.client().call("study.get", study="s")["counts"]["COMPLETE"] == 3


def test_so_does_one_of_a_daemon_with_another_clock_whose_line_ends_by_the_daemons(daemon_elsewhen, home, tmp_path):
    client = daemon_elsewhen.client()
    client.call("study.create", spec=SPEC)
    done = work(join(home, "--expires", "1d"), tmp_path, {})
    assert done.returncode == 0 and done.stderr.count(DIFFER) == 1
    assert client.call("study.get", study="s")["counts"]["COMPLETE"] == 3
    assert all(0 <= trial["duration_s"] < PATIENCE_S for trial in client.call("trial.list", study="s")["trials"])
    short = join(home, "--expires", "0.001s")
    with pytest.raises(Refused, match="this token expired on"):
        Caller(short)


def test_a_command_from_another_machine_says_that_dates_are_the_daemons(daemon_elsewhen, home, tmp_path):
    daemon_elsewhen.client().call("study.create", spec=SPEC)
    line = join(home, "--role", "viewer")
    done = run("kre-search", "status", "s", "--connect", line, home=tmp_path, check=True)
    assert done.stderr.count(DIFFER) == 1
    for quiet in ("--json", "--quiet"):
        assert run("kre-search", "studies", "--connect", line, quiet, home=tmp_path, check=True).stderr == ""


def test_where_the_clocks_are_the_same_nothing_is_said(daemon, home, tmp_path):
    daemon.client().call("study.create", spec=SPEC)
    done = run("kre-search", "status", "s", "--connect", join(home, "--role", "viewer"), home=tmp_path, check=True)
    assert "clock" not in done.stderr
