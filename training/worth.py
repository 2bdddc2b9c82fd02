"""Train the last layers of the network that tells how a photo has faded: those that tell whether to undo it.

What `training.fading` trained stays. Beside what its last layers go by, these get what is measured of the photo at a
larger size (`models.restore.signs`), and what the others make of it. They learn how many dB would be gained by undoing
that, and how probably more than one would be lost; from photos that faded, that are otherwise damaged, that are sound,
and that only look faded (`training.meant`).

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`; its third part watches.

usage: python -m training.worth --data DIR [--views 6000] [--steps 1200] [--start FILE] [--out FILE]
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.random import Generator
from torch import nn
from torch.nn import functional

from models import weights
from models.restore import signs
from training import ageing, augment, fading, heldback, meant, photos, restore, torch_export

KEPT = 288
"""Pixels squared at which photos are kept."""
KINDS = {"sound": 15, "meant": 9, "scratches": 7, "stains": 7, "fading": 19, "losses": 12, "mixed": 26, "strong": 5}
"""What becomes of photos, each so often of a hundred times; "strong" is faded farther than `training.ageing` does."""
COVERS, STAINS, GRAINS = 250, 120, 24
"""So many of each damage are drawn, and laid over photos turned and mirrored."""
BATCH = 160
RATE = 1.2e-3
LEAST_ERROR = 5e-4
"""Mean square, white being 1, below which an error counts ever less: 33 dB, as much as other damage leaves."""
WORSE = 1.0
"""Loss in dB from which on a photo counts as made worse."""
WEIGHT = 3.0
"""By so much the ten numbers are made larger for the last layers."""
CLIPPED = 10.0
"""More dB than this, gained or lost, count as this."""


class WorthNet(nn.Module):
    """Takes a small photo and its signs, and gives twelve numbers, Nx12.

    The first ten are those of `restore.ColourNet`; then how many dB are gained by undoing what they tell, and how
    probably more than `WORSE` are lost, as a logit.
    """

    def __init__(self, first: restore.ColourNet) -> None:
        super().__init__()
        self.first = first
        inputs = first.last[0].in_features + signs.COUNT + 12
        self.judge = nn.Sequential(nn.Linear(inputs, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2))

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        """Answer float32 Nx3x64x64 from 0 to 255 and NxF as `models.restore.signs` measures it."""
        told = self.told(image, measured)
        return torch.cat([self.numbers(told), self.judge(told)], 1)

    def told(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        """Tell by what is judged: what is seen, what was measured, and what would be changed, and how much."""
        seen = self.first.seen(image)
        numbers = self.first.last(seen)
        change = restore.recoloured(image, numbers).clamp(0, 255) - image
        much = change.square().mean((1, 2, 3))[:, None].sqrt() / 32
        return torch.cat([seen, measured, numbers * WEIGHT, much, torch.log(much + 0.03)], 1)

    @staticmethod
    def numbers(told: torch.Tensor) -> torch.Tensor:
        """Give the ten numbers that are among what is `told`."""
        return told[:, -12:-2] / WEIGHT


@dataclass(frozen=True)
class Views:
    """What was drawn: by what N photos are judged, and what is to be said of them."""

    told: torch.Tensor
    """float32 NxF."""
    gain: torch.Tensor
    """dB, float32 N."""


class Wear:
    """Damage that was drawn once, to be laid over many photos of `signs.EDGE` pixels squared."""

    def __init__(self, random: Generator, covers: int = COVERS, stains: int = STAINS, grains: int = GRAINS) -> None:
        size = signs.EDGE
        white = np.full((size, size, 3), 255, np.uint8)
        self._covers = [ageing.covered(random, (size, size)) for _ in range(covers)]
        self._stains = [ageing.stained(random, white) for _ in range(stains)]
        self._grains = [self._grain(random, size + 32, (3, 1)[number % 2]) for number in range(grains)]

    @staticmethod
    def _grain(random: Generator, size: int, channels: int) -> np.ndarray:
        noise = random.standard_normal((size, size, channels), np.float32)
        if random.random() < 0.65:  # clumps
            noise = cv2.GaussianBlur(noise, (0, 0), random.uniform(0.35, 0.9)).reshape(size, size, channels)
        return noise / noise.std()

    def marked(self, random: Generator, image: np.ndarray) -> np.ndarray:
        cover = _turned(random, _pick(random, self._covers))[..., None]
        if random.random() < 0.85:  # as light as the paper
            colour = np.percentile(image[::8, ::8], 99.5, (0, 1)) + random.uniform(0, 60)
            colour = np.minimum(colour, random.uniform([195, 190, 175], 255))
        else:
            colour = random.uniform(0, 70) * random.uniform([0.8, 0.7, 0.6], 1)
        return np.clip(image + (np.float32(colour) - image) * cover, 0, 255).astype(np.uint8)

    def stained(self, random: Generator, image: np.ndarray) -> np.ndarray:
        return cv2.multiply(image, _turned(random, _pick(random, self._stains)), scale=1 / 255)

    def grained(self, random: Generator, image: np.ndarray) -> np.ndarray:
        """Grain a photo that has been reduced since."""
        top, left = random.integers(0, 32, 2)
        noise = _pick(random, self._grains)[top : top + signs.EDGE, left : left + signs.EDGE]
        strength = np.exp(random.uniform(np.log(3), np.log(24))) * random.uniform(0.35, 0.75)
        middle = image.mean(2, dtype=np.float32)[..., None] / 255
        return np.clip(image + noise * np.float32(strength) * (0.55 + 1.8 * middle * (1 - middle)), 0, 255).astype(
            np.uint8
        )

    def lost(self, random: Generator, image: np.ndarray) -> np.ndarray:
        """Lose detail in one way or two."""
        for kind in random.permutation(3)[: random.integers(1, 3)]:
            if kind == 0:
                image = self.grained(random, image)
            elif kind == 1:
                image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 1.2))
            else:
                image = augment.compressed(random, image, 40, 85)
        return image


def _pick(random: Generator, items: list[np.ndarray]) -> np.ndarray:
    return items[random.integers(len(items))]


def _turned(random: Generator, image: np.ndarray) -> np.ndarray:
    image = np.rot90(image, random.integers(4))
    return np.ascontiguousarray(image[:, ::-1] if random.random() < 0.5 else image)


def faded_far(random: Generator) -> ageing.Change:
    """Draw how a print fades to which the sun has come: its black gets as light as half of white and more."""
    black = random.uniform(0.1, 0.6) + random.uniform(-0.05, 0.05, 3)
    white = np.clip(black + random.uniform(0.22, 0.6) * random.uniform(0.9, 1.05, 3), black + 0.15, 1)
    gamma = np.exp(random.normal(0, 0.1) + random.normal(0, 0.05, 3))
    return ageing.faded(black, white, gamma, random.uniform(0.4, 1.0))


def sample(random: Generator, photo: np.ndarray, wear: Wear) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a view of uint8 HxWx3: as it is shown, as it would be without marks, and as it was; each uint8 SxSx3."""
    if random.random() < 0.65:
        height, width = (np.array(photo.shape[:2]) * random.uniform(0.6, 1.0, 2)).astype(int)
        top, left = random.integers(photo.shape[0] - height + 1), random.integers(photo.shape[1] - width + 1)
        photo = photo[top : top + height, left : left + width]
    how = cv2.INTER_AREA if min(photo.shape[:2]) >= signs.EDGE else cv2.INTER_LINEAR
    image = cv2.resize(photo, (signs.EDGE, signs.EDGE), interpolation=how)
    image = np.ascontiguousarray(image[:, ::-1]) if random.random() < 0.5 else image
    if random.random() < 0.12:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    chances = np.array(list(KINDS.values())) / sum(KINDS.values())
    kind = list(KINDS)[random.choice(len(KINDS), p=chances)]
    if kind == "meant" or random.random() < 0.1:
        image = meant.meant(random, image)
    if random.random() < 0.5:
        image = augment.compressed(random, image, 85, 98)
    shown = image
    if kind in ("fading", "mixed"):
        shown = ageing.fading(random)(shown)
    elif kind == "strong":
        shown = faded_far(random)(shown)
    often = {"mixed": 0.3, "strong": 0.3, "stains": 1.0}
    if random.random() < often.get(kind, 0):
        shown = wear.stained(random, shown)
    if random.random() < {"losses": 1.0, "mixed": 1.0, "strong": 0.5}.get(kind, 0):
        shown = wear.lost(random, shown)
    unmarked = shown
    if random.random() < {"scratches": 1.0, "mixed": 1.0, "strong": 0.4}.get(kind, 0):
        shown = wear.marked(random, shown)
    return shown, unmarked, image


