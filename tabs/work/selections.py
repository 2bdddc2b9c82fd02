"""Selecting by clicking: photos prepared in the background, and answers to clicks that are never computed twice."""

import hashlib
import logging
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

import numpy as np

from envo import masks, memory, settings
from envo.errors import UserError
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import select
from models.engine import Report, named
from models.select import Engine, Prepared, Prompt
from models.select.embeddings import Embeddings
from models.weights import WeightsError
from tabs.work.queue import NO_WEIGHTS, PATIENCE, Progress, Queue
from tabs.work.recent import Recent

log = logging.getLogger(__name__)

QUICK = "quick"
"""Name of the engine that answers until a better one has prepared the photo: preparing costs it next to nothing."""
EACH = 8
"""So many clicks are answered one by one; of more, every so many, lest a hundred fast clicks take a hundred answers."""
NO_ENGINE = "There is nothing on this machine to select with yet; fetch an engine first."

Point = tuple[float, float, bool]
Box = tuple[float, float, float, float]
Step = tuple[tuple[Point, ...], Hashable]
"""The clicks of an answer, and what it is kept by."""


@dataclass(frozen=True)
class Picture:
    """What is clicked in: a photo, or a result of an action on it."""

    owner: str
    row: PhotoRow
    result: str | None = None

    @property
    def key(self) -> str:
        """Names its pixels."""
        return f"{self.row.sha256}-{self.result}" if self.result else self.row.sha256


@dataclass(frozen=True)
class Gestures:
    """What a visitor did: clicks, in their order, and a box; in pixels of the original."""

    points: tuple[Point, ...]
    """(x, y, whether it adds)."""
    box: Box | None
    start: bytes | None
    """PNG of a mask to go on from."""
    choice: int
    """Which candidate of the first answer the clicks after it go on from."""


@dataclass(frozen=True)
class Answer:
    """What gestures select."""

    candidates: tuple[tuple[float, float, bytes], ...]
    """Of each its score, how much of the photo it selects (0 to 1), and its PNG; best first."""
    engine: str
    seconds: float

    def meant(self, choice: int) -> int:
        """Which of the candidates is meant, of which there may be fewer."""
        return min(choice, len(self.candidates) - 1)


class Selector:
    """Answers clicks on photos. One for the app; methods may be called from any thread."""

    def __init__(self, library: Library):
        self._library = library
        self._embeddings = Embeddings()
        self._preparing = Queue("select", "This photo could not be prepared for clicks.", patience=PATIENCE)
        self._answers = Recent(settings.SELECTION_BYTES, _bytes)

    def prepare(self, picture: Picture, name: str) -> None:
        """Have a picture prepared in the background by an engine, or `auto`, unless it is."""
        # The one asked for last goes first.
        for engine in reversed(self._engines(name)):
            if not self._is_ready(picture, engine):
                self._preparing.ask((picture.key, engine.name), partial(self._take_in, picture, engine), picture.owner)

    def progress(self, picture: Picture, name: str) -> tuple[Progress, str]:
        """How far a picture is with an engine, and the name of the one that would answer a click now.

        For `auto` it is about the best engine that the photo will have.
        """
        best = self._engines(name)[-1]
        current = self._preparing.progress((picture.key, best.name))
        now = current or Progress("done" if self._is_ready(picture, best) else "waiting")
        return now, self._answering(picture, name).name

    @property
    def number(self) -> int:
        """Grows with all that is told of any photo; quickly told."""
        return self._preparing.number

    def answer(self, picture: Picture, name: str, gestures: Gestures) -> Answer:
        """Answer gestures by an engine, or `auto`, going on from its answers to those before.

        The same gestures have the same answer, whatever was asked in between.

        Raises UserError for gestures that mean nothing.
        """
        engine = self._answering(picture, name)
        gestures = checked((picture.row.width, picture.row.height), gestures)
        self._see_to_better(picture, name, engine)
        steps = self._steps(picture, engine, gestures)
        done, answer = self._known(steps)
        for index in range(done + 1, len(steps)):
            answer = self._go_on(picture, engine, gestures, steps, index, answer)
        return answer

    def glance(self, picture: Picture, name: str, gestures: Gestures) -> Answer | None:
        """Answer gestures as `answer` would, if one look at a photo that is ready is enough for that; else None.

        Raises UserError for gestures that mean nothing.
        """
        engine = self._answering(picture, name)
        gestures = checked((picture.row.width, picture.row.height), gestures)
        steps = self._steps(picture, engine, gestures)
        done, answer = self._known(steps)
        last = len(steps) - 1
        if done < last - 1 or not self._is_ready(picture, engine):
            return None
        return answer if done == last else self._go_on(picture, engine, gestures, steps, last, answer)

    def image(self, picture: Picture) -> np.ndarray:
        """Decode a picture at the working size, uint8 HxWx3."""
        with memory.PHOTOS:
            decoded = self._library.decode(picture.owner, picture.row.id, picture.result, settings.WORKING_EDGE)
            return decoded.shown()

    def _steps(self, picture: Picture, engine: Engine, gestures: Gestures) -> list[Step]:
        """The clicks of each answer that gestures need, one going on from the other, and what the answer is kept by."""
        start = hashlib.sha256(gestures.start).hexdigest() if gestures.start else None
        key = picture.key, engine.name, engine.version, start, gestures.box
        return [
            (clicks, (*key, clicks, gestures.choice if index else None))
            for index, clicks in enumerate(_one_by_one(gestures))
        ]

    def _known(self, steps: list[Step]) -> tuple[int, Answer | None]:
        """The last step whose answer is kept, and that answer; -1 where there is none."""
        known = ((index, self._answers.get(steps[index][1])) for index in reversed(range(len(steps))))
        return next((each for each in known if each[1]), (-1, None))

    def _go_on(
        self,
        picture: Picture,
        engine: Engine,
        gestures: Gestures,
        steps: list[Step],
        index: int,
        answer: Answer | None,
    ) -> Answer:
        """Answer a step, from the answer to the one before."""
        clicks, key = steps[index]
        found = _answer(engine, self._take_in(picture, engine), gestures, clicks, answer, index)
        self._answers.put(key, found)
        return found

    def _engines(self, name: str) -> list[Engine]:
        """The engines that prepare a photo, one after the other; the last one is to answer in the end."""
        if name != "auto":
            return [_usable(name)]
        names = [QUICK, select.auto().name] if select.ENGINES else []
        usable = [select.ENGINES[name] for name in dict.fromkeys(names) if name in select.ENGINES]
        usable = [engine for engine in usable if engine.available()]
        if not usable:
            raise UserError(NO_ENGINE)
        return usable

    def _answering(self, picture: Picture, name: str) -> Engine:
        """The engine that answers now: the best one that has prepared the picture, else the quickest."""
        engines = self._engines(name)
        return next((engine for engine in reversed(engines) if self._is_ready(picture, engine)), engines[0])

    def _see_to_better(self, picture: Picture, name: str, answering: Engine) -> None:
        """Have a picture prepared again by the engine that would answer if the picture had not been put away."""
        best = self._engines(name)[-1]
        key = picture.key, best.name
        if best is not answering and self._preparing.progress(key) is None:
            self._preparing.ask(key, partial(self._take_in, picture, best), picture.owner)

    def _is_ready(self, picture: Picture, engine: Engine) -> bool:
        return self._embeddings.has(picture.key, engine)

    def _take_in(self, picture: Picture, engine: Engine, report: Report | None = None) -> Prepared:
        def load() -> tuple[np.ndarray, tuple[int, int]]:
            return self.image(picture), (picture.row.width, picture.row.height)

        try:
            return self._embeddings.get(picture.key, engine, load, report)
        except WeightsError as error:
            log.warning("%s", error)
            raise UserError(NO_WEIGHTS) from error


