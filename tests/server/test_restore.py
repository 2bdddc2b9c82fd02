"""Restorations by HTTP: what a look suggests, one photo restored and many, and the files that come of them."""

import io
import threading
import zipfile

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo.controls import Control
from models import restore
from models.restore.base import STRENGTH, Done, Engine, Look, Step, mixed
from tests.browser.pages import COFFEE

SIZE = (600, 400)
"""Of coffee.jpg."""


class Inverter(Engine):
    """Turns light to dark, as soon as it is let go."""

    name = "inverter"
    label = "Inverter"
    how = "Ask for it."

    def __init__(self):
        self.started, self.go = threading.Semaphore(0), threading.Semaphore(1000)
        self.here = True
        self.error: Exception | None = None

    def available(self) -> bool:
        return self.here

    def fetch(self, report) -> None:
        self.here = True

    def seconds(self, pixels, values) -> float:
        return pixels / 1e6

    def invert(self, image, report):
        report("Inverting", 0.5)
        self.started.release()
        assert self.go.acquire(timeout=60)
        report("Inverting", 0.75)
        if self.error:
            raise self.error
        return 255 - image


class Invert(Step):
    id, label, about = "invert", "Invert", "Turns light to dark."
    takes_marks = True
    controls = (STRENGTH, Control("sensitivity", "Sensitivity", "How much.", 0, 100, 50))

    def look(self, image) -> Look:
        assert image.size <= 3_000_000
        return Look(bool(image.mean() > 100), "It is light.", {"strength": 50})

    def find(self, image, values, engine, report):
        return np.where(image.min(axis=2) > values["sensitivity"], np.uint8(255), np.uint8(0))

    def _apply(self, engine, image, values, report, marks) -> Done:
        inverted = engine.invert(image, report)
        if marks is not None:
            marks = np.asarray(Image.fromarray(marks).resize(image.shape[1::-1]))
            inverted = np.where(marks[..., None] > 127, inverted, image)
        return Done(mixed(image, inverted, values), "Turned light to dark.")


class Turn(Step):
    id, label, about = "straighten", "Straighten", "Turns it."
    controls = ()

    def look(self, image) -> Look:
        return Look(False, "It is upright.")

    def _apply(self, engine, image, values, report, marks) -> Done:
        return Done(np.ascontiguousarray(np.rot90(image)), "Turned it.")


class Turner(Inverter):
    name, label = "turner", "Turner"


@pytest.fixture
def inverter(monkeypatch) -> Inverter:
    engine = Inverter()
    for id in list(restore.STEPS):
        monkeypatch.delitem(restore.STEPS, id)
    monkeypatch.setitem(restore.STEPS, "straighten", Turn([Turner()]))
    monkeypatch.setitem(restore.STEPS, "invert", Invert([engine]))
    return engine


@pytest.fixture
def photo(inverter, client) -> str:
    return client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


INVERT = {"id": "invert", "settings": {}}
TURN = {"id": "straighten"}


def start(client: TestClient, photo: str, *steps: dict, **more) -> str:
    answer = client.post(f"/envo/photos/{photo}/restorations", json={"steps": list(steps or (INVERT,)), **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["job"]


def follow(client: TestClient, address: str) -> list[dict]:
    """All that is told of a job until it has ended."""
    told, seen = [], -1
    while not told or told[-1]["state"] in ("waiting", "working"):
        told.append(client.get(f"{address}?seen={seen}").json())
        seen = told[-1]["number"]
    return told


def run(client: TestClient, photo: str, *steps: dict, **more) -> dict:
    """Restoration that came of it."""
    job = start(client, photo, *steps, **more)
    end = follow(client, f"/envo/photos/{photo}/restorations/{job}")[-1]
    assert end["state"] == "done", end
    return end["restoration"]


def picture(client: TestClient, address: str) -> Image.Image:
    answer = client.get(f"/envo/photos/{address}")
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def original() -> np.ndarray:
    return np.asarray(Image.open(COFFEE))


def test_a_restored_photo_is_a_new_one_of_the_library_with_its_report(client, photo):
    restoration = run(client, photo)
    assert restoration["source"] == photo
    new = restoration["photo"]
    assert (new["name"], new["format"], new["width"], new["height"]) == ("coffee restored.jpg", "JPEG", 600, 400)
    (step,) = restoration["steps"]
    assert (step["id"], step["name"], step["engine"], step["label"]) == ("invert", "Invert", "inverter", "Inverter")
    assert step["said"] == "Turned light to dark." and step["seconds"] > 0 and step["changed"]
    assert step["settings"] == {"strength": 100, "sensitivity": 50}
    found = np.asarray(picture(client, f"{new['id']}/original")).astype(int)
    assert np.abs(found - (255 - original())).mean() < 2
    before = picture(client, f"{photo}/restorations/{restoration['id']}/before")
    assert np.array_equal(np.asarray(before), original())
    told = client.get(f"/envo/photos/{photo}/restorations").json()
    assert told == {"jobs": [], "restorations": [restoration]}
    assert {each["id"] for each in client.get("/envo/photos").json()["photos"]} == {photo, new["id"]}


def test_many_photos_become_one_zip(client, photo):
    rocket = client.post("/envo/examples/rocket.jpg").json()["photo"]["id"]
    wish = {"photos": [photo, rocket], "steps": [INVERT], "size": "full"}
    batch = client.post("/envo/restorations/batch", json=wish).json()["batch"]
    end = follow(client, f"/envo/restorations/batch/{batch}")[-1]
    assert (end["state"], end["done"], end["failed"], end["total"]) == ("done", 2, [], 2)
    answer = client.get(f"/envo/restorations/batch/{batch}/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["coffee.jpg", "rocket.jpg"] and archive.testzip() is None
