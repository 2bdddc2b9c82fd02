"""What the page asks of a RAW: the camera's own picture, the light it was set for, and how it is developed."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo.photo import from_half
from envo.settings import PREVIEW_EDGE
from tests.dng import NEUTRAL, write
from tests.server import routes_only
from tests.unit.test_photo import ASTRONAUT, dng

LARGE = np.kron(ASTRONAUT, np.ones((10, 10, 1), np.uint8))


def add(client: TestClient, data: bytes, name: str = "a.dng") -> str:
    return client.post(f"/envo/photos?name={name}", content=data).json()["photo"]["id"]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8, -6, -8])
def test_the_cameras_picture_comes_upright_and_in_the_photos_shape(client, orientation):
    """Some cameras (here below 0) turn it upright themselves."""
    orientation, is_upright = abs(orientation), orientation < 0
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    wider = np.pad(ASTRONAUT, ((0, 0), (40, 40), (0, 0)))
    photo = add(client, dng(ASTRONAUT, orientation, preview=np.rot90(wider, turns) if is_upright else wider))
    answer = client.get(f"/envo/photos/{photo}/preview")
    seen = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")).astype(int)
    assert answer.status_code == 200 and seen.shape == np.rot90(ASTRONAUT, turns).shape
    assert np.abs(seen - np.rot90(ASTRONAUT, turns)).mean() < 6


def test_a_stranger_finds_none_of_it(client):
    photo = add(client, dng(ASTRONAUT, preview=ASTRONAUT))
    with TestClient(routes_only.app()) as stranger:
        stranger.get("/")
        for what in ("preview", "light", "rendition?development=clip-ahd-keep"):
            assert stranger.get(f"/envo/photos/{photo}/{what}").status_code == 404


def test_a_large_picture_of_a_camera_comes_no_larger_than_it_is_shown(client):
    photo = add(client, dng(ASTRONAUT, preview=LARGE))
    size = Image.open(io.BytesIO(client.get(f"/envo/photos/{photo}/preview").content)).size
    assert max(size) == PREVIEW_EDGE


def test_what_has_no_such_picture_says_so_and_no_light_either(client):
    bare, jpeg = add(client, dng(ASTRONAUT)), client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    for photo in (bare, jpeg):
        answer = client.get(f"/envo/photos/{photo}/preview")
        assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/envo/photos/{jpeg}/light").json() == {"kelvin": None}
    told = add(client, write(np.full((64, 64, 3), 0.4), neutral=NEUTRAL))
    assert client.get(f"/envo/photos/{told}/light").json()["kelvin"] == pytest.approx(6504, abs=30)


def test_a_rendition_is_developed_as_was_asked(client):
    light = np.full((64, 96, 3), 0.2)
    light[:, :12], light[16:48, 32:80] = 1, 1.6
    photo = add(client, write(light, neutral=NEUTRAL))
    address = f"/envo/photos/{photo}/rendition"
    seen = {}
    for way in ("recover-auto-reduce", "clip-auto-reduce"):
        answer = client.get(address, params={"development": way})
        assert "immutable" in answer.headers["cache-control"]
        seen[way] = from_half(answer.content, (96, 64))[32, 56]
    assert seen["recover-auto-reduce"] == pytest.approx([1.6] * 3, rel=0.02)
    assert seen["clip-auto-reduce"] == pytest.approx([1] * 3, rel=0.02)
    assert client.get(address).content == client.get(address, params={"development": "recover-auto-reduce"}).content
    for wrong in ("clip", "clip-none-keep", "clip-ahd-keep/..", "x" * 99):
        assert client.get(address, params={"development": wrong}).status_code == 422
