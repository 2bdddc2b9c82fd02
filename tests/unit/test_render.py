import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import skimage.data

from envo import passes
from envo import render as rendering
from envo.edits import parse
from envo.errors import UserError
from envo.gamut import GAMUTS
from envo.material import Material
from envo.output import Output
from envo.render import render
from tests.conftest import ROOT
from tests.picture import picture


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def matte(photo) -> np.ndarray:
    """The left half, with a ramp at its edge."""
    ramp = np.clip(np.linspace(8, -8, photo.shape[1]) + 0.5, 0, 1)
    return np.broadcast_to((255 * ramp).astype(np.uint8), photo.shape[:2])


def develop(pixels: np.ndarray, *layers: dict, **mattes) -> np.ndarray:
    return render(picture(pixels), parse({"schema": 1, "layers": list(layers)}), Material(mattes))


def image(**adjustments) -> dict:
    return {"id": "image", "adjustments": adjustments}


def person(adjustments: dict, opacity: float = 1.0, visible: bool = True, **mask) -> dict:
    mask = {"kind": "person"} | mask
    return {"id": "person", "mask": mask, "visible": visible, "opacity": opacity, "adjustments": adjustments}


def test_an_untouched_photo_comes_out_bit_for_bit(photo):
    assert np.array_equal(develop(photo, image()), photo)


def test_a_hidden_or_transparent_layer_changes_nothing(photo, matte):
    hidden = person({"exposure": 3}, visible=False)
    clear = person({"exposure": 3}, opacity=0.0)
    assert np.array_equal(develop(photo, image(), hidden, person=matte), photo)
    assert np.array_equal(develop(photo, image(), clear), photo)


def test_a_masked_layer_leaves_the_rest_of_the_photo_bit_for_bit(photo, matte):
    darker = develop(photo, image(), person({"exposure": -2, "contrast": 40}), person=matte)
    outside = matte == 0
    assert np.array_equal(darker[outside], photo[outside])
    assert darker[matte == 255].mean() < 0.6 * photo[matte == 255].mean()


def test_an_inverted_mask_is_the_other_side(photo, matte):
    inverted = develop(photo, image(), person({"exposure": -2}, invert=True), person=matte)
    other = develop(photo, image(), person({"exposure": -2}), person=255 - matte)
    assert np.abs(inverted.astype(int) - other).max() <= 1


def test_a_missing_mask_is_told_to_the_visitor(photo):
    with pytest.raises(UserError, match="person has not been found"):
        develop(photo, image(), person({"exposure": 1}))


def test_the_size_of_the_bands_does_not_show(photo, matte, monkeypatch):
    layers = (
        image(contrast=30, vignette=-60, sharpening=70, sharpening_radius=2.5, sharpening_masking=30),
        person({"saturation": -50, "lens_blur": 20, "glow": 30}, feather=20.0),
    )
    whole = develop(photo, *layers, person=matte)
    monkeypatch.setattr(rendering, "BAND_PIXELS", 3000)
    monkeypatch.setattr(passes, "BAND_PIXELS", 5000)
    assert np.array_equal(develop(photo, *layers, person=matte), whole)


def test_a_blurred_layer_leaves_the_rest_of_the_photo_bit_for_bit(photo, matte):
    blurred = develop(photo, image(), person({"lens_blur": 50, "motion_blur": 20, "glow": 40}), person=matte)
    assert np.array_equal(blurred[matte == 0], photo[matte == 0])
    before, after = (np.abs(np.diff(each[:, :200].astype(int), axis=0)).mean() for each in (photo, blurred))
    assert after < 0.4 * before


def test_sharpened_edges_are_steeper_and_flat_fields_as_they_were():
    flat = np.full((60, 80, 3), 90, np.uint8)
    flat[:, 40:] = 160
    sharp = develop(flat, image(sharpening=80)).astype(int)
    assert sharp[:, 39].max() < 88 and sharp[:, 40].min() > 162
    assert np.array_equal(sharp[:, :30], flat[:, :30]) and np.array_equal(sharp[:, 50:], flat[:, 50:])


def test_without_saturation_all_is_grey_and_as_light_as_before(photo):
    grey = develop(photo, image(saturation=-100)).astype(int)
    assert (grey.max(axis=2) - grey.min(axis=2)).max() <= 1


