"""The HTTP route of a photo's maps, which the page mixes into what adjustments make of it."""

from fastapi import APIRouter
from fastapi.responses import Response

from envo.library import Library
from tabs.web import http


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add it to the routes of the app."""

    @api.get("/photos/{photo_id}/maps")
    @http.heavy
    def maps(who: owner, photo_id: str):
        """The maps as `Maps.dump` writes them. A page adds the version of their making, for others are another file."""
        data = library.maps(who, photo_id).dump()
        return Response(data, media_type="application/octet-stream", headers=http.KEEP)
