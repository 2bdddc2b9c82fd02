"""What programs can have done, by HTTP: the same as by Gradio's client, to the byte; and by jobs."""

import contextlib
import json
import zipfile
from pathlib import Path
from typing import Any

import gradio_client
import httpx
import pytest
from gradio_client import handle_file

from envo import settings
from tabs.work.service import CAPABILITIES
from tests.browser.pages import COFFEE
from tests.conftest import EXAMPLES, Server
from tests.server.test_service import COLOUR, faded, file_of, some_mask

ASTRONAUT = EXAMPLES / "astronaut.jpg"
BRIGHT = {"schema": 2, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """Files that are sent, by the names that the cases have for them."""
    folder = tmp_path_factory.mktemp("sent")
    (folder / "mask.png").write_bytes(file_of(some_mask()))
    (folder / "faded.jpg").write_bytes(file_of(faded(), "JPEG", quality=95))
    with zipfile.ZipFile(folder / "album.zip", "w") as archive:
        archive.write(folder / "faded.jpg", "1931/Oma.jpg")
        archive.writestr("note.txt", "no photo")
    sent = {"coffee": COFFEE, "astronaut": ASTRONAUT, "rocket": EXAMPLES / "rocket.jpg"}
    return sent | {path.stem: path for path in folder.iterdir()}


CASES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "mattes": ({"image": "astronaut"}, {}),
    "select": ({"image": "coffee"}, {"points": [[300, 200, True]]}),
    "cutout": ({"image": "coffee", "mask": "mask"}, {}),
    "people": ({"image": "astronaut", "other": "astronaut"}, {}),
    "straighten": ({"image": "coffee"}, {"turn": 1, "angle": 2.5}),
    "render": ({"image": "coffee"}, {"edit": BRIGHT, "settings": {"format": "PNG"}}),
    "describe": ({"image": "coffee"}, {}),
    "tag": ({"image": "rocket"}, {}),
    "erase": ({"image": "coffee", "mask": "mask"}, {"engine": "patchmatch"}),
    "replace": ({"image": "coffee", "mask": "mask"}, {"prompt": "a glass of milk", "seed": 7}),
    "background": ({"image": "coffee", "mask": "mask"}, {"kind": "colour", "settings": {"colour": "#ff0000"}}),
    "restore": ({"image": "faded"}, {"steps": COLOUR}),
    "restore_folder": ({"folder": "album"}, {"steps": COLOUR, "size": "quick"}),
}
"""Of each capability the files and the values that are sent."""


def asked(server: Server, name: str, files: dict[str, Path], values: dict[str, Any], **headers: str) -> httpx.Response:
    """Ask by HTTP, with text as it is and all else as JSON."""
    fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    sent = {key: (path.name, path.read_bytes()) for key, path in files.items()}
    address = f"{server.url}api/v1/{name}"
    return httpx.post(address, data=fields, files=sent or {"": b""}, headers=headers, timeout=600)


def by_gradio(client: gradio_client.Client, name: str, files: dict[str, Path], values: dict[str, Any]) -> bytes | Any:
    made = client.predict(**{key: handle_file(path) for key, path in files.items()}, **values, api_name=f"/{name}")
    return Path(made).read_bytes() if isinstance(made, str) else made


@pytest.fixture(scope="module")
def gradios(server) -> gradio_client.Client:
    return gradio_client.Client(server.url, verbose=False)


def test_each_capability_is_asked_for_below():
    assert CASES.keys() == CAPABILITIES.keys()


@pytest.mark.parametrize("name", CASES)
def test_it_gives_the_same_as_gradios_client_does(server, gradios, files, name):
    sent, values = CASES[name]
    sent = {key: files[file] for key, file in sent.items()}
    answer = asked(server, name, sent, values)
    if name == "replace" and answer.status_code != 200:  # no engine for it is here
        message = answer.json()["error"]["message"]
        with pytest.raises(gradio_client.exceptions.AppError) as refusal:
            by_gradio(gradios, name, sent, values)
        assert message in str(refusal.value)
        return
    assert answer.status_code == 200, answer.text
    other = by_gradio(gradios, name, sent, values)
    if isinstance(other, bytes):
        assert answer.content == other
        assert "attachment; filename*=UTF-8''" in answer.headers["Content-Disposition"]
    else:
        assert answer.json() == other
    told = CAPABILITIES[name].media_type.replace("*", "")
    assert answer.headers["Content-Type"].startswith(told)


