"""HEIC and AVIF files with a gain map, put together of two that have one picture each."""

import struct

from envo import heif

APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"


def with_gain_map(base: bytes, other: bytes, iso: bytes | None, exif: bytes = b"") -> bytes:
    """Make a file of the picture of one, and that of another as its gain map.

    iso: numbers to read it by, as ISO 21496-1 has them (`tmap`); None: beside the base, as Apple has it, whose EXIF, a
    TIFF, tells of them in the maker note.
    """
    metas = [heif._meta(each) for each in (base, other)]
    mains = [heif._main(meta) for meta in metas]
    kinds = [heif._kinds(meta[b"iinf"])[main] for meta, main in zip(metas, mains, strict=True)]
    stored = [heif._stored(each, *rest) for each, *rest in zip((base, other), metas, mains, strict=True)]
    own = [heif._own(meta, main) for meta, main in zip(metas, mains, strict=True)]
    if iso is None:
        own[1].append((b"auxC", bytes(4) + APPLE))
    size = next(body for kind, body in own[0] if kind == b"ispe")
    items = [(1, kinds[0], stored[0], own[0]), (2, kinds[1], stored[1], own[1])]
    references = _box(b"auxl", struct.pack(">HHH", 2, 1, 1)) if iso is None else b""
    if iso is not None:
        items.append((3, b"tmap", b"\0" + iso, [(b"ispe", size)]))
        references = _box(b"dimg", struct.pack(">HHHH", 3, 2, 1, 2))
    if exif:
        items.append((4, b"Exif", bytes(4) + exif, []))
        references += _box(b"cdsc", struct.pack(">HHH", 4, 1, 1))
    start = next(at for kind, at, _ in heif._spans(base) if kind == b"ftyp") - 8
    ftyp = base[start : start + struct.unpack_from(">I", base, start)[0]]
    length = len(ftyp) + len(_meta(items, references, 0)) + 8
    return ftyp + _meta(items, references, length) + _box(b"mdat", b"".join(data for _, _, data, _ in items))


def _meta(items: list, references: bytes, at: int) -> bytes:
    """The box of all that is told. at: where the bytes of the first item begin in the file."""
    entries, places, every, owned = [], [], [], []
    for item, kind, data, own in items:
        hidden = 1 if item == 2 else 0
        entries.append(_box(b"infe", struct.pack(">BBBBHH4s", 2, 0, 0, hidden, item, 0, kind) + b"\0"))
        places.append(struct.pack(">HHHII", item, 0, 1, at, len(data)))
        at += len(data)
        if own:
            first = len(every) + 1
            every += [_box(*each) for each in own]
            owned.append(struct.pack(">HB", item, len(own)) + bytes(range(first, len(every) + 1)))
    count = struct.pack(">H", len(items))
    within = _box(b"ipco", b"".join(every)) + _box(b"ipma", bytes(4) + struct.pack(">I", len(owned)) + b"".join(owned))
    return _box(
        b"meta",
        bytes(4)
        + _box(b"hdlr", bytes(8) + b"pict" + bytes(13))
        + _box(b"pitm", bytes(4) + struct.pack(">H", 1))
        + _box(b"iloc", bytes(4) + b"\x44\x00" + count + b"".join(places))
        + _box(b"iinf", bytes(4) + count + b"".join(entries))
        + _box(b"iref", bytes(4) + references)
        + _box(b"iprp", within),
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
