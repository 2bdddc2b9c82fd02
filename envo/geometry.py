"""Crop, straightening, turns and perspective: where in the photo each pixel of the edited picture lies.

All of it is one projective map (homography), applied when the photo is resampled. The same in
`static/webgl/geometry.js`.

Photo coordinates are 0 to 1 across and down the upright photo as it came. The *frame* is the photo after flip and
quarter turns, with the size that it has then; straightening and perspective move the photo beneath the frame, about its
middle, and the crop is a rectangle of the frame. *Picture* coordinates are 0 to 1 across and down that rectangle.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from envo.adjustments import CONSTANTS
from envo.edits import Geometry

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True, eq=False)
class Framing:
    """Where a picture of `size` lies in its photo.

    matrix: 3x3 float64, from homogeneous picture coordinates to photo coordinates. edge: long edge of the whole photo,
    in pixels of the picture. exact: whether every pixel of the picture is one of the photo's, which has `full` pixels.
    """

    size: Size
    matrix: np.ndarray
    edge: float
    full: Size
    exact: bool

    def at(self, size: Size) -> "Framing":
        """Give the framing of the same picture on a grid of another size."""
        return (
            self
            if size == self.size
            else replace(self, size=size, edge=self.edge * max(size) / max(self.size), exact=False)
        )

    def places(self, top: int = 0, bottom: int | None = None) -> np.ndarray:
        """Photo coordinates of the middles of the pixels in rows `top` to `bottom`: float64 hxwx2."""
        width, height = self.size
        x = (np.arange(width) + 0.5) / width
        y = (np.arange(top, height if bottom is None else bottom) + 0.5) / height
        m = self.matrix
        by_row = np.stack([m[i, 1] * y + m[i, 2] for i in range(3)], axis=-1)[:, None, :]
        by_column = np.stack([m[i, 0] * x for i in range(3)], axis=-1)[None, :, :]
        found = by_row + by_column
        return found[..., :2] / found[..., 2:]

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Turn photo coordinates, float Nx2, into picture coordinates."""
        return _projected(np.linalg.inv(self.matrix), points)

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """Turn picture coordinates, float Nx2, into photo coordinates."""
        return _projected(self.matrix, points)

    def box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
        """Give the box in the picture about what a box (left, top, right, bottom) of the photo holds.

        What is cut off is no part of it; None where so little is left that it shows no more than an edge: less than
        `CONSTANTS["region_left"]` of its area, or not its middle.
        """
        left, top, right, bottom = box
        corners = self.to_picture(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]))
        middle = self.to_picture(np.array([((left + right) / 2, (top + bottom) / 2)]))[0]
        low, high = corners.min(axis=0), corners.max(axis=0)
        first, last = np.clip(low, 0, 1), np.clip(high, 0, 1)
        left_of_it = np.prod(last - first) / max(np.prod(high - low), 1e-12)
        if left_of_it < CONSTANTS["region_left"] or np.any(middle < 0) or np.any(middle > 1):
            return None
        return float(first[0]), float(first[1]), float(last[0]), float(last[1])

    @cached_property
    def is_whole(self) -> bool:
        """Whether the picture is the whole photo as it came."""
        return self.exact and self.size == self.full and np.array_equal(self.matrix, np.eye(3))


def framing(geometry: Geometry, size: Size) -> Framing:
    """Frame a photo of `size`: the picture has whole pixels of the frame."""
    frame = frame_size(geometry, size)
    left, top, right, bottom = geometry.crop or fitted(geometry, size)
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
    return Framing(picture, to_photo(geometry, size) @ to_frame, max(size), size, not is_warped(geometry))


def frame_size(geometry: Geometry, size: Size) -> Size:
    """Give the size of the frame of a photo of `size`."""
    return size[::-1] if geometry.turns % 2 else size


def is_warped(geometry: Geometry) -> bool:
    """Whether pixels come to lie between those of the photo."""
    return bool(geometry.angle or geometry.vertical or geometry.horizontal)


def to_photo(geometry: Geometry, size: Size) -> np.ndarray:
    """Give the map from frame coordinates, 0 to 1, to photo coordinates: 3x3 float64."""
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


def fitted(geometry: Geometry, size: Size) -> tuple[float, float, float, float]:
    """Give the largest crop about the middle, of the frame's proportions, that the photo fills."""
    if not is_warped(geometry):
        return 0.0, 0.0, 1.0, 1.0
    to = to_photo(geometry, size)
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    least, most = 0.0, 1.0
    for _ in range(40):
        half = (least + most) / 2
        inside = _projected(to, 0.5 + half * corners)
        least, most = (half, most) if inside.min() >= 0 and inside.max() <= 1 else (least, half)
    return 0.5 - least / 2, 0.5 - least / 2, 0.5 + least / 2, 0.5 + least / 2


def _unturned(geometry: Geometry) -> np.ndarray:
    """Give the map from coordinates of the frame to those of the photo that was flipped and turned to be it."""
    quarter = np.array(
        [[0.0, 1, 0], [-1, 0, 1], [0, 0, 1]]
    )  # where a turn clockwise took it from: (x, y) from (y, 1 - x)
    mirrored = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
    back = np.linalg.matrix_power(quarter, geometry.turns)
    return mirrored @ back if geometry.flip else back


def _projected(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Apply a homography to points, float Nx2."""
    return cv2.perspectiveTransform(np.asarray(points, np.float64)[None], matrix)[0]
