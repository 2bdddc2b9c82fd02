"""The HTTP routes of exports: photos rendered as settings say, what these can be, and those that are kept."""

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from pydantic import Field

from envo import edits, encoders, gamut
from envo.exportsettings import DEPTHS, ExportSettings
from envo.library import Library
from envo.settings import MAX_NAME
from tabs.web import http
from tabs.work import exports
from tabs.work.exports import Exporting, RenderJob, RenderWish
from tabs.work.wish import Wish

SIZE, BYTES, NAME = "X-Envo-Size", "X-Envo-Bytes", "X-Envo-Name"
"""Headers of a preview: width and height of the export, such as "6000x4000", about how many bytes it takes, and what
its file will be called, quoted as in addresses.
"""


class PresetWish(Wish):
    """Settings to be kept."""

    name: str = Field(max_length=MAX_NAME)
    settings: ExportSettings


class PresetChange(Wish):
    """What becomes another; None for what stays."""

    name: str | None = Field(None, max_length=MAX_NAME)
    settings: ExportSettings | None = None


class PreviewWish(Wish):
    """An export to be shown before it is made.

    document: None for the edit that is saved. number: of the photo among so many that are exported with it.
    """

    settings: ExportSettings
    document: dict[str, Any] | None = None
    number: int = Field(1, ge=1)
    count: int = Field(1, ge=1)


def add_routes(api: APIRouter, library: Library, exporting: Exporting, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _render_routes(api, exporting, owner)
    _preset_routes(api, library, owner)

    @api.get("/export-formats")
    def formats(who: owner):
        """What files can be."""
        return {
            "formats": [
                {
                    "format": format,
                    "depths": depths,
                    "quality": format in encoders.LOSSY,
                    "subsampling": format == "JPEG",
                    "limit": format in encoders.LOSSY,
                    "hdr": format == "JPEG",
                    "gamut": format != "JPEG XL",
                }
                for format, depths in DEPTHS.items()
            ],
            "gamuts": gamut.schema(),
        }

    @api.post("/photos/{photo_id}/export-preview")
    @http.heavy
    def preview(who: owner, photo_id: str, wish: Annotated[PreviewWish, http.body(PreviewWish)]) -> Response:
        """A small picture of the export, as a file that a browser shows, and in headers how large it will be."""
        row = library.present(who, photo_id)
        document = None if wish.document is None else edits.parse(wish.document)
        made = exports.preview(library, row, wish.settings, document)
        name = exports.named(library, row, wish.settings, wish.number, wish.count)
        headers = {SIZE: "{}x{}".format(*made.size), BYTES: str(made.bytes), NAME: quote(name), **http.PASSING}
        return Response(made.data, media_type=encoders.MEDIA[made.format], headers=headers)


def _render_routes(api: APIRouter, exporting: Exporting, owner: type[str]) -> None:
    jobs = exporting.jobs

    @api.post("/renderings", status_code=202)
    def start(who: owner, wish: Annotated[RenderWish, http.body(RenderWish)]):
        return {"batch": exporting.ask(who, wish)}

    @api.get("/renderings")
    def all_renderings(who: owner):
        """Those that are under way, and those that ended a while ago."""
        return {"batches": [_rendering(job) for job in jobs.all(who)]}

    @api.get("/renderings/{job}")
    async def news(who: owner, job: str, seen: int = -1):
        """How far a rendering is, as soon as there is news that the page has not `seen`."""
        queue = jobs.find(who, None, job).queue
        return await http.heard(lambda: _rendering(jobs.find(who, None, job)), seen, lambda: queue.number)

    @api.delete("/renderings/{job}", status_code=204)
    def cancel(who: owner, job: str) -> None:
        exporting.cancel(who, job)

    @api.get("/renderings/{job}/file")
    def file(who: owner, job: str):
        """The file, or the zip."""
        made = exporting.file(who, job)
        return FileResponse(made.path, media_type=made.media_type, filename=made.name, headers=http.PASSING)


def _rendering(job: RenderJob) -> dict[str, Any]:
    """How far a rendering is, as the browser gets it."""
    return http.batch(job) | {"to": job.to}


def _preset_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    @api.get("/export-presets")
    def all_presets(who: owner):
        return {"presets": [asdict(row) for row in library.exports.all(who)]}

    @api.post("/export-presets")
    def keep(who: owner, wish: Annotated[PresetWish, http.body(PresetWish)]):
        return asdict(library.exports.add(who, wish.name, wish.settings))

    @api.patch("/export-presets/{preset_id}")
    def change(who: owner, preset_id: str, wish: Annotated[PresetChange, http.body(PresetChange)]):
        return asdict(library.exports.change(who, preset_id, wish.name, wish.settings))

    @api.delete("/export-presets/{preset_id}", status_code=204)
    def delete(who: owner, preset_id: str) -> None:
        library.exports.delete(who, preset_id)
