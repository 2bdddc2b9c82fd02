"""Workers on this machine, each a process: what one core does is not waited for by another."""

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection

from models.batch.engines import LOST, TRIES, Answer, Failed, Worker, environment
from models.batch.works import Work

# Not forked, for threads and locks of libraries do not survive that.
_SPAWN = multiprocessing.get_context("spawn")


class Local:
    """An `Engine` of processes on this machine."""

    def __init__(self, work: Work, workers: int):
        """Start the workers; they share the cores."""
        self.workers = workers
        threads = max(1, (os.cpu_count() or 1) // workers)
        self._environment = environment(workers, threads)
        self._arguments = (work, threads)
        self._starting = threading.Lock()
        self._is_closed = False
        self._all: list[_Process] = []
        self._free: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for _ in range(workers):
            self._free.put(self._started())

    def make(self, data: bytes) -> Answer:
        for _ in range(TRIES):
            process = self._free.get()
            try:
                answer = process.ask(data)
            except (EOFError, OSError):  # it was killed, or crashed
                process = self._started(process)
                if self._is_closed:
                    break
                continue
            finally:
                self._free.put(process)
            return answer
        return Failed(LOST, may_pass=False)

    def close(self) -> None:
        with self._starting:
            self._is_closed = True
            for process in self._all:
                process.end()

    def pids(self) -> list[int]:
        """Give the ids of the workers' processes."""
        with self._starting:
            return [process.pid for process in self._all]

    def _started(self, instead_of: "_Process | None" = None) -> "_Process":
        with self._starting:
            if instead_of:
                instead_of.end()
                self._all.remove(instead_of)
            if self._is_closed and instead_of:
                return instead_of
            with _set(self._environment):
                process = _Process(*self._arguments)
            self._all.append(process)
            return process


class _Process:
    """One worker, seen from here."""

    def __init__(self, work: Work, threads: int):
        self._connection, there = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(there, work, threads), daemon=True)
        self._process.start()
        there.close()  # the worker has it: once that ends, the other end says so

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, data: bytes) -> Answer:
        """Raise EOFError or OSError where the worker is no more."""
        self._connection.send_bytes(data)
        return self._connection.recv()

    def end(self) -> None:
        self._process.kill()
        self._process.join()


def _serve(connection: Connection, work: Work, threads: int) -> None:
    """Work until whoever started this is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for whoever started this
    worker = Worker(work, threads)
    with suppress(EOFError, OSError):
        while True:
            connection.send(worker.make(connection.recv_bytes()))


@contextmanager
def _set(environment: dict[str, str]) -> Iterator[None]:
    """Have processes that are started in the block get these variables."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
