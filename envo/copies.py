"""What is copied of an edit, and how it is pasted into the edit of a photo, the same one or another.

{"format": "envo-copy", "schema": 1, "groups": ["Light", "Colour"], "geometry": false, "turns": false, "lens": false,
 "development": false, "document": {"schema": 3, ...}}

Of the whole photo's layer, groups of adjustments are copied: pasted, they take the place of the same groups, with what
is at its default. Layers are copied whole. Mattes are named by their kind, so a layer finds its own in each photo.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from envo import edits, geometry
from envo.adjustments import ADJUSTMENTS, CURVES, LOCAL_TONE
from envo.development import DEVELOPED
from envo.edits import EditDocument, Geometry, Layer, Lens, Mask, Matte
from envo.errors import UserError
from envo.settings import MAX_LAYERS

SCHEMA = 1
GROUPS = tuple(dict.fromkeys(each.group for each in ADJUSTMENTS.values()))
"""Of the adjustments; curves and the view go with "Light", a LUT with "Colour", opacity with all of them."""

_IMAGE = Layer(id="image")


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Choice(_Said):
    """What is to be copied of an edit.

    groups: of `GROUPS`. geometry: straightening, perspective and crop. turns: quarter turns and the flip. lens: what is
    taken back of what the lens did. development: how a RAW is developed. layers: ids of layers with a mask; None for
    all.
    """

    groups: Annotated[tuple[Literal[GROUPS], ...], Field(max_length=len(GROUPS))] = GROUPS
    geometry: bool = False
    turns: bool = False
    lens: bool = False
    development: bool = False
    layers: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=MAX_LAYERS)] | None = None


class Copy(_Said):
    """What was copied of an edit. `document` holds that, and is without all else; see `Choice` for the others.

    sets: ids of the adjustments, and names of the curves, that are pasted of the groups; None for all there is of them.
    """

    format: Literal["envo-copy"] = "envo-copy"
    version: Annotated[Literal[SCHEMA], Field(alias="schema")] = SCHEMA
    groups: Annotated[tuple[Literal[GROUPS], ...], Field(max_length=len(GROUPS))] = ()
    sets: Annotated[tuple[Literal[(*ADJUSTMENTS, *CURVES)], ...], Field(max_length=len(ADJUSTMENTS) + 4)] | None = None
    geometry: bool = False
    turns: bool = False
    lens: bool = False
    development: bool = False
    document: Annotated[EditDocument, BeforeValidator(edits.parse)]

    @property
    def kinds(self) -> set[str]:
        """Kinds of the mattes that its layers want of a photo, those of no person."""
        return {matte.kind for matte in self.document.mattes if not matte.person and not edits.is_own(matte.kind)}

    @property
    def people(self) -> set[str]:
        """Ids of the people whom its layers follow."""
        return {matte.person for matte in self.document.mattes if matte.person}

    def dump(self) -> dict:
        """Give it as JSON-able values; `parse` reads them back."""
        return self.model_dump(mode="json", by_alias=True)


@dataclass(frozen=True)
class Pasted:
    """An edit with a copy pasted into it; `left`: what could not be, in whole sentences."""

    document: EditDocument
    left: tuple[str, ...] = ()


def parse(data: object) -> Copy:
    """Check a copy's decoded JSON. Raises UserError for anything else, and for an edit within that is none."""
    try:
        return Copy.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "copy"
        raise UserError(f"This is not a copy of an edit that Envo can paste ({where}: {first['msg']}).") from None


def taken(document: EditDocument, choice: Choice) -> Copy:
    """Copy what is chosen of an edit."""
    layers = [layer for layer in document.layers[1:] if choice.layers is None or layer.id in choice.layers]
    kept = EditDocument(
        view=document.view if "Light" in choice.groups else "none",
        geometry=_geometry(Geometry(), document.geometry, choice.geometry, choice.turns),
        lens=document.lens if choice.lens else Lens(),
        development=document.development if choice.development else DEVELOPED,
        layers=(_adjusted(_IMAGE, document.layers[0], choice.groups), *layers),
    )
    what = choice.model_dump(include={"groups", "geometry", "turns", "lens", "development"})
    return Copy(**what, document=kept)


def pasted(
    document: EditDocument,
    copy: Copy,
    size: tuple[int, int] | None = None,
    own: Collection[str] = (),
    is_raw: bool = True,
) -> Pasted:
    """Paste a copy into the edit of a photo.

    A layer takes the place of the one with the same id, or else with the same mask; others come to lie on top.
    size: width and height of the photo, to which the crop is fitted: it keeps its ratio, and shows no blank corner.
    own: kinds of the masks that its owner made of the photo; those of other photos are left out. is_raw: whether it is
    developed at all.
    Raises UserError where there would be too many layers.
    """
    image = _adjusted(document.layers[0], copy.document.layers[0], copy.groups, copy.sets)
    layers, left = {layer.id: layer for layer in document.layers[1:]}, []
    placed: set[str] = set()
    for layer in copy.document.layers[1:]:
        here, note = _without_own(layer, own)
        left += [note] if note else []
        if here:
            at = _place(here, layers, placed)
            placed.add(at)
            layers[at] = here.model_copy(update={"id": at})
    if len(layers) >= MAX_LAYERS:
        raise UserError(f"With what is pasted, this edit would have more than {MAX_LAYERS} layers.")
    shape = _geometry(document.geometry, copy.document.geometry, copy.geometry, copy.turns)
    made = EditDocument(
        view=copy.document.view if "Light" in copy.groups and copy.sets is None else document.view,
        geometry=fitted(shape, size) if size and copy.geometry else shape,
        lens=copy.document.lens if copy.lens else document.lens,
        development=copy.document.development if copy.development and is_raw else document.development,
        layers=(image, *sorted(layers.values(), key=_height)),
    )
    return Pasted(made, tuple(left))


