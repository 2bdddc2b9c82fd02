"""What lies beside photos is found by their names, as other programs name it, and read as XMP."""

import json
from datetime import datetime

import pytest

from envo import description, settings, shot, sidecars, xmp
from envo.errors import UserError
from envo.file import PhotoFile
from tests.unit.test_photo import sample


def pairs(*paths: str) -> tuple[dict[str, str | None], list[str]]:
    found, lone, _ = sidecars.paired(paths)
    return {paths[photo]: None if beside is None else paths[beside] for photo, beside in found}, [
        paths[place] for place in lone
    ]


def test_the_full_name_counts_for_more_than_the_stem_and_the_case_for_nothing():
    found, lone = pairs(
        "a/IMG.CR2", "a/img.cr2.XMP", "a/IMG.xmp", "a/IMG.jpg", "b/IMG.jpg", "IMG.xmp", "Gru\u0308n.xmp"
    )
    assert found == {"a/IMG.CR2": "a/img.cr2.XMP", "a/IMG.jpg": "a/IMG.xmp", "b/IMG.jpg": None}
    assert lone == ["IMG.xmp", "Gru\u0308n.xmp"]
    assert sidecars.paired(["IMG.png", "IMG.png.xmp", "img.xmp"]) == ([(0, 1)], [], [2])
    assert pairs("Grün.JPG", "Gru\u0308n.xmp") == ({"Grün.JPG": "Gru\u0308n.xmp"}, [])


@pytest.mark.parametrize(
    ("photo", "told"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-meta.json"),
        ("IMG_1.jpg", "IMG_1.jpg.s.json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("IMG_1(2).jpg", "IMG_1.jpg(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("Signal-2023-07-30-19-55-25-610-1-very-long.jpg", "Signal-2023-07-30-19-55-25-610-1-very-long.jpg.json"),
        ("Screenshot_20190506_070809_com.example.an.app.jpg", "Screenshot_20190506_070809_com.example.an.app..json"),
    ],
)
def test_what_takeout_tells_of_a_photo_is_found_whatever_it_is_named(photo, told):
    others = ["album/metadata.json", "album/IMG_1.jpg(3).json", "album/IMG_11.jpg.json", "IMG_1.jpg.json"]
    found, lone = pairs(f"album/{photo}", f"album/{told}", *others)
    assert found == {f"album/{photo}": f"album/{told}"} and lone == []


def test_photos_of_one_name_in_takeout_are_told_apart():
    files = ("IMG.jpg", "IMG(1).jpg", "IMG.jpg.json", "IMG.jpg(1).json")
    assert pairs(*files)[0] == {"IMG.jpg": "IMG.jpg.json", "IMG(1).jpg": "IMG.jpg(1).json"}


TAKEOUT = {
    "title": "IMG_1.jpg",
    "description": "Am Meer & <mehr>\u0001",
    "photoTakenTime": {"timestamp": "-1234567890", "formatted": "17.11.1930"},
    "creationTime": {"timestamp": "1700000000"},
    "people": [{"name": "Ada"}, {"name": ""}, {}, "?", {"name": "Eilís"}],
}


def test_takeout_tells_dates_people_and_descriptions():
    packet = sidecars.as_xmp("IMG_1.jpg.json", json.dumps(TAKEOUT).encode())
    for format in ("JPEG", "RAW"):
        said = description.read(PhotoFile(sample(format), packet))
        assert (said.title, said.people) == ("Am Meer & <mehr>", ("Ada", "Eilís"))
    assert shot.read(PhotoFile(sample("PNG"), packet)).taken_at == datetime(1930, 11, 18, 0, 28, 30)


@pytest.mark.parametrize(
    "told",
    [[], {}, {"people": 5, "photoTakenTime": "x"}, {"photoTakenTime": {"timestamp": "9" * 99}}, {"description": 1}],
)
def test_takeout_files_that_tell_nothing_say_nothing(told):
    assert sidecars.as_xmp("a.json", json.dumps(told).encode()) is None


@pytest.mark.parametrize(
    ("name", "data"), [("a.xmp", b"?"), ("a.xmp", b"<a/>"), ("a.json", b"{"), ("a.json", b"[" * 9**6)]
)
def test_damaged_ones_are_told(name, data):
    with pytest.raises(UserError, match="damaged"):
        sidecars.as_xmp(name, data)


def test_large_ones_are_told():
    packet = bytes(xmp.Packet())
    assert sidecars.as_xmp("A.XMP", packet) == packet
    with pytest.raises(UserError, match="larger than 1 MB"):
        sidecars.as_xmp("a.xmp", packet + b" " * settings.MAX_SIDECAR_BYTES)


def test_late_ones_find_their_photos():
    photos = [("1", "IMG.CR2"), ("2", "img.jpg"), ("3", "IMG.CR2.jpg"), ("4", "x/IMG2.JPG")]
    assert sidecars.named_as("a/IMG.cr2.xmp", photos) == ["1"]
    assert sidecars.named_as("IMG.XMP", photos) == ["1", "2"]
    assert sidecars.named_as("img2.xmp", photos) == ["4"] and sidecars.named_as("IMG3.xmp", photos) == []
