#!/usr/bin/python3
"""Texts and ids of JSON files as test_golden.c reads them: a text or a row of ids a line. Run by hand on the folder that the originals
were asked in, and by the tests with real checkpoints."""

import json
import pathlib
import sys

ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}


def write_texts(path, texts):
    lines = ["".join(ESCAPES.get(letter, letter) for letter in text) for text in texts]
    pathlib.Path(path).write_bytes("".join(line + "\n" for line in lines).encode())


def write_ids(path, rows):
    pathlib.Path(path).write_text("".join(" ".join(map(str, row)) + "\n" for row in rows), encoding="ascii")


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    write_texts(target / "texts.txt", json.loads((source / "texts.json").read_text(encoding="utf-8")))
    for path in sorted(source.glob("*/ids*.json")):
        (target / path.parent.name).mkdir(exist_ok=True)
        write_ids(target / path.parent.name / (path.stem + ".txt"), json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(*sys.argv[1:])
