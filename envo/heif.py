"""Boxes of HEIF files (ISO/IEC 23008-12), as AVIF is one: what they tell of colours and depth."""

import struct
from collections.abc import Iterator

_UNSPECIFIED = (2, 2)
_MOST_BOXES = 10_000


def code_points(data: bytes) -> tuple[int, int]:
    """Find the primaries and the transfer function (ITU-T H.273) of the main picture; (2, 2) where none are told."""
    for kind, body in _properties(data):
        if kind == b"colr" and body[:4] == b"nclx" and len(body) >= 8:
            return struct.unpack_from(">HH", body, 4)
    return _UNSPECIFIED


def av1_depth(data: bytes) -> int:
    """Find the bits of each channel, 8, 10 or 12 (AV1 codec configuration); 8 where it is not told."""
    for kind, body in _properties(data):
        if kind == b"av1C" and len(body) >= 3:
            flags = body[2]
            return 12 if flags & 0x20 and flags & 0x40 else 10 if flags & 0x40 else 8
    return 8


def _properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """List the properties of the main picture; all there are, where it is not told which are its own."""
    try:
        meta = dict(_boxes(_first(_boxes(data), b"meta")[4:]))
        inside = list(_boxes(meta[b"iprp"]))
        every = list(_boxes(_first(inside, b"ipco")))
        main = int.from_bytes(meta[b"pitm"][4:6] if meta[b"pitm"][0] == 0 else meta[b"pitm"][4:8], "big")
        own = _associated(_first(inside, b"ipma"), main)
        return [every[index - 1] for index in own if 0 < index <= len(every)] or every
    except (KeyError, IndexError, struct.error):
        return []


def _associated(body: bytes, item: int) -> list[int]:
    """Read which properties, counted from 1, belong to an item (`ipma`)."""
    version, wide = body[0], body[3] & 1
    count, at = struct.unpack_from(">I", body, 4)[0], 8
    for _ in range(min(count, _MOST_BOXES)):
        found, at = (
            (struct.unpack_from(">I", body, at)[0], at + 4)
            if version
            else (struct.unpack_from(">H", body, at)[0], at + 2)
        )
        many, at = body[at], at + 1
        step = 2 if wide else 1
        if found == item:
            mask = 0x7FFF if wide else 0x7F
            return [int.from_bytes(body[at + step * i : at + step * i + step], "big") & mask for i in range(many)]
        at += step * many
    return []


def _first(boxes, kind: bytes) -> bytes:
    return next((body for name, body in boxes if name == kind), b"")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the boxes one after the other: their names and what is in them."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > len(data):
            return
        size, kind, head = *struct.unpack_from(">I4s", data, at), 8
        if size == 1 and at + 16 <= len(data):
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < head or at + size > len(data):
            return
        yield kind, data[at + head : at + size]
        at += size
