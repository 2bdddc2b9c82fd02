"""AVIF (ISO/IEC 23000-22) and JPEG XL (ISO/IEC 18181-2) files, put together of boxes around what the encoders make.

The encoders write pictures that tell nothing; what they tell of their colours and of the photo is put beside them here.
"""

import struct
from dataclasses import dataclass

import numpy as np

from envo import colour
from envo.containers import Told
from envo.exif import MARK

_JPEG_XL = b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
_AVIF_SPEED = 8
"""Of 10. The slower ones take many times as long for a few percent fewer bytes."""
_AVIF_PIXELS = 25_000_000
"""An AVIF of more is a grid."""
_OF_10_BITS = ((np.arange(65536) * 1023 + 32767) // 65535).astype(np.uint16)
"""Of each value of 16 bits."""
_JXL_EFFORT = 5
"""Of 9, likewise."""
_UNSPECIFIED, _YCBCR, _IDENTITY = 2, 6, 0
"""H.273's numbers of matrices, and of what is told by a profile alone."""


def avif(pixels: np.ndarray, icc: bytes, depth: int, quality: int, told: Told) -> bytes:
    """Write an AVIF of 8 or 10 bits, 4:4:4, of quality 100 lossless: uint8 HxWx3, or uint16 where it has 10 bits.

    What is large is a grid of strips: the encoder takes thirty bytes for a pixel of what it is given at once.
    """
    height, width = pixels.shape[:2]
    rows = -(-height // -(-height * width // _AVIF_PIXELS))
    strips = [_av1(pixels[top : top + rows], rows, icc, depth, quality) for top in range(0, height, rows)]
    return _put_together(strips, (width, height), icc, told)


def _av1(pixels: np.ndarray, rows: int, icc: bytes, depth: int, quality: int) -> bytes:
    """Encode a strip, which is made to have so many rows, as an AVIF of its own."""
    import imagecodecs

    if len(pixels) < rows:
        pixels = np.pad(pixels, ((0, rows - len(pixels)), (0, 0), (0, 0)), mode="edge")
    primaries, transfer = colour.code_points(colour.Space(icc)) or (_UNSPECIFIED, _UNSPECIFIED)
    return imagecodecs.avif_encode(
        _OF_10_BITS[pixels] if depth == 10 else pixels,
        quality,
        speed=_AVIF_SPEED,
        bitspersample=depth,
        pixelformat="444",
        primaries=primaries,
        transfer=transfer,
        matrix=_IDENTITY if quality == 100 else _YCBCR,
        numthreads=0,
    )


def jpeg_xl(pixels: np.ndarray, quality: int, told: Told) -> bytes:
    """Write a JPEG XL in sRGB, uint8 or uint16 HxWxC, of quality 100 lossless."""
    import imagecodecs

    made = imagecodecs.jpegxl_encode(
        pixels[:, :, 0] if pixels.shape[2] == 1 else pixels,
        distance=_distance(quality),
        lossless=quality == 100,
        effort=_JXL_EFFORT,
        usecontainer=False,
        numthreads=0,
    )
    parts = [_JPEG_XL]
    if told.exif:
        parts.append(_box(b"Exif", bytes(4) + told.exif.removeprefix(MARK)))
    if told.packet:
        parts.append(_box(b"xml ", told.packet))
    return b"".join([*parts, _box(b"jxlc", made)])


def _distance(quality: int) -> float:
    """Give libjxl's distance for a quality as JPEG has it, by the formula of its own tools; 0 is lossless."""
    if quality >= 100:
        return 0.0
    return 0.1 + (100 - quality) * 0.09 if quality >= 30 else 53 / 3000 * quality**2 - 23 / 20 * quality + 25


@dataclass(frozen=True)
class _Item:
    """What an AVIF holds: its kind, with what follows that in its entry; its bytes, and the numbers of what it has."""

    kind: bytes
    data: bytes
    properties: tuple[int, ...] = ()
    hidden: bool = False


def _put_together(strips: list[bytes], size: tuple[int, int], icc: bytes, told: Told) -> bytes:
    """Make one AVIF of those that libavif wrote of strips, with a profile, EXIF and XMP (ISO/IEC 23008-12)."""
    outside = [dict(_split(each)) for each in strips]
    had = dict(_split(dict(_split(dict(_split(outside[0][b"meta"][4:]))[b"iprp"]))[b"ipco"]))
    # Numbered from 1, as they stand here; whoever reads the picture must know those with 128 added.
    whole = _box(b"ispe", struct.pack(">III", 0, *size))
    properties = [whole, *(_box(name, had[name]) for name in (b"pixi", b"av1C", b"colr")), _box(b"colr", b"prof" + icc)]
    if len(strips) == 1:
        pictures = [_Item(b"av01\0", outside[0][b"mdat"], (1, 2, 3 + 128, 4, 5))]
    else:
        properties.append(_box(b"ispe", had[b"ispe"]))
        grid = struct.pack(">BBBBHH", 0, 0, len(strips) - 1, 0, *size)
        parts = [_Item(b"av01\0", each[b"mdat"], (6, 2, 3 + 128, 4), hidden=True) for each in outside]
        pictures = [_Item(b"grid\0", grid, (1, 2, 4, 5)), *parts]
    items = [*pictures]
    if told.exif:
        items.append(_Item(b"Exif\0", bytes(4) + told.exif.removeprefix(MARK)))
    if told.packet:
        items.append(_Item(b"mime\0application/rdf+xml\0", told.packet))
    references = [_box(b"cdsc", struct.pack(">HHH", each, 1, 1)) for each in range(len(pictures) + 1, len(items) + 1)]
    if len(pictures) > 1:
        numbers = range(2, len(pictures) + 1)
        references.append(_box(b"dimg", struct.pack(f">HH{len(numbers)}H", 1, len(numbers), *numbers)))
    head = _box(b"ftyp", outside[0][b"ftyp"])
    # How long what comes before them is does not depend on where they are.
    before = len(head) + len(_meta(items, properties, references, 0)) + 8
    body = b"".join(each.data for each in items)
    return b"".join([head, _meta(items, properties, references, before), _box(b"mdat", body)])


def _meta(items: list[_Item], properties: list[bytes], references: list[bytes], start: int) -> bytes:
    """Say what an AVIF holds; the bytes of its items follow each other from `start`."""
    infos, places, owned = [], [], []
    for number, item in enumerate(items, start=1):
        infos.append(_box(b"infe", bytes([2, 0, 0, item.hidden]) + struct.pack(">HH", number, 0) + item.kind))
        places.append(struct.pack(">HHHII", number, 0, 1, start, len(item.data)))
        start += len(item.data)
        if item.properties:
            owned.append(struct.pack(">HB", number, len(item.properties)) + bytes(item.properties))
    properties = [
        _box(b"ipco", b"".join(properties)),
        _box(b"ipma", bytes(4) + struct.pack(">I", len(owned)) + b"".join(owned)),
    ]
    inside = [
        _box(b"hdlr", bytes(8) + b"pict" + bytes(13)),
        _box(b"pitm", bytes(4) + struct.pack(">H", 1)),
        _box(b"iloc", bytes(4) + b"\x44\0" + struct.pack(">H", len(places)) + b"".join(places)),
        _box(b"iinf", bytes(4) + struct.pack(">H", len(infos)) + b"".join(infos)),
        *([_box(b"iref", bytes(4) + b"".join(references))] if references else []),
        _box(b"iprp", b"".join(properties)),
    ]
    return _box(b"meta", bytes(4) + b"".join(inside))


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _split(data: bytes) -> list[tuple[bytes, bytes]]:
    """List boxes: their names, and what is in them."""
    found, at = [], 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found.append((name, data[at + 8 : at + size]))
        at += size
    return found
