"""The compiled steps of rendering, held to the same in plain NumPy."""

import cv2
import numpy as np
import pytest
import skimage.data

from envo import kernel, maps
from envo.adjustments import ADJUSTMENTS, VIEWS
from envo.colour import linear_to_srgb, srgb_to_linear
from envo.cube import Lut
from envo.edits import parse
from envo.gamut import GAMUTS
from envo.material import Material
from envo.output import Output, displayed
from envo.render import CHUNK_PIXELS, render
from envo.shoulder import from_knee
from tests import plain
from tests.picture import picture

SHAPES = {each.id: {each.of: ADJUSTMENTS[each.of].maximum} for each in ADJUSTMENTS.values() if each.of}
BLURS = {each.id for each in ADJUSTMENTS.values() if each.group == "Blur" or each.id in ("glow", "glow_radius")}
RAMP, CUBE = "0" * 16, "1" * 16
LIGHT = Output(depth="float32")


@pytest.fixture(scope="module")
def wide() -> np.ndarray:
    """A photo in linear light whose colours lie in sRGB and beyond, up to two stops above white: 180x240x3."""
    photo = srgb_to_linear(cv2.resize(skimage.data.astronaut()[:384], (240, 180), interpolation=cv2.INTER_AREA) / 255)
    saturated = photo.mean(axis=2, keepdims=True) + 1.6 * (photo - photo.mean(axis=2, keepdims=True))
    rise = np.linspace(1, 4, 240, dtype=np.float32)[None, :, None]
    # None is beyond all colours there are: its cone responses are positive.
    from_p3 = np.maximum(saturated, 0) @ GAMUTS["display-p3"].to_srgb.T
    return (from_p3 * rise).astype(np.float32)


@pytest.fixture(scope="module")
def material(wide) -> Material:
    y, x = np.mgrid[:90, :120]
    matte = np.clip(200 - 4 * np.hypot(x - 50, y - 40), 0, 255).astype(np.uint8)
    rng = np.random.default_rng(6)
    ramp = Lut((np.linspace(0, 1, 9)[:, None] ** [0.8, 1, 1.3]).astype(np.float16), np.float32([[0] * 3, [1] * 3]))
    table = np.moveaxis(np.mgrid[:9, :9, :9] / 8, 0, -1)[..., ::-1] + 0.05 * rng.standard_normal((9, 9, 9, 3))
    cube = Lut(np.clip(table, 0, 1).astype(np.float16), np.float32([[0.1, 0, 0], [1, 0.9, 1]]))
    clean = cv2.GaussianBlur(wide, (0, 0), 1)
    return Material({"person": matte}, maps.make(np.clip(wide, 0, 1)), clean, {RAMP: ramp, CUBE: cube})


def layers(adjustments: dict, **more) -> dict:
    """A layer over the whole photo, and the same half as strong in a mask above it."""
    half = {name: 0.5 * value for name, value in adjustments.items() if ADJUSTMENTS[name].minimum < 0}
    masked = {"id": "person", "mask": {"kind": "person"}, "opacity": 0.7, "adjustments": adjustments | half} | more
    return {"schema": 2, "layers": [{"id": "image", "adjustments": adjustments} | more, masked]}


def compare(image: np.ndarray, document: dict, material: Material, most: float = 2e-4) -> None:
    """Hold what is rendered to plain NumPy: by the difference of encoded values, of which white's is 1."""
    parsed = parse(document)
    assert image.shape[0] * image.shape[1] > 2 * CHUNK_PIXELS, "one chunk does not tell whether they fit together"
    made, expected = (of(picture(image), parsed, material, LIGHT) for of in (render, plain.render))
    bright = np.maximum(np.abs(expected), 1)
    away = np.abs(linear_to_srgb(made / bright) - linear_to_srgb(expected / bright))
    assert away.max() < most, f"{away.max()} at {np.unravel_index(away.argmax(), away.shape)}"


@pytest.mark.parametrize("name", [name for name in ADJUSTMENTS if name not in BLURS | {"lut_strength"}])
def test_each_adjustment_is_as_in_plain_numpy(name, wide, material):
    known = ADJUSTMENTS[name]
    shaped = SHAPES.get(name, {}) | ({"shadows_strength": 80.0} if name.startswith("grading") else {})
    for end in (known.minimum, known.maximum):
        if end != known.default:
            value = known.default + 0.8 * (end - known.default)
            compare(wide, layers(shaped | {name: value}), material)


@pytest.mark.parametrize(("view", "lut"), [*zip(VIEWS, (None, RAMP, CUBE), strict=True)])
def test_curves_luts_views_and_everything_at_once_are_as_in_plain_numpy(view, lut, wide, material):
    bent = [(0, 0.05), (0.4, 0.3), (1, 0.95)]
    values = {"exposure": 0.4, "shadows": 40.0, "highlights": -60.0, "clarity": 30.0, "noise_luminance": 50.0}
    values |= {"blue_hue": 40.0, "shadows_strength": 30.0, "vignette": -30.0, "grain": 30.0, "sharpening": 40.0}
    extra = {"lut": {"id": lut, "name": "A LUT"}} if lut else {}
    document = layers(values, curves={"rgb": bent, "green": bent}, **extra)
    geometry = {"angle": 4.0, "vertical": 10.0}
    whole = parse(document).dump() | {"view": view, "geometry": geometry}
    compare(wide, whole, material)


@pytest.mark.parametrize("gamut", GAMUTS)
@pytest.mark.parametrize("headroom", [0.0, 2.0])
def test_what_is_shown_is_as_in_plain_numpy(gamut, headroom, wide):
    for depth, most in (("uint8", 1), ("uint16", 4)):
        into = Output(GAMUTS[gamut], depth)
        shoulder = from_knee(headroom) if headroom else None
        made, expected = (of(wide, into, shoulder).astype(int) for of in (displayed, plain.displayed))
        away = np.abs(made - expected)
        assert away.max() <= most
        assert depth == "uint16" or np.count_nonzero(away) < away.size / 2000


def test_roots_and_powers_are_as_exact_as_floats_are():
    colour = np.geomspace(1e-7, 60, 30_000, dtype=np.float32).reshape(3, -1)
    same = np.eye(3, dtype=np.float32)
    lab = colour.copy()
    kernel.to_lab(lab, same, same)
    np.testing.assert_allclose(lab, np.cbrt(colour.astype(float)), rtol=5e-7)
    viewed = colour.copy()
    kernel.view(viewed, same, same, 1.65, 0.2)
    power = colour.astype(float) ** 1.65
    np.testing.assert_allclose(viewed, power / (power + 0.2), rtol=3e-6)
    encoded, beyond = colour.copy(), np.empty_like(colour)
    kernel.encode(encoded, beyond)
    np.testing.assert_allclose(encoded, linear_to_srgb(np.minimum(colour, 1)), rtol=1e-5, atol=1e-7)
    kernel.decode(encoded, beyond)
    np.testing.assert_allclose(encoded, colour, rtol=3e-6)
