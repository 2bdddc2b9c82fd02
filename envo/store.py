"""The library's files, named by hash: each appears whole or not at all, and outlives a power cut once it does."""

import errno
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from envo.errors import StorageError

CHECK_BYTES = 2**16
"""A disk that takes so many takes an edit, at least."""
TEMPORARY_SECONDS = 24 * 3600
"""A temporary file this old belongs to no upload any more."""


class Store:
    """Files as `home`/folder/ab/abcdef..., spread over folders by the first two letters of their names."""

    def __init__(self, home: Path):
        """Raise OSError where `home` cannot be made."""
        self._home = home
        self._temporary = home / "temporary"
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def path(self, folder: str, name: str) -> Path:
        """Where a file is, or would be."""
        return self._home / folder / name[:2] / name

    def put(self, folder: str, name: str, data: bytes) -> Path:
        """Write a file, durably. One of that name that is there already is whole, and stays.

        Raises StorageError where the disk is full or cannot be written to.
        """
        path = self.path(folder, name)
        if path.exists():
            return path
        with storage_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._temporary / uuid.uuid4().hex
            try:
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
            # The entries of the file and of its folder must outlive a power cut too.
            for folder_path in (path.parent, path.parent.parent):
                _sync_folder(folder_path)
        return path

    def check(self) -> None:
        """Raise StorageError, or OSError, where no file can be written."""
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
        """Remove the files whose names start so."""
        for path in (self._home / folder / start[:2]).glob(start + "*"):
            path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what killed uploads left behind; younger files may be another process's, at work right now."""
        for path in self._temporary.iterdir():
            with suppress(FileNotFoundError):  # another process sweeps too
                if path.stat().st_mtime < time.time() - TEMPORARY_SECONDS:
                    path.unlink()


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


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders, and needs no such call
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
