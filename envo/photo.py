"""Photos in and out: every format into sRGB pixels, upright, within the limits; and back into files.

The content of a file decides what it is, never its name. Whatever the bytes, `inspect` and `decode` either
answer or raise `UserError`: a decoder that stops half-way is an error, not a grey lower half.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from envo import colour, metadata, names, raw
from envo.errors import UserError
from envo.settings import DISPLAY_EDGE, MAX_FILE_BYTES, MAX_PIXELS, THUMBNAIL_EDGE

HALF_FLOAT = "application/x-envo-half"
"""Media type of a linear rendition: rows of little-endian float16 R, G, B, nothing before or after."""

EXTENSIONS = {format: names.ENDINGS[format][0] for format in ("JPEG", "PNG", "WebP")}
"""What `encode` writes, and the ending of such a file."""

# Pillow itself warns above this many pixels and refuses twice as many; we refuse first, and in our own words.
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
# The oddities of visitors' files would fill the log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")

_DAMAGED = "This photo is damaged or incomplete; try a fresh copy of the file."
_UNKNOWN = "This is no photo that Envo can read; it takes JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC, AVIF and RAW."
_PILLOW_NAMES = {"WebP": "WEBP", "HEIC": "HEIF"}
_BAND = 512
"""Rows handled at a time where a whole second copy of a large photo would cost too much memory."""


@dataclass(frozen=True)
class Header:
    """What is known of a photo before its pixels are decoded.

    format: "JPEG", "PNG", "WebP", "GIF", "TIFF", "BMP", "HEIC", "AVIF" or "RAW".
    width, height: pixels, upright (after the orientation is applied).
    bit_depth: bits of each channel in the file, 8 to 16. HEIC and AVIF above 8 bits are decoded at 8.
    browser_ready: the file itself can be shown by any browser, pixel for pixel as `decode` gives it.
    linear: decoded as linear floats (RAW and 16-bit sources), so that highlights and depth survive editing.
    """

    format: str
    width: int
    height: int
    bit_depth: int
    browser_ready: bool
    linear: bool


@dataclass(frozen=True, eq=False)
class Image:
    """A decoded photo, upright.

    pixels: HxWx3, uint8 sRGB; or, where `header.linear`, float32 linear sRGB, at least 0, 1 being white and
        highlights going beyond.
    exif: what the `exif=` of Pillow's save takes, orientation 1, without the embedded thumbnail; or None.
    header: of the file; its size is the full size even where `decode` was asked for a small picture.
    """

    pixels: np.ndarray
    exif: bytes | None
    header: Header


def inspect(data: bytes) -> Header:
    """Read the headers of a photo; only of a RAW also the sensor's values, which tell its bit depth.

    Raises UserError for everything that is not a photo within the limits (`MAX_FILE_BYTES`, `MAX_PIXELS`).
    """
    with _decoding():
        kind = _kind(data)
        if kind == "RAW":
            with raw.opened(data) as source:
                return _raw_header(source)
        with _open(data, kind) as source:
            return _header(source, kind, data)


def decode(data: bytes, edge: int | None = None, own: bool = False) -> Image:
    """Decode a photo; with `edge`, only as a picture whose long edge is at most that, which costs far less.

    own: Envo wrote the file itself, so it may be larger than `MAX_FILE_BYTES`.

    16-bit PNG and TIFF keep their depth. Their matrix-type and grey profiles are applied in float; profiles
    made of lookup tables, which are rare, go through lcms at 8 bits. Raises UserError as `inspect` does, and
    for a file whose pixels are damaged or cut off.
    """
    with _decoding():
        kind = _kind(data, own)
        if kind == "RAW":
            image = _decode_raw(data, edge)
        else:
            with _open(data, kind) as source:
                image = _decode_picture(source, kind, data, edge)
    return replace(image, pixels=resize(image.pixels, edge)) if edge else image


@dataclass(frozen=True, eq=False)
class Values:
    """What a picture file says of each pixel, upright, without regard to colour profiles."""

    colours: np.ndarray
    """uint8 or uint16 HxWxC: one channel where the picture is grey, else red, green, blue."""
    alpha: np.ndarray | None
    """uint8 or uint16 HxW; None where nothing is transparent."""
    lossy: bool
    """Whether the format changes values a little."""
    orientation: int | None
    """EXIF's number of the turn that was applied, where the file tells one."""


