"""Exports: photos rendered as settings say, to a file, a zip or the library; presets, and a preview of what comes."""

import io
import re
import threading
import zipfile
from urllib.parse import unquote

import numpy as np
import pytest
import tifffile
from PIL import Image

from envo import export, settings
from tabs.work import exports
from tests.server.rendering import ended, file, heard
from tests.server.test_takeaway import BRIGHTER, download, edit, upload
from tests.unit.test_photo import ASTRONAUT, camera_exif, saved


def zip_of(client, news: dict) -> dict[str, bytes]:
    answer = client.get(f"/envo/renderings/{news['batch']}/file")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def small(seed: int) -> bytes:
    """A photo that differs from others."""
    pixels = np.random.default_rng(seed).integers(40, 160, (24, 32, 3), np.uint8)
    return saved(pixels, "PNG")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP"])
def test_twelve_photos_with_one_edit_leave_in_a_zip_as_one_by_one(client, format):
    photos = [upload(client, f"{seed % 6}.png", small(seed)) for seed in range(12)]
    for photo in photos[:11]:
        edit(client, photo)
    news = ended(client, photos, format=format, quality=95)
    assert (news["state"], news["done"], news["total"], news["failed"]) == ("done", 12, 12, [])
    files = list(zip_of(client, news).items())
    assert len(files) == 12 and {name.rpartition(".")[2] for name, _ in files} == {export_ending(format)}
    for photo, (_, data) in list(zip(photos, files, strict=True))[:11]:
        assert data == download(client, photo, format)[0]
    assert zip_of(client, news)  # as often as it is fetched
    assert client.delete(f"/envo/renderings/{news['batch']}").status_code == 204
    assert client.get(f"/envo/renderings/{news['batch']}/file").status_code == 404
    assert not list(settings.uploads().iterdir())


def export_ending(format: str) -> str:
    return {"JPEG": "jpg", "PNG": "png", "WebP": "webp"}[format]


def test_rendered_photos_become_photos_of_the_library(client):
    first, second = upload(client, "a.png", small(1)), upload(client, "b.png", small(2))
    edit(client, first)
    client.post("/envo/gallery/rate", json={"photos": [first], "rating": 4})
    news = ended(client, [first, second], to="library", format="JPEG", quality=90)
    made = [item["made"] for item in news["items"]]
    assert news["done"] == 2 and news["to"] == "library" and not set(made) & {first, second}
    row = client.get(f"/envo/photos/{made[0]}").json()
    assert (row["name"], row["format"], row["rating"], row["edit"]) == ("a.jpg", "JPEG", 4, 0)
    brighter = np.asarray(Image.open(io.BytesIO(client.get(f"/envo/photos/{made[0]}/original").content))).mean()
    assert brighter > np.asarray(Image.open(io.BytesIO(small(1)))).mean() + 10
    assert client.get(f"/envo/renderings/{news['batch']}/file").status_code == 404


def test_a_photo_that_cannot_be_rendered_ends_no_others_and_a_zip_has_an_end(client, monkeypatch):
    gone, fine = upload(client, "gone.png", small(1)), upload(client, "fine.png", small(2))
    write = {"document": {"schema": 3, "layers": [{"id": "image", "adjustments": {"exposure": 1}, "lut": NO_LUT}]}}
    write |= {"base": 0, "writer": "a-window", "seq": 1}
    assert client.post(f"/envo/photos/{gone}/edit", json=write).status_code == 200
    news = ended(client, [gone, fine])
    assert [item["state"] for item in news["items"]] == ["failed", "done"] and "LUT" in news["failed"][0]["why"]
    files = zip_of(client, news)
    assert files.keys() == {"fine.jpg", "notes.txt"} and "gone.png" in files["notes.txt"].decode()
    monkeypatch.setattr(settings, "MAX_PACKED_BYTES", 100)
    news = ended(client, [fine])
    assert news["state"] == "failed" and "choose fewer photos" in news["step"]
    assert len(list(settings.uploads().iterdir())) == 0


NO_LUT = {"id": "0123456789abcdef", "name": "Film"}


def test_rendering_is_cancelled_and_nobody_elses(client, monkeypatch):
    may_go_on, begun = threading.Event(), threading.Event()
    really = export.edited

    def slowly(*what):
        begun.set()
        assert may_go_on.wait(20)
        return really(*what)

    monkeypatch.setattr(export, "edited", slowly)
    photos = [upload(client, f"{seed}.png", small(seed)) for seed in range(3)]
    answer = client.post("/envo/renderings", json={"photos": photos})
    address = f"/envo/renderings/{answer.json()['batch']}"
    assert begun.wait(20)
    mine = dict(client.cookies)
    client.cookies.clear()
    client.get("/")
    assert client.get("/envo/renderings").json() == {"batches": []}
    for method, path in [("GET", address), ("DELETE", address), ("GET", f"{address}/file")]:
        assert client.request(method, path).status_code == 404
    assert client.post("/envo/renderings", json={"photos": photos}).status_code == 404
    client.cookies.clear()
    client.cookies.update(mine)
    assert client.get(address).json()["current"]["name"] == "0.png"
    assert client.delete(address).status_code == 204
    may_go_on.set()
    news = heard(client, address)
    assert news["state"] == "cancelled" and client.get(f"{address}/file").status_code == 404
    assert not list(settings.uploads().iterdir())


