"""What comes with Envo at its best: structure by the network, texture by patches, at the photo's own resolution."""

import cv2
import numpy as np

from models.inpaint import context_encoder, patchmatch
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame

EDGE = 512
"""Pixels squared at which a hole is filled; what is larger takes its detail from the photo itself."""
COARSE = 20.0
"""What is larger than so many pixels at that size has the colours that the network gives it."""
SMOOTH = 0.3
"""Share of the network in what is finer: where patches guess wrong, less of a guess is less wrong."""


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
            gap = (cv2.resize(hole * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
        textured = patchmatch.fill(small, gap)
        report("Filling the hole", 0.7)
        structure = context_encoder.fill(small, gap)
        # Both are the photo itself beside the hole, so the difference fades out there.
        shift = cv2.GaussianBlur(structure - textured, (0, 0), COARSE)
        if scale < 1:
            from models.inpaint import patches

            textured = patches.transfer(image, hole, textured, gap)
            structure, shift = (
                cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in (structure, shift)
            )
        filled = (1 - SMOOTH) * (textured + shift) + SMOOTH * structure
        return np.rint(np.clip(filled, 0, 255)).astype(np.uint8)
