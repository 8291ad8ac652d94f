"""The arithmetic of tests/bench/tasks: what chance decides, scales, workers without a clock, intervals and tests. Needs none of the
packages that the tasks themselves need."""
import itertools
import json
import operator
import pathlib
import sys

import numpy
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "tasks"))

import report  # noqa: E402
from suite import common_rule, events, intervals, noise, tasks  # noqa: E402
from suite.scale import Scale, expected_least  # noqa: E402
from suite.stored import Stored  # noqa: E402


def test_the_key_alone_decides_the_noise():
    assert noise.draw("task", 1, "row", 1) == noise.draw("task", 1, "row", 1)
    others = [noise.draw("task", seed, row, visit) for seed in (1, 2) for row in ("row", "other") for visit in (1, 2)]
    assert len(set(others)) == 8
    draws = [noise.draw_normal("task", seed) for seed in range(4000)]
    assert abs(numpy.mean(draws)) < 0.05 and abs(numpy.std(draws) - 1) < 0.05
    assert {noise.draw_index(3, seed) for seed in range(100)} == {0, 1, 2}


def test_the_least_of_random_draws_is_exact():
    losses = [1.0, 2.0, 4.0, 7.0]
    every = [min(drawn) for drawn in itertools.product(losses, repeat=3)]
    assert expected_least(losses, 3) == pytest.approx(sum(every) / len(every))


def test_a_regret_is_cut_at_the_median():
    losses = [float(i) for i in range(101)]
    scale = Scale(losses)
    assert scale.regret(0.0) == 0 and scale.regret(scale.ten) == pytest.approx(1)
    assert scale.regret(50.0) == scale.regret(1000.0)
    assert scale.least_of(10) == pytest.approx(expected_least([min(loss, 50.0) for loss in losses], 10))
    assert Scale(losses, best=-1.0).regret(-1.0) == 0


def test_random_search_is_worth_its_own_draws():
    scale = Scale([float(i) for i in range(1000)])
    for draws in (5, 30, 100):
        assert scale.equivalent_draws(scale.random_regret(draws)) == pytest.approx(draws, rel=0.05)


def follow(trials, workers, seconds):
    """What is asked and told, where trial i takes seconds[i]."""
    said, asked = [], iter(range(trials))

    def ask():
        number = next(asked)
        said.append(f"ask {number}")
        return number, seconds[number]

    events.simulate(trials, workers, ask, lambda trial, clock: said.append(f"tell {trial} {clock:g}"))
    return said


def test_one_worker_goes_step_by_step():
    assert follow(2, 1, [3, 1]) == ["ask 0", "tell 0 3", "ask 1", "tell 1 4"]


def test_who_is_free_asks():
    assert follow(4, 2, [5, 1, 2, 2]) == ["ask 0", "ask 1", "tell 1 1", "ask 2", "tell 2 3", "ask 3", "tell 0 5", "tell 3 5"]


def test_rounds_are_told_together():
    said, numbers = [], itertools.count()
    events.simulate_rounds(3, 2, lambda: (next(numbers), 4), lambda trial, clock: said.append((trial, clock)))
    assert said == [(0, 4), (1, 4), (2, 8), (3, 8)]


def test_the_middle_mean_and_ranks():
    assert intervals.middle_mean([1, 2, 3, 100]) == 2.5
    assert intervals.middle_mean([0, 1, 2, 3, 4, 5]) == pytest.approx((0.5 * 1 + 2 + 3 + 0.5 * 4) / 3)
    assert intervals.ranks([0.3, 0.1, 0.1]) == [3, 1.5, 1.5]


def test_the_probability_of_improvement_halves_ties():
    assert intervals.improvement([0, 1], [1, 2]) == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_wilcoxon_counts_every_sign():
    differences = [0.5, -0.1, 0.3, 0.4, -0.2]
    ranked = numpy.array(intervals.ranks(numpy.abs(differences)))
    sums = [sum(rank for rank, sign in zip(ranked, signs) if sign) for signs in itertools.product([0, 1], repeat=5)]
    less = 1 + 2
    assert intervals.wilcoxon(differences) == pytest.approx(2 * sum(total <= less for total in sums) / 32)
    assert intervals.wilcoxon([0.0, 0.0]) == 1
    assert intervals.wilcoxon([1.0] * 6) == pytest.approx(2 / 64)


