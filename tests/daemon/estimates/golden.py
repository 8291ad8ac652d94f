"""Writes golden.h: the model of folds computed by numpy from its definition, on tables of made-up trials. golden.py > golden.h"""
import numpy as np

LEAST = 10


def fit(table, folds, maximize):
    own = table[:, :folds]
    full = own[np.isfinite(own).all(axis=1)]
    if len(full) < LEAST:
        return None
    means = full.mean(axis=1)
    good = full[np.argsort(-means if maximize else means, kind="stable")][: int(np.ceil(2 * len(full) / 3))]
    effects = (good - good.mean(axis=1, keepdims=True)).mean(axis=0)
    rest = good - good.mean(axis=1, keepdims=True) - effects
    noise = (rest**2).sum() / ((len(good) - 1) * (folds - 1)) if folds > 1 else 0.0
    centre = np.median(means)
    spread = 1.4826 * np.median(np.abs(means - centre))
    trials = max(spread**2 - noise / folds, noise / folds)
    alike = max((effects**2).sum() / (folds - 1) - noise / len(good), 0) if folds > 1 else 0.0
    further = []
    for column in table[:, folds:].T:
        apart = [y - worth(row, effects, noise, centre, trials)[0] for y, row in zip(column, own) if np.isfinite(y)]
        further.append(sum(apart) / (len(apart) + noise / alike) if apart and alike > 0 else 0.0)
    return np.append(effects, further), noise, centre, trials


def worth(row, effects, noise, centre, trials):
    seen = np.isfinite(row)
    if not seen.any():
        return centre, trials
    if noise == 0:
        return np.mean((row - effects)[seen]), 0.0
    variance = 1 / (1 / trials + seen.sum() / noise)
    return variance * (centre / trials + (row - effects)[seen].sum() / noise), variance


def make(seed, trials, folds, further, tau=0.03, sigma=0.02):
    rng = np.random.default_rng(seed)
    columns = folds + further
    table = 0.7 + tau * rng.standard_normal((trials, 1)) + 0.015 * rng.standard_normal(columns)
    table = np.round(table + sigma * rng.standard_normal((trials, columns)), 6)
    table[: trials // 4, folds // 2 + 1 :] = np.nan  # stopped ones
    table[trials // 4 : trials - 5, folds:] = np.nan
    return table


def number(value):
    return "NAN" if np.isnan(value) else repr(float(value))


def row(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


CASES = {
    "five_folds": (make(1, 30, 5, 0), 5, True),
    "falling": (make(2, 24, 3, 0), 3, False),
    "repeats": (make(3, 40, 5, 2), 5, True),
    "flat": (make(4, 20, 4, 0, tau=0.0), 4, True),
    "one_fold": (np.round(make(5, 16, 1, 0), 6)[4:], 1, True),
}

print("/* Made by golden.py. */")
for name, (table, folds, maximize) in CASES.items():
    effects, noise, centre, trials = fit(table, folds, maximize)
    posterior = [worth(r, effects, noise, centre, trials) for r in table]
    print(f"static const double {name}_values[] = {{")
    for r in table:
        print("        " + ", ".join(number(v) for v in r) + ",")
    print("};")
    print(f"static const double {name}_effects[] = {row(effects)};")
    print(f"static const double {name}_posterior[][2] = {{")
    for p in posterior:
        print(f"        {row(p)},")
    print("};")
print("static const struct golden_case golden_cases[] = {")
for name, (table, folds, maximize) in CASES.items():
    effects, noise, centre, trials = fit(table, folds, maximize)
    print(f"        {{{{{name}_values, {table.shape[0]}, {table.shape[1]}, {folds}, {str(maximize).lower()}}}, {name}_effects,")
    print(f"                {name}_posterior, {number(centre)}, {number(trials)}, {number(noise)}}},")
print("};")
