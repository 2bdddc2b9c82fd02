"""Change a part of a photo: erase a thing, or put another there.

    result = inpaint.erase("auto").erase(pixels, mask)
    result.pixels  # uint8 HxWx3: where the mask is 0, the photo to the byte

    engine = inpaint.replace("auto")
    wish = inpaint.Wish.parse(engine, {"prompt": "a red fox"})
    engine.seconds(wish)  # told before anything runs
    engine.replace(pixels, mask, wish)  # a list of results

A new engine is one file with one class, and one line here.
"""

from models.engine import pick
from models.inpaint.base import Cancelled, EraseEngine, ReplaceEngine, Result, Wish
from models.inpaint.context_encoder import ContextEncoder
from models.inpaint.diffusion import StableDiffusion15, StableDiffusionXL, StableDiffusionXLFast
from models.inpaint.joined import EnvoFill
from models.inpaint.lama import LaMa
from models.inpaint.patchmatch import PatchMatch

__all__ = ["ERASE", "REPLACE", "Cancelled", "EraseEngine", "ReplaceEngine", "Result", "Wish", "erase", "replace"]

ERASE: dict[str, EraseEngine] = {engine.name: engine for engine in [LaMa(), EnvoFill(), ContextEncoder(), PatchMatch()]}
"""Engines that erase by name, best first."""
REPLACE: dict[str, ReplaceEngine] = {
    engine.name: engine for engine in [StableDiffusionXL(), StableDiffusionXLFast(), StableDiffusion15()]
}
"""Engines that replace by name, best first, and the largest."""
PATIENCE = 600
"""Seconds that an image may take, lest another engine is the one that is chosen by itself."""


def erase(name: str = "auto") -> EraseEngine:
    """Pick an engine that erases; "auto", unless an engine is called so: the best that is here."""
    return pick(ERASE, name)


def replace(name: str = "auto") -> ReplaceEngine:
    """Pick an engine that replaces; "auto": the best that is here and does not take hours.

    Where all that are here take longer than `PATIENCE`, it is the smallest; where none is here, the same holds for
    those that can be got.
    """
    if name != "auto":
        return pick(REPLACE, name)
    here = [engine for engine in REPLACE.values() if engine.available()] or list(REPLACE.values())
    return next((engine for engine in here if engine.usual_seconds() <= PATIENCE), here[-1])
