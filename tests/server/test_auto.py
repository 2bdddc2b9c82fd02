"""What Auto suggests, by HTTP."""

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from envo import perspective
from envo.edits import Geometry, parse
from tests.server.test_selections import add


def test_what_auto_suggests_is_an_edit_and_the_owners_alone(client):
    address = f"/envo/photos/{add(client)}/auto"
    found = client.get(address).json()
    assert parse({"schema": 2, "layers": [{"id": "image", "adjustments": found["adjustments"]}]})
    assert bool(found["adjustments"]) == bool(found["said"])
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(address).status_code == 404


def bring(client: TestClient, data: bytes, name: str) -> str:
    return client.post(f"/envo/photos?name={name}", content=data).json()["photo"]["id"]


def facade(geometry: Geometry) -> bytes:
    """A wall of windows, seen as a geometry has it."""
    wall = np.full((600, 900, 3), 205, np.uint8)
    for left in range(60, 860, 100):
        for top in range(40, 560, 110):
            cv2.rectangle(wall, (left, top), (left + 55, top + 75), (60, 75, 95), -1)
    picture, _ = perspective.seen(wall, geometry)
    return cv2.imencode(".png", picture[..., ::-1])[1].tobytes()


def put_right(client: TestClient, photo_id: str, wish: str, **geometry: object) -> dict:
    body = {"wish": wish, "geometry": Geometry(**geometry).model_dump(mode="json")}
    answer = client.post(f"/envo/photos/{photo_id}/geometry", json=body)
    return answer.json() | {"status": answer.status_code}


def test_a_wall_is_set_upright_and_level_by_its_lines(client):
    leaning = bring(client, facade(Geometry(vertical=-25.0, angle=3.0)), "leaning.png")
    found = put_right(client, leaning, "vertical")
    assert found["angle"] == pytest.approx(-3, abs=0.6) and 17 <= found["vertical"] <= 30 and found["horizontal"] == 0
    assert "upright" in found["said"]

    askew = bring(client, facade(Geometry(angle=-4.0)), "askew.png")
    found = put_right(client, askew, "straighten")
    assert found["angle"] == pytest.approx(4, abs=0.2) and found["vertical"] == 0 and "4.0°" in found["said"]
    # Of the photo turned by a quarter, it is the same.
    assert put_right(client, askew, "straighten", turns=1)["angle"] == pytest.approx(4, abs=0.2)
    assert put_right(client, askew, "straighten", flip=True)["angle"] == pytest.approx(-4, abs=0.2)

    fleeing = bring(client, facade(Geometry(horizontal=30.0, vertical=15.0)), "fleeing.png")
    found = put_right(client, fleeing, "full")
    assert -36 <= found["horizontal"] <= -20 and -20 <= found["vertical"] <= -8


def test_a_wall_that_is_level_stays_and_so_does_what_has_no_lines(client):
    level = bring(client, facade(Geometry()), "level.png")
    for wish in ("straighten", "vertical", "horizontal", "full"):
        found = put_right(client, level, wish)
        assert (found["angle"], found["vertical"], found["horizontal"]) == (0, 0, 0)
    found = put_right(client, add(client), "vertical", angle=2.0, horizontal=5.0)
    assert (found["angle"], found["horizontal"]) == (2, 5) and "nothing was changed" in found["said"]


def test_how_a_photo_hangs_is_told_to_its_owner_alone(client):
    photo_id = add(client)
    stranger = TestClient(client.app)
    stranger.get("/")
    assert put_right(stranger, photo_id, "full")["status"] == 404
    assert put_right(client, photo_id, "sideways")["status"] == 400
