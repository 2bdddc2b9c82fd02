"""XMP packets: their properties as Python values, and changes that leave all else in a packet as it was.

XMP is written as RDF in XML (ISO 16684-1), which spells the same thing in several ways; all are read.
"""

import codecs
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING

from envo.settings import MAX_XMP_BYTES, MAX_XMP_DEPTH, MAX_XMP_ITEMS, MAX_XMP_PARTS

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

Value = str | list["Value"] | dict[str, "Value"]
"""A text, an array, or a structure by the names of its fields.

What is said of a value besides is a structure, too: the value is its "rdf:value", and its language its "xml:lang".
"""

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "crs": "http://ns.adobe.com/camera-raw-settings/1.0/",
    "acdsee-rs": "http://ns.acdsee.com/regions/",
    "acdsee-stArea": "http://ns.acdsee.com/sType/Area#",
    "acdsee-stDim": "http://ns.acdsee.com/sType/Dimensions#",
}
"""Prefixes that names of properties and fields may have; those of other namespaces are in Clark's notation."""

_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}
_ARRAYS = ("rdf:Bag", "rdf:Seq", "rdf:Alt")
_NEW = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    f'<x:xmpmeta xmlns:x="{NAMESPACES["x"]}"><rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}">'
    '<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>\n'
    '<?xpacket end="w"?>'
).encode()


class Packet:
    """A packet, or an .xmp file. Paths are names of a property and of fields in it: "mwg-rs:Regions/mwg-rs:Name"."""

    def __init__(self, data: bytes = _NEW):
        """Parse one, or begin one. Raises ValueError for what is no XMP, or more than is read.

        What is not in its encoding is taken for what Windows wrote; of what is broken, `is_whole` being False then, all
        is read that can be.
        """
        from lxml import etree

        text, self._is_declared = _decoded(data)
        source = text.encode()
        parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
        try:
            root, self.is_whole = etree.fromstring(source, parser), True
        except etree.XMLSyntaxError:
            root, self.is_whole = _rescued(source), False
        rdf = next(root.iter(_clark("rdf:RDF")), None)
        if rdf is None:
            raise ValueError("this is XML, but not XMP")
        self._tree, self._rdf = root.getroottree(), rdf
        if len(self._descriptions()) > MAX_XMP_ITEMS:
            raise ValueError("this XMP has too many parts")

    def __bytes__(self) -> bytes:
        from lxml import etree

        return etree.tostring(self._tree, encoding="UTF-8", xml_declaration=self._is_declared)

    def _descriptions(self) -> list["Element"]:
        return self._rdf.findall(_clark("rdf:Description"))

    def properties(self) -> dict[str, Value]:
        """Read all of them, within limits."""
        properties = {}
        for description in self._descriptions():
            properties |= _fields(description)
        return properties

    def get(self, path: str) -> Value | None:
        """Read a property, or a field of one."""
        name, *fields = path.split("/")
        value = None
        for description in self._descriptions():
            value = description.get(_clark(name), value)
            for element in description.findall(_clark(name)):
                value = _value(element)
        for field in fields:
            value = value.get(field) if isinstance(value, dict) else None
        return value

    def set(self, path: str, value: Value | None, array: str = "rdf:Bag") -> None:
        """Set a property, or a field of a property that is there; None takes it away.

        array: what arrays are: "rdf:Bag" is unordered, "rdf:Seq" ordered, "rdf:Alt" a choice.
        """
        if self.get(path) == value:
            return
        *above, name = path.split("/")
        places = [_structure(self._element(above))] if above else self._descriptions()
        for place in places:
            place.attrib.pop(_clark(name), None)
            for old in place.findall(_clark(name)):
                place.remove(old)
        if value is not None:
            place = places[0] if places else _add(self._rdf, "rdf:Description")
            _fill(_add(place, name), value, array)

    def replace_items(self, path: str, gone: Collection[int], new: Sequence[Value]) -> None:
        """Take items, by their places, out of an array that is there, and append others."""
        array = _array(self._element(path.split("/")))
        for place, item in enumerate(array.findall(_clark("rdf:li"))):
            if place in gone:
                array.remove(item)
        for value in new:
            _fill(_add(array, "rdf:li"), value, "rdf:Bag")

    def set_in_item(self, path: str, place: int, field: str, value: str) -> None:
        """Set a field, "mwg-rs:Area/stArea:x", of one of the items of an array that is there, and leave all else."""
        element = _array(self._element(path.split("/"))).findall(_clark("rdf:li"))[place]
        *above, name = field.split("/")
        for each in above:
            element = _last(_holder(element), each)
        holder = _holder(element)
        there = next(iter(holder.findall(_clark(name))[-1:]), None)
        if _clark(name) in holder.attrib:
            holder.set(_clark(name), value)
        elif there is not None:
            there.text = value
        else:
            _add(_structure(element), name).text = value

    def drop(self, is_gone: Callable[[str, str], bool]) -> None:
        """Take away all properties of which that is true; it is given their namespace and name."""
        for description in self._descriptions():
            for name in list(description.attrib):
                if not _is_syntax(name) and is_gone(*_split(name)):
                    del description.attrib[name]
            for child in list(description):
                if isinstance(child.tag, str) and is_gone(*_split(child.tag)):
                    description.remove(child)

    def sizes(self) -> dict[str, int]:
        """Tell how many bytes each property takes, about, by names that `set` takes."""
        from lxml import etree

        sizes: dict[str, int] = {}
        for description in self._descriptions():
            told = {_short(name): len(value) for name, value in description.attrib.items() if not _is_syntax(name)}
            for child in description:
                if isinstance(child.tag, str):
                    told[_short(child.tag)] = len(etree.tostring(child, encoding="UTF-8"))
            sizes |= told
        return sizes

    def take_over(self, other: "Packet") -> None:
        """Take over all properties of another packet, in place of those of the same names."""
        names = set(other.sizes())
        self.drop(lambda uri, name: short(uri, name) in names)
        for description in other._descriptions():
            self._rdf.append(deepcopy(description))

    def _element(self, path: list[str]) -> "Element":
        """Find a property or field that is an element of its own, as all arrays and structures are.

        Of several of one name the last one counts, here as in `get`. Raises ValueError where `get` reads another one.
        """
        name, *fields = path
        found = [each for description in self._descriptions() for each in description.findall(_clark(name))]
        if not found:
            raise ValueError("this XMP contradicts itself")
        element = found[-1]
        for field in fields:
            element = _last(_structure(element), field)
        return element


