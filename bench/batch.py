"""A whole archive: batches on this machine's cores, and by Ray, beside a loop over the app's endpoints.

Each photo is tagged, and taken apart into mattes. The loop does what a program does that has the app alone: it sends a
photo to the endpoint /tag, then brings it, waits for its layers and gets each of them, one photo after the other; the
app runs in a process of its own, and has its models loaded. Batches are the command line, `python -m models.batch tag`
and then `mattes`, from the start of the process to its end. In each a worker is killed when a third is done, and
the whole when two thirds are, after which it is started again: what that costs is part of the time. All read the same
photos, of which no two have the same content, and none has ISNet, with which the app would look closer meanwhile.

- `loop_per_s`, `local_per_s`, `ray_per_s`: photos a second that were tagged and taken apart;
- `identical`: whether each photo has the same tags and the same mattes by all three, each once.

usage: python -m bench.batch [--count 300] [--workers 2] [--data DIR] [--json]
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench import common
from bench.load import photos
from envo import settings
from tests.conftest import EXAMPLES, ROOT, Server, start_server

WORKS = ("tag", "mattes")
Results = dict[str, tuple[Any, dict[str, bytes]]]
"""By the photo's name: its tags and faces, and its mattes as PNG by kind."""


def by_endpoints(server: Server, folder: Path) -> tuple[float, Results]:
    """Loop over the app's endpoints; gives the seconds, and what came of it."""
    from gradio_client import Client, handle_file

    endpoints = Client(server.url, verbose=False)
    with httpx.Client(base_url=server.url, timeout=600) as page:
        page.get("/")

        def both(path: Path, data: bytes) -> tuple[Any, dict[str, bytes]]:
            tags = endpoints.predict(handle_file(path), api_name="/tag")
            sent = page.post("/envo/photos", params={"name": path.name}, content=data).json()
            address, news = f"/envo/photos/{sent['photo']['id']}/mattes", {"state": "waiting", "number": -1}
            while news["state"] in ("waiting", "working"):
                news = page.get(address, params={"seen": news["number"]}).json()
            return tags, {each["kind"]: page.get(f"{address}/{each['kind']}").content for each in news["mattes"]}

        both(EXAMPLES / "astronaut.jpg", (EXAMPLES / "astronaut.jpg").read_bytes())  # loads the models
        begun = time.perf_counter()
        made = {path.name: both(path, path.read_bytes()) for path in sorted(folder.iterdir())}
        return time.perf_counter() - begun, made


def by_batches(engine: str, source: Path, target: Path, count: int, workers: int) -> tuple[float, Results]:
    """Run both batches with an engine, with what is killed meanwhile; gives the seconds, and what came of it."""
    begun = time.perf_counter()
    for work in WORKS:
        command = [sys.executable, "-m", "models.batch", work, source, target / work]
        command += ["--engine", engine, "--workers", str(workers)]
        with (target / f"{work}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
            _until_done(process, target / work, count / 3)
            _lose_worker(process)
            _until_done(process, target / work, 2 * count / 3)
            process.kill()
            process.wait()
            subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=True)
    seconds = time.perf_counter() - begun
    return seconds, {path.name: _read(path.name, target) for path in sorted(source.iterdir())}


def _until_done(process: subprocess.Popen, target: Path, count: float) -> None:
    """Wait until so many results are there, or the process has ended."""
    while process.poll() is None and sum(1 for _ in target.glob("*.jpg.*")) < count:
        time.sleep(0.05)


def _lose_worker(process: subprocess.Popen) -> None:
    """Kill one of a batch's workers, in the middle of its work."""
    for child in psutil.Process(process.pid).children(recursive=True):
        command = " ".join(child.cmdline())
        if "spawn_main" in command or command.startswith("ray::Worker"):
            child.kill()
            return
    raise SystemExit("no worker was found that could be killed")


def _read(photo: str, target: Path) -> tuple[Any, dict[str, bytes]]:
    tags = json.loads((target / "tag" / f"{photo}.json").read_bytes())
    with zipfile.ZipFile(io.BytesIO((target / "mattes" / f"{photo}.zip").read_bytes())) as archive:
        kinds = {name.removesuffix(".png"): archive.read(name) for name in archive.namelist() if name.endswith(".png")}
    return tags, kinds


def _are_once(target: Path, count: int) -> bool:
    """Whether there is one result a photo, and nothing else."""
    return all(sum(path.is_file() for path in (target / work).iterdir()) == count for work in WORKS)


def _without_isnet(folder: Path) -> None:
    """Have all that is started find the weights of this machine but those, in a folder of their own."""
    folder.mkdir()
    for path in (settings.cache_dir() / "weights").iterdir():
        if not path.name.startswith("isnet"):
            (folder / path.name).symlink_to(path)
    os.environ["ENVO_CACHE"] = str(folder.parent)


def measure(wish: argparse.Namespace, folder: Path) -> dict[str, Any]:
    _without_isnet(folder / "weights")
    source = folder / "photos"
    source.mkdir()
    for number, data in enumerate(islice(photos(wish.data, 0), wish.count)):
        (source / f"{number:04}.jpg").write_bytes(data)
    server = start_server(folder / "home", folder / "app.log")
    try:
        seconds, looped = by_endpoints(server, source)
    finally:
        server.stop()
    told, identical = {"loop_per_s": wish.count / seconds}, True
    for engine in ("local", "ray"):
        target = folder / engine
        target.mkdir()
        seconds, made = by_batches(engine, source, target, wish.count, wish.workers)
        told[f"{engine}_per_s"] = wish.count / seconds
        identical &= made == looped and _are_once(target, wish.count)
    return {name: round(value, 3) for name, value in told.items()} | {"identical": identical}


def main() -> None:
    parser = common.Arguments(__doc__, "folder of photos in place of the examples", parted=False)
    parser.add_argument("--count", type=int, default=300, help="photos (default: 300)")
    parser.add_argument("--workers", type=int, default=2, help="of each batch (default: 2)")
    parser.set_defaults(data=EXAMPLES)
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = measure(wish, Path(folder))
    print(f"{'':8}{'photos/s':>10}{'times the loop':>16}")
    for name in ("loop", "local", "ray"):
        rate = told[f"{name}_per_s"]
        print(f"{name:8}{rate:10.2f}{rate / told['loop_per_s']:16.2f}")
    print(f"identical: {told['identical']}", flush=True)
    if wish.json:
        print(json.dumps(told | {"count": wish.count, "workers": wish.workers}))


if __name__ == "__main__":
    main()
