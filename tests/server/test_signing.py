"""Accounts of the library's own, by HTTP: what they take along, what ends a session, what strangers get."""

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from starlette.testclient import TestClient

from envo import accounts, settings
from envo.library import Library
from tabs.routes.accounts import GUESSES_AT, GUESSES_FROM
from tests.server import routes_only

pytestmark = pytest.mark.both_databases

ANN = {"name": "Ann", "password": "correct horse battery"}
BOB = {"name": "Bob", "password": "another few words"}
WRONG = "not the right words"


@pytest.fixture(autouse=True)
def with_accounts(monkeypatch) -> None:
    """The app has accounts, whose passwords are quickly looked at."""
    monkeypatch.setenv("ENVO_AUTH", "accounts")
    monkeypatch.setitem(accounts._COST, "time_cost", 1)
    monkeypatch.setitem(accounts._COST, "memory_cost", 64)


def other(client: TestClient, address: str = "10.0.0.2") -> TestClient:
    """Another visitor, with a browser of their own."""
    visitor = TestClient(client.app, client=(address, 5000))
    visitor.get("/")
    return visitor


def sign(client: TestClient, way: str, who: dict[str, str]) -> httpx.Response:
    return client.post(f"/envo/account/sign-{way}", json=who)


def add(client: TestClient, example: str = "coffee.jpg") -> str:
    return client.post(f"/envo/examples/{example}").json()["photo"]["id"]


def photos(client: TestClient) -> list[str]:
    return sorted(photo["id"] for photo in client.get("/envo/photos").json()["photos"])


def replayed(client: TestClient, cookies: dict[str, str]) -> TestClient:
    """Somebody who has another's cookies and nothing else."""
    thief = TestClient(client.app)
    for name, value in cookies.items():
        thief.cookies.set(name, value, "testserver.local")
    return thief


def test_whoever_signs_up_or_in_takes_the_library_along_then_and_not_at_every_page(client):
    first = add(client)
    as_visitor = dict(client.cookies)
    answer = sign(client, "up", ANN)
    assert answer.status_code == 200 and answer.json() == {"account": "Ann"}
    assert photos(client) == [first] and client.get("/envo/session").json()["account"] == "Ann"
    assert len(client.cookies) == 1 and "set-cookie" not in client.get("/").headers
    assert photos(replayed(client, as_visitor)) == []

    stranger = other(client)
    theirs = add(stranger, "rocket.jpg")
    for name, value in stranger.cookies.items():
        client.cookies.set(name, value, "testserver.local")
    for page in ("/", "/envo/session"):
        client.get(page)
    same = {"password": ANN["password"], "fresh": ANN["password"]}
    assert client.post("/envo/account/password", json=same).status_code == 200
    assert photos(client) == [first] and photos(stranger) == [theirs]

    elsewhere = other(client)
    second = add(elsewhere, "rocket.jpg")
    assert sign(elsewhere, "in", ANN).status_code == 200
    assert photos(elsewhere) == photos(client) == sorted([first, second])


def test_nobody_sees_anothers_photos(client):
    sign(client, "up", ANN)
    photo, bob = add(client), other(client)
    sign(bob, "up", BOB)
    for stranger in (bob, other(client)):
        assert photos(stranger) == []
        assert stranger.get(f"/envo/photos/{photo}/original").status_code == 404
        assert stranger.delete(f"/envo/photos/{photo}").status_code == 404
    assert photos(client) == [photo]


def test_sessions_end_and_a_cookie_that_is_replayed_opens_nothing(client):
    sign(client, "up", ANN)
    photo, tablet = add(client), other(client)
    sign(tablet, "in", ANN)
    kept = dict(client.cookies)

    assert client.post("/envo/account/sign-out").status_code == 204
    assert not client.cookies and replayed(client, kept).get("/envo/photos").status_code == 401
    client.get("/")
    assert photos(client) == [] and photos(tablet) == [photo]

    sign(client, "in", ANN)
    kept = dict(client.cookies)
    change = {"password": ANN["password"], "fresh": "quite some other words"}
    assert client.post("/envo/account/password", json=change | {"password": WRONG}).status_code == 400
    assert photos(client) == photos(tablet) == [photo]
    assert client.post("/envo/account/password", json=change).status_code == 200
    assert photos(client) == [photo] and tablet.get("/envo/photos").status_code == 401
    assert replayed(client, kept).get("/envo/photos").status_code == 401
    assert sign(tablet, "in", ANN).status_code == 400

    library = Library(settings.home(), settings.database_url())
    word = library.accounts.reset("Ann")
    library.close()
    assert client.get("/envo/photos").status_code == 401
    assert sign(client, "in", ANN | {"password": word}).status_code == 200
    assert photos(client) == [photo]


