"""Files that say too much of themselves, read and written once each; prints the megabytes that this took at most."""

import io
import resource
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image as Pillow

from envo import description, export, segments, shot
from envo.description import Description
from envo.file import PhotoFile

HEAD = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">"""
TAIL = "</rdf:Description></rdf:RDF></x:xmpmeta>"
PIXELS = np.zeros((64, 64, 3), np.uint8)


def png(*chunks: bytes) -> bytes:
    file = io.BytesIO()
    Pillow.fromarray(PIXELS).save(file, "PNG")
    parts, rest = segments.split_png(file.getvalue())
    return b"".join([*parts[:2], *chunks, *parts[2:], rest])


def xmp(body: str) -> bytes:
    return segments.FORMATS["PNG"].as_xmp((HEAD + body + TAIL).encode())


def packed(profile: str, length: int) -> bytes:
    """A chunk of few bytes that says to be very long."""
    text = zlib.compress(f"\n{profile}\n {length}\n".encode() + b"00" * length, 1)
    return segments.chunk(b"zTXt", f"Raw profile type {profile}".encode() + b"\0\0" + text)


def bag(name: str, items) -> str:
    return f"<{name}><rdf:Bag>{''.join(f'<rdf:li>{each}</rdf:li>' for each in items)}</rdf:Bag></{name}>"


def tiff(tag: int, data: bytes) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, PIXELS, photometric="rgb", metadata=None, extratags=[(tag, 1, len(data), data, True)])
    return file.getvalue()


def regions(count: int) -> str:
    area = '<mwg-rs:Area stArea:x="0.5" stArea:y="0.4" stArea:w="0.2" stArea:h="0.2"/>'
    items = "".join(
        f'<rdf:li rdf:parseType="Resource"><mwg-rs:Name>{n}</mwg-rs:Name>{area}</rdf:li>' for n in range(count)
    )
    listed = f"<mwg-rs:RegionList><rdf:Bag>{items}</rdf:Bag></mwg-rs:RegionList>"
    return f'<mwg-rs:Regions rdf:parseType="Resource">{listed}</mwg-rs:Regions>'


FILES = (
    lambda: png(xmp(bag("lr:hierarchicalSubject", ["a|" * 4_500_000]))),
    lambda: png(xmp(bag("dc:subject", range(1_000_000)))),
    lambda: png(xmp(bag("dc:subject", range(40_000)))),
    lambda: tiff(700, (HEAD + bag("dc:subject", range(1_000_000)) + TAIL).encode()),
    lambda: png(xmp(bag("Iptc4xmpExt:PersonInImage", (f"Name {number}" for number in range(50_000))))),
    lambda: png(xmp(regions(5000))),
    lambda: png(xmp("".join(f"<dc:p{number}>a</dc:p{number}>" for number in range(40_000)))),
    lambda: png(xmp("<dc:a rdf:parseType='Resource'>" * 100_000)),
    lambda: png(packed("iptc", 20_000_000)),
    lambda: png(packed("exif", 20_000_000)),
    lambda: png(packed("xmp", 20_000_000)),
    lambda: tiff(
        33723, b"".join(b"\x1c\x02\x19" + struct.pack(">H", 8) + b"%08d" % number for number in range(200_000))
    ),
)

if __name__ == "__main__":
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for make in FILES:
        data = make()
        said = description.read(PhotoFile(data))
        shot.read(PhotoFile(data))
        description.write(PhotoFile(data), Description(tags=(*(said.tags or ()), "new"), people=("x",), regions=()))
        for format in ("JPEG", "PNG"):
            file = io.BytesIO()
            Pillow.fromarray(PIXELS).save(file, format)
            export.finish(file.getvalue(), format, PhotoFile(data), Description(tags=("new",)))
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
