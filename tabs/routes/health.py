"""The HTTP routes by which whoever runs the app sees that it lives, and whether it can do its work.

They ask for no cookie and no login, and tell nothing of anybody's.
"""

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute

from envo.library import Library
from tabs.work.health import Health

PATIENCE = 5.0
"""Seconds after which what was not found out by then counts as wrong."""
PASSING = {"Cache-Control": "no-store"}


def routes(library: Library) -> list[BaseRoute]:
    """The routes, for the app that Gradio serves."""
    api, health = APIRouter(), Health(library)
    # Of its own: those who wait for a disk must not use up the threads that the routes share.
    limiter = anyio.CapacityLimiter(2)

    @api.get("/healthz")
    async def alive() -> JSONResponse:
        """The process lives: answered at once, whatever goes on."""
        return JSONResponse({"alive": True}, headers=PASSING)

    @api.get("/readyz")
    async def ready() -> JSONResponse:
        """Whether the app can do its work; 503 names what is wrong."""
        with anyio.move_on_after(PATIENCE):
            found = await run_sync(health.look, limiter=limiter, abandon_on_cancel=True)
            told = {"ready": not found.wrong, "wrong": found.wrong, "noted": found.noted}
            return JSONResponse(told, 503 if found.wrong else 200, PASSING)
        slow = {"app": f"It was not found out within {PATIENCE:.0f} seconds whether the app can do its work."}
        return JSONResponse({"ready": False, "wrong": slow, "noted": {}}, 503, PASSING)

    return api.routes
