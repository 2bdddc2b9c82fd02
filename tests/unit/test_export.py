"""A restored or edited photo is as nearly the same file as its original as can be: format, colours, metadata."""

import io

import numpy as np
import pyexiv2
import pytest
import skimage.data
from PIL import Image as Pillow
from PIL import ImageCms

from envo import containers, description, edits, export, photo, segments
from envo.description import Description, Region
from envo.edits import Geometry
from envo.errors import UserError
from envo.exportsettings import ExportSettings
from envo.file import PhotoFile
from envo.geometry import framing
from envo.material import Material
from tests import exiftool
from tests.unit.test_photo import ASTRONAUT, camera_exif, difference, png16, profile, sample, saved, tiff

OLD = 255 - ASTRONAUT
"""What restoring made of the astronaut, for these tests."""


def remake(data: bytes, pixels: np.ndarray = OLD, cropped: bool = False) -> export.Exported:
    return export.remake(PhotoFile(data), pixels, cropped)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("JPEG", "JPEG"),
        ("PNG", "PNG"),
        ("WebP", "WebP"),
        ("HEIC", "JPEG"),
        ("AVIF", "JPEG"),
        ("GIF", "PNG"),
        ("TIFF", "PNG"),
        ("BMP", "PNG"),
        ("RAW", "PNG"),
        ("PNG16", "PNG"),
        ("TIFF16", "PNG"),
    ],
)
def test_the_format_stays_where_it_can(source, kept):
    made = remake(sample(source))
    assert made.format == PhotoFile(made.data).header.format == kept
    assert difference(PhotoFile(made.data).decode().pixels, OLD) < (0.001 if kept == "PNG" else 2.5)
    assert bool(made.notes) == (source in ("RAW", "PNG16", "TIFF16"))
    if made.notes:
        assert "bits a channel; the restored photo has 8." in made.notes[0]


def test_a_jpeg_loses_next_to_nothing_and_keeps_whole_colours():
    with Pillow.open(io.BytesIO(remake(sample("JPEG")).data)) as file:
        assert file.layer[0][1:3] == (1, 1)  # 4:4:4
        assert max(file.quantization[0]) <= 12  # quality 95


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_wide_colours_keep_their_profile_and_look_the_same(format):
    icc = profile("AdobeRGB")
    data = saved(ASTRONAUT, format, icc_profile=icc)
    made = remake(data)
    with Pillow.open(io.BytesIO(made.data)) as file:
        assert file.info["icc_profile"] == icc
    assert difference(PhotoFile(made.data).decode().pixels, OLD) < 2.5


def test_a_profile_of_tables_is_kept_if_lcms_can_write_to_it_and_else_it_is_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for icc in (lab, b"nonsense", profile("AdobeRGB")[:200]):
        with Pillow.open(io.BytesIO(remake(saved(ASTRONAUT, "PNG", icc_profile=icc)).data)) as file:
            found = ImageCms.ImageCmsProfile(io.BytesIO(file.info["icc_profile"]))
            assert "sRGB" in ImageCms.getProfileDescription(found)


def test_cmyk_becomes_srgb():
    cmyk = Pillow.fromarray(ASTRONAUT).convert("CMYK")
    file = io.BytesIO()
    cmyk.save(file, "JPEG", quality=95)
    made = remake(file.getvalue())
    assert made.format == "JPEG" and PhotoFile(made.data).header.browser_ready
    assert difference(PhotoFile(made.data).decode().pixels, OLD) < 2.5


