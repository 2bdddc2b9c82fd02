"""What is made of each photo: by the very functions that the app calls, so with the same results, to the bit."""

import io
import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from envo import copies, denoised, edits, export, guide, lenses, lightroom, maps, memory, names, ownpresets, settings
from envo.copies import Copy
from envo.edits import EditDocument
from envo.errors import UserError
from envo.exportsettings import ExportSettings
from envo.file import PhotoFile
from envo.guide import Guide
from envo.material import Material
from models import engine, faces, layers, noise, tagging
from models.engine import Engine
from models.faces import Face
from models.layers import files, people, portrait, subject
from models.restore import making
from models.tagging import run
from models.tagging.said import said

_JSON = ("json",)


@dataclass(frozen=True)
class Made:
    """What came of one photo: a file, and notes on it, whole sentences."""

    data: bytes
    endings: tuple[str, ...] = ()
    """That its name may have; () for any."""
    notes: tuple[str, ...] = ()

    def name(self, photo: str) -> str:
        """Name it as the photo, with another ending behind that where it needs one, so that no two are named alike."""
        has_one = not self.endings or photo.rpartition(".")[2].lower() in self.endings
        return photo if has_one else f"{photo}.{self.endings[0]}"


class Work(ABC):
    """What is done to each photo. Can be pickled, for it is done in other processes."""

    name: ClassVar[str]
    about: ClassVar[str]
    """What it gives, as `--help` says it."""

    @property
    def wish(self) -> dict[str, Any]:
        """All that results depend on beside the photos and the engines, as JSON-able values."""
        return {"work": self.name}

    def fetch(self) -> None:
        """Fetch the weights that are missing, once for all processes. Raises `models.weights.WeightsError`."""
        for each in self._engines():
            each.fetch(engine.quiet)

    @abstractmethod
    def make(self, file: PhotoFile) -> Made:
        """Do it. Raises UserError for what is no photo."""

    def _engines(self) -> list[Engine]:
        return []


class Mattes(Work):
    name = "mattes"
    about = "a zip of PNG for each photo: person, background, subject, and the parts of each face"

    def make(self, file: PhotoFile) -> Made:
        found = files.find(file)
        told = {"engine": found.engine, "faces": found.faces}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            # Without a time, so that the same mattes are the same bytes.
            for name, data in {"mattes.json": _json(told), **_png(found)}.items():
                archive.writestr(zipfile.ZipInfo(name), data)
        return Made(packed.getvalue(), ("zip",))

    def _engines(self) -> list[Engine]:
        return [people.auto(), portrait.auto(), subject.quick()]


class Tag(Work):
    name = "tag"
    about = "JSON for each photo: its tags, and where its faces are, as the endpoint /tag tells them"

    def make(self, file: PhotoFile) -> Made:
        return Made(_json(said(run.tag_photo(file, *self._engines()))), _JSON)

    def _engines(self) -> list[Engine]:
        return [next(iter(each.values())) for each in (tagging.DETECTORS, tagging.CLASSIFIERS)]


class People(Work):
    name = "people"
    about = "JSON for each photo: its faces with their embeddings; and people.json, which faces are alike"

    def make(self, file: PhotoFile) -> Made:
        found = faces.auto().look(file.decode(run.EDGE).shown())
        return Made(_json({"engine": faces.auto().name, "faces": told(found)}), _JSON)

    def _engines(self) -> list[Engine]:
        return [faces.auto()]


def told(found: Iterable[Face]) -> list[dict[str, Any]]:
    """Give faces as JSON has them."""
    # Nine digits tell each float32 exactly.
    return [
        {"box": list(face.box), "sure": face.sure, "embedding": [float(f"{each:.9g}") for each in face.embedding]}
        for face in found
    ]


def grouped(results: Iterable[tuple[str, bytes]]) -> bytes:
    """Group the faces of photos, each a name and what `People` made of it, as the gallery does: JSON.

    Groups are lists of pairs, a photo's name and a face's place in it, the largest group and the most typical face
    first. Faces of different engines cannot be compared, and are in different groups.
    """
    known: dict[str, tuple[list[tuple[str, int]], list[np.ndarray]]] = {}
    for name, data in results:
        result = json.loads(data)
        keys, embeddings = known.setdefault(result["engine"], ([], []))
        keys += ((name, place) for place in range(len(result["faces"])))
        embeddings += (np.float32(face["embedding"]) for face in result["faces"])
    groups = [
        [keys[place] for place in places]
        for name, (keys, embeddings) in known.items()
        if keys and name in faces.ENGINES
        for places in faces.alike(faces.ENGINES[name], np.stack(embeddings))
    ]
    return _json({"groups": sorted(groups, key=len, reverse=True)})


