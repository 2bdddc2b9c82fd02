"""Select: click a thing, have its mask.

    engine = select.auto()
    photo = engine.prepare(pixels)  # slow, once
    selection = engine.predict(photo, Prompt(points=((x, y),), adds=(True,)))  # quick, often
    selection.candidates[0].mask  # uint8 HxW

A new engine is one file with one class, and one line here.
"""

from models import cache
from models.engine import best
from models.select.base import Box, Candidate, Engine, Prepared, Prompt, Selection, apart
from models.select.quick import Quick
from models.select.sam import SamVitBase, SlimSam
from models.select.sam2 import Sam2Tiny

__all__ = ["ENGINES", "Box", "Candidate", "Engine", "Prepared", "Prompt", "Selection", "apart", "auto"]

ENGINES: dict[str, Engine] = {engine.name: engine for engine in [SamVitBase(), Sam2Tiny(), SlimSam(), Quick()]}
"""Engines by name, best first."""


def auto() -> Engine:
    """Pick the best engine that can work at once; on a CPU, SlimSAM before its elders; else the one that came along."""
    engines = list(ENGINES.values())
    if not cache.has_nvidia_gpu():
        engines.sort(key=lambda engine: not isinstance(engine, SlimSam))
    return best(engines, engines[-1])
