"""A camera's noise goes, and what is in the photo stays."""

import cv2
import numpy as np
import pytest
from skimage import data

from envo import photo
from envo.colour import srgb_to_linear
from models import noise, tiles
from models.engine import quiet
from models.inpaint import Cancelled
from training import augment
from training.photos import psnr

pytestmark = pytest.mark.usefixtures("no_model_stays")

PHOTOS = {"astronaut": data.astronaut(), "cat": data.chelsea(), "coffee": data.coffee()}


def noisy(image: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    return augment.camera_noise(np.random.default_rng(seed), image, sigma)


@pytest.mark.parametrize("sigma", [10, 25])
def test_photos_come_nearer_than_by_the_best_of_non_local_means(sigma):
    gains = []
    for whole in PHOTOS.values():
        truth = whole[:200, 100:400]
        image = noisy(truth, sigma)
        ways = [cv2.fastNlMeansDenoisingColored(image, None, h, h) for h in (sigma / 3, sigma / 2, sigma)]
        gains.append(psnr(noise.denoise(image), truth) - max(psnr(way, truth) for way in ways))
    assert np.mean(gains) > 1


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_without_noise_loses_little(name):
    truth = PHOTOS[name]
    assert psnr(noise.denoise(truth), truth) > 38


@pytest.mark.parametrize("grey", [40, 120, 210])
@pytest.mark.parametrize("sigma", [8, 25])
def test_a_flat_field_loses_its_noise_and_keeps_its_colour(grey, sigma):
    field = np.full((256, 256, 3), (grey, grey - 10, grey - 30), np.uint8)
    image = noisy(field, sigma)
    before, after = image.astype(np.float32), noise.denoise(image).astype(np.float32)
    middle = np.s_[8:-8, 8:-8]
    spread = [image[middle].std((0, 1)).mean() for image in (before, after)]
    assert 20 * np.log10(spread[0] / spread[1]) > 12
    assert np.abs(after[middle].mean((0, 1)) - field[0, 0]).max() < max(2.5, sigma / 5)


@pytest.mark.parametrize("sigma", [0, 10])
def test_an_edge_keeps_its_slope(sigma):
    """Of a step that a lens has softened, the mean over its length."""
    step = np.full((256, 256, 3), 70, np.float32)
    step[:, 128:] = 180
    sharp = np.rint(cv2.GaussianBlur(step, (0, 0), 1)).astype(np.uint8)
    image = noisy(sharp, sigma) if sigma else sharp
    slopes = [np.diff(each.astype(np.float32).mean((0, 2))).max() for each in (sharp, noise.denoise(image))]
    assert slopes[1] > 0.9 * slopes[0]


def test_a_sky_gets_no_bands():
    """A soft change from one tone to the next stays one, without steps that the eye would find."""
    ramp = np.linspace(150, 190, 512)[:, None, None] + np.array([-30, 0, 40])
    truth = np.broadcast_to(ramp, (512, 512, 3))
    image = noisy(np.rint(truth).astype(np.uint8), 6)
    rows = noise.denoise(image).astype(np.float32).mean(1)
    assert np.abs(rows - truth[:, 0])[8:-8].max() < 2
    assert np.abs(np.diff(rows, axis=0))[8:-8].max() < 1


def test_a_linear_photo_is_as_one_of_8_bits_and_keeps_what_is_over_white():
    truth = PHOTOS["coffee"]
    image = noisy(truth, 15)
    light = srgb_to_linear(image / np.float32(255))
    light[40:60, 40:80] = 3.5
    clear = noise.denoise(light)
    assert clear.dtype == np.float32 and clear.min() >= 0
    assert np.array_equal(clear[40:60, 40:80], light[40:60, 40:80])
    apart = np.abs(photo.as_uint8(clear).astype(int) - noise.denoise(image))
    apart[:200, :240] = 0  # near what is over white
    assert apart.max() <= 1


def test_large_photos_have_no_seams(monkeypatch):
    from models.noise import embedded

    image = noisy(cv2.resize(PHOTOS["astronaut"], (700, 500), interpolation=cv2.INTER_AREA), 20)
    whole = noise.denoise(image).astype(int)
    monkeypatch.setattr(embedded, "TILE", 256)
    shapes = []
    pieces = noise.denoise(image, lambda step, fraction: shapes.append((step, fraction))).astype(int)
    assert len(shapes) - 1 == tiles.count(image, 256, embedded.HALO, embedded.MULTIPLE) > 4
    assert shapes[-1] == ("Taking the noise out", 1)
    assert np.abs(pieces - whole).max() <= 8 and np.abs(pieces - whole).mean() < 0.15


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (33, 17)])
def test_any_size_will_do(size):
    image = np.full((*size, 3), 90, np.uint8)
    assert np.abs(noise.denoise(image).astype(int) - 90).max() <= 4


def test_it_ends_when_nobody_waits_any_more():
    def stop(step: str, fraction: float | None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        noise.denoise(PHOTOS["cat"], stop)
    assert noise.denoise(PHOTOS["cat"][:64, :64], quiet).shape == (64, 64, 3)
