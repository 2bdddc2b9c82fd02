"""What comes with Envo to fill holes, with its real weights: smooth, by the network, and with patches joined."""

import cv2
import numpy as np
import pytest
from skimage import data

from models import inpaint
from models.faces import find
from models.inpaint import context_encoder, membrane, patchmatch, singular, spared
from models.inpaint.calm import Calm, grain
from models.inpaint.context_encoder import ContextEncoder
from models.inpaint.joined import Continued, EnvoFill
from models.inpaint.patchmatch import PatchMatch

ENGINES = [EnvoFill(), ContextEncoder()]
FILLS = [EnvoFill(), Continued(), Calm()]


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


@pytest.mark.parametrize("engine", [*ENGINES, *FILLS[1:]], ids=lambda engine: engine.name)
@pytest.mark.parametrize("shape", [(777, 1023), (9, 300), (64, 5)])
def test_beside_the_mask_a_photo_stays_to_the_byte(engine, shape):
    photo = cv2.resize(data.coffee(), shape[::-1], interpolation=cv2.INTER_AREA)
    mask = disc(shape, (shape[1] // 3, shape[0] // 2), max(2, min(shape) // 5))
    result = engine.erase(photo, mask)
    assert result.pixels.shape == photo.shape
    assert (result.pixels[mask == 0] == photo[mask == 0]).all()
    assert (result.pixels[mask > 0] != photo[mask > 0]).any()
    assert (result.engine, result.label) == (engine.name, engine.label)


@pytest.mark.parametrize("engine", [*ENGINES, *FILLS[1:]], ids=lambda engine: engine.name)
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
    assert detail(ours, mask) > 0.7 * detail(photo, around)
    assert detail(smooth, mask) < 0.2 * detail(photo, around)


def energy(image: np.ndarray, where: np.ndarray, finer: float) -> float:
    """Mean square of what is finer than so many pixels."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.square(grey - cv2.GaussianBlur(grey, (0, 0), finer))[where > 0].mean())


def plaster() -> np.ndarray:
    """A wall with grain of several sizes, uint8 512x512x3."""
    random = np.random.default_rng(0)
    wall = 180 + sum(
        cv2.GaussianBlur(random.normal(0, 1, (512, 512)).astype(np.float32), (0, 0), size) * strength
        for size, strength in ((12, 60), (1.5, 25), (0.4, 5))
    )
    return np.clip(np.dstack([wall, wall * 0.95, wall * 0.9]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["plaster", "grass", "gravel", "brick"])
def test_the_middle_of_a_large_hole_keeps_the_texture(name):
    photo = plaster() if name == "plaster" else cv2.merge([getattr(data, name)()] * 3)
    mask = cv2.ellipse(np.zeros(photo.shape[:2], np.uint8), (260, 250), (130, 90), 20, 0, 360, 255, -1)
    filled = EnvoFill().erase(photo, mask).pixels
    middle = cv2.ellipse(np.zeros_like(mask), (260, 250), (65, 45), 20, 0, 360, 255, -1)
    around = cv2.dilate(mask, np.ones((65, 65))) - mask
    for finer in (1.5, 3):
        assert energy(filled, middle, finer) > 0.6 * energy(photo, around, finer)


def test_patches_come_from_where_a_guide_looks_alike():
    random = np.random.default_rng(0)
    ramp = np.linspace(90, 160, 200)[None, :, None] + random.normal(0, 10, (160, 200, 3))
    photo = np.clip(ramp, 0, 255).astype(np.uint8)
    hole = disc(photo.shape[:2], (100, 80), 40) // 255
    filled = []
    for shade in (90, 160):
        guide = np.where(hole[..., None] > 0, np.float32(shade), photo.astype(np.float32))
        filled.append(patchmatch.fill(photo, hole, np.zeros_like(hole), guide))
    dark, bright = (float(each[hole > 0].mean()) for each in filled)
    assert bright > dark + 4
    for each in filled:
        assert (each[hole == 0] == photo[hole == 0]).all()


def test_who_stands_beside_a_hole_is_not_shown_twice():
    photo = data.astronaut()
    shuttle = np.zeros(photo.shape[:2], np.uint8)
    cv2.line(shuttle, (345, 40), (345, 250), 255, 95)
    cv2.line(shuttle, (310, 250), (400, 250), 255, 60)
    for engine in (EnvoFill(), PatchMatch()):
        filled = engine.erase(photo, shuttle).pixels
        assert len(find.find(filled)) == 1
        # Neither the orange of her suit nor the colour of her hair and skin is where the wall was.
        red, blue = (filled[..., channel][shuttle > 0].astype(int) for channel in (0, 2))
        assert (red > blue + 70).mean() < 0.02


def test_a_mark_on_a_face_is_mended_with_the_face():
    photo = data.astronaut()
    mask = disc(photo.shape[:2], (205, 115), 9)
    filled = EnvoFill().erase(photo, mask).pixels
    where = mask > 0
    assert abs(filled[where].astype(int) - photo[where]).mean() < 16
    assert not spared.mask(photo, mask // 255)[90:140, 180:235].any()


@pytest.mark.parametrize(("width", "most"), [(6, 11), (20, 21)])
def test_a_scratch_across_photo_and_person_is_mended_with_both(width, most):
    photo = data.astronaut()
    mask = np.zeros(photo.shape[:2], np.uint8)
    cv2.line(mask, (0, 60), (511, 300), 255, width)
    erased = EnvoFill().erase(photo, mask).pixels
    off = abs(erased[mask > 0].astype(int) - photo[mask > 0])
    assert off.mean() < most
    assert not spared.mask(photo, mask // 255).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (37, 1), (33, 65)])
def test_nobody_is_spared_where_nothing_else_is_left(shape):
    assert not spared.mask(np.zeros((*shape, 3), np.uint8), np.ones(shape, np.uint8)).any()


def badge(photo: np.ndarray, middle: tuple[int, int]) -> np.ndarray:
    """Put a red badge on a photo, in which nothing else is red."""
    photo = cv2.circle(photo.copy(), middle, 24, (190, 40, 40), -1, cv2.LINE_AA)
    return cv2.circle(photo, middle, 14, (240, 220, 90), -1, cv2.LINE_AA)


def test_a_badge_that_a_hole_touches_is_not_copied_into_it():
    photo = badge(plaster()[:320, :320], (100, 120))
    hole = disc(photo.shape[:2], (161, 130), 40) // 255
    nowhere = np.zeros_like(hole)
    within = cv2.erode(hole, np.ones((9, 9)))
    red = {}
    for name, kept in (("as it comes", nowhere), ("spared", spared.mask(photo, hole))):
        filled = patchmatch.fill(photo, hole, kept).astype(int)
        red[name] = int(((filled[..., 0] > filled[..., 2] + 60) & (within > 0)).sum())
    assert red["spared"] == 0 < red["as it comes"], red


def word(photo: np.ndarray) -> np.ndarray:
    return cv2.putText(photo.copy(), "BAKERY", (120, 160), cv2.FONT_HERSHEY_SIMPLEX, 2, (250, 250, 250), 6, cv2.LINE_AA)


@pytest.mark.parametrize("name", ["badge", "word", "eye"])
def test_what_occurs_once_beside_a_hole_is_no_source_of_patches_and_what_is_common_is(name):
    photo, hole_at, once_at = {
        "badge": (badge(cv2.merge([data.gravel()] * 3), (180, 200)), (290, 240), (180, 200)),
        "word": (word(cv2.merge([data.brick()] * 3)), (260, 230), (250, 140)),
        "eye": (data.chelsea(), (240, 45), (170, 105)),
    }[name]
    hole = disc(photo.shape[:2], hole_at, 45) // 255
    found = singular.mask(photo, hole, np.zeros_like(hole))
    x, y = once_at
    assert found[y - 15 : y + 15, x - 15 : x + 15].mean() > 0.5
    assert found.mean() < 0.15
    assert not found[hole > 0].any()
    bare = cv2.merge([data.gravel()] * 3)
    hole = disc(bare.shape[:2], hole_at, 45) // 255
    assert singular.mask(bare, hole, np.zeros_like(hole)).mean() < 0.02


def test_a_sky_is_common_though_no_two_places_of_it_have_one_colour():
    ramp = np.linspace((70, 110, 180), (190, 210, 235), 400)[:, None].repeat(500, 1)
    sky = np.clip(ramp + np.random.default_rng(0).normal(0, 2, ramp.shape), 0, 255).astype(np.uint8)
    hole = disc(sky.shape[:2], (250, 200), 70) // 255
    assert singular.mask(sky, hole, np.zeros_like(hole)).mean() < 0.05


def test_a_hole_is_filled_in_three_ways_where_these_differ():
    def fills(photo: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
        return [engine.erase(photo, mask).pixels for engine in FILLS]

    assert inpaint.others("envo-fill")[-2:] == [inpaint.ERASE[each.name] for each in FILLS[1:]]
    photo = data.coffee()[::2, ::2].copy()
    mask = disc(photo.shape[:2], (200, 110), 60)
    made = fills(photo, mask)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not inpaint.look_alike(made[one], made[other], mask)
    ramp = np.linspace((70, 110, 180), (190, 210, 235), 200)[:, None].repeat(300, 1)
    sky = np.clip(ramp + np.random.default_rng(0).normal(0, 2, ramp.shape), 0, 255).astype(np.uint8)
    mask = disc(sky.shape[:2], (150, 100), 30)
    made = fills(sky, mask)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert inpaint.look_alike(made[one], made[other], mask)


@pytest.mark.parametrize(("strength", "coarse"), [(3, 0.01), (12, 0.01), (12, 0.8)])
def test_a_calm_fill_has_the_grain_of_what_is_around_it(strength, coarse):
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (240, 320, 3)).astype(np.float32), (0, 0), coarse)
    photo = np.clip(130 + noise / noise.std() * strength, 0, 255).astype(np.uint8)
    mask = disc(photo.shape[:2], (160, 120), 50)
    filled = Calm().erase(photo, mask).pixels
    around = cv2.dilate(mask, np.ones((65, 65))) - mask
    for finer in (1, 2):
        assert 0.6 < energy(filled, mask, finer) / energy(photo, around, finer) < 1.6
    # An edge beside the hole is no grain.
    photo[:, 100:] //= 2
    assert grain(photo, mask // 255).std() < 1.3 * strength
