"""The shape of all subject engines, and what they have in common: when a thing stands out."""

import numpy as np

from envo import masks
from models.layers.cut import Cutter

LEAST_COVER = 0.005
"""Share of the frame that a thing must cover to stand out."""
LEAST_SURE = 0.7
"""Mean alpha that a thing must have within its outline; networks guess faintly where nothing stands out."""


class Engine(Cutter):
    """One way to find what a photo is of."""

    kind = "subject"
    step = "Finding what the photo is of"


def fitted(alpha: np.ndarray, image: np.ndarray) -> np.ndarray | None:
    """Fit what a network says, float32 hxw in [0, 1] of any size, to a photo, uint8 HxWx3: uint8 HxW.

    None where nothing stands out.
    """
    inside = alpha > 0.5
    if inside.mean() < LEAST_COVER or alpha[inside].mean() < LEAST_SURE:
        return None
    return np.rint(masks.refine(alpha, image) * 255).astype(np.uint8)
