"""The web server below the page: Gradio's app with Envo's routes, without what lets other sites in."""

import json
import re
from typing import Any

import gradio as gr
from gradio.exceptions import InvalidPathError
from gradio.route_utils import CustomCORSMiddleware, FnIndexInferError
from gradio.routes import ORJSONResponse
from starlette._utils import get_route_path
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabs.web import faults, metrics
from tabs.web.asking import Listeners
from tabs.web.bodies import BodyLimits
from tabs.web.logins import Logins
from tabs.web.origins import POLICY, OwnOriginOnly
from tabs.web.proxies import BehindPath
from tabs.web.requests import Requests
from tabs.web.visitors import VisitorCookie, Visitors

PACKED = 5
"""How hard the page is packed: nearly as small as at 9, in a fourth of the time, in which nothing else is answered."""
_ELSEWHERE = re.compile(r"/gradio_api/(proxy=|file[=/]\w*:)", re.IGNORECASE)
"""Paths by which Gradio fetches from other hosts."""


class App(gr.routes.App):
    """Gradio's app, which answers to pages of its own origin alone.

    Gradio lets any site's page read all answers, with the visitor's cookies; programs and frames need no such leave.
    """

    def add_middleware(self, middleware_class: Any, *args: Any, **kwargs: Any) -> None:
        """Add what Gradio adds, but for that leave."""
        if middleware_class is not CustomCORSMiddleware:
            super().add_middleware(middleware_class, *args, **kwargs)


class Page(gr.Blocks):
    """Gradio's page, which tells programs what is wrong with the values that they sent, where Gradio fails."""

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Raise gradio.Error where a function takes more than it was sent."""
        if len(inputs) < len(block_fn.inputs):
            sentence = f"/{block_fn.api_name} takes {len(block_fn.inputs)} values, and {len(inputs)} came."
            raise gr.Error(sentence, print_exception=False)

    async def preprocess_data(self, *args: Any, **kwargs: Any) -> Any:
        """Raise gradio.Error for a file that was not sent, such as one of this machine's by its path."""
        try:
            return await super().preprocess_data(*args, **kwargs)
        except InvalidPathError:
            raise gr.Error("Send the file first: there is none here by that path.", print_exception=False) from None


class PackedPage(GZipMiddleware):
    """ASGI middleware: packs the page itself, which Gradio sends as it is; everything else knows best by itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and get_route_path(scope) in ("", "/")
        await (super().__call__ if is_page else self.app)(scope, receive, send)


class Refusals:
    """ASGI middleware: what a function of Gradio's says is wrong with a direct call is no fault of the server's.

    Gradio answers both with 500; what it was told to say, it sends with a title.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope) if scope["type"] == "http" else ""
        if not path.startswith(("/gradio_api/run/", "/gradio_api/api/")):
            return await self.app(scope, receive, send)
        start: Message | None = None

        async def send_told(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == 500:
                start = message
                return
            if start:
                await send(start | {"status": 400 if "title" in json.loads(message["body"]) else 500})
                start = None
            await send(message)

        await self.app(scope, receive, send_told)


class OwnFilesOnly:
    """ASGI middleware: keeps Gradio from fetching for a browser what another site has, as if it were this app's."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope) if scope["type"] == "http" else ""
        if _ELSEWHERE.match(path):
            return await JSONResponse({"error": "Envo shows files of its own alone."}, 404)(scope, receive, send)
        await self.app(scope, receive, send)


def app_arguments(
    routes: list[BaseRoute], visitors: Visitors, given: dict[str, Any] | None = None, policy: str | None = POLICY
) -> dict[str, Any]:
    """Make the arguments of the app: Envo's routes before those `given`, as its middleware and handlers are.

    policy: see `OwnOriginOnly`.
    """
    given = dict(given or {})
    return {
        "default_response_class": ORJSONResponse,
        **given,
        "routes": [*routes, *(given.get("routes") or ())],
        "middleware": [*middleware(visitors, policy), *(given.get("middleware") or ())],
        "exception_handlers": {**_HANDLERS, **faults.HANDLERS, **(given.get("exception_handlers") or {})},
    }


async def _on_misunderstanding(request: Request, error: Exception) -> Response:
    """Answer what Gradio's own routes do not check: a function or component that is not there, a file without a name.

    What those functions themselves raise does not come this way.
    """
    if not get_route_path(request.scope).startswith("/gradio_api/"):
        raise error
    return JSONResponse({"error": "There is no such function here, or it does not take what was sent."}, 400)


_HANDLERS = dict.fromkeys((FnIndexInferError, LookupError, TypeError, ValueError), _on_misunderstanding)


def middleware(visitors: Visitors, policy: str | None = POLICY) -> list[Middleware]:
    """What every request goes through, the first first."""
    return [
        Middleware(BehindPath),
        Middleware(Requests, answered=metrics.answered),
        Middleware(PackedPage, compresslevel=PACKED),
        Middleware(OwnOriginOnly, policy=policy),
        Middleware(BodyLimits),
        Middleware(Listeners),
        Middleware(Logins),
        Middleware(OwnFilesOnly),
        Middleware(Refusals),
        Middleware(VisitorCookie, visitors=visitors),
    ]
