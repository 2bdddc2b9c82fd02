"""The portrait network of this repository (see models/trained/portrait.md): each face on its own, in batches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import cache, engine, weights
from models.faces import find
from models.faces.align import View
from models.layers.portrait import mattes
from models.layers.portrait.base import Engine, Face, Portrait
from models.layers.portrait.heads import Answer, Head

if TYPE_CHECKING:
    import onnxruntime

ROOM = 1.15
"""The view of a face, as `align.View` means it."""
SIZES = (128, 192, 256, 384, 448)
"""Pixels squared with which such a view can be shown to the network."""
MIRRORED = 448
"""Pixels squared from which on it is shown mirrored, too: the mean of both answers is surer and takes twice as long."""
FAR_ROOM = 3.0
FAR_SIZES = (128, 256)
"""The same for the second view of a head with long hair."""
MOST_FAR = 8
"""Heads that get a second view, the largest ones; in a crowd it would show the neighbours' hair."""
BATCH_PIXELS = 8 * 128 * 128
"""Pixels that the network is shown at a time, or one view."""
MEMORY = 300 * 2**20
"""Bytes that the network and its buffers take."""


class PortraitNetwork(Engine):
    """Small enough for a laptop: a face is taken apart in a fraction of a second, a crowd in seconds."""

    name = "Envo portrait"
    requires = ("portrait",)

    def _portrait(self, image: np.ndarray, person: np.ndarray | None, report: engine.Report) -> Portrait:
        seconds: dict[str, float] = {}
        report("Finding faces", None)
        with _clock(seconds, "finding"):
            found = find.find(image)
        report("Taking faces apart", None)
        with _clock(seconds, "network"):
            heads = _heads(image, found, weights.path(*self.requires))
        report("Following the edges", None)
        with _clock(seconds, "edges"):
            pieces = mattes.cut_out(image, person, heads)
        faces = [
            Face(tuple(head.found.box.tolist()), head.found.landmarks, own)
            for head, own in zip(heads, pieces, strict=True)
        ]
        faces.sort(key=lambda face: face.box[0] + face.box[2])
        return Portrait((image.shape[1], image.shape[0]), faces, self.name, seconds)


def seen(image: np.ndarray, found: list[find.Found]) -> list[find.Found]:
    """Leave those of the faces found in uint8 HxWx3 in which the network sees one, too."""
    return [head.found for head in _near(image, found, weights.path(*PortraitNetwork.requires), SIZES[:2])]


def _heads(image: np.ndarray, found: list[find.Found], path: Path) -> list[Head]:
    """Show the network each face. Those in which it sees no face are left out; those with long hair are shown again."""
    heads = _near(image, found, path, SIZES)
    long = [number for number, head in enumerate(heads) if head.has_long_hair(image.shape[1], image.shape[0])]
    long = long[:MOST_FAR]
    views = [View.of(heads[number].found.landmarks, FAR_ROOM) for number in long]
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
        for number, answer in zip(long, _answers(session, image, views, FAR_SIZES), strict=True):
            heads[number] = replace(heads[number], far=answer)
    return heads


def _near(image: np.ndarray, found: list[find.Found], path: Path, sizes: tuple[int, ...]) -> list[Head]:
    """Show the network each face near by, and leave out those in which it sees none."""
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
        near = _answers(session, image, [View.of(face.landmarks, ROOM) for face in found], sizes)
    return [head for face, answer in zip(found, near, strict=True) if (head := Head(face, answer)).is_face()]


def _answers(
    session: "onnxruntime.InferenceSession", image: np.ndarray, views: list[View], sizes: tuple[int, ...]
) -> list[Answer]:
    """What the network says about each view, shown with the least of `sizes` that is not less than it has pixels."""
    classes = session.get_modelmeta().custom_metadata_map["classes"].split(",")
    shown = [next((size for size in sizes if size >= view.side), sizes[-1]) for view in views]
    answers: dict[int, Answer] = {}
    for size in set(shown):
        these = [number for number, each in enumerate(shown) if each == size]
        at_a_time = max(1, BATCH_PIXELS // size**2)
        for start in range(0, len(these), at_a_time):
            batch = these[start : start + at_a_time]
            pixels = np.stack([views[number].cut(image, size) for number in batch]).astype(np.float32)
            for number, planes in zip(batch, np.moveaxis(_asked(session, pixels), 3, 1), strict=True):
                answers[number] = Answer(views[number], dict(zip(classes, planes, strict=True)))
    return [answers[number] for number in range(len(views))]


def _asked(session: "onnxruntime.InferenceSession", pixels: np.ndarray) -> np.ndarray:
    """What the network says about float32 NxSxSx3: probabilities of its classes, float32 NxSxSxC."""
    (parts,) = session.run(["parts"], {"image": pixels})
    if pixels.shape[1] < MIRRORED:
        return parts
    (mirrored,) = session.run(["parts"], {"image": np.ascontiguousarray(pixels[:, :, ::-1])})
    return (parts + mirrored[:, :, ::-1]) / 2


@contextmanager
def _clock(seconds: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - start
