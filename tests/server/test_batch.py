"""What a batch makes of a photo is what the app makes of it, to the bit."""

import io
import json
import zipfile
from pathlib import Path

import gradio_client
import httpx
import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image

from envo.file import PhotoFile
from models import faces, layers
from models.batch import works
from models.tagging import run
from tests.conftest import EXAMPLES
from tests.server import rendering

ASTRONAUT = EXAMPLES / "astronaut.jpg"
TOUCHED = {
    "schema": 3,
    "layers": [
        {"id": "image"},
        *({"id": kind, "mask": {"parts": [{"shape": "matte", "kind": kind}]}} for kind in layers.CLOSER),
    ],
}
"""With this edit, mattes stay those that came at once, be there a better engine or not."""
EDIT = {
    "schema": 3,
    "layers": [
        {"id": "image", "adjustments": {"exposure": 0.4, "clarity": 40, "dehaze": 20, "noise_luminance": 60}},
        {"id": "hair", "mask": {"parts": [{"shape": "matte", "kind": "hair"}]}, "adjustments": {"saturation": 50}},
    ],
}


@pytest.fixture(scope="module")
def endpoints(server) -> gradio_client.Client:
    return gradio_client.Client(server.url, verbose=False)


@pytest.fixture(scope="module")
def page(server):
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/")
        yield client


@pytest.fixture(scope="module")
def portrait(tmp_path_factory) -> Path:
    """A photo that nobody else brings, whose mattes are therefore made here."""
    path = tmp_path_factory.mktemp("portrait") / "portrait.jpg"
    Image.open(ASTRONAUT).save(path, quality=91)
    return path


@pytest.fixture(scope="module")
def photo(page, portrait) -> str:
    sent = page.post("/envo/photos", params={"name": portrait.name}, content=portrait.read_bytes())
    photo = sent.json()["photo"]["id"]
    write = {"document": TOUCHED, "base": 0, "writer": "one-window", "seq": 1}
    assert page.post(f"/envo/photos/{photo}/edit", json=write).status_code == 200
    return photo


@pytest.fixture(scope="module")
def mattes(page, photo) -> dict[str, bytes]:
    """As the page gets them."""
    news = {"state": "waiting", "number": -1}
    while news["state"] in ("waiting", "working"):
        news = page.get(f"/envo/photos/{photo}/mattes", params={"seen": news["number"]}).json()
    kinds = [each["kind"] for each in news["mattes"]]
    return {kind: page.get(f"/envo/photos/{photo}/mattes/{kind}").content for kind in kinds}


def made(work: works.Work, path: Path) -> works.Made:
    return work.make(PhotoFile(path.read_bytes()))


def test_mattes_are_those_of_the_page(portrait, mattes):
    with zipfile.ZipFile(io.BytesIO(made(works.Mattes(), portrait).data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(files.pop("mattes.json"))
    assert files == {f"{kind}.png": data for kind, data in mattes.items()}
    assert {"person.png", "hair.png", "eyes.png"} <= files.keys() and len(told["faces"]) == 1


def test_tags_are_those_of_the_endpoint_and_people_are_the_same_faces(endpoints):
    told = json.loads(made(works.Tag(), ASTRONAUT).data)
    assert told == endpoints.predict(handle_file(ASTRONAUT), api_name="/tag")
    people = json.loads(made(works.People(), ASTRONAUT).data)
    assert [face["box"] for face in people["faces"]] == [face["box"] for face in told["faces"]]
    # As the gallery embeds the faces that tagging found.
    tagged = run.tag_photo(PhotoFile(ASTRONAUT.read_bytes()), *works.Tag()._engines())
    embeddings = faces.ENGINES[people["engine"]].embed(tagged.image, tagged.faces)
    assert np.array_equal(np.float32([face["embedding"] for face in people["faces"]]), embeddings)


def test_a_restored_photo_is_that_of_the_endpoint(endpoints, tmp_path):
    faded = (np.asarray(Image.open(ASTRONAUT).convert("RGB")) // 3 + 90).astype(np.uint8)
    Image.fromarray(faded).save(tmp_path / "old.jpg", quality=95)
    restored = endpoints.predict(handle_file(tmp_path / "old.jpg"), api_name="/restore")
    assert made(works.Restore(), tmp_path / "old.jpg").data == Path(restored).read_bytes()


def test_a_rendered_photo_is_that_which_the_page_downloads(page, photo, portrait, mattes, tmp_path):
    (tmp_path / "edit.json").write_text(json.dumps(EDIT))
    rendered = made(works.Render(works.preset("edit.json", (tmp_path / "edit.json").read_bytes())[0]), portrait)
    assert rendered.data == rendering.file(page, photo, EDIT)[0]
