"""Where the pixels of a cropped, turned, straightened picture lie in its photo."""

import cv2
import numpy as np
import pytest
import skimage.data

from envo.colour import linear_to_srgb, srgb_to_linear
from envo.edits import Geometry, parse
from envo.geometry import fitted, framing
from envo.material import Material
from envo.render import render
from tests.picture import picture

SIZE = (600, 400)


def at_photo(geometry: Geometry, point) -> np.ndarray:
    return framing(geometry, SIZE).to_photo(np.array([point], float))[0]


def test_a_quarter_turn_is_clockwise_and_comes_after_the_flip():
    turned = Geometry(turns=1)
    assert framing(turned, SIZE).size == (400, 600)
    assert np.allclose(at_photo(turned, (0.9, 0.2)), (0.2, 0.1))  # what was at the left is at the top
    assert np.allclose(at_photo(Geometry(turns=1, flip=True), (0.9, 0.2)), (0.8, 0.1))
    assert np.allclose(at_photo(Geometry(turns=2), (0.9, 0.2)), (0.1, 0.8))


def test_four_quarter_turns_of_the_crop_leave_all_in_its_place():
    for turns in range(4):
        for flip in (False, True):
            frame = framing(Geometry(turns=turns, flip=flip, crop=(0.1, 0.2, 0.6, 0.9)), SIZE)
            points = np.array([(0.3, 0.7), (0.0, 1.0)])
            assert np.allclose(frame.to_picture(frame.to_photo(points)), points)


def test_a_positive_angle_turns_the_picture_clockwise():
    # What was level and to the right of the middle lies below it.
    right_of_middle = np.array([(0.7, 0.5)])
    assert framing(Geometry(angle=10.0), SIZE).to_picture(right_of_middle)[0][1] > 0.5


@pytest.mark.parametrize("tilt", [{"vertical": 60.0}, {"horizontal": -60.0}])
def test_perspective_enlarges_the_side_it_says(tilt):
    frame = framing(Geometry(**tilt), SIZE)
    near, far = (frame.to_photo(np.array(ends)) for ends in (
        ([(0.4, 0.1), (0.6, 0.1)], [(0.4, 0.9), (0.6, 0.9)]) if "vertical" in tilt else
        ([(0.9, 0.4), (0.9, 0.6)], [(0.1, 0.4), (0.1, 0.6)])))  # fmt: skip
    assert np.ptp(near, axis=0).max() < np.ptp(far, axis=0).max()


@pytest.mark.parametrize("angle", [-45.0, -12.5, 0.3, 7.0, 30.0, 45.0])
@pytest.mark.parametrize("more", [{}, {"turns": 1}, {"vertical": 100.0, "horizontal": -100.0}, {"vertical": -40.0}])
def test_without_a_crop_there_is_as_much_as_the_photo_fills_and_no_more(angle, more):
    geometry = Geometry(angle=angle, **more)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    found = framing(geometry, (6000, 4000)).to_photo(corners)
    assert found.min() > -1e-3 and found.max() < 1 + 1e-3
    assert min(found.min(), 1 - found.max()) < 1e-3  # it touches the photo's edge
    left, top, right, bottom = fitted(geometry, SIZE)
    assert right - left == pytest.approx(bottom - top) and left + right == pytest.approx(1)


def test_a_box_is_cut_by_the_crop_and_gone_where_little_is_left():
    frame = framing(Geometry(crop=(0.5, 0.0, 1.0, 1.0)), SIZE)
    assert frame.box((0.6, 0.2, 0.8, 0.4)) == pytest.approx((0.2, 0.2, 0.6, 0.4))
    assert frame.box((0.45, 0.2, 0.65, 0.4)) == pytest.approx((0.0, 0.2, 0.3, 0.4))
    assert frame.box((0.3, 0.2, 0.6, 0.4)) is None and frame.box((0.1, 0.1, 0.2, 0.2)) is None
    assert framing(Geometry(turns=1), SIZE).box((0.1, 0.2, 0.3, 0.4)) == pytest.approx((0.6, 0.1, 0.8, 0.3))


