"""The edit document: what was done to a photo, as JSON. The photo itself is never changed.

{"schema": 3, "view": "none",
 "geometry": {"turns": 1, "flip": false, "angle": -1.5, "vertical": 0.0, "horizontal": 0.0,
              "crop": [0.1, 0.1, 0.9, 0.8], "ratio": "4:5"},
 "lens": {"on": true, "maker": "", "model": "", "distortion": 100.0, "vignetting": 100.0, "colour": 100.0},
 "development": {"highlights": "recover", "demosaic": "auto", "noise": "reduce"},
 "layers": [
  {"id": "image", "name": "", "mask": null, "visible": true, "opacity": 1.0, "process": 2,
   "adjustments": {"exposure": -1.4}, "curves": {"rgb": [[0, 0], [0.4, 0.6], [1, 1]]}, "lut": null},
  {"id": "background", ...,
   "mask": {"invert": false, "parts": [{"shape": "matte", "how": "add", "kind": "background", ...}]}}]}

Where parts lie is told in photo coordinates: 0 to 1 across and down the upright photo as it came, whatever was cropped.
"""

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from envo.adjustments import ADJUSTMENTS, CURVES, LOCAL_TONE, MAPPED, NOISE, VIEWS, changes
from envo.development import DEVELOPED, Development
from envo.errors import UserError
from envo.settings import (
    MAX_CURVE_POINTS,
    MAX_LAYERS,
    MAX_LENS_NAME,
    MAX_NAME,
    MAX_PAINTED_POINTS,
    MAX_PARTS,
    MAX_STROKE_POINTS,
    MAX_STROKES,
)

SCHEMA = 3


def _plain_tones(data: dict) -> dict:
    """Schema 1 had no edge-aware highlights and shadows: what it has of them goes on as it was."""
    layers = data.get("layers")
    if not isinstance(layers, list):
        return data | {"schema": 2}

    def upgraded(layer: object) -> object:
        adjustments = layer.get("adjustments") if isinstance(layer, dict) else None
        is_toned = isinstance(adjustments, dict) and not adjustments.keys().isdisjoint(LOCAL_TONE)
        return layer | {"process": 1} if is_toned else layer

    return data | {"schema": 2, "layers": [upgraded(layer) for layer in layers]}


def _sole_parts(data: dict) -> dict:
    """Schema 2 had one matte for a mask: it goes on as the only part."""

    def upgraded(layer: object) -> object:
        mask = layer.get("mask") if isinstance(layer, dict) else None
        if not isinstance(mask, dict):
            return layer
        part = {name: value for name, value in mask.items() if name != "invert"} | {"shape": "matte"}
        return layer | {"mask": {"parts": [part], "invert": mask.get("invert", False)}}

    layers = data.get("layers")
    return data | {"schema": 3, "layers": list(map(upgraded, layers)) if isinstance(layers, list) else layers}


UPGRADES: dict[int, Callable[[dict], dict]] = {1: _plain_tones, 2: _sole_parts}
"""For each older schema number, how its documents become those of the next one."""

PARTS = {"skin": "Skin", "face": "Face", "hair": "Hair", "eyes": "Eyes", "lips": "Lips", "teeth": "Teeth"}
"""What a face comes apart into, and what a page calls it. `skin` is all bare skin, `face` has its features too."""

KINDS = {
    "background": "Background",
    "person": "Person",
    "backdrop": "Surroundings",
    "subject": "Subject",
    **PARTS,
}
"""Kinds of mattes and what a page calls them, in the order of their layers from the bottom up.

`subject` is what the photo is of. What lies around it is `background` where nobody is in the photo, else
`backdrop`. In a photo with several faces, `eyes` are those of all, and `eyes-2` those of the second face.
"""

OWN = "own"
"""What the kinds of masks that visitors made begin with: `own-0123456789ab`."""

