"""What the server refuses, and how it says so."""

import json
import socket

import httpx
import pytest

from envo import settings

EMPTY = {"schema": 1, "layers": [{"id": "image", "mask": None, "visible": True, "opacity": 1.0, "adjustments": {}}]}


def test_a_file_over_the_limit_is_refused_in_a_sentence(server):
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/")
        answer = client.post("/envo/photos?name=big.jpg", content=bytes(settings.MAX_FILE_BYTES + 1))
        assert answer.status_code == 413
        assert answer.json()["error"] == "The file is larger than 64 MB; please bring a smaller one."
        assert client.get("/envo/photos").json()["count"] == 0


BODIES = {
    "/envo/photos?name=a.jpg": "larger than 64 MB",
    "/envo/photos/x/mask-upload": "larger than 64 MB",
    "/envo/photos/x/edit": "larger than 4 MB",
    "/envo/photos/x/actions": "larger than 16 MB",
    "/envo/photos/x/sidecar?name=a.xmp": "larger than 1 MB",
    "/envo/gallery": "larger than 4 MB",
    "/envo/gallery/zips?name=a.zip": "larger than 8 GB",
    "/complete-image": "in base64, is larger than 96 MB",
    "/gradio_api/queue/join": "larger than 4 MB",
    "/gradio_api/upload": "larger than 1 GB",
    "/login": "larger than 4 MB",
}


