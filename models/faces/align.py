"""Views of a face: squares along its eye line, in which every face looks alike; there and back."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

GREY = (128, 128, 128)


class Frame(NamedTuple):
    """A rectangle of a photo, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def of(self, image: np.ndarray) -> np.ndarray:
        """What HxW(xC) shows there; shares its memory."""
        return image[self.top : self.bottom, self.left : self.right]

    def __and__(self, other: "Frame") -> "Frame":
        """What both have; its size is not positive if that is nothing."""
        return Frame(*map(max, self[:2], other[:2]), *map(min, self[2:], other[2:]))

    def within(self, frame: "Frame") -> "Frame":
        """The same rectangle as pixels of the part of the photo that `frame` holds."""
        return Frame(self.left - frame.left, self.top - frame.top, self.right - frame.left, self.bottom - frame.top)


@dataclass(frozen=True)
class View:
    """A square that may be turned, over a photo. All lengths and points are pixels of the photo."""

    centre: np.ndarray
    """float32 (x, y)."""
    right: np.ndarray
    """float32 unit vector along the eyes."""
    side: float

    @staticmethod
    def of(landmarks: np.ndarray, room: float) -> "View":
        """Frame the face of float32 5x2 landmarks as CelebA-HQ does, with `room` times its side.

        Karras et al., ICLR 2018, arXiv:1710.10196, appendix C. A room of 1 has the hair's outline on most heads.
        """
        eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
        across, down = landmarks[1] - landmarks[0], mouth - eyes
        right = across + np.array([down[1], -down[0]])
        side = 2 * max(2.0 * np.linalg.norm(across), 1.8 * np.linalg.norm(down), 1.0)
        return View(
            np.float32(eyes + 0.1 * down), np.float32(right / max(np.linalg.norm(right), 1e-6)), float(side * room)
        )

    @staticmethod
    def fitting(landmarks: np.ndarray, places: np.ndarray) -> "View":
        """Frame a face so that its float32 Nx2 landmarks lie as near as may be to `places`, Nx2, 0 to 1 in the view.

        Least squares over all turns, sizes and shifts (Umeyama, PAMI 1991), points being complex numbers.
        """
        shown, wanted = (points[:, 0] + 1j * points[:, 1] for points in (landmarks, places))
        turn, shift = np.linalg.lstsq(np.column_stack([wanted, np.ones_like(wanted)]), shown, rcond=None)[0]
        centre, right = turn * (0.5 + 0.5j) + shift, turn / max(abs(turn), 1e-6)
        return View(
            np.float32([centre.real, centre.imag]), np.float32([right.real, right.imag]), float(max(abs(turn), 1.0))
        )

    def matrix(self, size: int) -> np.ndarray:
        """The 2x3 matrix from pixels of the photo to those of the view, drawn with `size` pixels squared."""
        turn = np.stack([self.right, [-self.right[1], self.right[0]]]) * (size / self.side)
        return np.column_stack([turn, (size - 1) / 2 - turn @ self.centre])

    def cut(self, image: np.ndarray, size: int) -> np.ndarray:
        """Draw the view of uint8 HxWx3 with `size` pixels squared; beyond the photo it is grey."""
        frame = self.frame(image.shape[1], image.shape[0])
        part, shrink = frame.of(image), min(1.0, size / self.side)
        small = (max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink)))
        # Averaged first, for the warp looks at four pixels only.
        part = cv2.resize(part, small, interpolation=cv2.INTER_AREA)
        matrix = _drawn(self.matrix(size), frame, small)
        return cv2.warpAffine(part, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=GREY)

    def uncut(self, planes: np.ndarray, frame: Frame, size: tuple[int, int]) -> np.ndarray:
        """Lay planes, float32 SxSxC over the view, out over `frame` of the photo, drawn with `size` (width, height).

        Gives float32 hxwxC, 0 outside the view.
        """
        matrix = _drawn(self.matrix(planes.shape[0]), frame, size)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.stack([cv2.warpAffine(plane, matrix, size, flags=flags) for plane in cv2.split(planes)], axis=-1)

    def frame(self, width: int, height: int) -> Frame:
        """The part of a photo of this size that the view touches; at least a pixel."""
        reach = self.side / 2 * np.abs(self.right).sum()
        left, top = np.clip(np.floor(self.centre - reach), 0, [width - 1, height - 1]).astype(int).tolist()
        right, bottom = np.clip(np.ceil(self.centre + reach) + 1, [left + 1, top + 1], [width, height]).astype(int)
        return Frame(left, top, int(right), int(bottom))


def _drawn(matrix: np.ndarray, frame: Frame, size: tuple[int, int]) -> np.ndarray:
    """The 2x3 matrix from pixels of `frame` drawn with `size`, for one from pixels of the photo."""
    scale = np.array(frame.size) / size
    turn = matrix[:, :2]
    return np.column_stack([turn * scale, matrix[:, 2] + turn @ (np.array(frame[:2]) + 0.5 * scale - 0.5)])


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points, float32 Nx2, moved by a 2x3 matrix."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def over(plane: np.ndarray, shape: tuple[int, ...], frame: Frame, size: tuple[int, int]) -> np.ndarray:
    """The part over `frame` of float32 hxw that lies over a whole photo of `shape`, drawn with `size`."""
    scale = np.array(plane.shape[::-1]) / shape[1::-1]
    to_plane = np.column_stack([np.diag(scale), 0.5 * scale - 0.5])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, _drawn(to_plane, frame, size), size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
