"""Whose library a browser gets, whatever other apps, paths, clocks and older versions there are."""

import base64
import io
import os
import re
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from PIL import Image
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from envo import settings
from envo.library import Library
from tabs.web.visitors import Visitors
from tabs.work.service import CAPABILITIES
from tests.server import routes_only

pytestmark = pytest.mark.both_databases

EXAMPLE = "/envo/examples/coffee.jpg"


def names(client: httpx.Client) -> list[str]:
    return [photo["name"] for photo in client.get("/envo/photos").json()["photos"]]


def app(monkeypatch, home) -> TestClient:
    """An app with a home of its own, at the same host as all others."""
    monkeypatch.setenv("ENVO_HOME", str(home))
    return TestClient(routes_only.app())


def test_two_apps_on_one_host_keep_their_libraries(client, monkeypatch, tmp_path):
    first, second = client, app(monkeypatch, tmp_path / "b")
    second.cookies.jar = first.cookies.jar  # of one browser, which knows no ports
    first.post(EXAMPLE)
    second.get("/")
    assert names(second) == []
    second.post("/envo/examples/rocket.jpg")
    first.get("/")
    assert names(first) == ["coffee.jpg"]
    assert names(second) == ["rocket.jpg"]


def test_one_app_by_two_paths_is_one_library(client):
    client.post(EXAMPLE)
    elsewhere = Visitors(client.app.state.library.signing_keys(), "/photos")
    (cookie,) = client.cookies.items()
    header = elsewhere.cookie(connection(dict([cookie])))
    assert header.partition("=")[0] != cookie[0]
    client.cookies.clear()
    client.headers["cookie"] = header.partition(";")[0]
    assert names(client) == ["coffee.jpg"]


def connection(cookies: dict[str, str]) -> HTTPConnection:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(b"cookie", header.encode()), (b"host", b"testserver")]
    return HTTPConnection({"type": "http", "scheme": "http", "path": "/", "query_string": b"", "headers": headers})


def test_a_cookie_of_the_time_when_all_had_one_name_still_opens_the_library(client):
    client.post(EXAMPLE)
    ((_, value),) = client.cookies.items()
    client.cookies.clear()
    client.cookies.set("envo_visitor", value)
    client.get("/")
    assert len(client.cookies) == 2
    client.cookies.delete("envo_visitor")
    assert names(client) == ["coffee.jpg"]


def test_a_cookie_that_another_app_signed_is_left_alone(client):
    foreign = URLSafeTimedSerializer("another key of another app", salt="cookie").dumps("visitor:somebody")
    client.cookies.clear()
    client.cookies.set("envo_visitor", foreign)
    client.get("/")
    client.post(EXAMPLE)
    assert client.cookies["envo_visitor"] == foreign
    assert names(client) == ["coffee.jpg"]


@pytest.mark.parametrize("leap", [timedelta(seconds=-5), timedelta(days=-400), timedelta(days=20)])
def test_a_clock_that_leaps_loses_no_library(client, monkeypatch, leap):
    client.post(EXAMPLE)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + leap.total_seconds())
    assert names(client) == ["coffee.jpg"]
    client.get("/")
    assert names(client) == ["coffee.jpg"]


@pytest.mark.parametrize("owner", ["login:ann", "huggingface:1", ["visitor:a"], {"visitor": 1}, 3, ""])
def test_a_cookie_names_no_account(client, owner):
    client.cookies.clear()
    client.cookies.set("envo_visitor", URLSafeTimedSerializer(routes_only.key(client), salt="cookie").dumps(owner))
    assert client.get("/envo/photos").status_code == 401


@pytest.mark.parametrize("days", [400, 30])
def test_the_cookie_lives_as_long_as_the_library_of_who_stays_away(client, monkeypatch, days):
    monkeypatch.setenv("ENVO_KEEP_DAYS", str(days))
    client.post(EXAMPLE)
    assert f"Max-Age={days * 24 * 3600};" in client.get("/").headers["set-cookie"]
    library = Library(settings.home(), settings.database_url())
    assert library.purge(datetime.now(UTC) + timedelta(days=days - 1)) == 0
    assert names(client) == ["coffee.jpg"]
    assert library.purge(datetime.now(UTC) + timedelta(days=days + 1)) == 1
    assert names(client) == []
    library.close()


