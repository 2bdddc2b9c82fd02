"""A zip of photos in, a zip out: names stay, and what fails does not stop the rest."""

import io
import time
import zipfile

import pytest

from envo import settings
from envo.errors import UserError
from models.inpaint import Cancelled
from tabs.work import folders


def zip_of(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def remake(data: bytes, tmp_path, told: list | None = None) -> dict[str, bytes]:
    """What becomes of a zip where a photo is a format and text, and is turned to capitals."""

    def capitals(photo: bytes, report) -> tuple[bytes, str] | None:
        format, _, text = photo.decode().partition(" ")
        report("Writing", 0.5)
        if text == "bad":
            raise UserError("This photo is bad.")
        if text == "broken":
            raise ZeroDivisionError
        return None if text == "fine" else (text.upper().encode(), format)

    path = tmp_path / "made.zip"
    folders.remake(data, path, capitals, lambda *said: told.append(said) if told is not None else None)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_photo_keeps_its_place_and_name(tmp_path):
    told = []
    given = {
        "a.JPG": b"JPEG one",
        "1931/a.heic": b"JPEG two",
        "1931/a.jpg": b"JPEG three",
        "Gro\u00dfmutter.tif": b"PNG four",
        "fine.bmp": b"PNG fine",
        "../../etc/c:on.png": b"PNG five",
    }
    found = remake(zip_of(given), tmp_path, told)
    assert found == {
        "a.JPG": b"ONE",
        "1931/a.jpg": b"TWO",
        "1931/a 2.jpg": b"THREE",
        "Gro\u00dfmutter.png": b"FOUR",
        "fine.bmp": b"PNG fine",
        "etc/c_on.png": b"FIVE",
    }
    assert told[:3] == [("Photo 1 of 6", 0), ("Photo 1 of 6: Writing", 0.5), ("Photo 2 of 6", 1 / 6)]


def test_times_are_what_they_were_and_the_same_is_the_same_bytes(tmp_path, monkeypatch):
    file, then = io.BytesIO(), (1999, 12, 31, 23, 59, 58)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.png", then), b"PNG good")
        archive.writestr(zipfile.ZipInfo("b.png", then), b"PNG bad")
    remake(file.getvalue(), tmp_path)
    made = (tmp_path / "made.zip").read_bytes()
    assert zipfile.ZipFile(io.BytesIO(made)).getinfo("a.png").date_time == then
    monkeypatch.setattr(time, "time", lambda: 2e9)
    remake(file.getvalue(), tmp_path)
    assert (tmp_path / "made.zip").read_bytes() == made


def test_what_fails_does_not_stop_the_rest_and_is_told_in_the_zip(tmp_path):
    given = {"a.png": b"PNG bad", "b.png": b"PNG broken", "c.png": b"PNG good", "not restored.txt": b"PNG x"}
    found = remake(zip_of(given), tmp_path)
    assert list(found) == ["c.png", "not restored.png", "not restored.txt"]
    first, second = found["not restored.txt"].decode().splitlines()
    assert first == "a.png: This photo is bad." and second.startswith("b.png: This did not work")


def test_what_systems_add_to_folders_is_left_out(tmp_path):
    given = {"a/": b"", "__MACOSX/a/._b.png": b"x", "a/.DS_Store": b"x", "a/b.png": b"PNG b"}
    assert list(remake(zip_of(given), tmp_path)) == ["a/b.png"]


def test_what_lies_beside_photos_comes_along_or_is_passed_over(tmp_path):
    given = {"a/b.xmp": b"<xmp/>", "a/b.png": b"PNG b", "a/b.png.json": b"{}", "Thumbs.db": b"x"}
    assert remake(zip_of(given), tmp_path) == {"a/b.png": b"B", "a/b.xmp": b"<xmp/>"}


def test_it_ends_with_whoever_asked(tmp_path):
    def give_up(*said):
        raise Cancelled

    for report in (give_up, lambda *said: give_up() if "Writing" in said[0] else None):
        with pytest.raises(Cancelled):
            folders.remake(
                zip_of({"a.png": b"PNG a"}), tmp_path / "made.zip", lambda data, tell: tell("Writing", 0.5), report
            )


def test_a_file_that_unpacks_to_too_much_is_refused_and_the_rest_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "MAX_FILE_BYTES", 1000)
    found = remake(zip_of({"a.png": b"PNG " + b"a" * 997, "b.png": b"PNG " + b"b" * 996}), tmp_path)
    assert list(found) == ["b.png", "not restored.txt"] and b"larger than" in found["not restored.txt"]


def test_what_is_damaged_or_encrypted_is_told(tmp_path):
    whole = bytearray(zip_of({"a.png": b"PNG aaaa", "b.png": b"PNG b"}))
    whole[30 + len("a.png") + 2] ^= 0xFF
    found = remake(bytes(whole), tmp_path)
    assert list(found) == ["b.png", "not restored.txt"] and b"damaged" in found["not restored.txt"]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "no zip"),
        (b"PK no", "no zip"),
        (zip_of({}), "it has 0"),
        (zip_of({f"{n}.png": b"" for n in range(501)}), "501"),
    ],
)
def test_what_is_no_zip_of_photos_is_refused_in_a_sentence(tmp_path, data, part):
    with pytest.raises(UserError, match=part):
        remake(data, tmp_path)
