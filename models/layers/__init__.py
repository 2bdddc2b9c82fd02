"""A photo taken apart: its people, their faces and what it is of, by the engine of each capability.

    found = layers.find(pixels)
    found.mattes  # {"background": uint8 HxW, "person": ..., "hair": ..., "eyes-2": ..., ...}

The kinds are those of `envo.edits.KINDS`.
"""

from dataclasses import dataclass

import numpy as np

from models import engine
from models.layers import people, portrait, subject

MOST_FACES = 8
"""So many faces, the largest ones, have mattes of their own where there are several."""


@dataclass(frozen=True)
class Layers:
    """All mattes of a photo, and who made them."""

    mattes: dict[str, np.ndarray]
    """Alpha mattes by kind, uint8 HxW at the working size; none where nothing stands out."""
    faces: list[tuple[float, float, float, float]]
    """Boxes of the faces that have mattes of their own, left, top, right, bottom in fractions of the photo."""
    engine: str
    seconds: float
    """Computing time; fetching weights does not count."""


def find(image: np.ndarray, report: engine.Report | None = None) -> Layers:
    """Take `image` apart, uint8 HxWx3 sRGB of any size from 1x1.

    Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
    """
    persons = people.auto().matte(image, report)
    portraits = portrait.auto().parse(image, persons.alpha, report)
    thing = subject.auto().matte(image, report)
    faces = _own(portraits.faces)
    mattes = persons.mattes | portraits.mattes
    if len(faces) > 1:
        for number, face in enumerate(faces, 1):
            own = [kind for kind in portrait.KINDS if kind in face.pieces]
            mattes |= {f"{kind}-{number}": portraits.matte(kind, [face]) for kind in own}
    if thing.alpha is not None:
        around = "backdrop" if "background" in mattes else "background"
        mattes |= {"subject": thing.alpha, around: 255 - thing.alpha}
    width, height = portraits.size
    return Layers(
        mattes,
        [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in (face.box for face in faces)],
        ", ".join((persons.engine, portraits.engine, thing.engine)),
        persons.seconds + sum(portraits.seconds.values()) + thing.seconds,
    )


def licences(engine: str) -> dict[str, str]:
    """Give the licence of the weights of each engine that made some mattes, by its name.

    engine: who made them, as `Layers` has it; engines that are not here any more are left out.
    """
    known = people.ENGINES | portrait.ENGINES | subject.ENGINES
    return {name: known[name].licence for name in engine.split(", ") if name in known}


def _own(faces: list[portrait.Face]) -> list[portrait.Face]:
    """Pick the largest faces, from left to right."""
    largest = sorted(faces, key=lambda face: face.box[0] - face.box[2])[:MOST_FACES]
    return [face for face in faces if any(face is each for each in largest)]
