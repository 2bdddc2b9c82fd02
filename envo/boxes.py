"""AVIF (ISO/IEC 23000-22) and JPEG XL (ISO/IEC 18181-2) files, put together of boxes around what the encoders make.

The encoders write pictures that tell nothing; what they tell of their colours and of the photo is put beside them here.
"""

import struct

import numpy as np

from envo import colour
from envo.containers import Told
from envo.exif import MARK

_JPEG_XL = b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
_AVIF_SPEED = 8
"""Of 10. The slower ones take many times as long for a few percent fewer bytes."""
_JXL_EFFORT = 5
"""Of 9, likewise."""
_UNSPECIFIED, _YCBCR, _IDENTITY = 2, 6, 0
"""H.273's numbers of matrices, and of what is told by a profile alone."""


def avif(pixels: np.ndarray, icc: bytes, depth: int, quality: int, told: Told) -> bytes:
    """Write an AVIF of 8 or 10 bits, 4:4:4, of quality 100 lossless: uint8 HxWxC, or uint16 where it has 10 bits."""
    import imagecodecs

    if depth == 10:
        pixels = ((pixels.astype(np.uint32) * 1023 + 32767) // 65535).astype(np.uint16)
    primaries, transfer = colour.code_points(colour.Space(icc)) or (_UNSPECIFIED, _UNSPECIFIED)
    made = imagecodecs.avif_encode(
        np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels,
        quality,
        speed=_AVIF_SPEED,
        bitspersample=depth,
        pixelformat="444",
        primaries=primaries,
        transfer=transfer,
        matrix=_IDENTITY if quality == 100 else _YCBCR,
        numthreads=0,
    )
    return _told_avif(made, icc, told)


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


def _told_avif(made: bytes, icc: bytes, told: Told) -> bytes:
    """Put a profile, EXIF and XMP into an AVIF that libavif wrote: the picture is item 1, all else comes behind it."""
    outside = dict(_split(made))
    meta = dict(_split(outside[b"meta"][4:]))
    items = []
    if told.exif:
        items.append((b"Exif\0", bytes(4) + told.exif.removeprefix(MARK)))
    if told.packet:
        items.append((b"mime\0application/rdf+xml\0", told.packet))
    behind, there = len(made) + 8, struct.unpack_from(">H", meta[b"iinf"], 4)[0]
    places, infos, references = [], [], []
    for number, (kind, data) in enumerate(items, start=there + 1):
        places.append(struct.pack(">HHHII", number, 0, 1, behind, len(data)))
        infos.append(_box(b"infe", b"\2\0\0\0" + struct.pack(">HH", number, 0) + kind))
        references.append(_box(b"cdsc", struct.pack(">HHH", number, 1, 1)))
        behind += len(data)
    meta[b"iinf"] = meta[b"iinf"][:4] + struct.pack(">H", there + len(items)) + meta[b"iinf"][6:] + b"".join(infos)
    if references:
        meta[b"iref"] = meta.get(b"iref", bytes(4)) + b"".join(references)
    meta[b"iprp"] = _with_profile(meta[b"iprp"], icc)
    head = meta[b"iloc"][:6] + struct.pack(">H", there + len(items))
    # Where things are is told from the file's start: what is put before them moves them.
    located = _box(b"iloc", head + meta[b"iloc"][8:] + b"".join(places))
    grown = (
        sum(len(body) + 8 for name, body in meta.items() if name != b"iloc") + len(located) - len(outside[b"meta"]) + 4
    )
    shifted = bytearray(located)
    for at in range(8 + 8, len(shifted), 14):
        struct.pack_into(">I", shifted, at + 6, struct.unpack_from(">I", shifted, at + 6)[0] + grown)
    inside = [bytes(shifted) if name == b"iloc" else _box(name, body) for name, body in meta.items()]
    return b"".join(
        [
            _box(b"ftyp", outside[b"ftyp"]),
            _box(b"meta", bytes(4) + b"".join(inside)),
            _box(b"mdat", outside[b"mdat"]),
            *([_box(b"mdat", b"".join(data for _, data in items))] if items else []),
        ]
    )


def _with_profile(properties: bytes, icc: bytes) -> bytes:
    """Add a profile to what an AVIF's pictures have (`iprp`), for item 1."""
    parts = dict(_split(properties))
    held = parts[b"ipco"] + _box(b"colr", b"prof" + icc)
    number, owned = sum(1 for _ in _split(held)), parts[b"ipma"]
    count = owned[10]
    owned = owned[:10] + bytes([count + 1]) + owned[11 : 11 + count] + bytes([number]) + owned[11 + count :]
    return _box(b"ipco", held) + _box(b"ipma", owned)


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