def values(data: bytes) -> Values:
    """Read a picture as values, such as a mask. Raises UserError as `decode` does."""
    import cv2

    with _decoding():
        kind = _kind(data)
        if kind == "RAW":
            return Values(as_uint8(decode(data).pixels), None, True, 1)
        with _open(data, kind) as source:
            header, orientation = _header(source, kind, data), _orientation(source)
            told = source.getexif().get(274)
            lossy = kind in ("JPEG", "HEIC", "AVIF") or (kind == "WebP" and b"VP8L" not in data[:64])
            if header.linear:
                pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
                pixels = pixels[..., None] if pixels.ndim == 2 else pixels
                pixels, alpha = pixels[..., 2::-1], pixels[..., 3] if pixels.shape[2] == 4 else None
            else:
                pixels, alpha = source, None
                if source.has_transparency_data:
                    pixels = source.convert("LA" if source.mode == "LA" else "RGBA")
                    alpha = np.asarray(pixels.getchannel("A"))
                grey = pixels.mode in ("1", "L", "LA")
                pixels = np.asarray(pixels.convert("L" if grey else "RGB"))
                pixels = pixels[..., None] if grey else pixels
            alpha = None if alpha is None else upright(alpha, orientation)
            return Values(upright(pixels, orientation), alpha, lossy, told if told in range(1, 9) else None)


def decode_alpha(data: bytes) -> np.ndarray | None:
    """Decode the alpha channel of a picture, uint8 HxW, upright; None where it hides nothing.

    Raises UserError as `decode` does.
    """
    with _decoding():
        kind = _kind(data)
        if kind == "RAW":
            return None
        with _open(data, kind) as source:
            return _alpha(source, _orientation(source))


@dataclass(frozen=True)
class Traits:
    """What a photo's file is besides its pixels, as `decode` gives them."""

    icc: bytes | None
    """Its colour profile."""
    grey: bool
    """Whether it has no colour channels."""
    animated: bool
    transparent: bool


def traits(data: bytes) -> Traits:
    """Tell what a file is besides its pixels. Raises UserError as `decode` does."""
    with _decoding():
        kind = _kind(data)
        if kind == "RAW":
            return Traits(None, False, False, False)
        with _open(data, kind) as source:
            icc, grey = source.info.get("icc_profile"), source.mode in ("1", "L", "LA", "I;16", "I;16B")
            animated = getattr(source, "is_animated", False) and kind in ("GIF", "PNG", "WebP", "AVIF")
            return Traits(icc, grey, animated, _alpha(source, 1) is not None)


@dataclass(frozen=True)
class Stored:
    """How a file stores its picture."""

    format: str
    """As in `Header`."""
    width: int
    height: int
    """As stored, before it is turned upright."""
    orientation: int
    """EXIF's number, 1..8, of the turn that makes it upright."""


def stored(data: bytes) -> Stored:
    """Tell how a file stores its picture. Raises UserError as `inspect` does."""
    with _decoding():
        kind = _kind(data)
        if kind == "RAW":
            with raw.opened(data) as source:
                size, orientation, is_upright = _raw_size(source), raw.orientation(source), True
        else:
            with _open(data, kind) as source:
                size, orientation, is_upright = source.size, _orientation(source), kind in ("TIFF", "HEIC")
                if kind == "TIFF":
                    orientation = source.tag_v2.get(274)
                elif kind == "HEIC":
                    orientation = source.info.get("original_orientation")
        if orientation not in range(1, 9):
            orientation = 1
        width, height = reversed(size) if is_upright and orientation >= 5 else size
    return Stored(kind, width, height, orientation)


