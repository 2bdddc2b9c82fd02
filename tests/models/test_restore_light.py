"""Dark photos come back nearer to what they would have been; others stay as they are."""

import cv2
import numpy as np
import pytest
from skimage import data

from envo.errors import UserError
from models.restore import curves
from models.restore.light import LowLight
from training import augment

STEP = LowLight()
PHOTOS = {"astronaut": data.astronaut(), "cat": data.chelsea(), "coffee": data.coffee()}


def brightened(image: np.ndarray, **values) -> np.ndarray:
    return STEP.apply(image, STEP.checked(values)).pixels


def darkened(image: np.ndarray, stops: float) -> np.ndarray:
    return augment.darken(np.random.default_rng(0), image, stops)


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    return 10 * np.log10(255**2 / max(1e-3, np.mean((image.astype(np.float32) - truth) ** 2)))


@pytest.mark.parametrize("stops", [2, 3, 4])
@pytest.mark.parametrize("name", PHOTOS)
def test_a_dark_photo_is_asked_for_and_comes_back(name, stops):
    photo = PHOTOS[name]
    dark = darkened(photo, stops)
    look = STEP.look(dark)
    assert look.wanted
    assert look.reason.startswith("Most of it is very dark.")
    result = STEP.apply(dark, STEP.checked(look.settings))
    assert result.changed
    assert psnr(result.pixels, photo) > psnr(dark, photo) + 5


def test_it_comes_nearer_than_by_clahe():
    gains = []
    for photo in PHOTOS.values():
        dark = darkened(photo, 3)
        lab = cv2.cvtColor(dark, cv2.COLOR_RGB2LAB)
        lab[..., 0] = cv2.createCLAHE(clipLimit=8).apply(np.ascontiguousarray(lab[..., 0]))
        gains.append(psnr(brightened(dark), photo) - psnr(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), photo))
    assert np.mean(gains) > 3


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_with_enough_light_is_left_alone(name):
    photo = PHOTOS[name]
    look = STEP.look(photo)
    assert not look.wanted
    assert look.reason in ("Bright enough.", "Much of it is dark, but some of it is bright.")
    assert psnr(brightened(photo), photo) > 32


def test_dusk_stays_dusk():
    look = STEP.look(data.rocket())
    assert not look.wanted or look.settings["strength"] <= 50


def test_the_strength_tells_how_much_shows():
    dark = darkened(data.coffee(), 3)
    assert (brightened(dark, strength=0) == dark).all()
    half, whole = brightened(dark, strength=50), brightened(dark)
    assert dark.mean() + 10 < half.mean() < whole.mean() - 10
    assert not STEP.apply(dark, {"strength": 0}).changed


def test_a_grey_photo_stays_grey():
    grey = darkened(np.dstack([data.camera()] * 3), 0) // 8
    grey = np.dstack([grey[..., 0]] * 3)
    bright = brightened(grey)
    assert bright.mean() > 1.5 * grey.mean()
    assert (np.ptp(bright, axis=-1) == 0).all()


def test_a_large_photo_gets_the_same_light_as_a_small_one():
    dark = darkened(data.coffee(), 3)
    large = cv2.resize(dark, (2400, 1600), interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(brightened(large), dark.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert psnr(small, brightened(dark)) > 30


def test_bands_leave_no_seam(monkeypatch):
    dark = darkened(data.coffee(), 3)
    whole = brightened(dark)
    monkeypatch.setattr(curves, "BAND_PIXELS", 5000)
    assert (brightened(dark) == whole).all()


def test_the_tabulated_curves_are_those_of_the_paper():
    found = np.random.default_rng(0).uniform(-1, 1, (2, 3, 24)).astype(np.float32)
    tabulated = curves.tables(found)
    x = 100 / 255
    for each in found[1, 2].reshape(8, 3)[:, 1]:
        x += each * x * (1 - x)
    assert tabulated[1, 2, 1, 100] == pytest.approx(255 * x, abs=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (9000, 1), (17, 31), (100, 12_000)])
@pytest.mark.parametrize("value", [0, 20, 255])
def test_any_size_works(size, value):
    image = np.full((*size, 3), value, np.uint8)
    STEP.look(image)
    assert brightened(image).shape == image.shape


def test_progress_is_told_and_what_it_raises_ends_the_work():
    told = []
    STEP.apply(data.coffee(), STEP.checked({}), report=lambda step, fraction: told.append((step, fraction)))
    assert told[0] == ("Brightening", 0)
    assert told[-1] == ("Brightening", 1)

    def cancel(step, fraction):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        STEP.apply(data.coffee(), STEP.checked({}), report=cancel)


def test_a_setting_that_there_is_not_is_refused():
    with pytest.raises(UserError, match="Strength"):
        STEP.checked({"strength": 200})
    with pytest.raises(UserError, match="no engine"):
        STEP.apply(data.coffee(), STEP.checked({}), engine="sun")
