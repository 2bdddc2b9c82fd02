"""Mattes: who is in a photo and where, softly.

    result = people.auto().matte(pixels)
    result.mattes  # {"person": uint8 HxW, "background": uint8 HxW}, or {} when nobody is in it

A new engine is one file with one class, and one line here.
"""

from models.engine import best
from models.layers.people.base import Engine
from models.layers.people.rvm import RobustVideoMatting

__all__ = ["ENGINES", "Engine", "auto"]

ENGINES: dict[str, Engine] = {engine.name: engine for engine in [RobustVideoMatting()]}
"""Engines by name, best first."""


def auto() -> Engine:
    """Pick the best engine that can work at once; else the best of all, which fetches its weights first."""
    return best(ENGINES.values())
