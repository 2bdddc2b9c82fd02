"""PatchMatch (Barnes et al., SIGGRAPH 2009): a hole is made of patches from elsewhere in the photo. No weights."""

import threading

import cv2
import numpy as np

from models.inpaint import spared
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame

RADIUS = 3
"""Patches are so many pixels in each direction about their middle."""
GUIDE_WEIGHT = 0.004
"""What a guide counts beside the likeness of two patches: with more, they follow it where it knows nothing."""
GUIDE_COARSE = 8.0
"""Only what is larger than so many pixels is guided."""
SEED = 1

_LOCK = threading.Lock()
"""The library keeps its seed for all threads."""


class PatchMatch(EraseEngine):
    """Fills with the photo's own texture; what is large and has a shape of its own it cannot know."""

    name = "patchmatch"
    label = "PatchMatch"
    frame = Frame(edge=512, context=0.75)

    @property
    def licence(self) -> str:
        return "MIT"

    @property
    def how(self) -> str:
        return "" if self.available() else "Its package, PyPatchMatch, does not run on this machine."

    def available(self) -> bool:
        import patchmatch

        return patchmatch.patchmatch_available

    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        return fill(image, hole, spared.mask(image, hole))


def fill(
    image: np.ndarray, hole: np.ndarray, kept: np.ndarray, guide: np.ndarray | None = None, radius: int = RADIUS
) -> np.ndarray:
    """Fill a hole, uint8 hxw above 0, of uint8 hxwx3; the rest stays. The same twice over.

    kept: uint8 hxw, above 0 where no patch comes from; as `spared.mask` gives it. guide: float32 hxwx3, 0 to 255, the
    image filled by what knows its colours, if only those: patches come from where it looks alike. radius: of patches.
    """
    import patchmatch

    with _LOCK:
        patchmatch.set_random_seed(SEED)
        if guide is None:
            return patchmatch.inpaint(image, hole, global_mask=kept, patch_size=radius)
        places = _coordinates(guide)
        options = {"global_mask": kept, "patch_size": radius, "guide_weight": GUIDE_WEIGHT}
        return patchmatch.inpaint_regularity(image, hole, places, **options)


def _coordinates(guide: np.ndarray) -> np.ndarray:
    """Give the two numbers by which pixels of a guide are compared, as the library wants them: float32 hxwx3.

    They are brightness and warmth, both from 0 to 0.5, for the library counts in turns: 0.9 lies near to 0.1.
    """
    coarse = cv2.GaussianBlur(guide, (0, 0), GUIDE_COARSE)
    brightness = coarse @ np.float32([0.3, 0.6, 0.1])
    warmth = (coarse[..., 0] - coarse[..., 2] + 255) / 2
    return np.dstack([brightness, warmth, np.zeros_like(warmth)]) / np.float32(510)
