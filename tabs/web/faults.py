"""What is answered when something goes wrong: a sentence, and to programs a code beside it."""

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from envo.errors import UserError
from envo.library import EditConflict, NotFound
from models import cache
from tabs.web.logs import REQUEST
from tabs.web.requests import HEADER
from tabs.web.tries import TooMany
from tabs.work import errors
from tabs.work.queue import NO_MEMORY
from tabs.work.scheduler import Busy
from tabs.work.wish import not_understood

BUSY_SECONDS = 5
"""After so long who was refused for what waits may ask again."""
FAULT = "Something went wrong here; nothing you made is lost. Please try again."

FOR_PROGRAMS = "/api/"
"""How the paths begin whose errors are `{"error": {"code", "message"}}`."""
CODES = {
    400: "invalid",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    408: "timeout",
    409: "conflict",
    412: "changed",
    413: "too_large",
    415: "unsupported",
    429: "too_many",
    500: "fault",
    503: "busy",
}
"""Of errors, by their HTTP status."""
_UNEXPLAINED = {
    404: "There is nothing at this address; /api/docs tells what there is.",
    405: "This address is asked in another way; /api/docs tells how.",
}
"""What is said where nobody has said more than the name of the status."""


def code_of(error: Exception) -> str:
    """Tell the code of what went wrong."""
    if isinstance(error, Busy):
        return CODES[503]
    if isinstance(error, UserError):
        return CODES[404 if isinstance(error, NotFound) else 400]
    return CODES[500]


def refusal(scope: Scope, status: int, sentence: str, **more: Any) -> JSONResponse:
    """Answer with what is wrong, as whoever asks at the path of `scope` reads it."""
    if get_route_path(scope).startswith(FOR_PROGRAMS):
        return JSONResponse({"error": {"code": CODES[status], "message": sentence, **more}}, status)
    return JSONResponse({"error": sentence, **more}, status)


def _on_user_error(request: Request, error: UserError) -> Response:
    return refusal(request.scope, 404 if isinstance(error, NotFound) else 400, str(error))


def _on_too_many(request: Request, error: TooMany) -> Response:
    answer = refusal(request.scope, 429, str(error))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _on_busy(request: Request, error: Busy) -> Response:
    answer = refusal(request.scope, 503, str(error))
    answer.headers["Retry-After"] = str(BUSY_SECONDS)
    return answer


def _on_conflict(request: Request, error: EditConflict) -> Response:
    sentence = "This photo was changed in another window."
    return refusal(request.scope, 409, sentence, version=error.version, document=error.document)


def _on_disconnect(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=499)  # nobody hears it; so nginx notes it in its log


def _on_fault(request: Request, error: Exception) -> Response:
    # The server logs the error itself: Starlette raises it again once this answer is sent.
    errors.note(error)
    request_id, is_short = REQUEST.get(), cache.ran_short(error, is_over=False)
    answer = refusal(request.scope, *((503, NO_MEMORY) if is_short else (500, FAULT)), request=request_id)
    answer.headers[HEADER] = request_id  # this answer goes past all middleware
    return answer


async def _on_refused(request: Request, error: HTTPException) -> Response:
    if get_route_path(request.scope).startswith(FOR_PROGRAMS) and error.status_code in CODES:
        is_explained = error.detail != HTTPStatus(error.status_code).phrase
        sentence = error.detail if is_explained else _UNEXPLAINED.get(error.status_code, error.detail)
        answer = refusal(request.scope, error.status_code, sentence)
        answer.headers.update(error.headers or {})
        return answer
    return await http_exception_handler(request, error)


async def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    if get_route_path(request.scope).startswith(FOR_PROGRAMS):
        first = error.errors()[0]
        return refusal(request.scope, 400, not_understood(first["loc"][1:], first["msg"]))
    return await request_validation_exception_handler(request, error)


HANDLERS = {
    UserError: _on_user_error,
    TooMany: _on_too_many,
    Busy: _on_busy,
    EditConflict: _on_conflict,
    ClientDisconnect: _on_disconnect,
    HTTPException: _on_refused,
    RequestValidationError: _on_invalid,
    Exception: _on_fault,
}
"""For the app that Gradio serves."""
