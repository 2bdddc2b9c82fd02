"""No tint comes or goes where a photo of one tone is restored."""

import numpy as np
import pytest
import skimage.data

from models import restore
from models.restore.base import CleanEngine
from models.restore.tone import toned

GREY = np.repeat(skimage.data.camera()[::2, ::2, None], 3, axis=2)
SEPIA = np.clip(GREY * np.array([1.0, 0.86, 0.66]) + [18, 8, 0], 0, 255).astype(np.uint8)


def tinted(image: np.ndarray) -> np.ndarray:
    """What a network may make of a photo: other light, and colours where there were none."""
    noise = np.random.default_rng(4).normal(0, 6, image.shape)
    return np.clip(0.8 * image + 20 + noise + [9, 0, -12], 0, 255).astype(np.uint8)


def colourfulness(image: np.ndarray) -> np.ndarray:
    return np.ptp(image, axis=2)


def test_grey_stays_grey_and_keeps_the_light_it_was_given():
    after = toned(GREY, tinted(GREY))
    assert colourfulness(tinted(GREY)).mean() > 15 and colourfulness(after).max() == 0
    luma = tinted(GREY) @ [0.299, 0.587, 0.114]
    assert np.abs(after[..., 0] - luma).max() <= 1


def test_sepia_stays_sepia():
    after = toned(SEPIA, tinted(SEPIA)).astype(float)
    wished = np.stack([np.interp(after[..., 1], SEPIA[..., 1].ravel()[order()], SEPIA[..., c].ravel()[order()])
                       for c in (0, 2)], axis=2)  # fmt: skip
    inside = (after[..., 1] > SEPIA[..., 1].min() + 5) & (after[..., 1] < SEPIA[..., 1].max() - 5)
    assert np.abs(after[..., [0, 2]] - wished)[inside].max() < 4


def order() -> np.ndarray:
    return np.argsort(SEPIA[..., 1].ravel(), kind="stable")


def test_stains_and_what_a_step_left_alone_stay_and_what_was_made_anew_has_the_tone():
    stained = SEPIA.copy()
    stained[40:60, 40:60, 2] //= 3
    after = stained.copy()
    after[100:120] = tinted(stained)[100:120]
    after[45:50, 45:50] = (10, 200, 10)
    anew = np.zeros(GREY.shape[:2], np.uint8)
    anew[45:50, 45:50] = 255
    result = toned(stained, after, anew)
    same = (after == stained).all(axis=2)
    assert np.array_equal(result[same], stained[same])
    red, green, blue = result[46, 46].astype(int)
    assert red > green > blue and red - blue < 90


def test_a_photo_with_colours_is_left_as_the_step_made_it():
    coffee = skimage.data.coffee()
    assert np.array_equal(toned(coffee, tinted(coffee)), tinted(coffee))


def test_what_is_enlarged_keeps_its_tone_too():
    large = np.repeat(np.repeat(tinted(GREY), 2, axis=0), 2, axis=1)
    assert colourfulness(toned(GREY, large)).max() == 0


@pytest.mark.parametrize("image", [GREY, SEPIA])
def test_a_restoration_brings_no_tint(monkeypatch, image):
    class Tints(CleanEngine):
        name = label = "tints"
        requires = ()

        def available(self) -> bool:
            return True

        def seconds(self, pixels, values) -> float:
            return 0.0

        def clean(self, image, report):
            return tinted(image)

    monkeypatch.setitem(restore.STEPS["clean"].engines, "tints", Tints())
    pixels = restore.run(image, restore.checked([restore.Wish("clean", "tints")])).pixels
    assert not np.array_equal(pixels, image)
    assert np.abs(np.ptp(pixels, axis=2).mean() - np.ptp(image, axis=2).mean()) < 3
    if image is GREY:
        assert colourfulness(pixels).max() == 0
