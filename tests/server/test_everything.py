"""Everything of one's own, by HTTP: how much it is, all of it in a zip, and none of it left."""

import io
import zipfile

import pytest
from starlette.testclient import TestClient

from envo import accounts, settings
from tests.server.rendering import ended
from tests.server.test_exports import small
from tests.server.test_signing import ANN, WRONG, other, photos, replayed, sign
from tests.server.test_takeaway import upload

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def with_accounts(monkeypatch) -> None:
    monkeypatch.setenv("ENVO_AUTH", "accounts")
    monkeypatch.setitem(accounts._COST, "time_cost", 1)
    monkeypatch.setitem(accounts._COST, "memory_cost", 64)


def held(client: TestClient) -> tuple[int, int]:
    there = client.get("/envo/everything").json()
    return there["photos"], there["trash"]


def packed(client: TestClient) -> list[str]:
    answer = client.get("/envo/everything/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="everything.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [name for name in archive.namelist() if not name.startswith("library/")]


def test_a_visitor_takes_everything_and_leaves_nothing(client):
    mine, stranger = upload(client, "mine.png", small(1)), other(client)
    upload(stranger, "theirs.png", small(1))
    assert held(client) == (1, 0) and packed(client) == ["photos/mine.png"]
    ended(client, [mine])
    assert list(settings.uploads().iterdir())
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.post("/envo/everything/delete", json={}, headers=headers).status_code == 403
    assert client.get("/envo/everything/zip", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    kept = dict(client.cookies)

    assert client.post("/envo/everything/delete", json={}).status_code == 204
    assert not client.cookies and not list(settings.uploads().iterdir())
    assert photos(replayed(client, kept)) == [] and held(replayed(client, kept)) == (0, 0)
    client.get("/")
    assert kept.items().isdisjoint(client.cookies.items()) and held(client) == (0, 0)
    assert packed(stranger) == ["photos/theirs.png"]


def test_an_account_goes_along_for_its_password_alone(client):
    sign(client, "up", ANN)
    photo, tablet = upload(client, "mine.png", small(1)), other(client)
    client.delete(f"/envo/photos/{upload(client, 'trashed.png', small(2))}")
    sign(tablet, "in", ANN)
    assert held(client) == (1, 1) and packed(client) == ["photos/mine.png", "trash/trashed.png"]
    for body in ({}, {"password": WRONG}):
        assert client.post("/envo/everything/delete", json=body).status_code == 400
    assert photos(tablet) == [photo]
    kept = dict(client.cookies)

    assert client.post("/envo/everything/delete", json={"password": ANN["password"]}).status_code == 204
    for former in (tablet, replayed(client, kept)):
        assert former.get("/envo/photos").status_code == 401
    assert sign(tablet, "in", ANN).status_code == 400
    assert sign(tablet, "up", ANN).status_code == 200 and held(tablet) == (0, 0)
