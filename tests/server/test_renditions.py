"""Edited photos are shown as edited: each picture belongs to a version of an edit, and to its owner."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo.file import PhotoFile
from envo.settings import THUMBNAIL_EDGE
from tests.kinds import KINDS
from tests.unit.test_gainmaps import LIGHT, STOPS, written
from tests.unit.test_memory import until
from tests.unit.test_photo import ASTRONAUT

WRITER = "a-window-of-a-test"


def document(exposure: float = -1.5, **layer) -> dict:
    return {"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": exposure}, **layer}]}


def save(client: TestClient, photo: str, made: dict) -> int:
    """Save an edit as a page does; gives the version by which the photo is shown."""
    base = client.get(f"/envo/photos/{photo}/edit").json()["version"]
    write = {"document": made, "base": base, "writer": f"{WRITER}-{base}", "seq": 1}
    answer = client.post(f"/envo/photos/{photo}/edit", json=write)
    assert answer.status_code == 200, answer.text
    return answer.json()["edit"]


def shown(client: TestClient, photo: str, edit: int = 0, what: str = "thumbnail") -> tuple[np.ndarray, str]:
    """A picture of a photo, uint8 HxWx3, and how long a browser may keep it."""
    answer = client.get(f"/envo/photos/{photo}/{what}", params={"edit": edit} if edit else {})
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")), answer.headers["cache-control"]


@pytest.fixture
def photo(client) -> str:
    return client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


@pytest.mark.parametrize("what", ["thumbnail", "rendition"])
def test_each_version_of_an_edit_has_an_address_and_an_old_one_shows_what_is_now(client, photo, what):
    original, keep = shown(client, photo, what=what)
    assert "immutable" in keep and client.get(f"/envo/photos/{photo}").json()["edit"] == 0
    first = save(client, photo, document())
    dark, keep = shown(client, photo, first, what)
    assert dark.shape == original.shape and dark.mean() < 0.75 * original.mean() and "immutable" in keep
    second = save(client, photo, document(1.0))
    bright, keep = shown(client, photo, second, what)
    assert bright.mean() > 1.1 * original.mean() and "immutable" in keep and "private" in keep
    old, keep = shown(client, photo, first, what)
    assert np.array_equal(old, bright) and keep == "private, no-store"
    assert np.array_equal(shown(client, photo, what=what)[0], original)
    assert save(client, photo, document(1.0, visible=False)) == 0
    old, keep = shown(client, photo, second, what)
    assert np.array_equal(old, original) and keep == "private, no-store"


def test_all_lists_tell_which_version_shows(client, photo):
    edit = save(client, photo, document())
    for path, key in (("photos", "photos"), ("gallery/photos", "photos")):
        (listed,) = client.get(f"/envo/{path}").json()[key]
        assert listed["edit"] == edit
    assert client.get(f"/envo/photos/{photo}").json()["edit"] == edit
    assert client.get(f"/envo/gallery/photos/{photo}").json()["edit"] == edit
    before = client.get("/envo/gallery/news").json()
    save(client, photo, document(1.0))
    assert client.get("/envo/gallery/news", params={"seen": before["number"]}).json()["version"] > before["version"]
    copied = client.post(
        f"/envo/photos/{photo}/copy", json={"document": document(), "base": 0, "writer": WRITER, "seq": 1}
    ).json()
    assert copied["edit"] == 1


def test_a_photo_with_a_gain_map_is_shown_with_its_highlights_brought_back_by_an_edit(client):
    added = client.post("/envo/photos?name=bright.jpg", content=written())
    photo = added.json()["photo"]["id"]
    told = client.get(f"/envo/photos/{photo}").json()
    assert (told["linear"], told["headroom"]) == (False, pytest.approx(STOPS, abs=0.01))
    address = f"/envo/photos/{photo}/gain-map"
    answer = client.get(address)
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    told = np.frombuffer(answer.content, "<f4", 72)
    assert told[0] == pytest.approx(STOPS, abs=0.01) and np.array_equal(told[1:7], np.full(6, 1 / 64, "<f4"))
    assert PhotoFile(answer.content[288 + 1536 :]).header.width == 400
    other = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    assert client.get(f"/envo/photos/{other}/gain-map").status_code == 404
    plain, _ = shown(client, photo, what="rendition")
    dark, _ = shown(client, photo, save(client, photo, document(-STOPS)), "rendition")
    over = LIGHT[30, :, 0] > 1
    levels = [int(np.ptp(each[30, over, 0].astype(int))) for each in (plain, dark)]
    assert levels[0] < 40 and levels[1] > 80
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(address).status_code == 404


def test_pictures_are_the_owners(client, photo):
    edit = save(client, photo, document())
    shown(client, photo, edit)
    stranger = TestClient(client.app)
    stranger.get("/")
    theirs = stranger.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    for what in ("thumbnail", "rendition"):
        assert stranger.get(f"/envo/photos/{photo}/{what}", params={"edit": edit}).status_code == 404
        assert TestClient(client.app).get(f"/envo/photos/{photo}/{what}", params={"edit": edit}).status_code == 401
    assert stranger.get(f"/envo/photos/{photo}/edited").status_code == 404
    # Theirs, of the same bytes, is as it came.
    assert shown(stranger, theirs, edit)[0].mean() > 1.3 * shown(client, photo, edit)[0].mean()


def test_a_picture_is_rendered_after_a_save_before_anybody_asks(client, photo, tmp_path):
    save(client, photo, document())
    until(lambda: list((tmp_path / "home" / "edited").rglob(f"*{photo}-{THUMBNAIL_EDGE}-1.webp")))


def test_an_edit_whose_mask_is_not_there_shows_the_photo_as_it_came(client, photo):
    missing = {"schema": 1, "layers": [{"id": "image"}, {"id": "own-0123456789ab"}]}
    missing["layers"][1] |= {"mask": {"kind": "own-0123456789ab"}, "adjustments": {"exposure": 1.0}}
    edit = save(client, photo, missing)
    picture, keep = shown(client, photo, edit)
    assert np.array_equal(picture, shown(client, photo)[0]) and keep == "private, no-store"


def test_a_photo_of_sixteen_bits_is_shown_edited_as_a_picture_that_any_page_can_show(client):
    data = KINDS["TIFF 16"](np.asarray(ASTRONAUT))
    row = client.post("/envo/photos", params={"name": "a.tif", "layers": False}, content=data).json()["photo"]
    edit = save(client, row["id"], document())
    for what in ("thumbnail", "rendition"):
        picture, _ = shown(client, row["id"], edit, what)
        assert picture.mean() < 0.75 * np.asarray(ASTRONAUT).mean()
    # Whoever asks for an edit that shows no longer gets such a picture, too.
    save(client, row["id"], document(visible=False))
    picture, keep = shown(client, row["id"], edit, "rendition")
    assert abs(picture.mean() - np.asarray(ASTRONAUT).mean()) < 3 and keep == "private, no-store"
