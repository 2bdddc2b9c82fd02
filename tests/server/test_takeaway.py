"""What leaves tells the same whichever way it leaves: a download, a zip of edited photos, or of photos as they came."""

import io
import zipfile

import numpy as np
import sqlalchemy as sa
from PIL import Image

from envo import database as db
from envo import edits
from envo.description import Region
from envo.exportsettings import ExportSettings
from envo.gallery import SeenFace
from tabs.work import exports
from tests import exiftool
from tests.server import rendering
from tests.unit.test_export import FACE, upright_exif
from tests.unit.test_photo import ASTRONAUT, camera_exif, png16, saved, tiff

BRIGHTER = {"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": 0.5}}]}


def upload(client, name: str, data: bytes) -> str:
    answer = client.post("/envo/photos", params={"name": name, "layers": False}, content=data)
    return answer.json()["photo"]["id"]


def edit(client, photo_id: str) -> None:
    write = {"document": BRIGHTER, "base": 0, "writer": "a-window", "seq": 1}
    assert client.post(f"/envo/photos/{photo_id}/edit", json=write).status_code == 200


def download(client, photo_id: str, format: str = "JPEG") -> tuple[bytes, str]:
    """The file, and what is said of it."""
    return rendering.file(client, photo_id, BRIGHTER, format=format, quality=95)


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
    one, said = download(client, photo)
    assert said == ""
    (zipped,) = taken(client, [photo], **{"as": "edited"}).values()
    assert told(one) == told(zipped)
    assert client.get(f"/envo/photos/{photo}/edited").content == zipped
    found = told(one)
    assert (found["XMP-dc:Subject"], found["IPTC:Keywords"]) == (["beach", "sea"], ["beach", "sea"])
    assert (found["XMP-dc:Title"], found["XMP-xmp:Rating"], found["XMP-dc:Rights"]) == ("New title", 5, "Ann")
    assert found["IPTC:By-line"] == "Jörg" and found["IFD0:Make"] == "Nikon"
    assert b"secret" not in one + zipped


def test_what_a_download_has_no_place_for_is_told_with_it(client):
    photo = upload(client, "a.png", saved(ASTRONAUT, "PNG", exif=upright_exif(maker=bytes(70_000))))
    assert (
        download(client, photo)[1]
        == "This JPEG has no place for all that the original tells; left out: MakerNote (EXIF)."
    )
    assert download(client, photo, "PNG")[1] == ""


def test_photos_that_cannot_be_made_are_named_and_do_not_cut_the_zip_short(client, tmp_path):
    names = ("gone.png", "odd.png", "good.png")
    photos = [upload(client, name, saved(255 - ASTRONAUT[at:], "PNG")) for at, name in enumerate(names)]
    for photo in photos:
        edit(client, photo)
    with client.app.state.library.database.write() as connection:
        content = connection.scalar(sa.select(db.photo.c.sha256).where(db.photo.c.id == photos[0]))
        odd = {"schema": 1, "layers": "none"}
        connection.execute(sa.update(db.edit).where(db.edit.c.photo_id == photos[1]).values(document=odd))
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
    made = exports.edited(library, library.photo("ann", photo), ExportSettings(), edits.parse(BRIGHTER))
    found = told(made.data)
    assert found["XMP-iptcExt:PersonInImage"] == ["New Name"]
    (after,) = found["XMP-mwg-rs:RegionInfo"]["RegionList"]
    assert (after["Name"], after["Description"]) == ("New Name", "by hand")
    assert after["Area"] == {"X": 0.2, "Y": 0.4, "W": 0.2, "H": 0.4, "Unit": "normalized"}


def test_a_photo_of_sixteen_bits_leaves_in_a_zip_with_as_many(client):
    deep = ASTRONAUT.astype(np.uint16) * 257
    for photo in (photos := [upload(client, "a.png", png16(deep)), upload(client, "b.tif", tiff(deep))]):
        edit(client, photo)
    files = taken(client, photos)
    assert exiftool.tags(files["a.png"])["PNG:BitDepth"] == 16
    assert exiftool.tags(files["b.tif"])["IFD0:BitsPerSample"] == "16 16 16"
