"""Presets are edits, each of which changes something, and looks for whole photos are thirty."""

import itertools
from collections import Counter

import numpy as np
import pytest
import skimage.data

from envo import maps
from envo.edits import parse
from envo.material import Material
from envo.presets import PRESETS, Preset
from envo.render import render
from tests.picture import picture

LOOKS = [preset for preset in PRESETS if preset.kind == "image"]


def edit(preset: Preset) -> dict:
    made = {"adjustments": preset.adjustments, "curves": preset.curves}
    if preset.kind == "image":
        return {"schema": 2, "layers": [{"id": "image", **made}]}
    return {"schema": 2, "layers": [{"id": "image"}, {"id": preset.kind, "mask": {"kind": preset.kind}, **made}]}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_each_preset_is_an_edit_that_changes_something(preset):
    layer = parse(edit(preset)).layers[-1]
    assert layer.shows
    # A value at its default would be dropped, and the preset would never look as if it were on.
    assert layer.adjustments == preset.adjustments and layer.curves == preset.curves


def test_thirty_looks_in_groups_have_names_of_their_own():
    assert len(LOOKS) == 30 and len({preset.id for preset in PRESETS}) == len(PRESETS)
    assert Counter(preset.group for preset in LOOKS).keys() == {"People", "Colour", "Film", "Black and white"}
    assert max(len(preset.label) for preset in LOOKS) <= 15


def test_each_look_is_another_and_those_in_black_and_white_are_that():
    photo = skimage.data.astronaut()[::4, ::4]
    material = Material(maps=maps.make(photo))
    made = {preset.id: render(picture(photo), parse(edit(preset)), material).astype(int) for preset in LOOKS}
    for one, other in itertools.combinations([photo.astype(int), *made.values()], 2):
        assert np.abs(one - other).mean() > 2
    for preset in LOOKS:
        is_grey = np.ptp(made[preset.id], axis=2).mean() < 15
        assert is_grey == (preset.group == "Black and white"), preset.label
