"""Subjects: the thing a photo is of, softly cut out.

    result = subject.auto().matte(pixels)
    result.mattes  # {"subject": uint8 HxW, "background": uint8 HxW}, or {} when nothing stands out

A new engine is one file with one class, and one line here.
"""

from models.engine import best
from models.layers.subject.base import Engine
from models.layers.subject.unet import SubjectUNet

__all__ = ["ENGINES", "Engine", "auto"]

ENGINES: dict[str, Engine] = {engine.name: engine for engine in [SubjectUNet()]}
"""Engines by name, best first."""


def auto() -> Engine:
    """Pick the best engine that can work at once; else the best of all, which fetches its weights first."""
    return best(ENGINES.values())
