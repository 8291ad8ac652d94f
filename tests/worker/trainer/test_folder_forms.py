"""However an encoder's weights lie in their folder, the training that begins with them is the same."""

import collections
import io
import json
import os
import pickle
import shutil
import struct
import subprocess
import sys
import types
import zipfile

import pytest

from support import tiny_encoder
from support.programs import PROGRAMS

FLAGS = ["--model=encoder", "--max_tokens=48", "--learning_rate=0.01", "--epochs=1", "--save=none", "--oof=none"]


def kre_train(*arguments):
    return subprocess.run([PROGRAMS["kre-train"], *map(str, arguments)], env=os.environ, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=180)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    kre_train("corpus", "--out", path, "--rows", 60)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory, corpus):
    """Its numbers are small multiples of 1/64, which every kind of number can hold."""
    path = tiny_encoder.write(tmp_path_factory.mktemp("encoders") / "bert", [corpus.read_text(encoding="utf-8")])
    items = [(name, shape, [max(-127, min(127, round(64 * value))) / 64 for value in values]) for name, shape, values in read(path)]
    write_safetensors(path / "model.safetensors", items)
    return path


def read(folder):
    data = (folder / "model.safetensors").read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        yield name, entry["shape"], list(struct.unpack(f"<{(end - begin) // 4}f", data[begin:end]))


PACKED = {"F32": lambda values: struct.pack(f"<{len(values)}f", *values), "F16": lambda values: struct.pack(f"<{len(values)}e", *values),
          "BF16": lambda values: b"".join(struct.pack("<f", value)[2:] for value in values)}


def write_safetensors(path, items, kind="F32"):
    header, body, at = {"__metadata__": {"format": "pt"}}, b"", 0
    for name, shape, values in items:
        data = PACKED[kind](values)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + len(data)]}
        body, at = body + data, at + len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def renamed(change):
    def write(folder, items):
        write_safetensors(folder / "model.safetensors", [(change(name), shape, values) for name, shape, values in items])
    return write


def gamma(name):
    for new, old in (("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")):
        name = name.replace(new, old)
    return name


def in_kind(kind):
    return lambda folder, items: write_safetensors(folder / "model.safetensors", items, kind)


def in_shards(folder, items):
    parts = {"model-00001-of-00002.safetensors": items[::2], "model-00002-of-00002.safetensors": items[1::2]}
    for name, part in parts.items():
        write_safetensors(folder / name, part)
    index = {"metadata": {"total_size": 1}, "weight_map": {item[0]: name for name, part in parts.items() for item in part}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


class Tensor:
    """Pickles as torch.save writes a tensor, if turned, column by column."""

    def __init__(self, key, shape, values):
        self.key, self.shape, self.count = key, tuple(shape), len(values)
        self.turned = len(shape) == 2
        rows, columns = shape if self.turned else (1, len(values))
        self.values = [values[row * columns + column] for column in range(columns) for row in range(rows)] if self.turned else values

    def __reduce__(self):
        strides = (1, self.shape[0]) if self.turned else (1,)
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (Storage(self), 0, self.shape, strides, False, collections.OrderedDict())


class Storage:
    def __init__(self, tensor):
        self.tensor = tensor


class Pickler(pickle.Pickler):
    def persistent_id(self, obj):
        if isinstance(obj, Storage):
            return "storage", sys.modules["torch"].FloatStorage, obj.tensor.key, "cpu", obj.tensor.count
        return None


def by_pytorch(folder, items):
    """Without PyTorch: its functions only need to have their names."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})
    utils._rebuild_tensor_v2 = lambda *arguments: None
    utils._rebuild_tensor_v2.__module__, utils._rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch._utils = utils
    sys.modules |= {"torch": torch, "torch._utils": utils}
    state = {name: Tensor(str(number), shape, values) for number, (name, shape, values) in enumerate(items)}
    text = io.BytesIO()
    Pickler(text, 2).dump(state)
    del sys.modules["torch"], sys.modules["torch._utils"]
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("pytorch_model/data.pkl", text.getvalue())
        for tensor in state.values():
            archive.writestr(f"pytorch_model/data/{tensor.key}", PACKED["F32"](tensor.values))
        archive.writestr("pytorch_model/version", "3\n")


def scores(corpus, folder):
    done = kre_train("--data", corpus, "--init", folder, *FLAGS)
    assert "encoder: 37 tensors loaded, 2 new (kre.out.weight, kre.out.bias), 3 unused" in done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("epoch")]


@pytest.fixture(scope="module")
def expected(corpus, folder):
    return scores(corpus, folder)


@pytest.mark.parametrize("form", [in_kind("F16"), in_kind("BF16"), renamed(gamma), renamed(lambda name: name.removeprefix("bert.")), in_shards,
                                  by_pytorch], ids=["half", "bfloat", "gamma and beta", "without a prefix", "shards", "pytorch_model.bin"])
def test_a_training_does_not_depend_on_the_form_of_its_folder(corpus, folder, expected, tmp_path, form):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "model.safetensors").unlink()
    form(other, list(read(folder)))
    assert scores(corpus, other) == expected


@pytest.mark.parametrize("verb", ["export", "pretrain"])
def test_a_body_that_was_saved_alone_is_written_with_its_prefix_and_pooler(corpus, folder, tmp_path, verb):
    alone, text = tmp_path / "alone", tmp_path / "text"
    shutil.copytree(folder, alone)
    renamed(lambda name: name.removeprefix("bert."))(alone, list(read(folder)))
    if verb == "export":
        kre_train("--data", corpus, "--init", alone, *FLAGS, "--save", tmp_path / "model")
        kre_train("export", "--model", tmp_path / "model", "--out", tmp_path / "whole")
        (whole,) = tmp_path.glob("whole")
    else:
        kre_train("pretrain", "--model=encoder", "--init", alone, "--data", corpus, "--epochs=1", "--out", text)
        (whole,) = text.iterdir()
    names = {name for name, _, _ in read(whole)}
    assert {"bert.pooler.dense.weight", "bert.pooler.dense.bias", "bert.embeddings.word_embeddings.weight"} <= names
    assert not any(name.startswith(("pooler.", "embeddings.", "encoder.")) for name in names)
