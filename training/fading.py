"""Train the last layers of the network that tells how a photo has faded, so that what has not is left as it is.

What `training.restore` trained sees well how colours are spread, but it was never shown what only looks faded: sunsets,
fog, neon, snow (`training.meant`), nor how dark and light a photo is where it is darkest and lightest, which it is too
small for (`models.restore.signs`). Here its first layers stay, so that photos are drawn and looked at once; the last
ones learn anew what to make of that, in minutes. A dB that a photo loses counts more than one that it gains.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`; its third part watches.

usage: python -m training.fading --data DIR [--views 50000] [--steps 6000] --out FILE
"""

import argparse
import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from numpy.random import Generator
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from models import weights
from models.restore import signs
from training import ageing, augment, heldback, meant, photos, restore, torch_export
from training.wear import Wear

FOLDERS = {"photos": 1, "regions/images": 1, "portraits/images": 2}
"""Folders to learn from, and of each that its every so-manieth photo is taken."""
EDGE = 288
"""Pixels squared at which photos are kept."""
FADED, MEANT, GREY, STAINED, WORN, MARKED = 0.88, 0.2, 0.2, 0.2, 0.5, 0.25
"""Chances of what becomes of a photo. Many have faded: whether one has is for `training.worth` to tell."""
POINTS = 192
"""Pixels of a view that its error is measured by."""
BATCH = 192
NEURONS = (256, 128)
RATE, DECAY = 1.5e-3, 1e-2
MEMORY = 0.995
"""What the average of the weights keeps at a step."""
DROPPED = (0.1, 0.2)
"""Shares of what is seen, and of the answers of each layer, that are dropped by chance."""
HARM, FREE = 0.5, 0.3
"""How much more a dB counts that a photo loses than one that it gains; and how many of those lost are overlooked."""
LEAST_ERROR = 1e-3
"""Mean square, white being 1, below which an error counts ever less: 30 dB, as much as other damage leaves."""


class FadingNet(restore.ColourNet):
    """Tells what `ColourNet` does, and goes by signs, too: float32 NxF as `models.restore.signs` measures them."""

    def __init__(self) -> None:
        super().__init__()
        self.last = layers(self.last[0].in_features + signs.COUNT, NEURONS, self.last[-1].out_features)

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        """Answer float32 Nx3x64x64 from 0 to 255 and its signs: Nx10."""
        return self.last(self.seen(image, measured))

    def seen(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        """Tell what the last layers go by: float32 NxF."""
        return torch.cat([super().seen(image), measured], 1)


def layers(inputs: int, neurons: tuple[int, int], outputs: int) -> nn.Sequential:
    """Make the last three layers."""
    first, second = neurons
    last = nn.Linear(second, outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(inputs, first), nn.SiLU(), nn.Linear(first, second), nn.SiLU(), last)


@dataclass(frozen=True)
class Views:
    """What was drawn: N photos as the first layers see them, and what has become of some of their pixels."""

    seen: torch.Tensor
    """float32 NxF."""
    faded: torch.Tensor
    """uint8 Nx3xPx1."""
    truth: torch.Tensor
    """uint8 Nx3xPx1, before fading."""


def view(random: Generator, photo: np.ndarray) -> np.ndarray:
    """Show most of uint8 HxWx3, or all, mirrored by chance: uint8 SxSx3 of `signs.EDGE`."""
    if random.random() < 0.65:
        height, width = (np.array(photo.shape[:2]) * random.uniform(0.6, 1.0, 2)).astype(int)
        top, left = random.integers(photo.shape[0] - height + 1), random.integers(photo.shape[1] - width + 1)
        photo = photo[top : top + height, left : left + width]
    how = cv2.INTER_AREA if min(photo.shape[:2]) >= signs.EDGE else cv2.INTER_LINEAR
    image = cv2.resize(photo, (signs.EDGE, signs.EDGE), interpolation=how)
    return np.ascontiguousarray(image[:, ::-1]) if random.random() < 0.5 else image


def sample(random: Generator, photo: np.ndarray, wear: Wear) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a view of uint8 HxWx3: as it is shown, as faded as it is, if it is, and as it was; each uint8 SxSx3."""
    image = restore.toned(random, view(random, photo), GREY)
    if random.random() < MEANT:
        image = meant.meant(random, image)
    if random.random() < 0.5:
        image = augment.compressed(random, image, 85, 98)
    faded = ageing.fading(random)(image) if random.random() < FADED else image
    shown = wear.stained(random, faded) if random.random() < STAINED else faded
    if random.random() < WORN:
        shown = wear.lost(random, shown)
    if random.random() < MARKED:
        shown = wear.marked(random, shown)
    return shown, faded, image


def small(images: list[np.ndarray]) -> torch.Tensor:
    """Reduce N of uint8 HxWx3 to what the network sees: float32 Nx3x64x64."""
    size = (restore.COLOUR_SIZE,) * 2
    seen = np.stack([cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in images])
    return torch.from_numpy(seen).permute(0, 3, 1, 2).float()


def measured(images: list[np.ndarray]) -> torch.Tensor:
    """Measure the signs of N of uint8 HxWx3: float32 NxF."""
    return torch.from_numpy(np.stack([signs.signs(image) for image in images]))


def draw(network: FadingNet, learn: list[np.ndarray], wear: Wear, count: int, seed: int) -> Views:
    """Draw so many views of photos, uint8 HxWx3."""
    seen, pairs = [], []
    for start in range(0, count, BATCH):
        randoms = [np.random.default_rng([seed, number]) for number in range(start, min(count, start + BATCH))]
        shown, *pair = zip(*(sample(random, restore.pick(random, learn), wear) for random in randoms), strict=True)
        with torch.no_grad():
            seen.append(network.seen(small(shown), measured(shown)))
        points = np.random.default_rng([seed, start]).integers(0, restore.COLOUR_SIZE**2, POINTS)
        pairs.append(torch.stack([small(images).flatten(2)[:, :, points].byte() for images in pair]))
    faded, truth = torch.cat(pairs, 1)[..., None]
    return Views(torch.cat(seen), faded, truth)


def gained(faded: torch.Tensor, truth: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Tell how many dB each photo gains by what the network says of it: float32 N."""

    def decibels(picture: torch.Tensor) -> torch.Tensor:
        return -10 * torch.log10((((picture - truth) / 255) ** 2).mean((1, 2, 3)) + LEAST_ERROR)

    return decibels(restore.recoloured(faded, numbers)) - decibels(faded.float())


def train(network: FadingNet, views: Views, steps: int) -> None:
    """Train its last layers anew, and leave the average of their weights in it."""

    def loss(numbers: torch.Tensor, rows: torch.Tensor, random: Generator) -> torch.Tensor:
        points = torch.from_numpy(random.permutation(POINTS)[: POINTS // 2])
        gain = gained(*(part[rows][:, :, points].float() for part in (views.faded, views.truth)), numbers)
        return (HARM * functional.relu(-gain - FREE) - gain).mean()

    network.last = trained(
        layers(views.seen.shape[1], NEURONS, network.last[-1].out_features), views.seen, loss, steps, RATE, DECAY
    )


def trained(
    untrained: nn.Sequential,
    seen: torch.Tensor,
    loss: Callable[[torch.Tensor, torch.Tensor, Generator], torch.Tensor],
    steps: int,
    rate: float,
    decay: float,
) -> nn.Sequential:
    """Train three `layers` on what is seen, float32 NxF; gives the average of them.

    loss: of answers, BxA, to what is seen in some rows, B. rate, decay: of AdamW.
    """
    mean, spread = seen.mean(0), seen.std(0) + 1e-3
    alike, random = (seen - mean) / spread, np.random.default_rng(0)
    few, many = (nn.Dropout(share) for share in DROPPED)
    model = nn.Sequential(few, *untrained[:2], many, *untrained[2:4], many, untrained[4]).train()
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=decay)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * step / steps))
        rows = torch.from_numpy(random.integers(0, len(seen), BATCH))
        optimizer.zero_grad()
        loss(model(alike[rows]), rows, random).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        memory = min(MEMORY, (1 + step) / (10 + step))
        with torch.no_grad():
            for kept, value in zip(average.parameters(), model.parameters(), strict=True):
                kept.lerp_(value, 1 - memory)
    result = nn.Sequential(*(layer for layer in average if not isinstance(layer, nn.Dropout))).eval()
    with torch.no_grad():  # from now on it takes what is seen as it is
        result[0].weight /= spread
        result[0].bias -= result[0].weight @ mean
    return result


