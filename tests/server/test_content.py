"""What is hidden in files and words comes to nothing: formulas, entities, markup behind a photo, drawings."""

import csv
import io

import pytest

from envo.errors import UserError
from envo.file import PhotoFile
from tests import hostile
from tests.server.test_takeaway import upload
from tests.unit.test_library import picture

FORMULAS = ('=HYPERLINK("http://evil.example")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1")


def test_no_name_title_or_tag_leaves_as_a_formula(client):
    photo = upload(client, "=cmd|' /C calc'!A0.png", picture(1))
    tagged = {"photos": [photo], "add": list(FORMULAS[:4])}
    assert client.post("/envo/gallery/tags", json=tagged).status_code == 200
    client.patch(f"/envo/gallery/photos/{photo}", json={"title": FORMULAS[0]})
    path = client.post("/envo/gallery/takeaway", json={"photos": [photo], "kind": "csv"}).json()["path"]
    answer = client.get(f"/envo/{path}")
    assert answer.headers["content-disposition"].startswith("attachment")
    (_, row) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    parts = [part for cell in row for part in cell.split("; ")]
    assert any("HYPERLINK" in part for part in parts) and any("SUM" in part for part in parts)
    assert not [part for part in parts if part.lstrip()[:1] in ("=", "+", "-", "@")]


def test_entities_beside_a_photo_are_not_followed(client, tmp_path):
    (tmp_path / "secret.txt").write_text("what nobody should read")
    photo = upload(client, "a.png", picture(1))
    outside = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    inside = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    for doctype, entity in ((outside, "&e;"), (f'<!DOCTYPE a [<!ENTITY e0 "ha">{inside}]>', "&e9;")):
        beside = f"{doctype}{hostile.HEAD}<dc:title>{entity}</dc:title>{hostile.TAIL}".encode()
        answer = client.post(f"/envo/photos/{photo}/sidecar", params={"name": "a.xmp"}, content=beside)
        assert answer.status_code in (200, 400)
        told = client.get(f"/envo/gallery/photos/{photo}").text
        assert "nobody should read" not in told and "hahaha" not in told


@pytest.mark.parametrize(
    "behind", [b"<script>alert(1)</script>", b"PK\x05\x06" + bytes(18), b"<?php system(1) ?>", b"%PDF-1.7 1 0 obj"]
)
def test_what_lies_behind_a_photo_is_never_served_as_something_else(client, behind):
    photo = upload(client, "a.html", picture(1) + behind)
    answer = client.get(f"/envo/photos/{photo}/original")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    for part in ("thumbnail", "rendition", "original"):
        headers = client.get(f"/envo/photos/{photo}/{part}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-type"].startswith(("image/", "application/octet-stream")) and "svg" not in str(headers)


@pytest.mark.parametrize(
    "start", [b"", b"\xef\xbb\xbf", b"<!-- -->", b"GIF89a", b"\xff\xd8\xff\xe0", b"BM", b"RIFF\0\0\0\0WEBP"]
)
def test_a_drawing_is_no_photo_however_it_begins(start):
    drawing = start + b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    with pytest.raises(UserError):
        PhotoFile(drawing).decode()
