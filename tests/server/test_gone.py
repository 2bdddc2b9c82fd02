"""Programs that are killed, or hang up, while Envo works for them: the work ends, and the next one's begins."""

import base64
import io
import json
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator

import httpx
import pytest
from PIL import Image

from tabs.web import asking
from tests.browser.pages import COFFEE
from tests.conftest import Server, start_server

LAUNCH_SLOWLY = """
import itertools, time
from types import SimpleNamespace

from starlette.responses import JSONResponse
from starlette.routing import Route

from app import launch
from models import inpaint
from models.restore import making

told = {"begun": 0, "ended": 0}

def work(report):
    told["begun"] += 1
    try:
        for step in itertools.count():
            report("Working", step % 100 / 100)
            time.sleep(0.02)
    finally:
        told["ended"] += 1

class Slow(inpaint.EraseEngine):
    name, label = "auto", "Slow"
    frame = inpaint.frame.Frame(edge=512)

    def available(self):
        return True

    def _fill(self, image, hole, report):
        work(report)

inpaint.ERASE["auto"] = Slow()
making.make = lambda file, todo, size, report, **more: work(report)
launch(app_kwargs={"routes": [Route("/told", lambda request: JSONResponse(told))]})
"""
ASK = """
import sys, time
from gradio_client import Client, handle_file

job = Client(sys.argv[1], verbose=False).submit(handle_file(sys.argv[2]), api_name=sys.argv[3])
while job.status().progress_data is None:
    time.sleep(0.01)
print("heard", flush=True)
job.result()
"""
POST = """
import sys, httpx

httpx.post(sys.argv[1], content=sys.stdin.buffer.read(), headers={"content-type": "application/json"}, timeout=60)
"""
SOON = 3.0
"""Seconds after which what nobody waits for has ended."""


@pytest.fixture(scope="module")
def slow(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    running = start_server(folder / "home", folder / "log", ("-c", LAUNCH_SLOWLY))
    yield running
    running.stop()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def album(tmp_path) -> str:
    with zipfile.ZipFile(tmp_path / "album.zip", "w") as album:
        for number in range(3):
            album.write(COFFEE, f"{number}.jpg")
    return album.filename


def told(server: Server) -> dict[str, int]:
    return httpx.get(f"{server.url}told").json()


def until(server: Server, seconds: float, is_so: Callable[[dict[str, int]], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + seconds
    while not is_so(now := told(server)):
        assert time.monotonic() < deadline, now
        time.sleep(0.02)  # so as not to keep the server busy with being asked


def client(server: Server, path: str, endpoint: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", ASK, server.url, path, endpoint], stdout=subprocess.PIPE)


@pytest.mark.parametrize("endpoint", ["/restore", "/restore_folder"])
def test_a_client_that_is_killed_gives_its_place_to_the_next(slow, album, endpoint):
    path = album if endpoint == "/restore_folder" else str(COFFEE)
    before = told(slow)
    first = client(slow, path, endpoint)
    assert first.stdout.readline() == b"heard\n"
    second = client(slow, path, endpoint)
    try:
        first.kill()
        until(slow, SOON, lambda now: now["ended"] == before["ended"] + 1)
        assert second.stdout.readline() == b"heard\n"
        assert told(slow)["begun"] == before["begun"] + 2
    finally:
        second.kill()
    until(slow, SOON, lambda now: now["ended"] == before["ended"] + 2)


def stored(server: Server) -> dict:
    """Upload a photo, as programs without Gradio's client do."""
    (path,) = httpx.post(f"{server.url}gradio_api/upload", files={"files": COFFEE.read_bytes()}).json()
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def test_a_program_that_closes_its_stream_of_news_ends_the_work(slow):
    before = told(slow)
    asked = httpx.post(f"{slow.url}gradio_api/call/restore", json={"data": [stored(slow), "auto", "quick"]}).json()
    with httpx.stream("GET", f"{slow.url}gradio_api/call/restore/{asked['event_id']}"):
        until(slow, 10, lambda now: now["begun"] == before["begun"] + 1)
    until(slow, SOON, lambda now: now["ended"] == before["ended"] + 1)


def test_a_program_that_asks_and_never_listens_is_not_worked_for_long(slow):
    before = told(slow)
    httpx.post(f"{slow.url}gradio_api/call/restore", json={"data": [stored(slow), "auto", "quick"]})
    until(slow, 10, lambda now: now["begun"] == before["begun"] + 1)
    until(slow, asking.PATIENCE + SOON, lambda now: now["ended"] == before["ended"] + 1)


@pytest.mark.parametrize("path", ["gradio_api/run/restore", "complete-image"])
def test_a_program_that_hangs_up_ends_the_work(slow, path):
    before = told(slow)
    if path == "complete-image":
        image = base64.b64encode(COFFEE.read_bytes()).decode()
        wish = {"img": image, "mask": base64.b64encode(half_a_mask()).decode()}
    else:
        wish = {"data": [stored(slow), "auto", "quick"]}
    asking = subprocess.Popen([sys.executable, "-c", POST, f"{slow.url}{path}"], stdin=subprocess.PIPE)
    asking.stdin.write(json.dumps(wish).encode())
    asking.stdin.close()
    until(slow, 20, lambda now: now["begun"] == before["begun"] + 1)
    asking.kill()
    until(slow, SOON, lambda now: now["ended"] == before["ended"] + 1)


def test_programs_take_none_of_the_threads_that_pages_share(slow):
    before, wish = told(slow), json.dumps({"data": [stored(slow), "auto", "quick"]}).encode()
    head = f"POST /gradio_api/run/restore HTTP/1.1\r\nhost: x\r\ncontent-length: {len(wish)}\r\n"
    url, waiting = httpx.URL(slow.url), []
    for _ in range(45):  # routes share forty
        waiting.append(socket.create_connection((url.host, url.port)))
        waiting[-1].sendall(f"{head}content-type: application/json\r\n\r\n".encode() + wish)
    until(slow, 20, lambda now: now["begun"] == before["begun"] + 1)
    for connection in waiting:
        connection.close()
    until(slow, 20, lambda now: now["ended"] == now["begun"])


def half_a_mask() -> bytes:
    mask = Image.new("L", Image.open(COFFEE).size)
    mask.paste(255, (200, 150, 300, 200))
    file = io.BytesIO()
    mask.save(file, "PNG")
    return file.getvalue()
