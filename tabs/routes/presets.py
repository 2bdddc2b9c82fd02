"""The HTTP routes of a visitor's own presets."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from envo import copies, lightroom, ownpresets
from envo.library import Library
from envo.settings import MAX_NAME
from tabs.web import http
from tabs.work.wish import Wish


class PresetWish(Wish):
    """What is kept: a copy of an edit, see `envo.copies`."""

    name: str = Field(max_length=MAX_NAME)
    group: str = Field("", max_length=MAX_NAME)
    copied: dict[str, Any] = Field(alias="copy")


class PresetChange(Wish):
    """What becomes another; None for what stays."""

    name: str | None = Field(None, max_length=MAX_NAME)
    group: str | None = Field(None, max_length=MAX_NAME)


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.get("/presets")
    def all_presets(who: owner):
        return {"presets": [asdict(row) for row in library.presets.all(who)]}

    @api.post("/presets")
    def keep(who: owner, wish: Annotated[PresetWish, http.body(PresetWish)]):
        return asdict(library.presets.add(who, wish.name, wish.group, copies.parse(wish.copied)))

    @api.post("/presets/files")
    async def bring(who: owner, request: Request, name: http.Name = ""):
        """Keep the preset of a file, the body; and in a sentence what is to be said of it, or ""."""
        data = await request.body()
        return await http.while_asked(request, who, lambda check: _bring(library, who, name, data))

    @api.patch("/presets/{preset_id}")
    def change(who: owner, preset_id: str, wish: Annotated[PresetChange, http.body(PresetChange)]):
        return asdict(library.presets.change(who, preset_id, wish.name, wish.group))

    @api.delete("/presets/{preset_id}", status_code=204)
    def delete(who: owner, preset_id: str) -> None:
        library.presets.delete(who, preset_id)

    @api.post("/presets/{preset_id}/restore")
    def restore(who: owner, preset_id: str):
        return asdict(library.presets.restore(who, preset_id))

    @api.get("/presets/{preset_id}/file")
    def file(who: owner, preset_id: str) -> Response:
        name, data = library.presets.file(who, preset_id)
        return http.download(data, "application/json", name)

    @api.get("/photos/{photo_id}/lightroom")
    def of_photo(who: owner, photo_id: str):
        """The develop settings that a photo comes with, as a copy, or null; and what is left out of them."""
        found = lightroom.of_photo(library.file(who, photo_id))
        return {"copy": found and found.copy.dump(), "said": lightroom.told(found.missed) if found else ""}


def _bring(library: Library, who: str, name: str, data: bytes) -> dict[str, Any]:
    brought = ownpresets.read(name, data)
    row = library.presets.add(who, brought.name, brought.group, brought.copy)
    there = {lut.id for lut in library.luts.all(who)}
    lost = sorted({lut.name for layer in brought.copy.document.layers if (lut := layer.lut) and lut.id not in there})
    sentences = [lightroom.told(brought.missed, row.name)] if brought.missed else []
    sentences += [
        f"“{row.name}” uses the LUT “{each}”, which is not among yours: bring its .cube file." for each in lost
    ]
    return {"preset": asdict(row), "said": " ".join(sentences)}
