"""Envo as a service for programs: `POST /complete-image`, and the endpoints of Gradio's client."""

import base64
import io
import json
import threading
import zipfile
from pathlib import Path

import gradio_client
import httpx
import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image

from tests.browser.pages import COFFEE
from tests.conftest import EXAMPLES, start_server

SIZE = (600, 400)
"""Of coffee.jpg."""


def original() -> np.ndarray:
    return np.asarray(Image.open(COFFEE))


def some_mask() -> np.ndarray:
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[150:200, 200:300] = 255
    return mask


def file_of(pixels: np.ndarray, format: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text)))


def complete(server, **wish) -> httpx.Response:
    return httpx.post(f"{server.url}complete-image", json=wish, timeout=600)


def assert_erased(found: np.ndarray, mask: np.ndarray) -> None:
    assert np.array_equal(found[mask == 0], original()[mask == 0])
    assert (found != original()).any(axis=2)[mask > 0].mean() > 0.9


def test_an_image_is_completed_where_the_mask_says(server):
    answer = complete(server, img=text_of(COFFEE.read_bytes()), mask=text_of(file_of(some_mask())))
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"img"}
    found = read(answer.json()["img"])
    assert found.format == "PNG" and json.loads(found.text["envo"])["action"] == "erase"
    assert_erased(np.asarray(found), some_mask())


def test_without_a_mask_what_is_transparent_is_completed_and_data_urls_are_taken(server):
    alpha = np.full(SIZE[::-1], 255, np.uint8)
    alpha[150:200, 200:250], alpha[150:200, 250:300] = 0, 254
    clear = text_of(file_of(np.dstack([original(), alpha])))
    lines = "\n".join(clear[at : at + 76] for at in range(0, len(clear), 76))
    first, second = (complete(server, img=img) for img in (f"data:image/png;base64,{clear}", lines))
    assert first.status_code == second.status_code == 200, first.text
    found = np.asarray(read(first.json()["img"]))
    assert found.shape == (400, 600, 3)
    assert_erased(found, some_mask())
    assert np.array_equal(found, np.asarray(read(second.json()["img"])))


def test_a_hole_that_is_clear_in_the_mask_is_said_to_be_or_refused(server):
    holed = text_of(file_of(np.dstack([original(), 255 - some_mask()])))
    answer = complete(server, img=OPAQUE, mask=holed, hole="clear")
    assert_erased(np.asarray(read(answer.json()["img"])), some_mask())
    refused = complete(server, img=OPAQUE, mask=holed)
    assert refused.status_code == 400 and "cannot be told" in refused.json()["error"]


def test_what_a_picture_is_it_stays_and_what_cannot_is_told(server):
    grey = np.asarray(Image.fromarray(original()).convert("L"))
    deep = (grey.astype(np.uint16) << 8) + 77
    clear = np.dstack([original(), np.tile(np.linspace(0, 255, 600).astype(np.uint8), (400, 1))])
    cmyk = Image.fromarray(np.dstack([255 - original(), 0 * grey]), "CMYK")
    ink = io.BytesIO()
    cmyk.save(ink, "TIFF")
    for pixels, data in ((grey, file_of(grey)), (deep, file_of(deep)), (clear, file_of(clear)), (None, ink.getvalue())):
        answer = complete(server, img=text_of(data), mask=text_of(file_of(some_mask())))
        assert answer.status_code == 200, answer.text
        found = np.asarray(read(answer.json()["img"]))
        if pixels is not None:
            assert found.dtype == pixels.dtype and found.shape == pixels.shape
            assert np.array_equal(found[some_mask() == 0], pixels[some_mask() == 0])
        assert ("CMYK" in "".join(answer.json().get("notes", []))) == (pixels is None)
        assert ("8 bits" in "".join(answer.json().get("notes", []))) == (pixels is deep)


def test_exif_comes_along_and_pictures_are_turned_upright(server):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    turned = file_of(original(), "JPEG", exif=exif)
    found = read(complete(server, img=text_of(turned), mask=text_of(file_of(some_mask().T))).json()["img"])
    assert found.size == (400, 600)
    assert (found.getexif()[0x010F], found.getexif().get(0x0112, 1)) == ("Maker", 1)


