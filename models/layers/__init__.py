"""A photo taken apart: its people, their faces and what it is of, by the engine of each capability.

    found = layers.find(pixels)
    found.mattes  # {"background": uint8 HxW, "person": ..., "hair": ..., "eyes-2": ..., ...}

The kinds are those of `envo.edits.KINDS`.
"""

from dataclasses import dataclass

import numpy as np

from models import engine
from models.layers import people, portrait, subject
from models.layers.cut import Cut

MOST_FACES = 8
"""So many faces, the largest ones, have mattes of their own where there are several."""


CLOSER = ("subject", "backdrop")
"""Kinds of mattes that `look_closer` makes anew; where there are no people, the background, too."""


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
    thing = subject.quick().matte(image, report)
    faces = _own(portraits.faces)
    mattes = persons.mattes | portraits.mattes
    if len(faces) > 1:
        for number, face in enumerate(faces, 1):
            own = [kind for kind in portrait.KINDS if kind in face.pieces]
            mattes |= {f"{kind}-{number}": portraits.matte(kind, [face]) for kind in own}
    mattes |= _of_thing(thing, "background" in mattes)
    width, height = portraits.size
    return Layers(
        mattes,
        [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in (face.box for face in faces)],
        ", ".join((persons.engine, portraits.engine, thing.engine)),
        persons.seconds + sum(portraits.seconds.values()) + thing.seconds,
    )


def look_closer(image: np.ndarray, has_people: bool, report: engine.Report | None = None) -> Layers:
    """Find what a photo is of once more, by the best engine: mattes in place of all of `CLOSER` that there are.

    image: as for `find`. has_people: whether that found people. Raises `models.weights.WeightsError`.
    """
    thing = subject.close().matte(image, report)
    return Layers(_of_thing(thing, has_people), [], thing.engine, thing.seconds)


def can_look_closer(engine: str) -> bool:
    """Tell whether there is a better engine at hand than those that made some mattes, as `Layers` names them."""
    return subject.quick().name in engine.split(", ") and subject.close().available()


def _of_thing(thing: Cut, has_people: bool) -> dict[str, np.ndarray]:
    """Give the mattes of what a photo is of, and of what is around it; without people that is the background."""
    around = "backdrop" if has_people else "background"
    return {} if thing.alpha is None else {"subject": thing.alpha, around: 255 - thing.alpha}


def closer(engine: str) -> str:
    """Name who made some mattes, once `look_closer` has made its own in place of those before."""
    return engine.replace(subject.quick().name, subject.close().name)


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
