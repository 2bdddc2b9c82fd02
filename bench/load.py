"""Many visitors at once: how long each kind of request takes, what fails, what is lost, and whether memory stays flat.

The app runs as it is, in a process of its own on two cores, with a library of its own. Each visitor has a cookie and
photos that nobody else has, comes within the first fifth of the time, and does over HTTP what a page does: opens the
app, brings a photo, looks at it, waits for its layers, moves sliders, selects by clicks, erases, restores, downloads,
searches the gallery and takes photos away. Programs may post pictures to `/complete-image` meanwhile, each the next as
soon as it has the last. Before all this one visitor does everything once, so that all models are loaded. In the end
each visitor looks whether all is there that was acknowledged. With `--kill` the app is killed in the middle, and
started again.

It measures promises, not a rival: that nobody hears an error, that what is light is answered while what is heavy waits,
that nothing is lost, and that memory does not grow. No other app does the same things: there is none to compare with.

- `errors`: broken connections, but for those that the kill broke, and answers that are neither a success nor a told
  limit; their first words are printed;
- told limits ("told"): full lines, which say when to come again, and after a kill that a job went with it;
- `lost`: photos, and edits, that were acknowledged and are not there in the end;
- `light_p95`: 95 of 100 light requests took so many seconds at the most;
- `peak_mb`, `growth_mb`: memory of the app, at the most, and how much more it is in the last tenth of the time than two
  fifths after the beginning (where it was killed, than a fifth after that);
- what a visitor waits for while requests come and go, such as layers, is timed as one wait.

usage: python -m bench.load [--visitors 50] [--programs 0] [--minutes 5] [--kill] [--data DIR] [--json]
"""

import argparse
import base64
import io
import json
import os
import random
import re
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

from bench import common
from envo import settings
from tabs.web import static
from tests.conftest import EXAMPLES, start_server

PATIENCE = 900
"""Seconds after which a request is given up, as the example in docs/endpoints.md does."""
PAUSE = 5.0
"""Seconds that a visitor looks at what came, at most, before the next act."""
CORES = 2
"""The app has so many."""
SAMPLE = 0.5
"""Seconds between looks at the memory."""
LIGHT = ("page", "files", "session", "list", "save", "thumbnail", "layer", "search", "tag", "rename", "bin")
"""Kinds of request that should not wait behind heavy ones."""


