"""Blurs, glow and sharpening: what looks at a pixel's neighbourhood."""

import cv2
import numpy as np
import pytest

from envo import passes
from envo.colour import linear_to_srgb, srgb_to_linear
from envo.masks import sample

GREY, RED = srgb_to_linear(np.array([[0.6, 0.6, 0.6], [0.9, 0.1, 0.1]]))


def passed(light: np.ndarray, adjustments: dict[str, float], matte: np.ndarray | None = None) -> np.ndarray:
    """What the passes of a layer over nothing but a photo make of it: linear light, float32 HxWx3."""
    height, width = light.shape[:2]
    size = (width, height)

    def below(grid: tuple[int, int]) -> passes.Rows:
        small = light if grid == size else passes.reduced(lambda top, bottom: light[top:bottom], size, grid)
        return lambda top, bottom: small[top:bottom].copy()

    mask = None
    if matte is not None:
        mask = passes.Mask(lambda grid, top, bottom: sample(matte, grid, top, bottom), max(matte.shape))
    made = passes.make(adjustments, mask, size, max(size), below)
    shown = None if matte is None else sample(matte, size).reshape(-1, 1)
    after = made.rows(light.reshape(-1, 3), shown, lambda grid: sample(grid, size).reshape(-1, 3)).reshape(light.shape)
    if matte is None:
        return after
    return np.where(shown.reshape(height, width, 1) > 0, after, light)


def disc(size: tuple[int, int], radius: float, soft: float = 1.0) -> np.ndarray:
    """A disc in the middle, float32 HxW: 1 within, falling over `soft` pixels."""
    width, height = size
    y, x = np.mgrid[:height, :width] + 0.5
    away = np.hypot(x - width / 2, y - height / 2) - radius
    return np.clip(0.5 - away / soft, 0, 1).astype(np.float32)


def photo_of(subject: np.ndarray) -> np.ndarray:
    """A red thing before grey, mixed as mattes are made: of encoded values."""
    grey, red = linear_to_srgb(GREY), linear_to_srgb(RED)
    return srgb_to_linear(grey + subject[..., None] * (red - grey)).astype(np.float32)


@pytest.mark.parametrize(
    "adjustments",
    [{"lens_blur": 60}, {"lens_blur": 8, "lens_blades": 6}, {"gaussian_blur": 50}, {"motion_blur": 70}],
    ids=lambda each: next(iter(each)),
)
@pytest.mark.parametrize("soft", [1.0, 16.0])
def test_a_blurred_background_takes_nothing_of_the_subject_along(adjustments, soft):
    subject = disc((480, 360), 90, soft)
    photo = photo_of(subject)
    after = passed(photo, adjustments, 1 - subject)
    assert np.array_equal(after[subject == 1], photo[subject == 1])
    outside = linear_to_srgb(np.clip(after[subject == 0], 0, 1))
    assert np.abs(outside - linear_to_srgb(GREY)).max() < 3 / 255
    # At the soft edge, too, all is as it was: the background that is put there has the colour of the one before.
    assert np.abs(linear_to_srgb(np.clip(after, 0, 1)) - linear_to_srgb(photo)).max() < 12 / 255


def test_a_blurred_subject_stays_within_its_edges():
    subject = disc((480, 360), 90)
    photo = photo_of(subject)
    photo[165:195, 225:255] = 0.9
    after = passed(photo, {"gaussian_blur": 100}, subject)
    assert np.array_equal(after[subject == 0], photo[subject == 0])
    inside = subject == 1
    assert after[inside].std(axis=0).max() < 0.8 * photo[inside].std(axis=0).max()


