"""Carrying repairs over to a larger photo: computed at a working size, done to every pixel.

A repair is taken apart, in the neighbourhood of each pixel, into a change that follows the photo's own values (gain and
offset: He et al., "Guided Image Filtering", ECCV 2010, at a reduced size as in "Fast Guided Filter", arXiv:1505.00996)
and what is left. Where nothing was changed, the large photo stays as it is, to the byte; where contrast was raised, its
fine detail is raised alike, and where grain went, it goes there, too.
"""

import cv2
import numpy as np

WINDOW = 5
"""Pixels of the working size across a neighbourhood."""
NOISE = 2.0
"""Differences of so much, of 255, are not what a change follows."""
BAND = 512
"""Rows handled at a time."""


def carried(photo: np.ndarray, before: np.ndarray, after: np.ndarray, marks: np.ndarray | None = None) -> np.ndarray:
    """Do to a photo, uint8 or uint16 HxWx3, what was done to it at a smaller size, uint8 hxwx3 each: as the photo is.

    marks: uint8 hxw, 255 where the photo was made anew, which is taken as it is; None: nowhere.
    """
    if photo.dtype == np.uint8 and photo.shape == after.shape:
        return after
    most = np.iinfo(photo.dtype).max
    gain, offset = _line(before.astype(np.float32), after.astype(np.float32))
    height, width = photo.shape[:2]
    scale = np.array([after.shape[1] / width, after.shape[0] / height])
    result = np.empty_like(photo)
    for top in range(0, height, BAND):
        part = photo[top : top + BAND] / np.float32(most / 255) if most > 255 else photo[top : top + BAND]
        to = np.array([[scale[0], 0, scale[0] / 2 - 0.5], [0, scale[1], (top + 0.5) * scale[1] - 0.5]])

        def large(small: np.ndarray, rows: int = len(part), to: np.ndarray = to) -> np.ndarray:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            return cv2.warpAffine(small, to, (width, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)

        values = part + part * large(gain) + large(offset)
        if marks is not None and marks.any():
            share = large(marks)[..., None].astype(np.float32) / 255
            values += share * (large(after) - values)
        result[top : top + BAND] = np.rint(np.clip(values, 0, 255) * (most / 255))
    return result


def _line(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell what was added as gain times the value plus an offset, each float32 hxwx3: exactly, at this size."""

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT)

    change = after - before
    middle, changed = mean(before), mean(change)
    together = mean(before * change) - middle * changed
    spread = mean(before * before) - middle * middle
    gain = mean(together / (spread + NOISE**2))
    return gain, change - gain * before
