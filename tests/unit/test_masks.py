import io

import cv2
import numpy as np
import pytest
from PIL import Image

from envo import photo
from envo.errors import UserError
from envo.file import PhotoFile
from envo.masks import (
    crop,
    decode_matte,
    encode_matte,
    exact_mask,
    feather,
    fill_holes,
    grow,
    keep_largest,
    read_mask,
    read_matte,
    refine,
    sample,
    shrink,
    snap,
)
from tests.conftest import SHARED


@pytest.fixture
def edge() -> np.ndarray:
    """Nothing on the left, everything on the right."""
    matte = np.zeros((300, 501), np.float32)
    matte[:, 250:] = 1
    return matte


def test_a_matte_comes_back_from_its_png_as_it_was():
    matte = np.random.default_rng(1).integers(0, 256, (31, 47), np.uint8)
    assert np.array_equal(decode_matte(encode_matte(matte)), matte)


def test_no_feather_leaves_the_matte_alone(edge):
    assert np.array_equal(feather(edge, 0), edge)


@pytest.mark.parametrize("percent", [5, 30, 100])
def test_feather_softens_the_edge_as_far_as_it_says(edge, percent):
    soft = feather(edge, percent)
    sigma = percent / 100 * 0.02 * 501
    assert (np.diff(soft[150]) >= -1e-6).all()
    # A Gaussian's flank passes 16% and 84% one sigma to each side of the edge.
    left, right = np.searchsorted(soft[150], [0.1587, 0.8413])
    assert (right - left) / 2 == pytest.approx(sigma, rel=0.15, abs=1)
    assert soft[:, 0].max() < 1e-3
    assert soft[:, -1].min() > 1 - 1e-3


def test_a_feathered_matte_that_covers_everything_still_does():
    np.testing.assert_allclose(feather(np.ones((120, 90), np.float32), 100), 1, atol=1e-5)


def test_a_large_photo_can_be_sampled_in_bands():
    matte = np.random.default_rng(2).random((40, 60), np.float32)
    whole = sample(matte, (200, 130))
    bands = [sample(matte, (200, 130), top, min(top + 17, 130)) for top in range(0, 130, 17)]
    assert whole.shape == (130, 200)
    np.testing.assert_allclose(np.vstack(bands), whole, atol=1e-6)


def test_sampling_at_the_mattes_own_size_changes_nothing():
    matte = np.random.default_rng(3).random((40, 60), np.float32)
    np.testing.assert_allclose(sample(matte, (60, 40)), matte, atol=1e-6)


@pytest.fixture
def strands() -> tuple[np.ndarray, np.ndarray]:
    """A head with strands of hair before a backdrop with a gradient: its true matte, and the photo."""
    alpha = np.zeros((600, 480), np.uint8)
    cv2.ellipse(alpha, (240, 360), (130, 170), 0, 0, 360, 255, -1)
    for angle in range(200, 341, 10):
        tip = np.array([240, 360]) + 260 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        cv2.line(alpha, (240, 300), tip.astype(int).tolist(), 255, 5, cv2.LINE_AA)
    truth = cv2.GaussianBlur(alpha, (0, 0), 1).astype(np.float32) / 255
    backdrop = np.linspace([150, 180, 210], [230, 220, 190], 480, dtype=np.float32)[None]
    photo = truth[..., None] * np.float32([70, 45, 30]) + (1 - truth[..., None]) * backdrop
    noise = np.random.default_rng(4).normal(0, 4, photo.shape)
    return truth, np.clip(photo + noise, 0, 255).astype(np.uint8)


def test_refining_brings_back_the_strands_that_a_coarse_matte_lost(strands):
    truth, photo = strands
    coarse = cv2.resize(truth, (96, 120), interpolation=cv2.INTER_AREA)
    plain = cv2.resize(coarse, (480, 600), interpolation=cv2.INTER_LINEAR)
    refined = refine(coarse, photo)
    assert refined.dtype == np.float32
    edge = cv2.dilate(((truth > 0.02) & (truth < 0.98)).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.abs(refined - truth)[edge].mean() < 0.5 * np.abs(plain - truth)[edge].mean()


def test_refining_leaves_what_is_sure(strands):
    truth, photo = strands
    refined = refine(cv2.resize(truth, (96, 120), interpolation=cv2.INTER_AREA), photo)
    assert refined[300:400, 180:300].min() > 0.99
    assert refined[400:, :60].max() < 0.01
    assert refine(np.zeros((12, 10), np.float32), photo).max() == pytest.approx(0, abs=1e-4)
    assert refine(np.ones((12, 10), np.float32), photo).min() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (300, 2), (33, 57)])