@dataclass(frozen=True)
class Restore(Work):
    name = "restore"
    about = "each photo restored as a look at it suggests; one that needs nothing stays as it is"
    size: str = "quick"
    """Of `making.SIZES`."""

    @property
    def wish(self) -> dict[str, Any]:
        return {"work": self.name, "size": self.size}

    def make(self, file: PhotoFile) -> Made:
        made = making.make(file, None, making.SIZES[self.size], engine.quiet)
        if made is None:
            return Made(file.data, (), (making.SOUND,))
        notes = (*made.file.notes, *(did.said for did in made.steps))
        return Made(made.file.data, names.ENDINGS[made.file.format], notes)


@dataclass(frozen=True)
class Render(Work):
    name = "render"
    about = "each photo with a preset, or an edit, pasted on it, as a JPEG of full size (--preset)"
    copy: Copy
    settings: ExportSettings = export.PLAIN

    @property
    def wish(self) -> dict[str, Any]:
        return {"work": self.name, "copy": self.copy.dump()}

    def make(self, file: PhotoFile) -> Made:
        header = file.header
        size = header.width, header.height
        pasted = copies.pasted(edits.UNTOUCHED, self.copy, size, is_raw=header.format == "RAW")
        material = _material(file, pasted.document)
        lacking = [copies.label(key) for key, alpha in material.mattes.items() if alpha is None]
        with memory.PHOTOS:
            made = export.edited(file, pasted.document, material, self.settings)
        notes = [*pasted.left, *made.notes, *(f"{label} was not found in it." for label in lacking)]
        return Made(made.data, names.ENDINGS[made.format], tuple(notes))

    def _engines(self) -> list[Engine]:
        return Mattes()._engines() if self.copy.document.mattes else []


WORKS: dict[str, type[Work]] = {work.name: work for work in (Mattes, Tag, People, Restore, Render)}
"""By the name that the command line calls them by."""


def preset(name: str, data: bytes) -> tuple[Copy, str]:
    """Read what is to be pasted on photos: Envo's or Lightroom's preset, or an edit document with all that is in it.

    Gives a sentence on what is left out of it, too, "" for nothing. Raises UserError for anything else, and for what
    only a library has.
    """
    if (document := _document(data)) is not None:
        return copied(document), ""
    brought = ownpresets.read(name, data)
    return _anywhere(brought.copy), lightroom.told(brought.missed, brought.name)


def copied(document: EditDocument) -> Copy:
    """Copy all of an edit. Raises UserError for what only a library has."""
    return _anywhere(copies.taken(document, copies.Choice(geometry=True, turns=True, lens=True, development=True)))


def _anywhere(copy: Copy) -> Copy:
    """Give a copy that can be pasted without a library. Raises UserError for another."""
    if copy.people:
        raise UserError("Layers of this edit follow people, whom only a library knows; let them follow nobody.")
    if copy.document.luts:
        raise UserError("This edit uses a .cube file, which is not in it; only a library can render it.")
    return copy


def _document(data: bytes) -> EditDocument | None:
    """Read an edit document; None for another file. Raises UserError for one that is damaged."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return edits.parse(told) if isinstance(told, dict) and "layers" in told else None


def _material(file: PhotoFile, document: EditDocument) -> Material:
    """Make what a photo's edit needs, as a library has it."""
    mattes = files.find(file).mattes if document.mattes else {}
    clear = None
    if document.needs_denoised:
        with memory.PHOTOS:
            image = file.decode(wide=True, development=document.development)
            memory.PHOTOS.draw(image.pixels.nbytes)
            written = denoised.written(image, noise.denoise, engine.quiet)
            clear = denoised.read(written, image.header.linear, image.pixels.shape[1::-1])
    with memory.PHOTOS:
        small = file.decode(settings.WORKING_EDGE) if document.needs_maps or document.needs_guide else None
        return Material(
            {part.key: mattes.get(part.kind) for part in document.mattes},
            maps.of(small) if document.needs_maps else None,
            clear,
            guide=Guide.load(guide.make(small.pixels)) if document.needs_guide else None,
            lens=lenses.find(lenses.told(file), document.lens) if document.lens.shows else None,
        )


def _png(found: layers.Layers) -> dict[str, bytes]:
    return {f"{kind}.png": data for kind, data in files.files(found).items()}


def _json(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()
