"""XMP is read however it is spelt, and what is not set stays as it is spelt."""

import pytest

from envo import xmp

HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
)
TAIL = "</rdf:RDF></x:xmpmeta>"
SIZE = "mwg-rs:AppliedToDimensions"


def packet(body: str) -> xmp.Packet:
    return xmp.Packet((HEAD + body + TAIL).encode())


SPELLINGS = [
    f'<rdf:Description><mwg-rs:Regions><rdf:Description><{SIZE} stDim:w="4" stDim:h="3"/></rdf:Description>'
    "</mwg-rs:Regions></rdf:Description>",
    f'<rdf:Description><mwg-rs:Regions rdf:parseType="Resource"><{SIZE} rdf:parseType="Resource"><stDim:w>4</stDim:w>'
    f"<stDim:h>3</stDim:h></{SIZE}></mwg-rs:Regions></rdf:Description>",
    f'<rdf:Description><mwg-rs:Regions rdf:parseType="Resource"><{SIZE}><rdf:Description stDim:w="4"><stDim:h>3'
    f"</stDim:h></rdf:Description></{SIZE}></mwg-rs:Regions></rdf:Description>",
]


@pytest.mark.parametrize("body", SPELLINGS)
def test_a_structure_is_the_same_however_it_is_spelt(body):
    there = packet(body)
    assert there.properties() == {"mwg-rs:Regions": {SIZE: {"stDim:w": "4", "stDim:h": "3"}}}
    there.set(f"mwg-rs:Regions/{SIZE}/stDim:w", "8")
    there.set(f"mwg-rs:Regions/{SIZE}/stDim:unit", "pixel")
    there.set(f"mwg-rs:Regions/{SIZE}/stDim:h", None)
    again = xmp.Packet(bytes(there))
    assert again.get(f"mwg-rs:Regions/{SIZE}") == {"stDim:w": "8", "stDim:unit": "pixel"}


@pytest.mark.parametrize(
    "body",
    [
        '<rdf:Description xmp:Rating="3"/>',
        '<rdf:Description rdf:about=""/><rdf:Description rdf:about=""><xmp:Rating>3</xmp:Rating></rdf:Description>',
        '<rdf:Description><xmp:Rating rdf:resource="3"/></rdf:Description>',
    ],
)
def test_a_text_is_the_same_however_it_is_spelt(body):
    there = packet(body)
    assert xmp.text(there.get("xmp:Rating")) == "3"
    there.set("xmp:Rating", "4")
    assert xmp.Packet(bytes(there)).properties() == {"xmp:Rating": "4"}
    there.set("xmp:Rating", None)
    assert xmp.Packet(bytes(there)).properties() == {}


def test_what_is_said_of_a_value_does_not_hide_it():
    there = packet(
        '<rdf:Description><dc:title><rdf:Alt><rdf:li xml:lang="x-default">a</rdf:li></rdf:Alt></dc:title><dc:subject>'
        "<rdf:Bag><rdf:li rdf:parseType='Resource'><rdf:value>b</rdf:value><xmp:Rating>3</xmp:Rating></rdf:li>"
        "<rdf:li> </rdf:li><rdf:li/></rdf:Bag></dc:subject></rdf:Description>"
    )
    assert xmp.texts(there.get("dc:title")) == ["a"] and xmp.texts(there.get("dc:subject")) == ["b"]
    assert there.get("dc:title") == [{"xml:lang": "x-default", "rdf:value": "a"}]


def test_a_packet_with_nothing_in_it_takes_properties():
    there = packet("")
    assert there.properties() == {} and there.get("a/b") is None
    there.set("dc:subject", ["a"])
    assert xmp.Packet(bytes(there)).get("dc:subject") == ["a"]


def test_all_else_stays_to_the_letter():
    rest = (
        '<!-- mine --><other:thing  xmlns:other="http://example.org/other#"\n  other:a = "1">'
        "<other:b> two </other:b><?php no ?></other:thing>"
    )
    there = packet(f"<rdf:Description>{rest}</rdf:Description>")
    there.set("xmp:Rating", "1")
    assert " two " in bytes(there).decode() and "<!-- mine -->" in bytes(there).decode()
    same = dict(there.properties())
    there.set("xmp:Rating", "2")
    assert same | {"xmp:Rating": "2"} == there.properties()


@pytest.mark.parametrize("data", [b"", b" ", b"<", b"<a/>", b"\xff\xfe<", "<a>ä</a>".encode("latin-1")])
def test_what_is_no_xmp_is_refused(data):
    with pytest.raises(ValueError, match="XM"):
        xmp.Packet(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_is_read(encoding):
    body = HEAD + "<rdf:Description><dc:subject><rdf:Bag><rdf:li>海滩</rdf:li></rdf:Bag></dc:subject></rdf:Description>"
    assert xmp.Packet((body + TAIL).encode(encoding)).get("dc:subject") == ["海滩"]


def test_bytes_of_another_encoding_do_not_cost_the_rest():
    body = "<rdf:Description xmp:Rating='3'><dc:subject><rdf:Bag><rdf:li>K\xf6ln \x93a\x94 &#0;\x01</rdf:li>"
    data = (HEAD + body + "</rdf:Bag></dc:subject></rdf:Description>" + TAIL).encode("latin-1")
    there = xmp.Packet(data)
    assert there.is_whole and there.properties() == {"xmp:Rating": "3", "dc:subject": ["Köln “a” "]}
    declared = b'<?xml version="1.0" encoding="ISO-8859-2"?>' + data.replace(b"\xf6", b"\xb1")
    assert xmp.texts(xmp.Packet(declared).get("dc:subject"))[0].startswith("Kąln")


def test_what_is_broken_is_read_as_far_as_it_goes():
    whole = HEAD + "<rdf:Description xmp:Rating='3'><dc:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b"
    there = xmp.Packet(whole.encode())
    assert not there.is_whole
    assert there.get("xmp:Rating") == "3" and there.get("dc:subject") == ["a", "b"]


def test_of_two_properties_of_one_name_the_last_is_read_and_changed():
    there = packet(
        "<rdf:Description><dc:subject/><!-- a --><dc:subject><!-- b --><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b</rdf:li>"
        "</rdf:Bag></dc:subject></rdf:Description>"
    )
    there.replace_items("dc:subject", [0], ["c"])
    assert there.get("dc:subject") == ["b", "c"]
    with pytest.raises(ValueError, match="contradicts"):
        there.replace_items("dc:title", [0], ["c"])


def test_properties_are_dropped_and_taken_over():
    there = packet('<rdf:Description xmp:Rating="3"><dc:title>a</dc:title></rdf:Description>')
    there.take_over(packet('<rdf:Description xmp:Rating="4"><dc:rights>b</dc:rights></rdf:Description>'))
    assert there.properties() == {"xmp:Rating": "4", "dc:title": "a", "dc:rights": "b"}
    there.drop(lambda uri, name: uri == xmp.NAMESPACES["dc"] and name == "title")
    assert sorted(there.sizes()) == ["dc:rights", "xmp:Rating"]