def answered(engine: Engine, photo: Prepared, gestures: Gestures) -> Answer:
    """Answer gestures, as `checked` gives them, on a photo that an engine has prepared: as `Selector` does."""
    answer = None
    for index, clicks in enumerate(_one_by_one(gestures)):
        answer = _answer(engine, photo, gestures, clicks, answer, index)
    return answer


def _one_by_one(gestures: Gestures) -> list[tuple[Point, ...]]:
    """The clicks of each answer that gestures need, one going on from the other."""
    # A box is one gesture, and the first one; then each click is one.
    first, last = 0 if gestures.box else 1, len(gestures.points)
    counts = [count for count in range(first, last) if count <= EACH or count % EACH == 0]
    return [gestures.points[:count] for count in (*counts, last)]


def _answer(
    engine: Engine, photo: Prepared, gestures: Gestures, clicks: tuple[Point, ...], before: Answer | None, index: int
) -> Answer:
    """Answer the clicks of one step, the `index`th, from the answer `before`."""
    height, width = photo.image.shape[:2]
    mask = masks.read_matte(gestures.start, (width, height)) if gestures.start else None
    if before:
        mask = masks.decode_matte(before.candidates[before.meant(gestures.choice if index == 1 else 0)][-1])
    prompt = Prompt(tuple((x, y) for x, y, _ in clicks), tuple(adds for _, _, adds in clicks), gestures.box, mask)
    found = engine.predict(photo, prompt)
    candidates = tuple(
        (each.score, float(each.mask.mean()) / 255, masks.encode_matte(each.mask))
        for each in select.apart(found.candidates)
    )
    return Answer(candidates, found.engine, found.seconds)


def _usable(name: str) -> Engine:
    engine = named(select.ENGINES, name)
    if not engine.available():
        raise UserError(f"{engine.label} is not on this machine yet; fetch it first.")
    return engine


def checked(size: tuple[int, int], gestures: Gestures) -> Gestures:
    """Give the same gestures, all within a photo of a width and height. Raises UserError where they are not."""
    width, height = size
    if not gestures.points and gestures.box is None:
        raise UserError("Click on the photo or draw a box around what you want.")
    if len(gestures.points) > settings.MAX_CLICKS:
        raise UserError(f"A selection takes {settings.MAX_CLICKS} clicks; keep this one and begin another.")
    if any(not (0 <= x <= width and 0 <= y <= height) for x, y, _ in gestures.points):
        raise UserError("This click is outside the photo; click within it.")
    # The edge itself belongs to the last pixel.
    points = tuple((min(x, width - 0.5), min(y, height - 0.5), adds) for x, y, adds in gestures.points)
    box = gestures.box
    if box:
        left, right = np.clip(sorted((box[0], box[2])), 0, width)
        top, bottom = np.clip(sorted((box[1], box[3])), 0, height)
        if left == right or top == bottom:
            raise UserError("This box holds nothing of the photo; draw it around what you want.")
        box = (float(left), float(top), float(right), float(bottom))
    return Gestures(points, box, gestures.start, gestures.choice)


def _bytes(answer: Answer) -> int:
    return sum(len(png) for *_, png in answer.candidates)