def encode(
    pixels: np.ndarray,
    format: str,
    quality: int = 92,
    exif: bytes | None = None,
    texts: dict[str, str] | None = None,
    like: Traits | None = None,
) -> bytes:
    """Write a file with an sRGB profile: uint8 HxWx3 to "JPEG" (4:4:4, progressive), "PNG" or "WebP".

    PNG and WebP take HxWx4 too, the fourth being alpha.
    quality: 1..100, for JPEG and WebP. texts: what a PNG tells besides, by keyword. like: those of the file whose
    profile is to be kept, as far as it can hold the pixels, HxWx3; and no colour channels where it had none. Raises
    UserError where the format cannot hold the size.
    """
    height, width = pixels.shape[:2]
    longest = {"JPEG": 65500, "WebP": 16383}.get(format)
    if longest and max(width, height) > longest:
        raise UserError(f"A {format} file can be at most {longest} pixels wide or high; choose PNG instead.")
    options = {
        "JPEG": {"quality": quality, "subsampling": 0, "progressive": True, "optimize": True},
        "PNG": {"compress_level": 4},
        "WebP": {"quality": quality, "method": 3},
    }[format]
    if exif:
        options["exif"] = exif
    if texts:
        options["pnginfo"] = PngInfo()
        for keyword, text in texts.items():
            options["pnginfo"].add_itxt(keyword, text)
    picture, icc = Pillow.fromarray(pixels), colour.srgb_profile()
    if like:
        picture, icc = colour.from_srgb(picture, like.icc)
        if like.grey and picture.mode == "RGB" and colour.is_grey(picture) and format != "WebP":
            picture, icc = picture.convert("L"), None
    file = io.BytesIO()
    try:
        picture.save(file, format, icc_profile=icc, **options)
    except OSError:
        # Pillow's memory for a JPEG of several passes is too small for what is little but noise.
        file = io.BytesIO()
        picture.save(file, format, icc_profile=icc, **options | {"progressive": False, "optimize": False})
    return file.getvalue()


def thumbnail(image: Image) -> bytes:
    """Make a small WebP, long edge at most `THUMBNAIL_EDGE`."""
    return encode(as_uint8(resize(image.pixels, THUMBNAIL_EDGE)), "WebP", quality=80)


def likeness(pixels: np.ndarray) -> int:
    """Hash what a photo looks like, uint8 HxWx3 of any size: alike photos differ in few of its 64 bits.

    DCT hash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions"), as a signed integer.
    """
    import imagehash

    bits = imagehash.phash(Pillow.fromarray(pixels)).hash
    return int(np.packbits(bits).view(">i8")[0])


def rendition(image: Image, edge: int = DISPLAY_EDGE) -> tuple[bytes, str]:
    """Make what the browser edits, its long edge at most `edge`; returns it and its media type.

    8-bit sources: a file in 8-bit sRGB. Linear ones: `HALF_FLOAT` pixels, linear sRGB.
    """
    media_type = rendition_type(image.header.linear)
    pixels = resize(image.pixels, edge)
    if image.header.linear:
        largest = np.float32(np.finfo(np.float16).max)
        return np.minimum(pixels, largest).astype("<f2").tobytes(), media_type
    # JPEG with whole colour (4:4:4) against WebP, both at quality 95, 12 megapixels of portraits: a third of
    # the mean error (0.29 of 255 against 0.95), encoded in a quarter of the time (0.4 s), 8 % more bytes.
    return encode(pixels, "JPEG", quality=95), media_type


def rendition_type(linear: bool) -> str:
    """Give the media type of the rendition of a linear photo, or of another."""
    return HALF_FLOAT if linear else "image/jpeg"


def rendition_size(header: Header) -> tuple[int, int]:
    """Give the width and height of the photo's rendition."""
    return fit(header.width, header.height, DISPLAY_EDGE)