def test_opening_the_page_is_a_visit(client, monkeypatch):
    client.post(EXAMPLE)
    library = Library(settings.home(), settings.database_url())

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(days=300)

    monkeypatch.setattr("envo.visitors.datetime", Later)
    assert client.get("/envo/session").json()["kept"]
    assert library.purge(datetime.now(UTC) + timedelta(days=300 + settings.KEEP_DAYS - 1)) == 0
    assert names(client) == ["coffee.jpg"]
    library.close()


def test_a_visitor_who_may_keep_no_more_is_told_and_others_are_not(monkeypatch, tmp_path):
    monkeypatch.setenv("ENVO_VISITOR_SPACE", "1")
    file, more = noise(512), noise(238)
    served = app(monkeypatch, tmp_path)
    full, other = served, TestClient(served.app)
    for client in (full, other):
        client.get("/")
    assert full.post("/envo/photos?name=a.png&layers=false", content=file).json()["room"] == ""
    told = full.post("/envo/photos?name=c.png&layers=false", content=more).json()["room"]
    assert told.startswith("91 % of your room is used: at most 20000 photos and 1 MB are kept here.")
    refused = full.post("/envo/photos?name=b.png&layers=false", content=file + b"another")
    assert refused.status_code == 400
    assert "At most 20000 photos and 1 MB of yours are kept here" in refused.json()["error"]
    assert other.post("/envo/photos?name=b.png&layers=false", content=file).status_code == 200
    assert (names(full), names(other)) == (["c.png", "a.png"], ["b.png"])


def noise(edge: int) -> bytes:
    """A photo that cannot be made smaller."""
    file = io.BytesIO()
    Image.frombytes("RGB", (edge, edge), os.urandom(edge * edge * 3)).save(file, "PNG")
    return file.getvalue()


def test_when_the_disk_is_nearly_full_visitors_bring_no_more_and_their_work_is_saved(monkeypatch, tmp_path):
    monkeypatch.setenv("ENVO_VISITOR_SPACE", "100")
    client = app(monkeypatch, tmp_path)
    client.get("/")
    photo = client.post(EXAMPLE).json()["photo"]["id"]
    monkeypatch.setenv("ENVO_SPARE_SPACE", str(2**40))
    hole = Image.new("L", (600, 400))
    hole.paste(255, (100, 100, 200, 200))
    file = io.BytesIO()
    hole.save(file, "PNG")
    erase = {"action": "erase", "mask": base64.b64encode(file.getvalue()).decode()}
    for refused in (
        client.post("/envo/examples/rocket.jpg"),
        client.post("/envo/gallery/zips?name=a.zip", content=b"PK"),
        client.post(f"/envo/photos/{photo}/actions", json=erase),
    ):
        assert refused.status_code == 400
        assert refused.json()["error"].startswith("The disk of this app is nearly full")
    document = {"schema": 1, "layers": [{"id": "image", "adjustments": {}}]}
    write = {"document": document, "base": 0, "writer": "one-window", "seq": 1}
    assert client.post(f"/envo/photos/{photo}/edit", json=write).json() == {"version": 1, "edit": 0}
    assert names(client) == ["coffee.jpg"]


OPEN = {
    ("GET", "/envo/session"),  # says who somebody is
    ("GET", "/envo/examples"),
    ("GET", "/envo/examples/{name}"),
    ("GET", "/envo/worked-examples"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("POST", "/complete-image"),  # for programs; keeps nothing
    ("GET", "/api/docs"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/assets/{name}"),
    ("POST", "/api/v1/files"),
    ("GET", "/api/v1/files/{file_id}/{name}"),  # known by an id that nobody guesses, and by where it was sent
    ("GET", "/api/v1/jobs/{job}"),  # likewise
    ("GET", "/api/v1/jobs/{job}/events"),
    ("GET", "/api/v1/jobs/{job}/result"),
    ("DELETE", "/api/v1/jobs/{job}"),
    *(("POST", f"/api/v1/{name}") for name in CAPABILITIES),
}
"""Routes that ask nobody who they are, and tell nothing of anybody's."""


def test_every_route_asks_who_it_is_but_those_that_are_named_here(client):
    client.cookies.clear()
    asked = {(method, route.path) for route in client.app.routes for method in getattr(route, "methods", ())}
    ours = {(method, path) for method, path in asked if path.startswith(("/envo/", "/api/")) or (method, path) in OPEN}
    assert ours >= OPEN and len(ours) > 100
    for method, path in sorted(ours - OPEN):
        answer = client.request(method, re.sub(r"\{[^}]*\}", "x", path))
        assert answer.status_code == 401 and "request" in answer.json(), (method, path)
