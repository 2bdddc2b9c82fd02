"""Photos leave with all that is said of them, one after the other, and one that fails does not cost the rest."""

import csv
import io
import json
import zipfile

import pytest

from envo import description, takeaway
from envo.description import Description, Region
from envo.errors import UserError
from envo.file import PhotoFile
from envo.gallery import Tag
from envo.takeaway import Item, Said
from tests.unit.test_photo import sample

SAID = Description(tags=("海滩", "Tiere|Hunde"), rating=3, title="شاطئ", people=("Eilís",), original_name="🏖️.jpg")


def item(name: str, format: str = "JPEG", said: Description = SAID, sidecar: bytes | None = None) -> Item:
    return Item(name, lambda: (name, takeaway.as_it_came(PhotoFile(sample(format), sidecar), said)))


def unzip(items: list[Item]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(takeaway.archive(items)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_photos_leave_under_their_names_with_what_is_said_of_them():
    files = unzip([item("a.jpg"), item("A.JPG"), item("日/a.jpg"), item("b.png", "PNG")])
    assert list(files) == ["a.jpg", "A 2.JPG", "日/a.jpg", "b.png"]
    assert all(description.read(PhotoFile(data)) == SAID for data in files.values())


def test_files_beside_photos_are_named_as_other_programs_look_for_them():
    photos = [
        item("a.jpg"),
        item("a.dng", "RAW"),
        item("a.nef", "RAW"),
        item("a.heic", "HEIC"),
        item("c.xmp.gif", "GIF"),
    ]
    files = unzip(photos)
    names = ["a.jpg", "a.dng", "a.xmp", "a.nef", "a.nef.xmp", "a.heic", "a.heic.xmp", "c.xmp.gif", "c.xmp.gif.xmp"]
    assert list(files) == [*names, takeaway.NOTES]
    for photo, beside in (("a.dng", "a.xmp"), ("a.nef", "a.nef.xmp"), ("a.heic", "a.heic.xmp")):
        assert description.read(PhotoFile(files[photo], files[beside])) == SAID
    notes = files[takeaway.NOTES].decode()
    assert "a.heic: HEIC files cannot be written into" in notes and "a.dng" not in notes and "a.jpg" not in notes


def test_long_names_are_cut_to_what_can_be_unpacked():
    files = unzip([item("語" * 114 + ending, format) for ending, format in ((".jpg", "JPEG"), (".heic", "HEIC"))] * 2)
    names = [name for name in files if name != takeaway.NOTES]
    assert len(names) == 6 and all(len(name.encode()) <= 255 for name in names)
    assert sum(name.endswith("語.heic.xmp") or name.endswith("語 2.heic.xmp") for name in names) == 2
    assert all(name.removesuffix(".xmp") in names for name in names)


def fail() -> bytes:
    raise RuntimeError("what nobody foresaw")


def refuse() -> bytes:
    raise UserError("This photo is damaged.")


def lose() -> bytes:
    raise FileNotFoundError("/secret/place")


def test_photos_that_cannot_be_had_do_not_cost_the_others():
    photos = [Item("a.jpg", refuse), Item("b.jpg", lose), Item("odd.jpg", fail), item("d.jpg")]
    no_photo = Item("c.jpg", lambda: ("c.jpg", takeaway.as_it_came(PhotoFile(b"?"), SAID)))
    files = unzip([*photos, no_photo, item("notes.txt")])
    assert list(files) == ["d.jpg", "c.jpg", "notes 2.txt", "notes.txt"]
    assert files["c.jpg"] == b"?"
    notes = files["notes.txt"].decode().splitlines()
    assert notes[0] == "a.jpg: This photo is damaged. It is not here."
    assert notes[1] == "b.jpg: It could not be read. It is not here."
    assert notes[2] == "odd.jpg: It could not be read. It is not here."
    assert notes[3].startswith("c.jpg: This is no photo") and len(notes) == 4


def test_a_zip_is_made_while_it_is_sent():
    loaded = []

    def load(number: int) -> bytes:
        loaded.append(number)
        return sample("PNG")

    def make(number: int) -> Item:
        return Item(f"{number}.png", lambda: (f"{number}.png", takeaway.as_it_came(PhotoFile(load(number)), SAID)))

    pieces = takeaway.archive(make(number) for number in range(5))
    sent = 0
    while sent < len(sample("PNG")):
        sent += len(next(pieces))
    assert loaded == [0]
    assert len(b"".join(pieces)) > 4 * len(sample("PNG"))
    assert loaded == [0, 1, 2, 3, 4]


def test_nothing_to_take_away_is_an_empty_zip():
    assert unzip([]) == {}


TAGS = (Tag("海滩", 1.0, "you"), Tag("Hunde", 0.875, "objects", "YOLO11 nano", ("Tiere",)))
SAYINGS = [
    Said("a.jpg", SAID, TAGS),
    Said("ü, 日.png", Description(title='=HYPERLINK("x")'), (Tag("-1", 1.0, "file"), Tag("@a", 0.5, "scene"))),
    Said("c", Description()),
]


def test_a_spreadsheet_reads_the_table():
    data = takeaway.as_csv(SAYINGS)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == {
        "name": "a.jpg",
        "original name": "🏖️.jpg",
        "title": "شاطئ",
        "rating": "3",
        "tags": "海滩; Tiere|Hunde",
        "confidences": "1.000; 0.875",
        "origins": "you; objects",
        "people": "Eilís",
    }
    assert (rows[1]["name"], rows[1]["title"], rows[1]["tags"]) == ("ü, 日.png", '\'=HYPERLINK("x")', "'-1; '@a")
    assert rows[2] == dict.fromkeys(rows[0], "") | {"name": "c", "rating": "0"}


def test_programs_read_all_of_it():
    said = Description(**{**vars(SAID), "regions": (Region("Eilís", (0.1, 0.2, 0.3, 0.4)),)})
    listed = json.loads(takeaway.as_json([Said("a.jpg", said, TAGS), Said("b.jpg", Description())]))
    assert listed[0]["name"] == "a.jpg"
    assert [(tag["word"], tag["confidence"], tag["origin"], tag["parents"]) for tag in listed[0]["tags"]] == [
        ("海滩", 1.0, "you", []),
        ("Hunde", 0.875, "objects", ["Tiere"]),
    ]
    assert listed[0]["regions"] == [{"name": "Eilís", "box": [0.1, 0.2, 0.3, 0.4], "kind": "Face"}]
    assert listed[1] == {"name": "b.jpg"} | dict.fromkeys(vars(said)) | {"tags": []}


@pytest.mark.parametrize("name", ["a", "x/y", "a.b.c"])
def test_a_name_without_an_ending_gets_its_file_beside_it_too(name):
    assert list(unzip([item(name, "RAW")])) == [name, f"{name.removesuffix('.c')}.xmp"]


@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20\t")
def test_no_text_is_taken_for_a_formula(sign):
    table = takeaway.as_csv([Said("a.jpg", Description(title=f"{sign}1", people=("b", f"{sign}2")))])
    (row,) = csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline=""))
    assert (row["title"], row["people"]) == (f"'{sign}1", f"b; '{sign}2")
