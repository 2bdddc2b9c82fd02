"""Holes framed for an engine and filled back, whatever the engine: exact outside the mask, matched at the seam."""

import cv2
import numpy as np
import pytest
from PIL import Image

from envo.errors import UserError
from models.inpaint import frame
from models.inpaint.base import Cancelled, EraseEngine, ReplaceEngine, Wish
from tests.conftest import EXAMPLES


class Painter(EraseEngine):
    """Fills with what `paint` makes of the view, and keeps the views."""

    name = label = "painter"

    def __init__(self, wanted: frame.Frame, paint):
        self.frame, self.paint, self.views = wanted, paint, []

    def _fill(self, image, hole, report):
        self.views.append((image.copy(), hole))
        return self.paint(image, hole)


def grey(image, hole):
    return np.full_like(image, 128)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A photo of 1023x777."""
    image = np.array(Image.open(EXAMPLES / "chelsea.jpg").convert("RGB"))
    return cv2.resize(image, (1023, 777), interpolation=cv2.INTER_CUBIC)


def disc(shape, x, y, radius, alpha=255) -> np.ndarray:
    return cv2.circle(np.zeros(shape[:2], np.uint8), (x, y), radius, alpha, -1)


FRAMES = {
    "native": frame.Frame(edge=4000),
    "scaled down": frame.Frame(edge=100),
    "scaled down, padded": frame.Frame(edge=150, multiple=64),
    "enlarged, padded": frame.Frame(edge=700, multiple=8, enlarges=True),
}
MASKS = {
    "in the middle": lambda shape: disc(shape, 500, 400, 90),
    "soft": lambda shape: cv2.GaussianBlur(disc(shape, 500, 400, 90), (0, 0), 25),
    "in a corner": lambda shape: disc(shape, 1022, 0, 60),
    "all but a person": lambda shape: 255 - disc(shape, 500, 400, 200),
    "all but a pixel": lambda shape: 255 - disc(shape, 3, 5, 0),
    "a pixel": lambda shape: disc(shape, 0, 776, 0),
    "many": lambda shape: sum(disc(shape, x, 200, 9) for x in range(50, 1000, 150)).astype(np.uint8),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("wanted", FRAMES.values(), ids=FRAMES)
def test_where_the_mask_is_0_the_photo_stays_to_the_byte(photo, wanted, mask):
    mask = mask(photo.shape)
    engine = Painter(wanted, grey)
    before = photo.copy()
    result = engine.erase(photo, mask).pixels
    assert np.array_equal(photo, before)
    assert result.shape == photo.shape
    assert result.dtype == np.uint8
    assert np.array_equal(result[mask == 0], photo[mask == 0])
    assert not np.array_equal(result, photo)
    for image, hole in engine.views:
        assert image.shape[:2] == hole.shape
        assert all(edge % wanted.multiple == 0 for edge in hole.shape)
        assert np.sqrt(hole.size) <= wanted.edge + 2 * wanted.multiple
        assert set(np.unique(hole)) == {0, 1}


@pytest.mark.parametrize("wanted", FRAMES.values(), ids=FRAMES)
def test_what_is_erased_is_hidden_from_the_engine(photo, wanted):
    """Whatever an engine can see beside the hole is free of the colours in it."""
    image = np.full_like(photo, 90)
    mask = cv2.ellipse(np.zeros(photo.shape[:2], np.uint8), (400, 300), (80, 35), 20, 0, 360, 255, -1)
    image[mask > 0] = 255
    engine = Painter(wanted, grey)
    engine.erase(image, mask)
    ((view, hole),) = engine.views
    assert np.abs(view[hole == 0].astype(int) - 90).max() <= 2


def test_an_engine_that_works_at_the_photos_size_is_believed_to_the_byte(photo):
    noise = np.random.default_rng(3)

    def paint(image, hole):
        return np.where(hole[..., None] > 0, noise.integers(0, 256, image.shape, np.uint8), image)

    mask = disc(photo.shape, 500, 400, 90)
    engine = Painter(frame.Frame(edge=2000), paint)
    result = engine.erase(photo, mask).pixels
    noise = np.random.default_rng(3)
    ((view, hole),) = engine.views
    assert np.array_equal(result[mask > 0], paint(view, hole)[hole > 0])


@pytest.mark.parametrize("wanted", FRAMES.values(), ids=FRAMES)
def test_colours_are_matched_at_the_seam(photo, wanted):
    """An engine that knows what was there, but all of it 20 too light: nothing of that is seen."""
    mask = disc(photo.shape, 500, 400, 90)
    smooth = cv2.GaussianBlur(photo, (0, 0), 12).clip(0, 230)
    result = Painter(wanted, lambda image, hole: image + np.uint8(20)).erase(smooth, mask).pixels
    assert np.abs(result.astype(int) - smooth)[mask > 0].mean() < 2


def test_what_grew_beyond_the_hole_does_not_tint_it(photo):
    """A black thing that the engine drew over a part of the rim is not taken for its light."""
    image = np.full_like(photo, 150)

    def paint(view, hole):
        answer = np.full_like(view, 150)
        answer[:, : view.shape[1] // 2] = 20
        return answer

    mask = disc(photo.shape, 500, 400, 90)
    result = Painter(frame.Frame(edge=2000), paint).erase(image, mask).pixels
    right = mask[:, 520:] > 0
    assert np.abs(result[:, 520:][right].astype(int) - 150).mean() < 5


def test_holes_far_from_each_other_are_framed_each_on_its_own(photo):
    near = disc(photo.shape, 100, 100, 30) | disc(photo.shape, 170, 110, 30)
    engine = Painter(frame.Frame(edge=2000), grey)
    engine.erase(photo, near | disc(photo.shape, 900, 600, 40))
    assert len(engine.views) == 2
    assert sorted(int(hole.sum()) for _, hole in engine.views) == sorted(
        [cv2.countNonZero(near), cv2.countNonZero(disc(photo.shape, 900, 600, 40))]
    )


def test_a_hole_that_another_view_shows_is_a_hole_there_until_it_is_filled(photo):
    """A long hole's view reaches far, and over a small hole in a corner of it."""
    mask = cv2.rectangle(np.zeros(photo.shape[:2], np.uint8), (100, 700), (900, 720), 255, -1)
    mask |= disc(photo.shape, 500, 20, 10)
    engine = Painter(frame.Frame(edge=2000, context=1.0, least=1), grey)
    result = engine.erase(photo, mask).pixels
    assert np.array_equal(result[mask == 0], photo[mask == 0])
    assert (result[mask > 0] != photo[mask > 0]).any(axis=1).mean() > 0.9


