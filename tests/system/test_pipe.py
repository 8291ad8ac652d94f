"""Lines through `kre-search pipe`: scripts that speak the wire themselves, here and over the network."""

import json
import subprocess

import pytest

from support.network import join
from support.programs import PATIENCE_S, PROGRAMS, run

SPEC = {"name": "s", "method": "random", "command": ["none"], "metric": {"name": "f1", "goal": "maximize"}, "budget": {"trials": 1},
        "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def message(id, method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}) + "\n"


HELLO = message(1, "hello", protocol=1, role="worker", name="script")


@pytest.fixture
def study(daemon):
    daemon.client().call("study.create", spec=SPEC)


def answers(done):
    assert done.returncode == 0, done.stderr
    return {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}


def test_each_line_there_has_its_line_back(daemon, home):
    done = run("kre-search", "pipe", home=home, input=HELLO + message(2, "daemon.ping") + message(3, "no.such"))
    got = answers(done)
    assert got[1]["result"]["protocol"] == 1 and "software" in got[2]["result"] and got[3]["error"]["code"] == -32601


def test_a_file_is_passed_whole_and_its_last_line_needs_no_newline(daemon, home, tmp_path):
    requests = tmp_path / "requests"
    requests.write_text(HELLO + "".join(message(id, "daemon.ping") for id in range(2, 500)).rstrip("\n"))
    with open(requests) as lines:
        done = subprocess.run([PROGRAMS["kre-search"], "pipe", "--home", home], stdin=lines, capture_output=True, text=True,
                              timeout=PATIENCE_S)
    assert set(answers(done)) == set(range(1, 500))


def test_over_the_network_the_hello_of_a_script_gets_the_token(study, home):
    done = run("kre-search", "pipe", input=HELLO + message(2, "trial.ask", study="s", commands=["none"]),
               env={"KRE_CONNECT": join(home)})
    assert answers(done)[2]["result"]["run"]["study"] == "s"


def test_a_shell_worker_needs_nothing_but_its_stdin_and_stdout(daemon, study, home):
    with subprocess.Popen([PROGRAMS["kre-search"], "pipe", "--home", home], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, bufsize=1) as pipe:
        def call(line):
            pipe.stdin.write(line)
            return json.loads(pipe.stdout.readline())["result"]
        call(HELLO)
        given = call(message(2, "trial.ask", study="s", commands=["none"]))["run"]
        claim = {"run": given["run"], "lease": given["lease"]}
        call(message(3, "trial.report", **claim, step=1, value=0.5))
        assert call(message(4, "trial.tell", **claim, state="complete", value=0.5))["trial"] == "COMPLETE"
        pipe.stdin.close()
        assert pipe.wait(PATIENCE_S) == 0


def test_without_a_daemon_it_says_so_with_the_code_for_that(tmp_path):
    home = tmp_path / "empty"
    home.mkdir(mode=0o700)
    done = run("kre-search", "pipe", home=home, input=HELLO)
    assert done.returncode == 4 and done.stdout == "" and done.stderr


def test_a_daemon_that_hangs_up_is_a_failure(daemon, home):
    done = run("kre-search", "pipe", home=home, input="this is no JSON\n" + HELLO)
    assert done.returncode == 1 and "closed the connection" in done.stderr
    assert json.loads(done.stdout.splitlines()[0])["error"]["code"] == -32700
