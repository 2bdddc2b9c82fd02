"""Boxes of HEIF files (ISO/IEC 23008-12), as AVIF is one: what they tell of colours, depth and gain maps."""

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


def light_level(data: bytes) -> float:
    """Find the light of the brightest pixel of the main picture, cd/m2 (MaxCLL); 0 where it is not told."""
    for kind, body in _properties(data):
        if kind == b"clli" and len(body) >= 2:
            return struct.unpack_from(">H", body)[0]
    return 0


def gain_map(data: bytes, apple: str) -> tuple[bytes, bytes] | None:
    """Find the gain map of the main picture: the file as if that were its main picture, and the numbers to read it by.

    These are as ISO 21496-1 has them, b"" for a picture beside the main one that is called by Apple's name for its own.
    None where there is no gain map.
    """
    try:
        meta = _meta(data)
        main, kinds, references = _main(meta), _kinds(meta[b"iinf"]), _references(meta[b"iref"])
        for item in (item for item, kind in kinds.items() if kind == b"tmap"):
            base, *others = references.get((b"dimg", item), [0])
            if base == main and others:
                # A byte of its own tells the version of what follows.
                return _led_by(data, others[0]), _stored(data, meta, item)[1:]
        for (kind, item), of in references.items():
            named = (b"auxC", bytes(4) + apple.encode() + b"\0")
            if (
                kind == b"auxl"
                and main in of
                and any(own[0] == named[0] and own[1].startswith(named[1]) for own in _own(meta, item))
            ):
                return _led_by(data, item), b""
    except (KeyError, IndexError, ValueError, struct.error):
        return None
    return None


def _properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """List the properties of the main picture; all there are, where it is not told which are its own."""
    try:
        meta = _meta(data)
        return _own(meta, _main(meta)) or list(_boxes(_first(_boxes(meta[b"iprp"]), b"ipco")))
    except (KeyError, IndexError, struct.error):
        return []


def _meta(data: bytes) -> dict[bytes, bytes]:
    return dict(_boxes(_first(_boxes(data), b"meta")[4:]))


def _main(meta: dict[bytes, bytes]) -> int:
    """Read which item is the main picture."""
    return int.from_bytes(meta[b"pitm"][4:6] if meta[b"pitm"][0] == 0 else meta[b"pitm"][4:8], "big")


def _own(meta: dict[bytes, bytes], item: int) -> list[tuple[bytes, bytes]]:
    """List the properties of an item."""
    inside = list(_boxes(meta[b"iprp"]))
    every = list(_boxes(_first(inside, b"ipco")))
    return [every[index - 1] for index in _associated(_first(inside, b"ipma"), item) if 0 < index <= len(every)]


def _kinds(body: bytes) -> dict[int, bytes]:
    """Read what kind each item is of (`iinf`)."""
    kinds = {}
    for _, entry in _boxes(body[6 if body[0] == 0 else 8 :]):
        if entry[0] == 2:
            kinds[struct.unpack_from(">H", entry, 4)[0]] = entry[8:12]
        elif entry[0] == 3:
            kinds[struct.unpack_from(">I", entry, 4)[0]] = entry[10:14]
    return kinds


def _references(body: bytes) -> dict[tuple[bytes, int], list[int]]:
    """Read which items an item refers to, by the kind of that (`iref`)."""
    found, wide = {}, "I" if body[0] else "H"
    for kind, entry in _boxes(body[4:]):
        item, count = struct.unpack_from(f">{wide}H", entry)
        found[kind, item] = list(struct.unpack_from(f">{count}{wide}", entry, struct.calcsize(f">{wide}H")))
    return found


def _stored(data: bytes, meta: dict[bytes, bytes], wanted: int) -> bytes:
    """Give the bytes of an item (`iloc`)."""
    body, at = meta[b"iloc"], 6
    version = body[0]
    sizes = body[4] >> 4, body[4] & 15, body[5] >> 4, body[5] & 15 if version else 0

    def number(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(body[at - size : at], "big")

    for _ in range(min(number(4 if version == 2 else 2), _MOST_BOXES)):
        item, way = number(4 if version == 2 else 2), number(2) & 15 if version else 0
        number(2)
        base = number(sizes[2])
        pieces = [(number(sizes[3]), number(sizes[0]), number(sizes[1])) for _ in range(number(2))]
        if item == wanted and way in (0, 1):
            source = meta[b"idat"] if way else data
            return b"".join(source[base + start : base + start + length] for _, start, length in pieces)
    raise KeyError(wanted)


def _led_by(data: bytes, item: int) -> bytes:
    """Give a file as if another item, which may be hidden, or belong to the main picture, were that itself."""
    made = bytearray(data)
    inside = _inside(data, *_inside(data, 0, len(data))[b"meta"], skipped=4)
    place = inside[b"pitm"][0]
    width = 4 if data[place] else 2
    made[place + 4 : place + 4 + width] = item.to_bytes(width, "big")
    start, end = inside[b"iinf"]
    for _, place, _ in _spans(data, start + (8 if data[start] else 6), end):
        width = 4 if data[place] == 3 else 2
        if int.from_bytes(data[place + 4 : place + 4 + width], "big") == item:
            made[place + 3] &= 0xFE
    start, end = inside[b"iref"]
    for kind, place, _ in _spans(data, start + 4, end):
        width = 4 if data[start] else 2
        if kind == b"auxl" and int.from_bytes(data[place : place + width], "big") == item:
            made[place - 4 : place] = b"skip"
    return bytes(made)


def _inside(data: bytes, start: int, end: int, skipped: int = 0) -> dict[bytes, tuple[int, int]]:
    """Give where what is in each box within a box begins and ends. skipped: bytes of that one's own."""
    return {kind: (at, stop) for kind, at, stop in _spans(data, start + skipped, end)}


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
    for kind, start, end in _spans(data):
        yield kind, data[start:end]


def _spans(data: bytes, at: int = 0, stop: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Give the names of the boxes one after the other, and where what is in them begins and ends."""
    stop = len(data) if stop is None else stop
    for _ in range(_MOST_BOXES):
        if at + 8 > stop:
            return
        size, kind, head = *struct.unpack_from(">I4s", data, at), 8
        if size == 1 and at + 16 <= stop:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = stop - at
        if size < head or at + size > stop:
            return
        yield kind, at + head, at + size
        at += size
