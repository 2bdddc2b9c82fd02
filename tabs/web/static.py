"""Serves `static/` under an address that changes with its content, so that browsers may keep it for ever.

What the page begins with comes as one script and one style sheet, put together here when the first is asked for.
"""

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

from tabs.web.bundling import bundle

FOLDER = (Path(__file__).parents[2] / "static").resolve()
FIRST, LATER = "bundle.js", "later.js"
BUNDLES = {
    FIRST: ("editor/editor.js", "account/corner.js", "common/mounting.js"),
    LATER: ("replace/replace.js", "restore/restore.js", "gallery/gallery.js"),
}
"""What the page's parts begin with, by the script that has it: what is seen first, and tabs that are hidden then."""
STYLE = "bundle.css"
GRADIOS = "gradios"
"""Id of the template with links for Gradio's scripts."""
ASKED_FIRST = ("envo/session", "envo/examples")
"""What the editor asks for, whoever the visitor is."""
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
    """All files of the folder, by their paths in it, in their order, and what is put together of them.

    They are kept in memory, and packed once: whoever opens a page should not wait for threads that are at work for
    others.
    """
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    contents = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    scripts = {name: data.decode() for name, data in contents.items() if name.endswith(".js")}
    bundles = {
        FIRST: bundle(scripts, BUNDLES[FIRST], FIRST),
        LATER: bundle(scripts, BUNDLES[LATER], LATER, after=(FIRST, BUNDLES[FIRST])),
    }
    styles = sorted((name for name in contents if name.endswith(".css")), key=lambda name: (name != "app.css", name))
    contents |= {
        **{name: code.encode() for name, (code, _) in bundles.items()},
        **{f"{name}.map": source_map.encode() for name, (_, source_map) in bundles.items()},
        STYLE: b"".join(contents[name] for name in styles),
    }
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


def bundle_of(module: str) -> str:
    """Name of the script that an entry is in."""
    return next(name for name, entries in BUNDLES.items() if module in entries)


def style_sheet() -> str:
    """Link element for every style sheet of the folder, `app.css` first."""
    return f'<link rel="stylesheet" href="{prefix()}{STYLE}">'


def script(then: str) -> str:
    """Element for the script that the page begins with, which has the one at the address `then` follow.

    What that imports is named in the template `GRADIOS`, for its links to be asked for when the script is there: on a
    slow link one waits for the other.
    """
    return f'<script type="module" src="{prefix()}{FIRST}" fetchpriority="high" data-then="{then}"></script>'


def told_ahead() -> str:
    """Link elements by which a browser fetches what that script asks for before it runs."""
    return "".join(f'<link rel="preload" href="{address}" as="fetch" crossorigin>' for address in ASKED_FIRST)


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
