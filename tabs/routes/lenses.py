"""The HTTP routes of lenses: what a photo's did to it, and which others there are."""

from typing import Annotated

from fastapi import APIRouter, Query

from envo import lenses, settings
from envo.edits import Lens
from envo.library import Library
from tabs.web import http

Called = Annotated[str, Query(max_length=settings.MAX_LENS_NAME)]


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add them to the routes of the app."""

    @api.get("/photos/{photo_id}/lens")
    @http.heavy
    def lens(who: owner, photo_id: str, maker: Called = "", model: Called = ""):
        """What a photo tells of its camera and lens, and what is known of that lens, or of the one that is named."""
        told = library.optics(who, photo_id)
        profile = lenses.find(told, Lens(maker=maker, model=model))
        optics = told.optics
        named = {"maker": optics.maker, "camera": optics.camera, "lens": optics.lens}
        return {**named, "profile": None if profile is None else profile.schema()}

    @api.get("/lenses")
    def search(who: owner, text: Called = ""):
        """Lenses that are known, by words of their makers and names."""
        return {"lenses": [{"maker": maker, "model": model} for maker, model in lenses.search(text)]}
