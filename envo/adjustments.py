"""Every adjustment of the editor: its slider, its formula, and the numbers both renderers share.

A layer's adjustments are applied in these steps, the same in `envo/render.py` and in `static/webgl`; where it blurs or
glows, that comes first, of what the layers below made (`envo/passes.py`):

1. *haze*: dehaze moves linear light away from the airlight, or towards it;
2. *light*: exposure, temperature, tint and vignette scale linear sRGB;
3. *detail*: noise, highlights, shadows, clarity, texture, skin and sharpening add to OKLab's lightness L what the
   original photo has of each (`Maps`), carried over to what became of it;
4. *tone*: brightness to fade and the curve over lightness are one table over L, made once a layer (`tone_table`);
5. *colour*: vibrance, saturation, hue, mixer, redness, black and white, grading and sepia move OKLab's (a, b),
   and grain L;
6. *output*: the curves of red, green and blue, and the LUT, over encoded values.

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020). L is 0 for black, 1 for white.
What the page needs travels as `schema()`; no constant is written twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from envo import colour, development, gamut
from envo.curves import Points, curve_at
from envo.settings import (
    MAX_CURVE_POINTS,
    MAX_LAYERS,
    MAX_PAINTED_POINTS,
    MAX_PARTS,
    MAX_STROKE_POINTS,
    MAX_STROKES,
    WORKING_EDGE,
)


@dataclass(frozen=True)
class Adjustment:
    """One slider. Its range, default and step are in `unit`; `digits` are shown after the point."""

    id: str
    label: str
    group: str
    """The tool that it is a part of."""
    section: str
    """The heading within the tool."""
    about: str
    minimum: float = -100.0
    maximum: float = 100.0
    default: float = 0.0
    step: float = 1.0
    unit: str = ""
    digits: int = 0
    of: str | None = None
    """The adjustment that this one shapes: it does nothing while that is at its default."""
    track: str | None = None
    """What the slider's track shows: "temperature", "tint", "saturation" or "hue"; None is plain."""


BANDS = {"red": 29, "orange": 55, "yellow": 105, "green": 143, "aqua": 195, "blue": 255, "purple": 300, "magenta": 340}
"""Bands of the mixer and the OKLab hue in degrees that each is about."""

WHEELS = {"shadows": "Shadows", "midtones": "Midtones", "highlights": "Highlights", "all": "All tones"}
"""Wheels of grading, by the tones that each tints, and what a page calls them."""

CURVES = ("rgb", "red", "green", "blue")
"""Curves of a layer: one over lightness, and one over each channel."""

VIEWS = {"none": "None", "sigmoid": "Sigmoid", "agx": "AgX"}
"""How light beyond white comes to the screen, and what a page calls each way."""

_up = {"minimum": 0.0}  # of a slider that goes one way


def _mixer() -> Iterator[Adjustment]:
    for band in BANDS:
        about = (
            f"Turns {band} towards its neighbours.",
            f"The strength of what is {band}.",
            f"How light what is {band} is.",
        )
        for part, text in zip(("hue", "saturation", "lightness"), about, strict=True):
            yield Adjustment(f"{band}_{part}", f"{band.title()} {part}", "Colour", "Mixer", text)


def _grading() -> Iterator[Adjustment]:
    for wheel, label in WHEELS.items():
        tones, strength = label.lower(), f"{wheel}_strength"
        yield Adjustment(
            f"{wheel}_hue",
            f"{label}, hue",
            "Colour",
            "Grading",
            f"The hue that {tones} are tinted with.",
            0,
            360,
            unit="°",
            of=strength,
        )
        yield Adjustment(strength, f"{label}, strength", "Colour", "Grading", f"How much {tones} are tinted.", **_up)
        yield Adjustment(f"{wheel}_lightness", f"{label}, lightness", "Colour", "Grading", f"How light {tones} are.")
    yield Adjustment("grading_balance", "Balance", "Colour", "Grading", "Where shadows end and highlights begin.")
    about = "How far shadows, midtones and highlights reach into each other."
    yield Adjustment("grading_blending", "Blending", "Colour", "Grading", about, 0, 100, 50)  # fmt: skip


