"""What is said of a photo, as other programs read and write it: tags, stars, title, people and where their faces are.

Tags are XMP's `dc:subject`, `lr:hierarchicalSubject` and IPTC's keywords; stars are `xmp:Rating`. People are IPTC's
`PersonInImage`; where they are is in `envo.regions`. What a file was called before it was renamed is
`xmpMM:PreservedFileName`. What a file says is read within the limits of `envo.settings`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from envo import containers, metadata, names, regions, xmp
from envo.file import PhotoFile
from envo.photo import Stored
from envo.regions import Box, Region
from envo.settings import MAX_LEVELS, MAX_PEOPLE, MAX_SIDECAR_BYTES, MAX_TAGS, MAX_WORD
from envo.xmp import Value

__all__ = ["Box", "Region"]

LEVEL = "|"
"""What stands between the levels of a hierarchical tag: "Animals|Dog"."""

_LANGUAGE = "x-default"
_PEOPLE = "Iptc4xmpExt:PersonInImage"
_IPTC_KEYWORDS, _IPTC_TITLE = "Iptc.Application2.Keywords", "Iptc.Application2.ObjectName"
_EXIF_KEYWORDS, _EXIF_TITLE = "Exif.Image.XPKeywords", "Exif.Image.XPTitle"
_EXIF_RATING = "Exif.Image.Rating"
_IPTC_LONGEST = 64
"""Bytes of an IPTC keyword or title."""
_PERCENTS = (0, 1, 25, 50, 75, 99)
"""What Microsoft writes for 0 to 5 stars."""


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


def read(file: PhotoFile) -> Description:
    """Read what a photo's file says of it, and the .xmp file beside it, which counts for more.

    What is damaged, or more than is read, says nothing. Raises UserError for what is no photo.
    """
    stored = file.stored
    there = told(_packet(packet_in(file)), stored, file.blocks)[0]
    return told(parsed_sidecar(file.sidecar), stored, metadata.Blocks())[0].over(there)


def write(file: PhotoFile, said: Description) -> Written:
    """Write what is said of a photo into its file, JPEG, PNG, WebP or TIFF; else into an .xmp file to go beside it.

    An .xmp file that there is, is kept up to date. What says the same stays as it is spelt, what other programs wrote
    stays, and so does every byte of the picture. A file that cannot be written into stays as it is, and gets an .xmp
    file. Raises UserError for what is no photo.
    """
    stored, sidecar = file.stored, file.sidecar
    made, notes = None, []
    if stored.format in containers.FORMATS:
        try:
            made, left = _within(file, said)
            notes += told_of(left)
            if file.is_damaged:
                notes.append("Some of what this file says, such as its EXIF, is damaged; it was left as it was.")
        except ValueError:
            notes.append("This file cannot be written into without harm; its tags are in the .xmp file beside it.")
    elif stored.format != "RAW":
        notes.append(f"{stored.format} files cannot be written into; its tags are in the .xmp file beside it.")
    if made and not sidecar:
        return Written(made, stored.format, None, notes)
    packet = parsed_sidecar(sidecar)
    if sidecar and not packet:
        notes.append("The .xmp file that came with it was damaged; this is a new one.")
    packet = packet or xmp.Packet()
    there, left = told(packet, stored, metadata.Blocks())
    try:
        say(packet, changed(said, there), there, stored)
    except ValueError:
        notes.append("The .xmp file that came with it contradicts itself; this is a new one.")
        packet = xmp.Packet()
        say(packet, _clean(said), Description(), stored)
    return Written(made or file.data, stored.format, bytes(packet), [*notes, *told_of(left)])


def packet_in(file: PhotoFile) -> bytes:
    """Find the XMP packet in a file, as it is; b"" where there is none, or it cannot be had."""
    try:
        return file.xmp
    except ValueError:
        return b""


def iptc_and_exif(said: Description, flat: Iterable[str]) -> tuple[metadata.Iptc, metadata.Exif]:
    """Spell what is said as fields of IPTC, and of EXIF.

    flat: the tags by themselves, in the order in which they are to be written.
    """
    iptc, exif = {}, {}
    if said.tags is not None:
        flat = list(flat)
        iptc[_IPTC_KEYWORDS] = list(_unique(map(_shortened, flat)))
        exif["XPKeywords"] = _wide(";".join(flat))
    if said.title is not None:
        iptc[_IPTC_TITLE] = _shortened(said.title)
        exif["XPTitle"] = _wide(said.title)
    if said.rating is not None:
        exif["Rating"], exif["RatingPercent"] = said.rating, _PERCENTS[said.rating]
    return iptc, exif


def _within(file: PhotoFile, said: Description) -> tuple[bytes, set[str]]:
    """Write into a file; gives it, and what there is more of in it than is read.

    Raises ValueError where that cannot be done without harm.
    """
    stored, blocks = file.stored, file.blocks
    packet = xmp.Packet(file.xmp) if file.xmp else xmp.Packet()
    if not packet.is_whole:
        raise ValueError("this XMP is broken")
    if stored.format == "TIFF" and blocks.left:
        raise ValueError("Exiv2 would take long to write into this TIFF")
    there, left = told(packet, stored, blocks)
    said = changed(said, there)
    if said == Description():
        return file.data, left
    flat = say(packet, said, there, stored)
    return containers.put(file.data, stored.format, bytes(packet), *iptc_and_exif(said, flat)), left


def changed(said: Description, there: Description) -> Description:
    """Leave out what is said already, in whatever letters; regions are compared one by one where they are written.

    Tags are spelt as there, where that is another way of spelling the same; texts are made fit to be written.
    """
    said = _clean(said)
    if said.tags is not None:
        spelt = {names.folded(tag): tag for tag in there.tags or ()}
        said = replace(said, tags=_unique(spelt.get(names.folded(tag), tag) for tag in said.tags))
    same = {
        "tags": _folded(said.tags) == _folded(there.tags),
        "rating": (said.rating or 0) == (there.rating or 0),
        "title": (said.title or "") == (there.title or ""),
        "people": _folded(said.people) == _folded(there.people),
        "regions": not said.regions and not there.regions,
        "original_name": (said.original_name or "") == (there.original_name or ""),
    }
    return replace(said, **{name: None for name, is_same in same.items() if is_same})


def _folded(words: Iterable[str] | None) -> set[str]:
    return set(map(names.folded, words or ()))


def told_of(left: set[str]) -> list[str]:
    """Tell what there is more of in a file than is read."""
    if not left:
        return []
    return [f"This file says more than Envo reads; not all of its {' and '.join(sorted(left))} were taken over."]


def _packet(data: bytes | None) -> xmp.Packet | None:
    """Parse XMP; None where it is damaged, or there is none."""
    try:
        return xmp.Packet(data) if data else None
    except ValueError:
        return None


def parsed_sidecar(data: bytes | None) -> xmp.Packet | None:
    """Parse an .xmp file; None where it is damaged, too large, or there is none."""
    return _packet(data) if data and len(data) <= MAX_SIDECAR_BYTES else None


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
    box = regions.clipped(region.box)
    return Region(names.printable(region.name), box, names.printable(region.kind) or regions.FACE) if box else None


def told(packet: xmp.Packet | None, stored: Stored, blocks: metadata.Blocks) -> tuple[Description, set[str]]:
    """Read what a packet says, and where it says nothing, IPTC and EXIF; tells also of what there is more."""
    packet, left = packet or xmp.Packet(), set()
    hierarchical, flat = xmp.texts(packet.get("lr:hierarchicalSubject")), xmp.texts(packet.get("dc:subject"))
    if len(hierarchical) + len(flat) > MAX_TAGS:
        left.add("tags")
    hierarchical, flat = ([_tag(each, left) for each in some[:MAX_TAGS]] for some in (hierarchical, flat))
    short = {_shortened(tag) for tag in flat}
    flat += [_tag(tag, left) for tag in xmp.texts(blocks.iptc.get(_IPTC_KEYWORDS))[:MAX_TAGS] if tag not in short]
    if not flat:
        flat = [_tag(tag.strip(), left) for tag in xmp.text(blocks.exif.get(_EXIF_KEYWORDS)).split(";", MAX_TAGS)]
    levels = set(_flat(hierarchical))
    tags = _unique([*hierarchical, *(tag for tag in flat if tag not in levels)])
    titles = (_title(packet), *xmp.texts(blocks.iptc.get(_IPTC_TITLE)), xmp.text(blocks.exif.get(_EXIF_TITLE)))
    placed, has_more = regions.read(packet, stored)
    named = xmp.texts(packet.get(_PEOPLE))
    people = _unique([*(name[:MAX_WORD] for name in named[:MAX_PEOPLE]), *regions.names(placed)])
    if has_more or len(named) > MAX_PEOPLE:
        left.add("people")
    return Description(
        tags=tags[:MAX_TAGS] or None,
        rating=_rating(packet, blocks),
        title=next(filter(None, titles), "")[:MAX_WORD] or None,
        people=people or None,
        regions=tuple(placed) or None,
        original_name=xmp.text(packet.get("xmpMM:PreservedFileName"))[:MAX_WORD] or None,
    ), left


def _tag(tag: str, left: set[str]) -> str:
    """Cut a tag to what is read of it."""
    levels = tag[: MAX_LEVELS * (MAX_WORD + 1)].split(LEVEL)[:MAX_LEVELS]
    cut = LEVEL.join(level[:MAX_WORD] for level in levels)
    if cut != tag:
        left.add("tags")
    return cut


def say(packet: xmp.Packet, said: Description, there: Description, stored: Stored) -> list[str]:
    """Write into a packet what is said; what it says as well in some program's own way is changed there, too.

    there: what the file said until now. Gives the tags by themselves, as they are written.
    """
    flat = _flat_after(xmp.texts(packet.get("dc:subject")), said, there) if said.tags is not None else []
    if said.tags is not None:
        packet.set("dc:subject", flat or None)
        packet.set("lr:hierarchicalSubject", list(said.tags) if any(LEVEL in tag for tag in said.tags) else None)
        if packet.get("MicrosoftPhoto:LastKeywordXMP") is not None:
            packet.set("MicrosoftPhoto:LastKeywordXMP", flat or None)
        if packet.get("digiKam:TagsList") is not None:
            packet.set("digiKam:TagsList", [tag.replace(LEVEL, "/") for tag in said.tags] or None, "rdf:Seq")
    # Others tell half stars, and by -1 that a photo is rejected: as long as the stars stay, so does that.
    if said.rating is not None and said.rating != (_stars(packet.get("xmp:Rating")) or 0):
        packet.set("xmp:Rating", str(said.rating))
    if said.rating is not None and packet.get("MicrosoftPhoto:Rating") is not None:
        packet.set("MicrosoftPhoto:Rating", str(_PERCENTS[said.rating]))
    if said.title is not None and said.title != _title(packet):
        titles = packet.get("dc:title")
        others = [each for each in titles if _language(each) != _LANGUAGE] if isinstance(titles, list) else []
        title = [{"xml:lang": _LANGUAGE, "rdf:value": said.title}, *others] if said.title else None
        packet.set("dc:title", title, "rdf:Alt")
    if said.regions is not None:
        regions.say(packet, said.regions, stored)
    if said.people is not None:
        packet.set(_PEOPLE, list(_unique([*said.people, *regions.names(said.regions or ())])) or None)
    if said.original_name is not None:
        packet.set("xmpMM:PreservedFileName", said.original_name or None)
    return flat


def _flat_after(flat: Iterable[str], said: Description, there: Description) -> list[str]:
    """Give each tag by itself: those that are written so already and still said, and every level of the others."""
    levels, known = _folded(_flat(said.tags)), set(there.tags or ())
    kept = [tag for tag in flat if names.folded(tag) in levels]
    new, are_there = _flat(tag for tag in said.tags if tag not in known or LEVEL not in tag), _folded(kept)
    return list(_unique([*kept, *(tag for tag in new if names.folded(tag) not in are_there)]))


def _rating(packet: xmp.Packet, blocks: metadata.Blocks) -> int | None:
    percent = regions.number(packet.get("MicrosoftPhoto:Rating"))
    of_percent = None if percent is None else str(sum(percent >= least for least in _PERCENTS[1:]))
    stars = map(_stars, (packet.get("xmp:Rating"), of_percent, blocks.exif.get(_EXIF_RATING)))
    return next((each for each in stars if each is not None), None)


def _stars(value: Value | None) -> int | None:
    number = regions.number(value)
    return None if number is None else int(min(5, max(0, number)))


def _title(packet: xmp.Packet) -> str:
    """Read the title, in the language that is for all who have none of the others."""
    titles = packet.get("dc:title")
    if not isinstance(titles, list):
        return xmp.text(titles)
    return xmp.text(next((each for each in titles if _language(each) == _LANGUAGE), titles[0] if titles else None))


def _language(value: Value) -> str:
    return value.get("xml:lang", "") if isinstance(value, dict) else ""


def _flat(tags: Iterable[str]) -> tuple[str, ...]:
    """Give every level of every tag by itself."""
    return _unique(level for tag in tags for level in tag.split(LEVEL))


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Leave out what is empty, or was there before."""
    return tuple(dict.fromkeys(filter(None, texts)))


def _wide(text: str) -> bytes | None:
    """Spell a text as Windows does in EXIF; None for an empty one."""
    return text.encode("utf-16-le", "ignore") + b"\0\0" if text else None


def _shortened(text: str) -> str:
    """Cut a text to what fits into IPTC as UTF-8, between characters."""
    return text.encode()[:_IPTC_LONGEST].decode(errors="ignore").strip()
