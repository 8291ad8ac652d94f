"""What runs leave: offered by whoever had them, wanted by the study's `keep`, brought, listed, and gone with those that have lost."""

import base64
import hashlib
import pathlib

import pytest

from support.programs import Refused, run

SPEC = {"name": "s", "method": "random", "command": ["true"], "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}},
        "keep": {"models": "best 2", "max_mb": 1}}


def artifact(name, content):
    return {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def bring(client, claim, content):
    return client.call("blob.put", **claim, sha256=hashlib.sha256(content).hexdigest(), size=len(content), data=base64.b64encode(content).decode())


def end(client, state="complete", value=0.5):
    """A run that ended; its claim and its trial's number."""
    run = client.call("trial.ask")["run"]
    claim = {"run": run["run"], "lease": run["lease"]}
    client.call("trial.tell", **claim, state=state, **({"value": value} if state == "complete" else {"reason": "it failed"}))
    return claim, run["number"]


def leave(worker, value):
    """A run whose model is brought; its bytes and its number."""
    content = b"model of %f" % value
    claim, number = end(worker, value=value)
    if worker.call("artifact.offer", **claim, artifacts=[artifact("model/weights", content)])["wanted"]:
        assert bring(worker, claim, content)["done"]
    return content, number


def kept(client, number):
    return [each["name"] for each in client.call("trial.artifacts", study="s", number=number)["artifacts"] if each["kept"]]


def refused(code, call, *arguments, **params):
    with pytest.raises(Refused) as caught:
        call(*arguments, **params)
    assert caught.value.code == code


@pytest.fixture
def both(daemon):
    admin = daemon.client()
    admin.call("study.create", spec=SPEC)
    return admin, daemon.client(role="worker")


def test_to_fetch_a_part_of_what_is_kept_is_no_success(both, home, tmp_path):
    admin, worker = both
    claim, number = end(worker)
    files = {"model/weights": b"w", "oof.csv": b"o"}
    worker.call("artifact.offer", **claim, artifacts=[artifact(name, content) for name, content in files.items()])

    def fetch(*words):
        done = run("kre-search", "fetch", "s", number, *words, "--to", tmp_path / "here", home=home)
        return done.returncode, done.stdout.splitlines(), done.stderr

    assert fetch() == (1, [], "kre-search: 2 files are still on the way from the worker, or lost with it\n")
    bring(worker, claim, b"o")
    listed = {each["name"]: (each["kept"], each["awaited"]) for each in admin.call("trial.artifacts", study="s", number=number)["artifacts"]}
    assert listed == {"model/weights": (False, True), "oof.csv": (True, False)}
    assert fetch() == (1, [f"{tmp_path}/here/oof.csv"], "kre-search: 1 file is still on the way from the worker, or lost with it\n")
    assert fetch("oof.csv") == (0, [f"{tmp_path}/here/oof.csv"], "")
    bring(worker, claim, b"w")
    code, lines, _ = fetch()
    assert code == 0 and len(lines) == 2


def test_what_is_wanted_is_brought_and_listed(both):
    admin, worker = both
    claim, number = end(worker)
    files = {"model/weights": b"w", "model.pt": b"m", "oof.csv": b"o", "stdout.log": b"l", "params.json": b"p"}
    offer = [artifact(name, content) for name, content in files.items()]
    assert sorted(worker.call("artifact.offer", **claim, artifacts=offer)["wanted"]) == ["model.pt", "model/weights", "oof.csv"]
    assert kept(admin, number) == []
    assert bring(worker, claim, b"w")["done"]
    (first, second, third) = admin.call("trial.artifacts", study="s", number=number)["artifacts"]
    assert (first["name"], first["kind"], first["kept"]) == ("model.pt", "model", False)
    assert (second["name"], second["kind"], second["kept"], second["size"]) == ("model/weights", "model", True, 1)
    assert third["kind"] == "oof"
    assert admin.call("blob.get", sha256=second["sha256"])["data"] == base64.b64encode(b"w").decode()
    refused(-32003, worker.call, "blob.get", sha256=second["sha256"])


def test_logs_are_wanted_of_what_failed(both):
    _, worker = both
    claim, _ = end(worker, "failed")
    offer = [artifact("stderr.log", b"why"), artifact("model.pt", b"m"), artifact("oof.csv", b"o")]
    assert worker.call("artifact.offer", **claim, artifacts=offer)["wanted"] == ["stderr.log"]


def test_one_run_leaves_no_more_than_the_study_says(both):
    _, worker = both
    claim, _ = end(worker)
    offer = [{**artifact("model/a", b"a"), "size": 900000}, {**artifact("model/b", b"b"), "size": 200000}, {**artifact("model/c", b"c"), "size": 100000}]
    assert worker.call("artifact.offer", **claim, artifacts=offer)["wanted"] == ["model/a", "model/c"]


def test_a_model_that_falls_out_of_the_best_is_removed(both, home):
    admin, worker = both
    first, lost = leave(worker, 0.1)
    numbers = [leave(worker, value)[1] for value in (0.2, 0.3)]
    assert kept(admin, lost) == [] and [kept(admin, number) for number in numbers] == [["model/weights"]] * 2
    blobs = {path.name for path in (pathlib.Path(home) / "blobs").glob("*/*")}
    assert len(blobs) == 2 and hashlib.sha256(first).hexdigest() not in blobs
    _, last = leave(worker, 0.05)
    assert kept(admin, last) == []


def test_what_two_runs_left_stays_while_one_of_them_does(both):
    admin, worker = both
    (one, number), (two, other) = end(worker, value=0.1), end(worker, value=0.9)
    for claim in (one, two):
        worker.call("artifact.offer", **claim, artifacts=[artifact("model.pt", b"same")])
    assert bring(worker, one, b"same")["done"]
    leave(worker, 0.5)
    assert kept(admin, number) == [] and kept(admin, other) == ["model.pt"]


def test_only_who_had_the_run_last_offers_and_brings(both, daemon):
    _, worker = both
    claim, _ = end(worker)
    offer = [artifact("model.pt", b"m")]
    refused(-32010, worker.call, "artifact.offer", run=claim["run"], lease=claim["lease"] + 1, artifacts=offer)
    run = worker.call("trial.ask")["run"]
    refused(-32012, worker.call, "artifact.offer", run=run["run"], lease=run["lease"], artifacts=offer)
    refused(-32002, bring, worker, claim, b"m")
    worker.call("artifact.offer", **claim, artifacts=offer)
    refused(-32002, bring, worker, claim, b"other")
    refused(-32002, bring, worker, {**claim, "lease": 99}, b"m")
    daemon.kill()
    daemon.start()  # it is in the file
    assert bring(daemon.client(role="worker"), claim, b"m")["done"]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "model/../../up", "model//x", "model/", "./model", "model/.", "a\nb", "a\x7fb", "x" * 256])
def test_a_name_leads_to_a_file_of_the_run_or_is_refused(both, name):
    _, worker = both
    claim, _ = end(worker)
    refused(-32602, worker.call, "artifact.offer", **claim, artifacts=[artifact(name, b"")])
    assert not worker.call("artifact.offer", **claim, artifacts=[artifact("x" * 255, b"")])["wanted"]
