"""Own presets, snapshots and a photo's own Lightroom settings by HTTP: their owner's alone."""

import json

import pytest
from starlette.testclient import TestClient

from envo import settings
from envo.settings import MAX_PRESET_FILE
from tests.unit.test_library import picture
from tests.unit.test_lightroom import file, photo
from tests.unit.test_luts import bent, written
from tests.unit.test_ownpresets import COPY, edit

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stranger(client) -> TestClient:
    other = TestClient(client.app)
    other.get("/")
    return other


def add(client: TestClient, data: bytes, name: str = "a.png") -> str:
    return client.post("/envo/photos", params={"name": name}, content=data).json()["photo"]["id"]


def test_a_preset_is_kept_changed_written_and_deleted_by_its_owner_alone(client, stranger):
    kept = client.post("/envo/presets", json={"name": "Warm", "group": "Mine", "copy": COPY.dump()}).json()
    assert (kept["name"], kept["group"], kept["copy"]) == ("Warm", "Mine", COPY.dump())
    assert client.get("/envo/presets").json() == {"presets": [kept]}
    address = f"/envo/presets/{kept['id']}"
    assert stranger.get("/envo/presets").json() == {"presets": []}
    asks = (
        lambda who: who.get(f"{address}/file"),
        lambda who: who.patch(address, json={"name": "x"}),
        lambda who: who.delete(address),
        lambda who: who.post(f"{address}/restore"),
    )
    assert [ask(stranger).status_code for ask in asks] == [404] * 4
    sent = client.get(f"{address}/file")
    assert "Warm.envo.json" in sent.headers["content-disposition"]
    assert client.patch(address, json={"name": "Cold", "group": ""}).json() == {**kept, "name": "Cold", "group": ""}
    assert client.delete(address).status_code == 204 and client.get("/envo/presets").json() == {"presets": []}
    assert client.post(f"{address}/restore").json()["name"] == "Cold"
    again = stranger.post("/envo/presets/files?name=Warm.envo.json", content=sent.content).json()
    assert again["said"] == "" and (again["preset"]["name"], again["preset"]["copy"]) == ("Warm", COPY.dump())


def test_files_of_lightroom_are_brought_and_what_is_left_out_is_said(client):
    whole = client.post("/envo/presets/files?name=a.xmp", content=file("mixer")).json()
    assert (whole["preset"]["name"], whole["said"]) == ("Muted greens", "")
    said = client.post("/envo/presets/files?name=b.xmp", content=file("not-understood")).json()["said"]
    assert said.startswith("Not taken over from “Everything else”: the profile “Camera Vivid”") and "and masks." in said
    for data, why in ((b"\xff\xd8\xff", "damaged"), (b" " * (MAX_PRESET_FILE + 1), "larger than 4 MB")):
        answer = client.post("/envo/presets/files?name=a.xmp", content=data)
        assert answer.status_code in (400, 413) and why in answer.json()["error"]
    assert len(client.get("/envo/presets").json()["presets"]) == 2


def test_a_preset_whose_lut_is_not_there_says_so(client):
    lut = client.post("/envo/luts?name=Old film.cube", content=written(bent())).json()
    copy = COPY.dump()
    copy["document"]["layers"][0]["lut"] = {"id": lut["id"], "name": lut["name"]}
    kept = client.post("/envo/presets", json={"name": "Film", "copy": copy}).json()
    sent = client.get(f"/envo/presets/{kept['id']}/file").content
    assert client.post("/envo/presets/files?name=a.json", content=sent).json()["said"] == ""
    client.delete(f"/envo/luts/{lut['id']}")
    said = client.post("/envo/presets/files?name=a.json", content=sent).json()["said"]
    assert said == "“Film” uses the LUT “Old film”, which is not among yours: bring its .cube file."


def test_snapshots_are_kept_by_the_owner_of_the_photo_alone(client, stranger):
    photo_id = add(client, picture(1))
    address = f"/envo/photos/{photo_id}/snapshots"
    kept = client.post(address, json={"name": "Warm", "document": edit().dump()}).json()
    assert client.get(address).json() == {"snapshots": [kept]} and kept["document"] == edit().dump()
    one = f"{address}/{kept['id']}"
    asks = (
        lambda who: who.get(address),
        lambda who: who.post(address, json={"name": "x", "document": edit().dump()}),
        lambda who: who.patch(one, json={"name": "x"}),
        lambda who: who.delete(one),
        lambda who: who.post(f"{one}/restore"),
    )
    assert [ask(stranger).status_code for ask in asks] == [404] * 5
    assert client.post(address, json={"name": "x", "document": {"schema": 3}}).status_code == 400
    assert client.patch(one, json={"name": "Cold"}).status_code == 204
    assert client.delete(one).status_code == 204 and client.get(address).json() == {"snapshots": []}
    assert client.post(f"{one}/restore").status_code == 204
    assert [each["name"] for each in client.get(address).json()["snapshots"]] == ["Cold"]


def test_the_settings_that_a_photo_comes_with_are_told_to_its_owner_alone(client, stranger):
    told = photo('crs:Exposure2012="+0.50" crs:LensProfileEnable="1"').data
    photo_id = add(client, told, "a.jpg")
    found = client.get(f"/envo/photos/{photo_id}/lightroom").json()
    assert found["copy"]["document"]["layers"][0]["adjustments"] == {"exposure": 0.5}
    assert found["said"] == "Not taken over: lens correction."
    assert client.get(f"/envo/photos/{photo_id}/edit").json() == {"version": 0, "document": None}
    assert stranger.get(f"/envo/photos/{photo_id}/lightroom").status_code == 404
    plain = add(client, picture(2))
    assert client.get(f"/envo/photos/{plain}/lightroom").json() == {"copy": None, "said": ""}


def test_what_is_too_much_or_no_preset_is_refused(client, monkeypatch):
    monkeypatch.setattr("envo.ownpresets.MAX_PRESETS", 1)
    wish = {"name": "a", "copy": COPY.dump()}
    assert client.post("/envo/presets", json=wish).status_code == 200
    answer = client.post("/envo/presets", json=wish)
    assert answer.status_code == 400 and "1 presets already" in answer.json()["error"]
    for wrong in ({"name": "a"}, {**wish, "copy": {}}, {**wish, "name": "a" * (settings.MAX_NAME + 1)}):
        answer = client.post("/envo/presets", content=json.dumps(wrong))
        assert answer.status_code == 400 and answer.json()["error"].endswith(".")