OPAQUE = text_of(COFFEE.read_bytes())
EMPTY = text_of(file_of(np.zeros((400, 600), np.uint8)))


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("", "understand"),
        ("[]", "understand"),
        ("no JSON", "understand"),
        (b"\xff\xfe", "understand"),
        ({}, "img"),
        ({"img": None}, "img"),
        ({"img": 3}, "img"),
        ({"img": ""}, "empty"),
        ({"img": "data:"}, "empty"),
        ({"img": "é no base64!"}, "picture is not base64"),
        ({"img": "QUJD"}, "no photo"),
        ({"img": text_of(COFFEE.read_bytes()[:5000])}, "damaged"),
        ({"img": OPAQUE}, "nothing to fill"),
        ({"img": OPAQUE, "mask": "%"}, "mask is not base64"),
        ({"img": OPAQUE, "mask": "QUJD"}, "no photo"),
        ({"img": OPAQUE, "mask": EMPTY, "hole": "black"}, "not 'black'"),
        ({"img": OPAQUE, "mask": EMPTY, "drawn": "askew"}, "not 'askew'"),
        ({"img": OPAQUE, "mask": EMPTY}, "Nothing is selected"),
        ({"img": OPAQUE, "mask": text_of(file_of(np.full((400, 600), 255, np.uint8)))}, "whole photo"),
        ({"img": OPAQUE, "mask": text_of(file_of(np.full((30, 60), 255, np.uint8)))}, "60 x 30"),
        ({"img": text_of(file_of(np.zeros((4, 4, 4), np.uint8)))}, "whole photo"),
    ],
)
def test_wrong_input_is_answered_by_400_and_a_sentence(server, body, part):
    content = json.dumps(body) if isinstance(body, dict) else body
    answer = httpx.post(f"{server.url}complete-image", content=content, timeout=60)
    assert answer.status_code == 400, answer.text
    assert part in answer.json()["error"] and answer.json()["error"].endswith(".")


def test_what_is_too_large_hears_what_that_is_and_how_large_it_may_be(server):
    large = text_of(COFFEE.read_bytes() + bytes(64 * 2**20))
    for wish, what in (({"img": large}, "The picture"), ({"img": OPAQUE, "mask": large}, "The mask")):
        answer = complete(server, **wish)
        assert answer.status_code == 400
        assert f"{what} is larger than 64 MB as a file" in answer.json()["error"]


@pytest.mark.parametrize("spelt", [str.upper, lambda text: text.replace("+", "-").replace("/", "_").rstrip("=")])
def test_base64_is_taken_as_programs_spell_it(server, spelt):
    head = "data:image/jpeg;base64,"
    text = OPAQUE if spelt is str.upper else spelt(OPAQUE)
    answer = complete(
        server, img=(spelt(head) if spelt is str.upper else "") + text, mask=text_of(file_of(some_mask()))
    )
    assert answer.status_code == 200, answer.text


def test_whoever_completes_images_keeps_nobody_else_waiting(server):
    large = np.asarray(Image.open(COFFEE).resize((1200, 800)))
    mask = np.zeros((800, 1200), np.uint8)
    mask[100:300, 100:1000] = 255
    wish = {"img": text_of(file_of(large)), "mask": text_of(file_of(mask))}
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(complete(server, **wish))) for _ in range(3)]
    for thread in threads:
        thread.start()
    answered_before = 0
    while not answers:
        assert httpx.get(server.url, timeout=60).status_code == 200
        answered_before += 1
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answered_before > 3


@pytest.fixture(scope="module")
def client(server) -> gradio_client.Client:
    return gradio_client.Client(server.url, verbose=False)


@pytest.fixture
def mask(tmp_path) -> dict:
    path = tmp_path / "mask.png"
    path.write_bytes(file_of(some_mask()))
    return handle_file(path)


PHOTO = handle_file(COFFEE)


def test_the_client_erases(client, mask):
    found = Image.open(client.predict(PHOTO, mask, api_name="/erase"))
    assert found.format == "PNG"
    assert_erased(np.asarray(found), some_mask())
    named = client.predict(image=PHOTO, mask=mask, engine="patchmatch", api_name="/erase")
    assert json.loads(Image.open(named).text["envo"])["engine"] == "patchmatch"


