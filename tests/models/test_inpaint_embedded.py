"""What comes with Envo to fill holes, with its real weights: smooth, by the network, and with patches joined."""

import cv2
import numpy as np
import pytest
from skimage import data

from models.inpaint import context_encoder, membrane
from models.inpaint.context_encoder import ContextEncoder
from models.inpaint.joined import EnvoFill

ENGINES = [EnvoFill(), ContextEncoder()]


def disc(shape: tuple[int, int], middle: tuple[int, int], radius: int) -> np.ndarray:
    return cv2.circle(np.zeros(shape, np.uint8), middle, radius, 255, -1)


def detail(image: np.ndarray, where: np.ndarray) -> float:
    """How much there is of what is finer than a few pixels."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))[where > 0].mean())


def test_a_ramp_of_light_goes_on_through_a_hole():
    ramp = np.linspace(40, 200, 128, dtype=np.float32)[None, :, None].repeat(96, 0).repeat(3, 2).astype(np.uint8)
    hole = disc((96, 128), (64, 48), 30) // 255
    damaged = np.where(hole[..., None] > 0, np.uint8(255), ramp)
    filled = membrane.fill(damaged, hole)
    assert abs(filled.astype(int) - ramp).max() <= 4
    assert (filled[hole == 0] == ramp[hole == 0]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (37, 1), (33, 65)])
def test_a_hole_that_is_everything_is_still_filled(shape):
    filled = membrane.fill(np.zeros((*shape, 3), np.uint8), np.ones(shape, np.uint8))
    assert filled.shape == (*shape, 3)


def test_the_network_knows_more_than_what_is_smooth():
    errors = []
    for photo in (data.astronaut(), data.coffee(), data.chelsea()):
        photo = cv2.resize(photo, (384, 256), interpolation=cv2.INTER_AREA)
        for x in range(64, 384, 64):
            hole = disc((256, 384), (x, 128), 20) // 255
            damaged = np.where(hole[..., None] > 0, np.uint8(0), photo)
            smooth, ours = membrane.fill(damaged, hole), context_encoder.fill(damaged, hole)
            errors.append([((each - photo.astype(np.float32))[hole > 0] ** 2).mean() for each in (smooth, ours)])
    smooth, ours = np.mean(errors, 0)
    assert ours < 0.99 * smooth


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("shape", [(777, 1023), (9, 300), (64, 5)])
def test_beside_the_mask_a_photo_stays_to_the_byte(engine, shape):
    photo = cv2.resize(data.coffee(), shape[::-1], interpolation=cv2.INTER_AREA)
    mask = disc(shape, (shape[1] // 3, shape[0] // 2), max(2, min(shape) // 5))
    result = engine.erase(photo, mask)
    assert result.pixels.shape == photo.shape
    assert (result.pixels[mask == 0] == photo[mask == 0]).all()
    assert (result.pixels[mask > 0] != photo[mask > 0]).any()
    assert (result.engine, result.label) == (engine.name, engine.label)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_what_is_erased_leaves_no_trace(engine):
    photo = data.coffee()
    mask = disc(photo.shape[:2], (500, 320), 40)
    stained = np.where(mask[..., None] > 0, np.uint8((0, 255, 0)), photo)
    one, other = (engine.erase(each, mask).pixels for each in (photo, stained))
    assert (one == other).all()


def test_the_same_hole_is_filled_the_same_way():
    photo = cv2.resize(data.rocket(), (1600, 1068), interpolation=cv2.INTER_CUBIC)
    mask = disc(photo.shape[:2], (800, 500), 120)
    assert (EnvoFill().erase(photo, mask).pixels == EnvoFill().erase(photo, mask).pixels).all()


def test_a_large_hole_has_the_grain_of_the_photo_at_full_size():
    grain = np.random.default_rng(0).normal(0, 18, (1400, 2000, 3)).astype(np.float32)
    photo = cv2.resize(data.astronaut()[:100, :140], (2000, 1400), interpolation=cv2.INTER_CUBIC)
    photo = np.clip(photo + grain, 0, 255).astype(np.uint8)
    mask = disc(photo.shape[:2], (1000, 700), 300)
    ours, smooth = (engine.erase(photo, mask).pixels for engine in ENGINES)
    around = cv2.dilate(mask, np.ones((81, 81))) - mask
    assert detail(ours, mask) > 0.4 * detail(photo, around)
    assert detail(smooth, mask) < 0.2 * detail(photo, around)
