"""What breaks around the app is told in a sentence and by `/readyz`, survived, and over when its cause is gone."""

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import torch
from starlette.testclient import TestClient

import app
from envo import database as db
from envo.errors import UserError
from envo.library import Library
from models import cache, hub, weights
from tabs.work import health, threads
from tabs.work.queue import DAMAGED, NO_MEMORY, Queue
from tests import postgres
from tests.server import routes_only
from tests.server.test_kill import document, tiny_photo

DISK_MB = 24


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", place])
    if not made or made.returncode:
        pytest.skip("no disk can be mounted here, which takes the rights of root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def opened(empty, monkeypatch, tmp_path) -> Iterator[Callable[[Path], TestClient]]:
    """Opens a new library in a folder for a visitor, to whom faults are answered as a server does."""
    visitors = []

    def open_in(folder: Path) -> TestClient:
        shutil.copytree(empty, folder / "home")
        monkeypatch.setenv("ENVO_HOME", str(folder / "home"))
        monkeypatch.setenv("ENVO_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(hub, "reachable", lambda: False)
        monkeypatch.setattr(health, "FRESH_SECONDS", 0)
        monkeypatch.setattr(cache, "_shortage", -float("inf"))  # of other tests
        visitor = TestClient(routes_only.app(), raise_server_exceptions=False)
        visitor.get("/")
        visitors.append(visitor)
        return visitor

    yield open_in
    for visitor in visitors:
        visitor.close()


def bring(visitor: TestClient, number: int):
    return visitor.post(f"/envo/photos?name={number}.png&layers=false", content=tiny_photo(number))


def save(visitor: TestClient, photo: str, base: int):
    write = {"document": document(base + 1), "base": base, "writer": "one-window", "seq": base + 1}
    return visitor.post(f"/envo/photos/{photo}/edit", json=write)


def not_kept(visitor: TestClient, photo: str) -> list:
    """What is answered of all that the library's disk is to take; a PostgreSQL lies on another one."""
    return [bring(visitor, 2), *([] if postgres.is_chosen else [save(visitor, photo, 0)])]


def is_ready(visitor: TestClient) -> bool:
    answer = visitor.get("/readyz")
    assert answer.json()["ready"] == (answer.status_code == 200) == (not answer.json()["wrong"])
    return answer.json()["ready"]


def wrong(visitor: TestClient) -> dict[str, str]:
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    return answer.json()["wrong"]


def test_an_app_that_is_well_says_so_to_whoever_asks(opened, tmp_path):
    visitor = opened(tmp_path)
    visitor.cookies.clear()
    assert visitor.get("/healthz").json() == {"alive": True}
    assert visitor.get("/readyz").json() == {"ready": True, "wrong": {}, "noted": {}}


def test_a_full_disk_is_told_and_room_is_all_that_it_takes(opened, disk):
    visitor = opened(disk)
    photo = bring(visitor, 1).json()["photo"]["id"]
    assert is_ready(visitor)
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(2**16)):
                pass
        except OSError:
            pass
    for answer in not_kept(visitor, photo):
        assert answer.status_code == 400 and "full" in answer.json()["error"]
    assert visitor.get(f"/envo/photos/{photo}/original").content == tiny_photo(1)
    assert "full" in wrong(visitor)["storage"]
    (disk / "filler").unlink()
    assert bring(visitor, 2).status_code == save(visitor, photo, 0).status_code == 200
    assert is_ready(visitor)


def test_a_home_that_cannot_be_written_to_is_told_until_it_can(opened, disk):
    visitor = opened(disk)
    photo = bring(visitor, 1).json()["photo"]["id"]
    # Nobody may have a file open there to write.
    visitor.app.state.library.close()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for answer in not_kept(visitor, photo):
        assert answer.status_code == 400 and "cannot be written to" in answer.json()["error"]
    assert ({"storage"} if postgres.is_chosen else {"storage", "database"}) == set(wrong(visitor))
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert bring(visitor, 2).status_code == save(visitor, photo, 0).status_code == 200
    assert is_ready(visitor)


def test_an_app_whose_home_cannot_be_written_to_says_so_and_ends(empty, disk, monkeypatch):
    shutil.copytree(empty, disk / "home")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    monkeypatch.setenv("ENVO_HOME", str(disk / "home"))
    with pytest.raises(SystemExit, match=r"cannot be used; set ENVO_HOME to another\.$"):
        app.main()


@pytest.mark.sqlite
@pytest.mark.parametrize("kept", [0, 4096], ids=["all of it", "all but its head"])
def test_a_damaged_database_is_told_until_it_is_brought_back(opened, tmp_path, kept):
    visitor = opened(tmp_path)
    photo = bring(visitor, 1).json()["photo"]["id"]
    library, path = visitor.app.state.library, tmp_path / "home" / "library.sqlite"
    library.close()
    backup = path.read_bytes()
    path.write_bytes(backup[:kept] + b"\xa5" * (len(backup) - kept))
    for answer in visitor.get("/envo/photos"), save(visitor, photo, 0), bring(visitor, 2):
        assert answer.status_code == 400 and "database is damaged" in answer.json()["error"]
    assert "damaged" in wrong(visitor)["database"]
    with pytest.raises(UserError, match="database is damaged"):
        Library(tmp_path / "home", f"sqlite:///{path}")
    path.write_bytes(backup)
    assert visitor.get("/envo/photos").json()["count"] == 1
    assert save(visitor, photo, 0).status_code == 200
    assert is_ready(visitor)


def test_damaged_weights_are_told_until_they_are_put_back(opened, monkeypatch, tmp_path):
    trained = tmp_path / "trained"
    trained.mkdir()
    for file in weights.TRAINED.iterdir():
        (trained / file.name).symlink_to(file)
    visitor, sound = opened(tmp_path), (trained / "negative.npy").read_bytes()
    monkeypatch.setattr(weights, "TRAINED", trained)
    assert is_ready(visitor)
    (trained / "negative.npy").unlink()
    (trained / "negative.npy").write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    assert "negative" in wrong(visitor)["weights"] and "negative.npy comes along" in weights.how("negative")
    assert became(lambda report: weights.path("negative")) == DAMAGED
    (trained / "negative.npy").write_bytes(sound)
    assert is_ready(visitor) and became(lambda report: weights.path("negative")) is None


def test_memory_that_ran_out_in_an_engine_is_told_and_noted(opened, monkeypatch, tmp_path):
    visitor = opened(tmp_path)

    def too_much(*given):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    assert became(too_much) == NO_MEMORY
    with monkeypatch.context() as small:
        small.setattr(Library, "photos", too_much)
        answer = visitor.get("/envo/photos")
    assert (answer.status_code, answer.json()["error"]) == (503, NO_MEMORY)
    assert visitor.get("/envo/photos").status_code == 200
    assert is_ready(visitor) and "Memory ran out" in visitor.get("/readyz").json()["noted"]["memory"]
    monkeypatch.setattr(cache, "SHORT_SECONDS", 0)
    assert visitor.get("/readyz").json()["noted"] == {}


def test_a_clock_that_goes_back_leaves_photos_in_their_order_and_is_noted(opened, monkeypatch, tmp_path):
    visitor = opened(tmp_path)
    first = bring(visitor, 1).json()["photo"]["id"]
    with visitor.app.state.library.database.write() as connection:
        came = connection.scalar(sa.select(db.photo.c.created_at))
        connection.execute(sa.update(db.photo).values(created_at=came + timedelta(hours=1)))
    second = bring(visitor, 2).json()["photo"]["id"]
    assert [photo["id"] for photo in visitor.get("/envo/photos").json()["photos"]] == [second, first]

    clock = SimpleNamespace(**vars(health.time))
    monkeypatch.setattr(health, "time", clock)
    now = clock.time()
    for shown, is_noted in (now, False), (now - 7200, True), (now + 1, False):
        clock.time = lambda shown=shown: shown
        assert ("clock" in visitor.get("/readyz").json()["noted"]) == is_noted
    assert is_ready(visitor)


def test_a_job_that_would_end_its_thread_ends_alone():
    assert became(lambda report: exit(1)) == "It failed."
    queue, done = Queue("test", "It failed."), threading.Event()
    queue.ask("one", lambda report: exit(1))
    queue.ask("two", lambda report: done.set())
    assert done.wait(10)


def test_a_worker_that_is_killed_is_told_and_begins_anew(opened, monkeypatch, tmp_path):
    visitor, rested, lives, is_back = opened(tmp_path), threading.Event(), [], threading.Event()
    killed = threading.Event()

    def rest(seconds: float) -> None:
        killed.set()
        rested.wait(10)

    monkeypatch.setattr(threads, "time", SimpleNamespace(sleep=rest))

    def work() -> None:
        lives.append(threading.get_ident())
        if len(lives) == 1:
            raise SystemExit
        is_back.set()

    threads.keep("worker", work)
    assert killed.wait(10)
    assert "worker" in wrong(visitor)["workers"]
    rested.set()
    assert is_back.wait(10)
    assert is_ready(visitor)


def became(work: Callable) -> str | None:
    """Have a job done by a queue; gives what is told where it failed."""
    queue = Queue("test", "It failed.")
    queue.ask("job", work)
    while (now := queue.progress("job")) and now.state != "failed":
        os.sched_yield()
    return now and now.step


@pytest.mark.sqlite
def test_a_backup_of_the_database_alone_is_enough(opened, tmp_path):
    """Whoever reads the sentence of a damaged database, and follows it, has their photos again."""
    visitor = opened(tmp_path)
    bring(visitor, 1)
    path, copy = tmp_path / "home" / "library.sqlite", tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    visitor.app.state.library.close()
    path.write_bytes(b"nothing")
    assert visitor.get("/envo/photos").status_code == 400
    os.replace(copy, path)
    (photo,) = visitor.get("/envo/photos").json()["photos"]
    assert visitor.get(f"/envo/photos/{photo['id']}/original").content == tiny_photo(1)
