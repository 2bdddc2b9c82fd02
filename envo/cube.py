"""LUTs: tables of colours for colours, as programs for photos and films write them into .cube files.

The format is Adobe's "Cube LUT Specification 1.0" (2013), of Iridas, with the ranges that DaVinci Resolve writes. Both
renderers apply the same half floats in the same way, see `static/webgl/shaders/lut.glsl.js`.
"""

import hashlib
import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from envo import kernel
from envo.errors import UserError
from envo.settings import MAX_CUBE_SIZE, MAX_RAMP_SIZE

_HEAD = struct.Struct("<4s2I6f")
"""What it is, dimensions, size, domain: least red, green and blue, then most."""
_KIND = b"lut1"
_SIZES = {"LUT_1D_SIZE": (1, MAX_RAMP_SIZE), "LUT_3D_SIZE": (3, MAX_CUBE_SIZE)}
_BOUNDS = {"DOMAIN_MIN": 0, "DOMAIN_MAX": 1}
_RANGES = {"LUT_1D_INPUT_RANGE": 1, "LUT_3D_INPUT_RANGE": 3}
_FARTHEST = 1e4
"""Domains that reach farther are no colours any more."""


@dataclass(frozen=True, eq=False)
class Lut:
    """A table of colours, for encoded sRGB values.

    table: float16 in [0, 1], of one dimension Nx3, which says what becomes of N values of each channel, or of three,
        NxNxNx3: of blue, green and red, in this order.
    domain: float32 2x3, which values of red, green and blue its first and last entries are for.
    title: what its file says that it is called, or "".
    """

    table: np.ndarray
    domain: np.ndarray
    title: str = ""

    @property
    def size(self) -> int:
        """Entries along each of its dimensions."""
        return len(self.table)

    @property
    def dimensions(self) -> int:
        """1 or 3."""
        return self.table.ndim - 1

    @property
    def id(self) -> str:
        """Name of its content: 16 hexadecimal digits."""
        return hashlib.sha256(self.dump()).hexdigest()[:16]

    def dump(self) -> bytes:
        """Write it as the page gets it: `_HEAD`, then its entries, red fastest, little-endian half floats."""
        head = _HEAD.pack(_KIND, self.dimensions, self.size, *self.domain.ravel())
        return head + self.table.astype("<f2").tobytes()

    def cube(self) -> bytes:
        """Write it as a .cube file, as other programs read it."""
        ends = zip(("DOMAIN_MIN", "DOMAIN_MAX"), self.domain, strict=True)
        head = [f"LUT_{self.dimensions}D_SIZE {self.size}", *(f"{word} {_line(end)}" for word, end in ends)]
        return "\n".join([*head, *map(_line, self.table.reshape(-1, 3)), ""]).encode()

    @classmethod
    def load(cls, data: bytes) -> "Lut":
        """Read what `dump` wrote. Raises ValueError for anything else."""
        kind, dimensions, size, *domain = _HEAD.unpack_from(data) if len(data) >= _HEAD.size else (b"", 0, 0)
        if kind != _KIND or len(data) != _HEAD.size + 6 * size**dimensions:
            raise ValueError("this is no LUT, or a damaged one")
        table = np.frombuffer(data, "<f2", offset=_HEAD.size).reshape(*[size] * dimensions, 3)
        return cls(table, np.array(domain, np.float32).reshape(2, 3))

    def apply(self, colour: np.ndarray, strength: float = 1) -> None:
        """Bring colours, planes of encoded sRGB values, float32 3xN, to what it says: at full strength wholly.

        Those beyond its domain are looked up as if they were at its edge. Between the entries of a table of three
        dimensions, by the four corners of the tetrahedron that holds the colour (Kasson, Nin, Plouffe and Hafner,
        "Performing color space conversions with three-dimensional linear interpolation", 1995): so greys stay grey
        where its greys are.
        """
        look_up = kernel.ramp if self.dimensions == 1 else kernel.cube
        look_up(colour, self._entries, self.domain, strength)

    @cached_property
    def _entries(self) -> np.ndarray:
        return self.table.astype(np.float32)


def parse(data: bytes) -> Lut:
    """Read a .cube file. Raises UserError for what is none, or a damaged one, and for one of too many entries."""
    title, kind, size = "", None, 0
    domain, ranges = np.array([[0, 0, 0], [1, 1, 1]], np.float32), {}
    values: list[float] = []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        word, rest = [*line.split(maxsplit=1), "", ""][:2]
        if not word or word.startswith("#"):
            continue
        if word in _SIZES:
            if kind:
                raise UserError("This .cube file has more than one table; Envo reads files of one.")
            kind, most = _SIZES[word]
            size = _size(rest, most, kind)
        elif word in _BOUNDS:
            domain[_BOUNDS[word]] = _numbers(rest, 3, number)
        elif word in _RANGES:
            ranges[_RANGES[word]] = _numbers(rest, 2, number)
        elif word == "TITLE":
            title = rest.strip().strip('"')
        elif word[0].isalpha() and word.isupper():
            continue  # what other programs say of it
        else:
            values += _numbers(line, 3, number)
            if len(values) > 3 * size ** (kind or 1):
                raise UserError(_COUNT if kind else _NO_SIZE)
    if not kind:
        raise UserError(_NO_SIZE)
    if len(values) != 3 * size**kind:
        raise UserError(_COUNT)
    if kind in ranges:
        domain = np.repeat(np.array(ranges[kind], np.float32)[:, None], 3, axis=1)
    if not (domain[0] < domain[1]).all():
        raise UserError("The domain of this .cube file ends before it begins.")
    table = np.clip(np.array(values, np.float32), 0, 1).astype(np.float16)
    return Lut(table.reshape(*[size] * kind, 3), domain, title)


_NO_SIZE = "This is no .cube file: it does not say how large its table is before the table begins."
_COUNT = "This .cube file is damaged: its table has more or fewer lines than it says."


def _size(text: str, most: int, dimensions: int) -> int:
    size = int(text) if text.strip().isdecimal() else 0
    if not 2 <= size <= most:
        raise UserError(f"A LUT of {dimensions} D has 2 to {most} entries a side; this .cube file says “{text[:20]}”.")
    return size


def _line(values: np.ndarray) -> str:
    return " ".join(f"{value:.9g}" for value in values)


def _numbers(text: str, count: int, line: int) -> list[float]:
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(abs(number) <= _FARTHEST for number in numbers):
        raise UserError(f"This .cube file is damaged: in line {line} there should be {count} numbers.")
    return numbers
