"""The HTTP route by which a page tells what this app is here."""

from typing import Any

from fastapi import APIRouter

from envo import settings
from envo.library import Library
from envo.visitors import is_visitor
from tabs.work.about import about


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add it to the routes of the app."""

    @api.get("/about")
    def tell(who: owner) -> dict[str, Any]:
        """Which engines there are, which are not and why; memory, versions, and what is kept how long."""
        most = library.visits.max_bytes if library.visits.is_limited(who) else None
        return about(settings.keep_days() if is_visitor(who) else None, most)
