"""The training scripts: photos are augmented with their truth, runs go on where they were, what they write works."""

import cv2
import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import torch
from PIL import Image
from skimage import data

from models import weights
from models.select import clicks
from training import (
    augment,
    context_encoder,
    export,
    heldback,
    holes,
    mattes,
    network,
    photos,
    portrait,
    select,
    subject,
    teacher,
)
from training.loop import Trainer
from training.plan import Plan

pytestmark = pytest.mark.slow

TINY = Plan(minutes=1e-6, sizes=((0.0, 64, 2),))
"""One step."""


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Eleven pairs of CelebAMask-HQ's kind: an astronaut whose left eye, hair and earring are marked, coarsely."""
    folder = tmp_path_factory.mktemp("faces")
    labels = np.zeros((512, 512), np.uint8)
    labels[60:180, 170:290] = 13
    labels[90:180, 190:260] = 1
    labels[110:120, 205:220] = 4
    labels[150:160, 185:190] = 15
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    mask = Image.fromarray(labels).convert("P")
    mask.putpalette(np.random.default_rng(0).integers(0, 256, 768).astype(np.uint8).tobytes())
    for number in range(11):
        Image.fromarray(data.astronaut()).save(folder / "images" / f"{number:02}.jpg")
        mask.save(folder / "masks" / f"{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    """Eleven photos with a disc that stands out of noise, and an unsure one."""
    folder = tmp_path_factory.mktemp("things")
    (folder / "photos").mkdir()
    (folder / "photo-mattes").mkdir()
    matte = np.zeros((90, 120), np.uint8)
    cv2.circle(matte, (50, 40), 20, 255, -1)
    for number in range(12):
        photo = np.random.default_rng(number).integers(0, 60, (90, 120, 3)).astype(np.uint8)
        photo[matte > 0] = (250, 200, 90)
        Image.fromarray(photo).save(folder / "photos" / f"{number:02}.JPEG", quality=95)
        told = np.full_like(matte, 128) if number == 6 else matte
        Image.fromarray(told).save(folder / "photo-mattes" / f"{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def everything(faces, things, tmp_path_factory):
    """Portraits, things, and eleven photos in which two people drew a square, one of them its left half apart."""
    folder = tmp_path_factory.mktemp("everything")
    (folder / "portraits").symlink_to(faces)
    (folder / "photos").symlink_to(things / "photos")
    (folder / "photo-mattes").symlink_to(things / "photo-mattes")
    (folder / "regions/images").mkdir(parents=True)
    (folder / "regions/labels").mkdir()
    square = np.zeros((96, 128), np.uint8)
    square[30:70, 40:90] = 1
    halves = square.copy()
    halves[30:70, 40:60] = 2
    for number in range(11):
        Image.fromarray(data.astronaut()[:96, :128]).save(folder / f"regions/images/{number:02}.jpg")
        for person, labels in enumerate((square, halves)):
            Image.fromarray(labels).save(folder / f"regions/labels/{number:02}_{person}.png")
    return folder


def test_what_is_learnt_from_and_what_is_chosen_by_leaves_every_tenth_photo_alone(faces):
    learn, third = heldback.split((faces / "images").iterdir())
    held_back = heldback.held_back((faces / "images").iterdir())
    assert [file.stem for file in held_back] == ["00", "10"]
    assert [file.stem for file in third] == ["05"]
    assert len(learn) == 8
    assert not {*learn} & {*third, *held_back}


def test_labels_are_merged(faces):
    learn, third = portrait.read(faces)
    assert (len(learn), len(third)) == (8, 1)
    labels = learn[0][1]
    assert portrait.CLASSES[labels[115, 210]] == "eyes"
    assert portrait.CLASSES[labels[70, 180]] == "hair"
    assert labels[155, 187] == portrait.UNKNOWN


def test_an_unsure_matte_teaches_nothing(things):
    learn, third = subject.read(things)
    assert (len(learn), len(third)) == (8, 1)


def test_a_subject_is_learnt_from_what_the_teacher_saw_and_from_portraits_too(
    everything, tmp_path, capsys, monkeypatch
):
    matte = np.zeros((96, 128), np.uint8)
    matte[30:70, 40:90] = 255
    looks = teacher.looks(everything)
    assert len(looks) == 8 + 8 + 9 and looks[-1].is_part
    assert (looks[-1].image() == looks[-1].image()).all(), "a part is the same one whenever it is looked at"
    for look in looks[:10]:
        kept = look.matte(tmp_path / "mattes", everything)
        kept.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(kept), matte)
    seen = subject.taught(everything, tmp_path / "mattes")
    assert len(seen) == 10, "what the teacher has not seen by now is left out"
    assert all(photo.image.shape[:2] == photo.matte.shape for photo in seen)
    people = subject.portraits(everything)
    assert len(people) == 8 and 0.02 < people[0].cover < 0.1

    monkeypatch.setattr(subject, "SIZES", ((0.0, 64, 2),))
    place = tmp_path / "subject.onnx"
    command = ["--data", str(everything), "--teacher", str(tmp_path / "mattes"), "--minutes", "0.02"]
    subject.main([*command, "--work", str(tmp_path / "work"), "--out", str(place)])
    assert "9 photos, 10 that the teacher saw and 8 portraits to train on, 1 to choose by" in capsys.readouterr().out
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    before = onnxruntime.InferenceSession(weights.path("subject"), providers=["CPUExecutionProvider"])
    cat = cv2.resize(data.chelsea()[:, 75:375], (320, 320), interpolation=cv2.INTER_AREA)[None].astype(np.float32)
    one, other = (each.run(["subject"], {"image": cat})[0] for each in (session, before))
    assert abs(one - other).mean() < 0.1, "it goes on from what the network before knew"


def test_the_truth_moves_with_the_photo(things):
    sample = subject.sampler(subject.read(things)[0], [])
    for number in range(40):
        image, truth = sample(np.random.default_rng(number), 64)
        assert image.shape == (64, 64, 3)
        inside, outside = ((truth[..., 0] == value) & (truth[..., 1] == 255) for value in (255, 0))
        if inside.sum() > 100:
            assert abs(image[inside].mean(0) - image[outside].mean(0)).max() > 8


def test_a_photo_may_be_turned_but_keeps_its_middle_in_view():
    for number in range(50):
        random = np.random.default_rng(number)
        matrix = augment.geometry(random, (300, 200), 64, zoom=(0.4, 1.8), shift=0.3)
        assert ((matrix @ (149.5, 99.5, 1) > -5) & (matrix @ (149.5, 99.5, 1) < 69)).all()


def test_the_encoder_starts_from_imagenet():
    path = weights.path("efficientnet-lite0")
    model = network.build(2)
    network.load_encoder(model, path)
    encoder = keras.Model(model.inputs, next(layer.output for layer in reversed(model.layers) if has_320(layer)))
    cat = cv2.resize(data.chelsea()[:, 75:375], (224, 224), interpolation=cv2.INTER_AREA)
    features = encoder(cat[None].astype(np.float32), training=False).numpy()
    state = torch.load(path, map_location="cpu", weights_only=True)
    head, gamma, beta, mean, variance, *classifier = [
        value.numpy() for name, value in state.items() if name.startswith(("_conv_head", "_bn1", "_fc")) and value.ndim
    ]
    features = (features @ head[:, :, 0, 0].T - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    logits = np.clip(features, 0, 6).mean((1, 2)) @ classifier[0].T + classifier[1]
    assert logits.argmax() in range(281, 286), "one of ImageNet's domestic cats"


def has_320(layer: keras.Layer) -> bool:
    return isinstance(layer, network.FusedNormalization) and layer.output.shape[-1] == 320


def test_a_run_goes_on_where_it_was_and_its_export_answers_like_it(faces, tmp_path):
    learn, _ = portrait.read(faces)
    told = []

    def trainer() -> Trainer:
        return Trainer(lambda: network.build(len(portrait.CLASSES)), portrait.loss, TINY, tmp_path / "work")

    first = trainer()
    assert not first.resumed
    first.run(portrait.sampler(learn), told.append, lambda: None)
    assert told[0].startswith("step 1,")
    second = trainer()
    assert second.resumed
    assert second.progress == first.progress >= 1
    for old, new in zip(first.average.get_weights(), second.average.get_weights(), strict=True):
        assert (old == new).all()

    place = tmp_path / "out/portrait.onnx"
    export.write(second.average, keras.ops.softmax, "parts", place, {"classes": ",".join(portrait.CLASSES)})
    assert place.stat().st_size < 9e6, "half precision"
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["classes"].split(",") == list(portrait.CLASSES)
    for count, height, width in ((1, 64, 64), (2, 96, 160)):
        image = cv2.resize(data.astronaut(), (width, height))[None].repeat(count, 0).astype(np.float32)
        (answer,) = session.run(["parts"], {"image": image})
        expected = keras.ops.softmax(second.average(image, training=False)).numpy()
        assert answer.shape == (count, height, width, len(portrait.CLASSES))
        assert abs(answer - expected).max() < 1e-2


def test_the_subjects_loss_falls_as_the_answer_gets_better(things):
    _, truth = subject.sampler(subject.read(things)[0], [])(np.random.default_rng(2), 64)
    matte = tf.constant(truth[None, ..., :1], tf.float32) / 255
    good, poor, wrong = (float(subject.loss(truth[None], (matte - 0.5) * gain)) for gain in (20, 1, -20))
    assert good < poor < wrong


def test_measuring_gives_one_to_a_perfect_answer(faces):
    _, third = portrait.read(faces)

    def perfect(images, training):
        labels = cv2.resize(third[0][1], images.shape[1:3], interpolation=cv2.INTER_NEAREST)
        return tf.one_hot(labels, len(portrait.CLASSES))[None] * 50

    results = portrait.measure(perfect, third)
    assert results["hair"][0] > 0.95
    assert results["face"][0] > 0.95
    assert results["hat"] == (0, 0)


def test_a_first_click_lies_in_what_is_meant(everything):
    learn, third = select.read(everything)
    assert (len(learn.things), len(learn.regions), len(learn.portraits)) == (8, 8, 8)
    assert (len(third.things), len(third.regions), len(third.portraits)) == (1, 1, 1)
    sample = select.sampler(learn)
    clicked = 0
    for number in range(60):
        image, truth = sample(np.random.default_rng(number), 64)
        assert image.shape == (64, 64, 3 + clicks.CHANNELS)
        assert truth.shape == (64, 64, 2 * len(select.OUTPUTS))
        hints = image[..., 3:]
        assert not hints[..., 2].any(), "nothing is taken away at first"
        if hints[..., 0].any():
            y, x = np.unravel_index(hints[..., 1].argmax(), (64, 64))
            assert truth[y, x, 0] > 127
            assert truth[y, x, 3] > 0
            clicked += 1
        else:
            assert hints[..., clicks.MASK].any(), "a box"
    assert clicked > 40


def test_a_click_may_mean_the_smallest_and_the_largest_region_about_it(everything):
    learn, _ = select.read(everything)
    sizes = set()
    for number in range(40):
        _, truth, (x, y) = select.look(np.random.default_rng(number), learn.regions[0], 64)
        likely, part, whole = (truth[..., each] > 127 for each in range(3))
        assert likely[y, x] and part[y, x] and whole[y, x]
        assert part.sum() <= likely.sum() <= whole.sum()
        sizes.add(part.sum() < likely.sum() or likely.sum() < whole.sum())
    assert sizes == {True, False}


def test_the_next_click_goes_to_the_middle_of_the_largest_error():
    truth = np.zeros((40, 60), bool)
    truth[10:31, 20:41] = True
    assert clicks.next_click(np.zeros_like(truth), truth) == (30, 20, True)
    assert clicks.next_click(np.ones_like(truth), truth)[2] is False
    assert clicks.next_click(truth, truth) is None
    hidden = np.ones_like(truth)
    hidden[:, 25:] = False
    x, _, adds = clicks.next_click(np.zeros_like(truth), truth, hidden)
    assert (20 <= x < 25) and adds


def test_the_network_is_shown_its_own_errors(everything):
    learn, _ = select.read(everything)
    sample = select.sampler(learn)
    pairs = [sample(np.random.default_rng(number), 64) for number in range(24)]
    truths = np.stack([truth for _, truth in pairs])[..., :3].astype(np.float32)
    assert select.reaction(0)(pairs, (truths - 127.5) / 10) == [], "nothing to correct"
    nothing = np.full_like(truths, -5)
    kept = select.reaction(0)(pairs, nothing)
    assert 5 < len(kept) < 24
    for image, truth in kept:
        assert image[..., 3].any(), "a click that adds"
        assert (image[..., 3 + clicks.MASK] == round(255 / (1 + np.exp(5)))).all(), "the answer so far"
        assert not truth[..., 4:].any(), "what else a first click may mean is no longer asked"


def test_selecting_starts_from_what_the_subject_network_knows():
    path = weights.path("subject")
    model = network.build(3, clicks.CHANNELS, folded=True)
    network.load_folded(model, path)
    cat = cv2.resize(data.chelsea(), (96, 64)).astype(np.float32)[None]
    hints = np.zeros((1, 64, 96, clicks.CHANNELS), np.float32)
    answers = select.activation(model(np.concatenate([cat, hints], -1))).numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (expected,) = session.run(["subject"], {"image": cat})
    for answer in answers[0].transpose(2, 0, 1):
        assert abs(answer - expected[0]).max() < 1e-4


def test_a_run_with_clicks_ends_in_a_network_that_answers_like_it(everything, tmp_path):
    place = tmp_path / "select.onnx"
    command = ["--data", str(everything), "--minutes", "1e-6", "--work", str(tmp_path / "work"), "--out", str(place)]
    select.main(command)
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    shown = np.random.default_rng(0).integers(0, 255, (1, 64, 64, 8)).astype(np.float32)
    (masks,) = session.run(["masks"], {"image": shown})
    assert masks.shape == (1, 64, 64, len(select.OUTPUTS))
    assert 0 <= masks.min() < masks.max() <= 1


def test_a_context_encoder_learns_to_fill_what_it_cannot_see(everything, tmp_path):
    learn, third = photos.read(everything, context_encoder.FOLDERS, 60)
    outlines = mattes.outlines(everything, heldback.split((everything / "photos").iterdir())[0])
    assert (len(learn), len(third), len(outlines)) == (9 + 8 + 8, 1, 8)
    sample = context_encoder.sampler(learn, outlines)
    for number in range(30):
        image, truth = sample(np.random.default_rng(number), 64)
        hole = truth[..., 3] > 0
        assert 0 < hole.mean() < 0.5
        assert (image[..., 3] == truth[..., 3]).all()
        assert (image[~hole] == truth[~hole]).all(), "beside the hole it is shown the photo"
        assert not (image[hole, :3] == truth[hole, :3]).all(), "in it, it is not"

    trainer = context_encoder.AdversarialTrainer(TINY, tmp_path / "work")
    trainer.run(sample, lambda line: None, lambda: None)
    assert context_encoder.AdversarialTrainer(TINY, tmp_path / "work").resumed
    place = tmp_path / "context-encoder.onnx"
    export.write(trainer.average, context_encoder.activation, "filled", place, {})
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    for height, width in ((64, 64), (96, 160)):
        shown = np.random.default_rng(0).integers(0, 256, (1, height, width, 4)).astype(np.float32)
        shown[..., 3] = 255 * (shown[..., 3] > 128)
        (answer,) = session.run(["filled"], {"image": shown})
        expected = context_encoder.activation(trainer.average(shown, training=False)).numpy()
        assert abs(answer - expected).max() < 1
        assert abs(answer - shown[..., :3])[shown[..., 3] == 0].max() < 1e-3, "what is known stays"


@pytest.mark.parametrize("kind", holes.KINDS)
def test_holes_are_drawn_into_frames_of_any_shape(kind):
    disc = cv2.circle(np.zeros((100, 100), np.uint8), (50, 50), 30, 255, -1)
    for number in range(30):
        hole = holes.draw(np.random.default_rng(number), (60, 90), kind, [disc])
        assert hole.shape == (60, 90)
        assert set(np.unique(hole)) == {0, 1}
