"""One rule to name a trial for every method: the lowest posterior mean of one Gaussian process over its trials. It parts how well a
method searches from how well it chooses."""
import math

import numpy

LENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # times the root of the number of columns
NOISES = (1e-4, 1e-3, 1e-2, 0.05, 0.2, 1.0)  # of the signal's variance
WEIGHTS = (0.1, 3.0)  # by which a parameter may count less or more


def columns_of(described, values):
    """A parameter's values as columns between 0 and 1; in the middle where it has none."""
    if "values" in described:
        return [[0.0 if value is None else float(value == word) * math.sqrt(0.5) for value in values] for word in described["values"]]
    low, high = described["min"], described["max"]
    scale = math.log if described.get("log") else float
    width = scale(high) - scale(low) or 1
    return [[0.5 if value is None else (scale(value) - scale(low)) / width for value in values]]


def squares(parameters, rows):
    """Squared distances between rows, one matrix for each parameter."""
    matrices = []
    for name, described in parameters.items():
        table = numpy.array(columns_of(described, [row.get(name) for row in rows]))
        matrices.append(((table[:, :, None] - table[:, None, :]) ** 2).sum(axis=0))
    return numpy.array(matrices)


def matern(square):
    distance = numpy.sqrt(5 * square)
    return (1 + distance + distance**2 / 3) * numpy.exp(-distance)


def likelihoods(kernel, targets):
    """(log likelihood, noise) for each noise, with the best variance of the signal."""
    values, vectors = numpy.linalg.eigh(kernel)
    turned = vectors.T @ targets
    for noise in NOISES:
        variances = numpy.maximum(values, 0) + noise
        yield -0.5 * (len(targets) * math.log((turned**2 / variances).mean()) + numpy.log(variances).sum()), noise


def fit(matrices, targets):
    """The kernel and noise of the highest likelihood: one length, then each parameter's own weight in turn."""
    weights, root = numpy.ones(len(matrices)), math.sqrt(len(matrices))
    total = matrices.sum(axis=0)
    (best, noise), length = max((max(likelihoods(matern(total / (length * root) ** 2), targets)), length) for length in LENGTHS)
    for i in range(len(matrices)):
        for weight in WEIGHTS:
            tried = numpy.where(numpy.arange(len(weights)) == i, weight, weights)
            likelihood, other = max(likelihoods(matern(numpy.tensordot(tried, matrices, 1) / (length * root) ** 2), targets))
            if likelihood > best:
                best, noise, weights = likelihood, other, tried
    return matern(numpy.tensordot(weights, matrices, 1) / (length * root) ** 2), noise


def name_trial(parameters, rows, losses):
    """Which of the rows to name. Very bad losses say only that they are bad."""
    losses = numpy.array(losses, float)
    middle, least = numpy.median(losses), losses.min()
    cut = numpy.minimum(losses, middle + 2 * (middle - least))
    if cut.std() == 0:
        return 0
    targets = (cut - cut.mean()) / cut.std()
    kernel, noise = fit(squares(parameters, rows), targets)
    return int((kernel @ numpy.linalg.solve(kernel + noise * numpy.eye(len(rows)), targets)).argmin())
