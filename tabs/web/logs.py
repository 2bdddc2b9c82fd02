"""What the app logs: lines for a person, or JSON for a program; each names the request that it belongs to.

JSON has nothing of a visitor's in it: of an exception, whose text may hold a name or a prompt, it has the kind and the
places in the code.
"""

import errno
import json
import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn.config

from envo import settings

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request for which something is done; threads that work for it know it, too."""
_HOUSE = Path(__file__).parents[2]
_OURS = ("app", "envo", "models", "tabs")


def install() -> None:
    """Let the log be as `ENVO_LOG` says. A program that has set up a log of its own keeps it, unless JSON is wanted."""
    root, handler = logging.getLogger(), logging.StreamHandler()
    if settings.is_log_json():
        handler.setFormatter(Lines())
        root.handlers = [handler]
        for name in _OURS:
            logging.getLogger(name).setLevel(logging.INFO)
    elif root.handlers:
        return
    else:
        handler.setFormatter(Words("%(levelname)s: %(message)s"))
        root.addHandler(handler)
    # Else the server would write in a way of its own, as one that ran in this process before may have done.
    uvicorn.config.LOGGING_CONFIG["loggers"]["uvicorn"] = {"level": "INFO", "propagate": True}


class Words(logging.Formatter):
    """For a person: a sentence, and whatever of an exception Python tells."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's name
        request = REQUEST.get()
        return super().formatMessage(record) + (f" (fault {request})" if request and record.exc_info else "")


class Lines(logging.Formatter):
    """For a program: an object of JSON each; what is logged with `extra={"told": {...}}` is in it."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            "request": REQUEST.get() or None,
            **getattr(record, "told", {}),
            "error": kind(error) if error else None,
            "where": _places(error) if error else None,
        }
        return json.dumps({key: value for key, value in said.items() if value is not None})


def kind(error: BaseException) -> str:
    """Name what went wrong, without what was told of it: it may be a visitor's."""
    name = type(error).__name__
    return f"{name} {errno.errorcode.get(error.errno, '')}".strip() if isinstance(error, OSError) else name


def _message(record: logging.LogRecord) -> str:
    args: Any = record.args
    if args and not isinstance(args, Mapping):
        args = tuple(kind(each) if isinstance(each, BaseException) else each for each in args)
    return str(record.msg) % args if args else str(record.msg)


def _places(error: BaseException) -> list[str]:
    """The lines of code through which an exception came, the one that raised it last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.removeprefix(f'{_HOUSE}/')}:{frame.lineno} {frame.name}" for frame in frames]
