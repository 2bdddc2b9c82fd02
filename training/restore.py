"""Train the networks that bring old photos back, and write them to models/trained/.

Each learns to undo one part of what `training.ageing` does to photos:

scratches  says where a photo is scratched, cracked, creased or dusty: a U-Net, `scratches.onnx`
clean      takes away grain, JPEG's blocks and blur: a NAFNet-style network, `clean.onnx`
dots       takes away the dots of print, which some cloth resembles; started as `clean` (`--start`), `dots.onnx`
faces      as `clean` for faces alone, which it knows better; started as that, too, `restore-faces.onnx`
colour     gives faded photos their colours back, by ten numbers for the whole photo: `colour.onnx`; then
           `training.fading` teaches it what only looks faded, and `training.worth` when to undo it

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`. Every tenth photo by name is held back
to measure. A run that was cut short goes on where it was when it is started again.

usage: python -m training.restore scratches|clean|dots|faces|colour --data DIR [--minutes N] [--work DIR]
                                  [--start DIR [--keep SHARE]]
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.random import Generator
from torch import nn
from torch.nn import functional

from envo import settings
from models import weights
from training import ageing, photos, torch_export
from training.nafnet import UNet
from training.plan import Pair, Plan, Sample
from training.torch_loop import Loss, TorchTrainer

Activation = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Gives what the app gets, from images and answers."""
EVERYTHING = {"photos": 1, "regions/images": 1, "portraits/images": 2}
"""Folders to learn from, and of each that its every so-manieth photo is taken."""
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Task:
    """What one network learns."""

    build: Callable[[], nn.Module]
    loss: Loss
    activation: Activation
    sampler: Callable[[list[np.ndarray]], Sample]
    measure: Callable[[nn.Module, list[np.ndarray]], dict[str, float]]
    plan: Plan
    folders: dict[str, int]
    output: str
    file: str


def view(random: Generator, photo: np.ndarray, size: int, most: float = 1.0) -> np.ndarray:
    """Cut a square of `size` out of a photo that is scaled down by chance, and mirrored: uint8 SxSx3.

    Scaled down, a photo has no JPEG blocks of its own. `most` is the largest scale.
    """
    scale = max(size / min(photo.shape[:2]), np.exp(random.uniform(np.log(0.35), np.log(most))))
    photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    height, width = np.maximum(photo.shape[:2], size)
    photo = cv2.copyMakeBorder(
        photo, 0, height - photo.shape[0], 0, width - photo.shape[1], cv2.BORDER_REFLECT
    )  # a rounding's pixel
    top, left = random.integers(height - size + 1), random.integers(width - size + 1)
    part = photo[top : top + size, left : left + size]
    return np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part)


def toned(random: Generator, image: np.ndarray, chance: float = 0.3) -> np.ndarray:
    """Make some photos grey, before they fade; most old ones are."""
    if random.random() < chance:
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return image


def pick(random: Generator, items: list[np.ndarray]) -> np.ndarray:
    return items[random.integers(len(items))]


def some_losses(random: Generator, image: np.ndarray, chance: float) -> np.ndarray:
    """Lose detail in one to three ways, or with 1 - `chance` in none; never by the dots of print."""
    if random.random() < chance:
        count = random.choice([1, 2, 3], p=[0.5, 0.35, 0.15])
        for kind in random.choice(["grain", "blur", "jpeg"], count, replace=False, p=(0.4, 0.3, 0.3)):
            image = ageing.lost(random, image, kind)
    return image


# Scratches


def build_scratches() -> nn.Module:
    return UNet(3, 1, (24, 48, 96, 160), (1, 2, 2, 3))


