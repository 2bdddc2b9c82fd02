"""A photo's own pixels, upright, as its file holds them: the first of two stages of decoding.

`read` gives the values that are in the file, with what the file tells of their colours; `file.PhotoFile`, which alone
asks here, makes sRGB of them. The content of a file decides what it is, never its name; a decoder for each kind is in
`_OPENERS`. Whatever the bytes, `kind`, `look` and `read` either answer or raise `UserError`: a decoder that stops
half-way is an error, not a grey lower half.
"""

import io
import math
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow

from envo import colour, gainjpeg, gainmap, heif, jpeg, memory, png, raw, tiff
from envo.colour import BAND, Space
from envo.development import DEVELOPED, Development
from envo.errors import NoMemory, UserError
from envo.gainmap import Found
from envo.settings import MAX_FILE_BYTES, MAX_PIXELS

if TYPE_CHECKING:
    import rawpy

# Pillow itself warns above this many pixels and refuses twice as many; we refuse first, and in our own words.
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
# The oddities of visitors' files would fill the log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_DAMAGED = "This photo is damaged or incomplete; try a fresh copy of the file."
_UNKNOWN = "This is no photo that Envo can read; it takes JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC, AVIF and RAW."
_UNKNOWN_WAY = "This photo is stored in a way that Envo does not know; save it anew as JPEG or PNG."
_UNKNOWN_RAW = "This RAW is damaged, or its camera is not known yet; try a DNG or JPEG."


@dataclass(frozen=True)
class Facts:
    """What is known of a photo before its pixels are decoded.

    format: "JPEG", "PNG", "WebP", "GIF", "TIFF", "BMP", "HEIC", "AVIF" or "RAW".
    width, height: pixels, upright.
    orientation: EXIF's number, 1..8, of the turn that makes what is stored upright. tells_orientation: whether the
        file tells it.
    model: what the channels are: "grey", "RGB", "CMYK" (0 no ink) or "Lab" (a* and b* offset by half).
    bit_depth: bits of each channel in the file, at least 8; 32 for floats.
    space: what the file tells of its colours, of all that it tells what its standard puts first.
    has_alpha: whether there is a channel of alpha, or a clear colour. is_associated: colours are multiplied by it.
    animated: whether there are more pictures, shown one after the other.
    lens: what a RAW was taken with, "" where that is not known; of other files EXIF tells it.
    brightest: light of the brightest pixel, cd/m2, of a file whose space is PQ; 0 where it tells none.
    gain: its gain map, as it is in the file; None where it has none.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    tells_orientation: bool = False
    model: str = "RGB"
    bit_depth: int = 8
    space: Space = colour.SRGB
    has_alpha: bool = False
    is_associated: bool = False
    animated: bool = False
    lens: str = ""
    brightest: float = 0.0
    gain: Found | None = None

    @property
    def headroom(self) -> float:
        """Stops above white that its light reaches; 0 where it ends there, or nobody knows."""
        return self.gain.numbers.headroom if self.gain else self.space.headroom(self.brightest)


@dataclass(frozen=True, eq=False)
class Raster:
    """A photo's own pixels.

    values: HxWxC, C being 1 for grey, 3 for RGB and Lab, 4 for CMYK, upright. uint8; uint16 for more than 8 bits,
        stretched to all 16; float32 for floats, 1 being white, and for RAW (linear sRGB, not clamped). Palettes are
        expanded.
    alpha: HxW of the same dtype, the highest value (1.0) opaque; None where the file has none, or it hides nothing.
    facts: of the file; its size is the full size even where `read` was asked for a small picture.
    """

    values: np.ndarray
    alpha: np.ndarray | None
    facts: Facts

    def straight(self) -> np.ndarray:
        """Give the values without alpha multiplied into them."""
        if self.alpha is None or not self.facts.is_associated:
            return self.values
        out, top = np.empty_like(self.values), _top(self.values)
        for start in range(0, len(out), BAND):
            band, alpha = self.values[start : start + BAND], self.alpha[start : start + BAND, :, None]
            whole = band * (np.float32(top) / np.maximum(alpha, np.float32(1e-6)))
            out[start : start + BAND] = np.where(alpha > 0, np.minimum(whole, top) + (top > 1) * 0.5, top)
        return out


def _top(values: np.ndarray) -> int:
    """Give the value that is white, or opaque."""
    return 1 if values.dtype == np.float32 else np.iinfo(values.dtype).max


_Load = Callable[[int | None], np.ndarray]
"""Decodes pixels as stored, HxWxC with alpha last where there is any; with an edge, perhaps smaller ones."""


def look(data: bytes, kind: str) -> Facts:
    """Read the headers of a photo of this `kind`; only of a RAW also the sensor's values, which tell its bit depth.

    Raises UserError for what is damaged there, or has more than `MAX_PIXELS`.
    """
    with _sentences(), _OPENERS.get(kind, _open_plain)(data, kind) as (facts, _):
        return facts


def read(data: bytes, kind: str, edge: int | None = None, development: Development = DEVELOPED) -> Raster:
    """Decode a photo's own pixels; with `edge`, perhaps as a smaller picture, whose long edge is not under that.

    development: of a RAW.
    Raises UserError as `look` does, and for a file whose pixels are damaged or cut off.
    """
    opener = _OPENERS.get(kind, _open_plain) if kind != "RAW" else partial(_open_raw, development=development)
    with memory.PHOTOS, _sentences(), opener(data, kind) as (facts, load):
        memory.PHOTOS.draw(_cost(facts, edge))
        values = load(edge)
        if facts.format not in ("RAW", "HEIC"):
            values = upright(values, facts.orientation)
    alpha = None
    if facts.has_alpha:
        values, alpha = values[:, :, :-1], values[:, :, -1]
        if alpha.min() == _top(values):
            alpha = None
    return Raster(values, alpha, facts)


def light(data: bytes) -> tuple[float, float] | None:
    """Tell the light that a RAW's camera was set for; see `raw.white`. Raises UserError as `look` does."""
    with _sentences(), _known(data) as source:
        return raw.white(source)


