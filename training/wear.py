"""Damage that is drawn once and laid over many photos: for networks that learn from more of them than could be aged."""

import cv2
import numpy as np
from numpy.random import Generator

from models.restore import signs
from training import ageing, augment, restore

COVERS, STAINS, GRAINS = 250, 120, 24
"""So many of each damage are drawn, and laid over photos turned and mirrored."""


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
        cover = _turned(random, restore.pick(random, self._covers))[..., None]
        if random.random() < 0.85:  # as light as the paper
            colour = np.percentile(image[::8, ::8], 99.5, (0, 1)) + random.uniform(0, 60)
            colour = np.minimum(colour, random.uniform([195, 190, 175], 255))
        else:
            colour = random.uniform(0, 70) * random.uniform([0.8, 0.7, 0.6], 1)
        return np.clip(image + (np.float32(colour) - image) * cover, 0, 255).astype(np.uint8)

    def stained(self, random: Generator, image: np.ndarray) -> np.ndarray:
        return cv2.multiply(image, _turned(random, restore.pick(random, self._stains)), scale=1 / 255)

    def grained(self, random: Generator, image: np.ndarray) -> np.ndarray:
        """Grain a photo that has been reduced since."""
        top, left = random.integers(0, 32, 2)
        noise = restore.pick(random, self._grains)[top : top + signs.EDGE, left : left + signs.EDGE]
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


def _turned(random: Generator, image: np.ndarray) -> np.ndarray:
    image = np.rot90(image, random.integers(4))
    return np.ascontiguousarray(image[:, ::-1] if random.random() < 0.5 else image)
