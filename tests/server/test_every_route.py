"""Every route that the router lists: what another visitor hears there, a forged name, another site, a crooked path."""

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from itsdangerous import URLSafeTimedSerializer
from starlette.testclient import TestClient

from envo import accounts, settings
from envo import database as db
from envo.library import Library
from envo.visitors import new_visitor
from models import restore
from tabs.work.tagging import Tagger
from tests.server import rendering, routes_only
from tests.server.table import BLUR, DOCUMENT, ROUTES, Row
from tests.server.test_restorations import Invert, Inverter
from tests.server.test_signing import ANN, sign
from tests.server.test_visitors import OPEN
from tests.unit.test_everything import fill
from tests.unit.test_library import picture

OF_ACCOUNTS = {("POST", f"/envo/account/{deed}") for deed in ("sign-up", "sign-in", "sign-out", "password")}
"""Ask by themselves who it is."""
INVERT = [{"id": "invert", "settings": {}}]
LAST = ("POST /envo/everything/delete", "POST /envo/account/sign-out")
"""After which one is somebody else."""
UP = "..%2F..%2Fsecret"
CROOKED = ("%2e%2e%2Fsecret.jpg", "..%5Csecret.jpg", "%00", "a" * 300 + "'%22%3Cb%3E", "%25n")
"""As they stand in an address."""


def listed(client: TestClient) -> list[str]:
    """All of the app's own routes, in the order in which they are asked here."""
    known = [
        f"{method} {route.path}"
        for route in client.app.routes
        for method in sorted(getattr(route, "methods", ()))
        if route.path.startswith(("/envo/", "/api/")) or (method, route.path) in OPEN
    ]
    order = {method: place for place, method in enumerate(("GET", "PATCH", "PUT", "POST", "DELETE"))}
    return sorted(known, key=lambda route: (route in LAST, order[route.split()[0]]))


@pytest.fixture(autouse=True)
def with_accounts(monkeypatch, put_alone) -> None:
    monkeypatch.setenv("ENVO_AUTH", "accounts")
    monkeypatch.setitem(accounts._COST, "time_cost", 1)
    monkeypatch.setitem(accounts._COST, "memory_cost", 64)
    monkeypatch.setattr(settings, "NEWS_SECONDS", 0.1)  # nobody waits for what does not come
    monkeypatch.setattr(Tagger, "wake", lambda self: None)  # tagging would fetch weights, and change what is compared
    monkeypatch.setattr(Invert, "invented", np.full((30, 40), 140, np.uint8))
    put_alone(restore.STEPS, invert=Invert([Inverter()]))


@pytest.fixture
def bob(client) -> Iterator[TestClient]:
    with TestClient(client.app, raise_server_exceptions=False) as other:
        other.get("/")
        show_token(other)
        yield other


def show_token(client: TestClient) -> str:
    """Have a client show a token of its own from now on; gives the token's id."""
    token = client.post("/envo/tokens", json={"name": "a script", "write": True}).json()
    client.headers["Authorization"] = f"Bearer {token['secret']}"
    return token["id"]


def bring(client: TestClient, shade: int) -> str:
    return client.post("/envo/photos?name=own.png&layers=false", content=picture(shade)).json()["photo"]["id"]


def everything(client: TestClient) -> dict[str, str]:
    """Bring and do one of each; gives the ids, by what they are called in paths."""
    sign(client, "up", ANN)
    bring(client, 7)
    home, library = settings.home(), client.app.state.library
    with library.database.read() as connection:
        owner = connection.scalar(sa.select(db.photo.c.owner))
    photo = fill(library, owner, home)
    api = f"/envo/photos/{photo}"

    def asked(path: str, wish: dict[str, Any]) -> dict[str, Any]:
        answer = client.post(f"/envo/{path}", json=wish)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    token = show_token(client)
    rendering.heard(client, f"{api}/mattes")
    client.post("/envo/gallery/zips?name=b.zip", content=b"PK")
    rendering.heard(client, "/envo/gallery/zips")
    action = asked(f"photos/{photo}/actions", BLUR)["job"]
    rendering.heard(client, f"{api}/actions/{action}")
    restoration = asked(f"photos/{photo}/restorations", {"steps": INVERT})["job"]
    restored = rendering.heard(client, f"{api}/restorations/{restoration}")
    assert restored["state"] == "done", restored
    batch = asked("restorations/batch", {"photos": [photo], "steps": INVERT})["batch"]
    rendering.heard(client, f"/envo/restorations/batch/{batch}")
    job = rendering.ended(client, [photo], "file", DOCUMENT)["batch"]
    faces = client.get(f"/envo/gallery/photos/{photo}").json()["people"]
    person = client.get("/envo/gallery/people").json()["people"][0]["id"]
    return {
        "photo_id": photo,
        "name": "nothing",
        "kind": next(each.kind for each in library.mattes.all(owner, photo) if each.name == "mine"),
        "lut_id": library.luts.all(owner)[0].id,
        "preset_id": library.presets.all(owner)[0].id,
        "export_preset": next(each.id for each in library.exports.all(owner) if not each.built_in),
        "snapshot_id": library.snapshots.all(owner, photo)[0].id,
        "result_id": library.results.all(owner, photo)[0].id,
        "action": action,
        "restoration": restoration,
        "restoration_id": restored["restoration"]["id"],
        "batch": batch,
        "rendering": job,
        "paste_id": library.pastes.all(owner)[0].id,
        "watermark_id": library.watermarks.all(owner)[0].id,
        "arrival_id": library.arrivals.all(owner)[0].id,
        "token": asked("gallery/takeaway", {"photos": [photo]})["path"].rpartition("/")[2],
        "face_id": faces[0]["id"],
        "key": faces[0]["id"],
        "file_id": "no-such-file",
        "token_id": token,
        "person_id": person,
        "owner": owner,
    }


