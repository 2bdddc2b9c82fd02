"""Writing a trained network as ONNX, which the app runs without TensorFlow."""

import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from onnx import helper, numpy_helper

OPSET = 17


def write(model: keras.Model, activation: Callable, output: str, path: Path, metadata: dict[str, str]) -> None:
    """Write `model`, which gives logits, with `activation` behind it, as one ONNX file with half-precision weights.

    Input `image`: float32 NxHxWxC from 0 to 255, RGB and whatever else the model takes, H and W multiples of 32.
    Output `output`: what `activation` makes of float32 logits NxHxWxC. `metadata` is what a reader must know, such as
    the names of the classes.
    """
    signature = (tf.TensorSpec(model.input_shape, tf.float32, name="image"),)
    answer = tf.function(lambda image: {output: activation(model(image, training=False))}, signature)
    proto, _ = tf2onnx.convert.from_function(answer, signature, opset=OPSET)
    _halve(proto.graph)
    for value in (*proto.graph.input, *proto.graph.output):
        for name, dimension in zip("NHW", value.type.tensor_type.shape.dim, strict=False):
            dimension.dim_param = name
    helper.set_model_props(proto, metadata)
    onnx.checker.check_model(proto)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    onnx.save(proto, partial)
    os.replace(partial, path)


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
