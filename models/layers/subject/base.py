"""What all subject engines share: the result, and the shape of an engine."""

import time
from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from models import engine


@dataclass(frozen=True)
class Subject:
    """What a photo is of, cut out softly, and who did it."""

    subject: np.ndarray | None
    """Alpha matte, uint8 HxW at the working size; None when nothing stands out."""
    engine: str
    seconds: float
    """Computing time; fetching weights does not count."""

    @property
    def mattes(self) -> dict[str, np.ndarray]:
        """Mattes by kind, uint8 HxW: `subject` and its complement `background`; none when nothing stands out."""
        if self.subject is None:
            return {}
        return {"subject": self.subject, "background": 255 - self.subject}


class Engine(engine.Engine):
    """One way to find what a photo is of. A subclass says who it is and implements `_subject`."""

    def matte(self, image: np.ndarray, report: engine.Report | None = None) -> Subject:
        """Cut out what `image`, uint8 HxWx3 sRGB of any size from 1x1, is of.

        The matte has the working size: the image's own, or a long edge of `settings.WORKING_EDGE` if that is
        less. Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        report = report or engine.quiet
        self.fetch(report)
        start = time.perf_counter()
        report("Finding what the photo is of", None)
        subject = self._subject(engine.to_working_size(image))
        return Subject(subject, self.name, time.perf_counter() - start)

    @abstractmethod
    def _subject(self, image: np.ndarray) -> np.ndarray | None:
        """Alpha matte, uint8 HxW, of uint8 HxWx3 at the working size; None when nothing stands out."""