def test_one_photo_leaves_as_a_file_as_its_settings_say(client):
    photo = upload(client, "a.jpg", saved(ASTRONAUT, "JPEG", exif=camera_exif()))
    asked = {"format": "TIFF", "depth": 16, "size": {"by": "edge", "value": 100}, "name": "{date} {name}-{number}"}
    wish = {"photos": [photo], "to": "file", "settings": asked, "document": BRIGHTER}
    address = f"/envo/renderings/{client.post('/envo/renderings', json=wish).json()['batch']}"
    news = heard(client, address)
    assert (news["state"], news["to"], news["done"]) == ("done", "file", 1)
    answer = client.get(f"{address}/file")
    assert answer.headers["content-type"] == "image/tiff"
    assert re.search(r"\d{4}-\d\d-\d\d%20a-1.tif$", answer.headers["content-disposition"])
    pixels = tifffile.imread(io.BytesIO(answer.content))
    assert pixels.dtype == np.uint16 and max(pixels.shape) == 100
    assert client.delete(address).status_code == 204 and not list(settings.uploads().iterdir())


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"settings": {"format": "JPEG", "depth": 16}}, "A JPEG has 8 bits a channel, not 16"),
        ({"settings": {"format": "PNG", "hdr": 2}}, "Only a JPEG takes a gain map"),
        ({"settings": {"format": "TIFF", "limit_kb": 100}}, "A TIFF loses nothing"),
        ({"settings": {"name": "{camera}"}}, "A name has no {camera}; there are {name}, {date}"),
        ({"settings": {"quality": 0}}, "does not understand"),
        ({"settings": {"format": "JPEG XL"}, "to": "library"}, "Envo does not open JPEG XL"),
        ({"to": "file", "photos": 2}, "Several photos go into a zip"),
    ],
)
def test_an_export_that_cannot_be_is_refused_in_a_sentence(client, wish, said):
    photos = [upload(client, f"{seed}.png", small(seed)) for seed in range(2)]
    answer = client.post("/envo/renderings", json={**wish, "photos": photos[: wish.get("photos", 1)]})
    assert answer.status_code == 400 and said in answer.json()["error"]


def test_export_presets_are_kept_changed_and_their_owners_alone(client):
    there = client.get("/envo/export-presets").json()["presets"]
    assert [each["name"] for each in there] == [
        *("Full size, JPEG", "For the web, 2048", "Archive, TIFF 16 bits", "HDR JPEG"),
    ]
    wish = {"name": "Print", "settings": {"format": "TIFF", "depth": 16, "watermark": {"text": "©"}}}
    mine = client.post("/envo/export-presets", json=wish).json()
    assert not mine["built_in"] and mine["settings"]["watermark"]["text"] == "©"
    changed = client.patch(f"/envo/export-presets/{mine['id']}", json={"name": "Large print"}).json()
    assert changed == {**mine, "name": "Large print"}
    changed = client.patch(f"/envo/export-presets/{mine['id']}", json={"settings": {"format": "PNG"}}).json()
    assert changed["name"] == "Large print" and changed["settings"]["format"] == "PNG"
    assert client.get("/envo/export-presets").json()["presets"][4:] == [changed]
    assert client.patch("/envo/export-presets/web", json={"name": "Mine"}).status_code == 404
    cookies = dict(client.cookies)
    client.cookies.clear()
    client.get("/")
    assert len(client.get("/envo/export-presets").json()["presets"]) == 4
    for method in ("PATCH", "DELETE"):
        assert client.request(method, f"/envo/export-presets/{mine['id']}", json={}).status_code == 404
    client.cookies.clear()
    client.cookies.update(cookies)
    assert client.delete(f"/envo/export-presets/{mine['id']}").status_code == 204
    assert len(client.get("/envo/export-presets").json()["presets"]) == 4


