"""Every photo comes in upright, in sRGB, whole or not at all; and goes out with its EXIF."""

import io
import random
import struct
import subprocess
import sys
import zlib
from functools import cache

import numpy as np
import pytest
import skimage.data
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms

from envo import export, photo
from envo.colour import linear_to_srgb, matrix_profile, srgb_to_linear
from envo.errors import UserError
from envo.file import PhotoFile
from envo.settings import DISPLAY_EDGE, MAX_FILE_BYTES, THUMBNAIL_EDGE
from tests.conftest import SHARED
from tests.dng import write

ASTRONAUT = skimage.data.astronaut()[:300, :400]
# White enough for RAW, which has no other measure of brightness here, to come out as it was.
ASTRONAUT[:40, :60] = 255
FORMATS = ("JPEG", "PNG", "WebP", "GIF", "TIFF", "BMP", "HEIC", "AVIF", "RAW", "PNG16", "TIFF16")
KODAK = SHARED / "data/raw/kodak_dc50.kdc"


def saved(picture, format, **options) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    if isinstance(picture, np.ndarray):
        picture = Pillow.fromarray(picture)
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def tiff(pixels, photometric="rgb", **options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric=photometric, metadata=None, **options)
    return file.getvalue()


def png16(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """Write a PNG of uint16 HxWxC (C: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA)."""
    height, width, channels = pixels.shape
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)),
        *chunks,
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def dng(pixels: np.ndarray, orientation: int = 1, exposure: float = 1.0, preview=None) -> bytes:
    """Write a RAW of uint8 sRGB by a camera whose primaries are sRGB's; preview: as for `tests.dng.write`."""
    return write(srgb_to_linear(pixels / 255) * exposure, orientation=orientation, preview=preview)


@cache
def sample(format: str) -> bytes:
    """Write the astronaut in every format that is taken."""
    deep = ASTRONAUT.astype(np.uint16) * 257
    if format == "RAW":
        return dng(ASTRONAUT)
    if format == "PNG16":
        return png16(deep)
    if format == "TIFF16":
        return tiff(deep, compression="zlib")
    options = {"JPEG": {"quality": 95}, "HEIC": {"quality": 95}, "AVIF": {"quality": 95}}.get(format, {})
    return saved(ASTRONAUT, {"HEIC": "HEIF", "WebP": "WEBP"}.get(format, format), **options)


def difference(pixels: np.ndarray, expected: np.ndarray) -> float:
    assert pixels.shape == expected.shape
    return float(np.abs(photo.as_uint8(pixels).astype(int) - expected).mean())


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_comes_in(format):
    data = sample(format)
    header = PhotoFile(data).header
    image = PhotoFile(data).decode()
    assert header == image.header
    assert (header.format, header.width, header.height) == (format.removesuffix("16"), 400, 300)
    assert header.linear == (format in ("RAW", "PNG16", "TIFF16"))
    assert header.bit_depth == {"RAW": 14, "PNG16": 16, "TIFF16": 16}.get(format, 8)
    assert header.browser_ready == (format in ("JPEG", "PNG", "WebP"))
    assert image.pixels.dtype == (np.float32 if header.linear else np.uint8)
    assert difference(image.pixels, ASTRONAUT) < {"GIF": 9, "RAW": 6}.get(format, 4)


@pytest.mark.parametrize("format", FORMATS)
def test_a_small_picture_is_decoded_without_the_large_one(format):
    image = PhotoFile(sample(format)).decode(edge=100)
    assert image.pixels.shape == (75, 100, 3)
    assert (image.header.width, image.header.height) == (400, 300)
    whole = photo.as_uint8(photo.resize(PhotoFile(sample(format)).decode().pixels, 100))
    assert difference(image.pixels, whole) < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC", "RAW", "PNG16", "TIFF16"])
