"""What comes with Envo at its best: structure by the network, texture by patches, at the photo's own resolution."""

import cv2
import numpy as np

from models.inpaint import context_encoder, patchmatch, spared
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame, resized

EDGE = 512
"""Pixels squared at which a hole is filled; what is larger takes its detail from the photo itself."""
FINE = 4.0
"""What is smaller than so many pixels at that size is, deep in a hole, that of the patches alone: the network has none
of it, and with a share of none, texture turns grey."""
SHARE = 0.2
"""Share of the network in what is larger: where patches guess wrong, less of a guess is less wrong."""
SHARE_EDGE = 0.5
"""That share at the edge of the hole, where the network knows most; there it has one in what is fine, too."""
EDGE_DEPTH, FINE_DEPTH = 24.0, 12.0
"""So deep is what counts as the edge, in pixels of that size, for what is large and for what is fine."""
NARROW_DEPTH = 6.0
"""That in holes as narrow as `spared.THIN`, for both: patches fit there, and with more, all of the hole is a blur."""


class EnvoFill(EraseEngine):
    """Patches copy what fits the edge of the hole, with all its detail; the network corrects their colours.

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
        textured = patchmatch.fill(small, gap, kept)
        report("Filling the hole", 0.7)
        # Both are the photo itself beside the hole, so the difference fades out there.
        difference = context_encoder.fill(small, gap) - textured
        large = cv2.GaussianBlur(difference, (0, 0), FINE)
        depth = cv2.distanceTransform(gap, cv2.DIST_L2, 3)[..., None]
        deep, fine_deep = (NARROW_DEPTH,) * 2 if depth.max() <= spared.THIN else (EDGE_DEPTH, FINE_DEPTH)
        share = SHARE + (SHARE_EDGE - SHARE) * np.exp(-((depth / deep) ** 2))
        change = share * large + SHARE_EDGE * np.exp(-((depth / fine_deep) ** 2)) * (difference - large)
        if scale < 1:
            from models.inpaint import patches

            report("Filling the hole", 0.8)
            textured = patches.transfer(image, hole, textured, gap, kept)
            change = cv2.resize(change, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.rint(np.clip(textured + change, 0, 255)).astype(np.uint8)
