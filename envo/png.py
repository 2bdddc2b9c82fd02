"""PNG (third edition, W3C 2025), chunk by chunk: what it tells, and no more than its picture for the decoders.

Decoders refuse a photo for a comment that is too long, allocate what a chunk only says that it holds, and stop reading
where the pixels end. So they are given the chunks that make the picture; the others are read here.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from envo import colour
from envo.colour import Space
from envo.segments import chunk

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 500_000
_MOST_PROFILE = 16 * 2**20
_MOST_EXIF = 16 * 2**20
_DEFLATE = 1032
"""Deflate makes at most so many bytes of one (RFC 1951: 258 of two bits)."""
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by colour type."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column, first row, and steps of both."""


@dataclass(frozen=True)
class Png:
    """What a PNG tells of itself.

    width, height, depth (1 to 16 bits a sample), colour_type: as IHDR has them. space: cICP before iCCP before sRGB
    before gAMA and cHRM. exif: the block, wherever it lies, or None. has_alpha: a channel of it, or what of a palette
    or which colour is clear. picture: a PNG of the same pixels and nothing else.
    """

    width: int
    height: int
    depth: int
    colour_type: int
    space: Space
    exif: bytes | None
    animated: bool
    has_alpha: bool
    brightest: float
    picture: bytes


def read(data: bytes) -> Png:
    """Read a PNG without decoding pixels. Raises ValueError where chunks do not fit the file, or are too few."""
    parts, first, told = [SIGNATURE], {}, {}
    held = 0
    for name, body, whole in _chunks(data):
        if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT"):
            parts.append(whole)
            held += len(body) if name == b"IDAT" else 0
        if name in (b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"acTL", b"cLLI"):
            told.setdefault(name, body)
        if name == b"IHDR" and not first:
            width, height, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            first = {"width": width, "height": height, "depth": depth, "colour_type": colour_type}
    if not first or first["colour_type"] not in _SAMPLES:
        raise ValueError("no PNG header")
    if _bytes(first, bool(interlaced)) > _DEFLATE * held + 1024:
        raise ValueError("too little data for so many pixels")
    return Png(
        **first,
        space=_space(told, "grey" if first["colour_type"] in (0, 4) else "RGB"),
        exif=bytes(told[b"eXIf"]) if len(told.get(b"eXIf", b"")) in range(1, _MOST_EXIF) else None,
        animated=b"acTL" in told and int.from_bytes(told[b"acTL"][:4], "big") > 1,
        has_alpha=first["colour_type"] in (4, 6) or b"tRNS" in told,
        brightest=int.from_bytes(told.get(b"cLLI", b"")[:4], "big") / 10_000,
        picture=b"".join([*parts, chunk(b"IEND", b"")]),
    )


def decode(png: Png) -> np.ndarray:
    """Decode the pixels of a PNG, uint8 HxWxC, uint16 if it has 16 bits, alpha last; palettes are expanded.

    Raises what libpng says for one that is not whole.
    """
    import imagecodecs

    values = imagecodecs.png_decode(png.picture)
    values = values.reshape(png.height, png.width, -1)
    if png.has_alpha and values.shape[2] in (1, 3):
        # What should say what is clear cannot be read.
        values = np.dstack([values, np.full(values.shape[:2], np.iinfo(values.dtype).max, values.dtype)])
    return values


def write(pixels: np.ndarray, space: Space, texts: Mapping[str, str]) -> bytes:
    """Write uint8 or uint16 HxWxC, C being 1 to 4 and alpha last, with what it takes to show their colours.

    texts: what the file tells besides, by keyword.
    """
    import imagecodecs

    data = imagecodecs.png_encode(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), level=4)
    icc, points = space.profile(), colour.code_points(space) if space.has_highlights else None
    if icc is None and points is None and pixels.shape[2] >= 3:
        icc = colour.srgb_profile()
    told = [chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc))] if icc else []
    if points:
        told.append(chunk(b"cICP", bytes([*points, 0, 1])))
    for keyword, text in texts.items():
        told.append(chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()))
    start = len(SIGNATURE) + 25  # the signature and IHDR
    return b"".join([data[:start], *told, data[start:]])


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Give the chunks up to IEND, or to the file's end: name, what is in it, and the whole of it."""
    view, at = memoryview(data), len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        # Without IEND, or with a part of it, all else may be there.
        if len(data) - at < 12:
            return
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if name == b"IEND":
            return
        if end > len(data):
            raise ValueError("a chunk is longer than the file")
        yield name, view[at + 8 : end - 4], view[at:end]
        at = end
    raise ValueError("too many chunks")


def _bytes(first: dict[str, int], interlaced: bool) -> int:
    """Count the bytes that the pixels are deflated from."""
    bits = first["depth"] * _SAMPLES[first["colour_type"]]
    if not interlaced:
        return first["height"] * (1 + (first["width"] * bits + 7) // 8)
    count = 0
    for left, top, across, down in _PASSES:
        columns, rows = -(-(first["width"] - left) // across), -(-(first["height"] - top) // down)
        if columns > 0 and rows > 0:
            count += rows * (1 + (columns * bits + 7) // 8)
    return count


def _space(told: dict[bytes, memoryview], model: str) -> Space:
    """Choose what is believed of the colours."""
    cicp = told.get(b"cICP", b"")
    # RGB in full range; other matrices and ranges are of video.
    if len(cicp) == 4 and cicp[2] == 0 and cicp[3] == 1:
        space = colour.coded(cicp[0], cicp[1])
        if space:
            return space
    icc = _profile(bytes(told.get(b"iCCP", b"")))
    if colour.fits(icc, model):
        return Space(icc)
    if b"sRGB" in told:
        return colour.SRGB
    gamma = int.from_bytes(told.get(b"gAMA", b""), "big")
    # Primaries without a curve tell half of it, and browsers pass over them.
    if not gamma:
        return colour.SRGB
    transfer = "linear" if abs(gamma - 100_000) < 100 else 100_000 / gamma
    if len(told.get(b"cHRM", b"")) == 32:
        primaries = tuple(value / 100_000 for value in struct.unpack(">8I", told[b"cHRM"]))
        if colour.are_primaries(primaries) and np.abs(np.subtract(primaries, colour.SRGB_PRIMARIES)).max() > 0.002:
            return Space(primaries=primaries, transfer=transfer)
    # 45455 stands for sRGB's curve where there is only a gamma to tell it by.
    return Space(transfer="sRGB" if abs(gamma - 45455) < 100 else transfer)


def _profile(body: bytes) -> bytes | None:
    _, _, packed = body.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _MOST_PROFILE) or None
    except zlib.error:
        return None