def fit(width: int, height: int, edge: int) -> tuple[int, int]:
    """Scale a width and height so that the long edge is at most `edge`; never enlarged, never under 1."""
    scale = min(1.0, edge / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def resize(pixels: np.ndarray, edge: int) -> np.ndarray:
    """Scale HxWx3 or HxW pixels (uint8 or float32) down by area averaging to a long edge of at most `edge`."""
    import cv2

    height, width = pixels.shape[:2]
    size = fit(width, height, edge)
    return pixels if size == (width, height) else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def reduce(pixels: np.ndarray, count: float) -> np.ndarray:
    """Scale HxWx3 or HxW pixels (uint8 or float32) down by area averaging to about `count` of them at most."""
    height, width = pixels.shape[:2]
    scale = (count / (height * width)) ** 0.5
    return pixels if scale >= 1 else resize(pixels, max(1, round(max(height, width) * scale)))


def as_uint8(pixels: np.ndarray) -> np.ndarray:
    """Make uint8 sRGB HxWx3 of the pixels of any `Image`: linear floats are encoded, and clipped at white."""
    if pixels.dtype == np.uint8:
        return pixels
    out = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _BAND):
        band = colour.linear_to_srgb(np.clip(pixels[top : top + _BAND], 0, 1))
        out[top : top + _BAND] = np.rint(band * 255)
    return out


def _kind(data: bytes, own: bool = False) -> str:
    """Tell the format by the first bytes; UserError for what is no photo, or too large and not Envo's own."""
    if not data:
        raise UserError("This file is empty.")
    if len(data) > MAX_FILE_BYTES and not own:
        raise UserError(f"This file is larger than {MAX_FILE_BYTES // 2**20} MB, the most that Envo takes.")
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "RAW" if raw.is_raw(data) else "TIFF"
    if data[:2] == b"BM":
        return "BMP"
    if data[4:8] == b"ftyp":
        return _iso_kind(data)
    if data[:5] == b"%PDF-":
        raise UserError("This is a PDF; export the photo in it as JPEG or PNG and bring that.")
    if data.lstrip()[:1] == b"<" and b"<svg" in data[:2048]:
        raise UserError("This is an SVG drawing; export it as PNG and bring that.")
    if data[:4] == b"\x1aE\xdf\xa3" or (data[:4] == b"RIFF" and data[8:12] == b"AVI "):
        raise UserError("This is a video; Envo edits still photos.")
    if not raw.is_raw(data):
        raise UserError(_UNKNOWN)
    return "RAW"


