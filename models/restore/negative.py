"""Negative: the scan of a film's negative, turned into the picture that was taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from envo import negative, photo
from envo.controls import Control
from envo.errors import UserError
from models import weights
from models.faces import find
from models.restore.base import NOT_JUDGED, Done, Engine, Look, Report, Step
from models.restore.colour import monochrome
from models.tagging import CLASSIFIERS

FILM = Control("film", "Film", "What was in the camera.", 0, 1, 0, choices=("Colour", "Black and white"))
EXPOSURE = Control("exposure", "Exposure", "Makes the picture lighter or darker, by stops.", -2, 2, 0.0, 0.1)
WARMTH = Control("warmth", "Warmth", "Makes the picture of a colour film more yellow or more blue.", -100, 100, 0)
BASE = "base"
"""The setting that is no control: light of the clear film, three numbers, linear, where that of a roll is known."""
NEAR = 0.3
"""So far the bases of a roll's frames are from their median at most, as densities; one farther off is another's."""
NONE = Look(False, "It is no film negative.")
FILMS = ("colour", "black-and-white")
CLASSIFIER = CLASSIFIERS["EfficientNet-Lite0"]
JUDGES = (*CLASSIFIER.requires, "negative")
"""Weights by which it is seen whether light and dark have changed places: what is seen, and what that tells."""
EDGE = 384
"""Pixels of the long edge at which a photo is looked at."""
EVEN = (0.01, 0.99)
"""Quantiles of the lightness that become black and white, so that none of it tells but what is lighter than what."""
FACE = 3.0
"""Log-odds that a face counts which shows in the one and not in the other."""
SMALLEST_FACE, LEAST_SURE_FACE = 1 / 16, 0.97
"""Share of the long edge, and probability, from which on a face counts."""
LEAST, LEAST_ONE_TONE = 0.5, 2.4
"""Log-odds of light and dark having changed places from which on a photo with the orange mask is a negative, and one
that is grey or all of one tone, as sepia is: there the mask says nothing."""
LIKELY, LIKELY_ONE_TONE = -1.0, 0.5
"""The same from which on that is told, and done if asked for."""


class EnvoNegative(Engine):
    """Measures densities over the film's clear base; see `envo.negative`."""

    name = "envo-negative"
    label = "Envo negative"

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return 0.05 + pixels * 3e-8


class Negative(Step[EnvoNegative]):
    id = "negative"
    label = "Negative"
    about = "Turns a scanned or photographed film negative into its picture, without the orange of colour film."
    controls = (FILM, EXPOSURE, WARMTH)
    looked_past = True

    def __init__(self) -> None:
        super().__init__([EnvoNegative()])

    def checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        base = values.get(BASE)
        rest = super().checked({key: value for key, value in values.items() if key != BASE})
        if base is None:
            return rest
        numbers = isinstance(base, Sequence) and len(base) == 3 and all(type(each) in (int, float) for each in base)
        if not numbers or not all(0 < each <= 1 for each in base):
            raise UserError("The light of a clear film is three numbers above 0, up to 1.")
        return {**rest, BASE: [float(each) for each in base]}

    def look(self, image: np.ndarray) -> Look:
        image = photo.resize(image, EDGE)
        scan = negative.Scan.of(image)
        is_grey = scan.is_grey()
        if not is_grey and not scan.is_orange():
            return NONE
        settings = {FILM.id: int(is_grey)}
        if not all(map(weights.available, JUDGES)):
            return (
                NOT_JUDGED if is_grey else Look(False, f"It has a film's orange. {NOT_JUDGED.reason}", settings, True)
            )
        has_one_tone = is_grey or monochrome(image)
        told = odds(image, scan)
        if told < (LIKELY_ONE_TONE if has_one_tone else LIKELY):
            return NONE
        why = "light and dark have changed places" + (
            "" if is_grey else ", and its lightest parts are the film's orange"
        )
        if told < (LEAST_ONE_TONE if has_one_tone else LEAST):
            return Look(False, f"It may be a {FILMS[is_grey]} negative: {why}.", settings, True)
        return Look(True, f"A {FILMS[is_grey]} negative: {why}.", settings)

    def _apply(
        self,
        engine: EnvoNegative,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        report("Turning the negative", 0)
        grey = values[FILM.id] == 1
        base = np.float32(values[BASE]) if BASE in values else None
        film = negative.Scan.of(image).developed(grey, base)
        pixels = negative.positive(image, film, values[EXPOSURE.id], values[WARMTH.id] / 100)
        report("Turning the negative", 1)
        return Done(pixels, f"Turned the {FILMS[grey]} negative into its picture")


def odds(image: np.ndarray, scan: negative.Scan) -> float:
    """Tell the log-odds of light and dark having changed places in uint8 HxWx3, of which this is the scan."""
    views = views_of(image, scan)
    told = np.load(weights.path(JUDGES[-1]))
    turned, plain = (bool(find.upright(view, EDGE * SMALLEST_FACE, LEAST_SURE_FACE)) for view in views)
    return float(impression(views) @ told[:-1] + told[-1]) + FACE * (turned - plain)


def views_of(image: np.ndarray, scan: negative.Scan) -> tuple[np.ndarray, np.ndarray]:
    """Give uint8 HxWx3 as it would be as a positive, and as it is, both uint8 HxWx3.

    They have no colours and are evened, so that what they differ in is which parts are light and which dark.
    """
    return _evened(negative.positive(image, scan.developed(grey=True))), _evened(image)


def impression(views: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Tell what the first of two views looks like, less what the second does: float32 1280.

    Of a photo's negative it is about the opposite of what it is of the photo.
    """
    turned, plain = (look.embedding for look in CLASSIFIER.look(views))
    return turned - plain


def _evened(image: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    low, high = np.quantile(grey, EVEN)
    even = np.clip((grey - low) * (255 / max(high - low, 1)), 0, 255).astype(np.uint8)
    return cv2.cvtColor(even, cv2.COLOR_GRAY2RGB)


@dataclass(frozen=True)
class Frame:
    """What a look says of a photo that may be a frame of a film."""

    look: Look
    base: np.ndarray
    """Light of its clear film, float32 3, if it is one."""

    @classmethod
    def of(cls, image: np.ndarray) -> "Frame":
        """Look at uint8 HxWx3."""
        return cls(Negative().look(image), negative.Scan.of(image).base)


def rolled(frames: Mapping[str, Frame]) -> dict[str, dict[str, Any]]:
    """Give settings for the frames of a roll, so that they look alike, by the names that they are given by.

    Those that are negatives, or may be, tell what film it is; where they are most of all, what is not is taken for a
    frame of it, too, if its base is like theirs. Photos are left out.
    """
    looks = {name: frame.look for name, frame in frames.items()}
    kinds = {name: look.settings[FILM.id] for name, look in looks.items() if look.wanted or look.likely}
    settings: dict[str, dict[str, Any]] = {}
    for kind in sorted(set(kinds.values())):
        known = [name for name in kinds if kinds[name] == kind]
        median = np.median([np.log10(frames[name].base) for name in known], axis=0)
        near = [name for name in frames if np.abs(np.log10(frames[name].base) - median).max() <= NEAR]
        others = [name for name in near if name not in kinds] if 2 * len(known) > len(frames) else []
        shared = {BASE: [max(round(float(each), 5), negative.LEAST_LIGHT) for each in 10**median]}
        settings |= {name: {FILM.id: kind, **(shared if name in near else {})} for name in [*known, *others]}
    return settings
