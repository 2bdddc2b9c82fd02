"""What programs can have done to photos that they send, each thing defined once, in whatever way it is asked for.

A capability is a function: its types and its docstring are all that programs are told of it, and what they send is
checked by. Parameters that are a `File` are files, all others JSON; the last one, `report`, hears how far it is, and
raises `Cancelled` where nobody waits any more. `CAPABILITIES` has all by name; `tabs/routes/service.py` offers them.
Nothing of what is sent gets into a library.
"""

import inspect
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, NotRequired, get_type_hints

import numpy as np
from pydantic import Field, TypeAdapter, create_model
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from envo import backdrop, edits, export, masks, memory, names, results, settings, shot
from envo import cutout as cutouts
from envo import description as descriptions
from envo.controls import Control, described
from envo.errors import UserError
from envo.export import Exported
from envo.exportsettings import ExportSettings
from envo.file import PhotoFile
from envo.own import Own
from envo.restorations import restored_name
from envo.store import storage_errors
from models import faces, tagging
from models import restore as repairs
from models import select as selecting
from models.batch import works
from models.engine import Report, named
from models.inpaint import base
from models.layers import files as taken_apart
from models.restore import making
from models.tagging.run import EDGE, tag_photo
from models.tagging.said import said
from models.weights import WeightsError
from tabs.work import folders, restorations, selections
from tabs.work.jobs import FAILED
from tabs.work.queue import told
from tabs.work.results import made, plan
from tabs.work.scheduler import HEAVY, Rank
from tabs.work.wish import Wish


@dataclass(frozen=True)
class File:
    """A file that a program sent, or gets."""

    data: bytes
    name: str

    @property
    def photo(self) -> PhotoFile:
        return PhotoFile(self.data)

    @property
    def media_type(self) -> str:
        """As its name has it (RFC 6838)."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True)
class Capability:
    """Something that can be had done."""

    does: Callable[..., Any]
    """Gives a `File`, or what can be JSON."""
    rank: Rank | None
    """Of the place that it takes; None where it takes some by itself."""
    media_type: str
    """Of what it gives: "image/*" is a picture of the format that was sent."""

    @property
    def name(self) -> str:
        return self.does.__name__

    @property
    def about(self) -> str:
        """What it does, as programs are told."""
        return inspect.getdoc(self.does) or ""

    @cached_property
    def files(self) -> dict[str, bool]:
        """The parameters that are files, and whether each has to be sent."""
        return {
            name: parameter.default is parameter.empty
            for name, parameter in self.signature.parameters.items()
            if is_file(parameter.annotation)
        }

    @cached_property
    def wish(self) -> type[Wish]:
        """What else it is told, and how that is checked."""
        fields = {
            name: (parameter.annotation, ... if parameter.default is parameter.empty else parameter.default)
            for name, parameter in self.signature.parameters.items()
            if name not in self.files
        }
        return create_model(self.name, __base__=Wish, __doc__=self.about, **fields)

    @cached_property
    def words(self) -> set[str]:
        """What of that is text."""
        return {name for name, field in self.wish.model_fields.items() if field.annotation in (str, str | None)}

    def schema(self, file: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Describe all that it is told, as JSON Schema does, but for `definitions`.

        file: gives the schema of a file, from the part of it that tells what the file is.
        """
        wish = self._wish_schema
        kinds = {name: self.signature.parameters[name].annotation for name in self.files}
        files = {name: file({"description": kind.__metadata__[0].description}) for name, kind in kinds.items()}
        needed = [name for name, is_needed in self.files.items() if is_needed] + wish.get("required", [])
        schema = {"type": "object", "properties": files | wish["properties"], "required": needed}
        return schema | {"additionalProperties": False}

    @cached_property
    def definitions(self) -> dict[str, Any]:
        """What those schemas refer to, by name."""
        return self._wish_schema.get("$defs", {}) | self._answer_schema.get("$defs", {})

    @cached_property
    def answer(self) -> dict[str, Any]:
        """Describe what it gives, as JSON Schema does, but for `definitions`."""
        if self.signature.return_annotation is File:
            return {"type": "string", "format": "binary"}
        return {name: part for name, part in self._answer_schema.items() if name != "$defs"}

    @cached_property
    def _wish_schema(self) -> dict[str, Any]:
        return self.wish.model_json_schema(ref_template=f"{REFERENCE}{{model}}")

    @cached_property
    def _answer_schema(self) -> dict[str, Any]:
        kind = self.signature.return_annotation
        return {} if kind is File else TypeAdapter(kind).json_schema(ref_template=f"{REFERENCE}{{model}}")

    def ask(self, files: Mapping[str, File | None], wish: Wish, who: str, report: Report) -> Any:
        """Have it done. Raises UserError, and `Cancelled` as `report` does.

        who: takes turns with others, where it takes places by itself.
        """
        self.check(files)
        given = {name: files.get(name) for name in self.files}
        values = {name: getattr(wish, name) for name in type(wish).model_fields}
        more = {"who": who} if self.rank is None else {}
        return self.does(**given, **values, **more, report=report)

    def check(self, files: Mapping[str, File | None]) -> None:
        """Raise UserError where a file is missing, or one was sent that this does not take."""
        for name, is_needed in self.files.items():
            if is_needed and files.get(name) is None:
                raise UserError(f"Send the {name} as a file.")
        if unknown := files.keys() - self.files.keys():
            taken = " and ".join(self.files)
            raise UserError(f"{self.name} takes no file named {min(unknown)[:40]!r}; it takes {taken}.")

    @cached_property
    def signature(self) -> inspect.Signature:
        """What is told of it: its parameters with what they are, and what it gives."""
        kinds = get_type_hints(self.does, include_extras=True)
        parameters = [
            each.replace(annotation=kinds[name])
            for name, each in inspect.signature(self.does).parameters.items()
            if name not in ("report", "who")
        ]
        return inspect.Signature(parameters, return_annotation=kinds["return"])


