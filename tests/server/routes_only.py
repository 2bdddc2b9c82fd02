"""The app's routes without its page, which start fast."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from envo import settings
from envo.library import Library
from tabs.routes import api, health, service
from tabs.web import faults, server
from tabs.web.visitors import Visitors
from tabs.work.mattes import MatteJobs


def page(request: Request) -> HTMLResponse:
    """Stands for the page that Gradio serves, where a visitor gets the cookie."""
    return HTMLResponse("")


def app() -> FastAPI:
    room = settings.visitor_bytes(is_shared=False)
    library = Library(settings.home(), settings.database_url(), room, settings.storage())
    visitors = Visitors(library.signing_keys(), accounts=library.accounts if settings.auth() == "accounts" else None)
    served = FastAPI(
        routes=[
            *api.routes(library, MatteJobs(library), visitors),
            *service.routes(is_mcp=True),
            *health.routes(library),
        ],
        middleware=server.middleware(visitors),
        exception_handlers=faults.HANDLERS,
    )
    served.state.library = library
    served.add_route("/", page)
    return served


def key(client: TestClient) -> str:
    """By which the app signs."""
    return client.app.state.library.signing_keys()[0]


@contextmanager
def served() -> Iterator[str]:
    """Serve the routes in a thread of this process; gives their address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        running = uvicorn.Server(uvicorn.Config(app(), log_level="warning"))
        thread = threading.Thread(target=running.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            running.should_exit = True
            thread.join()


def serve(home: Path, port: int, database: str) -> None:
    os.environ |= {"ENVO_HOME": str(home), "ENVO_DATABASE_URL": database, "HF_HUB_OFFLINE": "1"}
    uvicorn.run(app(), port=port, log_level="warning")
