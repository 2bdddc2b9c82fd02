"""Subjects: the thing a photo is of, softly cut out.

    result = subject.quick().matte(pixels)
    result.mattes  # {"subject": uint8 HxW, "background": uint8 HxW}, or {} when nothing stands out

A new engine is one file with one class, and one line here.
"""

from models.layers.subject.base import Engine
from models.layers.subject.isnet import ISNet
from models.layers.subject.unet import SubjectUNet

__all__ = ["ENGINES", "Engine", "close", "quick"]

ENGINES: dict[str, Engine] = {engine.name: engine for engine in [ISNet(), SubjectUNet()]}
"""Engines by name, best first."""


def quick() -> Engine:
    """Pick the engine that answers in a fraction of a second, and whose weights come with Envo."""
    return list(ENGINES.values())[-1]


def close() -> Engine:
    """Pick the best engine, which takes seconds, and whose weights may have to be fetched."""
    return next(iter(ENGINES.values()))
