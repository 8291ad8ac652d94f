"""What a restart may not change: every answer about a history with everything in it is the same before and after."""

import math

import pytest

from support.programs import Daemon, Refused

NOT_KEPT = {"running_s", "idle_s", "server_time", "expires_s"}  # of the moment of asking
DATES = {"started", "completed", "created", "time", "duration_s", "eta_s"}
STATES = ("WAITING", "RUNNING", "COMPLETE", "PRUNED", "FAIL")


def steady(value):
    """The answer without what depends on the moment of asking."""
    if isinstance(value, dict):
        running = value.get("state") == "RUNNING"
        return {key: steady(item) for key, item in value.items() if key not in NOT_KEPT and not (running and key == "duration_s")}
    return [steady(item) for item in value] if isinstance(value, list) else value


def without_dates(value):
    """The answer as another daemon with the same history gives it."""
    if isinstance(value, dict):
        return {key: without_dates(item) for key, item in value.items() if key not in DATES}
    return [without_dates(item) for item in value] if isinstance(value, list) else value


def said_to(client, name, **params):
    """The answer, also where it is a refusal; its method may have a parameter called method."""
    client.send(name, params, client.next_id)
    client.next_id += 1
    reply = client.read()
    return reply["result"] if "result" in reply else reply["error"]


def answers(client):
    """All that the daemon says of all studies."""
    said = {"list": client.call("study.list")}
    for study in said["list"]["studies"]:
        name = study["name"]
        trials = client.call("trial.list", study=name, limit=1000)
        said[name] = {
            "study": client.call("study.get", study=name), "trials": trials,
            "states": [client.call("trial.list", study=name, state=state, limit=2) for state in STATES],
            "each": [client.call("trial.get", study=name, number=trial["number"]) for trial in trials["trials"]],
            "importance": [said_to(client, "study.importance", study=name, method=method, metric=metric)
                           for method in ("ped_anova", "fanova") for metric in [None, *study["metrics"]]]}
        said[name]["create"] = said_to(client, "study.create", spec=said[name]["study"]["spec"])
    return steady(said)


def take_kept(said):
    """Takes the numbers of the trials whose models stay out of the answers. They rest on estimates, which are not in the file."""
    kept = {}
    for name, answer in said.items():
        kept[name] = set(answer["study"].get("keep", {}).pop("numbers", [])) if "study" in answer else set()
    return kept


def repeated(client, runs):
    """What is answered to those who say again what they said, and renew."""
    leases = [{"run": run["run"], "lease": run["lease"]} for run in runs]
    return steady([[said_to(client, "trial.report", **lease, step=0, metrics={"f1": 0.123}) for lease in leases],
                   client.call("lease.renew", leases=leases)])


def what_follows(client):
    """The next trials of all studies: what samplers suggest, what pruners say, what the results are."""
    said = []
    for study in client.call("study.list")["studies"]:
        for i in range(3):
            answer = client.call("trial.ask", study=study["name"])
            run = answer.pop("run")
            said.append([study["name"], answer, run and {key: run[key] for key in ("number", "fold", "attempt", "params", "seed")}])
            if run:
                said.append([report(client, run, step, f1=0.3 - i / 10, loss=i, seconds=1, memory_mb=50) for step in (1, 3, 4)])
                said.append(said_to(client, "trial.tell", run=run["run"], lease=run["lease"], state="complete"))
    return said


def ask(client, study):
    run = client.call("trial.ask", study=study)["run"]
    client.runs = [*getattr(client, "runs", []), run]
    return run


def report(client, run, step, value=None, **metrics):
    more = {"value": value} if value is not None else {}
    return client.call("trial.report", run=run["run"], lease=run["lease"], step=step, metrics=metrics, **more)["stop"]


def tell(client, run, state="complete", **more):
    return client.call("trial.tell", run=run["run"], lease=run["lease"], state=state, **more)


X = {"x": {"min": 0.0, "max": 1.0}}


