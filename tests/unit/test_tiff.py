"""TIFF of all kinds comes in as it was written, or is refused with the reason."""

import io
import struct
import time

import numpy as np
import pytest
import rawpy
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms

from envo import photo, raw
from envo.colour import srgb_to_linear
from envo.errors import UserError
from envo.file import PhotoFile
from tests.conftest import SHARED
from tests.unit.test_photo import ASTRONAUT, difference, dng, profile, saved, tiff

CASES = SHARED / "cases/11-tiff"
DEEP = ASTRONAUT.astype(np.uint16) * 257
GREY = np.asarray(Pillow.fromarray(ASTRONAUT).convert("L"))
AS_COLOUR = np.repeat(GREY[:, :, None], 3, axis=2)
PLANES = np.ascontiguousarray(DEEP.transpose(2, 0, 1))


def is_taken_for_raw(data: bytes) -> bool:
    try:
        with raw.opened(data):
            return True
    except rawpy.LibRawError:
        return False


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "lzma", "zstd"])
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"rowsperstrip": 7},
        {"tile": (64, 48)},
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "tile": (64, 64)},
        {"byteorder": ">"},
        {"bigtiff": True},
    ],
)
@pytest.mark.parametrize("depth", [8, 16])
def test_every_layout_and_compression_comes_in_exactly(compression, layout, depth):
    pixels = ASTRONAUT if depth == 8 else DEEP
    stored = np.ascontiguousarray(pixels.transpose(2, 0, 1)) if "planarconfig" in layout else pixels
    data = tiff(stored, compression=compression, **layout)
    read = PhotoFile(data).raster()
    assert read.values.dtype == pixels.dtype and np.array_equal(read.values, pixels)
    assert (read.facts.format, read.facts.bit_depth) == ("TIFF", depth)
    assert not is_taken_for_raw(data) or PhotoFile(data).header.format == "TIFF"
    assert difference(PhotoFile(data).decode().pixels, ASTRONAUT) < 0.6


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "lzma", "zstd", "jpeg"])
def test_what_libtiff_writes_comes_in_as_libtiff_reads_it(compression):
    options = {} if compression == "raw" else {"compression": compression}
    try:
        data = saved(ASTRONAUT, "TIFF", **options)
    except (OSError, RuntimeError):
        pytest.skip("this Pillow's libtiff does not write it")
    expected = np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"))
    assert np.abs(PhotoFile(data).raster().values.astype(int) - expected).max() <= (4 if compression == "jpeg" else 0)


@pytest.mark.parametrize("fax", ["group3", "group4", "tiff_ccitt", "packbits", "raw"])
def test_black_and_white_comes_in_exactly(fax):
    picture = Pillow.fromarray(ASTRONAUT).convert("1")
    data = saved(picture, "TIFF", compression=fax)
    assert np.array_equal(PhotoFile(data).decode().pixels[:, :, 1], np.asarray(picture.convert("L")))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "group4", "tiff_adobe_deflate"])
def test_bits_in_either_order_come_in(compression):
    picture = Pillow.fromarray(ASTRONAUT).convert("1")
    data = saved(picture, "TIFF", compression=compression, tiffinfo={266: 2})
    assert Pillow.open(io.BytesIO(data)).tag_v2[266] == 2
    assert np.array_equal(PhotoFile(data).decode().pixels[:, :, 1], np.asarray(picture.convert("L")))


@pytest.mark.parametrize("bits", [4, 10, 12, 14])
def test_odd_depths_are_stretched(bits):
    values = (np.arange(300 * 400).reshape(300, 400) % (1 << bits)).astype(np.uint8 if bits < 8 else np.uint16)
    data = tiff(values, "minisblack", bitspersample=bits)
    read = PhotoFile(data).raster()
    top = np.iinfo(read.values.dtype).max
    assert read.values.max() == top and read.values.min() == 0
    assert np.abs(read.values[:, :, 0] / top - values / ((1 << bits) - 1)).max() < 1 / 250
    assert PhotoFile(data).header.linear == (bits > 8)


def test_palettes_and_other_models_come_in():
    picture = Pillow.fromarray(ASTRONAUT)
    table = picture.quantize(64)
    assert np.array_equal(PhotoFile(saved(table, "TIFF")).decode().pixels, np.asarray(table.convert("RGB")))
    cmyk = picture.convert("CMYK")
    for data in (saved(cmyk, "TIFF"), tiff(np.asarray(cmyk).astype(np.uint16) * 257, "separated")):
        assert difference(PhotoFile(data).decode().pixels, np.asarray(cmyk.convert("RGB"))) <= 1
    assert difference(PhotoFile(tiff(255 - GREY, "miniswhite")).decode().pixels, AS_COLOUR) == 0
    assert (
        difference(PhotoFile(tiff(65535 - GREY.astype(np.uint16) * 257, "miniswhite")).decode().pixels, AS_COLOUR) < 0.6
    )


