"""Film negatives: seen as such, turned before all else is looked at, and alike where they are of one roll."""

import cv2
import numpy as np
import pytest
from skimage import data

from envo import photo
from envo.errors import UserError
from models import restore
from training import film

SCENES = {name: photo.resize(getattr(data, name)(), 500) for name in ("astronaut", "coffee", "chelsea", "rocket")}
STEP = restore.STEPS[restore.NEGATIVE]


def negative(name: str, grey: bool = False, around: str = "nothing", seed: int = 0) -> np.ndarray:
    return film.drawn(np.random.default_rng(seed), SCENES[name], grey, around)


def plan(**values) -> list[restore.Wish]:
    return restore.checked([restore.Wish("negative", "auto", values)])


@pytest.mark.parametrize("around", ["nothing", "rebate", "light"])
@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_a_colour_negative_is_seen_and_said_to_be_one(name: str, around: str):
    look = STEP.look(negative(name, around=around))
    assert look.wanted
    assert look.settings == {"film": 0}
    assert look.reason.startswith("A colour negative")


def test_a_black_and_white_negative_is_seen_where_it_is_plain():
    look = STEP.look(negative("astronaut", grey=True))
    assert look.wanted
    assert look.settings == {"film": 1}


@pytest.mark.parametrize("name", SCENES)
def test_no_photo_is_taken_for_a_negative_in_whatever_light_or_tone(name: str):
    scene = SCENES[name].astype(np.float32)
    grey = scene.mean(2, keepdims=True)
    looks = {
        "as it is": scene,
        "in the evening": scene * [1.0, 0.72, 0.4],
        "sepia": grey * [1.07, 0.74, 0.43] + [18, 10, 6],
        "grey": grey.repeat(3, 2),
        "dark": scene * 0.25,
        "faded": 120 + scene * 0.4,
    }
    for said, image in looks.items():
        assert not STEP.look(np.clip(np.rint(image), 0, 255).astype(np.uint8)).wanted, said


def test_what_comes_after_looks_at_the_picture_and_the_negative_lies_under_the_result():
    scene = SCENES["astronaut"]
    made = np.rot90(negative("astronaut", around="nothing"), -1)
    looks = restore.look(made)
    assert looks["negative"].wanted
    assert looks["straighten"].settings == {"turn": 3, "angle": 0.0}  # which a face tells, that the negative hides
    restored = restore.run(
        np.ascontiguousarray(made),
        restore.checked([restore.Wish(id, "auto", looks[id].settings) for id in ("negative", "straighten")]),
    )
    assert [wish.id for wish, _ in restored.steps] == ["negative", "straighten"]
    assert np.corrcoef(restored.pixels.ravel(), scene.ravel())[0, 1] > 0.9
    assert np.array_equal(restored.before, np.rot90(made))
    assert restored.is_moved


def test_repairs_of_a_deep_negative_leave_it_its_depth():
    made = negative("coffee").astype(np.uint16) * 257
    deep = cv2.GaussianBlur(made, (0, 0), 2)
    wishes = [restore.Wish("negative"), restore.Wish("straighten", "auto", {"angle": 1.0}), restore.Wish("light")]
    restored = restore.run(deep, restore.checked(wishes), edge=0.05)
    assert restored.pixels.dtype == np.uint16
    assert len(np.unique(restored.pixels)) > 5000
    assert restored.before.dtype == np.uint8
    shallow = restore.run((deep // 257).astype(np.uint8), restore.checked(wishes), edge=0.05)
    assert np.abs(restored.pixels / 257 - shallow.pixels).mean() < 4


def test_frames_of_one_roll_share_its_clear_film_and_photos_among_them_are_left_out():
    roll = film.roll(np.random.default_rng(4), grey=False)
    frames = {name: film.negative(np.random.default_rng(1), SCENES[name], roll, "rebate") for name in SCENES}
    settings = restore.rolled(
        {name: restore.Frame.of(each) for name, each in {**frames, "photo": SCENES["coffee"]}.items()}
    )
    assert settings.keys() == frames.keys()  # the rocket in the dark, which alone is not sure, is of the same film
    assert len({tuple(each["base"]) for each in settings.values()}) == 1
    assert all(each["film"] == 0 for each in settings.values())
    assert restore.checked([restore.Wish("negative", "auto", settings["coffee"])])[0].values["base"]


@pytest.mark.parametrize("base", [[1, 1], [0, 1, 1], [0.5, 0.5, 2], ["a", 1, 1], "abc", 3])
def test_a_base_that_is_no_light_is_refused_in_a_sentence(base):
    with pytest.raises(UserError, match="clear film"):
        plan(base=base)
