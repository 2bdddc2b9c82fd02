"""The portrait network of this repository (see models/trained/portrait.md): each face on its own, in batches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from models import cache, engine, weights
from models.portrait import find, mattes
from models.portrait.align import View
from models.portrait.base import Engine, Face, Portrait
from models.portrait.heads import Head

ROOM = 1.2
"""The view of a face, as `align.View` means it."""
SIZES = (128, 192, 256, 384)
"""Pixels squared with which a view can be shown to the network: the least that is not less than it has."""
BATCH_PIXELS = 8 * 128 * 128
"""Pixels that the network is shown at a time, or one view."""
MEMORY = 250 * 2**20
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
            heads = list(_heads(image, found, weights.path(*self.requires)))
        report("Following the edges", None)
        with _clock(seconds, "edges"):
            pieces = mattes.cut_out(image, person, heads)
        faces = [
            Face(tuple(head.found.box.tolist()), head.found.landmarks, own)
            for head, own in zip(heads, pieces, strict=True)
        ]
        faces.sort(key=lambda face: face.box[0] + face.box[2])
        return Portrait((image.shape[1], image.shape[0]), faces, self.name, seconds)


def _heads(image: np.ndarray, found: list[find.Found], path: Path) -> Iterator[Head]:
    """Show the network each face; those in which it sees no face are left out."""
    views = [View.of(face.landmarks, ROOM) for face in found]
    sizes = [next((size for size in SIZES if size >= view.side), SIZES[-1]) for view in views]
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
        classes = session.get_modelmeta().custom_metadata_map["classes"].split(",")
        for size in sorted(set(sizes), reverse=True):
            these = [number for number, each in enumerate(sizes) if each == size]
            at_a_time = max(1, BATCH_PIXELS // size**2)
            for start in range(0, len(these), at_a_time):
                batch = these[start : start + at_a_time]
                shown = np.stack([views[number].cut(image, size) for number in batch]).astype(np.float32)
                (answers,) = session.run(["parts"], {"image": shown})
                for number, parts in zip(batch, answers, strict=True):
                    planes = dict(zip(classes, np.moveaxis(parts, 2, 0), strict=True))
                    head = Head(found[number], views[number], planes)
                    if head.is_face():
                        yield head


@contextmanager
def _clock(seconds: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - start
