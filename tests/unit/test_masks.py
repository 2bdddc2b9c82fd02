import cv2
import numpy as np
import pytest

from envo.masks import crop, decode_matte, encode_matte, feather, refine, sample


@pytest.fixture
def edge() -> np.ndarray:
    """Nothing on the left, everything on the right."""
    matte = np.zeros((300, 501), np.float32)
    matte[:, 250:] = 1
    return matte


def test_a_matte_comes_back_from_its_png_as_it_was():
    matte = np.random.default_rng(1).integers(0, 256, (31, 47), np.uint8)
    assert np.array_equal(decode_matte(encode_matte(matte)), matte)


def test_no_feather_leaves_the_matte_alone(edge):
    assert np.array_equal(feather(edge, 0), edge)


@pytest.mark.parametrize("percent", [5, 30, 100])
def test_feather_softens_the_edge_as_far_as_it_says(edge, percent):
    soft = feather(edge, percent)
    sigma = percent / 100 * 0.02 * 501
    assert (np.diff(soft[150]) >= -1e-6).all()
    # A Gaussian's flank passes 16% and 84% one sigma to each side of the edge.
    left, right = np.searchsorted(soft[150], [0.1587, 0.8413])
    assert (right - left) / 2 == pytest.approx(sigma, rel=0.15, abs=1)
    assert soft[:, 0].max() < 1e-3
    assert soft[:, -1].min() > 1 - 1e-3


def test_a_feathered_matte_that_covers_everything_still_does():
    np.testing.assert_allclose(feather(np.ones((120, 90), np.float32), 100), 1, atol=1e-5)


def test_a_large_photo_can_be_sampled_in_bands():
    matte = np.random.default_rng(2).random((40, 60), np.float32)
    whole = sample(matte, (200, 130))
    bands = [sample(matte, (200, 130), top, min(top + 17, 130)) for top in range(0, 130, 17)]
    assert whole.shape == (130, 200)
    np.testing.assert_allclose(np.vstack(bands), whole, atol=1e-6)


def test_sampling_at_the_mattes_own_size_changes_nothing():
    matte = np.random.default_rng(3).random((40, 60), np.float32)
    np.testing.assert_allclose(sample(matte, (60, 40)), matte, atol=1e-6)


@pytest.fixture
def strands() -> tuple[np.ndarray, np.ndarray]:
    """A head with strands of hair before a backdrop with a gradient: its true matte, and the photo."""
    alpha = np.zeros((600, 480), np.uint8)
    cv2.ellipse(alpha, (240, 360), (130, 170), 0, 0, 360, 255, -1)
    for angle in range(200, 341, 10):
        tip = np.array([240, 360]) + 260 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        cv2.line(alpha, (240, 300), tip.astype(int).tolist(), 255, 5, cv2.LINE_AA)
    truth = cv2.GaussianBlur(alpha, (0, 0), 1).astype(np.float32) / 255
    backdrop = np.linspace([150, 180, 210], [230, 220, 190], 480, dtype=np.float32)[None]
    photo = truth[..., None] * np.float32([70, 45, 30]) + (1 - truth[..., None]) * backdrop
    noise = np.random.default_rng(4).normal(0, 4, photo.shape)
    return truth, np.clip(photo + noise, 0, 255).astype(np.uint8)


def test_refining_brings_back_the_strands_that_a_coarse_matte_lost(strands):
    truth, photo = strands
    coarse = cv2.resize(truth, (96, 120), interpolation=cv2.INTER_AREA)
    plain = cv2.resize(coarse, (480, 600), interpolation=cv2.INTER_LINEAR)
    refined = refine(coarse, photo)
    assert refined.dtype == np.float32
    edge = cv2.dilate(((truth > 0.02) & (truth < 0.98)).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.abs(refined - truth)[edge].mean() < 0.5 * np.abs(plain - truth)[edge].mean()


def test_refining_leaves_what_is_sure(strands):
    truth, photo = strands
    refined = refine(cv2.resize(truth, (96, 120), interpolation=cv2.INTER_AREA), photo)
    assert refined[300:400, 180:300].min() > 0.99
    assert refined[400:, :60].max() < 0.01
    assert refine(np.zeros((12, 10), np.float32), photo).max() == pytest.approx(0, abs=1e-4)
    assert refine(np.ones((12, 10), np.float32), photo).min() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (300, 2), (33, 57)])
@pytest.mark.parametrize("coarse", [(1, 1), (7, 5), (320, 320)])
def test_a_matte_of_any_size_is_refined_to_any_size(size, coarse):
    generator = np.random.default_rng(5)
    photo = generator.integers(0, 256, (*size, 3), np.uint8)
    refined = refine(generator.random(coarse, np.float32), photo)
    assert refined.shape == size
    assert refined.min() >= 0
    assert refined.max() <= 1


@pytest.mark.parametrize("box", [(100, 40, 12, 30), (0, 0, 20, 9), (180, 90, 20, 10), (0, 0, 200, 100)])
def test_a_crop_shows_the_whole_of_what_is_in_a_matte_with_some_room(box):
    left, top, width, height = box
    matte = np.zeros((100, 200), np.uint8)
    matte[top : top + height, left : left + width] = 200
    square = crop(matte)
    assert square.shape[0] == square.shape[1] == round(1.2 * max(width, height))
    assert (square == 200).sum() == width * height
    assert crop(np.zeros((30, 40), np.uint8)).max() == 0
