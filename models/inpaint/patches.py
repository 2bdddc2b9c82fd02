"""Texture at full size for a hole that was filled at a reduced one: each of its places is found again in the photo.

The search is PatchMatch (Barnes et al., SIGGRAPH 2009), once: what is looked for is known already.
Importing this takes a second, and the first call in an installation some more, for numba compiles it.
"""

import cv2
import numpy as np
from numba import njit

RADIUS = 3
"""Patches have 7x7 pixels."""
SWEEPS = 4
"""Passes over the hole in a search."""


def transfer(image: np.ndarray, hole: np.ndarray, filled: np.ndarray, gap: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Fill the hole of a photo as it was filled at a reduced size, with true detail: uint8 HxWx3.

    image: uint8 HxWx3. hole: uint8 HxW, 1 in it. filled: uint8 hxwx3, the same photo reduced, with its hole filled.
    gap: uint8 hxw, 1 wherever part of a pixel is in the hole. kept: uint8 hxw, 1 where no patch comes from. Where
    nothing is known that is as large as a patch, and beside the edges of the photo, the filling is enlarged.
    """
    result = cv2.resize(filled, hole.shape[::-1], interpolation=cv2.INTER_CUBIC)
    side = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    sources = 1 - (cv2.dilate(gap, side) | kept)
    inner = np.zeros_like(sources)
    inner[RADIUS:-RADIUS, RADIUS:-RADIUS] = 1
    sources *= inner
    if sources.any():
        places = np.argwhere(gap).astype(np.int32)
        padded = cv2.copyMakeBorder(filled, *[RADIUS] * 4, cv2.BORDER_REFLECT_101)
        _copy(image, hole, _search(padded, sources, places), result)
    return np.where(hole[..., None] > 0, result, image)


@njit(cache=True, nogil=True)
def _search(padded, sources, places):
    """Find for each of `places`, rows and columns, the one of `sources` whose patch is most like its own.

    padded: uint8 with `RADIUS` more on each side than sources, uint8 HxW. Gives int32 HxWx2, -1 elsewhere.
    """
    height, width = sources.shape
    matches = np.full((height, width, 2), -1, np.int32)
    distances = np.zeros((height, width), np.int64)
    state = np.uint32(1)
    for y, x in places:
        while matches[y, x, 0] < 0:
            state = _next(state)
            y2 = np.int64(state >> np.uint32(8)) % height
            state = _next(state)
            x2 = np.int64(state >> np.uint32(8)) % width
            if sources[y2, x2]:
                matches[y, x, 0], matches[y, x, 1] = y2, x2
        distances[y, x] = _distance(padded, y, x, matches[y, x, 0], matches[y, x, 1], np.int64(2**62))
    for sweep in range(SWEEPS):
        step = 1 if sweep % 2 == 0 else -1
        for order in range(len(places)):
            y, x = places[order if step == 1 else len(places) - 1 - order]
            best, y1, x1 = distances[y, x], np.int64(matches[y, x, 0]), np.int64(matches[y, x, 1])
            for down in range(2):
                v, u = y - step * down, x - step * (1 - down)
                if 0 <= v < height and 0 <= u < width and matches[v, u, 0] >= 0:
                    y2, x2 = matches[v, u, 0] + y - v, matches[v, u, 1] + x - u
                    if 0 <= y2 < height and 0 <= x2 < width and sources[y2, x2]:
                        distance = _distance(padded, y, x, y2, x2, best)
                        if distance < best:
                            best, y1, x1 = distance, y2, x2
            reach = max(height, width)
            while reach >= 1:
                state = _next(state)
                y2 = y1 - reach + np.int64(state >> np.uint32(8)) % (2 * reach + 1)
                state = _next(state)
                x2 = x1 - reach + np.int64(state >> np.uint32(8)) % (2 * reach + 1)
                if 0 <= y2 < height and 0 <= x2 < width and sources[y2, x2]:
                    distance = _distance(padded, y, x, y2, x2, best)
                    if distance < best:
                        best, y1, x1 = distance, y2, x2
                reach //= 2
            distances[y, x], matches[y, x, 0], matches[y, x, 1] = best, y1, x1
    return matches


@njit(cache=True, nogil=True)
def _next(state):
    """Draw the next of a row of numbers (Numerical Recipes' generator): the same photo is filled the same way."""
    return np.uint32(state * np.uint32(1664525) + np.uint32(1013904223))


@njit(cache=True, nogil=True)
def _distance(padded, y, x, y2, x2, limit):
    """Sum of the squared differences of two patches; stops above `limit`."""
    total = np.int64(0)
    for i in range(2 * RADIUS + 1):
        for j in range(2 * RADIUS + 1):
            for c in range(3):
                difference = np.int64(padded[y + i, x + j, c]) - np.int64(padded[y2 + i, x2 + j, c])
                total += difference * difference
        if total > limit:
            break
    return total


@njit(cache=True, nogil=True)
def _copy(image, hole, matches, result):
    """Copy to each pixel of the hole what lies where its reduced neighbours point to, bilinearly between them."""
    height, width = hole.shape
    rows, columns = matches.shape[:2]
    down, across = height / rows, width / columns
    for y in range(height):
        for x in range(width):
            if not hole[y, x]:
                continue
            v, u = (y + 0.5) / down - 0.5, (x + 0.5) / across - 0.5
            top, left = int(np.floor(v)), int(np.floor(u))
            red = green = blue = total = 0.0
            for corner in range(4):
                i, j = top + corner // 2, left + corner % 2
                weight = (1 - abs(v - i)) * (1 - abs(u - j))
                if weight <= 0 or not (0 <= i < rows and 0 <= j < columns) or matches[i, j, 0] < 0:
                    continue
                y2, x2 = y + round((matches[i, j, 0] - i) * down), x + round((matches[i, j, 1] - j) * across)
                if 0 <= y2 < height and 0 <= x2 < width and not hole[y2, x2]:
                    red += weight * image[y2, x2, 0]
                    green += weight * image[y2, x2, 1]
                    blue += weight * image[y2, x2, 2]
                    total += weight
            if total > 0:
                result[y, x, 0] = np.uint8(red / total + 0.5)
                result[y, x, 1] = np.uint8(green / total + 0.5)
                result[y, x, 2] = np.uint8(blue / total + 0.5)
