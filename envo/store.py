"""The library's files, named by hash: each appears whole or not at all, and outlives a power cut once it does.

They are in a folder, which several machines may share, or wherever fsspec reaches, such as S3.
"""

import errno
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from envo import settings
from envo.errors import StorageError, UserError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

log = logging.getLogger(__name__)

CHECK_BYTES = 2**16
"""A disk that takes so many takes an edit, at least."""
TEMPORARY_SECONDS = 24 * 3600
"""A temporary file this old belongs to no upload any more, and a copy that nobody asked for since is put away."""
TIDY_SECONDS = 3600
"""So often copies are looked through, at least, while any come."""
IN_USE_SECONDS = 300
"""A copy that was asked for so lately is about to be read, and stays."""
_OPTIONS = {"s3": {"config_kwargs": {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 2}}}}
"""Of fsspec's kinds of storage, where its own would have visitors wait too long for one that does not answer."""
UNREACHABLE = "The library's storage cannot be reached just now, and nothing was saved; it is tried again each time."


class Store(Protocol):
    """Files in folders, by names that begin with a hash."""

    def path(self, folder: str, name: str) -> Path:
        """Where a file is on this machine, or would be. Raises StorageError where that cannot be told."""

    def put(self, folder: str, name: str, data: bytes) -> Path:
        """Write a file, durably. One of that name that is there already is whole, and stays.

        Raises StorageError where the disk is full or cannot be written to, or the storage cannot be reached.
        """

    def check(self) -> None:
        """Raise StorageError, or OSError, where no file can be written."""

    def remove(self, folder: str, start: str) -> None:
        """Remove the files whose names start so."""

    def disk(self) -> tuple[int, int] | None:
        """Tell how many bytes there are in all and how many are free; None where there is no end of them."""


def opened(address: str, home: Path) -> Store:
    """Open the store at an address, or in a library's folder where there is none.

    address: a folder, or an address of fsspec's, such as s3://bucket/folder. Raises UserError for one that is none,
    and OSError for a folder that cannot be made.
    """
    parts = urlsplit(address)
    if not address:
        return Folder(home)
    if parts.scheme == "file":
        return Folder(Path(url2pathname(parts.path)))
    # One letter is a drive of Windows.
    return Elsewhere(address, home / "copies") if len(parts.scheme) > 1 else Folder(Path(address))


