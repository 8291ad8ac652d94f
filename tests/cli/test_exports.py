"""Files that export makes: the old one or the new one, whole, whatever happens."""

import json
import os
import resource
import signal
import sqlite3
import stat
import subprocess

import pytest

from support.programs import PROGRAMS, run, stopping_at

SPEC = {"name": "s", "method": "random", "metric": {"name": "v", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
FORMATS = ["csv", "json", "db"]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "exports"
    path.mkdir()
    return path


@pytest.fixture(autouse=True)
def study(daemon):
    daemon.client().call("study.create", spec=SPEC)


def export(home, kind, path, *words, code=0, **options):
    done = run("kre-search", "export", "--format", kind, "--output", path, *words, home=home, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def no_file_over(most):
    """For subprocess: as on a disk that is full, writing fails behind so many bytes."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    return limit


@pytest.mark.parametrize("words", [[], ["--force"]])
def test_a_copy_that_the_daemon_cannot_write_leaves_what_there_was(daemon, home, folder, words):
    copy = folder / "copy.db"
    if words:
        copy.write_text("the old one")
    most = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    assert "disk I/O error" in export(home, "db", copy, *words, code=1).stderr
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, most)
    assert os.listdir(folder) == (["copy.db"] if words else [])
    assert not words or copy.read_text() == "the old one"


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize("words", [[], ["--force"]])
def test_trials_that_cannot_be_written_leave_what_there_was(home, folder, kind, words):
    path = folder / "trials"
    if words:
        path.write_text("the old one")
    done = subprocess.run([PROGRAMS["kre-search"], "export", "--format", kind, "--output", path, *words, "--home", home], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=no_file_over(4), check=False)
    assert done.returncode == 1 and f"can't write {path}: File too large" in done.stderr
    assert os.listdir(folder) == (["trials"] if words else [])
    assert not words or path.read_text() == "the old one"


def test_an_export_that_is_killed_leaves_the_old_copy_or_the_new_one_and_the_next_tidies_up(home, folder, tmp_path):
    stop = stopping_at(tmp_path)
    copy = folder / "copy.db"
    copy.write_text("the old one")
    at, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        at += 1
        code = run("kre-search", "export", "--format", "db", "--output", copy, "--force", home=home, env=stop(at)).returncode
        if copy.read_bytes() != b"the old one":
            with sqlite3.connect(copy) as opened:
                assert opened.execute("SELECT study_name FROM studies").fetchall() == [("s",)]
    assert code == 0 and at > 3
    assert os.listdir(folder) == ["copy.db"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["trials.db", "trials.db-wal", "link", "other"])
def test_the_trial_file_in_use_is_never_written_over(daemon, home, folder, kind, name):
    (home / "link").symlink_to("trials.db")
    os.link(home / "trials.db", home / "other")
    before = (home / name).stat().st_ino
    for words in ([], ["--force"]):
        assert "belongs to the trial file that is in use" in export(home, kind, home / name, *words, code=2).stderr
        assert "in use" in export(folder, kind, home / name, *words, "--connect", daemon.socket, code=2).stderr
    assert (home / name).stat().st_ino == before and not list(home.glob("*.part"))
    assert daemon.client().call("study.get", study="s")["name"] == "s"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_name_that_is_taken_in_the_end_is_not_taken_over(home, folder, kind):
    (folder / "new").symlink_to("nowhere")  # which is not seen at first
    assert "--force overwrites it" in export(home, kind, folder / "new", code=1).stderr
    assert os.listdir(folder) == ["new"] and os.readlink(folder / "new") == "nowhere"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_link_stays_one_and_leads_to_the_new_file(home, folder, kind):
    (folder / "there").write_text("the old one")
    (folder / "here").symlink_to("there")
    export(home, kind, folder / "here", "--force")
    assert os.readlink(folder / "here") == "there" and (folder / "there").read_bytes() != b"the old one"
    assert sorted(os.listdir(folder)) == ["here", "there"]


def test_a_pipe_is_written_to_and_never_replaced(home, folder):
    os.mkfifo(folder / "pipe")
    assert "no ordinary file" in export(home, "db", folder / "pipe", "--force", code=1).stderr
    with subprocess.Popen(["cat", folder / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        export(home, "json", folder / "pipe", "--force")
        assert json.loads(reader.stdout.read())["trials"] == []
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode) and os.listdir(folder) == ["pipe"]


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_its_owners_alone_stays_so(home, folder, kind):
    path = folder / "mine"
    path.write_text("the old one")
    path.chmod(0o600)
    export(home, kind, path, "--force")
    assert path.stat().st_mode & 0o777 == 0o600
