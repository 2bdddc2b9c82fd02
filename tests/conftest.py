"""The app in a process of its own, and what drives browsers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests import persons, postgres

pytest_plugins = ("tests.slow", "tests.databases", "tests.ending")

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SHARED = ROOT.parent / "shared"
"""Files for tests that are not in the repository; those that need them skip where they are missing."""


@dataclass
class Server:
    """A running app. `home` is its library's folder."""

    url: str
    home: Path
    process: subprocess.Popen

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    """A port at which nobody listens, and that is given to no other process of tests meanwhile."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # Halved, for Linux gives odd ones alone.
        if port // 2 % 8 == worker % 8:
            return port


def start_server(
    home: Path,
    log: Path,
    command: tuple[str, ...] = ("app.py",),
    headers: dict[str, str] | None = None,
    port: int | None = None,
    **environment: str,
) -> Server:
    """Start `python app.py`, or Python with another `command`, and wait until it answers.

    headers: with which the first page is asked for, where the app wants some.
    port: at which it listens; None: any free one.
    """
    port = port or free_port()
    if postgres.is_chosen:
        environment = {"ENVO_DATABASE_URL": postgres.url(home)} | environment
    environment = {"ENVO_HOME": str(home), "GRADIO_SERVER_PORT": str(port), "HF_HUB_OFFLINE": "1"} | environment
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output
        )
    try:
        return wait_until_served(Server(f"http://127.0.0.1:{port}/", home, process), headers)
    except AssertionError:
        print(log.read_text())
        raise


def wait_until_served(server: Server, headers: dict[str, str] | None = None) -> Server:
    """Wait until the server answers."""
    deadline = time.monotonic() + 120
    # One for all tries: each reads the authorities' certificates, for which it takes as much of the processor as the
    # app that is starting.
    with httpx.Client(timeout=5, headers=headers) as client:
        while time.monotonic() < deadline and server.process.poll() is None:
            try:
                if client.get(server.url).status_code == 200:
                    return server
            except httpx.TransportError:
                # Refused until the server listens; a refusal comes at once, so this asks politely.
                time.sleep(0.05)
    raise AssertionError("the app did not start")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library in which nothing is, for copies: the steps by which its tables are made take long."""
    from envo.library import Library

    home = tmp_path_factory.mktemp("empty") / "home"
    Library(home, f"sqlite:///{home}/library.sqlite").close()
    return home


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("app")
    running = start_server(folder / "home", folder / "app.log")
    yield running
    running.stop()
    log = (folder / "app.log").read_text()
    assert "Traceback" not in log, log


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one that drives all browsers: a thread can have no second one."""
    with sync_playwright() as started:
        yield started


@pytest.fixture
def first_faces() -> None:
    for person in persons.KNOWN:
        person.begin()