def test_a_view_has_context_at_the_edge_of_a_photo_too(photo):
    engine = Painter(frame.Frame(edge=2000, least=300), grey)
    engine.erase(photo, disc(photo.shape, 0, 0, 20))
    ((view, _),) = engine.views
    assert min(view.shape[:2]) >= 300


def test_what_is_half_a_thing_goes_too_and_haze_counts_for_nothing(photo):
    image = np.full_like(photo, 200)
    mask = disc(photo.shape, 500, 400, 90, 30)
    mask[mask == 0] = frame.FAINT
    engine = Painter(frame.Frame(edge=2000), lambda view, hole: np.where(hole[..., None] > 0, np.uint8(10), view))
    result = engine.erase(image, mask).pixels
    assert (result[mask == 30] == 10).all()
    assert (result[mask < 30] == 200).all()


def test_to_replace_the_masks_own_alpha_counts():
    alpha = np.arange(256, dtype=np.uint8)[None]
    shares = frame.share(alpha, frame.REPLACE)[0].astype(int)
    assert np.array_equal(shares[frame.FAINT + 1 :], np.arange(frame.FAINT + 1, 256))
    assert not shares[: frame.FAINT + 1].any()


class Replacer(ReplaceEngine):
    """Paints blue over what is given, as soon as it has shown red."""

    name = label = "replacer"
    frame = frame.Frame(edge=100, enlarges=True, smallest=80)
    schedulers = ("plain",)

    def seconds(self, wish):
        return 0

    def _paint(self, image, hole, wish, report, preview):
        preview(np.full((hole.shape[0] // 8, hole.shape[1] // 8, 3), (255, 0, 0), np.uint8))
        return np.where(hole[..., None] > 0, np.uint8((0, 0, 255)), image), ""


def test_what_stays_keeps_no_colours_of_what_was_replaced_at_its_soft_edges():
    """A grey thing with soft edges before green, whose background becomes blue: truth is grey before blue."""
    thing = cv2.GaussianBlur(disc((300, 400), 200, 150, 80), (0, 0), 6)
    alpha = thing[..., None] / 255
    image, truth = (
        np.rint(alpha * 128 + (1 - alpha) * np.array(colour)).astype(np.uint8) for colour in ((0, 255, 0), (0, 0, 255))
    )
    engine = Replacer()
    shown = []
    (result,) = engine.replace(image, 255 - thing, Wish.parse(engine, {"prompt": "sea"}), preview=shown.append)
    soft = (thing > 20) & (thing < 235)
    assert np.abs(result.pixels.astype(int) - truth)[soft].max() < 12
    assert np.array_equal(result.pixels[thing == 255], image[thing == 255])
    (preview,) = shown
    assert preview.shape == image.shape
    assert np.abs(preview[thing == 0].astype(int) - (255, 0, 0)).max() <= 1
    assert np.array_equal(preview[thing == 255], image[thing == 255])


@pytest.mark.parametrize("shape", [(1, 2), (90, 1), (700, 1023), (3000, 40)])
def test_previews_show_the_whole_photo_whatever_its_shape(shape):
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    mask = np.zeros(shape, np.uint8)
    mask[-1, -1] = 255
    engine, shown = Replacer(), []
    (result,) = engine.replace(image, mask, Wish.parse(engine, {"prompt": "sea"}), preview=shown.append)
    assert np.array_equal(result.pixels[mask == 0], image[mask == 0])
    assert max(shown[0].shape) <= max(3, frame.PREVIEW_EDGE)


def test_an_empty_mask_and_a_full_one_are_told(photo):
    engine = Painter(frame.Frame(edge=100), grey)
    for shape in (photo.shape, (1, 1, 3), (1, 500, 3)):
        image = np.zeros(shape, np.uint8)
        with pytest.raises(UserError, match="Nothing is selected"):
            engine.erase(image, np.zeros(shape[:2], np.uint8))
        with pytest.raises(UserError, match="whole photo"):
            engine.erase(image, np.full(shape[:2], 255, np.uint8))
    assert not engine.views


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 500), (500, 1), (3, 3), (5000, 7)])
@pytest.mark.parametrize("wanted", [*FRAMES.values(), frame.Frame(512, 64, 256, enlarges=True)])
def test_any_shape_of_photo_is_taken(shape, wanted):
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    mask = np.zeros(shape, np.uint8)
    mask[-1, -1] = 255
    result = Painter(wanted, grey).erase(image, mask).pixels
    assert np.array_equal(result[mask == 0], image[mask == 0])


def test_a_report_can_cancel_and_the_engine_goes_on_afterwards(photo):
    engine = Painter(frame.Frame(edge=100), grey)
    mask = MASKS["many"](photo.shape)
    told = []

    def cancel(step, fraction):
        told.append(fraction)
        if fraction:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.erase(photo, mask, cancel)
    assert told == [0, pytest.approx(1 / 7)]
    told.clear()
    engine.erase(photo, mask, lambda step, fraction: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1
