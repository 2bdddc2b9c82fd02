"""Cropped, turned and straightened photos by HTTP: what leaves, and what is made of them."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo.edits import Geometry
from envo.geometry import framing
from envo.settings import THUMBNAIL_EDGE
from models.faces import find
from tests import exiftool
from tests.browser.pages import ASTRONAUT, COFFEE
from tests.server import rendering
from tests.server import test_restorations as restoring
from tests.server import test_results as acting
from tests.server.test_renditions import save
from tests.server.test_restorations import inverter  # noqa: F401

SIZE = (600, 400)
"""Of coffee.jpg."""
CROPPED = Geometry(turns=1, crop=(0.1, 0.2, 0.9, 0.6))


@pytest.fixture
def photo(client) -> str:
    return client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


def document(geometry: Geometry, exposure: float = 0.0) -> dict:
    layer = {"id": "image", "adjustments": {"exposure": exposure} if exposure else {}}
    return {"schema": 3, "geometry": geometry.model_dump(mode="json"), "layers": [layer]}


def get(client: TestClient, address: str, **params: object) -> np.ndarray:
    answer = client.get(f"/envo/{address}", params=params)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))


def download(client: TestClient, photo: str, geometry: Geometry, format: str = "PNG") -> bytes:
    return rendering.file(client, photo, document(geometry), format=format, quality=95)[0]


def original() -> np.ndarray:
    return np.asarray(Image.open(COFFEE))


def test_a_cropped_and_turned_download_is_the_photos_own_pixels(client, photo):
    made = np.asarray(Image.open(io.BytesIO(download(client, photo, CROPPED))))
    assert made.shape == (240, 320, 3)
    assert np.array_equal(made, np.rot90(original(), -1)[120:360, 40:360])
    assert exiftool.tags(download(client, photo, CROPPED, "JPEG")).get("IFD0:Orientation", "Horizontal (normal)") == (
        "Horizontal (normal)"
    )


def test_pictures_of_a_cropped_photo_are_of_the_crop_and_as_large_as_others(client, photo):
    edit = save(client, photo, document(CROPPED))
    row = client.get(f"/envo/photos/{photo}").json()
    assert (row["framed"]["width"], row["framed"]["height"]) == (320, 240)
    assert np.allclose(row["framed"]["matrix"], framing(CROPPED, SIZE).matrix)
    large = get(client, f"photos/{photo}/rendition", edit=edit)
    assert large.shape == (240, 320, 3)
    small = get(client, f"photos/{photo}/thumbnail", edit=edit)
    assert max(small.shape) == min(THUMBNAIL_EDGE, 320) and small.shape[1] > small.shape[0]
    whole = get(client, f"photos/{photo}/rendition", edit=edit, whole=True)
    assert whole.shape == original().shape and np.abs(whole.astype(int) - original()).mean() < 4
    assert save(client, photo, document(Geometry())) == 0
    assert client.get(f"/envo/photos/{photo}").json()["framed"] is None


@pytest.mark.parametrize("geometry", [CROPPED, Geometry(angle=8.0, vertical=10.0)])
def test_what_is_erased_from_a_cropped_photo_is_cropped_alike_when_it_leaves(client, photo, geometry):
    edit = save(client, photo, document(geometry, 0.5))
    (result,) = acting.run(client, photo, "erase", engine="patchmatch")
    assert (result["width"], result["height"], result["edit"]) == (*SIZE, edit)  # what lies around is there still
    kept = client.get(f"/envo/photos/{result['kept']['id']}").json()
    frame = framing(geometry, SIZE)
    assert (kept["framed"]["width"], kept["framed"]["height"]) == frame.size
    small = get(client, f"photos/{kept['id']}/thumbnail", edit=kept["edit"])
    assert small.shape[1] / small.shape[0] == pytest.approx(frame.size[0] / frame.size[1], rel=0.02)
    taken = client.get(f"/envo/photos/{photo}/results/{result['id']}/download")
    made = Image.open(io.BytesIO(taken.content))
    assert made.size == frame.size
    expected = np.asarray(Image.open(io.BytesIO(download(client, kept["id"], geometry))).convert("RGB"))
    assert np.abs(np.asarray(made.convert("RGB")).astype(int) - expected).mean() < 1.5

    (other,) = acting.run(client, photo, "erase", engine="patchmatch", original=True)  # of the photo as it came
    assert client.get(f"/envo/photos/{other['kept']['id']}").json()["framed"] is None


def test_a_cutout_of_a_cropped_photo_is_cropped(client, photo):
    save(client, photo, document(CROPPED))
    wish = {"mask": acting.png(acting.some_mask())}
    cut = np.asarray(Image.open(io.BytesIO(client.post(f"/envo/photos/{photo}/cutout", json=wish).content)))
    mask = np.rot90(acting.some_mask(), -1)[120:360, 40:360]
    assert cut.shape == (240, 320, 4) and np.array_equal(cut[..., 3], mask)
    whole = client.post(f"/envo/photos/{photo}/cutout", json=wish | {"original": True}).content
    assert Image.open(io.BytesIO(whole)).size == SIZE


def test_a_cropped_photo_is_restored_as_a_whole_and_stays_cropped(client, photo, inverter):  # noqa: F811
    save(client, photo, document(CROPPED))
    look = restoring.follow(client, f"/envo/photos/{photo}/look")[-1]
    assert look["state"] == "done"
    made = restoring.run(client, photo)["photo"]
    assert (made["width"], made["height"]) == SIZE and made["framed"]["width"] == 320
    assert get(client, f"photos/{made['id']}/rendition", edit=made["edit"]).shape == (240, 320, 3)


def test_a_region_and_its_name_lie_on_the_face_in_a_cropped_turned_straightened_download(client):
    face = max(find.find(np.asarray(Image.open(ASTRONAUT))), key=lambda each: each.width)
    width, height = Image.open(ASTRONAUT).size
    x0, y0, x1, y1 = face.box
    area = f"X={(x0 + x1) / 2 / width},Y={(y0 + y1) / 2 / height},W={(x1 - x0) / width},H={(y1 - y0) / height}"
    region = f"{{Area={{{area},Unit=normalized}},Name=Eileen,Type=Face}}"
    told = f"{{AppliedToDimensions={{W={width},H={height},Unit=pixel}},RegionList=[{region}]}}"
    data = exiftool.changed(ASTRONAUT.read_bytes(), f"-RegionInfo={told}")
    mine = client.post("/envo/photos?name=eileen.jpg", content=data).json()["photo"]["id"]
    for geometry in (
        Geometry(crop=(0.2, 0.0, 0.8, 0.7)),
        Geometry(angle=-9.0, crop=(0.25, 0.1, 0.75, 0.6)),
        Geometry(flip=True, angle=5.0, vertical=15.0, horizontal=-10.0),
        Geometry(turns=1, angle=4.0, crop=(0.3, 0.2, 0.95, 0.8)),
    ):
        made = download(client, mine, geometry, "JPEG")
        picture = np.asarray(Image.open(io.BytesIO(made)))
        upright = np.ascontiguousarray(np.rot90(picture, geometry.turns))
        there = max(find.find(upright), key=lambda each: each.width).box
        found = exiftool.tags(made)["XMP-mwg-rs:RegionInfo"]
        high, wide = picture.shape[:2]
        assert found["AppliedToDimensions"] == {"W": wide, "H": high, "Unit": "pixel"}
        (one,) = found["RegionList"]
        assert one["Name"] == "Eileen"
        x, y, w, h = (one["Area"][side] * length for side, length in zip("XYWH", (wide, high, wide, high), strict=True))
        if geometry.turns:  # the face was looked for in the picture turned back
            x, y, w, h = y, wide - x, h, w
        told_box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        assert share(told_box, there) > 0.6, (geometry, told_box, there)

    cut_off = exiftool.tags(download(client, mine, Geometry(crop=(0.0, 0.5, 1.0, 1.0)), "JPEG"))
    assert "Eileen" not in str({name: value for name, value in cut_off.items() if name.startswith("XMP")})


def share(one, other) -> float:
    """What two boxes have in common, of what both cover."""
    width, height = (max(0.0, min(one[i + 2], other[i + 2]) - max(one[i], other[i])) for i in range(2))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (areas - width * height)


def test_a_stranger_sees_nothing_of_a_crop(client, photo):
    edit = save(client, photo, document(CROPPED))
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(f"/envo/photos/{photo}/rendition", params={"edit": edit, "whole": True}).status_code == 404
    assert stranger.get(f"/envo/photos/{photo}").status_code == 404
