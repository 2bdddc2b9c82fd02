"""What all matting engines share: sizes, the result, and the shape of an engine."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from envo import settings
from models import weights

Report = Callable[[str, float | None], None]
"""Called with what is being done, as a visitor reads it, and how far it is (0 to 1, None: cannot be told)."""


@dataclass(frozen=True)
class Matte:
    """The person of a photo, cut out softly, and who did it."""

    person: np.ndarray | None
    """Alpha matte of all people together, uint8 HxW at the working size; None when nobody is in the photo."""
    engine: str
    seconds: float
    """Computing time; fetching weights does not count."""

    @property
    def mattes(self) -> dict[str, np.ndarray]:
        """Mattes by kind, uint8 HxW: `person` and its complement `background`; none when nobody is there."""
        if self.person is None:
            return {}
        return {"person": self.person, "background": 255 - self.person}


class Engine(ABC):
    """One way to find the person. A subclass says who it is and implements `_person`."""

    name: str
    requires: tuple[str, ...]
    """Names of its weights."""

    @property
    def licence(self) -> str:
        """Licence of its weights."""
        return ", ".join(sorted({entry.licence for entry in weights.entries() if entry.name in self.requires}))

    def available(self) -> bool:
        """Whether it can work at once, with nothing to fetch."""
        return all(weights.available(name) for name in self.requires)

    def matte(self, image: np.ndarray, report: Report | None = None) -> Matte:
        """Cut the people out of `image`, uint8 HxWx3 sRGB of any size from 1x1.

        The matte has the working size: the image's own, or a long edge of `settings.WORKING_EDGE` if that is
        less. Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        report = report or (lambda step, fraction: None)
        for name in self.requires:
            weights.path(name, lambda done, total: report("Fetching the weights", done / total))
        start = time.perf_counter()
        report("Finding the person", None)
        person = self._person(to_working_size(image))
        return Matte(person, self.name, time.perf_counter() - start)

    @abstractmethod
    def _person(self, image: np.ndarray) -> np.ndarray | None:
        """Alpha matte, uint8 HxW, of uint8 HxWx3 at the working size; None when nobody is in it."""


def to_working_size(image: np.ndarray) -> np.ndarray:
    """Scale uint8 HxWx3 down to the working size, averaging; smaller images stay as they are."""
    height, width = image.shape[:2]
    scale = settings.WORKING_EDGE / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
