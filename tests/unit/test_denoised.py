"""A photo without its noise is made once for each content, in the form of the photo's rendition."""

from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from envo import edits
from envo.errors import NotFound
from envo.file import PhotoFile
from envo.library import Library
from envo.photo import HALF_FLOAT
from envo.settings import DISPLAY_EDGE, TRASH_DAYS
from tests.unit.test_library import example, files
from tests.unit.test_photo import png16, saved

NOISY = edits.parse({"schema": 2, "layers": [{"id": "image", "adjustments": {"noise_colour": 50}}]})
PLAIN = edits.parse({"schema": 2, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]})


def quiet(step: str, fraction: float | None) -> None:
    pass


class Taker:
    """Stands for what takes noise out: blurs, and counts how often it is asked."""

    def __init__(self):
        self.asked = 0

    def __call__(self, pixels: np.ndarray, report) -> np.ndarray:
        self.asked += 1
        return cv2.blur(pixels, (3, 3))


@pytest.fixture
def taker(library) -> Taker:
    library.denoised.take = Taker()
    return library.denoised.take


def of_denoised(home) -> list[str]:
    return sorted(path.name[64:] for path in files(home) if "denoised" in path.parts)


def test_it_is_made_once_for_whoever_has_the_photo(home, library, taker):
    row = library.add("ann", "coffee.jpg", example())[0]
    other = library.add("bob", "coffee.jpg", example())[0]
    assert not library.denoised.made(row.sha256)
    with pytest.raises(NotFound):
        library.denoised.file("ann", row.id)
    library.denoised.make(row.sha256, quiet)
    library.denoised.make(row.sha256, quiet)
    assert library.denoised.made(row.sha256) and taker.asked == 1
    path, media_type = library.denoised.file("bob", other.id)
    assert media_type == "image/jpeg" and Pillow.open(path).size == (600, 400)
    assert of_denoised(home) == [""]
    with pytest.raises(NotFound):
        library.denoised.file("bob", row.id)
    with pytest.raises(NotFound):
        library.denoised.pixels("bob", row.id)


def test_a_page_gets_what_a_file_is_made_of_and_smaller_pictures_are_made_of_it(home, library, taker):
    """Of a photo that is larger than what a page gets."""
    pixels = cv2.blur(np.random.default_rng(0).integers(0, 256, (30, DISPLAY_EDGE + 600, 3), np.uint8), (5, 5))
    row = library.add("ann", "wide.png", saved(Pillow.fromarray(pixels), "PNG"))[0]
    full = library.denoised.pixels("ann", row.id)
    assert full.shape == pixels.shape and full.dtype == np.uint8
    assert np.abs(full.astype(int) - cv2.blur(pixels, (3, 3))).mean() < 3
    path, _ = library.denoised.file("ann", row.id)
    shown = PhotoFile(path.read_bytes(), own=True).decode().pixels
    assert shown.shape[1] == DISPLAY_EDGE and of_denoised(home) == ["", f"-{DISPLAY_EDGE}"]
    assert np.array_equal(library.denoised.pixels("ann", row.id, DISPLAY_EDGE), shown)
    assert library.denoised.pixels("ann", row.id, 320).shape == (2, 320, 3)
    assert taker.asked == 1


def test_a_linear_photo_has_it_in_half_floats(library, taker):
    row = library.add("ann", "deep.png", png16(np.full((20, 30, 3), 30000, np.uint16)))[0]
    library.denoised.make(row.sha256, quiet)
    path, media_type = library.denoised.file("ann", row.id)
    assert media_type == HALF_FLOAT and path.stat().st_size == 6 * 20 * 30
    clear = library.denoised.pixels("ann", row.id)
    assert clear.dtype == np.float32
    assert np.allclose(clear, library.decode("ann", row.id).pixels, rtol=1e-3)


def test_rendering_gets_it_where_a_layer_takes_noise_away(library, taker):
    row = library.add("ann", "coffee.jpg", example())[0]
    assert library.material("ann", row.id, PLAIN).denoised is None and taker.asked == 0
    assert library.material("ann", row.id, NOISY).denoised.shape == (400, 600, 3)
    assert library.material("ann", row.id, NOISY, 60).denoised.shape == (40, 60, 3)
    assert taker.asked == 1


def test_without_an_engine_an_edit_is_rendered_without_it(library):
    row = library.add("ann", "coffee.jpg", example())[0]
    assert library.material("ann", row.id, NOISY).denoised is None


def test_it_goes_with_the_last_photo_of_its_content(home, library, taker):
    row = library.add("ann", "coffee.jpg", example())[0]
    library.denoised.make(row.sha256, quiet)
    library.delete("ann", row.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert of_denoised(home) == []


def test_a_photo_that_is_purged_while_it_is_made_leaves_nothing_behind(home, library: Library):
    row = library.add("ann", "coffee.jpg", example())[0]

    def take(pixels: np.ndarray, report) -> np.ndarray:
        library.delete("ann", row.id)
        library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
        return pixels

    library.denoised.take = take
    library.denoised.make(row.sha256, quiet)
    assert of_denoised(home) == []


def test_what_is_clear_or_half_clear_stays_as_it_is(library, taker):
    """The noise was taken out of the photo as it lies on white."""
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 4), np.uint8)
    pixels[..., 3] = np.repeat([255, 120, 0, 255], 20)
    row = library.add("ann", "cut.png", saved(Pillow.fromarray(pixels), "PNG"))[0]
    document = {"schema": 2, "layers": [{"id": "image", "adjustments": {"noise_luminance": 100, "noise_colour": 100}}]}
    library.save_edit("ann", row.id, document, 0, "a page of a test", 1)
    _, made = library.renditions.own("ann", row.id)
    assert np.array_equal(made.alpha, pixels[..., 3])
    assert np.array_equal(made.values[:, 20:60], pixels[:, 20:60, :3])
    assert made.values[:, :18].std() < 0.6 * pixels[:, :18, :3].std() > 0
