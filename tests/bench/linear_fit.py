"""linear_fit.py KRE-TRAIN DATA.json [FOLDS]: kre-train's linear model beside scikit-learn's LinearSVC on character n-grams of the
text before, between and after the entities, of both entities, and their types: micro-F1 without no_relation on the same
held-out rows, seconds of one fit with its reading and validation, and the ratio of the seconds."""
import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time

from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC


def parts(row):
    """The pieces of a row that the peer sees."""
    subject, object_ = row["subject_entity"], row["object_entity"]
    first, second = sorted((subject, object_), key=lambda entity: entity["start_idx"])
    text = row["sentence"]
    return [
        text[: first["start_idx"]],
        text[first["end_idx"] + 1 : second["start_idx"]],
        text[second["end_idx"] + 1 :],
        subject["word"],
        object_["word"],
        f"{subject['type']}_{object_['type']} {subject['type']}S {object_['type']}O {first is subject}",
    ]


def fit_peer(train, valid):
    """F1 and seconds."""
    start = time.perf_counter()
    vectorizers = [TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2) for _ in range(5)]
    vectorizers.append(CountVectorizer())
    pieces = [list(zip(*map(parts, rows))) for rows in (train, valid)]
    seen = hstack([v.fit_transform(piece) for v, piece in zip(vectorizers, pieces[0])]).tocsr()
    unseen = hstack([v.transform(piece) for v, piece in zip(vectorizers, pieces[1])]).tocsr()
    model = LinearSVC(C=0.5, class_weight=None).fit(seen, [row["label"] for row in train])
    guesses = model.predict(unseen)
    truth = [row["label"] for row in valid]
    labels = sorted({row["label"] for row in train} - {"no_relation"})
    return f1_score(truth, guesses, labels=labels, average="micro"), time.perf_counter() - start


def fit_ours(program, data, fold, folder):
    """F1, seconds, and the ids of the rows held out."""
    command = [program, "--data", data, "--folds=5", f"--fold={fold}", "--select=last"]
    start = time.perf_counter()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - start
    score = dict(word.split("=") for word in output.splitlines()[-1].split() if "=" in word)["f1"]
    subprocess.run([*command, "--epochs=1", f"--oof={folder}/oof.csv"], check=True, capture_output=True)
    with open(f"{folder}/oof.csv", encoding="utf-8") as file:
        return float(score), seconds, {row["id"] for row in csv.DictReader(file)}


def main():
    program, data = sys.argv[1:3]
    folds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    rows = json.load(open(data, encoding="utf-8"))
    ours, peers = [], []
    for fold in range(folds):
        with tempfile.TemporaryDirectory() as folder:
            score, seconds, held = fit_ours(program, data, fold, folder)
        ours.append((score, seconds))
        peers.append(fit_peer([r for r in rows if r["guid"] not in held], [r for r in rows if r["guid"] in held]))
    for name, runs in ("kre-train", ours), ("LinearSVC", peers):
        scores, seconds = zip(*runs)
        print(f"{name}: F1 {statistics.mean(scores):.4f} ± {statistics.stdev(scores):.4f}, {statistics.median(seconds):.2f} s a fit")
    ratio = statistics.median(s for _, s in peers) / statistics.median(s for _, s in ours)
    print(f"ratio of the seconds {ratio:.1f}")


if __name__ == "__main__":
    main()