def preview(data: bytes, edge: int) -> np.ndarray | None:
    """Read the camera's own picture inside a RAW; see `raw.preview`. Raises UserError as `look` does."""
    with memory.PHOTOS, _sentences(), _known(data) as source:
        _check_size(*raw.size(source))
        memory.PHOTOS.draw(6 * math.prod(raw.size(source)))
        return raw.preview(source, edge)


def _cost(facts: Facts, edge: int | None) -> int:
    """Judge how many bytes it takes to decode a photo, and to make sRGB of it: what a decoder gives, and turns, as
    the file has it, and the result.
    """
    pixels = facts.width * facts.height
    if edge and facts.format in ("JPEG", "RAW"):  # decoded smaller, see `_draft` and `_open_raw`
        times, most = max(facts.width, facts.height) / edge, 8 if facts.format == "JPEG" else 2
        pixels //= min(most, 1 << max(0, int(times).bit_length() - 1)) ** 2
    channels = {"grey": 1, "CMYK": 4}.get(facts.model, 3) + facts.has_alpha
    own = channels * (2 if facts.bit_depth == 8 else 12 if facts.bit_depth > 16 else 4)
    sensor = 10 if facts.format == "RAW" else 0
    return pixels * (own + (3 if facts.bit_depth == 8 else 12) + sensor)


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn whatever a decoder raises into a sentence for the visitor."""
    try:
        yield
    except UserError:
        raise
    except Pillow.DecompressionBombError as error:
        raise UserError(_too_large()) from error
    except MemoryError as error:
        raise NoMemory("This photo needs more memory than there is; try a smaller one.") from error
    except Exception as error:
        # Decoders have no type of error for what is whole, but in a way that they do not know.
        unknown = isinstance(error, NotImplementedError) or re.search("[Uu]nsupported|not support", str(error))
        raise UserError(_UNKNOWN_WAY if unknown else _DAMAGED) from error


def _too_large() -> str:
    return f"This photo has more than {MAX_PIXELS // 1_000_000} megapixels, the most that Envo takes."


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise UserError("This photo has no pixels.")
    if width * height > MAX_PIXELS:
        raise UserError(_too_large())


def kind(data: bytes, own: bool = False) -> str:
    """Tell the format, as in `Facts`, by the first bytes, and of a TIFF by what it has in it.

    Raises UserError for what is no photo, or larger than `MAX_FILE_BYTES`. own: Envo wrote the file itself, so it may
    be larger.
    """
    if not data:
        raise UserError("This file is empty.")
    if len(data) > MAX_FILE_BYTES and not own:
        raise UserError(f"This file is larger than {MAX_FILE_BYTES // 2**20} MB, the most that Envo takes.")
    with _sentences():
        return _kind(data)


def _kind(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(png.SIGNATURE):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] in tiff.SIGNATURES:
        # Many RAW are TIFF inside.
        return "RAW" if tiff.may_be_raw(data) else "TIFF"
    if data[:2] == b"BM":
        return "BMP"
    if data[4:8] == b"ftyp":
        return _iso_kind(data)
    if data[:4] == b"\x1aE\xdf\xa3" or (data[:4] == b"RIFF" and data[8:12] == b"AVI "):
        raise UserError("This is a video; Envo edits still photos.")
    for start, mark, name in _OTHERS:
        if data[start : start + len(mark)] == mark:
            raise UserError(f"This is {name}; export the photo in it as JPEG or PNG and bring that.")
    if data.lstrip()[:1] == b"<":
        if b"<svg" in data[:2048]:
            raise UserError("This is an SVG drawing; export it as PNG and bring that.")
        if re.search(rb"<(!doctype )?html", data[:2048], re.IGNORECASE):
            raise UserError("This is a web page, not the photo on it; save the photo itself and bring that.")
    if data[:4] == b"\0\5\x16\7":
        raise UserError("This is what macOS keeps beside a photo; bring the file of the same name without the dots.")
    if not data.strip(b"\0"):
        raise UserError("This file holds nothing but zeros: it was never written to its end; try the original.")
    if not data.startswith(_RAW_MARKS):
        # LibRaw would take any file of some sizes for what a camera wrote that marked nothing.
        raise UserError(_UNKNOWN)
    return "RAW"


_RAW_MARKS = (
    *(b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"II\x1a\0\0\0HEAPCCDR", b"\0MRM", b"FOVb"),
    *(b"ARRI", b"DSC-Image", b"NOKIARAW", b"PWAD", b"qktk", b"qktn"),
)
"""What RAW files begin with that are no TIFF inside: Olympus, Panasonic, Fujifilm, Canon, Minolta,
Sigma, and old ones."""
_OTHERS = (
    (0, b"%PDF-", "a PDF"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"gimp xcf", "a GIMP document"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (0, b"II\xbc\1", "a JPEG XR"),
    (0, b"\x76\x2f\x31\1", "an OpenEXR"),
    (0, b"#?RADIANCE", "a Radiance picture"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"\0\0\1\0", "an icon"),
    (128, b"DICM", "a DICOM file"),
    (0, b"PK\3\4", "a zip"),
    (0, b"Rar!", "an archive"),
    (0, b"7z\xbc\xaf", "an archive"),
)
"""What else people have pictures in: where it is marked, and how."""


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
def _open_plain(data: bytes, kind: str) -> Iterator[tuple[Facts, _Load]]:
    """WebP, GIF and BMP, by Pillow."""
    if kind == "WebP":
        # Pillow asks for the memory of a picture as it opens it.
        _check_size(*_webp_size(data))
    with _pillow(data, kind) as source:
        icc, block = source.info.get("icc_profile"), source.info.get("exif")
        facts = _facts_of_pillow(source, kind, _by_profile(icc, source), block)
        yield facts, lambda edge: _values(source, facts)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read the width and height that the first chunk of a WebP tells (RFC 9649)."""
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


