"""What is said of a photo, as other programs read and write it: tags, stars, title, people and where their faces are.

Tags are XMP's `dc:subject`, `lr:hierarchicalSubject` and IPTC's keywords; stars are `xmp:Rating`. People are IPTC's
`PersonInImage`, and regions those of the Metadata Working Group (its guidelines 2.0, section 5.9), or Microsoft's. What
a file was called before it was renamed is `xmpMM:PreservedFileName`.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

from envo import containers, metadata, names, photo, xmp
from envo.photo import Stored
from envo.xmp import Value

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in fractions of the width and height of the upright photo."""

LEVEL = "|"
"""What stands between the levels of a hierarchical tag: "Animals|Dog"."""

_FACE = "Face"
_LANGUAGE = "x-default"
_PEOPLE = "Iptc4xmpExt:PersonInImage"
_REGIONS, _LIST, _SIZE = "mwg-rs:Regions", "mwg-rs:RegionList", "mwg-rs:AppliedToDimensions"
_MICROSOFT_REGIONS, _MICROSOFT_LIST = "MP:RegionInfo", "MPRI:Regions"
_IPTC_KEYWORDS, _IPTC_TITLE = "Iptc.Application2.Keywords", "Iptc.Application2.ObjectName"
_EXIF_KEYWORDS, _EXIF_TITLE = "Exif.Image.XPKeywords", "Exif.Image.XPTitle"
_EXIF_RATING, _EXIF_PERCENT = "Exif.Image.Rating", "Exif.Image.RatingPercent"
_IPTC_LONGEST = 64
"""Bytes of an IPTC keyword or title."""
_PERCENTS = (0, 1, 25, 50, 75, 99)
"""What Microsoft writes for 0 to 5 stars."""
_NEAR = 0.002
"""Boxes whose sides are not farther apart, in fractions of the photo, are the same."""
_BACK = {6: 8, 8: 6}
"""The turns that undo EXIF's orientations; each of the others undoes itself."""


@dataclass(frozen=True)
class Region:
    """A part of a photo, by what it is of: "Face", or another kind of the Metadata Working Group's, such as "Pet".

    name: "" for one that is not known.
    """

    name: str
    box: Box
    kind: str = _FACE


