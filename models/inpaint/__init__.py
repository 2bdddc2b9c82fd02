"""Change a part of a photo: erase a thing, or put another there.

    result = inpaint.erase("auto").erase(pixels, mask)
    result.pixels  # uint8 HxWx3: where the mask is 0, the photo to the byte

    engine = inpaint.replace("auto")
    wish = inpaint.Wish.parse(engine, {"prompt": "a red fox"})
    engine.seconds(wish)  # told before anything runs
    engine.replace(pixels, mask, wish)  # a list of results

A new engine is one file with one class, and one line here.
"""

import cv2
import numpy as np

from models.engine import pick
from models.inpaint.base import Cancelled, EraseEngine, ReplaceEngine, Result, Wish
from models.inpaint.calm import Calm
from models.inpaint.context_encoder import ContextEncoder
from models.inpaint.diffusion import StableDiffusion15, StableDiffusionXL, StableDiffusionXLFast
from models.inpaint.joined import Continued, EnvoFill
from models.inpaint.lama import LaMa
from models.inpaint.patchmatch import PatchMatch

__all__ = [
    "ERASE",
    "FILLS",
    "REPLACE",
    "Cancelled",
    "EraseEngine",
    "ReplaceEngine",
    "Result",
    "Wish",
    "erase",
    "look_alike",
    "others",
    "replace",
]

ERASE: dict[str, EraseEngine] = {
    engine.name: engine for engine in [LaMa(), EnvoFill(), Continued(), Calm(), ContextEncoder(), PatchMatch()]
}
"""Engines that erase by name, best first."""
REPLACE: dict[str, ReplaceEngine] = {
    engine.name: engine for engine in [StableDiffusionXL(), StableDiffusionXLFast(), StableDiffusion15()]
}
"""Engines that replace by name, best first, and the largest."""
FILLS = 3
"""How many fills of one hole are offered."""
APART = 4.0
"""Fills that differ less in a hole, of 255 in the mean, look alike."""
COARSE = 2.0
"""Pixels up to which what differs is grain, which is never the same."""
PATIENCE = 600
"""Seconds that an image may take, lest another engine is the one that is chosen by itself."""


def erase(name: str = "auto") -> EraseEngine:
    """Pick an engine that erases; "auto", unless an engine is called so: the best that is here."""
    return pick(ERASE, name)


def others(name: str) -> list[EraseEngine]:
    """Give the engines for other fills of a hole than one engine's: the best ones that are here."""
    here = [engine for engine in ERASE.values() if engine.name != name and engine.available()]
    return here[: FILLS - 1]


def look_alike(one: np.ndarray, other: np.ndarray, mask: np.ndarray) -> bool:
    """Tell whether two fills, uint8 HxWx3, of a hole, uint8 HxW above 0, come to the same for whoever looks at them."""
    left, top, width, height = cv2.boundingRect(mask)
    where = np.s_[top : top + height, left : left + width]
    difference = one[where].astype(np.float32) - other[where]
    inside = mask[where] > 0
    return bool(np.abs(cv2.GaussianBlur(difference, (0, 0), COARSE))[inside].mean() < APART)


def replace(name: str = "auto") -> ReplaceEngine:
    """Pick an engine that replaces; "auto": the best that is here and does not take hours.

    Where all that are here take longer than `PATIENCE`, it is the smallest; where none is here, the same holds for
    those that can be got.
    """
    if name != "auto":
        return pick(REPLACE, name)
    here = [engine for engine in REPLACE.values() if engine.available()] or list(REPLACE.values())
    return next((engine for engine in here if engine.usual_seconds() <= PATIENCE), here[-1])
