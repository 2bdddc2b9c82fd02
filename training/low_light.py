"""Train the network that brightens dark photos, and write models/trained/low-light.onnx.

Zero-DCE (Guo et al., CVPR 2020, arXiv:2001.06826): for each place of a photo and each colour, a network estimates eight
curves `x + a x (1 - x)`, applied one after the other. As in its successor (Li et al., PAMI 2021, arXiv:2103.00860) it
looks at a reduced photo. Here, moreover, its answer is an eighth as large as what it is shown, its layers also see the
mean and the extremes of the whole photo, and it learns from pairs: photos, and the same underexposed.

The data is a folder with `photos/` and `portraits/images/`. Every tenth of each by name is held back to measure. A run
that was cut short goes on where it was when it is started again.

usage: python -m training.low_light --data DIR [--minutes 16] [--work DIR]
"""

import json

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from training import arguments, augment, export, photos
from training.loop import Trainer
from training.plan import Plan, Sample

SHARES = {"photos": 1, "portraits/images": 3}
"""Folders, and of each that every so-manieth photo is taken: of everyday photos the most is to be learnt."""
SIZE = 256
"""Pixels squared that the network is shown when measured."""
SIZES = ((0.0, 128, 16), (0.6, SIZE, 12))
SIDES = ("N", "H/8", "W/8")
"""Of the answer, beside the photo's."""
ITERATIONS = 8
CHANNELS = 32
STOPS = (1.5, 4.5)
"""By how much most photos are underexposed."""
LEAST_ERROR = 1e-5
"""Mean squared error, of 1, below which there is little to be learnt from a photo."""
SMOOTH_WEIGHT = 0.2
CONTRAST_WEIGHT = 0.5
REGION = 4
"""Pixels squared of the regions whose contrast is to be right."""


