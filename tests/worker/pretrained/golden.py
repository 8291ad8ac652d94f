#!/usr/bin/env python3
"""Writes one state of a model anew as PyTorch 2.15 and safetensors 0.8 do: archive/ and legacy/pytorch_model.bin, plain/model.safetensors.
Run by hand (pip install torch safetensors); the tests compare the three."""

import collections
import pathlib

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def state():
    torch.manual_seed(7)
    table = torch.randn(5, 4)
    state = collections.OrderedDict()
    state["embeddings.position_ids"] = torch.arange(6).expand((1, -1))
    state["embeddings.word_embeddings.weight"] = table
    state["encoder.layer.0.turned.weight"] = torch.randn(3, 4).t()  # columns first, as what came from TensorFlow
    state["encoder.layer.0.part.weight"] = torch.randn(6, 4)[2:4]  # an offset in its storage
    state["encoder.layer.0.part.column"] = torch.randn(6, 4)[:, 1]
    state["encoder.layer.0.half.weight"] = torch.tensor([0.0, -0.0, 1.5, -65504.0, 6e-8, -6.1e-5, float("inf"), float("nan")]).half()
    state["encoder.layer.0.half.grid"] = torch.randn(3, 2).half().t()
    state["encoder.layer.0.bfloat.weight"] = torch.randn(2, 3).bfloat16()
    state["encoder.layer.0.double.weight"] = torch.randn(2, 2).double()
    state["encoder.layer.0.LayerNorm.gamma"] = torch.nn.Parameter(torch.randn(4))
    state["encoder.layer.0.cube"] = torch.randn(2, 3, 2).permute(2, 0, 1)
    state["scale"] = torch.tensor(0.25)
    state["nothing"] = torch.zeros(0, 4)
    state["lm_head.decoder.weight"] = table  # tied
    state._metadata = collections.OrderedDict([("", {"version": 1}), ("encoder", {"version": 1})])
    return state


def main():
    tensors = state()
    torch.save(tensors, HERE / "archive/pytorch_model.bin")
    torch.save(tensors, HERE / "legacy/pytorch_model.bin", _use_new_zipfile_serialization=False)
    plain = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(plain, HERE / "plain/model.safetensors", metadata={"format": "pt"})


main()