def test_the_client_changes_backgrounds(client, mask):
    clear = Image.open(client.predict(PHOTO, mask, "transparent", api_name="/background"))
    assert np.array_equal(np.asarray(clear)[..., 3], 255 - some_mask())
    colour = {"colour": "#ff0000"}
    red = np.asarray(Image.open(client.predict(PHOTO, mask, "colour", colour, api_name="/background")))
    assert (red[some_mask() > 0] == (255, 0, 0)).all()
    other = handle_file(EXAMPLES / "rocket.jpg")
    path = client.predict(PHOTO, mask, kind="photo", other=other, api_name="/background")
    assert_erased(np.asarray(Image.open(path)), some_mask())


COLOUR = [{"id": "colour", "engine": "envo-colour"}]


def faded() -> np.ndarray:
    return (original() // 3 + 90).astype(np.uint8)


def test_the_client_restores_a_photo(client, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    (tmp_path / "Oma.jpg").write_bytes(file_of(faded(), "JPEG", quality=95, exif=exif))
    photo = handle_file(tmp_path / "Oma.jpg")
    path = Path(client.predict(photo, COLOUR, api_name="/restore"))
    found = Image.open(path)
    assert (path.name, found.format, found.size, found.getexif()[0x010F]) == ("Oma restored.jpg", "JPEG", SIZE, "Maker")
    assert np.asarray(found).std() > 1.2 * faded().std()
    by_a_look = Image.open(client.predict(image=photo, api_name="/restore"))
    assert np.asarray(by_a_look).std() > 1.2 * faded().std()


@pytest.mark.parametrize(
    ("name", "restored"),
    [
        ("Großmutter und Enkel – 1931 📷.jpg", "Großmutter und Enkel – 1931 📷 restored.jpg"),
        ("50% off #1 a&b.jpg", "50% off #1 a&b restored.jpg"),
        ("a+b;c=d, e.jpg", "a+b;c=d, e restored.jpg"),
    ],
)
def test_a_restored_photo_is_named_after_the_one_that_was_sent(client, tmp_path, name, restored):
    (tmp_path / name).write_bytes(file_of(faded()[::4, ::4], "JPEG"))
    path = Path(client.predict(handle_file(tmp_path / name), COLOUR, api_name="/restore"))
    assert path.name == restored and Image.open(path).size == (150, 100)


def test_the_client_hears_what_a_photo_shows(client):
    found = client.predict(handle_file(EXAMPLES / "chelsea.jpg"), api_name="/tag")
    cat = next(tag for tag in found["tags"] if tag["word"] == "cat")
    assert cat["confidence"] > 0.5 and cat["parents"][0] == "animals" and found["faces"] == []
    assert set(cat) == {"word", "confidence", "origin", "engine", "parents", "boxes"}
    found = client.predict(handle_file(EXAMPLES / "astronaut.jpg"), api_name="/tag")
    left, top, right, bottom = found["faces"][0]["box"]
    assert 0.3 < left < right < 0.6 and 0.05 < top < bottom < 0.4
    with pytest.raises(Exception, match="There is no engine 'guess'"):
        client.predict(handle_file(EXAMPLES / "chelsea.jpg"), "guess", api_name="/tag")


def test_the_client_restores_a_folder(client, tmp_path):
    with zipfile.ZipFile(tmp_path / "album.zip", "w") as archive:
        archive.writestr("1931/Oma.jpg", file_of(faded(), "JPEG", quality=95))
        archive.writestr("note.txt", "no photo")
    path = client.predict(handle_file(tmp_path / "album.zip"), COLOUR, "quick", api_name="/restore_folder")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["1931/Oma.jpg", "not restored.txt"]
        assert np.asarray(Image.open(archive.open("1931/Oma.jpg"))).std() > 1.2 * faded().std()
        assert archive.read("not restored.txt").startswith(b"note.txt: This is no photo")


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"steps": []}, "at least one step"),
        ({"steps": "much"}, "understand"),
        ({"steps": [{"id": "iron"}]}, "no step"),
        ({"size": "huge"}, "'quick', 'fine' or 'full'"),
    ],
)
def test_the_client_hears_in_a_sentence_what_cannot_be_restored(client, more, part):
    with pytest.raises(gradio_client.exceptions.AppError, match=part):
        client.predict(image=PHOTO, api_name="/restore", **more)
    with pytest.raises(gradio_client.exceptions.AppError, match=part):
        client.predict(folder=PHOTO, api_name="/restore_folder", **more)


