"""The one way out: pictures that were made of a photo, as files that tell what its file tells, where that still holds.

`edited` renders a photo with its edit as export settings say; `remake` and `finish` write what else was made of one.

What Envo was told counts for more than what the file says. Regions are moved with the picture, sizes are the made
picture's, and what points at things that stayed behind goes: a motion photo's film, a gain map, a depth map,
thumbnails, and the settings from which raw developers would make the picture once more.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from envo import (
    colour,
    containers,
    description,
    encoders,
    metadata,
    photo,
    regions,
    render,
    scaling,
    watermarks,
    withheld,
    xmp,
)
from envo.bands import Picture, Report, Stopping, band_rows
from envo.containers import Told
from envo.description import Description
from envo.edits import EditDocument
from envo.errors import UserError
from envo.exif import Block
from envo.exportsettings import ExportSettings, Size
from envo.file import PhotoFile
from envo.gainmap import Light
from envo.gamut import GAMUTS, SRGB, Gamut, as_in_file
from envo.geometry import Framing, framed, framing
from envo.material import Material
from envo.metadata import Exif, Iptc
from envo.output import Depth, Output
from envo.photo import Stored
from envo.scaling import Rows
from envo.settings import EXPORT_PREVIEW_EDGE, MAX_FILE_BYTES

FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WebP": "WebP", "HEIC": "JPEG", "AVIF": "JPEG"}
"""What becomes of a format that is remade; the others lose nothing as PNG."""
_QUALITIES = (95, 90, 80, 60)
PLAIN = ExportSettings()
"""What is not told otherwise: a JPEG of full size, in the photo's gamut, with all that its file tells."""
_WITH_IPTC = ("JPEG", "PNG", "TIFF")
"""Formats that hold IPTC; the others hold what it says as XMP."""

_JPEG_XMP = 65_502
"""Bytes of XMP that a JPEG holds."""
_TOLD = 10
"""So many fields that a format has no place for are told by their names."""
_SRGB, _OTHER_COLOURS = 1, 0xFFFF
"""EXIF's numbers of colour spaces."""

_GOOGLE = "http://ns.google.com/photos/1.0/"
_GONE = {
    "http://ns.adobe.com/camera-raw-settings/1.0/",
    "http://ns.adobe.com/camera-raw-saved-settings/1.0/",
    "http://ns.adobe.com/lightroom-settings-experimental/1.0/",
    "http://darktable.sf.net/",
    "http://ns.adobe.com/hdr-gain-map/1.0/",
    "http://ns.apple.com/HDRGainMap/1.0/",
    "http://ns.apple.com/pixeldatainfo/1.0/",
    "http://ns.adobe.com/xmp/note/",
    "http://ns.xiaomi.com/photos/1.0/camera/",
    *(f"{_GOOGLE}{name}/" for name in ("container", "image", "depthmap", "audio")),
    "http://ns.google.com/photos/dd/1.0/device/",
}
"""Namespaces of XMP that tell of what is not in the made file: raw settings, gain maps, films, depth maps."""
_FILMS = ("MotionPhoto", "MicroVideo")
_PANORAMA = "http://ns.google.com/photos/1.0/panorama/"
_STORED = {
    xmp.NAMESPACES["tiff"]: {"BitsPerSample", "Compression", "PhotometricInterpretation", "SamplesPerPixel"}
    | {"PlanarConfiguration", "YCbCrSubSampling", "StripOffsets", "StripByteCounts"},
    xmp.NAMESPACES["xmp"]: {"Thumbnails"},
    xmp.NAMESPACES["photoshop"]: {"SidecarForExtension", "ICCProfile", "ColorMode"},
}
"""Properties that tell how the original was stored."""
_PREVIEW = "Iptc.Application2.Preview"
_IPTC_AS_XMP = {
    "Caption": ("dc:description", "rdf:Alt"),
    "Byline": ("dc:creator", "rdf:Seq"),
    "Copyright": ("dc:rights", "rdf:Alt"),
    "ObjectName": ("dc:title", "rdf:Alt"),
    "Keywords": ("dc:subject", "rdf:Bag"),
    "SubLocation": ("Iptc4xmpCore:Location", ""),
    "CountryCode": ("Iptc4xmpCore:CountryCode", ""),
    **{
        name: (f"photoshop:{of_xmp}", "")
        for name, of_xmp in {
            "Headline": "Headline",
            "Credit": "Credit",
            "Source": "Source",
            "City": "City",
            "ProvinceState": "State",
            "CountryName": "Country",
            "SpecialInstructions": "Instructions",
            "BylineTitle": "AuthorsPosition",
            "TransmissionReference": "TransmissionReference",
            "Writer": "CaptionWriter",
            "DateCreated": "DateCreated",
        }.items()
    },
}
"""Where XMP has what IPTC tells (IPTC Photo Metadata 2023), and in what."""


