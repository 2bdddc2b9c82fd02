"""Photos enlarged by Real-ESRGAN, with its real weights, and by Lanczos's filter."""

import struct

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from envo.errors import UserError
from models import cache, weights
from models.engine import quiet
from models.inpaint import Cancelled
from models.restore import enlarge
from models.restore.enlarge import Enlarge, RealESRGAN
from tests.conftest import EXAMPLES

pytestmark = pytest.mark.usefixtures("no_model_stays")


@pytest.fixture(scope="module")
def step() -> Enlarge:
    return Enlarge()


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A part of a face, 128x128."""
    return np.array(Image.open(EXAMPLES / "astronaut.jpg").convert("RGB").resize((512, 512)))[60:188, 160:288]


@pytest.fixture(scope="module")
def small(photo) -> np.ndarray:
    return cv2.resize(photo, (32, 32), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def enlarged(step, small) -> np.ndarray:
    """By Real-ESRGAN, four times."""
    result = step.apply(small, {"factor": 4}, "realesrgan-x4plus")
    assert result.engine == "realesrgan-x4plus"
    assert result.said == "Enlarged 4 times, to 128 × 128 pixels."
    return result.pixels


def edges(image: np.ndarray) -> float:
    """How steep the edges are, on the whole."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.abs(np.diff(grey)).mean() + np.abs(np.diff(grey, axis=0)).mean())


def test_real_esrgan_is_sharper_than_lanczos_and_true_to_the_photo(step, small, photo, enlarged):
    plain = step.apply(small, {"factor": 4}, "lanczos").pixels
    assert enlarged.shape == plain.shape == photo.shape
    assert edges(enlarged) > 1.15 * edges(plain)
    again = cv2.resize(enlarged, (32, 32), interpolation=cv2.INTER_AREA)
    assert np.abs(again.astype(int) - small).mean() < 10
    assert np.corrcoef(enlarged.ravel(), photo.ravel())[0, 1] > 0.9


def test_two_times_is_four_times_averaged_down(step, small, enlarged):
    half = step.apply(small, step.checked({}), "realesrgan-x4plus").pixels
    assert half.shape == (64, 64, 3)
    assert np.abs(half - cv2.resize(enlarged, (64, 64), interpolation=cv2.INTER_AREA).astype(int)).max() <= 1


def test_tells_how_far_it_is_layer_by_layer_and_can_be_cancelled(step, small, enlarged, monkeypatch):
    monkeypatch.setattr(enlarge, "TILE", 28)
    monkeypatch.setattr(enlarge, "HALO", 4)
    told = []
    photo = small[:28, :]
    step.apply(photo, {"factor": 4}, "realesrgan-x4plus", lambda said, fraction: told.append(fraction))
    known = [fraction for fraction in told if fraction is not None]
    assert known == sorted(known)
    assert known[-1] == 1
    assert len(set(known)) > 50

    def cancel(_step, fraction):
        if fraction and fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        step.apply(photo, {"factor": 4}, "realesrgan-x4plus", cancel)
    monkeypatch.undo()
    assert np.array_equal(step.apply(small, {"factor": 4}, "realesrgan-x4plus").pixels, enlarged)


def test_running_out_of_memory_is_told_and_passes(step, small, enlarged):
    with cache.use(weights.path("realesrgan-x4plus"), None, 0) as network:
        network.register_forward_pre_hook(lambda *_: torch.empty(2**60, dtype=torch.uint8))
    with pytest.raises(UserError, match="Real-ESRGAN needs more memory than is free"):
        step.apply(small, {"factor": 4}, "realesrgan-x4plus")
    assert np.array_equal(step.apply(small, {"factor": 4}, "realesrgan-x4plus").pixels, enlarged)


@pytest.mark.parametrize("engine", ["realesrgan-x4plus", "lanczos"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 3)])
def test_tiny_photos(step, engine, shape):
    for factor in enlarge.FACTORS:
        result = step.apply(np.full((*shape, 3), 77, np.uint8), {"factor": factor}, engine)
        assert result.pixels.shape == (shape[0] * factor, shape[1] * factor, 3)
        assert result.pixels.dtype == np.uint8


@pytest.mark.parametrize("damage", ["short", "long", "other", "photo"])
def test_a_damaged_file_is_refused(damage, small, tmp_path, monkeypatch):
    data = weights.path("realesrgan-x4plus").read_bytes()
    file = tmp_path / "weights.bin"
    other = struct.pack("<I", 0) + data[4:]
    bytes_of = {"short": data[:-5], "long": data + b"1234", "other": other, "photo": b"\xff\xd8 no weights"}
    file.write_bytes(bytes_of[damage])
    monkeypatch.setattr(weights, "path", lambda name: file)
    with pytest.raises(weights.WeightsError, match="cannot be loaded"):
        RealESRGAN().enlarge(small, 4, quiet)


def test_results_beyond_the_limit_are_refused_before_anything_runs(step):
    with pytest.raises(UserError, match=r"Enlarged 4 times, the photo would have 102 megapixels, and Envo takes 100"):
        step.apply(np.zeros((2000, 3200, 3), np.uint8), {"factor": 4}, "realesrgan-x4plus")


def test_factors_are_two_and_four(step):
    assert step.checked({}) == {"factor": 2}
    for wrong in (3, 1, 8, "4"):
        with pytest.raises(UserError):
            step.checked({"factor": wrong})


def test_without_the_weights_lanczos_is_left(step, tmp_path, monkeypatch, photo):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    assert step.pick().name == "lanczos"
    with pytest.raises(UserError, match=r"Real-ESRGAN is not on this machine yet\. Fetch .*33 MB, BSD-3-Clause"):
        step.apply(photo, {"factor": 2}, "realesrgan-x4plus")
    look = step.look(photo)
    assert not look.wanted
    assert "128 × 128" in look.reason


def test_small_photos_are_suggested_where_that_is_quick(photo, monkeypatch):
    step = Enlarge()
    monkeypatch.setattr(RealESRGAN, "_speed", 1e12)
    look = step.look(photo)
    assert look.wanted
    assert look.settings == {"factor": 4}
    assert "128 × 128" in look.reason
    assert step.look(np.zeros((500, 700, 3), np.uint8)).settings == {"factor": 2}
    assert not step.look(np.zeros((500, 1000, 3), np.uint8)).wanted
    monkeypatch.setattr(RealESRGAN, "_speed", 6e9)
    look = step.look(photo)
    assert not look.wanted
    assert "takes about 2 minutes" in look.reason
    one, two = (step.pick().seconds(pixels, {"factor": 2}) for pixels in (10**6, 2 * 10**6))
    assert two == pytest.approx(2 * one)