@dataclass(frozen=True)
class Description:
    """What is said of a photo; None where nothing is said, which is not the same as saying that there is none.

    tags: keywords, hierarchical ones as "Animals|Dog". rating: 0 to 5 stars. people: names of all that are in the
    photo, those of faces among them. original_name: of the file, before it was renamed.
    """

    tags: tuple[str, ...] | None = None
    rating: int | None = None
    title: str | None = None
    people: tuple[str, ...] | None = None
    regions: tuple[Region, ...] | None = None
    original_name: str | None = None

    def over(self, other: "Description") -> "Description":
        """Say all that this one says, and where it says nothing, what the other one does."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(other, **{name: value for name, value in said.items() if value is not None})


@dataclass(frozen=True)
class Written:
    """A photo's file, its format as in `photo.Header`, the .xmp file to go beside it or None, and what went wrong.

    notes: whole sentences for the visitor.
    """

    data: bytes
    format: str
    sidecar: bytes | None
    notes: list[str]


def read(data: bytes, sidecar: bytes | None = None) -> Description:
    """Read what a photo's file says of it, and the .xmp file beside it, which counts for more.

    What is damaged says nothing. Raises UserError for what is no photo.
    """
    stored, blocks = photo.stored(data), metadata.blocks(data)
    said = _said(_packet(_packet_in(data, stored.format) or blocks.xmp), stored, blocks)
    return _said(_packet(sidecar), stored, metadata.Blocks()).over(said) if sidecar else said


def write(data: bytes, said: Description, sidecar: bytes | None = None) -> Written:
    """Write what is said of a photo into its file, JPEG, PNG, WebP or TIFF; else into an .xmp file to go beside it.

    sidecar: the .xmp file that there is; it is kept up to date. What other programs wrote stays, and so does every byte
    of the picture. A file that cannot be written into stays as it is, and gets an .xmp file. Raises UserError for
    what is no photo.
    """
    stored, said = photo.stored(data), _clean(said)
    made, notes = None, []
    if stored.format in containers.FORMATS:
        try:
            made = _within(data, stored, said)
            if metadata.is_damaged(data):
                notes.append("Some of what this file says, such as its EXIF, is damaged; it was left as it was.")
        except ValueError:
            notes.append("This file cannot be written into without harm; its tags are in the .xmp file beside it.")
    elif stored.format != "RAW":
        notes.append(f"{stored.format} files cannot be written into; its tags are in the .xmp file beside it.")
    if made and not sidecar:
        return Written(made, stored.format, None, notes)
    packet = _packet(sidecar)
    if sidecar and not packet:
        notes.append("The .xmp file that came with it was damaged; this is a new one.")
    packet = packet or xmp.Packet()
    _say(packet, said, stored)
    return Written(made or data, stored.format, bytes(packet), notes)


def _within(data: bytes, stored: Stored, said: Description) -> bytes:
    """Write into a file. Raises ValueError where that cannot be done without harm."""
    if said == Description():
        return data
    there = containers.packet_in(data, stored.format)
    packet = xmp.Packet(there) if there else xmp.Packet()
    _say(packet, said, stored)
    iptc, exif = {}, {}
    if said.tags is not None:
        flat = _flat(said.tags)
        iptc[_IPTC_KEYWORDS] = list(_unique(map(_shortened, flat)))
        exif[_EXIF_KEYWORDS] = ";".join(flat) or None
    if said.title is not None:
        iptc[_IPTC_TITLE] = _shortened(said.title)
        exif[_EXIF_TITLE] = said.title or None
    if said.rating is not None:
        exif[_EXIF_RATING], exif[_EXIF_PERCENT] = str(said.rating), str(_PERCENTS[said.rating])
    return containers.put(data, stored.format, bytes(packet), iptc, exif)


def _packet_in(data: bytes, format: str) -> bytes:
    """Find the XMP packet in a file, as it is; b"" where it cannot be had."""
    try:
        return containers.packet_in(data, format) if format in containers.FORMATS else b""
    except ValueError:
        return b""


def _packet(data: bytes | None) -> xmp.Packet | None:
    """Parse XMP; None where it is damaged, or there is none."""
    try:
        return xmp.Packet(data) if data else None
    except ValueError:
        return None


def _clean(said: Description) -> Description:
    """Make texts fit to be written, and leave out what is empty or said twice."""
    return Description(
        tags=None if said.tags is None else _unique(map(_clean_tag, said.tags)),
        rating=None if said.rating is None else min(5, max(0, said.rating)),
        title=None if said.title is None else names.printable(said.title),
        people=None if said.people is None else _unique(map(names.printable, said.people)),
        regions=None if said.regions is None else tuple(filter(None, map(_clean_region, said.regions))),
        original_name=None if said.original_name is None else names.printable(said.original_name),
    )


def _clean_tag(tag: str) -> str:
    return LEVEL.join(filter(None, map(names.printable, tag.split(LEVEL))))


def _clean_region(region: Region) -> Region | None:
    box = _clipped(region.box)
    return Region(names.printable(region.name), box, names.printable(region.kind) or _FACE) if box else None


def _said(packet: xmp.Packet | None, stored: Stored, blocks: metadata.Blocks) -> Description:
    """Read what a packet says, and where it says nothing, IPTC and EXIF."""
    told = packet.properties() if packet else {}
    hierarchical, flat = xmp.texts(told.get("lr:hierarchicalSubject")), xmp.texts(told.get("dc:subject"))
    short = {_shortened(tag) for tag in flat}
    flat += [tag for tag in xmp.texts(blocks.iptc.get(_IPTC_KEYWORDS)) if tag not in short]
    flat = flat or [tag.strip() for tag in xmp.text(blocks.exif.get(_EXIF_KEYWORDS)).split(";")]
    levels = set(_flat(hierarchical))
    regions = _regions(told, stored)
    titles = (_title(told), *xmp.texts(blocks.iptc.get(_IPTC_TITLE)), xmp.text(blocks.exif.get(_EXIF_TITLE)))
    return Description(
        tags=_unique([*hierarchical, *(tag for tag in flat if tag not in levels)]) or None,
        rating=_rating(told, blocks),
        title=next(filter(None, titles), None),
        people=_unique([*xmp.texts(told.get(_PEOPLE)), *_names(regions)]) or None,
        regions=tuple(regions) or None,
        original_name=xmp.text(told.get("xmpMM:PreservedFileName")) or None,
    )


def _say(packet: xmp.Packet, said: Description, stored: Stored) -> None:
    """Write into a packet what is said; what it says as well in some program's own way is changed there, too."""
    told = packet.properties()
    if said.tags is not None:
        flat = list(_flat(said.tags))
        packet.set("dc:subject", flat or None)
        packet.set("lr:hierarchicalSubject", list(said.tags) if any(LEVEL in tag for tag in said.tags) else None)
        if "MicrosoftPhoto:LastKeywordXMP" in told:
            packet.set("MicrosoftPhoto:LastKeywordXMP", flat or None)
        if "digiKam:TagsList" in told:
            packet.set("digiKam:TagsList", [tag.replace(LEVEL, "/") for tag in said.tags] or None, "rdf:Seq")
    # Others tell half stars, and by -1 that a photo is rejected: as long as the stars stay, so does that.
    if said.rating is not None and said.rating != (_stars(told.get("xmp:Rating")) or 0):
        packet.set("xmp:Rating", str(said.rating))
    if said.rating is not None and "MicrosoftPhoto:Rating" in told:
        packet.set("MicrosoftPhoto:Rating", str(_PERCENTS[said.rating]))
    if said.title is not None and said.title != _title(told):
        titles = told.get("dc:title")
        others = [each for each in titles if _language(each) != _LANGUAGE] if isinstance(titles, list) else []
        title = [{"xml:lang": _LANGUAGE, "rdf:value": said.title}, *others] if said.title else None
        packet.set("dc:title", title, "rdf:Alt")
    if said.regions is not None:
        _say_regions(packet, said.regions, stored)
    if said.people is not None or said.regions is not None:
        people = xmp.texts(told.get(_PEOPLE)) if said.people is None else said.people
        packet.set(_PEOPLE, list(_unique([*people, *_names(said.regions or ())])) or None)
    if said.original_name is not None:
        packet.set("xmpMM:PreservedFileName", said.original_name or None)


