"""Serves `static/` under an address that changes with its content, so that browsers may keep it for ever."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

FOLDER = (Path(__file__).parent.parent / "static").resolve()


@cache
def prefix() -> str:
    """Address of the folder, relative to the page, with a slash at its end."""
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        digest.update(path.relative_to(FOLDER).as_posix().encode() + path.read_bytes())
    return f"envo/web/{digest.hexdigest()[:12]}/"


def style_sheets() -> str:
    """Link elements for every style sheet of the folder, `app.css` first."""
    names = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.css"))
    names.sort(key=lambda name: name != "app.css")
    return "".join(f'<link rel="stylesheet" href="{prefix()}{name}">' for name in names)


def _file(request: Request) -> Response:
    try:
        path = (FOLDER / request.path_params["path"]).resolve()
        is_ours = path.is_relative_to(FOLDER) and path.is_file()
    except (OSError, ValueError):  # no file can have such a name
        is_ours = False
    if not is_ours:
        raise HTTPException(404)
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def route() -> BaseRoute:
    return Route("/envo/web/{version}/{path:path}", _file)
