"""A photo comes apart into what is in it."""

import numpy as np
import pytest
from skimage import data

from envo.edits import KINDS, split_kind
from models import layers


@pytest.fixture(scope="module")
def pair() -> layers.Layers:
    """Two people before a wall."""
    portrait = data.astronaut()[:, 80:420]
    wall = np.full((600, 900, 3), 140, np.uint8)
    wall[88:, 60:400] = portrait
    wall[88:, 500:840] = portrait[:, ::-1]
    return layers.find(wall)


def test_two_people_have_layers_together_and_each_their_own(pair):
    assert len(pair.faces) == 2
    assert {"background", "person", "face", "face-1", "face-2", "hair-1", "hair-2", "teeth-1"} <= set(pair.mattes)
    assert {split_kind(kind)[0] for kind in pair.mattes} <= set(KINDS)
    left, right = (np.argwhere(pair.mattes[kind] > 127)[:, 1].mean() for kind in ("face-1", "face-2"))
    assert left < 450 < right
    both = np.maximum(pair.mattes["hair-1"], pair.mattes["hair-2"])
    assert np.array_equal(both, pair.mattes["hair"])


def test_faces_are_told_in_fractions_of_the_photo(pair):
    for number, (x0, y0, x1, y1) in enumerate(pair.faces, 1):
        middle = round((x0 + x1) / 2 * 900), round((y0 + y1) / 2 * 600)
        assert pair.mattes[f"face-{number}"][middle[::-1]] > 200


def test_one_person_alone_has_no_numbers_and_the_subject_has_surroundings_of_its_own():
    found = layers.find(data.astronaut())
    assert len(found.faces) == 1
    assert all(split_kind(kind)[1] == 0 for kind in found.mattes)
    assert np.array_equal(found.mattes["background"], 255 - found.mattes["person"])
    assert np.array_equal(found.mattes["backdrop"], 255 - found.mattes["subject"])
    assert found.engine == "Robust Video Matting, Envo portrait, Envo subject"
    assert found.seconds > 0


def test_a_thing_has_a_background():
    found = layers.find(data.coffee())
    assert set(found.mattes) == {"background", "subject"}
    assert np.array_equal(found.mattes["background"], 255 - found.mattes["subject"])
    assert found.faces == []


def test_a_photo_of_nothing_has_no_layers():
    assert layers.find(np.full((300, 400, 3), 130, np.uint8)).mattes == {}