def test_photos_come_in_upright(format, orientation):
    upright = ASTRONAUT
    # How the camera held sideways would have stored it: the inverse of what the orientation asks for.
    stored = np.ascontiguousarray(
        {
            1: lambda a: a,
            2: lambda a: a[:, ::-1],
            3: lambda a: a[::-1, ::-1],
            4: lambda a: a[::-1],
            5: lambda a: a.transpose(1, 0, 2),
            6: lambda a: np.rot90(a, 1),
            7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
            8: lambda a: np.rot90(a, -1),
        }[orientation](upright)
    )
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    tag = [(274, "H", 1, orientation, True)]
    deep = stored.astype(np.uint16) * 257
    if format == "RAW":
        if orientation not in (1, 3, 6, 8):
            pytest.skip("no camera mirrors its RAW files")
        data = dng(stored, orientation)
    elif format == "PNG16":
        data = png16(deep, (b"eXIf", exif.tobytes()[6:]))
    elif format in ("TIFF", "TIFF16"):
        data = tiff(deep if format == "TIFF16" else stored, extratags=tag)
    else:
        data = saved(stored, {"HEIC": "HEIF"}.get(format, format), exif=exif.tobytes(), quality=95)
    header = PhotoFile(data).header
    assert (header.width, header.height) == (400, 300)
    assert not header.browser_ready or orientation == 1
    image = PhotoFile(data).decode()
    assert difference(image.pixels, upright) < 6
    assert exif_of_what_is_made(data, "JPEG").get(0x0112, 1) == 1


