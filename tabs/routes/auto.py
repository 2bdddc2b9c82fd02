"""The HTTP route of Auto: sliders set from what a photo is like."""

from fastapi import APIRouter

from envo import auto
from envo.library import Library
from tabs.web import http


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add it to the routes of the app."""

    @api.get("/photos/{photo_id}/auto")
    @http.heavy
    def suggest(who: owner, photo_id: str):
        """Adjustments of the whole image that suit the photo, and what they do, in few words; both empty for none."""
        mattes = library.mattes.alphas(who, photo_id, ("face", "skin"))
        image = library.file(who, photo_id).decode(auto.EDGE)
        found = auto.suggest(image.pixels, mattes)
        return {"adjustments": found.adjustments, "said": found.said}
