"""Where photos come from: a folder, a zip, or wherever fsspec reaches; listed one by one, however many there are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from envo import names, sidecars, store, zips
from envo.errors import UserError
from envo.settings import MAX_FILE_BYTES


class Source(Protocol):
    """Photos by name, with "/" between folders. Methods may be called from any thread."""

    def names(self) -> Iterator[str]:
        """List all files that are to be photos, as they come. Raises UserError where that cannot be done."""

    def read(self, name: str) -> bytes:
        """Read one; of a file that is too large for Envo only so much that this is seen.

        Raises UserError and OSError.
        """


def local(address: str) -> Path | None:
    """Give the path that an address is on this machine; None for one of fsspec's."""
    if "::" in address:
        return None
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    # One letter is a drive of Windows.
    return None if "://" in address and len(parts.scheme) > 1 else Path(address).expanduser()


@contextmanager
def reaching(address: str) -> Iterator[None]:
    """Turn what is wrong with an address of fsspec's into a sentence. Raises UserError."""
    try:
        yield
    except UserError:
        raise
    except ImportError as error:
        raise UserError(f"{address} needs a package that is not installed: {error}") from error
    except Exception as error:  # each kind of storage has its own
        raise UserError(f"{address} cannot be reached: {error}") from error


def opened(address: str) -> Source:
    """Open a source. Raises UserError where there is none, or it cannot be reached."""
    path = local(address)
    if path is None:
        return Elsewhere(address)
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return Zip(path.open("rb"))
    raise UserError(f"There is no folder or zip {path}.")


def is_photo(path: str) -> bool:
    """Tell whether a file is to be a photo, by its name: all are but those of systems, and those beside photos."""
    return not (sidecars.is_beside(path) or zips.is_side_file(path))


@contextmanager
def _listing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be listed: {error.strerror}.") from error


class Folder:
    """A folder with the folders in it."""

    def __init__(self, path: Path):
        self._path = path

    def names(self) -> Iterator[str]:
        waiting = [""]
        while waiting:
            start = waiting.pop()
            with _listing(self._path / start), os.scandir(self._path / start) as entries:
                for entry in entries:
                    name = start + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if not zips.is_side_file(name):
                            waiting.append(f"{name}/")
                    elif is_photo(name):
                        yield name

    def read(self, name: str) -> bytes:
        with (self._path / name).open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)


class Zip:
    """A zip of one's own, of any size."""

    def __init__(self, file: BinaryIO):
        """Raise UserError for what is no zip."""
        self._zip = zips.Zip(file, is_bounded=False)
        self._entries: dict[str, zips.Entry] = {}
        taken: set[str] = set()
        for entry in self._zip.entries:
            if is_photo(entry.path):
                # Two may be called alike, as far as can be shown.
                name = names.free_name(entry.path, taken) if names.folded(entry.path) in taken else entry.path
                taken.add(names.folded(name))
                self._entries[name] = entry

    def names(self) -> Iterator[str]:
        return iter(self._entries)

    def read(self, name: str) -> bytes:
        return self._zip.read(self._entries[name])


class Elsewhere:
    """A folder wherever fsspec reaches, such as s3://bucket/photos or zip://::s3://bucket/photos.zip."""

    def __init__(self, address: str):
        """Raise UserError for an address that is none."""
        self._address = address
        with reaching(address):
            self._files, self._root = store.reached(address)
            if not self._files.isdir(self._root):
                raise UserError(f"There is no folder {address}; a zip there is called zip://::{address}.")

    def names(self) -> Iterator[str]:
        with reaching(self._address):
            for folder, _, found in self._files.walk(self._root, on_error="raise"):
                start = folder.removeprefix(self._root).strip("/")
                for name in found:
                    path = f"{start}/{name}" if start else name
                    if is_photo(path):
                        yield path

    def read(self, name: str) -> bytes:
        with self._files.open(f"{self._root}/{name}" if self._root else name, "rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