def profile(name: str) -> bytes:
    """Write an ICC profile with gamma 2.2 by hand, as ICC.1:2022 says."""
    colorants = {
        "AdobeRGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
        "grey": (),
    }[name]
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    tags = {b"wtpt": white, b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Test\0" + b"\0" * 79}
    tags[b"cprt"] = b"text\0\0\0\0CC0\0"
    if colorants:
        for channel, xyz in zip(b"rgb", colorants, strict=True):
            fixed = struct.pack(">iii", *(round(v * 65536) for v in xyz))
            tags[bytes([channel]) + b"XYZ"] = b"XYZ \0\0\0\0" + fixed
            tags[bytes([channel]) + b"TRC"] = curve
    else:
        tags[b"kTRC"] = curve
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for tag, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += struct.pack(">4sII", tag, at + len(body), len(value))
        body += value
    size = at + len(body)
    space = b"RGB " if colorants else b"GRAY"
    head = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, b"mntr", space, b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + struct.pack(">iii", 63190, 65536, 54061) + b"\0" * 48
    return head[:128] + struct.pack(">I", len(tags)) + table + body


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP", "TIFF", "HEIC", "AVIF"])
def test_wide_colours_are_converted_to_srgb(format):
    icc = profile("AdobeRGB")
    half_red = np.full((64, 64, 3), (150, 60, 60), np.uint8)
    options = {"quality": 100} if format in ("JPEG", "HEIC", "AVIF") else {}
    options |= {"lossless": True} if format == "WebP" else {}
    data = saved(half_red, {"HEIC": "HEIF", "WebP": "WEBP"}.get(format, format), icc_profile=icc, **options)
    assert not PhotoFile(data).header.browser_ready
    linear = (np.array([150, 60, 60]) / 255) ** 2.2 @ matrix_profile(icc).to_srgb.T
    expected = np.rint(linear_to_srgb(linear) * 255)
    assert expected[0] > 165
    assert np.abs(PhotoFile(data).decode().pixels.reshape(-1, 3) - expected).max() <= 3


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_convert_like_eight(channels):
    icc = profile("AdobeRGB" if channels == 3 else "grey")
    eight = ASTRONAUT[:, :, :channels]
    iccp = (b"iCCP", b"icc\0\0" + zlib.compress(icc))
    deep = PhotoFile(png16(eight.astype(np.uint16) * 257, iccp)).decode()
    shallow = PhotoFile(saved(eight.squeeze(), "PNG", icc_profile=icc)).decode()
    assert deep.header.linear and deep.pixels.dtype == np.float32
    assert np.abs(photo.as_uint8(deep.pixels).astype(int) - shallow.pixels).mean() < 0.6


def test_parametric_curves_of_profiles_are_read():
    # lcms writes sRGB's own curve as "para"; taken apart, it must be the curve of the standard.
    read = matrix_profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert np.abs(read.curves - srgb_to_linear(np.linspace(0, 1, 65536))).max() < 1e-4
    assert np.abs(read.to_srgb - np.eye(3)).max() < 2e-3


@pytest.mark.parametrize("icc", [b"", b"nonsense", profile("AdobeRGB")[:200], profile("grey")])
def test_a_profile_that_is_broken_or_does_not_fit_is_taken_for_srgb(icc):
    deep = ASTRONAUT.astype(np.uint16) * 257
    for data in (
        saved(ASTRONAUT, "PNG", icc_profile=icc),
        png16(deep, (b"iCCP", b"icc\0\0" + zlib.compress(icc))),
    ):
        assert difference(PhotoFile(data).decode().pixels, ASTRONAUT) < 8


def test_unusual_pixels_come_in_as_colour():
    picture = Pillow.fromarray(ASTRONAUT)
    grey = np.asarray(picture.convert("L"))
    deep = grey.astype(np.uint16) * 257
    as_colour = np.repeat(grey[:, :, None], 3, axis=2)
    for data in (
        saved(picture.convert("L"), "JPEG", quality=95),
        saved(picture.convert("L"), "TIFF"),
        png16(deep[:, :, None]),
        tiff(deep, "minisblack"),
        tiff(deep, "minisblack", extratags=[(271, "s", 0, "NIKON CORPORATION", True)]),
        tiff(65535 - deep, "miniswhite"),
        tiff(255 - grey, "miniswhite"),
    ):
        assert difference(PhotoFile(data).decode().pixels, as_colour) < 3
    for data in (
        saved(picture.convert("P", palette=Pillow.Palette.ADAPTIVE), "PNG"),
        saved(picture.convert("CMYK"), "JPEG", quality=95),
        saved(picture.convert("CMYK"), "TIFF"),
        saved(picture, "JPEG", quality=95, progressive=True),
        saved(picture, "TIFF", compression="tiff_lzw"),
        tiff(ASTRONAUT.transpose(2, 0, 1).copy(), planarconfig="separate"),
        tiff(ASTRONAUT.astype(np.uint16) * 257, byteorder=">"),
    ):
        assert difference(PhotoFile(data).decode().pixels, ASTRONAUT) < 8
    bits = PhotoFile(saved(picture.convert("1"), "PNG")).decode().pixels
    assert set(np.unique(bits)) == {0, 255}


@pytest.mark.parametrize("depth", [8, 16])
def test_what_is_transparent_lies_on_white(depth):
    rgba = np.dstack([ASTRONAUT, np.full((300, 400), 255, np.uint8)])
    rgba[:, :200, 3] = 0
    grey = rgba[:, :, (0, 3)].copy()
    if depth == 8:
        files = [
            saved(rgba, "PNG"),
            saved(rgba, "WEBP", lossless=True),
            saved(grey, "PNG"),
            saved(Pillow.fromarray(rgba).quantize(), "PNG"),
            saved(rgba, "TIFF"),
        ]
    else:
        deep = rgba.astype(np.uint16) * 257
        files = [png16(deep), png16(deep[:, :, (0, 3)]), tiff(deep, extrasamples=["unassalpha"])]
    for data in files:
        assert not PhotoFile(data).header.browser_ready
        pixels = photo.as_uint8(PhotoFile(data).decode().pixels)
        assert (pixels[:, :190] == 255).all()
        assert np.abs(pixels[:, 200:, 0].astype(int) - ASTRONAUT[:, 200:, 0]).mean() < 8


def test_sixteen_bits_keep_their_depth():
    ramp = np.repeat(np.arange(20000, 20400, dtype=np.uint16)[None, :, None], 3, axis=2)
    for data in (png16(ramp), tiff(ramp), tiff(ramp[:, :, 0], "minisblack")):
        assert len(np.unique(PhotoFile(data).decode().pixels[:, :, 0])) == 400


def test_ten_bit_heic_says_so():
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (400, 300), (ASTRONAUT.astype(np.uint16) * 257).tobytes()).save(file)
    image = PhotoFile(file.getvalue()).decode()
    assert (image.header.bit_depth, image.header.linear, image.pixels.dtype) == (10, False, np.uint8)
    assert difference(image.pixels, ASTRONAUT) < 6


@pytest.mark.parametrize("brightness", [0.7, 1])
def test_raw_is_as_bright_as_the_cameras_own_picture(brightness):
    preview = (ASTRONAUT[::4, ::4] * brightness).astype(np.uint8)
    data = dng(ASTRONAUT, exposure=0.3, preview=preview)
    image = PhotoFile(data).decode()
    assert (image.header.format, image.header.width, image.header.height) == ("RAW", 400, 300)
    assert abs(np.median(photo.as_uint8(image.pixels)) - np.median(preview)) < 6
    with pytest.raises(UserError):
        PhotoFile(data[:-1000]).decode()


def test_raw_without_a_preview_is_lifted_and_keeps_its_highlights():
    scene = ASTRONAUT.copy()
    scene[:40, :60] = 0
    image = PhotoFile(dng(scene, exposure=0.3)).decode()
    assert abs(np.median(photo.as_uint8(image.pixels)) - np.median(scene)) < 20
    assert image.pixels.max() > 1
    assert image.pixels.min() >= 0