@pytest.mark.parametrize("icc", [None, profile("grey")])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_grey_photo_stays_grey_until_it_gets_colours(format, icc):
    grey = skimage.data.camera()[:300, :400]
    data = saved(grey, format, **({"icc_profile": icc} if icc else {}))
    restored = 255 - PhotoFile(data).decode().pixels
    made = remake(data, restored)
    with Pillow.open(io.BytesIO(made.data)) as file:
        assert file.mode == "L" and file.info.get("icc_profile") == icc
    assert difference(PhotoFile(made.data).decode().pixels, restored) < 2
    coloured = remake(data)
    with Pillow.open(io.BytesIO(coloured.data)) as file:
        assert file.mode == "RGB"
    assert difference(PhotoFile(coloured.data).decode().pixels, OLD) < 2.5


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_exif_stays_upright_and_tells_the_new_size(source):
    pixels = OLD[:200, :100]
    with Pillow.open(io.BytesIO(remake(saved(ASTRONAUT, source, exif=camera_exif()), pixels).data)) as file:
        exif = file.getexif()
    assert (exif[0x010F], exif[0x0110], exif[0x0112]) == ("Nikon", "Z 9", 1)
    more = exif.get_ifd(0x8769)
    assert (more[0x9003], more[0xA002], more[0xA003]) == ("2024:05:06 07:08:09", 100, 200)
    assert [float(part) for part in exif.get_ifd(0x8825)[2]] == [48, 51, 30]


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" tiff:Orientation="6" tiff:ImageWidth="400" xmp:Rating="4">
<dc:subject><rdf:Bag><rdf:li>Großmutter</rdf:li><rdf:li>1931</rdf:li></rdf:Bag></dc:subject>
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">
<mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Area stArea:x="0.5" stArea:y="0.4" stArea:w="0.2" stArea:h="0.2"/>
</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""


def tagged(format: str) -> bytes:
    """The astronaut with XMP, and with IPTC where the format has it."""
    with pyexiv2.ImageData(saved(ASTRONAUT, format)) as file:
        file.modify_raw_xmp(XMP)
        if format != "WEBP":
            file.modify_iptc({"Iptc.Application2.Caption": "Anna on the beach", "Iptc.Envelope.CharacterSet": "\x1b%G"})
        return file.get_bytes()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_keywords_captions_and_regions_stay_in_a_file_as_large(format):
    made = remake(tagged(format))
    with pyexiv2.ImageData(made.data) as file:
        xmp, iptc = file.read_xmp(), file.read_iptc()
    assert xmp["Xmp.dc.subject"] == ["Großmutter", "1931"] and xmp["Xmp.xmp.Rating"] == "4"
    assert xmp["Xmp.tiff.Orientation"] == "1" and xmp["Xmp.tiff.ImageWidth"] == "400"
    assert any("mwg-rs" in key and value == "Anna" for key, value in xmp.items())
    if format != "WEBP":
        assert iptc["Iptc.Application2.Caption"] == "Anna on the beach"
    assert difference(PhotoFile(made.data).decode().pixels, OLD) < 2.5


def test_regions_of_faces_do_not_stay_where_parts_are_elsewhere_now():
    with pyexiv2.ImageData(remake(tagged("JPEG"), OLD[:100, :200], cropped=True).data) as file:
        xmp = file.read_xmp()
    assert xmp["Xmp.dc.subject"] == ["Großmutter", "1931"] and xmp["Xmp.tiff.ImageWidth"] == "200"
    assert not any("mwg-rs" in key for key in xmp)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_regions_of_a_photo_that_was_stored_on_its_side_are_upright(format):
    regions = (Region("Anna", (0.1, 0.2, 0.3, 0.6)), Region("Rex", (0.5, 0.5, 0.9, 0.6), "Pet"))
    data = description.write(PhotoFile(saved(ASTRONAUT, format, exif=camera_exif())), Description(regions=regions)).data
    made = remake(data, PhotoFile(data).decode().pixels)
    assert PhotoFile(made.data).stored.orientation == 1 and description.read(PhotoFile(made.data)).regions == regions
    assert description.read(PhotoFile(remake(data, OLD, cropped=True).data)).regions is None


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_what_moves_is_restored_by_its_first_picture_and_says_so(format):
    file = io.BytesIO()
    first, second = Pillow.fromarray(ASTRONAUT), Pillow.fromarray(255 - ASTRONAUT)
    first.save(file, format, save_all=True, append_images=[second], duration=100)
    made = remake(file.getvalue())
    assert made.notes == ["The original moves; its first picture was restored."]
    with Pillow.open(io.BytesIO(made.data)) as still:
        assert getattr(still, "n_frames", 1) == 1


@pytest.mark.parametrize(("source", "kept"), [("PNG", "PNG"), ("WEBP", "WebP"), ("HEIF", "PNG"), ("TIFF", "PNG")])
def test_what_was_transparent_stays_so_where_a_format_can_hold_it(source, kept):
    alpha = np.tile(np.arange(ASTRONAUT.shape[1]) % 256, (len(ASTRONAUT), 1)).astype(np.uint8)
    made = remake(saved(np.dstack([ASTRONAUT, alpha]), source), np.dstack([OLD, alpha]))
    assert (made.format, made.notes) == (kept, [])
    assert np.array_equal(PhotoFile(made.data).decode_alpha(), alpha)


