"""Heavy work waits without keeping what is light from being answered, and ends with whoever asked for it."""

import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from envo import settings
from models.inpaint import Cancelled
from tabs.routes import health
from tabs.web import faults, http, static
from tabs.work.scheduler import HEAVY, Rank
from tests.unit.test_memory import until

PLACES = settings.PLACES["NOW"]
THREADS = 40
"""As many as routes share."""
WELL = SimpleNamespace(check_database=lambda: None, check_storage=lambda: None)
"""As much of a library as is asked whether it can be used."""


class Work:
    """Work that goes on until it may end, or is told that nobody waits."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.cancelled = threading.Semaphore(0)
        self.number = 0
        self.asked = threading.Semaphore(0)

    def told(self) -> dict:
        self.asked.release()
        return {"number": self.number, "state": "working"}

    def __call__(self, check: Callable[[], None]) -> str:
        self.begun.release()
        try:
            while not self.may_end.wait(0.01):
                check()
        except Cancelled:
            self.cancelled.release()
            raise
        return "done"


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def port(work):
    """Port of a server whose routes work for long, or not at all."""
    app = FastAPI(routes=[static.route(), *health.routes(WELL)], exception_handlers=faults.HANDLERS)

    @app.get("/at-work")
    def at_work() -> None:
        work.begun.release()
        work.may_end.wait(10)

    @app.get("/news")
    async def news() -> dict:
        return await http.heard(work.told, seen=0, number=lambda: work.number)

    @app.get("/light")
    def light() -> str:
        return "here"

    @app.get("/heavy")
    @http.heavy
    def heavy(who: str, number: int = 0) -> int:
        work.begun.release()
        work.may_end.wait(10)
        return number

    @app.get("/quick")
    @http.heavy
    def quick(who: str) -> str:
        return "done"

    @app.post("/long")
    async def long(request: Request, who: str) -> str:
        await request.body()
        return await http.while_asked(request, who, work)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(200)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        work.may_end.set()
        server.should_exit = True
        thread.join()


def asked(port: int, head: str, body: bytes = b"") -> socket.socket:
    """Send a request, and do not wait for its answer."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"{head} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def test_nobody_waits_for_the_burst_of_another(port, work):
    waiting = [asked(port, "GET /heavy?who=ann") for _ in range(settings.MAX_WAITING)]
    for _ in range(PLACES // 2):
        assert work.begun.acquire(timeout=5)
    assert httpx.get(f"http://127.0.0.1:{port}/light", timeout=5).json() == "here"
    assert httpx.get(f"http://127.0.0.1:{port}/quick?who=bob", timeout=5).json() == "done"
    assert not work.begun.acquire(blocking=False)
    for connection in waiting:
        connection.close()


def test_who_asks_for_too_much_at_a_time_is_told_so_and_others_are_not(port, work):
    waiting = [asked(port, "GET /heavy?who=ann") for _ in range(PLACES // 2)]
    for _ in waiting:
        assert work.begun.acquire(timeout=5)
    waiting += [asked(port, "GET /heavy?who=ann") for _ in range(settings.MAX_WAITING)]
    until(lambda: HEAVY.tally(Rank.NOW).length == len(waiting))
    answer = httpx.get(f"http://127.0.0.1:{port}/heavy?who=ann")
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert answer.json()["error"] == (
        f"{settings.MAX_WAITING} things that you asked for are waiting already; please try again when some are done."
    )
    assert httpx.get(f"http://127.0.0.1:{port}/quick?who=bob", timeout=5).json() == "done"
    for connection in waiting:
        connection.close()


def test_the_files_of_the_page_are_sent_while_every_thread_is_at_work(port, work):
    waiting = [asked(port, "GET /at-work") for _ in range(THREADS)]
    for _ in range(THREADS):
        assert work.begun.acquire(timeout=5)
    sheet = httpx.get(f"http://127.0.0.1:{port}/{static.prefix()}app.css", timeout=5)
    assert sheet.content == (static.FOLDER / "app.css").read_bytes()
    for connection in waiting:
        connection.close()


def test_that_the_app_lives_and_is_ready_is_told_while_every_thread_is_at_work(port, work):
    waiting = [asked(port, "GET /at-work") for _ in range(THREADS)]
    for _ in range(THREADS):
        assert work.begun.acquire(timeout=5)
    for path in "/healthz", "/readyz":
        assert httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == 200
    for connection in waiting:
        connection.close()


def test_those_who_wait_for_news_take_no_threads_until_there_is_some(port, work):
    waiting = [asked(port, "GET /news") for _ in range(2 * THREADS)]
    for _ in waiting:
        assert work.asked.acquire(timeout=5)
    assert not work.asked.acquire(timeout=0.5)
    work.number = 7
    for connection in waiting:
        connection.settimeout(5)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        connection.close()


def test_a_heavy_route_takes_its_arguments_and_answers_as_any(port, work):
    work.may_end.set()
    answer = httpx.get(f"http://127.0.0.1:{port}/heavy?who=ann&number=3")
    assert (answer.status_code, answer.json()) == (200, 3)
    assert httpx.get(f"http://127.0.0.1:{port}/heavy?who=ann&number=x").status_code == 422


def test_work_ends_with_whoever_asked_and_gives_its_place_to_the_next(port, work):
    places = PLACES // 2
    gone = [asked(port, "POST /long?who=ann", b"a body") for _ in range(places + 3)]
    for _ in range(places):
        assert work.begun.acquire(timeout=5)
    for connection in gone:
        connection.close()
    for _ in range(places):
        assert work.cancelled.acquire(timeout=3)
    assert not work.begun.acquire(timeout=0.2)  # of those who left while they waited, none begins
    work.may_end.set()
    assert httpx.post(f"http://127.0.0.1:{port}/long?who=ann", timeout=3).json() == "done"


def test_a_sender_who_leaves_half_way_is_no_fault(port, capfd):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"POST /long?who=ann HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf")
    connection.close()
    assert httpx.get(f"http://127.0.0.1:{port}/light").status_code == 200
    assert "Traceback" not in capfd.readouterr().err
