import numpy as np
import pytest

from envo.masks import decode_matte, encode_matte, feather, sample


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
