"""A photo without its noise by HTTP: made when it is asked for, told how far it is, and for its owner alone."""

import io
import threading

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from models import noise
from tests.server import rendering, routes_only
from tests.server.test_selections import SIZE, add


class Engine:
    """Stands for the engine: takes everything out, as soon as it may; or fails."""

    def __init__(self):
        self.may_begin = threading.Event()
        self.asked = 0
        self.fails = False

    def denoise(self, pixels: np.ndarray, report) -> np.ndarray:
        self.asked += 1
        report("Taking the noise out", 0.25)
        assert self.may_begin.wait(20)
        if self.fails:
            raise ValueError
        return np.full_like(pixels, 77)


@pytest.fixture
def engine(monkeypatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(noise, "ENGINES", {"engine": made})
    monkeypatch.setattr(noise, "best", lambda engines: made)
    return made


def finished(client: TestClient, address: str) -> dict:
    now = client.get(address).json()
    while now["state"] not in ("done", "failed"):
        now = client.get(address, params={"seen": now["number"]}).json()
    return now


def test_it_is_made_once_and_a_page_hears_how_far_it_is(client, engine):
    address = f"/envo/photos/{add(client)}/denoised"
    assert client.get(f"{address}/rendition").status_code == 404
    now = client.get(address).json()
    while now["step"] != "Taking the noise out":
        now = client.get(address, params={"seen": now["number"]}).json()
    assert (now["state"], now["fraction"]) == ("working", 0.25)
    engine.may_begin.set()
    assert finished(client, address)["state"] == "done"
    answer = client.get(f"{address}/rendition")
    assert answer.headers["content-type"] == "image/jpeg" and "immutable" in answer.headers["cache-control"]
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == SIZE and np.abs(np.asarray(picture).astype(int) - 77).max() <= 1
    assert finished(client, address)["state"] == "done" and engine.asked == 1


def test_what_failed_is_told_in_a_sentence_and_tried_again(client, engine):
    engine.fails = True
    engine.may_begin.set()
    address = f"/envo/photos/{add(client)}/denoised"
    now = client.get(address).json()
    while now["state"] != "failed":
        now = client.get(address, params={"seen": now["number"]}).json()
        assert now["state"] != "done"
    assert now["step"] == "The noise could not be taken out."
    engine.fails = False
    while now["state"] != "done":
        now = client.get(address, params={"seen": now["number"]}).json()
    assert client.get(f"{address}/rendition").status_code == 200


def test_a_download_makes_it_where_it_is_not_there_yet(client, engine):
    engine.may_begin.set()
    layer = {"id": "image", "adjustments": {"noise_luminance": 100, "noise_colour": 100}}
    photo = add(client)
    rendering.file(client, photo, {"schema": 2, "layers": [layer]})
    assert engine.asked == 1
    assert client.get(f"/envo/photos/{photo}/denoised/rendition").status_code == 200


def test_a_stranger_finds_nothing(client, engine):
    engine.may_begin.set()
    address = f"/envo/photos/{add(client)}/denoised"
    assert finished(client, address)["state"] == "done"
    with TestClient(routes_only.app()) as stranger:
        stranger.get("/")
        assert stranger.get(address).status_code == 404
        assert stranger.get(f"{address}/rendition").status_code == 404
