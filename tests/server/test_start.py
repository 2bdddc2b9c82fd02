"""The app starts fast, whatever Gradio is told, and keeps what it is sent to itself."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import httpx
import pytest

from tests.conftest import EXAMPLES, ROOT, start_server


def test_building_the_page_loads_no_model_library():
    script = "import sys, app; app.build(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"onnxruntime", "torch", "tensorflow"} & set(loaded.stdout.split())


def test_building_the_page_writes_nothing_beside_its_source(tmp_path):
    for name in ("tabs", "app.py"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    for name in ("envo", "models", "static"):
        (tmp_path / name).symlink_to(ROOT / name)
    for stub in tmp_path.glob("tabs/*.pyi"):
        stub.unlink()
    before = sorted(tmp_path.rglob("*"))
    subprocess.run([sys.executable, "-B", "-c", "import app; app.build()"], cwd=tmp_path, check=True)
    assert sorted(tmp_path.rglob("*")) == before


LAUNCH_WITH_ALL = """
import gradio as gr
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from app import launch

class Stamp:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def stamped(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-stamp", b"mine"))
            await send(message)

        await self.app(scope, receive, stamped)

launch(
    theme=gr.themes.Soft(),
    head="<meta name=mine content=here>",
    css=".mine {color: red}",
    footer_links=["settings"],
    ssr_mode=False,
    max_file_size="1mb",
    prevent_thread_lock=False,
    root_path="/",
    show_error=True,
    max_threads=12,
    strict_cors=False,
    auth_dependency=lambda request: request.headers.get("x-user"),
    app_kwargs={
        "routes": [Route("/mine", lambda request: PlainTextResponse("mine"))],
        "middleware": [Middleware(Stamp)],
        "exception_handlers": {ZeroDivisionError: lambda request, error: PlainTextResponse("", 418)},
        "title": "Mine",
    },
)
"""


def test_launch_takes_what_gradio_takes(tmp_path):
    server = start_server(tmp_path, tmp_path / "log", ("-c", LAUNCH_WITH_ALL), headers={"x-user": "ann"})
    with (
        httpx.Client(base_url=server.url, headers={"x-user": "ann"}) as ann,
        httpx.Client(base_url=server.url) as nobody,
    ):
        page = ann.get("")
        assert "meta name=mine" in page.text and "/bundle.css" in page.text
        assert page.headers["x-stamp"] == "mine"
        assert ann.get("mine").text == "mine"
        assert ann.post("gradio_api/upload", files={"files": bytes(2**20 + 1)}).status_code == 413
        assert ann.post("envo/examples/coffee.jpg").status_code == 200
        # Whom Gradio asks for the name of the user, Envo asks as well.
        assert nobody.get("envo/photos").status_code == 401
        assert nobody.get("envo/photos", headers={"x-user": "bob"}).json()["count"] == 0
        assert ann.get("envo/photos").json()["count"] == 1
    server.stop()


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
def test_what_programs_send_lies_where_nobody_else_looks(server):
    (path,) = httpx.post(f"{server.url}gradio_api/upload", files={"files": ("mine.png", b"1")}).json()
    folder = server.home / "uploads"
    assert path.startswith(f"{folder}/")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.sqlite
@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes another way")
def test_sigterm_ends_the_app_with_all_in_the_database_whoever_is_connected(tmp_path):
    server = start_server(tmp_path / "home", tmp_path / "log")
    with httpx.Client(base_url=server.url) as ann:
        ann.get("")
        photo = (EXAMPLES / "coffee.jpg").read_bytes()
        assert ann.post("envo/photos?name=mine.jpg", content=photo).status_code == 200
        with ann.stream("GET", "gradio_api/heartbeat/a-page"):
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
    path = tmp_path / "home" / "library.sqlite"
    assert not path.with_name("library.sqlite-wal").exists() or not path.with_name("library.sqlite-wal").stat().st_size
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as database:
        assert database.execute("SELECT name FROM photo").fetchall() == [("mine.jpg",)]
