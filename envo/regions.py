"""Regions: parts of a photo that are of something, as programs write them into XMP.

Read and written are those of the Metadata Working Group (its guidelines 2.0, section 5.9), and Microsoft's (People
Tagging). Those of IPTC (Photo Metadata 2023, Image Region) and ACDSee are moved with the picture. All are told in
fractions of the picture as it is stored; where the size that is told with them is that of the upright picture, of that.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from envo import xmp
from envo.geometry import Framing
from envo.photo import Stored
from envo.settings import MAX_PEOPLE, MAX_WORD
from envo.xmp import Value

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in fractions of the width and height of the upright photo."""

FACE = "Face"

_REGIONS, _LIST, _SIZE = "mwg-rs:Regions", "mwg-rs:RegionList", "mwg-rs:AppliedToDimensions"
_MICROSOFT_REGIONS, _MICROSOFT_LIST = "MP:RegionInfo", "MPRI:Regions"
_IPTC_REGIONS, _BOUNDARY = "Iptc4xmpExt:ImageRegion", "Iptc4xmpExt:RegionBoundary"
_ALL = (_REGIONS, _MICROSOFT_REGIONS, "acdsee-rs:Regions", _IPTC_REGIONS)
_NEAR = 0.002
"""Boxes whose sides are not farther apart, in fractions of the photo, are the same."""
_SAME = 0.2
"""Share that two boxes have in common, of what both cover, from which on they are of one thing."""
_BACK = {6: 8, 8: 6}
"""The turns that undo EXIF's orientations; each of the others undoes itself."""


