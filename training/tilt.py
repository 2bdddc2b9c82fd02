"""Train the network that tells by how much a photo hangs askew, and write models/trained/tilt.onnx.

It is shown what there is in a photo that would be level or plumb, at each angle (`models.restore.tilt`), and gives each
angle a probability: a few convolutions along the angles, which learn what counts for how much.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`, all hanging straight, or nearly so.
Every tenth of each by name is held back to measure. What takes time is to look at the views of the photos; a run that
was cut short goes on where it was when it is started again.

usage: python -m training.tilt --data DIR [--views 11] [--work DIR]
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from models.restore import tilt
from training import arguments, export, photos

SHARES = {"photos": 1, "regions/images": 1, "portraits/images": 8}
"""Folders, and of each that every so-manieth photo is taken: of everyday photos the most is to be learnt."""
MOST = 17
"""Degrees up to which photos are tilted."""
BLUR = 0.5
"""Degrees by which the truth is blurred over its neighbours."""
CHANNELS = 32
EPOCHS = 25
RATE = 2e-3


def build() -> keras.Model:
    """Make the network: from evidence, float32 Nx1x161x13, to a logit for each angle, float32 Nx161."""
    evidence = keras.Input((1, len(tilt.ANGLES), tilt.CHANNELS), name="image")
    x = layers.BatchNormalization()(evidence)
    for spread in (1, 2, 4):
        x = layers.Conv2D(CHANNELS, (1, 9), padding="same", dilation_rate=(1, spread), activation="relu")(x)
        x = layers.Dropout(0.2)(x)
    return keras.Model(evidence, layers.Flatten()(layers.Conv2D(1, 1)(x)))


def activation(logits: tf.Tensor) -> tf.Tensor:
    return tf.nn.softmax(logits)


def loss(angles: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy; angles: float32 Nx1, degrees."""
    wanted = tf.nn.softmax(-(((angles - tilt.ANGLES) / BLUR) ** 2) / 2)
    return tf.nn.softmax_cross_entropy_with_logits(wanted, logits)


def view(random: np.random.Generator, photo: np.ndarray, angle: float) -> np.ndarray:
    """Cut a rectangle out of a photo, turned clockwise by `angle` degrees, and reduce it: uint8 HxWx3.

    Whatever the angle, it is as large a part of the photo, so that only what the photo shows tells the angle.
    """
    height, width = photo.shape[:2]
    reach, turn = np.deg2rad(MOST), np.deg2rad(angle)
    cosine, sine = np.cos(reach), np.sin(reach)
    share = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    size = [round(length * share * random.uniform(0.85, 1)) for length in (width, height)]
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    back = np.column_stack([matrix, (np.array([width, height]) - 1) / 2 - matrix @ ((np.array(size) - 1) / 2)])
    image = cv2.warpAffine(photo, back, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    reduced = random.uniform(0.6, 0.9)
    return cv2.resize(image, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)


def look(learn: list[np.ndarray], views: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Look at so many views of each photo: evidence, float16 Nx1x161x13, and angles, float32 Nx1.

    They are kept in `folder`, and what lies there is not looked at again.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def draw(number: int, round: int) -> tuple[np.ndarray, float]:
        random = np.random.default_rng([round, number])
        angle = random.uniform(-MOST, MOST)
        return tilt.evidence(view(random, learn[number], angle)).astype(np.float16), angle

    parts = []
    with ThreadPoolExecutor(2) as pool:
        for round in range(views):
            place = folder / f"{round}.npz"
            if not place.exists():
                seen, angles = zip(*pool.map(draw, range(len(learn)), [round] * len(learn)), strict=True)
                np.savez(place, seen=np.stack(seen)[:, None], angles=np.float32(angles)[:, None])
                print(f"looked at {len(learn) * (round + 1)} views", flush=True)
            with np.load(place) as part:
                parts.append((part["seen"], part["angles"]))
    seen, angles = (np.concatenate(part) for part in zip(*parts, strict=True))
    return seen, angles


def train(seen: np.ndarray, angles: np.ndarray) -> keras.Model:
    """Fit the network to evidence and angles, and to their mirror images."""
    seen, angles = np.concatenate([seen, seen[:, :, ::-1]]), np.concatenate([angles, -angles])
    model = build()
    steps = EPOCHS * -(-len(seen) // 64)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-2), loss)
    losses = model.fit(seen, angles, 64, EPOCHS, verbose=0).history["loss"]
    print(f"loss from {losses[0]:.3f} to {losses[-1]:.3f}", flush=True)
    return model


def measure(model: keras.Model, third: list[np.ndarray]) -> dict[str, float]:
    """Median error in degrees of views up to 15 degrees askew, and the share that is within one."""
    errors = []
    for number, photo in enumerate(third):
        random = np.random.default_rng(number)
        angle = random.uniform(-15, 15)
        seen = tilt.evidence(view(random, photo, angle))[None, None]
        errors.append(abs(tilt.ANGLES[model(seen, training=False).numpy().argmax()] - angle))
    return {"off by": round(float(np.median(errors)), 2), "within 1": round(float(np.mean(np.array(errors) < 1)), 3)}


def main(given: list[str] | None = None) -> None:
    parser = arguments.parser(__doc__, "tilt", "photos/, portraits/images/ and so on")
    parser.add_argument("--views", type=int, default=11, help="how many views of each photo to learn from")
    wish = parser.parse_args(given)

    learn, third = photos.read(wish.data, SHARES, 100)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    keras.utils.set_random_seed(0)
    model = train(*look(learn, wish.views, wish.work))
    print(json.dumps(measure(model, third)), flush=True)
    export.write(model, activation, "angles", wish.out, {}, ("N",))


if __name__ == "__main__":
    main()