@pytest.mark.parametrize("coarse", [(1, 1), (7, 5), (320, 320)])
def test_a_matte_of_any_size_is_refined_to_any_size(size, coarse):
    generator = np.random.default_rng(5)
    photo = generator.integers(0, 256, (*size, 3), np.uint8)
    refined = refine(generator.random(coarse, np.float32), photo)
    assert refined.shape == size
    assert refined.min() >= 0
    assert refined.max() <= 1


@pytest.mark.parametrize("box", [(100, 40, 12, 30), (0, 0, 20, 9), (180, 90, 20, 10), (0, 0, 200, 100)])
def test_a_crop_shows_the_whole_of_what_is_in_a_matte_with_some_room(box):
    left, top, width, height = box
    matte = np.zeros((100, 200), np.uint8)
    matte[top : top + height, left : left + width] = 200
    square = crop(matte)
    assert square.shape[0] == square.shape[1] == round(1.2 * max(width, height))
    assert (square == 200).sum() == width * height
    assert crop(np.zeros((30, 40), np.uint8)).max() == 0


@pytest.fixture
def ring() -> np.ndarray:
    """A ring with soft edges, and a smaller disc apart from it."""
    matte = np.zeros((200, 300), np.uint8)
    cv2.circle(matte, (100, 100), 60, 255, 20)
    cv2.circle(matte, (240, 100), 20, 255, -1)
    return cv2.GaussianBlur(matte, (0, 0), 2)


@pytest.mark.parametrize("radius", [1, 2, 7, 31])
def test_a_mask_grows_by_a_disc_and_soft_edges_stay_soft(ring, radius):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = np.uint8(x * x + y * y <= radius * radius + radius)
    assert np.array_equal(grow(ring, radius), cv2.dilate(ring, disc))
    assert np.array_equal(shrink(ring, radius), cv2.erode(ring, disc))
    np.testing.assert_allclose(grow(ring, radius)[100, : 40 - radius], ring[100, radius:40], atol=2)


def test_growing_and_shrinking_end_at_the_edges_of_the_photo():
    full = np.full((5, 9), 255, np.uint8)
    assert np.array_equal(shrink(full, 50), full)
    assert np.array_equal(grow(full, 50), full)
    assert not grow(np.zeros((5, 9), np.uint8), 50).any()
    one = np.zeros((60, 80), np.uint8)
    one[0, 0] = 200
    assert (grow(one, 100) == 200).all()


def test_holes_are_filled_with_their_soft_rims_and_edges_stay(ring):
    filled = fill_holes(ring)
    y, x = np.mgrid[:200, :300]
    away = np.hypot(x - 100, y - 100)
    assert filled[away < 60].min() >= ring[100, 155:165].max() - 8
    assert np.array_equal(filled[away > 62], ring[away > 62])
    open_ring = ring.copy()
    open_ring[95:105, 100:] = 0
    assert fill_holes(open_ring)[100, 100] == 0


def test_the_largest_piece_is_kept_as_it_was(ring):
    kept = keep_largest(ring)
    assert not kept[:, 190:].any()
    assert np.array_equal(kept[:, :180], ring[:, :180])
    for same in (kept, np.zeros_like(ring), np.full_like(ring, 3)):
        assert np.array_equal(keep_largest(same), same)


def test_snapping_finds_the_edge_that_a_careless_mask_missed(strands):
    truth, photo = strands
    careless = grow(np.uint8(cv2.GaussianBlur(truth, (0, 0), 3) > 0.4) * 255, 4)
    snapped = snap(careless, photo, 12)
    assert snapped.dtype == np.uint8
    edge = cv2.dilate(((truth > 0.02) & (truth < 0.98)).astype(np.uint8), np.ones((13, 13))) > 0
    error = [np.abs(each / 255 - truth)[edge].mean() for each in (careless, snapped)]
    assert error[1] < 0.75 * error[0]


