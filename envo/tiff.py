"""TIFF 6.0 and BigTIFF: which page is the photo, what it tells, and its pixels.

The directories are read here, within bounds, so that what they tell and what is decoded are one thing; the pixels of
the page are decoded by tifffile and imagecodecs, which are given that page's directory and no other.
"""

import io
import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow

from envo import colour, jpeg
from envo.colour import BAND, Space
from envo.errors import UserError
from envo.settings import MAX_PIXELS

if TYPE_CHECKING:
    import tifffile

# The oddities of visitors' files would fill the log.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_MOST_PAGES = 64
"""Directories that are looked at for the photo."""
_MOST_SEGMENTS = 200_000
_MOST_BYTES = 16 * MAX_PIXELS
"""Of pixels: four channels of floats, of the largest photo."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_STRUCTURE = frozenset(
    (256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 322, 323, 324, 325, 338, 339, 347, 530)
)
"""Fields that tell how pixels are stored."""

# Compressions and how many bytes each makes of one, at most.
_COMPRESSIONS = {
    1: 1,
    2: 4096,
    3: 4096,
    4: 65536,
    5: 2800,
    7: 3072,
    8: 1032,
    32946: 1032,
    32773: 64,
    34925: 10**6,
    50000: 10**6,
}
_COMPRESSION_NAMES = {
    **{6: "JPEG of an old kind", 33003: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000", 34661: "JBIG"},
    **{34887: "LERC", 34934: "JPEG XR", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL", 32809: "ThunderScan"},
}
_LZW = 5
_MOSAICS = (32803, 34892)
"""PhotometricInterpretation of what a sensor saw: colour filter array, linear RAW."""
_CAMERAS_OWN = (32767, 32769, 32770, 32867, 34713, 65000, 65535)
"""Compressions that only cameras use, by Sony, Epson, Samsung, Kodak, Nikon, Kodak, Pentax."""
_SUB_IFDS, _CFA_PATTERN, _LEAF_DATA, _EXIF_IFD, _ICC = 330, 33422, 34310, 34665, 34675
_INTEROP_IFD, _DNG_VERSION = 40965, 50706


@dataclass(frozen=True)
class _Directory:
    """A directory of fields: for each its type, how many values, and where these are."""

    data: bytes
    order: str
    big: bool
    fields: dict[int, tuple[int, int, int]]
    next: int

    def numbers(self, tag: int, default: tuple[int, ...] = (), most: int = 65536 * 3) -> tuple[int, ...]:
        """Read whole numbers; the default where there are none, ValueError for too many or past the file's end."""
        kind, count, at = self.fields.get(tag, (0, 0, 0))
        if kind not in _INTEGERS or not count:
            return default
        if count > most:
            raise ValueError(f"{count} values in field {tag}")
        try:
            return struct.unpack_from(f"{self.order}{count}{_INTEGERS[kind]}", self.data, at)
        except struct.error as error:
            raise ValueError(f"field {tag} ends past the file") from error

    def number(self, tag: int, default: int) -> int:
        return self.numbers(tag, (default,))[0]

    def octets(self, tag: int) -> bytes:
        kind, count, at = self.fields.get(tag, (0, 0, 0))
        return self.data[at : at + count] if _SIZES.get(kind) == 1 else b""

    @property
    def is_reduced(self) -> bool:
        """Whether it is a smaller picture of another page, or a mask of it."""
        return bool(self.number(254, 0) & 5) or self.number(255, 1) == 2

    @property
    def is_mosaic(self) -> bool:
        is_told = any(tag in self.fields for tag in (_CFA_PATTERN, _DNG_VERSION, _LEAF_DATA))
        return is_told or self.number(262, 1) in _MOSAICS or self.number(259, 1) in _CAMERAS_OWN


