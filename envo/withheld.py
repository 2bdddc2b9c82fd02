"""What an exported file does not tell where its owner wishes so: the place, or all but whose photo it is."""

import re

from envo import metadata, xmp
from envo.exif import Block
from envo.metadata import Blocks, Iptc

_PLACE = re.compile(
    r"gps|latitude|longt?itude|altitude|shotlocation|location(created|shown)?$|^(sub)?city$|^state$|^province|^country",
    re.IGNORECASE,
)
"""Properties that tell a place, of whatever namespace: EXIF's, IPTC's, those of drones and of programs."""
_IPTC_PLACES = ("City", "SubLocation", "ProvinceState", "CountryCode", "CountryName", "LocationCode", "LocationName")
_IN_PICTURE = "SubjectLocation"
"""Tells where in the picture something is."""

_RIGHTS = {
    xmp.NAMESPACES["dc"]: {"rights", "creator"},
    xmp.NAMESPACES["photoshop"]: {"Credit"},
}
_RIGHTS_ALL = "http://ns.adobe.com/xap/1.0/rights/"
_IPTC_RIGHTS = tuple(f"Iptc.Application2.{name}" for name in ("Byline", "Copyright", "Credit"))
_EXIF_RIGHTS = ("Exif.Image.Artist", "Exif.Image.Copyright")


def place(block: bytes | None, packet: xmp.Packet, iptc: Iptc) -> tuple[bytes | None, Iptc]:
    """Take where a photo was taken out of a packet, and give its EXIF and IPTC without.

    The maker note goes, too: those of some cameras tell the city, and nobody can read them all.
    """
    packet.drop(lambda uri, name: bool(_PLACE.search(name)) and name != _IN_PICTURE)
    kept = {key: value for key, value in iptc.items() if key.rsplit(".", 1)[1] not in _IPTC_PLACES}
    if block is None:
        return None, kept
    made = Block(block)
    made.drop_place()
    made.set("MakerNote", None)
    return bytes(made), kept


def all_but_rights(packet: xmp.Packet, blocks: Blocks) -> tuple[bytes | None, Iptc]:
    """Leave in a packet who made a photo, whose it is, and to whom credit goes; give its EXIF and IPTC with no more."""
    packet.drop(lambda uri, name: uri != _RIGHTS_ALL and name not in _RIGHTS.get(uri, ()))
    block = metadata.exif_of_fields({name: blocks.exif[name] for name in _EXIF_RIGHTS if blocks.exif.get(name)})
    return block, {name: blocks.iptc[name] for name in _IPTC_RIGHTS if blocks.iptc.get(name)}