Kind = Annotated[str, Field(pattern=rf"^(?:{'|'.join(KINDS)}|(?:{'|'.join(PARTS)})-[1-9][0-9]?|{OWN}-[0-9a-f]{{12}})$")]


def is_own(kind: str) -> bool:
    """Tell whether a visitor made the mask of this kind."""
    return kind.startswith(f"{OWN}-")


def split_kind(kind: str) -> tuple[str, int]:
    """Give the name in `KINDS` of a matte's kind, and the number of the one face it belongs to; 0 for none.

    The name of all that visitors made is `OWN`.
    """
    name, _, rest = kind.partition("-")
    return name, 0 if name == OWN else int(rest or 0)


def of_face(part: str, place: int, faces: int) -> str:
    """Give the kind of the matte of a face's part, of the face at a place among those of a photo, from 0."""
    return f"{part}-{place + 1}" if faces > 1 else part


def place(kind: str) -> tuple[int, int]:
    """Give where a kind's layer stands among the others, as a key to sort by; what visitors made is the topmost."""
    name, face = split_kind(kind)
    return (100, 0) if name == OWN else (face, list(KINDS).index(name))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


_Share = Annotated[float, Field(ge=0, le=1)]
_Percent = Annotated[float, Field(ge=0, le=100)]
_Signed = Annotated[float, Field(ge=-100, le=100)]
_Place = Annotated[
    tuple[Annotated[float, Field(ge=-4, le=5)], Annotated[float, Field(ge=-4, le=5)]], Field(strict=False)
]
"""A point (x, y) in photo coordinates, which may lie somewhat beside the photo."""


class _MaskPart(_Part):
    """A part of a mask: a value from 0 to 1 at each place, and how it goes together with the parts before it.

    how: "add": the sum of both; "subtract": the difference; "intersect": the product; all kept within 0 and 1. The
        first part adds to nothing; where it subtracts or intersects, to everything.
    """

    how: Literal["add", "subtract", "intersect"] = "add"
    invert: bool = False


class Matte(_MaskPart):
    """The matte of a kind, softened by `feather` percent, and by `refine` percent fitted to the edges of the photo.

    person: the id of a person of the owner's; then `kind` is a part of a face, without a number, and it is the matte
        of that person's face, in whatever photo. "" for a matte of this photo.
    """

    shape: Literal["matte"] = "matte"
    kind: Kind
    person: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = ""
    feather: _Percent = 0.0
    refine: _Percent = 0.0

    @model_validator(mode="after")
    def _person_has_parts(self) -> Self:
        if self.person and self.kind not in PARTS:
            raise ValueError("what follows a person is a part of a face")
        return self

    @property
    def key(self) -> str:
        """What its matte is called among those of a photo."""
        return f"{self.kind}@{self.person}" if self.person else self.kind


class Stroke(_Part):
    """A stroke of the brush, or of the eraser, through points in photo coordinates.

    size: its diameter, as a share of the photo's long edge. hardness: percent of the radius up to which it is whole.
    flow: percent that it covers at most. aware: whether it keeps to the colours of the photo about where it began.
    """

    points: Annotated[tuple[_Place, ...], Field(min_length=1, max_length=MAX_STROKE_POINTS, strict=False)]
    size: Annotated[float, Field(gt=0, le=1)]
    hardness: _Percent = 50.0
    flow: _Percent = 100.0
    erase: bool = False
    aware: bool = False


class Brush(_MaskPart):
    """What was painted, stroke after stroke; `feather` and `refine` as for a matte."""

    shape: Literal["brush"]
    strokes: Annotated[tuple[Stroke, ...], Field(max_length=MAX_STROKES, strict=False)] = ()
    feather: _Percent = 0.0
    refine: _Percent = 0.0


class Linear(_MaskPart):
    """A gradient from 1 before `start` to 0 beyond `end`; of the way between, the middle `feather` percent are soft."""

    shape: Literal["linear"]
    start: _Place
    end: _Place
    feather: _Percent = 100.0


