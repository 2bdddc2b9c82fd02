"""Copying and pasting edits by HTTP: into one, and on many, with what each photo's layers need made first."""

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo.settings import MAX_LAYERS, MAX_PASTES
from models import layers
from models.layers import Layers
from tests import forks
from tests.conftest import Server, free_port, wait_until_served
from tests.server import rendering, routes_only
from tests.server.test_kill import tiny_photo
from tests.unit.test_library import url

both_databases = pytest.mark.both_databases
"""All but the largest paste, which takes long."""

SIZE = (32, 24)
"""Of a `tiny_photo`."""
LAYERS = {"background": 1.0, "person": -1.0, "hair": 2.0}
"""Kinds of layers, and the exposure of each."""
HALVES = {"background": np.s_[:, 16:], "person": np.s_[:, :16], "hair": np.s_[:6, :8]}
"""Where `found` finds them."""


def found(image: np.ndarray, report: Callable) -> Layers:
    """Stands for the engines: a person on the left, whose hair is seen only where the first pixel is red enough."""
    mattes = {}
    for kind, where in HALVES.items():
        if kind != "hair" or image[0, 0, 0] >= 128:
            mattes[kind] = np.zeros(image.shape[:2], np.uint8)
            mattes[kind][where] = 255
    return Layers(mattes, [], "halves", 0)


def has_hair(data: bytes) -> bool:
    return np.asarray(Image.open(io.BytesIO(data)))[0, 0, 0] >= 128


def edit(kinds: dict[str, float], **image) -> dict:
    masked = [
        {"id": kind, "mask": {"parts": [{"shape": "matte", "kind": kind}]}, "adjustments": {"exposure": exposure}}
        for kind, exposure in kinds.items()
    ]
    return {"schema": 3, "layers": [{"id": "image", **image}, *masked]}


def bring(client: TestClient, count: int, first: int = 0) -> dict[str, bytes]:
    """Bring photos; gives them by their ids."""
    photos = {}
    for seed in range(first, first + count):
        data = tiny_photo(seed)
        answer = client.post("/envo/photos", params={"name": f"photo {seed}.png"}, content=data)
        photos[answer.json()["photo"]["id"]] = data
    return photos


def copied(client: TestClient, document: dict, **choice) -> dict:
    answer = client.post("/envo/copies", json={"document": document, "choice": choice})
    assert answer.status_code == 200, answer.text
    return answer.json()["copy"]


def paste(client: TestClient, photos: list[str], copy: dict | None, what: str = "paste") -> str:
    answer = client.post("/envo/pastes", json={"photos": photos, "copy": copy, "what": what})
    assert answer.status_code == 202, answer.text
    return answer.json()["paste"]


def ended(client: TestClient, paste_id: str) -> dict:
    """Follow a paste to its end."""
    news = client.get(f"/envo/pastes/{paste_id}").json()
    while news["state"] == "working":
        assert 0 <= news["fraction"] <= 1
        news = client.get(f"/envo/pastes/{paste_id}", params={"seen": news["number"]}).json()
    return news


def stored(client: TestClient, photo: str) -> dict:
    return client.get(f"/envo/photos/{photo}/edit").json()


def rendered(client: TestClient, photo: str) -> np.ndarray:
    """The photo as its saved edit shows it."""
    answer = client.get(f"/envo/photos/{photo}/edited")
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def assert_refused(answer, status: int, said: str) -> None:
    assert answer.status_code == status and said in answer.json()["error"], answer.text


@pytest.fixture
def people(monkeypatch, client) -> None:
    monkeypatch.setattr(layers, "find", found)


