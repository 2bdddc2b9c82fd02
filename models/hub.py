"""Models that are a folder of the Hugging Face hub, as transformers or diffusers loads it: fetched once, then kept.

`hub.toml` lists them. `path("sam-vit-base")` gives the folder, fetching it when it is not on this machine:

    model = SamModel.from_pretrained(hub.path("sam-vit-base"), local_files_only=True)

A pipeline of diffusers has a folder of its own for each of its parts.

A folder that somebody put there by hand, such as one that `save_pretrained` wrote, is taken as it is. What is
fetched is of a pinned revision and compared with the checksums of `hub.toml`; where that has none, the hub's
own checks apply. Single files are the business of `models.weights`.
"""

import functools
import json
import logging
import os
import shutil
import struct
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock

from envo import settings
from models import weights

MANIFEST = Path(__file__).with_name("hub.toml")
NETWORK = "model.safetensors"
"""The file of transformers that holds a network's weights. Those of diffusers have the same ending."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One model of the manifest, as `hub.toml` explains it."""

    name: str
    repository: str
    revision: str
    bytes: int
    licence: str
    about: str
    files: dict[str, str]

    @property
    def index(self) -> str:
        """The file that says what the folder holds."""
        return "model_index.json" if "model_index.json" in self.files else "config.json"

    @property
    def parts(self) -> list[str]:
        """Folders in it that hold weights."""
        return sorted({str(PurePosixPath(file).parent) for file in self.files if _is_network(file)})


def entries() -> list[Entry]:
    """Every model that the manifest knows."""
    return list(_parsed(MANIFEST.read_text(encoding="utf-8")))


@functools.lru_cache(2)
def _parsed(manifest: str) -> tuple[Entry, ...]:
    return tuple(Entry(name=name, **table) for name, table in tomllib.loads(manifest).items())


def folder(name: str) -> Path:
    """Tell where the model `name` lies, or would lie."""
    return settings.cache_dir() / "hub" / name


def available(name: str) -> bool:
    """Whether the model is on this machine, whole. Asks no network."""
    index = folder(name) / _entry(name).index
    return index.is_file() and all(files and all(map(_is_whole, files)) for files in networks(name).values())


def version(name: str) -> str:
    """Tell the networks that lie here from those that may lie here another time; "" when there are none."""
    states = [file.stat() for files in networks(name).values() for file in files]
    return "-".join(f"{state.st_size:x}-{state.st_mtime_ns:x}" for state in states)


def networks(name: str) -> dict[str, list[Path]]:
    """Files of weights that are here, by the folder in it that must have some; whoever put them there named them."""
    place = folder(name)
    return {part: sorted((place / part).glob("*.safetensors")) for part in _entry(name).parts}


def _is_network(file: str) -> bool:
    return file.endswith(".safetensors")


def path(name: str, progress: weights.Progress | None = None) -> Path:
    """Give the folder of the model `name` on this machine, fetched first if need be.

    Several processes may ask at once: one fetches, the others wait for it. Raises `weights.WeightsError`.
    """
    place = folder(name)
    if not available(name):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{place}.lock"):
                if not available(name):
                    _fetch(_entry(name), progress or (lambda done, total: None))
        except OSError as error:
            raise weights.WeightsError(weights.unwritable(name, place, error)) from error
    return place


def how(name: str) -> str:
    """Say how to get a model that is not on this machine; "" for one that is."""
    if available(name):
        return ""
    entry = _entry(name)
    *files, last = entry.files
    named = f"{', '.join(files)} and {last}"
    if entry.index == "model_index.json":
        named = "model_index.json and the folders that it names (of the weights, the fp16 ones are enough)"
    return (
        f"Fetch it from the Hugging Face hub ({weights.size(entry.bytes)}, {entry.licence}), or put {named} "
        f"of huggingface.co/{entry.repository} into {weights.shown(folder(name))}."
    )


def reachable() -> bool | None:
    """Whether the hub answers; None until that is known, which takes at most `weights.HUB_PATIENCE`.

    Asked once a process, in the background.
    """
    with _ASKING:
        return _asked().answer


_ASKING = threading.Lock()


class _Question:
    """Whether the hub answers, asked by a thread of its own."""

    def __init__(self) -> None:
        self.answer: bool | None = None
        threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        entry = entries()[0]
        try:
            weights.ask_hub(entry.repository, "config.json", entry.revision)
            self.answer = True
        except Exception as error:  # whatever the client library raises, it means: no
            log.info("The Hugging Face hub does not answer: %s", error)
            self.answer = False


@functools.cache
def _asked() -> _Question:
    return _Question()


def _entry(name: str) -> Entry:
    for entry in entries():
        if entry.name == name:
            return entry
    raise KeyError(f"No model of the hub is called {name!r}.")


def _is_whole(file: Path) -> bool:
    """Whether a safetensors file is as long as its header says: a copy may be under way, or have broken off."""
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(min(length, 2**24)))
        ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
        return file.stat().st_size == 8 + length + max(ends)
    except Exception:  # whatever is wrong with it: it is not whole
        return False


def _fetch(entry: Entry, progress: weights.Progress) -> None:
    """Download all files, then move them to their place, the networks last: with them, the model is there."""
    place = folder(entry.name)
    # Named after the content: files of an older revision are never taken for those of a newer one.
    partial = place.with_name(f"{entry.name}.{entry.revision[:12]}.part")
    before = 0
    try:
        for file, sha256 in entry.files.items():

            def report(done: int, before: int = before) -> None:
                progress(min(before + done, entry.bytes), entry.bytes)

            got = weights.from_hub(entry.repository, file, entry.revision, partial, report)
            if (sha256 and weights.sha256(got) != sha256) or (_is_network(file) and not _is_whole(got)):
                got.unlink()
                raise weights.WeightsError(f"{file} came damaged, and was deleted")
            before += got.stat().st_size
    except Exception as error:  # whatever the client library raises, it means: not to be had
        raise weights.WeightsError(
            f"The model {entry.name!r} could not be fetched: {error}. Check the network connection. {how(entry.name)}"
        ) from error
    for file in sorted(entry.files, key=_is_network):
        (place / file).parent.mkdir(exist_ok=True)
        os.replace(partial / file, place / file)
    shutil.rmtree(partial)