def properties(data: bytes) -> dict[str, Value]:
    """Read all properties of a packet. Raises ValueError for what is no XMP."""
    return Packet(data).properties()


def plain(namespaces: Mapping[str, str], attributes: Mapping[str, str], elements: str = "") -> bytes:
    """Write a packet in the one spelling that readers know which do not read XML: properties as attributes.

    namespaces: by their prefixes. elements: XML of properties that cannot be attributes.
    """
    known = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in namespaces.items())
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return _NEW.replace(
        b'<rdf:Description rdf:about=""/>',
        (f'<rdf:Description rdf:about=""{known}{said}>{elements}</rdf:Description>').encode(),
    )


def text(value: Value | None) -> str:
    """Give a value's text, whatever is said of it besides; "" for what has none."""
    if isinstance(value, dict):
        value = value.get("rdf:value")
    return value.strip() if isinstance(value, str) else ""


def texts(value: Value | None) -> list[str]:
    """Give the texts of an array, or the one of a single value; those that say nothing are left out."""
    found = [text(each) for each in (value if isinstance(value, list) else [value])]
    return [each for each in found if each]


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("envo-windows", _as_windows)

_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"\s*<\?xml\s[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));")
"""References to characters that XML forbids."""


def _decoded(data: bytes) -> tuple[str, bool]:
    """Decode XMP, without the declaration of XML and what XML forbids, and tell whether it had one.

    Raises ValueError for what is more than is read, or brings definitions of its own, which XMP has not.
    """
    # TIFF and others pad it; in UTF-16, zeros are half of most characters.
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    data = data if is_wide else data.removeprefix(b"\xef\xbb\xbf").strip(b"\0\t\n\r ")
    if len(data) > MAX_XMP_BYTES:
        raise ValueError("this XMP is too large")
    told = _ENCODING.match(data)
    try:
        encoding = "utf-16" if is_wide else codecs.lookup(told[1].decode()).name if told else "utf-8"
        text = data.decode(encoding, "replace" if is_wide else "envo-windows")
    except (LookupError, UnicodeError):
        text = data.decode("utf-8", "envo-windows")
    text = _REFERENCE.sub("", _FORBIDDEN.sub("", text))
    if text.count("<") > MAX_XMP_PARTS:
        raise ValueError("this XMP has too many parts")
    if "<!DOCTYPE" in text:
        raise ValueError("this XML brings definitions, so it is not XMP")
    declaration = _DECLARATION.match(text)
    return (text[declaration.end() :] if declaration else text), declaration is not None


def _rescued(source: bytes) -> "Element":
    """Parse what can be read of broken XML. Raises ValueError where that is nothing."""
    from lxml import etree

    try:
        root = etree.fromstring(
            source, etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, recover=True)
        )
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise ValueError("this is not XML")
    return root


