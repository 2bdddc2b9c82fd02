"""Models of the hub: fetched whole, put there by hand, or not to be had. The hub here is a local server."""

import contextlib
import hashlib
import http.server
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from models import hub, weights
from tests.conftest import ROOT, free_port

REVISION = "a" * 40
HEADER = json.dumps({"weight": {"dtype": "U8", "shape": [200_000], "data_offsets": [0, 200_000]}}).encode()
FILES = {
    "config.json": b"{}",
    "model.safetensors": struct.pack("<Q", len(HEADER)) + HEADER + bytes(range(200)) * 1000,
    "preprocessor_config.json": b"[]",
}


@pytest.fixture(autouse=True)
def empty_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub, "MANIFEST", tmp_path / "hub.toml")
    declare(tmp_path)


def declare(tmp_path, sha256: str = hashlib.sha256(FILES[hub.NETWORK]).hexdigest()) -> None:
    (tmp_path / "hub.toml").write_text(
        f"""
        [tiny]
        repository = "someone/tiny"
        revision = "{REVISION}"
        bytes = {sum(map(len, FILES.values()))}
        licence = "CC0-1.0"
        about = "a test"
        [tiny.files]
        "config.json" = ""
        "model.safetensors" = "{sha256}"
        "preprocessor_config.json" = ""
        """
    )


class Hub(http.server.BaseHTTPRequestHandler):
    """The two answers of the hub that a download needs: what a file is, and the file."""

    def do_HEAD(self):
        folder, _, name = self.path.partition(f"/resolve/{REVISION}/")
        if folder != "/someone/tiny":
            self.send_error(404)  # the hub's library asks for news of its own
            return b""
        self.server.asked.append(f"{self.command} {name}")
        self.send_response(200)
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("ETag", f'"{hashlib.sha1(FILES[name]).hexdigest()}"')
        self.send_header("Content-Length", str(len(FILES[name])))
        self.end_headers()
        return FILES[name]

    def do_GET(self):
        self.wfile.write(self.do_HEAD())

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def silence():
    """Give the address of a hub that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def run(tmp_path, endpoint: str, code: str, **environment: str) -> subprocess.CompletedProcess:
    """In a process of its own, for the hub's library reads its settings once, when it is imported."""
    start = (
        "import pathlib, threading, time\nfrom models import hub\n"
        f"hub.MANIFEST = pathlib.Path({str(tmp_path / 'hub.toml')!r})\n"
        "import huggingface_hub\nstart = time.monotonic()\n"
    )
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "0"} | environment
    return subprocess.run(
        [sys.executable, "-c", start + code], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True
    )


FETCH = "seen = []\nhub.path('tiny', lambda *told: seen.append(told))\nprint(seen[-1], hub.available('tiny'))"


def put_by_hand(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)


def test_a_model_is_fetched_whole_with_progress_and_then_kept(tmp_path, server):
    assert not hub.available("tiny")
    assert hub.version("tiny") == ""
    done = run(tmp_path, server.url, FETCH)
    total = sum(map(len, FILES.values()))
    assert done.stdout.strip() == f"({total}, {total}) True", done.stderr
    assert {file.name: file.read_bytes() for file in hub.folder("tiny").iterdir()} == FILES
    assert {file.name for file in hub.folder("tiny").parent.iterdir()} == {"tiny", "tiny.lock"}
    asked = len(server.asked)
    assert run(tmp_path, server.url, "print(hub.path('tiny'))").stdout.strip() == str(hub.folder("tiny"))
    assert len(server.asked) == asked