def test_a_bright_spot_becomes_a_shape_with_as_many_sides_as_the_lens_has_blades():
    photo = np.full((400, 400, 3), 0.02, np.float32)
    photo[196:204, 196:204] = 1

    def shape(**lens: float) -> np.ndarray:
        spot = (passed(photo, {"lens_blur": 100, **lens})[..., 1] > 0.05).astype(np.uint8)
        return max(cv2.findContours(spot, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)

    round_, five = shape(), shape(lens_blades=5)
    circle = cv2.minEnclosingCircle(round_)[1], cv2.minEnclosingCircle(five)[1]
    assert cv2.contourArea(round_) / (np.pi * circle[0] ** 2) > 0.9
    assert cv2.contourArea(five) / (np.pi * circle[1] ** 2) < 0.85
    dull, bright = (passed(photo, {"lens_blur": 100, "lens_highlights": x})[200, 200, 1] for x in (0, 100))
    assert bright > 3 * dull


def test_motion_blurs_along_its_line_alone():
    photo = np.zeros((300, 400, 3), np.float32)
    photo[:, 195:205] = 1
    along = passed(photo, {"motion_blur": 60, "motion_angle": 90})
    across = passed(photo, {"motion_blur": 60, "motion_angle": 0})
    assert np.abs(along - photo).max() < 0.01
    assert across[150, 200, 0] < 0.5 and across[150, 188, 0] > 0.2


def test_glow_brightens_around_what_is_bright_and_nothing_far_away():
    photo = np.full((400, 600, 3), 0.01, np.float32)
    photo[180:220, 80:120] = 1
    after = passed(photo, {"glow": 100})
    assert after[200, 130, 0] > photo[200, 130, 0] + 0.05
    assert after[200, 560, 0] < photo[200, 560, 0] + 0.002
    assert after.max() <= 1.01


def test_what_lies_beyond_white_is_blurred_as_bright_as_it_is():
    photo = np.full((200, 200, 3), 0.2, np.float32)
    photo[95:105, 95:105] = 8
    before = photo.sum()
    after = passed(photo, {"gaussian_blur": 30})
    assert after.sum() == pytest.approx(before, rel=0.01)


def test_working_in_bands_leaves_no_seams(monkeypatch):
    rng = np.random.default_rng(4)
    photo = cv2.GaussianBlur(rng.random((300, 420, 3), np.float32), (0, 0), 1.5)
    subject = disc((420, 300), 80, 6)
    many = {"lens_blur": 15, "gaussian_blur": 5, "motion_blur": 12, "motion_angle": 40, "glow": 60}
    whole = passed(photo, many, 1 - subject)
    monkeypatch.setattr(passes, "BAND_PIXELS", 420 * 23)
    assert np.array_equal(passed(photo, many, 1 - subject), whole)


def sharpened(lightness: np.ndarray, sigma: float, masking: float, rows: int) -> np.ndarray:
    height, width = lightness.shape

    def band(top: int) -> np.ndarray:
        bottom = min(top + rows, height)
        made = passes.sharpness(lambda a, b: lightness[a:b], (width, height), top, bottom, sigma, masking)
        return made.reshape(-1, width)

    return np.vstack([band(top) for top in range(0, height, rows)])


def test_sharpening_is_the_same_in_bands_of_any_height():
    lightness = np.random.default_rng(2).random((90, 70), np.float32)
    assert np.array_equal(sharpened(lightness, 2.4, 40, 90), sharpened(lightness, 2.4, 40, 7))


def test_masking_keeps_sharpening_from_noise_but_not_from_edges():
    rng = np.random.default_rng(5)
    flat = rng.normal(0.5, 0.01, (200, 200)).astype(np.float32)
    flat[:, 100:] += 0.3
    free, masked = sharpened(flat, 1.0, 0, 200), sharpened(flat, 1.0, 80, 200)
    assert masked[:, :90].std() < 0.35 * free[:, :90].std()
    edge = np.s_[:, 98:102]
    assert np.abs(masked[edge]).mean() > 0.85 * np.abs(free[edge]).mean()


def test_what_is_too_fine_to_be_seen_is_not_sharpened():
    lightness = np.random.default_rng(2).random((40, 40), np.float32)
    assert not sharpened(lightness, 0.2, 0, 40).any()
