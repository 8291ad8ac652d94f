"""Which of a run's reports is its result, also when values are no numbers, and also after a restart."""

import math

import pytest

from support.programs import Refused

SPEC = {"method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def begin(client, name, **more):
    client.call("study.create", spec={"name": name, **SPEC, **more})
    return client.call("trial.ask", study=name)["run"]


def report(client, run, values, **more):
    for step, value in enumerate(values):
        client.call("trial.report", run=run["run"], lease=run["lease"], step=step, metrics={"f1": value, **more})


def tell(client, run, **more):
    return client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", **more)


def refusal(client, run, **more):
    with pytest.raises(Refused) as refused:
        tell(client, run, **more)
    assert refused.value.code == -32011
    return refused.value.message


def result(client, name):
    return client.call("trial.get", study=name, number=0)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("more", [{}, {"constraints": {"mb": "<= 5"}}], ids=["alone", "beside a constraint"])
def test_a_run_that_diverged_has_no_last_value(daemon, more, restart):
    client = daemon.client()
    run = begin(client, "s", result="last", **more)
    report(client, run, [0.5, 0.7, math.nan], mb=1)
    if restart:
        daemon.kill()
        client = daemon.start().client()
    assert refusal(client, run) == "The last value of f1 is not a number"


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("more", [{}, {"constraints": {"mb": "<= 5"}}], ids=["alone", "beside a constraint"])
def test_the_best_passes_over_what_is_no_number_and_says_so(daemon, more, restart):
    client = daemon.client()
    run = begin(client, "s", **more)
    report(client, run, [0.5, math.nan, 0.7, math.nan], mb=1)
    if restart:
        daemon.kill()
        client = daemon.start().client()
    tell(client, run)
    trial = result(client, "s")
    assert trial["values"] == [0.7] and trial["violation"] == 0
    assert trial["runs"][0]["reason"] == "2 of 4 values of f1 are not numbers and were passed over"
    if restart:
        daemon.kill()
        assert result(daemon.start().client(), "s") == trial


@pytest.mark.parametrize("rule", ["best", "last"])
def test_only_values_that_are_no_numbers_are_not_the_same_as_none(daemon, rule):
    client = daemon.client()
    run = begin(client, "s", result=rule)
    assert refusal(client, run) == "No value of f1 was ever reported"
    report(client, run, [math.nan, math.nan])
    assert refusal(client, run) == "No reported value of f1 is a number"


def test_the_last_measure_of_a_constraint_counts_even_when_it_is_no_number(daemon):
    client = daemon.client()
    run = begin(client, "s", constraints={"mb": "<= 5"})
    report(client, run, [0.5], mb=1)
    client.call("trial.report", run=run["run"], lease=run["lease"], step=1, metrics={"mb": "nan"})
    tell(client, run)
    assert result(client, "s")["violation"] == "inf"


@pytest.mark.parametrize("rule, goal, value", [("best", "maximize", 0.9), ("best", "minimize", 0.1), ("last", "maximize", 0.3)])
def test_what_did_not_arrive_counts_by_what_was_heard_of_it(daemon, rule, goal, value):
    client = daemon.client()
    run = begin(client, "s", result=rule, metric={"name": "f1", "goal": goal}, constraints={"mb": "<= 5"})
    report(client, run, [0.5])
    tell(client, run, heard={"f1": {"least": 0.1, "greatest": 0.9, "last": 0.3}, "mb": {"least": 1, "greatest": 9, "last": 7}})
    trial = result(client, "s")
    assert trial["values"] == [value] and trial["violation"] == 2


def test_what_was_heard_may_be_no_number_either(daemon):
    client = daemon.client()
    run = begin(client, "s")
    assert refusal(client, run, heard={"f1": {"least": None, "greatest": None, "last": "nan"}}) == "No reported value of f1 is a number"


def test_a_final_value_that_is_no_number_is_refused_as_such(daemon):
    client = daemon.client()
    run = begin(client, "s")
    assert refusal(client, run, metrics={"f1": "nan"}) == "No reported value of f1 is a number"
    assert refusal(client, run, values=["nan"]) == "The value of f1 is not a number"


LOSSES = {"bad": 1.0, "good": 0.1}


@pytest.mark.parametrize("by_objective", [False, True])
def test_a_pruner_compares_with_the_best_by_its_own_metric(daemon, by_objective):
    client = daemon.client()
    loss = {"name": "loss", "goal": "minimize"}
    more = {"metric": loss} if by_objective else {"prune_metric": loss}
    client.call("study.create", spec={"name": "s", **SPEC, "pruner": "wilcoxon", **more})
    for name, start in LOSSES.items():  # the better f1 is that of the larger loss
        run = client.call("trial.ask", study="s")["run"]
        report(client, run, [start] * 12, loss=start)
        tell(client, run, **({"value": start} if by_objective else {}))
    run = client.call("trial.ask", study="s")["run"]
    stops = [client.call("trial.report", run=run["run"], lease=run["lease"], step=step, metrics={"f1": 0.5, "loss": 0.5 + step / 1000})["stop"]
             for step in range(12)]
    assert "pruned" in stops
