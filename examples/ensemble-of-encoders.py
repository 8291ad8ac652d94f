#!/usr/bin/env python3
"""Lets the best trials of a study vote: the mean of their models' probabilities (soft voting).

    ensemble-of-encoders.py STUDY IN OUT [COUNT]        COUNT models of the best trials, 5 unless it is given

IN are rows as `kre-train predict` reads them, OUT is a submission.csv with the label of the highest mean (of SemEval's rows id<TAB>label, as its
scorer reads it, unless the name ends with .csv). The models are those that the study
kept (`keep: {models: best 5}`), here or at the daemon; with folds every fold has one, and all of them vote. Whatever kre-search has to be told
besides is in its environment (KRE_HOME, KRE_CONNECT); a pretrained encoder that the models stand on is where it was, or at KRE_FILE_ENCODER.
"""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True).stdout


def is_model(folder):
    return (folder / "config.json").exists() and (folder / "model.safetensors").exists()


def fetched(study, number, to):
    """Fold → folder of the models of a trial that the daemon keeps; where it keeps none, kre-search says so."""
    subprocess.run(["kre-search", "fetch", study, str(number), "--to", str(to)], check=False, stdout=subprocess.DEVNULL)
    for config in to.rglob("config.json"):
        place = config.relative_to(to).parts[0]  # fold-N where there are several
        if is_model(config.parent):
            yield (int(place.removeprefix("fold-")) if place.startswith("fold-") else 0), config.parent


def folders_of(study, number, scratch):
    """Where the models of a trial are, one a fold: in the folders of its runs here, or fetched from the daemon."""
    runs = json.loads(run("kre-search", "show", study, number, "--json"))["files"]
    found = {one["fold"]: pathlib.Path(one["model"]) for one in runs if one["model"] and is_model(pathlib.Path(one["model"]))}
    if len(found) < len(runs):
        found = dict(fetched(study, number, scratch / str(number))) | found
    if len(found) < len(runs):
        print(f"trial {number}: {len(found)} of the models of {len(runs)} runs are kept and vote", file=sys.stderr)
    return [found[fold] for fold in sorted(found)]


def models(study, count, scratch):
    """The folders of the best trials' models."""
    trials = json.loads(run("kre-search", "trials", study, "--state", "complete", "--sort", "best", "--limit", count, "--json"))
    return [folder for trial in trials["trials"] for folder in folders_of(study, trial["number"], scratch)]


def predict(model, rows, out):
    init = ["--init", os.environ["KRE_FILE_ENCODER"]] if os.environ.get("KRE_FILE_ENCODER") else []
    run("kre-train", "predict", "--model", model, *init, rows, out)
    with open(out, newline="", encoding="utf-8") as file:
        return {row["id"]: json.loads(row["probs"]) for row in csv.DictReader(file)}


def write(out, classes, means):
    labels = {row: classes[mean.index(max(mean))] for row, mean in means.items()}
    with open(out, "w", newline="", encoding="utf-8") as file:
        if "Cause-Effect(e1,e2)" in classes and not out.lower().endswith(".csv"):
            file.writelines(f"{row}\t{label}\n" for row, label in labels.items())
            return
        writer = csv.writer(file)
        writer.writerow(["id", "pred_label", "probs"])
        writer.writerows([row, label, json.dumps(means[row])] for row, label in labels.items())


def main(study, rows, out, count="5"):
    with tempfile.TemporaryDirectory() as scratch:
        folders = models(study, count, pathlib.Path(scratch))
        if not folders:
            sys.exit(f"no model of {study} is kept: keep: {{models: best {count}}} in the study file keeps them")
        votes = [predict(folder, rows, pathlib.Path(scratch) / "one.csv") for folder in folders]
        classes = json.loads((folders[0] / "config.json").read_text(encoding="utf-8"))["classes"]
    means = {row: [sum(column) / len(votes) for column in zip(*(vote[row] for vote in votes))] for row in votes[0]}
    write(out, classes, means)
    print(f"{len(votes)} models voted on {len(votes[0])} rows: {out}")


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
