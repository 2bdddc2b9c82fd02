"""A whole shoot through the app: a zip of photos comes in, is tagged, its faces are found, and it leaves as a zip.

The server is killed half way and started again; it goes on where it was. Every tenth photo has 12 megapixels. Beside
it, the same photos are read, written into and zipped as a program without a gallery would do it, whole in memory.

usage: python -m bench.gallery --data DIR [--photos 2000] [--json]
"""

import io
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
from PIL import Image

from bench import common
from envo import description
from envo.description import Description
from envo.file import PhotoFile
from envo.takeaway import NOTES

ROOT = Path(__file__).parent.parent
LARGE = (4000, 3000)
LARGE_EVERY = 10
SEED = 7
FOLDERS = ("photos", "portraits/images", "people", "regions/images")


class App:
    """A running app with a library of its own."""

    def __init__(self, home: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home = home
        self.peak = 0
        """Most memory that one of its processes took, in bytes."""
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}/envo/", timeout=600)
        self.start()

    def start(self) -> None:
        environment = {"ENVO_HOME": str(self.home), "GRADIO_SERVER_PORT": str(self.port), "HF_HUB_OFFLINE": "1"}
        with (self.home.parent / "app.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log
            )
        while self.process.poll() is None:
            try:
                self.client.get(f"http://127.0.0.1:{self.port}/").raise_for_status()
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise SystemExit("the app did not start; its log is in " + str(self.home.parent))

    def kill(self) -> None:
        self.note_memory()
        self.process.kill()
        self.process.wait()

    def note_memory(self) -> None:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
        self.peak = max(self.peak, peak)

    def news(self) -> Iterator[dict]:
        """How far tagging is, each time that there is something new."""
        seen = -1
        while True:
            news = self.client.get("gallery/news", params={"seen": seen}).json()
            seen = news["number"]
            yield news

    def arrivals(self) -> list[dict]:
        return self.client.get("gallery/zips").json()["arrivals"]


def main() -> None:
    folders = ", ".join(f"{name}/" for name in FOLDERS)
    parser = common.Arguments(__doc__, f"folder with {folders}", parted=False)
    parser.add_argument("--photos", type=int, default=2000, help="how many photos")
    wish = parser.parse_with_data()
    with tempfile.TemporaryDirectory() as folder:
        shoot = Path(folder) / "shoot.zip"
        names = _make(wish.data, wish.photos, shoot)
        app = App(Path(folder) / "home")
        try:
            found = _measure(app, shoot, Path(folder) / "back.zip", len(names))
        finally:
            app.process.kill()
        found |= _whole(shoot)
    for name, value in found.items():
        print(f"{name:28}{value:12.2f}" if isinstance(value, float) else f"{name:28}{value:12}")
    if wish.json:
        print(json.dumps(found))


def _make(data: Path, count: int, shoot: Path) -> list[str]:
    """Zip photos of all folders, mixed."""
    paths = sorted(
        path for name in FOLDERS for path in (data / name).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg")
    )
    random.Random(SEED).shuffle(paths)
    names = []
    with zipfile.ZipFile(shoot, "w") as archive:
        for number, path in enumerate(paths[:count]):
            data = path.read_bytes()
            if number % LARGE_EVERY == 0:
                file = io.BytesIO()
                Image.open(path).convert("RGB").resize(LARGE, Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
                data = file.getvalue()
            names.append(f"{number:04}-{path.name}")
            archive.writestr(names[-1], data)
    return names


def _measure(app: App, shoot: Path, back: Path, count: int) -> dict[str, float | int | bool]:
    client = app.client
    client.post("gallery", json={})
    start = time.perf_counter()
    with shoot.open("rb") as file:
        client.post("gallery/zips", params={"name": shoot.name}, content=file).raise_for_status()
    sent = time.perf_counter() - start
    for news in app.news():
        if news["done"] >= count // 2:
            break
    app.kill()
    done_before = news["done"]
    app.start()
    for news in app.news():
        if news["state"] in ("done", "failed") and all(each["state"] != "working" for each in app.arrivals()):
            break
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    token = client.post("gallery/takeaway", json={"all": True, "kind": "zip"}).json()["path"]
    first = None
    with client.stream("GET", token) as answer, back.open("wb") as file:
        for piece in answer.iter_bytes():
            first = first or time.perf_counter() - start
            file.write(piece)
    taken = time.perf_counter() - start
    with zipfile.ZipFile(back) as archive:
        files = [name for name in archive.namelist() if name != NOTES]
        notes = archive.read(NOTES).decode().splitlines() if NOTES in archive.namelist() else []
        tagged = sum(bool(description.read(PhotoFile(archive.read(name))).tags) for name in files)
    start = time.perf_counter()
    hits = client.get("gallery/photos", params={"q": "dog"}).json()["count"]
    found = time.perf_counter() - start
    app.note_memory()
    return {
        "photos": news["total"],
        "arrived_seconds": sent,
        "tagged_seconds": seconds,
        "photos_per_second": news["total"] / seconds,
        "tagged_before_the_kill": done_before,
        "zip_seconds": taken,
        "zip_first_byte_seconds": first,
        "zip_photos": len(files),
        "zip_photos_with_tags": tagged,
        "zip_notes": len(notes),
        "search_seconds": found,
        "search_hits": hits,
        "peak_gb": app.peak / 1e9,
    }


def _whole(shoot: Path) -> dict[str, float]:
    """Write tags into the same photos and zip them in memory: how long until the first byte could be sent."""
    start = time.perf_counter()
    file = io.BytesIO()
    with zipfile.ZipFile(shoot) as source, zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            file = PhotoFile(source.read(name))
            archive.writestr(name, description.write(file, Description(tags=("a", "b"))).data)
    return {"whole_zip_first_byte_seconds": time.perf_counter() - start, "whole_zip_gb": len(file.getvalue()) / 1e9}


if __name__ == "__main__":
    main()
