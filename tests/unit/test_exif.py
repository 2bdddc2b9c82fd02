"""EXIF is changed in place: what is not meant stays as it is and where it is."""

import io

import pytest
from PIL import Image as Pillow

from envo import metadata
from envo.exif import MARK, Block
from tests import exiftool
from tests.unit.test_photo import ASTRONAUT, camera_exif, saved


def made(*arguments: str, order: str = "II") -> bytes:
    """EXIF as ExifTool writes it."""
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), f"-ExifByteOrder={order}", *arguments)
    with Pillow.open(io.BytesIO(data)) as file:
        return file.info["exif"]


def told(block: bytes) -> dict:
    """What ExifTool reads in a block."""
    tags = exiftool.tags(saved(ASTRONAUT, "JPEG", exif=block))
    assert "ExifTool:Warning" not in tags
    return {key: value for key, value in tags.items() if key.startswith(("IFD", "ExifIFD", "GPS", "InteropIFD"))}


@pytest.mark.parametrize("order", ["II", "MM"])
def test_what_is_set_changes_and_all_else_stays(order):
    fields = ("-Orientation#=6", "-Make=Nikon", "-IFD0:Rating=2", "-ExifImageWidth=70", "-GPSLatitude=48")
    block = made(*fields, order=order)
    before = told(block)
    change = Block(block)
    change.set("Orientation", 1)
    change.set("Rating", 5)
    change.set("PixelXDimension", 80_000)
    change.set("XPTitle", b"a\0")
    assert change.get("Rating") == (5,) and change.get("XPTitle") is None
    after = told(bytes(change))
    assert (after["IFD0:Rating"], after["ExifIFD:ExifImageWidth"]) == (5, 80_000)
    assert after["IFD0:Orientation"] == "Horizontal (normal)"
    for key in ("IFD0:Orientation", "IFD0:Rating", "ExifIFD:ExifImageWidth"):
        before.pop(key), after.pop(key)
    assert after == before and len(bytes(change)) == len(block)


@pytest.mark.parametrize("order", ["II", "MM"])
def test_texts_may_grow_shrink_and_go(order):
    block = made("-XPTitle=Strand", "-XPKeywords=a;b", "-Model=Z 9", order=order)
    change = Block(block)
    change.set("XPTitle", "Großmutter am Strand\0".encode("utf-16-le"))
    change.set("XPKeywords", "c\0".encode("utf-16-le"))
    after = told(bytes(change))
    assert after["IFD0:XPTitle"] == "Großmutter am Strand" and after["IFD0:XPKeywords"] == "c"
    change.set("XPTitle", None)
    change.set("XPKeywords", None)
    assert [key for key in told(bytes(change)) if "XP" in key] == [] and told(bytes(change))["IFD0:Model"] == "Z 9"
    assert "Strand".encode("utf-16-le") not in bytes(change)


def test_a_size_is_told_where_none_was():
    change = Block(camera_exif())
    change.add("PixelXDimension", 400)
    change.add("PixelYDimension", 70_000)
    change.add("PixelXDimension", 300)
    after = told(bytes(change))
    assert (after["ExifIFD:ExifImageWidth"], after["ExifIFD:ExifImageHeight"]) == (300, 70_000)
    assert after["ExifIFD:DateTimeOriginal"] == "2024:05:06 07:08:09" and "48" in after["GPS:GPSLatitude"]


def test_the_thumbnail_goes_and_the_maker_note_stays_where_it_is():
    exif = Pillow.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0x927C] = b"MKNOTE" + bytes(range(200))
    block = exif.tobytes()
    small = io.BytesIO()
    Pillow.new("RGB", (160, 120), "red").save(small, "JPEG")
    thumbnail = small.getvalue()
    # A second directory, and the picture behind it, as cameras write them.
    data = bytearray(block.removeprefix(MARK))
    order = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    link = start + 2 + 12 * int.from_bytes(data[start : start + 2], order)
    place = len(data)
    data[link : link + 4] = place.to_bytes(4, order)
    entries = ((0x0103, 3, 6), (0x0201, 4, place + 2 + 36 + 4), (0x0202, 4, len(thumbnail)))
    data += len(entries).to_bytes(2, order)
    for tag, type, value in entries:
        field = value.to_bytes(2, order) + b"\0\0" if type == 3 else value.to_bytes(4, order)
        data += tag.to_bytes(2, order) + type.to_bytes(2, order) + (1).to_bytes(4, order) + field
    data += bytes(4) + thumbnail
    whole = MARK + bytes(data)
    assert exiftool.tags(saved(ASTRONAUT, "JPEG", exif=whole))["IFD1:ThumbnailLength"] == len(thumbnail)
    without = metadata.exif_of_block(whole)
    assert not [key for key in told_loosely(without) if key.startswith("IFD1")]
    assert without.index(b"MKNOTE") == whole.index(b"MKNOTE") and thumbnail[:64] not in without
    assert len(without) == len(block)


def told_loosely(block: bytes) -> dict:
    return exiftool.tags(saved(ASTRONAUT, "JPEG", exif=block))


@pytest.mark.parametrize("data", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"nonsense" * 9])
def test_what_is_no_exif_is_refused(data):
    with pytest.raises(ValueError, match="EXIF"):
        Block(data)


def test_any_bytes_are_changed_or_refused():
    """Altered blocks neither hang nor raise anything else."""
    block = made("-XPTitle=Strand", "-Orientation#=6", "-ExifImageWidth=70", "-SubjectArea=1 2 3 4")
    for place in range(len(MARK), len(block)):
        for value in (0, 1, 0x7F, 0xFF):
            altered = block[:place] + bytes([value]) + block[place + 1 :]
            try:
                change = Block(altered)
                change.set("Orientation", 1)
                change.set("XPTitle", b"long enough to be moved" * 3)
                change.set("SubjectArea", None)
                change.add("PixelYDimension", 7)
                change.drop_thumbnail()
            except ValueError:
                continue


def test_a_jpeg_gets_of_exif_what_fits():
    exif = Pillow.Exif()
    exif.load(camera_exif())
    exif.get_ifd(0x8769)[0x927C] = bytes(70_000)
    block, lost = metadata.fitted(exif.tobytes())
    assert lost == ["MakerNote"] and len(block) < 1000
    assert told(block)["ExifIFD:DateTimeOriginal"] == "2024:05:06 07:08:09"
    assert metadata.fitted(camera_exif()) == (camera_exif(), [])
