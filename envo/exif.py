"""EXIF blocks, changed in place: what is not changed stays as it is and where it is, to the byte.

A block is a TIFF without a picture (CIPA DC-008-2019). The maker notes in it tell where their parts are by how far they
are from its start, and nobody knows all of them: so nothing may move.
"""

import struct
from dataclasses import dataclass

MARK = b"Exif\0\0"
"""What JPEG puts before a block, and other formats may."""

FIELDS = {
    "ImageWidth": ("main", 0x0100),
    "ImageLength": ("main", 0x0101),
    "Orientation": ("main", 0x0112),
    "Rating": ("main", 0x4746),
    "RatingPercent": ("main", 0x4749),
    "XPTitle": ("main", 0x9C9B),
    "XPKeywords": ("main", 0x9C9E),
    "GPSTag": ("main", 0x8825),
    "MakerNote": ("photo", 0x927C),
    "SubjectArea": ("photo", 0x9214),
    "ColorSpace": ("photo", 0xA001),
    "PixelXDimension": ("photo", 0xA002),
    "PixelYDimension": ("photo", 0xA003),
    "SubjectLocation": ("photo", 0xA214),
    "InteroperabilityIndex": ("iop", 0x0001),
}
"""The fields that can be asked for: their directory, and their number."""

_DIRECTORIES = {"photo": ("main", 0x8769), "iop": ("photo", 0xA005), "place": ("main", 0x8825)}
TYPES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of a value of each type."""
_WHOLE = {1: "B", 3: "H", 4: "I"}
"""The types of whole numbers, as `struct` spells them."""
_JPEG = b"\xff\xd8"


@dataclass(frozen=True)
class _Entry:
    """A field of a directory."""

    at: int
    """Where its twelve bytes are."""
    type: int
    count: int
    start: int
    """Where its values are."""

    @property
    def length(self) -> int:
        return self.count * TYPES.get(self.type, 0)


class Block:
    """A block that can be changed; `bytes` gives it, with its mark."""

    def __init__(self, data: bytes):
        """Read one, with its mark or without. Raises ValueError for what is none."""
        self._data = bytearray(data.removeprefix(MARK))
        order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(self._data[:4]))
        if order is None:
            raise ValueError("this is no EXIF")
        self._order = order
        self._entries("main")

    def __bytes__(self) -> bytes:
        return MARK + bytes(self._data)

    def get(self, name: str) -> tuple[int, ...] | bytes | None:
        """Read one of `FIELDS`: whole numbers as such, all else as its bytes; None for one that is not there."""
        entry = self._entry(name)
        if entry is None:
            return None
        data = bytes(self._data[entry.start : entry.start + entry.length])
        if entry.type in _WHOLE and name not in ("XPTitle", "XPKeywords"):
            return struct.unpack(f"{self._order}{entry.count}{_WHOLE[entry.type]}", data)
        return data

    def set(self, name: str, value: int | tuple[int, ...] | bytes | None) -> None:
        """Set one of `FIELDS` that is there; None takes it away. One that is not there stays away."""
        entry = self._entry(name)
        if entry is None:
            return
        if value is None:
            self._remove(name, entry)
            return
        if not isinstance(value, bytes):
            values = value if isinstance(value, tuple) else (value,)
            kind = entry.type if entry.type in _WHOLE else 4
            if max(values) > 0xFFFF:
                kind = 4
            self._pack("H", entry.at + 2, kind)
            self._put(entry, struct.pack(f"{self._order}{len(values)}{_WHOLE[kind]}", *values), len(values))
        else:
            self._put(entry, value, len(value) // max(1, TYPES[entry.type]))

    def add(self, name: str, value: int) -> None:
        """Set one of `FIELDS`, whether it is there or not, if its directory is."""
        directory, tag = FIELDS[name]
        start = self._start(directory)
        if self._entry(name) is not None or not self._entries(directory):
            self.set(name, value)
            return
        # The directory goes where there is room; all that its fields point at stays.
        end, order = self._end(directory), self._order
        entries = [bytes(self._data[at : at + 12]) for at in range(start + 2, end - 4, 12)]
        entries.append(struct.pack(f"{order}HHII", tag, 4, 1, value))
        entries.sort(key=lambda entry: struct.unpack_from(f"{order}H", entry))
        link = bytes(self._data[end - 4 : end]).ljust(4, b"\0")
        self._data += bytes(len(self._data) % 2)
        moved = len(self._data)
        self._data += b"".join([struct.pack(f"{order}H", len(entries)), *entries, link])
        if directory == "main":
            self._pack("I", 4, moved)
        else:
            above, pointer = _DIRECTORIES[directory]
            self._pack("I", self._entries(above)[pointer].start, moved)
        self._data[start : end - 4] = bytes(end - 4 - start)

    def drop_thumbnail(self) -> None:
        """Take away the small picture that comes with the photo, and its bytes."""
        link = self._end("main") - 4
        start = self._unpack("I", link) if link + 4 <= len(self._data) else 0
        if not start:
            return
        self._pack("I", link, 0)
        try:
            entries = self._read(start)
        except ValueError:
            return
        pictures = []
        if 0x0201 in entries and 0x0202 in entries:
            at, length = (self._number(entries[tag]) for tag in (0x0201, 0x0202))
            # Where programs moved it without telling, other things are there now.
            if bytes(self._data[at : at + 2]) == _JPEG:
                pictures = [(at, length)]
        self._blank([*pictures, (start, 6 + 12 * len(entries))])

    def drop_place(self) -> None:
        """Take away where the photo was taken, and its bytes."""
        start = self._start("place")
        if start is None:
            return
        entries = self._entries("place").values()
        self._blank([(start, 6 + 12 * len(entries)), *((each.start, each.length) for each in entries)])
        self.set("GPSTag", None)

    def _blank(self, places: list[tuple[int, int]]) -> None:
        """Fill places with zeros, and cut off those at the end."""
        for at, length in places:
            end = min(at + length, len(self._data))
            self._data[at:end] = bytes(max(0, end - at))
        for at, length in sorted(places, reverse=True):
            if 8 < at < len(self._data) <= at + length:
                del self._data[at:]

    def _put(self, entry: _Entry, value: bytes, count: int) -> None:
        """Write values in place of others: where these are, if there is room, else at the end."""
        is_inside, room = entry.start == entry.at + 8, max(4 if entry.start == entry.at + 8 else 0, entry.length)
        if len(value) > room:
            if not is_inside:
                self._blank([(entry.start, entry.length)])
            self._data += bytes(len(self._data) % 2)
            start = len(self._data)
            self._data += value
            self._pack("I", entry.at + 8, start)
        elif len(value) <= 4 and not is_inside:
            self._blank([(entry.start, entry.length)])
            self._data[entry.at + 8 : entry.at + 12] = value.ljust(4, b"\0")
        else:
            self._data[entry.start : entry.start + room] = value.ljust(room, b"\0")
        self._pack("I", entry.at + 4, count)

    def _remove(self, name: str, entry: _Entry) -> None:
        directory, _ = FIELDS[name]
        start, end = self._start(directory), self._end(directory)
        if entry.start != entry.at + 8:
            self._blank([(entry.start, entry.length)])
        # The fields behind it, and where the next directory is, move up; what they point at does not.
        self._data[entry.at : end] = self._data[entry.at + 12 : end] + bytes(12)
        self._pack("H", start, self._unpack("H", start) - 1)

    def _entry(self, name: str) -> _Entry | None:
        directory, tag = FIELDS[name]
        return self._entries(directory).get(tag)

    def _entries(self, directory: str) -> dict[int, _Entry]:
        start = self._start(directory)
        if start is None:
            return {}
        try:
            return self._read(start)
        except ValueError:
            if directory == "main":
                raise
            return {}

    def _start(self, directory: str) -> int | None:
        if directory == "main":
            return self._unpack("I", 4)
        above, tag = _DIRECTORIES[directory]
        entry = self._entries(above).get(tag)
        return None if entry is None else self._number(entry)

    def _end(self, directory: str) -> int:
        """Find where a directory ends, and what tells where the next one is."""
        start = self._start(directory)
        return start + 6 + 12 * self._unpack("H", start)

    def _read(self, start: int) -> dict[int, _Entry]:
        """Read a directory, less the fields that lie outside of the block."""
        if start + 2 > len(self._data):
            raise ValueError("this EXIF is cut off")
        count = self._unpack("H", start)
        if start + 2 + 12 * count > len(self._data):
            raise ValueError("this EXIF is cut off")
        entries: dict[int, _Entry] = {}
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, type, number = struct.unpack_from(f"{self._order}HHI", self._data, at)
            length = number * TYPES.get(type, 0)
            entry = _Entry(at, type, number, at + 8 if length <= 4 else self._unpack("I", at + 8))
            if length and entry.start + length <= len(self._data):
                entries.setdefault(tag, entry)
        return entries

    def _number(self, entry: _Entry) -> int:
        # Type 13 is where a directory is.
        return self._unpack("H" if entry.type == 3 else "I", entry.start)

    def _unpack(self, kind: str, at: int) -> int:
        try:
            return struct.unpack_from(self._order + kind, self._data, at)[0]
        except struct.error as error:
            raise ValueError("this EXIF is cut off") from error

    def _pack(self, kind: str, at: int, value: int) -> None:
        try:
            struct.pack_into(self._order + kind, self._data, at, value)
        except struct.error as error:
            raise ValueError("this EXIF contradicts itself") from error