@dataclass(frozen=True)
class Tiff:
    """What the page that is the photo tells.

    width, height: as stored. model: "grey", "RGB", "CMYK" or "Lab". bits: of a sample. is_float. alpha: which sample,
    or None, and whether colours are multiplied by it. orientation: EXIF's number.
    """

    width: int
    height: int
    orientation: int
    model: str
    bits: int
    is_float: bool
    space: Space
    alpha: int | None
    is_associated: bool
    page: _Directory

    @property
    def samples(self) -> tuple[int, ...]:
        """Which samples are decoded: those of colour, or the index of one, then alpha."""
        count = 1 if self.page.number(262, 1) == 3 else {"grey": 1, "CMYK": 4}.get(self.model, 3)
        return (*range(count), *(() if self.alpha is None else (self.alpha,)))


def may_be_raw(data: bytes) -> bool:
    """Tell whether a TIFF holds what a sensor saw, or no whole picture, so that LibRaw is to be asked about it."""
    if data[8:10] == b"CR" or data[8:12] in (b"IIII", b"MMMM"):
        return True
    pages = list(_directories(data))
    return any(page.is_mosaic for page in pages) or (bool(pages) and all(page.is_reduced for page in pages))


def octets(data: bytes, tag: int) -> Iterator[bytes]:
    """Give the bytes of a field, of each directory that has it."""
    return filter(None, (page.octets(tag) for page in _directories(data)))


def read(data: bytes) -> Tiff:
    """Read what the photo's page tells. Raises UserError for what is not read, ValueError for what is damaged."""
    page = next((each for each in _directories(data) if not each.is_reduced and 256 in each.fields), None)
    if page is None:
        raise ValueError("no page is a whole picture")
    width, height = page.number(256, 0), page.number(257, 0)
    photometric, count = page.number(262, -1), page.number(277, 1)
    if photometric < 0:
        photometric = 2 if count >= 3 else 1
    compression = page.number(259, 1)
    if compression not in _COMPRESSIONS:
        name = _COMPRESSION_NAMES.get(compression, f"number {compression}")
        raise UserError(f"The compression of this TIFF, {name}, is not known here; save it with LZW, ZIP or none.")
    model = {0: "grey", 1: "grey", 2: "RGB", 3: "RGB", 5: "CMYK", 6: "RGB", 8: "Lab", 9: "Lab"}.get(photometric)
    needed = 1 if photometric == 3 else {"grey": 1, "CMYK": 4}.get(model, 3)
    is_halved = photometric == 6 and compression != 7 and page.numbers(530, (2, 2), 2) != (1, 1)
    if model is None or (model == "CMYK" and page.number(332, 1) != 1) or is_halved:
        raise UserError("The colours of this TIFF are of a kind not known here; save it as RGB.")
    if count < needed:
        raise ValueError("too few samples for its colours")
    bits, formats = set(page.numbers(258, (1,), 64)), set(page.numbers(339, (1,), 64))
    if len(bits) != 1 or len(formats) != 1:
        raise UserError("The channels of this TIFF differ in depth; save it with 8 or 16 bits a channel.")
    depth, is_float = bits.pop(), formats == {3}
    if formats - {1, 3, 4} or depth not in ((16, 32, 64) if is_float else (*range(1, 17), 32)):
        raise UserError("The numbers in this TIFF are of a kind not known here; save it with 8 or 16 bits a channel.")
    if (photometric in (3, 6) or model in ("Lab", "CMYK")) and (is_float or depth > 16):
        raise UserError("This TIFF has too many bits a channel for its kind of colours; save it as RGB with 16.")
    if model == "Lab" and depth not in (8, 16):
        raise UserError("Lab in a TIFF has 8 or 16 bits a channel, this has not; save it as RGB.")
    extra = page.numbers(338, (), 64)
    alpha = next(
        (needed + place for place, kind in enumerate(extra) if kind in (1, 2) and needed + place < count), None
    )
    orientation = page.number(274, 1)
    return Tiff(
        width,
        height,
        orientation if orientation in range(1, 9) else 1,
        model,
        depth,
        is_float,
        _space(page, model, is_float),
        alpha,
        alpha is not None and extra[alpha - needed] == 1,
        page,
    )


