"""What comes with Envo at its best: structure by the network, texture by patches, at the photo's own resolution."""

import cv2
import numpy as np

from models.inpaint import context_encoder, patchmatch
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame, resized

EDGE = 512
"""Pixels squared at which a hole is filled; what is larger takes its detail from the photo itself."""
COARSE = 20.0
"""What is larger than so many pixels at that size has the colours that the network gives it."""
SMOOTH = 0.3
"""Share of the network in what is finer: where patches guess wrong, less of a guess is less wrong."""
SMOOTH_EDGE = 0.5
"""That share at the edge of the hole, where the network knows most."""
EDGE_DEPTH = 6.0
"""So deep is what counts as the edge, in pixels of that size."""


class EnvoFill(EraseEngine):
    """Patches copy what fits the edge of the hole; the network knows better which colours are deep in it."""

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
        textured = patchmatch.fill(small, gap)
        report("Filling the hole", 0.7)
        structure = context_encoder.fill(small, gap)
        # Both are the photo itself beside the hole, so the difference fades out there.
        shift = cv2.GaussianBlur(structure - textured, (0, 0), COARSE)
        depth = cv2.distanceTransform(gap, cv2.DIST_L2, 3)
        share = SMOOTH + (SMOOTH_EDGE - SMOOTH) * np.exp(-((depth / EDGE_DEPTH) ** 2))
        if scale < 1:
            from models.inpaint import patches

            textured = patches.transfer(image, hole, textured, gap)
            structure, shift, share = (
                cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in (structure, shift, share)
            )
        coarse = textured + shift
        return np.rint(np.clip(coarse + share[..., None] * (structure - coarse), 0, 255)).astype(np.uint8)