def is_file(kind: Any) -> bool:
    """Tell whether a parameter, by its annotation, is a file, be it one that may be left out."""
    return getattr(kind, "__origin__", kind) in (File, File | None)


CAPABILITIES: dict[str, Capability] = {}
ZIP, PNG, PICTURE, JSON = "application/zip", "image/png", "image/*", "application/json"
REFERENCE = "#/components/schemas/"
"""How schemas refer to definitions, before a name."""


def _offered(rank: Rank | None, media_type: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate what programs can have done; see `Capability`."""

    def offer(does: Callable[..., Any]) -> Callable[..., Any]:
        CAPABILITIES[does.__name__] = Capability(does, rank, media_type)
        return does

    return offer


_OF_THE_PHOTO = "a picture of the photo's size; what is white or painted in it is meant."
Photo = Annotated[File, Field(description="A photo, of any kind that Envo opens: JPEG, PNG, TIFF, HEIC, AVIF, RAW ...")]
OtherPhoto = Annotated[File | None, Field(description="Another photo.")]
Hidden = Annotated[File, Field(description=f"A mask: {_OF_THE_PHOTO}")]
Kept = Annotated[File | None, Field(description=f"A mask: {_OF_THE_PHOTO} None: a matte is.")]
Start = Annotated[File | None, Field(description="A mask to go on from, such as the answer to the clicks before.")]
Preset = Annotated[File | None, Field(description="A preset: Envo's, or Lightroom's as .xmp.")]
Folder = Annotated[File, Field(description="A zip with photos.")]
Engine = Annotated[str, Field(max_length=40, description='Who does it; "auto" is the best that is here.')]
Hole = Annotated[
    str, Field(description='"white": what is white or painted in the mask; "clear": what is clear in it instead.')
]
Drawn = Annotated[
    str,
    Field(
        description='Whether the mask lies on the photo "upright", or as "stored" in its file, before its orientation '
        'is applied; "" where its size tells.'
    ),
]
Steps = Annotated[
    Literal["auto"] | list[restorations.StepWish],
    Field(
        description='"auto" for what a look at the photo suggests, or the steps, each with its id, an engine, and '
        "settings, which have ranges and defaults: "
        + "; ".join(f"{step.id}: {described(step.controls) or 'none'}" for step in repairs.STEPS.values())
        + ".",
        examples=["auto", [{"id": "colour", "settings": {"strength": 50}}, {"id": "enlarge", "engine": "lanczos"}]],
    ),
]
At = Annotated[restorations.SizeId, Field(description="At which repairs are computed: 1 or 4 megapixels, or all.")]
Points = Annotated[
    list[tuple[float, float, bool]],
    Field(
        max_length=settings.MAX_CLICKS,
        description="Clicks in their order: x and y in pixels of the upright photo, and whether it adds or takes away.",
        examples=[[[310, 240, True]]],
    ),
]
Corners = Annotated[
    tuple[float, float, float, float] | None,
    Field(
        description="A box: left, top, right and bottom, in pixels of the upright photo.", examples=[[80, 60, 420, 390]]
    ),
]


Box = Annotated[
    list[float],
    Field(
        min_length=4,
        max_length=4,
        description="Left, top, right and bottom, in shares of the upright photo.",
        examples=[[0.41, 0.09, 0.58, 0.34]],
    ),
]
Probability = Annotated[float, Field(ge=0, le=1, description="How sure it is.", examples=[0.97])]


class Known(TypedDict):
    """A face with what tells its person apart."""

    box: Box
    sure: Probability
    embedding: Annotated[
        list[float],
        Field(description="Nearer to those of the same person than to others', by Euclidean distance; of one engine."),
    ]


class Pair(TypedDict):
    """A face of the first photo, and the nearest one of the other."""

    face: Annotated[int, Field(ge=0, description='Its place in "faces".')]
    other: Annotated[int, Field(ge=0, description='Its place in "others".')]
    distance: Annotated[float, Field(ge=0, description="Of the two embeddings.", examples=[0.62])]
    same: Annotated[bool, Field(description="Whether they are more likely the same person's than not.")]


class Faces(TypedDict):
    """The faces of a photo, or of two."""

    engine: Annotated[str, Field(description="Who tells the people apart.")]
    faces: list[Known]
    others: NotRequired[list[Known]]
    pairs: NotRequired[list[Pair]]


class Word(TypedDict):
    """A tag."""

    word: Annotated[str, Field(examples=["cat"])]
    confidence: Probability
    origin: Annotated[str, Field(description="By what it was found.", examples=["object"])]
    engine: str
    parents: Annotated[list[str], Field(description="Wider words, the widest first.", examples=[["animals", "pets"]])]
    boxes: Annotated[list[Box], Field(description="Where it is seen, the surest first.")]


class Face(TypedDict):
    """Where a face is."""

    box: Box
    sure: Probability


class Seen(TypedDict):
    """What a photo shows."""

    tags: list[Word]
    faces: list[Face]


class Region(TypedDict):
    """A named place in a photo."""

    name: str
    box: Box


class Told(TypedDict):
    """What a photo's file says of itself."""

    format: Annotated[str, Field(examples=["JPEG"])]
    width: Annotated[int, Field(ge=1, description="In pixels, upright.")]
    height: Annotated[int, Field(ge=1, description="In pixels, upright.")]
    bits: Annotated[int, Field(description="Of a channel.", examples=[8])]
    gamut: Annotated[str, Field(examples=["srgb"])]
    headroom: Annotated[float, Field(description="Stops above white that it has.")]
    taken: Annotated[str | None, Field(description="ISO 8601, in the camera's time.", examples=["2019-05-04T03:02:01"])]
    camera: str | None
    title: str | None
    rating: Annotated[int | None, Field(description="0 to 5 stars.")]
    tags: list[str] | None
    people: list[str] | None
    regions: list[Region] | None


def _setting(control: Control, kind: type) -> Any:
    """Make the annotation of a setting that an engine has a default for."""
    about = f"{control.about} null: the engine's default."
    return Annotated[kind | None, Field(ge=control.minimum, le=control.maximum, description=about)]


@_offered(Rank.SOON, ZIP)
def mattes(image: Photo, *, report: Report) -> File:
    """Take a photo apart: a zip with an alpha matte for each thing found, and `mattes.json`, which tells who found it.

    Mattes are grey PNG of 8 bits, of the photo's shape, with a long edge of 2048 pixels at most: person.png,
    background.png, subject.png, face.png, hair.png, eyes.png and so on; where there are several faces, hair-1.png and
    so on are those of each, whose boxes `mattes.json` has in shares of the photo.
    """
    found = works.Mattes().make(image.photo)
    return File(found.data, found.name(names.stem(image.name)))


@_offered(Rank.SOON, PNG)
def select(
    image: Photo,
    points: Points = [],  # noqa: B006  it is only read
    box: Corners = None,
    start: Start = None,
    choice: Annotated[
        int, Field(ge=0, le=2, description="Which answer to the first gesture is meant, 0 the best.")
    ] = 0,
    engine: Engine = "auto",
    *,
    report: Report,
) -> File:
    """Select what is clicked on, or in a box: a grey PNG of 8 bits, of the photo's shape, 2048 long at most."""
    photo = image.photo
    pixels, size = photo.decode(edge=settings.WORKING_EDGE).shown(), (photo.header.width, photo.header.height)
    told = selections.Gestures(tuple(points), box, start.data if start else None, choice)
    by = selecting.auto() if engine == "auto" else named(selecting.ENGINES, engine)
    prepared = by.prepare(pixels, size, report=report)
    answer = selections.answered(by, prepared, selections.checked(size, told))
    # Later gestures went on from the choice already.
    return File(answer.candidates[answer.meant(choice if len(points) + bool(box) == 1 else 0)][-1], "mask.png")


@_offered(Rank.SOON, PNG)
def cutout(
    image: Photo,
    mask: Kept = None,
    kind: Annotated[
        str, Field(description="Without a mask, the matte that is cut out, as `mattes` names it.")
    ] = "subject",
    *,
    report: Report,
) -> File:
    """Cut something out: a PNG of the photo's size, transparent around it, without the background's colours."""
    photo = image.photo
    if mask is None:
        found = taken_apart.find(photo, report).mattes
        if kind not in found:
            there = f"; there are {', '.join(sorted(found))}" if found else ""
            raise UserError(f"No {kind[:40]} was found in the photo{there}. Send a mask of what to cut out.")
        alpha = found[kind]
    else:
        alpha = masks.exact_mask(mask.data, photo.stored)
    with memory.PHOTOS:
        own = Own.of(photo)
        memory.PHOTOS.keep(memory.WORKED_ON * own.values.nbytes)
        cut = cutouts.cut_out(own, alpha)
        done = export.finish(cut.png(), "PNG", photo)
    return File(done.data, cutouts.name(image.name))


@_offered(Rank.SOON, JSON)
def people(image: Photo, other: OtherPhoto = None, *, report: Report) -> Faces:
    """Find the faces of a photo, the largest first, and what tells their people apart.

    With another photo, "pairs" tells for each face of the first which of the other's is nearest.
    """
    engine = faces.auto()
    found, beside = (each and engine.look(each.photo.decode(EDGE).shown(), report) for each in (image, other))
    answer = {"engine": engine.name, "faces": works.told(found)}
    if beside is None:
        return answer
    pairs = []
    for place, face in enumerate(found):
        apart = [float(np.linalg.norm(face.embedding - each.embedding)) for each in beside]
        if apart:
            nearest = int(np.argmin(apart))
            pairs.append(
                {"face": place, "other": nearest, "distance": apart[nearest], "same": apart[nearest] < engine.alike}
            )
    return answer | {"others": works.told(beside), "pairs": pairs}


@_offered(Rank.SOON, PICTURE)
def straighten(
    image: Photo,
    turn: Annotated[
        int | None, Field(ge=0, le=3, description="Quarter turns clockwise; null: as it looks upright.")
    ] = None,
    angle: Annotated[
        float | None, Field(ge=-45, le=45, description="Degrees clockwise beside that; null: as it looks level.")
    ] = None,
    *,
    report: Report,
) -> File:
    """Turn a photo upright and its lines level; corners that would be empty are cut off. A file of the same format."""
    wish = {key: value for key, value in {"turn": turn, "angle": angle}.items() if value is not None}
    todo = restorations.plan([restorations.StepWish(id="straighten", settings=wish)]) if wish else None
    return _remade(image, todo, making.SIZES["full"], report, among=["straighten"])


@_offered(Rank.SOON, PICTURE)
def render(
    image: Photo,
    edit: Annotated[dict[str, Any] | None, Field(description="An edit document, as the app keeps it.")] = None,
    preset: Preset = None,
    settings: Annotated[
        ExportSettings, Field(description="How the file is written.", examples=[{"format": "PNG"}])
    ] = export.PLAIN,
    *,
    report: Report,
) -> File:
    """Render a photo with an edit, or with a preset."""
    if (edit is None) == (preset is None):
        raise UserError("Send an edit, or a preset as a file; one of the two.")
    copy = works.copied(edits.parse(edit)) if preset is None else works.preset(preset.name, preset.data)[0]
    made = works.Render(copy, settings).make(image.photo)
    return File(made.data, made.name(names.stem(image.name)))


@_offered(Rank.SOON, JSON)
def describe(image: Photo, *, report: Report) -> Told:
    """Tell what a photo's file says of itself: its kind and size, when and with what it was taken, tags, people.

    What is null the file does not tell.
    """
    photo = image.photo
    header, told, taken = photo.header, descriptions.read(photo), shot.read(photo)
    return {
        "format": header.format,
        "width": header.width,
        "height": header.height,
        "bits": header.bit_depth,
        "gamut": header.gamut,
        "headroom": header.headroom,
        "taken": taken.taken_at and taken.taken_at.isoformat(),
        "camera": taken.camera or None,
        "title": told.title,
        "rating": told.rating,
        "tags": told.tags and list(told.tags),
        "people": told.people and list(told.people),
        "regions": told.regions and [{"name": each.name, "box": list(each.box)} for each in told.regions],
    }


@_offered(Rank.SOON, JSON)
def tag(
    image: Photo,
    engine: Annotated[str, Field(description='What finds objects, "" for the first.')] = "",
    *,
    report: Report,
) -> Seen:
    """Tell what a photo shows: its tags, the surest first, and its faces, the largest first."""
    detector = named(tagging.DETECTORS, engine or next(iter(tagging.DETECTORS)))
    return said(tag_photo(image.photo, detector, next(iter(tagging.CLASSIFIERS.values()))))


@_offered(Rank.SOON, PNG)
def erase(
    image: Photo, mask: Hidden, engine: Engine = "auto", hole: Hole = "white", drawn: Drawn = "", *, report: Report
) -> File:
    """Erase what is white or painted in the mask, a picture of the image's size: a PNG."""
    return _acted("erase", engine, {}, image, Mask(mask.data, hole, drawn), report)


@_offered(Rank.LONG, PNG)
def replace(
    image: Photo,
    mask: Hidden,
    prompt: Annotated[str, Field(description="What should be there, in English.", examples=["a glass of milk"])],
    negative: Annotated[str, Field(description="What should not be there.")] = "",
    seed: Annotated[
        int | None, Field(ge=0, lt=base.SEEDS, description="The same one gives the same picture; null: one is drawn.")
    ] = None,
    guidance: _setting(base.GUIDANCE, float) = None,
    steps: _setting(base.STEPS, int) = None,
    strength: _setting(base.STRENGTH, float) = None,
    scheduler: Annotated[str | None, Field(description="The sampler; null: the engine's own.")] = None,
    engine: Engine = "auto",
    hole: Hole = "white",
    drawn: Drawn = "",
    *,
    report: Report,
) -> File:
    """Put what the prompt says where the mask is white or painted: a PNG, which tells the seed among its texts."""
    values = {
        "prompt": prompt,
        "negative": negative,
        "seed": seed,
        "guidance": guidance,
        "steps": steps,
        "strength": strength,
        "scheduler": scheduler,
    }
    given = {key: value for key, value in values.items() if value is not None}
    return _acted("replace", engine, given, image, Mask(mask.data, hole, drawn), report)


@_offered(Rank.SOON, PNG)
def background(
    image: Photo,
    mask: Hidden,
    kind: Annotated[str, Field(description=f"One of {', '.join(backdrop.KINDS)}.", examples=["colour"])] = next(
        iter(backdrop.KINDS)
    ),
    settings: Annotated[
        dict[str, Any] | None,
        Field(
            description="Those of its kind, with ranges and defaults: "
            + "; ".join(f"{kind}: {described(each)}" for kind, each in backdrop.CONTROLS.items() if each)
            + '. Beside these "colour" of a colour, "colours" of a gradient, two.',
            examples=[{"amount": 40}, {"colour": "#d9d6d0"}],
        ),
    ] = None,
    other: OtherPhoto = None,
    hole: Hole = "white",
    drawn: Drawn = "",
    *,
    report: Report,
) -> File:
    """Put another background where the mask is white or painted: a PNG. For the kind "photo", `other` is that."""
    values = {"kind": kind} | (settings or {})
    return _acted("background", "auto", values, image, Mask(mask.data, hole, drawn), report, other and other.photo)


@_offered(Rank.LONG, PICTURE)
def restore(image: Photo, steps: Steps = "auto", size: At = "quick", *, report: Report) -> File:
    """Restore a photo: a file of the same format where it can be, with its metadata."""
    return _remade(image, _planned(steps), making.SIZES[size], report)


@_offered(None, ZIP)
def restore_folder(folder: Folder, steps: Steps = "auto", size: At = "quick", *, who: str, report: Report) -> File:
    """Restore the photos of a folder, a zip of it: a zip with the same names in it.

    A photo that cannot be restored does not stop the rest; "not restored.txt" in the zip tells of it.
    """
    todo, at = _planned(steps), making.SIZES[size]

    def remake(data: bytes, report: Report) -> tuple[bytes, str] | None:
        with HEAVY.place(Rank.BEHIND, who):
            restored = making.make(PhotoFile(data), todo, at, report)
        return restored and (restored.file.data, restored.file.format)

    with storage_errors(), TemporaryDirectory(dir=settings.uploads()) as temporary:
        path = Path(temporary) / "restored.zip"
        folders.remake(folder.data, path, remake, report)
        return File(path.read_bytes(), path.name)


@dataclass(frozen=True)
class Mask:
    """A mask as it was sent, and how it is to be read: see `masks.exact_mask`."""

    data: bytes | None
    """None: what the picture does not show is what changes."""
    hole: str
    drawn: str


def done(
    action: str,
    engine: str,
    values: dict[str, Any],
    image: PhotoFile,
    mask: Mask,
    report: Report,
    other: PhotoFile | None = None,
) -> Exported:
    """Do an action at once: the PNG of what came of it, which tells how it was made. Raises UserError.

    report: may raise `Cancelled`.
    """
    todo = plan(action, engine, values, other and partial(_pixels, other))
    try:
        with memory.PHOTOS:
            own, changes = Own.of(image), _changes(image, mask)
            memory.PHOTOS.keep(memory.WORKED_ON * own.values.nbytes)
            todo.check(changes)
            # What is transparent is to be filled where it says what changes.
            own = own.filled(changes) if mask.data is None else own
            (finished,) = todo.run(own, changes, report, lambda preview: None)
            report("Saving", None)
            png = finished.own.png(results.texts(made(action, finished)))
            finish = export.finish(png, "PNG", image)
            return replaced(finish, notes=[*finished.notes, *finish.notes])
    except (MemoryError, WeightsError) as error:
        raise UserError(told(error, action, FAILED)) from error


def _acted(
    action: str,
    engine: str,
    values: dict[str, Any],
    image: File,
    mask: Mask,
    report: Report,
    other: PhotoFile | None = None,
) -> File:
    return File(done(action, engine, values, image.photo, mask, report, other).data, f"{action}.png")


def _pixels(file: PhotoFile) -> np.ndarray:
    return file.decode().shown()


def _changes(image: PhotoFile, mask: Mask) -> np.ndarray:
    """What changes of a picture, uint8 HxW of its size: of its mask, or what it does not show."""
    if mask.data is None:
        alpha = image.decode_alpha()
        if alpha is None:
            raise UserError("There is nothing to fill: send a mask, or a picture that is transparent in parts.")
        return np.where(alpha < 255, np.uint8(255), np.uint8(0))
    return masks.exact_mask(mask.data, image.stored, mask.hole, mask.drawn)


def _planned(steps: Literal["auto"] | list[restorations.StepWish]) -> list[repairs.Wish] | None:
    """Check steps; None for what a look suggests."""
    return None if steps == "auto" else restorations.plan(steps)


def _remade(
    image: File,
    todo: list[repairs.Wish] | None,
    size: making.Size,
    report: Report,
    among: list[str] | None = None,
) -> File:
    """Restore a photo; one that needs nothing stays as it is."""
    made = making.make(image.photo, todo, size, report, among=among)
    if made is None:
        return image
    return File(made.file.data, restored_name(image.name, made.file.format, made.steps))