def decode(tiff: Tiff) -> np.ndarray:
    """Decode the page as stored: HxWxC, alpha last, uint8, uint16 or float32; palettes expanded, 0 black.

    Every pixel is from the file: strips and tiles that are missing, cut off or too short are a ValueError.
    """
    import tifffile
    from imagecodecs import bitorder_decode

    page, names = tiff.page, tiff.samples
    segments, is_lzw = _segments(tiff), page.number(259, 1) == _LZW
    with tifffile.TiffFile(io.BytesIO(_alone(page))) as file:
        stored = file.pages[0]
        decoder, tables = stored.decode, stored.jpegtables
        offsets, lengths = stored.dataoffsets, stored.databytecounts
        if len(offsets) < segments or len(lengths) < segments or stored.imagedepth != 1:
            raise ValueError("strips are missing")
        if stored.tilewidth * stored.tilelength > 4 * tiff.width * tiff.height + 2**24:
            raise ValueError("tiles are far larger than the picture")
        lengths, offsets = lengths[:segments], offsets[:segments]
        needed = tiff.height * tiff.width * len(names) * tiff.bits // 8
        if needed > sum(lengths) * _COMPRESSIONS[page.number(259, 1)]:
            raise ValueError("too little data for so many pixels")
        values = np.zeros((tiff.height, tiff.width, len(names)), stored.dtype.newbyteorder("="))
        planar = stored.planarconfig == 2 and stored.samplesperpixel > 1
        for index, (offset, length) in enumerate(zip(offsets, lengths, strict=True)):
            if length == 0 or offset + length > len(page.data):
                raise ValueError("a strip lies past the end of the file")
            if planar and index // (segments // stored.samplesperpixel) not in names:
                continue
            segment = page.data[offset : offset + length]
            if stored.compression == 7:
                _check_jpeg(segment, stored)
            elif is_lzw:
                segment = bitorder_decode(segment) if page.number(266, 1) == 2 else segment
                segment = _from_lzw(segment, _segment_bytes(stored, index))
            segment, (sample, _, top, left, _), _ = decoder(segment, index, jpegtables=tables)
            segment = segment[0, : tiff.height - top, : tiff.width - left]
            place = values[top : top + segment.shape[0], left : left + segment.shape[1]]
            if planar:
                place[:, :, names.index(sample)] = segment[:, :, 0]
            else:
                place[:] = segment[:, :, list(names)] if segment.shape[2] != len(names) else segment
    return _plain(tiff, values)


