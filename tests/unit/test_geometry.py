"""Where the pixels of a cropped, turned, straightened picture lie in its photo."""

import numpy as np
import pytest

from envo.edits import Geometry
from envo.geometry import fitted, framing

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
