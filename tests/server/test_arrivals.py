"""Zips by HTTP, without engines: visitors take turns, a full disk is waited out, what lies beside photos is read."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import anyio
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo import settings, xmp
from envo.errors import StorageError
from envo.library import Library
from models import layers
from models.layers import Layers
from tabs.work import arrivals
from tests import loops
from tests.server import routes_only
from tests.server.test_gallery import arrived, ids, upload

pytestmark = pytest.mark.both_databases


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_HOME", str(tmp_path))
    monkeypatch.setattr(layers, "find", lambda image, report: Layers({}, [], "none", 0))
    opened = routes_only.app()
    yield opened
    opened.state.library.close()


@contextmanager
def visiting(app) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://testserver/envo/") as visitor:
        visitor.get("http://testserver/")
        yield visitor


@pytest.fixture
def client(app) -> Iterator[TestClient]:
    with visiting(app) as visitor:
        yield visitor


def photo(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 0, 255 - shade)).save(file, "PNG")
    return file.getvalue()


def packet(*tags: str, **said: str) -> bytes:
    made = xmp.Packet()
    for name, value in {"dc_subject": list(tags), **said}.items():
        made.set(name.replace("_", ":"), value)
    return bytes(made)


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def bring(client, files: dict[str, bytes], name: str = "a.zip") -> None:
    answer = client.post("gallery/zips", params={"name": name}, content=zipped(files))
    assert answer.status_code == 202, answer.text


def taken(client, photo_id: str) -> str:
    return client.get(f"gallery/photos/{photo_id}").json()["taken"]


def test_what_lies_beside_photos_is_read(client):
    told = {"photoTakenTime": {"timestamp": "1000000000"}, "people": [{"name": "Ada"}]}
    files = {
        "a/IMG.png": photo(1),
        "a/img.PNG.xmp": packet("mine", exif_DateTimeOriginal="1931-05-06T10:11:12"),
        "a/IMG.xmp": packet("not mine"),
        "b/IMG.png": photo(2),
        "b/IMG.png.supplemental-met.json": json.dumps(told).encode(),
        "b/metadata.json": b'{"title": "Album"}',
        "c/IMG_3.png": photo(3),
        "c/IMG_3.xmp": b"?",
        "c/more.zip": zipped({"d.png": photo(4)}),
        "Thumbs.db": b"?",
    }
    bring(client, files)
    (arrival,) = arrived(client)
    assert (arrival["state"], arrival["added"], arrival["done"], arrival["total"]) == ("done", 3, 5, 5)
    assert arrival["notes"] == [
        "c/IMG_3.xmp: It is damaged, or no XMP.",
        "c/more.zip: This is a zip within the zip; bring it by itself.",
        "a/IMG.xmp: Another .xmp file bears the whole name of its photo, and was read instead.",
    ]
    assert [taken(client, id) for id in ids(client, q="mine").values()] == ["1931-05-06T10:11:12"]
    assert sorted(str(each["taken"]) for each in client.get("gallery/photos").json()["photos"]) == [
        "1931-05-06T10:11:12",
        "2001-09-09T01:46:40",
        "None",
    ]


def test_sidecars_that_come_later_find_their_photos(client):
    bring(client, {"a/IMG_1.png": photo(1), "a/IMG_2.png": photo(2)})
    arrived(client)
    bring(client, {"b/IMG_1.png": photo(1), "b/IMG_1.xmp": packet("with it"), "b/IMG_2.png.xmp": packet("alone")})
    assert arrived(client)[-1]["notes"] == []
    assert set(ids(client, tag="with it")) == {"IMG_1.png"} and set(ids(client, tag="alone")) == {"IMG_2.png"}


def test_sidecars_come_by_themselves_too(client):
    one = upload(client, "IMG_1.png", photo(1))["photo"]["id"]
    two = upload(client, "IMG_2.png", photo(2))["photo"]["id"]
    beside = packet("of one", exif_DateTimeOriginal="1931-05-06T10:11:12")
    answer = client.post(f"photos/{one}/sidecar", params={"name": "other.xmp"}, content=beside)
    assert answer.json()["photo"]["id"] == one
    assert ids(client, tag="of one") == {"IMG_1.png": one} and taken(client, one) == "1931-05-06T10:11:12"
    answer = client.post("sidecars", params={"name": "img_2.XMP"}, content=packet("of two"))
    assert answer.json()["photo"]["id"] == two and ids(client, tag="of two") == {"IMG_2.png": two}
    refusals = [
        ("IMG_9.xmp", packet("?"), "No photo of yours is named as this file"),
        ("IMG_2.xmp", b"?", "It is damaged, or no XMP."),
        ("IMG_2.xmp", packet("?") + b" " * 2**20, "It is larger than 1 MB"),
    ]
    for name, data, why in refusals:
        answer = client.post("sidecars", params={"name": name}, content=data)
        assert answer.status_code in (400, 413) and answer.json()["error"].startswith(why)
    said = json.dumps({"description": "Am Meer"}).encode()
    assert client.post(f"photos/{two}/sidecar", params={"name": "IMG_2.png.json"}, content=said).status_code == 200
    assert ids(client, q="meer") == {} and ids(client, tag="of two") == {"IMG_2.png": two}
    assert client.post(f"photos/{one}x/sidecar", params={"name": "a.xmp"}, content=beside).status_code == 404


def test_a_full_disk_is_waited_out(client, monkeypatch):
    monkeypatch.setattr(arrivals, "PATIENCE_SECONDS", 0)
    failures = {"add": [StorageError("full"), StorageError("full")], "end": [StorageError("full"), OSError("no")]}

    def failing(method):
        def call(*arguments, **named):
            if errors := failures[method.__name__]:
                raise errors.pop()
            return method(*arguments, **named)

        return call

    monkeypatch.setattr(Library, "add", failing(Library.add))
    monkeypatch.setattr(arrivals.Arrivals, "end", failing(arrivals.Arrivals.end))
    bring(client, {"a.png": photo(1), "b.png": photo(2)})
    (arrival,) = arrived(client)
    assert (arrival["state"], arrival["added"], arrival["notes"]) == ("done", 2, []) and not any(failures.values())
    bring(client, {"c.png": photo(3)})
    assert arrived(client)[-1]["state"] == "done"


def test_visitors_take_turns_photo_by_photo(app, monkeypatch):
    came, add, is_brought = [], Library.add, threading.Event()

    def adding(library, owner, name, *more):
        is_brought.wait(60)
        came.append(name)
        return add(library, owner, name, *more)

    monkeypatch.setattr(Library, "add", adding)
    with visiting(app) as one, visiting(app) as other:
        bring(one, {f"a{number}.png": photo(number) for number in range(6)})
        bring(other, {f"b{number}.png": photo(number) for number in range(3)})
        is_brought.set()
        assert arrived(other)[0]["added"] == 3 and arrived(one)[0]["added"] == 6
    assert max(place for place, name in enumerate(came) if name.startswith("b")) <= 6, came


def test_a_zip_that_is_given_up_holds_up_nobody(client):
    bring(client, {f"a{number}.png": photo(number) for number in range(40)})
    (arrival,) = client.get("gallery/zips").json()["arrivals"]
    client.delete(f"gallery/zips/{arrival['id']}")
    bring(client, {"b.png": photo(50)}, "b.zip")
    assert [(each["name"], each["state"]) for each in arrived(client)] == [("b.zip", "done")]


@pytest.mark.parametrize("path", ["gallery/zips", "photos", "sidecars"])
def test_a_sender_that_falls_silent_is_given_up_with_what_came(app, client, tmp_path, monkeypatch, path):
    monkeypatch.setattr(settings, "SILENCE_SECONDS", 0.01)
    said = []

    async def ask() -> None:
        parts = iter([{"type": "http.request", "body": b"PK\3\4 the beginning", "more_body": True}])

        async def receive() -> dict:
            for part in parts:
                return part
            return await anyio.sleep_forever()

        async def send(message: dict) -> None:
            said.append(message)

        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        request = client.build_request("POST", path, params={"name": "a.zip"}, headers={"cookie": cookies})
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": ("testserver", 80),
            "client": ("testclient", 1),
        }
        await app(scope, receive, send)

    loops.in_thread(partial(anyio.run, ask))
    assert said[0]["status"] == 408
    assert not list((tmp_path / "temporary").iterdir()) and client.get("gallery/zips").json()["arrivals"] == []


def test_a_zip_brings_what_there_is_room_for_and_tells_of_the_rest_once(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_HOME", str(tmp_path))
    monkeypatch.setenv("ENVO_VISITOR_SPACE", "1")
    monkeypatch.setattr(settings, "MAX_VISITOR_PHOTOS", 3)
    with visiting(routes_only.app()) as client:
        bring(client, {f"a{number}.png": photo(number) for number in range(9)})
        (arrival,) = arrived(client)
        assert (arrival["state"], arrival["added"]) == ("done", 3)
        (note,) = arrival["notes"]
        assert "At most 3 photos" in note
        # There is no more room for zips, of which nothing is kept either.
        answer = client.post("gallery/zips", params={"name": "b.zip"}, content=zipped({"b.png": photo(50)}))
        assert answer.status_code == 400 and "At most 3 photos" in answer.json()["error"]
    assert not list((tmp_path / "temporary").iterdir()) and not list((tmp_path / "arrivals").glob("*.zip"))


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_zip_that_is_larger_than_a_visitors_room_is_refused(tmp_path, monkeypatch, is_announced):
    monkeypatch.setenv("ENVO_HOME", str(tmp_path))
    monkeypatch.setenv("ENVO_VISITOR_SPACE", "1")
    data = zipped({"a.png": photo(1), "b.txt": bytes(2**20)})
    with visiting(routes_only.app()) as client:
        content = data if is_announced else iter([data])
        answer = client.post("gallery/zips", params={"name": "a.zip"}, content=content)
        assert answer.status_code == 400 and "1 MB" in answer.json()["error"]
        assert client.get("gallery/zips").json()["arrivals"] == []
    assert not list((tmp_path / "temporary").iterdir())