@pytest.mark.parametrize(
    ("name", "sent", "values", "status", "code", "part"),
    [
        ("describe", {}, {}, 400, "invalid", "Send the image as a file."),
        ("describe", {"image": "album"}, {}, 400, "invalid", "This is a zip"),
        ("describe", {"image": "coffee", "mask": "mask"}, {}, 400, "invalid", "takes no file named 'mask'"),
        ("describe", {"image": "coffee"}, {"much": 1}, 400, "invalid", "much"),
        ("select", {"image": "coffee"}, {"points": "here"}, 400, "invalid", "points"),
        ("select", {"image": "coffee"}, {"points": [[900, 9, True]]}, 400, "invalid", "outside"),
        ("select", {"image": "coffee"}, {"points": "[" * 9999}, 400, "invalid", "points"),
        ("straighten", {"image": "coffee"}, {"angle": 99}, 400, "invalid", "angle"),
        ("erase", {"image": "coffee", "mask": "rocket"}, {}, 400, "invalid", "mask"),
        ("erase", {"image": "coffee", "mask": "mask"}, {"engine": "best"}, 400, "invalid", "no engine 'best'"),
        ("paint", {"image": "coffee"}, {}, 404, "not_found", "/api/docs"),
    ],
)
def test_wrong_input_hears_a_code_and_a_sentence(server, files, name, sent, values, status, code, part):
    answer = asked(server, name, {key: files[file] for key, file in sent.items()}, values)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code and part in error["message"] and error["message"].endswith((".", "?"))


def test_what_is_no_form_too_large_or_sent_twice_is_refused(server, files):
    address = f"{server.url}api/v1/describe"
    photo = ("image", ("a.jpg", COFFEE.read_bytes()))
    for more, status, code, part in (
        ({"json": {"image": "x"}}, 415, "unsupported", "form"),
        ({"data": {"image": "x"}}, 415, "unsupported", "form"),
        ({"files": {"image": (None, "text")}}, 400, "invalid", "filename"),
        ({"files": [photo, photo]}, 400, "invalid", "twice"),
        ({"files": [("image", ("a.jpg", bytes(settings.MAX_FILE_BYTES + 1)))]}, 413, "too_large", "64 MB"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "invalid", "boundary"),
    ):
        answer = httpx.post(address, timeout=60, **more)
        assert answer.status_code == status, answer.text
        assert answer.json()["error"]["code"] == code and part in answer.json()["error"]["message"]
    twice = httpx.post(f"{server.url}api/v1/files", files=[("file", photo[1]), ("file", photo[1])])
    assert twice.status_code == 400 and "twice" in twice.json()["error"]["message"]
    other = httpx.post(address, files=[photo], headers={"Origin": "https://elsewhere.example"})
    assert other.status_code == 403 and other.json()["error"]["code"] == "forbidden"


def ended(server: Server, job: str) -> dict[str, Any]:
    """Wait for the end of a job."""
    told = {"number": -1}
    while told.get("state") in (None, "waiting", "working"):
        answer = httpx.get(f"{server.url}api/v1/jobs/{job}", params={"seen": told["number"]}, timeout=60)
        assert answer.status_code == 200, answer.text
        told = answer.json()
    return told


def begun(server: Server, name: str, files: dict[str, Path], values: dict[str, Any]) -> str:
    answer = asked(server, name, files, values, prefer="respond-async")
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json()['job']}"
    return answer.json()["job"]


