"""What is all there is shown, whatever else is in the file or missing of it; what is cut off never is."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from envo import photo
from envo.errors import UserError
from envo.file import PhotoFile
from tests import exiftool
from tests.conftest import SHARED
from tests.unit.test_colours import chunk
from tests.unit.test_photo import ASTRONAUT, camera_exif, difference, exif_of_what_is_made, png16, profile, saved

CASES = SHARED / "cases"
JPEGS = {
    "baseline": {"quality": 90},
    "optimized": {"quality": 80, "optimize": True},
    "progressive": {"quality": 90, "progressive": True},
    "grey": {"quality": 90},
    "restarts": {"quality": 90, "restart_marker_blocks": 20},
}
# Smooth enough for most of its blocks to be coded in few bits.
SMOOTH = np.asarray(Pillow.fromarray(ASTRONAUT[::20, ::20]).resize((400, 300), Pillow.Resampling.BICUBIC))


def jpeg(kind: str, pixels: np.ndarray = ASTRONAUT) -> bytes:
    return saved(pixels[:, :, 1] if kind == "grey" else pixels, "JPEG", **JPEGS[kind])


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("end", [b"", b"\xff", b"\0" * 500, b"\0"])
def test_a_jpeg_without_its_end_is_shown(kind, end):
    data = jpeg(kind)
    assert data.endswith(b"\xff\xd9")
    cut = data[:-2] + end
    assert np.array_equal(PhotoFile(cut).decode().pixels, PhotoFile(data).decode().pixels)
    assert PhotoFile(cut).decode(edge=100).pixels.shape == (75, 100, 3)


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("pixels", [ASTRONAUT, SMOOTH], ids=["fine", "smooth"])
@pytest.mark.parametrize("end", [b"", b"\0" * 5000], ids=["cut", "never filled"])
def test_a_jpeg_that_is_cut_is_damaged(kind, pixels, end):
    data = jpeg(kind, pixels)
    # Where zeros follow, the first of them may be the picture's own, and complete its last block.
    for missing in (14 if end else 4, 40, 200, 1000, len(data) // 2):
        with pytest.raises(UserError, match="damaged"):
            PhotoFile(data[:-missing] + end).decode()


def test_a_progressive_jpeg_without_its_last_scans_is_damaged():
    data = jpeg("progressive")
    for at in (at for at in range(len(data)) if data.startswith(b"\xff\xda", at)):
        with pytest.raises(UserError, match="damaged"):
            PhotoFile(data[:at]).decode()


@pytest.mark.parametrize("kind", JPEGS)
def test_what_lies_about_a_jpegs_picture_does_not_cost_it(kind):
    data = jpeg(kind)
    frame = data.index(b"\xff\xc2" if kind == "progressive" else b"\xff\xc0")
    for odd in (
        data + b"\r\n\r\n",
        data + b"\0" * 10_000,
        data + jpeg("grey"),
        data[:-2] + b"\x17" + data[-2:],
        data[:frame] + b"\0\0\0" + data[frame:],
        data[:frame] + b"\xff\xff\xff" + data[frame:],
    ):
        assert np.array_equal(PhotoFile(odd).decode().pixels, PhotoFile(data).decode().pixels)


def test_a_second_picture_behind_a_jpeg_may_be_cut_off():
    file = io.BytesIO()
    pictures = [Pillow.fromarray(ASTRONAUT), Pillow.fromarray(ASTRONAUT[::-1])]
    pictures[0].save(file, "MPO", save_all=True, append_images=pictures[1:])
    whole = file.getvalue()
    for data in (whole, whole[: len(whole) * 3 // 4]):
        assert difference(PhotoFile(data).decode().pixels, ASTRONAUT) < 6
    assert exiftool.tags(whole)["MPF0:NumberOfImages"] == 2


def png(*chunks: tuple[bytes, bytes], late: bool = False) -> bytes:
    data = saved(ASTRONAUT, "PNG")
    place = len(data) - 12 if late else 33
    return data[:place] + b"".join(chunk(*each) for each in chunks) + data[place:]


@pytest.mark.parametrize("late", [False, True])
def test_exif_counts_wherever_it_lies_in_a_png(late):
    data = png((b"eXIf", camera_exif()[6:]), late=late)
    header = PhotoFile(data).header
    # Its orientation is 6.
    assert (header.width, header.height, header.browser_ready) == (300, 400, False)
    exif = exif_of_what_is_made(data, "JPEG")
    assert (exif[0x0110], exif[0x0112]) == ("Z 9", 1)
    assert exiftool.tags(data)["IFD0:Model"] == "Z 9"


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_long_chunks_do_not_cost_a_png(late, depth):
    text, icc = b"prompt and workflow " * 200_000, profile("AdobeRGB")
    chunks = [
        (b"zTXt", b"Comment\0\0" + zlib.compress(text)),
        (b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(text)),
        (b"tEXt", b"parameters\0" + text),
    ]
    if not late:
        chunks.append((b"iCCP", b"icc\0\0" + zlib.compress(icc[:4] + icc[4:] + b"\0" * 3_000_000)))
    data = png(*chunks, late=late) if depth == 8 else png16(ASTRONAUT.astype(np.uint16) * 257, *chunks)
    image = PhotoFile(data).decode()
    assert image.pixels.shape == ASTRONAUT.shape
    if late and depth == 8:
        assert np.array_equal(image.pixels, ASTRONAUT)


@pytest.mark.parametrize("colour_type", [0, 2, 3])
def test_a_clear_colour_is_clear_at_every_depth(colour_type):
    pixels = np.repeat(np.array([[[10, 20, 30], [200, 100, 50]]], np.uint8), 8, axis=1).repeat(4, axis=0)
    pixels = pixels[:, :, :1] if colour_type == 0 else pixels
    if colour_type == 3:
        picture = Pillow.fromarray(pixels).quantize(2)
        data = saved(picture, "PNG", transparency=picture.getpixel((0, 0)))
    else:
        deep = pixels.astype(np.uint16) * 257
        key = struct.pack(f">{pixels.shape[2]}H", *deep[0, 0])
        data = png16(deep, (b"tRNS", key))
    shown = photo.as_uint8(PhotoFile(data).decode().pixels)
    assert (shown[:, :8] == 255).all() and shown[0, -1, 0] == 200
    alpha = PhotoFile(data).decode_alpha()
    assert (alpha[:, :8] == 0).all() and (alpha[:, 8:] == 255).all()
    assert not PhotoFile(data).header.browser_ready


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bit_png_is_exact(interlaced, channels):
    deep = np.random.default_rng(3).integers(0, 65536, (37, 53, channels), dtype=np.uint16)
    data = png16(deep) if not interlaced else _interlaced(deep)
    assert np.array_equal(PhotoFile(data).raster().values, deep)
    for kept in (0.3, 0.8, 0.99):
        with pytest.raises(UserError, match="damaged"):
            PhotoFile(data[: int(len(data) * kept)]).decode()


def _interlaced(pixels: np.ndarray) -> bytes:
    """Write uint16 HxWxC as Adam7 has it."""
    rows = b""
    for x, y, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        rows += b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels[y::down, x::across])
    head = bytearray(png16(pixels)[8:33])
    head[20] = 1
    ihdr = chunk(b"IHDR", bytes(head[8:21]))
    return b"\x89PNG\r\n\x1a\n" + ihdr + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "name",
    [
        *("05-png-exif-late/early.png", "05-png-exif-late/late.png", "16-png-big-chunks/ancestors.png"),
        *("16-png-big-chunks/bigicc.png", "16-png-big-chunks/comfy.png", "18-no-eoi/extra-bytes.jpg"),
        *("18-no-eoi/no-eoi-zeros.jpg", "18-no-eoi/no-eoi.jpg", "18-no-eoi/stray-byte.jpg"),
        *("20-mpo-cut/cut.jpg", "20-mpo-cut/whole.jpg"),
        *("23-heic-turns/both.heic", "23-heic-turns/exif-only.heic", "23-heic-turns/irot-only.heic"),
    ],
)
def test_the_cases_that_came_out_wrong(name):
    if not (CASES / name).exists():
        pytest.skip("the cases are not on this machine")
    data = (CASES / name).read_bytes()
    image = PhotoFile(data).decode()
    assert image.pixels.shape == (240, 320, 3)
    assert np.abs(image.pixels[120, 160].astype(int) - 128).max() < 4
    if name.startswith("05"):
        assert exif_of_what_is_made(data, "JPEG")


def png_of_rows(rows: np.ndarray, depth: int, end: bytes) -> bytes:
    """A PNG that is said to be as high as the astronaut, whatever rows there are."""
    values = rows if depth == 8 else (rows.astype(np.uint16) * 257).astype(">u2")
    head = struct.pack(">IIBBBBB", 400, 300, depth, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in values))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + end


@pytest.mark.parametrize("depth", [8, 16])
def test_a_png_is_whole_if_all_its_rows_are_there(depth):
    for end in (b"", b"\0\0", chunk(b"IEND", b"")[:9], chunk(b"IEND", b"") + b"more behind it"):
        assert difference(PhotoFile(png_of_rows(ASTRONAUT, depth, end)).decode().pixels, ASTRONAUT) < 0.6
    for count in (1, 150, 299):
        with pytest.raises(UserError, match="damaged"):
            PhotoFile(png_of_rows(ASTRONAUT[:count], depth, chunk(b"IEND", b""))).decode()


@pytest.mark.parametrize("size", [(16_384, 16_384), (10_001, 10_000)])
@pytest.mark.parametrize("kind", ["VP8X", "VP8L", "VP8 "])
def test_a_webp_is_measured_before_it_is_opened(kind, size):
    width, height = (side - 1 for side in size)
    if kind == "VP8X":
        body = b"\0\0\0\0" + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    elif kind == "VP8L":
        body = b"\x2f" + (width | height << 14).to_bytes(4, "little")
    else:
        body = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", min(size[0], 16383), min(size[1], 16383))
    data = kind.encode() + struct.pack("<I", 1000) + body.ljust(1000, b"\0")
    with pytest.raises(UserError, match="100 megapixels"):
        _ = PhotoFile(b"RIFF" + struct.pack("<I", len(data) + 4) + b"WEBP" + data).header
