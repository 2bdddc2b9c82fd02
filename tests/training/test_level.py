"""Training on whole photos: what is learnt tells by how much a photo hangs askew."""

import json

import numpy as np
import onnxruntime
import pytest
from PIL import Image
from skimage import data

from models.restore import tilt
from training import level

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Nine photos of each kind to train on, of a tower."""
    place = tmp_path_factory.mktemp("whole")
    for name in level.CHANCES:
        (place / name).mkdir(parents=True)
        for number in range(10):
            Image.fromarray(data.camera()[:400, 4 * number :][:, :300]).save(place / name / f"{number:02}.jpg")
    return place


@pytest.mark.parametrize("shape", tilt.SHAPES)
def test_a_view_is_turned_clockwise_and_shows_no_border(shape):
    photo = np.zeros((301, 401, 3), np.uint8)
    photo[150] = 255
    for angle in (-17, 0, 10):
        seen = level.view(photo, angle, shape, 1.0, np.zeros(2))
        assert seen.shape == (*shape, 3)
        ys, xs = np.nonzero(seen[..., 0] > 60)
        assert np.rad2deg(np.arctan(np.polyfit(xs, ys, 1)[0])) == pytest.approx(angle, abs=0.5)
    white = np.full_like(photo, 255)
    for at in ([-1, -1], [1, 1], [1, -1]):
        assert (level.view(white, 13, shape, 0.8, np.array(at)) == 255).all()


def test_a_batch_has_one_shape_and_the_angles_of_its_photos():
    samples = level.Samples([np.zeros((300, 400, 3), np.uint8), np.zeros((400, 300, 3), np.uint8)], [1.0, 0.5])
    images, angles = samples.draw(np.random.default_rng(0))
    assert images.shape[1:3] in tilt.SHAPES
    assert len(images) == len(angles) == level.BATCH
    assert abs(angles).max() <= level.MOST


def test_a_run_goes_on_where_it_was_and_ends_in_a_network_that_gives_angles(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(level, "BATCH", 2)
    place, work = tmp_path / "level.onnx", tmp_path / "work"
    command = ["--data", str(folder), "--minutes", "0.02", "--work", str(work), "--out", str(place)]
    level.main(command)
    first = capsys.readouterr().out
    assert "21 photos to train on, 3 to watch it by" in first
    assert json.loads(first.splitlines()[-1])["off by"] >= 0
    level.main(command)
    assert "step" not in capsys.readouterr().out, "the minutes are used up"
    session = onnxruntime.InferenceSession(place)
    for shape in tilt.SHAPES:
        (shares,) = session.run(["angles"], {"image": np.zeros((2, *shape, 3), np.float32)})
        assert shares.shape == (2, len(tilt.SEEN))
        assert shares.sum(1) == pytest.approx(1, abs=1e-3)