@pytest.mark.parametrize("asked", [{"format": "JPEG"}, {"format": "TIFF"}, {"format": "JPEG XL"}, {"limit_kb": 200}])
def test_a_preview_is_like_the_export_and_tells_how_large_it_will_be(client, asked):
    photo = upload(client, "a.png", saved(np.tile(ASTRONAUT, (5, 4, 1)), "PNG"))
    edit(client, photo)
    wish = {"settings": asked | {"name": "{name} {number}"}, "number": 2, "count": 12}
    answer = client.post(f"/envo/photos/{photo}/export-preview", json=wish)
    assert answer.status_code == 200, answer.text
    ending = {"TIFF": "tif", "JPEG XL": "jxl"}.get(asked.get("format"), "jpg")
    assert unquote(answer.headers["x-envo-name"]) == f"a 02.{ending}"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert max(picture.size) == 1024 and answer.headers["x-envo-size"] == "1600x1500"
        shown = np.asarray(picture.convert("RGB"))
    data, _ = file(client, photo, **asked)
    assert 0.5 < int(answer.headers["x-envo-bytes"]) / len(data) < 2
    if asked.get("format") == "JPEG":
        with Image.open(io.BytesIO(data)) as picture:
            assert abs(np.asarray(picture.resize(shown.shape[1::-1])).mean() - shown.mean()) < 1


def test_a_picture_is_kept_as_a_watermark_for_its_owner_alone(client):
    logo = np.zeros((30, 60, 4), np.uint8)
    logo[..., 0], logo[..., 3] = 255, 255
    answer = client.post("/envo/watermarks", params={"name": "Logo.png"}, content=saved(logo, "PNG"))
    mine = answer.json()
    assert (mine["name"], mine["width"], mine["height"]) == ("Logo", 60, 30)
    assert client.get("/envo/watermarks").json() == {"watermarks": [mine]}
    with Image.open(io.BytesIO(client.get(f"/envo/watermarks/{mine['id']}").content)) as picture:
        assert picture.mode == "RGBA" and np.array_equal(np.asarray(picture), logo)
    photo = upload(client, "a.png", saved(ASTRONAUT, "PNG"))
    wish = {"picture": mine["id"], "size": 0.5, "opacity": 1, "place": "middle"}
    shown = client.post(f"/envo/photos/{photo}/export-preview", json={"settings": {"format": "PNG", "watermark": wish}})
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert picture.getpixel((200, 150)) == (255, 0, 0)
    with Image.open(io.BytesIO(file(client, photo, format="PNG", watermark=wish)[0])) as picture:
        assert picture.getpixel((200, 150)) == (255, 0, 0) and picture.getpixel((5, 5)) != (255, 0, 0)
    cookies = dict(client.cookies)
    client.cookies.clear()
    client.get("/")
    assert client.get("/envo/watermarks").json() == {"watermarks": []}
    for method in ("GET", "DELETE"):
        assert client.request(method, f"/envo/watermarks/{mine['id']}").status_code == 404
    theirs = upload(client, "b.png", saved(ASTRONAUT, "PNG"))
    stolen = {"settings": {"watermark": wish}}
    assert client.post(f"/envo/photos/{theirs}/export-preview", json=stolen).status_code == 404
    client.cookies.clear()
    client.cookies.update(cookies)
    assert client.delete(f"/envo/watermarks/{mine['id']}").status_code == 204
    news = ended(client, [photo], watermark=wish)
    assert news["failed"][0]["why"].startswith("This watermark is not among yours any more")
    assert "larger than 4 MB" in client.post("/envo/watermarks", content=bytes(5 * 2**20)).json()["error"]
    assert client.post("/envo/watermarks", content=b"no picture").status_code == 400


def test_a_photo_that_is_given_up_between_its_bands_leaves_nothing(client, monkeypatch, library_files):
    begun, given_up = threading.Event(), threading.Event()
    really = exports._Heard.told

    def slowly(self, fraction):
        begun.set()
        assert given_up.wait(20)
        really(self, fraction)

    photo = upload(client, "a.png", saved(np.tile(ASTRONAUT, (6, 6, 1)), "PNG"))
    before = library_files()
    monkeypatch.setattr(exports._Heard, "told", slowly)
    for to in ("file", "zip", "library"):
        begun.clear()
        given_up.clear()
        wish = {"photos": [photo], "to": to, "settings": {"format": "TIFF"}}
        address = f"/envo/renderings/{client.post('/envo/renderings', json=wish).json()['batch']}"
        assert begun.wait(20)
        assert client.delete(address).status_code == 204
        given_up.set()
        assert heard(client, address)["state"] == "cancelled"
        assert client.get(f"{address}/file").status_code == 404
    assert library_files() == before and client.get("/envo/photos").json()["count"] == 1


@pytest.fixture
def library_files(tmp_path):
    """Gives what lies in the library's folder, but for the database's own files."""

    def listed() -> set[str]:
        files = (path for path in (tmp_path / "home").rglob("*") if path.is_file())
        return {str(path) for path in files if not path.name.startswith("library.")}

    return listed