class Tally:
    """What became of the requests. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        """Told limits."""
        self.lost = 0
        self.cut = 0
        """Requests that a kill cut short."""
        self.said: Counter[str] = Counter()
        """What errors said, with their kinds."""

    def note(self, kind: str, seconds: float) -> None:
        with self._lock:
            self.seconds[kind].append(seconds)

    def fail(self, kind: str, why: str) -> None:
        with self._lock:
            self.errors[kind] += 1
            self.said[f"{kind}: {why}"] += 1

    def refuse(self, kind: str) -> None:
        with self._lock:
            self.refusals[kind] += 1

    def lose(self, what: str, count: int) -> None:
        with self._lock:
            self.lost += count
            if count:
                self.said[f"lost: {what}"] += count

    def light_p95(self) -> float:
        """Time of light requests, in seconds: 95 of 100 took no longer."""
        seconds = [each for kind in LIGHT for each in self.seconds[kind]]
        return round(float(np.percentile(seconds, 95)), 3) if seconds else 0.0

    def table(self) -> dict[str, dict[str, float | int]]:
        """Count and time each kind of request, in seconds."""
        told = {}
        for kind in sorted({*self.seconds, *self.errors, *self.refusals}):
            seconds = self.seconds[kind] or [0.0]
            told[kind] = {
                "count": len(self.seconds[kind]),
                "median": round(float(np.median(seconds)), 3),
                "p95": round(float(np.percentile(seconds, 95)), 3),
                "slowest": round(max(seconds), 3),
                "errors": self.errors[kind],
                "told": self.refusals[kind],
            }
        return told


class Failed(Exception):  # noqa: N818, noted already
    """A request failed, so the visitor does something else."""


class App:
    """The app in a process of its own, which can be killed and started again where it was."""

    def __init__(self, folder: Path):
        self._log = folder / "app.log"
        self.server = start_server(folder / "home", self._log)
        self.kills = 0
        self._is_up = threading.Event()
        self._is_up.set()
        self._limit_cores()

    @property
    def url(self) -> str:
        return self.server.url

    def kill(self) -> None:
        """Kill it, and start it again."""
        self._is_up.clear()
        self.kills += 1
        self.server.stop()
        self.server = start_server(self.server.home, self._log, port=httpx.URL(self.url).port)
        self._limit_cores()
        self._is_up.set()

    def wait(self) -> None:
        """Wait until it is there."""
        self._is_up.wait()

    def faults(self) -> int:
        """Count what it logged of faults."""
        return self._log.read_text().count("Traceback")

    def _limit_cores(self) -> None:
        if hasattr(os, "sched_setaffinity"):
            cores = sorted(os.sched_getaffinity(0))[:CORES]
            for task in Path(f"/proc/{self.server.process.pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), cores)


class Client:
    """Somebody who asks, and notes what came of it. Not to be shared among threads."""

    def __init__(self, app: App, tally: Tally):
        self.app = app
        # The server closes what is silent for five seconds, maybe just as something is sent: browsers send that again.
        self.http = httpx.Client(base_url=app.url, timeout=PATIENCE, limits=httpx.Limits(keepalive_expiry=2))
        self.tally = tally

    def ask(self, kind: str, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request and read the whole answer. Raises Failed."""
        self.app.wait()
        begun, kills = time.perf_counter(), self.app.kills
        try:
            answer = self.http.request(method, path, **request)
        except httpx.HTTPError as error:
            if self.app.kills > kills:
                self.tally.cut += 1
            else:
                self.tally.fail(kind, repr(error))
            raise Failed from error
        if answer.status_code == 503 and "retry-after" in answer.headers:
            self.tally.refuse(kind)
            time.sleep(float(answer.headers["retry-after"]))
            raise Failed
        if answer.status_code == 410 and self.app.kills:
            self.tally.refuse(kind)
            raise Failed
        if not answer.is_success:
            self.tally.fail(kind, f"{answer.status_code} {answer.text[:200]}")
            raise Failed
        self.tally.note(kind, time.perf_counter() - begun)
        return answer


