"""Replacing from end to end: a real server, the real loading of a small Stable Diffusion, pages and programs."""

import io
import json
import socket

import gradio_client
import httpx
import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image

import app  # noqa: F401, what the server runs
from envo import masks
from models import hub
from tests.conftest import Server, start_server
from tests.models.test_inpaint_replace import save_xl
from tests.server.test_results import COFFEE, original, png, some_mask

pytestmark = pytest.mark.slow

WISH = {"prompt": "a glass of milk", "negative": "coffee", "seed": 4_000_000_000, "steps": 2, "guidance": 5}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replacing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVO_CACHE", str(folder / "cache"))
        save_xl(hub.folder("sdxl-inpaint"))
    running = start_server(folder / "home", folder / "log", ENVO_CACHE=str(folder / "cache"))
    yield running
    running.stop()
    log = (folder / "log").read_text()
    assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def visitor(server: Server):
    with httpx.Client(base_url=server.url, timeout=120) as client:
        client.get("/")
        yield client


def follow(visitor: httpx.Client, address: str, until: str = "") -> list[dict]:
    """All that is told of an action until it has ended, or until a step."""
    told, seen = [], -1
    while not told or told[-1]["state"] in ("waiting", "working"):
        told.append(visitor.get(f"{address}?seen={seen}").json())
        seen = told[-1]["number"]
        if until and until in told[-1]["step"]:
            break
    return told


def test_a_visitor_replaces_cancels_and_gets_the_same_from_the_same_seed(visitor):
    engines = {each["name"]: each for each in visitor.get("/envo/replace/engines").json()["replace"]["engines"]}
    here, missing = engines["sdxl-inpaint"], engines["sd15-inpaint"]
    assert here["available"] and here["seconds"] > 0 and not missing["available"]
    assert "huggingface.co" in missing["how"] and missing["bytes"] > 1e9
    photo = visitor.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    address = f"/envo/photos/{photo}/actions"
    wish = {"action": "replace", "mask": png(some_mask()), "engine": "sd15-inpaint", "settings": WISH}
    assert "huggingface.co" in visitor.post(address, json=wish).json()["error"]
    wish["engine"] = "auto"
    wish["settings"] = WISH | {"steps": 100}
    job = visitor.post(address, json=wish).json()["job"]
    assert follow(visitor, f"{address}/{job}", until="Painting, step 2")[-1]["preview"] >= 1
    assert Image.open(io.BytesIO(visitor.get(f"{address}/{job}/preview").content)).format == "WEBP"
    assert visitor.delete(f"{address}/{job}").status_code == 204
    assert follow(visitor, f"{address}/{job}")[-1]["state"] == "cancelled"

    pictures = []
    for settings in (WISH | {"count": 2}, WISH | {"seed": WISH["seed"] + 1}):
        job = visitor.post(address, json=wish | {"settings": settings}).json()["job"]
        end = follow(visitor, f"{address}/{job}")[-1]
        assert end["state"] == "done", end
        for result in end["results"]:
            assert result["engine"] == "sdxl-inpaint" and result["settings"]["negative"] == "coffee"
            data = visitor.get(f"/envo/photos/{photo}/results/{result['id']}/download").content
            pictures.append(np.asarray(Image.open(io.BytesIO(data))))
    first, second, again = pictures
    assert np.array_equal(second, again) and not np.array_equal(first, second)
    assert np.array_equal(first[some_mask() == 0], original()[some_mask() == 0])


def test_a_program_replaces(server, tmp_path):
    (tmp_path / "mask.png").write_bytes(masks.encode_matte(some_mask()))
    client = gradio_client.Client(server.url, verbose=False)
    files = (handle_file(COFFEE), handle_file(tmp_path / "mask.png"))
    path = client.predict(*files, **WISH, api_name="/replace")
    with Image.open(path) as found:
        assert np.array_equal(np.asarray(found)[some_mask() == 0], original()[some_mask() == 0])
        assert found.text["parameters"].startswith("a glass of milk\nNegative prompt: coffee\nSteps: 2, ")
        assert "Seed: 4000000000" in found.text["parameters"]
        assert json.loads(found.text["envo"])["settings"]["guidance"] == 5
    with pytest.raises(gradio_client.exceptions.AppError, match=r"huggingface\.co"):
        client.predict(*files, "milk", engine="sd15-inpaint", api_name="/replace")
    with pytest.raises(gradio_client.exceptions.AppError, match="5000 characters"):
        client.predict(*files, "x" * 5000, api_name="/replace")


def test_a_hub_that_hangs_holds_nothing_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hub_address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        empty = {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": hub_address, "ENVO_CACHE": str(tmp_path / "cache")}
        running = start_server(tmp_path / "home", tmp_path / "log", **empty)
        with httpx.Client(base_url=running.url, timeout=120) as client:
            client.get("/")
            told = client.get("/envo/replace/engines").json()
            assert told["hub"] is None and not any(each["available"] for each in told["replace"]["engines"])
            assert client.post("/envo/replace/engines/sd15-inpaint/fetch").status_code == 202
            assert client.get("/envo/replace/engines").json()["fetching"]["sd15-inpaint"]["state"] == "working"
            photo = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
            address = f"/envo/photos/{photo}/actions"
            wish = {"action": "replace", "mask": png(some_mask()), "settings": WISH}
            refused = client.post(address, json=wish)
            assert refused.status_code == 400 and "is not on this machine yet" in refused.json()["error"]
            wish = {"action": "erase", "mask": png(some_mask()), "engine": "patchmatch"}
            job = client.post(address, json=wish).json()["job"]
            assert follow(client, f"{address}/{job}")[-1]["state"] == "done"
            while (now := client.get("/envo/replace/engines").json())["fetching"]["sd15-inpaint"]["state"] == "working":
                pass
            assert now["fetching"]["sd15-inpaint"]["state"] == "failed"
            assert "could not be fetched" in now["fetching"]["sd15-inpaint"]["step"] and now["hub"] is False
        running.stop()
    assert "Traceback" not in (tmp_path / "log").read_text()
