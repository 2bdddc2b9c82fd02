"""Train the network that fills holes in photos, and write models/trained/context-encoder.onnx.

A context encoder (Pathak et al., CVPR 2016, arXiv:1604.07379): an encoder after VGG16 (Simonyan & Zisserman, ICLR
2015, arXiv:1409.1556) with a quarter of its channels, a decoder of convolutions and transposed convolutions with ELU,
and a discriminator. For holes of any form its convolutions are gated (Yu et al., ICCV 2019, arXiv:1806.03589), with one
gate for all channels (Yi et al., CVPR 2020, arXiv:2005.09704); what is far from a hole reaches it through dilated ones.
It is shown the hole filled smoothly (`models.inpaint.membrane`) and says what to add to that.

Beside the error it learns from what the discriminator sees in its fills and in the photos, which are to be the same
(feature matching, Wang et al., CVPR 2018, arXiv:1711.11585).

The data is a folder with `photos/`, `photo-mattes/` (outlines of things, for holes), `regions/images/`,
`portraits/images/`, and `people/` where it is there. Every tenth photo by name is held back to measure. A run that was
cut short goes on where it was when it is started again.

usage: python -m training.context_encoder --data DIR [--minutes 52] [--start FILE] [--work DIR]
"""

import json
import re
from collections import defaultdict
from pathlib import Path

import cv2
import keras
import numpy as np
import onnx
import tensorflow as tf
from keras import layers
from onnx import numpy_helper

from models.inpaint import membrane
from training import arguments, export, heldback, holes, mattes, photos
from training.loop import Trainer
from training.plan import Plan, Sample

FOLDERS = {"photos": 1, "regions/images": 1, "portraits/images": 1}
"""Folders to learn from, and of each that its every so-manieth photo is taken."""
KINDS = (0.3, 0.15, 0.55)
"""How often each kind of `holes.KINDS` is drawn: most is lacking in what is shaped as an object."""
LARGE = 1 / 6
"""Share of the photo from which on an object-shaped hole is large; the network is judged by these, too."""
SIZES = ((0.0, 128, 16), (0.7, 256, 4))
ENCODER = ((2, 16), (2, 32), (3, 64), (3, 128), (3, 256))
"""Convolutions and channels of VGG16's five blocks, each at half the size of the one before."""
DILATIONS = (2, 4, 8, 16)
"""Of the convolutions behind the fourth block, at an eighth of the size."""
ADVERSARY_WEIGHT = 0.002
"""What the discriminator's opinion counts, of the mean absolute error."""
FEATURES_WEIGHT = 0.05
"""What it counts how unlike a fill is to the photo in what the discriminator sees of them."""


def build() -> keras.Model:
    """Make the network.

    It takes float32 NxHxWx4 from 0 to 255, H and W multiples of 32: RGB, smooth in the hole, and the hole (255). It
    gives RGB, float32 NxHxWx3, where black is -1 and white 1; beside the hole as it was.
    """
    image = keras.Input((None, None, 4), name="image")
    hole = layers.Rescaling(1 / 255)(image[..., 3:])
    colours = layers.Rescaling(2 / 255, -1)(image[..., :3])
    x = layers.Concatenate()([colours, hole])
    skips = []
    for block, (convolutions, channels) in enumerate(ENCODER):
        for convolution in range(convolutions):
            stride = 2 if block and not convolution else 1
            x = gated(x, channels, stride=stride)
        if block == 3:
            for dilation in DILATIONS:
                x = layers.Add()([x, gated(x, channels, dilation=dilation)])
        skips.append(x)
    for (_, channels), skip in zip(reversed(ENCODER[:-1]), reversed(skips[:-1]), strict=True):
        x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", activation="elu")(x)
        x = gated(layers.Concatenate()([x, skip]), channels)
    change = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(x)
    return keras.Model(image, layers.Add(name="colours")([colours, change * hole]))