def test_a_crop_has_whole_pixels_and_at_least_one():
    assert framing(Geometry(crop=(0.1004, 0.0, 0.2, 0.5)), SIZE).size == (60, 200)
    assert framing(Geometry(crop=(0.9999, 0.9999, 1.0, 1.0)), SIZE).size == (1, 1)


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return skimage.data.coffee()[:300, :450]


def rendered(pixels: np.ndarray, geometry: dict, *layers: dict, **material) -> np.ndarray:
    document = parse({"schema": 3, "geometry": geometry, "layers": [{"id": "image"}, *layers]})
    return render(picture(pixels), document, Material(**material))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_turns_flips_and_crops_move_pixels_and_change_none(coffee, turns, flip):
    moved = np.rot90(coffee[:, ::-1] if flip else coffee, -turns)
    assert np.array_equal(rendered(coffee, {"turns": turns, "flip": flip}), moved)
    height, width = moved.shape[:2]
    cut = {"turns": turns, "flip": flip, "crop": [30 / width, 60 / height, 210 / width, 1.0]}
    assert np.array_equal(rendered(coffee, cut), moved[60:, 30:210])


def test_a_masked_layer_turns_with_the_photo(coffee):
    matte = np.zeros((100, 150), np.uint8)
    matte[20:50, 90:] = 255
    layer = {"id": "person", "mask": {"parts": [{"shape": "matte", "kind": "person", "feather": 20.0}]},
             "adjustments": {"exposure": 1.5}}  # fmt: skip
    plain = rendered(coffee, {}, layer, mattes={"person": matte}).astype(int)
    for turns in range(1, 4):
        made = rendered(coffee, {"turns": turns, "flip": True}, layer, mattes={"person": matte}).astype(int)
        assert np.abs(made - np.rot90(plain[:, ::-1], -turns)).max() <= 1


@pytest.mark.parametrize("angle", [-30.0, -3.0, 0.4, 12.0, 45.0])
def test_matte_and_picture_stay_registered_at_every_angle(angle):
    """A disc that is light in the photo and in its matte: what is lit is the disc, to half a pixel of its radius."""
    y, x = np.mgrid[:400, :600].astype(np.float32)
    disc = np.clip(80.5 - np.hypot(x - 330, y - 180), 0, 1)
    photo = np.rint(255 * linear_to_srgb(0.1 + 0.1 * disc)).astype(np.uint8)[..., None].repeat(3, axis=2)
    layer = {"id": "person", "mask": {"parts": [{"shape": "matte", "kind": "person"}]}, "adjustments": {"exposure": 1}}
    geometry = {"angle": angle, "vertical": 30.0, "crop": [0.3, 0.2, 0.8, 0.7]}
    plain, lit = (rendered(photo, geometry, *layers, mattes={"person": np.rint(255 * disc).astype(np.uint8)})
                  for layers in ((), (layer,)))  # fmt: skip
    plain, lit = (srgb_to_linear(each[..., 0] / 255) for each in (plain, lit))
    there, gain = plain > 0.15, lit / plain > 1.5
    rim = np.count_nonzero(there ^ gain)
    around = cv2.arcLength(
        cv2.findContours(there.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0], True
    )
    assert rim <= 0.5 * around


def test_a_photo_turned_there_and_back_again_is_the_photo(coffee):
    """The cubic keeps detail: two resamplings by 10 degrees lose little of a photo's middle."""
    there = rendered(coffee, {"angle": 10.0, "crop": [0, 0, 1, 0.999]})
    back = rendered(there, {"angle": -10.0, "crop": [0, 0, 1, 0.999]})
    middle = np.s_[100:200, 150:300]
    lost = back[middle].astype(float) - coffee[middle]
    assert 10 * np.log10(255**2 / np.mean(lost**2)) > 35


def test_what_lies_in_the_corners_lies_in_those_of_the_crop(coffee):
    grey = np.full_like(coffee, 128)
    layer = {"id": "image", "adjustments": {"vignette": -80}}
    document = parse({"schema": 3, "geometry": {"crop": [0.5, 0.5, 1, 1]}, "layers": [layer]})
    made = render(picture(grey), document, Material()).astype(int)[..., 0]
    assert made[0, 0] < made[75, 112] > made[-1, -1] and abs(made[0, 0] - made[-1, -1]) <= 1
