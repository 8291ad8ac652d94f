"""pruning.py TABLE.json|TABLE.npz OUT.txt [--folds K] [--scale]

A table of finished trials as `pruning` reads it: digits-mlp.json (one fold, its truth is the last epoch), or a table of tests/bench/tasks/tables
(its first K repeats are the folds, half of them unless said otherwise, and a cell's truth is the mean over the others, which the
search never sees). A fold's curve is the best so far, ending in the loss; without curves it has one epoch. A cell with a loss that is
infinite in the folds crashes there; where its truth is unknown it is left out. --scale: the best cell lies 0.1 above the median one,
for losses of other units than shares."""

import argparse
import json

import numpy as np


def of_json(path):
    rows = json.load(open(path))["rows"]
    curves = np.array([row["f1"] for row in rows], float)[:, None, :]
    return curves[:, 0, -1], curves, np.ones((len(rows), 1))


def of_npz(path, folds):
    table = np.load(path, allow_pickle=False)
    loss = np.where(np.isfinite(table["loss"]), table["loss"].astype(float), np.nan)
    folds = folds or loss.shape[1] // 2
    known = np.isfinite(loss[:, folds:]).all(axis=1)
    curves = loss[:, :folds, None]
    if "curve" in table.files and table["curve"].ndim == 3:
        curves = np.fmin.accumulate(table["curve"][:, :folds].astype(float), axis=2)
        curves[:, :, -1] = loss[:, :folds]
    return -loss[known, folds:].mean(axis=1), -curves[known], table["seconds"][known, :folds].astype(float)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("out")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--scale", action="store_true")
    asked = parser.parse_args()
    truth, curves, seconds = of_json(asked.table) if asked.table.endswith(".json") else of_npz(asked.table, asked.folds)
    if asked.scale:
        unit = 10 * (truth.max() - np.median(truth))
        truth, curves = truth / unit, curves / unit
    with open(asked.out, "w") as out:
        print(*curves.shape, file=out)
        for worth, cell, spent in zip(truth, curves, seconds):
            print(repr(float(worth)), *(f"{s:.6g} " + " ".join(f"{v:.6g}" for v in c) for c, s in zip(cell, spent)), file=out)


main()