def test_what_cannot_stay_transparent_says_that_it_is_white_now(monkeypatch):
    monkeypatch.setattr(export, "MAX_FILE_BYTES", 20_000)
    noise = np.random.default_rng(1).integers(0, 256, (120, 120, 4), np.uint8)
    made = remake(saved(noise, "PNG"), noise)
    assert made.format == "JPEG" and "What was transparent in the original is white now." in made.notes


def test_grey_and_alpha_stay_so_and_colours_keep_their_profile():
    grey = np.repeat(OLD[..., :1], 3, axis=2)
    alpha = np.full(OLD.shape[:2], 100, np.uint8)
    source = saved(Pillow.fromarray(np.dstack([grey[..., 0], alpha]), "LA"), "PNG")
    with Pillow.open(io.BytesIO(remake(source, np.dstack([grey, alpha])).data)) as file:
        assert file.mode == "LA"
    icc = profile("AdobeRGB")
    made = remake(saved(np.dstack([OLD, alpha]), "PNG", icc_profile=icc), np.dstack([OLD, alpha]))
    with Pillow.open(io.BytesIO(made.data)) as file:
        assert file.mode == "RGBA" and file.info["icc_profile"] == icc


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_one_pixel_is_a_photo_too(format):
    pixel = np.full((1, 1, 3), 90, np.uint8)
    made = remake(saved(pixel, format), pixel + 9)
    assert difference(PhotoFile(made.data).decode().pixels, pixel + 9) < 4


def test_a_photo_that_a_format_cannot_hold_becomes_another(monkeypatch):
    long = np.zeros((1, 17_000, 3), np.uint8)
    made = remake(sample("WebP"), long)
    assert made.format == "JPEG"
    assert made.notes == ["It is a JPEG of quality 95, since as a WebP it would be too large."]
    noise = np.random.default_rng(3).integers(0, 256, (300, 400, 3), np.uint8)
    monkeypatch.setattr(export, "MAX_FILE_BYTES", 200_000)
    made = remake(sample("PNG"), noise)
    assert made.format == "JPEG" and len(made.data) <= 200_000 and "since as a PNG" in made.notes[0]
    monkeypatch.setattr(export, "MAX_FILE_BYTES", 1000)
    with pytest.raises(UserError, match="too large"):
        remake(sample("PNG"), noise)


def test_sixteen_bit_colours_in_a_wide_profile_stay_in_it():
    icc = profile("AdobeRGB")
    deep = tiff(ASTRONAUT.astype(np.uint16) * 257, iccprofile=icc)
    with Pillow.open(io.BytesIO(remake(deep).data)) as file:
        assert file.info["icc_profile"] == icc
    assert remake(png16(ASTRONAUT.astype(np.uint16) * 257)).format == "PNG"


def finish(data: bytes, format: str = "JPEG", sidecar: bytes | None = None, **how) -> export.Exported:
    """What a picture made of the whole photo becomes."""
    file = PhotoFile(data, sidecar)
    return export.finish(photo.encode(photo.as_uint8(file.decode().pixels), format), format, file, **how)


def tags(made: export.Exported) -> dict:
    found = exiftool.tags(made.data)
    assert "ExifTool:Warning" not in found
    return found


PRESS = {
    "Caption-Abstract": "Größe in Köln",
    "By-line": "Jörg Müller",
    "CopyrightNotice": "© 2020 Müller",
    "City": "Köln",
    "Keywords": "Küste",
}


@pytest.mark.parametrize("charset", ["latin1", "utf8"])
@pytest.mark.parametrize("source", ["JPEG", "TIFF"])
def test_what_the_press_writes_stays_in_whatever_encoding(source, charset):
    fields = [f"-IPTC:{name}={value}" for name, value in PRESS.items()]
    more = ["-IPTC:CodedCharacterSet=UTF8"] if charset == "utf8" else []
    data = exiftool.changed(
        saved(ASTRONAUT, source), "-charset", f"iptc={charset}", *more, *fields, "-XMP-photoshop:Credit=Agency"
    )
    for format in ("JPEG", "PNG"):
        made = finish(data, format)
        found = tags(made)
        assert {name: found[f"IPTC:{name}"] for name in PRESS} == PRESS and not made.notes
        assert found["XMP-photoshop:Credit"] == "Agency"
    made = finish(data, "WebP")
    found = tags(made)
    assert not made.notes and found["XMP-dc:Description"] == PRESS["Caption-Abstract"]
    assert (found["XMP-dc:Creator"], found["XMP-dc:Rights"]) == ([PRESS["By-line"]], PRESS["CopyrightNotice"])
    assert (found["XMP-photoshop:City"], found["XMP-dc:Subject"]) == ("Köln", ["Küste"])


