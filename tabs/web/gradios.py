"""What Envo has to know of Gradio: where it keeps uploads, how it looks for work, and what its page begins with."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio
from gradio.utils import get_upload_folder

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


def look_seldom(blocks: gradio.Blocks) -> None:
    """Have Gradio's queue look for work as often as it does on Windows.

    Elsewhere it does so a thousand times a second, for which an app that nobody asks takes 6 % of a core.
    """
    blocks._queue.sleep_when_free, blocks._queue.progress_update_sleep_when_free = 0.05, 0.1


def uploaded(path: Any) -> Path | None:
    """Find a file that was uploaded to Gradio's routes, and no other of this machine; path: as a browser tells it."""
    folder = Path(get_upload_folder()).resolve()
    found = Path(path).resolve() if isinstance(path, str) else None
    return found if found and found.is_relative_to(folder) and found.is_file() else None


def scripts() -> list[str]:
    """Which scripts the page begins with, those that are needed first before others, for a browser to ask for at once.

    Each names the next when it runs, so that a browser by itself goes there and back for five in a row. They are read
    out of what Gradio serves; where another version writes it in another way, fewer are found, and the page is slower.
    """
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
