"""Pictures as bands of rows that are made when they are asked for, by all cores.

So no whole copy of what is large need lie between a photo and its file.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from envo.gainmap import Light
from envo.output import Depth

T = TypeVar("T")

_BAND_PIXELS = 2**18
"""Rows of about so many pixels are made at a time by each thread."""

Stopping = Callable[[], None]
Report = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Picture:
    """What a file is written of.

    size: width and height. rows: gives rows from one to before another, HxWx3 of a depth, in any thread; or HxWx1 of
    what is grey, HxWx4 of what has alpha. icc: the profile that says what the values mean; b"" for sRGB's grey. step:
    rows that are made at a time. light: what a gain map is to bring it to, of the same size; None for a plain file.
    """

    size: tuple[int, int]
    depth: Depth
    rows: Callable[[int, int], np.ndarray]
    icc: bytes
    step: int
    channels: int = 3
    light: Light | None = None

    @classmethod
    def of(cls, pixels: np.ndarray, icc: bytes) -> "Picture":
        """Take pixels as they are, uint8 or uint16 HxWxC."""
        height, width, channels = pixels.shape
        depth = str(pixels.dtype)
        return cls((width, height), depth, lambda top, bottom: pixels[top:bottom], icc, height, channels)

    def whole(self, stopping: Stopping, report: Report) -> np.ndarray:
        """Make all of it, by as many threads as there are cores."""
        made = np.empty((self.size[1], self.size[0], self.channels), self.depth)
        for top, rows in self.bands(lambda rows: rows, stopping, report):
            made[top : top + len(rows)] = rows
        return made

    def bands(self, work: Callable[[np.ndarray], T], stopping: Stopping, report: Report) -> Iterator[tuple[int, T]]:
        """Give what work makes of each band of rows, in order, with the band's top; threads are a few bands ahead."""
        height = self.size[1]

        def make(top: int) -> tuple[int, T]:
            return top, work(self.rows(top, min(top + self.step, height)))

        for top, made in _in_order(make, range(0, height, self.step)):
            stopping()
            yield top, made
            report(min(1, (top + self.step) / height))


def band_rows(width: int) -> int:
    """Give how many rows of so wide a picture are made at a time."""
    return max(1, _BAND_PIXELS // width)


def _in_order(make: Callable[[int], T], tops: Iterable[int]) -> Iterator[T]:
    """Give what is made for each, in order; no more is made ahead than keeps the cores busy."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        ahead: deque = deque()
        try:
            for top in tops:
                ahead.append(pool.submit(make, top))
                if len(ahead) > cores + 1:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for each in ahead:
                each.cancel()
