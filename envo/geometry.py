"""Crop, straightening, turns and perspective: where in the photo each pixel of the edited picture lies.

All of it is one projective map (homography), behind it what the lens did, applied when the photo is resampled. The same
in `static/webgl/geometry.js`.

Photo coordinates are 0 to 1 across and down the upright photo as it came. The *frame* is the photo after flip and
quarter turns, with the size that it has then; straightening and perspective move the photo beneath the frame, about its
middle, and the crop is a rectangle of the frame. *Picture* coordinates are 0 to 1 across and down that rectangle. Where
a lens is corrected (`envo/lens.py`), what lies beneath the frame is the corrected photo, of the photo's size.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import cv2
import numpy as np

from envo.adjustments import CONSTANTS
from envo.edits import EditDocument, Geometry
from envo.lens import REACH, Correction, Profile, correction, rim
from envo.masks import sample

SLACK = 1e-9
"""So far beyond the photo's edge, as a share of its side, is none of it missed."""
BAND = 32
"""Rows that a picture is resampled in at a time."""

Size = tuple[int, int]
"""Width and height."""

_ANGLES = np.arange(64) * (np.pi / 32)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=-1)


@dataclass(frozen=True, eq=False)
class Framing:
    """Where a picture of `size` lies in its photo.

    matrix: 3x3 float64, from homogeneous picture coordinates to photo coordinates, or with a `lens` to those of the
    corrected photo. edge: long edge of the whole photo, in pixels of the picture. exact: whether every pixel of the
    picture is one of the photo's, which has `full` pixels.
    """

    size: Size
    matrix: np.ndarray
    edge: float
    full: Size
    exact: bool
    lens: Correction | None = None

    def at(self, size: Size) -> "Framing":
        """Give the framing of the same picture on a grid of another size."""
        return (
            self
            if size == self.size
            else replace(self, size=size, edge=self.edge * max(size) / max(self.size), exact=False)
        )

    def places(self, top: int = 0, bottom: int | None = None, left: int = 0, right: int | None = None) -> np.ndarray:
        """Photo coordinates of the middles of the pixels in rows `top` to `bottom`: float64 hxwx2."""
        straight = self._straight(top, bottom, left, right)
        return self.lens.bent(straight) if self.lens else straight

    def channels(self, top: int = 0, bottom: int | None = None) -> np.ndarray:
        """Give what `places` does for red, green and blue, or all of them together: float64 3xhxwx2 or 1xhxwx2."""
        if self.lens:
            return self.lens.channels(self._straight(top, bottom))
        return self._rows_of_places(top, bottom)[None]

    def _straight(self, top: int, bottom: int | None, left: int = 0, right: int | None = None) -> np.ndarray:
        """Give what `places` does, as if there were no lens."""
        from envo import bilinear  # compiles when it is first needed

        width, height = self.size
        rows, columns = (height if bottom is None else bottom) - top, (width if right is None else right) - left
        found = np.empty((rows, columns, 2))
        bilinear.project(self.matrix.astype(np.float64), width, height, left, top, found)
        return found

    @cached_property
    def _rows_of_places(self) -> Callable[[int, int | None], np.ndarray]:
        """`places` of whole rows, which many things are looked up at in turn by each thread."""
        return lru_cache(os.cpu_count())(self.places)

    def sample(self, grid: np.ndarray, top: int = 0, bottom: int | None = None) -> np.ndarray:
        """Resample what is stored over the photo to rows of the picture, as `masks.sample` does: float32 hxw[xC]."""
        if self.is_straight:
            return sample(grid, self.size, top, bottom)
        from envo import bilinear

        places = self._rows_of_places(top, bottom)
        made = np.empty((*places.shape[:2], *grid.shape[2:]), np.float32)
        texels = np.ascontiguousarray(grid, np.float32).reshape(*grid.shape[:2], -1)
        bilinear.look_up(texels, places, made.reshape(*places.shape[:2], -1))
        return made

    def picture(self, pixels: np.ndarray, curve: np.ndarray) -> np.ndarray:
        """Resample the photo's pixels, HxWx3 of `full`, to the whole picture; see `rows`."""
        if self.exact:
            return self._cut(pixels)
        width, height = self.size
        made = np.empty((height, width, 3), np.float32)

        def work(top: int) -> None:
            bottom = min(top + BAND, height)
            made[top:bottom] = self.rows(pixels, curve, top, bottom)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(work, range(0, height, BAND)))
        return made

    def rows(self, pixels: np.ndarray, curve: np.ndarray, top: int, bottom: int) -> np.ndarray:
        """Resample the photo's pixels, HxWx3 of `full`, to rows of the picture.

        curve: float32 256, the light that values of 8 bits stand for. Turned, flipped and cropped they stay what they
        are, of their dtype; else, or where a lens is corrected, they become light, float32, by Catmull and Rom's cubic
        (1974). Beyond the photo's edges these are repeated.
        """
        if self.exact:
            return self._cut(pixels)[top:bottom]
        from envo import cubic  # compiles when it is first needed

        made = np.empty((bottom - top, self.size[0], 3), np.float32)
        if self.lens:
            lens = self.lens
            straight = self._straight(top, bottom)
            cubic.look_through(pixels, curve, straight, lens.table, REACH, lens.centre, lens.sides, made)
        else:
            places = self._rows_of_places(top, bottom) * self.full - 0.5
            cubic.look_up(pixels, curve, places[..., 0], places[..., 1], made)
        return made

    def _cut(self, pixels: np.ndarray) -> np.ndarray:
        """Give a view of the pixels of an exact picture."""
        (u, v), (x, y) = self._steps, self.to_photo(0.5 / np.array([self.size]))[0] * self.full
        first = (int(x), int(y))
        if u[0]:  # the picture's rows are the photo's
            columns, rows = (_run(first[0], u[0], self.size[0]), _run(first[1], v[1], self.size[1]))
            return pixels[rows, columns]
        columns, rows = (_run(first[0], v[0], self.size[1]), _run(first[1], u[1], self.size[0]))
        return pixels[rows, columns].swapaxes(0, 1)

    @property
    def _steps(self) -> tuple[np.ndarray, np.ndarray]:
        """How far in the photo, in its pixels, it is to the next pixel of an exact picture across, and down."""
        return tuple(np.rint(self.matrix[:2, i] * self.full / self.size[i]).astype(int) for i in range(2))

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Turn photo coordinates, float Nx2, into picture coordinates."""
        points = self.lens.straight(points) if self.lens else points
        return _projected(np.linalg.inv(self.matrix), points)

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """Turn picture coordinates, float Nx2, into photo coordinates."""
        found = _projected(self.matrix, points)
        return self.lens.bent(found) if self.lens else found

    def box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
        """Give the box in the picture about what a box (left, top, right, bottom) of the photo holds.

        That is the ellipse in it, as a face is, so that a turn does not let it grow. What is cut off is no part of it;
        None where so little is left that it shows no more than an edge: less than `CONSTANTS["region_left"]` of its
        area, or not its middle.
        """
        left, top, right, bottom = box
        middle, radii = np.array(((left + right) / 2, (top + bottom) / 2)), np.array((right - left, bottom - top)) / 2
        rim = self.to_picture(middle + radii * _CIRCLE)
        middle = self.to_picture(middle[None])[0]
        low, high = rim.min(axis=0), rim.max(axis=0)
        first, last = np.clip(low, 0, 1), np.clip(high, 0, 1)
        left_of_it = np.prod(last - first) / max(np.prod(high - low), 1e-12)
        if left_of_it < CONSTANTS["region_left"] or np.any(middle < 0) or np.any(middle > 1):
            return None
        return float(first[0]), float(first[1]), float(last[0]), float(last[1])

    def point(self, point: tuple[float, float]) -> tuple[float, float] | None:
        """Give where in the picture a point of the photo lies; None where it is cut off."""
        x, y = self.to_picture(np.array([point]))[0]
        return (float(x), float(y)) if 0 <= x <= 1 and 0 <= y <= 1 else None

    def scale(self, point: tuple[float, float]) -> float:
        """Give how many pixels long in the picture a pixel of the photo is about a point."""
        steps = np.array([(0.0, 0.0), (1.0 / self.full[0], 0.0), (0.0, 1.0 / self.full[1])])
        here, across, down = self.to_picture(np.array([point]) + steps) * self.size
        return float(np.sqrt(abs(np.linalg.det([across - here, down - here]))))

    @cached_property
    def is_straight(self) -> bool:
        """Whether the picture shows the whole photo as it came."""
        return self.lens is None and np.array_equal(self.matrix, np.eye(3))


def framed(document: EditDocument, size: Size, profile: Profile | None) -> Framing:
    """Frame a photo of `size` as an edit does. profile: what its lens does, as far as the edit asks for it."""
    return framing(document.geometry, size, correction(profile, document.lens, size))


def framing(geometry: Geometry, size: Size, lens: Correction | None = None) -> Framing:
    """Frame a photo of `size`: the picture has whole pixels of the frame."""
    frame = frame_size(geometry, size)
    left, top, right, bottom = geometry.crop or fitted(geometry, size, lens)
    first = round(left * frame[0]), round(top * frame[1])
    first = tuple(min(each, length - 1) for each, length in zip(first, frame, strict=True))
    last = max(first[0] + 1, round(right * frame[0])), max(first[1] + 1, round(bottom * frame[1]))
    picture = (last[0] - first[0], last[1] - first[1])
    to_frame = np.array(
        [
            [picture[0] / frame[0], 0, first[0] / frame[0]],
            [0, picture[1] / frame[1], first[1] / frame[1]],
            [0, 0, 1],
        ]
    )
    exact = lens is None and not is_warped(geometry)
    return Framing(picture, to_photo(geometry, size) @ to_frame, max(size), size, exact, lens)


def frame_size(geometry: Geometry, size: Size) -> Size:
    """Give the size of the frame of a photo of `size`."""
    return size[::-1] if geometry.turns % 2 else size


def is_warped(geometry: Geometry) -> bool:
    """Whether pixels come to lie between those of the photo."""
    return bool(geometry.angle or geometry.vertical or geometry.horizontal)


def to_photo(geometry: Geometry, size: Size) -> np.ndarray:
    """Give the map from frame coordinates, 0 to 1, to those of the photo, or the corrected photo: 3x3 float64."""
    width, height = frame_size(geometry, size)
    edge = max(width, height)
    # About the middle, in units of the long edge.
    centred = np.array([[width / edge, 0, -0.5 * width / edge], [0, height / edge, -0.5 * height / edge], [0, 0, 1]])
    turn = np.deg2rad(geometry.angle)
    turned = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    most = CONSTANTS["perspective"] / 100
    tilted = np.array([[1, 0, 0], [0, 1, 0], [-most * geometry.horizontal, -most * geometry.vertical, 1]])
    warped = np.linalg.inv(centred) @ tilted @ turned @ centred if is_warped(geometry) else np.eye(3)
    return _unturned(geometry) @ warped


def fitted(geometry: Geometry, size: Size, lens: Correction | None = None) -> tuple[float, float, float, float]:
    """Give the largest crop about the middle, of the frame's proportions, that the photo fills."""
    if not is_warped(geometry):
        return 0.0, 0.0, 1.0, 1.0
    share = filled(geometry, size, (0.5, 0.5), (1.0, 1.0), lens)
    return 0.5 - share / 2, 0.5 - share / 2, 0.5 + share / 2, 0.5 + share / 2