def test_what_a_format_has_no_place_for_is_told_by_name():
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), "-IPTC:Category=SPO", "-IPTC:City=Bonn")
    made = finish(data, "WebP")
    assert made.notes == ["This WebP has no place for all that the original tells; left out: Category (IPTC)."]
    assert not finish(data, "PNG").notes and tags(finish(data, "PNG"))["IPTC:Category"] == "SPO"


def test_exif_in_latin_1_stays():
    artist, copyright = "Jörg Müller".encode("latin-1"), "© 2019".encode("latin-1")
    extra = [(315, 2, len(artist) + 1, artist + b"\0", True), (33432, 2, len(copyright) + 1, copyright + b"\0", True)]
    found = tags(finish(tiff(ASTRONAUT, extratags=[*extra, (306, 2, 20, "2024:05:06 07:08:09", True)])))
    assert (found["IFD0:Artist"], found["IFD0:Copyright"]) == ("Jörg Müller", "© 2019")
    assert found["IFD0:ModifyDate"] == "2024:05:06 07:08:09"


def test_one_value_that_cannot_be_read_does_not_cost_the_rest_of_xmp():
    packet = XMP.replace("1931", "1931 \x05 M\udcfcller").encode("utf-8", "surrogateescape")
    for data in (saved(ASTRONAUT, "WEBP", xmp=packet), saved(ASTRONAUT, "AVIF", xmp=packet)):
        assert description.read(PhotoFile(data)).tags == ("Großmutter", "1931  Müller")
        found = tags(finish(data))
        assert (found["XMP-dc:Subject"], found["XMP-xmp:Rating"]) == (["Großmutter", "1931  Müller"], 4)
    cut = XMP[: XMP.index("</rdf:Bag></mwg-rs:RegionList>")].encode()
    made = finish(saved(ASTRONAUT, "WEBP", xmp=cut))
    assert made.notes == ["Some of the original's XMP is damaged; it is not in this file."]
    assert tags(made)["XMP-xmp:Rating"] == 4
    assert not [key for key in tags(finish(saved(ASTRONAUT, "WEBP", xmp=b"?"))) if key.startswith("XMP")]
    assert "XMP is damaged" in finish(saved(ASTRONAUT, "WEBP", xmp=b"?")).notes[0]


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "GIF"])
def test_xmp_is_carried_from_every_format(source):
    options = {} if source == "GIF" else {"exif": upright_exif()}
    if source == "TIFF":
        data = exiftool.changed(saved(ASTRONAUT, source, **options), "-XMP-dc:Rights=Ann", "-XMP-xmp:Rating=4")
    elif source == "GIF":
        data = exiftool.changed(saved(ASTRONAUT, source), "-XMP-dc:Rights=Ann", "-XMP-xmp:Rating=4")
    else:
        packet = exiftool.changed(saved(ASTRONAUT, "WEBP"), "-XMP-dc:Rights=Ann", "-XMP-xmp:Rating=4")
        packet = containers.packet_in(packet, "WebP")
        data = saved(ASTRONAUT, source, xmp=packet, **options)
        data = containers.put(data, "PNG", packet, {}, {}) if source == "PNG" else data
    assert description.read(PhotoFile(data)).rating == 4
    found = tags(finish(data))
    assert (found["XMP-dc:Rights"], found["XMP-xmp:Rating"]) == ("Ann", 4)
    assert source == "GIF" or found["ExifIFD:DateTimeOriginal"] == "2024:05:06 07:08:09"


def upright_exif(**more: bytes) -> bytes:
    exif = Pillow.Exif()
    exif.load(camera_exif())
    exif[0x0112] = 1
    if more:
        exif.get_ifd(0x8769)[0x927C] = more["maker"]
    return exif.tobytes()


