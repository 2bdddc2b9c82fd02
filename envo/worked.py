"""Worked examples of the Replace tab: a photo of `examples/`, what is selected in it, and what is done to that."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "examples" / "worked"


@dataclass(frozen=True)
class Example:
    """What a visitor runs by a click."""

    name: str
    label: str
    """What it does, as a page says it."""
    photo: str
    """File name of the photo in `examples/`."""
    action: str
    """"replace", "erase" or "background"."""
    prompt: str
    """For Replace, whatever the action; so are `negative`, what should not be there, and `seed`."""
    negative: str
    seed: int
    invert: bool = False
    """Whether what is not selected changes."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings of the action."""

    @property
    def mask(self) -> bytes:
        """What is selected: a grey PNG of the photo's working size."""
        return (FOLDER / f"{self.name}.png").read_bytes()


def examples() -> list[Example]:
    """All of them, in the order that a page shows them in."""
    described = tomllib.loads((FOLDER / "worked.toml").read_text(encoding="utf-8"))
    return [Example(name=name, **values) for name, values in described.items()]