def test_the_rank_sum_counts_every_choice():
    ours, theirs = [1, 2, 2, 7], [2, 5, 8]
    ranked = intervals.ranks(ours + theirs)
    sums = [sum(chosen) for chosen in itertools.combinations(ranked, 4)]
    less, more = (sum(compare(total, sum(ranked[:4])) for total in sums) / len(sums) for compare in (operator.le, operator.ge))
    assert intervals.rank_sum(ours, theirs) == pytest.approx(2 * min(less, more))
    assert intervals.rank_sum(range(5), range(5, 10)) == pytest.approx(2 / 252)
    assert intervals.rank_sum([1, 1], [1, 1]) == 1


def test_friedman_sees_an_order_and_no_order():
    chance = numpy.random.default_rng(0)
    assert intervals.friedman([[1, 2, 3]] * 6, chance) < 0.001
    orders = list(itertools.permutations([1, 2, 3]))
    assert intervals.friedman(orders, chance) == 1


def test_the_posterior_of_signed_ranks_sums_up():
    chance = numpy.random.default_rng(0)
    assert intervals.signed_rank_posterior([-0.2] * 10, 0.01, chance)[0] > 0.99
    assert intervals.signed_rank_posterior([0.005, -0.005] * 5, 0.01, chance) == (0, 1, 0)
    lower, same, higher = intervals.signed_rank_posterior([-0.3, 0.3, -0.2, 0.2], 0.01, chance)
    assert lower + same + higher == pytest.approx(1) and lower == pytest.approx(higher, abs=0.05)


def test_holm_never_falls():
    assert intervals.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_bootstrap_holds_the_mean_and_knows_its_strata():
    chance = numpy.random.default_rng(0)
    names = ["a/1", "a/2", "b/1"]
    runs = {("m", name): dict(enumerate([10.0 * i] * 4)) for i, name in enumerate(names)}
    low, high = intervals.interval(intervals.resampled_means(runs, "m", names, chance))
    assert low == high == pytest.approx(10)  # seeds agree, so that drawing them anew changes nothing
    means = intervals.task_means(runs, "m", names)
    low, high = intervals.interval(intervals.over_tasks(means, chance))
    assert low < 10 < high
    assert set(intervals.over_families(means, names, chance)) == {5.0, 10.0, 20.0}  # a, a and b in the proportion of their tasks, b


def test_the_common_rule_smooths_luck():
    parameters = {"x": {"min": 0.0, "max": 1.0}}
    rows = [{"x": i / 20} for i in range(21)]
    chance = numpy.random.default_rng(1)
    losses = [(row["x"] - 0.5) ** 2 + 0.02 * chance.normal() for row in rows]
    losses[18] = -0.05  # luck
    assert abs(rows[common_rule.name_trial(parameters, rows, losses)]["x"] - 0.5) < 0.2


def test_a_table_is_a_task(tmp_path):
    space = {"kind": {"values": ["a", "b"]}, "depth": {"min": 1, "max": 2, "when": {"kind": ["b"]}}}
    numpy.savez(tmp_path / "t.npz", space=json.dumps(space), keys=numpy.array([[0, -1], [1, 0], [1, 1]], numpy.int16),
                loss=numpy.array([[1, 3], [2, 2], [numpy.inf, 1]], numpy.float32), seconds=numpy.ones((3, 2), numpy.float32))
    task = Stored("sklearn", "t", tmp_path / "t.npz")
    assert task.true({"kind": "a", "depth": None}) == 2
    assert task.true({"kind": "b", "depth": 2}) == 2  # what failed counts as the worst there is, 3
    assert {task.observe({"kind": "a", "depth": None}, seed, 1) for seed in range(20)} == {1, 3}
    assert len(task.random_named(numpy.random.default_rng(0), 5, 7)) == 7


def test_the_split_parts_all_tasks():
    development, publication = tasks.names_of("D"), tasks.names_of("T")
    assert (len(development), len(publication)) == (17, 30)
    assert not set(development) & set(publication)