def begin(model: keras.Model, path: Path) -> None:
    """Give a network the weights that lie in the ONNX file of one that was trained before."""
    graph = onnx.load(path).graph
    stored = {tensor.name.removesuffix("/half"): numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found: dict[tuple[str, int], dict[str, np.ndarray]] = defaultdict(dict)
    for node in graph.node:
        told = re.search(r"/(conv2d(?:_transpose)?)_(\d+)_\d+/", " ".join([node.name, *node.input]))
        if told and node.op_type in ("Conv", "ConvTranspose", "Add"):
            for name in [each for each in node.input if each in stored]:
                part = "kernel" if "ReadVariableOp" in name else "bias"  # the bias of a dilated one is added apart
                found[told[1], int(told[2])][part] = stored[name]
    for kind, type_ in (("conv2d", layers.Conv2D), ("conv2d_transpose", layers.Conv2DTranspose)):
        # Layers are numbered as they were made.
        there = [weights for (of, _), weights in sorted(found.items()) if of == kind]
        mine = sorted((layer for layer in model.layers if type(layer) is type_), key=_number)
        for layer, weights in zip(mine, there, strict=True):
            kernel = weights["kernel"].transpose(2, 3, 1, 0).astype(np.float32)
            layer.set_weights([kernel, weights["bias"].reshape(-1)])


def _number(layer: layers.Layer) -> int:
    return int(re.search(r"\d*$", layer.name)[0] or 0)


def gated(x, channels: int, stride: int = 1, dilation: int = 1):
    """Lay a convolution whose answer counts at each place as much as a second one says."""
    shape = {"kernel_size": 3, "strides": stride, "dilation_rate": dilation, "padding": "same"}
    values = layers.Conv2D(channels, **shape, activation="elu", kernel_initializer="he_normal")(x)
    gate = layers.Conv2D(1, **shape, activation="sigmoid", bias_initializer="ones")(x)
    return layers.Multiply()([values, gate])


def build_discriminator() -> keras.Model:
    """Make the network that tells photos from filled ones, place by place (SN-PatchGAN, Yu et al. 2019).

    It takes RGB from -1 to 1 and the hole (1), float32 NxHxWx4, and gives float32 NxH/16xW/16x1: above 0 for real; and
    before that what it sees, at a half to a sixteenth of the size.
    """
    x = start = keras.Input((None, None, 4))
    seen = []
    for channels in (32, 64, 128, 128):
        layer = layers.Conv2D(channels, 5, strides=2, padding="same")
        x = layers.LeakyReLU(0.2)(layers.SpectralNormalization(layer)(x))
        seen.append(x)
    return keras.Model(start, [*seen, layers.Conv2D(1, 3, padding="same")(x)])


def loss(truths: tf.Tensor, colours: tf.Tensor) -> tf.Tensor:
    """Mean absolute error in the holes, of the image and of its half, quarter and eighth.

    The small ones make the network get large shapes right first.
    """
    truth, hole = split(truths)
    error = (colours - truth) * hole
    total = tf.reduce_sum(tf.abs(error))
    for scale in (2, 4, 8):
        total += tf.reduce_sum(tf.abs(tf.nn.avg_pool2d(error, scale, scale, "VALID"))) * scale**2
    return total / tf.reduce_sum(hole) / 12


def split(truths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Part uint8 NxHxWx4 into RGB from -1 to 1 and the hole, 0 or 1."""
    truths = tf.cast(truths, tf.float32)
    return truths[..., :3] / 127.5 - 1, truths[..., 3:] / 255


class AdversarialTrainer(Trainer):
    """Trains a discriminator beside the network, and the network to be taken for a photo, too."""

    def __init__(self, plan: Plan, folder: Path, start: Path | None = None) -> None:
        """Begin, or go on with what is saved in `folder`; start: file of a network to begin with."""
        self._discriminator = build_discriminator()
        self._adversary = keras.optimizers.Adam(plan.rate / 2, beta_1=0.5)
        self._adversary.build(self._discriminator.trainable_variables)
        super().__init__(build, loss, plan, folder, discriminator=self._discriminator, adversary=self._adversary)
        if start and not self.resumed:
            begin(self.model, start)

    def _one_step(self, images: tf.Tensor, truths: tf.Tensor, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        truth, hole = split(truths)
        with tf.GradientTape() as tape, tf.GradientTape() as other:
            colours = self.model(tf.cast(images, tf.float32), training=True)
            fake = tf.concat([colours, hole], -1)
            photo = tf.concat([truth, hole], -1)
            *seen, opinion = self._discriminator(fake, training=False)
            *there, _ = self._discriminator(photo, training=False)
            unlike = [tf.reduce_mean(tf.abs(a - tf.stop_gradient(b))) for a, b in zip(seen, there, strict=True)]
            error = loss(truths, colours)
            total = (
                error - ADVERSARY_WEIGHT * tf.reduce_mean(opinion) + FEATURES_WEIGHT * tf.add_n(unlike) / len(unlike)
            )
            # Hinge loss, half of it for real photos and half for filled ones.
            both = tf.concat([photo, tf.stop_gradient(fake)], 0)
            real, false = tf.split(self._discriminator(both, training=True)[-1], 2)
            doubt = tf.reduce_mean(tf.nn.relu(1 - real)) + tf.reduce_mean(tf.nn.relu(1 + false))
        variables = self._discriminator.trainable_variables
        self._adversary.apply(other.gradient(doubt, variables), variables)
        self._learn(tape.gradient(total, self.model.trainable_variables), memory)
        return error, colours


def activation(colours: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value((colours + 1) * 127.5, 0, 255)


def sampler(photos: list[np.ndarray], outlines: list[np.ndarray]) -> Sample:
    """Make the function that draws a part of a photo with holes in it.

    Image and truth are uint8 SxSx4: RGB and the hole, which in the image is filled smoothly.
    """

    def sample(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        photo = photos[random.integers(len(photos))]
        # From true pixels, or as many as fit, to the whole short edge.
        most = min(photo.shape[:2])
        side = round(np.exp(random.uniform(np.log(min(size, most)), np.log(most))))
        top, left = (random.integers(length - side + 1) for length in photo.shape[:2])
        part = photo[top : top + side, left : left + side]
        part = cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC)
        part = part[:, ::-1] if random.random() < 0.5 else part
        kind = random.choice(holes.KINDS, p=KINDS)
        mask = holes.draw(random, (size, size), kind, outlines)
        return tuple(np.dstack([each, mask * 255]) for each in (membrane.fill(part, mask), part))

    return sample


def measure(model: keras.Model, photos: list[np.ndarray], outlines: list[np.ndarray]) -> dict[str, float]:
    """Mean PSNR in dB within the holes, by kind, at 256 pixels squared; `large`: in those shaped as large objects."""
    scores: dict[str, list[float]] = {kind: [] for kind in (*holes.KINDS, "large")}
    for number, photo in enumerate(photos):
        photo = cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA)
        for index, kind in enumerate(holes.KINDS):
            mask = holes.draw(np.random.default_rng([number, index]), photo.shape[:2], kind, outlines)
            shown = np.dstack([membrane.fill(photo, mask), mask * 255])[None].astype(np.float32)
            found = activation(model(shown, training=False))[0].numpy()
            error = np.mean((found - photo)[mask > 0] ** 2)
            scores[kind].append(10 * np.log10(255**2 / max(error, 1e-2)))
            if kind == "object" and mask.mean() >= LARGE:
                scores["large"].append(scores[kind][-1])
    return {kind: round(float(np.mean(values)), 2) for kind, values in scores.items() if values}


def main(given: list[str] | None = None) -> None:
    parser = arguments.parser(__doc__, "context-encoder", "photos/, photo-mattes/ and so on", 52)
    parser.add_argument("--start", type=Path, help="ONNX file of such a network to begin with, in place of chance")
    wish = parser.parse_args(given)

    people = {f"people/{folder.name}": 1 for folder in sorted(wish.data.glob("people/*"))}
    learn, third = photos.read(wish.data, FOLDERS | people, 60)
    things = mattes.outlines(wish.data, heldback.split((wish.data / "photos").iterdir())[0])
    print(f"{len(learn)} photos to train on, {len(third)} held back, {len(things)} outlines", flush=True)
    trainer = AdversarialTrainer(Plan(wish.minutes, SIZES, rate=7e-4), wish.work, wish.start)

    def watch() -> None:
        print(json.dumps(measure(trainer.average, third, things)), flush=True)

    trainer.run(sampler(learn, things), lambda line: print(line, flush=True), watch)
    export.write(trainer.average, activation, "filled", wish.out, {})


if __name__ == "__main__":
    main()