def test_a_job_is_polled_streamed_and_its_result_is_the_same(server, files):
    sent = {"image": files["faded"]}
    job = begun(server, "restore", sent, {"steps": COLOUR})
    with httpx.stream("GET", f"{server.url}api/v1/jobs/{job}/events", timeout=600) as stream:
        news = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    assert news[-1]["state"] == "done" and [each["number"] for each in news[:-1]] == sorted(
        {each["number"] for each in news[:-1]}
    )
    assert ended(server, job)["state"] == "done"
    result = httpx.get(f"{server.url}api/v1/jobs/{job}/result")
    direct = asked(server, "restore", sent, {"steps": COLOUR})
    assert result.content == direct.content
    assert result.headers["Content-Disposition"] == direct.headers["Content-Disposition"]
    words = begun(server, "tag", {"image": files["rocket"]}, {})
    assert ended(server, words)["state"] == "done"
    told = httpx.get(f"{server.url}api/v1/jobs/{words}/result").json()
    assert told == asked(server, "tag", {"image": files["rocket"]}, {}).json()


def left(server: Server) -> list[Path]:
    return list((server.home / "uploads").glob("*.program"))


def test_a_job_that_fails_tells_why_and_one_that_is_removed_is_gone(server, files):
    before = left(server)
    job = begun(server, "cutout", {"image": files["coffee"]}, {"kind": "hair"})
    told = ended(server, job)
    assert told["state"] == "failed" and "No hair was found" in told["step"]
    refused = httpx.get(f"{server.url}api/v1/jobs/{job}/result")
    assert refused.status_code == 400 and refused.json()["error"]["message"] == told["step"]
    done = begun(server, "describe", {"image": files["coffee"]}, {})
    assert ended(server, done)["state"] == "done"
    for each in (job, done):
        assert httpx.delete(f"{server.url}api/v1/jobs/{each}").status_code == 200
        for path in ("", "/result", "/events"):
            gone = httpx.get(f"{server.url}api/v1/jobs/{each}{path}")
            assert gone.status_code == 404 and "not known any more" in gone.json()["error"]["message"]
    assert left(server) == before


def test_a_job_that_is_given_up_ends(server, files):
    jobs = [begun(server, "mattes", {"image": files["astronaut"]}, {}) for _ in range(5)]
    for job in reversed(jobs):
        httpx.delete(f"{server.url}api/v1/jobs/{job}")
    for job in jobs:
        with contextlib.suppress(AssertionError):
            assert ended(server, job)["state"] in ("cancelled", "done")
    # Those that waited are forgotten at once, with what was sent.
    assert httpx.get(f"{server.url}api/v1/jobs/{jobs[-1]}").status_code == 404


def test_of_files_that_together_take_too_much_the_oldest_go(client, monkeypatch):
    monkeypatch.setattr(settings, "PROGRAM_FILES_BYTES", 5000)

    def send(size: int) -> str:
        return client.post("/api/v1/files", files={"file": ("a.bin", bytes(size))}).json()["uri"]

    first, second = send(2000), send(2000)
    assert len(client.get(first).content) == 2000
    third = send(3000)
    answers = [client.get(uri) for uri in (first, second, third)]
    assert [answer.status_code for answer in answers] == [404, 200, 200]
    assert len(list((settings.home() / "uploads").glob("*.program"))) == 2


def test_what_there_is_is_described_and_shown(server):
    told = httpx.get(f"{server.url}api/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for name, capability in CAPABILITIES.items():
        post = told["paths"][f"/api/v1/{name}"]["post"]
        form = post["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert set(form["properties"]) == set(capability.files) | set(capability.wish.model_fields)
        assert all(each.get("description") for key, each in form["properties"].items() if key in capability.files)
        assert capability.media_type in post["responses"]["200"]["content"]
    page = httpx.get(f"{server.url}api/docs")
    assert page.status_code == 200 and "openapi.json" in page.text and "http" not in page.text.replace(server.url, "")
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert len(httpx.get(f"{server.url}api/assets/{name}").content) > 10_000
    assert httpx.get(f"{server.url}api/assets/core.py").status_code == 404


def test_the_app_is_open_to_agents_only_where_it_is_told_to_be(server):
    assert httpx.post(f"{server.url}gradio_api/mcp/", json={}).status_code in (404, 405)
