"""The HTTP routes of the pictures that visitors lay over what they export."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from envo.library import Library
from tabs.web import http


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.post("/watermarks")
    async def bring(who: owner, request: Request, name: http.Name = ""):
        """Keep the picture of a file, the body, with what is transparent in it."""
        data = await request.body()
        return asdict(await http.while_asked(request, who, lambda check: library.watermarks.add(who, name, data)))

    @api.get("/watermarks")
    def all_watermarks(who: owner):
        return {"watermarks": [asdict(row) for row in library.watermarks.all(who)]}

    @api.get("/watermarks/{watermark_id}")
    def watermark(who: owner, watermark_id: str):
        """The picture, a PNG."""
        return FileResponse(library.watermarks.file(who, watermark_id), media_type="image/png", headers=http.KEEP)

    @api.delete("/watermarks/{watermark_id}", status_code=204)
    def delete(who: owner, watermark_id: str) -> None:
        library.watermarks.delete(who, watermark_id)
