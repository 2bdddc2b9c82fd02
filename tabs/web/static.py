"""Serves `static/` under an address that changes with its content, so that browsers may keep it for ever."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

FOLDER = (Path(__file__).parents[2] / "static").resolve()
# Not every system knows these kinds.
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True)
class _File:
    data: bytes
    packed: bytes
    """The same by gzip."""
    media_type: str | None


@cache
def _files() -> dict[str, _File]:
    """All files of the folder, by their paths in it, in their order.

    They are kept in memory, and packed once: a page asks for more than a hundred, and whoever opens it should not wait
    for threads that are at work for others.
    """
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    contents = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    return {
        name: _File(data, gzip.compress(data, mtime=0), mimetypes.guess_type(name)[0])
        for name, data in contents.items()
    }


@cache
def prefix() -> str:
    """Address of the folder, relative to the page, with a slash at its end."""
    digest = hashlib.sha256()
    for name, file in _files().items():
        digest.update(name.encode() + file.data)
    return f"envo/web/{digest.hexdigest()[:12]}/"


def style_sheets() -> str:
    """Link elements for every style sheet of the folder, `app.css` first."""
    names = [name for name in _files() if name.endswith(".css")]
    names.sort(key=lambda name: name != "app.css")
    return "".join(f'<link rel="stylesheet" href="{prefix()}{name}">' for name in names)


async def _file(request: Request) -> Response:
    file = _files().get(request.path_params["path"])
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.data, media_type=file.media_type, headers=headers)
    return Response(file.packed, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"})


def route() -> BaseRoute:
    return Route("/envo/web/{version}/{path:path}", _file)
