"""What the engines of all capabilities have in common: a name, weights, and photos at the working size."""

from abc import ABC
from collections.abc import Callable

import cv2
import numpy as np

from envo import settings
from models import weights

Report = Callable[[str, float | None], None]
"""Called with what is being done, as a visitor reads it, and how far it is (0 to 1, None: cannot be told)."""


class Engine(ABC):
    """One way to do what a capability is for. A subclass says who it is."""

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

    def fetch(self, report: Report) -> None:
        """Fetch the weights that are missing. Raises `models.weights.WeightsError`."""
        for name in self.requires:
            weights.path(name, lambda done, total: report("Fetching the weights", done / total))


def to_working_size(image: np.ndarray) -> np.ndarray:
    """Scale uint8 HxWx3 down to the working size, averaging; smaller images stay as they are."""
    height, width = image.shape[:2]
    scale = settings.WORKING_EDGE / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
