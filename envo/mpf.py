"""JPEG files of several pictures, one behind the other (CIPA DC-007, "MPF"), and where each begins."""

import struct
from dataclasses import dataclass

from envo import segments
from envo.segments import Parts

_MARK = b"MPF\0"
_ENTRIES = 0xB002
_MOST = 16
"""Pictures of one file that are looked at."""
_PRIMARY = 0x030000


@dataclass(frozen=True)
class _Index:
    """Where the list of pictures is in its segment, the order of its bytes, and what it says: (size, offset) of each.

    Offsets are from where the fields begin, behind the mark; 0 is the first picture.
    """

    at: int
    order: str
    pictures: list[tuple[int, int]]


def is_index(part: bytes) -> bool:
    """Whether a segment of a JPEG is the list of its pictures."""
    return part[1] == 0xE2 and part.startswith(_MARK, 4)


def pictures(parts: Parts) -> list[tuple[int, int]]:
    """Give where each picture behind the first begins, and how long it is, in bytes; [] where none are told.

    parts: of the file, as `segments.split_jpeg` gives them. What is told may not be there.
    """
    at = 0
    for part in parts:
        if is_index(part):
            index = _read(part)
            return [(at + 8 + offset, size) for size, offset in index.pictures if offset] if index else []
        at += len(part)
    return []


def kept(before: Parts, after: Parts) -> Parts:
    """Have the list of pictures tell where they are after the segments before the first one have changed.

    Raises ValueError where it cannot be read, and they would not be found any more.
    """
    place = next((place for place, part in enumerate(after) if is_index(part)), None)
    if place is None:
        return after
    old = next(place for place, part in enumerate(before) if is_index(part))
    longer = sum(map(len, after)) - sum(map(len, before))
    further = sum(map(len, after[place + 1 :])) - sum(map(len, before[old + 1 :]))
    if not longer and not further:
        return after
    index = _read(after[place])
    if index is None:
        raise ValueError("what comes with this JPEG would not be found any more")
    part = bytearray(after[place])
    for number, (size, offset) in enumerate(index.pictures):
        at = index.at + 16 * number + 4
        struct.pack_into(f"{index.order}I", part, at, size + (longer if not offset else 0))
        struct.pack_into(f"{index.order}I", part, at + 4, offset + (further if offset else 0))
    return [*after[:place], bytes(part), *after[place + 1 :]]


def joined(parts: Parts, rest: bytes, other: bytes) -> bytes:
    """Make one file of a picture, the segments before it and the rest, and of another one, which goes behind it."""
    head = b"MM\0*\0\0\0\x08" + struct.pack(">H", 3) + struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    head += struct.pack(">HHII", 0xB001, 4, 1, 2) + struct.pack(">HHII", _ENTRIES, 7, 32, 50) + bytes(4)
    length = 8 + len(head) + 32
    size = sum(map(len, parts)) + length + len(rest)
    offset = length - 8 + len(rest)
    entries = struct.pack(">IIIHHIIIHH", _PRIMARY, size, 0, 0, 0, 0, len(other), offset, 0, 0)
    return b"".join([*parts, segments.segment(0xE2, _MARK + head + entries), rest, other])


def _read(part: bytes) -> _Index | None:
    try:
        order = {b"II": "<", b"MM": ">"}[part[8:10]]
        start = 8 + struct.unpack_from(f"{order}I", part, 12)[0]
        count = struct.unpack_from(f"{order}H", part, start)[0]
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, length, place = struct.unpack_from(f"{order}HHII", part, at)
            if tag == _ENTRIES:
                starts = range(8 + place, 8 + place + 16 * min(length // 16, _MOST), 16)
                found = [struct.unpack_from(f"{order}II", part, start + 4) for start in starts]
                return _Index(8 + place, order, found)
    except (KeyError, struct.error):
        return None
    return None
