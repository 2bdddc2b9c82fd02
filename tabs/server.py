"""The web server below the page: Gradio's app with Envo's routes, without what lets other sites in."""

from typing import Any

import gradio as gr
from gradio.route_utils import CustomCORSMiddleware, FnIndexInferError
from gradio.routes import ORJSONResponse
from starlette._utils import get_route_path
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from tabs import api
from tabs.asking import Listeners
from tabs.bodies import BodyLimits
from tabs.logins import Logins
from tabs.origins import POLICY, OwnOriginOnly
from tabs.proxies import BehindPath
from tabs.visitors import VisitorCookie, Visitors


class App(gr.routes.App):
    """Gradio's app, which answers to pages of its own origin alone.

    Gradio lets any site's page read all answers, with the visitor's cookies; programs and frames need no such leave.
    """

    def add_middleware(self, middleware_class: Any, *args: Any, **kwargs: Any) -> None:
        """Add what Gradio adds, but for that leave."""
        if middleware_class is not CustomCORSMiddleware:
            super().add_middleware(middleware_class, *args, **kwargs)


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
        "exception_handlers": {**_HANDLERS, **api.EXCEPTION_HANDLERS, **(given.get("exception_handlers") or {})},
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
        Middleware(OwnOriginOnly, policy=policy),
        Middleware(BodyLimits),
        Middleware(Listeners),
        Middleware(Logins),
        Middleware(VisitorCookie, visitors=visitors),
    ]
