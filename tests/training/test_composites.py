"""What is laid over heads, to learn from and to measure by: what is hidden is no longer there, all else stays."""

import cv2
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from PIL import Image
from skimage import data

from bench import composites as measured
from models import weights
from training import composites, heldback, parts, portrait
from training.parts import CLASSES, OTHER, shows

pytestmark = pytest.mark.slow

KINDS = ("hood", "hat", "cap", "scarf", "hand", "thing")


def drawn(hat: bool = False) -> np.ndarray:
    """Labels of CelebAMask-HQ's kind for the astronaut's head drawn to 512 pixels, coarsely, uint8 512x512."""
    labels = np.zeros((512, 512), np.uint8)
    labels[400:, 60:460] = 18
    cv2.ellipse(labels, (250, 240), (150, 220), 0, 0, 360, 13, -1)
    cv2.ellipse(labels, (250, 270), (100, 140), 0, 0, 360, 1, -1)
    for x in (205, 295):
        cv2.ellipse(labels, (x, 240), (20, 9), 0, 0, 360, 4, -1)
        cv2.ellipse(labels, (x, 215), (26, 6), 0, 0, 360, 6, -1)
    cv2.ellipse(labels, (250, 345), (40, 16), 0, 0, 360, 12, -1)
    if hat:
        labels[:170, 100:400] = 14
    return labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twenty-one portraits, every other with a hat, and as many photos with a disc that stands out."""
    folder = tmp_path_factory.mktemp("everything")
    for name in ("portraits/images", "portraits/masks", "photos", "photo-mattes"):
        (folder / name).mkdir(parents=True)
    face = cv2.resize(data.astronaut()[:270, 90:360], (512, 512), interpolation=cv2.INTER_CUBIC)
    matte = cv2.circle(np.zeros((90, 120), np.uint8), (60, 45), 25, 255, -1)
    for number in range(21):
        Image.fromarray(face).save(folder / f"portraits/images/{number:02}.jpg", quality=95)
        Image.fromarray(drawn(number % 2 == 1)).save(folder / f"portraits/masks/{number:02}.png")
        photo = np.random.default_rng(number).integers(0, 255, (90, 120, 3)).astype(np.uint8)
        Image.fromarray(photo).save(folder / f"photos/{number:02}.JPEG")
        Image.fromarray(matte).save(folder / f"photo-mattes/{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def stuff(folder) -> composites.Stuff:
    learn, _ = portrait.read(folder / "portraits")
    return composites.read(folder, learn)


def test_covers_are_made_of_what_may_be_learnt_from(stuff):
    assert (len(stuff.portraits), len(stuff.photos), len(stuff.things)) == (16, 16, 16)
    assert 0 < len(stuff.hats) < 16


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_over_a_head_is_no_head_and_what_is_left_of_it_is_seen_as_before(stuff, kind):
    covered = 0
    for number in range(12):
        image, labels = stuff.portraits[1]
        head = composites.Head(image, labels)
        getattr(composites, kind)(np.random.default_rng(number), head, stuff)
        new = head.labels != labels
        assert np.isin(head.labels[new], [OTHER, composites.HAT, composites.BACKGROUND]).all()
        # Shadows fall on what is left, but nothing lights it up, save at the soft edge of what covers the rest.
        left = cv2.erode((~new & (labels != 0)).astype(np.uint8), np.ones((25, 25))) > 0
        if kind != "thing":  # its matte has a wide edge
            assert (head.image[left] <= image[left].astype(int) + 2).all()
        covered += new.any()
    assert covered >= 8


def test_a_portrait_without_a_face_stays_as_it_is(stuff):
    nobody = stuff.portraits[1][0], np.zeros((512, 512), np.uint8)
    image, labels = composites.cover(np.random.default_rng(0), nobody, stuff)
    assert image is nobody[0] and labels is nobody[1]


def test_covered_heads_and_bare_ones_are_learnt_from(stuff):
    sample = portrait.sampler(stuff.portraits, stuff)
    hidden = [(sample(np.random.default_rng(number), 64)[1] == OTHER).mean() > 0.05 for number in range(60)]
    assert 10 < sum(hidden) < 50


def test_where_there_is_no_head_hair_is_wrong_and_whatever_else_is_right():
    labels = np.full((1, 8, 8), OTHER, np.uint8)

    def loss(name: str) -> float:
        return float(portrait.loss(labels, tf.one_hot(np.full((1, 8, 8), CLASSES.index(name)), len(CLASSES)) * 20.0))

    right = [loss(name) for name in ("background", "hat", "neck", "clothes")]
    assert max(right) - min(right) < 1e-3
    assert min(loss(name) for name in ("hair", "skin", "ears", "mouth")) > max(right) + 5


def test_what_is_measured_by_is_made_the_same_again_of_what_was_asked_for(folder):
    files = heldback.held_back((folder / "portraits/images").iterdir())

    def made() -> dict[str, list[parts.Pair]]:
        return measured.make(measured.read(folder / "portraits", files, heldback.held_back), 9)

    first, again = made(), made()
    assert {kind: len(pairs) for kind, pairs in first.items()} == {"hood": 3, "hat": 3, "hand": 3}
    ((_, bare),) = parts.read(folder / "portraits", files[:1])
    for kind, pairs in first.items():
        for (image, labels), (other, same) in zip(pairs, again[kind], strict=True):
            assert (image == other).all() and (labels == same).all()
            assert (labels == OTHER).mean() > 0.01, kind
            assert shows(labels, "hair").sum() <= shows(bare, "hair").sum()


def test_a_run_goes_on_from_the_network_that_is_there(folder, tmp_path):
    place = tmp_path / "portrait.onnx"
    command = ["--data", str(folder), "--minutes", "1e-6", "--work", str(tmp_path / "work"), "--out", str(place)]
    portrait.main(command)
    face = cv2.resize(data.astronaut()[:270, 90:360], (128, 128), interpolation=cv2.INTER_AREA)[None].astype(np.float32)
    old, new = (
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(["parts"], {"image": face})[0]
        for path in (weights.path("portrait"), place)
    )
    assert new.shape == (1, 128, 128, len(CLASSES))
    assert (new.argmax(-1) == old.argmax(-1)).mean() > 0.95, "one step forgets nothing"