@pytest.mark.skipif(not KODAK.exists(), reason="the Kodak DC50 sample is not on this machine")
def test_a_kodak_raw_is_not_opened_as_its_thumbnail():
    image = PhotoFile(KODAK.read_bytes()).decode()
    assert (image.header.format, image.header.width, image.header.height) == ("RAW", 768, 512)
    assert image.pixels.shape == (512, 768, 3)
    assert 60 < np.median(photo.as_uint8(image.pixels)) < 190
    assert "Kodak" in exif_of_what_is_made(KODAK.read_bytes(), "JPEG")[0x010F]


def test_a_raw_that_is_not_known_is_refused_rather_than_opened_as_its_thumbnail():
    thumbnail_first = tiff(ASTRONAUT, subfiletype=1)
    with pytest.raises(UserError, match="RAW"):
        _ = PhotoFile(thumbnail_first).header


def exif_of_what_is_made(original: bytes, format: str) -> Pillow.Exif:
    """EXIF of a file that was made of another."""
    made = export.finish(photo.encode(ASTRONAUT, format), format, PhotoFile(original)).data
    return Pillow.open(io.BytesIO(made)).getexif()


def camera_exif() -> bytes:
    exif = Pillow.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Nikon", "Z 9", 6
    exif.get_ifd(0x8769).update({0x9003: "2024:05:06 07:08:09", 0xA434: "NIKKOR Z 50mm f/1.2 S"})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return exif.tobytes()


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize("target", ["JPEG", "PNG", "WebP"])
def test_camera_lens_date_and_place_survive(source, target):
    exif = exif_of_what_is_made(saved(ASTRONAUT, source, exif=camera_exif()), target)
    assert (exif[0x010F], exif[0x0110], exif[0x0112]) == ("Nikon", "Z 9", 1)
    assert exif.get_ifd(0x8769)[0x9003] == "2024:05:06 07:08:09"
    assert exif.get_ifd(0x8769)[0xA434] == "NIKKOR Z 50mm f/1.2 S"
    assert [float(part) for part in exif.get_ifd(0x8825)[2]] == [48, 51, 30]


def test_raw_keeps_its_camera_and_date():
    exif = exif_of_what_is_made(dng(ASTRONAUT, orientation=6), "JPEG")
    assert (exif[0x0110], exif[0x0132], exif[0x0112]) == ("Test Camera", "2024:05:06 07:08:09", 1)
    # Nothing of how the source stored its pixels: width, compression, mosaic.
    assert not {0x0100, 0x0103, 0x828D, 0xC612} & set(exif)


def test_the_thumbnail_in_the_exif_does_not_survive():
    import pyexiv2

    small = saved(ASTRONAUT[:60, :80], "JPEG")
    with pyexiv2.ImageData(saved(ASTRONAUT, "JPEG", exif=camera_exif())) as file:
        file.modify_thumbnail(small)
        data = file.get_bytes()
    assert small[-200:] in data
    assert small[-200:] not in export.finish(photo.encode(ASTRONAUT, "JPEG"), "JPEG", PhotoFile(data)).data


@pytest.mark.parametrize("broken", [b"Exif\0\0", b"Exif\0\0" + b"x" * 99, b"Exif\0\0II*\0\x08\0\0\0\xff\xff!!"])
def test_broken_exif_does_not_cost_the_photo(broken):
    image = PhotoFile(saved(ASTRONAUT, "JPEG", exif=broken, quality=95)).decode()
    assert difference(image.pixels, ASTRONAUT) < 4


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"My dear diary, this is not a photo.\n" * 50, "no photo"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 500, "PDF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>', "SVG"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 500, "video"),
        (b"\x1aE\xdf\xa3" + b"\0" * 500, "video"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\0" * (MAX_FILE_BYTES + 1), "larger than 64 MB"),
    ],
)
def test_what_is_no_photo_is_refused_in_a_sentence(data, word):
    for read in (lambda data: PhotoFile(data).header, lambda data: PhotoFile(data).decode()):
        with pytest.raises(UserError, match=word) as refusal:
            read(data)
        assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("size", [(65535, 65535), (20000, 20000), (10001, 10000)])