@pytest.mark.parametrize("source", ["PNG", "WEBP", "HEIF", "AVIF"])
def test_of_much_exif_stays_what_fits(source):
    data = saved(ASTRONAUT, source, exif=upright_exif(maker=b"MAKER" + bytes(90_000)))
    made = finish(data)
    assert made.notes == ["This JPEG has no place for all that the original tells; left out: MakerNote (EXIF)."]
    assert tags(made)["ExifIFD:DateTimeOriginal"] == "2024:05:06 07:08:09"
    for format in ("PNG", "WebP"):
        made = finish(data, format)
        assert not made.notes and b"MAKER" + bytes(90_000) in made.data


def test_of_much_xmp_stays_what_fits():
    many = "".join(f"<rdf:li>{number:032}</rdf:li>" for number in range(5000))
    ancestors = f'<photoshop:DocumentAncestors xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"><rdf:Bag>{many}'
    packet = XMP.replace("<mwg-rs:Regions", f"{ancestors}</rdf:Bag></photoshop:DocumentAncestors><mwg-rs:Regions", 1)
    data = saved(ASTRONAUT, "WEBP", xmp=packet.encode())
    made = finish(data)
    left = "photoshop:DocumentAncestors (XMP)"
    assert made.notes == [f"This JPEG has no place for all that the original tells; left out: {left}."]
    assert tags(made)["XMP-xmp:Rating"] == 4
    assert not finish(data, "PNG").notes and many.encode()[-900:] in finish(data, "PNG").data


def test_xmp_beyond_one_segment_of_a_jpeg_is_carried():
    packet = XMP.replace(
        "xmp:Rating", 'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="XXX" xmp:Rating'
    )
    guid = "0123456789ABCDEF" * 2
    more = (
        XMP.replace("Großmutter", "more")
        .replace("<dc:subject>", "<dc:publisher>")
        .replace("</dc:subject>", "</dc:publisher>")
    )
    more = more[: more.index("<mwg-rs:Regions")] + "</rdf:Description></rdf:RDF></x:xmpmeta>"
    more = more.replace('xmp:Rating="4"', "").encode()
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid.encode() + len(more).to_bytes(4, "big")
    pieces = [head + at.to_bytes(4, "big") + more[at : at + 300] for at in range(0, len(more), 300)]
    data = containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", packet.replace("XXX", guid).encode(), {}, {})
    parts, rest = segments.split_jpeg(data)
    data = b"".join([*parts, *(segments.segment(0xE1, piece) for piece in pieces), rest])
    found = tags(finish(data))
    assert found["XMP-dc:Publisher"] == ["more", 1931] and found["XMP-dc:Subject"] == ["Großmutter", 1931]
    assert "XMP-xmpNote:HasExtendedXMP" not in found


def test_exif_that_cannot_be_read_is_told():
    made = finish(saved(ASTRONAUT, "JPEG", exif=b"Exif\0\0" + b"x" * 99))
    assert made.notes == ["The original's EXIF is damaged, or more than Envo reads; it is not in this file."]


PROGRAMS = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:acdsee-rs="http://ns.acdsee.com/regions/" xmlns:acdsee-stArea="http://ns.acdsee.com/sType/Area#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="{w}" stDim:h="{h}" stDim:unit="pixel"/>
<mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Ada" mwg-rs:Type="Face" mwg-rs:Description="by hand">
<mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{bw}" stArea:h="{bh}" stArea:unit="normalized"/></rdf:Description>
</rdf:li><rdf:li rdf:parseType="Resource"><mwg-rs:Type>Focus</mwg-rs:Type><mwg-rs:Area
 stArea:x="{x}" stArea:y="{y}" stArea:d="0.1"/>
</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag><rdf:li MPReg:Rectangle="{l}, {t}, {bw}, {bh}"
 MPReg:PersonDisplayName="Ada"/></rdf:Bag></MPRI:Regions></MP:RegionInfo>
<Iptc4xmpExt:ImageRegion><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:rId>one</Iptc4xmpExt:rId>
<Iptc4xmpExt:RegionBoundary Iptc4xmpExt:rbShape="rectangle" Iptc4xmpExt:rbUnit="relative" Iptc4xmpExt:rbX="{l}"
 Iptc4xmpExt:rbY="{t}" Iptc4xmpExt:rbW="{bw}" Iptc4xmpExt:rbH="{bh}"/></rdf:li></rdf:Bag></Iptc4xmpExt:ImageRegion>
