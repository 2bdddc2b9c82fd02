"""What comes with Envo at its best: structure by the network, texture by patches, at the photo's own resolution."""

import cv2
import numpy as np

from models.inpaint import context_encoder, patchmatch, spared
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame, resized

EDGE = 512
"""Pixels squared at which a hole is filled; what is larger takes its detail from the photo itself."""
EDGE_FINE, EDGE_SHARE, EDGE_FINE_SHARE = 2.0, 0.3, 0.4
"""Near the edge of a hole: what is smaller than so many pixels at that size is fine, and the network's shares in what
is larger and in what is fine. Where patches guess wrong, less of a guess is less wrong."""
MIDDLE_FINE, MIDDLE_SHARE = 4.0, 0.25
"""The same for its middle, where what is fine is that of the patches alone: the network has none of it, and with a
share of none, texture turns grey."""
LARGE = 6
"""Radius in pixels of patches that are to keep what is large together."""
MIDDLE = (0.5, 0.65)
"""The middle begins between these shares of the way from the edge to a hole's deepest point."""


class EnvoFill(EraseEngine):
    """Patches copy what fits the edge of the hole and what the network makes of it; then the two are mixed.

    Heads, people and what the photo is of are not copied from beside the hole: see `spared`.
    """

    name = "envo-fill"
    label = "Envo fill"
    requires = ("context-encoder",)
    frame = Frame(edge=4096)

    def available(self) -> bool:
        return super().available() and patchmatch.PatchMatch().available()

    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        height, width = hole.shape
        scale = min(1, EDGE / (height * width) ** 0.5)
        small, gap = image, hole
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            gap = resized(hole, size)
        kept = spared.mask(small, gap)
        report("Filling the hole", 0.2)
        textured, change = self._made(small, gap, kept)
        if scale < 1:
            from models.inpaint import patches

            report("Filling the hole", 0.8)
            textured = patches.transfer(image, hole, textured, gap, kept)
            change = cv2.resize(change, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.rint(np.clip(textured + change, 0, 255)).astype(np.uint8)

    def _made(self, small: np.ndarray, gap: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fill a hole, uint8 hxw of 0 and 1, of uint8 hxwx3 at up to `EDGE` pixels squared.

        Gives what patches make of it, uint8 hxwx3, whose places are found again in the photo; and what is added to
        that, float32 hxwx3. kept: as `spared.mask` gives it.
        """
        structure = context_encoder.fill(small, gap)
        depth = cv2.distanceTransform(gap, cv2.DIST_L2, 3)
        narrow = depth.max() <= spared.THIN  # patches fit there without a guide
        textured = patchmatch.fill(small, gap, kept, None if narrow else structure)
        # Both are the photo itself beside the hole, so the difference fades out there.
        difference = structure - textured
        return textured, EDGE_SHARE * difference if narrow else _mixed(difference, _middle(gap, depth))


class Continued(EnvoFill):
    """Large patches alone, which go on with what leads into a hole, whatever the network makes of its middle."""

    name = "envo-continued"
    label = "Envo fill, continued"
    requires = ()

    def _made(self, small: np.ndarray, gap: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        textured = patchmatch.fill(small, gap, kept, radius=LARGE)
        return textured, np.zeros(textured.shape, np.float32)


def _mixed(difference: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Tell what of the difference of network and patches, float32 hxwx3, counts; middle: as `_middle` gives it."""
    fine = difference - cv2.GaussianBlur(difference, (0, 0), EDGE_FINE)
    edge = EDGE_SHARE * (difference - fine) + EDGE_FINE_SHARE * fine
    deep = MIDDLE_SHARE * cv2.GaussianBlur(difference, (0, 0), MIDDLE_FINE)
    return edge + middle[..., None] * (deep - edge)


def _middle(gap: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Tell how much a pixel lies in the middle of its hole: float32 hxw, 0 to 1."""
    count, holes = cv2.connectedComponents(gap)
    deepest = np.ones(count, np.float32)
    np.maximum.at(deepest, holes.ravel(), depth.ravel())
    way = np.clip((depth / deepest[holes] - MIDDLE[0]) / (MIDDLE[1] - MIDDLE[0]), 0, 1)
    return way * way * (3 - 2 * way)