@pytest.mark.usefixtures("people")
def test_an_edit_with_three_semantic_layers_is_pasted_on_a_hundred_photos_and_each_renders_right(client):
    photos = bring(client, 100)
    assert 20 < sum(map(has_hair, photos.values())) < 80
    copy = copied(client, edit(LAYERS, adjustments={"saturation": -100}))
    news = ended(client, paste(client, list(photos), copy))
    assert (news["state"], news["done"], news["total"], news["failed"], news["left"]) == ("done", 100, 100, [], 0)
    assert news["photos"] == list(photos)
    bald = [photo for photo, data in photos.items() if not has_hair(data)]
    assert news["lacking"] == [{"kind": "hair", "label": "Hair", "photos": bald}]
    grey = edit({}, adjustments={"saturation": -100})
    for photo, data in photos.items():
        before = np.asarray(Image.open(io.BytesIO(rendering.file(client, photo, grey, format="PNG")[0])))
        after = rendered(client, photo).astype(int)
        face, behind = (after[where].mean() - before[where].mean() for where in (np.s_[6:, :16], np.s_[:, 16:]))
        assert face < -10 and behind > 10, photo
        hair = after[:6, :8].mean() - before[:6, :8].mean()
        assert hair > 10 if has_hair(data) else hair < -10, photo  # who has none is darker there as elsewhere


@both_databases
@pytest.mark.usefixtures("people")
def test_a_paste_is_taken_back_and_done_again_but_for_what_was_changed_since(client):
    first, second, third = bring(client, 3)
    write = {"document": edit({"person": 0.5}), "base": 0, "writer": "one-window", "seq": 1}
    assert client.post(f"/envo/photos/{first}/edit", json=write).status_code == 200
    before = stored(client, first)["document"]
    pasted = paste(client, [first, second, third], copied(client, edit(LAYERS)))
    assert ended(client, pasted)["done"] == 3
    after = stored(client, first)
    assert after["document"]["layers"][2]["adjustments"] == {"exposure": -1.0}
    # A window that has the photo open learns of it as of another window's work, and loses nothing.
    late = client.post(f"/envo/photos/{first}/edit", json=write | {"seq": 2, "base": 1})
    assert late.status_code == 409 and late.json()["version"] == after["version"]

    own = {"document": edit({"hair": 1.0}), "base": stored(client, third)["version"], "writer": "one-window", "seq": 3}
    assert client.post(f"/envo/photos/{third}/edit", json=own).status_code == 200
    back = client.post(f"/envo/pastes/{pasted}/undo").json()
    assert back == {"photos": [first, second], "kept": 1}
    assert stored(client, first)["document"] == before and stored(client, second)["document"] is None
    assert stored(client, third)["document"]["layers"][1]["id"] == "hair"
    assert np.array_equal(rendered(client, second), np.asarray(Image.open(io.BytesIO(tiny_photo(1)))))
    assert client.post(f"/envo/pastes/{pasted}/undo").json() == {"photos": [], "kept": 1}
    assert client.post(f"/envo/pastes/{pasted}/redo").json()["photos"] == [first, second]
    assert stored(client, first)["document"] == after["document"]


@both_databases
@pytest.mark.usefixtures("people")
def test_edits_of_many_photos_are_reset(client):
    photos = list(bring(client, 3))
    ended(client, paste(client, photos, copied(client, edit(LAYERS))))
    reset = paste(client, photos, None, "reset")
    assert ended(client, reset)["done"] == 3
    assert [client.get(f"/envo/photos/{photo}").json()["edit"] for photo in photos] == [0, 0, 0]
    assert len(client.post(f"/envo/pastes/{reset}/undo").json()["photos"]) == 3
    assert len(stored(client, photos[0])["document"]["layers"]) == 4


@both_databases
def test_a_cancelled_paste_leaves_what_is_done_and_says_what_is_not(client, monkeypatch):
    may_go_on, asked = threading.Event(), threading.Event()

    def find(image, report) -> Layers:
        asked.set()
        assert may_go_on.wait(20)
        return found(image, report)

    first = next(iter(bring(client, 1)))
    ended(client, paste(client, [first], copied(client, edit({"person": 1.0}))))  # its mattes are there
    monkeypatch.setattr(layers, "find", find)
    photos = [*bring(client, 3, first=10), first]
    pasted = paste(client, photos, copied(client, edit(LAYERS)))
    assert asked.wait(20)
    while (news := client.get(f"/envo/pastes/{pasted}").json())["done"] < 1:
        pass
    while "photo 10.png" not in news["step"]:
        news = client.get(f"/envo/pastes/{pasted}", params={"seen": news["number"]}).json()
    assert client.delete(f"/envo/pastes/{pasted}").status_code == 204
    may_go_on.set()
    news = ended(client, pasted)
    assert (news["state"], news["done"], news["left"], news["photos"]) == ("cancelled", 1, 3, [first])
    assert stored(client, photos[0])["document"] is None
    assert client.post(f"/envo/pastes/{pasted}/undo").json()["photos"] == [first]


