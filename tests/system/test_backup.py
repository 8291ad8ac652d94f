"""Backups of a daemon that works, and homes that they are put back into."""

import base64
import collections
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import threading

import pytest

from support.network import Caller, join, token_id
from support.programs import PATIENCE_S, PROGRAMS, Daemon, Refused, run, stopping_at, wait_until

SPEC = {"name": "s", "method": "random", "command": ["true"], "metric": {"name": "f1", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}}, "budget": {"trials": 1000000}, "retries": 3}
LEAP = 2**20


@contextlib.contextmanager
def serving(home, *options):
    """A daemon on that home, for as long as it is needed."""
    running = Daemon(home, "--lease-s=60", *options).start()
    try:
        yield running
    finally:
        assert running.stop() in (0, -9), running.output()


def put(client, content):
    sha256 = hashlib.sha256(content).hexdigest()
    assert client.call("blob.put", sha256=sha256, size=len(content), data=base64.b64encode(content).decode())["done"]
    return sha256


def ask(client):
    run_ = client.call("trial.ask")["run"]
    return {"run": run_["run"], "lease": run_["lease"]}, run_


def complete(client, value=0.5):
    claim, run_ = ask(client)
    client.call("trial.report", **claim, step=0, value=value)
    client.call("trial.tell", **claim, state="complete", value=value)
    return run_["number"]


