"""Photos that hang askew, lie on their side or stand on their head come upright; others stay as they lie."""

import cv2
import numpy as np
import pytest
from skimage import data

from envo import photo
from envo.errors import UserError
from models import restore
from models.restore import straighten
from models.restore.straighten import Straighten, inside, turned

STEP = Straighten()


def applied(image: np.ndarray, **values) -> np.ndarray:
    return STEP.apply(image, STEP.checked(values)).pixels


def smaller(image: np.ndarray) -> np.ndarray:
    """Reduced, so that no trace of the turning is left but what the photo shows."""
    return cv2.resize(image, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_quarter_turns_lose_nothing(turn):
    image = data.coffee()
    result = STEP.apply(image, STEP.checked({"turn": turn}))
    assert (result.pixels == np.rot90(image, -turn)).all()
    assert f"{90 * turn}° clockwise" in result.said
    assert (applied(result.pixels, turn=4 - turn) == image).all()


def test_a_turn_is_clockwise():
    image = np.zeros((301, 401, 3), np.uint8)
    image[150, 200:] = 255
    found = applied(image, angle=20)
    ys, xs = np.nonzero(found[..., 0] > 100)
    slope = np.polyfit(xs, ys, 1)[0]
    assert np.rad2deg(np.arctan(slope)) == pytest.approx(20, abs=0.3)


@pytest.mark.parametrize("angle", [-45, -15.3, -0.1, 3, 30, 45])
@pytest.mark.parametrize("size", [(400, 300), (300, 400), (500, 500), (900, 100), (40, 1000)])
def test_what_is_left_has_no_empty_corner_and_is_as_large_as_can_be(size, angle):
    def fits(wide: float, high: float) -> bool:
        return all(
            reach <= length / 2 + 1e-6
            for reach, length in zip(
                ((wide * cosine + high * sine) / 2, (wide * sine + high * cosine) / 2), size, strict=True
            )
        )

    cosine, sine = np.cos(np.deg2rad(angle)), abs(np.sin(np.deg2rad(angle)))
    wide, high = inside(*size, angle)
    assert fits(wide, high)
    best = 0
    for width in np.linspace(1, max(size), 400):
        heights = (size[0] - width * cosine) / max(sine, 1e-9), (size[1] - width * sine) / cosine
        if min(heights) > 0:
            best = max(best, width * min(heights))
    assert (wide + 1) * (high + 1) >= best * 0.99


def test_there_and_back_the_middle_is_the_same():
    image = data.astronaut()
    back = applied(applied(image, angle=12), angle=-12)
    high, wide = 150, 150
    middles = [
        each[each.shape[0] // 2 - high :, each.shape[1] // 2 - wide :][: 2 * high, : 2 * wide] for each in (image, back)
    ]
    one, other = (cv2.GaussianBlur(each, (0, 0), 2).astype(int) for each in middles)
    assert abs(one - other).mean() < 3


def test_nothing_to_turn_leaves_a_photo_to_the_byte():
    result = STEP.apply(data.chelsea(), STEP.checked({}))
    assert not result.changed
    assert (result.pixels == data.chelsea()).all()


@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("name", ["astronaut", "rocket"])
def test_a_face_and_a_sky_tell_how_a_photo_lies(name, turn):
    look = STEP.look(smaller(turned(getattr(data, name)(), turn, 0)))
    assert look.settings["turn"] == 4 - turn
    assert ("head" if turn == 2 else "side") in look.reason
    assert look.wanted == (turn != 2), "whether a photo is to be turned over is for people to say"


@pytest.mark.parametrize("name", ["astronaut", "rocket", "coffee", "chelsea"])
def test_a_photo_that_hangs_right_is_left_alone(name):
    look = STEP.look(getattr(data, name)())
    assert not look.wanted, look
    assert look.reason


@pytest.mark.parametrize("angle", [-14, -7, 5, 11])
def test_a_tilted_photo_hangs_straight_again(angle):
    upright = np.dstack([data.camera()] * 3)
    look = STEP.look(smaller(turned(upright, 0, angle)))
    assert look.wanted
    assert look.settings["turn"] == 0
    assert look.settings["angle"] == pytest.approx(-angle, abs=1)
    assert f"{abs(look.settings['angle'])}°" in look.reason
    assert not STEP.look(smaller(upright)).wanted


def test_a_tilt_that_is_only_likely_is_told_and_put_right_where_that_is_asked_for():
    tilted = smaller(turned(data.rocket(), 0, 7))
    looks = {"straighten": STEP.look(tilted)}
    assert not looks["straighten"].wanted and "may hang askew" in looks["straighten"].reason
    assert restore.suggested(looks) == []
    (wish,) = restore.suggested(looks, ["straighten"])
    assert wish.values["angle"] == pytest.approx(-7, abs=2)


def test_a_photo_on_its_side_may_be_tilted_too():
    look = STEP.look(smaller(turned(turned(np.dstack([data.camera()] * 3), 0, 6), 1, 0)))
    assert look.settings["turn"] == 3
    assert look.settings["angle"] == pytest.approx(-6, abs=1)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (9000, 1), (17, 31), (100, 12_000)])
def test_any_size_works(size):
    image = np.full((*size, 3), 128, np.uint8)
    assert not STEP.look(photo.resize(image, 1000)).wanted
    result = applied(image, angle=7, turn=1)
    assert (result == 128).all()


def test_tiles_leave_no_seam(monkeypatch):
    whole = applied(data.coffee(), angle=13)
    monkeypatch.setattr(straighten, "TILE", 100)
    difference = abs(applied(data.coffee(), angle=13).astype(int) - whole)
    assert difference.max() < 10, "OpenCV rounds places to a 32nd of a pixel"
    assert difference.mean() < 0.1


def test_a_panorama_wider_than_opencv_warps():
    image = np.full((200, 40_000, 3), 90, np.uint8)
    result = applied(image, angle=0.1)
    assert result.shape[1] > 39_000
    assert (result == 90).all()


def test_a_grey_photo_is_turned_by_what_it_shows():
    grey = cv2.cvtColor(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert STEP.look(turned(grey, 1, 0)).settings["turn"] == 3


def test_progress_is_told_and_what_it_raises_ends_the_work():
    told = []
    STEP.apply(data.coffee(), STEP.checked({"turn": 1}), report=lambda step, fraction: told.append((step, fraction)))
    assert told == [("Turning", 0), ("Turning", 1)]

    def cancel(step, fraction):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        STEP.apply(data.coffee(), STEP.checked({"turn": 1}), report=cancel)


@pytest.mark.parametrize("values", [{"turn": 4}, {"angle": 46}, {"angle": "much"}, {"strength": 50}])
def test_a_setting_that_makes_no_sense_is_refused(values):
    with pytest.raises(UserError):
        STEP.checked(values)