def create(client, name, **more):
    spec = {"name": name, "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "parameters": X, **more}
    client.call("study.create", spec=spec)


def numbers_that_are_none(client):
    """NaN and missing values, repeated steps, steps out of order."""
    create(client, "nan", pruner={"name": "median", "n_startup_trials": 1, "n_warmup_steps": 0})
    for i in range(3):
        run = ask(client, "nan")
        report(client, run, 0, f1=0.5 + i / 10)
        report(client, run, 1, f1=math.nan)
        report(client, run, 2, loss=1.0)
        report(client, run, 2, f1=0.9)
        report(client, run, 1, f1=0.8)
        if i < 2:
            tell(client, run)
    return run


def ends_of_all_kinds(client):
    """Pruned by the study, by the program, failed, handed back, cancelled."""
    create(client, "ends", retries=1, pruner={"name": "threshold", "lower": 0.2})
    assert report(client, run := ask(client, "ends"), 0, f1=0.1) == "pruned"
    tell(client, run, "pruned")
    tell(client, ask(client, "ends"), "pruned", reason="the program had enough")
    report(client, run := ask(client, "ends"), 3, f1=0.7)
    tell(client, run, "pruned")
    tell(client, ask(client, "ends"), "failed", reason="exit 3\nand more: 끝")
    tell(client, ask(client, "ends"), "lost", reason="the machine went")
    report(client, run := ask(client, "ends"), 0, f1=0.6)
    tell(client, run, "lost", reason="again")
    run = ask(client, "ends")
    report(client, run, 5, f1=0.4)
    client.call("study.pause", study="ends")


def objectives_and_folds(client):
    create(client, "folds", folds=2, constraints={"memory_mb": "<= 100"}, prune_metric="f1")
    for i in range(2):
        for fold in range(2):
            run = ask(client, "folds")
            report(client, run, fold, f1=0.5 + i / 10, memory_mb=50.0 + 100 * i)
            tell(client, run, metrics={"f1": 0.6 + fold / 10, "memory_mb": 50.0 + 100 * i, "seconds": 3.0})
    report(client, ask(client, "folds"), 0, f1=0.5)
    client.call("study.create", spec={"name": "two", "method": "random", "seed": 2, "parameters": X, "metrics": [
        {"name": "f1", "goal": "maximize"}, {"name": "seconds", "goal": "minimize"}]})
    for i in range(3):
        run = ask(client, "two")
        report(client, run, 0, f1=i / 3, seconds=10.0 - i)
        tell(client, run)
    report(client, ask(client, "two"), 0, f1=0.3, seconds=1.0)


def a_queue(client):
    create(client, "queue", parameters=CONDITIONS, method="auto")
    for params in ({"model": "cnn"}, {"kernel": 3}, {"lr": 5.0, "q": 0.55}, {"choice": [1, 2]}, {}):
        said_to(client, "trial.enqueue", study="queue", params=params)
    ask(client, "queue")


CONDITIONS = {"model": {"values": ["cnn", "rnn"]}, "kernel": {"min": 1, "max": 9, "when": {"model": "cnn"}},
              "depth": {"min": 1, "max": 3, "when": {"model": "rnn"}}, "lr": {"min": 1e-5, "max": 1.0, "log": True},
              "choice": {"values": [{"a": 1}, [1, 2], None, True, "한"]}, "q": {"min": 0.0, "max": 1.0, "step": 0.1}}
TABLES = {"classes": [{"label": "a", "precision": 1, "recall": 0.5, "f1": 0.6, "support": 4},
                      {"label": "끝", "precision": 1, "recall": 0.5, "f1": 0.6, "auprc": 0.5, "support": 0}],
          "confusion": [{"truth": "a", "predicted": "끝", "count": 2}]}


def conditional_parameters_and_scores(client):
    create(client, "conditions", parameters=CONDITIONS, method="tpe", fixed={"k": 1, "n": {"a": 2}})
    for i in range(12):
        run = ask(client, "conditions")
        report(client, run, 0, f1=i / 10)
        tell(client, run, metrics={"f1": 1 / (i + 1), "other": "inf", "nan": "nan"}, tables=TABLES)
    tell(client, ask(client, "conditions"), "failed", reason="x" * 3000)


PRUNERS = [{"name": "median", "n_startup_trials": 1}, {"name": "threshold", "lower": 0.3},
           {"name": "hyperband", "min_resource": 1, "max_resource": 9}, {"name": "successive_halving"},
           {"name": "percentile", "percentile": 25}, {"name": "wilcoxon"}, {"name": "patient", "patience": 1}]


def all_pruners(client):
    """Curves of the objective and of another metric, that end in every way."""
    for metric in ("f1", "loss"):
        for pruner in PRUNERS:
            name = f"{pruner['name']}-by-{metric}"
            create(client, name, pruner=pruner, prune_metric=metric)
            for i in range(6):
                run, stop = ask(client, name), None
                for step in (0, 1, 1, 3, 2, 9):
                    value = (i * 7 % 5) / 5 + step / 10 * (1 if i % 2 else -1)
                    stop = stop or report(client, run, step, f1=math.nan if (i, step) == (2, 1) else value, loss=-value)
                if i != 4:
                    state = ("complete", "pruned", "complete", "failed", "", "lost")[i]
                    tell(client, run, stop or state, reason=f"reason {i}" if i % 2 else "")


RESULTS = [{"constraints": {"memory_mb": "<= 5"}}, {"result": "last", "folds": 2}, {"result": "last", "retries": 3},
           {"folds": 3, "retries": 2, "constraints": {"memory_mb": "<= 5"}, "pruner": PRUNERS[0]}]


def test_what_was_handed_back_before_it_began_costs_no_retry(daemon):
    client = daemon.client()
    create(client, "s", retries=1)

    def hand_back(**more):
        run = ask(client, "s")
        return run["number"], client.call("trial.tell", run=run["run"], lease=run["lease"], state="lost", **more)["trial"]

    assert [hand_back(uncounted=True) for _ in range(4)] == [(0, "RUNNING")] * 4
    daemon.kill()
    daemon.start()
    client = daemon.client()
    assert [hand_back(**more) for more in ({}, {"uncounted": True}, {"uncounted": False})] == [(0, "RUNNING"), (0, "RUNNING"), (0, "FAIL")]


def results_of_all_kinds(client):
    for i, more in enumerate(RESULTS):
        name = f"results-{i}"
        create(client, name, **more)
        for k in range(16):
            run = ask(client, name)
            report(client, run, 0, f1=k % 7 / 7, memory_mb=k % 9)
            report(client, run, 2, f1=k % 5 / 5, memory_mb="nan" if k == 15 else 3)
            report(client, run, 1, f1="nan", memory_mb=99)
            end_somehow(client, run, k)


def end_somehow(client, run, k):
    heard = {"f1": {"least": -1, "greatest": 2, "last": "nan"}, "memory_mb": {"least": 1, "greatest": 1, "last": "inf"}}
    ways = [{"state": "complete"}, {"state": "complete", "metrics": {"f1": 0.4, "memory_mb": k % 6}},
            {"state": "lost", "reason": "gone"}, {"state": "failed", "by_signal": True, "reason": "signal"},
            {"state": "pruned", "reason": "itself"}, {"state": "complete", "heard": heard},
            {"state": "complete", "value": "inf" if k > 9 else 0.5}, None]
    if ways[k % 8]:
        said_to(client, "trial.tell", run=run["run"], lease=run["lease"], **ways[k % 8])


def states_and_samplers(client):
    for state in ("pause", "stop"):
        create(client, state, retries=1, pruner={"name": "median"})
        report(client, ask(client, state), 0, f1=0.2)
        tell(client, ask(client, state), "lost", reason="x")
        ask(client, state)
        client.call("trial.enqueue", study=state, params={"x": 0.5})
        client.call(f"study.{state}", study=state)
    create(client, "budget", budget={"trials": 2})
    create(client, "target", metric={"name": "f1", "goal": "maximize", "target": 0.9})
    create(client, "grid", method="grid", parameters={"x": {"values": [1, 0.5, 2]}})
    create(client, "cmaes", method="cmaes", parameters={**X, "y": {"min": 0.0, "max": 1.0}})
    for name in ("gp", "qmc"):
        create(client, name, method=name)
    for name, count in (("budget", 2), ("target", 2), ("grid", 2), ("cmaes", 14), ("gp", 11), ("qmc", 3)):
        for i in range(count):
            tell(client, ask(client, name), value=i % 5)


def live_through_it(client):
    running = numbers_that_are_none(client)
    ends_of_all_kinds(client)
    objectives_and_folds(client)
    a_queue(client)
    conditional_parameters_and_scores(client)
    all_pruners(client)
    results_of_all_kinds(client)
    states_and_samplers(client)
    return running


@pytest.fixture
def daemon(home):
    """With leases that outlive a slow test."""
    running = Daemon(home, "--lease-s=600").start()
    yield running
    running.stop()


@pytest.fixture
def lived(daemon):
    client = daemon.client()
    return daemon, client, live_through_it(client)


def restarted(daemon):
    daemon.kill()
    return daemon.start().client()


def test_every_answer_is_the_same_after_a_restart(lived):
    daemon, client, _ = lived
    before = answers(client)
    after = answers(restarted(daemon))
    kept, kept_after = take_kept(before), take_kept(after)
    for study, said in before.items():
        assert after[study] == said, study
        assert kept[study] <= kept_after[study], study


def test_after_a_restart_everything_goes_on_as_without_one(lived, tmp_path):
    daemon, client, _ = lived
    folder = tmp_path / "twin"
    folder.mkdir(mode=0o700)
    twin = Daemon(folder, "--lease-s=600").start()
    other = twin.client()
    live_through_it(other)
    runs = client.runs
    client = restarted(daemon)
    assert repeated(client, runs) == repeated(other, other.runs)
    assert what_follows(client) == what_follows(other)
    ours, theirs = without_dates(answers(client)), without_dates(answers(other))
    take_kept(ours), take_kept(theirs)
    assert ours == theirs
    twin.stop()


def test_a_repeated_step_is_no_news_after_a_restart_either(lived):
    daemon, _, run = lived
    client = restarted(daemon)
    before = answers(client)["nan"]
    report(client, run, 2, f1=0.95)
    report(client, run, 1, f1=0.95)
    assert answers(client)["nan"] == before


def test_an_objective_that_pruning_does_not_look_at_survives_a_restart(daemon):
    client = daemon.client()
    create(client, "beside", prune_metric="loss", pruner={"name": "median"})
    run = ask(client, "beside")
    report(client, run, 0, f1=0.7, loss=0.1)
    daemon.kill()
    daemon.start()
    client = daemon.client()
    tell(client, run)
    assert client.call("trial.get", study="beside", number=0)["values"] == [0.7]


def test_a_refused_tell_leaves_nothing_behind(daemon):
    client = daemon.client()
    create(client, "bound", constraints={"memory_mb": "<= 100"})
    run = ask(client, "bound")
    with pytest.raises(Refused):
        tell(client, run, metrics={"memory_mb": 50.0})
    tell(client, run, value=0.5)
    assert client.call("trial.get", study="bound", number=0)["violation"] not in (0, 0.0)