@pytest.mark.parametrize("compression", ["raw", "tiff_adobe_deflate", "jpeg"])
def test_luma_and_colour_differences_come_in(compression):
    data = saved(Pillow.fromarray(ASTRONAUT).convert("YCbCr"), "TIFF", compression=compression)
    assert difference(PhotoFile(data).decode().pixels, ASTRONAUT) < (3 if compression == "jpeg" else 1)
    assert difference(PhotoFile(tiff(ASTRONAUT, compression="jpeg")).decode().pixels, ASTRONAUT) < 3


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("kind", ["cielab", "icclab"])
def test_lab_comes_in(kind, depth):
    lab = _lab(ASTRONAUT)
    step = 1 if depth == 8 else 256
    stored = np.rint(np.dstack([lab[:, :, :1] * ((2**depth - 1) / 100), lab[:, :, 1:] * step])).astype(np.int64)
    if kind == "icclab":
        stored[:, :, 1:] += 128 * step
    data = tiff((stored % 2**depth).astype(f"u{depth // 8}"), photometric=kind)
    assert difference(PhotoFile(data).decode().pixels, ASTRONAUT) < (2 if depth == 8 else 1)


def _lab(pixels: np.ndarray) -> np.ndarray:
    """Convert uint8 HxWx3 to L*a*b* under D50, by lcms."""
    lab = ImageCms.profileToProfile(
        Pillow.fromarray(pixels), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    values = np.asarray(lab)
    return np.dstack([values[:, :, :1] * (100 / 255), values[:, :, 1:].view(np.int8)]).astype(float)


def test_floats_are_linear_light_without_a_profile_and_what_it_says_with_one():
    linear = srgb_to_linear(ASTRONAUT / 255)
    linear[:10] = 3
    linear[10, :5] = [[np.nan, np.inf, -1]] * 5
    for data in (tiff(linear), tiff(linear, predictor=3, compression="zlib"), tiff(linear.astype(np.float64))):
        image = PhotoFile(data).decode()
        assert (image.header.linear, image.header.bit_depth) == (True, 32)
        assert np.abs(image.pixels[:9] - 3).max() < 0.001
        assert np.isfinite(image.pixels).all() and image.pixels.min() >= 0
        assert difference(image.pixels[11:], ASTRONAUT[11:]) < 0.6 if len(image.pixels) == 300 else True
    grey = tiff(srgb_to_linear(GREY / 255), "minisblack")
    assert difference(PhotoFile(grey).decode().pixels, AS_COLOUR) < 0.6
    encoded = tiff((ASTRONAUT / 255).astype(np.float32), iccprofile=profile("AdobeRGB"))
    eight = saved(ASTRONAUT, "PNG", icc_profile=profile("AdobeRGB"))
    assert difference(PhotoFile(encoded).decode().pixels, PhotoFile(eight).decode().pixels) < 0.6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_alpha_is_multiplied_once_and_infrared_is_no_alpha(dtype):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    colours = srgb_to_linear(ASTRONAUT / 255) if dtype == np.float32 else ASTRONAUT / 255
    alpha = np.tile(np.linspace(0, 1, 400, dtype=np.float32), (300, 1))[:, :, None]
    shown = ASTRONAUT * alpha + 255 * (1 - alpha)

    def written(channels: np.ndarray, kind: str | int) -> bytes:
        values = channels * top if dtype == np.float32 else np.rint(channels * top)
        return tiff(values.astype(dtype), extrasamples=[kind])

    straight = written(np.dstack([colours, alpha]), "unassalpha")
    multiplied = written(np.dstack([colours * alpha, alpha]), "assocalpha")
    for data in (straight, multiplied):
        assert np.abs(photo.as_uint8(PhotoFile(data).decode().pixels)[:, 30:].astype(float) - shown[:, 30:]).max() < 6
        assert PhotoFile(data).decode_alpha() is not None
    assert PhotoFile(multiplied).facts.is_associated and not PhotoFile(straight).facts.is_associated
    infrared = written(np.dstack([colours, alpha]), "unspecified")
    assert difference(PhotoFile(infrared).decode().pixels, ASTRONAUT) < 0.6
    assert PhotoFile(infrared).decode_alpha() is None


def pages(*pictures: tuple[np.ndarray, dict]) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for pixels, options in pictures:
            writer.write(pixels, photometric="rgb", metadata=None, **options)
    return file.getvalue()


def test_the_photo_is_the_first_whole_page():
    small = ASTRONAUT[::4, ::4]
    for data in (
        pages((small, {"subfiletype": 1}), (ASTRONAUT, {"subfiletype": 0})),
        pages((small, {"subfiletype": 1, "subifds": 1}), (ASTRONAUT, {"subfiletype": 0})),
        pages((ASTRONAUT, {"subifds": 1}), (small, {"subfiletype": 1})),
        pages((ASTRONAUT, {}), (ASTRONAUT[::-1], {})),
    ):
        assert np.array_equal(PhotoFile(data).raster().values, ASTRONAUT)


@pytest.mark.parametrize("compression", ["packbits", None, "zlib"])
@pytest.mark.parametrize("maker", ["NIKON CORPORATION", "Canon", "SONY", "Phase One"])
def test_a_cameras_tiff_is_no_raw(compression, maker):
    tags = [(271, "s", 0, maker, True), (272, "s", 0, "D1", True)]
    for pixels, kind in ((DEEP, "rgb"), (GREY.astype(np.uint16) * 257, "minisblack")):
        data = tiff(pixels, kind, compression=compression, extratags=tags)
        header = PhotoFile(data).header
        assert (header.format, header.width, header.height) == ("TIFF", 400, 300)
    assert PhotoFile(dng(ASTRONAUT)).header.format == "RAW"


def of_many_pages(count: int) -> bytes:
    page = bytearray(tiff(ASTRONAUT[:8, :8]))
    first = struct.unpack_from("<I", page, 4)[0]
    size = 2 + 12 * struct.unpack_from("<H", page, first)[0]
    directory, data = bytes(page[first : first + size]), bytearray(page)
    last = first + size
    for _ in range(count):
        struct.pack_into("<I", data, last, len(data))
        data += directory + b"\0\0\0\0"
        last = len(data) - 4
    return bytes(data)


def test_a_tiff_of_very_many_pages_answers_at_once():
    data, started = of_many_pages(200_000), time.process_time()
    assert PhotoFile(data).decode().pixels.shape == (8, 8, 3)
    # Reading all pages takes a minute.
    assert time.process_time() - started < 5


def with_field(data: bytes, tag: int, value: int) -> bytes:
    """The TIFF (little-endian) with another value in a field of one number."""
    data, at = bytearray(data), struct.unpack_from("<I", data, 4)[0]
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], 12):
        if struct.unpack_from("<H", data, entry)[0] == tag:
            kind = struct.unpack_from("<H", data, entry + 2)[0]
            struct.pack_into({3: "<H", 4: "<I"}[kind], data, entry + 8, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("tag", "value", "word"),
    [
        (259, 34712, "JPEG 2000"),
        (259, 60000, "number 60000"),
        (262, 10, "colours"),
        (256, 60_000, "100 megapixels|damaged"),
        (257, 60_000, "100 megapixels|damaged"),
        (273, 10**9, "damaged"),
        (279, 0, "damaged"),
        (278, 0, "damaged"),
        (277, 1, "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(tag, value, word):
    with pytest.raises(UserError, match=word):
        PhotoFile(with_field(tiff(ASTRONAUT), tag, value)).decode()


@pytest.mark.parametrize("kind", ["i2", "u8", "c8"])
def test_numbers_that_are_no_pixels_are_refused_by_name(kind):
    with pytest.raises(UserError, match="numbers in this TIFF"):
        PhotoFile(tiff(GREY.astype(kind), "minisblack")).decode()


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.tif")))
def test_the_cases_that_came_out_wrong(name):
    image = PhotoFile((CASES / name).read_bytes()).decode()
    shown = photo.as_uint8(image.pixels)
    if name == "planar16-zip-4mp.tif":
        assert shown.shape == (1800, 2400, 3) and not shown.any()
        return
    with tifffile.TiffFile(CASES / "comp-none-16.tif") as file:
        picture = file.pages[0].asarray() >> 8
    if name.startswith("rgba"):
        with tifffile.TiffFile(CASES / name) as file:
            stored = file.pages[0].asarray().astype(float) / np.iinfo(file.pages[0].dtype).max
        picture = 255 * (stored[:, :, :3] + 1 - stored[:, :, 3:])
    elif name == "float32-grey.tif":
        with tifffile.TiffFile(CASES / name) as file:
            assert np.allclose(image.pixels[:, :, 1], file.pages[0].asarray(), atol=1e-4)
        return
    elif name.startswith("grey-alpha"):
        picture = np.repeat(np.asarray(Pillow.fromarray(picture.astype(np.uint8)).convert("L"))[:, :, None], 3, axis=2)
    assert np.abs(shown.astype(float) - picture).mean() < 2
