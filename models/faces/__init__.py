"""People: faces described by numbers that tell their person, grouped by likeness, named after faces that have a name.

    engine = faces.auto()
    found = engine.look(pixels)  # each has a box and an embedding
    faces.groups(engine, embeddings)  # [0, 1, 0, -1, ...]
    faces.Namer(engine, {"Ada": of_ada, "Grace": of_grace}).name(embeddings)

A new engine is one file with one class, and one line here.
"""

from models.engine import best
from models.faces.base import Engine, Face
from models.faces.dlib import Dlib
from models.faces.facenet import FaceNet
from models.faces.group import ALONE, alike, groups
from models.faces.joined import Joined
from models.faces.name import LEAST_SURE, Name, Namer, once

__all__ = ["ALONE", "ENGINES", "LEAST_SURE", "Engine", "Face", "Name", "Namer", "alike", "auto", "groups", "once"]

ENGINES: dict[str, Engine] = {engine.name: engine for engine in [FaceNet(), Joined(), Dlib()]}
"""Engines by name, best first. Dlib alone embedded the faces of libraries from before it was joined."""


def auto() -> Engine:
    """Pick the best engine that can work at once; else the one whose weights a package index has."""
    return best(ENGINES.values(), ENGINES[Joined.name])
