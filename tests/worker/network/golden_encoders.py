"""Writes golden_encoders.h: what transformers 4.4.2 on PyTorch 1.13 computed for small encoders with random weights
(encoders/*.safetensors), for test_encoder.c.

    python3 golden_encoders.py FOLDER > golden_encoders.h && clang-format -i golden_encoders.h

FOLDER has a folder per encoder with config.json and golden.json: ids, mask, types, the hidden states after the embeddings and
after each layer, logits, loss, and each parameter's gradient: its first six numbers and its norm."""
import json
import pathlib
import sys

NAMES = ["bert", "roberta", "electra", "distilbert"]


def numbers(values):
    return ", ".join(f"{value:.9g}" for value in values)


def encoder(folder, name):
    golden = json.loads((folder / name / "golden.json").read_text())
    config = json.loads((folder / name / "config.json").read_text())
    lengths = [sum(row) for row in golden["attention_mask"]]
    hidden = [value for layer in golden["hidden_states"] for row, length in zip(layer, lengths) for vector in row[:length]
              for value in vector]
    types = golden.get("token_type_ids") or [[0] * len(row) for row in golden["input_ids"]]
    gradients = "".join(f'{{"{key}", {{{numbers(values[:-1][:6])}}}, {values[-1]:.9g}}},\n' for key, values in golden["gradients"].items())
    variable = name.replace("-", "_")
    sizes = (config["vocab_size"], config["max_position_embeddings"], config.get("type_vocab_size", 0),
             config.get("embedding_size") or config.get("hidden_size") or config["dim"])
    print(f"static const struct golden_gradient {variable}_gradients[] = {{{gradients}}};")
    print(f"static const double {variable}_hidden[] = {{{numbers(hidden)}}};")
    ids = numbers(value for row in golden["input_ids"] for value in row)
    return f"""{{"{name}", {{{", ".join(map(str, sizes))}}}, {config.get("layer_norm_eps", 1e-12)}, {config["pad_token_id"]},
    {{{ids}}}, {{{numbers(value for row in types for value in row)}}}, {{{numbers(lengths)}}}, {{{numbers(golden["labels"])}}},
    {variable}_hidden, {{{numbers(value for row in golden["logits"] for value in row)}}}, {golden["loss"]:.9g},
    {variable}_gradients, sizeof {variable}_gradients / sizeof *{variable}_gradients}},"""


def main(folder):
    print("""/* Written by golden_encoders.py; not to be edited. */
#ifndef TESTS_WORKER_NETWORK_GOLDEN_ENCODERS_H
#define TESTS_WORKER_NETWORK_GOLDEN_ENCODERS_H

#include <stddef.h>

enum { GOLDEN_SENTENCES = 3, GOLDEN_TOKENS = 8, GOLDEN_LAYERS = 3, GOLDEN_WIDTH = 32, GOLDEN_CLASSES = 5 };

struct golden_gradient {
    const char *name;
    double first[6], norm;
};

struct golden_encoder {
    const char *name;
    struct { int words, places, types, embedding; } sizes;
    double epsilon;
    int pad, ids[GOLDEN_SENTENCES * GOLDEN_TOKENS], types[GOLDEN_SENTENCES * GOLDEN_TOKENS];
    int lengths[GOLDEN_SENTENCES], labels[GOLDEN_SENTENCES];
    const double *hidden; /* (GOLDEN_LAYERS + 1, rows, GOLDEN_WIDTH), without padding */
    double logits[GOLDEN_SENTENCES * GOLDEN_CLASSES], loss;
    const struct golden_gradient *gradients;
    size_t gradient_count;
};
""")
    rows = [encoder(folder, name) for name in NAMES]
    print("static const struct golden_encoder golden_encoders[] = {" + "\n".join(rows) + "};\n\n#endif")


main(pathlib.Path(sys.argv[1]))