<acdsee-rs:Regions rdf:parseType="Resource"><acdsee-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">
<acdsee-rs:DLYArea acdsee-stArea:x="{x}" acdsee-stArea:y="{y}" acdsee-stArea:w="{bw}" acdsee-stArea:h="{bh}"/></rdf:li>
</rdf:Bag></acdsee-rs:RegionList></acdsee-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""
FACE = (0.1, 0.2, 0.3, 0.6)
"""Where the face is in the upright photo."""


def drawn(orientation: int, upright: bool = False) -> bytes:
    """A photo that is stored turned, with a face as several programs tell it: of the stored picture or the upright."""
    back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    corners = np.zeros((10, 10), bool)
    corners[2:6, 1:3] = True
    mirrored = corners[:, ::-1] if back in (2, 4, 5, 7) else corners
    stored = np.rot90(mirrored, {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(back, 0))
    rows, columns = (np.flatnonzero((corners if upright else stored).any(axis=axis)) for axis in (1, 0))
    left, top, right, bottom = columns[0] / 10, rows[0] / 10, (columns[-1] + 1) / 10, (rows[-1] + 1) / 10
    width, height = (300, 400) if upright and orientation >= 5 else (400, 300)
    places = {"w": width, "h": height, "l": left, "t": top, "bw": round(right - left, 1), "bh": round(bottom - top, 1)}
    packet = PROGRAMS.format(x=(left + right) / 2, y=(top + bottom) / 2, **places)
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769).update({0xA002: 400, 0xA003: 300, 0x9214: (40, 30)})
    return saved(ASTRONAUT, "WEBP", exif=exif.tobytes(), xmp=packet.encode())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_of_all_programs_turn_with_the_picture(orientation):
    data = drawn(orientation)
    found = tags(finish(data))
    width, height = (300, 400) if orientation >= 5 else (400, 300)
    info = found["XMP-mwg-rs:RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": width, "H": height, "Unit": "pixel"}
    face, focus = info["RegionList"]
    assert (face["Name"], face["Description"]) == ("Ada", "by hand")
    assert [face["Area"][side] for side in "XYWH"] == pytest.approx([0.2, 0.4, 0.2, 0.4])
    assert [focus["Area"][side] for side in "XYD"] == pytest.approx([0.2, 0.4, 0.1])
    (microsoft,) = found["XMP-MP:RegionInfoMP"]["Regions"]
    assert [float(side) for side in microsoft["Rectangle"].split(",")] == pytest.approx([0.1, 0.2, 0.2, 0.4])
    (of_iptc,) = found["XMP-iptcExt:ImageRegion"]
    boundary = of_iptc["RegionBoundary"]
    assert of_iptc["RId"] == "one" and boundary["RbShape"] == "Rectangle"
    assert [float(boundary[f"Rb{side}"]) for side in "XYWH"] == pytest.approx([0.1, 0.2, 0.2, 0.4])
    (acdsee,) = found["XMP-acdsee-rs:Regions"]["RegionList"]
    assert [acdsee["DLYArea"][side] for side in "XYWH"] == pytest.approx([0.2, 0.4, 0.2, 0.4])
    assert (found["ExifIFD:ExifImageWidth"], found["ExifIFD:ExifImageHeight"]) == (width, height)
    x, y = map(int, found["ExifIFD:SubjectArea"].split())
    assert (x, y) == {
        **{1: (40, 30), 2: (360, 30), 3: (360, 270), 4: (40, 270)},
        **{5: (30, 40), 6: (270, 40), 7: (270, 360), 8: (30, 360)},
    }[orientation]


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_regions_of_the_upright_picture_are_left_as_they_are(orientation):
    data = drawn(orientation, upright=True)
    assert Region("Ada", FACE) in description.read(PhotoFile(data)).regions
    info = tags(finish(data))["XMP-mwg-rs:RegionInfo"]
    assert [info["RegionList"][0]["Area"][side] for side in "XYWH"] == pytest.approx([0.2, 0.4, 0.2, 0.4])
    assert info["AppliedToDimensions"] == {"W": 300, "H": 400, "Unit": "pixel"}