def filled(
    geometry: Geometry,
    size: Size,
    middle: tuple[float, float],
    sides: tuple[float, float],
    lens: Correction | None = None,
) -> float:
    """Give by how much a crop of the frame about a middle is to shrink, 1 at most, so that the photo fills it."""
    to = to_photo(geometry, size)
    corners = np.array(sides) * [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    edges = np.array(sides) * rim((-0.5, -0.5, 0.5, 0.5)) if lens else corners  # which a lens bends

    def fills(share: float) -> bool:
        inside = _projected(to, middle + share * edges)
        inside = lens.bent(inside) if lens else inside
        return inside.min() >= -SLACK and inside.max() <= 1 + SLACK

    if fills(1.0):
        return 1.0
    least, most = 0.0, 1.0
    for _ in range(40):
        half = (least + most) / 2
        least, most = (half, most) if fills(half) else (least, half)
    return least


def _unturned(geometry: Geometry) -> np.ndarray:
    """Give the map from coordinates of the frame to those of the photo that was flipped and turned to be it."""
    quarter = np.array(
        [[0.0, 1, 0], [-1, 0, 1], [0, 0, 1]]
    )  # where a turn clockwise took it from: (x, y) from (y, 1 - x)
    mirrored = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
    back = np.linalg.matrix_power(quarter, geometry.turns)
    return mirrored @ back if geometry.flip else back


def _run(first: int, step: int, count: int) -> slice:
    """Give `count` places from one on, forwards or backwards."""
    end = first + step * count
    return slice(first, None if end < 0 else end, step)


def _projected(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply a homography to points, float Nx2."""
    return cv2.perspectiveTransform(np.asarray(points, np.float64)[None], matrix)[0]
