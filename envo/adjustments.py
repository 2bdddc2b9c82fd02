"""Every adjustment of the editor: its slider, its formula, and the numbers both renderers share.

A layer's adjustments are applied in three steps, the same in `envo/render.py` and in `static/webgl`:

1. *light*: exposure, temperature, tint and vignette scale linear sRGB;
2. *tone*: brightness to gamma are one curve over OKLab's lightness L, tabulated once a layer (`tone_table`);
3. *colour*: vibrance, saturation, hue and sepia move OKLab's (a, b).

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020). L is 0 for black, 1 for white.
What the page needs travels as `schema()`; no constant is written twice.
"""

from dataclasses import asdict, dataclass

import numpy as np

from envo.settings import MAX_LAYERS


@dataclass(frozen=True)
class Adjustment:
    """One slider. Its range, default and step are in `unit`; `digits` are shown after the point."""

    id: str
    label: str
    group: str
    about: str
    minimum: float = -100.0
    maximum: float = 100.0
    default: float = 0.0
    step: float = 1.0
    unit: str = ""
    digits: int = 0
    track: str | None = None
    """What the slider's track shows: "temperature", "tint", "saturation" or "hue"; None is plain."""


ADJUSTMENTS = {
    each.id: each
    for each in (
        Adjustment("exposure", "Exposure", "Light", "More or less light, in stops.", -5, 5, 0, 0.05, "EV", 2),
        Adjustment("brightness", "Brightness", "Light", "Lifts or lowers the middle tones."),
        Adjustment("contrast", "Contrast", "Light", "Spreads or gathers the tones about middle grey."),
        Adjustment("highlights", "Highlights", "Light", "The bright tones below white."),
        Adjustment("shadows", "Shadows", "Light", "The dark tones above black."),
        Adjustment("whites", "Whites", "Light", "Where white lies."),
        Adjustment("blacks", "Blacks", "Light", "Where black lies."),
        Adjustment("gamma", "Gamma", "Light", "Bends all tones; above 1 brightens.", 0.3, 3, 1, 0.01, "", 2),
        Adjustment("temperature", "Temperature", "Colour", "From cool to warm.", track="temperature"),
        Adjustment("tint", "Tint", "Colour", "From green to magenta.", track="tint"),
        Adjustment("saturation", "Saturation", "Colour", "The strength of every colour.", track="saturation"),
        Adjustment("vibrance", "Vibrance", "Colour", "The strength of faint colours; skin is spared."),
        Adjustment("hue", "Hue", "Colour", "Turns every colour.", -180, 180, unit="°", track="hue"),
        Adjustment("sepia", "Sepia", "Effects", "Towards the brown of an old print.", 0),
        Adjustment("vignette", "Vignette", "Effects", "Darkens or lightens the corners."),
    )
}

TONE = ("brightness", "contrast", "highlights", "shadows", "whites", "blacks", "gamma")
COLOUR = ("saturation", "vibrance", "hue", "sepia")

CONSTANTS = {
    # Strength at a slider's full way; see `tone_curve` and `light_matrix` for the formula of each.
    "brightness": 0.6,
    "contrast": 1.0,
    "highlights": 0.9,
    "shadows": 0.9,
    "whites": 0.2,
    "blacks": 0.15,
    "vignette": 2.0,  # EV in the corners
    "mired": 0.9,  # shift of the white point for one step of temperature
    "duv": 0.0003,  # distance from the daylight locus (CIE 1960 uv) for one step of tint
    "mid_grey": 0.18 ** (1 / 3),  # L of the 18% grey card
    # Chroma follows tone by (L' + floor) / (L + floor), so that noise in the blacks is not blown into colour.
    "chroma_floor": 0.1,
    "vibrance_chroma": 0.1,  # OKLab chroma at which vibrance has half its strength
    "skin": [0.573576, 0.819152],  # (a, b) direction of skin, hue 55 degrees
    "skin_spared": 0.7,  # share of vibrance withheld from that hue
    "sepia": [0.015, 0.056],  # (a, b) of the tint at middle lightness: hue 75 degrees, chroma 0.058
    # The tone table: `table_size` steps over L in [0, table_top], even in sqrt(L): the dark end is fine.
    "table_size": 1024,
    "table_top": 4.0,
    # Feathering: sigma at 100%, as a share of the matte's long edge, and the widest sigma blurred in pixels.
    "feather": 0.02,
    "feather_sigma": 6.0,
    # Row-major 3x3 matrices. Luminance is the middle row of linear_to_xyz (IEC 61966-2-1).
    "linear_to_xyz": [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175],
                      [0.0193339, 0.119192, 0.9503041]],
    "bradford": [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]],
    "linear_to_cone": [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                       [0.0883024619, 0.2817188376, 0.6299787005]],
    "cone_to_oklab": [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
                      [0.0259040371, 0.7827717662, -0.808675766]],
}  # fmt: skip


def schema() -> dict:
    """Give the browser, as JSON, the sliders in their order, the shared numbers and the limit on layers."""
    return {
        "adjustments": [asdict(each) for each in ADJUSTMENTS.values()],
        "tone": list(TONE),
        "colour": list(COLOUR),
        "max_layers": MAX_LAYERS,
        "constants": CONSTANTS,
    }


def value(adjustments: dict[str, float], name: str) -> float:
    """Look up one adjustment: its default where the layer does not change it."""
    return adjustments.get(name, ADJUSTMENTS[name].default)


