"""Ageing photos, and the networks that learn to undo it."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import skimage.io
import torch
from skimage import data

from models import weights
from models.restore import judge, signs
from training import ageing, clean_worth, fading, judges, meant, restore, scratch_worth, worth
from training.plan import Plan
from training.torch_loop import TorchTrainer
from training.wear import Wear

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ageing.ALL)
@pytest.mark.parametrize("shape", [(120, 160), (33, 64)])
def test_a_photo_ages_and_its_marks_are_where_it_changed(kind, shape):
    photo = np.ascontiguousarray(data.coffee()[: shape[0], : shape[1]])
    before = photo.copy()
    for seed in range(8):
        old, marks = ageing.aged(np.random.default_rng(seed), photo, kind)
        again, _ = ageing.aged(np.random.default_rng(seed), photo, kind)
        assert (photo == before).all()
        assert (old == again).all()
        assert old.shape == photo.shape and old.dtype == np.uint8
        assert marks.shape == shape and marks.max() <= 1
        assert (old != photo).any()
        if kind == "scratches":
            changed = np.abs(old.astype(int) - photo).max(2)
            assert (changed[marks > 0] >= ageing.VISIBLE).all()
        elif kind not in ageing.MARKED:
            assert not marks.any()


def test_marks_as_a_scan_shows_them_are_soft_and_where_it_changed():
    photo = np.full((200, 300, 3), 110, np.uint8)

    def steepest(soft: float) -> float:
        """Give how steep the steepest edge of a photo is on average."""
        inside, outside, edges = [], [], []
        for seed in range(12):
            old, marks = ageing.marks(np.random.default_rng(seed), photo, soft)
            changed = np.abs(old.astype(int) - photo).max(2)
            inside.append(changed[marks > 0])
            outside.append(changed[marks == 0])
            edges.append(np.abs(np.diff(old.astype(int), axis=1)).max())
        assert np.mean(np.concatenate(inside) >= ageing.VISIBLE) > 0.85
        assert np.mean(np.concatenate(outside) >= ageing.VISIBLE) < 0.01
        return float(np.mean(edges))

    assert steepest(1.0) < 0.8 * steepest(0.0)


@pytest.mark.parametrize("name", restore.TASKS)
def test_a_run_ends_in_a_network_that_answers_like_it(name, tmp_path):
    task = restore.TASKS[name]
    size = 64
    sample = task.sampler([data.astronaut(), data.coffee()])
    for number in range(10):
        image, truth = sample(np.random.default_rng(number), size)
        assert image.shape == (size, size, 3)
        assert truth.shape[:2] == (size, size)
        assert image.dtype == truth.dtype == np.uint8

    plan = Plan(minutes=1e-6, sizes=((0.0, size, 2),))
    trainer = TorchTrainer(task.build(), task.loss, plan, tmp_path)
    trainer.run(sample, lambda line: None, lambda: None)
    assert TorchTrainer(task.build(), task.loss, plan, tmp_path).progress >= 1, "it goes on where it was"
    place = tmp_path / task.file
    restore.write(trainer.average, task, place)
    session = onnxruntime.InferenceSession(place, providers=["CPUExecutionProvider"])
    for height, width in ((64, 64), (96, 160)):
        shown = np.random.default_rng(0).integers(0, 256, (1, height, width, 3)).astype(np.float32)
        (answer,) = session.run([task.output], {"image": shown})
        expected = restore.Exported(trainer.average, task.activation)(restore.torch.from_numpy(shown)).detach().numpy()
        assert abs(answer - expected).max() < 0.01 * max(1, abs(expected).max())


def test_a_network_can_start_as_another(tmp_path):
    task = restore.TASKS["faces"]
    plan = Plan(minutes=1e-6, sizes=((0.0, 64, 2),))
    first = TorchTrainer(task.build(), task.loss, plan, tmp_path)
    first.run(task.sampler([data.astronaut()]), lambda line: None, lambda: None)
    second = TorchTrainer(task.build(), task.loss, plan, tmp_path / "other", tmp_path)
    shown = restore.torch.rand(1, 3, 64, 64) * 255
    assert (second.model(shown) == first.average(shown)).all()
    second.run(task.sampler([data.astronaut()]), lambda line: None, lambda: None)
    trained = second.average(shown)
    second.mix(tmp_path, keep=0.5)
    assert not (second.average(shown) == trained).all()
    second.mix(tmp_path, keep=1.0)
    assert (second.average(shown) == first.average(shown)).all()


def test_what_only_looks_faded_is_meant_and_of_the_same_size():
    photo = np.ascontiguousarray(data.coffee()[:60, :80])
    before = photo.copy()
    for seed in range(40):
        look = meant.meant(np.random.default_rng(seed), photo)
        assert (photo == before).all()
        assert look.shape == photo.shape and look.dtype == np.uint8
        assert (look != photo).any()


def test_the_last_layers_learn_to_gain_and_the_first_stay(tmp_path):
    task = restore.TASKS["colour"]
    torch.manual_seed(0)
    restore.write(task.build().eval(), task, tmp_path / "colour.onnx")
    network = fading.read(tmp_path / "colour.onnx")
    wear = Wear(np.random.default_rng(0), 4, 4, 4)
    views = fading.draw(network, [data.astronaut(), data.coffee()], wear, 400, seed=0)
    shown = fading.small([data.chelsea()]), fading.measured([data.chelsea()])
    seen = network.seen(*shown)

    fading.train(network, views, 100)
    assert torch.equal(network.seen(*shown), seen)
    with torch.no_grad():
        assert float(fading.gained(views.faded, views.truth, network.last(views.seen)).mean()) > 0.5

    fading.write(network, tmp_path / "fading.onnx")
    again = fading.read(tmp_path / "fading.onnx")
    assert all(map(torch.equal, again.features.parameters(), network.features.parameters()))
    with torch.no_grad():
        assert abs(again(*shown) - network(*shown)).max() < 0.02


def test_a_network_learns_whether_undoing_fading_helps_and_is_written_with_the_other(tmp_path):
    photos = [np.ascontiguousarray(part[:288, :288]) for part in (data.astronaut(), data.coffee())]
    network = worth.WorthNet(fading.read(weights.TRAINED / "colour.onnx")).eval()
    views = worth.draw(network, photos, Wear(np.random.default_rng(0), 4, 4, 4), 240, seed=0)
    worth.train(network, views, 120)
    with torch.no_grad():
        told = network.judge(views.told)
    helps = (told[:, 0] > 0) & (told[:, 1] < 0)
    assert float(views.gain[helps].mean()) > 1 > float(views.gain[~helps].mean())

    fading.write(worth.Answers(network), tmp_path / "colour.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "colour.onnx", providers=["CPUExecutionProvider"])
    shown, measured = fading.small(photos[:1]), fading.measured(photos[:1])
    (answer,) = session.run(None, {"image": shown.permute(0, 2, 3, 1).numpy(), "signs": measured.numpy()})
    with torch.no_grad():
        expected = worth.Answers(network)(shown, measured).numpy()
    assert abs(answer - expected).max() < 0.02
    again = fading.read(tmp_path / "colour.onnx")
    assert all(map(torch.equal, again.parameters(), network.first.parameters()))


def test_what_is_measured_tells_the_blackest_and_the_whitest_pixel_and_takes_any_photo():
    photo = data.coffee()
    faded = ageing.faded(np.full(3, 0.3), np.full(3, 0.8), np.ones(3), 1.0)(photo)
    own, old = signs.signs(photo), signs.signs(faded)
    assert old[0] > own[0] + 0.8 and old[len(signs.SHARES) - 1] < own[len(signs.SHARES) - 1] - 0.5
    for shape in ((1, 1, 3), (3, 300, 3)):
        assert np.isfinite(signs.signs(np.zeros(shape, np.uint8))).all()


def taught(lesson: judges.Lesson, kinds: judges.Kinds, tmp_path: Path) -> tuple[judges.Views, np.ndarray]:
    """Teach a judge by photos; gives two views of each, and what the judge expects of these, float32 Nx2."""
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        skimage.io.imsave(tmp_path / f"{name}.png", getattr(data, name)())
    views = judges.draw(sorted(tmp_path.glob("*.png")), kinds, (lesson.seed,), lesson.measured)
    np.savez(tmp_path / "judge.npz", **judges.train(views, networks=6))
    arrays = np.load(tmp_path / "judge.npz")
    judges.tell(views, arrays, lesson.least)
    return views, np.reshape([judge.expected(signs, arrays) for signs in views.signs], (-1, 2))


def test_cleaning_is_expected_to_gain_where_it_takes_grain_away_and_not_from_sound_photos(tmp_path, capsys):
    views, expected = taught(clean_worth.LESSON, (("sound",), ("grain",)), tmp_path)
    assert (views.gains.reshape(-1, 2)[:, 1] > 0).all()
    assert (expected[:, 0] < 0).all() and (expected[:, 1] > expected[:, 0]).all()
    assert "grain" in capsys.readouterr().out


def test_filling_is_expected_to_gain_where_photos_are_scratched_and_not_in_sound_ones(tmp_path, capsys):
    views, expected = taught(scratch_worth.LESSON, (("sound",), ("scratches",)), tmp_path)
    gains = views.gains.reshape(-1, 2)
    assert (gains[:, 0] <= 0).all() and (gains[:, 1] > gains[:, 0]).all() and gains[:, 1].mean() > 0
    assert (expected[:, 0] < 0).all() and (expected[:, 1] > expected[:, 0]).all()
    assert "scratches" in capsys.readouterr().out