@pytest.mark.parametrize("path", BODIES)
def test_no_route_reads_more_than_it_takes(server, path):
    """What is announced to be far too large is refused before any of it has come."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        head = f"POST {path} HTTP/1.1\r\nhost: {url.netloc.decode()}\r\ncontent-length: {10**12}\r\n\r\n"
        connection.sendall(head.encode())
        with connection.makefile("rb") as lines:
            status = lines.readline()
            length = next(int(line.split()[1]) for line in lines if line.startswith(b"content-length"))
            answer = b"".join(iter(lines.readline, b"\r\n")) and lines.read(length)
    assert status.startswith(b"HTTP/1.1 413") and BODIES[path].encode() in answer


def test_what_comes_without_a_length_is_counted(server):
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/")
        parts = (b"x" * 2**20 for _ in range(6))
        answer = client.post("/envo/gallery/faces", content=parts, headers={"content-type": "application/json"})
        assert answer.status_code == 413 and "larger than 4 MB" in answer.json()["detail"]


def test_an_edit_that_makes_no_sense_is_refused(server):
    with httpx.Client(base_url=server.url) as client:
        client.get("/")
        photo = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
        layer = {"id": "image", "mask": None, "visible": True, "opacity": 1.0}
        for adjustments in ({"exposure": 99}, {"unheard-of": 1}, {"contrast": "much"}):
            document = {"schema": 1, "layers": [layer | {"adjustments": adjustments}]}
            write = {"document": document, "base": 0, "writer": "one-window", "seq": 1}
            answer = client.post(f"/envo/photos/{photo}/edit", json=write)
            assert answer.status_code == 400 and answer.json()["error"].endswith(".")
        assert client.get(f"/envo/photos/{photo}/edit").json() == {"version": 0, "document": None}


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("PATCH", "photos/{photo}", {"rating": 3}),
        ("POST", "photos/{photo}/edit", {"document": EMPTY, "base": 0, "writer": "one-window", "seq": 1}),
        ("POST", "renderings", {"photos": ["{photo}"], "to": "file", "document": EMPTY}),
        ("PATCH", "photos/{photo}/mattes/person", {"quality": 3}),
        ("POST", "restorations/batch", {"photos": ["{photo}"], "steps": "auto"}),
        ("POST", "restorations/batch", {"photos": ["{photo}"], "steps": [{"id": "light"}]}),
        ("POST", "gallery/tags", {"photos": ["{photo}"], "accept": ["cup"]}),
        ("POST", "gallery/faces", {"faces": ["none"], "ignore": True}),
    ],
)
def test_a_request_for_more_than_is_known_is_refused_and_nothing_of_it_done(client, method, path, body):
    photo = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    body = json.loads(json.dumps(body | {"unheardOf": True}).replace("{photo}", photo))
    answer = client.request(method, f"/envo/{path.format(photo=photo)}", json=body)
    assert answer.status_code == 400 and "unheardOf" in answer.json()["error"]
    assert client.get(f"/envo/photos/{photo}").json()["rating"] == 0
    assert client.get(f"/envo/photos/{photo}/edit").json()["version"] == 0


ODD = [
    ("GET", "envo/photos?offset=9223372036854775808", {}),
    ("GET", "envo/photos?limit=9223372036854775808", {}),
    ("GET", "envo/gallery/photos?offset=9223372036854775808", {}),
    ("GET", "envo/gallery/loose?offset=9223372036854775808", {}),
    ("GET", "envo/gallery/photos?" + "tag=a&" * 3000, {}),
    ("GET", "envo/web/x/%00", {}),
    ("GET", f"envo/web/x/{'a' * 5000}", {}),
    ("GET", "envo/photos/%00/original", {}),
    ("GET", "envo/photos", {"headers": {"host": "[", "origin": "http://["}}),
    ("GET", "envo/photos", {"headers": {"origin": "http://a:99999999"}}),
    ("POST", "envo/photos?name=", {"content": b"no photo"}),
    ("POST", "gradio_api/upload", {"files": {"files": ("", b"x")}}),
    ("POST", "gradio_api/queue/join", {"json": {"data": [], "fn_index": 9999, "session_hash": "a"}}),
    ("POST", "gradio_api/queue/join", {"json": {"data": [], "fn_index": 2**63, "session_hash": "a"}}),
    ("POST", "gradio_api/run/nothing", {"json": {"data": []}}),
    ("POST", "gradio_api/run/erase", {"json": {}}),
    ("POST", "gradio_api/call/nothing", {"json": {"data": []}}),
    ("POST", "gradio_api/call/v2/nothing", {"json": {"data": []}}),
    (
        "POST",
        "gradio_api/component_server",
        {"json": {"data": [], "component_id": 9999, "session_hash": "a", "fn_name": "x"}},
    ),
]


@pytest.mark.parametrize("method, path, what", ODD)
def test_what_makes_no_sense_is_no_fault_of_the_servers(server, method, path, what):
    with httpx.Client(base_url=server.url) as client:
        client.get("/")
        assert 400 <= client.request(method, path, **what).status_code < 500


def test_numbers_beyond_all_writes_and_days_beyond_all_dates_are_no_faults(client):
    photo = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    for far in ({"base": 2**63}, {"seq": 2**63}, {"base": 2**40}):
        write = {"document": EMPTY, "base": 0, "writer": "one-window", "seq": 1} | far
        assert client.post(f"/envo/photos/{photo}/edit", json=write).status_code == 400
    for asked in ("until=9999-12-31", "since=0001-01-01", "since=0001-01-01&until=9999-12-31"):
        assert client.get(f"/envo/gallery/photos?{asked}").json()["count"] == 1


@pytest.mark.parametrize(
    "path, data, sentence",
    [
        ("run/erase", [], "/erase takes 5 values, and 0 came."),
        ("api/tag", [], "/tag takes 2 values, and 0 came."),
        ("run/restore", [None], "/restore takes 3 values, and 1 came."),
        (
            "run/tag",
            ["dog.jpg", None],
            "Send pictures as files: gradio_client's handle_file makes them of paths and addresses.",
        ),
    ],
)
def test_a_direct_call_with_too_little_is_told_so(server, path, data, sentence):
    answer = httpx.post(f"{server.url}gradio_api/{path}", json={"data": data})
    assert (answer.status_code, answer.json()["error"]) == (400, sentence)


def test_a_host_that_is_none_does_not_keep_the_page_from_coming(server):
    for host in ("a b c", "[", "a/b", "x:y"):
        assert httpx.get(server.url, headers={"x-forwarded-host": host}).status_code == 200