def test_bombs_are_refused_by_their_headers(size):
    width, height = size
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png = bytearray(saved(ASTRONAUT, "PNG"))
    png[16:29], png[29:33] = ihdr, struct.pack(">I", zlib.crc32(b"IHDR" + ihdr))
    jpeg = bytearray(saved(ASTRONAUT, "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    bmp = bytearray(saved(ASTRONAUT, "BMP"))
    bmp[18:26] = struct.pack("<ii", width, height)
    gif = bytearray(saved(ASTRONAUT, "GIF"))
    gif[6:10] = struct.pack("<HH", width, height)
    raw = bytearray(dng(ASTRONAUT))
    for tag, value in ((256, width), (257, height)):
        at = raw.index(struct.pack("<H", tag), 8)
        raw[at + 2 : at + 12] = struct.pack("<HII", 4, 1, value)
    for data in (png, jpeg, bmp, gif, raw):
        with pytest.raises(UserError, match=r"100 megapixels|damaged|no photo|RAW"):
            _ = PhotoFile(bytes(data)).header


@pytest.mark.parametrize("format", FORMATS)
def test_half_a_photo_is_never_taken_for_a_whole_one(format):
    data = sample(format)
    for kept in (0.02, 0.3, 0.6, 0.9, 0.97):
        for edge in (None, 100):
            with pytest.raises(UserError):
                PhotoFile(data[: int(len(data) * kept)]).decode(edge=edge)


@pytest.mark.parametrize("format", FORMATS)
def test_no_bytes_can_break_it(format):
    """Bits flipped and tails cut at random: an answer or a sentence, nothing else."""
    chance = random.Random(format)
    whole = sample(format)
    for trial in range(60):
        data = bytearray(whole)
        # Every other time the headers, where the traps are.
        reach = min(len(data), 600) if trial % 2 else len(data)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(reach)] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        for read in (lambda data: PhotoFile(data).header, lambda data: PhotoFile(data).decode()):
            try:
                read(bytes(data))
            except UserError as error:
                assert str(error).endswith(".")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP"])
def test_files_written_are_upright_srgb_of_good_quality(format):
    data = photo.encode(ASTRONAUT, format)
    written = Pillow.open(io.BytesIO(data))
    assert written.format == format.upper()
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(written.info["icc_profile"])))
    again = PhotoFile(data).decode()
    assert again.header.browser_ready
    assert difference(again.pixels, ASTRONAUT) < (0.001 if format == "PNG" else 3)


def test_webp_cannot_be_too_long():
    with pytest.raises(UserError, match="16383"):
        photo.encode(np.zeros((1, 16384, 3), np.uint8), "WebP")


def test_thumbnails_are_small_for_every_depth():
    for format in ("JPEG", "RAW"):
        image = PhotoFile(sample(format)).decode()
        thumbnail = Pillow.open(io.BytesIO(photo.thumbnail(image)))
        assert thumbnail.size == (THUMBNAIL_EDGE, THUMBNAIL_EDGE * 3 // 4)


def test_renditions_have_the_size_that_is_announced():
    wide = np.repeat(np.repeat(ASTRONAUT[:10], 2, axis=0), 13, axis=1)
    assert wide.shape[1] > DISPLAY_EDGE
    for data in (saved(wide, "PNG"), png16(wide.astype(np.uint16) * 257)):
        image = PhotoFile(data).decode()
        width, height = photo.rendition_size(image.header)
        assert width == DISPLAY_EDGE
        body, media_type = photo.rendition(image)
        if media_type == photo.HALF_FLOAT:
            pixels = np.frombuffer(body, "<f2").reshape(height, width, 3)
            shown = photo.as_uint8(pixels.astype(np.float32))
        else:
            assert media_type == "image/jpeg"
            shown = np.asarray(Pillow.open(io.BytesIO(body)))
        assert difference(shown, photo.as_uint8(photo.resize(image.pixels, DISPLAY_EDGE))) < 2


def test_a_large_jpeg_needs_less_than_three_times_its_pixels():
    """Measured in a process of its own, above what the program needs without a photo."""
    program = """
import io, resource
import numpy as np
from PIL import Image as Pillow
from envo import photo
from envo.file import PhotoFile
file = io.BytesIO()
small = Pillow.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
PhotoFile(photo.encode(np.asarray(small), "JPEG")).decode()
small.resize((4000, 2500)).save(file, "JPEG", quality=80)
data = file.getvalue()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
pixels = PhotoFile(data).decode().pixels
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / pixels.nbytes)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 3