def test_vibrance_spares_skin():
    skin, cloth = np.array([[[200, 150, 125]]], np.uint8), np.array([[[125, 150, 200]]], np.uint8)

    def gain(colour):
        return np.ptp(develop(colour, image(vibrance=80)).astype(int)) / np.ptp(colour.astype(int))

    assert 1 < gain(skin) < gain(cloth) - 0.1


def test_colours_too_bright_for_the_screen_keep_their_hue():
    blue = np.array([[[0.02, 0.05, 0.9]]], np.float32)
    brighter = develop(blue, image(exposure=2)).astype(int)[0, 0]
    assert brighter[2] == 255
    assert brighter[0] < brighter[1] < brighter[2], "neither white nor turned to purple"


def test_highlights_of_a_linear_photo_come_back_from_beyond_white():
    bright = np.array([[[1.6, 1.6, 1.6], [2.0, 2.0, 2.0]]], np.float32)
    assert (develop(bright, image()) == 255).all()
    recovered = develop(bright, image(whites=-100, highlights=-50))[0, :, 0]
    assert recovered[0] < recovered[1] < 255


def test_rows_are_what_they_are_in_the_whole_whoever_asks(photo, matte):
    layers = [image(contrast=30, sharpening=60, vignette=-40, grain=30), person({"exposure": 1, "gaussian_blur": 20})]
    document = parse({"schema": 2, "layers": layers, "geometry": {"angle": 3}})
    for depth in ("uint8", "uint16", "float32"):
        made = rendering.rendering(picture(photo), document, Material({"person": matte}), Output(depth=depth))
        told: list[float] = []
        whole = made.whole(report=told.append)
        assert whole.shape == (*made.size[::-1], 3) and whole.dtype == depth
        assert told == sorted(told) and told[-1] == 1
        bands = [(0, 7), (7, 300), (100, 101), (made.size[1] - 9, made.size[1])]
        with ThreadPoolExecutor(4) as pool:
            for (top, bottom), rows in zip(bands, pool.map(made.rows, *zip(*bands, strict=True)), strict=True):
                assert np.array_equal(rows, whole[top:bottom])


def test_a_rendering_that_nobody_waits_for_ends(photo, monkeypatch):
    class GoneError(Exception):
        pass

    def stopping() -> None:
        raise GoneError

    document = parse({"schema": 1, "layers": [image(exposure=1)]})
    with pytest.raises(GoneError):
        rendering.rendering(picture(photo), document, Material(), stopping=stopping)
    monkeypatch.setattr(rendering, "BAND_PIXELS", 3000)
    told: list[float] = []
    made = rendering.rendering(picture(photo), document, Material())
    with pytest.raises(GoneError):
        made.whole(lambda: stopping() if told else None, told.append)
    assert told[-1] < 0.5


def test_pixels_of_a_wide_gamut_are_edited_and_come_out_as_they_are():
    every = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)
    photo = replace(picture(every), gamut="display-p3")
    nothing = parse({"schema": 1, "layers": [image()]})
    same = render(photo, nothing, Material(), Output(GAMUTS["display-p3"]))
    assert np.array_equal(same, every)
    light = render(photo, nothing, Material(), Output(depth="float32"))
    assert light.min() < -0.01, "colours outside of sRGB are kept"
    brighter = parse({"schema": 1, "layers": [image(exposure=1)]})
    assert np.abs(render(photo, brighter, Material(), Output(depth="float32")) - 2 * light).max() < 1e-4


HELD = """
import resource

import numpy as np

from envo.edits import parse
from envo.material import Material
from envo.output import Output
from envo.render import rendering
from tests.picture import picture

layers = [{"id": "image", "adjustments": {"exposure": 1, "sharpening": 50}}]
document = parse({"schema": 2, "layers": layers, "geometry": {"angle": 3}})


def peak(width, height):
    made = rendering(picture(np.zeros((height, width, 3), np.uint8)), document, Material(), Output(depth="uint16"))
    for top in range(0, made.size[1], 40):
        made.rows(top, min(top + 40, made.size[1]))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


small = peak(6000, 200)
print((peak(6000, 2000) - small) / 1024)
"""


def test_no_copy_of_a_large_photo_is_held_while_it_is_rendered_by_rows():
    told = subprocess.run([sys.executable, "-c", HELD], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    photo, framed = 36, 144  # MB of 12 megapixels of 8 bits, and of the same as floats
    assert float(told) < photo + framed / 4