Cropped = bool | Framing
"""Where the parts of a photo are in a picture that was made of it. False: where they were; True: elsewhere, nobody
knows where, or gone; or as a framing says."""


@dataclass(frozen=True)
class Exported:
    """A file, its format, and what a visitor should know of it: whole sentences."""

    data: bytes
    format: str
    notes: list[str]


def edited(
    original: PhotoFile,
    document: EditDocument,
    material: Material,
    settings: ExportSettings = PLAIN,
    said: Description | None = None,
    stopping: Stopping = lambda: None,
    report: Report = lambda fraction: None,
    mark: np.ndarray | None = None,
) -> Exported:
    """Render a photo with an edit as a file.

    said: as for `finish`. stopping: raises where nobody waits any more, and is often asked. report: hears how far it
    is, 0 to 1. mark: the picture of the settings' watermark, uint8 hxwx4 sRGB. Raises UserError as
    `PhotoFile.decode`, `render.rendering` and `encoders.encode` do, and for settings that do not go together.
    """
    encoders.check(settings)
    image = original.decode(wide=True, development=document.development)
    stopping()
    picture, notes = _picture(image, document, material, settings, mark, stopping)
    made_as = Stored(settings.format, *picture.size, 1)
    cropped = _cropped(document, material, (image.header.width, image.header.height))
    told, more = _told(original, made_as, picture.icc, said, cropped, settings.metadata)
    data, last = encoders.encode(picture, settings, told, stopping, report)
    return Exported(data, settings.format, [*notes, *more, *last])


