"""What is answered when something goes wrong: a sentence."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from envo.errors import UserError
from envo.library import EditConflict, NotFound
from models import cache
from tabs.web.logs import REQUEST
from tabs.web.requests import HEADER
from tabs.web.tries import TooMany
from tabs.work import errors
from tabs.work.queue import NO_MEMORY
from tabs.work.scheduler import Busy

BUSY_SECONDS = 5
"""After so long who was refused for what waits may ask again."""
FAULT = "Something went wrong here; nothing you made is lost. Please try again."


def _say(status: int, sentence: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": sentence, **more}, status)


def _on_user_error(request: Request, error: UserError) -> Response:
    return _say(404 if isinstance(error, NotFound) else 400, str(error))


def _on_too_many(request: Request, error: TooMany) -> Response:
    answer = _say(429, str(error))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _on_busy(request: Request, error: Busy) -> Response:
    answer = _say(503, str(error))
    answer.headers["Retry-After"] = str(BUSY_SECONDS)
    return answer


def _on_conflict(request: Request, error: EditConflict) -> Response:
    return _say(409, "This photo was changed in another window.", version=error.version, document=error.document)


def _on_disconnect(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=499)  # nobody hears it; so nginx notes it in its log


def _on_fault(request: Request, error: Exception) -> Response:
    # The server logs the error itself: Starlette raises it again once this answer is sent.
    errors.note(error)
    request_id, is_short = REQUEST.get(), cache.ran_short(error, is_over=False)
    answer = _say(503 if is_short else 500, NO_MEMORY if is_short else FAULT, request=request_id)
    answer.headers[HEADER] = request_id  # this answer goes past all middleware
    return answer


HANDLERS = {
    UserError: _on_user_error,
    TooMany: _on_too_many,
    Busy: _on_busy,
    EditConflict: _on_conflict,
    ClientDisconnect: _on_disconnect,
    Exception: _on_fault,
}
"""For the app that Gradio serves."""
