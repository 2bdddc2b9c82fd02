"""The HTTP routes of the pictures of a photo: as it came, or as a version of its edit shows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from envo import photo
from envo.development import DEVELOPED, of_key
from envo.errors import NotFound, UserError
from envo.library import Library
from envo.photo import HALF_FLOAT
from envo.renditions import FORMATS
from envo.settings import DETAIL_EDGE, DISPLAY_EDGE, PREVIEW_EDGE, THUMBNAIL_EDGE
from tabs.web import http
from tabs.work.scheduler import Busy

Version = Annotated[int, Query(ge=0, lt=2**31)]
"""Of an edit, a photo's `edit`; 0: the photo as it came."""


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.get("/photos/{photo_id}/thumbnail")
    async def thumbnail(who: owner, photo_id: str, request: Request, edit: Version = 0):
        """The small picture: as the photo came, or as that version of its edit, the photo's `edit`, shows it."""
        if edit and (answer := await edited(who, photo_id, request, edit, THUMBNAIL_EDGE)):
            return answer
        path = await run_sync(library.thumbnail, who, photo_id)
        return FileResponse(path, media_type="image/webp", headers=http.PASSING if edit else http.KEEP)

    @api.get("/photos/{photo_id}/rendition")
    async def rendition(
        who: owner,
        photo_id: str,
        request: Request,
        detail: bool = False,
        edit: Version = 0,
        whole: bool = False,
        development: http.Developed = DEVELOPED.key,
    ):
        """What a page shows at large, in the same way; as the photo came, it is what the browser edits.

        whole: all of the photo as the edit shows it, whatever that crops. development: of a RAW that is edited.
        """
        if edit and whole and (answer := await uncropped(who, photo_id, request, edit)):
            return answer
        if edit and (answer := await edited(who, photo_id, request, edit, DISPLAY_EDGE)):
            return answer
        edge = DETAIL_EDGE if detail else DISPLAY_EDGE
        how = of_key(development)
        found = await run_sync(library.made_rendition, who, photo_id, edge, how)
        path, media_type = found or await http.while_asked(
            request, who, lambda check: library.rendition(who, photo_id, edge, how)
        )
        if edit and media_type == HALF_FLOAT:  # a page that asks for an edit waits for a picture
            data = await http.while_asked(request, who, lambda check: as_it_came(who, photo_id, edge))
            return Response(data, media_type="image/jpeg", headers=http.PASSING)
        return FileResponse(path, media_type=media_type, headers=http.PASSING if edit else http.KEEP)

    @api.get("/photos/{photo_id}/light")
    def light(who: owner, photo_id: str):
        """The light that the camera was set for, in kelvin, where a RAW tells it."""
        told = library.file(who, photo_id).light
        return {"kelvin": told and round(told[0])}

    @api.get("/photos/{photo_id}/preview")
    @http.heavy
    def preview(who: owner, photo_id: str):
        """The picture that a camera put into its RAW, for the page to show until that is developed; empty for none."""
        pixels = library.file(who, photo_id).preview(PREVIEW_EDGE)
        if pixels is None:
            return Response(status_code=204)
        data = photo.encode(pixels, *FORMATS[DISPLAY_EDGE])
        return Response(data, media_type="image/jpeg", headers=http.KEEP)

    @api.get("/photos/{photo_id}/gain-map")
    @http.heavy
    def gain_map(who: owner, photo_id: str):
        """What the browser multiplies the rendition's light by, of a photo that has it; see `GainMap.dump`."""
        gain = library.gain_map(who, photo_id)
        if gain is None:
            raise NotFound("This photo has no gain map.")
        return Response(gain.dump(), media_type="application/octet-stream", headers=http.KEEP)

    def as_it_came(who: str, photo_id: str, edge: int) -> bytes:
        return photo.encode(library.decode(who, photo_id, edge=edge).shown(), *FORMATS[DISPLAY_EDGE])

    async def uncropped(who: str, photo_id: str, request: Request, version: int) -> Response | None:
        """All of the photo as its edit shows it now; None where that is as `edited`, or cannot be rendered."""
        shown, data = 0, None
        with _but_for_busy():
            shown, data = await http.while_asked(request, who, lambda check: library.renditions.whole(who, photo_id))
        if data is None:
            return None
        return Response(data, media_type="image/jpeg", headers=http.KEEP if version == shown else http.PASSING)

    async def edited(who: str, photo_id: str, request: Request, version: int, edge: int) -> Response | None:
        """The photo as its edit shows it now; None where that is as it came, or cannot be rendered.

        An address of another version than that, which a page of before may ask for, is not kept by the browser.
        """
        renditions = library.renditions
        shown, data = await run_sync(renditions.find, who, photo_id, edge)
        if shown and data is None:
            with _but_for_busy():  # a mask is not there; Edit says so
                shown, data = await http.while_asked(request, who, lambda check: renditions.make(who, photo_id, edge))
        if data is None:
            return None
        media_type = f"image/{FORMATS[edge][0].lower()}"
        return Response(data, media_type=media_type, headers=http.KEEP if version == shown else http.PASSING)


@contextmanager
def _but_for_busy() -> Iterator[None]:
    """Pass over what cannot be rendered; who is told to come again is told so."""
    try:
        yield
    except Busy:
        raise
    except UserError:
        pass