def _segments(tiff: Tiff) -> int:
    """Count the strips or tiles that make the picture, within bounds."""
    page = tiff.page
    if tiff.width * tiff.height * len(tiff.samples) * max(1, tiff.bits // 8) > _MOST_BYTES:
        raise MemoryError
    if 322 in page.fields:
        width, height = page.number(322, 0), page.number(323, 0)
    else:
        width, height = tiff.width, min(page.number(278, tiff.height), tiff.height)
    if min(width, height) < 1:
        raise ValueError("strips without pixels")
    count = -(-tiff.width // width) * -(-tiff.height // height)
    if page.number(284, 1) == 2:
        count *= page.number(277, 1)
    if count > _MOST_SEGMENTS:
        raise UserError("This TIFF is cut into too many strips; save it anew.")
    return count


def _segment_bytes(stored: "tifffile.TiffPage", index: int) -> int:
    """Count the bytes that a strip or tile is decompressed to."""
    samples = stored.samplesperpixel if stored.planarconfig == 1 else 1
    if stored.is_tiled:
        rows, columns = stored.tilelength, stored.tilewidth
    else:
        top = index % -(-stored.imagelength // stored.rowsperstrip) * stored.rowsperstrip
        rows, columns = min(stored.rowsperstrip, stored.imagelength - top), stored.imagewidth
    return rows * ((columns * samples * stored.bitspersample + 7) // 8)


def _from_lzw(segment: bytes, size: int) -> bytes:
    """Decompress LZW by libtiff, as one row of a TIFF of its own: the decoder in imagecodecs dies of altered data."""
    # Of four samples where it comes out even, since Pillow takes no more than so many pixels.
    samples, photometric = (4, 5) if size % 4 == 0 else (1, 1)
    # The bits of each sample lie at 8 if they are four, and behind them what is compressed.
    fields = (
        *((256, 4, 1, size // samples), (257, 4, 1, 1), (258, 3, samples, 8), (259, 4, 1, _LZW)),
        *((262, 4, 1, photometric), (273, 4, 1, 16), (277, 4, 1, samples), (278, 4, 1, 1), (279, 4, 1, len(segment))),
    )
    table = struct.pack("<H", len(fields)) + b"".join(struct.pack("<HHII", *field) for field in fields) + b"\0\0\0\0"
    data = struct.pack("<4sI4H", b"II*\0", 16 + len(segment), 8, 8, 8, 8) + segment + table
    with Pillow.open(io.BytesIO(data), formats=["TIFF"]) as row:
        return row.tobytes()


def _check_jpeg(segment: bytes, stored: "tifffile.TiffPage") -> None:
    """See that a JPEG in a TIFF is whole and no larger than its strip or tile, before it is decoded."""
    told = jpeg.read(segment)
    area = (stored.tilewidth or stored.imagewidth) * (stored.tilelength or min(stored.rowsperstrip, stored.imagelength))
    if told.width * told.height > 2 * area + 2**16 or told.is_costly or not told.ended:
        raise ValueError("a JPEG that does not fit its strip")


def _plain(tiff: Tiff, values: np.ndarray) -> np.ndarray:
    """Bring samples as stored to uint8, uint16 or float32, colours of a palette and black at 0."""
    page, photometric, bits = tiff.page, tiff.page.number(262, 1), tiff.bits
    if photometric == 3:
        colours = np.array(page.numbers(320), np.uint32).reshape(3, -1).T
        # Some programs write 8 bits where 16 are meant.
        colours = (colours >> 8 if colours.max(initial=0) > 255 else colours).astype(np.uint8)
        if values[:, :, 0].max(initial=0) >= len(colours):
            raise ValueError("a colour that the palette does not have")
        shown = colours[values[:, :, 0]]
        return shown if tiff.alpha is None else np.dstack([shown, _scaled(values[:, :, 1:], bits)])
    values = values.astype(np.float32, copy=False) if tiff.is_float else _scaled(values, bits)
    if photometric == 0:
        top = 1 if tiff.is_float else np.iinfo(values.dtype).max
        np.subtract(top, values[:, :, :1], out=values[:, :, :1])
    if photometric == 6 and page.number(259, 1) != 7:
        values[:, :, :3] = _from_ycbcr(values[:, :, :3])
    if photometric == 8:
        # a* and b* are signed there.
        values[:, :, 1:3] ^= np.array(1 << (bits - 1), values.dtype)
    return values


def _from_ycbcr(values: np.ndarray) -> np.ndarray:
    """Convert luma and colour differences (ITU-R BT.601, full range) of uint8 or uint16 to RGB."""
    top = np.iinfo(values.dtype).max
    out = np.empty_like(values)
    for start in range(0, len(values), BAND):
        luma, blue, red = np.moveaxis(values[start : start + BAND].astype(np.float32), 2, 0)
        blue, red = blue - (top + 1) // 2, red - (top + 1) // 2
        rgb = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=2)
        out[start : start + BAND] = np.rint(np.clip(rgb, 0, top))
    return out


def _scaled(values: np.ndarray, bits: int) -> np.ndarray:
    """Stretch whole numbers of so many bits to all of uint8 or uint16."""
    if bits in (8, 16):
        return values
    if bits == 32:
        return (values >> 16).astype(np.uint16)
    kind, top = (np.uint8, 255) if bits < 8 else (np.uint16, 65535)
    table = (np.arange(1 << bits, dtype=np.uint64) * top // ((1 << bits) - 1)).astype(kind)
    return table[values.astype(np.uint16, copy=False)]


def _alone(page: _Directory) -> bytes:
    """Give the file one directory, of the fields that tell how the page's pixels are stored, and none after it.

    What is compressed by LZW is decompressed before tifffile gets it, and said to be so.
    """
    is_lzw = page.number(259, 1) == _LZW
    structure = _STRUCTURE - {266} if is_lzw else _STRUCTURE
    kept = sorted((tag, *field) for tag, field in page.fields.items() if tag in structure)
    order, width = page.order, 8 if page.big else 4
    table = struct.pack(order + ("Q" if page.big else "H"), len(kept))
    for tag, kind, count, at in kept:
        size = _SIZES[kind] * count
        if count > 4 * _MOST_SEGMENTS or at + size > len(page.data):
            raise ValueError("a field that does not fit the file")
        value = (
            page.data[at : at + size].ljust(width, b"\0")
            if size <= width
            else struct.pack(order + ("Q" if page.big else "I"), at)
        )
        if tag == 259 and is_lzw:
            value = struct.pack(order + _INTEGERS[kind], 1).ljust(width, b"\0")
        table += struct.pack(order + ("HHQ" if page.big else "HHI"), tag, kind, count) + value
    table += b"\0" * width
    data = page.data + b"\0" * (len(page.data) % 2)
    place = slice(8, 16) if page.big else slice(4, 8)
    head = bytearray(data[:16])
    head[place] = struct.pack(order + ("Q" if page.big else "I"), len(data))
    return bytes(head) + data[16:] + table


def _space(page: _Directory, model: str, is_float: bool) -> Space:
    """Read what the page tells of its colours. Floats without a profile are linear light, as editors write them."""
    icc = page.octets(_ICC)
    if colour.fits(icc, model):
        return Space(icc)
    if is_float:
        return Space(transfer="linear")
    exif = _at(page.data, page.order, page.big, page.number(_EXIF_IFD, 0))
    interop = exif and _at(page.data, page.order, page.big, exif.number(_INTEROP_IFD, 0))
    if exif and model == "RGB":
        return colour.of_exif(exif.number(0xA001, 0), interop.octets(1)[:3].decode("latin-1") if interop else "")
    return colour.SRGB


def _directories(data: bytes) -> Iterator[_Directory]:
    """Give the first directories of pages, each followed by those of its SubIFDs."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    try:
        at = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    except struct.error:
        return
    seen = set()
    while at and at not in seen and len(seen) < _MOST_PAGES:
        seen.add(at)
        page = _at(data, order, big, at)
        if page is None:
            return
        yield page
        try:
            below = page.numbers(_SUB_IFDS, (), 16)
        except ValueError:
            below = ()
        yield from filter(None, (_at(data, order, big, each) for each in below))
        at = page.next


def _at(data: bytes, order: str, big: bool, at: int) -> _Directory | None:
    """Read the directory at an offset; None where there is none. Fields of unknown types are left out."""
    head, entry, width = ("Q", "HHQ", 8) if big else ("H", "HHI", 4)
    try:
        if not 8 <= at < len(data):
            return None
        count = struct.unpack_from(order + head, data, at)[0]
        at += 8 if big else 2
        size = 20 if big else 12
        fields = {}
        for place in range(at, at + size * min(count, 4096), size):
            tag, kind, many = struct.unpack_from(order + entry, data, place)
            where = place + size - width
            if kind in _SIZES and _SIZES[kind] * many > width:
                where = struct.unpack_from(order + head.replace("H", "I"), data, where)[0]
            if kind in _SIZES:
                fields.setdefault(tag, (kind, many, where))
        following = at + size * count
        behind = (
            struct.unpack_from(order + head.replace("H", "I"), data, following)[0]
            if following + width <= len(data)
            else 0
        )
        return _Directory(data, order, big, fields, behind)
    except struct.error:
        return None
