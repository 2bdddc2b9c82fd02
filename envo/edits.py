"""The edit document: what was done to a photo, as JSON. The photo itself is never changed.

{"schema": 2, "view": "none", "layers": [
  {"id": "image", "mask": null, "visible": true, "opacity": 1.0, "process": 2, "adjustments": {"exposure": -1.4},
   "curves": {"rgb": [[0, 0], [0.4, 0.6], [1, 1]]}, "lut": null},
  {"id": "background", "mask": {"kind": "background", "invert": false, "feather": 0.0}, ...}]}
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from envo.adjustments import ADJUSTMENTS, CURVES, LOCAL_TONE, MAPPED, NOISE, VIEWS, changes
from envo.errors import UserError
from envo.settings import MAX_CURVE_POINTS, MAX_LAYERS, MAX_NAME

SCHEMA = 2


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


UPGRADES: dict[int, Callable[[dict], dict]] = {1: _plain_tones}
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


def place(kind: str) -> tuple[int, int]:
    """Give where a kind's layer stands among the others, as a key to sort by; what visitors made is the topmost."""
    name, face = split_kind(kind)
    return (100, 0) if name == OWN else (face, list(KINDS).index(name))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Mask(_Part):
    """Where a layer applies: the matte of a kind, perhaps inverted, softened by `feather` percent."""

    kind: Kind
    invert: bool = False
    feather: Annotated[float, Field(ge=0, le=100)] = 0.0


class Lut(_Part):
    """A LUT of the owner's: its id in the library, and what it is called."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


_Share = Annotated[float, Field(ge=0, le=1)]
_Points = Annotated[
    tuple[Annotated[tuple[_Share, _Share], Field(strict=False)], ...],
    Field(min_length=2, max_length=MAX_CURVE_POINTS, strict=False),
]


class Layer(_Part):
    """Adjustments within a mask. `adjustments` holds the values off their default, by adjustment id.

    process: 1 where highlights and shadows move every tone alike, as they did in schema 1; 2 where they leave local
        contrast alone.
    curves: by the names in `adjustments.CURVES`, points (x, y) of encoded sRGB values, x ascending; without those that
        change nothing.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
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

    view: the view transform that comes after them, one of `adjustments.VIEWS`.
    """

    version: Annotated[Literal[SCHEMA], Field(alias="schema")] = SCHEMA
    view: Literal[tuple(VIEWS)] = "none"
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=MAX_LAYERS, strict=False)]

    @model_validator(mode="after")
    def _layers_fit_together(self) -> Self:
        if len({layer.id for layer in self.layers}) < len(self.layers):
            raise ValueError("two layers have the same id")
        if self.layers[0].mask is not None or any(layer.mask is None for layer in self.layers[1:]):
            raise ValueError("the first layer, and only the first, is the whole image")
        return self

    @property
    def kinds(self) -> set[str]:
        """Kinds of the mattes that its layers use."""
        return {layer.mask.kind for layer in self.layers if layer.mask}

    @property
    def needs_denoised(self) -> bool:
        """Whether one of its layers mixes in the photo without its noise."""
        return any(layer.shows and not layer.adjustments.keys().isdisjoint(NOISE) for layer in self.layers)

    @property
    def shows(self) -> bool:
        """Whether anything is to be seen of it; else the photo is as it came."""
        return self.view != "none" or any(layer.shows for layer in self.layers)

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


def shows(data: object) -> bool:
    """Tell whether anything is to be seen of a document's decoded JSON; nothing is of what is no edit document."""
    try:
        return parse(data).shows
    except UserError:
        return False


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
