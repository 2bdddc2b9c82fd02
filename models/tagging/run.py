"""Tags for many photos: decoded once and small, in batches, objects and faces at the same time as the next decoding."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, TypeVar

import numpy as np

from envo.errors import NoMemory, UserError
from envo.file import PhotoFile
from envo.gallery import Tag
from models import engine
from models.faces import find
from models.faces.find import Found
from models.tagging import categories, sureness, words
from models.tagging.base import Box, Classifier, Detector, Impression, Thing

Key = TypeVar("Key")
T = TypeVar("T")

NAME = "Envo categories"
"""Who concludes categories, as tags say it."""

EDGE = 960
"""Pixels of the long edge at which a photo is looked at. A quarter of a 12-megapixel JPEG's, at which it is decoded."""
BATCH = 8
"""Photos that the networks are shown at once."""
BATCHES_AHEAD = 2
"""Batches under way at the same time; each costs some 20 MB."""
LEAST_SURE = 0.1
"""Confidence below which a word is not worth a tag."""
SCENES = ("landscape", "building", "architecture", "street")
"""Words that say where a photo was taken, and so do all kinds of them."""


@dataclass(frozen=True)
class Tagged:
    """What is seen in a photo."""

    tags: tuple[Tag, ...]
    """The surest first; no word twice."""
    faces: tuple[Found, ...]
    """In pixels of `image`, largest first."""
    embedding: np.ndarray
    """float32 D of length 1: see `Impression`."""
    image: np.ndarray
    """The photo as it was looked at: uint8 HxWx3 sRGB, upright, its long edge at most `EDGE`."""


@dataclass(frozen=True)
class Result(Generic[Key]):
    """What became of one photo."""

    key: Key
    tagged: Tagged | None
    """None if the photo cannot be looked at."""
    trouble: str = ""
    """Why its bytes cannot be decoded, now or ever, as a visitor reads it."""
    fault: Exception | None = None
    """What else kept it from being looked at, such as a file that is not there, or no memory: it may go later."""


def tag_photo(file: PhotoFile, detector: Detector, classifier: Classifier) -> Tagged:
    """Tag one photo. Raises UserError for what is no photo, `models.weights.WeightsError`."""
    (result,) = run([(None, lambda: file)], detector, classifier)
    if result.fault:
        raise result.fault
    if result.tagged is None:
        raise UserError(result.trouble)
    return result.tagged


def run(
    photos: Iterable[tuple[Key, Callable[[], PhotoFile]]],
    detector: Detector,
    classifier: Classifier,
    report: engine.Report | None = None,
) -> Iterator[Result[Key]]:
    """Tag photos, each a key and what reads its file; results come in the same order, one by one.

    Few photos are in memory at a time, however many there are: they are read as results are taken. A photo that
    cannot be read does not stop the others; closing the iterator does. Weights that are missing are fetched first,
    which `report` is told. Raises `models.weights.WeightsError`.
    """
    for each in (detector, classifier):
        each.fetch(report or engine.quiet)
    waiting: deque[_Batch[Key]] = deque()
    rest = iter(photos)
    pools = _Pools()
    try:
        while True:
            while len(waiting) < BATCHES_AHEAD and (chosen := list(islice(rest, BATCH))):
                images = [pools.decode.submit(_decode, read) for _, read in chosen]
                # The threads of the networks wait for the pixels, not this one.
                things = pools.networks.submit(_by, detector, detector.find, images)
                seen = pools.networks.submit(_by, classifier, classifier.look, images)
                faces = pools.faces.submit(lambda images=images: [find.quickly(each) for each in _decoded(images)])
                waiting.append(_Batch([key for key, _ in chosen], images, seen, things, faces))
            if not waiting:
                return
            yield from waiting.popleft().results(detector, classifier)
    finally:
        pools.close()


