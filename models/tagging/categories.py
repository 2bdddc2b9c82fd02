"""Categories as people say them, concluded from all that is seen in a photo.

What things and places tell is in `words.txt`; faces tell portraits from groups; light and colour tell night, black and
white, and printed pages. Clues for one category are taken as independent of each other: each makes it surer.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from envo import photo
from models.faces.find import Found
from models.tagging import words
from models.tagging.base import Impression, Thing

CATEGORIES = (
    "portrait",
    "group photo",
    "nature",
    "urban",
    "food",
    "animals",
    "sport",
    "vehicles",
    "indoor",
    "night",
    "document",
    "black and white",
)

EDGE = 256
"""Pixels of the long edge at which light and colour are looked at."""
SMALL_FACE, LARGE_FACE = 0.06, 0.16
"""Width of a face, in short edges of the photo, up to which it makes no portrait, and from which on it does."""
FELLOW = 0.4
"""A face that is as large as this share of the largest one counts as one of the group."""
GROUP = (0.0, 0.0, 0.3, 0.8, 0.9, 0.95)
"""How probably a photo of none, one, two ... people is called a group photo; the last of more, too."""
SMALL_THING = 0.1
"""Share of the frame below which a thing tells less of what a photo is about."""
DARK_AT_NIGHT = 0.6
"""How probably a dark photo of nothing that is known was taken at night."""


def conclude(
    image: np.ndarray, impression: Impression, things: Sequence[Thing], faces: Sequence[Found]
) -> dict[str, float]:
    """Tell how probably uint8 HxWx3 is of each of `CATEGORIES`, from 0 to 1.

    faces: in pixels of the image.
    """
    lightness, chroma, strokes = _look(image)
    found = {name: float(impression.shares @ words.class_shares(name)) for name in CATEGORIES}
    known = words.all_words()
    for thing in things:
        for name, share in known[thing.word].shares.items():
            found[name] = _either(found[name], thing.confidence * share * _presence(thing))
    person = max((thing.confidence for thing in things if thing.word == "person"), default=0.0)
    # A monkey's face is a face, too.
    human = _either(person, 1 - words.share("animals", impression.shares))
    found["portrait"], found["group photo"] = (human * sure for sure in _people(image, things, faces))
    # What is dark may also be a studio or a stage; what is outdoors in a town is lit by day.
    found["night"] = _dark(lightness) * (1 - found["indoor"]) * (DARK_AT_NIGHT + (1 - DARK_AT_NIGHT) * found["urban"])
    found["document"] = _either(found["document"], _page(lightness, chroma, strokes) * (1 - found["portrait"]))
    found["black and white"] = _step(_colours(lightness, chroma), 7, 4)
    return found


def _either(one: float, other: float) -> float:
    """Probability of what two independent clues speak for."""
    return 1 - (1 - one) * (1 - other)


def _step(value: float, least: float, most: float) -> float:
    """0 at `least`, 1 at `most`, straight between; either may be the larger one."""
    return float(np.clip((value - least) / (most - least), 0, 1))


def _presence(thing: Thing) -> float:
    """How much a thing tells of what a photo is about, by its share of the frame."""
    left, top, right, bottom = thing.box
    return min(1.0, ((right - left) * (bottom - top) / SMALL_THING) ** 0.5)


def _people(image: np.ndarray, things: Sequence[Thing], faces: Sequence[Found]) -> tuple[float, float]:
    """How probably a photo is a portrait, and one of a group."""
    if not faces:
        return 0.0, 0.0
    largest = max(faces, key=lambda face: face.width)
    plain = _step(largest.width / min(image.shape[:2]), SMALL_FACE, LARGE_FACE)
    fellows = sum(face.width >= FELLOW * largest.width for face in faces)
    persons = [_presence(thing) for thing in things if thing.word == "person"]
    # Who turns away from the camera has no face, but is there.
    fellows = max(fellows, sum(size >= FELLOW * max(persons) for size in persons))
    group = GROUP[min(fellows, len(GROUP) - 1)]
    return largest.sure * plain * (1 - group), largest.sure * group


def _look(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lightness from 0 to 100, HxW, and a and b, HxWx2, of CIELAB; and how much darker than around, HxW; float32."""
    lab = cv2.cvtColor(photo.resize(image, EDGE).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness = np.ascontiguousarray(lab[..., 0])
    around = cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return lightness, lab[..., 1:], around - lightness


def _dark(lightness: np.ndarray) -> float:
    """Dark for the most part, though something shines."""
    middle, bright, brightest = np.percentile(lightness, [50, 80, 99.5])
    return _step(middle, 30, 12) * _step(bright, 60, 40) * _step(brightest, 20, 50)


def _page(lightness: np.ndarray, chroma: np.ndarray, strokes: np.ndarray) -> float:
    """Thin dark strokes all over pale, colourless paper."""
    paper = ((lightness + strokes > 70) & (np.hypot(*np.moveaxis(chroma, -1, 0)) < 20)).astype(np.float32)
    inked = (strokes > 15).astype(np.float32)
    cells = (8, 8)
    written = cv2.resize(paper * inked, cells, interpolation=cv2.INTER_AREA) > 0.08
    return _step(paper.mean(), 0.75, 0.9) * _step(written.mean(), 0.4, 0.7)


def _colours(lightness: np.ndarray, chroma: np.ndarray) -> float:
    """How far colours differ from a tint that goes with lightness, in units of CIELAB; 99 of 100 pixels do less."""
    light = np.column_stack([np.ones(lightness.size), lightness.ravel(), lightness.ravel() ** 2])
    colours = chroma.reshape(-1, 2)
    tint = light @ np.linalg.lstsq(light, colours, rcond=None)[0]
    return float(np.percentile(np.hypot(*(colours - tint).T), 99))
