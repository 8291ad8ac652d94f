"""Much of everything: no answer grows past what a message may have, whatever a user legitimately has."""

import csv
import io
import json

from support.programs import run as run_program

NAMES = [f"a_parameter_with_quite_a_long_name_{i:02}" for i in range(25)]
WIDE = {"name": "wide", "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"},
        "parameters": {name: {"min": 1e-6, "max": 0.5, "log": True} for name in NAMES},
        "fixed": {"model_name_or_path": "a-model/" + "x" * 200}}


def search(daemon, *words):
    return run_program("kre-search", *words, home=daemon.home, check=True)


def add_trials(client, count):
    for number in range(count):
        run = client.call("trial.ask", study="wide")["run"]
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=number / count)


def test_many_trials_of_many_parameters_are_listed_and_exported(daemon):
    client = daemon.client()
    client.call("study.create", spec=WIDE)
    add_trials(client, 900)
    page = client.call("trial.list", study="wide", limit=1000)
    assert 0 < len(page["trials"]) < 900 and page["next"] == page["trials"][-1]["number"]
    rest = client.call("trial.list", study="wide", limit=1000, after=page["next"])
    assert rest["trials"][0]["number"] == page["next"] + 1
    assert len(search(daemon, "trials", "wide", "--limit", "5").stdout.splitlines()) == 6
    for limit in (899, 900, 5000):
        listed = json.loads(search(daemon, "trials", "wide", "--limit", str(limit), "--json").stdout)["trials"]
        assert [trial["number"] for trial in listed] == list(range(min(limit, 900)))
    rows = list(csv.DictReader(io.StringIO(search(daemon, "export", "wide", "--format", "csv").stdout)))
    assert [int(row["number"]) for row in rows] == list(range(900))
    assert {row["params_model_name_or_path"] for row in rows} == {WIDE["fixed"]["model_name_or_path"]}
    search(daemon, "best", "wide")


def test_many_studies_are_listed_page_by_page(daemon):
    client = daemon.client()
    names = [f"{number:03}-{'한' * 60}" for number in range(800)]
    for name in names:
        client.call("study.create", spec={"name": name, "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                          "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    pages, start = [], 0
    while start is not None:
        page = client.call("study.list", **({"from": start} if start else {}))
        pages.append([study["name"] for study in page["studies"]])
        start = page.get("next")
    assert len(pages) > 1 and sum(pages, []) == names
    listed = json.loads(search(daemon, "studies", "--json").stdout)
    assert [study["name"] for study in listed["studies"]] == names and "next" not in listed
    assert client.call("study.list", **{"from": 5000}) == {"studies": []}


def test_constants_are_said_once_and_the_limit_and_the_order_are_the_daemons(daemon):
    client = daemon.client()
    client.call("study.create", spec=WIDE)
    add_trials(client, 30)
    page = client.call("trial.list", study="wide", order="best", limit=2)
    assert [trial["number"] for trial in page["trials"]] == [29, 28]
    assert page["constants"] == WIDE["fixed"] and all(set(trial["params"]) == set(NAMES) for trial in page["trials"])
    assert client.call("trial.get", study="wide", number=29)["params"] == page["trials"][0]["params"] | WIDE["fixed"]
    listed = json.loads(search(daemon, "trials", "wide", "--sort", "best", "--limit", "2", "--json").stdout)
    assert listed == {key: value for key, value in page.items() if key != "next"}
    longest_first = json.loads(search(daemon, "trials", "wide", "--sort", "duration", "--json").stdout)["trials"]
    assert len(longest_first) == 30
    assert search(daemon, "trials", "wide", "--limit", "0", "--json").stdout == '{"trials":[]}\n'


def test_a_long_curve_is_thinned_where_it_is_shown_and_whole_where_it_is_exported(daemon):
    client = daemon.client()
    client.call("study.create", spec=WIDE)
    run = client.call("trial.ask", study="wide")["run"]
    steps = 8000
    for step in range(steps):
        client.call("trial.report", run=run["run"], lease=run["lease"], step=step, value=step / steps, metrics={"loss": 1.0, "seconds": step})
        if step % 500 == 0:
            client.call("lease.renew", leases=[{"run": run["run"], "lease": run["lease"]}])
    client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete")
    shown = client.call("trial.get", study="wide", number=0)
    assert shown["report_count"] == steps and 1000 < len(shown["runs"][0]["reports"]) < steps and "next_report" not in shown
    search(daemon, "show", "wide", "0")
    exported = json.loads(search(daemon, "export", "wide", "--format", "json", "--reports").stdout)
    assert [report["step"] for report in exported["trials"][0]["runs"][0]["reports"]] == list(range(steps))
