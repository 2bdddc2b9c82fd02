"""Film negatives turned into positives."""

import numpy as np
import pytest
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab

from envo import negative, photo
from training import film

SCENES = [photo.resize(image, 320) for image in (data.astronaut(), data.coffee(), data.chelsea())]


def turned(made: np.ndarray, grey: bool, **how: float) -> np.ndarray:
    return negative.positive(made, negative.Scan.of(made).developed(grey), **how)


def error(image: np.ndarray, truth: np.ndarray) -> float:
    return float(deltaE_ciede2000(rgb2lab(image), rgb2lab(truth)).mean())


def reversed_and_stretched(made: np.ndarray) -> np.ndarray:
    """What simple programs do: the reverse, each channel from its darkest to its lightest."""
    other = 255 - made.astype(np.float32)
    low, high = np.quantile(other, (0.005, 0.995), axis=(0, 1))
    return np.clip((other - low) / (high - low) * 255, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("around", film.AROUND)
def test_the_positive_of_a_colour_negative_is_like_the_scene_whatever_is_seen_around(around: str):
    for number, scene in enumerate(SCENES):
        made = film.drawn(np.random.default_rng(number), scene, grey=False, around=around)
        where = film.inside(made, scene.shape[1::-1])
        simple = error(reversed_and_stretched(made)[where], scene)
        assert error(turned(made, grey=False)[where], scene) < 0.8 * simple


def test_the_positive_of_a_black_and_white_negative_has_no_colour_and_the_tones_of_the_scene():
    scene = np.repeat(SCENES[0].mean(2, keepdims=True).astype(np.uint8), 3, axis=2)
    made = film.drawn(np.random.default_rng(3), scene, grey=True, around="rebate")
    result = turned(made, grey=True)[film.inside(made, scene.shape[1::-1])]
    assert (np.ptp(result, axis=2) == 0).all()
    assert error(result, scene) < 8


def test_sixteen_bits_come_out_as_fine_as_they_came_in():
    scene = SCENES[1]
    made = film.drawn(np.random.default_rng(1), scene, grey=False, around="nothing")
    deep = np.linspace(made[0], made[-1], 4000).astype(np.float32) * 257  # soft ramps between its rows
    result = turned(np.rint(deep).astype(np.uint16), grey=False)
    assert result.dtype == np.uint16
    assert len(np.unique(result[..., 1])) > 5000
    shallow = turned(np.rint(deep / 257).astype(np.uint8), grey=False)
    assert np.abs(result / 257 - shallow).mean() < 2


def test_exposure_makes_it_lighter_and_warmth_more_yellow():
    made = film.drawn(np.random.default_rng(0), SCENES[0], grey=False, around="nothing")
    plain, lighter, warmer = (turned(made, False, **how) for how in ({}, {"exposure": 1.0}, {"warmth": 1.0}))
    assert lighter.mean() > plain.mean() + 20
    assert (warmer[..., 0].mean() - warmer[..., 2].mean()) > (plain[..., 0].mean() - plain[..., 2].mean()) + 20


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (2, 3, 3)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_pictures_of_nothing_are_turned_too(shape: tuple[int, int, int], value: int):
    image = np.full(shape, value, np.uint8)
    for grey in (False, True):
        assert turned(image, grey).shape == shape
