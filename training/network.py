"""The network that all training scripts share: a U-Net whose encoder is EfficientNet-Lite0.

Encoder: Tan & Le, EfficientNet, ICML 2019, arXiv:1905.11946, in its "lite" form (ReLU6, no squeeze-and-excitation),
started from ImageNet. Decoder: Ronneberger et al., U-Net, MICCAI 2015, arXiv:1505.04597, with few channels.
"""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

STAGES = [  # blocks, kernel, stride, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]
"""EfficientNet-Lite0, table 1 of the paper with width and depth 1."""
SKIPS = (0, 1, 2, 4)
"""Stages whose answers go to the decoder: at 1/2, 1/4, 1/8 and 1/16 of the input."""
DECODER = (32, 64, 96, 128)
"""Channels of the decoder at those scales."""
HINT_GAIN = 3
"""Hints go from 0 to this, so that their weights, which start at zero, learn faster than those that know already."""


def build(outputs: int, hints: int = 0, folded: bool = False) -> keras.Model:
    """Make the network, its encoder not yet trained.

    It takes float32 NxHxWx(3 + `hints`) from 0 to 255, H and W multiples of 32, and gives logits, float32
    NxHxWx`outputs`. The first three channels are RGB. Those behind them are what else is known about each pixel; the
    decoder sees them at every scale, too. folded: without normalisation, for weights that have it in them.
    """
    image = keras.Input((None, None, 3 + hints), name="image")
    x = layers.Rescaling(1 / 128, -127 / 128)(image[..., :3] if hints else image)
    scales = []
    if hints:
        known = layers.Rescaling(HINT_GAIN / 255)(image[..., 3:])
        x = layers.Concatenate()([x, known])
        for _ in SKIPS:
            known = layers.AveragePooling2D(2)(known)
            scales.append([known])
    *skips, x = encode(x, folded)
    for skip, channels, known in zip(
        reversed(skips), reversed(DECODER), reversed(scales or [[] for _ in SKIPS]), strict=True
    ):
        x = layers.Concatenate()([Double("nearest")(x), skip, *known])
        for _ in range(2):
            x = layers.ReLU()(_convolution(x, layers.Conv2D, folded, filters=channels, kernel_size=3))
    x = layers.Conv2D(outputs, 1, name="logits")(x)
    return keras.Model(image, Double("bilinear")(x))


def encode(x, folded: bool = False) -> list:
    """Lay the encoder over float32 NxHxWxC from -1 to 1: what `SKIPS` tell of, and the last stage's, at 1/32."""
    x = layers.ReLU(6)(_convolution(x, layers.Conv2D, folded, filters=32, kernel_size=3, strides=2))
    answers = []
    for blocks, kernel, stride, expansion, channels in STAGES:
        for block in range(blocks):
            x = _block(x, kernel, stride if block == 0 else 1, expansion, channels, folded)
        answers.append(x)
    return [*(answers[stage] for stage in SKIPS), x]


def _block(x, kernel: int, stride: int, expansion: int, channels: int, folded: bool):
    """Lay an inverted residual block."""
    start, inside = x, x.shape[-1] * expansion
    if expansion > 1:
        x = layers.ReLU(6)(_convolution(x, layers.Conv2D, folded, filters=inside, kernel_size=1))
    x = layers.ReLU(6)(_convolution(x, layers.DepthwiseConv2D, folded, kernel_size=kernel, strides=stride))
    x = _convolution(x, layers.Conv2D, folded, filters=channels, kernel_size=1)
    return layers.Add()([start, x]) if stride == 1 and start.shape[-1] == channels else x


def _convolution(x, kind: type[layers.Layer], folded: bool, **shape):
    x = kind(**shape, padding="same", use_bias=folded)(x)
    return x if folded else FusedNormalization()(x)


class FusedNormalization(layers.BatchNormalization):
    """Batch normalisation in TensorFlow's one fused operation: a training step takes half the time on a CPU."""

    def __init__(self, **options) -> None:
        super().__init__(**{"epsilon": 1e-3} | options)

    def call(self, x, training: bool = False):
        known = {} if training else {"mean": self.moving_mean, "variance": self.moving_variance}
        x, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x, self.gamma, self.beta, epsilon=self.epsilon, is_training=training, **known
        )
        if training:
            self.moving_mean.assign(self.momentum * self.moving_mean + (1 - self.momentum) * mean)
            self.moving_variance.assign(self.momentum * self.moving_variance + (1 - self.momentum) * variance)
        return x


class Double(layers.Layer):
    """Twice the height and width; unlike Keras' own layer, in graphs of any size, too."""

    def __init__(self, method: str, **options) -> None:
        super().__init__(**options)
        self.method = method

    def call(self, x):
        size = 2 * tf.shape(x)[1:3]
        if self.method == "nearest":  # without the half-pixel shift, which changes nothing here and ONNX lacks
            return tf.raw_ops.ResizeNearestNeighbor(images=x, size=size)
        return tf.image.resize(x, size, self.method)

    def compute_output_shape(self, shape):
        count, height, width, channels = shape
        return (count, height and 2 * height, width and 2 * width, channels)


def load_encoder(model: keras.Model, path: Path) -> None:
    """Give the encoder of `model` the ImageNet weights of a PyTorch file, paired in order."""
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    tensors = iter(value.numpy() for name, value in state.items() if not name.endswith("num_batches_tracked"))
    convolutions = 1 + sum(blocks * (3 if expansion > 1 else 2) for blocks, _, _, expansion, _ in STAGES)
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.BatchNormalization)
    for layer in [layer for layer in model.layers if isinstance(layer, kinds)][: 2 * convolutions]:
        if isinstance(layer, layers.BatchNormalization):
            values = [next(tensors) for _ in range(4)]  # gamma, beta, mean, variance in both libraries
        else:
            order = (2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0)
            values = [next(tensors).transpose(order)]
        layer.set_weights(values)


def load_folded(model: keras.Model, path: Path) -> None:
    """Give a folded `model` the weights that `training.export` wrote of a network of this build.

    Where the model has more than that network: hints count for nothing at first, and each further output starts as the
    last one.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    tensors = {tensor.name.removesuffix("/half"): numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    targets = [layer for layer in model.layers if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D)]
    for node, layer in zip(nodes, targets, strict=True):
        kernel, bias = (tensors[name].astype(np.float32) for name in node.input[1:])
        order = (2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0)
        values = kernel.transpose(order), bias
        layer.set_weights([_padded(value, weight.shape) for value, weight in zip(values, layer.weights, strict=True)])


def _padded(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Bring a kernel or bias to `shape`, whose last axis are outputs, and the one before inputs."""
    *inputs, outputs = ((0, wanted - there) for there, wanted in zip(values.shape, shape, strict=True))
    values = np.pad(values, [*((0, 0) for _ in inputs), outputs], mode="edge")
    return np.pad(values, [*inputs, (0, 0)])
