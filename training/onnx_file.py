"""Networks as the ONNX files that the app runs, with half-precision weights."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

OPSET = 17


def save(
    proto: onnx.ModelProto,
    path: Path,
    metadata: Mapping[str, str],
    sides: Sequence[str] = ("N", "H", "W"),
    taken: Sequence[str] = ("N", "H", "W"),
) -> None:
    """Write a network; the first sizes of the pictures it takes get the names `taken`, those of what it gives `sides`.

    `metadata` is what a reader must know, such as the names of the classes.
    """
    _halve(proto.graph)
    for value in proto.graph.input:
        is_picture = len(value.type.tensor_type.shape.dim) > 2  # else numbers, a fixed many for each
        _name(value, taken if is_picture else taken[:1])
    for value in proto.graph.output:
        _name(value, sides)
    helper.set_model_props(proto, dict(metadata))
    onnx.checker.check_model(proto)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    onnx.save(proto, partial)
    os.replace(partial, path)


def _name(value: onnx.ValueInfoProto, sizes: Sequence[str]) -> None:
    """Name the first sizes of what a network takes or gives, for they depend on what it is asked."""
    for name, dimension in zip(sizes, value.type.tensor_type.shape.dim, strict=False):
        dimension.dim_param = name


def _halve(graph: onnx.GraphProto) -> None:
    """Store the convolutions' weights in half precision, each behind a Cast, which is done once when a model loads."""
    weights = {node.input[1] for node in graph.node if node.op_type in ("Conv", "ConvTranspose")}
    casts = []
    for tensor in graph.initializer:
        if tensor.name in weights:
            name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}/half"))
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