@contextmanager
def _open_jpeg(data: bytes, kind: str) -> Iterator[tuple[Facts, _Load]]:
    told = jpeg.read(data)
    if told.is_rare:
        raise UserError("This JPEG is of a rare kind, lossless or of more than 8 bits; save it anew as JPEG or PNG.")
    if told.frame:
        _check_size(told.width, told.height)
    if told.is_costly:
        raise UserError("This JPEG comes in more passes over the picture than any program writes; save it anew.")
    if not told.can_be_in(len(data)) or (not told.ended and any(told.missing.values())):
        raise UserError(_DAMAGED)
    endings = (data,) if told.ended else jpeg.filled(data)
    with _pillow(endings[0], kind) as source:
        block = source.info.get("exif")
        space = _by_profile(source.info.get("icc_profile"), source)
        if space.icc is None and source.mode == "RGB":
            space = _space_of_exif(block)
        facts = replace(_facts_of_pillow(source, kind, space, block), animated=False, gain=gainjpeg.find(data))

        def load(edge: int | None) -> np.ndarray:
            _draft(source, edge)
            values = _values(source, facts)
            for ending in endings[1:]:
                with _pillow(ending, kind) as other:
                    _draft(other, edge)
                    if not np.array_equal(values, _values(other, facts)):
                        raise UserError(_DAMAGED)
            return values

        yield facts, load


