"""Whoever is in a photo stays who they are, however clear a face is made; and what was made up is told."""

import re

import cv2
import numpy as np
import pytest
from skimage import data

from models import faces
from models.engine import quiet
from models.faces import find
from models.faces.align import View
from models.restore import faces as step
from models.restore import likeness
from models.restore.base import FaceEngine
from models.restore.clean import Clean, CleanEngine
from models.restore.faces import Faces

pytestmark = pytest.mark.usefixtures("no_model_stays")

SIZE = 256


class Painter(FaceEngine):
    """Mixes a picture of a face into each face."""

    name, label, size = "painter", "Painter", SIZE

    def __init__(self, face: np.ndarray, share: float) -> None:
        self.face, self.share = face, share

    def seconds(self, pixels, values) -> float:
        return 1

    def restore(self, face, report) -> np.ndarray:
        return cv2.addWeighted(self.face, self.share, face, 1 - self.share, 0)


@pytest.fixture(scope="module")
def engine() -> faces.Engine:
    engine = faces.auto()
    engine.fetch(quiet)
    return engine


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()[:300]


@pytest.fixture(scope="module")
def found(astronaut) -> find.Found:
    return find.find(astronaut)[0]


@pytest.fixture(scope="module")
def own(astronaut, found) -> np.ndarray:
    """The astronaut's face as engines see it."""
    return View.of(found.landmarks, 1.0).cut(astronaut, SIZE)


@pytest.fixture(scope="module")
def stranger() -> np.ndarray:
    """Somebody else's face: small, so of its features alone."""
    face = np.rint(255 * data.lfw_subset()[0]).astype(np.uint8)
    return cv2.cvtColor(cv2.resize(face, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC), cv2.COLOR_GRAY2RGB)


def painted(face: np.ndarray, share: float, image: np.ndarray, **values: float):
    steps = Faces()
    steps.engines = {"painter": Painter(face, share)}
    return steps.apply(image, steps.checked(values))


def softened(image: np.ndarray) -> np.ndarray:
    small = cv2.GaussianBlur(cv2.resize(image, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA), (0, 0), 1)
    return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)


def test_a_blurred_face_that_is_made_what_it_was_is_held_to_be_alike(engine, astronaut, found, own):
    old = softened(astronaut)
    result = painted(own, 1, old)
    (told,) = re.findall(r"^Restored one face, kept (\d+) % alike$", result.said)
    assert int(told) == int(result.likeness) >= likeness.HELD
    was, now, truth = (engine.embed(image, [found])[0] for image in (old, result.pixels, astronaut))
    assert np.linalg.norm(now - truth) < np.linalg.norm(was - truth) / 2


def test_whoever_would_become_somebody_else_is_restored_less_or_left(engine, astronaut, found, stranger):
    old = softened(astronaut)
    changed = [painted(stranger, share, old) for share in (0.5, 1)]
    for result in changed:
        assert result.said.startswith("Restored one face, kept 9") and result.said.endswith(" by a lower strength")
        assert result.likeness >= likeness.HELD
        was, now = (engine.embed(image, [found])[0] for image in (old, result.pixels))
        assert np.linalg.norm(now - was) < engine.alike / 2
    amounts = [np.abs(result.pixels.astype(int) - old).mean() for result in changed]
    assert 0.5 < amounts[0] / amounts[1] < 2, "it is lowered as far as needed, and no further"


def test_a_face_that_nothing_holds_is_left_as_it_was(monkeypatch, engine, astronaut, stranger):
    monkeypatch.setattr(likeness.Sitter, "kept", lambda sitter, after: 50.0)
    result = painted(stranger, 1, astronaut)
    assert result.said == "Left the face as it was, for it would have become somebody else"
    assert not result.changed and (result.pixels == astronaut).all() and not result.invented.any()


def test_where_nothing_compares_faces_that_is_told(monkeypatch, astronaut, own):
    monkeypatch.setattr(likeness, "engine", lambda: None)
    result = painted(own, 0.5, softened(astronaut))
    assert result.said == "Restored one face; whether it is alike was not measured"
    assert result.changed and result.likeness is None


def test_only_detail_that_a_face_did_not_have_is_made_up(engine, astronaut, found, own):
    sharp = np.clip(2.0 * own - cv2.GaussianBlur(own, (0, 0), 2), 0, 255).astype(np.uint8)
    noisy = np.clip(astronaut + np.random.default_rng(0).normal(0, 10, astronaut.shape), 0, 255).astype(np.uint8)
    assert painted(sharp, 1, astronaut).invented.mean() < 0.1, "sharpening raises what is there"
    clean = View.of(find.find(noisy)[0].landmarks, 1.0).cut(astronaut, SIZE)
    assert painted(clean, 1, noisy).invented.mean() < 2, "cleaning takes away what was not"
    drawn = own.copy()
    for y in range(100, 120, 3):
        cv2.line(drawn, (70, y), (120, y + 4), (40, 20, 10), 1, cv2.LINE_AA)
    made_up = painted(drawn, 1, softened(astronaut)).invented
    seen = View.of(found.landmarks, 1.0).cut(cv2.merge([made_up] * 3), SIZE)[..., 0]
    brow, cheek = seen[100:120, 75:115], seen[142:158, 80:96]
    assert brow.mean() > 200 and cheek.mean() < 40
    assert not made_up[:, :60].any(), "beside the face nothing was touched"


class Smoother(CleanEngine):
    """Smooths, by so much."""

    name, label = "smoother", "Smoother"

    def __init__(self, sigma: float) -> None:
        self.sigma = sigma

    def seconds(self, pixels, values) -> float:
        return 1

    def clean(self, image, report) -> np.ndarray:
        return cv2.GaussianBlur(image, (0, 0), self.sigma)


def test_of_a_face_that_cleaning_hardly_changes_half_is_left_as_it_was(engine, astronaut, found):
    cleaning = Clean()
    for sigma, share in ((0.6, 0.5), (6.0, 1.0)):
        cleaning.engines = {"smoother": Smoother(sigma)}
        result = cleaning.apply(astronaut, cleaning.checked({})).pixels
        whole = cv2.GaussianBlur(astronaut, (0, 0), sigma)
        x, y = found.landmarks[2].astype(int)
        nose = np.s_[y - 15 : y + 15, x - 15 : x + 15]
        expected = astronaut + share * (whole.astype(float) - astronaut)
        assert np.abs(result[nose] - expected[nose]).max() <= 1.01
        assert (result[:, :30] == whole[:, :30]).all(), "beside the face all of it is cleaned"


def test_the_faces_of_a_group_are_judged_one_by_one():
    assert step._said(3, [97.4, 94.6], 1, 1) == (
        "Restored 2 faces, kept 94 % alike or more, 1 by a lower strength; left 1 as it was, for it would have become "
        "somebody else"
    )
