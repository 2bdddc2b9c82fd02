"""Light and colour sliders set from what a photo is like: what *Auto* does.

    values, said = suggest(pixels, mattes)

It sets sliders of the whole image, never pixels, and none where the photo needs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from envo import oklab, photo
from envo.adjustments import ADJUSTMENTS, light_matrix
from envo.colour import srgb_to_linear

EDGE = 512
"""Long edge at which a photo is looked at, in pixels."""
DARK, BRIGHT = 0.46, 0.86
"""Medians of OKLab lightness between which a photo's light is left alone."""
MOST_EV = 1.2
NIGHT = 0.16
"""A photo of which a third is darker is meant to be dark, as a rule: it gets half of the light."""
STUDIO = 0.1
"""A bright photo of which more is white stands before white, as goods in shops do."""
FACE = (0.5, 0.62)
"""Lightness below which a face is lifted, and the one towards which it is."""
PALE, FLAT = 0.88, 0.25
"""White (the 99.5th percentile) below which a photo is pale, and black (the 0.5th) above which it is flat."""
MOST_CAST = 30.0
"""So far temperature and tint go at most."""
NEAR_GREY = 0.05
"""OKLab chroma up to which a colour may be a grey with a cast."""
CAST = 0.02
"""Mean chroma of near greys from which on it is a cast; three quarters of what is above `CAST` / 2 are taken away."""
BLUE = 0.4
"""Of that where the cast is bluish: skies and shade are."""
AGREED = 0.75
"""So alike must the casts of near greys be: length of their mean beside their mean length."""
FAINT = 0.028
"""Mean chroma below which colours are faint; where it is below a fifth of that, there are none."""


@dataclass(frozen=True)
class Suggestion:
    """Sliders of the whole image, by their ids, without those that stay at rest; and what they do, in few words."""

    adjustments: dict[str, float]
    said: list[str]


def suggest(pixels: np.ndarray, mattes: Mapping[str, np.ndarray]) -> Suggestion:
    """Look at a photo, uint8 sRGB or float32 linear sRGB HxWx3, and its mattes, uint8 HxW by kind."""
    small = photo.resize(pixels, EDGE)
    linear = srgb_to_linear(small / 255) if small.dtype == np.uint8 else np.minimum(small, 4)
    lab = oklab.from_linear(linear)
    weights = {kind: _fitted(matte, lab.shape) for kind, matte in mattes.items()}
    found: dict[str, tuple[float, str]] = {}
    _light(lab[..., 0], weights.get("face"), found)
    _colour(linear, lab, weights.get("skin"), found)
    values, said = {}, []
    for name, (value, what) in found.items():
        known = ADJUSTMENTS[name]
        steps = round(min(max(value, known.minimum), known.maximum) / known.step)
        if steps and abs(value) >= 3 * known.step:
            values[name] = round(steps * known.step, 4)
            said += [what] if what and what not in said else []
    return Suggestion(values, said)


def _light(lightness: np.ndarray, face: np.ndarray | None, found: dict[str, tuple[float, str]]) -> None:
    """Set exposure, highlights, shadows, whites and blacks."""
    black, low, third, middle, high, white = np.percentile(lightness, (0.5, 10, 33, 50, 98, 99.5))
    ev = 0.0
    if middle < DARK:
        # What is nearly white already is not pushed over it.
        room = 3 * np.log2(1 / max(high, 0.05))
        ev = min(0.85 * 3 * np.log2(DARK / max(middle, 0.05)), max(room, 0) + 0.2, MOST_EV)
        ev *= 0.5 if third < NIGHT else 1
        found["exposure"] = ev, "brighter"
    elif middle > BRIGHT and (lightness > 0.97).mean() < STUDIO:
        ev = max(0.7 * 3 * np.log2(BRIGHT / middle), -1.0)
        found["exposure"] = ev, "darker"
    gain = 2 ** (ev / 3)
    lit = lightness * gain
    burnt = float((lit > 0.96).mean()) - 0.5 * float((lit < 0.02).mean())
    if 0.03 < burnt < 0.4:
        found["highlights"] = -min(10 + 200 * (burnt - 0.03), 50), "highlights held back"
    if face is not None and face.sum() > 0.002 * face.size:
        on_face = float((lit * face).sum() / face.sum())
        if on_face < FACE[0]:
            found["shadows"] = min(220 * (FACE[1] - on_face), 70), "the face lifted from the shadow"
    elif third < 0.25 and low * gain < 0.18 and middle * gain < 0.5 and third >= NIGHT:
        found["shadows"] = min(250 * (0.27 - third), 30), "shadows opened"
    if white * gain < PALE:
        found["whites"] = min(250 * (0.92 - white * gain), 50), "more contrast"
    if black * gain > FLAT:
        found["blacks"] = -min(220 * (black * gain - 0.2), 45), "more contrast"


def _colour(linear: np.ndarray, lab: np.ndarray, skin: np.ndarray | None, found: dict[str, tuple[float, str]]) -> None:
    """Set temperature, tint and vibrance."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    mean = float(chroma.mean())
    if mean < FAINT / 5:
        return  # a photo without colour
    seen = (lab[..., 0] > 0.25) & (lab[..., 0] < 0.97) & (chroma < NEAR_GREY)
    if skin is not None:
        seen &= skin < 0.1
    if seen.mean() > 0.05:
        casts = lab[seen][:, 1:]
        cast = casts.mean(axis=0)
        strength = float(np.hypot(*cast))
        if strength > CAST and strength > AGREED * float(np.hypot(*casts.T).mean()):
            share = 0.75 * (1 - CAST / 2 / strength) * (BLUE if cast[1] < 0 else 1)
            grey = linear[seen].mean(axis=0)
            temperature, tint = _neutral(grey, share)
            found["temperature"] = temperature, "warmer" if temperature > 0 else "cooler"
            found["tint"] = tint, "less green" if tint > 0 else "less magenta"
    if mean < FAINT:
        found["vibrance"] = 25 * (1 - mean / FAINT) + 8, "richer colours"


def _neutral(grey: np.ndarray, share: float) -> tuple[float, float]:
    """Find the temperature and tint that take a share of its cast from a grey, linear sRGB of three floats."""
    cast = oklab.from_linear(grey.astype(np.float32))[1:]
    wanted = (1 - share) * cast

    def away(values: np.ndarray) -> np.ndarray:
        matrix = light_matrix({"temperature": float(values[0]), "tint": float(values[1])})
        turned = np.maximum(matrix @ grey, 1e-6).astype(np.float32)
        return oklab.from_linear(turned)[1:] - wanted

    values = np.zeros(2)
    for _ in range(6):  # Newton's method; the slopes from differences
        here = away(values)
        slopes = np.stack([(away(values + step) - here) / 2 for step in ((2, 0), (0, 2))], axis=1)
        values = np.clip(values - np.linalg.solve(slopes, here), -MOST_CAST, MOST_CAST)
    return float(values[0]), float(values[1])


def _fitted(matte: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Bring a matte, uint8 HxW, to a picture's size, as float32 in [0, 1]."""
    return cv2.resize(matte, (shape[1], shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