GEOMETRIES = [
    Geometry(crop=(0.0, 0.1, 0.6, 0.9)),
    Geometry(turns=1, flip=True, crop=(0.2, 0.5, 1.0, 1.0)),
    Geometry(angle=-6.0, vertical=20.0),
    Geometry(turns=3, angle=12.0, crop=(0.2, 0.3, 0.7, 0.85)),
]


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_regions_of_all_programs_lie_on_what_they_show_in_a_cropped_picture(geometry, orientation):
    width, height = (300, 400) if orientation >= 5 else (400, 300)
    frame = framing(geometry, (width, height))
    x, y = np.moveaxis(frame.places(), -1, 0)
    left, top, right, bottom = FACE
    is_face = ((x - (left + right) / 2) / ((right - left) / 2)) ** 2 + ((y - (top + bottom) / 2) / (top - 0.4)) ** 2 < 1
    picture = np.repeat(np.where(is_face, 255, 0)[..., None], 3, axis=2).astype(np.uint8)
    said = Description(regions=(Region("Ada", FACE),), people=("Ada",))
    data = drawn(orientation)
    found = tags(export.finish(photo.encode(picture, "PNG"), "PNG", PhotoFile(data), said, frame))
    columns, rows = (np.flatnonzero(is_face.any(axis=axis)) for axis in (0, 1))
    wide, high = frame.size
    expected = (columns[0] / wide, rows[0] / high, (columns[-1] + 1) / wide, (rows[-1] + 1) / high)

    def is_on_it(*box: float) -> bool:
        return box == pytest.approx(expected, abs=2.5 / min(frame.size))

    def about(area: dict) -> tuple[float, ...]:
        x, y, w, h = (area[side] for side in "XYWH")
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2

    info = found["XMP-mwg-rs:RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": wide, "H": high, "Unit": "pixel"}
    face, focus = info["RegionList"]
    assert (face["Name"], face["Description"]) == ("Ada", "by hand") and is_on_it(*about(face["Area"]))
    middle = frame.to_picture(np.array([((left + right) / 2, (top + bottom) / 2)]))[0]
    assert (focus["Area"]["X"], focus["Area"]["Y"]) == pytest.approx(middle, abs=0.01)
    (microsoft,) = found["XMP-MP:RegionInfoMP"]["Regions"]
    x, y, w, h = (float(side) for side in microsoft["Rectangle"].split(","))
    assert is_on_it(x, y, x + w, y + h)
    boundary = found["XMP-iptcExt:ImageRegion"][0]["RegionBoundary"]
    x, y, w, h = (float(boundary[f"Rb{side}"]) for side in "XYWH")
    assert is_on_it(x, y, x + w, y + h)
    (acdsee,) = found["XMP-acdsee-rs:Regions"]["RegionList"]
    assert is_on_it(*about(acdsee["DLYArea"]))
    stored = np.array([[40 / 400, 30 / 300]])
    upright = stored if orientation == 1 else np.array([[1 - stored[0, 1], stored[0, 0]]])
    at = frame.to_picture(upright)[0]
    subject = found.get("ExifIFD:SubjectArea")
    if (at < 0).any() or (at > 1).any():
        assert subject is None
    else:
        assert [int(each) for each in subject.split()] == pytest.approx(at * frame.size, abs=1)
    assert found.get("IFD0:Orientation", "Horizontal (normal)") == "Horizontal (normal)"


@pytest.mark.parametrize("orientation", [1, 8])
def test_what_a_crop_cuts_off_is_told_of_no_more(orientation):
    said = Description(regions=(Region("Ada", FACE), Region("Bea", (0.7, 0.2, 0.9, 0.4))), people=("Ada", "Bea", "Cy"))
    size = (300, 400) if orientation >= 5 else (400, 300)
    frame = framing(Geometry(crop=(0.5, 0.0, 1.0, 1.0)), size)
    found = tags(
        export.finish(photo.encode(OLD[:200, :200], "JPEG"), "JPEG", PhotoFile(drawn(orientation)), said, frame)
    )
    (bea,) = found["XMP-mwg-rs:RegionInfo"]["RegionList"]
    assert bea["Name"] == "Bea" and bea["Area"]["X"] == pytest.approx(0.6)
    assert not [key for key in found if key in ("XMP-acdsee-rs:Regions", "XMP-iptcExt:ImageRegion")]
    assert "Ada" not in str({name: value for name, value in found.items() if not name.startswith("ICC")})
    assert set(found["XMP-iptcExt:PersonInImage"]) == {"Bea", "Cy"}


def test_no_program_tells_regions_of_what_was_cropped():
    data = drawn(6)
    made = export.finish(
        photo.encode(OLD[:100], "JPEG"), "JPEG", PhotoFile(data), Description(regions=()), cropped=True
    )
    assert not [key for key in tags(made) if "Region" in key or "Subject" in key]


