"""Homes that no daemon can serve are refused with a sentence, and nothing in them changes."""

import resource
import sqlite3
import subprocess

import pytest

from support.programs import PROGRAMS, PATIENCE_S, Daemon, run, wait_until


def refusal(home):
    """What kre-searchd says when it refuses to start."""
    done = subprocess.run([PROGRAMS["kre-searchd"], "--home", home], stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S)
    assert done.returncode == 1
    return done.stderr


@pytest.fixture
def database(home):
    """A trial file with a few pages, closed."""
    daemon = Daemon(home).start()
    client = daemon.client()
    for name in ("가", "나"):
        spec = {"name": name, "method": "random", "metric": {"name": "v"}, "parameters": {"a": {"min": 0.0, "max": 1.0}}}
        client.call("study.create", spec=spec)
        for _ in range(50):
            client.call("trial.ask", study=name)
    daemon.stop()
    return daemon.database


def overwrite_the_header(content):
    return b"not a database, " * 8 + content[128:]


def tear_pages(content):
    torn = bytearray(content)
    for page in range(2 * 4096, len(content), 3 * 4096):
        torn[page:page + 200] = bytes(range(200))
    return bytes(torn)


def cut_in_half(content):
    return content[:len(content) // 2]


@pytest.mark.parametrize("damage", [overwrite_the_header, tear_pages, cut_in_half])
def test_a_damaged_trial_file_is_refused_and_not_touched(home, database, damage):
    damaged = damage(database.read_bytes())
    database.write_bytes(damaged)
    assert str(database) in refusal(home)
    assert database.read_bytes() == damaged


def test_a_trial_file_of_a_newer_version_is_refused_and_not_touched(home, database):
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("update kre_schema set version = version + 1")
    connection.close()  # the last one to close moves the WAL into the file
    newer = database.read_bytes()
    assert "newer" in refusal(home)
    assert database.read_bytes() == newer


def test_a_second_daemon_is_refused(home, daemon):
    assert "another daemon already serves" in refusal(home)
    assert daemon.client().call("study.list")["studies"] == []


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    assert "is not a folder" in refusal(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("count", range(7, 13))
def test_a_daemon_that_may_open_too_few_files_says_so(home, count):
    """With 7 or 8 there is no event loop, later no lock or no trial file; with fewer libuv itself aborts."""
    done = subprocess.run([PROGRAMS["kre-searchd"], "--home", home], stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count)))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("kre-searchd: ")
    assert "open" in done.stderr.splitlines()[-1]


def test_a_home_made_under_a_strange_umask_can_be_served_again(home):
    for _ in range(2):
        daemon = subprocess.Popen([PROGRAMS["kre-searchd"], "--home", home], stderr=subprocess.DEVNULL, umask=0o377)
        wait_until((home / "daemon.sock").exists, "the daemon's socket")
        daemon.terminate()
        assert daemon.wait(PATIENCE_S) == 0
        assert home.stat().st_mode & 0o777 == 0o700
        assert {(path.is_dir(), path.stat().st_mode & 0o777) for path in home.iterdir()} == {(False, 0o600), (True, 0o700)}


@pytest.mark.parametrize("count", [8, 12, 20])
def test_too_few_descriptors_are_said_before_anything_is_made(home, count):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))

    done = subprocess.run([PROGRAMS["kre-searchd"], "--home", home], stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S,
                          preexec_fn=limit)
    assert done.returncode == 1
    assert done.stderr.endswith(f"no more than {count} files may be open at once here (ulimit -n), and the daemon needs 32\n")
    assert not home.exists() or not list(home.iterdir())


def test_the_command_line_says_once_why_no_daemon_starts(home):
    (home / "trials.db").write_text("no database, whatever its name says")
    done = run("kre-search", "studies", home=home)
    assert done.returncode == 4 and done.stderr.count("file is not a database") == 1
    assert done.stderr.startswith("kre-search: the daemon ended at once: kre-searchd: ") and done.stderr.count("\n") == 1
