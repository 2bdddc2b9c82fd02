"""The step that gives faded photos their colours and their contrast back."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from models import cache
from models.restore import network, signs
from models.restore.base import NOT_JUDGED, ColourEngine, Done, Look, Report, Step, difference, mixed
from models.restore.ddcolor import DDColor

EDGE = 64
"""Pixels squared at which the network sees a photo."""
LUMA = np.float32([0.299, 0.587, 0.114])
MONOCHROME = 1.0
"""Of 255: a photo whose colours go so little beyond one tone is grey or sepia; faded ones go little farther."""
LEAST = 8.0
"""So much a photo must change, of 255, for the step to be suggested."""
LEAST_GAIN, MOST_RISK = 0.5, 0.2
"""And so many dB must be expected to be gained, and the chance that more than 1 dB is lost may be so great at most. Of
924 views of sound photos, scenes and portraits of the third part three are taken for faded so."""
PALE_BLACK, PALE_SPANS = 100, (40, 140)
"""A photo that is darker than this in no channel, and of a span between these in the widest one, has faded nearly away,
which the network was not shown. Of 933 sound photos none is such a one, of 571 in fog, or exposed too much, three are.
What has less span has hardly anything left but its grain."""
MARGIN = 0.05
"""Share of the span by which what becomes black is darker than the darkest, and white lighter than the lightest: what
is left of a photo may have had neither."""
SEEN = 0.03
"""By how much black or white must have changed, of what paper can show, for that to be told."""
BAND = 512
"""Rows handled at a time."""


class EnvoColour(ColourEngine):
    """A small network that was trained here tells how the dyes have faded; that is undone for the whole photo alike.

    A photo of one tone, such as sepia, keeps it: only how light it is changes.
    """

    name = "envo-colour"
    label = "Envo colour"
    requires = ("colour",)

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return 400 * pixels / cache.speed() + 0.1

    def colour(self, image: np.ndarray, report: Report) -> np.ndarray:
        report("Bringing colours back", 0)
        pixels = unfaded(image, self.numbers(image))
        report("Bringing colours back", 1)
        return pixels

    def numbers(self, image: np.ndarray) -> np.ndarray:
        """Tell how uint8 HxWx3 has faded: ten numbers as `training.fading.FadingNet` gives them."""
        return self.judged(image)[0]

    def judged(self, image: np.ndarray) -> tuple[np.ndarray, bool]:
        """Tell how uint8 HxWx3 has faded, as `numbers`, and whether undoing that can be expected to help."""
        is_monochrome = monochrome(image)
        if is_monochrome:
            image = cv2.resize(image, (signs.EDGE, signs.EDGE), interpolation=cv2.INTER_AREA)
            image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        black, white = signs.ends(image)
        if black.min() > PALE_BLACK and PALE_SPANS[0] < (white - black).max() < PALE_SPANS[1]:
            margin = MARGIN * (white - black)
            return np.float32([*(black - margin) / 255, *(white + margin) / 255 - 1, 0, 0, 0, 0]), True
        small = cv2.resize(image, (EDGE, EDGE), interpolation=cv2.INTER_AREA)
        told = network.answer(self.requires[0], small, signs=signs.signs(image))
        numbers, gain, risk = told[:10], told[10], told[11]
        if is_monochrome:
            numbers = np.append(numbers[:9].reshape(3, 3).mean(1).repeat(3), 0)
        return numbers, bool(gain > LEAST_GAIN and risk < MOST_RISK)


class Colour(Step[ColourEngine]):
    id = "colour"
    label = "Colour"
    about = "Undoes fading: brings back black, white, contrast and colours, and takes away casts."

    def __init__(self) -> None:
        # Colours that nobody has seen are given only where they are asked for.
        super().__init__([EnvoColour(), DDColor()])

    def look(self, image: np.ndarray) -> Look:
        engine = self.engines["envo-colour"]
        if not engine.available():
            return NOT_JUDGED
        small = cv2.resize(image, (EDGE, EDGE), interpolation=cv2.INTER_AREA)
        numbers, helps = engine.judged(image)
        if difference(small, unfaded(small, numbers)) < LEAST:
            return Look(False, "Its colours have hardly faded.")
        if not helps:
            return Look(False, "Its colours may have faded, or be meant to be so.")
        black, white = numbers[:3], 1 + numbers[3:6]
        cast = _cast(white)
        signs = {
            "black has turned grey": black.mean() > SEEN,
            "white is dull": white.mean() < 1 - SEEN,
            f"all has a {cast} cast": bool(cast),
        }
        seen = [sign for sign, is_seen in signs.items() if is_seen]
        return Look(True, f"Faded: {', '.join(seen)}." if seen else "Its colours have faded.")

    def _apply(
        self,
        engine: ColourEngine,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        if engine.name == DDColor.name:
            fresh = self.engines["envo-colour"].colour(image, report)  # it keeps the lightness that it is given
            return Done(mixed(image, engine.colour(fresh, report), values), "Given colours as they may have been")
        pixels = mixed(image, engine.colour(image, report), values)
        before, after = (float(np.std(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY))) for each in (image, pixels))
        more = round(100 * (after / max(before, 0.5) - 1))
        said = f"Contrast {'raised' if more > 0 else 'lowered'} by {abs(more)} %" if more else "Colours set right"
        return Done(pixels, said, changed=not np.array_equal(image, pixels))


def monochrome(image: np.ndarray) -> bool:
    """Whether uint8 HxWx3 is grey or all of one tone, as sepia is: whether its chroma depends on its luma alone.

    Half of the photo decides, for marks and stains have colours of their own.
    """
    small = cv2.resize(image, (EDGE, EDGE), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    luma = small @ LUMA
    # Chroma as a curve of luma of the third degree; what that leaves is colour.
    powers = np.vander(luma / 255, 4)
    chroma = small[:, [0, 2]] - luma[:, None]
    kept = np.full(len(luma), True)
    for _ in range(2):
        fit, *_ = np.linalg.lstsq(powers[kept], chroma[kept], rcond=None)
        left = np.sqrt(np.square(chroma - powers @ fit).mean(1))
        kept = left <= np.quantile(left, 0.8)
    return float(np.median(left)) < MONOCHROME


def unfaded(image: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Undo fading of uint8 HxWx3, as `training.restore.recoloured` does."""
    black, white, gamma, saturation = numbers[:3], numbers[3:6], np.exp(numbers[6:9]), np.exp(numbers[9])
    span = np.maximum(1 + white - black, 0.1)
    ramp = np.linspace(0, 1, 256)[:, None]
    curves = (np.clip((ramp - black) / span, 1e-3, 1.2) ** gamma * 255).astype(np.float32)
    mix = np.float32(np.eye(3) * saturation + (1 - saturation) * LUMA)
    result = np.empty_like(image)
    for top in range(0, len(image), BAND):
        lit = cv2.LUT(image[top : top + BAND], curves[None])
        result[top : top + BAND] = np.clip(np.rint(cv2.transform(lit, mix)), 0, 255)
    return result


def _cast(white: np.ndarray) -> str:
    """Name the tint that white has taken; "" for none."""
    red, green, blue = white - white.mean()
    strongest = max(abs(red), abs(green), abs(blue))
    if strongest < 0.025:
        return ""
    names = {
        (True, True, False): "yellow",
        (True, False, False): "red",
        (True, False, True): "magenta",
        (False, True, False): "green",
        (False, True, True): "cyan",
        (False, False, True): "blue",
    }
    sign = tuple(
        bool(part > -0.2 * strongest) if part < 0 else bool(part > 0.2 * strongest) for part in (red, green, blue)
    )
    return names.get(sign, "")
