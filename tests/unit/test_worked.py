"""The worked examples are whole, and do what they say."""

from pathlib import Path

import numpy as np
import pytest

from envo import backdrop, masks, worked
from envo.file import PhotoFile

PHOTOS = Path(__file__).parents[2] / "examples"
NAMES = [example.name for example in worked.examples()]


def test_visitors_see_one_of_each_action_and_first_one_that_needs_no_prompt():
    assert [example.action for example in worked.examples()] == ["background", "erase", "replace"]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_a_photo_a_mask_of_its_working_size_and_words(name):
    example = next(each for each in worked.examples() if each.name == name)
    header = PhotoFile((PHOTOS / example.photo).read_bytes()).header
    mask = masks.read_matte(example.mask, (header.width, header.height))
    assert 0.01 < (mask > 127).mean() < 0.7
    assert ((mask > 0) & (mask < 255)).any(), "soft edges are the point"
    assert len(example.mask) < 20_000
    assert example.label and example.prompt and example.negative and example.seed >= 0


def test_the_room_behind_the_astronaut_is_blurred_and_she_is_not():
    example = worked.examples()[0]
    pixels = PhotoFile((PHOTOS / example.photo).read_bytes()).decode().pixels
    background = 255 - masks.decode_matte(example.mask)
    assert example.invert
    result = backdrop.apply(pixels, background, backdrop.parse(example.settings))
    face, shuttle = np.s_[60:130, 190:270], np.s_[60:250, 380:450]
    assert np.array_equal(result[face], pixels[face])
    detail = [np.abs(np.diff(each[shuttle].astype(int), axis=1)).mean() for each in (result, pixels)]
    assert detail[0] < detail[1] / 2
