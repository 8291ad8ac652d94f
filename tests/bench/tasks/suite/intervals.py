"""What can be said of regrets with how much certainty. Runs are {(method, task): {seed: regret}}; a method's mean is the mean over tasks
of its means over seeds."""
import numpy

RESAMPLES = 2000


def task_means(runs, method, names):
    return numpy.array([numpy.mean(list(runs[method, name].values())) for name in names])


def resampled_means(runs, method, names, chance):
    """Means over tasks, the seeds of each task drawn anew (a stratified bootstrap)."""
    total = numpy.zeros(RESAMPLES)
    for name in names:
        values = numpy.array(list(runs[method, name].values()))
        total += values[chance.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    return total / len(names)


def over_tasks(means, chance):
    """Means when the tasks are drawn anew."""
    means = numpy.asarray(means)
    return means[chance.integers(len(means), size=(RESAMPLES, len(means)))].mean(axis=1)


def over_families(means, names, chance):
    """Means when whole families of tasks are drawn anew."""
    families = sorted({name.split("/")[0] for name in names})
    groups = [[mean for mean, name in zip(means, names) if name.split("/")[0] == family] for family in families]
    sums, counts = numpy.array([sum(group) for group in groups]), numpy.array([len(group) for group in groups])
    drawn = chance.integers(len(groups), size=(RESAMPLES, len(groups)))
    return sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)


def interval(resamples):
    """95 %."""
    return tuple(float(bound) for bound in numpy.percentile(resamples, [2.5, 97.5]))


def middle_mean(values):
    """The mean of the middle half (IQM), with parts of a value where the half does not come out even."""
    ordered = numpy.sort(numpy.asarray(values, float))
    count = len(ordered)
    edges = numpy.arange(count + 1) / count
    weights = numpy.clip(numpy.minimum(edges[1:], 0.75) - numpy.maximum(edges[:-1], 0.25), 0, None)
    return float((ordered * weights).sum() / weights.sum())


def improvement(ours, theirs):
    """The probability that a run of ours is lower than one of theirs; a half where they are equal."""
    ours, theirs = numpy.asarray(ours)[:, None], numpy.asarray(theirs)[None, :]
    return float(((ours < theirs) + 0.5 * (ours == theirs)).mean())


def mean_improvement(runs, ours, theirs, names):
    return float(numpy.mean([improvement(list(runs[ours, name].values()), list(runs[theirs, name].values())) for name in names]))


def ranks(values):
    """From 1 for the lowest; equal ones share the middle of their ranks."""
    values = numpy.asarray(values)
    return [float((values < value).sum() + ((values == value).sum() + 1) / 2) for value in values]


def wilcoxon(differences):
    """The two-sided p of Wilcoxon's signed-rank test, exact (Pratt's way with zeros: they take ranks, then are left out)."""
    differences = numpy.asarray(differences)
    ranked = numpy.array(ranks(numpy.abs(differences)))[differences != 0]
    signs = differences[differences != 0] > 0
    if not len(ranked):
        return 1.0
    less = min(ranked[signs].sum(), ranked[~signs].sum())
    doubled = numpy.round(2 * ranked).astype(int)  # ranks of ties are halves
    ways = numpy.zeros(doubled.sum() + 1)
    ways[0] = 1
    for rank in doubled:
        ways[rank:] = ways[rank:] + ways[:len(ways) - rank]
    return float(min(1.0, 2 * ways[:round(2 * less) + 1].sum() / ways.sum()))


def rank_sum(ours, theirs):
    """The two-sided p of the rank-sum test of Mann and Whitney, exact, ties too."""
    doubled = [round(2 * rank) for rank in ranks([*ours, *theirs])]
    ways = numpy.zeros((len(ours) + 1, sum(doubled) + 1))  # how many choices of so many ranks have that sum
    ways[0, 0] = 1
    for rank in doubled:
        ways[1:, rank:] += ways[:-1, :ways.shape[1] - rank].copy()
    sums, chosen = ways[len(ours)], sum(doubled[:len(ours)])
    return float(min(1.0, 2 * min(sums[:chosen + 1].sum(), sums[chosen:].sum()) / sums.sum()))


def friedman(values, chance, shuffles=10_000):
    """The p of Friedman's test that the methods (columns) have one rank on all tasks (rows), by ranks shuffled within the tasks."""
    ranked = numpy.array([ranks(row) for row in values])
    shuffled = chance.permuted(numpy.broadcast_to(ranked, (shuffles, *ranked.shape)), axis=2).mean(axis=1)
    return float((1 + (shuffled.var(axis=1) >= ranked.mean(axis=0).var() - 1e-12).sum()) / (1 + shuffles))


def signed_rank_posterior(differences, same, chance, draws=4000):
    """(P lower, P within same, P higher) of the Bayesian signed-rank test: weights of the tasks are Dirichlet's, with half a task of no
    difference as prior; a draw is for the one of the three that most pairs of tasks, by their mean, speak for."""
    values = numpy.concatenate([[0.0], differences])
    middles = (values[:, None] + values[None, :]) / 2
    weights = chance.dirichlet([0.5] + [1.0] * len(differences), size=draws)
    shares = [numpy.einsum("di,ij,dj->d", weights, kind.astype(float), weights) for kind in (middles < -same, abs(middles) <= same, middles > same)]
    return tuple(float(share) for share in numpy.bincount(numpy.argmax(shares, axis=0), minlength=3) / draws)


def holm(chances):
    """Adjusted for how many are asked at once, in the given order."""
    adjusted, highest = [0.0] * len(chances), 0.0
    for place, i in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        highest = max(highest, min(1.0, (len(chances) - place) * chances[i]))
        adjusted[i] = highest
    return adjusted