def sample_scratches(learn: list[np.ndarray]) -> Sample:
    def sample(random: Generator, size: int) -> Pair:
        image = toned(random, view(random, pick(random, learn), size + size // 2))
        if random.random() < 0.6:
            image = ageing.fading(random)(image)
        if random.random() < 0.3:
            image = ageing.lost(random, image, random.choice(["grain", "blur"]))
        marks = np.zeros(image.shape[:2], np.uint8)
        if random.random() < 0.8:
            image, marks = ageing.marks(random, image, soft=0.5)
        if random.random() < 0.2:
            image = ageing.stained(random, image)
        if random.random() < 0.4:  # the scan
            image = ageing.lost(random, image, random.choice(["grain", "jpeg"]))
        top, left = random.integers(size // 2, size=2)
        part = np.s_[top : top + size, left : left + size]
        return image[part], marks[part][..., None] * np.uint8(255)

    return sample


def loss_scratches(images: torch.Tensor, truths: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Cross entropy, and the Dice loss (Milletari et al. 2016, arXiv:1606.04797), for few pixels are marks."""
    truth = truths.float() / 255
    found = torch.sigmoid(logits)
    dice = 1 - (2 * (found * truth).sum() + 1) / (found.sum() + truth.sum() + 1)
    return functional.binary_cross_entropy_with_logits(logits, truth) + 0.3 * dice


def measure_scratches(model: nn.Module, third: list[np.ndarray]) -> dict[str, float]:
    """Precision, recall and F1 over all pixels of the photos, by `ageing`'s two kinds that have marks."""
    told = {}
    for kind in ("scratches", "mixed"):
        hit = found = there = 0
        for number, photo in enumerate(third):
            image, marks = ageing.aged(np.random.default_rng([number, 1]), photo, kind)
            guess, truth = answered(model, image)[..., 0] > 0, marks > 0
            hit, found, there = hit + (guess & truth).sum(), found + guess.sum(), there + truth.sum()
        told[kind] = float(2 * hit / max(1, found + there))
        told |= {f"{kind}_precision": float(hit / max(1, found)), f"{kind}_recall": float(hit / max(1, there))}
    return told


# Clean

LEAST_ERROR = 1e-4
"""Mean square of what no longer counts as an error, white being 1 and black -1: a step and a quarter of 8 bits."""


def build_clean() -> nn.Module:
    return UNet(3, 3, (24, 48, 96, 192), (1, 2, 3, 3))


def sample_clean(learn: list[np.ndarray]) -> Sample:
    def sample(random: Generator, size: int) -> Pair:
        image = toned(random, view(random, pick(random, learn), size, 0.9))
        if random.random() < 0.5:
            image = ageing.fading(random)(image)
        return some_losses(random, image, 0.88), image

    return sample


def loss_clean(images: torch.Tensor, truths: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Less PSNR: a photo that is nearly right counts as much as one that is far from it."""
    error = (images.float() - truths.float()) / 127.5 + answers
    return torch.log((error**2).mean((1, 2, 3)) + LEAST_ERROR).mean()


def cleaned(images: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    return (images + 127.5 * answers).clamp(0, 255)


def measure_clean(model: nn.Module, third: list[np.ndarray]) -> dict[str, float]:
    """Gain in PSNR over the damaged photo, in dB, by loss; and the PSNR of what was not damaged."""
    told = {}
    for kind in ageing.LOSSES:
        gains = []
        for number, photo in enumerate(third):
            image = ageing.lost(np.random.default_rng([number, 2]), photo, kind)
            found = np.clip(image + 127.5 * answered(model, image), 0, 255)
            gains.append(photos.psnr(found, photo) - photos.psnr(image, photo))
        told[kind] = float(np.mean(gains))
    told["undamaged"] = float(np.mean([photos.psnr(photo + 127.5 * answered(model, photo), photo) for photo in third]))
    return told


# Dots


def sample_dots(learn: list[np.ndarray]) -> Sample:
    """As for `clean`, but printed in dots before the rest."""

    def sample(random: Generator, size: int) -> Pair:
        image = toned(random, view(random, pick(random, learn), size, 0.9))
        printed = ageing.lost(random, image, "halftone")
        if random.random() < 0.3:  # the paper yellows with what is printed on it
            fade = ageing.fading(random)
            printed, image = fade(printed), fade(image)
        return some_losses(random, printed, 0.5), image

    return sample


# Faces


def sample_faces(learn: list[np.ndarray]) -> Sample:
    """As for `clean`, with faces whole and worn harder."""

    def sample(random: Generator, size: int) -> Pair:
        photo = pick(random, learn)
        side = round(photo.shape[0] * random.uniform(0.6, 1.0))
        top, left = ((photo.shape[0] - side) * random.uniform(0.2, 0.8, 2)).astype(int)
        photo = photo[top : top + side, left : left + side]
        image = toned(random, cv2.resize(photo, (size, size), interpolation=cv2.INTER_AREA))
        image = image[:, ::-1].copy() if random.random() < 0.5 else image
        if random.random() < 0.5:
            image = ageing.fading(random)(image)
        worn = image
        if random.random() < 0.6:  # faces are small in old photos
            few = cv2.resize(worn, None, fx=(share := random.uniform(0.2, 0.7)), fy=share, interpolation=cv2.INTER_AREA)
            worn = cv2.resize(some_losses(random, few, 0.5), (size, size), interpolation=cv2.INTER_CUBIC)
        return some_losses(random, worn, 0.6), image

    return sample


# Colour

COLOUR_SIZE = 64
"""Pixels squared at which the network sees a photo."""
LEAST_COLOUR_ERROR = 1e-3
"""Mean square, white being 1, below which an error counts ever less: 30 dB. With less, photos that may have faded or
not were taken for ones that have not, whose error is none."""


class ColourNet(nn.Module):
    """Takes a small photo and gives ten numbers, Nx10: by channel black, white and gamma; and saturation.

    All are 0 for a photo that has not faded. It sees what the photo shows, and how its values are spread, which tells
    black and white best.
    """

    SHARES = (0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
    """Quantiles up to the median; those above mirror them."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((3, 24), (24, 48), (48, 96), (96, 128)):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.SiLU()]
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        last = COLOUR_SIZE**2 - 1
        low = [round(share * last) for share in self.SHARES]
        self.ranks = [*low, *(last - rank for rank in reversed(low[:-1]))]
        self.last = nn.Sequential(
            nn.Linear(128 + 5 * len(self.ranks), 128), nn.SiLU(), nn.Linear(128, 128), nn.SiLU(), nn.Linear(128, 10)
        )
        nn.init.zeros_(self.last[-1].weight)
        nn.init.zeros_(self.last[-1].bias)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Answer float32 Nx3x64x64 from 0 to 255."""
        return self.last(self.seen(image))

    def seen(self, image: torch.Tensor) -> torch.Tensor:
        """Tell what the last layers go by: float32 NxF."""
        values = image.flatten(2).float() / 255
        most, least = values.amax(1, keepdim=True), values.amin(1, keepdim=True)
        spread = torch.cat([values, most - least, values.mean(1, keepdim=True)], 1).sort(-1).values[:, :, self.ranks]
        return torch.cat([self.features(image / 127.5 - 1), spread.flatten(1) * 4 - 2], 1)


def recoloured(images: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Undo fading: images NxCxHxW from 0 to 255, numbers Nx10. `models.restore.colour` does the same to a photo."""
    black, white, gamma = (part[:, :, None, None] for part in (numbers[:, :3], numbers[:, 3:6], numbers[:, 6:9]))
    span = (1 + white - black).clamp(min=0.1)
    x = ((images.float() / 255 - black) / span).clamp(1e-3, 1.2) ** torch.exp(gamma)
    grey = (x * torch.tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    return (grey + (x - grey) * torch.exp(numbers[:, 9:, None, None])) * 255


def sample_colour(learn: list[np.ndarray]) -> Sample:
    learn = [cv2.resize(photo, (160, 160), interpolation=cv2.INTER_AREA) for photo in learn]

    def sample(random: Generator, size: int) -> Pair:
        """Draw a damaged photo; the truth, HxWx6, is the photo as it was, and as it is but for the damage."""
        photo = pick(random, learn)
        shares = random.uniform(0.6, 1.0, 2)
        height, width = np.maximum(1, photo.shape[:2] * shares).astype(int)
        top, left = (random.integers(photo.shape[axis] - side + 1) for axis, side in enumerate((height, width)))
        part = photo[top : top + height, left : left + width]
        image = cv2.resize(part, (2 * size, 2 * size), interpolation=cv2.INTER_AREA)
        image = toned(random, image[:, ::-1].copy() if random.random() < 0.5 else image)
        faded = ageing.fading(random)(image) if random.random() < 0.9 else image
        worn = faded
        if random.random() < 0.2:
            worn = ageing.stained(random, worn)
        worn = some_losses(random, worn, 0.5)
        if random.random() < 0.3:
            worn, _ = ageing.marks(random, worn)
        worn, image, faded = (
            cv2.resize(each, (size, size), interpolation=cv2.INTER_AREA) for each in (worn, image, faded)
        )
        return worn, np.concatenate([image, faded], -1)

    return sample


def loss_colour(images: torch.Tensor, truths: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Less PSNR of the faded photo, whatever other damage there is."""
    error = (recoloured(truths[:, 3:], numbers) - truths[:, :3]) / 255
    return torch.log((error**2).mean((1, 2, 3)) + LEAST_COLOUR_ERROR).mean()


def measure_colour(model: nn.Module, third: list[np.ndarray]) -> dict[str, float]:
    """PSNR of faded photos before and after, and of photos that had not faded after, in dB."""
    scores = []
    for number, photo in enumerate(third):
        small = cv2.resize(photo, (COLOUR_SIZE, COLOUR_SIZE), interpolation=cv2.INTER_AREA)
        worn = ageing.fading(np.random.default_rng([number, 3]))(small)
        both = _tensor(np.stack([worn, small]))
        with torch.no_grad():
            found = recoloured(both, model(both)).clamp(0, 255).permute(0, 2, 3, 1).numpy()
        scores.append((photos.psnr(worn, small), photos.psnr(found[0], small), photos.psnr(found[1], small)))
    return {name: float(value) for name, value in zip(("faded", "after", "untouched"), np.mean(scores, 0), strict=True)}


# All


TASKS = {
    "scratches": Task(
        build_scratches,
        loss_scratches,
        lambda images, logits: torch.sigmoid(logits),
        sample_scratches,
        measure_scratches,
        Plan(35, ((0.0, 192, 8), (0.8, 320, 4)), rate=1.2e-3),
        EVERYTHING,
        "marks",
        "scratches.onnx",
    ),
    "clean": Task(
        build_clean,
        loss_clean,
        cleaned,
        sample_clean,
        measure_clean,
        Plan(60, ((0.0, 128, 8), (0.75, 192, 6)), rate=1.5e-3),
        EVERYTHING,
        "cleaned",
        "clean.onnx",
    ),
    "dots": Task(
        build_clean,
        loss_clean,
        cleaned,
        sample_dots,
        measure_clean,
        Plan(30, ((0.0, 128, 8),), rate=5e-4),
        EVERYTHING,
        "cleaned",
        "dots.onnx",
    ),
    "faces": Task(
        build_clean,
        loss_clean,
        cleaned,
        sample_faces,
        measure_clean,
        Plan(20, ((0.0, 256, 4),), rate=5e-4),
        {"portraits/images": 1},
        "cleaned",
        "restore-faces.onnx",
    ),
    "colour": Task(
        ColourNet,
        loss_colour,
        lambda images, numbers: numbers,
        sample_colour,
        measure_colour,
        Plan(10, ((0.0, COLOUR_SIZE, 64),), rate=2e-3),
        EVERYTHING,
        "numbers",
        "colour.onnx",
    ),
}


def answered(model: nn.Module, image: np.ndarray) -> np.ndarray:
    """What a network answers to a photo, uint8 HxWx3: float32 HxWxD."""
    height, width = image.shape[:2]
    padded = cv2.copyMakeBorder(image, 0, -height % 16, 0, -width % 16, cv2.BORDER_REPLICATE)
    with torch.no_grad():
        return model(_tensor(padded[None]))[0].permute(1, 2, 0).numpy()[:height, :width]


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float()


class Exported(nn.Module):
    """A network as the app runs it: float32 NxHxWx3 from 0 to 255 to what it is for, channels last."""

    def __init__(self, network: nn.Module, activation: Activation) -> None:
        super().__init__()
        self.network, self.activation = network, activation

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        image = image.permute(0, 3, 1, 2)
        answer = self.activation(image, self.network(image))
        return answer.permute(0, 2, 3, 1) if answer.ndim == 4 else answer


def write(network: nn.Module, task: Task, path: Path) -> None:
    """Write a network as the app runs it."""
    torch_export.write(Exported(network, task.activation), task.output, task.plan.sizes[0][1], path)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=TASKS)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, regions/ and portraits/")
    parser.add_argument("--minutes", type=float, help="training time, over all runs together")
    parser.add_argument("--work", type=Path, help="where a run is saved; delete it to start anew")
    parser.add_argument("--start", type=Path, help="where the run is saved whose network this one starts as")
    parser.add_argument("--keep", type=float, default=0, help="how much of that network what is written is to be")
    parser.add_argument("--out", type=Path)
    wish = parser.parse_args(arguments)
    if wish.keep and not wish.start:
        parser.error("--keep needs --start")
    task = TASKS[wish.network]
    work = wish.work or settings.cache_dir() / "training" / f"restore-{wish.network}"
    plan = Plan(wish.minutes or task.plan.minutes, task.plan.sizes, task.plan.rate)

    learn, third = photos.read(wish.data, task.folders, 12)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    trainer = TorchTrainer(task.build(), task.loss, plan, work, wish.start)

    def watch() -> None:
        told = task.measure(trainer.average, third)
        print(json.dumps({name: round(value, 3) for name, value in told.items()}), flush=True)

    trainer.run(task.sampler(learn), lambda line: print(line, flush=True), watch)
    if wish.keep:
        trainer.mix(wish.start, wish.keep)
        watch()
    write(trainer.average, task, wish.out or weights.TRAINED / task.file)


if __name__ == "__main__":
    main()
