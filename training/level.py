"""Train the network that sees by how much a photo hangs askew, and write models/trained/level.onnx.

It looks at the whole photo, where `training.tilt` weighs lines and edges alone: what stands and what lies is known by
what it is. EfficientNet-Lite0 (Tan & Le, ICML 2019, arXiv:1905.11946) starts from ImageNet; its last three scales,
averaged over the photo, give each angle a probability. Angles as classes: Fischer et al., GCPR 2015.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`, all hanging straight, or nearly so.
Every tenth of each by name is held back to measure, and of the others every twelfth. A run that was cut short goes on
where it was when it is started again.

usage: python -m training.level --data DIR [--minutes 55] [--work DIR]
"""

import itertools
import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
from torch import nn

from models import weights
from models.restore import tilt
from training import arguments, augment, heldback, photos, torch_export
from training.plan import Plan
from training.torch_loop import TorchTrainer, stacked

CHANCES = {"photos": 1.0, "regions/images": 1.0, "portraits/images": 0.2}
"""Folders, and how often a photo of each is shown: of everyday photos the most is to be learnt."""
WATCHED = 12
"""Every so-manieth photo is not learnt from, but measured by."""
MOST = 18
"""Degrees up to which photos are tilted."""
LEVEL = 0.1
"""Share of photos that are tilted by a degree or so, as most photos are."""
OTHER_SHAPE = 0.3
"""Share of batches that are cut to a shape other than the photos'."""
FROZEN = 2
"""Stages of the encoder that stay as ImageNet made them: those at the finest scales."""
SCALES = (2, 4, 6)
"""Stages that are asked, at 1/8, 1/16 and 1/32 of the photo."""
CHANNELS = 128
BLUR = 0.8
"""Degrees by which the truth is blurred over its neighbours."""
BATCH = 32
AHEAD = 4
"""Batches that are made before they are needed."""
ENCODER_RATE = 0.3
"""Learning rate of the encoder, which knows already, as a share of the others'."""


class Network(nn.Module):
    """From sRGB, float32 Nx3xHxW from 0 to 255, H and W multiples of 32, to a logit for each of `tilt.SEEN`, NxA."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = timm.create_model("tf_efficientnet_lite0", features_only=True, out_indices=(2, 3, 4))
        self.scales = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, CHANNELS, 1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU())
            for channels in self.encoder.feature_info.channels()
        )
        self.drop = nn.Dropout(0.2)
        self.answer = nn.Linear(CHANNELS * len(SCALES), len(tilt.SEEN))

    def load(self, path: Path) -> None:
        """Give the encoder the ImageNet weights of a PyTorch file, paired in order."""
        whole = timm.create_model("tf_efficientnet_lite0")
        state = torch.load(path, map_location="cpu", weights_only=True)
        ours, theirs = (
            [name for name in names if not name.endswith("num_batches_tracked")]
            for names in (whole.state_dict(), state)
        )
        named = {our: state[their] for our, their in zip(ours, theirs, strict=True)}
        self.encoder.load_state_dict({name: named[name] for name in self.encoder.state_dict() if name in named}, False)

    def train(self, mode: bool = True) -> "Network":
        super().train(mode)
        self.encoder.eval()  # its normalisation stays: batches are small
        return self

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            x = self.encoder.bn1(self.encoder.conv_stem((image - 127) / 128))
            for stage in self.encoder.blocks[:FROZEN]:
                x = stage(x)
        seen = []
        for number, stage in enumerate(self.encoder.blocks[FROZEN:], FROZEN):
            x = stage(x)
            if number in SCALES:
                seen.append(x)
        means = [scale(x).mean((2, 3)) for scale, x in zip(self.scales, seen, strict=True)]
        return self.answer(self.drop(torch.cat(means, 1)))


class Exported(nn.Module):
    """From float32 NxHxWx3 from 0 to 255 to the probability of each of `tilt.SEEN`, NxA."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.network(image.permute(0, 3, 1, 2)).softmax(-1)


def view(photo: np.ndarray, angle: float, shape: tuple[int, int], share: float, at: np.ndarray) -> np.ndarray:
    """Cut a rectangle out of a photo, turned clockwise by `angle` degrees: uint8 of `shape` (height, width).

    share: of the largest one that fits. at: where in the room that is left, x and y from -1 to 1. It is always turned,
    and reduced after that, so that only what the photo shows tells the angle.
    """
    room = np.array(photo.shape[1::-1]) - 2.0
    turn = np.deg2rad(angle)
    cosine, sine = np.cos(turn), np.sin(turn)
    wide = np.array(shape[::-1]) / shape[0]
    around = np.array([wide[0] * cosine + abs(sine), wide[0] * abs(sine) + cosine])
    size = wide * (room / around).min() * share
    left = np.maximum(0, room - around * size[1]) / 2
    larger = np.clip(size[0] / shape[1], 1.25, 2.5)
    between = np.rint(np.array(shape[::-1]) * larger).astype(int)
    matrix = np.array([[cosine, sine], [-sine, cosine]]) * size[0] / between[0]
    corner = (np.array(photo.shape[1::-1]) - 1) / 2 + left * at - matrix @ ((between - 1) / 2)
    image = cv2.warpAffine(
        photo,
        np.column_stack([matrix, corner]),
        between.tolist(),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    return cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA)