def _rating(told: dict[str, Value], blocks: metadata.Blocks) -> int | None:
    percent = _number(told.get("MicrosoftPhoto:Rating"))
    of_percent = None if percent is None else str(sum(percent >= least for least in _PERCENTS[1:]))
    stars = map(_stars, (told.get("xmp:Rating"), of_percent, blocks.exif.get(_EXIF_RATING)))
    return next((each for each in stars if each is not None), None)


def _stars(value: Value | None) -> int | None:
    number = _number(value)
    return None if number is None else int(min(5, max(0, number)))


def _title(told: dict[str, Value]) -> str:
    """Read the title, in the language that is for all who have none of the others."""
    titles = told.get("dc:title")
    if not isinstance(titles, list):
        return xmp.text(titles)
    return xmp.text(next((each for each in titles if _language(each) == _LANGUAGE), titles[0] if titles else None))


def _language(value: Value) -> str:
    return value.get("xml:lang", "") if isinstance(value, dict) else ""


def _flat(tags: Iterable[str]) -> tuple[str, ...]:
    """Give every level of every tag by itself."""
    return _unique(level for tag in tags for level in tag.split(LEVEL))


def _names(regions: Iterable[Region]) -> list[str]:
    return [each.name for each in regions if each.kind == _FACE]


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Leave out what is empty, or was there before."""
    return tuple(dict.fromkeys(filter(None, texts)))


def _shortened(text: str) -> str:
    """Cut a text to what fits into IPTC as UTF-8, between characters."""
    return text.encode()[:_IPTC_LONGEST].decode(errors="ignore").strip()


def _regions(told: dict[str, Value], stored: Stored) -> list[Region]:
    """Read all regions; those that were made before the picture got another shape are none any more."""
    listed, size = (_field(told.get(_REGIONS), name) for name in (_LIST, _SIZE))
    items = listed if isinstance(listed, list) and _fits(size, stored) else []
    regions = [each for each in (_region(item, stored) for item in items) if each]
    listed = _field(told.get(_MICROSOFT_REGIONS), _MICROSOFT_LIST)
    for item in listed if isinstance(listed, list) else []:
        other = _microsoft_region(item, stored)
        if other and not any(_is_near(other.box, each.box) for each in regions):
            regions.append(other)
    return regions


def _say_regions(packet: xmp.Packet, regions: Sequence[Region], stored: Stored) -> None:
    """Write regions in place of those that could be read, of faces and of their kinds; others stay."""
    path = f"{_REGIONS}/{_LIST}"
    if isinstance(packet.get(path), list) and _fits(packet.get(f"{_REGIONS}/{_SIZE}"), stored):
        _replace_regions(packet, path, regions, stored, _region, _as_region)
        if not packet.get(path):
            packet.set(_REGIONS, None)
    elif regions:
        size = {"stDim:w": str(stored.width), "stDim:h": str(stored.height), "stDim:unit": "pixel"}
        packet.set(_REGIONS, {_SIZE: size, _LIST: [_as_region(each, stored) for each in regions]})
    path = f"{_MICROSOFT_REGIONS}/{_MICROSOFT_LIST}"
    if isinstance(packet.get(path), list):
        faces = [each for each in regions if each.kind == _FACE]
        _replace_regions(packet, path, faces, stored, _microsoft_region, _as_microsoft_region)


def _replace_regions(
    packet: xmp.Packet,
    path: str,
    regions: Sequence[Region],
    stored: Stored,
    parse: Callable[[Value, Stored], Region | None],
    spell: Callable[[Region, Stored], Value],
) -> None:
    """Replace in an array those of faces and of the kinds of `regions`; what is the same stays as it is spelt."""
    new, kinds, gone = list(regions), {_FACE, *(each.kind for each in regions)}, []
    for place, item in enumerate(packet.get(path)):
        old = parse(item, stored)
        if old and old.kind in kinds:
            same = next((each for each in new if _is_same(each, old)), None)
            if same:
                new.remove(same)
            else:
                gone.append(place)
    packet.replace_items(path, gone, [spell(each, stored) for each in new])


def _fits(size: Value | None, stored: Stored) -> bool:
    """Tell whether the picture that regions were made for has this one's shape, where its size is told."""
    width, height = (_number(_field(size, name)) for name in ("stDim:w", "stDim:h"))
    return not width or not height or abs(width * stored.height / (height * stored.width) - 1) < 0.02


