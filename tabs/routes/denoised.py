"""The HTTP routes of photos without their noise, which the sliders for noise mix in."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from envo.development import DEVELOPED, of_key
from envo.library import Library
from envo.settings import DETAIL_EDGE, DISPLAY_EDGE
from tabs.web import http
from tabs.work.denoised import Denoising


def add_routes(api: APIRouter, library: Library, jobs: Denoising, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.get("/photos/{photo_id}/denoised")
    async def denoised(who: owner, photo_id: str, seen: int = -1, development: http.Developed = DEVELOPED.key):
        """How far it is, which is asked for at first: as soon as there is news that the page has not `seen`."""
        row = await run_sync(library.photo, who, photo_id)
        developed = row.developed(of_key(development))
        await run_sync(jobs.request, row, developed)
        return await http.heard(lambda: http.progress(jobs.progress(row, developed)), seen, lambda: jobs.number)

    @api.get("/photos/{photo_id}/denoised/rendition")
    async def rendition(
        who: owner,
        photo_id: str,
        request: Request,
        detail: bool = False,
        development: http.Developed = DEVELOPED.key,
    ):
        """The photo without its noise, once that is done, in the form and the sizes of the photo's own rendition."""
        how = of_key(development)
        edge = DETAIL_EDGE if detail else DISPLAY_EDGE
        path, media_type = await http.while_asked(
            request, who, lambda check: library.denoised.file(who, photo_id, edge, how)
        )
        return FileResponse(path, media_type=media_type, headers=http.KEEP)
