"""One visitor's file, whatever is in it, keeps no other visitor's edit from being saved, and ends no server of 2 GB."""

import re
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import hostile
from tests.conftest import Server, start_server
from tests.server.test_arrivals import photo, zipped
from tests.server.test_kill import document, tiny_photo
from tests.unit.test_refusals import REFUSED, SIGNATURE, chunk
from tests.unit.test_tiff import of_many_pages
from tests.unit.test_zips import overlapping

PROGRAM = """
import os, resource

resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))

import numpy as np
import uvicorn

from models.tagging.run import Result, Tagged
from tabs.work import tagging
from tests.server import routes_only

def run(photos, detector, classifier, report):
    "Sees nothing in any photo."
    for key, read in photos:
        read()
        yield Result(key, Tagged((), (), np.ones(1, np.float32), np.zeros((8, 8, 3), np.uint8)))

tagging.run = run
uvicorn.run(routes_only.app(), port=int(os.environ["GRADIO_SERVER_PORT"]), log_level="warning")
"""
PATIENCE = 5.0
"""Seconds for another's save, of which one on an idle machine takes hundredths."""
GROWTH = 2**30
"""Bytes that the server may take over what it had."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and measured as Linux does")


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Iterator[Server]:
    """A server that may take 2 GB, and whose engines see nothing."""
    folder = tmp_path_factory.mktemp("hostile")
    running = start_server(folder / "home", folder / "log", ("-c", PROGRAM))
    yield running
    running.stop()
    assert "Traceback" not in (folder / "log").read_text()


@contextmanager
def visitor(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}envo/", timeout=120) as client:
        client.get(server.url)
        yield client


def most(server: Server) -> int:
    """The memory that the server took at most, in bytes."""
    told = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", told)[1]) * 1024


@contextmanager
def others_save(server: Server) -> Iterator[None]:
    """Let another visitor save one edit after the other meanwhile; each is answered soon, and little memory taken."""
    with visitor(server) as other:
        photo = other.post("photos?name=a.png&layers=false", content=tiny_photo(1)).json()["photo"]["id"]
        before, is_over, slowest, statuses = most(server), threading.Event(), [0.0], []

        def save() -> None:
            while not (is_over.is_set() and statuses):
                seq, started = len(statuses) + 1, time.monotonic()
                write = {"document": document(seq % 100), "base": 0, "writer": "one-window", "seq": seq}
                statuses.append(other.post(f"photos/{photo}/edit", json=write).status_code)
                slowest.append(time.monotonic() - started)
                is_over.wait(0.02)

        saving = threading.Thread(target=save)
        saving.start()
        try:
            yield
        finally:
            is_over.set()
            saving.join()
    assert set(statuses) == {200}
    assert max(slowest) < PATIENCE
    assert server.process.poll() is None and most(server) - before < GROWTH


def large_png() -> bytes:
    """100 megapixels of 64 bits each in less than a megabyte."""
    packer, row = zlib.compressobj(1), bytes(1 + 8 * 10_000)
    pixels = b"".join(packer.compress(row) for _ in range(10_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", 10_000, 10_000, 16, 6, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def said(name: str, words) -> bytes:
    return hostile.png(hostile.xmp(hostile.bag(name, words)))


FILES: dict[str, Callable[[], bytes]] = {
    "names": lambda: said("Iptc4xmpExt:PersonInImage", (f"Name {number}" for number in range(50_000))),
    "words": lambda: said("dc:subject", range(300_000)),
    "levels": lambda: said("lr:hierarchicalSubject", ["a|" * 4_500_000]),
    "a length that is not there": lambda: REFUSED["PNG of 55 bytes"][0],
    "pixels": large_png,
    "passes": lambda: REFUSED["JPEG of many scans"][0],
    "pages": lambda: of_many_pages(200_000),
}


@pytest.mark.parametrize("much", FILES)
def test_a_photo_with_too_much_in_it_keeps_nobody_from_saving(small, much):
    data = FILES[much]()
    with visitor(small) as client:
        client.post("gallery", json={})
        with others_save(small):
            answer = client.post("photos?name=hostile&layers=false", content=data)
            if answer.status_code != 200:
                assert answer.status_code == 400 and answer.json()["error"].endswith("."), answer.text
                return
            news = {"number": -1, "state": "working"}
            while news["state"] not in ("done", "failed"):
                news = client.get("gallery/news", params={"seen": news["number"]}).json()
            assert news["state"] == "done"
            photo = answer.json()["photo"]["id"]
            assert client.get(f"gallery/photos/{photo}").status_code == 200
            path = client.post("gallery/takeaway", json={"photos": [photo]}).json()["path"]
            assert client.get(path).content.startswith(b"PK")


def test_a_zip_whose_files_overlap_keeps_nobody_from_saving_or_bringing_zips(small):
    with visitor(small) as client, visitor(small) as other, others_save(small):
        client.post("gallery/zips?name=hostile.zip", content=overlapping(20_000))
        assert "overlap" in ended(client)["notes"][0]
        other.post("gallery/zips?name=sound.zip", content=zipped({f"{shade}.png": photo(shade) for shade in range(3)}))
        assert ended(other)["added"] == 3


def ended(client: httpx.Client) -> dict:
    """Wait for a zip to be unpacked."""
    news = {"number": -1, "state": "working"}
    while news["state"] == "working":
        news = client.get("gallery/zips", params={"seen": news["number"]}).json()
    return news["arrivals"][0]