def picture(mode: str, pixels: np.ndarray, format: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA", "LA"])
def test_any_picture_of_the_size_is_read_as_a_mask_value_by_value(mode):
    matte = np.random.default_rng(6).integers(0, 256, (30, 40), np.uint8)
    assert np.array_equal(read_mask(picture(mode, matte), (40, 30)), matte)


def test_what_an_alpha_channel_hides_is_what_counts():
    matte = np.random.default_rng(7).integers(0, 256, (30, 40), np.uint8)
    for format in ("PNG", "TIFF"):
        cut = np.dstack([np.full((30, 40, 3), 90, np.uint8), matte])
        assert np.array_equal(read_mask(picture("RGBA", cut, format), (40, 30)), matte)


def test_a_mask_of_16_bits_keeps_its_values():
    matte = np.random.default_rng(8).integers(0, 256, (30, 40), np.uint8)
    deep = cv2.imencode(".png", matte.astype(np.uint16) * 257)[1].tobytes()
    assert np.array_equal(read_mask(deep, (40, 30)), matte)


def test_a_mask_of_another_size_is_resampled_and_one_that_must_fit_refused():
    matte = np.zeros((30, 40), np.uint8)
    matte[:, 20:] = 255
    for size in ((400, 300), (20, 15), (1, 1), (7, 90)):
        mask = read_mask(encode_matte(matte), size)
        assert mask.shape == size[::-1]
    assert read_mask(encode_matte(matte), (400, 300))[150, [100, 300]].tolist() == [0, 255]
    assert np.array_equal(read_matte(encode_matte(matte), (40, 30)), matte)
    with pytest.raises(UserError, match="40 x 30 pixels; that of this photo is 41 x 30"):
        read_matte(encode_matte(matte), (41, 30))
    with pytest.raises(UserError, match="no PNG"):
        read_matte(picture("L", matte, "JPEG"), (40, 30))
    for wrong in (b"", b"no picture", encode_matte(matte)[:60]):
        with pytest.raises(UserError, match="The mask cannot be read"):
            read_mask(wrong, (40, 30))


HOLE = np.zeros((30, 40), np.uint8)
HOLE[5:12, 8:20] = 255
PLAIN = photo.Stored("JPEG", 40, 30, 1)
PICTURE = np.random.default_rng(9).integers(0, 256, (30, 40, 3), np.uint8)


def painted(red: int, green: int, blue: int, ground: int = 0) -> np.ndarray:
    return np.where(HOLE[..., None] > 0, np.uint8([red, green, blue]), np.uint8(ground))


def exactly(data: bytes, hole: str = "white") -> list:
    return np.unique(exact_mask(data, PLAIN, hole)[HOLE > 0]).tolist(), np.unique(
        exact_mask(data, PLAIN, hole)[HOLE == 0]
    ).tolist()


@pytest.mark.parametrize(
    "mask",
    [
        picture("L", HOLE),
        picture("L", HOLE // 255),
        picture("L", HOLE // 255, "TIFF"),
        picture("1", HOLE),
        picture("P", HOLE),
        picture("RGB", painted(255, 0, 0)),
        picture("RGB", painted(0, 0, 255)),
        picture("RGB", painted(200, 30, 30)),
        picture("RGB", painted(255, 255, 255), "BMP"),
        picture("RGBA", np.dstack([painted(255, 255, 255), np.full_like(HOLE, 255)])),
        picture("RGBA", np.dstack([painted(255, 0, 255), np.where(np.arange(40) == 0, 254, 255 + 0 * HOLE)])),
        picture("RGBA", np.dstack([painted(255, 255, 255), np.where(np.arange(40) == 0, 3, 255 + 0 * HOLE)])),
        picture("RGBA", np.dstack([painted(0, 0, 0), HOLE])),
        picture("RGBA", np.dstack([painted(250, 120, 0), HOLE]), "WEBP", lossless=True),
        picture("LA", np.dstack([HOLE, HOLE])),
        cv2.imencode(".png", HOLE.astype(np.uint16) * 257)[1].tobytes(),
        cv2.imencode(".png", HOLE.astype(np.uint16))[1].tobytes(),
        cv2.imencode(".png", HOLE.astype(np.uint16) // 255)[1].tobytes(),
        picture("RGB", painted(255, 255, 255), "JPEG", quality=75),
        picture("L", HOLE, "WEBP", quality=70),
    ],
)
def test_white_or_paint_is_what_changes_in_masks_of_all_programs(mask):
    assert exactly(mask) == ([255], [0])


def test_grey_changes_in_part():
    assert exactly(picture("L", HOLE // 255 * 128)) == ([128], [0])


def test_what_is_clear_in_a_mask_changes_where_that_is_said():
    for colours in (PICTURE, painted(0, 0, 0), painted(255, 255, 255, 255)):
        mask = picture("RGBA", np.dstack([colours, 255 - HOLE]))
        assert exactly(mask, "clear") == ([255], [0])
        with pytest.raises(UserError, match="cannot be told whether they change"):
            exact_mask(mask, PLAIN)
    with pytest.raises(UserError, match="No part of the mask is clear"):
        exact_mask(picture("L", HOLE), PLAIN, "clear")
    with pytest.raises(UserError, match="white or clear in the mask, not 'grey'"):
        exact_mask(picture("L", HOLE), PLAIN, "grey")


CASES = SHARED / "cases"


@pytest.mark.skipif(not CASES.exists(), reason="the collection of odd files is not on this machine")
def test_masks_that_came_from_other_programs_are_understood_or_refused():
    folder = CASES / "ai-05-masks-of-other-programs"
    hole = np.asarray(Image.open(folder / "mask-red.png"))[..., 0]
    stored = PhotoFile((folder / "coffee.png").read_bytes()).stored
    for path in folder.glob("mask*"):
        if path.name == "mask-openai-hole-is-clear.png":
            assert np.array_equal(exact_mask(path.read_bytes(), stored, "clear"), hole)
            with pytest.raises(UserError, match="cannot be told"):
                exact_mask(path.read_bytes(), stored)
        else:
            assert np.array_equal(exact_mask(path.read_bytes(), stored), hole), path.name


def as_stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Turn back what EXIF's orientation, 1 to 8, turns upright."""
    turned = {5: np.transpose, 6: lambda pixels: np.rot90(pixels, 1), 7: lambda pixels: np.rot90(pixels, 2).T}
    turned |= {2: np.fliplr, 3: lambda pixels: np.rot90(pixels, 2), 4: np.flipud, 8: lambda pixels: np.rot90(pixels, 3)}
    return np.ascontiguousarray(turned.get(orientation, np.copy)(upright))


def tagged(mask: np.ndarray, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture("L", mask, exif=exif)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_mask_lies_where_it_was_drawn_or_is_refused(orientation):
    stored = as_stored(HOLE, orientation)
    of_photo = photo.Stored("JPEG", stored.shape[1], stored.shape[0], orientation)
    for told in (
        exact_mask(tagged(stored, orientation), of_photo),
        exact_mask(tagged(HOLE, 1), of_photo),
        exact_mask(picture("L", stored), of_photo, drawn="stored"),
        exact_mask(picture("L", HOLE), of_photo, drawn="upright"),
        exact_mask(tagged(stored, orientation), of_photo, drawn="stored"),
    ):
        assert np.array_equal(told, HOLE)
    for untold in (picture("L", stored), picture("L", HOLE)):
        if orientation in (2, 3, 4):
            with pytest.raises(UserError, match=f"EXIF orientation {orientation}"):
                exact_mask(untold, of_photo)
        else:
            assert np.array_equal(exact_mask(untold, of_photo), HOLE)
    if orientation >= 5:
        with pytest.raises(UserError, match="upright the picture has 40 x 30"):
            exact_mask(picture("L", stored), of_photo, drawn="upright")
    assert np.array_equal(read_mask(picture("L", HOLE), (40, 30), orientation), HOLE)
    if orientation >= 5:
        assert np.array_equal(read_mask(picture("L", stored), (40, 30), orientation), HOLE)
        assert read_mask(picture("L", np.kron(stored, np.ones((2, 2), np.uint8))), (40, 30), orientation)[8, 14] == 255


def test_a_mask_of_another_size_hears_all_sizes_that_fit():
    with pytest.raises(UserError, match="mask is 39 x 30 pixels, the picture 40 x 30, 30 x 40 as stored"):
        exact_mask(picture("L", HOLE[:, 1:]), photo.Stored("JPEG", 30, 40, 6))
    with pytest.raises(UserError, match="mask is 39 x 30 pixels, the picture 40 x 30; make them alike"):
        exact_mask(picture("L", HOLE[:, 1:]), PLAIN)
    assert np.array_equal(exact_mask(picture("L", HOLE), photo.Stored("HEIC", 40, 30, 3)), HOLE)
