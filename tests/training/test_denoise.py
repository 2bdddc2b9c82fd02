"""A camera's noise, and the network that learns to take it out."""

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from skimage import data

from training import augment, denoise, torch_export
from training.plan import Plan
from training.restore import Exported, cleaned
from training.torch_loop import TorchTrainer


def added(photo: np.ndarray, sigma: float, seed: int) -> np.ndarray:
    return augment.camera_noise(np.random.default_rng(seed), photo, sigma).astype(np.float32) - photo


@pytest.mark.parametrize("sigma", [10, 25])
def test_noise_is_as_much_as_is_said_and_the_same_for_one_draw(sigma):
    for photo in (np.full((200, 200, 3), 120, np.uint8), data.coffee()[:200, :300]):
        before = photo.copy()
        spreads = [added(photo, sigma, seed).std() for seed in range(8)]
        assert np.allclose(np.mean(spreads), sigma, rtol=0.2)
        assert (photo == before).all() and np.array_equal(added(photo, sigma, 3), added(photo, sigma, 3))


def test_noise_is_more_where_there_is_less_light_and_some_of_it_hangs_together():
    dark, bright = (np.full((200, 200, 3), shade, np.uint8) for shade in (60, 200))
    both = np.hstack([dark, bright])
    alike = []
    for seed in range(16):
        noise = added(both, 12, seed)
        assert noise[:, :200].std() > 1.2 * noise[:, 200:].std()
        alike.append(np.corrcoef(noise[:, 200:-1].ravel(), noise[:, 201:].ravel())[0, 1])
    assert min(alike) < 0.05 and max(alike) > 0.3


def test_it_learns_from_photos_and_from_plain_fields_some_of_them_without_noise():
    sample = denoise.sampler([data.astronaut(), data.coffee()])
    gains = []
    for number in range(40):
        image, truth = sample(np.random.default_rng(number), 64)
        assert image.shape == truth.shape == (64, 64, 3) and image.dtype == truth.dtype == np.uint8
        gains.append(float(np.abs(image.astype(int) - truth).mean()))
    assert min(gains) == 0 and max(gains) > 15


def test_a_run_ends_in_a_network_that_answers_like_it(tmp_path):
    sample = denoise.sampler([data.astronaut(), data.coffee()])
    plan = Plan(minutes=1e-6, sizes=((0.0, 64, 2),))
    trainer = TorchTrainer(denoise.Denoiser(), denoise.loss, plan, tmp_path)
    trainer.run(sample, lambda line: None, lambda: None)
    place = tmp_path / "denoise.onnx"
    torch_export.write(Exported(trainer.average, cleaned), "denoised", 64, place)
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    for height, width in ((64, 64), (96, 160)):
        shown = np.random.default_rng(0).integers(0, 256, (1, height, width, 3)).astype(np.float32)
        (answer,) = session.run(["denoised"], {"image": shown})
        expected = Exported(trainer.average, cleaned)(torch.from_numpy(shown)).detach().numpy()
        assert np.abs(answer - expected).max() < 2
    told = denoise.measure(trainer.average, [cv2.resize(data.coffee(), (96, 64))])
    assert told.keys() == {"10 before", "10", "25 before", "25", "clean"}
