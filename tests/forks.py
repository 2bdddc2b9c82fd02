"""Processes that begin with the large modules imported, for tests that start and kill many of them."""

import multiprocessing
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.conftest import Server, wait_until_served

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["alembic.autogenerate", "alembic.command", "pytest", "skimage.data", "tests.forks", "tests.server.routes_only"]
)


@dataclass
class Fork:
    """As much of `subprocess.Popen` as is asked of a server's process."""

    process: BaseProcess

    def poll(self) -> int | None:
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()

    def wait(self) -> None:
        self.process.join()


def serve(home: Path, port: int) -> Server:
    """Serve the routes alone of a library, in a process of its own, and wait until it answers."""
    from tests.server import routes_only
    from tests.unit.test_library import url

    process = PROCESSES.Process(target=routes_only.serve, args=(home, port, url(home)), daemon=True)
    process.start()
    return wait_until_served(Server(f"http://127.0.0.1:{port}/", home, Fork(process)))