def build() -> keras.Model:
    """Make the network.

    It takes sRGB, float32 NxHxWx3 from 0 to 255, H and W multiples of 8, and gives logits of the curves, float32
    NxH/8xW/8x24: eight times three, those of R, G and B together.
    """
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 255)(image)
    for channels in (CHANNELS // 2, CHANNELS, CHANNELS):
        x = _convolution(channels, strides=2)(x)
    skips = []
    for _ in range(3):
        x = _convolution(CHANNELS)(x)
        skips.append(x)
    x = _convolution(CHANNELS)(x)
    whole = layers.Concatenate()([
        layers.GlobalAveragePooling2D(keepdims=True)(x),
        layers.GlobalMaxPooling2D(keepdims=True)(x),
    ])  # fmt: skip
    whole = layers.Conv2D(CHANNELS, 1)(layers.Conv2D(2 * CHANNELS, 1, activation="relu")(whole))
    x = layers.Add()([x, whole])
    for skip in reversed(skips[1:]):
        x = _convolution(CHANNELS)(layers.Concatenate()([skip, x]))
    x = layers.Concatenate()([skips[0], x])
    return keras.Model(image, layers.Conv2D(3 * ITERATIONS, 3, padding="same", kernel_initializer="he_normal")(x))


def _convolution(channels: int, strides: int = 1) -> layers.Layer:
    return layers.Conv2D(
        channels, 3, strides=strides, padding="same", activation="relu", kernel_initializer="he_normal"
    )


def brighten(images: tf.Tensor, curves: tf.Tensor) -> tf.Tensor:
    """Apply curves, float32 Nxhxwx24 in [-1, 1], enlarged, to float32 NxHxWx3 in [0, 1]."""
    curves = tf.image.resize(curves, tf.shape(images)[1:3])
    for each in tf.split(curves, ITERATIONS, -1):
        images += each * images * (1 - images)
    return images


def activation(logits: tf.Tensor) -> tf.Tensor:
    return tf.tanh(logits)


def loss(truths: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """The root of each photo's mean squared error, and two of the paper's losses.

    truths: uint8 NxHxWx6, the photo as it should be, and as it was shown. The root is taken photo by photo, so that a
    small change of a photo that should have none counts, too. Of the paper's losses: the curves of neighbours should
    be alike, and so should be the contrast of neighbouring regions, here with that in the truth.
    """
    truth, image = tf.split(tf.cast(truths, tf.float32) / 255, 2, -1)
    curves = activation(logits)
    bright = brighten(image, curves)
    error = tf.reduce_mean((bright - truth) ** 2, (1, 2, 3))
    regions = tf.nn.avg_pool2d(tf.reduce_mean(bright - truth, -1, keepdims=True), REGION, REGION, "VALID")
    contrast, rough = (
        tf.reduce_mean((x[:, 1:] - x[:, :-1]) ** 2) + tf.reduce_mean((x[:, :, 1:] - x[:, :, :-1]) ** 2)
        for x in (regions, curves)
    )
    return tf.reduce_mean(tf.sqrt(error + LEAST_ERROR)) + CONTRAST_WEIGHT * contrast + SMOOTH_WEIGHT * rough


def sampler(learn: list[np.ndarray]) -> Sample:
    """Make the function that draws a view of a photo, as it is or underexposed in one of several ways.

    The truth is uint8 SxSx6: the view as it should be, and as it is shown.
    """

    def sample(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        photo = learn[random.integers(len(learn))]
        shares = random.uniform(0.6, 1, 2)
        high, wide = (max(1, round(length * share)) for length, share in zip(photo.shape, shares, strict=False))
        top, left = random.integers(photo.shape[0] - high + 1), random.integers(photo.shape[1] - wide + 1)
        part = cv2.resize(photo[top : top + high, left : left + wide], (size, size), interpolation=cv2.INTER_AREA)
        part = part[:, ::-1] if random.random() < 0.5 else part
        if random.random() < 0.2:
            part = augment.light(random, part)
        image = np.ascontiguousarray(part)
        kind = random.random()
        if kind < 0.5:
            image = augment.darken(random, image, random.uniform(*STOPS))
        elif kind < 0.6:
            image = augment.darken(random, image, random.uniform(0, STOPS[0]))
        elif kind < 0.7:
            image = augment.darken(random, image, uneven(random, size))
        return image, np.dstack([part, image])

    return sample


def uneven(random: np.random.Generator, size: int) -> np.ndarray:
    """Draw by how many stops each pixel of a view lacks light, float32 `size` x `size`: here more, there not at all."""
    field = cv2.resize(random.standard_normal((4, 4), np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    field = np.clip(0.5 + field * random.uniform(0.5, 2), 0, 1)
    return field * np.float32(random.uniform(*STOPS))


def measure(model: keras.Model, third: list[np.ndarray]) -> dict[str, float]:
    """Mean PSNR in dB, at 256 pixels squared, of photos as they are and underexposed by 2, 3 and 4 stops."""
    scores: dict[int, list[float]] = {stops: [] for stops in (0, 2, 3, 4)}
    for number, photo in enumerate(third):
        truth = cv2.resize(photo, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        for stops in scores:
            random = np.random.default_rng([number, stops])
            image = augment.darken(random, truth, stops) if stops else truth
            image = image[None].astype(np.float32)
            bright = brighten(image / 255, activation(model(image, training=False)))[0].numpy()
            error = np.mean((bright - truth / 255) ** 2)
            scores[stops].append(10 * np.log10(1 / max(error, 1e-6)))
    return {f"{stops} stops": round(float(np.mean(values)), 2) for stops, values in scores.items()}


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "low-light", "photos/ and portraits/images/", 16).parse_args(given)

    learn, third = photos.read(wish.data, SHARES, 100)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    trainer = Trainer(build, loss, Plan(wish.minutes, SIZES, save_minutes=3), wish.work)

    def watch() -> None:
        print(json.dumps(measure(trainer.average, third)), flush=True)

    trainer.run(sampler(learn), lambda line: print(line, flush=True), watch)
    export.write(trainer.average, activation, "curves", wish.out, {}, SIDES)


if __name__ == "__main__":
    main()