ADJUSTMENTS = {
    each.id: each
    for each in (
        Adjustment("exposure", "Exposure", "Light", "Light", "More or less light, in stops.", -5, 5, 0, 0.05, "EV", 2),
        Adjustment("brightness", "Brightness", "Light", "Light", "Lifts or lowers the middle tones."),
        Adjustment("contrast", "Contrast", "Light", "Light", "Spreads or gathers the tones about middle grey."),
        Adjustment("highlights", "Highlights", "Light", "Light", "The bright tones below white; detail in them stays."),
        Adjustment("shadows", "Shadows", "Light", "Light", "The dark tones above black; detail in them stays."),
        Adjustment("whites", "Whites", "Light", "Light", "Where white lies."),
        Adjustment("blacks", "Blacks", "Light", "Light", "Where black lies."),
        Adjustment("gamma", "Gamma", "Light", "Light", "Bends all tones; above 1 brightens.", 0.3, 3, 1, 0.01, "", 2),
        Adjustment("texture", "Texture", "Light", "Presence", "Fine detail, such as cloth, bark and hair."),
        Adjustment("clarity", "Clarity", "Light", "Presence", "Contrast of what is next to each other; edges stay."),
        Adjustment("dehaze", "Dehaze", "Light", "Presence", "Takes haze away; below zero, adds mist."),
        Adjustment(
            "temperature", "Temperature", "Colour", "White balance", "From cool to warm.", -150, 150,
            track="temperature",
        ),
        Adjustment("tint", "Tint", "Colour", "White balance", "From green to magenta.", -150, 150, track="tint"),
        Adjustment(
            "saturation", "Saturation", "Colour", "Colour", "The strength of every colour.", track="saturation"
        ),
        Adjustment("vibrance", "Vibrance", "Colour", "Colour", "The strength of faint colours; skin is spared."),
        Adjustment("hue", "Hue", "Colour", "Colour", "Turns every colour.", -180, 180, unit="°", track="hue"),
        Adjustment(
            "monochrome", "Black and white", "Colour", "Colour",
            "Takes colour away; the mixer's lightness says how light each colour becomes.", **_up,
        ),
        *_mixer(),
        *_grading(),
        Adjustment("lut_strength", "Strength", "Colour", "LUT", "How much of the LUT shows.", 0, 100, 100),
        Adjustment("sharpening", "Sharpening", "Detail", "Sharpening", "Makes edges crisper.", **_up),
        Adjustment(
            "sharpening_radius", "Radius", "Detail", "Sharpening", "How wide the edges are that it looks for.",
            0.5, 3, 1, 0.1, "px", 1, of="sharpening",
        ),
        Adjustment(
            "sharpening_masking", "Masking", "Detail", "Sharpening", "Leaves flat parts, such as sky and skin, alone.",
            **_up, of="sharpening",
        ),
        Adjustment("noise_luminance", "Luminance noise", "Detail", "Noise", "Takes grain and some detail away.", **_up),
        Adjustment("noise_colour", "Colour noise", "Detail", "Noise", "Takes coloured speckles away.", **_up),
        Adjustment("skin_smoothing", "Smoothing", "Detail", "Skin", "Evens blotches out; pores stay.", **_up),
        Adjustment("skin_redness", "Redness", "Detail", "Skin", "Brings red patches to the colour of the skin.", **_up),
        Adjustment("lens_blur", "Lens blur", "Blur", "Lens", "How wide open the lens is.", **_up),
        Adjustment(
            "lens_blades", "Blades", "Blur", "Lens", "Sides of the highlights' shape; below 5 they are round.",
            0, 9, of="lens_blur",
        ),
        Adjustment(
            "lens_highlights", "Highlights", "Blur", "Lens", "How much bright spots bloom.", 0, 100, 40, of="lens_blur"
        ),
        Adjustment("gaussian_blur", "Soft blur", "Blur", "Soft", "Blurs evenly, as frosted glass does.", **_up),
        Adjustment("motion_blur", "Motion blur", "Blur", "Motion", "Blurs along a line, as a shaken camera.", **_up),
        Adjustment(
            "motion_angle", "Direction", "Blur", "Motion", "Of the movement; 0° is level.", -90, 90, unit="°",
            of="motion_blur",
        ),
        Adjustment("vignette", "Vignette", "Effects", "Vignette", "Darkens or lightens the corners."),
        Adjustment(
            "vignette_midpoint", "Midpoint", "Effects", "Vignette", "How far from the centre it begins.",
            0, 100, 0, of="vignette",
        ),
        Adjustment(
            "vignette_roundness", "Roundness", "Effects", "Vignette", "From a rectangle to a circle.",
            of="vignette",
        ),
        Adjustment(
            "vignette_feather", "Feather", "Effects", "Vignette", "How softly it begins.", 0, 100, 100, of="vignette"
        ),
        Adjustment("grain", "Grain", "Effects", "Grain", "The grain of film; it lies still in the photo.", **_up),
        Adjustment("grain_size", "Size", "Effects", "Grain", "How coarse it is.", 0, 100, 25, of="grain"),
        Adjustment("grain_roughness", "Roughness", "Effects", "Grain", "How uneven it is.", 0, 100, 50, of="grain"),
        Adjustment("glow", "Glow", "Effects", "Light and age", "Light that spreads from what is bright.", **_up),
        Adjustment(
            "glow_radius", "Glow radius", "Effects", "Light and age", "How far it spreads.", 0, 100, 50, of="glow"
        ),
        Adjustment("fade", "Fade", "Effects", "Light and age", "Pales black, as prints do with age.", **_up),
        Adjustment("sepia", "Sepia", "Effects", "Light and age", "Towards the brown of an old print.", **_up),
    )
}  # fmt: skip

