"""Every refusal names its true reason, costs next to nothing, and says "damaged" only of what is."""

import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from envo.errors import UserError
from envo.file import PhotoFile
from tests.unit.test_colours import chunk
from tests.unit.test_photo import ASTRONAUT, saved, tiff

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_header(width: int, height: int, depth: int, colour_type: int) -> bytes:
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))


def with_frame(data: bytes, **changes: int) -> bytes:
    """The JPEG with other facts in its frame."""
    data = bytearray(data)
    at = next(at for at in range(len(data)) if data[at] == 0xFF and data[at + 1] in (0xC0, 0xC2))
    if "marker" in changes:
        data[at + 1] = changes["marker"]
    data[at + 4] = changes.get("precision", 8)
    if "size" in changes:
        struct.pack_into(">HH", data, at + 5, changes["size"], changes["size"])
    return bytes(data)


JPEG = saved(ASTRONAUT, "JPEG", progressive=True)
REFUSED = {
    "JPEG XL": (b"\xff\x0a" + b"x" * 99, "JPEG XL"),
    "JPEG XL in boxes": (b"\0\0\0\x0cJXL \r\n\x87\n" + b"x" * 99, "JPEG XL"),
    "JPEG 2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + b"x" * 99, "JPEG 2000"),
    "Photoshop": (b"8BPS\0\1" + b"\0" * 99, "Photoshop"),
    "DICOM": (b"\0" * 128 + b"DICM" + b"x" * 99, "DICOM"),
    "zip": (b"PK\3\4" + b"x" * 99, "zip"),
    "web page": (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
    "AppleDouble": (b"\0\5\x16\7\0\2\0\0Mac OS X" + b"\0" * 99, "beside a photo"),
    "zeros": (b"\0" * 5000, "zeros"),
    "lossless JPEG": (with_frame(JPEG, marker=0xC3), "rare kind"),
    "JPEG of 12 bits": (with_frame(JPEG, precision=12), "rare kind"),
    "JPEG of many scans": (JPEG[:-2] + JPEG[JPEG.rindex(b"\xff\xda") : -2] * 2000 + b"\xff\xd9", "passes"),
    "large JPEG": (with_frame(JPEG, size=60_000), "100 megapixels"),
    "JPEG that cannot hold its size": (with_frame(saved(ASTRONAUT[:8, :8], "JPEG"), size=10_000), "damaged"),
    "PNG of 55 bytes": (
        png_header(64, 64, 16, 2) + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" + b"x" * 10,
        "damaged",
    ),
    "large PNG": (png_header(60_000, 60_000, 16, 6) + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "damaged|100 mega"),
    "PNG that cannot hold its size": (
        png_header(10_000, 10_000, 16, 6) + chunk(b"IDAT", zlib.compress(b"\0" * 10**6)) + chunk(b"IEND", b""),
        "damaged",
    ),
    "BMP of JPEG": (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 300, 0, 0, 54, 40, 8, 8, 1, 24, 4, 0, 0, 0, 0, 0) + b"\0" * 250,
        "way that Envo",
    ),
    "TIFF that ends early": (saved(ASTRONAUT, "TIFF", compression="tiff_lzw")[:9000], "photo is damaged"),
    "diary as long as an old camera's RAW": ((b"My dear diary, this is no photo.\n" * 24_000)[:786_432], "no photo"),
    "Fujifilm RAW of no known camera": (b"FUJIFILMCCD-RAW 0201" + b"\0" * 5000, "camera is not known"),
    "unknown RAW": (tiff(ASTRONAUT, subfiletype=1), "camera is not known"),
    "Canon RAW of no known camera": (
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + b"\0" * 500,
        "camera is not known|damaged",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_its_reason_at_once(name):
    data, word = REFUSED[name]
    started = time.process_time()
    for ask in (lambda data: PhotoFile(data).header, lambda data: PhotoFile(data).decode()):
        with pytest.raises(UserError, match=word) as refusal:
            ask(data)
        assert str(refusal.value).endswith(".")
        if "damaged" not in word:
            assert "damaged" not in str(refusal.value).replace("This RAW is damaged, or its camera", "")
    assert time.process_time() - started < 5


def test_refusals_need_no_memory():
    """In a process that may not take more than a little over what it has."""
    program = """
import resource, sys
from envo.errors import UserError
from envo.file import PhotoFile
from tests.unit.test_refusals import REFUSED
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for data, _ in REFUSED.values():
    for ask in (lambda data: PhotoFile(data).header, lambda data: PhotoFile(data).decode()):
        try:
            ask(data)
        except UserError:
            pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert int(ran.stdout) < 200
