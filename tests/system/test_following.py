"""Checkpoints that follow a lost run to another machine: `keep: {checkpoint: true}`."""

import base64
import hashlib
import os
import resource
import signal
import subprocess

import pytest

from support.network import join
from support.programs import PATIENCE_S, PROGRAMS, Refused, run, wait_until

# Keeps the epoch in two files, one below a folder. The first attempt stops for ever after the third; the next says where it began.
PROGRAM = """
import json, os, pathlib, signal, sys
kept = pathlib.Path(os.environ["KRE_CHECKPOINT_DIR"])
begun = json.loads((kept / "state" / "epoch.json").read_text())["epoch"] if (kept / "state").is_dir() else 0
assert not begun or (kept / "weights").read_bytes() == bytes([begun]) * 300000
os.makedirs(kept / "state", exist_ok=True)
def keep(path, content):
    (kept / "under.part").write_bytes(content)
    os.rename(kept / "under.part", path)
for epoch in range(begun + 1, 6):
    keep(kept / "weights", bytes([epoch]) * 300000)
    keep(kept / "state" / "epoch.json", json.dumps({"epoch": epoch}).encode())
    print("f1=%g begun=%d epoch=%d" % (epoch / 10, begun, epoch), flush=True)
    if epoch == 3 and begun == 0:
        signal.pause()
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    return path


def start(home, script, follows=True):
    file = script.parent / "s.yaml"
    file.write_text("\n".join([
        "name: s", f"command: [python3, {script}]", "metric: {name: f1, goal: maximize}", 'report: {stdout: "name=value"}', "method: random",
        "budget: {trials: 1}", "parameters: {x: {min: 0.0, max: 1.0}}", f"keep: {{checkpoint: {str(follows).lower()}}}"]))
    run("kre-search", "start", file, "--detach", home=home, check=True)


def worker(address, folder, *options):
    return subprocess.Popen([PROGRAMS["kre-worker"], str(address), "--home", folder / "worker", "--cache", folder / "cache", "--allow-command", "python3",
                             "--until-finished", *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def kept(daemon):
    """The epoch of the whole set that the daemon has, 0 without one."""
    rows = dict(daemon.sql("select name, sha256 from kre_checkpoints where complete"))
    epochs = {hashlib.sha256(b'{"epoch": %d}' % epoch).hexdigest(): epoch for epoch in range(1, 6)}
    weights = {hashlib.sha256(bytes([epoch]) * 300000).hexdigest(): epoch for epoch in range(1, 6)}
    if not rows:
        return 0
    assert sorted(rows) == ["state/epoch.json", "weights"]
    return min(epochs[rows["state/epoch.json"]], weights[rows["weights"]])


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)


def finish(process):
    _, log = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, log
    return log


def expect_end(daemon, began):
    (trial,) = daemon.client().call("trial.list", study="s")["trials"]
    assert trial["state"] == "COMPLETE" and trial["values"] == [0.5]
    runs = daemon.client().call("trial.get", study="s", number=0)["runs"]
    assert [each["state"] for each in runs] == ["complete", "lost"]
    steps = sorted(report["step"] for report in runs[0]["reports"])
    assert steps == list(range(began + 1, 6))
    assert daemon.sql("select count(*) from kre_checkpoints") == [(0,)]


@pytest.mark.parametrize("network", [False, True])
def test_a_lost_run_goes_on_on_another_machine(daemon, home, tmp_path, script, network):
    start(home, script)
    address = join(home) if network else daemon.socket
    first = worker(address, tmp_path / "one")
    wait_until(lambda: kept(daemon) == 3, "the third epoch's checkpoint")
    kill(first)
    log = finish(worker(address, tmp_path / "two"))
    assert "it goes on from what attempt 0 kept" in log
    expect_end(daemon, 3)
    assert list((home / "blobs").glob("*/*")) == []


def test_on_the_same_machine_it_goes_on_from_what_lies_there(daemon, home, tmp_path, script):
    start(home, script)
    first = worker(daemon.socket, tmp_path / "one")
    wait_until(lambda: kept(daemon) == 3, "the third epoch's checkpoint")
    kill(first)
    assert "it goes on from what" not in finish(worker(daemon.socket, tmp_path / "one"))
    expect_end(daemon, 3)


def test_an_older_study_of_that_name_has_kept_nothing_for_it(daemon, home, tmp_path, script):
    start(home, script)
    first = worker(daemon.socket, tmp_path / "one")
    wait_until(lambda: kept(daemon) == 3, "the third epoch's checkpoint")
    kill(first)
    (tmp_path / "two" / "worker" / "runs" / "s" / "0-0-0").mkdir(parents=True)
    assert "it goes on from what attempt 0 kept" in finish(worker(daemon.socket, tmp_path / "two"))
    expect_end(daemon, 3)


def test_without_the_word_it_begins_anew_elsewhere(daemon, home, tmp_path, script):
    start(home, script, follows=False)
    first = worker(daemon.socket, tmp_path / "one")
    wait_until(lambda: list(tmp_path.glob("one/worker/runs/s/0-0-*.checkpoint/weights")), "a checkpoint")
    wait_until(lambda: daemon.sql("select count(*) from kre_reports") == [(3,)], "three epochs")
    kill(first)
    second = worker(daemon.socket, tmp_path / "two")
    wait_until(lambda: daemon.sql("select count(*) from kre_reports") == [(6,)], "three epochs again")
    assert daemon.sql("select count(*) from kre_checkpoints") == [(0,)]
    kill(second)


def offered(**files):
    return [{"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} for name, content in files.items()]


@pytest.mark.parametrize("key", ["keep", "artifacts"])
def test_artifacts_is_another_word_for_keep(daemon, key):
    client = daemon.client()
    client.call("study.create", spec={**{each: value for each, value in SPEC.items() if each != "keep"}, key: {"checkpoint": True, "model": "best 3"}})
    assert daemon.client(role="worker").call("trial.ask")["run"]["checkpoint_follows"]


def test_both_words_at_once_are_one_too_many(daemon):
    with pytest.raises(Refused) as refused:
        daemon.client().call("study.create", spec={**SPEC, "artifacts": {"checkpoint": True}})
    assert "one of both is expected" in refused.value.message


SPEC = {"name": "s", "method": "random", "command": ["true"], "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}},
        "keep": {"checkpoint": True, "max_mb": 1}}


def bring(client, claim, content):
    return client.call("blob.put", **claim, sha256=hashlib.sha256(content).hexdigest(), size=len(content), data=base64.b64encode(content).decode())


def blob(daemon, content):
    name = hashlib.sha256(content).hexdigest()
    return daemon.home / "blobs" / name[:2] / name


def test_a_set_counts_when_all_of_it_is_there(daemon):
    admin, holder = daemon.client(), daemon.client(role="worker")
    admin.call("study.create", spec=SPEC)
    answer = holder.call("trial.ask")["run"]
    claim = {"run": answer["run"], "lease": answer["lease"]}
    assert answer["checkpoint_follows"] and "checkpoint" not in answer
    assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"1", b=b"2"))["wanted"] == ["a", "b"]
    bring(holder, claim, b"1")
    assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"1", b=b"2"))["wanted"] == ["b"]
    bring(holder, claim, b"2")
    assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"1", b=b"2"))["wanted"] == []
    assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"4", c=b"5"))["wanted"] == ["a", "c"]
    bring(holder, claim, b"4")
    assert blob(daemon, b"4").exists()
    assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"3", b=b"2"))["wanted"] == ["a"]
    holder.call("trial.tell", **claim, state="lost", reason="gone")
    again = holder.call("trial.ask")["run"]
    assert again["attempt"] == 1 and again.get("checkpoint_attempt", 0) == 0
    assert {name: file["sha256"] for name, file in again["checkpoint"].items()} == {each["name"]: each["sha256"] for each in offered(a=b"1", b=b"2")}
    assert not blob(daemon, b"4").exists()
    with pytest.raises(Refused) as late:
        holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"4"))
    assert late.value.code == -32010
    holder.call("trial.tell", run=again["run"], lease=again["lease"], state="complete", value=0.5)
    assert daemon.sql("select count(*) from kre_checkpoints") == [(0,)] and list((daemon.home / "blobs").glob("*/*")) == []


def test_the_former_set_stays_until_the_trial_file_has_the_new_one(daemon):
    admin, holder = daemon.client(), daemon.client(role="worker")
    admin.call("study.create", spec=SPEC)
    answer = holder.call("trial.ask")["run"]
    claim = {"run": answer["run"], "lease": answer["lease"]}
    for content in (b"1", b"2"):
        assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=content))["wanted"] == ["a"]
        bring(holder, claim, content)
        if content == b"1":
            assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"1"))["wanted"] == []
    most = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    with pytest.raises(Refused) as refused:
        holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"2"))
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, most)
    assert refused.value.code == -32603
    assert daemon.sql("select sha256 from kre_checkpoints where complete") == [(hashlib.sha256(b"1").hexdigest(),)] and blob(daemon, b"1").exists()
    assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=b"2"))["wanted"] == []
    assert not blob(daemon, b"1").exists() and blob(daemon, b"2").exists()


REPEATED = {**SPEC, "seed": 1, "folds": 2, "replicates": 8, "retries": 1, "budget": {"trials": 20}, "defaults": {"x": 0.5}}


def test_what_a_repeat_keeps_follows_it_too(daemon):
    admin, holder = daemon.client(), daemon.client(role="worker")
    admin.call("study.create", spec=REPEATED)

    def ask():
        while True:
            given = holder.call("trial.ask", repeats=True)["run"]
            if given.get("repeat"):
                return given, {"run": given["run"], "lease": given["lease"]}
            value = 0.7 + 0.01 * (given["run"] * 7 % 5)
            holder.call("trial.tell", run=given["run"], lease=given["lease"], state="complete", value=value)

    (one, claim_of_one), (_, claim_of_other) = ask(), ask()
    for claim, content in ((claim_of_one, b"1"), (claim_of_other, b"2")):
        assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=content))["wanted"] == ["a"]
        bring(holder, claim, content)
        assert holder.call("checkpoint.offer", **claim, artifacts=offered(a=content))["wanted"] == []
    holder.call("trial.tell", **claim_of_one, state="lost", reason="gone")
    holder.call("trial.tell", **claim_of_other, state="complete", value=0.7)
    assert not blob(daemon, b"2").exists()
    again, claim = ask()
    assert (again["number"], again["fold"], again["attempt"]) == (one["number"], one["fold"], 1)
    assert base64.b64decode(holder.call("blob.get", sha256=again["checkpoint"]["a"]["sha256"])["data"]) == b"1"
    holder.call("trial.tell", **claim, state="complete", value=0.7)
    assert daemon.sql("select count(*) from kre_checkpoints") == [(0,)] and list((daemon.home / "blobs").glob("*/*")) == []


def test_too_much_and_bad_names_are_not_taken(daemon):
    admin, holder = daemon.client(), daemon.client(role="worker")
    admin.call("study.create", spec=SPEC)
    answer = holder.call("trial.ask")["run"]
    claim = {"run": answer["run"], "lease": answer["lease"]}
    large = [{"name": "a", "sha256": "0" * 64, "size": 2000000}]
    assert holder.call("checkpoint.offer", **claim, artifacts=large)["wanted"] == []
    assert holder.call("checkpoint.offer", **claim, artifacts=[])["wanted"] == []
    with pytest.raises(Refused):
        holder.call("checkpoint.offer", **claim, artifacts=offered(**{"../a": b"1"}))
    with pytest.raises(Refused):
        bring(holder, claim, b"never wanted")
    assert os.listdir(daemon.home / "blobs") == [] or list((daemon.home / "blobs").glob("*/*")) == []
