"""A cutout shows the thing, and nothing of what was behind it."""

import io

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image as Pillow

from envo import cutout, export
from envo.file import PhotoFile
from envo.own import Own


@pytest.fixture
def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A dark thing with strands before a bright wall: its own colours, its alpha, and both together."""
    thing = cv2.resize(skimage.data.coffee(), (900, 700)) // 3
    alpha = np.zeros((700, 900), np.uint8)
    cv2.circle(alpha, (450, 400), 200, 255, -1)
    for angle in np.radians(np.arange(190, 351, 8)):
        tip = np.array([450, 400]) + 320 * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(alpha, (450, 400), tip.astype(int).tolist(), 255, 4, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 2)
    wall = np.linspace([200, 230, 255], [255, 240, 200], 900)[None]
    share = alpha[..., None] / 255
    return thing, alpha, np.rint(share * thing + (1 - share) * wall).astype(np.uint8)


def error(colours: np.ndarray, thing: np.ndarray, alpha: np.ndarray) -> float:
    """How far colours are from those of the thing, as it would show over something else."""
    soft = (alpha > 0) & (alpha < 255)
    return (np.abs(colours.astype(float) - thing) * (alpha / 255)[..., None])[soft].mean()


def test_the_background_is_taken_out_of_the_colours_at_soft_edges(scene):
    thing, alpha, seen = scene
    freed = cutout.foreground(seen, alpha)
    assert error(freed, thing, alpha) < 0.33 * error(seen, thing, alpha)
    assert np.array_equal(freed[alpha == 255], seen[alpha == 255])
    assert not freed[alpha == 0].any()


def test_working_in_tiles_leaves_no_seams(scene, monkeypatch):
    _, alpha, seen = scene
    whole = cutout.foreground(seen, alpha)
    monkeypatch.setattr(cutout, "TILE", 61)
    assert np.abs(cutout.foreground(seen, alpha).astype(int) - whole).max() <= 1


def test_a_cutout_has_the_photos_size_alpha_profile_and_exif(scene):
    _, alpha, seen = scene
    exif = Pillow.Exif()
    exif[0x010F] = "Envo"
    file = io.BytesIO()
    Pillow.fromarray(seen).save(file, "JPEG", quality=95, exif=exif)
    small = cv2.resize(alpha, (450, 350), interpolation=cv2.INTER_AREA)
    made = export.finish(
        cutout.cut_out(Own.of(PhotoFile(file.getvalue())), small).png(), "PNG", PhotoFile(file.getvalue())
    )
    with Pillow.open(io.BytesIO(made.data)) as cut:
        assert (cut.format, cut.mode, cut.size) == ("PNG", "RGBA", (900, 700))
        assert cut.getexif()[0x010F] == "Envo"
        assert cut.info["icc_profile"]
        assert np.abs(np.asarray(cut)[..., 3].astype(int) - alpha).mean() < 1


def test_sixteen_bits_are_cut_out_too(scene):
    _, alpha, seen = scene
    deep = cv2.imencode(".png", seen[..., ::-1].astype(np.uint16) * 257)[1].tobytes()
    cut = cv2.imdecode(
        np.frombuffer(cutout.cut_out(Own.of(PhotoFile(deep)), alpha).png(), np.uint8), cv2.IMREAD_UNCHANGED
    )
    assert cut.dtype == np.uint16 and np.array_equal(cut[alpha == 255][:, 2::-1], seen[alpha == 255].astype(int) * 257)


def test_what_was_transparent_stays_so_in_a_cutout(scene):
    _, alpha, seen = scene
    own = np.zeros_like(alpha)
    own[:, 200:500], own[:, 400:600] = 255, 100
    file = io.BytesIO()
    Pillow.fromarray(np.dstack([seen, own])).save(file, "PNG")
    cut = np.asarray(Pillow.open(io.BytesIO(cutout.cut_out(Own.of(PhotoFile(file.getvalue())), alpha).png())))
    assert np.array_equal(cut[alpha == 255], np.dstack([seen, own])[alpha == 255])
    assert np.abs(cut[..., 3] - own * (alpha / 255)).max() <= 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (300, 2), (33, 57)])
def test_any_size_can_be_cut_out(size):
    generator = np.random.default_rng(5)
    seen = generator.integers(0, 256, (*size, 3), np.uint8)
    for alpha in (generator.integers(0, 256, size, np.uint8), np.zeros(size, np.uint8), np.full(size, 255, np.uint8)):
        freed = cutout.foreground(seen, alpha)
        assert freed.shape == seen.shape
        assert np.array_equal(freed[alpha == 255], seen[alpha == 255])


def test_cutouts_are_named_after_their_photos():
    assert cutout.name("IMG_1.heic") == "IMG_1-cutout.png"
    assert cutout.name("a.b.jpg") == "a.b-cutout.png"
    assert len(cutout.name("x" * 200)) == 120
