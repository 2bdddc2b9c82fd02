"""Train the network that takes a camera's noise out of photos, and write it to models/trained/.

It is to be quick enough for the photos of today's cameras at full size: a U-Net of plain convolutions that begins at
half the size, after FFDNet (Zhang et al., IEEE TIP 2018, arXiv:1710.04026), but is not told how much noise there is.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`. Every tenth photo by name is held back
to measure. A run that was cut short goes on where it was when it is started again.

usage: python -m training.denoise --data DIR [--minutes N] [--work DIR] [--out FILE]
"""

import itertools
import json

import cv2
import numpy as np
import torch
from numpy.random import Generator
from torch import nn
from torch.nn import functional

from training import arguments, augment, photos, torch_export
from training.plan import Pair, Plan, Sample
from training.restore import EVERYTHING, Exported, answered, cleaned, pick, toned
from training.torch_loop import TorchTrainer

WIDTHS = (32, 48, 64, 96)
"""Channels at 1/2, 1/4, 1/8 and 1/16 of the size: multiples of what a CPU does at once."""
BLOCKS = (0, 1, 1, 2)
"""Blocks on the way down; on the way up there is one at each size but the first, which has one convolution."""
SLOPE = 0.1
"""Of what is below zero: with none, most of the deeper channels soon gave nothing any more, and learnt nothing."""
SIZES = ((0.0, 64, 8), (0.6, 96, 8), (0.85, 128, 8))
MOST = 40.0
"""How much noise there is at most, of 255."""
LEAST_ERROR = 1e-3
"""Mean square, white being 1 and black -1, below which an error counts ever less: 36 dB. With less, photos that have no
noise or little counted most, and noise was left where there was much."""
SIGMAS = (10, 25)
"""By which it is measured."""


class Block(nn.Module):
    """Two convolutions beside what goes by."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(functional.leaky_relu(self.first(x), SLOPE))


class Denoiser(nn.Module):
    """Takes RGB, float32 NxCxHxW from 0 to 255, H and W multiples of 16, and gives what to add, in parts of 127.5."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, WIDTHS[0], 6, 2, 2)
        self.encoders = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(count))) for width, count in zip(WIDTHS, BLOCKS, strict=True)
        )
        pairs = list(itertools.pairwise(WIDTHS))
        self.down = nn.ModuleList(nn.Conv2d(width, wider, 2, 2) for width, wider in pairs)
        # The nearest value and a convolution: in onnxruntime quicker than a convolution that enlarges.
        self.up = nn.ModuleList(
            nn.Sequential(nn.Conv2d(wider, width, 1), nn.Upsample(scale_factor=2)) for width, wider in pairs
        )
        around = nn.Conv2d(WIDTHS[0], WIDTHS[0], 3, padding=1)
        self.decoders = nn.ModuleList([nn.Sequential(around, nn.LeakyReLU(SLOPE)), *map(Block, WIDTHS[1:-1])])
        self.last = nn.Conv2d(WIDTHS[0], 12, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = functional.leaky_relu(self.first(image / 127.5 - 1), SLOPE)
        skips = []
        for encoder, down in zip(self.encoders, self.down, strict=False):
            x = encoder(x)
            skips.append(x)
            x = down(x)
        x = self.encoders[-1](x)
        for skip, up, decoder in zip(reversed(skips), reversed(self.up), reversed(self.decoders), strict=True):
            x = decoder(up(x) + skip)
        return functional.pixel_shuffle(self.last(x), 2)


def sampler(learn: list[np.ndarray]) -> Sample:
    def sample(random: Generator, size: int) -> Pair:
        if random.random() < 0.12:
            truth = plain(random, size)
        else:
            truth = toned(random, part(random, pick(random, learn), size))
            truth = augment.light(random, truth) if random.random() < 0.2 else truth
        image = truth
        if random.random() < 0.92:
            image = augment.camera_noise(random, truth, random.uniform(0.5, MOST))
            if random.random() < 0.2:  # as a camera writes it
                image = augment.compressed(random, image, 85, 98)
        return image, truth

    return sample


def part(random: Generator, photo: np.ndarray, size: int) -> np.ndarray:
    """Cut a square out of a photo, scaled by chance, and mirrored: uint8 `size` x `size` x 3.

    Scaled down, a photo has no noise and no JPEG blocks of its own; up, it is as soft as those of many pixels are.
    """
    side = min(*photo.shape[:2], round(size / np.exp(random.uniform(*np.log([0.35, 1.5])))))
    top, left = (random.integers(length - side + 1) for length in photo.shape[:2])
    image = photo[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    image = cv2.resize(image, (size, size), interpolation=way)
    return np.ascontiguousarray(image[:, ::-1] if random.random() < 0.5 else image)


def plain(random: Generator, size: int) -> np.ndarray:
    """Draw what skies and walls are: a soft change from one colour to another, uint8 `size` x `size` x 3."""
    x, y = np.meshgrid(*[np.linspace(-0.5, 0.5, size)] * 2)
    turn = random.uniform(0, 2 * np.pi)
    along = (np.cos(turn) * x + np.sin(turn) * y)[..., None]
    colour = random.uniform(0, 255) + random.normal(0, 30, 3)
    change = random.uniform(0, 80) * random.uniform(0.5, 1, 3)
    return np.rint(np.clip(colour + change * along, 0, 255)).astype(np.uint8)


def loss(images: torch.Tensor, truths: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Less PSNR, up to what is good enough."""
    error = (images.float() - truths.float()) / 127.5 + answers
    return torch.log((error**2).mean((1, 2, 3)) + LEAST_ERROR).mean()


def measure(model: nn.Module, third: list[np.ndarray]) -> dict[str, float]:
    """Mean PSNR in dB of photos with noise of each of `SIGMAS`, before and after, and of photos without."""
    told = {}
    for sigma in SIGMAS:
        scores = []
        for number, photo in enumerate(third):
            image = augment.camera_noise(np.random.default_rng([number, sigma]), photo, sigma)
            scores.append((photos.psnr(image, photo), photos.psnr(denoised(model, image), photo)))
        told[f"{sigma} before"], told[f"{sigma}"] = np.mean(scores, 0).tolist()
    told["clean"] = float(np.mean([photos.psnr(denoised(model, photo), photo) for photo in third]))
    return told


def denoised(model: nn.Module, image: np.ndarray) -> np.ndarray:
    """Take the noise out of uint8 HxWx3: float32, from 0 to 255 but for errors."""
    return image + 127.5 * answered(model, image)


def main(given: list[str] | None = None) -> None:
    about = "photos/, regions/ and portraits/"
    wish = arguments.parser(__doc__, "denoise", about, 80).parse_args(given)

    learn, third = photos.read(wish.data, EVERYTHING, 16)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    plan = Plan(wish.minutes, SIZES, rate=1.2e-3, save_minutes=4)
    trainer = TorchTrainer(Denoiser(), loss, plan, wish.work)

    def watch() -> None:
        told = measure(trainer.average, third)
        print(json.dumps({name: round(value, 2) for name, value in told.items()}), flush=True)

    trainer.run(sampler(learn), lambda line: print(line, flush=True), watch)
    torch_export.write(Exported(trainer.average, cleaned), "denoised", SIZES[-1][1], wish.out)


if __name__ == "__main__":
    main()
