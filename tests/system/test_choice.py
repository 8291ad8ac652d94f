"""Which trial is named: the best by what its folds and the others say, and the defaults until something is shown to be better."""

import json
import random

import pytest

from support.programs import Refused, run

SPACE = {"x": {"min": 0.0, "max": 1.0}, "kind": {"values": ["a", "b"]}}


def study(client, name="s", **more):
    client.call("study.create", spec={"name": name, "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"},
                                      "parameters": SPACE, **more})


def complete(client, values, name="s"):
    """One trial whose folds come to these values."""
    for value in values:
        run = client.call("trial.ask", study=name)["run"]
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=value)


def noisy(client, worths, folds=4, sd=0.02, name="s"):
    draw = random.Random(7)
    effects = [draw.gauss(0, 0.02) for _ in range(folds)]
    for worth in worths:
        complete(client, [worth + effect + draw.gauss(0, sd) for effect in effects], name)


def test_a_trial_that_is_not_shown_to_be_better_leaves_the_defaults_named(daemon, home):
    client = daemon.client()
    study(client, folds=4, defaults={"x": 0.5, "kind": "a"})
    noisy(client, [0.7] * 20)
    best = client.call("study.best", study="s")
    assert best["named"]["number"] == best["defaults"]["number"] == 0
    assert best["leader"]["number"] != 0 and best["leader"]["beats_defaults"] < 0.8
    assert best["seen"]["value"] >= best["leader"]["value"] and best["seen"]["mean"] < best["seen"]["value"]
    assert 0.01 < best["noise"] < 0.03 and best["basis"] in ("folds", "both")
    assert sum(trial["chance"] for trial in best["candidates"]) == pytest.approx(1, abs=0.2)
    shown = run("kre-search", "best", "s", home=home, check=True).stdout
    assert shown.startswith("trial 0 ") and "these are the defaults: no trial is shown to be better; trial" in shown
    seen = json.loads(run("kre-search", "best", "s", "--seen", "--json", home=home, check=True).stdout)
    assert seen["number"] == best["seen"]["number"] == client.call("study.get", study="s")["best"]["number"]
    named = json.loads(run("kre-search", "best", "s", "--json", home=home, check=True).stdout)
    assert named["number"] == 0 and named["best"]["leader"]["number"] == best["leader"]["number"]


def test_a_trial_that_is_better_is_named_with_the_chance_of_that(daemon, home):
    client = daemon.client()
    study(client, folds=4, defaults={"x": 0.5, "kind": "a"})
    noisy(client, [0.6, *[0.58] * 9, 0.75, *[0.58] * 3])
    best = client.call("study.best", study="s")
    assert best["named"]["number"] == 10 and best["named"]["beats_defaults"] > 0.99 and best["named"]["chance"] > 0.9
    assert best["named"]["low"] < best["named"]["mean"] < best["named"]["high"] and best["named"]["runs"] == 4
    shown = run("kre-search", "best", "s", home=home, check=True).stdout
    assert "estimated 0.7" in shown and "better than the defaults (trial 0, estimated" in shown
    before = client.call("study.best", study="s")
    daemon.kill()
    daemon.start()
    after = daemon.client().call("study.best", study="s")
    assert after["named"]["number"] == before["named"]["number"] and after["noise"] == before["noise"]


def test_without_anything_that_tells_the_noise_the_value_seen_is_named(daemon, home):
    client = daemon.client()
    study(client)
    assert client.call("study.best", study="s")["named"] is None
    for value in (0.1, 0.3, 0.2):
        complete(client, [value])
    best = client.call("study.best", study="s")
    assert best["basis"] == "seen" and best["named"]["number"] == 1 and best["named"]["mean"] is None
    assert "by the values seen: no model says how noisy they are" in run("kre-search", "best", home=home, check=True).stdout


def test_a_lucky_value_counts_for_what_its_neighbours_say(daemon):
    client = daemon.client()
    study(client, parameters={"x": {"min": 0.0, "max": 1.0}}, defaults={"x": 0.5})
    draw = random.Random(3)
    for number in range(40):
        client.call("trial.enqueue", study="s", params={"x": number / 40})
    for number in range(41):
        run = client.call("trial.ask", study="s")["run"]
        x = run["params"]["x"]
        lucky = 0.15 if x == 0.5 and number == 21 else 0
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete",
                    value=0.7 - (x - 0.6) ** 2 + draw.gauss(0, 0.01) + lucky)
    best = client.call("study.best", study="s")
    assert best["basis"] == "configurations" and best["seen"]["number"] == 21
    assert best["seen"]["mean"] < best["seen"]["value"] - 0.08
    assert abs(best["leader"]["params"]["x"] - 0.6) < 0.15 and best["leader"]["mean"] == pytest.approx(0.7, abs=0.03)


def test_several_objectives_have_a_front(daemon):
    client = daemon.client()
    client.call("study.create", spec={"name": "s", "method": "random", "metrics": [{"name": "a"}, {"name": "b"}], "parameters": SPACE})
    with pytest.raises(Refused) as refused:
        client.call("study.best", study="s")
    assert refused.value.code == -32602 and "front" in refused.value.message


def test_models_of_what_may_be_named_stay(daemon):
    client = daemon.client()
    study(client, folds=4, defaults={"x": 0.5, "kind": "a"}, keep={"models": "best 1"})
    noisy(client, [0.5] + [0.7] * 19)
    best = client.call("study.best", study="s")
    kept = client.call("study.get", study="s")["keep"]["numbers"]
    assert {0, best["leader"]["number"], best["seen"]["number"]} <= set(kept) and len(kept) <= 7  # five that may win yet
    client.call("study.stop", study="s")
    best = client.call("study.best", study="s")
    kept = client.call("study.get", study="s")["keep"]["numbers"]
    assert {0, best["leader"]["number"], best["seen"]["number"]} == set(kept)