def _picture(
    image: photo.Image,
    document: EditDocument,
    material: Material,
    settings: ExportSettings,
    mark: np.ndarray | None,
    stopping: Stopping,
) -> tuple[Picture, list[str]]:
    """Render a photo with an edit, in the size, gamut and depth of an export, as rows that are made when asked for."""
    gamut, notes = GAMUTS[image.header.gamut if settings.gamut == "source" else settings.gamut], []
    if settings.format == "JPEG XL" and gamut is not SRGB:
        gamut, notes = SRGB, [f"It is sRGB: {gamut.name} cannot be written into a JPEG XL here."]
    depth = "uint8" if settings.depth == 8 else "uint16"
    full = _shown(document, material, image.pixels.shape[1::-1])
    size = scaling.target(settings.size, *full)
    is_worked_on = size != full or settings.sharpen != "none"
    # Gain maps are reckoned over the sRGB curve, which the picture keeps then.
    is_recurved = gamut.space.transfer != "sRGB" and settings.hdr is None
    made: Depth = "uint16" if is_recurved else depth
    laid = settings.watermark and watermarks.mark(settings.watermark, mark, size)

    def rendered(depth: Depth) -> Rows:
        return render.rendering(image, document, material, Output(gamut, depth), stopping).rows

    def worked_on(light: Rows, gamut: Gamut) -> Rows:
        light = scaling.averaged(light, full, size) if size != full else light
        amount = scaling.STRENGTHS.get(settings.sharpen)
        return scaling.sharpened(light, size[1], amount, gamut) if amount else light

    def marked(rows: Rows) -> Rows:
        return watermarks.laid(rows, laid, gamut) if laid else rows

    def curved(rows: Rows) -> Rows:
        return lambda top, bottom: as_in_file(rows(top, bottom), gamut, np.dtype(depth).type)

    if is_worked_on:
        rows = scaling.encoded(worked_on(scaling.light(rendered("uint16")), gamut), made)
    else:
        rows = rendered(made)
    light = None
    if settings.hdr is not None:
        light = Light(marked(worked_on(rendered("float32"), SRGB)), gamut, settings.hdr)
    step = max(1, band_rows(full[0]) * size[1] // full[1])
    rows = curved(marked(rows)) if is_recurved else marked(rows)
    icc = gamut.profile if is_recurved else gamut.curved_as_srgb
    return Picture(size, depth, rows, icc, step, light=light), notes


@dataclass(frozen=True)
class Preview:
    """What an export will be like: a small picture of it in a format that browsers show, its size and its bytes."""

    data: bytes
    format: str
    size: tuple[int, int]
    bytes: int


def preview_edge(document: EditDocument, size: tuple[int, int]) -> int:
    """Give the long edge at which a photo of a size is decoded, so that a crop of it can be previewed."""
    shown = max(framing(document.geometry, size).size)
    return min(max(size), -(-EXPORT_PREVIEW_EDGE * max(size) // shown))


def preview(
    image: photo.Image,
    document: EditDocument,
    material: Material,
    settings: ExportSettings,
    mark: np.ndarray | None = None,
) -> Preview:
    """Render a small photo, whose header tells its full size, as `edited` would, and guess how many bytes that takes.

    Files of one picture take bytes by a power of its pixels, which is found with a picture of half the size. mark: as
    for `edited`, as which it raises UserError.
    """
    encoders.check(settings)
    full = _shown(document, material, (image.header.width, image.header.height))
    size = scaling.target(settings.size, *full)
    small = settings.model_copy(update={"size": Size(by="edge", value=min(EXPORT_PREVIEW_EDGE, max(size)))})
    picture, _ = _picture(image, document, material, small, mark, lambda: None)
    whole = picture.whole(lambda: None, lambda fraction: None)
    shown = replace(Picture.of(whole, picture.icc), light=picture.light)
    half = Picture.of(photo.resize(whole, max(1, max(whole.shape[:2]) // 2)), picture.icc)
    if light := picture.light:
        half = replace(half, light=replace(light, rows=scaling.averaged(light.rows, shown.size, half.size)))
    bytes, smaller = (len(encoders.encode(each, _unlimited(settings), Told())[0]) for each in (shown, half))
    ratio = _area(shown.size) / _area(half.size)
    power = 1.0 if ratio == 1 else min(1.0, max(0.3, math.log(bytes / smaller, ratio)))
    grown = (_area(size) / _area(shown.size)) ** power
    limit = None if settings.limit_kb is None else max(10, round(settings.limit_kb / grown))
    try:
        data, _ = encoders.encode(shown, settings.model_copy(update={"limit_kb": limit}), Told())
    except UserError:  # the whole picture may yet fit: its pixels take fewer bytes each than those of a small one
        worst = min(settings.quality, encoders.LEAST_QUALITY)
        data, _ = encoders.encode(shown, _unlimited(settings, worst), Told())
    guess, format = round(len(data) * grown), settings.format
    if format in ("TIFF", "JPEG XL"):  # which browsers do not show
        format, data = "PNG", encoders.plain(_decoded(data, format), "PNG", 100, picture.icc)
    return Preview(data, format, size, guess)


def _shown(document: EditDocument, material: Material, size: tuple[int, int]) -> tuple[int, int]:
    """Give the width and height of what an edit shows of a photo of a size."""
    return framed(document, size, material.lens).size


def _unlimited(settings: ExportSettings, quality: int | None = None) -> ExportSettings:
    return settings.model_copy(update={"limit_kb": None, "quality": quality or settings.quality})


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _decoded(data: bytes, format: str) -> np.ndarray:
    """Decode a file that was written here: uint8 or uint16 HxWx3."""
    import imagecodecs

    return {"TIFF": imagecodecs.tiff_decode, "JPEG XL": imagecodecs.jpegxl_decode}[format](data)


def _cropped(document: EditDocument, material: Material, size: tuple[int, int]) -> Cropped:
    """Tell where the parts of a photo of a size are once an edit has framed it."""
    frame = framed(document, size, material.lens)
    return (document.geometry.shows or frame.lens is not None) and frame


def remake(original: PhotoFile, pixels: np.ndarray, cropped: Cropped, said: Description | None = None) -> Exported:
    """Write pixels, uint8 HxWx3 sRGB or HxWx4 with alpha last, as a file like the original.

    Of uint16 a PNG keeps all. cropped, said: as for `finish`. The original's profile stays where the pixels can be
    converted to it. A file that the library would not take for its size becomes a JPEG, of lower quality if need be.
    """
    header, like = original.header, original.traits
    has_alpha = pixels.shape[2] == 4
    wished = FORMATS.get(header.format, "PNG")
    wished = "PNG" if has_alpha and wished == "JPEG" else wished
    notes = _notes(header, like, 8 if wished != "PNG" else 8 * pixels.itemsize)
    for format, quality in _ways(wished):
        try:
            held = _on_white(pixels) if has_alpha and format == "JPEG" else pixels
            picture = _like(held, like, format)
            told, more = _told(original, Stored(format, *picture.size, 1), picture.icc, said, cropped)
            data, last = encoders.encode(picture, ExportSettings(format=format, quality=quality), told)
        except UserError:
            continue  # the format cannot hold the size; another can
        done = Exported(data, format, [*more, *last])
        if len(done.data) <= MAX_FILE_BYTES:
            if format != wished:
                notes.append(f"It is a {format} of quality {quality}, since as a {wished} it would be too large.")
            if has_alpha and format == "JPEG":
                notes.append("What was transparent in the original is white now.")
            return replace(done, notes=[*notes, *done.notes])
    raise UserError("The restored photo is too large for one file; enlarge it less.")


def finish(
    made: bytes,
    format: str,
    original: PhotoFile,
    said: Description | None = None,
    cropped: Cropped = False,
) -> Exported:
    """Give a file, JPEG, PNG or WebP, that was made of a photo, upright, what the photo's file tells.

    said: what Envo was told of the photo, which counts for more; None where it was told nothing. cropped: where regions
    are now; those that are cut off go, and the names of whom they were of. What cannot be carried is in the notes.
    Raises UserError where the original is no photo.
    """
    told, notes = _told(original, *_header(made, format), said, cropped)
    data, lost = containers.tell(made, format, told)
    return Exported(data, format, [*notes, *_left_out(format, lost)])


def _told(
    original: PhotoFile,
    made: Stored,
    icc: bytes | None,
    said: Description | None,
    cropped: Cropped,
    keep: str = "all",
) -> tuple[Told, list[str]]:
    """Say what a file tells that is made of a photo, with the profile `icc`; gives notes on it, too.

    keep: as `ExportSettings.metadata`.
    """
    if keep == "none":
        return Told(), []
    packet, there, notes = _packet(original)
    if keep == "copyright":
        (block, iptc), lost = withheld.all_but_rights(packet, original.blocks), []
    else:
        packet, block, iptc, lost, more = _carried(original, made, icc, (packet, there, said), cropped)
        notes += more
    if keep == "no place":
        block, iptc = withheld.place(block, packet, iptc)
    if made.format not in _WITH_IPTC:
        lost += [f"{name} (IPTC)" for name in _as_xmp(packet, iptc)]
        iptc = {}
    iptc, unwritable = metadata.writable_iptc({key: value for key, value in iptc.items() if value})
    lost += [f"{name} (IPTC)" for name in unwritable]
    if made.format == "JPEG":
        lost += _shrunk(packet, _JPEG_XMP)
    source = bytes(packet) if packet.sizes() else b""
    return Told(block, source, iptc), [*notes, *_left_out(made.format, lost)]


def _carried(
    original: PhotoFile,
    made: Stored,
    icc: bytes | None,
    packets: tuple[xmp.Packet, Description, Description | None],
    cropped: Cropped,
) -> tuple[xmp.Packet, bytes | None, Iptc, list[str], list[str]]:
    """Make what a photo tells fit what was made of it: XMP, EXIF and IPTC, names of what was lost, and notes.

    packets: the photo's, what that says, and what Envo was told.
    """
    (packet, there, said), pictures, notes = packets, (original.stored, made), []
    try:
        fields = _said(packet, said, there, pictures, cropped)
    except ValueError:
        notes.append("The original's XMP contradicts itself; it is not in this file.")
        packet = xmp.Packet()
        fields = _said(packet, said, there, pictures, cropped)
    blocks = original.blocks
    iptc = {key: value for key, value in blocks.iptc.items() if not key.startswith(_PREVIEW)} | fields[0]
    block, lost = _exif(original, made, fields[1], icc, cropped)
    left = blocks.left - ({"EXIF"} if block else set())
    if left:
        damaged = " and ".join(sorted(left))
        notes.append(f"The original's {damaged} is damaged, or more than Envo reads; it is not in this file.")
    return packet, block, iptc, lost, notes


def _left_out(format: str, lost: list[str]) -> list[str]:
    """Tell what a file has no place for."""
    if not lost:
        return []
    more = [f"and {len(lost) - _TOLD} more"] if len(lost) > _TOLD else []
    left = ", ".join([*lost[:_TOLD], *more])
    return [f"This {format} has no place for all that the original tells; left out: {left}."]


def _header(made: bytes, format: str) -> tuple[Stored, bytes | None]:
    """Read the size and the profile of what was made."""
    facts = PhotoFile(made, own=True).facts
    return Stored(format, facts.width, facts.height, 1), facts.space.profile()


def _packet(original: PhotoFile) -> tuple[xmp.Packet, Description, list[str]]:
    """Read the XMP of a photo, that of its sidecar over it; gives what it says, and notes, too."""
    packet, notes = xmp.Packet(), []
    for source in (description.packet_in(original), original.extended_xmp):
        if source:
            try:
                found = xmp.Packet(source)
            except ValueError:
                notes.append("The original's XMP is damaged, or more than Envo reads; it is not in this file.")
                continue
            if not found.is_whole:
                notes.append("Some of the original's XMP is damaged; it is not in this file.")
            packet.take_over(found)
    beside = description.parsed_sidecar(original.sidecar)
    if beside:
        packet.take_over(beside)
    there, left = description.told(packet, original.stored, original.blocks)
    return packet, there, [*notes, *description.told_of(left)]


def _said(
    packet: xmp.Packet, said: Description | None, there: Description, pictures: tuple[Stored, Stored], cropped: Cropped
) -> tuple[Iptc, Exif]:
    """Make XMP tell of the made picture, and what Envo was told; gives the fields of IPTC and EXIF that do so, too.

    pictures: as stored, and as made. Raises ValueError for a packet that contradicts itself.
    """
    _fit(packet, *pictures, cropped)
    if said is None:
        return {}, {}
    changed = description.changed(_placed(said, cropped), there)
    return description.iptc_and_exif(changed, description.say(packet, changed, there, pictures[1]))


def _placed(said: Description, cropped: Cropped) -> Description:
    """Say of the made picture where those are whom it shows, and leave out whom it does not show any more."""
    if cropped is False or said.regions is None:
        return said
    if cropped is True:
        return replace(said, regions=None)
    placed = tuple(replace(each, box=box) for each in said.regions if (box := cropped.box(each.box)))
    gone = set(regions.names(said.regions)) - set(regions.names(placed))
    people = said.people and tuple(name for name in said.people if name not in gone)
    return replace(said, regions=placed, people=people)


def _fit(packet: xmp.Packet, stored: Stored, made: Stored, cropped: Cropped) -> None:
    """Make what XMP tells of the picture fit the made one, and take away what does not."""
    packet.drop(lambda uri, name: uri in _GONE or name.startswith(_FILMS) or name in _STORED.get(uri, ()))
    if cropped is True:
        regions.drop(packet)
    else:
        regions.move(packet, regions.Move(stored, made, cropped or None))
    if cropped:
        packet.drop(lambda uri, name: uri == _PANORAMA)
    sizes = {"tiff:ImageWidth": made.width, "tiff:ImageLength": made.height, "tiff:Orientation": 1}
    sizes |= {"exif:PixelXDimension": made.width, "exif:PixelYDimension": made.height}
    for name, value in sizes.items():
        if packet.get(name) is not None:
            packet.set(name, str(value))
    if packet.get("dc:format") is not None:
        packet.set("dc:format", encoders.MEDIA[made.format])
    if cropped or stored.orientation != 1:
        for name in ("exif:SubjectArea", "exif:SubjectLocation"):
            packet.set(name, None)


def _exif(
    original: PhotoFile, made: Stored, fields: Exif, icc: bytes | None, cropped: Cropped
) -> tuple[bytes | None, list[str]]:
    """Make the EXIF of the made file; gives the names of what it cannot hold, too."""
    if original.exif is None:
        return None, []
    try:
        block = _fitting(original.exif, original.stored, made, fields, icc, cropped)
    except ValueError:
        return None, ["EXIF"]
    done, lost = metadata.fitted(block) if made.format == "JPEG" else (block, [])
    return done, [f"{name} (EXIF)" for name in lost]


def _fitting(source: bytes, stored: Stored, made: Stored, fields: Exif, icc: bytes | None, cropped: Cropped) -> bytes:
    """Make what EXIF tells of the picture fit the made one. Raises ValueError for what cannot be changed."""
    block = Block(source)
    for name, value in fields.items():
        block.set(name, value)
    for name, value in (("ImageWidth", made.width), ("ImageLength", made.height)):
        block.set(name, value)
    for name, value in (("PixelXDimension", made.width), ("PixelYDimension", made.height)):
        block.add(name, value)
    block.set("ColorSpace", _SRGB if icc is None or colour.is_srgb(icc) else _OTHER_COLOURS)
    # Says by R03 that the colours are Adobe RGB's; what is made has a profile that says what they are.
    block.set("InteroperabilityIndex", None)
    for name in ("SubjectArea", "SubjectLocation"):
        there = block.get(name)
        if there is not None and (cropped or stored.orientation != 1):
            is_lost = cropped is True or isinstance(there, bytes)
            how = regions.Move(stored, made, cropped or None)
            block.set(name, None if is_lost else _moved(there, how))
    return bytes(block)


def _moved(subject: tuple[int, ...], how: regions.Move) -> tuple[int, ...] | None:
    """Move a subject's middle, with its diameter or sides or without, told in pixels; None for what is cut off."""
    if not 2 <= len(subject) <= 4:
        return None
    (x, y), sides = subject[:2], subject[2:]
    x, y = x / how.stored.width, y / how.stored.height
    if len(sides) == 2:
        across, down = sides[0] / how.stored.width, sides[1] / how.stored.height
        box = how.box((x - across / 2, y - down / 2, x + across / 2, y + down / 2))
        if box is None:
            return None
        left, top, right, bottom = box
        middle = ((left + right) / 2, (top + bottom) / 2)
        sides = ((right - left) * how.made.width, (bottom - top) * how.made.height)
    else:
        middle = how.point(x, y)
        if middle is None:
            return None
        sides = tuple(each * how.scale(x, y) for each in sides)
    return tuple(max(0, round(value)) for value in (middle[0] * how.made.width, middle[1] * how.made.height, *sides))


def _as_xmp(packet: xmp.Packet, iptc: Iptc) -> list[str]:
    """Tell in XMP what IPTC tells and it does not; gives the names of what it cannot tell."""
    lost = []
    for key, value in iptc.items():
        name = key.rsplit(".", 1)[1]
        path, array = _IPTC_AS_XMP.get(name, ("", ""))
        values = [value] if isinstance(value, str) else value
        if not values or key.startswith("Iptc.Envelope.") or name == "RecordVersion":
            continue
        there = packet.get(path) if path else None
        if not path or (there is not None and not set(values) <= set(xmp.texts(there))):
            lost.append(name)
        elif there is None:
            alternatives = [{"xml:lang": "x-default", "rdf:value": values[0]}] if array == "rdf:Alt" else values
            packet.set(path, alternatives if array else values[0], array or "rdf:Bag")
    return lost


def _shrunk(packet: xmp.Packet, longest: int) -> list[str]:
    """Make XMP fit into so many bytes, the largest properties going first; gives the names of those that went."""
    gone: list[str] = []
    while (excess := len(bytes(packet)) - longest) > 0:
        sizes, some = packet.sizes(), set()
        for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
            if excess <= 0:
                break
            some.add(name)
            excess -= sizes[name]
        packet.drop(lambda uri, name, some=some: xmp.short(uri, name) in some)
        gone += some
    return [f"{name.rpartition('}')[2]} (XMP)" for name in gone]


def _ways(wished: str) -> list[tuple[str, int]]:
    """Formats and qualities to try, in turn."""
    ways = [("PNG", 100)] if wished == "PNG" else [(wished, quality) for quality in _QUALITIES]
    return ways if wished == "JPEG" else [*ways, *(("JPEG", quality) for quality in _QUALITIES)]


def _notes(header: photo.Header, like: photo.Traits, depth: int) -> list[str]:
    """Say what cannot be kept of a photo that is remade with so many bits a channel."""
    notes = []
    if header.bit_depth > 8 and depth == 8:
        notes.append(f"The original has {header.bit_depth} bits a channel; the restored photo has 8.")
    if like.animated:
        notes.append("The original moves; its first picture was restored.")
    return notes


def _like(pixels: np.ndarray, like: photo.Traits, format: str) -> Picture:
    """Convert uint8 HxWx3 sRGB, or HxWx4 with alpha last, to a profile, as far as it can hold them.

    What had no colour channels has none, where the format can do without. Of uint16 a PNG has all, in sRGB.
    """
    if pixels.dtype == np.uint16 and format == "PNG":
        is_grey = like.grey and (pixels[..., :1] == pixels[..., :3]).all()
        return Picture.of(
            np.delete(pixels, (1, 2), axis=2) if is_grey else pixels, b"" if is_grey else colour.srgb_profile()
        )
    pixels = colour.as_8_bits(pixels)
    converted, icc = colour.from_srgb(Pillow.fromarray(np.ascontiguousarray(pixels[..., :3])), like.icc)
    if like.grey and converted.mode == "RGB" and colour.is_grey(converted) and format != "WebP":
        converted, icc = converted.convert("L"), b""
    made = np.atleast_3d(np.asarray(converted))
    if pixels.shape[2] == 4:
        made = np.dstack([made, pixels[..., 3]])
    return Picture.of(made, icc)


def _on_white(pixels: np.ndarray) -> np.ndarray:
    """Lay uint8 or uint16 HxWx4 on white: uint8 HxWx3."""
    paper = Pillow.new("RGBA", pixels.shape[1::-1], "white")
    paper.alpha_composite(Pillow.fromarray(colour.as_8_bits(pixels)))
    return np.asarray(paper.convert("RGB"))
