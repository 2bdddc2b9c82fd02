"""What leaves tells the same whichever way it leaves: a download, a zip of edited photos, or of photos as they came."""

import io
import json
import sqlite3
import threading
import zipfile
from urllib.parse import unquote

import httpx
import numpy as np
import pytest
from PIL import Image

from envo import edits, export, settings
from envo.description import Region
from envo.gallery import SeenFace
from tabs.work import takeaway
from tests import exiftool
from tests.unit.test_export import FACE, upright_exif
from tests.unit.test_photo import ASTRONAUT, camera_exif, saved

BRIGHTER = {"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": 0.5}}]}


def upload(client, name: str, data: bytes) -> str:
    answer = client.post("/envo/photos", params={"name": name, "layers": False}, content=data)
    return answer.json()["photo"]["id"]


def edit(client, photo_id: str) -> None:
    write = {"document": BRIGHTER, "base": 0, "writer": "a-window", "seq": 1}
    assert client.post(f"/envo/photos/{photo_id}/edit", json=write).status_code == 200


def download(client, photo_id: str, format: str = "JPEG") -> httpx.Response:
    answer = client.post(
        f"/envo/photos/{photo_id}/download", json={"document": BRIGHTER, "format": format, "quality": 95}
    )
    assert answer.status_code == 200, answer.text
    return answer


def taken(client, photo_ids: list[str], **how: str) -> dict[str, bytes]:
    path = client.post("/envo/gallery/takeaway", json={"photos": photo_ids, **how}).json()["path"]
    with zipfile.ZipFile(io.BytesIO(client.get(f"/envo/{path}").content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def told(data: bytes) -> dict:
    groups = ("XMP", "IPTC", "IFD0", "ExifIFD", "GPS")
    return {key: value for key, value in exiftool.tags(data).items() if key.startswith(groups)}


def test_a_download_and_a_zip_tell_the_same_and_what_envo_was_told(client):
    words = ("-XMP-dc:Subject=secret place", "-XMP-dc:Subject=beach", "-IPTC:Keywords=secret place")
    more = ("-XMP-dc:Title=Old title", "-XMP-xmp:Rating=1", "-XMP-dc:Rights=Ann", "-IPTC:By-line=Jörg")
    photo = upload(client, "a.jpg", exiftool.changed(saved(ASTRONAUT, "JPEG", exif=camera_exif()), *words, *more))
    assert client.post(
        "/envo/gallery/tags", json={"photos": [photo], "remove": ["secret place"], "add": ["sea"]}
    ).is_success
    assert client.patch(f"/envo/gallery/photos/{photo}", json={"title": "New title"}).is_success
    assert client.patch(f"/envo/photos/{photo}", json={"rating": 5}).is_success
    edit(client, photo)
    one = download(client, photo)
    assert "x-envo-notes" not in one.headers
    (zipped,) = taken(client, [photo], **{"as": "edited"}).values()
    assert told(one.content) == told(zipped)
    assert client.get(f"/envo/photos/{photo}/edited").content == zipped
    found = told(one.content)
    assert (found["XMP-dc:Subject"], found["IPTC:Keywords"]) == (["beach", "sea"], ["beach", "sea"])
    assert (found["XMP-dc:Title"], found["XMP-xmp:Rating"], found["XMP-dc:Rights"]) == ("New title", 5, "Ann")
    assert found["IPTC:By-line"] == "Jörg" and found["IFD0:Make"] == "Nikon"
    assert b"secret" not in one.content + zipped


def test_what_a_download_has_no_place_for_is_told_in_its_answer(client):
    photo = upload(client, "a.png", saved(ASTRONAUT, "PNG", exif=upright_exif(maker=bytes(70_000))))
    notes = unquote(download(client, photo).headers["x-envo-notes"])
    assert notes == "This JPEG has no place for all that the original tells; left out: MakerNote (EXIF)."
    assert "x-envo-notes" not in download(client, photo, "PNG").headers


def test_photos_that_cannot_be_made_are_named_and_do_not_cut_the_zip_short(client, tmp_path):
    names = ("gone.png", "odd.png", "good.png")
    photos = [upload(client, name, saved(255 - ASTRONAUT[at:], "PNG")) for at, name in enumerate(names)]
    for photo in photos:
        edit(client, photo)
    with sqlite3.connect(tmp_path / "home" / "library.sqlite") as database:
        (content,) = database.execute("SELECT sha256 FROM photo WHERE id = ?", photos[:1]).fetchone()
        document = json.dumps({"schema": 1, "layers": "none"})
        database.execute("UPDATE edit SET document = ? WHERE photo_id = ?", (document, photos[1]))
    for file in (tmp_path / "home" / "originals").rglob(f"{content}*"):
        file.unlink()
    files = taken(client, photos)
    assert list(files) == ["good.png", "notes.txt"]
    notes = files["notes.txt"].decode().splitlines()
    assert notes[0] == "gone.png: It could not be read. It is not here."
    assert notes[1].startswith("odd.png: This is not an edit Envo can open") and len(notes) == 2
    with Image.open(io.BytesIO(files["good.png"])) as picture:
        assert picture.size == (400, 298)


def test_a_renamed_person_leaves_under_the_new_name_where_the_file_drew_the_face(library):
    region = "{Name=Old Name,Type=Face,Description=by hand,Area={X=0.2,Y=0.4,W=0.2,H=0.4,Unit=normalized}}"
    drawn = f"-XMP-mwg-rs:RegionInfo={{AppliedToDimensions={{W=400,H=300,Unit=pixel}},RegionList=[{region}]}}"
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), drawn, "-XMP-iptcExt:PersonInImage=Old Name")
    photo = library.add("ann", "a.jpg", data)[0].id
    said = library.said("ann", photo)
    assert said.regions == (Region("Old Name", FACE),)
    seen = SeenFace((0.12, 0.25, 0.32, 0.62), 0.99, np.ones(4, np.float32))
    library.people.take("ann", photo, [seen], said.regions, "engine", said.people)
    (person,) = library.people.everybody("ann").people
    library.people.rename("ann", person.id, "New Name")
    made = takeaway.edited(library, "ann", photo, edits.parse(BRIGHTER), "JPEG", 92)
    found = told(made.data)
    assert found["XMP-iptcExt:PersonInImage"] == ["New Name"]
    (after,) = found["XMP-mwg-rs:RegionInfo"]["RegionList"]
    assert (after["Name"], after["Description"]) == ("New Name", "by hand")
    assert after["Area"] == {"X": 0.2, "Y": 0.4, "W": 0.2, "H": 0.4, "Unit": "normalized"}


