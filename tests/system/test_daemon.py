"""kre-searchd as a program: its options, its home, its beginning and its end."""

import json
import os
import signal
import socket
import stat
import subprocess

import pytest

from support.programs import PROGRAMS, Client, Daemon, run, wait_until


def test_help_names_every_option_and_version_says_which(home):
    shown = run("kre-searchd", "--help")
    assert shown.returncode == 0 and shown.stderr == ""
    for option in ("--home DIR", "--lease-s SECONDS", "--log-level debug|info|warning|error", "--help", "--version"):
        assert option in shown.stdout
    assert run("kre-searchd", "--version").stdout.startswith("kre-searchd ")


@pytest.mark.parametrize("options, sentence", [
    (["--lease-s=0.5"], "--lease-s: 0.5 is outside 1 to 86400"),
    (["--lease-s", "soon"], "--lease-s: a number is expected, not 'soon'"),
    (["--lease-s"], "--lease-s needs a value: SECONDS"),
    (["--home="], "--home: a folder is expected"),
    (["--log-level=loud"], "--log-level: debug, info, warning or error is expected, not 'loud'"),
    (["--help=me"], "--help takes no value"),
    (["--port=7373"], "there is no option --port; --help lists them"),
    (["now"], "'now' is not an option; --help lists them"),
])
def test_a_wrong_option_is_named_and_nothing_is_begun(home, options, sentence):
    ended = run("kre-searchd", *options, home=home)
    assert ended.returncode == 2 and ended.stderr == f"kre-searchd: {sentence}\n"
    assert os.listdir(home) == []


def test_everything_in_the_home_is_the_owners_alone(tmp_path):
    home = tmp_path / "fresh"
    daemon = Daemon(home).start()
    try:
        mode = lambda path: stat.S_IMODE(path.stat().st_mode)
        assert mode(home) == 0o700
        assert {path.name: mode(path) for path in home.iterdir()} == {
            path.name: 0o700 if path.is_dir() else 0o600 for path in home.iterdir()}
        assert {"trials.db", "daemon.sock", "daemon.lock"} <= {path.name for path in home.iterdir()}
    finally:
        assert daemon.stop() == 0
    assert not daemon.socket.exists()


def test_a_home_that_is_open_to_others_is_refused_and_left_as_it_is(tmp_path):
    home = tmp_path / "open"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    ended = run("kre-searchd", "--home", home)
    assert ended.returncode == 1
    assert f"{home} is open to others" in ended.stderr and "chmod 700" in ended.stderr
    assert stat.S_IMODE(home.stat().st_mode) == 0o755 and os.listdir(home) == []


def test_two_daemons_never_serve_one_home(daemon, home):
    second = run("kre-searchd", "--home", home)
    assert second.returncode == 1
    assert f"another daemon already serves {home}" in second.stderr
    assert daemon.client().call("study.list") == {"studies": []}


def test_a_socket_left_by_a_killed_daemon_is_replaced(home):
    daemon = Daemon(home).start()
    daemon.kill()
    assert daemon.socket.exists()
    daemon.start()
    assert daemon.client().call("study.list") == {"studies": []}
    assert daemon.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_peers_see_the_end(home, number):
    daemon = Daemon(home).start()
    client = daemon.client()
    daemon.process.send_signal(number)
    with pytest.raises(ConnectionError):
        client.read()
    assert daemon.process.wait(60) == 0
    assert not daemon.socket.exists() and not (home / "trials.db-wal").exists()
    daemon.stop()


def test_a_home_may_lie_deeper_than_the_kernel_has_room_for_a_sockets_path(tmp_path):
    home = tmp_path / ("x" * 90) / ("깊은" * 20) / "home"
    home.parent.mkdir(parents=True)
    study = tmp_path / "study.yaml"
    study.write_text("""
name: deep
metric: {name: f1}
method: random
budget: {trials: 2}
command: [sh, -c, 'echo "f1=0.5"']
report: {stdout: name=value}
parameters:
  a: {min: 0, max: 1}
""")
    run("kre-search", "start", study, "--workers=2", home=home, check=True)
    assert json.loads(run("kre-search", "studies", "--json", home=home).stdout)["studies"][0]["state"] == "finished"


def test_a_terminal_that_hangs_up_does_not_end_the_daemon(daemon):
    client = daemon.client()
    daemon.process.send_signal(signal.SIGHUP)
    assert client.call("study.list")["studies"] == []


def test_a_file_that_is_no_database_is_left_alone(home):
    (home / "trials.db").write_bytes(b"not a database" * 100)
    ended = run("kre-searchd", "--home", home)
    assert ended.returncode == 1 and "trials.db" in ended.stderr
    assert (home / "trials.db").read_bytes() == b"not a database" * 100


def test_a_peer_that_pipelines_and_hangs_up_leaves_the_daemon_well(daemon):
    for _ in range(20):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(str(daemon.socket))
        peer.sendall(b'{"id":1,"method":"hello","params":{"protocol":1,"role":"admin"}}\n' + b'{"id":2,"method":"study.list"}\n' * 500 + b'{"id"')
        peer.close()
    assert daemon.client().call("study.list") == {"studies": []}


def test_a_shell_script_can_speak_it(daemon):
    talk = ('{"id":1,"method":"hello","params":{"protocol":1,"role":"viewer"}}\n'
            '{"id":2,"method":"study.list"}\n')
    program = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.stdin.buffer.read()); s.shutdown(1); sys.stdout.buffer.write(s.makefile('rb').read())"
    said = subprocess.run(["/usr/bin/python3", "-c", program, daemon.socket], input=talk, stdout=subprocess.PIPE, text=True, timeout=60)
    assert len(said.stdout.splitlines()) == 2 and '"studies":[]' in said.stdout


def test_how_long_a_study_ran_outlives_a_daemon_that_is_told_to_end(daemon):
    client = daemon.client()
    client.call("study.create", spec={"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                      "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    ran = wait_until(lambda: (lambda s: s > 0.5 and s)(client.call("study.get", study="s")["running_s"]), "half a second")
    assert daemon.stop() == 0
    daemon.start()
    assert daemon.client().call("study.get", study="s")["running_s"] >= ran