@both_databases
def test_a_photo_whose_layers_cannot_be_made_is_told_and_the_others_are_pasted(client, monkeypatch):
    def find(image, report) -> Layers:
        if not has_hair_in(image):
            raise RuntimeError("no")
        return found(image, report)

    def has_hair_in(image: np.ndarray) -> bool:
        return image[0, 0, 0] >= 128

    monkeypatch.setattr(layers, "find", find)
    photos = bring(client, 6)
    news = ended(client, paste(client, list(photos), copied(client, edit(LAYERS))))
    bald = {photo for photo, data in photos.items() if not has_hair(data)}
    assert {each["photo"] for each in news["failed"]} == bald and news["done"] == 6 - len(bald) > 0
    assert all(each["why"] == "Its layers could not be made." for each in news["failed"])


@both_databases
@pytest.mark.usefixtures("people")
def test_what_cannot_be_pasted_is_told_of_each_photo(client):
    full, gone, fine = bring(client, 3)
    many = [
        {"id": f"layer-{i:08x}", "mask": {"parts": [{"shape": "linear", "start": [0, 0.01 * i], "end": [1, 1]}]}}
        for i in range(MAX_LAYERS - 1)
    ]
    document = {"schema": 3, "layers": [{"id": "image"}, *many]}
    write = {"document": document, "base": 0, "writer": "one-window", "seq": 1}
    assert client.post(f"/envo/photos/{full}/edit", json=write).status_code == 200
    assert client.post("/envo/gallery/delete", json={"photos": [gone]}).status_code == 200
    own = {"id": "own-0123456789ab", "mask": {"parts": [{"shape": "matte", "kind": "own-0123456789ab"}]}}
    source = edit({"person": 1.0})
    source["layers"].append(own)
    news = ended(client, paste(client, [full, gone, fine], copied(client, source)))
    assert (news["done"], news["total"]) == (1, 2)  # what is in the trash was not asked for
    assert news["failed"][0]["photo"] == full and "more than" in news["failed"][0]["why"]
    assert news["notes"] == ["photo 2.png: A layer is left out: its mask was made of another photo."]


@both_databases
@pytest.mark.usefixtures("people")
def test_a_copy_is_pasted_into_an_open_photo_without_being_saved(client):
    photo, data = next(iter(bring(client, 1).items()))
    wish = {"document": edit({}, adjustments={"hue": 10}), "copy": copied(client, edit(LAYERS), groups=["Light"])}
    client.get(f"/envo/photos/{photo}/mattes")
    while client.get(f"/envo/photos/{photo}/mattes").json()["state"] != "done":
        pass
    answer = client.post(f"/envo/photos/{photo}/pasted", json=wish).json()
    assert [layer["id"] for layer in answer["document"]["layers"]] == ["image", *LAYERS]
    assert answer["document"]["layers"][0]["adjustments"] == {"hue": 10}
    assert answer["lacking"] == ([] if has_hair(data) else ["Hair"]) and answer["left"] == []
    assert stored(client, photo)["version"] == 0
    assert_refused(client.post("/envo/copies", json={"document": {"schema": 99}}), 400, "not an edit")
    assert_refused(client.post(f"/envo/photos/{photo}/pasted", json=wish | {"copy": {}}), 400, "not a copy")


@both_databases
def test_what_can_be_copied_of_a_photos_edit_is_listed_by_name(client):
    photo = next(iter(bring(client, 1)))
    address = f"/envo/photos/{photo}/parts"
    untouched = client.post(address, json={}).json()
    assert not any(group["used"] for group in untouched["groups"]) and untouched["layers"] == []
    document = edit({"hair": 1.0}, adjustments={"hue": 5}, curves={"red": [[0, 0.1], [1, 1]]})
    document["layers"].append({"id": "layer-00000000", "name": "Lamp", "mask": {"parts": [{"shape": "luminance"}]}})
    told = client.post(address, json={"document": document | {"geometry": {"turns": 1}}}).json()
    assert [group["name"] for group in told["groups"] if group["used"]] == ["Light", "Colour"]
    assert (told["geometry"], told["turns"]) == (False, True)
    assert [(layer["id"], layer["name"]) for layer in told["layers"]] == [("hair", "Hair"), ("layer-00000000", "Lamp")]


