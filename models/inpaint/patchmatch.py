"""PatchMatch (Barnes et al., SIGGRAPH 2009): a hole is made of patches from elsewhere in the photo. No weights."""

import threading

import numpy as np

from models.inpaint import spared
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame

RADIUS = 3
"""Patches are so many pixels in each direction about their middle."""
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


def fill(image: np.ndarray, hole: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Fill a hole, uint8 hxw above 0, of uint8 hxwx3; the rest stays. The same twice over.

    kept: uint8 hxw, above 0 where no patch comes from; as `spared.mask` gives it.
    """
    import patchmatch

    with _LOCK:
        patchmatch.set_random_seed(SEED)
        return patchmatch.inpaint(image, hole, global_mask=kept, patch_size=RADIUS)
