"""Homes and daemons of other users are not believed, not even by root."""

import os
import subprocess
import sys

import pytest

from support.programs import run

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")
STRANGER = 65534
LISTEN = "import os, socket, sys; os.umask(0); s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print('ready', flush=True); s.accept(); sys.stdin.read()"


@pytest.mark.parametrize("program, arguments", [("kre-search", ["studies"]), ("kre-searchd", [])])
def test_the_home_of_another_user_is_refused(home, program, arguments):
    os.chown(home, STRANGER, STRANGER)
    done = run(program, *arguments, home=home)
    assert done.returncode != 0 and f"belongs to somebody else (uid {STRANGER}, you are 0)" in done.stderr
    assert list(home.iterdir()) == []


def test_a_daemon_that_another_user_runs_is_not_believed(home):
    os.chown(home, STRANGER, STRANGER)
    for folder in (home.parent, home.parent.parent, home.parent.parent.parent):
        folder.chmod(0o755)
    path = home / "daemon.sock"
    stranger = subprocess.Popen([sys.executable, "-c", LISTEN, path], user=STRANGER, group=STRANGER,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stranger.stdout.readline()
    os.chown(home, 0, 0)
    done = run("kre-search", "studies", home=home)
    stranger.stdin.close()
    stranger.wait()
    assert done.returncode != 0 and "run by another user" in done.stderr


def test_the_log_of_a_daemon_is_not_written_through_a_link(home, tmp_path):
    (tmp_path / "mine").write_text("thesis")
    (home / "daemon.log").symlink_to(tmp_path / "mine")
    (home / "trials.db").touch()
    assert run("kre-search", "studies", home=home).returncode != 0
    assert (tmp_path / "mine").read_text() == "thesis"


@pytest.mark.parametrize("name", ["daemon.lock"])
def test_the_lock_is_no_link(home, tmp_path, name):
    (home / name).symlink_to(tmp_path / "elsewhere")
    done = run("kre-searchd", home=home)
    assert done.returncode == 1 and "it is a link" in done.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_a_worker_makes_nothing_in_the_home_of_another_user(daemon, tmp_path):
    strange = tmp_path / "strange"
    strange.mkdir()
    os.chown(strange, STRANGER, STRANGER)
    daemon.client().call("study.create", spec={"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                               "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    done = run("kre-worker", daemon.socket, "--home", strange)
    assert done.returncode == 1 and f"belongs to somebody else (uid {STRANGER}, you are 0)" in done.stderr
    assert list(strange.iterdir()) == []


def test_a_home_behind_the_link_of_another_user_is_refused(home, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(home)
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    done = run("kre-searchd", home=link)
    assert done.returncode == 1 and f"belongs to somebody else (uid {STRANGER}, you are 0)" in done.stderr


def test_a_worker_whose_daemon_is_another_users_says_so_once_and_ends(home):
    for folder in (home, *list(home.parents)[:3]):
        folder.chmod(0o755)
    os.chown(home, STRANGER, STRANGER)
    stranger = subprocess.Popen([sys.executable, "-c", LISTEN, home / "daemon.sock"], user=STRANGER, group=STRANGER,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stranger.stdout.readline()
    done = run("kre-worker", home / "daemon.sock", "--home", home.parent / "mine")
    stranger.stdin.close()
    stranger.wait()
    assert done.returncode == 1 and done.stderr.count("run by another user") == 1
