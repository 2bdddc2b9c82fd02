"""Training on turned photos: what is learnt tells an upright photo from the same one turned."""

import json

import cv2
import numpy as np
import onnxruntime
import pytest
from PIL import Image
from skimage import data

from models import weights
from training import upright

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eleven photos of each kind."""
    place = tmp_path_factory.mktemp("lie")
    for name, photo in zip(upright.SHARES, (data.rocket(), data.coffee(), data.astronaut()), strict=True):
        (place / name).mkdir(parents=True)
        for number in range(11):
            Image.fromarray(cv2.resize(photo, (240, 180))).save(place / name / f"{number:02}.jpg")
    return place


def test_the_encoder_knows_a_cat():
    encoder = upright.build_encoder()
    upright.load(encoder, weights.path("efficientnet-lite0"))
    cat = cv2.resize(data.chelsea()[:, 75:375], (192, 192), interpolation=cv2.INTER_AREA)
    seen = encoder(upright.turned([cat]).astype(np.float32)).numpy()
    assert seen.shape == (4, 1280 + 9 * (112 + 320) + 3)
    largest, soft, entropy = seen[:, -3:].T
    assert (largest < soft).all()
    assert (entropy > 0).all()
    assert entropy[0] < 0.6 * np.log(1000), "it sees something that it knows"


def test_a_run_goes_on_where_it_was_and_ends_in_a_network_that_tells_turns(folder, tmp_path, capsys):
    place = tmp_path / "upright.onnx"
    command = ["--data", str(folder), "--views", "1", "--work", str(tmp_path / "work"), "--out", str(place)]
    upright.main(command)
    first = capsys.readouterr().out
    assert "looked at 18 views" in first
    assert json.loads(first.splitlines()[-1])["turns right"] == 1
    seen = upright.look(None, [None] * 21, 1, tmp_path / "work")
    assert seen.shape[:2] == (18, 4), "nothing is looked at again"
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    rocket = cv2.resize(data.rocket(), (192, 192), interpolation=cv2.INTER_AREA)
    (scores,) = session.run(["score"], {"image": upright.turned([rocket]).astype(np.float32)})
    assert scores.shape == (4, 1)
    assert scores.argmax() == 0
