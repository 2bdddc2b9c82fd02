"""The HTTP routes of Auto: sliders set from what a photo is like, and how it hangs."""

from typing import Annotated, Literal

from fastapi import APIRouter

from envo import auto, perspective
from envo.edits import Geometry
from envo.library import Library
from tabs.web import http
from tabs.work import level
from tabs.work.wish import Wish


class GeometryWish(Wish):
    """How a photo is to hang."""

    wish: Literal["straighten", "vertical", "horizontal", "full"]
    geometry: Geometry
    """As it is by now."""


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add them to the routes of the app."""

    @api.get("/photos/{photo_id}/auto")
    @http.heavy
    def suggest(who: owner, photo_id: str):
        """Adjustments of the whole image that suit the photo, and what they do, in few words; both empty for none."""
        mattes = library.mattes.alphas(who, photo_id, ("face", "skin"))
        image = library.file(who, photo_id).decode(auto.EDGE)
        found = auto.suggest(image.pixels, mattes)
        return {"adjustments": found.adjustments, "said": found.said}

    @api.post("/photos/{photo_id}/geometry")
    @http.heavy
    def put_right(who: owner, photo_id: str, wish: Annotated[GeometryWish, http.body(GeometryWish)]):
        """The angle and the tilts that set a photo right, those that it has where nothing tells; and a sentence."""
        image = library.file(who, photo_id).decode(perspective.EDGE).shown()
        found, said = level.put_right(image, wish.geometry, wish.wish)
        return {"angle": found.angle, "vertical": found.vertical, "horizontal": found.horizontal, "said": said}
