"""The HTTP route by which an engine's weights are fetched, for every noun that has engines to choose among."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter

from models import hub
from models.engine import Engine
from tabs.work.fetching import Fetching


def add_fetching(
    api: APIRouter, noun: str, engines: Mapping[str, Engine], owner: type[str]
) -> Callable[[], dict[str, Any]]:
    """Add it to the routes of the app. Gives what tells a page whether there is a hub, and how far the weights are."""
    fetching = Fetching(engines)

    @api.post(f"/{noun}/engines/{{name}}/fetch", status_code=202)
    def fetch(who: owner, name: str) -> None:
        fetching.fetch(name)

    return lambda: {"hub": hub.reachable(), "fetching": fetching.for_page()}