class Folder:
    """Files as `home`/folder/ab/abcdef..., spread over folders by the first two letters of their names."""

    def __init__(self, home: Path):
        """Raise OSError where `home` cannot be made."""
        self._home = home
        self._temporary = home / "temporary"
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def path(self, folder: str, name: str) -> Path:
        return self._home / folder / name[:2] / name

    def put(self, folder: str, name: str, data: bytes) -> Path:
        path = self.path(folder, name)
        if path.exists():
            return path
        with storage_errors():
            write(path, data, self._temporary)
        return path

    def check(self) -> None:
        path = self._temporary / uuid.uuid4().hex
        with storage_errors():
            try:
                with path.open("wb") as file:
                    file.write(bytes(CHECK_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
            finally:
                path.unlink(missing_ok=True)

    def remove(self, folder: str, start: str) -> None:
        for path in (self._home / folder / start[:2]).glob(start + "*"):
            path.unlink(missing_ok=True)

    def disk(self) -> tuple[int, int] | None:
        usage = shutil.disk_usage(self._home)
        return usage.total, usage.free

    def _sweep(self) -> None:
        """Remove what killed uploads left behind; younger files may be another process's, at work right now."""
        for path in self._temporary.iterdir():
            with suppress(FileNotFoundError):  # another process sweeps too
                if path.stat().st_mtime < time.time() - TEMPORARY_SECONDS:
                    path.unlink()


class Elsewhere:
    """Files wherever fsspec reaches, by the same names as in a `Folder`, and copies of some of them here.

    What is there has one content for good, so that a copy needs no second look. Copies that nobody asked for lately go
    when they take more than `envo.settings.COPIES_BYTES`, and those of a day ago in any case.
    """

    def __init__(self, address: str, copies: Path):
        """Begin with an address of fsspec's and a folder for copies. Raises UserError for an address that is none."""
        try:
            self._files, self._root = reached(address)
        except (ValueError, ImportError, TypeError) as error:
            raise UserError(f"ENVO_STORAGE is no address that Envo can use: {error}") from error
        self._copies = Folder(copies)
        self._folder = copies
        self._room = threading.Lock()
        self._bytes = 0
        """What copies take, by and large."""
        self._tidied = -float("inf")
        """When they were looked through, by `time.monotonic`."""

    def path(self, folder: str, name: str) -> Path:
        copy = self._copies.path(folder, name)
        with suppress(FileNotFoundError):
            _asked_for(copy)
            return copy
        with suppress(FileNotFoundError):
            with self._reached():
                data = self._files.cat_file(self._there(folder, name))
            self._keep(folder, name, data)
        return copy

    def put(self, folder: str, name: str, data: bytes) -> Path:
        place = self._there(folder, name)
        with self._reached(to_write=True):
            if not self._files.exists(place):
                write_elsewhere(self._files, place, data)
        return self._keep(folder, name, data)

    def check(self) -> None:
        place = self._there("temporary", uuid.uuid4().hex)
        with self._reached(to_write=True):
            write_elsewhere(self._files, place, bytes(CHECK_BYTES))
            self._files.rm_file(place)
        self._copies.check()

    def remove(self, folder: str, start: str) -> None:
        self._copies.remove(folder, start)
        with self._reached():
            for place in self._files.glob(f"{self._there(folder, escape(start))}*"):
                with suppress(FileNotFoundError):  # another process removes it, too
                    self._files.rm_file(place)

    def disk(self) -> tuple[int, int] | None:
        return None

    def _there(self, folder: str, name: str) -> str:
        return f"{self._root}/{folder}/{name[:2]}/{name}"

    def _keep(self, folder: str, name: str, data: bytes) -> Path:
        """Keep a copy, and put old ones away where they take too much."""
        copy = self._copies.put(folder, name, data)
        _asked_for(copy)
        with self._room:
            self._bytes += len(data)
            if self._bytes > settings.COPIES_BYTES or time.monotonic() > self._tidied + TIDY_SECONDS:
                self._bytes, self._tidied = self._tidy(), time.monotonic()
        return copy

    def _tidy(self) -> int:
        """Put copies away, those that were not asked for the longest first; gives the bytes of those that stay."""
        kept, now = [], time.time()
        for path in self._folder.glob("*/*/*"):
            with suppress(FileNotFoundError):
                told = path.stat()
                kept.append((told.st_atime, told.st_size, path))
        left = sum(size for _, size, _ in kept)
        # To somewhat less than they may take, for looking through them takes a while.
        for asked, size, path in sorted(kept, key=lambda each: each[0]):
            is_old = asked < now - TEMPORARY_SECONDS
            if not is_old and (left <= settings.COPIES_BYTES * 0.9 or asked > now - IN_USE_SECONDS):
                break
            path.unlink(missing_ok=True)
            left -= size
        return left

    @contextmanager
    def _reached(self, to_write: bool = False) -> Iterator[None]:
        """Turn what is wrong with the storage into a sentence.

        Raises StorageError, and FileNotFoundError for a file to be read: to write there is none, as without a bucket.
        """
        try:
            with storage_errors():
                yield
        except StorageError:
            raise
        except Exception as error:  # each kind of storage has its own
            if isinstance(error, FileNotFoundError) and not to_write:
                raise
            log.warning("The library's storage cannot be reached: %s: %s", type(error).__name__, error)
            raise StorageError(UNREACHABLE) from error


def reached(address: str) -> "tuple[AbstractFileSystem, str]":
    """Give what reads and writes at an address of fsspec's, and the path there. Raises what fsspec does."""
    import fsspec  # here, for those alone who ask for it: it takes a while

    options = _OPTIONS.get(urlsplit(address).scheme, {})
    return fsspec.core.url_to_fs(address, use_listings_cache=False, **options)


def _asked_for(copy: Path) -> None:
    """Note that a copy is wanted now. Raises FileNotFoundError.

    Its time of change is the same on all machines, as its content is: browsers tell by it whether it is another file.
    """
    os.utime(copy, (time.time(), 0))


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a full or read-only disk into a sentence for the visitor. Raises StorageError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError("The disk of this library is full; nothing was saved.") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StorageError("The folder of this library cannot be written to; nothing was saved.") from error
        raise


def write(path: Path, data: bytes, temporary: Path) -> None:
    """Write a file that is there only once it is whole, and then for good; one of that name gives way to it.

    temporary: a folder of the same disk. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = temporary / uuid.uuid4().hex
    try:
        with begun.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(begun, path)
    finally:
        begun.unlink(missing_ok=True)
    # The entries of the file and of its folder must outlive a power cut too.
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def write_elsewhere(files: "AbstractFileSystem", path: str, data: bytes) -> None:
    """Write a file where fsspec reaches; it is there only once it is whole. Raises what its kind of storage does."""
    try:
        begun = files.open(path, "wb", autocommit=False)
    except FileNotFoundError:  # where there are folders, they are made
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        begun = files.open(path, "wb", autocommit=False)
    with begun as file:
        file.write(data)
    begun.commit()


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders, and needs no such call
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