GOOGLE = "http://ns.google.com/photos/1.0"
POINTERS = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:GCamera="{GOOGLE}/camera/" xmlns:Container="{GOOGLE}/container/"
 xmlns:Item="{GOOGLE}/container/item/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
 xmlns:GDepth="{GOOGLE}/depthmap/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 GCamera:MotionPhoto="1" GCamera:MicroVideoOffset="4032" GCamera:SpecialTypeID="portrait" hdrgm:Version="1.0"
 GDepth:Format="RangeInverse" crs:Exposure2012="+2.00" crs:HasSettings="True" xmp:Label="Red" tiff:BitsPerSample="16"
 dc:format="image/x-adobe-dng"><Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item
 Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="4032"/></rdf:li></rdf:Seq></Container:Directory>
<crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurvePV2012>
<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"/></rdf:Alt></xmp:Thumbnails>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP"])
def test_what_is_not_there_any_more_is_not_pointed_at(format):
    found = tags(finish(saved(ASTRONAUT, "WEBP", xmp=POINTERS.encode()), format))
    kept = {key: value for key, value in found.items() if key.startswith("XMP")}
    assert kept.pop("XMP-GCamera:SpecialTypeID") == "portrait" and kept.pop("XMP-xmp:Label") == "Red"
    assert kept.pop("XMP-dc:Format") == f"image/{format.lower()}" and not kept


def test_a_thumbnail_does_not_show_what_the_photo_was():
    data = exiftool.changed(saved(ASTRONAUT, "JPEG", exif=upright_exif()), "-ColorSpace=Adobe RGB", "-InteropIndex=R03")
    found = tags(finish(data))
    assert found["ExifIFD:ColorSpace"] == "sRGB" and "InteropIFD:InteropIndex" not in found


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WebP"])
def test_what_envo_was_told_counts_for_more_than_what_the_file_says(format):
    words = ("-XMP-dc:Subject=secret place", "-XMP-dc:Subject=beach", "-IPTC:Keywords=secret place", "-IPTC:City=Bonn")
    more = (
        "-EXIF:XPKeywords=secret place;beach",
        "-EXIF:XPTitle=Old",
        "-IFD0:Rating=1",
        "-XMP-iptcExt:PersonInImage=Al",
    )
    rest = ("-XMP-dc:Title=Old", "-XMP-xmp:Rating=1", "-XMP-dc:Rights=Ann", "-IPTC:ObjectName=Old")
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), *words, *more, *rest)
    said = Description(("beach", "sea"), 5, "New", ("Bo",), (Region("Bo", FACE),))
    made = finish(data, format, said=said)
    assert description.read(PhotoFile(made.data)) == said
    found = tags(made)
    assert not [value for value in found.values() if "secret" in str(value) or "Old" in str(value) or value == "Al"]
    assert b"secret" not in made.data and "secret".encode("utf-16-le") not in made.data
    assert found["XMP-dc:Rights"] == "Ann" and found["IFD0:Rating"] == 5


def test_what_lies_beside_a_photo_counts_for_more_than_what_is_in_it():
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), "-XMP-dc:Rights=Ann", "-XMP-xmp:Rating=1")
    found = tags(finish(data, sidecar=XMP.encode()))
    assert (found["XMP-dc:Rights"], found["XMP-xmp:Rating"], found["XMP-dc:Subject"]) == (
        "Ann",
        4,
        ["Großmutter", 1931],
    )
    said = description.read(PhotoFile(data, XMP.encode()))
    assert tags(finish(data, sidecar=XMP.encode(), said=said))["XMP-xmp:Rating"] == 4


def test_an_edited_photo_is_rendered_with_all_that_is_said():
    data = exiftool.changed(saved(ASTRONAUT, "JPEG", exif=camera_exif()), "-XMP-dc:Rights=Ann")
    document = edits.parse({"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]})
    made = export.edited(PhotoFile(data), document, Material(), ExportSettings(format="PNG"), Description(tags=("a",)))
    found = tags(made)
    assert (found["XMP-dc:Rights"], found["XMP-dc:Subject"], found["IFD0:Make"]) == ("Ann", ["a"], "Nikon")
    assert PhotoFile(made.data).decode().pixels.mean() > PhotoFile(data).decode().pixels.mean() + 10
