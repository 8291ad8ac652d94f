"""A task's scale: 0 is the best loss there is, 1 what the best of ten random draws has on average. Losses are cut at the median."""
import bisect

import numpy


def expected_least(ordered, draws):
    """The least of so many draws with replacement from losses in rising order, on average, exactly."""
    count = len(ordered)
    return sum(loss * (((count - i) / count) ** draws - ((count - i - 1) / count) ** draws) for i, loss in enumerate(ordered))


class Scale:
    """Of losses in rising order: a whole table, or many random points of a surrogate. best may be lower than all of them where runs
    found better."""

    def __init__(self, ordered, best=None):
        ordered = numpy.asarray(ordered, float)
        self.best = float(ordered[0] if best is None else min(best, ordered[0]))
        self.median = float(ordered[len(ordered) // 2])
        # the upper half is cut, and so is equal: one loss with its weight is enough
        self.lower, self.count = ordered[:len(ordered) // 2], len(ordered)
        self.ten = self.least_of(10)
        self.curve = {}

    def least_of(self, draws):
        """The expected least of so many random draws, after the cut."""
        powers = (1 - numpy.arange(len(self.lower) + 1) / self.count) ** draws
        return float((self.lower * (powers[:-1] - powers[1:])).sum() + self.median * powers[-1])

    def regret(self, loss):
        return (min(loss, self.median) - self.best) / (self.ten - self.best)

    def random_regret(self, draws):
        if draws not in self.curve:
            self.curve[draws] = self.regret(self.least_of(draws))
        return self.curve[draws]

    def equivalent_draws(self, regret, most=4096):
        """How many random draws have this regret on average; between 1 and most."""
        grid = [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448, 2048, 2896, most]
        at = bisect.bisect_left(grid, True, key=lambda draws: self.random_regret(draws) <= regret)
        if at in (0, len(grid)):
            return grid[min(at, len(grid) - 1)]
        upper, lower = self.random_regret(grid[at - 1]), self.random_regret(grid[at])
        share = (upper - regret) / (upper - lower) if upper > lower else 1
        return grid[at - 1] * (grid[at] / grid[at - 1]) ** share
