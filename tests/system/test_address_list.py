"""Several hosts in one line: whichever of them has the daemon of that key is found, and the others learn nothing."""

import re
import shutil
import socket
import subprocess

import pytest

from support.network import token_id, token_of
from support.programs import PATIENCE_S, PROGRAMS, Daemon, run, wait_until

SPEC = {"name": "s", "method": "random", "command": ["sh", "-c", "echo f1=0.5"], "report": {"stdout": "name=value"},
        "metric": {"name": "f1", "goal": "maximize"}, "budget": {"trials": 3}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
# Says a step, waits for the file that it is named, says another.
LONG = ["bash", "-c", "echo f1=0.1; until [ -e {gate} ]; do read -r -t 0.05 _ </dev/zero || :; done; echo f1=0.2"]


def listen(home, address, port=0):
    said = run("kre-search", "listen", "--address", address, "--port", port, home=home, check=True).stdout
    return int(re.search(r"port (\d+)|:(\d+)", said).group(0).lstrip("port: "))


def line_for(home, *hosts):
    return run("kre-search", "join", *[f"--host={host}" for host in hosts], home=home, check=True).stdout.strip()


def work(line, folder, *options):
    return subprocess.run([PROGRAMS["kre-worker"], line, "--home", folder / "worker", "--allow-command", "sh", "--until-finished", *options],
                          capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False)


@pytest.fixture
def study(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    return client


@pytest.fixture
def another(tmp_path):
    """A daemon of somebody else."""
    home = tmp_path / "another"
    home.mkdir(mode=0o700)
    running = Daemon(home).start()
    running.client().call("study.create", spec=SPEC)
    yield running
    running.stop()


def test_where_the_first_host_has_another_key_the_second_is_taken_and_the_first_learns_nothing(study, home, another, tmp_path):
    port = listen(home, "127.0.0.1")
    assert listen(another.home, "127.0.0.2", port) == port
    line = line_for(home, "127.0.0.2", "127.0.0.1")
    done = work(line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert study.call("study.get", study="s")["counts"]["COMPLETE"] == 3
    assert another.client().call("study.get", study="s")["counts"]["COMPLETE"] == 0
    assert "was refused" not in another.output()  # no token came there
    run("kre-search", "listen", "--stop", home=home, check=True)
    done = work(line, tmp_path)
    assert done.returncode == 1
    assert f"127.0.0.2:{port} is not the daemon this address was made for (its key is " in done.stderr
    assert "somebody is in between" in done.stderr and token_of(line) not in done.stderr


def test_where_no_host_has_a_daemon_the_last_one_is_named(study, home, tmp_path):
    port = listen(home, "127.0.0.1")
    line = line_for(home, "127.0.0.2", "no-such-host.invalid", "127.0.0.3")
    done = run("kre-search", "status", "--connect", line, home=tmp_path)
    assert done.returncode == 4 and f"127.0.0.3:{port}: connection refused" in done.stderr
    assert token_of(line) not in done.stderr
    line = line_for(home, "no-such-host.invalid")
    done = run("kre-search", "status", "--connect", line, home=tmp_path)
    assert done.returncode == 4 and f"no-such-host.invalid:{port}: " in done.stderr


def test_a_daemon_that_is_continued_on_another_host_is_found_by_its_worker_which_goes_on(daemon, home, tmp_path):
    client = daemon.client()
    gate = tmp_path / "gate"
    client.call("study.create", spec={**SPEC, "budget": {"trials": 1}, "command": [word.format(gate=gate) for word in LONG]})
    port = listen(home, "127.0.0.1")
    line = line_for(home, "127.0.0.1", "127.0.0.2")
    worker = subprocess.Popen([PROGRAMS["kre-worker"], line, "--home", tmp_path / "worker", "--allow-command", "bash", "--until-finished"],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: daemon.sql("select step from trial_intermediate_values"), "the first step")
    daemon.kill()
    moved = tmp_path / "moved"
    shutil.copytree(home, moved, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    moved.chmod(0o700)
    elsewhere = Daemon(moved, "--lease-s=60").start()
    assert listen(moved, "127.0.0.2", port) == port
    gate.touch()
    assert worker.wait(PATIENCE_S) == 0, worker.stderr.read()
    worker.stderr.close()
    assert elsewhere.sql("select attempt, state from kre_runs") == [(0, "complete")]
    assert len(elsewhere.sql("select step from trial_intermediate_values")) == 2
    assert elsewhere.stop() == 0


@pytest.fixture
def silent():
    """A host whose kernel drops who comes, for its queue is full."""
    host, waiting = socket.socket(), []

    def become(port):
        host.bind(("127.0.0.2", port))
        host.listen(0)
        waiting.append(socket.create_connection(("127.0.0.2", port)))

    yield become
    for one in [*waiting, host]:
        one.close()


def test_a_host_that_does_not_answer_costs_half_a_second_and_holds_up_no_files(study, home, silent, tmp_path):
    study.call("study.delete", study="s")
    study.call("study.create", spec={**SPEC, "command": ["sh", "-c", "echo row >${run_dir}/oof.csv; echo f1=0.5"]})
    port = listen(home, "127.0.0.1")
    silent(port)
    done = work(line_for(home, "127.0.0.2", "127.0.0.1"), tmp_path, "--log-level=debug")
    assert done.returncode == 0 and "did not reach the daemon" not in done.stderr, done.stderr
    kept = [artifact for number in range(3) for artifact in study.call("trial.artifacts", study="s", number=number)["artifacts"]]
    assert kept and all(artifact["kept"] for artifact in kept)
    assert study.call("study.get", study="s")["counts"]["COMPLETE"] == 3


def test_a_host_that_takes_connections_and_says_nothing_is_not_waited_for_alone(study, home, tmp_path):
    port = listen(home, "127.0.0.1")
    with socket.create_server(("127.0.0.2", port)):
        line = line_for(home, "127.0.0.2", "127.0.0.1")
        done = run("kre-search", "status", "s", "--connect", line, home=tmp_path)
        assert done.returncode == 0, done.stderr


def test_a_line_is_revoked_at_whichever_host_it_comes(study, home, tmp_path):
    listen(home, "127.0.0.1")
    line = line_for(home, "127.0.0.2", "127.0.0.1")
    run("kre-search", "revoke", token_id(line), home=home, check=True)
    done = work(line, tmp_path)
    assert done.returncode == 1 and "this token was revoked" in done.stderr
