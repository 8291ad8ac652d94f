"""Works out tables of small models of scikit-learn on its own data sets, cell by cell. May be ended at any time: the next call goes
on. FOLDER/NAME.npz has the repeats that all cells have; FOLDER/unfinished what is known beside. S10 to S12 are unions of the others,
and are written when these are there."""
import argparse
import os
import pathlib
import sys
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # before numpy comes in
    os.environ[threads] = "1"

import numpy  # noqa: E402

import grid  # noqa: E402
from table_file import Unfinished, check, read_table, write_table  # noqa: E402
from tables import ORDER, TABLES, UNIONS  # noqa: E402

SAVE_EVERY_S = 30


def outcome(learner, fold, settings):
    """What one fit measured, its seconds among it; a fit that fails has an infinite loss."""
    fold.saved_s, begin = 0.0, time.process_time()
    try:
        measured = learner(fold, **settings)
        if not numpy.isfinite(measured["loss"]):
            measured = {"loss": numpy.inf}
    except (ValueError, FloatingPointError, numpy.linalg.LinAlgError):
        measured = {"loss": numpy.inf}
    return {**measured, "seconds": time.process_time() - begin + fold.saved_s}


class Progress:
    """A line on stderr, and when to save."""

    def __init__(self, name, total):
        self.name, self.total, self.saved = name, total, time.monotonic()

    def show(self, known, end="\r"):
        print(f"{self.name}: {known} of {self.total} fits, {time.process_time():.0f} CPU seconds", end=end, file=sys.stderr, flush=True)

    def is_time_to_save(self):
        now = time.monotonic()
        if now - self.saved < SAVE_EVERY_S:
            return False
        self.saved = now
        return True


def compute(name, folder, most):
    """Works out what a table lacks of its first repeats."""
    import learners

    learner, data_set, space, repeats, epochs, has_error = TABLES[name]
    shapes = {"loss": (repeats,), "seconds": (repeats,), **({"curve": (repeats, epochs)} if epochs else {}), **({"error": (repeats,)} if has_error else {})}
    searched, keys = grid.as_searched(space), grid.cells(space)
    check(searched, keys)
    table = Unfinished(folder / "unfinished" / f"{name}.npz", searched, keys, shapes, grids=grid.grids(space))
    progress, fit = Progress(name, len(keys) * repeats), getattr(learners, learner)
    for repeat in range(min(repeats, most)):
        pending = numpy.flatnonzero(~table.known()[:, repeat])
        fold = learners.Fold(data_set, repeat) if len(pending) else None
        for cell in pending:
            table.record(cell, repeat, **outcome(fit, fold, grid.values_of(space, keys[cell])))
            if progress.is_time_to_save():
                table.save()
                progress.show(table.known().sum())
        if len(pending):
            table.save()
            table.publish_repeats(folder / f"{name}.npz")
    table.publish_repeats(folder / f"{name}.npz")  # an end between saving and publishing is made good
    progress.show(table.known().sum(), end="\n")


def unite(name, folder):
    """Writes a union if all its tables are there."""
    paths = {model: folder / f"{part}.npz" for model, part in UNIONS[name].items()}
    if all(path.exists() for path in paths.values()):
        space, keys, arrays = grid.union({model: read_table(path)[:3] for model, path in paths.items()})
        write_table(folder / f"{name}.npz", space, keys, arrays)
        print(f"{name}: {len(keys)} cells, {arrays['loss'].shape[1]} repeats", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="where the tables go; outside the repository")
    parser.add_argument("--tables", default=",".join((*ORDER, *UNIONS)), help="which, in this order (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=10, help="of every table only the first so many (default: all)")
    chosen = parser.parse_args()
    (chosen.folder / "unfinished").mkdir(parents=True, exist_ok=True)
    for name in chosen.tables.split(","):
        if name in UNIONS:
            unite(name, chosen.folder)
        else:
            compute(name, chosen.folder, chosen.repeats)


if __name__ == "__main__":
    main()
