"""Files that are taken away from under the daemon: it acknowledges nothing more, says so, and what it knew is kept."""

import shutil
import signal
import sqlite3

import pytest

from support.programs import PATIENCE_S, Daemon, Refused

SPEC = {"name": "연구", "method": "random", "metric": {"name": "v"}, "parameters": {"a": {"min": 0.0, "max": 1.0}}}


@pytest.fixture
def served(home):
    """A daemon with a study and one trial that it acknowledged."""
    daemon = Daemon(home).start()
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    finish_one(client, 0.25)
    yield daemon, client
    if daemon.process.poll() is None:
        daemon.kill()
    daemon.stop()


def finish_one(client, value):
    run = client.call("trial.ask", study="연구")["run"]
    client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=value)


def ends(daemon):
    """The daemon's exit code, and what it said."""
    return daemon.process.wait(PATIENCE_S), daemon.output()


def values_in(path):
    with sqlite3.connect(path) as connection:
        return [value for (value,) in connection.execute("select value from trial_values order by 1")]


def rescued(daemon):
    return next(path for folder in (daemon.home, daemon.home.parent) if folder.exists()
                for path in folder.glob("*.rescue.db"))


def delete_file(daemon):
    daemon.database.unlink()


def delete_log(daemon):
    daemon.database.with_name("trials.db-wal").unlink()


def delete_home(daemon):
    daemon.process.send_signal(signal.SIGSTOP)  # what it saves of a home in parts would come between
    shutil.rmtree(daemon.home)
    daemon.process.send_signal(signal.SIGCONT)


def replace_file(daemon):
    other = daemon.home / "other.db"
    other.write_bytes(b"")
    other.rename(daemon.database)


def replace_home(daemon):
    daemon.home.rename(daemon.home.parent / "old")
    daemon.home.mkdir(mode=0o700)


def delete_lock(daemon):
    (daemon.home / "daemon.lock").unlink()


@pytest.mark.parametrize("harm", [delete_file, delete_log, delete_home, replace_file, replace_home, delete_lock])
def test_a_daemon_whose_files_are_gone_acknowledges_nothing_and_keeps_what_it_knew(served, harm):
    daemon, client = served
    run = client.call("trial.ask", study="연구")["run"]
    harm(daemon)
    with pytest.raises((Refused, ConnectionError)):
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=0.75)
        finish_one(client, 0.5)
    code, said = ends(daemon)
    assert code == 1 and "deleted or replaced" in said and "all that this daemon knew is in" in said
    assert 0.25 in values_in(rescued(daemon))


def test_a_rescued_file_is_served_like_any_other(served, tmp_path):
    daemon, client = served
    delete_file(daemon)
    ends(daemon)
    shutil.move(rescued(daemon), daemon.database)
    for suffix in ("-wal", "-shm"):
        daemon.database.with_name("trials.db" + suffix).unlink()
    again = Daemon(daemon.home).start()
    assert [trial["state"] for trial in again.client().call("trial.list", study="연구")["trials"]] == ["COMPLETE"]
    assert again.stop() == 0


@pytest.mark.parametrize("harm", [delete_file, delete_home])
def test_an_idle_daemon_notices_it_as_well(served, harm):
    daemon, client = served
    harm(daemon)
    code, said = ends(daemon)
    assert code == 1 and "deleted or replaced" in said


def test_the_end_of_a_daemon_leaves_the_files_of_another_that_serves_its_place(served):
    daemon, client = served
    daemon.process.send_signal(signal.SIGSTOP)
    shutil.rmtree(daemon.home)
    daemon.home.mkdir(mode=0o700)
    second = Daemon(daemon.home)
    second.start()
    second.client().call("study.create", spec=SPEC)
    daemon.process.send_signal(signal.SIGCONT)
    code, said = ends(daemon)
    assert code == 1
    finish_one(second.client(), 0.5)
    assert values_in(second.database) == [0.5]
    assert second.stop() == 0
    assert values_in(second.database) == [0.5]


def test_a_daemon_whose_socket_is_gone_ends_and_its_trials_are_where_they_were(served):
    daemon, client = served
    daemon.socket.unlink()
    code, said = ends(daemon)
    assert code == 1 and "nobody finds this daemon" in said
    assert values_in(daemon.database) == [0.25] and not list(daemon.home.glob("*.rescue*"))
