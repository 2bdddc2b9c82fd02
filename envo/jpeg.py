"""JPEG (ITU-T T.81), marker by marker: whether a file is whole, and what it would cost to decode it."""

import re
import struct
from dataclasses import dataclass, field

from envo.settings import MAX_PIXELS

_MOST_SCANS = 100
"""Passes over a picture; real files have about ten, and each costs as much as the picture is large."""
_MOST_PASSED = 25 * MAX_PIXELS
"""Pixels of all passes together: ten seconds of decoding."""
_MOST_PIXELS_A_BYTE = 512
"""A block of 64 pixels takes a bit or more, however flat it is."""
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
"""In coded data, what is neither a stuffed byte nor a restart."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_KNOWN = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
"""Baseline, extended and progressive frames, coded by Huffman's or arithmetically."""
_ARITHMETIC = range(0xC9, 0xD0)

# What is put behind a picture that its end is missing of. The decoder reads on into it where coded data is missing,
# too, and then both give different pixels, since they differ in every bit. Neither has a byte of 255.
_FILLS = (
    bytes((37 * i + 91) % 253 + 1 for i in range(200)),
    bytes(255 - ((37 * i + 91) % 253 + 1) for i in range(200)),
)


@dataclass
class Jpeg:
    """What the markers of a JPEG tell.

    width, height; frame: the byte of its frame's marker, by which the kinds are told; precision: bits of a sample.
    ended: whether the end of the picture is marked. scans: how many passes. missing: which coefficients of which
    component have not come whole.
    """

    width: int = 0
    height: int = 0
    frame: int = 0
    precision: int = 8
    ended: bool = False
    scans: int = 0
    missing: dict[int, set[int]] = field(default_factory=dict)

    @property
    def is_progressive(self) -> bool:
        return self.frame in (0xC2, 0xCA)

    @property
    def is_rare(self) -> bool:
        """Whether it is lossless, hierarchical, JPEG-LS or of more than 8 bits, which few programs read."""
        return bool(self.frame) and (self.frame not in _KNOWN or self.precision != 8)

    @property
    def is_costly(self) -> bool:
        """Whether it takes more passes than any real file."""
        return self.scans > _MOST_SCANS or self.scans * self.width * self.height > _MOST_PASSED

    def can_be_in(self, size: int) -> bool:
        """Tell whether so many bytes can hold the pixels; those of arithmetic coding can hold any number."""
        return self.frame in _ARITHMETIC or self.width * self.height <= _MOST_PIXELS_A_BYTE * size


def read(data: bytes) -> Jpeg:
    """Walk through the first picture of a JPEG. Raises ValueError where its segments do not fit the file."""
    told, at = Jpeg(), 2
    while True:
        found = _MARKER.search(data, at)
        if found is None:
            return told
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            told.ended = True
            return told
        if marker in (0x01, 0xD8):
            continue
        length = struct.unpack_from(">H", data, at)[0]
        body = data[at + 2 : at + length]
        if length < 2 or at + length > len(data):
            raise ValueError("a segment is longer than the file")
        if marker in _FRAMES and not told.frame:
            told.frame = marker
            told.precision, told.height, told.width, count = struct.unpack_from(">BHHB", body)
            told.missing = {body[6 + 3 * index]: set(range(64)) for index in range(count)}
        elif marker == 0xDA:
            told.scans += 1
            if told.scans > _MOST_SCANS:
                return told
            _note_scan(told, body)
        at += length


def _note_scan(told: Jpeg, body: bytes) -> None:
    """Take what a scan brings wholly off what is missing."""
    count = body[0]
    first, last, bits = body[1 + 2 * count : 4 + 2 * count]
    brings = set(range(first, last + 1)) if told.is_progressive else set(range(64))
    if not told.is_progressive or bits & 15 == 0:
        for index in range(count):
            told.missing.get(body[1 + 2 * index], set()).difference_update(brings)


def filled(data: bytes) -> tuple[bytes, bytes]:
    """Give a JPEG without an end two endings, with which it decodes alike only if no coded data is missing."""
    whole = data.rstrip(b"\0")
    # A file that was never filled ends in zeros; one may be the picture's own.
    whole = data[: len(whole) + 1].removesuffix(b"\xff")
    return tuple(whole + fill + b"\xff\xd9" for fill in _FILLS)
