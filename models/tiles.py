"""Large photos in small pieces: a function done to overlapping tiles, and no seam where they meet."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from models.engine import Report

Work = Callable[[np.ndarray], np.ndarray]
"""Takes a tile, hxwxC or hxw, and gives `scale` times its height and width, with channels and a dtype of its own."""


def tiled(
    image: np.ndarray,
    work: Work,
    tile: int,
    halo: int,
    report: Report,
    step: str,
    scale: int = 1,
    multiple: int = 1,
) -> np.ndarray:
    """Do `work` to an image of any size and dtype, HxWxC or HxW; gives what it gives, of `scale` times its size.

    tile: height and width that the work gets at most, in pixels; a multiple of `multiple`, and above 2.5 halos.
    halo: pixels around what is used of a tile. With a work that sees no farther, the result is, to the byte, that of
        the whole image at once. With another, tiles fade into each other over half a halo.
    multiple: what heights, widths and positions of tiles are multiples of; at the right and at the bottom images go on
        as they end to get there, and the result is cut. Mirrored, the frame of a photo would become a line.
    Tells with `step` how far it is, tile by tile; what `report` raises ends it. Beside the result, it needs memory for
    one row of tiles.
    """
    height, width = image.shape[:2]
    rows, columns = _spans(image, tile, halo, multiple)
    report(step, 0)
    done = 0
    whole: np.ndarray | None = None
    for top in rows:
        strip: np.ndarray | None = None
        for left in columns:
            answer = work(_continued(image[top : top + rows.size, left : left + columns.size], rows.size, columns.size))
            if strip is None:
                strip = np.empty((rows.size * scale, width * scale, *answer.shape[2:]), answer.dtype)
            _lay(strip.swapaxes(0, 1), answer.swapaxes(0, 1), left * scale, columns, scale)
            done += 1
            report(step, done / (len(rows) * len(columns)))
        if whole is None:
            whole = np.empty((height * scale, *strip.shape[1:]), strip.dtype)
        _lay(whole, strip, top * scale, rows, scale)
    return whole


def count(image: np.ndarray, tile: int, halo: int, multiple: int = 1) -> int:
    """Tell how many tiles `tiled` works on, for work that tells itself how far it is within a tile."""
    rows, columns = _spans(image, tile, halo, multiple)
    return len(rows) * len(columns)


def _spans(image: np.ndarray, tile: int, halo: int, multiple: int) -> "tuple[_Spans, _Spans]":
    height, width = image.shape[:2]
    return _Spans(height, tile, halo, multiple), _Spans(width, tile, halo, multiple)


class _Spans:
    """How tiles lie along one side of an image: as few as will do, and no larger than they must be."""

    def __init__(self, length: int, tile: int, halo: int, multiple: int) -> None:
        self.halo = halo
        self.fade = halo // 2
        padded = _up(length, multiple)
        overlap = _up(2 * halo + self.fade, multiple)
        if tile % multiple or tile <= overlap:
            raise ValueError(f"Tiles of {tile} do not go with a halo of {halo} and multiples of {multiple}.")
        count = max(1, math.ceil((padded - overlap) / (tile - overlap)))
        self.size = _up(math.ceil((padded + (count - 1) * overlap) / count), multiple)
        self._starts = [min(index * (self.size - overlap), padded - self.size) for index in range(count)]

    def __iter__(self) -> Iterator[int]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _continued(piece: np.ndarray, height: int, width: int) -> np.ndarray:
    missing = [(0, height - piece.shape[0]), (0, width - piece.shape[1])]
    if missing == [(0, 0), (0, 0)]:
        return piece
    return np.pad(piece, missing + [(0, 0)] * (piece.ndim - 2), "edge")


def _lay(whole: np.ndarray, piece: np.ndarray, start: int, spans: _Spans, scale: int) -> None:
    """Lay a piece down from row `start` on, fading from what is there beyond the piece's own halo."""
    piece = piece[: len(whole) - start]
    if start == 0:
        whole[: len(piece)] = piece
        return
    halo, fade = spans.halo * scale, spans.fade * scale
    ramp = (np.arange(fade, dtype=np.float32) + 0.5) / fade if fade else np.empty(0, np.float32)
    share = (ramp * ramp * (3 - 2 * ramp)).reshape(-1, *[1] * (piece.ndim - 1))
    old = whole[start + halo : start + halo + fade]
    new = piece[halo : halo + fade].astype(np.float32)
    mixed = old + share * (new - old)
    old[:] = np.rint(mixed) if whole.dtype == np.uint8 else mixed
    whole[start + halo + fade : start + len(piece)] = piece[halo + fade :]