def _draft(source: Pillow.Image, edge: int | None) -> None:
    """Have a JPEG decoded at 1/2, 1/4 or 1/8; the result is never smaller than asked for."""
    if edge:
        scale = min(1.0, edge / max(source.size))
        source.draft(source.mode, tuple(max(1, round(side * scale)) for side in source.size))


@contextmanager
def _open_png(data: bytes, kind: str) -> Iterator[tuple[Facts, _Load]]:
    told = png.read(data)
    _check_size(told.width, told.height)
    facts = Facts(
        kind,
        *_turned(told.width, told.height, _orientation(told.exif) or 1),
        **_orientation_of(told.exif),
        model="grey" if told.colour_type in (0, 4) else "RGB",
        bit_depth=max(8, told.depth),
        space=told.space,
        has_alpha=told.has_alpha,
        animated=told.animated,
        brightest=told.brightest,
    )
    yield facts, lambda edge: png.decode(told)


@contextmanager
def _open_tiff(data: bytes, kind: str) -> Iterator[tuple[Facts, _Load]]:
    told = tiff.read(data)
    _check_size(told.width, told.height)
    facts = Facts(
        kind,
        *_turned(told.width, told.height, told.orientation),
        orientation=told.orientation,
        tells_orientation=274 in told.page.fields,
        model=told.model,
        bit_depth=32 if told.is_float else min(16, max(8, told.bits)),
        space=told.space,
        has_alpha=told.alpha is not None,
        is_associated=told.is_associated,
    )
    yield facts, lambda edge: tiff.decode(told)


@contextmanager
def _open_heic(data: bytes, kind: str) -> Iterator[tuple[Facts, _Load]]:
    """HEIC, by libheif, which turns it as its own boxes say; what EXIF says of that is for those who cannot."""
    import pillow_heif

    source = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
    _check_size(*source.size)
    mode, told = source.mode, source.info
    model, nclx = "grey" if mode[0] in "LI" else "RGB", told.get("nclx_profile") or {}
    icc, coded = told.get("icc_profile"), colour.SRGB
    if nclx:
        coded = _coded(nclx["color_primaries"], nclx["transfer_characteristics"])
    facts = Facts(
        kind,
        *source.size,
        **_orientation_of(told.get("exif")),
        model=model,
        bit_depth=told["bit_depth"],
        space=Space(icc) if colour.fits(icc, model) else coded,
        has_alpha="A" in mode.upper(),
        is_associated="a" in mode,
        brightest=heif.light_level(data),
        gain=_heif_gain(data, kind, told.get("exif")),
    )

    def load(edge: int | None) -> np.ndarray:
        values = np.asarray(source)
        values = values.reshape(*values.shape[:2], -1)
        return (
            _stretched(values >> (16 - facts.bit_depth), facts.bit_depth)
            if values.dtype == np.uint16
            else values.copy()
        )

    yield facts, load