def named(path: str, ids: dict[str, str]) -> dict[str, str]:
    """The ids by the names that they have in a route's path."""
    job = "rendering" if "/renderings/" in path else "restoration" if "/restorations/" in path else "action"
    preset = "export_preset" if "/export-presets/" in path else "preset_id"
    return ids | {"job": ids[job], "preset_id": ids[preset]}


def ask(client: TestClient, route: str, row: Row, ids: dict[str, str], own: str | None) -> httpx.Response:
    """Ask for what a row says, with ids, and for one's own photo where the row says so."""
    method, path = route.split(" ", 1)
    ids = named(path, ids)

    def filled(value: Any) -> Any:
        return json.loads(re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], json.dumps(value)))

    address = path.format_map(ids | ({"photo_id": own} if row.mine and own else {}))
    more = {} if row.json is None else {"json": filled(row.json)}
    return client.request(method, address, params=filled(row.query), content=row.content, headers=row.headers, **more)


def rows_of(library: Library, ids: dict[str, str]) -> dict[str, list[tuple]]:
    """All that the database says of an owner, by table."""
    with library.database.read() as connection:
        tables = db.metadata.sorted_tables
        said = {table.name: sorted(map(tuple, connection.execute(sa.select(table))), key=str) for table in tables}
    theirs = {ids["owner"], ids["photo_id"]}
    return {name: [row for row in rows if theirs & {*map(str, row)}] for name, rows in said.items()}


def test_each_route_has_its_row(client):
    assert set(listed(client)) == set(ROUTES), "a route without a row in table.py, or a row without a route"


def test_nobody_gets_or_changes_anything_of_anothers_by_any_route(client, bob):
    ids = everything(client)
    # What is asked for may be told again; what that is may not.
    marks = [ids[name] for name in ids if name not in ("name", "person_id")] + ["0.png", "Ada"]
    own = bring(bob, 9)
    before = rows_of(client.app.state.library, ids)
    assert len(before["photo"]) > 2
    for route in listed(client):
        for row in ROUTES[route]:
            answer = ask(bob, route, row, ids, own)
            assert answer.status_code in row.heard, (route, row, answer.status_code, answer.text[:300])
            assert not [mark for mark in marks if mark in answer.text], (route, answer.text[:300])
    assert rows_of(client.app.state.library, ids) == before
    for route in listed(client):
        for row in ROUTES[route]:
            if row.mine or row.heard != (404,) or route.startswith("DELETE"):
                continue
            # Else it would be what was asked that was refused, not who asked.
            answer = ask(client, route, row, ids, None)
            assert answer.status_code in row.own, (route, row, answer.status_code, answer.text[:300])


def test_no_route_takes_a_name_that_is_forged_stale_replayed_or_for_something_else(client, monkeypatch):
    sign(client, "up", ANN)
    (ended,) = client.cookies.items()
    client.post("/envo/account/sign-out")
    key = routes_only.key(client)
    signers = {salt: URLSafeTimedSerializer(key, salt=salt) for salt in ("cookie", "ticket", "session")}
    signed = {salt: signer.dumps(new_visitor()) for salt, signer in signers.items()}
    foreign = URLSafeTimedSerializer("another key, of another app", salt="cookie")
    wrong = {
        ended[0]: ended[1],
        "envo_session": signed["cookie"],
        "envo_session_a": signers["session"].dumps("a token that nobody has"),
        "envo_visitor": signed["ticket"],
        "envo_visitor_a": foreign.dumps(new_visitor()),
        "envo_visitor_b": f"{signed['cookie'][:-2]}AA",
        "envo_visitor_c": signers["cookie"].dumps("login:ann"),
    }
    stale, tomorrow = signed["ticket"], datetime.now(UTC) + timedelta(days=1.1)
    clock = type("Clock", (datetime,), {"now": classmethod(lambda cls, zone: tomorrow)})
    monkeypatch.setattr("tabs.web.visitors.datetime", clock)
    client.cookies.clear()
    for name, value in wrong.items():
        client.cookies.set(name, value, "testserver.local")
    for route in listed(client):
        method, path = route.split()
        if (method, path) not in OPEN | OF_ACCOUNTS:
            address = path.format_map(defaultdict(lambda: "x"))
            answer = client.request(method, address, headers={"envo-ticket": stale}, params={"view": signed["ticket"]})
            assert answer.status_code == 401, (route, answer.text)


def test_another_sites_page_gets_nothing_by_any_route(client):
    for route in listed(client):
        method, path = route.split()
        if method == "GET" and not path.startswith("/envo/"):
            continue  # what it tells is nobody's
        for told in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
            answer = client.request(method, path.format_map(defaultdict(lambda: "x")), headers=told)
            assert answer.status_code == 403, (route, told, answer.text)


def test_no_route_follows_a_crooked_id_or_name(client):
    show_token(client)
    (settings.home() / "secret.jpg").write_bytes(picture(3))
    key, others = routes_only.key(client).encode(), itertools.cycle(CROOKED)
    for route in listed(client):
        for row in ROUTES[route] if "{" in route else ():
            for crooked in (UP, next(others)):
                ids = defaultdict(lambda crooked=crooked: crooked)
                answer = ask(client, route, row, ids, None)
                assert answer.status_code in (400, 404, 405), (route, crooked, answer.status_code, answer.text)
                assert key not in answer.content and "Traceback" not in answer.text
