"""Lenses by HTTP: a photo's own for its owner, those that are known for all, and corrections in what is downloaded."""

import io

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from envo.edits import parse
from envo.file import PhotoFile
from envo.lenses import find, told
from envo.material import Material
from envo.render import render
from tests.browser.pages import COFFEE
from tests.server import rendering
from tests.server.test_renditions import save
from tests.server.test_restorations import inverter, run  # noqa: F401
from tests.server.test_results import png

MODEL = "Canon EF 24-105mm f/4L IS USM"


def taken(lens: str = "EF24-105mm f/4L IS USM") -> bytes:
    """Write a photo that tells with what it was taken."""
    exif = Image.Exif()
    exif[271], exif[272] = "Canon", "Canon EOS 5D Mark III"
    exif.get_ifd(0x8769).update({0x829D: 4.0, 0x920A: 24.0, 0xA434: lens})
    file = io.BytesIO()
    Image.open(COFFEE).save(file, "PNG", exif=exif)
    return file.getvalue()


def add(client: TestClient, data: bytes) -> str:
    answer = client.post("/envo/photos?name=photo.png&layers=false", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()["photo"]["id"]


def document(**lens: object) -> dict:
    return {"schema": 3, "lens": {"on": True, **lens}, "layers": [{"id": "image"}]}


def test_the_lens_of_a_photo_is_told_to_its_owner_alone(client):
    address = f"/envo/photos/{add(client, taken())}/lens"
    found = client.get(address).json()
    assert (found["camera"], found["lens"]) == ("Canon EOS 5D Mark III", "EF24-105mm f/4L IS USM")
    assert found["profile"]["model"] == MODEL and len(found["profile"]["distortion"]) == 256
    unknown = client.get(f"/envo/photos/{add(client, taken('Own lens 31mm'))}/lens").json()
    assert (unknown["lens"], unknown["profile"]) == ("Own lens 31mm", None)
    by_hand = client.get(address, params={"maker": "Canon", "model": "Canon EF 50mm f/1.8"}).json()
    assert by_hand["profile"]["model"] == "Canon EF 50mm f/1.8"
    assert {"maker": "Canon", "model": MODEL} in client.get("/envo/lenses?text=24-105+canon").json()["lenses"]
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(address).status_code == 404


def test_what_is_downloaded_and_shown_is_corrected(client):
    data = taken()
    photo = add(client, data)
    file = PhotoFile(data)
    edited = parse(document())
    expected = render(file.decode(), edited, Material(lens=find(told(file), edited.lens)))
    assert np.abs(expected.astype(int) - np.asarray(Image.open(COFFEE))).max() > 20
    made, _ = rendering.file(client, photo, document(), format="PNG")
    assert np.array_equal(picture(made), expected)
    pasted = client.post(
        f"/envo/photos/{photo}/pasted",
        json={"document": document(), "copy": client.post("/envo/copies", json={"document": plain()}).json()["copy"]},
    ).json()["document"]
    assert pasted["lens"]["on"]  # a copy without the lens leaves that alone
    choice = {"groups": [], "lens": True}
    copied = client.post("/envo/copies", json={"document": document(vignetting=30.0), "choice": choice}).json()["copy"]
    pasted = client.post(f"/envo/photos/{photo}/pasted", json={"document": plain(), "copy": copied}).json()["document"]
    assert pasted["lens"]["vignetting"] == 30.0


def plain() -> dict:
    return {"schema": 3, "layers": [{"id": "image", "adjustments": {"exposure": 1.0}}]}


def test_what_is_made_of_a_photo_is_corrected_as_its_edit_has_it(client, inverter):  # noqa: F811
    """Replace and Restore work on what the lens bent, where masks lie; what they make is straight when it leaves."""
    data = taken()
    photo = add(client, data)
    edited = document(vignetting=60.0) | {"geometry": {"crop": [0.1, 0.1, 0.9, 0.9]}}
    save(client, photo, edited)
    file = PhotoFile(data)
    expected = render(file.decode(), parse(edited), Material(lens=find(told(file), parse(edited).lens))).astype(int)
    cut = client.post(f"/envo/photos/{photo}/cutout", json={"mask": png(np.full((400, 600), 255, np.uint8))})
    assert cut.status_code == 200, cut.text
    assert picture(cut.content).shape == expected.shape == (320, 480, 3)
    assert np.abs(picture(cut.content) - expected).mean() < 1  # which was resampled after other roundings
    made = run(client, photo)["photo"]["id"]
    stored = client.get(f"/envo/photos/{made}/edit").json()["document"]
    assert stored["geometry"]["crop"] == [0.1, 0.1, 0.9, 0.9]
    assert (stored["lens"]["on"], stored["lens"]["distortion"], stored["lens"]["vignetting"]) == (True, 100.0, 0.0)
    left = picture(client.get(f"/envo/photos/{made}/edited").content)
    assert left.shape == expected.shape and np.abs(255 - left - expected).mean() < 3


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
