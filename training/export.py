"""Writing a network of Keras as ONNX, which the app runs without TensorFlow."""

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import tensorflow as tf
import tf2onnx

from training import onnx_file


def write(
    model: keras.Model,
    activation: Callable,
    output: str,
    path: Path,
    metadata: dict[str, str],
    sides: Sequence[str] = ("N", "H", "W"),
) -> None:
    """Write `model`, which gives logits, with `activation` behind it, as one ONNX file with half-precision weights.

    Input `image`: float32 NxHxWxC from 0 to 255, RGB and whatever else the model takes, H and W multiples of 32.
    Output `output`: what `activation` makes of float32 logits NxHxWxC, or of other `sides` before C. `metadata` and
    `sides` as `onnx_file.save` takes them.
    """
    signature = (tf.TensorSpec(model.input_shape, tf.float32, name="image"),)
    answer = tf.function(lambda image: {output: activation(model(image, training=False))}, signature)
    proto, _ = tf2onnx.convert.from_function(answer, signature, opset=onnx_file.OPSET)
    onnx_file.save(proto, path, metadata, sides)
