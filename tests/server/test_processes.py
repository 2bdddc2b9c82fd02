"""Two processes on one library: what one does the other sees, and each thing is done once."""

import contextlib
import io
import os
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import sqlalchemy as sa

from envo import database as db
from envo.library import Library
from tests.conftest import Server, free_port, wait_until_served
from tests.forks import PROCESSES, Fork
from tests.unit.test_library import picture, url

LEASE = 1.0

pytestmark = pytest.mark.both_databases


class Desk:
    """A folder by which processes tell a test what they do, and wait for it."""

    def __init__(self, place: Path):
        self.place = place

    def note(self, what: str) -> None:
        with (self.place / "notes").open("a") as file:
            file.write(f"{os.getpid()} {what}\n")

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Who did what."""
        notes = self.place / "notes"
        return [tuple(line.split(" ", 1)) for line in notes.read_text().splitlines()] if notes.exists() else []

    def let_go(self) -> None:
        (self.place / "go").touch()

    def wait(self, report=lambda step, fraction: None) -> None:
        until(lambda: report("Inverting", 0.5) or (self.place / "go").exists())

    def work(self, image: np.ndarray, report=lambda step, fraction: None) -> None:
        """Begin with a picture; the first may not have to wait, or any end the process."""
        is_first = not self.notes
        self.note(f"{image[0, 0, 0]} begun")
        if (self.place / "deadly").exists():
            os._exit(1)
        if not (is_first and (self.place / "once").exists()):
            self.wait(report)


def until(is_so: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def serve(home: Path, port: int, database: str, desk: Path) -> None:
    """Serve the routes with engines that note what they do, and wait until they are let go."""
    from envo import export
    from models import hub, layers, restore
    from models.layers import Layers
    from models.tagging.run import Result, Tagged
    from tabs.work import tagging
    from tests.server import routes_only
    from tests.server.test_restorations import Invert, Inverter

    os.environ["ENVO_LEASE"] = str(LEASE)
    desk = Desk(desk)

    def find(image: np.ndarray, report) -> Layers:
        report("Looking", 0.5)
        desk.note("mattes")
        desk.wait()
        return Layers({}, [], "finder", 0)

    def look(photos, detector, classifier, report) -> Iterator[Result]:
        for key, read in photos:
            desk.note(f"tagging {key.name}" if hasattr(key, "name") else f"tagging {key.sha256}")
            read()
            yield Result(key, Tagged((), (), np.ones(1, np.float32), np.zeros((8, 8, 3), np.uint8)))

    class Noted(Inverter):
        def invert(self, image, report):
            desk.work(image, report)
            return 255 - image

    render = export.edited

    def edited(original, *more):
        desk.work(original.decode().pixels)
        return render(original, *more)

    hub.reachable, layers.find, tagging.run, export.edited = lambda: False, find, look, edited
    restore.STEPS.clear()
    restore.STEPS["invert"] = Invert([Noted()])
    routes_only.serve(home, port, database)


@pytest.fixture
def desk(tmp_path) -> Desk:
    (tmp_path / "desk").mkdir()
    return Desk(tmp_path / "desk")


@pytest.fixture
def start(empty, tmp_path, desk) -> Iterator[Callable[[], Server]]:
    """Starts a process on the library of the test."""
    home, started = tmp_path / "home", []

    def begin(waits: bool = True) -> Server:
        port = free_port()
        process = PROCESSES.Process(target=serve, args=(home, port, url(home), desk.place), daemon=True)
        process.start()
        started.append(process)
        server = Server(f"http://127.0.0.1:{port}/", home, Fork(process))
        return wait_until_served(server) if waits else server

    yield begin
    for process in started:
        process.kill()
        process.join()


@pytest.fixture
def both(start) -> tuple[Server, Server]:
    return start(), start()


@pytest.fixture
def visitors(both) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """One visitor, at both."""
    with httpx.Client(base_url=both[0].url, timeout=30) as one, httpx.Client(base_url=both[1].url, timeout=30) as other:
        one.get("/")
        other.cookies = one.cookies
        yield one, other


def upload(client: httpx.Client, shade: int) -> str:
    params = {"name": f"{shade}.png", "layers": False}
    answer = client.post("/envo/photos", params=params, content=picture(shade))
    assert answer.status_code == 200, answer.text
    return answer.json()["photo"]["id"]


def test_what_comes_to_one_is_seen_at_the_other_at_once(visitors, desk):
    one, other = visitors
    seen = other.get("/envo/gallery/news").json()
    told: list[float] = []

    def listen() -> None:
        other.get("/envo/gallery/news", params={"seen": seen["number"]})
        told.append(time.monotonic())

    listening = threading.Thread(target=listen)
    listening.start()
    photo, begun = upload(one, 1), time.monotonic()
    assert [each["id"] for each in other.get("/envo/photos").json()["photos"]] == [photo]
    listening.join()
    assert told[0] - begun < 10, "it was heard of, not asked for again"


def test_the_mattes_of_a_photo_are_made_once(visitors, desk):
    one, other = visitors
    photo = upload(one, 1)
    address = f"/envo/photos/{photo}/mattes"
    one.get(address)
    until(lambda: desk.notes)
    while "Another server" not in (told := other.get(address).json())["step"]:
        assert told["state"] != "done"
    desk.let_go()
    for client in visitors:
        told = client.get(address).json()
        while told["state"] != "done":
            told = client.get(address, params={"seen": told["number"]}).json()
    assert [what for _, what in desk.notes] == ["mattes"]


def test_what_a_killed_process_did_is_done_by_the_other(both, visitors, desk):
    one, other = visitors
    photo = upload(one, 1)
    address = f"/envo/photos/{photo}/mattes"
    one.get(address)
    until(lambda: desk.notes)
    other.get(address)
    both[0].stop()
    desk.let_go()
    until(lambda: other.get(address).json()["state"] == "done")
    assert len({who for who, _ in desk.notes}) == 2


def test_each_photo_is_tagged_once(visitors, desk):
    for client in visitors:
        client.post("/envo/gallery", json={})
    count = 6
    for number in range(count):
        upload(visitors[number % 2], number)
    for client in visitors:
        until(lambda client=client: client.get("/envo/gallery/news").json()["done"] == count)
    tagged = [what for _, what in desk.notes if what.startswith("tagging")]
    assert len(tagged) == len(set(tagged)) == count


INVERT = {"steps": [{"id": "invert"}]}


def ended(client: httpx.Client, address: str) -> dict:
    """Follow a job to its end."""
    told = client.get(address).json()
    while told["state"] in ("waiting", "working"):
        told = client.get(address, params={"seen": told["number"]}).json()
    return told


def test_a_restoration_is_seen_given_up_and_taken_over_wherever_its_visitor_is(both, visitors, desk):
    one, other = visitors
    photo = upload(one, 1)
    jobs = [one.post(f"/envo/photos/{photo}/restorations", json=INVERT).json()["job"] for _ in range(2)]
    first, second = (f"/envo/photos/{photo}/restorations/{job}" for job in jobs)
    until(lambda: desk.notes)
    until(lambda: other.get(first).json()["step"] == "Inverting")
    assert [each["job"] for each in other.get(f"/envo/photos/{photo}/restorations").json()["jobs"]] == jobs
    assert other.delete(second).status_code == 204
    assert ended(one, second)["state"] == "cancelled"
    both[0].stop()
    desk.let_go()
    told = ended(other, first)
    assert told["state"] == "done" and told["restoration"]["source"] == photo
    assert len(desk.notes) == len({who for who, _ in desk.notes}) == 2
    assert len(other.get(f"/envo/photos/{photo}/restorations").json()["restorations"]) == 1


@pytest.mark.parametrize("kind", ["restorations/batch", "renderings"])
def test_what_a_batch_had_done_is_not_done_again_by_whoever_takes_it_over(both, visitors, desk, kind):
    one, other = visitors
    photos = [upload(one, number) for number in range(3)]
    (desk.place / "once").touch()
    wish = {"photos": photos} | ({"steps": INVERT["steps"]} if kind.startswith("restorations") else {})
    address = f"/envo/{kind}/{one.post(f'/envo/{kind}', json=wish).json()['batch']}"
    until(lambda: len(desk.notes) == 2)
    both[0].stop()
    desk.let_go()
    told = ended(other, address)
    assert (told["state"], told["done"]) == ("done", 3)
    assert [what for _, what in desk.notes] == [f"{photo} begun" for photo in ("0", "1", "1", "2")]
    if kind == "renderings":
        with zipfile.ZipFile(io.BytesIO(other.get(f"{address}/file").content)) as archive:
            assert archive.testzip() is None and len(archive.namelist()) == 3


def test_what_ends_each_process_that_is_at_it_is_not_tried_for_ever(start, desk):
    (desk.place / "deadly").touch()
    server = start()
    with httpx.Client(base_url=server.url, timeout=30) as client:
        client.get("/")
        photo = upload(client, 1)
        with contextlib.suppress(httpx.TransportError):  # it may end before it has answered
            client.post(f"/envo/photos/{photo}/restorations", json=INVERT)
    for _ in range(2):
        until(lambda server=server: server.process.poll() is not None)
        server = start(waits=False)
    library = Library(server.home, url(server.home))
    with library.database.read() as connection:
        owner = connection.scalar(sa.select(db.job.c.owner))
    until(lambda: library.jobs.all(owner, "restore")[0].state == "failed")
    assert "not tried again" in library.jobs.all(owner, "restore")[0].step and len(desk.notes) == 2
    library.close()
