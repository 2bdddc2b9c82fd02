"""Train the last layers of the network that tells how a photo has faded: those that tell whether to undo it.

What `training.fading` trained stays. Beside what its last layers go by, these get what they make of it. They learn how
many dB would be gained by undoing that, and how probably more than one would be lost; from photos that faded, that are
otherwise damaged, that are sound, and that only look faded (`training.meant`). What tells of fading knows the photos
that it learned from better than others; so of each half of the photos another one tells here, which learned from the
rest.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`; its third part watches.

usage: python -m training.worth --data DIR [--views 20000] [--lessons 15000] [--steps 2400] [--start FILE]
                                [--out FILE]
"""

import argparse
import copy
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import nn
from torch.nn import functional

from models import weights
from training import ageing, augment, fading, meant, restore
from training.wear import Wear

KINDS = {"sound": 15, "meant": 9, "scratches": 7, "stains": 7, "fading": 19, "losses": 12, "mixed": 26, "strong": 5}
"""What becomes of photos, each so often of a hundred times; "strong" is faded farther than `training.ageing` does."""
NEURONS = (96, 96)
LESSON_STEPS = 2500
"""How long the two learn that tell of the photos here; they know half as many as the one that is kept."""
RATE, DECAY = 1.2e-3, 2e-2
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

    The first ten are those of `fading.FadingNet`; then how many dB are gained by undoing what they tell, and how
    probably more than `WORSE` are lost, as a logit.
    """

    def __init__(self, first: fading.FadingNet) -> None:
        super().__init__()
        self.first = first
        self.judge = fading.layers(first.last[0].in_features + 12, NEURONS, 2)

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        """Answer float32 Nx3x64x64 from 0 to 255 and NxF as `models.restore.signs` measures it."""
        told = self.told(image, measured)
        return torch.cat([self.numbers(told), self.judge(told)], 1)

    def told(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        """Tell by what is judged: what is seen and measured, and what would be changed, and how much."""
        seen = self.first.seen(image, measured)
        numbers = self.first.last(seen)
        change = restore.recoloured(image, numbers).clamp(0, 255) - image
        much = change.square().mean((1, 2, 3))[:, None].sqrt() / 32
        return torch.cat([seen, numbers * WEIGHT, much, torch.log(much + 0.03)], 1)

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


def faded_far(random: Generator) -> ageing.Change:
    """Draw how a print fades to which the sun has come: its black gets as light as half of white and more."""
    black = random.uniform(0.1, 0.6) + random.uniform(-0.05, 0.05, 3)
    white = np.clip(black + random.uniform(0.22, 0.6) * random.uniform(0.9, 1.05, 3), black + 0.15, 1)
    gamma = np.exp(random.normal(0, 0.1) + random.normal(0, 0.05, 3))
    return ageing.faded(black, white, gamma, random.uniform(0.4, 1.0))


def sample(random: Generator, photo: np.ndarray, wear: Wear) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a view of uint8 HxWx3: as it is shown, as it would be without marks, and as it was; each uint8 SxSx3."""
    image = restore.toned(random, fading.view(random, photo), 0.12)
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


def judged(
    network: WorthNet, views: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tell by what views as `sample` draws them are judged, float32 NxF, and what they gain, in dB: float32 N."""
    images, damaged, truth = zip(*views, strict=True)
    with torch.no_grad():
        told = network.told(fading.small(images), fading.measured(images))
        return told, gained(fading.small(damaged), fading.small(truth), network.numbers(told))


def draw(network: WorthNet, learn: list[np.ndarray], wear: Wear, count: int, seed: int) -> Views:
    """Draw so many views of photos, uint8 HxWx3."""
    parts = []
    for start in range(0, count, fading.BATCH):
        randoms = [np.random.default_rng([seed, number]) for number in range(start, min(count, start + fading.BATCH))]
        parts.append(judged(network, [sample(random, restore.pick(random, learn), wear) for random in randoms]))
    return Views(*(torch.cat(part) for part in zip(*parts, strict=True)))


def draw_unknown(first: fading.FadingNet, learn: list[np.ndarray], views: int, lessons: int, steps: int) -> Views:
    """Draw so many views of photos, uint8 HxWx3, each told of by one like `first` that learned from other photos.

    lessons, steps: how many views each of the two learns from, and how long.
    """
    wear, parts = Wear(np.random.default_rng(77)), []
    for half in range(2):
        other = copy.deepcopy(first)
        fading.train(other, fading.draw(other, learn[1 - half :: 2], wear, lessons, half), steps)
        parts.append(draw(WorthNet(other).eval(), learn[half::2], wear, views // 2, 2 + half))
    return Views(*(torch.cat([getattr(part, name) for part in parts]) for name in ("told", "gain")))


def gained(damaged: torch.Tensor, truth: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Tell how many dB each photo gains by what the network says of it: float32 N."""

    def decibels(picture: torch.Tensor) -> torch.Tensor:
        return -10 * torch.log10((((picture - truth) / 255) ** 2).mean((1, 2, 3)) + LEAST_ERROR)

    return decibels(restore.recoloured(damaged, numbers).clamp(0, 255)) - decibels(damaged)


def train(network: WorthNet, views: Views, steps: int) -> None:
    """Train its last layers, and leave the average of their weights in it."""

    def loss(answers: torch.Tensor, rows: torch.Tensor, _: Generator) -> torch.Tensor:
        gain = views.gain[rows]
        much = 0.2 * functional.smooth_l1_loss(answers[:, 0], gain.clamp(-CLIPPED, CLIPPED))
        return much + functional.binary_cross_entropy_with_logits(answers[:, 1], (gain < -WORSE).float())

    network.judge = fading.trained(network.judge, views.told, loss, steps, RATE, DECAY)


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


class Answers(nn.Module):
    """The network as the app runs it: the last number is a probability."""

    def __init__(self, network: WorthNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        answer = self.network(image, measured)
        return torch.cat([answer[:, :11], torch.sigmoid(answer[:, 11:])], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, regions/ and portraits/")
    parser.add_argument("--views", type=int, default=20_000)
    parser.add_argument("--lessons", type=int, default=15_000, help="views that each of two others learns fading from")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--start", type=Path, default=weights.TRAINED / "colour.onnx", help="what tells how it faded")
    parser.add_argument("--out", type=Path, default=weights.TRAINED / "colour.onnx")
    wish = parser.parse_args()
    torch.manual_seed(0)
    network = WorthNet(fading.read(wish.start)).eval()

    learn, third = fading.parts(wish.data)
    print(f"{len(learn)} photos to train on, {len(third)} to watch by", flush=True)
    train(network, draw_unknown(network.first, learn, wish.views, wish.lessons, LESSON_STEPS), wish.steps)
    print(json.dumps(measure(network, third)), flush=True)
    fading.write(Answers(network), wish.out)


if __name__ == "__main__":
    main()
