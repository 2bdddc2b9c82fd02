"""Fetching the weights of engines in the background, and telling how far that is."""

import logging
from collections.abc import Mapping
from typing import Any

from envo import settings
from models.engine import Engine, named, quiet
from models.layers import subject
from models.weights import WeightsError
from tabs.work import threads
from tabs.work.queue import Queue

log = logging.getLogger(__name__)


def fetch_unasked() -> None:
    """Begin to fetch the weights of what works better with them and is used without being asked for.

    Nothing waits for them. Where the machine is to stay offline nothing is fetched; where they cannot be had, that is
    tried again when the app is next started.
    """
    engine = subject.close()
    if settings.is_offline() or engine.available():
        return

    def work() -> None:
        try:
            engine.fetch(quiet)
        except WeightsError as error:
            log.info("%s goes on without: %s", engine.name, error)

    threads.after(0, "fetching unasked", work)


class Fetching:
    """Fetches what engines lack, one after the other."""

    def __init__(self, engines: Mapping[str, Engine]):
        self._engines = engines
        self._queue = Queue(
            "fetch",
            "The weights could not be fetched.",
            "Waiting for other downloads",
            "Fetching the weights",
            rank=None,
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
