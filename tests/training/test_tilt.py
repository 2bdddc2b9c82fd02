"""Training on tilted photos: what is learnt tells by how much a photo hangs askew."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from skimage import data

from models.restore import tilt as evidence
from training import tilt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eleven photos of each kind, of a tower."""
    place = tmp_path_factory.mktemp("askew")
    for name in tilt.SHARES:
        (place / name).mkdir(parents=True)
        for number in range(11):
            Image.fromarray(data.camera()[:400, 8 * number :][:, :400]).save(place / name / f"{number:02}.jpg")
    return place


def test_a_view_that_is_turned_shows_it():
    camera = np.dstack([data.camera()] * 3)
    seen = [evidence.evidence(tilt.view(np.random.default_rng(0), camera, angle)) for angle in (-10, 0, 10)]
    assert seen[0].shape == (len(evidence.ANGLES), evidence.CHANNELS)
    plumb = [evidence.ANGLES[each[:, :6].sum(1).argmax()] for each in seen]
    assert plumb[2] - plumb[1] == pytest.approx(10, abs=2)
    assert plumb[0] - plumb[1] == pytest.approx(-10, abs=2)


def test_a_run_goes_on_where_it_was_and_ends_in_a_network_that_gives_angles(folder, tmp_path, capsys, monkeypatch):
    place = tmp_path / "tilt.onnx"
    command = ["--data", str(folder), "--views", "2", "--work", str(tmp_path / "work"), "--out", str(place)]
    tilt.main(command)
    first = capsys.readouterr().out
    assert "looked at 34 views" in first
    before, after = map(float, re.search(r"loss from ([\d.]+) to ([\d.]+)", first).groups())
    assert after < before / 2
    assert json.loads(first.splitlines()[-1])["off by"] >= 0
    seen, angles = tilt.look([None] * 20, 2, tmp_path / "work")
    assert len(seen) == len(angles) == 34, "nothing is looked at again"
    monkeypatch.setattr("models.weights.path", lambda name: place)
    seen = evidence.evidence(np.dstack([data.camera()] * 3))[None]
    shares = evidence.shares(evidence.LINES, np.stack([seen, seen[:, ::-1]]))
    assert shares.shape == evidence.ANGLES.shape
    assert shares.sum() == pytest.approx(1, abs=1e-3)