class Line:
    """A task whose losses are 0 to 100."""

    def scale(self, best=None):
        return Scale([float(i) for i in range(101)], best)

    def random_named(self, chance, trials, runs):
        return chance.integers(0, 50, size=runs).astype(float)


def result(method, task, seed, named, **others):
    return {"method": method, "protocol": "seq", "task": task, "seed": seed, "n": 100, "named": named, "common": named, "best": named, "cpu": 0.1,
            "version": "1", **others}


def test_the_report_puts_losses_first(monkeypatch):
    monkeypatch.setattr(tasks, "load", lambda name, places: Line())
    names = tasks.names_of("T")[:2]
    lines = [result("auto", names[0], seed, 1.0) for seed in (1, 2)] + [result("auto", names[1], 1, 5.0), result("optuna-gp", names[0], 1, 2.0),
                                                                        result("optuna-gp", names[1], 1, 3.0)]
    results = report.Results(lines, "T", None)
    text = report.split_part(results, "T", report.METHODS, (100,))
    assert text.index(names[1]) < text.index(names[0] + " |")
    ours, theirs = (results.of(method, "seq", 100) for method in ("auto", "optuna-gp"))
    assert ours[names[0]] == {1: results.scales[names[0]].regret(1.0), 2: results.scales[names[0]].regret(1.0)}
    found = report.compare(ours, theirs)
    assert found.counts() == (1, 0, 1) and found.clear is None


def test_the_report_parts_protocols_and_budgets(monkeypatch):
    monkeypatch.setattr(tasks, "load", lambda name, places: Line())
    name, other = tasks.names_of("T")[:2]
    lines = [result(method, name, 1, 3.0, protocol=protocol) for method in ("auto", "optuna-gp") for protocol in ("seq", "16x8", "async16")]
    lines += [result("hebo", name, 1, 9.0, protocol="16x8"), result("auto", other, 1, 3.0), result("auto", name, 1, 2.0, n=1000)]
    results = report.Results(lines, "T", None)
    text = report.split_part(results, "T", report.METHODS, (100,))
    parts = {part.split("\n")[0]: part for part in text.split("### ")}
    rounds, workers = parts["Rounds of eight, told together (HEBO's protocol), after 100 trials"], parts["16 simulated workers, after 100 trials"]
    assert "| HEBO | 1 |" in rounds and "| Optuna GP | 1 |" in rounds and "(16 × 8)" not in rounds
    assert "| HEBO" not in workers and "| Optuna GP | 1 |" in workers
    assert "| HEBO (16 × 8) |" in parts["After 100 trials"]
    assert "| random, truly best | 1 |" in parts["After 1000 trials"] and "| random, truly best | 2 |" in parts["After 100 trials"]
    assert f"| {results.scales[name].regret(9.0):.2f} {name} |" in rounds  # the worst task, by name
    assert "4 simulated workers, after 100 trials" not in parts


def test_a_method_with_few_tasks_has_no_rank(monkeypatch):
    monkeypatch.setattr(tasks, "load", lambda name, places: Line())
    names = tasks.names_of("T")[:3]
    lines = [result(method, name, 1, 3.0) for method in ("auto", "optuna-gp") for name in names] + [result("smac", names[0], 1, 1.0)]
    line = report.rank_line(report.Results(lines, "T", None), 100, report.METHODS)
    assert "over the 3 tasks" in line and "SMAC3" not in line


def test_many_seeds_say_which_tasks_differ():
    ours = {"a": dict(enumerate(range(10))), "b": dict(enumerate(range(10)))}
    theirs = {"a": {seed: regret + 20 for seed, regret in ours["a"].items()}, "b": dict(ours["b"])}
    assert report.compare(ours, theirs).clear == (1, 0) and report.compare(theirs, ours).clear == (0, 1)


def test_a_run_again_counts_once(monkeypatch):
    monkeypatch.setattr(tasks, "load", lambda name, places: Line())
    name = tasks.names_of("D")[0]
    results = report.Results([result("auto", name, 1, 4.0), result("auto", name, 1, 2.0)], "D", None)
    assert results.of("auto", "seq", 100)[name] == {1: results.scales[name].regret(2.0)}