@dataclass(frozen=True)
class Move:
    """What became of a picture as it is stored: it was turned upright, then framed unless that is None."""

    stored: Stored
    made: Stored
    framing: Framing | None = None

    @property
    def is_none(self) -> bool:
        """Whether all is where it was."""
        return self.stored.orientation == 1 and self.framing is None

    def of(self, stored: Stored) -> "Move":
        """Give the same for what is told of a picture that is stored in another way."""
        return replace(self, stored=stored)

    def box(self, box: Box) -> Box | None:
        """Give where a box is in the made picture; None where it is cut off."""
        upright = turned(box, self.stored.orientation)
        return self.framing.box(upright) if self.framing else upright

    def point(self, x: float, y: float) -> tuple[float, float] | None:
        """Give where a point is; None where it is cut off."""
        upright = turned((x, y, x, y), self.stored.orientation)[:2]
        return self.framing.point(upright) if self.framing else upright

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give where a point is, or the edge that it lies beyond."""
        upright = turned((x, y, x, y), self.stored.orientation)[:2]
        if self.framing is None:
            return upright
        x, y = np.clip(self.framing.to_picture(np.array([upright]))[0], 0, 1)
        return float(x), float(y)

    def scale(self, x: float, y: float) -> float:
        """Give how many pixels long one about a point has become."""
        return self.framing.scale(turned((x, y, x, y), self.stored.orientation)[:2]) if self.framing else 1.0


@dataclass(frozen=True)
class Region:
    """A part of a photo, by what it is of: "Face", or another kind of the Metadata Working Group's, such as "Pet".

    name: "" for one that is not known.
    """

    name: str
    box: Box
    kind: str = FACE


def read(packet: xmp.Packet, stored: Stored) -> tuple[list[Region], bool]:
    """Read all regions, and tell whether there are more than are read.

    Those that were made before the picture got another shape are none any more.
    """
    listed, frame = packet.get(f"{_REGIONS}/{_LIST}"), _frame(packet.get(f"{_REGIONS}/{_SIZE}"), stored)
    items = listed if isinstance(listed, list) and frame else []
    regions = [each for each in (_region(item, frame) for item in items[:MAX_PEOPLE]) if each]
    listed = packet.get(f"{_MICROSOFT_REGIONS}/{_MICROSOFT_LIST}")
    others = listed if isinstance(listed, list) else []
    for item in others[:MAX_PEOPLE]:
        other = _microsoft_region(item, stored)
        if other and not any(_is_near(other.box, each.box) for each in regions):
            regions.append(other)
    return regions[:MAX_PEOPLE], max(len(items), len(others), len(regions)) > MAX_PEOPLE


def say(packet: xmp.Packet, regions: Sequence[Region], stored: Stored) -> None:
    """Write regions: one that is there gets its name, if another; those with names that are not said any more go.

    All else stays as it came: where other programs drew a region and what they say of it, regions without names, and
    those that cannot be read or are of kinds that are not said.
    """
    path, frame = f"{_REGIONS}/{_LIST}", _frame(packet.get(f"{_REGIONS}/{_SIZE}"), stored)
    listed = packet.get(path)
    if isinstance(listed, list) and frame:
        there = [_region(item, frame) for item in listed]
        _replace(packet, path, there, regions, "mwg-rs:Name", [_as_region(each, frame) for each in regions])
        if not packet.get(path):
            packet.set(_REGIONS, None)
    elif regions:
        size = {"stDim:w": str(stored.width), "stDim:h": str(stored.height), "stDim:unit": "pixel"}
        packet.set(_REGIONS, {_SIZE: size, _LIST: [_as_region(each, stored) for each in regions]})
    path = f"{_MICROSOFT_REGIONS}/{_MICROSOFT_LIST}"
    listed = packet.get(path)
    if isinstance(listed, list):
        faces = [each for each in regions if each.kind == FACE]
        there = [_microsoft_region(item, stored) for item in listed]
        new = [_as_microsoft_region(each, stored) for each in faces]
        _replace(packet, path, there, faces, "MPReg:PersonDisplayName", new)


def move(packet: xmp.Packet, how: Move) -> None:
    """Move all regions of a packet with their picture; those that are cut off go.

    So do, where anything moved, those that were made before the picture got another shape.
    """
    for kind in (_WORKING_GROUPS, _ACDSEES):
        _move_list(packet, kind, how)
    if how.is_none:
        return
    path = f"{_MICROSOFT_REGIONS}/{_MICROSOFT_LIST}"
    listed, gone = packet.get(path), []
    for place, item in enumerate(listed if isinstance(listed, list) else []):
        box = _rectangle(item)
        moved = how.box(box) if box else None
        if moved:
            packet.set_in_item(path, place, "MPReg:Rectangle", _as_rectangle(moved))
        elif box:
            gone.append(place)
    if gone and len(gone) == len(listed):
        packet.set(_MICROSOFT_REGIONS, None)
    elif gone:
        packet.replace_items(path, gone, [])
    listed = packet.get(_IPTC_REGIONS)
    if isinstance(listed, list):
        kept = [_moved_boundary(each, how) for each in listed]
        packet.set(_IPTC_REGIONS, [each for each in kept if each] or None)


def drop(packet: xmp.Packet) -> None:
    """Take away all regions, as of a picture whose parts are elsewhere now."""
    for name in _ALL:
        packet.set(name, None)


@dataclass(frozen=True)
class _Kind:
    """How regions are spelt whose areas are told by their middle: what stands before the names, and their areas."""

    prefix: str
    area: str
    size: str
    areas: tuple[str, ...]


_WORKING_GROUPS = _Kind("mwg-rs", "stArea", "stDim", ("mwg-rs:Area",))
_ACDSEES = _Kind("acdsee-rs", "acdsee-stArea", "acdsee-stDim", ("acdsee-rs:ALGArea", "acdsee-rs:DLYArea"))


def _move_list(packet: xmp.Packet, kind: _Kind, how: Move) -> None:
    regions = f"{kind.prefix}:Regions"
    listed, applied = f"{regions}/{kind.prefix}:RegionList", f"{regions}/{kind.prefix}:AppliedToDimensions"
    items = packet.get(listed)
    if not isinstance(items, list):
        return
    dimensions = packet.get(applied)
    frame = _frame(dimensions, how.stored, kind.size)
    if frame is None:
        if not how.is_none:
            packet.set(regions, None)
        return
    how = how.of(frame)
    gone = []
    for place, item in enumerate([] if how.is_none else items):
        areas = {name: _moved_area(_field(item, name), kind.area, how) for name in kind.areas}
        if None in areas.values():
            gone.append(place)
            continue
        for name, area in areas.items():
            for field, value in area.items():
                packet.set_in_item(listed, place, f"{name}/{field}", _decimal(value))
    if len(gone) == len(items) > 0:
        packet.set(regions, None)
        return
    if gone:
        packet.replace_items(listed, gone, [])
    if isinstance(dimensions, dict):
        for side, value in (("w", how.made.width), ("h", how.made.height)):
            packet.set(f"{applied}/{kind.size}:{side}", str(value))


def _moved_area(area: Value | None, prefix: str, how: Move) -> dict[str, float] | None:
    """Give the new values of an area, a rectangle's, circle's or point's; None for one that is cut off."""
    x, y, width, height, across = (number(_field(area, f"{prefix}:{name}")) for name in "xywhd")
    if x is None or y is None:
        return {}
    if width is not None and height is not None:
        box = how.box((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        if box is None:
            return None
        left, top, right, bottom = box
        values = {"x": (left + right) / 2, "y": (top + bottom) / 2, "w": right - left, "h": bottom - top}
    else:
        point = how.point(x, y)
        if point is None:
            return None
        values = dict(zip("xy", point, strict=True))
        if across is not None:  # of the shorter side
            shorter = min(how.stored.width, how.stored.height) / min(how.made.width, how.made.height)
            values["d"] = min(1.0, across * how.scale(x, y) * (shorter if how.framing else 1.0))
    return {f"{prefix}:{name}": value for name, value in values.items()}


def _moved_boundary(region: Value, how: Move) -> Value | None:
    """Move a region of IPTC's; None for one that is cut off, or whose shape is not understood."""
    boundary = _field(region, _BOUNDARY)
    if not isinstance(boundary, dict):
        return region if isinstance(region, dict) else None
    vertices = _field(boundary, "Iptc4xmpExt:rbVertices")
    in_pixels = xmp.text(_field(boundary, "Iptc4xmpExt:rbUnit")) == "pixel"
    if isinstance(vertices, list):
        boundary = _moved_vertices(boundary, vertices, in_pixels, how)
    else:
        boundary = _moved_shape(boundary, in_pixels, how)
    return {**region, _BOUNDARY: boundary} if boundary else None


def _moved_vertices(boundary: dict, vertices: list, in_pixels: bool, how: Move) -> Value | None:
    """Move a polygon; what is cut off of it lies at the picture's edge."""
    (of_width, of_height), (across, down) = _units(in_pixels, how)
    places = [[number(_field(each, f"Iptc4xmpExt:rb{name}")) for name in "XY"] for each in vertices]
    if not places or any(None in place for place in places):
        return None
    points = [(x / of_width, y / of_height) for x, y in places]
    xs, ys = zip(*points, strict=True)
    if how.box((min(xs), min(ys), max(xs), max(ys))) is None:
        return None
    moved = [how.at(*point) for point in points]
    spelt = [
        {**vertex, "Iptc4xmpExt:rbX": _decimal(x * across), "Iptc4xmpExt:rbY": _decimal(y * down)}
        for vertex, (x, y) in zip(vertices, moved, strict=True)
    ]
    return {**boundary, "Iptc4xmpExt:rbVertices": spelt}


def _moved_shape(boundary: dict, in_pixels: bool, how: Move) -> Value | None:
    """Move a rectangle told by its corner, or a point, with or without a radius."""
    (of_width, of_height), (across, down) = _units(in_pixels, how)
    names = {name: f"Iptc4xmpExt:rb{name}" for name in ("X", "Y", "W", "H", "Rx")}
    x, y, width, height, radius = (number(_field(boundary, name)) for name in names.values())
    if x is None or y is None:
        return None
    x, y = x / of_width, y / of_height
    if width is not None and height is not None:
        box = how.box((x, y, x + width / of_width, y + height / of_height))
        if box is None:
            return None
        left, top, right, bottom = box
        values = {"X": left * across, "Y": top * down, "W": (right - left) * across, "H": (bottom - top) * down}
    else:
        point = how.point(x, y)
        if point is None:
            return None
        values = {"X": point[0] * across, "Y": point[1] * down}
        if radius is not None:  # of the width
            pixels = radius / of_width * how.stored.width * how.scale(x, y)
            values["Rx"] = pixels / how.made.width * across
    return {**boundary, **{names[name]: _decimal(value) for name, value in values.items()}}


def _units(in_pixels: bool, how: Move) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give what width and height are told in, of the picture as stored and as made."""
    if not in_pixels:
        return (1.0, 1.0), (1.0, 1.0)
    stored = (how.stored.width, how.stored.height)
    if how.framing:
        return stored, (how.made.width, how.made.height)
    return stored, stored[::-1] if how.stored.orientation >= 5 else stored


def _replace(
    packet: xmp.Packet,
    path: str,
    there: Sequence[Region | None],
    regions: Sequence[Region],
    name: str,
    spelt: Sequence[Value],
) -> None:
    """Bring up to date in an array those of faces and of the kinds of `regions`."""
    kinds = {FACE, *(each.kind for each in regions)}
    known = {place: each for place, each in enumerate(there) if each and each.kind in kinds}
    shares = [
        (old.name == new.name, _share(old.box, new.box), place, at)
        for place, old in known.items()
        for at, new in enumerate(regions)
        if old.kind == new.kind and (_is_near(old.box, new.box) or _share(old.box, new.box) >= _SAME)
    ]
    paired: dict[int, int] = {}
    for _, _, place, at in sorted(shares, key=lambda pair: pair[:2], reverse=True):
        if place not in paired and at not in paired.values():
            paired[place] = at
    for place, at in paired.items():
        if known[place].name != regions[at].name and regions[at].name:
            packet.set_in_item(path, place, name, regions[at].name)
    gone = [place for place, old in known.items() if place not in paired and old.name]
    packet.replace_items(path, gone, [each for at, each in enumerate(spelt) if at not in paired.values()])


def _frame(size: Value | None, stored: Stored, prefix: str = "stDim") -> Stored | None:
    """Tell in which picture regions are, where its size is told: the stored one, or the upright one.

    None for one that has another shape than both.
    """
    width, height = (number(_field(size, f"{prefix}:{side}")) for side in "wh")
    if not width or not height or _has_shape(width, height, stored):
        return stored
    upright = replace(stored, width=stored.height, height=stored.width, orientation=1)
    return upright if stored.orientation >= 5 and _has_shape(width, height, upright) else None


def _has_shape(width: float, height: float, stored: Stored) -> bool:
    return abs(width * stored.height / (height * stored.width) - 1) < 0.02


def _region(item: Value, stored: Stored) -> Region | None:
    """Read a region of the Metadata Working Group's; None for a point or a circle."""
    area = _field(item, "mwg-rs:Area")
    x, y, width, height = (number(_field(area, f"stArea:{name}")) for name in "xywh")
    if None in (x, y, width, height):
        return None
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    name, kind = (xmp.text(_field(item, f"mwg-rs:{each}")) for each in ("Name", "Type"))
    return _upright(name, box, kind or FACE, stored)


def _as_region(region: Region, stored: Stored) -> Value:
    left, top, right, bottom = _as_stored(region.box, stored)
    sides = {"x": (left + right) / 2, "y": (top + bottom) / 2, "w": right - left, "h": bottom - top}
    area = {f"stArea:{name}": _decimal(side) for name, side in sides.items()} | {"stArea:unit": "normalized"}
    name = {"mwg-rs:Name": region.name} if region.name else {}
    return {**name, "mwg-rs:Type": region.kind, "mwg-rs:Area": area}


def _rectangle(item: Value) -> Box | None:
    """Read where a region of Microsoft's is in the stored picture."""
    sides = [number(side) for side in xmp.text(_field(item, "MPReg:Rectangle")).split(",", 4)]
    if len(sides) != 4 or None in sides:
        return None
    left, top, width, height = sides
    return left, top, left + width, top + height


def _as_rectangle(box: Box) -> str:
    left, top, right, bottom = box
    return ", ".join(map(_decimal, (left, top, right - left, bottom - top)))


def _microsoft_region(item: Value, stored: Stored) -> Region | None:
    box = _rectangle(item)
    return _upright(xmp.text(_field(item, "MPReg:PersonDisplayName")), box, FACE, stored) if box else None


def _as_microsoft_region(region: Region, stored: Stored) -> Value:
    rectangle = _as_rectangle(_as_stored(region.box, stored))
    return {"MPReg:Rectangle": rectangle, **({"MPReg:PersonDisplayName": region.name} if region.name else {})}


def _upright(name: str, box: Box, kind: str, stored: Stored) -> Region | None:
    """Make a region of a box in the picture as it is stored; None for one outside of the picture."""
    inside = clipped(tuple(round(side, 6) for side in turned(box, stored.orientation)))
    return Region(name[:MAX_WORD], inside, kind[:MAX_WORD]) if inside else None


def _as_stored(box: Box, stored: Stored) -> Box:
    return turned(box, _BACK.get(stored.orientation, stored.orientation))


def turned(box: Box, orientation: int) -> Box:
    """Turn a box together with its picture, as EXIF's orientation asks for."""
    left, top, right, bottom = box
    if orientation in (2, 3, 7, 8):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 6, 7):
        top, bottom = 1 - bottom, 1 - top
    return (top, left, bottom, right) if orientation >= 5 else (left, top, right, bottom)


def clipped(box: Box) -> Box | None:
    """Cut off what lies outside of the photo; None for what lies wholly outside, or has no size."""
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in box)
    return (left, top, right, bottom) if left < right and top < bottom else None


def names(regions: Iterable[Region]) -> list[str]:
    """Give the names of faces."""
    return [each.name for each in regions if each.kind == FACE]


def _is_near(one: Box, other: Box) -> bool:
    return all(abs(a - b) <= _NEAR for a, b in zip(one, other, strict=True))


def _share(one: Box, other: Box) -> float:
    """Tell which share two boxes have in common, of what both cover."""
    width, height = (min(one[end], other[end]) - max(one[end - 2], other[end - 2]) for end in (2, 3))
    common = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return common / max(areas - common, 1e-12)


def _field(value: Value | None, name: str) -> Value | None:
    return value.get(name) if isinstance(value, dict) else None


def number(value: Value | None) -> float | None:
    """Read a number, of programs that write it with a comma, too; None for what is none."""
    try:
        found = float(xmp.text(value)[:MAX_WORD].replace(",", "."))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _decimal(value: float) -> str:
    return f"{value:.6f}"
