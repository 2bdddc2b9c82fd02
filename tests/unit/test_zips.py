"""What is in a zip is told under the names that people gave, and nothing in it costs more than it may."""

import io
import struct
import zipfile
import zlib

import pytest

from envo import settings, zips
from envo.errors import UserError


def packed(*entries: tuple[bytes, bytes], flags: int = 0, extra: bytes = b"", method: int = 0) -> bytes:
    """Make a zip byte for byte, as programs write it that know no Unicode: entries are raw names and contents."""
    body, directory = b"", b""
    for name, data in entries:
        content = zlib.compress(data)[2:-4] if method == 8 else data
        sums = struct.pack("<III", zlib.crc32(data), len(content), len(data))
        common = struct.pack("<HHHHH", 20, flags, method, 0, 0x21) + sums + struct.pack("<HH", len(name), len(extra))
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        directory += name + extra
        body += b"PK\3\4" + common + name + extra + content
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def opened(data: bytes) -> zips.Zip:
    return zips.Zip(io.BytesIO(data))


def paths(data: bytes) -> list[str]:
    return [entry.path for entry in opened(data).entries]


def unicode_path(raw: bytes, name: str) -> bytes:
    field = b"\1" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


def test_names_are_what_the_flag_says_else_the_field_else_utf8_else_those_of_dos():
    assert paths(packed(("Gru\u0308n/家族.jpg".encode(), b""), flags=0x800)) == ["Grün/家族.jpg"]
    assert paths(packed(("Gru\u0308n/家族.jpg".encode(), b""))) == ["Grün/家族.jpg"]
    assert paths(packed(("Süd\\Grün.jpg".encode("cp437"), b""))) == ["Süd/Grün.jpg"]
    raw = "Привет.jpg".encode("cp866")
    assert paths(packed((raw, b""), extra=unicode_path(raw, "Привет.jpg"))) == ["Привет.jpg"]
    # A field that was made for another name is none.
    assert paths(packed((b"a.jpg", b""), extra=unicode_path(b"b.jpg", "b.jpg"))) == ["a.jpg"]


def test_names_lead_nowhere():
    names = (b"/etc/passwd", b"../../a.jpg", b"C:\\x\\..\\b.jpg", b"c\x07.jpg", b"./", b"..")
    assert paths(packed(*((name, b"") for name in names))) == ["etc/passwd", "a.jpg", "C:/x/b.jpg", "c.jpg"]


def test_what_programs_add_for_themselves_is_passed_over():
    added = "Thumbs.db desktop.ini .DS_Store a/.DS_Store __MACOSX/a/._b.jpg ._b.jpg @eaDir/b.jpg IMG_1.AAE a/THUMBS.DB"
    assert paths(packed(*((name.encode(), b"") for name in [*added.split(), "a/b.jpg"]))) == ["a/b.jpg"]


def test_files_come_out_whole():
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as made:
            made.writestr("a.jpg", b"a photo " * 1000)
        source = opened(file.getvalue())
        assert source.read(source.entries[0]) == b"a photo " * 1000


def refused(data: bytes, most: int | None = None) -> str:
    source = opened(data)
    with pytest.raises(UserError) as refusal:
        source.read(source.entries[0], most)
    return str(refusal.value)


def test_files_that_cannot_be_unpacked_say_why():
    assert "password" in refused(packed((b"a.jpg", b"?" * 20), flags=1))
    assert "packed in a way" in refused(packed((b"a.jpg", b"?"), method=97))
    assert "a zip within the zip" in refused(packed((b"more.zip", packed((b"a.jpg", b"?")))))
    assert "larger than 1 MB" in refused(packed((b"a.jpg", b"?" * 2**21), method=8), 2**20)
    damaged = bytearray(packed((b"a.jpg", b"photo")))
    damaged[damaged.index(b"photo")] ^= 1
    assert "damaged within the zip" in refused(bytes(damaged))
    cut = bytearray(packed((b"a.jpg", b"photo" * 99), method=8))
    cut[40:44] = b"\xff" * 4
    assert "damaged within the zip" in refused(bytes(cut))


@pytest.mark.parametrize(
    "data", [b"", b"?", packed((b"a.jpg", b"?"))[:-30], b"PK\5\6" + b"\xff" * 18, b"PK\5\6" + b"\0" * 8 + b"\x7f" * 10]
)
def test_what_is_no_zip_is_told(data):
    with pytest.raises(UserError, match="no zip file"):
        opened(data)


def overlapping(count: int) -> bytes:
    """One packed file that many entries tell of: a megabyte that would take hours (D. Fifield, WOOT 2019)."""
    one = packed((b"a.jpg", b"\0" * 100_000), method=8)
    start = one.index(b"PK\1\2")
    entry, body = one[start:-22], one[:start]
    end = struct.pack("<HHHHIIH", 0, 0, count, count, count * len(entry), len(body), 0)
    return body + entry * count + b"PK\5\6" + end


def test_files_that_overlap_are_refused():
    with pytest.raises(UserError, match="overlap"):
        opened(overlapping(1000))


def test_what_a_zip_unpacks_to_is_summed_before(monkeypatch):
    data = packed(*((b"%d.jpg" % number, b"\0" * 1000) for number in range(10)), method=8)
    assert len(opened(data).entries) == 10
    monkeypatch.setattr(settings, "MAX_UNPACKED_BYTES", 9_999)
    with pytest.raises(UserError, match="unpacks to more"):
        opened(data)


def test_a_directory_is_counted_before_it_is_loaded(monkeypatch):
    data = packed(*((b"%d.jpg" % number, b"") for number in range(10)))
    monkeypatch.setattr(settings, "MAX_ZIP_ENTRIES", 9)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    with pytest.raises(UserError, match="more than 9 files"):
        opened(data)
    monkeypatch.setattr(settings, "MAX_DIRECTORY_BYTES", 500)
    with pytest.raises(UserError, match="too long"):
        opened(data)


def test_a_name_that_is_not_in_the_alphabet_that_the_zip_says_is_told():
    with pytest.raises(UserError, match="alphabet"):
        opened(packed((b"\xff.jpg", b""), flags=0x800))