def _iso_kind(data: bytes) -> str:
    """Tell HEIC, AVIF, Canon's CR3 and video apart by the brands of the `ftyp` box (ISO/IEC 14496-12)."""
    box = data[8 : max(8, min(int.from_bytes(data[:4], "big"), 256))]
    brands = {box[at : at + 4] for at in range(0, len(box) - 3, 4)}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return "HEIC"
    if b"crx " in brands:
        return "RAW"
    raise UserError("This is a video, or a kind of picture that Envo does not know; it edits still photos.")


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn whatever a decoder raises into a sentence for the visitor."""
    try:
        yield
    except UserError:
        raise
    except Pillow.DecompressionBombError as error:
        raise UserError(_too_large()) from error
    except MemoryError as error:
        raise UserError("This photo needs more memory than there is; try a smaller one.") from error
    except Exception as error:
        raise UserError(_DAMAGED) from error


def _too_large() -> str:
    return f"This photo has more than {MAX_PIXELS // 1_000_000} megapixels, the most that Envo takes."


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise UserError("This photo has no pixels.")
    if width * height > MAX_PIXELS:
        raise UserError(_too_large())


@contextmanager
def _open(data: bytes, kind: str) -> Iterator[Pillow.Image]:
    """Open with Pillow as `kind` and nothing else, within the limits; no pixels are decoded yet."""
    if kind == "HEIC":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    with Pillow.open(io.BytesIO(data), formats=[_PILLOW_NAMES.get(kind, kind)]) as source:
        _check_size(*source.size)
        yield source


def _header(source: Pillow.Image, kind: str, data: bytes) -> Header:
    depth = _bit_depth(source, kind, data)
    if kind == "TIFF":
        tags = source.tag_v2
        # What can be opened of a RAW that LibRaw refused is its thumbnail, which is not the photo: told by
        # NewSubfileType (reduced), PhotometricInterpretation (mosaic, linear RAW), DNGVersion, or CR2's mark.
        if tags.get(254, 0) & 1 or tags.get(262) in (32803, 34892) or 50706 in tags or data[8:10] == b"CR":
            raise UserError("This RAW is damaged, or its camera is not known yet; try a DNG or JPEG.")
    if source.mode == "F" or (source.mode.startswith("I") and depth != 16):
        raise UserError("This TIFF has neither 8 nor 16 bits a channel; save it with one of these.")
    linear = kind in ("PNG", "TIFF") and depth == 16 and source.mode != "CMYK"
    width, height = source.size
    orientation = _orientation(source)
    if orientation >= 5:
        width, height = height, width
    # Browsers honour a PNG's gamma, Pillow does not; 1/2.2 is what sRGB files carry.
    plain_gamma = abs(source.info.get("gamma", 1 / 2.2) - 1 / 2.2) < 0.001
    browser_ready = (
        kind in ("JPEG", "PNG", "WebP")
        and depth == 8
        and source.mode in ("RGB", "L", "P", "1")
        and "transparency" not in source.info
        and getattr(source, "n_frames", 1) == 1
        and orientation == 1
        and plain_gamma
        and colour.is_srgb(source.info.get("icc_profile"))
        and max(width, height) <= DISPLAY_EDGE
    )
    return Header(kind, width, height, depth, browser_ready, linear)


def _bit_depth(source: Pillow.Image, kind: str, data: bytes) -> int:
    """Find the bits of each channel in the file, at least 8."""
    if kind == "PNG":
        return max(8, data[24])
    if kind == "TIFF":
        return max(8, *source.tag_v2.get(258, (1,)))
    if kind == "HEIC":
        return source.info["bit_depth"]
    if kind == "AVIF":
        # The AV1 configuration box says it in two bits of its third byte.
        at = data.find(b"av1C")
        flags = data[at + 6] if 0 <= at < len(data) - 6 else 0
        return 12 if flags & 0x20 and flags & 0x40 else 10 if flags & 0x40 else 8
    return 8


def _orientation(source: Pillow.Image) -> int:
    """Find the EXIF orientation (1..8) still to be applied: Pillow turns TIFF itself, libheif HEIC."""
    if source.format in ("TIFF", "HEIF") or "exif" not in source.info:
        return 1
    exif = Pillow.Exif()
    try:
        exif.load(source.info["exif"])
        orientation = exif.get(0x0112, 1)
    except Exception:  # Pillow's reader fails in many ways on broken EXIF, which must not cost the photo
        return 1
    return orientation if orientation in range(1, 9) else 1


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation (1..8) to HxWx3 or HxW pixels; contiguous."""
    if orientation in (2, 4, 5, 7):
        pixels = pixels[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(pixels, turns))


def _alpha(source: Pillow.Image, orientation: int) -> np.ndarray | None:
    """Alpha of what Pillow has opened, uint8 HxW, upright; None where it hides nothing."""
    alpha = source.convert("RGBA").getchannel("A") if source.has_transparency_data else None
    if alpha is None or alpha.getextrema()[0] == 255:
        return None
    return upright(np.asarray(alpha), orientation)


def _decode_picture(source: Pillow.Image, kind: str, data: bytes, edge: int | None) -> Image:
    """Decode what Pillow has opened; with `edge`, perhaps smaller already, and never under that."""
    header = _header(source, kind, data)
    # Taken before the pixels are loaded: Pillow forgets that it turned a TIFF.
    orientation, icc, block = _orientation(source), source.info.get("icc_profile"), source.info.get("exif")
    pixels = _linear_pixels(source, data, icc) if header.linear else _srgb_pixels(source, icc, edge)
    exif = metadata.exif_of_file(data) if kind == "TIFF" else metadata.exif_of_block(block)
    return Image(upright(pixels, orientation), exif, header)