def small(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (restore.COLOUR_SIZE,) * 2, interpolation=cv2.INTER_AREA)


def judged(
    network: WorthNet, views: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tell by what views as `sample` draws them are judged, float32 NxF, and what they gain, in dB: float32 N."""
    shown, damaged, truth = (
        torch.from_numpy(np.stack([small(view[part]) for view in views])).permute(0, 3, 1, 2).float()
        for part in range(3)
    )
    with torch.no_grad():
        told = network.told(shown, torch.from_numpy(np.stack([signs.signs(view[0]) for view in views])))
        return told, gained(damaged, truth, network.numbers(told))


def draw(network: WorthNet, learn: list[np.ndarray], wear: Wear, count: int, seed: int) -> Views:
    """Draw so many views of photos, uint8 HxWx3."""
    parts = []
    for start in range(0, count, BATCH):
        randoms = [np.random.default_rng([seed, number]) for number in range(start, min(count, start + BATCH))]
        parts.append(judged(network, [sample(random, learn[random.integers(len(learn))], wear) for random in randoms]))
    return Views(*(torch.cat(part) for part in zip(*parts, strict=True)))


def gained(damaged: torch.Tensor, truth: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Tell how many dB each photo gains by what the network says of it: float32 N."""

    def decibels(picture: torch.Tensor) -> torch.Tensor:
        return -10 * torch.log10((((picture - truth) / 255) ** 2).mean((1, 2, 3)) + LEAST_ERROR)

    return decibels(restore.recoloured(damaged, numbers).clamp(0, 255)) - decibels(damaged)


def train(network: WorthNet, views: Views, steps: int) -> None:
    """Train its last layers, and leave the average of their weights in it."""
    random = np.random.default_rng(0)

    def loss(model: nn.Module) -> torch.Tensor:
        rows = torch.from_numpy(random.integers(0, len(views.gain), BATCH))
        answer, gain = model(views.told[rows]), views.gain[rows]
        much = 0.2 * functional.smooth_l1_loss(answer[:, 0], gain.clamp(-CLIPPED, CLIPPED))
        return much + functional.binary_cross_entropy_with_logits(answer[:, 1], (gain < -WORSE).float())

    network.judge = fading.trained(network.judge, loss, steps, RATE, decay=2e-2)


def measure(network: WorthNet, third: list[np.ndarray]) -> dict[str, float]:
    """Tell by kind of damage what photos gain where that is expected, in dB, and which share lose more than `WORSE`."""
    told = {}
    for index, kind in enumerate(("fading", "mixed", "scratches", "stains", "grain", "undamaged")):
        views = []
        for number, photo in enumerate(third):
            is_sound = kind == "undamaged"
            image = photo if is_sound else ageing.aged(np.random.default_rng([number, index]), photo, kind)[0]
            views.append((image, image, photo))
        by, gain = judged(network, views)
        with torch.no_grad():
            gain = gain * (network.judge(by)[:, 0] > 0)
        told[kind] = round(float(gain.mean()), 3)
        told[f"{kind} worse"] = round(float((gain < -WORSE).float().mean()), 3)
    return told


class Exported(nn.Module):
    """The network as the app runs it: channels last, and the last number a probability."""

    def __init__(self, network: WorthNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        answer = self.network(image.permute(0, 3, 1, 2), measured)
        return torch.cat([answer[:, :11], torch.sigmoid(answer[:, 11:])], 1)


def write(network: WorthNet, path: Path) -> None:
    """Write the network as the app runs it."""
    beside = {"signs": signs.COUNT}
    torch_export.write(Exported(network), "numbers", restore.COLOUR_SIZE, path, sides=("N",), beside=beside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, regions/ and portraits/")
    parser.add_argument("--views", type=int, default=6000)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--start", type=Path, default=weights.TRAINED / "colour.onnx", help="what tells how it faded")
    parser.add_argument("--out", type=Path, default=weights.TRAINED / "colour.onnx")
    wish = parser.parse_args()
    torch.manual_seed(0)
    network = WorthNet(fading.read(wish.start)).eval()

    parts = {name: heldback.split((wish.data / name).iterdir()) for name in fading.FOLDERS}
    files = [file for name, share in fading.FOLDERS.items() for file in parts[name][0][::share]]
    third = photos.read_all(parts["photos"][1])
    learn = [cv2.resize(photo, (KEPT, KEPT), interpolation=cv2.INTER_AREA) for photo in photos.read_all(files)]
    print(f"{len(learn)} photos to train on, {len(third)} to watch by", flush=True)
    train(network, draw(network, learn, Wear(np.random.default_rng(77)), wish.views, 1), wish.steps)
    print(json.dumps(measure(network, third)), flush=True)
    write(network, wish.out)


if __name__ == "__main__":
    main()