@contextmanager
def _open_avif(data: bytes, kind: str) -> Iterator[tuple[Facts, _Load]]:
    """AVIF, by libavif: by way of Pillow, which gives 8 bits only, and with imagecodecs where there are more."""
    with _pillow(data, kind) as source:
        depth, space = heif.av1_depth(data), _by_profile(source.info.get("icc_profile"), source)
        if space.icc is None:
            space = _coded(*heif.code_points(data))
        facts = replace(
            _facts_of_pillow(source, kind, space, source.info.get("exif")),
            bit_depth=depth,
            brightest=heif.light_level(data),
            gain=_heif_gain(data, kind, None),
        )
        yield facts, lambda edge: _deep_avif(data, facts) if depth > 8 else _values(source, facts)


def _heif_gain(data: bytes, kind: str, block: bytes | None) -> Found | None:
    """Find the gain map of a HEIC or AVIF whose own colours end at white."""
    there = heif.gain_map(data, gainmap.APPLE)
    if there is None:
        return None
    numbers = gainmap.of_iso(there[1]) if there[1] else gainjpeg.apple_numbers(block or b"")
    return Found(there[0], kind, numbers) if numbers else None


def _deep_avif(data: bytes, facts: Facts) -> np.ndarray:
    """Decode an AVIF of more than 8 bits; of a sequence the first picture."""
    import imagecodecs

    values = imagecodecs.avif_decode(data, index=0)
    values = values.reshape(*values.shape[:2], -1)
    kept = [0] if facts.model == "grey" else [0, 1, 2] if values.shape[2] > 2 else [0, 0, 0]
    return _stretched(values[:, :, [*kept, -1] if facts.has_alpha else kept], facts.bit_depth)


def _stretched(values: np.ndarray, bits: int) -> np.ndarray:
    """Stretch uint16 values of so many bits to all 16."""
    table = (np.arange(1 << bits, dtype=np.uint64) * 65535 // ((1 << bits) - 1)).astype(np.uint16)
    return table[values]


@contextmanager
def _open_raw(data: bytes, kind: str, development: Development = DEVELOPED) -> Iterator[tuple[Facts, _Load]]:
    """RAW, developed by LibRaw; with an edge, at half size where that is enough."""
    with _known(data) as source:
        _check_size(source.sizes.raw_width, source.sizes.raw_height)
        width, height = raw.size(source)
        _check_size(width, height)
        facts = Facts(
            kind,
            width,
            height,
            orientation=raw.orientation(source),
            tells_orientation=True,
            bit_depth=raw.bit_depth(source),
            space=Space(transfer="linear"),
            lens=source.lens.model,
        )

        def load(edge: int | None) -> np.ndarray:
            import cv2

            half = edge is not None and max(width, height) >= 2 * edge
            pixels = raw.develop(source, half, development)
            if abs(pixels.shape[1] * height / (pixels.shape[0] * width) - 1) > 0.02:
                raise UserError(
                    "The sensor of this camera is laid out in a way not known yet; try a JPEG of the photo."
                )
            if not half and pixels.shape[:2] != (height, width):
                # LibRaw rounds the size of non-square pixels in its own way.
                pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
            return pixels

        yield facts, load


@contextmanager
def _known(data: bytes) -> Iterator["rawpy.RawPy"]:
    """Open a RAW; UserError where LibRaw does not know the camera."""
    import rawpy

    is_open = False
    try:
        with raw.opened(data) as source:
            is_open = True
            yield source
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError from error
    except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawNotImplementedError, rawpy.NotSupportedError) as error:
        raise UserError(_UNKNOWN_RAW) from error
    except rawpy.LibRawTooBigError as error:
        raise UserError(_too_large()) from error
    except rawpy.LibRawError as error:
        if is_open:
            raise
        # What else can be opened of it is its thumbnail, which is not the photo.
        raise UserError(_UNKNOWN_RAW) from error


_OPENERS: dict[str, Callable[[bytes, str], AbstractContextManager[tuple[Facts, _Load]]]] = {
    **{"JPEG": _open_jpeg, "PNG": _open_png, "TIFF": _open_tiff},
    **{"HEIC": _open_heic, "AVIF": _open_avif, "RAW": _open_raw},
}
"""Open a photo by its kind, within the limits, no pixels being decoded yet; the other kinds are `_open_plain`'s."""


