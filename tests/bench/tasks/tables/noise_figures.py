"""How much of a table's loss is the configuration, the fold, and noise: σ is the sd of one repeat after the means of configuration and
repeat are taken out, τ the sd between configurations' true means, φ that between repeats (folds). With σ, how much two configurations
have to differ to be told apart by one fold. A second line is of the better half, which is where a search decides; a third of the best
tenth. Configurations that failed are left out."""
import argparse
import pathlib

import numpy

from table_file import read_table


def two_way(loss):
    """(σ, τ, φ) of losses without gaps, cells × repeats: a two-way analysis of variance without replicates."""
    rows, columns = loss.shape
    row_means, column_means = loss.mean(axis=1), loss.mean(axis=0)
    rest = loss - row_means[:, None] - column_means[None, :] + loss.mean()
    noise = (rest**2).sum() / ((rows - 1) * (columns - 1))
    between = max(row_means.var(ddof=1) - noise / columns, 0)
    folds = max(column_means.var(ddof=1) - noise / rows, 0)
    return noise**0.5, between**0.5, folds**0.5


def parts(loss):
    """(name, losses) of all cells, the better half and the best tenth, chosen by their means."""
    ordered = loss[numpy.argsort(loss.mean(axis=1), kind="stable")]
    for name, share in ("all", 1), ("half", 2), ("tenth", 10):
        yield name, ordered[: max(len(ordered) // share, 2)]


def forecast(loss, curve):
    """For a few epochs: the correlation, over cells within a repeat, of the loss there with the loss at the end."""
    epochs = curve.shape[2]
    for epoch in sorted({1, 2, epochs // 4, epochs // 2, epochs} - {0}):
        pairs = [(curve[:, repeat, epoch - 1], loss[:, repeat]) for repeat in range(loss.shape[1])]
        known = [(early[there], last[there]) for early, last in pairs for there in [~numpy.isnan(early)] if there.sum() > 2]
        if known:
            yield epoch, float(numpy.mean([numpy.corrcoef(early, last)[0, 1] for early, last in known]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", type=pathlib.Path, help=".npz files")
    for path in parser.parse_args().tables:
        _, _, arrays, _ = read_table(path)
        loss = arrays["loss"].astype(float)
        whole = numpy.isfinite(loss).all(axis=1)
        print(f"{path.stem}: {len(loss)} configurations × {loss.shape[1]}, {(~whole).sum()} failed, {numpy.nanmean(arrays['seconds']):.3g} s a fit")
        if whole.sum() < 3 or loss.shape[1] < 2:
            continue
        for name, part in parts(loss[whole]):
            noise, between, folds = two_way(part)
            print(f"  {name:5} σ {noise:.4g}  τ {between:.4g}  φ {folds:.4g}  τ/σ {between / noise if noise else float('inf'):.2f}  "
                  f"mean {part.mean():.4g}  least {part.mean(axis=1).min():.4g}")
        if "curve" in arrays:
            print("  correlation with the end, by epoch:", "  ".join(f"{epoch}: {value:.2f}" for epoch, value in forecast(
                loss[whole], arrays["curve"][whole])))


if __name__ == "__main__":
    main()
