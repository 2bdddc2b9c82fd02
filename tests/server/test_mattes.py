"""Mattes by HTTP: those that are found in a photo, and masks that its owner made."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from models import layers
from models.layers import Layers, subject
from tests.browser.pages import COFFEE
from tests.server import rendering
from tests.server.test_selections import SIZE, add, assert_refused, png


@pytest.fixture
def photo(client) -> str:
    return add(client)


def test_mattes_are_made_once_however_often_they_are_asked_for(client, monkeypatch):
    may_begin, calls = threading.Event(), []

    def find(image, report) -> Layers:
        calls.append(image.shape)
        assert may_begin.wait(20)
        return Layers({"person": np.full(image.shape[:2], 200, np.uint8)}, [], "finder", 1.5)

    monkeypatch.setattr(layers, "find", find)
    address = f"/envo/photos/{add(client)}/mattes"
    assert client.post("/envo/examples/coffee.jpg").status_code == 200
    now = client.get(address).json()
    assert now["state"] in ("waiting", "working") and now["mattes"] == []
    may_begin.set()
    while now["state"] != "done":
        now = client.get(address, params={"seen": now["number"]}).json()
    assert [(each["kind"], each["engine"]) for each in now["mattes"]] == [("person", "finder")]
    assert calls == [(*SIZE[::-1], 3)]


def test_a_mask_of_ones_own_is_one_of_the_mattes(client, photo):
    def mattes() -> list[dict]:
        return client.get(f"/envo/photos/{photo}/mattes").json()["mattes"]

    mask = np.random.default_rng(2).integers(0, 256, SIZE[::-1], np.uint8)
    wish = {"name": "The cup", "mask": png(mask), "engine": "quick"}
    own = client.post(f"/envo/photos/{photo}/own-masks", json=wish).json()
    assert (own["label"], own["own"], own["face"], own["engine"]) == ("The cup", True, 0, "quick")
    assert mattes() == [own]
    address = f"/envo/photos/{photo}/mattes/{own['kind']}"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(client.get(address).content))), mask)
    assert Image.open(io.BytesIO(client.get(f"{address}/thumbnail").content)).size == (96, 64)

    layer = {"id": own["kind"], "mask": {"kind": own["kind"]}, "adjustments": {"exposure": -2}}
    document = {"schema": 1, "layers": [{"id": "image"}, layer]}
    edited = np.asarray(Image.open(io.BytesIO(rendering.file(client, photo, document, format="PNG")[0])))
    original = np.asarray(Image.open(COFFEE))
    assert np.array_equal(edited[mask == 0], original[mask == 0])
    assert edited[mask == 255].mean() < 0.7 * original[mask == 255].mean()

    of_mask = f"/envo/photos/{photo}/own-masks/{own['kind']}"
    assert client.patch(of_mask, json={"name": "Its cup"}).status_code == 204
    assert mattes()[0]["label"] == "Its cup"
    assert client.delete(of_mask).status_code == 204
    assert mattes() == [] and client.get(address).status_code == 404
    assert "was deleted" in rendering.ended(client, [photo], "file", document)["step"]
    assert client.post(f"{of_mask}/restore").status_code == 204
    assert mattes()[0]["label"] == "Its cup"


def test_what_cannot_be_kept_as_a_mask_is_refused_in_a_sentence(client, photo):
    address = f"/envo/photos/{photo}/own-masks"
    wrong = png(np.zeros((9, 9), np.uint8))
    assert_refused(client.post(address, json={"name": "x", "mask": wrong, "engine": "quick"}), "9 x 9")
    assert_refused(client.post(address, json={"name": "x", "engine": "quick"}), "mask")
    assert client.patch(f"{address}/own-0123456789ab", json={"name": "x"}).status_code == 404
    assert client.delete(f"{address}/person").status_code == 404
    assert client.post(f"{address}/own-0123456789ab/restore").status_code == 404


def test_better_mattes_take_the_place_of_those_that_came_at_once_unless_an_edit_is_made_with_them(client, monkeypatch):
    made = np.full(SIZE[::-1], 200, np.uint8)
    rough = Layers({"subject": made, "background": 255 - made}, [], "Envo subject", 0.1)
    monkeypatch.setattr(layers, "find", lambda image, report: rough)
    may_begin, looked = threading.Event(), []

    class Close(subject.Engine):
        name = "ISNet"

        def available(self) -> bool:
            return True

        def _alpha(self, image: np.ndarray) -> np.ndarray:
            looked.append(image.shape)
            assert may_begin.wait(20)
            return np.full(image.shape[:2], 90, np.uint8)

    monkeypatch.setitem(subject.ENGINES, "ISNet", Close())
    address = f"/envo/photos/{add(client)}/mattes"
    now = client.get(address).json()
    while now["state"] != "done":
        now = client.get(address, params={"seen": now["number"]}).json()
    assert now["closer"] and {each["engine"] for each in now["mattes"]} == {"Envo subject"}
    before = {each["kind"]: each["version"] for each in now["mattes"]}
    may_begin.set()
    while now["closer"]:
        now = client.get(address, params={"closer": True, "seen": now["number"]}).json()
    assert {each["kind"] for each in now["mattes"]} == {"background", "subject"}
    assert {each["engine"] for each in now["mattes"]} == {"ISNet"}
    assert all(each["version"] != before[each["kind"]] for each in now["mattes"])
    assert np.asarray(Image.open(io.BytesIO(client.get(f"{address}/subject").content))).max() == 90
    assert not client.get(address).json()["closer"] and len(looked) == 1

    touched = f"/envo/photos/{client.post('/envo/examples/astronaut.jpg').json()['photo']['id']}"
    layer = {
        "id": "subject",
        "mask": {"parts": [{"shape": "matte", "kind": "subject"}]},
        "adjustments": {"exposure": 1},
    }
    document = {"schema": 3, "layers": [{"id": "image"}, layer]}
    saved = client.post(f"{touched}/edit", json={"document": document, "base": 0, "writer": "somebody", "seq": 1})
    assert saved.status_code == 200, saved.text
    now = client.get(f"{touched}/mattes").json()
    while now["state"] != "done":
        now = client.get(f"{touched}/mattes", params={"seen": now["number"]}).json()
    assert not now["closer"] and {each["engine"] for each in now["mattes"]} == {"Envo subject"}