class Samples:
    """Batches of photos that hang askew."""

    def __init__(self, learn: list[np.ndarray], chances: list[float]) -> None:
        self._groups: dict[tuple[int, int], list[np.ndarray]] = {}
        self._chances: dict[tuple[int, int], list[float]] = {}
        for photo, chance in zip(learn, chances, strict=True):
            shape = tilt.shape(photo)
            self._groups.setdefault(shape, []).append(photo)
            self._chances.setdefault(shape, []).append(chance)

    def draw(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """One batch: uint8 NxHxWx3, and by how many degrees each photo is tilted, float32 N."""
        shapes = list(self._groups)
        sums = np.array([sum(self._chances[shape]) for shape in shapes])
        group = shape = shapes[random.choice(len(shapes), p=sums / sums.sum())]
        if random.random() < OTHER_SHAPE:
            shape = tilt.SHAPES[random.integers(len(tilt.SHAPES))]
        chances = np.array(self._chances[group]) / sum(self._chances[group])
        chosen = random.choice(len(chances), BATCH, p=chances, replace=len(chances) < BATCH)
        return tuple(
            np.stack(part) for part in zip(*(self._sample(random, group, n, shape) for n in chosen), strict=True)
        )

    def _sample(
        self, random: np.random.Generator, group: tuple[int, int], number: int, shape: tuple[int, int]
    ) -> tuple[np.ndarray, np.float32]:
        angle = random.normal(0, 1) if random.random() < LEVEL else random.uniform(-MOST, MOST)
        image = view(self._groups[group][number], angle, shape, random.uniform(0.6, 1), random.uniform(-1, 1, 2))
        if random.random() < 0.5:
            image, angle = np.ascontiguousarray(image[:, ::-1]), -angle
        return augment.wear(random, augment.light(random, image)), np.float32(angle)

    def batches(self, start: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batches for ever from the one numbered `start`, some ahead of their use."""

        def draw(number: int) -> tuple[np.ndarray, np.ndarray]:
            return self.draw(np.random.default_rng(number))

        with ThreadPoolExecutor(2) as pool:
            waiting = deque(pool.submit(draw, start + ahead) for ahead in range(AHEAD))
            for number in itertools.count(start + AHEAD):
                waiting.append(pool.submit(draw, number))
                yield waiting.popleft().result()


def loss(images: torch.Tensor, angles: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Cross entropy; angles: float32 N, degrees. What the images show does not matter."""
    wanted = torch.softmax(-(((angles[:, None] - torch.from_numpy(tilt.SEEN)) / BLUR) ** 2) / 2, 1)
    return nn.functional.cross_entropy(logits, wanted)


class Trainer(TorchTrainer):
    """Trains a `Network`, whose encoder knows already and learns slowly."""

    MEMORY = 0.998
    STEEPEST = 2.0
    HALF = False

    def _optimized(self) -> torch.optim.Optimizer:
        others = [*self.model.scales.parameters(), *self.model.answer.parameters()]
        groups = [{"params": list(self.model.encoder.parameters()), "share": ENCODER_RATE}]
        return torch.optim.AdamW([*groups, {"params": others, "share": 1.0}], weight_decay=0.02)


def train(samples: Samples, plan: Plan, folder: Path) -> Network:
    """Train until the plan's minutes are used up, or go on with what is in `folder`; the average of the weights."""
    network = Network()
    network.load(weights.path("efficientnet-lite0"))
    trainer = Trainer(network.train(), loss, plan, folder)
    if trainer.progress < 1:
        batches = ((stacked(images), torch.from_numpy(angles)) for images, angles in samples.batches(trainer.steps))
        trainer.run_on(batches, lambda line: print(line, flush=True), lambda: None)
    return trainer.average


def measure(network: Network, watched: list[np.ndarray]) -> dict[str, float]:
    """Median error in degrees of views up to 15 degrees askew, and the share that is within one."""
    errors = []
    for number, photo in enumerate(watched):
        angle = np.random.default_rng(number).uniform(-15, 15)
        image = torch.from_numpy(view(photo, angle, tilt.shape(photo), 1.0, np.zeros(2))[None]).float()
        with torch.inference_mode():
            errors.append(abs(tilt.SEEN[int(Exported(network.eval())(image).argmax())] - angle))
    return {"off by": round(float(np.median(errors)), 2), "within 1": round(float(np.mean(np.array(errors) < 1)), 3)}


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "level", "photos/, portraits/images/ and so on", 55).parse_args(given)

    learn, chances, watched = [], [], []
    for name, chance in CHANCES.items():
        files = heldback.split((wish.data / name).iterdir())[0]
        watched += files[5::WATCHED]
        files = [file for number, file in enumerate(files) if number % WATCHED != 5]
        learn += files
        chances += [chance] * len(files)
    print(f"{len(learn)} photos to train on, {len(watched)} to watch it by", flush=True)
    torch.manual_seed(0)
    network = train(Samples(photos.read_all(learn), chances), Plan(wish.minutes), wish.work)
    print(json.dumps(measure(network, photos.read_all(watched))), flush=True)
    torch_export.write(Exported(network), "angles", tilt.SHAPES[0][0], wish.out, ("N",))


if __name__ == "__main__":
    main()