@dataclass(frozen=True)
class _Batch(Generic[Key]):
    """Photos under way. What is found is of those only that could be decoded."""

    keys: list[Key]
    images: "list[Future[np.ndarray | _Failure]]"
    seen: "Future[list[Impression]]"
    things: "Future[list[list[Thing]]]"
    faces: "Future[list[list[Found]]]"

    def results(self, detector: Detector, classifier: Classifier) -> Iterator[Result[Key]]:
        found = zip(self.seen.result(), self.things.result(), self.faces.result(), strict=True)
        for key, future in zip(self.keys, self.images, strict=True):
            image = future.result()
            if isinstance(image, _Failure):
                yield Result(key, None, str(image.error)) if image.is_photos else Result(key, None, fault=image.error)
                continue
            impression, things, faces = next(found)
            things = sureness.weighed(things, impression)
            concluded = categories.conclude(image, impression, things, faces)
            tags = assemble(impression, things, concluded, classifier.name, detector.name)
            yield Result(key, Tagged(tags, tuple(faces), impression.embedding, image))


class _Pools:
    """Threads: one for the two networks, one for faces, and some that decode."""

    def __init__(self) -> None:
        import torch

        cores = os.cpu_count() or 1
        self.decode = ThreadPoolExecutor(min(4, cores))
        # Faces and decoding keep other cores busy meanwhile.
        self.networks = ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(max(1, cores - 2),))
        self.faces = ThreadPoolExecutor(1)

    def close(self) -> None:
        for pool in (self.decode, self.networks, self.faces):
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Failure:
    """Why there are no pixels."""

    error: Exception
    is_photos: bool
    """Whether the photo's bytes cannot be decoded, whenever that is tried."""


def _decode(read: Callable[[], PhotoFile]) -> np.ndarray | _Failure:
    """Read a photo and decode it small, uint8 HxWx3; or tell why that cannot be."""
    try:
        file = read()
    except Exception as error:
        return _Failure(error, is_photos=False)
    try:
        return file.decode(EDGE).shown()
    except Exception as error:
        return _Failure(error, isinstance(error, UserError) and not isinstance(error, NoMemory))


def _by(
    worker: engine.Engine, look: Callable[[list[np.ndarray]], T], images: "list[Future[np.ndarray | _Failure]]"
) -> T:
    """Have a network look at those of a batch that can be decoded."""
    decoded = _decoded(images)
    with worker.at_work():
        return look(decoded)


def _decoded(images: "list[Future[np.ndarray | _Failure]]") -> list[np.ndarray]:
    """Wait for those of a batch that can be decoded."""
    return [image for image in (each.result() for each in images) if isinstance(image, np.ndarray)]


def assemble(
    impression: Impression,
    things: Sequence[Thing],
    concluded: Mapping[str, float],
    classifier: str,
    detector: str,
) -> tuple[Tag, ...]:
    """Put together what is known of a photo as tags, the surest first, no word twice.

    things: see `sureness.weighed`. concluded: probabilities of categories. A wider word is at least as sure as
    the sum of its kinds that exclude each other, as classes do. Where two say the same, the surer one counts, and boxes
    are kept. All are told as `sureness.doubted`.
    """
    given: dict[str, Tag] = {}

    def add(word: str, told: float, origin: str, engine: str, boxes: tuple[Box, ...] = ()) -> None:
        sure = sureness.doubted(min(told, 1.0))
        known = given.get(word)
        boxes = boxes or (known.boxes if known else ())
        if known and known.confidence >= sure:
            given[word] = replace(known, boxes=boxes)
        elif sure >= LEAST_SURE:
            given[word] = Tag(word, sure, origin, engine, words.lineage(word), boxes)

    for word, sure in zip(words.all_words().values(), words.members() @ impression.shares, strict=True):
        scene = any(each in SCENES for each in (word.name, *word.parents))
        add(word.name, float(sure), "scene" if scene else "subject", classifier)
    for name in dict.fromkeys(thing.word for thing in things):
        alike = [thing for thing in things if thing.word == name]
        for word in (*words.lineage(name), name):
            boxes = tuple(thing.box for thing in alike) if word == name else ()
            add(word, max(thing.confidence for thing in alike), "objects", detector, boxes)
    for name, sure in concluded.items():
        add(name, sure, "category", NAME)
    return tuple(sorted(given.values(), key=lambda tag: -tag.confidence))
