"""Where results go: a folder, or wherever fsspec reaches. Each is there only once it is whole."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Protocol

from filelock import FileLock, Timeout

from envo import store
from envo.errors import StorageError, UserError
from models.batch.sources import local, reaching

KEPT = ".envo-batch"
"""Folder beside the results, for journals; a source within which a target lies does not list it, as its name begins."""
BUSY = "Another batch writes to {}; wait for it, or choose another target."


class Target(Protocol):
    """Files by name, with "/" between folders. `write` may be called from any thread."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file in place of any of that name. Raises StorageError."""

    def read(self, name: str) -> bytes:
        """Read a file. Raises UserError and OSError."""

    def append(self, name: str, data: bytes) -> None:
        """Keep more of a journal, for good. Raises StorageError."""

    def appended(self, name: str) -> Iterator[bytes]:
        """Give all that was kept of a journal, in parts that end with lines."""

    def close(self) -> None:
        """Let go of it."""


def opened(address: str, is_read_only: bool = False) -> Target:
    """Open a target, which nobody else writes to then. Raises UserError, and StorageError where that cannot be done."""
    path = local(address)
    return Elsewhere(address) if path is None else Folder(path, is_read_only)


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path, is_read_only: bool):
        self._path = path
        self._kept = path / KEPT
        self._temporary = self._kept / "temporary"
        self._lock: FileLock | None = None
        self._journals: dict[str, int] = {}
        """Open files, by the journal's name."""
        if path.exists() and not path.is_dir():
            raise UserError(f"{path} is no folder; choose another target.")
        if not is_read_only:
            with _writing(path):
                self._temporary.mkdir(parents=True, exist_ok=True)
                self._lock = FileLock(self._kept / "lock")
                try:
                    self._lock.acquire(blocking=False)
                except Timeout:
                    raise UserError(BUSY.format(path)) from None
                for left in self._temporary.iterdir():  # of one that was killed
                    left.unlink()

    def write(self, name: str, data: bytes) -> None:
        path = self._path / checked(name)
        with _writing(path):
            store.write(path, data, self._temporary)

    def read(self, name: str) -> bytes:
        return (self._path / checked(name)).read_bytes()

    def append(self, name: str, data: bytes) -> None:
        with _writing(self._kept):
            if name not in self._journals:
                self._journals[name] = os.open(self._kept / name, os.O_RDWR | os.O_CREAT | os.O_APPEND)
                self._end_line(self._journals[name])
            file = self._journals[name]
            while data:
                data = data[os.write(file, data) :]
            os.fsync(file)

    def appended(self, name: str) -> Iterator[bytes]:
        with suppress(FileNotFoundError), (self._kept / name).open("rb") as file:
            while lines := file.readlines(2**20):
                yield b"".join(lines)

    def close(self) -> None:
        for file in self._journals.values():
            os.close(file)
        if self._lock:
            self._lock.release()

    def _end_line(self, file: int) -> None:
        """End what was cut off, so that what comes next is a line of its own."""
        size = os.lseek(file, 0, os.SEEK_END)
        if size and os.pread(file, 1, size - 1) != b"\n":
            os.write(file, b"\n")


class Elsewhere:
    """A folder wherever fsspec reaches, such as s3://bucket/mattes. A journal there is a file for each part of it.

    That nobody else writes to it cannot be told there.
    """

    def __init__(self, address: str):
        """Raise UserError for an address that is none."""
        self._address = address
        with reaching(address):
            self._files, root = store.reached(address)
        self._root = root.rstrip("/")
        self._parts: dict[str, int] = {}
        """How many parts of a journal there are, by its name."""

    def write(self, name: str, data: bytes) -> None:
        self._write(f"{self._root}/{checked(name)}", data)

    def read(self, name: str) -> bytes:
        with reaching(self._address):
            return self._files.cat_file(f"{self._root}/{checked(name)}")

    def append(self, name: str, data: bytes) -> None:
        if name not in self._parts:
            last = max((int(path.rpartition("/")[2]) for path in self._all(name)), default=0)
            self._parts[name] = last
        self._parts[name] += 1
        self._write(f"{self._journal(name)}/{self._parts[name]:08}", data)

    def appended(self, name: str) -> Iterator[bytes]:
        for path in self._all(name):
            with reaching(self._address):
                yield self._files.cat_file(path)

    def close(self) -> None:
        pass

    def _journal(self, name: str) -> str:
        return f"{self._root}/{KEPT}/{name}"

    def _all(self, name: str) -> list[str]:
        with reaching(self._address):
            try:
                return sorted(self._files.ls(self._journal(name), detail=False))
            except FileNotFoundError:
                return []

    def _write(self, path: str, data: bytes) -> None:
        try:
            store.write_elsewhere(self._files, path, data)
        except Exception as error:  # each kind of storage has its own
            raise StorageError(f"{self._address} cannot be written to: {error}") from error


def checked(name: str) -> str:
    """Give a name that leads to no place outside of the target. Raises UserError for another."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or PurePosixPath(name).is_absolute():
        raise UserError("Its name leads out of the target; rename it.")
    return name


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn a disk that cannot be written to into a sentence. Raises StorageError, and UserError for one name alone."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EINVAL, errno.EILSEQ):
            raise UserError(f"There can be no file {path}: {error.strerror}.") from error
        raise StorageError(f"{path} cannot be written to: {error.strerror}; what is done stays done.") from error
