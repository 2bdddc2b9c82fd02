"""Cutouts: what a mask shows of a photo, the rest transparent, without the background's colours at its edges."""

import cv2
import numpy as np

from envo import names
from envo.own import Own
from envo.settings import WORKING_EDGE

WIDE, NARROW = 90, 6
"""Sides of the windows of the two rounds of `foreground`, in pixels of the working size."""
COARSE = 4
"""The wide windows are summed up at a fourth of the working size: what they give is smooth."""
TILE = 256
"""Side of what is worked on at a time: only edges cost, and little memory however large the photo is."""


def cut_out(own: Own, mask: np.ndarray) -> Own:
    """Cut out of a photo what is in `mask`, uint8 HxW of any size: the rest becomes transparent.

    What was transparent stays so, and where the mask is full, every pixel is the photo's own.
    """
    alpha = cv2.resize(mask, own.size, interpolation=cv2.INTER_LINEAR)
    view = own.view()
    return own.changed(view, foreground(view.pixels, alpha)).faded(alpha)


def name(photo_name: str) -> str:
    """Name the cutout of a photo: that of "IMG_1.heic" is "IMG_1-cutout.png"."""
    return names.with_ending(names.stem(photo_name), "-cutout.png")


def foreground(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Estimate what colours would be there without the background that shines through: uint8 HxWx3.

    pixels: uint8 HxWx3. alpha: uint8 HxW. Where alpha is full the photo is as it was; where it is 0, black.

    Blur fusion, twice (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021): foreground and background
    are smoothed, each weighed by its share; what they fail to explain of a pixel is given to the foreground.
    """
    height, width = alpha.shape
    scale = max(1.0, max(height, width) / WORKING_EDGE)
    front, back = _surroundings(pixels, alpha, scale)
    margin = round(NARROW * scale)
    result = np.where(alpha[..., None] > 0, pixels, np.uint8(0))
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = np.s_[top : top + TILE, left : left + TILE]
            soft = (alpha[tile] > 0) & (alpha[tile] < 255)
            if not soft.any():
                continue
            # Every pixel sees all that its window holds, so that tiles leave no seams.
            y, x = max(0, top - margin), max(0, left - margin)
            around = np.s_[y : min(top + TILE + margin, height), x : min(left + TILE + margin, width)]
            image = pixels[around].astype(np.float32)
            share = (alpha[around].astype(np.float32) / 255)[..., None]
            f, b = (_part(coarse, around, (height, width)) for coarse in (front, back))
            f = _explain(image, f, b, share)
            f, b = _fuse(f, b, share, margin)
            estimate = np.rint(_explain(image, f, b, share)).astype(np.uint8)
            result[tile][soft] = estimate[top - y :, left - x :][:TILE, :TILE][soft]
    return result


def _surroundings(pixels: np.ndarray, alpha: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Colours of foreground and background in wide windows about each pixel, float32 hxwx3 at a reduced size."""
    size = [max(1, round(edge / scale / COARSE)) for edge in (alpha.shape[1], alpha.shape[0])]
    inside = cv2.multiply(pixels, cv2.merge([alpha] * 3), scale=1 / 255)
    seen, inside, share = (
        cv2.resize(each, size, interpolation=cv2.INTER_AREA).astype(np.float32) for each in (pixels, inside, alpha)
    )
    window = (WIDE // COARSE, WIDE // COARSE)
    share = cv2.blur(share / 255, window)[..., None]
    seen, inside = cv2.blur(seen, window), cv2.blur(inside, window)
    return inside / (share + 1e-5), (seen - inside) / (1 - share + 1e-5)


def _part(coarse: np.ndarray, where: tuple[slice, slice], size: tuple[int, int]) -> np.ndarray:
    """Enlarge a part of hxwx3, as it would be in the whole at `size` (height, width)."""
    rows, columns = where
    maps = []
    for part, small, large in zip((columns, rows), coarse.shape[1::-1], size[::-1], strict=True):
        maps.append(((np.arange(part.start, part.stop) + 0.5) * (small / large) - 0.5).astype(np.float32))
    x, y = np.meshgrid(*maps)
    return cv2.remap(coarse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _fuse(front: np.ndarray, back: np.ndarray, share: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Smooth foreground and background, float32 HxWx3, each weighed by its share, float32 HxWx1 in [0, 1]."""
    near = cv2.blur(share, (side, side))[..., None]
    return (
        cv2.blur(front * share, (side, side)) / (near + 1e-5),
        cv2.blur(back * (1 - share), (side, side)) / (1 - near + 1e-5),
    )


def _explain(image: np.ndarray, front: np.ndarray, back: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Give the foreground what both together fail to explain of the photo; all float32 HxWx3, 0 to 255."""
    return np.clip(front + share * (image - share * front - (1 - share) * back), 0, 255)
