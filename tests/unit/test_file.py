"""A photo's file is opened once, whoever asks what of it, and none of its pixels stays behind."""

import gc
import weakref
from collections import Counter

import pyexiv2
import pytest
import rawpy

from envo import description, edits, export, shot
from envo.errors import UserError
from envo.file import PhotoFile
from envo.library import Library
from envo.material import Material
from tests.unit.test_library import url
from tests.unit.test_photo import FORMATS, sample

EDIT = edits.parse({"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]})


@pytest.fixture
def opened(monkeypatch) -> Counter:
    """How many RAW LibRaw has opened by now, and how often Exiv2 was asked what a file says."""
    count = Counter()

    def counting(library: type, name: str) -> None:
        real = getattr(library, name)

        def made(*arguments):
            count[name] += 1
            return real(*arguments)

        monkeypatch.setattr(library, name, made)

    counting(rawpy, "RawPy")
    counting(pyexiv2, "ImageData")
    return count


@pytest.mark.parametrize("format", FORMATS)
def test_a_photo_is_opened_once_as_it_comes_in(tmp_path, opened, format):
    library = Library(tmp_path, url(tmp_path))
    library.add("ann", "a", sample(format))
    library.close()
    assert opened == Counter(RawPy=1 if format == "RAW" else 0, ImageData=1)


def test_a_raw_is_opened_once_to_be_rendered_with_all_that_it_says(opened):
    export.edited(PhotoFile(sample("RAW")), EDIT, Material())
    assert opened["RawPy"] == 1


@pytest.mark.parametrize("format", FORMATS)
def test_all_is_told_alike_whatever_was_asked_before(format):
    file, other = PhotoFile(sample(format)), PhotoFile(sample(format))
    image = file.decode()
    asked_last = (file.header, file.stored, file.traits, file.exif, description.read(file), shot.read(file))
    asked_first = (shot.read(other), description.read(other), other.exif, other.traits, other.stored, other.header)
    assert asked_last == asked_first[::-1]
    assert image.header == file.header
    assert (other.decode().pixels == image.pixels).all()


@pytest.mark.parametrize("format", FORMATS)
def test_pixels_go_with_whoever_asked_for_them(format):
    file = PhotoFile(sample(format))
    pixels = [weakref.ref(each) for each in (file.decode().pixels, file.raster().values, file.values().colours)]
    gc.collect()
    assert [each() for each in pixels] == [None, None, None]


def test_what_is_no_photo_is_refused_whatever_is_asked_and_however_often():
    file = PhotoFile(b"no photo")
    for ask in (PhotoFile.decode, PhotoFile.values, description.read, shot.read, lambda file: file.header) * 2:
        with pytest.raises(UserError, match="no photo that Envo can read"):
            ask(file)
