"""Watermarks: where they lie, what is beside them, and which texts can be written."""

import io

import numpy as np
import pytest
import tifffile

from envo import edits, export, watermarks
from envo.errors import UserError
from envo.exportsettings import ExportSettings, Size, Watermark
from envo.file import PhotoFile
from envo.gamut import GAMUTS
from envo.material import Material
from tests.unit.test_photo import saved

GREY = np.full((300, 400, 3), 128, np.uint8)
RED = np.zeros((20, 40, 4), np.uint8)
RED[:, :20] = (255, 0, 0, 255)
"""A picture of which the right half is clear."""


def exported(wish: Watermark, picture: np.ndarray | None = None, **settings) -> np.ndarray:
    how = ExportSettings(format="TIFF", **{"depth": 16, "watermark": wish, **settings})
    made = export.edited(PhotoFile(saved(GREY, "PNG")), edits.UNTOUCHED, Material(), how, mark=picture)
    return tifffile.imread(io.BytesIO(made.data)).astype(int)


PLAIN = exported(Watermark())


@pytest.mark.parametrize("place", ["top left", "top", "right", "middle", "bottom left", "bottom right"])
def test_a_text_lies_where_it_is_wished_and_nothing_changes_beside_it(place):
    made = exported(Watermark(text="© Änne Юлия", place=place, size=0.05, opacity=0.8, margin=0.05))
    rows, columns = np.nonzero((made != PLAIN).any(axis=2))
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    assert 8 <= bottom - top <= 22 and 60 < right - left < 200  # a line of 20 pixels
    vertical = 20 <= top < 40 if "top" in place else 260 < bottom <= 280 if "bottom" in place else 130 < top < 160
    across = 20 <= left < 30 if "left" in place else 370 < right <= 380 if "right" in place else 100 < left < 200
    assert vertical and across
    # White letters on a shadow: some lighter, some darker than what they lie on.
    assert made.max() > PLAIN.max() + 20_000 and made.min() < PLAIN.min() - 3_000
    assert exported(Watermark(text="©", opacity=0)).tolist() == PLAIN.tolist()


def test_a_picture_lies_in_its_colours_in_whatever_gamut_and_size():
    wish = Watermark(picture="x", place="top left", size=0.5, opacity=0.5, margin=0)
    for settings in ({}, {"size": Size(by="edge", value=200)}, {"gamut": "display-p3"}, {"depth": 8}):
        made = exported(wish, RED, **settings)
        gamut, top = GAMUTS[settings.get("gamut", "srgb")], 255 if settings.get("depth") == 8 else 65535
        height, width = made.shape[:2]
        assert np.all(np.abs(made[:, 3 * width // 4 :] / top - 128 / 255) < 0.003)  # beside it
        assert np.all(np.abs(made[: height // 4, width // 4 + 4 : width // 2] / top - 128 / 255) < 0.003)  # where clear
        red = np.array(gamut.from_srgb @ [1, 0, 0], np.float32)
        expected = (128 / 255 + watermarks.linear_to_srgb(np.clip(red, 0, 1))) / 2
        assert np.allclose(made[5 : height // 6, 5 : width // 4 - 5] / top, expected, atol=0.005)


def test_a_watermark_never_reaches_out_of_the_picture():
    for wish in (Watermark(text="A very long line of words for so small a photo " * 4, size=1), Watermark(text="I")):
        changed = (exported(wish) != PLAIN).any(axis=2)
        assert changed.any() and not changed[:, :8].any() and not changed[-7:].any()
    assert exported(Watermark(picture="x", size=1, margin=0.5), RED).shape == PLAIN.shape


def test_what_the_typeface_lacks_is_said_with_a_way_out():
    with pytest.raises(UserError, match="no sign for “漢字”; leave it out, or bring the watermark as a picture"):
        exported(Watermark(text="Ann 漢字 漢"))