class Visitor(Client):
    """One person's page."""

    def __init__(self, app: App, tally: Tally, photos: Iterator[bytes], is_over: Callable[[], bool], seed: int):
        super().__init__(app, tally)
        self._photos = photos
        self._is_over = is_over
        self._random = random.Random(seed)
        self._seqs: Counter[str] = Counter()
        self._brought: list[dict] = []
        self._saved: dict[str, list[int]] = {}
        """Contrasts of the edit that was acknowledged last, and of those that were sent since, by photo."""
        self.acts = (
            self.bring, self.edit, self.edit, self.edit, self.download, self.select, self.erase, self.restore,
            self.gallery, self.gallery, self.take_away, self.throw_away, self.open,
        )  # fmt: skip

    def live(self) -> None:
        """Do one thing after the other until it is over, with the gallery open beside it."""
        for act in self._first_acts():
            while not self._is_over():
                try:
                    act()
                    break
                except Failed:
                    self._look()
        with ThreadPoolExecutor(1) as beside:
            heard = beside.submit(self._hear)
            while not self._is_over():
                with suppress(Failed):
                    self._random.choice(self.acts)()
                self._look()
            heard.result()

    def _hear(self) -> None:
        """Hear of the gallery's news, as its page does, until it is over."""
        client, number = Client(self.app, self.tally), -1
        client.http.cookies = self.http.cookies
        while not self._is_over():
            with suppress(Failed):
                number = client.ask("news", "GET", "/envo/gallery/news", params={"seen": number}).json()["number"]

    def everything(self) -> None:
        """Do each thing once."""
        for act in dict.fromkeys([*self._first_acts(), *self.acts]):
            act()

    def _first_acts(self) -> tuple[Callable[[], None], ...]:
        return self.open, self.bring

    def _look(self) -> None:
        time.sleep(self._random.uniform(0, PAUSE))

    def open(self) -> None:
        """Open the page; the first time, with its files."""
        page = self.ask("page", "GET", "/").text
        if not self._brought:
            folder = re.search(r"envo/web/\w+/", page)[0]
            for name in (static.STYLE, *static.BUNDLES, "face/inter.woff2"):
                self.ask("files", "GET", f"/{folder}{name}")
        self.ask("session", "GET", "/envo/session")
        self.ask("list", "GET", "/envo/photos")
        self.ask("list", "GET", "/envo/gallery/zips")

    def bring(self) -> None:
        """Bring a photo, look at it, and wait for its layers."""
        data = next(self._photos)
        photo = self.ask("bring", "POST", "/envo/photos", params={"name": "photo.jpg"}, content=data).json()["photo"]
        self._brought.append(photo)
        path = f"/envo/photos/{photo['id']}"
        self.ask("thumbnail", "GET", f"{path}/thumbnail")
        self.ask("rendition", "GET", f"{path}/rendition")
        mattes = self._wait("layers", f"{path}/mattes", lambda: self._edit_saved(photo))["mattes"]
        for matte in mattes:
            self.ask("layer", "GET", f"{path}/mattes/{matte['kind']}")
            self.ask("layer", "GET", f"{path}/mattes/{matte['kind']}/thumbnail")

    def edit(self) -> None:
        """Open a photo and move sliders for a while."""
        photo = self._any()
        self.ask("rendition", "GET", f"/envo/photos/{photo['id']}/rendition")
        for _ in range(5):
            self._edit_saved(photo)
            self._look()

    def download(self) -> None:
        wish = {"photos": [self._any()["id"]], "to": "file", "document": self._document()}
        job = self.ask("ask", "POST", "/envo/renderings", json=wish).json()["batch"]
        self._wait("rendering", f"/envo/renderings/{job}")
        self.ask("download", "GET", f"/envo/renderings/{job}/file")

    def select(self) -> None:
        """Select by three clicks, and grow what is selected."""
        photo = self._any()
        path = f"/envo/photos/{photo['id']}"
        self.ask("news", "GET", f"{path}/select/prepared")
        points = []
        for _ in range(3):
            x, y = (self._random.uniform(0.1, 0.9) * size for size in (photo["width"], photo["height"]))
            points.append([x, y, len(points) < 2])
            answer = self.ask("click", "POST", f"{path}/select", json={"points": points}).json()
        wish = {"mask": answer["candidates"][0]["mask"], "step": "grow", "amount": 5}
        self.ask("mask step", "POST", f"{path}/mask-steps", json=wish)

    def erase(self) -> None:
        photo = self._any()
        path = f"/envo/photos/{photo['id']}"
        wish = {"action": "erase", "mask": base64.b64encode(self._hole(photo["working"])).decode()}
        job = self.ask("ask", "POST", f"{path}/actions", json=wish).json()["job"]
        for result in self._wait("erasing", f"{path}/actions/{job}")["results"]:
            self.ask("result", "GET", f"{path}/results/{result['id']}/image")
            self.ask("result", "GET", f"{path}/results/{result['id']}/download")
            self.ask("bin", "DELETE", f"{path}/results/{result['id']}")

    def restore(self) -> None:
        """Have a photo looked at, and its colours and noise seen to."""
        path = f"/envo/photos/{self._any()['id']}"
        self._wait("looking", f"{path}/look")
        wish = {"steps": [{"id": "clean"}, {"id": "colour"}]}
        job = self.ask("ask", "POST", f"{path}/restorations", json=wish).json()["job"]
        restored = self._wait("restoring", f"{path}/restorations/{job}")["restoration"]["photo"]
        self.ask("rendition", "GET", f"/envo/photos/{restored['id']}/rendition")
        self.ask("bin", "DELETE", f"/envo/photos/{restored['id']}")

    def gallery(self) -> None:
        """Search, and correct tags."""
        photo = self._any()
        self.ask("search", "POST", "/envo/gallery", json={})
        for words in ("", "person", "cat -dog", f"mine{photo['id'][:3]}"):
            self.ask("search", "GET", "/envo/gallery/photos", params={"q": words})
        self.ask("search", "GET", "/envo/gallery/facets")
        self.ask("search", "GET", f"/envo/gallery/photos/{photo['id']}")
        wish = {"photos": [photo["id"]], "add": [f"mine{photo['id'][:3]}"]}
        self.ask("tag", "POST", "/envo/gallery/tags", json=wish)
        self.ask("tag", "POST", "/envo/gallery/rate", json={"photos": [photo["id"]], "rating": 4})

    def take_away(self) -> None:
        path = self.ask("ask", "POST", "/envo/gallery/takeaway", json={"all": True}).json()["path"]
        content = self.ask("zip", "GET", f"/envo/{path}").content
        if not content.startswith(b"PK"):
            self.tally.fail("zip", f"no zip: {content[:20]!r}")

    def throw_away(self) -> None:
        """Rename a photo, delete it, and bring it back."""
        path = f"/envo/photos/{self._any()['id']}"
        self.ask("rename", "PATCH", path, json={"name": f"photo {self._random.randrange(1000)}"})
        self.ask("bin", "DELETE", path)
        self.ask("bin", "POST", f"{path}/restore")

    def _any(self) -> dict:
        return self._random.choice(self._brought)

    def _document(self) -> dict:
        adjustments = {name: self._random.randint(-40, 40) for name in ("contrast", "shadows", "saturation")}
        return {"schema": 1, "layers": [{"id": "image", "adjustments": adjustments}]}

    def _edit_saved(self, photo: dict) -> None:
        self._seqs[photo["id"]] += 1
        document = self._document()
        contrast = document["layers"][0]["adjustments"]["contrast"]
        self._saved.setdefault(photo["id"], []).append(contrast)
        write = {"document": document, "base": 0, "writer": "the-window", "seq": self._seqs[photo["id"]]}
        self.ask("save", "POST", f"/envo/photos/{photo['id']}/edit", json=write)
        self._saved[photo["id"]] = [contrast]

    def look_for_all(self) -> None:
        """Count what was acknowledged and is not there."""
        paths = ("/envo/photos", "/envo/photos?trash=true")
        there = {photo["id"] for path in paths for photo in self.ask("check", "GET", path).json()["photos"]}
        self.tally.lose("photos", sum(photo["id"] not in there for photo in self._brought))
        for photo_id in there & self._saved.keys():
            layers = (self.ask("check", "GET", f"/envo/photos/{photo_id}/edit").json()["document"] or {}).get("layers")
            # What is 0 is not kept.
            contrast = layers[0]["adjustments"].get("contrast", 0) if layers else None
            self.tally.lose("edits", contrast not in self._saved[photo_id])

    def _hole(self, size: tuple[int, int]) -> bytes:
        """A mask of the working size: a PNG, white in one place."""
        width, height = size
        mask = np.zeros((height, width), np.uint8)
        left, top = (int(self._random.uniform(0, 0.8) * each) for each in size)
        mask[top : top + height // 8, left : left + width // 8] = 255
        return _file(mask, "PNG")

    def _wait(self, kind: str, path: str, meanwhile: Callable[[], None] = lambda: None) -> dict:
        """Ask for news until no more is to come, or the page is closed. Raises Failed for what came to nothing."""
        begun, news = time.perf_counter(), {"state": "waiting", "number": -1}
        last = begun
        while news["state"] in ("waiting", "working"):
            if self._is_over():
                raise Failed
            if time.perf_counter() - last > settings.SAVE_DELAY_MS / 1000:  # as a page saves
                meanwhile()
                last = time.perf_counter()
            news = self.ask("news", "GET", path, params={"seen": news["number"]}).json()
        if news["state"] != "done":
            self.tally.fail(kind, f"{news['state']}: {news['step']}")
            raise Failed
        self.tally.note(kind, time.perf_counter() - begun)
        return news


def program(app: App, tally: Tally, photos: Iterator[bytes], is_over: Callable[[], bool]) -> None:
    """Fill holes in pictures, one after the other."""
    client = Client(app, tally)
    while not is_over():
        pixels = np.asarray(Image.open(io.BytesIO(next(photos))).convert("RGBA")).copy()
        height, width = pixels.shape[:2]
        pixels[height // 3 : height // 2, width // 3 : width // 2, 3] = 0
        picture = base64.b64encode(_file(pixels, "PNG")).decode()
        with suppress(Failed):
            client.ask("complete-image", "POST", "/complete-image", json={"img": picture})


def _file(pixels: np.ndarray, format: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format)
    return file.getvalue()


def photos(folder: Path, seed: int) -> Iterator[bytes]:
    """The photos of a folder without end, as JPEG files that no other seed gives and that never come twice."""
    draw = np.random.default_rng(seed)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    while True:
        path = paths[draw.integers(len(paths))]
        pixels = np.asarray(Image.open(path).convert("RGB")).copy()
        pixels[:8, :8] = draw.integers(0, 256, (8, 8, 3))
        yield _file(pixels, "JPEG")


class Memory:
    """Resident memory of the app's process and its children, in MB, watched from a thread of its own."""

    def __init__(self, app: App):
        self._app = app
        self.seen: list[tuple[float, int]] = []
        """When, by `time.monotonic`, and how much."""

    def look(self) -> None:
        used = 0
        with suppress(psutil.NoSuchProcess):  # it was killed, or a child has ended
            process = psutil.Process(self._app.server.process.pid)
            for each in (process, *process.children(recursive=True)):
                used += each.memory_info().rss
        self.seen.append((time.monotonic(), used >> 20))

    @property
    def peak(self) -> int:
        return max(used for _, used in self.seen)

    def around(self, begin: float, end: float) -> float:
        """Give the median between two moments."""
        return float(np.median([used for when, used in self.seen if begin <= when <= end] or [0]))

    @contextmanager
    def watched(self) -> Iterator[None]:
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(SAMPLE):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


def crowd(app: App, wish: argparse.Namespace, tally: Tally) -> None:
    """Let all visitors and programs do what they do, until the time is over and the last answer is there."""
    begun, seconds = time.monotonic(), 60 * wish.minutes

    def is_over() -> bool:
        return time.monotonic() > begun + seconds

    def visit(number: int) -> None:
        time.sleep(seconds / 5 * number / wish.visitors)
        visitor = Visitor(app, tally, photos(wish.data, number), is_over, number)
        visitor.live()
        for _ in range(5):
            with suppress(Failed):
                visitor.look_for_all()
                return
        tally.fail("check", "nobody could look")

    def fell() -> None:
        time.sleep(seconds / 2)
        app.kill()

    todo = [partial(visit, number) for number in range(1, wish.visitors + 1)]
    todo += [partial(program, app, tally, photos(wish.data, 1000 + number), is_over) for number in range(wish.programs)]
    todo += [fell] * wish.kill
    with ThreadPoolExecutor(len(todo)) as pool:
        for done in [pool.submit(each) for each in todo]:
            done.result()


def measure(wish: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Print what became of the requests and of the memory; give it."""
    app = App(folder)
    try:
        memory, tally = Memory(app), Tally()
        with memory.watched():
            Visitor(app, warm := Tally(), photos(wish.data, 0), lambda: False, 0).everything()
            if warm.said:
                raise SystemExit(f"already the first visitor, alone, heard errors: {dict(warm.said)}")
            begun, seconds = time.monotonic(), 60 * wish.minutes
            crowd(app, wish, tally)
            took = time.monotonic() - begun
        later = begun + seconds * (0.7 if wish.kill else 0.4)
        growth = memory.around(begun + 0.9 * seconds, begun + seconds) - memory.around(later, later + seconds / 10)
    finally:
        app.server.stop()
    told = {
        "errors": sum(tally.errors.values()),
        "lost": tally.lost,
        "light_p95": tally.light_p95(),
        "peak_mb": memory.peak,
        "growth_mb": round(growth),
    }
    requests = tally.table()
    show_requests(requests, tally)
    print(f"{took:.0f} s to the last answer; {app.faults()} faults logged, {tally.cut} requests cut short by a kill")
    print(", ".join(f"{name} {value}" for name, value in told.items()), flush=True)
    more = {"visitors": wish.visitors, "programs": wish.programs, "minutes": wish.minutes, "kill": wish.kill}
    return told | more | {"faults_logged": app.faults(), "said": dict(tally.said), "requests": requests}


def show_requests(requests: dict[str, dict[str, Any]], tally: Tally) -> None:
    print(f"{'':16}{'count':>8}{'median':>9}{'p95':>9}{'slowest':>9}{'errors':>8}{'told':>8}")
    for kind, row in sorted(requests.items(), key=lambda each: (each[0] not in LIGHT, each[0])):
        times = "".join(f"{row[name]:8.2f}s" for name in ("median", "p95", "slowest"))
        print(f"{kind:16}{row['count']:8}{times}{row['errors']:8}{row['told']:8}")
    for said, count in tally.said.items():
        print(f"  {count} x {said}")


def main() -> None:
    parser = common.Arguments(__doc__, "folder of photos to bring instead of the examples", parted=False)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--programs", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--kill", action="store_true", help="kill the app in the middle, and start it again")
    parser.set_defaults(data=EXAMPLES)
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = measure(wish, Path(folder))
    if wish.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