def short(uri: str, name: str) -> str:
    """Spell a name with the prefix of its namespace, where that is one of `NAMESPACES`; else in Clark's notation."""
    return _short(f"{{{uri}}}{name}")


def _split(tag: str) -> tuple[str, str]:
    """Split a name of lxml's into its namespace and the name in it."""
    uri, _, name = tag.removeprefix("{").rpartition("}")
    return uri, name


def _clark(name: str) -> str:
    """Spell a name as lxml does: {namespace}name."""
    prefix, colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon and prefix in NAMESPACES else name


def _short(tag: str) -> str:
    """Spell a name of lxml's with a prefix, where it has one."""
    uri, _, local = tag[1:].partition("}")
    return f"{_PREFIXES[uri]}:{local}" if uri in _PREFIXES else tag


def _value(element: "Element", depth: int = 0) -> Value:
    """Read what an element holds; what lies too deep is not read."""
    if depth > MAX_XMP_DEPTH:
        return ""
    inner = [child for child in islice(element, MAX_XMP_ITEMS) if isinstance(child.tag, str)]
    first = _short(inner[0].tag) if inner else ""
    if first in _ARRAYS:
        items = islice(inner[0].iterchildren(_clark("rdf:li")), MAX_XMP_ITEMS)
        value = [_value(item, depth + 1) for item in items]
    elif first == "rdf:Description":
        value = _fields(inner[0], depth)
    elif fields := _fields(element, depth):
        value = fields
    elif element.get(_clark("rdf:parseType")) == "Resource":
        value = {}
    else:
        value = element.get(_clark("rdf:resource"), element.text or "")
    language = element.get(_clark("xml:lang"))
    return {"xml:lang": language, "rdf:value": value} if language else value


def _fields(element: "Element", depth: int = 0) -> dict[str, Value]:
    """Read the fields of a structure, which are attributes or elements."""
    fields = {_short(name): value for name, value in element.attrib.items() if not _is_syntax(name)}
    inner = [child for child in islice(element, MAX_XMP_ITEMS) if isinstance(child.tag, str)]
    return fields | {_short(child.tag): _value(child, depth + 1) for child in inner}


def _is_syntax(attribute: str) -> bool:
    """Tell attributes that belong to RDF or XML from those that are fields."""
    name = _short(attribute)
    return not attribute.startswith("{") or (name.startswith(("rdf:", "xml:")) and name != "rdf:value")


def _holder(element: "Element") -> "Element":
    """Find the element whose attributes and elements are the fields of the structure that one holds."""
    inner = element.find(_clark("rdf:Description"))
    return element if inner is None else inner


def _last(holder: "Element", name: str) -> "Element":
    """Find a field that is an element; of several of one name, the last one. Raises ValueError where there is none."""
    found = holder.findall(_clark(name))
    if not found:
        raise ValueError("this XMP contradicts itself")
    return found[-1]


def _array(element: "Element") -> "Element":
    """Find the array that an element holds. Raises ValueError where there is none."""
    inner = next((child for child in element if isinstance(child.tag, str)), None)
    if inner is None or _short(inner.tag) not in _ARRAYS:
        raise ValueError("this XMP contradicts itself")
    return inner


def _structure(element: "Element") -> "Element":
    """Find the element that can be given fields, where one holds a structure."""
    inner = element.find(_clark("rdf:Description"))
    if inner is not None:
        return inner
    # Fields may be attributes, beside which elements must not stand.
    for name, value in element.attrib.items():
        if not _is_syntax(name):
            del element.attrib[name]
            _add(element, _short(name)).text = value
    element.set(_clark("rdf:parseType"), "Resource")
    return element


def _add(parent: "Element", name: str) -> "Element":
    from lxml import etree

    prefix = name.partition(":")[0]
    names = {prefix: NAMESPACES[prefix]} if prefix in NAMESPACES else None
    return etree.SubElement(parent, _clark(name), nsmap=names)


def _fill(element: "Element", value: Value, array: str) -> None:
    """Write a value into an empty element."""
    if isinstance(value, list):
        inner = _add(element, array)
        for each in value:
            _fill(_add(inner, "rdf:li"), each, array)
    elif isinstance(value, dict) and "xml:lang" in value:
        element.set(_clark("xml:lang"), value["xml:lang"])
        _fill(element, value["rdf:value"], array)
    elif isinstance(value, dict):
        element.set(_clark("rdf:parseType"), "Resource")
        for name, field in value.items():
            _fill(_add(element, name), field, array)
    else:
        element.text = value