def _region(item: Value, stored: Stored) -> Region | None:
    """Read a region of the Metadata Working Group's; None for a point or a circle."""
    area = _field(item, "mwg-rs:Area")
    x, y, width, height = (_number(_field(area, f"stArea:{name}")) for name in "xywh")
    if None in (x, y, width, height):
        return None
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    name, kind = (xmp.text(_field(item, f"mwg-rs:{each}")) for each in ("Name", "Type"))
    return _upright(name, box, kind or _FACE, stored)


def _as_region(region: Region, stored: Stored) -> Value:
    left, top, right, bottom = _as_stored(region.box, stored)
    sides = {"x": (left + right) / 2, "y": (top + bottom) / 2, "w": right - left, "h": bottom - top}
    area = {f"stArea:{name}": _decimal(side) for name, side in sides.items()} | {"stArea:unit": "normalized"}
    name = {"mwg-rs:Name": region.name} if region.name else {}
    return {**name, "mwg-rs:Type": region.kind, "mwg-rs:Area": area}


def _microsoft_region(item: Value, stored: Stored) -> Region | None:
    sides = [_number(side) for side in xmp.text(_field(item, "MPReg:Rectangle")).split(",")]
    if len(sides) != 4 or None in sides:
        return None
    left, top, width, height = sides
    box = (left, top, left + width, top + height)
    return _upright(xmp.text(_field(item, "MPReg:PersonDisplayName")), box, _FACE, stored)


def _as_microsoft_region(region: Region, stored: Stored) -> Value:
    left, top, right, bottom = _as_stored(region.box, stored)
    rectangle = ", ".join(map(_decimal, (left, top, right - left, bottom - top)))
    return {"MPReg:Rectangle": rectangle, **({"MPReg:PersonDisplayName": region.name} if region.name else {})}


def _upright(name: str, box: Box, kind: str, stored: Stored) -> Region | None:
    """Make a region of a box in the picture as it is stored; None for one outside of the picture."""
    clipped = _clipped(tuple(round(side, 6) for side in _turned(box, stored.orientation)))
    return Region(name, clipped, kind) if clipped else None


def _as_stored(box: Box, stored: Stored) -> Box:
    return _turned(box, _BACK.get(stored.orientation, stored.orientation))


def _turned(box: Box, orientation: int) -> Box:
    """Turn a box together with its picture, as EXIF's orientation asks for."""
    left, top, right, bottom = box
    if orientation in (2, 3, 7, 8):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 6, 7):
        top, bottom = 1 - bottom, 1 - top
    return (top, left, bottom, right) if orientation >= 5 else (left, top, right, bottom)


def _clipped(box: Box) -> Box | None:
    """Cut off what lies outside of the photo; None for what lies wholly outside, or has no size."""
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in box)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _is_same(one: Region, other: Region) -> bool:
    return (one.name, one.kind) == (other.name, other.kind) and _is_near(one.box, other.box)


def _is_near(one: Box, other: Box) -> bool:
    return all(abs(a - b) <= _NEAR for a, b in zip(one, other, strict=True))


def _field(value: Value | None, name: str) -> Value | None:
    return value.get(name) if isinstance(value, dict) else None


def _number(value: Value | None) -> float | None:
    """Read a number, of programs that write it with a comma, too; None for what is none."""
    try:
        number = float(xmp.text(value).replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _decimal(number: float) -> str:
    return f"{number:.6f}"