@contextmanager
def _pillow(data: bytes, kind: str) -> Iterator[Pillow.Image]:
    """Open with Pillow as `kind` and nothing else, within the limits."""
    with Pillow.open(io.BytesIO(data), formats=[{"WebP": "WEBP"}.get(kind, kind)]) as source:
        _check_size(*source.size)
        yield source


def _facts_of_pillow(source: Pillow.Image, kind: str, space: Space, block: bytes | None) -> Facts:
    return Facts(
        kind,
        *_turned(*source.size, _orientation(block) or 1),
        **_orientation_of(block),
        model={"L": "grey", "LA": "grey", "1": "grey", "CMYK": "CMYK"}.get(source.mode, "RGB"),
        space=space,
        has_alpha=source.has_transparency_data,
        animated=getattr(source, "is_animated", False),
    )


def _coded(primaries: int, transfer: int) -> Space:
    """Read the code points of HEIF, where the curves of television are shown as sRGB's is, as browsers do."""
    return colour.coded(primaries, 13 if transfer in colour.TELEVISION else transfer) or colour.SRGB


def _by_profile(icc: bytes | None, source: Pillow.Image) -> Space:
    model = {"L": "grey", "LA": "grey", "1": "grey", "CMYK": "CMYK"}.get(source.mode, "RGB")
    return Space(icc) if colour.fits(icc, model) else colour.SRGB


def _space_of_exif(block: bytes | None) -> Space:
    """Read what Exif tells of colours."""
    exif = _exif(block)
    try:
        photo = exif.get_ifd(0x8769)
        interoperability = exif.get_ifd(0xA005).get(1, "") if 0xA005 in photo else ""
        return colour.of_exif(int(photo.get(0xA001, 0)), str(interoperability).strip("\0 "))
    except Exception:  # as in `_exif`
        return colour.SRGB


def _exif(block: bytes | None) -> Pillow.Exif:
    exif = Pillow.Exif()
    try:
        exif.load(block or b"")
    except Exception:  # Pillow's reader fails in many ways on broken EXIF, which must not cost the photo
        return Pillow.Exif()
    return exif


def _orientation(block: bytes | None) -> int | None:
    """Find the orientation, 1..8, that EXIF tells."""
    try:
        orientation = _exif(block).get(0x0112)
    except Exception:  # as in `_exif`
        return None
    return orientation if orientation in range(1, 9) else None


def _orientation_of(block: bytes | None) -> dict[str, int]:
    told = _orientation(block)
    return {"orientation": told or 1, "tells_orientation": told is not None}


def _turned(width: int, height: int, orientation: int) -> tuple[int, int]:
    return (height, width) if orientation >= 5 else (width, height)


def upright(values: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation (1..8) to HxWxC or HxW values; contiguous."""
    if orientation in (2, 4, 5, 7):
        values = values[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(values, turns))


def _values(source: Pillow.Image, facts: Facts) -> np.ndarray:
    """Load what Pillow has opened, as uint8 HxWxC, alpha last."""
    source.load()
    if facts.has_alpha:
        picture = source.convert("RGBA")
        bands = (0, 3) if facts.model == "grey" else (0, 1, 2, 3)
    else:
        mode = {"grey": "L"}.get(facts.model, facts.model)
        picture = source if source.mode == mode else source.convert(mode)
        bands = tuple(range(len(picture.getbands())))
    # Pillow hands pixels over by way of a second copy; in bands it stays small.
    values = np.empty((picture.height, picture.width, len(bands)), np.uint8)
    for top in range(0, picture.height, BAND):
        band = np.asarray(picture.crop((0, top, picture.width, min(top + BAND, picture.height))))
        values[top : top + BAND] = (
            band.reshape(*band.shape[:2], -1)[:, :, list(bands)]
            if facts.has_alpha
            else band.reshape(*band.shape[:2], -1)
        )
    return values