LOCAL_TONE = ("highlights", "shadows")
"""Move the edge-aware base, so that local contrast stays; in a layer of the first process they are part of `TONE`."""
TONE = ("brightness", "contrast", "highlights", "shadows", "whites", "blacks", "gamma", "fade")
MAPPED = (*LOCAL_TONE, "texture", "clarity", "dehaze", "skin_smoothing")
"""Look at a photo's maps (`envo/maps.py`); those of `LOCAL_TONE` do not in a layer of the first process."""
NOISE = ("noise_luminance", "noise_colour")
"""Mix in the photo without its noise."""
LINEAR = (
    *("exposure", "temperature", "tint", "dehaze", "lut_strength", "glow", "glow_radius"),
    *(each.id for each in ADJUSTMENTS.values() if each.section == "Vignette" or each.group == "Blur"),
)
"""Work on linear light, or on what is encoded for the screen: a layer with these alone has no business in OKLab."""


def changes(adjustments: Mapping[str, float], name: str) -> bool:
    """Tell whether an adjustment is off its default, and what it shapes, if that is another one, too."""
    known = ADJUSTMENTS[name]
    is_off = adjustments.get(name, known.default) != known.default
    return is_off and (known.of is None or changes(adjustments, known.of))


CONSTANTS = {
    # Strength at a slider's full way; see `tone_curve` and `light_matrix` for the formula of each.
    "brightness": 0.6,
    "local_reach": 1.5,  # of shadows lifted and highlights lowered, whose local contrast stays, beside plain ones
    "fade": 0.28,  # L of black at the full way
    "carry": 0.02,  # what the original differs by in L, goes on by (L + carry) / (L of the original + carry)
    "clarity": 1.0,
    "texture": 1.5,
    "skin_smoothing": 0.85,
    "sharpening": 1.5,
    "mist": 0.7,  # share of airlight at dehaze -100 where the photo has haze
    "mist_spared": 0.6,  # of that, where it has none
    "clearest": 0.2,  # transmission below which haze is not taken for haze: what is left has few digits
    "mixer_turn": 30.0,  # degrees
    "mixer_lift": 0.9,
    "mixer_chroma": 0.03,  # OKLab chroma at which the mixer has half its strength: grey noise has less
    "grading_chroma": 0.12,
    "grading_lift": 0.4,
    "grading_shift": 0.3,  # of the middle, in L, at the full way of balance
    "grading_reach": 0.17,  # from the middle to where shadows end and highlights begin
    "grading_width": [0.1, 0.3],  # of these borders, and what blending adds
    "grain": 0.12,
    "grain_cell": [0.0003, 0.0015],  # share of the long edge at size 0, and what size adds
    "grain_coarse": 2.3,  # how much wider than the grain its unevenness is
    # View transforms: y = x^k / (p + x^k), with p such that middle grey stays (log-logistic, as darktable's sigmoid).
    "view_contrast": {"sigmoid": 1.5, "agx": 1.65},
    "view_grey": 0.1845,
    # Primaries drawn in before the curve and let out after it (B. Wrensch, "Minimal AgX", 2023, after T. Sobotka).
    "view_inset": [[0.842479062, 0.0784336, 0.0792237451], [0.0423282422, 0.878468636, 0.0791661274],
                   [0.0423756549, 0.0784336, 0.879142974]],
    "headroom_knee": 0.6,  # light from which what an HDR photo has above white is drawn in below it
    "steps": 512,  # of the tables of mixer, grading and channel curves
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
    "haze_kept": 0.05,  # share of haze that is left, so that what is far looks far; no less transmission is told
    "perspective": 0.8,  # how much larger the picture's edge is drawn at 100%, about: see envo/geometry.py
    "region_left": 0.3,  # a face of which a crop leaves less is none any more
    # Feathering: sigma at 100%, as a share of the matte's long edge, and the widest sigma blurred in pixels.
    "feather": 0.02,
    "feather_sigma": 6.0,
    # Parts of masks, see `envo/expressions.py`: the least that is soft of a gradient's way and of an ellipse's radius;
    # lightness over which a range fades at full feather, and at the least; distance of colours at full tolerance or
    # feather, and over which they fade at the least; and how much lightness counts in such a distance.
    "working_edge": WORKING_EDGE,
    "soft_least": 0.004,
    "luminance_soft": 0.5,
    "luminance_least": 0.02,
    "colour_soft": 0.4,
    "colour_least": 0.04,
    "colour_lightness": 0.5,
    # A brush that keeps to colours: distance of colours from which to which it leaves off, and of its radius, in which
    # it looks for the first one.
    "aware_reach": [0.05, 0.13],
    "aware_share": 0.2,
    # Masks fitted to the edges of a photo, see `envo/guide.py`: share of the long edge that a mask's edge may be away
    # from the photo's; how much an alpha of a half is trusted, where one of 0 or 1 counts that much more than 1;
    # variance of colour that is taken for noise; and what is given back to alpha, which pales as it is averaged.
    "fit_reach": 0.006,
    "refine_doubt": 0.01,
    "refine_noise": 1e-3,
    "refine_contrast": 1.3,
    # Blurs and glow: how far they reach at a slider's full way, as a share of the photo's long edge (radius of the
    # disc, sigma, length of the line), and pixels of that on the grid that they are made on, at the least.
    "lens_blur": 0.05,
    "gaussian_blur": 0.025,
    "motion_blur": 0.1,
    "glow_sigma": 0.04,
    "lens_blur_pixels": 6.0,
    "gaussian_blur_pixels": 2.0,
    "motion_blur_pixels": 32.0,
    "glow_sigma_pixels": 2.0,
    "glow": 1.0,  # strength
    "lens_bloom": 0.95,  # white is taken for 1 / (1 - lens_bloom) times as bright as a file can say
    "side_sigma": 0.02,  # in which the colours on both sides of a mask are looked for
    "side_sigma_pixels": 2.0,
    "pass_edge": 4096,  # long edge of a grid at most
    "pass_fine": 9,  # parts of a pixel, each way, by which a kernel's rim is weighed
    "pass_floor": 1e-3,  # how much a colour outside the mask counts beside one within, where there is no other
    # Sharpening: the smallest sigma, in pixels drawn, that is to be seen, and how much detail (standard deviation of
    # L) masking asks for at its full way.
    "sharp_least": 0.3,
    "sharp_edge": 0.03,
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
    """Give the browser, as JSON, the sliders in their order, the shared numbers, gamuts, and the limit on layers."""
    return {
        "adjustments": [asdict(each) for each in ADJUSTMENTS.values()],
        "bands": BANDS,
        "wheels": WHEELS,
        "views": VIEWS,
        "development": development.schema(),
        "noise": list(NOISE),
        "tone": list(TONE),
        "local_tone": list(LOCAL_TONE),
        "mapped": list(MAPPED),
        "linear": list(LINEAR),
        "max_layers": MAX_LAYERS,
        "max_curve_points": MAX_CURVE_POINTS,
        "max_parts": MAX_PARTS,
        "max_strokes": MAX_STROKES,
        "max_stroke_points": MAX_STROKE_POINTS,
        "max_painted_points": MAX_PAINTED_POINTS,
        "constants": CONSTANTS,
        "gamuts": gamut.schema(),
    }


def value(adjustments: dict[str, float], name: str) -> float:
    """Look up one adjustment: its default where the layer does not change it."""
    return adjustments.get(name, ADJUSTMENTS[name].default)


def local_tones(adjustments: Mapping[str, float]) -> tuple[float, float]:
    """Give the strengths of highlights and shadows where they leave local contrast alone; see `kernel.add_detail`."""
    ways = [value(adjustments, name) / 100 for name in LOCAL_TONE]
    reach = [CONSTANTS["local_reach"] if way > 0 else 1.0 for way in (-ways[0], ways[1])]
    return tuple(CONSTANTS[name] * way * far for name, way, far in zip(LOCAL_TONE, ways, reach, strict=True))


def tone_curve(
    lightness: np.ndarray, adjustments: Mapping[str, float], plain: bool = True, points: Points = ()
) -> np.ndarray:
    """Map OKLab lightness (float64, any shape, >= 0) by the tone sliders. Each step keeps the order of tones.

    plain: whether highlights and shadows are among them, as in layers of the first process. points: of the curve over
    lightness, on encoded sRGB values. Beyond white (L > 1, in RAW photos and after exposure) every step goes on as a
    straight line.
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

    if plain:
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
    x = np.where(x < 1, np.minimum(x, 1) ** g, 1 + (x - 1) * g)

    if points:
        encoded = colour.linear_to_srgb(np.minimum(x, 1) ** 3)
        x = np.cbrt(colour.srgb_to_linear(curve_at(points, encoded))) * np.maximum(x, 1)

    # x + f (1 - x)^3: black becomes f
    f = k["fade"] * way["fade"]
    return np.where(x < 1, x + f * (1 - np.minimum(x, 1)) ** 3, x) if f else x


def tone_table(adjustments: Mapping[str, float], plain: bool = True, points: Points = ()) -> np.ndarray:
    """Tabulate `tone_curve` at L = table_top * (i / table_size)^2, i = 0 .. table_size, as float32."""
    size = CONSTANTS["table_size"]
    steps = np.arange(size + 1) / size
    return tone_curve(CONSTANTS["table_top"] * steps**2, adjustments, plain, points).astype(np.float32)


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


def vignette_shape(adjustments: Mapping[str, float]) -> tuple[float, float, float]:
    """Give where the vignette begins, one over how far it grows from there, and its roundness -1 to 1."""
    low = 0.9 * value(adjustments, "vignette_midpoint") / 100
    feather = max(value(adjustments, "vignette_feather") / 100, 0.01)
    return low, 1 / ((1 - low) * feather), value(adjustments, "vignette_roundness") / 100


def cornerness(x: np.ndarray, y: np.ndarray, adjustments: Mapping[str, float], aspect: float) -> np.ndarray:
    """Give how far in the photo's corners a place lies, 0 to 1: x and y from -1 to 1 across it, float32.

    aspect: its width by its height. Smoothstep of the squared distance, which is measured along the photo's sides; at
    roundness 100 in pixels, so that it is a circle, at -100 along the longer way, so that it is a rectangle.
    """
    low, slope, roundness = vignette_shape(adjustments)
    reach = (x**2 + y**2) / 2
    if roundness > 0:
        reach = reach + np.float32(roundness) * ((aspect**2 * x**2 + y**2) / (aspect**2 + 1) - reach)
    if roundness < 0:
        reach = reach - np.float32(roundness) * (np.maximum(x**2, y**2) - reach)
    reach = np.clip((reach - low) * slope, 0, 1).astype(np.float32)
    return reach**2 * (3 - 2 * reach)


def vignette(adjustments: dict[str, float], corner: np.ndarray) -> np.ndarray:
    """Give the factor on light for `corner`, 0 at the photo's centre to 1 in its corners, any shape.

    (1 + b corner)^2, with b such that it is `CONSTANTS["vignette"]` EV in the corners at the slider's full way.
    """
    b = 2 ** (CONSTANTS["vignette"] * value(adjustments, "vignette") / 200) - 1
    return (1 + b * corner) ** 2
