"""Train the last layers of the network that tells how a photo has faded, so that what has not is left as it is.

What `training.restore` trained sees well how colours are spread, but it was never shown what only looks faded: sunsets,
fog, neon, snow (`training.meant`). Here its first layers stay, so that photos are drawn and looked at once; the last
ones learn anew what to make of that, in minutes. A dB that a photo loses counts more than one that it gains.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`; its third part watches.

usage: python -m training.fading --data DIR [--views 124000] [--steps 8000] --out FILE
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
from training import ageing, augment, heldback, meant, photos, restore

FOLDERS = {"photos": 1, "regions/images": 1, "portraits/images": 3}
"""Folders to learn from, and of each that its every so-manieth photo is taken."""
EDGE = 128
"""Pixels squared at which photos are kept."""
POINTS = 128
"""Pixels of a view that its error is measured by."""
BATCH = 192
RATE = 1.5e-3
MEMORY = 0.995
"""What the average of the weights keeps at a step."""
HARM, FREE = 0.5, 0.3
"""How much more a dB counts that a photo loses than one that it gains; and how many of those lost are overlooked."""
LEAST_ERROR = 1e-3
"""Mean square, white being 1, below which an error counts ever less: 30 dB, as much as other damage leaves."""


@dataclass(frozen=True)
class Views:
    """What was drawn: N photos as the first layers see them, and what has become of some of their pixels."""

    seen: torch.Tensor
    """float32 NxF."""
    faded: torch.Tensor
    """uint8 Nx3xPx1."""
    truth: torch.Tensor
    """uint8 Nx3xPx1, before fading."""


def sample(random: Generator, photo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a view of uint8 HxWx3: as it is shown, as faded as it is, if it is, and as it was; each uint8 64x64x3."""
    shares = random.uniform(0.6, 1.0, 2) if random.random() < 0.6 else np.ones(2)
    height, width = (np.array(photo.shape[:2]) * shares).astype(int)
    top, left = random.integers(photo.shape[0] - height + 1), random.integers(photo.shape[1] - width + 1)
    part, size = photo[top : top + height, left : left + width], (restore.COLOUR_SIZE,) * 2
    image = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    image = restore.toned(random, image[:, ::-1].copy() if random.random() < 0.5 else image)
    if random.random() < 0.25:
        image = meant.meant(random, image)
    faded = ageing.fading(random)(image) if random.random() < 0.55 else image
    shown = ageing.stained(random, faded) if random.random() < 0.2 else faded
    if random.random() < 0.45:
        shown = _worn(random, shown)
    if random.random() < 0.3:
        shown, _ = ageing.marks(random, shown)
    return shown, faded, image


def _worn(random: Generator, image: np.ndarray) -> np.ndarray:
    """Leave of grain, blur or JPEG what a photo still shows of it when it is so small."""
    kind = random.choice(3, p=(0.5, 0.2, 0.3))
    if kind == 0:
        noise = random.normal(0, np.exp(random.uniform(0, 2.2)), image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)
    if kind == 1:
        return cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 0.8))
    return augment.compressed(random, image, 50, 90)


def draw(network: restore.ColourNet, learn: list[np.ndarray], count: int, seed: int) -> Views:
    """Draw so many views of photos, uint8 HxWx3."""
    seen, pairs = [], []
    for start in range(0, count, BATCH):
        randoms = [np.random.default_rng([seed, number]) for number in range(start, min(count, start + BATCH))]
        drawn = [sample(random, learn[random.integers(len(learn))]) for random in randoms]
        shown = torch.from_numpy(np.stack([view[0] for view in drawn])).permute(0, 3, 1, 2).float()
        with torch.no_grad():
            seen.append(network.seen(shown))
        points = np.random.default_rng([seed, start]).integers(0, restore.COLOUR_SIZE**2, POINTS)
        pairs.append(np.stack([[part.reshape(-1, 3)[points] for part in view[1:]] for view in drawn]))
    both = torch.from_numpy(np.concatenate(pairs)).permute(1, 0, 3, 2)[..., None].contiguous()
    return Views(torch.cat(seen), both[0], both[1])


def gained(faded: torch.Tensor, truth: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Tell how many dB each photo gains by what the network says of it: float32 N."""

    def decibels(picture: torch.Tensor) -> torch.Tensor:
        return -10 * torch.log10((((picture - truth) / 255) ** 2).mean((1, 2, 3)) + LEAST_ERROR)

    return decibels(restore.recoloured(faded, numbers)) - decibels(faded.float())


def train(network: restore.ColourNet, views: Views, steps: int, random: Generator) -> None:
    """Train its last layers, and leave the average of their weights in it."""

    def loss(model: nn.Module) -> torch.Tensor:
        chosen = torch.from_numpy(random.integers(0, len(views.seen), BATCH))
        points = torch.from_numpy(random.permutation(POINTS)[: POINTS // 2])
        pictures = (part[chosen][:, :, points].float() for part in (views.faded, views.truth))
        gain = gained(*pictures, model(views.seen[chosen]))
        return (HARM * functional.relu(-gain - FREE) - gain).mean()

    network.last = trained(network.last, loss, steps, RATE, decay=1e-2)


def trained(
    layers: nn.Sequential, loss: Callable[[nn.Module], torch.Tensor], steps: int, rate: float, decay: float
) -> nn.Sequential:
    """Train three layers with two activations between, some of whose answers are dropped; gives the average of them.

    loss: of a batch that it draws. rate, decay: of AdamW.
    """
    model = nn.Sequential(*layers[:2], nn.Dropout(0.1), *layers[2:4], nn.Dropout(0.1), layers[4]).train()
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=decay)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * step / steps))
        optimizer.zero_grad()
        loss(model).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        memory = min(MEMORY, (1 + step) / (10 + step))
        with torch.no_grad():
            for kept, value in zip(average.parameters(), model.parameters(), strict=True):
                kept.lerp_(value, 1 - memory)
    return nn.Sequential(*(layer for layer in average if not isinstance(layer, nn.Dropout))).eval()


def read(path: Path) -> restore.ColourNet:
    """Read the network as it was written, by itself or as what `training.worth` judges."""
    network = restore.ColourNet()
    names = network.state_dict()
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    plain = {re.sub("^network.(first.)?", "", name).removesuffix("/half"): value for name, value in stored.items()}
    network.load_state_dict({name: torch.from_numpy(plain[name].astype(np.float32)) for name in names})
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, regions/ and portraits/")
    parser.add_argument("--views", type=int, default=124_000)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--start", type=Path, default=weights.TRAINED / "colour.onnx")
    parser.add_argument("--out", type=Path, required=True, help="what `training.worth` starts with")
    wish = parser.parse_args()
    task = restore.TASKS["colour"]
    network = read(wish.start)

    parts = {name: heldback.split((wish.data / name).iterdir()) for name in FOLDERS}
    files = [file for name, share in FOLDERS.items() for file in parts[name][0][::share]]
    third = photos.read_all(parts["photos"][1])
    learn = [cv2.resize(photo, (EDGE, EDGE), interpolation=cv2.INTER_AREA) for photo in photos.read_all(files)]
    print(f"{len(learn)} photos to train on, {len(third)} to watch by", flush=True)
    print(json.dumps(task.measure(network, third)), flush=True)
    train(network, draw(network, learn, wish.views, 0), wish.steps, np.random.default_rng(0))
    print(json.dumps(task.measure(network, third)), flush=True)
    restore.write(network, task, wish.out)


if __name__ == "__main__":
    main()
