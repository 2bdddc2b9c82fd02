"""Tiles: the result of the whole image, without seams."""

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from models.engine import quiet
from models.inpaint import Cancelled
from models.tiles import tiled
from tests.conftest import EXAMPLES


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A photo of 517x389: no multiple of anything."""
    image = np.array(Image.open(EXAMPLES / "chelsea.jpg").convert("RGB"))
    return cv2.resize(image, (517, 389), interpolation=cv2.INTER_AREA)


def network(scale: int = 1) -> torch.nn.Module:
    """A network, drawn by chance, that sees 31 pixels far and goes down to a fourth and up again."""
    torch.manual_seed(1)
    layers = [
        *[torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.GELU()],
        *[torch.nn.Conv2d(8, 8, 4, 4), torch.nn.Conv2d(8, 8, 9, padding=4), torch.nn.GELU()],
        *[torch.nn.Conv2d(8, 3 * (4 * scale) ** 2, 3, padding=1), torch.nn.PixelShuffle(4 * scale)],
    ]
    return torch.nn.Sequential(*layers)


def runner(net: torch.nn.Module):
    def run(tile: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer = net(torch.from_numpy(np.ascontiguousarray(tile)).permute(2, 0, 1)[None].float() / 255)
        return (answer[0].permute(1, 2, 0) * 400 + 128).clip(0, 255).round().to(torch.uint8).numpy()

    return run


@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_tiles_give_what_the_whole_image_gives(photo, scale, dtype):
    work = runner(network(scale))
    image = photo.astype(dtype)
    whole = tiled(image, work, 1024, 32, quiet, "", scale, 16)
    shapes = set()

    def watched(tile: np.ndarray) -> np.ndarray:
        assert tile.dtype == dtype
        shapes.add(tile.shape)
        return work(tile)

    pieces = tiled(image, watched, 160, 32, quiet, "", scale, 16)
    assert whole.shape == (389 * scale, 517 * scale, 3)
    assert whole.std() > 5
    # PyTorch sums in another order for other shapes, which now and then rounds the other way.
    assert np.abs(pieces.astype(int) - whole).max() <= 1
    assert len(shapes) == 1
    assert all(shape[0] <= 160 and shape[1] <= 160 for shape in shapes)


def test_with_enough_halo_exact_work_gives_the_same_bytes(photo):
    def work(tile: np.ndarray) -> np.ndarray:
        return cv2.medianBlur(cv2.medianBlur(tile, 5), 5)

    whole = tiled(photo, work, 600, 4, quiet, "")
    assert np.array_equal(whole, work(photo))
    for tile in (50, 97, 388):
        assert np.array_equal(tiled(photo, work, tile, 4, quiet, ""), whole)


def test_tiles_that_disagree_fade_into_each_other(photo):
    tone = iter(np.resize([0, 200, 40, 160, 90], 100))

    def work(tile: np.ndarray) -> np.ndarray:
        return np.full(tile.shape[:2], next(tone), np.uint8)

    answer = tiled(photo, work, 128, 32, quiet, "").astype(int)
    assert answer.shape == photo.shape[:2]
    assert np.ptp(answer) > 100
    # 200 levels over 16 pixels, at the steepest half as much again.
    assert max(np.abs(np.diff(answer, axis=axis)).max() for axis in (0, 1)) <= 20


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (300, 1, 3), (17, 33), (64, 64, 4)])
def test_images_of_any_shape(shape):
    image = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    sizes = []

    def work(tile: np.ndarray) -> np.ndarray:
        sizes.append(tile.shape[:2])
        return tile

    assert np.array_equal(tiled(image, work, 64, 8, quiet, "", 1, 16), image)
    assert all(height % 16 == width % 16 == 0 for height, width in sizes)


def test_tells_how_far_it_is_and_can_be_stopped(photo):
    told = []
    tiled(photo, lambda tile: tile, 128, 8, lambda step, fraction: told.append((step, fraction)), "Cleaning")
    fractions = [fraction for _step, fraction in told]
    assert {step for step, _fraction in told} == {"Cleaning"}
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert len(fractions) > 10
    assert fractions == sorted(fractions)

    worked = []

    def stop(_step: str, fraction: float) -> None:
        if fraction > 0.2:
            raise Cancelled

    def work(tile: np.ndarray) -> np.ndarray:
        worked.append(tile.shape)
        return tile

    with pytest.raises(Cancelled):
        tiled(photo, work, 128, 8, stop, "")
    assert 0 < len(worked) < 0.5 * len(fractions)


def test_tiles_that_are_all_halo_are_refused(photo):
    with pytest.raises(ValueError, match="do not go with a halo"):
        tiled(photo, lambda tile: tile, 64, 32, quiet, "")
    with pytest.raises(ValueError, match="do not go with a halo"):
        tiled(photo, lambda tile: tile, 100, 8, quiet, "", 1, 16)
