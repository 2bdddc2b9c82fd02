"""The person comes out of a photo, hair included; things are not taken for people."""

import cv2
import numpy as np
import pytest
from skimage import data

from models.layers import people
from models.weights import entries


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return data.astronaut()


def scaled(image: np.ndarray, edge: int) -> np.ndarray:
    scale = edge / max(image.shape[:2])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("edge", [256, 512, 2048])
def test_the_person_comes_out_whatever_the_size(portrait, edge):
    result = people.auto().matte(scaled(portrait, edge))
    assert result.engine == "Robust Video Matting"
    assert result.seconds > 0
    person = cv2.resize(result.alpha, (512, 512), interpolation=cv2.INTER_AREA)
    assert result.alpha.dtype == np.uint8
    assert result.alpha.shape == (edge, edge)
    assert person[90:170, 190:250].mean() > 250, "face"
    assert person[300:450, 80:230].mean() > 250, "suit"
    assert person[:250, 350:].mean() < 5, "wall and flag"
    assert person[:, :8].mean() < 40, "left edge"
    assert 0.36 < person.mean() / 255 < 0.46


def test_hair_has_a_soft_edge(portrait):
    person = people.auto().matte(scaled(portrait, 2048)).alpha
    crown = person[40:200, 600:1000]
    assert np.count_nonzero((crown > 25) & (crown < 230)) > 1000


def test_the_background_is_what_the_person_is_not(portrait):
    mattes = people.auto().matte(portrait).mattes
    assert list(mattes) == ["person", "background"]
    assert (mattes["person"].astype(int) + mattes["background"] == 255).all()


@pytest.mark.parametrize("photo", ["chelsea", "coffee", "rocket"])
def test_a_photo_without_people_has_no_mattes(photo):
    result = people.auto().matte(getattr(data, photo)())
    assert result.alpha is None
    assert result.mattes == {}


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3000, 1), (17, 31), (100, 12_000)])
def test_any_size_works(size):
    assert people.auto().matte(np.full((*size, 3), 128, np.uint8)).alpha is None


@pytest.mark.parametrize("size", [(487, 333), (513, 511)])
def test_odd_sizes_keep_their_size(portrait, size):
    image = cv2.resize(portrait, size[::-1], interpolation=cv2.INTER_AREA)
    assert people.auto().matte(image).alpha.shape == size


def test_a_large_photo_is_matted_at_the_working_size(portrait):
    wide = np.pad(scaled(portrait, 2000), ((0, 0), (1000, 1000), (0, 0)), mode="edge")
    assert people.auto().matte(wide).alpha.shape == (1024, 2048)


def test_a_small_person_in_a_panorama_is_found(portrait):
    panorama = np.full((512, 3000, 3), (90, 120, 150), np.uint8)
    panorama[:, 1200:1712] = portrait
    person = people.auto().matte(panorama).alpha
    assert person is not None
    assert person[:, :700].mean() < 5


def test_progress_is_told(portrait):
    told = []
    people.auto().matte(portrait, lambda step, fraction: told.append((step, fraction)))
    assert told[-1] == ("Finding the person", None)


def test_an_engine_says_who_it_is():
    engine = people.ENGINES["Robust Video Matting"]
    assert set(engine.requires) <= {entry.name for entry in entries()}
    assert engine.licence == "GPL-3.0"
