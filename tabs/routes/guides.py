"""The HTTP route of a photo's guide, by which masks keep to its edges and colours."""

from fastapi import APIRouter
from fastapi.responses import Response

from envo.library import Library
from tabs.web import http


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add it to the routes of the app."""

    @api.get("/photos/{photo_id}/guide")
    @http.heavy
    def guide(who: owner, photo_id: str):
        """The guide, a small PNG, as Python reads it, too; see `envo/guide.py`."""
        return Response(library.guide(who, photo_id), media_type="image/png", headers=http.KEEP)