def _raw_size(source) -> tuple[int, int]:
    """Width and height of an opened `rawpy.RawPy`, developed and upright, within the limits."""
    _check_size(source.sizes.raw_width, source.sizes.raw_height)
    width, height = raw.size(source)
    _check_size(width, height)
    return width, height


def _raw_header(source) -> Header:
    """Read the header of an opened `rawpy.RawPy`, within the limits."""
    width, height = _raw_size(source)
    return Header("RAW", width, height, raw.bit_depth(source), browser_ready=False, linear=True)


def _decode_raw(data: bytes, edge: int | None) -> Image:
    """Decode a RAW; with `edge`, at half size where that is enough."""
    import cv2

    with raw.opened(data) as source:
        header = _raw_header(source)
        width, height = header.width, header.height
        half = edge is not None and max(width, height) >= 2 * edge
        pixels = raw.develop(source, half)
        lens = source.lens.model
    if abs(pixels.shape[1] * height / (pixels.shape[0] * width) - 1) > 0.02:
        raise UserError("The sensor of this camera is laid out in a way not known yet; try a JPEG of the photo.")
    if not half and pixels.shape[:2] != (height, width):
        # LibRaw rounds the size of non-square pixels in its own way.
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return Image(pixels, metadata.exif_of_file(data, lens), header)


def _srgb_pixels(source: Pillow.Image, icc: bytes | None, edge: int | None) -> np.ndarray:
    """Decode to uint8 HxWx3 sRGB; not upright yet."""
    if edge and source.format in ("JPEG", "MPO"):
        # JPEG can be decoded at 1/2, 1/4 or 1/8; the result is never smaller than asked for.
        source.draft(source.mode, fit(*source.size, edge))
    source.load()
    picture = _flatten(source)
    if not colour.is_srgb(icc):
        picture = colour.to_srgb(picture, icc)
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    # Pillow hands pixels over by way of a second copy; in bands it stays small.
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    for top in range(0, picture.height, _BAND):
        bottom = min(top + _BAND, picture.height)
        pixels[top:bottom] = np.asarray(picture.crop((0, top, picture.width, bottom)))
    return pixels


def _flatten(source: Pillow.Image) -> Pillow.Image:
    """Load as RGB, L or CMYK; what is transparent is laid on white."""
    if source.has_transparency_data:
        picture = source.convert("RGBA")
        paper = Pillow.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        return paper.convert("RGB")
    return source if source.mode in ("RGB", "L", "CMYK") else source.convert("RGB")


def _linear_pixels(source: Pillow.Image, data: bytes, icc: bytes | None) -> np.ndarray:
    """Decode a 16-bit PNG or TIFF to float32 HxWx3 linear sRGB; a PNG is not upright yet."""
    import cv2

    inverted = source.format == "TIFF" and source.tag_v2.get(262) == 0
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16:
        raise ValueError("OpenCV could not decode it at 16 bits")
    if values.ndim == 2:
        values = np.repeat(values[:, :, None], 3, axis=2)
    alpha, values = values[:, :, 3:], values[:, :, 2::-1]
    if inverted:
        values = 65535 - values
    if alpha.size:
        opacity = alpha.astype(np.uint32)
        values = ((values * opacity + 65535 * (65535 - opacity)) // 65535).astype(np.uint16)
    profile = None if colour.is_srgb(icc) else colour.matrix_profile(icc)
    if profile is None and not colour.is_srgb(icc):
        values = np.asarray(colour.to_srgb(Pillow.fromarray((values >> 8).astype(np.uint8)), icc)) * np.uint16(257)
    curves = colour.srgb_curves() if profile is None else profile.curves
    pixels = np.stack([curves[channel][values[:, :, channel]] for channel in range(3)], axis=2)
    if profile and profile.to_srgb is not None:
        for top in range(0, len(pixels), _BAND):
            band = pixels[top : top + _BAND]
            pixels[top : top + _BAND] = np.maximum(band @ profile.to_srgb.T, 0)
    return pixels
