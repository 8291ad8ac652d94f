"""Tables of losses: one .npz per table, whose arrays README.md describes. A table that is not finished lies in a folder beside
them, and from it is published what every cell has."""
import json
import os

import numpy

MEASURED = ("loss", "seconds", "curve", "error")


def condition_of(each):
    """(parent, its values that make the parameter active), or None."""
    return next(iter(each["when"].items())) if "when" in each else None


def is_active(space, cell, name, values):
    """Should a parameter have a value in a cell (indices by name, its parents' among them)? values: of a parent, in order."""
    condition = condition_of(space[name])
    return condition is None or (cell[condition[0]] >= 0 and values(condition[0])[cell[condition[0]]] in condition[1])


def size_of(each):
    """How many values a parameter of a grid has."""
    return len(each["values"]) if "values" in each else each["max"] - each["min"] + 1


def check(space, keys):
    """Complains (ValueError) about keys that are out of range, of inactive parameters, missing, or there twice."""
    names = list(space)
    if keys.shape[1:] != (len(names),):
        raise ValueError(f"{keys.shape[1:]} keys a cell, {len(names)} parameters")
    for row in keys.tolist():
        cell = {}
        for (name, each), index in zip(space.items(), row):
            expected = range(size_of(each)) if is_active(space, cell, name, lambda parent: space[parent]["values"]) else (-1,)
            if index not in expected:
                raise ValueError(f"{name} has the key {index} in {row}")
            cell[name] = index
    if len({tuple(cell) for cell in keys.tolist()}) < len(keys):
        raise ValueError("a cell is there twice")


def write_table(path, space, keys, arrays, **notes):
    """arrays has `loss` and `seconds`, and may have `curve` and `error`; notes are kept as JSON. The file is there whole or not at all."""
    part = f"{path}.part"
    with open(part, "wb") as file:
        numpy.savez_compressed(file, space=json.dumps(space), keys=numpy.asarray(keys, numpy.int16),
                               **{name: numpy.asarray(array, numpy.float32) for name, array in arrays.items()},
                               **{name: json.dumps(note) for name, note in notes.items()})
    os.replace(part, path)


def read_table(path):
    """(space, keys, the measured arrays by name, notes by name)."""
    with numpy.load(path) as file:
        arrays = {name: file[name] for name in MEASURED if name in file}
        notes = {name: json.loads(str(file[name])) for name in file if name not in ("space", "keys", *MEASURED)}
        return json.loads(str(file["space"])), file["keys"], arrays, notes


class Unfinished:
    """A table while it is worked out: nan where nothing is known yet."""

    def __init__(self, path, space, keys, shapes, **notes):
        """shapes: what each measured array has behind its cells: {"loss": (repeats,), "curve": (repeats, epochs), …}. What lies at path is
        gone on with; it may have fewer cells, the first of these."""
        self.path, self.space, self.keys, self.notes = path, space, numpy.asarray(keys, numpy.int16), notes
        self.arrays = {name: numpy.full((len(keys), *shape), numpy.nan, numpy.float32) for name, shape in shapes.items()}
        if os.path.exists(path):
            self.go_on()

    def go_on(self):
        space, keys, arrays, _ = read_table(self.path)
        shapes = {name: array.shape[1:] for name, array in arrays.items()}
        if space != self.space or not numpy.array_equal(keys, self.keys[: len(keys)]) or shapes != {n: a.shape[1:] for n, a in self.arrays.items()}:
            raise ValueError(f"{self.path} is of another table: remove it")
        for name, array in arrays.items():
            self.arrays[name][: len(keys)] = array

    def known(self):
        """cells × repeats: is it worked out?"""
        return ~numpy.isnan(self.arrays["seconds"])

    def record(self, cell, repeat, **measured):
        for name, value in measured.items():
            self.arrays[name][cell, repeat] = value

    def save(self):
        write_table(self.path, self.space, self.keys, self.arrays, **self.notes)

    def publish_repeats(self, path):
        """Writes the repeats that all cells have; says how many."""
        repeats = self.known().all(axis=0)
        if repeats.any():
            write_table(path, self.space, self.keys, {n: a[:, repeats] for n, a in self.arrays.items()}, **self.notes)
        return int(repeats.sum())

    def publish_cells(self, path):
        """Writes the cells that have all repeats; says how many. Notes that are a list have an entry per cell."""
        cells = self.known().all(axis=1)
        notes = {n: [each for each, whole in zip(note, cells) if whole] if isinstance(note, list) else note for n, note in self.notes.items()}
        if cells.any():
            write_table(path, self.space, self.keys[cells], {n: a[cells] for n, a in self.arrays.items()}, **notes)
        return int(cells.sum())
