"""What a photo is of comes out of it; where nothing stands out, nothing does."""

import cv2
import numpy as np
import pytest
from skimage import data

from models.layers import subject
from models.weights import entries


def scaled(image: np.ndarray, edge: int) -> np.ndarray:
    scale = edge / max(image.shape[:2])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def found(image: np.ndarray) -> np.ndarray:
    return subject.quick().matte(image).alpha


@pytest.mark.parametrize("edge", [225, 451, 2048])
def test_the_cat_comes_out_whatever_the_size(edge):
    image = scaled(data.chelsea(), edge)
    result = subject.quick().matte(image)
    assert result.engine == "Envo subject"
    assert result.seconds > 0
    assert result.alpha.dtype == np.uint8
    assert result.alpha.shape == image.shape[:2]
    cat = cv2.resize(result.alpha, (451, 300), interpolation=cv2.INTER_AREA)
    assert cat[80:220, 160:300].mean() > 230, "face"
    assert cat[:40, 400:].mean() < 40, "blanket"


def test_the_cup_comes_out_and_the_table_stays():
    cup = found(data.coffee())
    assert cup[100:250, 200:400].mean() > 240, "cup"
    assert cup[:40, :100].mean() < 25, "table"


def test_the_rocket_comes_out_and_the_sky_stays():
    rocket = found(data.rocket())
    assert rocket[:100, :200].mean() < 10, "sky"
    assert rocket[150:280, 312:326].mean() > 200, "rocket"


def test_the_background_is_what_the_subject_is_not():
    mattes = subject.quick().matte(data.chelsea()).mattes
    assert list(mattes) == ["subject", "background"]
    assert (mattes["subject"].astype(int) + mattes["background"] == 255).all()


@pytest.mark.parametrize("photo", ["grass", "gravel", "brick"])
def test_where_nothing_stands_out_there_is_no_matte(photo):
    result = subject.quick().matte(np.dstack([getattr(data, photo)()] * 3))
    assert result.alpha is None
    assert result.mattes == {}


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3000, 1), (17, 31), (100, 12_000)])
def test_any_size_works(size):
    assert found(np.full((*size, 3), 128, np.uint8)) is None


def test_fur_has_a_soft_edge():
    cat = found(scaled(data.chelsea(), 2048))
    assert np.count_nonzero((cat > 25) & (cat < 230)) > 5000


def test_progress_is_told():
    told = []
    subject.quick().matte(data.coffee(), lambda step, fraction: told.append((step, fraction)))
    assert told[-1] == ("Finding what the photo is of", None)


def test_an_engine_says_who_it_is():
    engine = subject.ENGINES["Envo subject"]
    assert set(engine.requires) <= {entry.name for entry in entries()}
    assert engine.licence
