"""The network that all training scripts share: a U-Net whose encoder is EfficientNet-Lite0.

Encoder: Tan & Le, EfficientNet, ICML 2019, arXiv:1905.11946, in its "lite" form (ReLU6, no squeeze-and-excitation),
started from ImageNet. Decoder: Ronneberger et al., U-Net, MICCAI 2015, arXiv:1505.04597, with few channels.
"""

from pathlib import Path

import keras
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


def build(outputs: int) -> keras.Model:
    """Make the network, its encoder not yet trained.

    It takes float32 NxHxWx3 RGB from 0 to 255, H and W multiples of 32, and gives logits, float32 NxHxWx`outputs`.
    """
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 128, -127 / 128)(image)
    *skips, x = encode(x)
    for skip, channels in zip(reversed(skips), reversed(DECODER), strict=True):
        x = layers.Concatenate()([Double("nearest")(x), skip])
        for _ in range(2):
            x = _normal(layers.Conv2D(channels, 3, padding="same", use_bias=False)(x))
    x = layers.Conv2D(outputs, 1, name="logits")(x)
    return keras.Model(image, Double("bilinear")(x))


def encode(x) -> list:
    """Lay the encoder over float32 NxHxWx3 from -1 to 1: what `SKIPS` tell of, and the last stage's, at 1/32."""
    x = _normal(layers.Conv2D(32, 3, 2, padding="same", use_bias=False)(x), limit=6)
    answers = []
    for blocks, kernel, stride, expansion, channels in STAGES:
        for block in range(blocks):
            x = _block(x, kernel, stride if block == 0 else 1, expansion, channels)
        answers.append(x)
    return [*(answers[stage] for stage in SKIPS), x]


def _block(x, kernel: int, stride: int, expansion: int, channels: int):
    """Lay an inverted residual block."""
    start, inside = x, x.shape[-1] * expansion
    if expansion > 1:
        x = _normal(layers.Conv2D(inside, 1, use_bias=False)(x), limit=6)
    x = _normal(layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False)(x), limit=6)
    x = FusedNormalization()(layers.Conv2D(channels, 1, use_bias=False)(x))
    return layers.Add()([start, x]) if stride == 1 and start.shape[-1] == channels else x


def _normal(x, limit: float | None = None):
    return layers.ReLU(limit)(FusedNormalization()(x))


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
