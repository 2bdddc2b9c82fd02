"""Maps of structure and haze: edges stay where they are, haze goes, and what has none is left alone."""

import numpy as np
import pytest
import skimage.data

from envo import maps, masks, photo
from envo.colour import linear_to_srgb, srgb_to_linear
from envo.maps import Maps


def linear(pixels: np.ndarray) -> np.ndarray:
    """uint8 sRGB to float32 linear."""
    return srgb_to_linear(pixels / 255).astype(np.float32)


def grey(light: np.ndarray) -> np.ndarray:
    """OKLab's L, float HxW, to uint8 sRGB HxWx3."""
    return np.rint(255 * linear_to_srgb(np.clip(light, 0, 1) ** 3)).astype(np.uint8)[..., None].repeat(3, axis=2)


def detail(made: Maps, pixels: np.ndarray) -> np.ndarray:
    """What the maps say at each pixel of a whole photo, uint8 sRGB HxWx3: float32 HxWx4."""
    height, width = pixels.shape[:2]
    return rows(made, maps.lightness(linear(pixels)), 0, height).reshape(height, width, 4)


def rows(made: Maps, lightness: np.ndarray, top: int, bottom: int) -> np.ndarray:
    size = lightness.shape[::-1]
    lines = [masks.sample(each, size, top, bottom).reshape(-1, 2) for each in made.floats]
    return made.detail(lightness[top:bottom].reshape(-1), lines).T


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def of_astronaut(astronaut) -> Maps:
    return maps.make(astronaut)


def test_maps_outlive_being_written_and_others_are_refused(of_astronaut):
    data = of_astronaut.dump()
    read = Maps.load(data)
    assert read.dump() == data and read.airlight == pytest.approx(of_astronaut.airlight)
    for one, other in zip((*read.bases, read.haze), (*of_astronaut.bases, of_astronaut.haze), strict=True):
        assert np.array_equal(one, other)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    for other in (b"", data[:30], data[:-2], data + b"\0\0", bytes(damaged), b"MAPS" + data[4:]):
        with pytest.raises(ValueError):
            Maps.load(other)


def test_rows_of_a_photo_are_what_they_are_in_the_whole(astronaut, of_astronaut):
    light = maps.lightness(linear(astronaut))
    whole = rows(of_astronaut, light, 0, 512)
    parts = [rows(of_astronaut, light, top, min(top + 100, 512)) for top in range(0, 512, 100)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_bases_smooth_texture_and_keep_edges():
    """Noise of little contrast goes from both sides of an edge, and the edge stays as sharp as it was."""
    random = np.random.default_rng(1)
    light = np.full((600, 900), 0.4)
    light[:, 450:] = 0.8
    texture = random.normal(0, 0.03, light.shape)
    pixels = grey(light + texture)
    bases = detail(maps.make(pixels), pixels)[..., :3] + maps.lightness(linear(pixels))[..., None]
    for number, most in enumerate((0.02, 0.01, 0.01)):
        base = bases[50:-50, :, number]
        assert base[:, 50:390].std() < most and base[:, 510:-50].std() < most
        across = base.mean(axis=0)
        assert across[:450].max() < 0.44 and across[450:].min() > 0.76


def test_the_maps_do_not_hang_on_how_large_the_photo_is_or_how_it_is_kept(astronaut, of_astronaut):
    half = photo.resize(astronaut, 256)
    expected = detail(of_astronaut, half)
    assert np.abs(detail(maps.make(half), half) - expected)[..., :3].mean() < 0.01
    assert np.abs(detail(maps.make(linear(astronaut)), half) - expected)[..., :3].mean() < 0.005


def test_the_smallest_photos_have_maps_too():
    for shape in ((1, 1, 3), (2, 5, 3), (1, 3000, 3)):
        pixels = np.full(shape, 90, np.uint8)
        assert np.abs(detail(Maps.load(maps.make(pixels).dump()), pixels)[..., :3]).max() < 2e-3


def hazed(pixels: np.ndarray, airlight: tuple[float, ...] = (0.75, 0.78, 0.82)) -> tuple[np.ndarray, np.ndarray]:
    """Put haze on a photo, uint8 HxWx3, the more the higher up; gives it and how much light comes through, Hx1."""
    through = np.linspace(0.3, 0.95, len(pixels))[:, None]
    light = linear(pixels) * through[..., None] + np.array(airlight) * (1 - through[..., None])
    return np.rint(255 * linear_to_srgb(light)).astype(np.uint8), through


def test_haze_reaches_up_to_what_stands_before_it():
    light = np.full((600, 900), 0.85)
    light[200:400, 300:600] = 0.5
    light[400:] = np.random.default_rng(3).uniform(0.1, 0.4, (200, 900))
    pixels = grey(light)
    clear = detail(maps.make(pixels), pixels)[..., 3]
    far, near = np.median(clear[:150]), np.median(clear[250:350, 350:550])
    assert far < 0.5 and near > 0.7
    assert np.abs(clear[:390, :294] - far).max() < 0.08 and np.abs(clear[206:390, 306:594] - near).max() < 0.08


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_haze_is_found_where_it_is_and_nowhere_else(name):
    pixels = getattr(skimage.data, name)()
    assert detail(maps.make(pixels), pixels)[..., 3].min() > 0.95
    hazy, through = hazed(pixels)
    made = maps.make(hazy)
    assert np.abs(detail(made, hazy)[..., 3] - through).mean() < 0.15
    assert abs(np.mean(made.airlight) - 0.78) < 0.13
