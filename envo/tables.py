"""A layer's channel curves, mixer and grading as tables, made before any pixel is seen.

Each has `CONSTANTS["steps"]` + 1 entries, between which both renderers interpolate linearly; `static/webgl/tables.js`
makes the same.
"""

from collections.abc import Mapping

import numpy as np

from envo.adjustments import BANDS, CONSTANTS, WHEELS, value
from envo.curves import Points, curve_at


def channel_table(curves: Mapping[str, Points]) -> np.ndarray:
    """Tabulate the curves of red, green and blue over encoded sRGB: float32 (steps + 1) x 3."""
    x = _steps()
    return np.stack([curve_at(curves.get(name, ((0, 0), (1, 1))), x) for name in ("red", "green", "blue")], 1).astype(
        np.float32
    )


def band_weights(hue: np.ndarray) -> np.ndarray:
    """Give how much of each of `BANDS` is in a hue, in degrees, N: float64 N x 8, each row summing to 1.

    Raised cosines between a band's hue and its neighbours'.
    """
    centres = np.array(list(BANDS.values()), np.float64)
    weights = np.zeros((len(hue), len(centres)))
    for i, centre in enumerate(centres):
        following = (i + 1) % len(centres)
        span = (centres[following] - centre) % 360
        share = ((hue - centre) % 360) / span
        inside = share < 1
        rising = 0.5 - 0.5 * np.cos(np.pi * share[inside])
        weights[inside, i] += 1 - rising
        weights[inside, following] += rising
    return weights


def hue_of(place: np.ndarray) -> np.ndarray:
    """Give the hue in degrees at places 0 to 1 around the square |a| + |b| = 1, which needs no arc tangent to find."""
    turn = 4 * (place % 1)
    side, along = np.floor(turn), turn % 1
    a = np.choose(side.astype(int), [1 - along, -along, along - 1, along])
    b = np.choose(side.astype(int), [along, 1 - along, -along, along - 1])
    return np.rad2deg(np.arctan2(b, a)) % 360


def mixer_table(adjustments: Mapping[str, float]) -> np.ndarray:
    """Tabulate the mixer over `hue_of`: float32 (steps + 1) x 3.

    The first two are the strength of a colour times cosine and sine of its turn, the third how much lighter it gets.
    """
    weights = band_weights(hue_of(_steps()))
    hue, saturation, lightness = (
        weights @ [value(adjustments, f"{band}_{part}") / 100 for band in BANDS]
        for part in ("hue", "saturation", "lightness")
    )
    turn = np.deg2rad(CONSTANTS["mixer_turn"]) * hue
    strength = 1 + saturation
    return np.stack([strength * np.cos(turn), strength * np.sin(turn), CONSTANTS["mixer_lift"] * lightness], 1).astype(
        np.float32
    )


def grading_table(adjustments: Mapping[str, float]) -> np.ndarray:
    """Tabulate grading over OKLab lightness 0 to 1: what is added to a, b and L, float32 (steps + 1) x 3."""
    x = _steps()
    middle = 0.5 - value(adjustments, "grading_balance") / 100 * CONSTANTS["grading_shift"]
    reach, width = CONSTANTS["grading_reach"], CONSTANTS["grading_width"]
    width = width[0] + width[1] * value(adjustments, "grading_blending") / 100
    shadows = 1 - _smoothstep(middle - reach - width, middle - reach + width, x)
    highlights = _smoothstep(middle + reach - width, middle + reach + width, x)
    midtones = (1 - shadows) * (1 - highlights)
    whole = shadows + midtones + highlights
    shares = {"shadows": shadows / whole, "midtones": midtones / whole, "highlights": highlights / whole, "all": 1.0}
    table = np.zeros((len(x), 3))
    for wheel in WHEELS:
        hue = np.deg2rad(value(adjustments, f"{wheel}_hue"))
        chroma = CONSTANTS["grading_chroma"] * value(adjustments, f"{wheel}_strength") / 100
        table[:, 0] += shares[wheel] * chroma * np.cos(hue)
        table[:, 1] += shares[wheel] * chroma * np.sin(hue)
        table[:, 2] += shares[wheel] * CONSTANTS["grading_lift"] * value(adjustments, f"{wheel}_lightness") / 100
    table[:, :2] *= (1 - (2 * x - 1) ** 4)[:, None]  # black and white stay what they are
    table[:, 2] *= x * (1 - x)
    return table.astype(np.float32)


def _steps() -> np.ndarray:
    return np.arange(CONSTANTS["steps"] + 1) / CONSTANTS["steps"]


def _smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
