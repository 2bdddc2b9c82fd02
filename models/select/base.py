"""What all select engines share: prompts, candidates, and the two verbs *prepare* and *predict*."""

import time
from abc import abstractmethod
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from envo import photo
from models import engine, hub

CANDIDATES = 3
"""So many answers to a click are offered at most."""
APART = 0.75
"""Of two that are offered the smaller one has at most this share of the larger one's area."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the original image."""
REDUCED_EDGE = 1024
"""Long edge of the reduced photo, in pixels."""


@dataclass(frozen=True)
class Prompt:
    """What a visitor showed, in pixels of the original image; the order of the points is that of the clicks."""

    points: tuple[tuple[float, float], ...] = ()
    """(x, y) of each click."""
    adds: tuple[bool, ...] = ()
    """For each click, whether it adds what is there (True) or takes it away."""
    box: Box | None = None
    mask: np.ndarray | None = None
    """A mask to go on from, uint8 HxW at the working size; what the clicks before the last one gave, say."""


@dataclass(frozen=True)
class Candidate:
    """One answer to a prompt."""

    mask: np.ndarray
    """Alpha matte, uint8 HxW at the working size."""
    score: float
    """The IoU that the engine expects of it, 0 to 1."""


@dataclass(frozen=True)
class Selection:
    """What a prompt selects, and who said so."""

    candidates: list[Candidate]
    """Best first: up to three for a single click, which may mean a part, a thing or more; else one."""
    engine: str
    seconds: float


@dataclass(frozen=True)
class Prepared:
    """A photo that an engine has taken in once, to answer prompts about it often."""

    image: np.ndarray
    """uint8 HxWx3 at the working size."""
    size: tuple[int, int]
    """Width and height of the original, in whose pixels prompts are."""
    embedding: dict[str, np.ndarray] = field(default_factory=dict)
    """The engine's own account of the photo, by name; may be kept on disk."""

    @cached_property
    def reduced(self) -> np.ndarray:
        """The same at a long edge of at most `REDUCED_EDGE`, for what need not see every pixel."""
        return photo.resize(self.image, REDUCED_EDGE)

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the working size in a pixel of the original, across and down."""
        height, width = self.image.shape[:2]
        return width / self.size[0], height / self.size[1]


def areas(mask: np.ndarray) -> tuple[float, float]:
    """Measure a mask, uint8 HxW, in pixels: what is more than half in it, and what is in it, softly."""
    return float(np.count_nonzero(mask > 127)), float(mask.sum(dtype=np.int64)) / 255


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether the areas of two masks, uint8 HxW, are so far apart that both are worth offering."""
    return all(min(pair) <= APART * max(pair) for pair in zip(areas(one), areas(other), strict=True))


def apart(candidates: list[Candidate]) -> list[Candidate]:
    """Leave out what is about as large as a better candidate: nobody could tell the two apart in a choice."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if all(differ(candidate.mask, other.mask) for other in kept):
            kept.append(candidate)
    return kept


class Engine(engine.Engine):
    """One way to select by clicking. A subclass says who it is and implements `_embed` and `_answer`."""

    label: str
    """What a page calls it."""

    @property
    def version(self) -> str:
        """What tells its embeddings from those that other weights under the same name made."""
        return "-".join(map(hub.version, self.folders))

    def prepare(
        self,
        image: np.ndarray,
        size: tuple[int, int] | None = None,
        embedding: dict[str, np.ndarray] | None = None,
        report: engine.Report | None = None,
    ) -> Prepared:
        """Take a photo in, uint8 HxWx3 sRGB of any size from 1x1: the slow part, once.

        size: width and height of the original, if `image` is a reduced one. embedding: what an earlier call made of
        the same photo. Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        report = report or engine.quiet
        self.fetch(report)
        working = engine.to_working_size(image)
        size = size or (image.shape[1], image.shape[0])
        if embedding is None:
            embedding = self.do(lambda: self._embed(working, report))
        return Prepared(working, size, embedding)

    def predict(self, photo: Prepared, prompt: Prompt) -> Selection:
        """Answer a prompt about a photo that this engine has prepared: the quick part, often."""
        start = time.perf_counter()
        with self.at_work():
            candidates = self._answer(photo, prompt)
        return Selection(candidates, self.name, time.perf_counter() - start)

    @abstractmethod
    def _embed(self, image: np.ndarray, report: engine.Report) -> dict[str, np.ndarray]:
        """Look at uint8 HxWx3 at the working size."""

    @abstractmethod
    def _answer(self, photo: Prepared, prompt: Prompt) -> list[Candidate]:
        """Give the candidates for a prompt that has a point, a box or a mask; best first."""
