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

from models import heldback, weights
from training import augment, export, network, portrait, subject
from training.loop import Plan, Trainer

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
        told = np.full_like(matte, 128) if number == 5 else matte
        Image.fromarray(told).save(folder / "photo-mattes" / f"{number:02}.png")
    return folder


def test_every_tenth_photo_is_held_back(faces):
    learn, held_back = heldback.split((faces / "images").iterdir())
    assert [file.stem for file in held_back] == ["00", "10"]
    assert len(learn) == 9


def test_labels_are_merged(faces):
    learn, held_back = portrait.read(faces)
    assert (len(learn), len(held_back)) == (9, 2)
    labels = learn[0][1]
    assert portrait.CLASSES[labels[115, 210]] == "eyes"
    assert portrait.CLASSES[labels[70, 180]] == "hair"
    assert labels[155, 187] == portrait.UNKNOWN


def test_an_unsure_matte_teaches_nothing(things):
    learn, held_back = subject.read(things)
    assert (len(learn), len(held_back)) == (9, 2)


def test_the_truth_moves_with_the_photo(things):
    sample = subject.sampler(subject.read(things)[0])
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
    _, truth = subject.sampler(subject.read(things)[0])(np.random.default_rng(2), 64)
    matte = tf.constant(truth[None, ..., :1], tf.float32) / 255
    good, poor, wrong = (float(subject.loss(truth[None], (matte - 0.5) * gain)) for gain in (20, 1, -20))
    assert good < poor < wrong


def test_measuring_gives_one_to_a_perfect_answer(faces):
    _, held_back = portrait.read(faces)

    def perfect(images, training):
        labels = cv2.resize(held_back[0][1], images.shape[1:3], interpolation=cv2.INTER_NEAREST)
        return tf.one_hot(labels, len(portrait.CLASSES))[None] * 50

    results = portrait.measure(perfect, held_back)
    assert results["hair"][0] > 0.95
    assert results["face"][0] > 0.95
    assert results["hat"] == (0, 0)