@both_databases
@pytest.mark.usefixtures("people")
def test_nobody_else_sees_or_changes_a_paste(client):
    photo = next(iter(bring(client, 1)))
    copy = copied(client, edit(LAYERS))
    pasted = paste(client, [photo], copy)
    ended(client, pasted)
    version = stored(client, photo)["version"]
    mine = dict(client.cookies)
    client.cookies.clear()
    client.get("/")
    assert client.get("/envo/pastes").json() == {"pastes": []}
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/undo"), ("POST", "/redo")]:
        assert_refused(client.request(method, f"/envo/pastes/{pasted}{path}"), 404, "not known")
    assert_refused(client.post("/envo/pastes", json={"photos": [photo], "copy": copy}), 404, "not in your library")
    assert_refused(client.post(f"/envo/photos/{photo}/parts", json={}), 404, "not in your library")
    wish = {"document": edit({}), "copy": copy}
    assert_refused(client.post(f"/envo/photos/{photo}/pasted", json=wish), 404, "not in your library")
    client.cookies.clear()
    client.cookies.update(mine)
    assert stored(client, photo)["version"] == version
    assert [each["paste"] for each in client.get("/envo/pastes").json()["pastes"]] == [pasted]


@both_databases
def test_too_many_pastes_at_a_time_are_refused(client, monkeypatch):
    may_go_on = threading.Event()
    monkeypatch.setattr(layers, "find", lambda image, report: may_go_on.wait(20) and found(image, report))
    photos, copy = list(bring(client, 1)), copied(client, edit(LAYERS))
    under_way = [paste(client, photos, copy) for _ in range(MAX_PASTES)]
    wish = {"photos": photos, "copy": copy}
    assert_refused(client.post("/envo/pastes", json=wish), 400, f"{MAX_PASTES} edits are being pasted")
    may_go_on.set()
    assert {ended(client, each)["state"] for each in under_way} == {"done"}


ALLOWED = "allowed"
"""A file that says how many photos may be taken apart."""


def serve_reluctantly(home: Path, port: int, database: str) -> None:
    """Serve the routes; photos are taken apart as far as `ALLOWED` says."""
    calls = []

    def find(image, report) -> Layers:
        calls.append(image)
        while len(calls) > int((home / ALLOWED).read_text()):
            time.sleep(0.01)
        return found(image, report)

    layers.find = find
    routes_only.serve(home, port, database)


def reluctant(home: Path, port: int) -> Server:
    process = forks.PROCESSES.Process(target=serve_reluctantly, args=(home, port, url(home)), daemon=True)
    process.start()
    return wait_until_served(Server(f"http://127.0.0.1:{port}/", home, forks.Fork(process)))


@both_databases
def test_a_paste_goes_on_where_a_killed_server_was(tmp_path):
    port = free_port()
    (tmp_path / ALLOWED).write_text("0")
    server = reluctant(tmp_path, port)
    with httpx.Client(base_url=server.url, timeout=30) as client:
        client.get("/")
        photos = bring(client, 12)
        pasted = paste(client, list(photos), copied(client, edit(LAYERS)))
        (tmp_path / ALLOWED).write_text("5")
        while client.get(f"/envo/pastes/{pasted}").json()["done"] < 3:
            pass
        server.stop()
        (tmp_path / ALLOWED).write_text("100")
        server = reluctant(tmp_path, port)
        news = ended(client, pasted)
        assert (news["state"], news["done"], news["total"]) == ("done", 12, 12)
        for photo in photos:
            assert stored(client, photo)["version"] == 1  # and none twice
            assert len(stored(client, photo)["document"]["layers"]) == 4
        assert len(client.post(f"/envo/pastes/{pasted}/undo").json()["photos"]) == 12
        server.stop()
