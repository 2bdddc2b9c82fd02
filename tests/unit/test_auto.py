import numpy as np
import pytest
import skimage.data

from envo import maps
from envo.adjustments import ADJUSTMENTS
from envo.auto import suggest
from envo.edits import parse
from envo.material import Material
from envo.render import render
from tests.picture import picture

PHOTO = skimage.data.astronaut()
FACE = np.zeros(PHOTO.shape[:2], np.uint8)
FACE[60:200, 180:280] = 255


def edited(pixels: np.ndarray, **adjustments: float) -> np.ndarray:
    document = parse({"schema": 2, "layers": [{"id": "image", "adjustments": adjustments}]})
    return render(picture(pixels), document, Material(maps=maps.make(pixels)))


def away(pixels: np.ndarray) -> float:
    return float(np.abs(pixels.astype(int) - PHOTO).mean())


@pytest.mark.parametrize("spoilt", [{"exposure": -2}, {"temperature": 60}, {"tint": 60}])
def test_a_spoilt_photo_is_brought_nearer_to_what_it_was(spoilt):
    worse = edited(PHOTO, **spoilt)
    better = edited(worse, **suggest(worse, {}).adjustments)
    assert away(better) < 0.8 * away(worse)


def test_a_good_photo_is_all_but_left_alone():
    assert away(edited(PHOTO, **suggest(PHOTO, {"face": FACE}).adjustments)) < 4


def test_a_face_in_the_shadow_is_lifted_and_that_is_said():
    backlit = PHOTO.copy()
    backlit[FACE > 0] = backlit[FACE > 0] // 4
    backlit[FACE == 0] = 160 + backlit[FACE == 0] // 4
    found = suggest(backlit, {"face": FACE})
    assert found.adjustments["shadows"] > 20
    assert "the face lifted from the shadow" in found.said
    assert "shadows" not in suggest(backlit, {}).adjustments


def test_goods_before_white_and_photos_without_colour_keep_both():
    goods = np.full((300, 400, 3), 255, np.uint8)
    goods[100:200, 150:250] = PHOTO[100:200, 150:250]
    assert "exposure" not in suggest(goods, {}).adjustments
    grey = np.repeat(PHOTO.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    assert not {"temperature", "tint", "vibrance"} & suggest(grey, {}).adjustments.keys()


def test_what_is_suggested_can_be_set_and_flat_and_black_photos_are_no_trouble():
    for level in (0, 1, 128, 255):
        found = suggest(np.full((20, 30, 3), level, np.uint8), {})
        for name, value in found.adjustments.items():
            assert ADJUSTMENTS[name].minimum <= value <= ADJUSTMENTS[name].maximum
    assert suggest(3 * np.ones((1, 1, 3), np.float32), {}).said is not None
