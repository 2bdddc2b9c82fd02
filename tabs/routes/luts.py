"""The HTTP routes of a visitor's LUTs."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from envo.library import Library
from tabs.web import http


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.post("/luts")
    async def bring(who: owner, request: Request, name: http.Name = ""):
        """Keep the LUT of a .cube file, the body."""
        data = await request.body()
        return asdict(await http.while_asked(request, who, lambda check: library.luts.add(who, name, data)))

    @api.get("/luts")
    def all_luts(who: owner):
        """What is known of each."""
        return {"luts": [asdict(row) for row in library.luts.all(who)]}

    @api.get("/luts/{lut_id}")
    def lut(who: owner, lut_id: str):
        """The table as `Lut.dump` writes it."""
        data = library.luts.dump(who, lut_id)
        return Response(data, media_type="application/octet-stream", headers=http.KEEP)

    @api.delete("/luts/{lut_id}", status_code=204)
    def delete(who: owner, lut_id: str) -> None:
        library.luts.delete(who, lut_id)