class Radial(_MaskPart):
    """An ellipse, 1 within and 0 outside; of its radius, the outer `feather` percent are soft.

    radii: across and down before it is turned, as shares of the photo's long edge. angle: degrees clockwise.
    """

    shape: Literal["radial"]
    centre: _Place
    radii: Annotated[
        tuple[Annotated[float, Field(gt=0, le=4)], Annotated[float, Field(gt=0, le=4)]], Field(strict=False)
    ]
    angle: Annotated[float, Field(ge=-360, le=360)] = 0.0
    feather: _Percent = 50.0


class Luminance(_MaskPart):
    """Where the photo as it came has a lightness (OKLab's L) from `low` to `high`; `feather` softens both ends."""

    shape: Literal["luminance"]
    low: _Share = 0.0
    high: _Share = 1.0
    feather: _Percent = 20.0


class Colour(_MaskPart):
    """Where the photo as it came has about a colour, given as encoded sRGB.

    tolerance: percent of how different it may be; `feather`: over how much more it fades.
    """

    shape: Literal["colour"]
    colour: Annotated[tuple[_Share, _Share, _Share], Field(strict=False)]
    tolerance: _Percent = 30.0
    feather: _Percent = 30.0


class Mask(_Part):
    """Where a layer applies: an expression of parts, each put together with those before it; `invert` turns all over.

    A matte that a photo has not is nothing, inverted or not; where the first part is such a one, so is the mask.
    """

    parts: Annotated[
        tuple[Annotated[Matte | Brush | Linear | Radial | Luminance | Colour, Field(discriminator="shape")], ...],
        Field(min_length=1, max_length=MAX_PARTS, strict=False),
    ]
    invert: bool = False

    @property
    def mattes(self) -> tuple[Matte, ...]:
        """Its parts that are mattes."""
        return tuple(part for part in self.parts if isinstance(part, Matte))

    @property
    def needs_guide(self) -> bool:
        """Whether a part of it keeps to edges, or colours, of the photo."""
        return any(
            part.refine or (isinstance(part, Brush) and any(stroke.aware for stroke in part.strokes))
            for part in self.parts
            if isinstance(part, Matte | Brush)
        )


