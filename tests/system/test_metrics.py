"""Figures for who watches the daemon, read by the parsers that Prometheus' own client has for both formats."""

import base64
import hashlib
import json
import re
import threading

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from support.network import Caller, join
from support.programs import Refused, run

SPEC = {"name": "s", "method": "random", "command": ["true"], "metric": {"name": "f1", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}}, "budget": {"trials": 100}, "retries": 3}


def samples(text, read=read_openmetrics):
    """(name, labels as sorted pairs) → value; the parser raises for whatever is no OpenMetrics."""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in read(text) for sample in family.samples}


def metrics(home, *options):
    done = run("kre-search", "metrics", *options, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def work(client, values, state="complete"):
    run_ = client.call("trial.ask")["run"]
    claim = {"run": run_["run"], "lease": run_["lease"]}
    for step, value in enumerate(values):
        client.call("trial.report", **claim, step=step, value=value)
    client.call("trial.tell", **claim, state=state, **({"value": values[-1]} if state == "complete" else {"reason": "it said so"}))


def test_both_parsers_read_the_text_and_it_says_what_happened(daemon, home):
    admin, worker = daemon.client(), daemon.client(role="worker")
    admin.call("study.create", spec=SPEC)
    work(worker, [0.1, 0.2, 0.3])
    work(worker, [0.4], state="failed")
    work(worker, [0.4], state="lost")
    worker.call("trial.ask")
    admin.call("study.create", spec=dict(SPEC, name="other"))
    admin.call("study.pause", study="other")
    text = metrics(home)
    assert text.endswith("\n# EOF\n")
    found = samples(text)
    assert samples(text, read_prometheus) == found
    expected = {
        ("kre_build_info", (("software", admin.call("daemon.ping")["software"]),)): 1, ("kre_epoch", ()): 1,
        ("kre_studies", (("state", "running"),)): 1, ("kre_studies", (("state", "paused"),)): 1, ("kre_studies", (("state", "stopped"),)): 0,
        ("kre_trials", (("state", "RUNNING"),)): 1, ("kre_trials", (("state", "COMPLETE"),)): 1, ("kre_trials", (("state", "FAIL"),)): 1,
        ("kre_runs", (("state", "leased"),)): 1, ("kre_runs", (("state", "waiting"),)): 0, ("kre_leases", ()): 1, ("kre_workers", ()): 1,
        ("kre_runs_handed_out_total", ()): 4, ("kre_reports_total", ()): 5,
        ("kre_runs_ended_total", (("state", "complete"),)): 1, ("kre_runs_ended_total", (("state", "failed"),)): 1,
        ("kre_runs_ended_total", (("state", "lost"),)): 1, ("kre_runs_ended_total", (("state", "pruned"),)): 0,
        ("kre_calls_total", (("method", "trial.report"),)): 5, ("kre_calls_total", (("method", "trial.ask"),)): 4,
        ("kre_calls_total", (("method", "study.create"),)): 2, ("kre_blobs", ()): 0, ("kre_blob_bytes", ()): 0}
    assert {key: found[key] for key in expected} == expected
    assert found["kre_uptime_seconds", ()] > 0 and found["kre_file_bytes", ()] >= daemon.database.stat().st_size


def test_families_have_help_a_type_and_their_unit(daemon, home):
    for family in read_openmetrics(metrics(home)):
        assert family.documentation.endswith(".") and family.type in ("gauge", "counter", "histogram"), family
        assert family.unit == (re.search(r"_(seconds|bytes)$", family.name) or ["", ""])[1], family


def test_what_takes_time_is_counted_in_growing_buckets(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    work(client, [0.1] * 20)
    found = samples(metrics(home))
    for name in ("kre_turn_duration_seconds", "kre_commit_duration_seconds"):
        buckets = [(float(dict(labels)["le"]), value) for (sample, labels), value in found.items() if sample == name + "_bucket"]
        assert buckets == sorted(buckets) and buckets[-1] == (float("inf"), found[name + "_count", ()])
        assert found[name + "_count", ()] >= 20 and 0 < found[name + "_sum", ()] < 60
        assert [counts for _, counts in buckets] == sorted(counts for _, counts in buckets)


def test_files_by_their_content_are_counted_as_they_come(daemon, home):
    client = daemon.client()
    assert samples(metrics(home))["kre_blobs", ()] == 0
    for count, content in enumerate((b"test", b"other"), 1):
        put = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "data": base64.b64encode(content).decode()}
        assert client.call("blob.put", **put)["done"]
        assert samples(metrics(home))["kre_blobs", ()] == count
    assert samples(metrics(home))["kre_blob_bytes", ()] == 9


def test_whoever_reads_the_file_sees_old_figures_or_new_ones(daemon, home, tmp_path):
    place = tmp_path / "kre.prom"
    assert metrics(home, "--output", place) == ""
    seen, over = [], threading.Event()

    def read():
        while not over.is_set():
            seen.append(place.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(10):
        metrics(home, "--output", place)
    over.set()
    reader.join()
    assert seen and all(samples(text)["kre_epoch", ()] == 1 for text in set(seen))
    assert [path.name for path in tmp_path.glob("*.prom*")] == ["kre.prom"]


def test_without_a_daemon_the_file_stays_and_none_is_started(daemon, home, tmp_path):
    place = tmp_path / "kre.prom"
    metrics(home, "--output", place)
    before = place.read_bytes()
    daemon.stop()
    done = run("kre-search", "metrics", "--output", place, home=home)
    assert done.returncode == 4 and "no daemon answers" in done.stderr
    assert place.read_bytes() == before and not daemon.socket.exists()


def test_a_file_that_cannot_be_written_is_said(daemon, home, tmp_path):
    done = run("kre-search", "metrics", "--output", tmp_path / "nowhere" / "kre.prom", home=home)
    assert done.returncode == 1 and "nowhere" in done.stderr


def test_json_is_the_answer_itself(daemon, home):
    answer = json.loads(metrics(home, "--json"))
    assert answer["calls"]["hello"] >= 1 and len(answer["turns"]["counts"]) == len(answer["turns"]["upto_s"]) + 1


def test_viewers_see_them_workers_and_tokens_of_one_study_do_not(daemon, home):
    daemon.client().call("study.create", spec=SPEC)
    viewer = Caller(join(home, "--role", "viewer"), role="viewer")
    assert viewer.call("daemon.metrics")["studies"]["running"] == 1
    narrow = Caller(join(home, "--role", "viewer", "--study", "s"), role="viewer")
    worker = Caller(join(home), role="worker")
    for caller in (narrow, worker):
        with pytest.raises(Refused) as refused:
            caller.call("daemon.metrics")
        assert refused.value.code == -32002
    line = join(home, "--role", "viewer")
    assert samples(run("kre-search", "metrics", "--connect", line, home=home, check=True).stdout)["kre_workers", ()] == 1
    for caller in (viewer, narrow, worker):
        caller.close()
