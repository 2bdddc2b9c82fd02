"""What this app is here: which engines there are, and why others are not; memory, versions, what is kept how long."""

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from envo import memory, settings
from models import cache, faces, inpaint, noise, restore, select, tagging, zerogpu
from models.engine import Engine
from models.layers import people, portrait, subject

LIBRARIES = ("gradio", "onnxruntime", "torch", "diffusers", "pillow", "rawpy")
"""Whose versions somebody asks for who tells of a fault."""


def engines() -> dict[str, list[Engine]]:
    """List all engines, best first, by what they are for as a page says it."""
    listed: dict[str, Iterable[Mapping[str, Engine]]] = {
        "Layers": (people.ENGINES, portrait.ENGINES, subject.ENGINES),
        "Noise": (noise.ENGINES,),
        "Select": (select.ENGINES,),
        "Erase": (inpaint.ERASE,),
        "Replace": (inpaint.REPLACE,),
        **{f"Restore: {step.label.lower()}": (step.engines,) for step in restore.STEPS.values()},
        "Tags": (tagging.DETECTORS, tagging.CLASSIFIERS),
        "People": (faces.ENGINES,),
    }
    return {label: [each for table in tables for each in table.values()] for label, tables in listed.items()}


def about(is_kept_for: int | None, most: int | None) -> dict[str, Any]:
    """Tell it, as the browser gets it.

    Args:
        is_kept_for: days after a visit that all is kept of whoever asks; None: until they delete it.
        most: bytes that they may keep; None: no limit but the disk.

    """
    return {
        "space": settings.is_space(),
        "engines": [
            {"for": label, "engines": [_engine(each) for each in listed]}
            for label, listed in engines().items()
            if listed
        ],
        "device": cache.device(),
        "lent": zerogpu.spaces is not None,
        "memory": {
            "total": memory.memory(),
            "models": cache.memory_budget(),
            "photos": memory.photo_budget(),
            "loaded": sum(cache.loaded().values()),
        },
        "versions": {"Python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "kept": {
            "days": is_kept_for,
            "bytes": most,
            "trashDays": settings.TRASH_DAYS,
            "sentMinutes": settings.UPLOAD_SECONDS // 60,
            "restarts": settings.is_kept(),
        },
    }


def _engine(engine: Engine) -> dict[str, Any]:
    is_here = engine.available()
    return {
        "label": getattr(engine, "label", engine.name),
        "here": is_here,
        "why": "" if is_here else engine.how or "It is fetched when it is first asked for.",
        "licence": engine.licence,
    }