@pytest.mark.parametrize(
    ("endpoint", "more", "part"),
    [
        ("/erase", {"engine": "unheard-of"}, "no engine"),
        ("/replace", {"prompt": "x", "engine": "unheard-of"}, "no engine"),
        ("/background", {"kind": "snow"}, "one of"),
        ("/background", {"kind": "photo"}, "Choose the photo"),
        ("/background", {"settings": {"amount": 1000}}, "Blur"),
        ("/background", {"settings": [1]}, "settings"),
    ],
)
def test_the_client_hears_in_a_sentence_what_cannot_be_done(client, mask, endpoint, more, part):
    with pytest.raises(gradio_client.exceptions.AppError, match=part):
        client.predict(image=PHOTO, mask=mask, api_name=endpoint, **more)


def test_the_client_hears_that_a_mask_does_not_fit(client, tmp_path):
    for name, pixels, part in (
        ("small", np.zeros((9, 9), np.uint8), "9 x 9"),
        ("empty", 0 * some_mask(), "Nothing is"),
    ):
        (tmp_path / name).write_bytes(file_of(pixels))
        with pytest.raises(gradio_client.exceptions.AppError, match=part):
            client.predict(PHOTO, handle_file(tmp_path / name), api_name="/erase")


def test_no_file_of_the_machine_can_be_had_by_the_client(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(COFFEE.read_bytes())
    server = start_server(tmp_path / "home", tmp_path / "log")
    for meta in ({"meta": {"_type": "gradio.FileData"}}, {}):
        for path in (str(secret), f"file://{secret}", str(tmp_path / "home" / "secret"), "../../etc/passwd", None):
            sent = {"data": [{"path": path, **meta}, {"path": path, **meta}, "auto"]}
            begun = httpx.post(f"{server.url}gradio_api/call/erase", json=sent).json()
            told = httpx.get(f"{server.url}gradio_api/call/erase/{begun['event_id']}", timeout=60).text
            assert "event: error" in told and "complete" not in told
    server.stop()


def test_where_a_login_is_wanted_the_service_wants_it_too(tmp_path):
    server = start_server(tmp_path, tmp_path / "log", ("-c", "from app import launch; launch(auth=[('ann', 'a')])"))
    wish = {"img": OPAQUE, "mask": text_of(file_of(some_mask()))}
    assert complete(server, **wish).status_code == 401
    with httpx.Client(base_url=server.url, timeout=60) as ann:
        ann.post("/login", data={"username": "ann", "password": "a"})
        assert ann.post("/complete-image", json=wish).status_code == 200
    server.stop()


def test_nothing_of_it_gets_into_a_library(server):
    def kept() -> set[Path]:
        files = (path for path in Path(server.home).rglob("*") if path.is_file())
        return {path for path in files if path.parent.parent.name in ("originals", "results")}

    before = kept()
    complete(server, img=OPAQUE, mask=text_of(file_of(some_mask())))
    assert kept() == before


def test_the_client_takes_a_photo_apart(client):
    with zipfile.ZipFile(client.predict(handle_file(EXAMPLES / "astronaut.jpg"), api_name="/mattes")) as archive:
        told = json.loads(archive.read("mattes.json"))
        person = np.asarray(Image.open(archive.open("person.png")))
        assert {"background.png", "hair.png", "eyes.png"} < set(archive.namelist())
    assert len(told["faces"]) <= 1 and told["engine"]
    height, width = person.shape
    assert person[height // 2, width // 2] > 250 and person[5, width // 2] < 5


def test_the_client_selects_what_is_clicked_on_and_goes_on_from_there(client):
    cup = {"points": [[300, 200, True]], "api_name": "/select"}
    clicked = client.predict(PHOTO, **cup)
    first = np.asarray(Image.open(clicked))
    assert first[200, 300] > 127 and 0.01 < (first > 127).mean() < 0.9
    begun = client.predict(PHOTO, start=handle_file(clicked), points=[[20, 20, True]], api_name="/select")
    assert np.asarray(Image.open(begun))[20, 20] > 127
    boxed = np.asarray(Image.open(client.predict(PHOTO, box=[200, 100, 420, 330], api_name="/select")))
    assert (boxed[:60] > 127).mean() < 0.01 and (boxed[100:330, 200:420] > 127).mean() > 0.2
    for wrong, part in ({}, "Click on the photo"), ({"points": [[900, 9, True]]}, "outside"), ({"box": [1, 2]}, "box"):
        with pytest.raises(gradio_client.exceptions.AppError, match=part):
            client.predict(PHOTO, **wrong, api_name="/select")


def test_the_client_cuts_out_what_a_mask_or_a_name_says(client, mask):
    found = np.asarray(Image.open(client.predict(PHOTO, mask, api_name="/cutout")))
    assert np.array_equal(found[..., 3], some_mask()) and found.shape[:2] == original().shape[:2]
    astronaut = handle_file(EXAMPLES / "astronaut.jpg")
    person = np.asarray(Image.open(client.predict(astronaut, kind="person", api_name="/cutout")))
    assert 0.2 < (person[..., 3] > 250).mean() < 0.9
    with pytest.raises(gradio_client.exceptions.AppError, match=r"No hair was found in the photo.*Send a mask"):
        client.predict(PHOTO, kind="hair", api_name="/cutout")


def test_the_client_compares_the_people_of_two_photos(client, tmp_path):
    astronaut = EXAMPLES / "astronaut.jpg"
    smaller = tmp_path / "smaller.jpg"
    with Image.open(astronaut) as photo:
        photo.resize((photo.width * 3 // 4, photo.height * 3 // 4)).save(smaller)
    found = client.predict(handle_file(astronaut), handle_file(smaller), api_name="/people")
    assert len(found["faces"]) == len(found["others"]) == 1 and len(found["faces"][0]["embedding"]) > 99
    (pair,) = found["pairs"]
    assert (pair["face"], pair["other"], pair["same"]) == (0, 0, True)
    assert "others" not in client.predict(handle_file(astronaut), api_name="/people")


def test_the_client_straightens_a_photo(client):
    turned = Image.open(client.predict(PHOTO, turn=1, angle=2.5, api_name="/straighten"))
    assert turned.format == "JPEG" and turned.width < 400 and turned.width < turned.height < 600
    as_it_was = client.predict(PHOTO, turn=0, angle=0, api_name="/straighten")
    assert Image.open(as_it_was).size == SIZE


def test_the_client_renders_an_edit_or_a_preset(client, tmp_path):
    edit = {"schema": 2, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]}
    made = Image.open(client.predict(PHOTO, edit, settings={"format": "PNG"}, api_name="/render"))
    assert (made.format, made.size) == ("PNG", SIZE)
    assert np.asarray(made).mean() > original().mean() + 15
    preset = tmp_path / "bright.xmp"
    preset.write_text(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Exposure2012="+1.00"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    same = Image.open(client.predict(PHOTO, preset=handle_file(preset), api_name="/render"))
    assert same.format == "JPEG" and np.asarray(same).mean() > original().mean() + 15
    for wrong, part in (
        ({}, "an edit, or a preset"),
        ({"edit": {"layers": 3}}, "."),
        ({"edit": edit, "settings": {"format": "BMP"}}, "format"),
    ):
        with pytest.raises(gradio_client.exceptions.AppError, match=part):
            client.predict(PHOTO, **wrong, api_name="/render")


def test_the_client_hears_what_a_photos_file_says(client, tmp_path):
    path = tmp_path / "told.jpg"
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Maker", "Model 1", "2019:05:04 03:02:01"
    Image.open(COFFEE).save(path, exif=exif)
    told = client.predict(handle_file(path), api_name="/describe")
    assert (told["format"], told["width"], told["height"], told["bits"]) == ("JPEG", *SIZE, 8)
    assert told["camera"] == "Maker Model 1" and told["taken"] == "2019-05-04T03:02:01" and told["tags"] is None
