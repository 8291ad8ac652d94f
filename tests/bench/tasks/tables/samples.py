"""Random configurations of a study file's parameters, and keys for them: the index of a value, a whole number's steps from its least,
a real number's place between its bounds in thousandths."""
import math

import numpy

PLACES = 1000


def conditions_of(parameters):
    """The parameters with every condition's values as a list."""
    return {name: {**each, **({"when": {parent: values if isinstance(values, list) else [values] for parent, values in each["when"].items()}}
                              if "when" in each else {})} for name, each in parameters.items()}


def is_whole(each):
    return isinstance(each["min"], int) and isinstance(each["max"], int)


def key_of(each, value):
    """The key of a value; what lies between or outside gets the nearest one."""
    if "values" in each:
        if value in each["values"] or isinstance(value, str):
            return each["values"].index(value)
        return min(range(len(each["values"])), key=lambda i: abs(each["values"][i] - value))
    low, high = each["min"], each["max"]
    value = min(max(value, low), high)
    if is_whole(each):
        return round((value - low) / each.get("step", 1))
    if each.get("log"):
        low, high, value = math.log(low), math.log(high), math.log(value)
    return round(PLACES * (value - low) / (high - low))


def value_of(each, key):
    """The value that a key stands for."""
    if "values" in each:
        return each["values"][key]
    low, high = each["min"], each["max"]
    if is_whole(each):
        return low + key * each.get("step", 1)
    share = key / PLACES
    return float(f"{low * (high / low) ** share if each.get('log') else low + (high - low) * share:.9g}")


def key_count(each):
    if "values" in each:
        return len(each["values"])
    return (each["max"] - each["min"]) // each.get("step", 1) + 1 if is_whole(each) else PLACES + 1


def with_values(parameters, keys):
    """The active parameters and their values, of a key for each parameter; conditions decide in the order of the file."""
    found = {}
    for name, each in parameters.items():
        if all(parent in found and found[parent] in values for parent, values in each.get("when", {}).items()):
            found[name] = value_of(each, keys[name])
    return found


def draw(parameters, count, seed):
    """So many random configurations."""
    chance = numpy.random.default_rng(seed)
    return [with_values(parameters, {name: int(chance.integers(key_count(each))) for name, each in parameters.items()}) for _ in range(count)]


def defaults_in(parameters, defaults):
    """What a program does by itself, seen as a configuration of the space: the values nearest to its defaults."""
    return with_values(parameters, {name: key_of(each, defaults[name]) for name, each in parameters.items()})


def keys_of(parameters, configuration):
    return [key_of(each, configuration[name]) if name in configuration else -1 for name, each in parameters.items()]
