"""Grids with conditions: all cells of a space, the space as a table has it, and several of them as one below a parameter `model`.

A space here is {name: parameter}, parents before their children; a parameter has `values` (unordered, texts) or `grid` (ordered:
samplers see its indices), and maybe `when: {parent: [values]}`."""
import numpy

from table_file import is_active


def choice(*values, when=None):
    return {"values": list(values), **({"when": when} if when else {})}


def steps(*grid, when=None):
    return {"grid": [float(each) if isinstance(each, float) else each for each in grid], **({"when": when} if when else {})}


def geometric(low, high, count, when=None):
    return steps(*(float(f"{low * (high / low) ** (i / (count - 1)):.6g}") for i in range(count)), when=when)


def as_searched(space):
    """The parameters as a study file has them: ordered ones are integers from 0."""
    return {name: {**({"values": each["values"]} if "values" in each else {"min": 0, "max": len(each["grid"]) - 1}),
                   **({"when": each["when"]} if "when" in each else {})} for name, each in space.items()}


def grids(space):
    """What the integers stand for."""
    return {name: each["grid"] for name, each in space.items() if "grid" in each}


def cells(space):
    """Indices of every cell, the last parameter moving fastest; -1 where one is inactive."""
    found = [{}]
    for name, each in space.items():
        size = len(each.get("values") or each["grid"])
        found = [{**cell, name: index} for cell in found for index in (
            range(size) if is_active(space, cell, name, lambda parent: space[parent]["values"]) else (-1,))]
    return numpy.array([list(cell.values()) for cell in found], numpy.int16)


def values_of(space, cell):
    """The active parameters of a cell with their values."""
    return {name: (each.get("values") or each["grid"])[index] for (name, each), index in zip(space.items(), cell) if index >= 0}


def union(tables):
    """One table of several, {model: (space as searched, keys, arrays)}: a parameter `model` decides which of the others there are. Their
    repeats have to be of the same rows in the same order; those that all tables have are kept, and `error` counts where a table has it."""
    space, width = {"model": {"values": list(tables)}}, 1 + sum(len(part) for part, _, _ in tables.values())
    repeats = min(arrays["loss"].shape[1] for _, _, arrays in tables.values())
    keys, losses, seconds = [], [], []
    for index, (model, (part, part_keys, arrays)) in enumerate(tables.items()):
        block = numpy.full((len(part_keys), width), -1, numpy.int16)
        block[:, 0] = index
        block[:, len(space):len(space) + len(part)] = part_keys
        keys.append(block)
        losses.append(arrays.get("error", arrays["loss"])[:, :repeats])
        seconds.append(arrays["seconds"][:, :repeats])
        for name, each in part.items():
            when = {f"{model}_{parent}": values for parent, values in each["when"].items()} if "when" in each else {"model": [model]}
            space[f"{model}_{name}"] = {**each, "when": when}
    return space, numpy.concatenate(keys), {"loss": numpy.concatenate(losses), "seconds": numpy.concatenate(seconds)}
