"""Zips of photos that were brought: what is in them, told before any of it is unpacked, and read within limits.

The format is that of PKWARE's APPNOTE 6.3.10.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from envo import names, settings
from envo.errors import UserError

_UTF8, _ENCRYPTED = 0x800, 0x1
"""Flags of an entry: bit 11 and bit 0."""
_UNICODE_PATH = 0x7075
"""The extra field that spells an entry's name in UTF-8."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_HEADER = 30
"""Bytes before the name in an entry's own header."""
_IN_DIRECTORY = b"PK\1\2"
"""What the directory says of an entry begins so."""
_SIDE_FILES = ("thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "archive_browser.html")
_SIDE_FOLDERS = ("__macosx", "@eadir", "$recycle.bin", "system volume information")
_DAMAGED = "This file is damaged within the zip; please pack it anew."
_NO_ZIP = "This is no zip file, or not all of it has arrived."


@dataclass(frozen=True)
class Entry:
    """A file in a zip."""

    path: str
    """Fit to show, with "/" between folders, none of which leads out of the zip."""
    info: zipfile.ZipInfo

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


class Zip:
    """A zip that was brought, a context manager. `entries` are the files in it that people see, as they are ordered.

    What systems and other programs add for themselves is not among them.
    """

    def __init__(self, file: BinaryIO, is_bounded: bool = True):
        """Read what is in it. Raises UserError for what is no zip, or cannot be unpacked within the limits.

        is_bounded: whether there may be only so much in it, as in what strangers bring.
        """
        guarded = _Guarded(file)
        guarded.is_open = not is_bounded
        try:
            self._zip = zipfile.ZipFile(guarded)
        except UnicodeDecodeError as error:
            raise UserError("Names in this zip are not in the alphabet that it says; please pack it anew.") from error
        except NotImplementedError as error:
            raise UserError("This zip is of a kind that Envo does not know; pack it as an ordinary zip.") from error
        except (zipfile.BadZipFile, ValueError, OverflowError, struct.error) as error:
            raise UserError(_NO_ZIP) from error
        guarded.is_open = True
        infos = self._zip.infolist()
        _check_overlap(infos)
        if is_bounded and sum(info.file_size for info in infos) > settings.MAX_UNPACKED_BYTES:
            most = settings.MAX_UNPACKED_BYTES // 2**30
            raise UserError(f"This zip unpacks to more than {most} GB, the most that Envo takes; bring it in parts.")
        entries = (Entry("/".join(_parts(_name(info))), info) for info in infos if not info.is_dir())
        self.entries = [entry for entry in entries if entry.path and not is_side_file(entry.path)]

    def __enter__(self) -> "Zip":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it; the file stays open."""
        self._zip.close()

    def read(self, entry: Entry, most: int | None = None) -> bytes:
        """Unpack a file. Raises UserError where that cannot be done, or it has more than so many bytes.

        most: `settings.MAX_FILE_BYTES` where it is not told.
        """
        info, most = entry.info, most or settings.MAX_FILE_BYTES
        if info.flag_bits & _ENCRYPTED:
            raise UserError("This file is locked with a password; pack it without one.")
        if info.compress_type not in _PACKINGS:
            raise UserError("This file is packed in a way that Envo does not know; pack it as an ordinary zip does.")
        if entry.name.lower().endswith(".zip"):
            raise UserError("This is a zip within the zip; bring it by itself.")
        if info.file_size > most:
            raise UserError(f"This file is larger than {most // 2**20} MB, the most that Envo takes.")
        try:
            with self._zip.open(info) as file:
                # No more comes than the directory says, however much the file expands to.
                return file.read()
        except OSError as error:
            if error.errno is not None:
                raise  # the disk's fault, not the file's
            raise UserError(_DAMAGED) from error
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, zlib.error, lzma.LZMAError) as error:
            raise UserError(_DAMAGED) from error


def is_side_file(path: str) -> bool:
    """Tell whether a file is what systems and other programs add for themselves, and file managers do not show."""
    *folders, name = path.casefold().split("/")
    if any(part.startswith(".") or part in _SIDE_FOLDERS for part in (*folders, name)):
        return True
    return name in _SIDE_FILES or name.endswith(".aae")


class _Guarded:
    """A file of which a directory is read within limits: `zipfile` reads the whole of it at once."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.is_open = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        if self.is_open:
            return self._file.read(size)
        if size > settings.MAX_DIRECTORY_BYTES:
            raise UserError("What this zip says of its files is too long; bring it in parts.")
        data = self._file.read(size)
        # Others may be within names; no program writes such.
        if data.count(_IN_DIRECTORY) > settings.MAX_ZIP_ENTRIES:
            raise UserError(f"This zip has more than {settings.MAX_ZIP_ENTRIES} files in it; bring it in parts.")
        return data


def _check_overlap(infos: list[zipfile.ZipInfo]) -> None:
    """Raise UserError where entries share bytes: a small zip of that kind expands to thousands of files."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise UserError("Files in this zip overlap, which no program does by mistake; please pack it anew.")
        end = info.header_offset + _HEADER + len(_raw_name(info)) + info.compress_size


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    # Code page 437 gives every byte back.
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")


def _name(info: zipfile.ZipInfo) -> str:
    """Read an entry's name: as UTF-8 where the zip says so or it can be, else in DOS's code page 437."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    raw = _raw_name(info)
    for name in (*_unicode_paths(info.extra, raw), raw):
        try:
            return name.decode()
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _unicode_paths(extra: bytes, raw: bytes) -> Iterator[bytes]:
    """Give the names in Unicode path fields that are of this very name (APPNOTE, section 4.6.9)."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and field[:1] == b"\1" and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            yield field[5:]


def _parts(path: str) -> list[str]:
    """Split a path, each part fit to show, less what would lead out of the zip."""
    parts = map(names.printable, path.replace("\\", "/").split("/"))
    return [part for part in parts if part not in ("", ".", "..")]
