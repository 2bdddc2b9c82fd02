"""LUTs by HTTP: brought, listed, read and deleted by their owner."""

import numpy as np
from starlette.testclient import TestClient

from envo.cube import Lut
from envo.settings import MAX_CUBE_BYTES
from tests.unit.test_luts import bent, written


def test_a_lut_is_brought_listed_read_and_deleted_by_its_owner_alone(client):
    client.get("/")
    kept = client.post("/envo/luts", params={"name": "Old film.cube"}, content=written(bent())).json()
    assert (kept["name"], kept["dimensions"], kept["size"]) == ("Old film", 3, 9)
    assert client.post("/envo/luts", params={"name": "b.cube"}, content=written(bent())).json() == kept
    assert client.get("/envo/luts").json() == {"luts": [kept]}
    address = f"/envo/luts/{kept['id']}"
    answer = client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert np.abs(Lut.load(answer.content).table - bent()).max() < 1e-3
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get("/envo/luts").json() == {"luts": []}
    assert stranger.get(address).status_code == stranger.delete(address).status_code == 404
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_what_is_no_lut_is_refused_with_a_reason(client):
    client.get("/")
    for data, why in ((b"\xff\xd8\xff", "damaged"), (b"0 " * MAX_CUBE_BYTES, "larger than 16 MB")):
        answer = client.post("/envo/luts?name=a.cube", content=data)
        assert answer.status_code in (400, 413) and why in answer.json()["error"]
    assert client.get("/envo/luts").json() == {"luts": []}