def backup(home, folder, code=0, **options):
    done = run("kre-search", "backup", folder, "--json", home=home, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if code == 0 else json.loads(done.stderr)["error"]


def restore(home, folder, code=0, **options):
    done = run("kre-search", "restore", folder, "--home", home, "--json", **options)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if code == 0 else json.loads(done.stderr)["error"]


def manifest(folder):
    line, digest, rest = (folder / "manifest").read_text().split("\n")
    assert hashlib.sha256(line.encode()).hexdigest() == digest and rest == ""
    return json.loads(line)


def place(folder, entry):
    return folder / "blobs" / entry["sha256"][:2] / entry["sha256"]


def whole(folder):
    """The manifest of a backup whose every byte was looked at."""
    found = manifest(folder)
    for entry in [*found["files"], *found["blobs"]]:
        content = place(folder, entry).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (entry["sha256"], entry["size"])
    return found


def trial_file(folder):
    (entry,) = [entry for entry in manifest(folder)["files"] if entry["name"] == "trials.db"]
    return place(folder, entry)


def rows(path, query):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def study(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    return client


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backup"


@pytest.fixture
def other(tmp_path):
    return tmp_path / "other"


# ---- what is in it, and that it comes back ----


def test_all_comes_back_trials_tokens_keys_listening_and_files(study, daemon, home, folder, other):
    line = join(home, "--role", "viewer")
    sha256 = put(study, b"a file of a study")
    number = complete(study, 0.75)
    said = backup(home, folder)
    assert said["files"] == said["copied_files"] == 3 and said["bytes"] == said["copied_bytes"] and said["damaged"] == 0
    assert {entry["name"] for entry in whole(folder)["files"]} == {"trials.db", "keys/1.pem"}
    key = (home / "keys" / "1.pem").read_bytes()
    listening = study.call("listen.get")
    daemon.stop()
    shutil.rmtree(home)
    assert restore(other, folder)["epoch"] == 2
    assert (other / "keys" / "1.pem").read_bytes() == key
    with serving(other) as again:
        client = again.client()
        assert client.hello["epoch"] == 2
        assert [trial["values"] for trial in client.call("trial.list", study="s")["trials"] if trial["number"] == number] == [[0.75]]
        assert client.call("listen.get") == listening
        viewer = Caller(line, role="viewer")
        assert viewer.call("trial.list", study="s")["trials"]
        viewer.close()
        assert again.sql("SELECT count(*) FROM leaderboard") == [(1,)]  # views are made again
    assert (other / "blobs" / sha256[:2] / sha256).read_bytes() == b"a file of a study"
    assert not (other / "restored").exists()
    with serving(other) as once_more:
        assert once_more.client().hello["epoch"] == 2


def test_it_is_its_owners_alone(study, home, folder):
    join(home)
    put(study, b"content")
    before = os.umask(0)
    backup(home, folder)
    os.umask(before)
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & 0o777 in ((0o700,) if path.is_dir() else (0o400, 0o600)), path


def test_a_restored_home_is_its_owners_alone(study, home, folder, other):
    join(home)
    put(study, b"content")
    backup(home, folder)
    restore(other, folder)
    for path in [other, *other.rglob("*")]:
        assert path.stat().st_mode & 0o777 in ((0o700,) if path.is_dir() else (0o400, 0o600)), path


def test_without_a_daemon_one_is_borrowed(study, daemon, home, folder, other):
    complete(study)
    daemon.stop()
    backup(home, folder)
    assert not daemon.socket.exists()
    restore(other, folder)
    done = run("kre-search", "trials", "--json", home=other, check=True)
    assert len(json.loads(done.stdout)["trials"]) == 1


def test_people_are_told_in_sentences(study, home, folder, other):
    done = run("kre-search", "backup", folder, home=home, check=True)
    assert re.fullmatch(r"backed up to .*: 1 files, [\d.]+ kB \(1 files, [\d.]+ kB, were copied now\)\n", done.stdout)
    done = run("kre-search", "restore", folder, "--home", other, check=True)
    assert re.match(r"restored to .*/other: 1 files, [\d.]+ kB, as they were on 20\d\d-\d\d-\d\d \d\d:\d\d UTC\n", done.stdout)
    assert "handed out again" in done.stderr and "lines that were revoked since the backup hold again" in done.stderr


# ---- once more, into the same folder ----


def test_what_has_not_changed_is_not_copied_again(study, home, folder):
    shas = [put(study, b"content %d" % i) for i in range(5)]
    backup(home, folder)
    before = {sha256: place(folder, {"sha256": sha256}).stat().st_ino for sha256 in shas}
    number = complete(study)
    late = put(study, b"one more")
    said = backup(home, folder)
    assert said["copied_files"] == 2 and said["files"] == 7  # the trial file and what is new
    assert {sha256: place(folder, {"sha256": sha256}).stat().st_ino for sha256 in shas} == before
    assert place(folder, {"sha256": late}).read_bytes() == b"one more"
    found = whole(folder)
    assert rows(trial_file(folder), "SELECT number FROM trials WHERE state = 'COMPLETE'") == [(number,)]
    assert len([path for path in (folder / "blobs").rglob("*") if path.is_file()]) == len(found["files"]) + len(found["blobs"])


def test_while_reports_come_every_backup_is_one_moment(study, daemon, home, folder):
    over, sent = threading.Event(), []
    worker = daemon.client(role="worker")

    def work():
        while not over.is_set():
            sent.append(complete(worker, len(sent)))

    thread = threading.Thread(target=work)
    thread.start()
    counts = []
    for _ in range(5):
        before = len(sent)
        backup(home, folder)
        whole(folder)
        path = trial_file(folder)
        assert rows(path, "PRAGMA integrity_check") == [("ok",)] and rows(path, "PRAGMA foreign_key_check") == []
        ((runs,),) = rows(path, "SELECT count(*) FROM kre_runs WHERE state = 'complete'")
        ((reports,),) = rows(path, "SELECT count(*) FROM kre_reports")
        assert before <= runs <= len(sent) + 1 and runs <= reports <= runs + 1
        counts.append(runs)
    over.set()
    thread.join()
    assert counts == sorted(counts) and counts[-1] > counts[0]


# ---- leases of the old life ----


def test_what_was_out_is_handed_out_again_and_old_leases_are_refused(study, daemon, home, folder, other):
    complete(study)
    out, run_out = ask(study)
    study.call("trial.report", **out, step=0, value=0.1)
    backup(home, folder)
    late, _ = ask(study)  # the backup does not know of it
    complete(study)
    daemon.kill()
    restore(other, folder)
    with serving(other) as again:
        client = again.client()
        assert [trial["state"] for trial in client.call("trial.list", study="s")["trials"]] == ["COMPLETE", "RUNNING"]
        claim, run_again = ask(client)
        assert (run_again["number"], run_again["attempt"]) == (run_out["number"], run_out["attempt"] + 1)
        assert claim["lease"] > late["lease"] + LEAP
        assert claim["run"] == late["run"]  # a number that the old daemon gave out as well
        for old in (out, late):
            assert client.call("trial.report", **old, step=1, value=9)["stop"] == "lost"
            with pytest.raises(Refused) as refused:
                client.call("trial.tell", **old, state="complete", value=9)
            assert refused.value.code == -32010
            assert client.call("lease.renew", leases=[old])["lost"] == [old["run"]]
        assert "lives on" in again.output()
        assert again.sql("SELECT state, reason FROM kre_runs WHERE run_id = ?", out["run"]) == [
            ("lost", "the daemon was restored from a backup")]
        assert again.sql("SELECT count(*) FROM kre_reports WHERE step = 1") == [(0,)]


def test_two_lives_of_one_backup_have_no_lease_in_common(study, daemon, home, folder, tmp_path):
    ask(study)
    backup(home, folder)
    leases = []
    for name in ("b", "c"):
        restore(tmp_path / name, folder)
        with serving(tmp_path / name) as again:
            leases.append({ask(again.client())[0]["lease"] for _ in range(5)})
    assert not leases[0] & leases[1]


WORK = """
import os, pathlib, time
place, number = pathlib.Path(os.environ["PLACE"]), int(os.environ["KRE_NUMBER"])
with open(place / "begun", "a") as begun:
    begun.write(f"{number}\\n")
while not (place / f"go-{number}").exists():
    time.sleep(0.01)
print(f"v={number}")
"""


@contextlib.contextmanager
def working(line, tmp_path, *options):
    """A worker at that line, whose log is worker.log; it does not outlive the test."""
    with open(tmp_path / "worker.log", "wb") as log:
        process = subprocess.Popen([PROGRAMS["kre-worker"], line, "--home", tmp_path / "worker", "--allow-command", "/usr/bin/python3", *options],
                                   env=dict(os.environ, PLACE=str(tmp_path)), stdin=subprocess.DEVNULL, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def hang_up(listener):
    with contextlib.suppress(OSError):
        while True:
            listener.accept()[0].close()


def begun(tmp_path, number):
    path = tmp_path / "begun"
    return path.exists() and str(number) in path.read_text().splitlines()


def test_a_workers_line_with_two_hosts_goes_on_at_the_restored_daemon(daemon, tmp_path, home, folder, other):
    (tmp_path / "work.py").write_text(WORK)
    spec = dict(SPEC, budget={"trials": 6}, metric={"name": "v", "goal": "maximize"}, report={"stdout": "name=value"},
                command=["/usr/bin/python3", str(tmp_path / "work.py")])
    daemon.client().call("study.create", spec=spec)
    run("kre-search", "listen", "--address", "127.0.0.1", "--port", 0, "--host", "127.0.0.1", "--host", "127.0.0.2", home=home, check=True)
    line = run("kre-search", "join", "--uses", 1, home=home, check=True).stdout.strip()
    hosts, port = re.match(r"kre://([^:]+):(\d+)/", line).groups()
    assert hosts == "127.0.0.1,127.0.0.2"
    for number in (0, 1, 3):
        (tmp_path / f"go-{number}").touch()
    with working(line, tmp_path, "--until-finished") as worker:
        wait_until(lambda: begun(tmp_path, 2), "the third trial to begin")
        backup(home, folder)
        (tmp_path / "go-2").touch()  # ends after the backup
        wait_until(lambda: begun(tmp_path, 4), "the fifth trial to begin")
        daemon.kill()
        restore(other, folder)
        with socket.create_server(("127.0.0.1", int(port))) as occupied:  # at the first host is somebody else now, who hangs up
            threading.Thread(target=hang_up, args=(occupied,), daemon=True).start()
            with serving(other) as again:
                assert "others cannot come in" in again.output()
                run("kre-search", "listen", "--address", "127.0.0.2", "--port", port, home=other, check=True)
                wait_until(lambda: "was restored from a backup (epoch 2 after 1)" in (tmp_path / "worker.log").read_text(), "the worker to hear")
                for number in range(6):
                    (tmp_path / f"go-{number}").touch()
                assert worker.wait(PATIENCE_S) == 0, (tmp_path / "worker.log").read_text()
                trials = again.client().call("trial.list", study="s")["trials"]
                assert [(trial["number"], trial["state"], trial["values"]) for trial in trials] == [
                    (number, "COMPLETE", [number]) for number in range(6)]
                ended = collections.Counter(again.sql("SELECT number, state FROM kre_runs"))
                assert ended == {(2, "lost"): 1, **{(number, "complete"): 1 for number in range(6)}}


# ---- what is refused ----


def test_a_damaged_backup_is_refused_and_the_file_is_named(study, home, folder, other):
    join(home)
    put(study, b"content")
    complete(study)
    backup(home, folder)
    found = manifest(folder)
    for name, entry in [*((entry["name"], entry) for entry in found["files"]), ("a file of a study", found["blobs"][0])]:
        path = place(folder, entry)
        good = path.read_bytes()
        for bad in (good[:-1] + bytes([good[-1] ^ 1]), good[:-1], good + b"x", None):
            shutil.rmtree(other, ignore_errors=True)
            path.unlink()
            if bad is not None:
                path.write_bytes(bad)
            said = restore(other, folder, code=1)
            assert "damaged" in said and name in said and entry["sha256"] in said, said
            assert not (other / "trials.db").exists() and not (other / "restored").exists() and not (other / "keys").exists()
            path.unlink(missing_ok=True)
            path.write_bytes(good)
    restore(other, folder)


def test_a_damaged_manifest_is_refused(study, home, folder, other):
    backup(home, folder)
    good = (folder / "manifest").read_bytes()
    other_digit = b"1" if good[-2:-1] == b"0" else b"0"
    for bad in (b"", good[:-1], good[:40] + b"x" + good[41:], good[:-2] + other_digit + b"\n", good * 2, b"\n" + hashlib.sha256(b"").hexdigest().encode() + b"\n"):
        (folder / "manifest").write_bytes(bad)
        said = restore(other, folder, code=1)
        assert "manifest" in said or "JSON" in said, said
    assert not other.exists()


def rewrite(folder, **keys):
    line = json.dumps({**manifest(folder), **keys})
    (folder / "manifest").write_text(line + "\n" + hashlib.sha256(line.encode()).hexdigest() + "\n")


def test_names_that_lead_elsewhere_are_refused(study, home, folder, other, tmp_path):
    backup(home, folder)
    files = manifest(folder)["files"]
    for name in ("../evil", "/etc/evil", "keys/../evil.pem", "keys/1.pem/x", "blobs/x", "trials.db/..", "keys/", "keys/.pem", "trials.db"):
        rewrite(folder, files=[*files, {**files[0], "name": name}])
        assert "damaged" in restore(other, folder, code=1)
    rewrite(folder, files=[{**files[0], "sha256": "../" * 21 + "x"}])
    assert "damaged" in restore(other, folder, code=1)
    rewrite(folder, files=files, backup=2)
    assert "newer kre-search" in restore(other, folder, code=1)
    assert not other.exists() and not (tmp_path / "evil").exists()


def test_a_home_in_use_or_with_trials_is_left_alone(study, daemon, home, folder, other):
    backup(home, folder)
    said = restore(home, folder, code=1)
    assert "a daemon serves" in said and "daemon stop" in said
    daemon.stop()
    said = restore(home, folder, code=1)
    assert "has studies" in said and "mv " in said
    assert rows(home / "trials.db", "SELECT study_name FROM studies") == [("s",)] and not (home / "restored").exists()
    other.mkdir(mode=0o755)
    assert "open to others" in restore(other, folder, code=1)
    other.chmod(0o700)
    (other / "keys").mkdir(mode=0o700)
    (other / "keys" / "1.pem").write_text("of another daemon")
    assert "keys/1.pem" in restore(other, folder, code=1)
    assert (other / "keys" / "1.pem").read_text() == "of another daemon"


def test_another_backup_is_not_put_into_a_home_that_was_restored(study, daemon, home, folder, other, tmp_path):
    number = complete(study)
    backup(home, folder)
    complete(study)
    backup(home, tmp_path / "later")
    restore(other, folder)
    assert "was restored from another backup, and no daemon has served it yet" in restore(other, tmp_path / "later", code=1)
    assert restore(other, folder)["files"] == 0
    with serving(other) as again:
        assert [trial["number"] for trial in again.client().call("trial.list", study="s")["trials"]] == [number]


def test_a_trial_file_without_studies_makes_room(study, daemon, home, folder, other):
    number = complete(study)
    backup(home, folder)
    with serving(other) as empty:
        assert empty.client().call("study.list")["studies"] == []
        assert "a daemon serves" in restore(other, folder, code=1)
    restore(other, folder)
    assert rows(other / "trials.before-restore.db", "SELECT count(*) FROM studies") == [(0,)]
    with serving(other) as again:
        assert [trial["number"] for trial in again.client().call("trial.list", study="s")["trials"]] == [number]


def test_a_trial_file_with_another_programs_studies_does_not(study, daemon, home, folder, other):
    backup(home, folder)
    with serving(other):
        pass
    with contextlib.closing(sqlite3.connect(other / "trials.db")) as connection, connection:
        connection.execute("INSERT INTO studies (study_name) VALUES ('optunas')")
        connection.execute("INSERT INTO study_directions (direction, study_id, objective) VALUES ('MINIMIZE', 1, 0)")
    assert "has studies" in restore(other, folder, code=1)


def test_a_trial_file_that_is_damaged_is_to_be_moved_away(study, daemon, home, folder):
    complete(study)
    backup(home, folder)
    daemon.stop()
    (home / "trials.db").write_bytes(b"SQLite format 3\0" + bytes(4096))
    done = run("kre-search", "restore", folder, home=home)
    assert done.returncode == 4 and "moved away first: mv " in done.stderr, done.stderr
    (home / "trials.db").rename(home / "trials.db.before")
    restore(home, folder)
    with serving(home) as again:
        assert len(again.client().call("trial.list", study="s")["trials"]) == 1


def test_a_home_that_has_lost_its_trial_file_gets_it_back_beside_what_it_has(study, daemon, home, folder):
    join(home)
    put(study, b"content")
    complete(study)
    backup(home, folder)
    complete(study)
    daemon.kill()
    (home / "trials.db").unlink()  # its log stays, and belongs to no other file
    assert (home / "trials.db-wal").exists()
    restore(home, folder)
    with serving(home) as again:
        assert len(again.client().call("trial.list", study="s")["trials"]) == 1


def test_a_file_that_has_rotted_in_the_home_is_replaced(study, daemon, home, folder):
    sha256 = put(study, b"good")
    backup(home, folder)
    daemon.stop()
    (home / "trials.db").unlink()
    path = home / "blobs" / sha256[:2] / sha256
    path.chmod(0o600)
    path.write_bytes(b"rot!")
    restore(home, folder)
    assert path.read_bytes() == b"good"


def test_a_folder_of_something_else_is_let_be(study, home, folder):
    folder.mkdir(mode=0o700)
    (folder / "thesis.tex").write_text("all of it")
    assert "not empty and no backup" in backup(home, folder, code=1)
    (folder / "thesis.tex").unlink()
    (folder / "manifest-of-the-party").touch()
    assert "not empty and no backup" in backup(home, folder, code=1)
    (folder / "manifest-of-the-party").unlink()
    folder.chmod(0o750)
    assert "open to others" in backup(home, folder, code=1)
    assert list(folder.iterdir()) == []
    assert "no backup" in backup(home, home, code=1)


def test_a_folder_that_cannot_be_is_said(study, home, tmp_path, other):
    assert "nowhere" in backup(home, tmp_path / "nowhere" / "deep", code=1)
    (tmp_path / "file").touch()
    assert "file" in backup(home, tmp_path / "file", code=1)
    assert "is no backup" in restore(other, tmp_path / "nowhere", code=1)
    assert "is no backup" in restore(other, tmp_path / "file", code=1)
    assert not other.exists()


def test_one_backup_at_a_time(study, home, folder):
    backup(home, folder)
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert "under way" in backup(home, folder, code=1)
    os.close(held)
    backup(home, folder)


def test_a_file_that_is_damaged_in_the_home_is_said_and_left_out(study, home, folder, other):
    good, bad = put(study, b"good"), put(study, b"bad!")
    path = home / "blobs" / bad[:2] / bad
    path.chmod(0o600)
    path.write_bytes(b"rot!")
    done = run("kre-search", "backup", folder, home=home, check=True)
    assert f"warning: {bad}" in done.stderr and "damaged" in done.stderr
    assert [entry["sha256"] for entry in whole(folder)["blobs"]] == [good]
    assert backup(home, folder)["damaged"] == 1
    restore(other, folder)


def test_what_has_rotted_in_the_backup_is_copied_anew_when_asked_to_look(study, home, folder, other):
    put(study, b"content")
    backup(home, folder)
    for entry in [*manifest(folder)["files"], *manifest(folder)["blobs"]]:
        path = place(folder, entry)
        path.chmod(0o600)
        path.write_bytes(b"rotten")
    assert backup(home, folder)["copied_files"] == 0
    assert "damaged" in restore(other, folder, code=1)
    done = run("kre-search", "backup", folder, "--check", home=home, check=True)
    assert done.stderr.count("was damaged, and is copied anew") == 2
    whole(folder)
    assert run("kre-search", "backup", folder, "--check", "--json", home=home, check=True).stdout.count('"repaired":0') == 1
    restore(other, folder)


def test_neither_is_done_from_afar(study, home, folder, other):
    line = join(home, "--role", "admin")
    for words in (["backup", folder], ["restore", folder]):
        done = run("kre-search", *words, "--connect", line, home=other)
        assert done.returncode == 2 and "machine" in done.stderr
    assert not folder.exists() and not other.exists()


def test_whether_a_home_is_empty_is_not_asked_of_another_daemon(study, home, folder, other):
    backup(home, folder)
    run("kre-search", "daemon", "stop", home=home)
    empty = Daemon(other).start()
    refused = run("kre-search", "restore", folder, "--connect", empty.socket, home=home)
    assert refused.returncode == 2 and "on the machine where the home is" in refused.stderr
    assert empty.stop() == 0


def test_without_trials_there_is_nothing_to_back_up(tmp_path, folder):
    done = run("kre-search", "backup", folder, home=tmp_path / "empty")
    assert done.returncode == 4 and "trials.db" in done.stderr
    assert not folder.exists()


def test_a_revoked_token_stays_revoked(study, daemon, home, folder, other):
    good, bad = join(home, "--role", "viewer"), join(home, "--role", "viewer")
    run("kre-search", "revoke", token_id(bad), home=home, check=True)
    backup(home, folder)
    daemon.stop()
    restore(other, folder)
    with serving(other):
        Caller(good, role="viewer").close()
        with pytest.raises(Refused) as refused:
            Caller(bad, role="viewer")
        assert "revoked" in refused.value.message


# ---- kill -9 ----


def killed_everywhere(stop, *words, home):
    """Runs kre-search, killed before its first, second, third … change of the disk, until it comes through; yields after each kill."""
    for at in range(1, 1000):
        done = run("kre-search", *words, home=home, env=stop(at))
        if done.returncode == 0:
            return
        assert done.returncode == -9, done.stderr
        yield at
    raise AssertionError("it never comes to its end")


def test_a_backup_killed_at_any_moment_is_the_one_before_or_the_new_one(study, home, folder, other, stop):
    join(home)
    put(study, b"content")
    kills = 0
    for kills in killed_everywhere(stop, "backup", folder, "--quiet", home=home):
        assert not (folder / "manifest").exists() or whole(folder)
    assert kills > 15
    whole(folder)
    complete(study)
    put(study, b"more")
    before = manifest(folder)
    after = None
    for _ in killed_everywhere(stop, "backup", folder, "--quiet", home=home):
        found = whole(folder)
        assert after is None or found != before
        after = found if found != before else None
    assert len(whole(folder)["blobs"]) == 2
    left = {path.name for path in folder.iterdir()}
    assert left == {"blobs", "manifest"}
    restore(other, folder)
    assert rows(other / "trials.db", "SELECT count(*) FROM trials") == [(1,)]


def test_a_restore_killed_at_any_moment_leaves_no_trials_or_all(study, daemon, home, folder, tmp_path, stop):
    join(home)
    sha256 = put(study, b"content")
    complete(study)
    ask(study)
    backup(home, folder)
    daemon.stop()
    whole_ones = kills = 0
    for kills in killed_everywhere(stop, "restore", folder, "--quiet", home=tmp_path / "target"):
        target = tmp_path / "target"
        copy = tmp_path / f"killed-{kills}"
        has_trials = (target / "trials.db").exists() or (target / "restored" / "trials.db").exists()
        whole_ones += has_trials
        if target.exists() and has_trials:  # a daemon finds all of it, whatever is still to be put in its place
            shutil.copytree(target, copy)
            done = run("kre-search", "trials", "--json", home=copy, check=True)
            assert [trial["state"] for trial in json.loads(done.stdout)["trials"]] == ["COMPLETE", "RUNNING"]
            assert (copy / "keys" / "1.pem").read_bytes() == (home / "keys" / "1.pem").read_bytes()
            assert (copy / "blobs" / sha256[:2] / sha256).read_bytes() == b"content"
            assert rows(copy / "trials.db", "SELECT value FROM kre_counters WHERE name = 'epoch'") == [(2,)]
        if target.exists():
            restore(target, folder)  # the same call goes on
            assert rows(target / "trials.db", "SELECT count(*) FROM trials") == [(2,)]
            shutil.rmtree(target)
    assert kills > 15 and 1 < whole_ones < kills


def test_a_daemon_killed_as_it_begins_the_new_life_begins_it_the_next_time(study, daemon, home, folder, tmp_path, stop):
    ask(study)
    backup(home, folder)
    daemon.stop()
    for at in range(1, 200, 3):
        target = tmp_path / "target"
        restore(target, folder)
        done = subprocess.Popen([PROGRAMS["kre-searchd"], "--home", target], stderr=subprocess.PIPE, text=True,
                                env={**os.environ, **stop(at), "STOP_PROGRAM": "kre-searchd"})
        with contextlib.closing(done.stderr):
            serves = any(" serves " in line for line in done.stderr)
        done.kill()
        done.wait(PATIENCE_S)
        with serving(target) as again:
            claim, run_ = ask(again.client())
            assert run_["attempt"] == 1 and claim["lease"] > LEAP and again.client().hello["epoch"] in (2, 3)
        shutil.rmtree(target)
        if serves:
            return
    raise AssertionError("it never serves")


@pytest.fixture(scope="session")
def stop(tmp_path_factory):
    return stopping_at(tmp_path_factory.mktemp("stop"))


def test_the_daemons_file_is_named_by_the_manifest_for_who_has_no_kre_search(study, home, folder):
    number = complete(study)
    backup(home, folder)
    assert pathlib.Path(trial_file(folder)).stat().st_mode & 0o777 == 0o400
    assert rows(trial_file(folder), "SELECT number FROM trials") == [(number,)]