def tone_curve(lightness: np.ndarray, adjustments: dict[str, float]) -> np.ndarray:
    """Map OKLab lightness (float64, any shape, >= 0) by the tone sliders. Each step keeps the order of tones.

    Beyond white (L > 1, in RAW photos and after exposure) every step goes on as a straight line.
    """
    k = CONSTANTS
    # -1 to 1 of each slider's way; gamma is itself
    way = {name: value(adjustments, name) / 100 for name in TONE if name != "gamma"}
    x = np.asarray(lightness, np.float64)

    # x + b x (1 - x): a parabola through black and white
    b = k["brightness"] * way["brightness"]
    x = np.where(x < 1, x + b * x * (1 - x), 1 + (x - 1) * (1 - b))

    # Schlick's gain with its pivot at middle grey (Barron, "A convenient generalization of Schlick's bias and
    # gain functions", 2020): slope s at the pivot and 1/s at black and white
    s, p = 2 ** (k["contrast"] * way["contrast"]), k["mid_grey"]
    inside = np.clip(x, 0, 1)
    below = p * inside / (inside + s * (p - inside) + 1e-12)
    above = 1 + (1 - p) * (inside - 1) / (1 - inside - s * (p - inside) + 1e-12)
    x = np.where(x < 1, np.where(inside < p, below, above), 1 + (x - 1) / s)

    # x + h x^3 (1 - x), strongest at L = 3/4; beyond white the slope never exceeds 1, so that what is lost to
    # white is not pushed further away
    h = k["highlights"] * way["highlights"]
    x = np.where(x < 1, x + h * x**3 * (1 - x), 1 + (x - 1) * (1 - abs(h)))

    # x + s x (1 - x)^3, strongest at L = 1/4
    s = k["shadows"] * way["shadows"]
    x = np.where(x < 1, x + s * x * (1 - x) ** 3, x)

    # x + w x^3: moves white by w and leaves the dark tones
    w = k["whites"] * way["whites"]
    x = np.where(x < 1, x + w * x**3, 1 + w + (x - 1) * (1 + 3 * w))

    # x + b (1 - x)^3: moves black by b and leaves the bright tones
    b = k["blacks"] * way["blacks"]
    x = np.where(x < 1, np.maximum(x + b * (1 - np.minimum(x, 1)) ** 3, 0), x)

    g = 1 / value(adjustments, "gamma")
    return np.where(x < 1, np.minimum(x, 1) ** g, 1 + (x - 1) * g)


def tone_table(adjustments: dict[str, float]) -> np.ndarray:
    """Tabulate `tone_curve` at L = table_top * (i / table_size)^2, i = 0 .. table_size, as float32."""
    size = CONSTANTS["table_size"]
    steps = np.arange(size + 1) / size
    return tone_curve(CONSTANTS["table_top"] * steps**2, adjustments).astype(np.float32)


def _daylight(mired: float) -> np.ndarray:
    """(u, v) in CIE 1960 of daylight at 1e6 / `mired` kelvin, 4000 to 25000 K (CIE 15, D illuminants)."""
    t = mired / 1000
    if mired > 1e6 / 7000:
        x = 0.244063 + 0.09911 * t + 2.9678 * t**2 - 4.607 * t**3
    else:
        x = 0.23704 + 0.24748 * t + 1.9018 * t**2 - 2.0064 * t**3
    y = -3 * x**2 + 2.87 * x - 0.275
    return np.array([4 * x, 6 * y]) / (-2 * x + 12 * y + 3)


def _white(temperature: float, tint: float) -> np.ndarray:
    """XYZ (Y = 1) of the white that the scene is taken to have, both sliders -100..100.

    A warmer picture comes from a bluer white, a more magenta one from a greener white.
    """
    mired = 1e6 / 6504 - CONSTANTS["mired"] * temperature
    u, v = _daylight(mired)
    along = _daylight(mired + 0.5) - _daylight(mired - 0.5)
    # (-dv, du) points from the locus to the green side
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    u, v = np.array([u, v]) + CONSTANTS["duv"] * tint * across
    return np.array([3 * u, 2 * v, 4 - u - 10 * v]) / (2 * v)


def light_matrix(adjustments: dict[str, float]) -> np.ndarray:
    """3x3 float64 on linear sRGB: 2^exposure times the Bradford adaptation for temperature and tint.

    Adaptation (Lam 1985) brings the assumed white to the screen's and keeps the luminance of grey.
    """
    to_xyz = np.array(CONSTANTS["linear_to_xyz"])
    bradford = np.array(CONSTANTS["bradford"])
    scene = bradford @ _white(value(adjustments, "temperature"), value(adjustments, "tint"))
    screen = bradford @ _white(0, 0)
    to_cone = bradford @ to_xyz
    adapted = np.linalg.inv(to_cone) @ np.diag(screen / scene) @ to_cone
    luminance = (to_xyz @ adapted)[1].sum() / to_xyz[1].sum()
    return adapted * (2 ** value(adjustments, "exposure") / luminance)


def vignette(adjustments: dict[str, float], corner: np.ndarray) -> np.ndarray:
    """Give the factor on light for `corner`, 0 at the photo's centre to 1 in its corners, any shape.

    (1 + b corner)^2, with b such that it is `CONSTANTS["vignette"]` EV in the corners at the slider's full way.
    """
    b = 2 ** (CONSTANTS["vignette"] * value(adjustments, "vignette") / 200) - 1
    return (1 + b * corner) ** 2
