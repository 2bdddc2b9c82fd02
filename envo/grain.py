"""The grain of film: noise that belongs to places of the photo, the same at every zoom and in the file.

It is value noise of two sizes (`kernel.add_grain`). Grains that are smaller than a pixel of the picture fade, as they
do where a photo is made smaller.
"""

from collections.abc import Mapping

from envo.adjustments import CONSTANTS, value


def cell(adjustments: Mapping[str, float], edge: int) -> float:
    """Give the size of a grain in pixels of the photo, whose long edge is `edge`; one at least."""
    smallest, more = CONSTANTS["grain_cell"]
    return max(1.0, edge * (smallest + more * value(adjustments, "grain_size") / 100))
