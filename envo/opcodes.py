"""What a DNG says itself of its lens: lists of operations (DNG 1.7, chapter 7), as far as they are of lenses.

Read of the third list, which is for what was demosaiced: WarpRectilinear and FixVignetteRadial. What bends otherwise
than along the radius is not taken back.
"""

import struct
from collections.abc import Iterator

import numpy as np

from envo import regions, tiff
from envo.file import PhotoFile
from envo.lens import DISTANCES, REACH, Profile

_LIST = 51022
_WARP, _VIGNETTE = 1, 3
_MOST = 64
"""Operations of a list that are read."""
_FACTORS = (0.25, 4.0)
"""What lies between is what a lens may do to a distance, or to light."""


def read(file: PhotoFile) -> Profile | None:
    """Read what a RAW says of its lens; None where it says nothing, or nothing that could be."""
    for block in tiff.octets(file.data, _LIST):
        try:
            found = _profile(list(_operations(block)), file)
        except (struct.error, ValueError):
            continue
        if found:
            return found
    return None


def _operations(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the numbers and parameters of a list. Raises struct.error for one that is cut off."""
    count, at = struct.unpack_from(">I", block)[0], 4
    for _ in range(min(count, _MOST)):
        number, _, _, length = struct.unpack_from(">IIII", block, at)
        at += 16
        if at + length > len(block):
            raise ValueError("the list is cut off")
        yield number, block[at : at + length]
        at += length


def _profile(operations: list[tuple[int, bytes]], file: PhotoFile) -> Profile | None:
    warps = [data for number, data in operations if number == _WARP]
    vignettes = [data for number, data in operations if number == _VIGNETTE]
    if len(warps) > 1 or len(vignettes) > 1 or not (warps or vignettes):
        return None
    middle, columns, gain = (0.5, 0.5), None, None
    if warps:
        planes = struct.unpack_from(">I", warps[0])[0]
        if planes not in (1, 3):
            return None
        values = np.array(struct.unpack_from(f">{6 * planes + 2}d", warps[0], 4))
        middle = tuple(values[-2:])
        columns = [values[6 * plane : 6 * plane + 4] for plane in (range(3) if planes == 3 else (0, 0, 0))]
    if vignettes:
        values = np.array(struct.unpack_from(">7d", vignettes[0]))
        middle = middle if warps else tuple(values[-2:])
        gain = np.concatenate([[1.0], values[:5]])
    if not all(0 <= each <= 1 for each in middle):
        return None
    size = np.array((file.stored.width, file.stored.height), float)
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    # Their distances are 1 at the corner that is farthest from the centre.
    scale = np.hypot(*size) / 2 / np.hypot(*((corners - middle) * size).T).max()

    def table(powers: np.ndarray) -> np.ndarray:
        """Give a polynomial of the square of the distance; beyond the picture as at its end."""
        made = np.polynomial.polynomial.polyval((np.minimum(DISTANCES * scale, 1)) ** 2, powers)
        if not (np.isfinite(made).all() and made.min() >= _FACTORS[0] and made.max() <= _FACTORS[1]):
            raise ValueError("no lens does that")
        return made

    distortion = red = blue = light = None
    if columns:
        reds, distortion, blues = map(table, columns)
        bent = DISTANCES * distortion
        at = np.interp(DISTANCES, np.maximum.accumulate(bent) + 1e-9 * DISTANCES, DISTANCES, right=REACH)
        red, blue = (np.round(np.interp(at, DISTANCES, each / distortion), 7) for each in (reds, blues))
        distortion = np.round(distortion, 7)
        red, blue = (None, None) if (red == 1).all() and (blue == 1).all() else (red, blue)
    if gain is not None:
        light = np.round(table(gain), 7)
    x, y = regions.turned((*middle, *middle), file.stored.orientation)[:2]
    return Profile("file", "", "", (float(x), float(y)), distortion, red, blue, light)
