"""Portraits: every face of a photo, and its parts as soft mattes.

    portrait.auto().parse(image, person).mattes

A new engine is one file with one class, and one line here.
"""

from models.engine import best
from models.layers.portrait.base import KINDS, Engine, Face, Piece, Portrait
from models.layers.portrait.network import PortraitNetwork

__all__ = ["ENGINES", "KINDS", "Engine", "Face", "Piece", "Portrait", "auto"]

ENGINES: dict[str, Engine] = {engine.name: engine for engine in [PortraitNetwork()]}
"""Engines by name, best first."""


def auto() -> Engine:
    """Pick the best engine that can work at once; else the best of all, which fetches its weights first."""
    return best(ENGINES.values())