def measure(network: FadingNet, third: list[np.ndarray]) -> dict[str, float]:
    """Tell what faded photos gain, and those that have not faded, where it is undone for each, in dB."""
    fades = [ageing.fading(np.random.default_rng([number, 3])) for number in range(len(third))]
    told = {}
    for name, shown in (
        ("faded", [fade(photo) for fade, photo in zip(fades, third, strict=True)]),
        ("sound", third),
    ):
        with torch.no_grad():
            gain = gained(small(shown), small(third), network(small(shown), measured(shown)))
        told[name] = round(float(gain.mean()), 3)
    return told


def read(path: Path) -> FadingNet:
    """Read the network as it was written, by itself or as what `training.worth` judges.

    Where `training.restore` wrote it, its last layers are untrained.
    """
    network = FadingNet()
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    plain = {re.sub("^(network.)+(first.)?", "", name).removesuffix("/half"): value for name, value in stored.items()}
    known = {
        name: torch.from_numpy(plain[name].astype(np.float32))
        for name, value in network.state_dict().items()
        if plain[name].shape == value.shape
    }
    network.load_state_dict(known, strict=False)
    return network.eval()


class Exported(nn.Module):
    """The network as it is written: channels last."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
        return self.network(image.permute(0, 3, 1, 2), measured)


def write(network: nn.Module, path: Path) -> None:
    """Write a network that takes a small photo and signs, as `read` reads it."""
    beside = {"signs": signs.COUNT}
    torch_export.write(Exported(network), "numbers", restore.COLOUR_SIZE, path, sides=("N",), beside=beside)


def parts(data: Path) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Read the photos to learn from, uint8 `EDGE` squared, and everyday ones of the third part, as they are."""
    split = {name: heldback.split((data / name).iterdir()) for name in FOLDERS}
    files = [file for name, share in FOLDERS.items() for file in split[name][0][::share]]
    learn = [cv2.resize(photo, (EDGE, EDGE), interpolation=cv2.INTER_AREA) for photo in photos.read_all(files)]
    return learn, photos.read_all(split["photos"][1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, regions/ and portraits/")
    parser.add_argument("--views", type=int, default=50_000)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--start", type=Path, default=weights.TRAINED / "colour.onnx")
    parser.add_argument("--out", type=Path, required=True, help="what `training.worth` starts with")
    wish = parser.parse_args()
    network = read(wish.start)

    learn, third = parts(wish.data)
    print(f"{len(learn)} photos to train on, {len(third)} to watch by", flush=True)
    wear = Wear(np.random.default_rng(77))
    train(network, draw(network, learn, wear, wish.views, 0), wish.steps)
    print(json.dumps(measure(network, third)), flush=True)
    write(network, wish.out)


if __name__ == "__main__":
    main()
