"""Fetching the weights of engines in the background, and telling how far that is."""

from collections.abc import Mapping
from typing import Any

from models.engine import Engine, named
from tabs.work.queue import Queue


class Fetching:
    """Fetches what engines lack, one after the other."""

    def __init__(self, engines: Mapping[str, Engine]):
        self._engines = engines
        self._queue = Queue(
            "fetch", "The weights could not be fetched.", "Waiting for other downloads", "Fetching the weights"
        )

    def fetch(self, name: str) -> None:
        """Fetch an engine's weights."""
        engine = named(self._engines, name)
        if not engine.available():
            self._queue.ask(name, engine.fetch)

    def for_page(self) -> dict[str, dict[str, Any]]:
        """How far the weights are that are being fetched, or why they could not be, by the engine's name."""
        now = {name: self._queue.progress(name) for name in self._engines}
        return {
            name: {"state": each.state, "step": each.step, "fraction": each.fraction}
            for name, each in now.items()
            if each
        }