class Lut(_Part):
    """A LUT of the owner's: its id in the library, and what it is called."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


_Points = Annotated[
    tuple[Annotated[tuple[_Share, _Share], Field(strict=False)], ...],
    Field(min_length=2, max_length=MAX_CURVE_POINTS, strict=False),
]


class Geometry(_Part):
    """How the photo is turned, straightened and cropped: see `envo/geometry.py`.

    flip: mirrors the photo left to right, first. turns: quarter turns clockwise, then. angle: degrees clockwise.
    vertical, horizontal: perspective, percent; positive values enlarge the top, or the left.
    crop: left, top, right, bottom within the frame of the turned photo, 0 to 1; None for as much as there is of it.
    ratio: what a page keeps the crop to: "free", "original", or width to height, such as "4:5".
    """

    turns: Annotated[int, Field(ge=0, le=3)] = 0
    flip: bool = False
    angle: Annotated[float, Field(ge=-45, le=45)] = 0.0
    vertical: _Signed = 0.0
    horizontal: _Signed = 0.0
    crop: Annotated[tuple[_Share, _Share, _Share, _Share], Field(strict=False)] | None = None
    ratio: Annotated[str, Field(pattern=r"^(?:free|original|[1-9][0-9]{0,4}:[1-9][0-9]{0,4})$")] = "free"

    @field_validator("crop")
    @classmethod
    def _has_area(cls, crop: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if crop and (crop[0] >= crop[2] or crop[1] >= crop[3]):
            raise ValueError("a crop goes from left to right and from top to bottom")
        return None if crop == (0, 0, 1, 1) else crop

    @property
    def shows(self) -> bool:
        """Whether it changes anything."""
        return self.model_dump(exclude={"ratio"}) != Geometry().model_dump(exclude={"ratio"})


_Strength = Annotated[float, Field(ge=0, le=200)]
_Called = Annotated[str, Field(max_length=MAX_LENS_NAME)]


class Lens(_Part):
    """What is taken back of what the lens did: see `envo/lens.py`.

    maker, model: of the lens, as lensfun calls them; "" for the one that the photo was taken with, by what that tells.
    distortion, vignetting, colour (which lies apart at the edges): percent of what it did.
    """

    on: bool = False
    maker: _Called = ""
    model: _Called = ""
    distortion: _Strength = 100.0
    vignetting: _Strength = 100.0
    colour: _Strength = 100.0

    @property
    def shows(self) -> bool:
        """Whether it changes a photo of a lens that is known."""
        return self.on and max(self.distortion, self.vignetting, self.colour) > 0


class Layer(_Part):
    """Adjustments within a mask. `adjustments` holds the values off their default, by adjustment id.

    name: what the owner calls it; "" for the name of its mask.
    process: 1 where highlights and shadows move every tone alike, as they did in schema 1; 2 where they leave local
        contrast alone.
    curves: by the names in `adjustments.CURVES`, points (x, y) of encoded sRGB values, x ascending; without those that
        change nothing.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    mask: Mask | None = None
    visible: bool = True
    opacity: Annotated[float, Field(ge=0, le=1)] = 1.0
    process: Literal[1, 2] = 2
    adjustments: dict[str, float] = {}
    curves: dict[Literal[CURVES], _Points] = {}
    lut: Lut | None = None

    @field_validator("curves")
    @classmethod
    def _ascending(cls, curves: dict[str, _Points]) -> dict[str, _Points]:
        for points in curves.values():
            if any(left[0] >= right[0] for left, right in pairwise(points)):
                raise ValueError("the points of a curve go from left to right")
        return {name: points for name, points in curves.items() if any(x != y for x, y in points)}

    @field_validator("adjustments")
    @classmethod
    def _known_and_in_range(cls, values: dict[str, float]) -> dict[str, float]:
        for name, value in values.items():
            if name not in ADJUSTMENTS:
                raise ValueError(f"there is no adjustment {name[:40]!r}")
            known = ADJUSTMENTS[name]
            if not known.minimum <= value <= known.maximum:
                raise ValueError(f"{name} lies between {known.minimum:g} and {known.maximum:g}")
        return {name: value for name, value in values.items() if value != ADJUSTMENTS[name].default}

    @property
    def shows(self) -> bool:
        """Whether anything is to be seen of it."""
        is_changed = self.curves or self.lut or any(changes(self.adjustments, name) for name in self.adjustments)
        return self.visible and self.opacity > 0 and bool(is_changed)

    @property
    def needs_maps(self) -> bool:
        """Whether the photo's maps are needed to show it."""
        mapped = (name for name in MAPPED if self.process > 1 or name not in LOCAL_TONE)
        return self.shows and any(changes(self.adjustments, name) for name in mapped)