def rendered(client, photo_ids: list[str], **how) -> dict:
    """Have photos rendered, and wait for the end."""
    answer = client.post("/envo/gallery/renders", json={"photos": photo_ids, **how})
    assert answer.status_code == 202, answer.text
    address = f"/envo/gallery/renders/{answer.json()['batch']}"
    news = client.get(address).json()
    while news["state"] in ("waiting", "working"):
        news = client.get(address, params={"seen": news["number"]}).json()
    return news


def zip_of(client, news: dict) -> dict[str, bytes]:
    answer = client.get(f"/envo/gallery/renders/{news['batch']}/zip")
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
    news = rendered(client, photos, format=format, quality=95)
    assert (news["state"], news["done"], news["total"], news["failed"]) == ("done", 12, 12, [])
    files = list(zip_of(client, news).items())
    assert len(files) == 12 and {name.rpartition(".")[2] for name, _ in files} == {export_ending(format)}
    for photo, (_, data) in list(zip(photos, files, strict=True))[:11]:
        assert data == download(client, photo, format).content
    assert zip_of(client, news)  # as often as it is fetched
    assert client.delete(f"/envo/gallery/renders/{news['batch']}").status_code == 204
    assert client.get(f"/envo/gallery/renders/{news['batch']}/zip").status_code == 404
    assert not list(settings.uploads().glob("*.zip"))


def export_ending(format: str) -> str:
    return {"JPEG": "jpg", "PNG": "png", "WebP": "webp"}[format]


def test_rendered_photos_become_photos_of_the_library(client):
    first, second = upload(client, "a.png", small(1)), upload(client, "b.png", small(2))
    edit(client, first)
    client.post("/envo/gallery/rate", json={"photos": [first], "rating": 4})
    news = rendered(client, [first, second], to="library", format="JPEG", quality=90)
    made = [item["made"] for item in news["items"]]
    assert news["done"] == 2 and news["to"] == "library" and not set(made) & {first, second}
    row = client.get(f"/envo/photos/{made[0]}").json()
    assert (row["name"], row["format"], row["rating"], row["edit"]) == ("a.jpg", "JPEG", 4, 0)
    brighter = np.asarray(Image.open(io.BytesIO(client.get(f"/envo/photos/{made[0]}/original").content))).mean()
    assert brighter > np.asarray(Image.open(io.BytesIO(small(1)))).mean() + 10
    assert client.get(f"/envo/gallery/renders/{news['batch']}/zip").status_code == 404


def test_a_photo_that_cannot_be_rendered_ends_no_others_and_a_zip_has_an_end(client, monkeypatch):
    gone, fine = upload(client, "gone.png", small(1)), upload(client, "fine.png", small(2))
    write = {"document": {"schema": 3, "layers": [{"id": "image", "adjustments": {"exposure": 1}, "lut": NO_LUT}]}}
    write |= {"base": 0, "writer": "a-window", "seq": 1}
    assert client.post(f"/envo/photos/{gone}/edit", json=write).status_code == 200
    news = rendered(client, [gone, fine])
    assert [item["state"] for item in news["items"]] == ["failed", "done"] and "LUT" in news["failed"][0]["why"]
    files = zip_of(client, news)
    assert files.keys() == {"fine.jpg", "notes.txt"} and "gone.png" in files["notes.txt"].decode()
    monkeypatch.setattr(settings, "MAX_PACKED_BYTES", 100)
    news = rendered(client, [fine])
    assert news["state"] == "failed" and "choose fewer photos" in news["step"]
    assert len(list(settings.uploads().glob("*.zip"))) == 0


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
    answer = client.post("/envo/gallery/renders", json={"photos": photos})
    address = f"/envo/gallery/renders/{answer.json()['batch']}"
    assert begun.wait(20)
    mine = dict(client.cookies)
    client.cookies.clear()
    client.get("/")
    assert client.get("/envo/gallery/renders").json() == {"batches": []}
    for method, path in [("GET", address), ("DELETE", address), ("GET", f"{address}/zip")]:
        assert client.request(method, path).status_code == 404
    assert client.post("/envo/gallery/renders", json={"photos": photos}).status_code == 404
    client.cookies.clear()
    client.cookies.update(mine)
    assert client.get(address).json()["current"]["name"] == "0.png"
    assert client.delete(address).status_code == 204
    may_go_on.set()
    news = client.get(address).json()
    while news["state"] in ("waiting", "working"):
        news = client.get(address, params={"seen": news["number"]}).json()
    assert news["state"] == "cancelled" and client.get(f"{address}/zip").status_code == 404
    assert not list(settings.uploads().glob("*.zip"))
