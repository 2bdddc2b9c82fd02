"""TIFF files written strip by strip, as fast as their rows are made: 8 or 16 bits, deflate, horizontal predictor.

A block of EXIF is a TIFF without a picture: so the file begins with it, byte for byte, and whatever points into it,
maker notes too, goes on pointing there. Its main directory is written anew at the end, with the picture's fields in it.
"""

import io
import struct
from collections.abc import Iterator

import numpy as np

from envo import containers
from envo.bands import Picture, Report, Stopping
from envo.containers import Told
from envo.exif import MARK, TYPES

_EMPTY = b"II*\0" + struct.pack("<IHI", 8, 0, 0)
_LEVEL = 1
"""Of deflate. More takes longer, and what it saves of a photo of 16 bits is less than one percent."""
_PICTURE = frozenset(
    (254, 256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 338, 339, 513, 514, 529, 530, 531)
)
_TOLD = frozenset((330, 700, 33723, 34377, 34675))
"""Fields of the main directory that are not the block's to tell: those of how pictures are stored, and what is new."""
_SHORT, _LONG, _BYTES = 3, 4, 7


def tiff(picture: Picture, told: Told, stopping: Stopping, report: Report) -> bytes:
    """Write a picture, upright; nothing of it but its compressed strips is held. Raises what `stopping` does."""
    import imagecodecs

    block = (told.exif or _EMPTY).removeprefix(MARK)
    order = "<" if block.startswith(b"II") else ">"
    file, placed, samples = io.BytesIO(block), [], picture.channels

    def squeezed(rows: np.ndarray) -> bytes:
        steps = rows.copy()
        steps[:, 1:] -= rows[:, :-1]
        ordered = steps.astype(steps.dtype.newbyteorder(order), copy=False)
        return imagecodecs.deflate_encode(ordered.tobytes(), level=_LEVEL)

    file.seek(0, io.SEEK_END)
    for _, strip in picture.bands(squeezed, stopping, report):
        file.write(bytes(file.tell() % 2))
        placed.append((file.tell(), len(strip)))
        file.write(strip)
    bits = 8 if picture.depth == "uint8" else 16
    fields = {
        256: (_LONG, picture.size[:1]),
        257: (_LONG, picture.size[1:]),
        258: (_SHORT, (bits,) * samples),
        259: (_SHORT, (8,)),
        262: (_SHORT, (1 if samples == 1 else 2,)),
        273: (_LONG, [start for start, _ in placed]),
        274: (_SHORT, (1,)),
        277: (_SHORT, (samples,)),
        278: (_LONG, (min(picture.step, picture.size[1]),)),
        279: (_LONG, [length for _, length in placed]),
        284: (_SHORT, (1,)),
        317: (_SHORT, (2,)),
    }
    if picture.icc:
        fields[34675] = (_BYTES, picture.icc)
    if samples == 4:
        fields[338] = (_SHORT, (2,))
    if told.packet:
        fields[700] = (1, told.packet)
    if told.iptc:
        fields[33723] = (_BYTES, containers.iptc_records(told.iptc))
    _write_directory(file, order, fields, _kept(block, order))
    return file.getvalue()


def _kept(block: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Give the fields of a block's main directory that tell of the photo: their numbers, and their twelve bytes."""
    start = struct.unpack_from(f"{order}I", block, 4)[0]
    for at in range(start + 2, start + 2 + 12 * struct.unpack_from(f"{order}H", block, start)[0], 12):
        tag, type = struct.unpack_from(f"{order}HH", block, at)
        if tag not in _PICTURE and tag not in _TOLD and type in TYPES:
            yield tag, block[at : at + 12]


def _write_directory(file: io.BytesIO, order: str, fields: dict, kept: Iterator[tuple[int, bytes]]) -> None:
    """Write fields, their numbers with their types and values, and those that are kept, at the end of a file."""
    entries = dict(kept)
    for tag, (type, values) in fields.items():
        data = values if isinstance(values, bytes) else struct.pack(f"{order}{len(values)}{' HI'[type - 2]}", *values)
        entry = struct.pack(f"{order}HHI", tag, type, len(values))
        if len(data) > 4:
            file.write(bytes(file.tell() % 2))
            place = struct.pack(f"{order}I", file.tell())
            file.write(data)
            data = place
        entries[tag] = entry + data.ljust(4, b"\0")
    file.write(bytes(file.tell() % 2))
    at = file.tell()
    file.write(struct.pack(f"{order}H", len(entries)))
    file.write(b"".join(entries[tag] for tag in sorted(entries)) + bytes(4))
    file.seek(4)
    file.write(struct.pack(f"{order}I", at))