class EditDocument(_Part):
    """Layers from the bottom up; the first one is the whole image, every other one has a mask.

    view: the view transform that comes after them, one of `adjustments.VIEWS`. development: of a RAW.
    """

    version: Annotated[Literal[SCHEMA], Field(alias="schema")] = SCHEMA
    view: Literal[tuple(VIEWS)] = "none"
    geometry: Geometry = Geometry()
    lens: Lens = Lens()
    development: Development = DEVELOPED
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=MAX_LAYERS, strict=False)]

    @model_validator(mode="after")
    def _layers_fit_together(self) -> Self:
        if len({layer.id for layer in self.layers}) < len(self.layers):
            raise ValueError("two layers have the same id")
        if self.layers[0].mask is not None or any(layer.mask is None for layer in self.layers[1:]):
            raise ValueError("the first layer, and only the first, is the whole image")
        parts = (part for layer in self.layers if layer.mask for part in layer.mask.parts)
        brushes = (part for part in parts if isinstance(part, Brush))
        if sum(len(stroke.points) for brush in brushes for stroke in brush.strokes) > MAX_PAINTED_POINTS:
            raise ValueError(f"all strokes together have at most {MAX_PAINTED_POINTS} points")
        return self

    @property
    def mattes(self) -> set[Matte]:
        """The mattes that its layers use, one of each key."""
        found = {part.key: part for layer in self.layers if layer.mask for part in layer.mask.mattes}
        return {Matte(kind=part.kind, person=part.person) for part in found.values()}

    @property
    def needs_denoised(self) -> bool:
        """Whether one of its layers mixes in the photo without its noise."""
        return any(layer.shows and not layer.adjustments.keys().isdisjoint(NOISE) for layer in self.layers)

    @property
    def needs_guide(self) -> bool:
        """Whether the photo's guide is needed to show it: its masks keep to edges, or colours, of the photo."""
        return any(layer.shows and layer.mask and layer.mask.needs_guide for layer in self.layers)

    @property
    def uncropped(self) -> "EditDocument":
        """The same with each pixel where it came from: all of the photo, as it lies, however its lens bent it."""
        unbent = self.lens.model_copy(update={"distortion": 0.0, "colour": 0.0})
        return self.model_copy(update={"geometry": Geometry(), "lens": unbent})

    @property
    def shows(self) -> bool:
        """Whether anything is to be seen of it; else the photo is as it came."""
        is_adjusted = self.view != "none" or any(layer.shows for layer in self.layers)
        return is_adjusted or self.geometry.shows or self.lens.shows or self.development.shows

    @property
    def luts(self) -> set[str]:
        """The ids of the LUTs that show."""
        return {layer.lut.id for layer in self.layers if layer.shows and layer.lut}

    @property
    def needs_maps(self) -> bool:
        """Whether the photo's maps are needed to show it."""
        return any(layer.needs_maps for layer in self.layers)

    def dump(self) -> dict:
        """Give the document as JSON-able values; `parse` reads them back."""
        return self.model_dump(mode="json", by_alias=True)


UNTOUCHED = EditDocument(layers=(Layer(id="image"),))
"""The edit of a photo that shows as it came."""


def followed(data: object) -> set[str]:
    """Give the ids of the people whom a document's decoded JSON follows; what is no edit document follows nobody."""
    try:
        return {part.person for part in parse(data).mattes if part.person}
    except UserError:
        return set()


def uses(data: object, kinds: Collection[str]) -> bool:
    """Tell whether a document's decoded JSON is made with mattes of some kinds; what is no edit document is not."""
    try:
        return any(matte.kind in kinds for matte in parse(data).mattes)
    except UserError:
        return False


def shows(data: object) -> bool:
    """Tell whether anything is to be seen of a document's decoded JSON; nothing is of what is no edit document."""
    try:
        return parse(data).shows
    except UserError:
        return False


def framing(data: object) -> EditDocument | None:
    """Give what of a document's decoded JSON its `uncropped` leaves undone, as an edit; None for nothing."""
    try:
        found = parse(data)
    except UserError:
        return None
    bending = found.lens.model_copy(update={"vignetting": 0.0})
    made = UNTOUCHED.model_copy(update={"geometry": found.geometry, "lens": bending})
    return made if made.shows else None


def geometry(data: object) -> Geometry | None:
    """Give the geometry of a document's decoded JSON; None where it changes nothing, or that is no edit document."""
    try:
        found = parse(data).geometry
    except UserError:
        return None
    return found if found.shows else None


def parse(data: object) -> EditDocument:
    """Check a document's decoded JSON. Older schemas are upgraded.

    Raises UserError for anything that is not an edit document.
    """
    while isinstance(data, dict) and data.get("schema") in list(UPGRADES):
        data = UPGRADES[data["schema"]](data)
    try:
        return EditDocument.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise UserError(f"This is not an edit Envo can open ({where or 'document'}: {reason}).") from None
