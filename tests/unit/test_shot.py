"""Photos are dated by when they were taken, wherever and however that is told."""

from datetime import datetime

import pytest

from envo import shot, xmp
from envo.file import PhotoFile
from tests import exiftool
from tests.unit.test_photo import sample

WHEN = datetime(1931, 5, 6, 10, 11, 12)


def taken(format: str, *tags: str, sidecar: bytes | None = None) -> datetime | None:
    return shot.read(PhotoFile(exiftool.changed(sample(format), *tags), sidecar)).taken_at


def packet(**said: str) -> bytes:
    made = xmp.Packet()
    for name, value in said.items():
        made.set(name.replace("_", ":"), value)
    return bytes(made)


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("1931:05:06 10:11:12", WHEN),
        ("1931-05-06T10:11:12", WHEN),
        ("1931-05-06T10:11:12.345+02:00", WHEN),
        ("1931:05:06 10:11:12Z", WHEN),
        ("19310506T101112+0200", WHEN),
        ("1931:05:06 10:11", WHEN.replace(second=0)),
        ("1931-05-06T10:11-08:00", WHEN.replace(second=0)),
        ("1931/5/6 10:11:12", WHEN),
        ("1931-05-06", datetime(1931, 5, 6)),
        ("1931:05:06 24:61:00", datetime(1931, 5, 6)),
        ("1931-05", datetime(1931, 5, 1)),
        ("1931:00:00 00:00:00", datetime(1931, 1, 1)),
        ("1931", datetime(1931, 1, 1)),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("0001-01-01T00:00:00", None),
        ("1931:13:06 10:11:12", None),
        ("1931:02:30 10:11:12", None),
        ("", None),
        ("in May", None),
    ],
)
def test_moments_are_read_however_they_are_spelt(spelt, meant):
    assert shot.moment(spelt) == meant


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP", "TIFF"])
@pytest.mark.parametrize(
    "tags",
    [
        ("-EXIF:DateTimeOriginal=1931:05:06 10:11:12", "-EXIF:ModifyDate=2020:01:01 00:00:00"),
        ("-EXIF:DateTimeOriginal=0000:00:00 00:00:00", "-EXIF:CreateDate=1931:05:06 10:11:12"),
        ("-EXIF:DateTimeOriginal=1931:05:06 10:11:12", "-EXIF:OffsetTimeOriginal=-08:00"),
        ("-XMP-exif:DateTimeOriginal=1931:05:06 10:11:12+02:00", "-EXIF:ModifyDate=2020:01:01 00:00:00"),
        ("-XMP-photoshop:DateCreated=1931:05:06 10:11:12", "-XMP-xmp:CreateDate=2020:01:01 00:00:00"),
        ("-XMP-photoshop:DateCreated=1931:05:06 10:11:12", "-EXIF:CreateDate=2020:01:01 00:00:00"),
        ("-XMP-xmp:CreateDate=1931:05:06 10:11:12", "-EXIF:ModifyDate=2020:01:01 00:00:00"),
        ("-EXIF:ModifyDate=1931:05:06 10:11:12",),
        ("-XMP-xmp:ModifyDate=1931:05:06 10:11:12",),
    ],
)
def test_dates_are_found_wherever_they_are_told(format, tags):
    assert taken(format, *tags) == WHEN


def test_dates_are_found_in_iptc():
    told = ("-IPTC:DateCreated=1931:05:06", "-IPTC:TimeCreated=10:11:12+02:00", "-EXIF:ModifyDate=2020:01:01 00:00:00")
    assert taken("JPEG", *told) == WHEN
    assert taken("JPEG", "-IPTC:TimeCreated=10:11:12+00:00") is None


def test_what_lies_beside_tells_what_the_file_does_not():
    beside = packet(exif_DateTimeOriginal="1931-05-06T10:11:12Z")
    assert taken("JPEG", "-EXIF:ModifyDate=2020:01:01 00:00:00", sidecar=beside) == WHEN
    assert taken("JPEG", "-EXIF:DateTimeOriginal=2020:01:01 00:00:00", sidecar=beside) == datetime(2020, 1, 1)
    assert shot.read(PhotoFile(sample("RAW"), beside)).taken_at == WHEN
    assert shot.read(PhotoFile(sample("GIF"), beside)).taken_at == WHEN
    assert shot.read(PhotoFile(sample("JPEG"), b"?")).taken_at is None
