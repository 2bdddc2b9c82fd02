"""Gradio's own routes: each has its row here, and none gives away a file, a fault, or anything of a visitor's."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import gradio as gr
import httpx
import pytest
from starlette.routing import BaseRoute

import app
from envo.library import Library
from tests.conftest import ROOT, Server
from tests.unit.test_library import picture, url

SEEN, GONE, WRONG = (200,), (404,), (400, 401, 403, 404, 405, 422)
ROUTES: dict[str, tuple[int, ...]] = {
    "GET /": SEEN,
    "HEAD /": SEEN,
    "GET /openapi.json": SEEN,
    "HEAD /openapi.json": SEEN,
    "POST /login": (400, 422),
    "GET /logout": (200, 302, 307),
    "GET /svelte/{path:path}": WRONG,
    "GET /config": SEEN,
    "GET /static/{path:path}": WRONG,
    "GET /assets/{path:path}": WRONG,
    "GET /favicon.ico": SEEN,
    "GET /theme.css": SEEN,
    "GET /robots.txt": SEEN,
    "GET /pwa_icon/{size}": WRONG,
    "GET /pwa_icon": SEEN,
    "GET /manifest.json": (200, 404),
    "GET /monitoring": (403,),
    "GET /monitoring/summary": (403,),
    "GET /monitoring/{key}": (403, 404),
    "GET /gradio_api/deep_link": (200, 422),
    "GET /gradio_api/user": SEEN,
    "GET /gradio_api/login_check": SEEN,
    "GET /gradio_api/token": SEEN,
    "GET /gradio_api/app_id": SEEN,
    "GET /gradio_api/dev/reload": SEEN,
    "GET /gradio_api/runs": GONE,
    "GET /gradio_api/info": SEEN,
    "GET /gradio_api/openapi.json": SEEN,
    "GET /gradio_api/custom_component/{id}/{environment}/{type}/{file_name}": WRONG,
    "GET /gradio_api/proxy={url_path:path}": GONE,
    "HEAD /gradio_api/proxy={url_path:path}": GONE,
    "GET /gradio_api/file={path_or_url:path}": (403, 404),
    "HEAD /gradio_api/file={path_or_url:path}": (403, 404),
    "GET /gradio_api/file/{path:path}": (403, 404),
    "POST /gradio_api/stream/{event_id}": WRONG,
    "POST /gradio_api/stream/{event_id}/close": GONE,
    "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8": WRONG,
    "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}": WRONG,
    "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file": WRONG,
    "POST /gradio_api/reset": (200, 400, 422),
    "GET /gradio_api/heartbeat/{session_hash}": (200, 404),
    "POST /gradio_api/api/{api_name}": WRONG,
    "POST /gradio_api/run/{api_name}": WRONG,
    "POST /gradio_api/call/v2/{api_name}": WRONG,
    "POST /gradio_api/call/{api_name}": WRONG,
    "POST /gradio_api/queue/join": WRONG,
    "POST /gradio_api/cancel": WRONG,
    "GET /gradio_api/call/{api_name}/{event_id}": (200, *WRONG),
    "GET /gradio_api/call/v2/{api_name}/{event_id}": (200, *WRONG),
    "GET /gradio_api/queue/data": (200, *WRONG),
    "POST /gradio_api/component_server": WRONG,
    "GET /gradio_api/queue/status": SEEN,
    "GET /gradio_api/upload_progress": (200, *WRONG),
    "POST /gradio_api/upload": WRONG,
    "GET /gradio_api/startup-events": SEEN,
    "GET /gradio_api/theme.css": SEEN,
    "POST /gradio_api/process_recording": WRONG,
    "POST /gradio_api/vibe-edit": WRONG,
    "POST /gradio_api/undo-vibe-edit": WRONG,
    "GET /gradio_api/vibe-code": WRONG,
    "POST /gradio_api/vibe-code": WRONG,
    "POST /gradio_api/vibe-starter-queries": WRONG,
}
"""What a stranger is answered who asks with crooked values and an empty body. A slash at the end is the same."""
MARKS = ("ann's own photo", "Traceback (most recent call last)")


def listed(routes: list[BaseRoute], above: str = "") -> Iterator[str]:
    for route in routes:
        inner = getattr(route, "original_router", route)
        for method in sorted(getattr(route, "methods", None) or ()):
            yield f"{method} {(above + route.path).rstrip('/') or '/'}"
        if inner is not route:
            yield from listed(inner.routes)


@pytest.fixture
def ann(server: Server) -> Iterator[str]:
    """Somebody who has a photo; where its file lies."""
    with httpx.Client(base_url=server.url) as client:
        client.get("")
        client.post("envo/photos", params={"name": "ann's own photo.png", "layers": False}, content=picture(1))
    yield str(next(path for path in (server.home / "originals").rglob("*") if path.is_file()))


def test_each_route_of_gradios_has_its_row():
    blocks = app.build()
    blocks.run_history = False
    assert {*listed(gr.routes.App.create_app(blocks).routes)} == {*ROUTES}


def test_no_route_of_gradios_tells_of_anybody_or_fails(server, ann):
    library = Library(server.home, url(server.home))
    secrets = [*MARKS, *library.signing_keys()]
    library.close()
    with httpx.Client(base_url=server.url, timeout=20) as client:
        for route, answers in ROUTES.items():
            method, path = route.split()
            names = [part.partition("}")[0] for part in path.split("{")[1:]]
            for crooked in (quote(ann, safe=""), "..%2F..%2Fsecret"):
                address = path
                for name in names:
                    address = address.replace(f"{{{name}}}", crooked)
                asked = {"json": {}} if method == "POST" else {}
                query = {"session_hash": "somebody-elses", "upload_id": "x"} if method == "GET" else {}
                with client.stream(method, address.lstrip("/"), params=query, **asked) as answer:
                    assert answer.status_code in answers, (route, address, answer.status_code)
                    # Streams that go on are looked at as far as they begin.
                    is_endless = answer.headers.get("content-type", "").startswith("text/event-stream")
                    text = next(answer.iter_text(), "") if is_endless and "dev/reload" not in path else ""
                    text = text if is_endless else answer.read().decode(errors="replace")
                assert not [each for each in secrets if each in text], (route, text[:300])


def hidden(server: Server, original: str) -> list[str]:
    home = server.home
    return [
        *(str(home / name) for name in ("secret", "library.sqlite", "uploads/../secret", "uploads/../library.sqlite")),
        *(original, str(ROOT / "app.py"), "app.py", "models/weights.toml", ".git/config", ".venv/pyvenv.cfg"),
        *("/etc/passwd", "file:///etc/passwd", "/proc/self/environ", "//etc/passwd", "\\etc\\passwd"),
        f"{home}/secret\0.png",
        *("http://127.0.0.1:1/", "https://example.com/", "HTTP://[::1]/", "data:text/html,<b>", "~/.bashrc", "C:\\a"),
    ]


def test_no_file_but_what_programs_sent_is_had_of_gradio(server, ann):
    with httpx.Client(base_url=server.url) as client:
        (sent,) = client.post("gradio_api/upload", files={"files": ("mine.png", picture(2))}).json()
        assert client.get(f"gradio_api/file={quote(sent)}").content == picture(2)
        for number, path in enumerate(hidden(server, ann)):
            others = ("gradio_api/file/", "static/", "assets/", "svelte/", "gradio_api/proxy=")
            for route in ("gradio_api/file=", others[number % len(others)]):
                for quoted in {quote(path, safe=""), quote(path, safe="/:")}:
                    answer = client.get(f"{route}{quoted}")
                    assert answer.status_code in WRONG, (route, path, answer.status_code)


FUNCTIONS = {
    "erase": 5,
    "background": 6,
    "replace": 7,
    "restore": 3,
    "restore_folder": 3,
    "tag": 2,
    "mattes": 1,
    "select": 6,
    "cutout": 3,
    "people": 2,
    "straighten": 3,
    "render": 4,
    "describe": 1,
}


def test_no_function_takes_a_file_that_its_program_has_not_sent(server, ann):
    told = httpx.get(f"{server.url}gradio_api/info").json()["named_endpoints"]
    assert {name.strip("/") for name in told} == {*FUNCTIONS}, "a function without a row"
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for name, function in told.items():
            for path in (str(server.home / "secret"), ann, str(server.home / "library.sqlite"), "/etc/passwd"):
                data = [_value(each, path) for each in function["parameters"]]
                answer = client.post(f"gradio_api/run{name}", json={"data": data})
                assert answer.status_code in (400, 403, 422), (name, path, answer.text)
                assert answer.json()["error"] and "Traceback" not in answer.text


def _value(parameter: dict[str, Any], path: str) -> Any:
    """A file by its path where a function takes one, else what it takes unless told otherwise."""
    if "FileData" in json.dumps(parameter["python_type"]) or "filepath" in json.dumps(parameter["python_type"]):
        return {"path": path, "meta": {"_type": "gradio.FileData"}}
    return parameter.get("parameter_default")