def used(document: EditDocument) -> list[str]:
    """List the groups of the whole photo's adjustments in which something is off its default."""
    image = document.layers[0]
    told = {ADJUSTMENTS[name].group for name in image.adjustments}
    told |= {"Light"} if image.curves or document.view != "none" else set()
    told |= {"Colour"} if image.lut else set()
    return [group for group in GROUPS if group in told]


def label(kind: str) -> str:
    """Name a kind of mattes, as a sentence does: "Hair", "Teeth of face 2"."""
    name, face = edits.split_kind(kind)
    return f"{edits.KINDS[name]} of face {face}" if face else edits.KINDS[name]


def fitted(shape: Geometry, size: tuple[int, int]) -> Geometry:
    """Fit the crop of a geometry to a photo of `size`: it has its ratio, and the photo fills it."""
    if shape.crop is None:
        return shape
    frame = np.array(geometry.frame_size(shape, size), float)
    crop = np.array(shape.crop).reshape(2, 2)
    sides, middle = (crop[1] - crop[0]) * frame, crop.mean(axis=0)
    if ":" in shape.ratio:
        across, down = map(int, shape.ratio.split(":"))
        root = np.sqrt(sides.prod() * across * down)
        sides = np.array([root / down, root / across])
    sides = sides / frame
    sides /= max(1.0, sides.max())
    middle = np.clip(middle, sides / 2, 1 - sides / 2)
    half = geometry.filled(shape, size, middle, sides) * sides / 2
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    crop = tuple(map(float, (*low, *high))) if np.all(low < high) else None
    return shape.model_validate({**shape.model_dump(), "crop": crop})


def _adjusted(to: Layer, of: Layer, groups: Collection[str], sets: Collection[str] | None = None) -> Layer:
    """Give a whole photo's layer with some groups of adjustments, or what is set of them, as another one has them."""

    def picked(layer: Layer, is_wanted: bool) -> dict[str, float]:
        wanted = {name for name in layer.adjustments if ADJUSTMENTS[name].group in groups}
        wanted &= layer.adjustments.keys() if sets is None else set(sets)
        return {name: value for name, value in layer.adjustments.items() if (name in wanted) == is_wanted}

    changed = {"adjustments": picked(to, False) | picked(of, True)}
    if sets is not None:
        curves = {name: points for name, points in to.curves.items() if name not in sets} | of.curves
        process = to.process if set(sets).isdisjoint(LOCAL_TONE) else of.process
        return to.model_copy(update=changed | {"curves": curves, "process": process})
    if "Light" in groups:
        changed |= {"curves": of.curves, "process": of.process}
    if "Colour" in groups:
        changed |= {"lut": of.lut}
    if set(groups) >= set(GROUPS):
        changed |= {"visible": of.visible, "opacity": of.opacity}
    return to.model_copy(update=changed)


def _geometry(to: Geometry, of: Geometry, is_shaped: bool, is_turned: bool) -> Geometry:
    """Give a geometry with what is chosen as another one has it."""
    turns = {"turns", "flip"}
    changed = of.model_dump(exclude=turns) if is_shaped else {}
    return Geometry(**to.model_dump() | changed | (of.model_dump(include=turns) if is_turned else {}))


def _without_own(layer: Layer, own: Collection[str]) -> tuple[Layer | None, str]:
    """Take from a layer's mask what was made of another photo; gives it, and what is to be said of that.

    A mask that a photo has not is nothing there: where it comes first, or is intersected with, the layer is left out.
    """
    parts, missing = [], False
    for part in layer.mask.parts:
        if not (isinstance(part, Matte) and edits.is_own(part.kind) and part.kind not in own):
            parts.append(part)
            continue
        missing = True
        if not parts or part.how == "intersect":
            parts = []
            break
    if not missing:
        return layer, ""
    named = layer.name or next((label(part.kind) for part in layer.mask.mattes if not edits.is_own(part.kind)), "")
    called = f"“{named}”" if named else "A layer"
    if not parts:
        return None, f"{called} is left out: its mask was made of another photo."
    kept = layer.model_copy(update={"mask": Mask(parts=tuple(parts), invert=layer.mask.invert)})
    return kept, f"{called} is without a part of its mask, which was made of another photo."


def _place(layer: Layer, there: dict[str, Layer], placed: Collection[str]) -> str:
    """Find the id of the layer whose place another one takes; where there is none, one that is free."""
    people = sorted(part.person for part in layer.mask.mattes)
    # A layer that follows somebody may be called as another face's is in this photo.
    apart = f"layer-{hashlib.sha256('/'.join([layer.id, *people]).encode()).hexdigest()[:8]}"
    for id in (layer.id, apart):
        other = there.get(id)
        if other and id not in placed and sorted(part.person for part in other.mask.mattes) == people:
            return id
    same = (id for id, other in there.items() if id not in placed and other.mask == layer.mask)
    return next(same, layer.id if layer.id not in there else apart)


def _height(layer: Layer) -> tuple[int, int, int]:
    """Say how high a layer lies, as a key to sort by: those of mattes as `edits.place` has it, others on top."""
    kinds = [part.kind for part in layer.mask.mattes]
    return (0, *edits.place(layer.id)) if layer.id in kinds else (1, 0, 0)
