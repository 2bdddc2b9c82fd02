"""Train the network that sees how a photo lies, and write models/trained/upright.onnx.

It gives a photo a score that is to be higher than those of the same photo turned by quarters. EfficientNet-Lite0 (Tan
& Le, ICML 2019, arXiv:1905.11946) stays as ImageNet made it; on what it sees, where it sees it, and how sure it is,
a linear layer is trained. Turns as a task: Gidaris et al., ICLR 2018, arXiv:1803.07728.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`, all upright. Every tenth of each by name
is held back to measure. What takes time is to look at the views of the photos; a run that was cut short goes on where
it was when it is started again.

usage: python -m training.upright --data DIR [--views 3] [--work DIR]
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from models import weights
from training import arguments, augment, export, network, photos

SHARES = {"photos": 1, "regions/images": 1, "portraits/images": 4}
"""Folders, and of each that every so-manieth photo is taken: of everyday photos the most is to be learnt."""
SIZE = 192
"""Pixels squared of a view."""
BATCH = 16
TURNS = 4
EPOCHS = 60
RATE = 3e-4
DECAY = 0.05
CLASSES = 1000


def build_encoder() -> keras.Model:
    """Make the part that stays as it is, its weights not yet loaded.

    It takes sRGB, float32 NxSxSx3 from 0 to 255, S = 192, and gives what is seen, float32 NxD: EfficientNet's last
    answer, its last two stages in nine fields, and how sure it is: the largest logit, their soft maximum, the entropy.
    """
    image = keras.Input((SIZE, SIZE, 3), name="image")
    *_, middle, last = network.encode(layers.Rescaling(1 / 128, -127 / 128)(image))
    x = network.FusedNormalization()(layers.Conv2D(1280, 1, use_bias=False)(last))
    whole = layers.GlobalAveragePooling2D(keepdims=True)(layers.ReLU(6)(x))
    logits = layers.Flatten()(layers.Conv2D(CLASSES, 1)(whole))
    fields = [layers.AveragePooling2D(4)(middle), layers.AveragePooling2D(2)(last)]
    return keras.Model(
        image, layers.Concatenate()([layers.Flatten()(each) for each in (whole, *fields)] + [Sureness()(logits)])
    )


class Sureness(layers.Layer):
    """Of logits, Nx1000: the largest, their soft maximum, and the entropy, Nx3."""

    def call(self, logits):
        shares = tf.nn.softmax(logits)
        soft = tf.reduce_logsumexp(logits, -1)
        entropy = soft - tf.reduce_sum(shares * logits, -1)
        return tf.stack([tf.reduce_max(logits, -1), soft, entropy], -1)


def load(encoder: keras.Model, path: Path) -> None:
    """Give the encoder, classes and all, the ImageNet weights of a PyTorch file."""
    import torch

    network.load_encoder(encoder, path)
    values = [
        value.numpy()
        for name, value in torch.load(path, map_location="cpu", weights_only=True).items()
        if name.startswith(("_conv_head", "_bn1", "_fc")) and value.ndim
    ]
    convolution, *normalisation, kernel, bias = values
    *_, first, second = (layer for layer in encoder.layers if isinstance(layer, layers.Conv2D))
    first.set_weights([convolution.transpose(2, 3, 1, 0)])
    [layer for layer in encoder.layers if isinstance(layer, layers.BatchNormalization)][-1].set_weights(normalisation)
    second.set_weights([kernel.T[None, None], bias])


def activation(scores: tf.Tensor) -> tf.Tensor:
    return scores


def sample(random: np.random.Generator, photo: np.ndarray) -> np.ndarray:
    """Draw a view of a photo, most of it, squeezed into a square: uint8 SxSx3."""
    high, wide = (max(1, round(length * random.uniform(0.75, 1))) for length in photo.shape[:2])
    top, left = random.integers(photo.shape[0] - high + 1), random.integers(photo.shape[1] - wide + 1)
    image = cv2.resize(photo[top : top + high, left : left + wide], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    image = np.ascontiguousarray(image[:, ::-1]) if random.random() < 0.5 else image
    return augment.wear(random, augment.light(random, image))


def turned(images: list[np.ndarray]) -> np.ndarray:
    """Each of N images as it is and turned by one, two and three quarters: uint8 4NxSxSx3."""
    return np.stack([np.rot90(image, turn) for image in images for turn in range(TURNS)])


def look(encoder: keras.Model, learn: list[np.ndarray], views: int, folder: Path) -> np.ndarray:
    """Look at so many views of each photo: what is seen of each, upright and turned, float16 Nx4xD.

    It is kept in `folder`, and what lies there is not looked at again.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def draw(number: int, round: int) -> np.ndarray:
        return sample(np.random.default_rng([round, number]), learn[number])

    parts = []
    with ThreadPoolExecutor(2) as pool:
        for round in range(views):
            place = folder / f"{round}.npy"
            if not place.exists():
                images = list(pool.map(draw, range(len(learn)), [round] * len(learn)))
                seen = encoder.predict(turned(images), BATCH, verbose=0).astype(np.float16)
                np.save(place, seen.reshape(len(learn), TURNS, -1))
                print(f"looked at {len(learn) * (round + 1)} views", flush=True)
            parts.append(np.load(place))
    return np.concatenate(parts)


def loss(_: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
    """Cross entropy of which of four turns, scores Nx4x1, is the first."""
    return -tf.nn.log_softmax(scores[..., 0])[:, 0]


def train(seen: np.ndarray) -> keras.Model:
    """Fit what makes a score, Nx1, of what is seen, NxD, to Nx4xD, of which the first of each four is upright."""
    mean, spread = (measure(seen, (0, 1), dtype=np.float32) for measure in (np.mean, np.std))
    seen = (seen - mean) / (spread + 1e-3)
    score = layers.Dense(1, use_bias=False)
    four = keras.Input(seen.shape[1:])
    model = keras.Model(four, score(layers.Dropout(0.5)(four)))
    steps = EPOCHS * -(-len(seen) // 64)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=DECAY), loss)
    losses = model.fit(seen, np.zeros(len(seen)), 64, EPOCHS, verbose=0).history["loss"]
    print(f"loss from {losses[0]:.3f} to {losses[-1]:.3f}", flush=True)
    head = keras.Sequential([keras.Input(mean.shape), layers.Dense(1)])
    kernel = score.get_weights()[0] / (spread + 1e-3)[:, None]
    head.set_weights([kernel, -mean @ kernel])
    return head


def measure(model: keras.Model, third: list[np.ndarray]) -> dict[str, float]:
    """Share of photos whose upright view has the highest score."""
    images = [cv2.resize(photo, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for photo in third]
    scores = model.predict(turned(images), BATCH, verbose=0).reshape(-1, TURNS)
    return {"turns right": round(float((scores.argmax(-1) == 0).mean()), 3)}


def main(given: list[str] | None = None) -> None:
    parser = arguments.parser(__doc__, "upright", "photos/, portraits/images/ and so on")
    parser.add_argument("--views", type=int, default=3, help="how many views of each photo to learn from")
    wish = parser.parse_args(given)

    learn, third = photos.read(wish.data, SHARES, 100)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    keras.utils.set_random_seed(0)
    encoder = build_encoder()
    load(encoder, weights.path("efficientnet-lite0"))
    head = train(look(encoder, learn, wish.views, wish.work))
    model = keras.Model(encoder.input, head(encoder.output))
    print(json.dumps(measure(model, third)), flush=True)
    export.write(model, activation, "score", wish.out, {}, ("N",))


if __name__ == "__main__":
    main()
