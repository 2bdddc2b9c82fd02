"""A library for its owner's scripts: `/api/v1/library`, by a token that was made on the page."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from envo import settings
from tests.browser.pages import COFFEE
from tests.conftest import EXAMPLES, Server
from tests.server.test_service import file_of
from tests.unit.test_everything import fill


@pytest.fixture
def page(server: Server) -> Iterator[httpx.Client]:
    """A visitor's page."""
    with httpx.Client(base_url=server.url, timeout=60) as visitor:
        visitor.get("/")
        yield visitor


def made(page: httpx.Client, **wish: Any) -> dict[str, Any]:
    answer = page.post("/envo/tokens", json={"name": "Backup"} | wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def script(server: Server, page: httpx.Client) -> Iterator[httpx.Client]:
    """A script of that visitor's, which may write; it has no cookie."""
    secret = made(page, write=True)["secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{server.url}api/v1/library", headers=headers, timeout=120) as client:
        yield client


def bring(script: httpx.Client, name: str = "cup.jpg", data: bytes | None = None) -> dict[str, Any]:
    answer = script.post("photos", files={"file": (name, data or COFFEE.read_bytes())})
    assert answer.status_code == 201, answer.text
    return answer.json()["photo"]


def shade(value: int) -> bytes:
    return file_of(np.full((30, 40, 3), value, np.uint8))


def refused(answer: httpx.Response, status: int, code: str, part: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code and part in answer.json()["error"]["message"]


def test_what_a_script_brings_is_the_owners_and_told_once(page, script):
    photo = bring(script)
    assert (photo["name"], photo["format"], photo["width"], photo["edited"]) == ("cup.jpg", "JPEG", 600, False)
    again = script.post("photos", files={"file": ("again.jpg", COFFEE.read_bytes())}).json()
    assert again == {"photo": photo, "added": False}
    assert [each["id"] for each in page.get("envo/photos").json()["photos"]] == [photo["id"]]
    assert script.get(f"photos/{photo['id']}/original").content == COFFEE.read_bytes()
    for sent, status, part in (
        ({"files": {"file": ("a.jpg", b"none")}}, 400, "no photo"),
        ({"files": {"photo": ("a.jpg", b"none")}}, 400, "Send the file as a file"),
        ({"content": b"none"}, 415, "form"),
        ({"files": {"file": ("a.jpg", bytes(65 * 2**20))}}, 413, "64 MB"),
    ):
        answer = script.post("photos", **sent)
        assert answer.status_code == status and part in answer.json()["error"]["message"], answer.text


def test_photos_come_in_pages_and_what_is_known_is_not_sent_again(script):
    ids = [bring(script, f"{value}.png", shade(value))["id"] for value in (10, 20, 90)]
    found, address = [], "/api/v1/library/photos?order=name&limit=2"
    while address:
        answer = script.get(httpx.URL(script.base_url).join(address)).json()
        assert answer["count"] == 3
        found += [each["id"] for each in answer["photos"]]
        address = answer["next"]
    assert found == ids
    first = script.get("photos")
    etag = first.headers["ETag"]
    known = script.get("photos", headers={"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")
    script.patch(f"photos/{ids[0]}", json={"rating": 4})
    assert script.get("photos", headers={"If-None-Match": etag}).status_code == 200
    assert [each["id"] for each in script.get("photos?rating=4").json()["photos"]] == [ids[0]]
    refused(script.get("photos?limit=100000"), 400, "invalid", "limit")


def test_photos_are_named_tagged_found_and_deleted(page, script):
    photo = bring(script)["id"]
    script.patch(f"photos/{photo}", json={"name": "Breakfast", "rating": 5})
    tagged = script.post(f"photos/{photo}/tags", json={"add": ["cup", "Sunday"]}).json()
    assert (tagged["name"], tagged["rating"]) == ("Breakfast.jpg", 5)
    assert {tag.rpartition("|")[2] for tag in tagged["tags"]} == {"cup", "Sunday"}
    assert [each["id"] for each in script.get("photos", params={"q": "sunday"}).json()["photos"]] == [photo]
    left = script.post(f"photos/{photo}/tags", json={"remove": ["Sunday"]}).json()["tags"]
    assert [tag.rpartition("|")[2] for tag in left] == ["cup"]
    assert script.delete(f"photos/{photo}").status_code == 200
    refused(script.get(f"photos/{photo}"), 404, "not_found", ".")
    assert page.get("envo/photos?trash=true").json()["count"] == 1


EDIT = {"schema": 2, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]}


def test_an_edit_is_written_on_the_one_that_was_read(page, script):
    photo = bring(script)["id"]
    first = script.get(f"photos/{photo}/edit")
    assert first.json() == {"version": 0, "document": None}
    written = script.put(f"photos/{photo}/edit", json=EDIT, headers={"If-Match": first.headers["ETag"]})
    assert written.status_code == 200 and written.json()["version"] == 1, written.text
    assert written.json()["document"]["layers"][0]["adjustments"]["exposure"] == 1
    late = script.put(f"photos/{photo}/edit", json=EDIT, headers={"If-Match": first.headers["ETag"]})
    refused(late, 412, "changed", "read it again")
    refused(script.put(f"photos/{photo}/edit", json=EDIT), 400, "invalid", "if-match")
    refused(
        script.put(f"photos/{photo}/edit", json={"layers": 3}, headers={"If-Match": '"1"'}), 400, "invalid", "layers"
    )
    # The page has it, and so has the file that is made.
    assert page.get(f"envo/photos/{photo}/edit").json()["version"] == 1
    file = script.get(f"photos/{photo}/edited")
    assert np.asarray(Image.open(io.BytesIO(file.content))).mean() > np.asarray(Image.open(COFFEE)).mean() + 15


def test_mattes_are_made_when_they_are_asked_for(script):
    photo = bring(script, "astronaut.jpg", (EXAMPLES / "astronaut.jpg").read_bytes())["id"]
    told: dict[str, Any] = {"state": "waiting", "number": -1}
    while told["state"] in ("waiting", "working"):
        told = script.get(f"photos/{photo}/mattes", params={"seen": told["number"]}).json()
    assert told["state"] == "done" and {"person", "hair", "background"} <= {each["kind"] for each in told["mattes"]}
    person = np.asarray(Image.open(io.BytesIO(script.get(f"photos/{photo}/mattes/person").content)))
    assert person[person.shape[0] // 2, person.shape[1] // 2] > 250
    refused(script.get(f"photos/{photo}/mattes/nose"), 404, "not_found", ".")


def test_people_are_told_by_their_names_and_their_photos_found(client):
    client.get("/")
    token = made(client)["secret"]
    library, owner = client.app.state.library, client.app.state.library.tokens.of(token).owner
    fill(library, owner, settings.home())
    headers = {"Authorization": f"Bearer {token}"}
    (ada,) = client.get("/api/v1/library/people", headers=headers).json()["people"]
    assert ada["name"] == "Ada"
    (photo,) = client.get("/api/v1/library/photos", params={"person": ada["id"]}, headers=headers).json()["photos"]
    assert photo["people"] == ["Ada"]


def test_photos_leave_in_one_file(script):
    ids = [bring(script, f"{value}.png", shade(value))["id"] for value in (10, 90)]
    packed = script.post("takeaway", json={"photos": ids[:1], "as": "original"})
    assert zipfile.ZipFile(io.BytesIO(packed.content)).namelist() == ["10.png"]
    rows = list(csv.DictReader(io.StringIO(script.post("takeaway", json={"kind": "csv"}).text.removeprefix("\ufeff"))))
    assert sorted(row["name"] for row in rows) == ["10.png", "90.png"]
    assert len(json.loads(script.post("takeaway", json={"kind": "json"}).content)) == 2
    refused(script.post("takeaway", json={"photos": []}), 400, "invalid", "no photos")
    refused(script.post("takeaway", json={"photos": ["nobody-s"]}), 404, "not_found", ".")


def test_a_token_that_may_read_changes_nothing_and_one_that_is_removed_is_none(server, page, script):
    photo = bring(script)["id"]
    token = made(page)
    headers = {"Authorization": f"Bearer {token['secret']}"}
    with httpx.Client(base_url=f"{server.url}api/v1/library", headers=headers) as reader:
        assert reader.get("photos").json()["count"] == 1
        for method, path, sent in (
            ("POST", "photos", {"files": {"file": ("a.jpg", COFFEE.read_bytes())}}),
            ("PATCH", f"photos/{photo}", {"json": {"rating": 1}}),
            ("DELETE", f"photos/{photo}", {}),
            ("POST", f"photos/{photo}/tags", {"json": {"add": ["a"]}}),
            ("PUT", f"photos/{photo}/edit", {"json": EDIT, "headers": {"If-Match": '"0"'}}),
        ):
            refused(reader.request(method, path, **sent), 403, "forbidden", "may only read")
        known = {each["id"]: each for each in page.get("envo/tokens").json()["tokens"]}
        assert known[token["id"]]["used"] and not known[token["id"]]["write"]
        assert "secret" not in known[token["id"]] and token["secret"] not in page.get("envo/everything/zip").text
        assert page.delete(f"envo/tokens/{token['id']}").status_code == 204
        refused(reader.get("photos"), 401, "unauthorized", "Send a token")
    # Nor is the page's name one, nor a token good for the page.
    refused(page.get("api/v1/library/photos"), 401, "unauthorized", "Send a token")
    assert httpx.get(f"{server.url}envo/photos", headers=script.headers).status_code == 401


def test_nobody_has_more_tokens_than_can_be_looked_through(page):
    for _ in range(20):
        made(page)
    answer = page.post("/envo/tokens", json={"name": "one more"})
    assert answer.status_code == 400 and "20 tokens" in answer.json()["error"]
