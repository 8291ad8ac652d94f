"""One search of one method on one task, as lines of results."""
import json
import os

import numpy

from suite import common_rule, events
from suite.methods import Method

COMMON_TRIALS = 300  # up to which the common rule is asked: it takes the cube of this
MARKS = (10, 30, 50, 100, 200, 300, 1000)


class Search:
    def __init__(self, job, task, places):
        self.job, self.task = job, task
        self.marks = sorted({mark for mark in MARKS if mark < job.trials} | {job.trials})
        batch = job.size if job.rounds else 1
        self.method = Method(job.method, places, task, job.seed, job.trials, batch)
        self.rows, self.numbers, self.true, self.seen, self.visits, self.lines = {}, [], {}, {}, {}, []

    def ask(self):
        number, row = self.method.ask()
        self.rows[number] = row
        return number, self.task.seconds(row)

    def tell(self, number, clock):
        key = json.dumps(self.rows[number], sort_keys=True)
        self.visits[key] = self.visits.get(key, 0) + 1
        self.true[number] = self.task.true(self.rows[number])
        self.seen[number] = self.task.observe(self.rows[number], self.job.seed, self.visits[key])
        self.numbers.append(number)
        self.method.tell(number, self.seen[number])
        if not self.job.rounds or len(self.numbers) % self.job.size == 0:
            self.pass_marks(clock)

    def pass_marks(self, clock):
        while self.marks and len(self.numbers) >= self.marks[0]:
            self.lines.append(self.write(self.marks.pop(0), clock))

    def write(self, mark, clock):
        spent, numbers = self.method.spent(), self.numbers
        lowest = min(numbers, key=self.seen.get)
        line = {"method": self.job.method, "task": self.task.name, "seed": self.job.seed, "protocol": self.job.protocol, "n": mark,
                "trials": len(numbers), "named": self.true[self.method.best()], "lowest": self.true[lowest],
                "best": min(self.true.values()), "first": self.true[numbers[0]], "distinct": len(self.visits), "clock": clock,
                "cpu": round(spent / len(numbers), 5), "version": self.method.version, "load": round(os.getloadavg()[0], 1)}
        if len(numbers) <= COMMON_TRIALS:
            chosen = common_rule.name_trial(self.task.parameters, [self.rows[i] for i in numbers], [self.seen[i] for i in numbers])
            line["common"] = self.true[numbers[chosen]]
        return line

    def run(self):
        simulate = events.simulate_rounds if self.job.rounds else events.simulate
        try:
            simulate(self.job.trials, self.job.size, self.ask, self.tell)
        finally:
            self.method.close()
        return self.lines


def check_numbers(line):
    """A line without numbers that are none."""
    for key in ("named", "lowest", "best", "first"):
        if not numpy.isfinite(line[key]):
            raise ValueError(f"{line['task']}: {key} is {line[key]}")
    return line
