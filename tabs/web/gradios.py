"""Which scripts of Gradio's the page begins with, so that a browser can ask for all of them at once.

Each names the next when it runs, so that a browser by itself goes there and back for five in a row. They are read out
of what Gradio serves; where another version writes it in another way, fewer are found, and the page is but slower.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import gradio

_SERVED = "assets/"
"""Where Gradio serves them, relative to the page."""
COMPONENTS = ("column", "html", "row", "state", "tabs", "tabitem")
"""What the page is made of, as Gradio calls it."""
_FOLDER = Path(gradio.__file__).parent / "templates/frontend"
_ENTRY = re.compile(r'src="\./assets/([\w-]+\.js)"')
_IMPORTED = re.compile(r'(?:from|import)"\./([\w-]+\.js)"')
_LATER = re.compile(r"import\(`\./((?:Index|core|Blocks)-[\w-]+\.js)`\)")
"""What runs next: the page's frame, the table of components, and what places these."""
_COMPONENT = r"[,{{]{}:\{{.*?component:\(\)=>\w+\(\(\)=>import\(`\./([\w-]+\.js)`"


def scripts() -> list[str]:
    """Addresses of the scripts, relative to the page, those that are needed first before others."""
    entry = _ENTRY.findall((_FOLDER / "index.html").read_text())
    later = _with_imported(name for first in entry for name in _named(_LATER, first))
    last = [name for script in later for name in _named(_LATER, script) if name.startswith("Blocks")]
    tables = [script for script in later if script.startswith("core-")]
    parts = [name for table in tables for kind in COMPONENTS for name in _named(_component(kind), table)[:1]]
    return [_SERVED + name for name in _with_imported([*entry, *later, *last, *parts])]


def _component(kind: str) -> re.Pattern:
    return re.compile(_COMPONENT.format(kind))


def _named(pattern: re.Pattern, script: str) -> list[str]:
    return pattern.findall((_FOLDER / _SERVED / script).read_text())


def _with_imported(scripts: Iterable[str]) -> list[str]:
    """Add to scripts all that they import at once."""
    found: dict[str, None] = {}
    waiting = list(scripts)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += _named(_IMPORTED, name)
    return list(found)
