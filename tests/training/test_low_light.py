"""Training on dark photos: they are as dark as they are said to be, and what is learnt brightens them."""

import cv2
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from PIL import Image
from skimage import data

from envo import colour
from training import augment, low_light, photos

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eleven everyday photos and eleven portraits."""
    place = tmp_path_factory.mktemp("dark")
    for name, photo in (("photos", data.coffee()), ("portraits/images", data.astronaut())):
        (place / name).mkdir(parents=True)
        for number in range(11):
            Image.fromarray(cv2.resize(photo, (96, 64))).save(place / name / f"{number:02}.jpg")
    return place


@pytest.mark.parametrize("stops", [1, 2, 3])
def test_a_stop_is_half_of_the_light(stops):
    photo = data.coffee()
    dark = augment.darken(np.random.default_rng(0), photo, stops)
    light, left = (colour.srgb_to_linear(each / np.float32(255)).mean() for each in (photo, dark))
    assert np.log2(light / left) == pytest.approx(stops, abs=0.05)


def test_light_can_lack_in_a_part_of_a_photo():
    stops = np.zeros((400, 600), np.float32)
    stops[:, 300:] = 3
    dark = augment.darken(np.random.default_rng(0), data.coffee(), stops)
    assert abs(dark[:, :300].mean() - data.coffee()[:, :300].mean()) < 1
    assert dark[:, 300:].mean() < 0.5 * data.coffee()[:, 300:].mean()


def test_some_photos_are_shown_as_they_are_and_most_darker(folder):
    learn, third = photos.read(folder, low_light.SHARES, 100)
    assert (len(learn), len(third)) == (8 + 3, 1)
    sample = low_light.sampler(learn)
    darker = []
    for number in range(60):
        image, truth = sample(np.random.default_rng(number), 64)
        assert image.shape == (64, 64, 3)
        assert (truth[..., 3:] == image).all()
        darker.append(image.mean() < 0.8 * truth[..., :3].mean())
    assert 0.4 < np.mean(darker) < 0.8


def test_the_loss_falls_as_the_answer_gets_better(folder):
    sample = low_light.sampler(photos.read(folder, low_light.SHARES, 100)[0])
    pairs = [sample(np.random.default_rng(number), 64) for number in range(20)]
    truths = np.stack([truth for _, truth in pairs if truth[..., 3:].mean() < 0.7 * truth[..., :3].mean()])
    wrong, poor, good = (
        float(low_light.loss(truths, tf.fill((len(truths), 8, 8, 24), value))) for value in (-0.1, 0.0, 0.15)
    )
    assert good < poor < wrong


def test_a_run_ends_in_a_network_that_answers_like_it(folder, tmp_path):
    place = tmp_path / "low-light.onnx"
    command = ["--data", str(folder), "--minutes", "1e-6", "--work", str(tmp_path / "work"), "--out", str(place)]
    low_light.main(command)
    assert place.stat().st_size < 4e5
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    for height, width in ((64, 64), (96, 160), (8, 256)):
        shown = cv2.resize(data.coffee(), (width, height))[None].astype(np.float32)
        (found,) = session.run(["curves"], {"image": shown})
        assert found.shape == (1, height // 8, width // 8, 3 * low_light.ITERATIONS)
        assert abs(found).max() <= 1
