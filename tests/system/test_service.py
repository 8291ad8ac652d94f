"""The daemon as a service of systemd: what it tells of its life, its log in the journal and in files that are moved away."""

import os
import re
import signal
import socket

import pytest

from support.programs import PATIENCE_S, Daemon, wait_until


@pytest.fixture(params=["path", "abstract"])
def listener(request, tmp_path):
    """A socket in the place of systemd's, and the name it goes by in the environment."""
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.settimeout(PATIENCE_S)
    path = str(tmp_path / "notify")
    if request.param == "path":
        ear.bind(path)
    else:
        ear.bind("")  # the kernel chooses a name
        path = "@" + ear.getsockname()[1:].decode()
    with ear:
        yield ear, path


def test_systemd_hears_when_it_serves_that_it_lives_and_when_it_ends(listener, home, monkeypatch):
    ear, name = listener
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")  # the queue has room for ten
    daemon = Daemon(home).start()
    assert ear.recv(100) == b"READY=1" and daemon.socket.exists()
    assert [ear.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    assert daemon.stop() == 0
    rest = []
    while not rest or rest[-1] != b"STOPPING=1":
        rest.append(ear.recv(100))
    assert set(rest[:-1]) <= {b"WATCHDOG=1"}


def test_a_watchdog_of_another_process_is_not_fed(listener, home, monkeypatch):
    ear, name = listener
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.setenv("WATCHDOG_USEC", "1000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    daemon = Daemon(home).start()
    daemon.stop()
    assert [ear.recv(100), ear.recv(100)] == [b"READY=1", b"STOPPING=1"]


def test_a_socket_that_is_not_there_stops_nothing(home, monkeypatch):
    for name in ("/nowhere/notify", "@nobody", "vsock:2:3", "", "/" + "x" * 200):
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        assert Daemon(home).start().stop() == 0


def test_a_log_that_was_moved_away_is_begun_anew_at_a_hangup(home):
    daemon = Daemon(home).start()
    log = home.parent / (home.name + ".log")
    log.rename(log.with_suffix(".1"))
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(log.exists, "the log to be there again")
    daemon.stop()
    assert "stopping" in log.read_text() and "stopping" not in log.with_suffix(".1").read_text()


def test_in_the_journal_lines_begin_with_their_priority(home, monkeypatch):
    log = home.parent / (home.name + ".log")
    log.touch()
    place = os.stat(log)
    monkeypatch.setenv("JOURNAL_STREAM", f"{place.st_dev}:{place.st_ino}")
    Daemon(home).start().stop()
    lines = log.read_text().splitlines()
    assert lines and all(re.match(r"<6>\S+Z INFO ", line) for line in lines)
    monkeypatch.setenv("JOURNAL_STREAM", f"{place.st_dev}:{place.st_ino + 1}")
    Daemon(home).start().stop()
    assert not any(line.startswith("<") for line in log.read_text().splitlines()[len(lines):])
