"""What tagging shares: where tags come from, a thing in a photo, and the shapes of the engines."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from envo.description import Box
from models import engine

ORIGINS = {
    "objects": "seen in the photo, at a place",
    "subject": "what the photo is of",
    "scene": "where it was taken",
    "category": "concluded from all that was seen",
    "taught": "learnt from corrections",
}
"""Where a tag comes from, and what a page says of that."""


@dataclass(frozen=True)
class Thing:
    """One object that was found in a photo."""

    word: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Impression:
    """What a photo as a whole is like."""

    shares: np.ndarray
    """Probability of each class of ImageNet, float32 1000; their sum is 1."""
    embedding: np.ndarray
    """What is seen, as a direction: float32 D of length 1. Alike photos have a large inner product."""


class Engine(engine.Engine):
    """Sees something in photos."""

    @property
    def label(self) -> str:
        """What a page calls it."""
        return self.name


class Detector(Engine):
    """One way to find objects. A subclass says who it is and implements `find`."""

    @abstractmethod
    def find(self, images: Sequence[np.ndarray]) -> list[list[Thing]]:
        """Find things in each of several photos, uint8 HxWx3 sRGB of any size from 1x1, the surest first."""


class Classifier(Engine):
    """One way to see what a photo is of. A subclass says who it is and implements `look`."""

    @abstractmethod
    def look(self, images: Sequence[np.ndarray]) -> list[Impression]:
        """Look at several photos, uint8 HxWx3 sRGB of any size from 1x1."""


def nearest(embedding: np.ndarray, others: np.ndarray, count: int) -> list[tuple[int, float]]:
    """Find the most alike photos: rows of `others`, float NxD of length 1, and how alike each is to `embedding`, D.

    The most alike comes first; 1 is the same, 0 has nothing in common.
    """
    alike = others.astype(np.float32) @ embedding.astype(np.float32)
    return [(int(row), float(alike[row])) for row in np.argsort(-alike)[:count]]
