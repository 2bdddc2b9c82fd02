"""What a visitor was told of a fault is found in the log, which knows nothing of the visitor."""

import json
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from envo.library import Library
from tabs.web import logs
from tests.server import routes_only
from tests.server.test_kill import tiny_photo


@pytest.fixture
def home(empty, monkeypatch, tmp_path):
    """A new library in which no photo can be renamed."""
    shutil.copytree(empty, tmp_path / "home")
    monkeypatch.setenv("ENVO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(uvicorn.config.LOGGING_CONFIG["loggers"], "uvicorn", {})
    # A server that ran here before has left this.
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", False)
    # A server ends what other libraries log with; absl's closes its stream, which with TensorFlow is pytest's.
    monkeypatch.setattr(logging, "_handlerList", [])
    monkeypatch.setattr(Library, "rename", fault)
    yield
    for name in ("app", "envo", "models", "tabs"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def fault(library: Library, owner: str, photo_id: str, name: str) -> None:
    raise LookupError(f"{owner} has no {name}")


@contextmanager
def served() -> Iterator[httpx.Client]:
    """Serve the routes to a visitor who is there, and log as where nothing else does."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    logs.install()
    try:
        with routes_only.served() as address, httpx.Client(base_url=address, timeout=60) as visitor:
            visitor.get("/")
            yield visitor
    finally:
        root.handlers = before


def until(capfd: pytest.CaptureFixture, text: str) -> str:
    """Read what was logged until it holds a text: a fault is logged just after it is answered."""
    deadline, log = time.monotonic() + 10, ""
    while text not in log and time.monotonic() < deadline:
        log += capfd.readouterr().err
    return log


def test_every_answer_has_an_id_of_its_own_and_an_error_tells_it(client):
    fine, gone, foreign = (
        client.get("/envo/photos"),
        client.get("/envo/photos/nobody-s"),
        client.get("/envo/photos", headers={"origin": "https://elsewhere.example"}),
    )
    assert [answer.status_code for answer in (fine, gone, foreign)] == [200, 404, 403]
    ids = [answer.headers["x-request-id"] for answer in (fine, gone, foreign)]
    assert len(set(ids)) == 3 and all(ids)
    assert [gone.json()["request"], foreign.json()["request"]] == ids[1:]
    assert "request" not in fine.json()


def test_a_fault_is_found_in_the_log_by_what_the_page_was_told(home, capfd):
    with served() as visitor:
        answer = visitor.patch("/envo/photos/mine", json={"name": "a"})
        log = until(capfd, "\nLookupError: ")
    told = answer.json()
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, told["request"])
    assert f"(fault {told['request']})\nTraceback" in log


def test_a_log_of_json_tells_what_happened_where_and_nothing_of_whom(home, monkeypatch, capfd):
    monkeypatch.setenv("ENVO_LOG", "json")
    with served() as ann:
        photo = ann.post("/envo/photos?name=Grandmother.jpg&layers=false", content=tiny_photo(1)).json()["photo"]["id"]
        found = ann.get("/envo/gallery/photos?search=Marguerite")
        answer = ann.patch(f"/envo/photos/{photo}", json={"name": "Marguerite.jpg"})
        log = until(capfd, '"LookupError"')
    assert (answer.status_code, found.status_code) == (500, 200)
    mine = [line for line in map(json.loads, log.splitlines()) if line.get("request") == answer.json()["request"]]
    (how,) = [line for line in mine if line["message"] == "answered"]
    assert (how["method"], how["route"], how["status"]) == ("PATCH", "/envo/photos/{photo_id}", 500)
    (error,) = [line for line in mine if line["level"] == "error"]
    assert error["error"] == "LookupError" and error["where"][-1].endswith(" fault")
    for personal in ("Grandmother", "Marguerite", "visitor:", *ann.cookies.values()):
        assert personal not in log
