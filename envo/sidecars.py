"""Files that lie beside photos and say something of them: .xmp files, and the JSON files of Google's Takeout."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from envo import xmp
from envo.errors import UserError
from envo.names import folded
from envo.settings import MAX_SIDECAR_BYTES

_XMP, _JSON = ".xmp", ".json"
_SUPPLEMENT, _LONGEST = ".supplemental-metadata", 46
"""What Takeout puts before ".json", and where it cuts what stands before that."""
_EDITED = re.compile(r"-(edited|bearbeitet|modifié|modificato|editado|editada|bewerkt|edytowane)$", re.IGNORECASE)
"""What Takeout puts behind the name of what was made of a photo, in some languages."""
_NUMBERED = re.compile(r"(.*)\((\d+)\)$", re.DOTALL)


def is_xmp(name: str) -> bool:
    """Tell whether a file is an .xmp file, by its name."""
    return name.lower().endswith(_XMP)


def is_beside(name: str) -> bool:
    """Tell whether a file is no photo, but may say something of one, by its name."""
    return name.lower().endswith((_XMP, _JSON))


def xmp_names(path: str) -> tuple[str, str]:
    """Give the names, `folded`, of the .xmp file of a photo: "a.nef.xmp" counts for more than "a.xmp"."""
    return folded(f"{path}{_XMP}"), folded(str(PurePosixPath(path).with_suffix(_XMP)))


def paired(paths: Sequence[str]) -> tuple[list[tuple[int, int | None]], list[int], list[int]]:
    """Tell of the files in a folder, by their places, which are photos, each with what lies beside it, or None.

    paths: with folders before the names. What lies beside is an .xmp file, else a JSON file of Takeout's. Gives the
    .xmp files that are no photo's, too, and those of photos that have one whose name counts for more; other JSON files
    are nobody's.
    """
    said = {folded(path): place for place, path in enumerate(paths) if is_beside(path)}
    ways = [
        way
        for ending, way in ((_XMP, xmp_names), (_JSON, _takeout_names))
        if any(name.endswith(ending) for name in said)
    ]
    pairs, fitting = [], set()
    for place, path in enumerate(paths):
        if not is_beside(path):
            found = [said[name] for way in ways for name in way(path) if name in said]
            pairs.append((place, found[0] if found else None))
            fitting.update(found)
    used = {beside for _, beside in pairs}
    left = [place for place, path in enumerate(paths) if is_xmp(path) and place not in used]
    return pairs, [place for place in left if place not in fitting], [place for place in left if place in fitting]


def named_as(sidecar: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """List whose an .xmp file is: keys of photos, given with their names; all that its name fits best."""
    wanted, of_name, of_stem = folded(PurePosixPath(sidecar).name), [], []
    for key, name in names:
        full, stem = xmp_names(PurePosixPath(name).name)
        if wanted == full:
            of_name.append(key)
        elif wanted == stem:
            of_stem.append(key)
    return of_name or of_stem


def as_xmp(name: str, data: bytes) -> bytes | None:
    """Give what a file beside a photo says as XMP; None where it says nothing of it. Raises UserError for what is none.

    Of Takeout's that is when the photo was taken, who is in it, and its description.
    """
    if len(data) > MAX_SIDECAR_BYTES:
        raise UserError(f"It is larger than {MAX_SIDECAR_BYTES // 2**20} MB, the most that Envo reads.")
    if is_xmp(name):
        try:
            xmp.Packet(data)
        except ValueError as error:
            raise UserError("It is damaged, or no XMP.") from error
        return data
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UserError("It is damaged, or no JSON.") from error
    return _of_takeout(told) if isinstance(told, dict) else None


def _takeout_names(path: str) -> Iterator[str]:
    """Give the names, `folded`, that Takeout may have given to the JSON file of a photo, the likeliest first."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    folder += slash
    yield from _cut(folder, name, stem, "")
    if numbered := _NUMBERED.match(stem):
        # "a(1).jpg" is told of in "a.jpg(1).json".
        yield from _cut(folder, numbered[1] + dot + ending, numbered[1], f"({numbered[2]})")
    if _EDITED.search(stem):
        yield from _takeout_names(folder + _EDITED.sub("", stem) + dot + ending)


def _cut(folder: str, name: str, stem: str, number: str) -> Iterator[str]:
    """Spell the name of a JSON file at every length to which it may have been cut, and without the photo's ending."""
    whole = name + _SUPPLEMENT
    for length in range(len(whole), min(len(name), _LONGEST) - 1, -1):
        yield folded(f"{folder}{whole[:length]}{number}{_JSON}")
    yield folded(f"{folder}{stem}{number}{_JSON}")


def _of_takeout(told: dict[str, Any]) -> bytes | None:
    said = {
        "photoshop:DateCreated": _moment(told.get("photoTakenTime")),
        "Iptc4xmpExt:PersonInImage": [
            each["name"] for each in _list(told.get("people")) if isinstance(each, dict) and _text(each.get("name"))
        ],
        "dc:title": _text(told.get("description")),
    }
    if not any(said.values()):
        return None
    packet = xmp.Packet()
    for name, value in said.items():
        if value and name == "dc:title":
            packet.set(name, [{"xml:lang": "x-default", "rdf:value": value}], "rdf:Alt")
        elif value:
            packet.set(name, value)
    return bytes(packet)


def _moment(told: Any) -> str:
    """Spell a moment of Takeout's, in seconds since 1970, as XMP does."""
    stamp = told.get("timestamp") if isinstance(told, dict) else None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(stamp))
    except (TypeError, ValueError, OverflowError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Give a text without what XML cannot hold; "" for what is none."""
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\t\n").strip()