def test_a_broken_fetch_goes_on_with_the_next_file(tmp_path, server, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(FILES, hub.NETWORK, FILES[hub.NETWORK][:-1])
        assert "model.safetensors came damaged" in run(tmp_path, server.url, FETCH).stderr
    assert not hub.available("tiny")
    server.asked.clear()
    done = run(tmp_path, server.url, FETCH)
    assert done.returncode == 0, done.stderr
    assert "GET config.json" not in server.asked


@pytest.mark.parametrize("sha256", [hashlib.sha256(b"another").hexdigest(), ""])
def test_a_checksum_is_compared_where_it_is_known(tmp_path, server, sha256):
    declare(tmp_path, sha256)
    done = run(tmp_path, server.url, FETCH)
    assert ("came damaged" in done.stderr) == bool(sha256)
    assert (done.returncode == 0) == (not sha256)


def test_a_folder_put_there_by_hand_is_taken_as_it_is(tmp_path):
    assert str(hub.folder("tiny")) in hub.how("tiny")
    put_by_hand(hub.folder("tiny"))
    (hub.folder("tiny") / "config.json").write_text('{"mine": true}')
    assert hub.available("tiny")
    assert hub.how("tiny") == ""
    assert hub.path("tiny") == hub.folder("tiny")


def test_a_folder_that_is_being_copied_is_not_taken_yet(tmp_path):
    put_by_hand(hub.folder("tiny"))
    network = hub.folder("tiny") / hub.NETWORK
    whole = network.read_bytes()
    for part in (b"", whole[:5], whole[:30], whole[:-1], b"\xff" * 64, struct.pack("<Q", 4) + b"null"):
        network.write_bytes(part)
        assert not hub.available("tiny")
    network.write_bytes(whole)
    assert hub.available("tiny")
    before = hub.version("tiny")
    os.utime(network, ns=(1, 1))
    assert hub.version("tiny") not in ("", before)
    (hub.folder("tiny") / "config.json").unlink()
    assert not hub.available("tiny")


PIPELINE = {
    "model_index.json": b"{}",
    "unet/config.json": b"{}",
    "unet/diffusion_pytorch_model.fp16.safetensors": FILES[hub.NETWORK],
    "vae/diffusion_pytorch_model.fp16.safetensors": FILES[hub.NETWORK],
}


def declare_pipeline(tmp_path) -> None:
    declare(tmp_path)
    files = "\n".join(f'"{name}" = ""' for name in PIPELINE)
    with (tmp_path / "hub.toml").open("a") as manifest:
        manifest.write(
            f'[pipeline]\nrepository = "someone/tiny"\nrevision = "{REVISION}"\n'
            f'bytes = {sum(map(len, PIPELINE.values()))}\nlicence = "CC0-1.0"\nabout = "a test"\n'
            f"[pipeline.files]\n{files}\n"
        )


def test_a_pipeline_is_fetched_with_its_folders(tmp_path, server, monkeypatch):
    declare_pipeline(tmp_path)
    for name, content in PIPELINE.items():
        monkeypatch.setitem(FILES, name, content)
    done = run(tmp_path, server.url, FETCH.replace("tiny", "pipeline"))
    total = sum(map(len, PIPELINE.values()))
    assert done.stdout.strip() == f"({total}, {total}) True", done.stderr
    place = hub.folder("pipeline")
    assert {str(file.relative_to(place)) for file in place.rglob("*.*")} == PIPELINE.keys()
    assert hub.how("pipeline") == ""


def test_a_pipeline_put_there_by_hand_may_have_other_names_but_all_parts(tmp_path):
    declare_pipeline(tmp_path)
    assert "model_index.json and the folders that it names" in hub.how("pipeline")
    place = hub.folder("pipeline")
    for part in ("unet", "vae"):
        assert not hub.available("pipeline")
        (place / part).mkdir(parents=True)
        (place / part / "diffusion_pytorch_model.safetensors").write_bytes(FILES[hub.NETWORK])
        (place / "model_index.json").write_bytes(b"{}")
    assert hub.available("pipeline")
    before = hub.version("pipeline")
    os.utime(place / "vae/diffusion_pytorch_model.safetensors", ns=(1, 1))
    assert hub.version("pipeline") not in ("", before)
    (place / "model_index.json").unlink()
    assert not hub.available("pipeline")


def test_without_a_hub_the_error_says_what_to_do(tmp_path):
    done = run(tmp_path, f"http://127.0.0.1:{free_port()}", FETCH)
    for part in ("could not be fetched", "huggingface.co/someone/tiny", str(hub.folder("tiny")), "network connection"):
        assert part in done.stderr


def test_a_silent_hub_costs_three_seconds_at_most(tmp_path):
    code = "try:\n    hub.path('tiny')\nexcept Exception as error:\n    print(error)\nprint(time.monotonic() - start)"
    with silence() as address:
        *told, seconds = run(tmp_path, address, code).stdout.strip().splitlines()
    assert "no answer within 3 s" in told[0]
    # Three, and room for a busy machine; the hub's library alone would ask for over a minute.
    assert float(seconds) < 10


WATCH = (
    "first = hub.reachable()\nblocked = time.monotonic() - start\n"
    "while (answer := hub.reachable()) is None:\n    time.sleep(0.01)\n"
    "print(first, answer, blocked, time.monotonic() - start)"
)


def test_whether_the_hub_answers_is_asked_once_and_in_the_background(tmp_path, server):
    code = (
        "threads = [threading.Thread(target=hub.reachable) for _ in range(8)]\n[t.start() for t in threads]\n" + WATCH
    )
    assert run(tmp_path, server.url, code).stdout.split()[1] == "True"
    assert server.asked == ["HEAD config.json"]
    assert run(tmp_path, server.url, WATCH, HF_HUB_OFFLINE="1").stdout.split()[1] == "False"
    assert len(server.asked) == 1


def test_a_hub_that_hangs_blocks_nobody_and_is_given_up(tmp_path):
    with silence() as address:
        first, answer, blocked, seconds = run(tmp_path, address, WATCH).stdout.split()
    assert (first, answer) == ("None", "False")
    assert float(blocked) < 1
    assert 2.5 < float(seconds) < 10


def test_every_model_of_the_real_manifest_is_described(monkeypatch):
    monkeypatch.setattr(hub, "MANIFEST", ROOT / "models/hub.toml")
    for entry in hub.entries():
        assert len(entry.revision) == 40
        assert entry.index in entry.files
        assert entry.parts
        assert all(len(sha256) in (0, 64) for sha256 in entry.files.values())
        assert f"huggingface.co/{entry.repository}" in hub.how(entry.name)
    names = [entry.name for entry in [*hub.entries(), *weights.entries()]]
    assert len(names) == len(set(names))