def test_cookies_that_the_app_has_not_made_open_nothing(client):
    sign(client, "up", ANN)
    (name,), (value,) = client.cookies.keys(), client.cookies.values()
    key = routes_only.key(client)
    token = URLSafeTimedSerializer(key, salt="session").loads(value)
    visitor = other(client)
    forged = [
        token,
        value[:-2],
        value.replace(value[:4], "AAAA"),
        URLSafeTimedSerializer("another key of another app", salt="session").dumps(token),
        URLSafeTimedSerializer(key, salt="cookie").dumps(token),
        URLSafeTimedSerializer(key, salt="session").dumps("made up"),
        URLSafeTimedSerializer(key, salt="session").dumps({"owner": "account:x"}),
        next(iter(visitor.cookies.values())),
    ]
    for each in forged:
        assert replayed(client, {name: each}).get("/envo/photos").status_code == 401, each
    assert replayed(client, {name: value}).get("/envo/photos").status_code == 200


def test_a_session_that_somebody_planted_is_not_the_one_that_begins(client):
    mallory = client
    sign(mallory, "up", BOB)
    planted = dict(mallory.cookies)
    victim = replayed(client, planted)
    assert sign(victim, "up", ANN).status_code == 200
    assert planted.items().isdisjoint(victim.cookies.items())
    add(victim)
    assert replayed(client, planted).get("/envo/photos").status_code == 401
    assert sign(mallory, "in", BOB).status_code == 200 and photos(mallory) == []

    planted = dict(other(client).cookies)
    victim = replayed(client, planted)
    sign(victim, "in", ANN)
    assert photos(victim) and photos(replayed(client, planted)) == []


def test_guesses_at_one_name_are_limited_from_wherever_they_come(client):
    sign(client, "up", ANN)
    for guess in range(GUESSES_AT):
        stranger = TestClient(client.app, client=(f"10.0.1.{guess}", 5000))
        assert sign(stranger, "in", ANN | {"password": WRONG}).status_code == 400
    refused = sign(other(client), "in", ANN | {"name": "ａnn"})
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 900
    assert refused.json()["error"] == "That were too many attempts; please wait 15 minutes before the next."
    assert sign(other(client), "up", BOB).status_code == 200


@pytest.mark.parametrize("addresses", [["10.0.0.3"] * 20, [f"2001:db8::{number}" for number in range(20)]])
def test_guesses_from_one_address_are_limited_whoever_has_an_account_there(client, addresses):
    sign(client, "up", BOB)
    for guess in range(GUESSES_FROM):
        stranger = TestClient(client.app, client=(addresses[guess], 5000))
        assert sign(stranger, "in", {"name": f"name {guess}", "password": WRONG}).status_code == 400
        if guess < GUESSES_FROM - 1:
            assert sign(stranger, "in", BOB).status_code == 200
    stranger = TestClient(client.app, client=(addresses[-1], 5000))
    refused = sign(stranger, "in", BOB)
    assert refused.status_code == 429 and "wait a minute" in refused.json()["error"]
    assert sign(other(client), "in", BOB).status_code == 200


def test_another_sites_page_signs_nobody_in_or_out(client):
    sign(client, "up", ANN)
    photo = add(client)
    bodies = {
        "sign-up": BOB | {"name": "Carol"},
        "sign-in": ANN,
        "sign-out": {},
        "password": {"password": ANN["password"], "fresh": WRONG},
    }
    for headers in (
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
    ):
        for route, body in bodies.items():
            answer = client.post(f"/envo/account/{route}", json=body, headers=headers | {"content-type": "text/plain"})
            assert answer.status_code == 403 and "set-cookie" not in answer.headers, (route, headers)
    assert photos(client) == [photo] and client.get("/envo/session").json()["account"] == "Ann"
