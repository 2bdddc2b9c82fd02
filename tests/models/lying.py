"""Machines on which the weights of an engine lie, for tests of engines whose real weights are not here."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from models import cache, weights
from models.engine import Engine


@dataclass
class Lying:
    """An engine, and the file of its weights as it lies on this machine."""

    engine: Any
    file: Path


@contextmanager
def lying(engine: Engine, folder: Path, state: Any) -> Iterator[Lying]:
    """A machine on which the weights of an engine lie, as `torch.save` writes them."""
    entry = next(entry for entry in weights.entries() if entry.name == engine.requires[0])
    file = folder / "weights" / entry.file
    file.parent.mkdir()
    torch.save(state, file)
    told = weights.MANIFEST.read_text(encoding="utf-8")
    told = told.replace(str(entry.bytes), str(file.stat().st_size))
    told = told.replace(entry.sha256, hashlib.sha256(file.read_bytes()).hexdigest())
    manifest = folder / "weights.toml"
    manifest.write_text(told, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVO_CACHE", str(folder))
        patch.setattr(weights, "MANIFEST", manifest)
        yield Lying(engine, file)
    cache.make_room()
