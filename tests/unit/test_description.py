"""What is said of a photo: other programs read what Envo writes, and Envo what they write; nothing else changes."""

import io
import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from envo import containers, description, photo, xmp
from envo.description import Description, Region
from envo.errors import UserError
from envo.file import PhotoFile
from tests import exiftool
from tests.unit.test_export import XMP
from tests.unit.test_photo import ASTRONAUT, KODAK, camera_exif, difference, dng, profile, sample, saved, tiff

WRITABLE = ("JPEG", "PNG", "WEBP", "TIFF")
SAID = Description(
    tags=("Straße", "Tiere|Hunde|Dackel", "海滩", "شاطئ", "🏖️👩‍👩‍👧"),
    rating=4,
    title="Großmutter 祖母 جدة 👵",
    people=("Eilís", "李雷", "ليلى", "👸"),
    regions=(Region("李雷", (0.1, 0.2, 0.3, 0.6)), Region("ليلى", (0.5, 0.5, 0.75, 0.7)), Region("", (0, 0, 0.1, 0.1))),
    original_name="DSC_0001 原 صورة 📷.JPG",
)
FLAT = ["Straße", "Tiere", "Hunde", "Dackel", "海滩", "شاطئ", "🏖️👩‍👩‍👧"]


def write(data: bytes, said: Description = SAID, sidecar: bytes | None = None) -> bytes:
    """Write into a file that can be written into."""
    written = description.write(PhotoFile(data, sidecar), said)
    assert not written.notes and (written.sidecar is None) == (sidecar is None)
    return written.data


def picture(data: bytes) -> bytes:
    """The bytes of the file that are its picture, found without Envo."""
    if data[:4] == b"RIFF":
        start = max(data.find(name) for name in (b"VP8 ", b"VP8L"))
        return data[start : start + 8 + int.from_bytes(data[start + 4 : start + 8], "little")]
    if data[:2] in (b"II", b"MM"):
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            spans = [span for page in file.pages for span in zip(page.dataoffsets, page.databytecounts, strict=True)]
        return b"".join(data[start : start + length] for start, length in spans)
    return exiftool.stripped(data)


def told(data: bytes) -> dict:
    """All that ExifTool reads, less what tells how the file is stored, and what Envo writes."""
    ours = ("Subject", "HierarchicalSubject", "Keywords", "Rating", "Title", "ObjectName", "CodedCharacterSet")
    ours += ("PersonInImage", "RegionInfo", "PreservedFileName", "XMPToolkit", "ApplicationRecordVersion")
    stored = ("StripOffsets", "CurrentIPTCDigest", "EnvelopeRecordVersion", "ThumbnailOffset", "WebP_Flags")
    return {
        key: value
        for key, value in exiftool.tags(data).items()
        if not key.startswith(("System:", "ExifTool:")) and key.split(":")[-1] not in ours + stored
    }


def check_xmp(tags: dict, width: int = 400, height: int = 300) -> None:
    """Check that ExifTool reads `SAID`, for a picture that is stored upright."""
    assert tags["XMP-dc:Subject"] == FLAT
    assert tags["XMP-lr:HierarchicalSubject"] == list(SAID.tags)
    assert tags["XMP-xmp:Rating"] == 4
    assert tags["XMP-dc:Title"] == SAID.title
    assert tags["XMP-iptcExt:PersonInImage"] == list(SAID.people)
    assert tags["XMP-xmpMM:PreservedFileName"] == SAID.original_name
    regions = tags["XMP-mwg-rs:RegionInfo"]
    assert regions["AppliedToDimensions"] == {"W": width, "H": height, "Unit": "pixel"}
    assert [(each.get("Name", ""), each["Type"]) for each in regions["RegionList"]] == [
        ("李雷", "Face"),
        ("ليلى", "Face"),
        ("", "Face"),
    ]
    assert regions["RegionList"][0]["Area"] == {"X": 0.2, "Y": 0.4, "W": 0.2, "H": 0.4, "Unit": "normalized"}


@pytest.mark.parametrize("format", WRITABLE)
def test_exiftool_reads_every_field_in_every_script(format):
    data = saved(ASTRONAUT, format)
    made = write(data)
    tags = exiftool.tags(made)
    check_xmp(tags)
    if format != "WEBP":
        assert tags["IPTC:Keywords"] == FLAT
        assert tags["IPTC:ObjectName"] == SAID.title
        assert tags["IPTC:CodedCharacterSet"] == "UTF8"
    assert "ExifTool:Warning" not in tags
    assert picture(made) == picture(data)
    assert np.array_equal(PhotoFile(made).decode().pixels, PhotoFile(data).decode().pixels)
    assert description.read(PhotoFile(made)) == SAID


@pytest.mark.parametrize("format", ["GIF", "HEIC", "AVIF", "BMP", "RAW"])
def test_what_cannot_be_written_into_gets_a_file_beside_it(format):
    data = sample(format)
    written = description.write(PhotoFile(data), SAID)
    assert written.data == data and written.format == format
    tags = exiftool.tags(written.sidecar)
    check_xmp(tags)
    assert tags["File:FileType"] == "XMP" and "ExifTool:Warning" not in tags
    assert description.read(PhotoFile(data, written.sidecar)) == SAID
    assert bool(written.notes) == (format != "RAW")


@pytest.mark.skipif(not KODAK.exists(), reason="the Kodak DC50 sample is not on this machine")
def test_a_real_raw_gets_a_file_beside_it():
    data = KODAK.read_bytes()
    written = description.write(PhotoFile(data), SAID)
    assert written.data == data and not written.notes
    check_xmp(exiftool.tags(written.sidecar), 768, 512)
    assert description.read(PhotoFile(data, written.sidecar)) == SAID


@pytest.mark.parametrize("format", WRITABLE)
def test_writing_twice_changes_nothing_more(format):
    once = write(saved(ASTRONAUT, format, exif=camera_exif()))
    assert write(once) == once
    assert description.write(PhotoFile(once), Description()).data == once


@pytest.mark.parametrize("format", WRITABLE)
def test_what_is_not_said_stays_and_what_is_denied_goes(format):
    made = write(saved(ASTRONAUT, format))
    assert description.read(PhotoFile(write(made, Description(rating=2)))) == Description(**{**vars(SAID), "rating": 2})
    nothing = Description(tags=(), rating=0, title="", people=(), regions=(), original_name="")
    emptied = write(made, nothing)
    tags = exiftool.tags(emptied)
    assert tags.pop("XMP-xmp:Rating") == 0
    # A face without a name is what other programs saw; nobody denied that.
    assert [each.get("Name") for each in tags.pop("XMP-mwg-rs:RegionInfo")["RegionList"]] == [None]
    assert not [key for key in tags if key.startswith(("XMP-dc", "XMP-lr", "XMP-mwg", "XMP-iptc", "XMP-xmp"))]
    assert "IPTC:Keywords" not in tags and "IPTC:ObjectName" not in tags
    assert description.read(PhotoFile(emptied)) == Description(rating=0, regions=SAID.regions[2:])


@pytest.mark.parametrize("format", [*WRITABLE, "AVIF", "RAW", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_are_in_the_stored_picture(format, orientation):
    """What a region holds of the stored picture is, upright, what its box holds of the photo."""
    if format == "RAW" and orientation in (2, 4, 5, 7):
        pytest.skip("no camera mirrors RAW")
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif = exif.tobytes()
    data = dng(ASTRONAUT, orientation) if format == "RAW" else saved(ASTRONAUT, format, exif=exif, quality=95)
    region = Region("Eileen", (0.1, 0.2, 0.3, 0.6))
    written = description.write(PhotoFile(data), Description(regions=(region,)))
    info = exiftool.tags(written.sidecar or written.data)["XMP-mwg-rs:RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": 400, "H": 300, "Unit": "pixel"}
    area = info["RegionList"][0]["Area"]
    x, y, width, height = (area[name] for name in "XYWH")
    of_stored = cut(ASTRONAUT, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    if orientation in (2, 4, 5, 7):
        of_stored = of_stored[:, ::-1]
    upright = np.rot90(of_stored, {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0))
    assert difference(cut(photo.as_uint8(PhotoFile(data).decode().pixels), region.box), upright) < 6
    assert description.read(PhotoFile(written.data, written.sidecar)).regions == (region,)


def cut(pixels: np.ndarray, box: description.Box) -> np.ndarray:
    height, width = pixels.shape[:2]
    left, top, right, bottom = (round(side * (height if place % 2 else width)) for place, side in enumerate(box))
    return pixels[top:bottom, left:right]


def upright_exif() -> bytes:
    exif = Pillow.Exif()
    exif.load(camera_exif())
    exif[0x0112] = 1
    return exif.tobytes()


OTHERS = XMP.replace(
    "<mwg-rs:Regions",
    """<crs:ToneCurvePV2012 xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"><rdf:Seq><rdf:li>0, 0</rdf:li>
<rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurvePV2012>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Beach</rdf:li><rdf:li xml:lang="de-DE">Strand</rdf:li></rdf:Alt>
</dc:title><own:note xmlns:own="http://example.org/own#" own:by="somebody"/>
<xmpMM:History xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#">
<rdf:Seq><rdf:li stEvt:action="saved" stEvt:when="2024-05-06T07:08:09"/></rdf:Seq></xmpMM:History>
<mwg-rs:Regions""",
).replace(
    "</rdf:li></rdf:Bag></mwg-rs:RegionList>",
    """</rdf:li><rdf:li><rdf:Description mwg-rs:Name="Rex" mwg-rs:Type="Pet" mwg-rs:Description="a good dog">
<mwg-rs:Area stArea:x="0.2" stArea:y="0.8" stArea:w="0.1" stArea:h="0.2" stArea:unit="normalized"/></rdf:Description>
</rdf:li><rdf:li rdf:parseType="Resource"><mwg-rs:Type>Focus</mwg-rs:Type><mwg-rs:Area stArea:x="0.5" stArea:y="0.5"/>
</rdf:li></rdf:Bag></mwg-rs:RegionList>""",
)


@pytest.mark.parametrize("format", WRITABLE)
def test_what_other_programs_wrote_stays(format):
    data = containers.put(
        saved(ASTRONAUT, format, exif=upright_exif(), icc_profile=profile("AdobeRGB")),
        {"WEBP": "WebP"}.get(format, format),
        OTHERS.encode(),
        {"Iptc.Application2.Caption": "Anna am Strand", "Iptc.Application2.City": "Saarbrücken"},
        {},
    )
    assert description.read(PhotoFile(data)) == Description(
        tags=("Großmutter", "1931"),
        rating=4,
        title="Beach",
        people=("Anna",),
        regions=(Region("Anna", (0.4, 0.3, 0.6, 0.5)), Region("Rex", (0.15, 0.7, 0.25, 0.9), "Pet")),
    )
    made = write(data)
    before, after = told(data), told(made)
    assert after.pop("XMP-dc:Title-de-DE", None) == before.pop("XMP-dc:Title-de-DE", None)
    assert after == before
    assert "XMP-crs:ToneCurvePV2012" in after and "XMP-xmpMM:History" in after and "IFD0:Model" in after
    assert b"somebody" in made and b"Strand" in made
    regions = exiftool.tags(made)["XMP-mwg-rs:RegionInfo"]
    kept = sorted(each["Type"] + " " + each.get("Name", "") for each in regions["RegionList"])
    assert kept == ["Face ", "Face ليلى", "Face 李雷", "Focus ", "Pet Rex"]
    dog = next(each for each in regions["RegionList"] if each.get("Name") == "Rex")
    assert dog["Description"] == "a good dog" and dog["Area"]["X"] == 0.2
    assert picture(made) == picture(data)


def test_regions_that_say_the_same_are_left_as_they_are():
    data = containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", OTHERS.encode(), {}, {})
    there = description.read(PhotoFile(data))
    assert write(data, Description(regions=there.regions, people=("Anna",))).count(b"a good dog") == 1
    # A pet goes when pets are said to be others.
    without = write(data, Description(regions=(*there.regions[:1], Region("Cat", (0.7, 0.7, 0.9, 0.9), "Pet"))))
    assert b"a good dog" not in without
    assert [each.name for each in description.read(PhotoFile(without)).regions] == ["Anna", "Cat"]


@pytest.mark.parametrize("dimensions", ['stDim:w="300" stDim:h="400"', 'stDim:w="4000" stDim:h="1000"'])
def test_regions_of_another_shape_of_the_picture_are_not_taken_for_this_ones(dimensions):
    size = f'<mwg-rs:AppliedToDimensions xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" {dimensions}/>'
    xmp = XMP.replace("<mwg-rs:RegionList>", size + "<mwg-rs:RegionList>")
    data = containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", xmp.encode(), {}, {})
    assert description.read(PhotoFile(data)).regions is None
    assert "RegionList" in exiftool.tags(write(data, Description(rating=1)))["XMP-mwg-rs:RegionInfo"]
    made = write(data, Description(regions=(Region("Bea", (0.1, 0.1, 0.2, 0.2)),)))
    assert description.read(PhotoFile(made)).regions == (Region("Bea", (0.1, 0.1, 0.2, 0.2)),)


MICROSOFT = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"
 xmlns:digiKam="http://www.digikam.org/ns/1.0/" MicrosoftPhoto:Rating="75"><MP:RegionInfo>
<rdf:Description><MPRI:Regions><rdf:Bag><rdf:li><rdf:Description MPReg:Rectangle="0.1, 0.2, 0.2, 0.4"
 MPReg:PersonDisplayName="Anna"/></rdf:li></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>
<MicrosoftPhoto:LastKeywordXMP><rdf:Bag><rdf:li>old</rdf:li></rdf:Bag></MicrosoftPhoto:LastKeywordXMP>
<digiKam:TagsList><rdf:Seq><rdf:li>old</rdf:li></rdf:Seq></digiKam:TagsList></rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_microsofts_regions_stars_and_keywords_are_read_and_kept_up_to_date():
    data = containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", MICROSOFT.encode(), {}, {})
    there = description.read(PhotoFile(data))
    assert (there.rating, there.people, there.regions) == (4, ("Anna",), (Region("Anna", (0.1, 0.2, 0.3, 0.6)),))
    tags = exiftool.tags(write(data, replace(SAID, rating=5)))
    check_xmp(tags | {"XMP-xmp:Rating": 4})
    assert (tags["XMP-xmp:Rating"], tags["XMP-microsoft:RatingPercent"]) == (5, 99)
    assert tags["XMP-microsoft:LastKeywordXMP"] == FLAT
    assert tags["XMP-digiKam:TagsList"] == [tag.replace("|", "/") for tag in SAID.tags]
    faces = tags["XMP-MP:RegionInfoMP"]["Regions"]
    assert [each.get("PersonDisplayName", "") for each in faces] == ["李雷", "ليلى", ""]
    # Where Anna was is where Envo says that 李雷 is: the region stays, and gets the name.
    assert faces[0]["Rectangle"] == "0.1, 0.2, 0.2, 0.4"
    unrated = exiftool.tags(write(data, Description(rating=0)))
    assert unrated["XMP-microsoft:RatingPercent"] == 0


@pytest.mark.parametrize("format", WRITABLE)
def test_what_exiftool_writes_is_read(format):
    data = exiftool.changed(
        saved(ASTRONAUT, format),
        *(
            "-XMP-dc:Subject=狗",
            "-XMP-dc:Subject=Dachshund",
            "-XMP-lr:HierarchicalSubject=Animals|狗",
            "-XMP-xmp:Rating=3",
        ),
        *("-XMP-dc:Title=شاطئ", "-XMP-iptcExt:PersonInImage=Eilís", "-XMP-xmpMM:PreservedFileName=a.jpg"),
        "-XMP-mwg-rs:RegionInfo={AppliedToDimensions={W=400,H=300,Unit=pixel},RegionList=[{Name=李雷,Type=Face,"
        "Area={X=0.2,Y=0.4,W=0.2,H=0.4,Unit=normalized}}]}",
    )
    assert description.read(PhotoFile(data)) == Description(
        ("Animals|狗", "Dachshund"), 3, "شاطئ", ("Eilís", "李雷"), (Region("李雷", (0.1, 0.2, 0.3, 0.6)),), "a.jpg"
    )
    made = write(data)
    check_xmp(exiftool.tags(made))
    assert picture(made) == picture(data)


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_iptc_in_the_encoding_of_windows_is_read_and_stays_readable(format):
    data = exiftool.changed(
        saved(ASTRONAUT, format),
        *("-charset", "iptc=latin1", "-IPTC:Keywords=Küste", "-IPTC:Caption-Abstract=Größe", "-IPTC:ObjectName=Öl"),
    )
    assert "Küste".encode("latin-1") in data
    assert description.read(PhotoFile(data)) == Description(tags=("Küste",), title="Öl")
    tags = exiftool.tags(write(data, Description(tags=("Küste", "海滩"))))
    assert tags["IPTC:Keywords"] == ["Küste", "海滩"]
    assert (tags["IPTC:Caption-Abstract"], tags["IPTC:ObjectName"]) == ("Größe", "Öl")
    assert tags["IPTC:CodedCharacterSet"] == "UTF8"


def test_what_windows_says_in_exif_is_read_and_kept_up_to_date():
    words = ("-EXIF:XPKeywords=Küste;海滩", "-EXIF:XPTitle=Öl", "-IFD0:Rating=2", "-IFD0:RatingPercent=25")
    camera = ("-EXIF:Make=Canon", "-EXIF:LensModel=Lens", "-EXIF:GPSLatitude=48.5", "-EXIF:GPSLatitudeRef=N")
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), *words, *camera)
    assert description.read(PhotoFile(data)) == Description(tags=("Küste", "海滩"), rating=2, title="Öl")
    tags = exiftool.tags(write(data))
    check_xmp(tags)
    # ExifTool reads no emoji there.
    assert tags["IFD0:XPKeywords"].startswith(";".join(FLAT[:-1])) and tags["IFD0:XPTitle"].startswith(
        "Großmutter 祖母"
    )
    assert (tags["IFD0:Rating"], tags["IFD0:RatingPercent"]) == (4, 75)
    assert (tags["IFD0:Make"], tags["ExifIFD:LensModel"]) == ("Canon", "Lens") and "48" in tags["GPS:GPSLatitude"]
    assert "ExifTool:Warning" not in tags
    nothing = exiftool.tags(write(data, Description(tags=(), title="")))
    assert not {"IFD0:XPKeywords", "IFD0:XPTitle"} & set(nothing) and nothing["IFD0:Rating"] == 2
    only = exiftool.changed(saved(ASTRONAUT, "JPEG"), "-EXIF:XPKeywords=a")
    assert description.read(PhotoFile(write(only, Description(tags=())))).tags is None


def test_readers_are_told_that_iptc_and_xmp_agree():
    data = exiftool.changed(saved(ASTRONAUT, "JPEG"), "-IPTC:Keywords=a", "-Photoshop:IPTCDigest=new")
    made = write(data)
    tags = exiftool.tags(made)
    assert "ExifTool:Warning" not in tags
    assert tags["Photoshop:IPTCDigest"] == tags["File:CurrentIPTCDigest"]
    assert tags["Photoshop:IPTCDigest"] != exiftool.tags(data)["Photoshop:IPTCDigest"]


def test_long_tags_are_whole_in_xmp_and_cut_between_characters_in_iptc():
    tag = "海" * 40
    made = write(saved(ASTRONAUT, "JPEG"), Description(tags=(tag, "a")))
    tags = exiftool.tags(made)
    assert tags["XMP-dc:Subject"] == [tag, "a"] and tags["IPTC:Keywords"] == ["海" * 21, "a"]
    assert "ExifTool:Warning" not in tags
    assert description.read(PhotoFile(made)).tags == (tag, "a")


def test_stars_that_others_count_in_another_way_stay():
    rejected = exiftool.changed(saved(ASTRONAUT, "JPEG"), "-XMP-xmp:Rating=-1")
    assert description.read(PhotoFile(rejected)).rating == 0
    assert exiftool.tags(write(rejected, Description(rating=0)))["XMP-xmp:Rating"] == -1
    assert exiftool.tags(write(rejected, Description(rating=2)))["XMP-xmp:Rating"] == 2
    assert description.read(PhotoFile(exiftool.changed(saved(ASTRONAUT, "JPEG"), "-IFD0:Rating=3"))).rating == 3
    # A photo that nobody rated says nothing of stars.
    assert "XMP-xmp:Rating" not in exiftool.tags(write(saved(ASTRONAUT, "JPEG"), Description(rating=0, tags=("a",))))


def test_texts_that_look_like_code_are_only_texts():
    texts = ("<b>&amp;</b>", 'type="Bag"', 'lang="de" x', "]]>", "a, b; c", "\0a\x1b\u202e b\n", "  ", "|x||y|")
    made = write(
        saved(ASTRONAUT, "JPEG"), Description(tags=texts, title='lang="x-default" a, lang="de" b', people=texts)
    )
    clean = ("<b>&amp;</b>", 'type="Bag"', 'lang="de" x', "]]>", "a, b; c", "a b")
    there = description.read(PhotoFile(made))
    assert there.tags == (*clean, "x|y")
    assert there.people == (*clean, "|x||y|")
    assert there.title == 'lang="x-default" a, lang="de" b'
    tags = exiftool.tags(made)
    assert tags["XMP-dc:Subject"] == tags["IPTC:Keywords"] == [*clean, "x", "y"]


def test_compressed_xmp_in_a_png_is_read():
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP, zip=True)
    data = saved(ASTRONAUT, "PNG", pnginfo=info)
    assert b"XML:com.adobe.xmp\0\1" in data
    assert description.read(PhotoFile(data)).tags == ("Großmutter", "1931")
    assert description.read(PhotoFile(write(data))) == SAID


BROKEN = [b"Exif\0\0II*\0\x08\0\0\0\xff\xff!!", b"Exif\0\0" + b"x" * 99]


@pytest.mark.parametrize("exif", BROKEN, ids=["cut", "nonsense"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_with_broken_exif_is_delivered_and_told(format, exif):
    data = saved(ASTRONAUT, format, exif=exif)
    written = description.write(PhotoFile(data), SAID)
    assert len(written.notes) == 1 and "EXIF" in written.notes[0]
    check_xmp(exiftool.tags(written.data))
    assert exif.removeprefix(b"Exif\0\0") in written.data
    assert np.array_equal(PhotoFile(written.data).decode().pixels, PhotoFile(data).decode().pixels)
    assert description.read(PhotoFile(written.data)) == SAID


def broken_tiff() -> bytes:
    """A TIFF whose EXIF is said to be where the file has ended."""
    data = saved(ASTRONAUT, "TIFF", exif=camera_exif())
    place = data.index(b"\x69\x87\4\0\1\0\0\0") + 8
    return data[:place] + struct.pack("<I", len(data) + 99) + data[place + 4 :]


@pytest.mark.parametrize(
    "data",
    [
        broken_tiff(),
        tiff(ASTRONAUT, bigtiff=True),
        containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", b"<x:xmpmeta this is no XMP", {}, {}),
    ],
    ids=["EXIF", "BigTIFF", "XMP"],
)
def test_a_file_that_cannot_be_written_into_without_harm_stays_as_it_is(data):
    assert description.read(PhotoFile(data)) == Description()
    written = description.write(PhotoFile(data), SAID)
    assert written.data == data
    assert written.notes == ["This file cannot be written into without harm; its tags are in the .xmp file beside it."]
    assert description.read(PhotoFile(written.data, written.sidecar)) == SAID


def test_more_than_a_jpeg_can_hold_is_beside_it():
    tags = tuple(f"{number:03} {'x' * 100}" for number in range(900))
    written = description.write(PhotoFile(sample("JPEG")), Description(tags=tags))
    assert written.data == sample("JPEG") and written.notes
    assert description.read(PhotoFile(written.data, written.sidecar)).tags == tags


def several(format: str, **options) -> bytes:
    first, second = Pillow.fromarray(ASTRONAUT), Pillow.fromarray(255 - ASTRONAUT)
    return saved(first, format, save_all=True, append_images=[second], **options)


@pytest.mark.parametrize("format", ["MPO", "PNG", "WEBP", "TIFF"])
def test_every_picture_of_a_file_with_several_stays(format):
    data = several(format)
    made = write(data)
    check_xmp(exiftool.tags(made))
    with Pillow.open(io.BytesIO(data)) as before, Pillow.open(io.BytesIO(made)) as after:
        assert after.format == before.format and after.n_frames == before.n_frames == 2
        for number in range(2):
            before.seek(number)
            after.seek(number)
            assert np.array_equal(np.asarray(before.convert("RGB")), np.asarray(after.convert("RGB")))
    assert description.read(PhotoFile(made)) == SAID


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("lossless", [False, True])
def test_every_kind_of_webp_stays_what_it_was(lossless, alpha):
    pixels = np.dstack([ASTRONAUT, ASTRONAUT[:, :, 0]]) if alpha else ASTRONAUT
    data = saved(pixels[:299, :399], "WEBP", lossless=lossless)
    made = write(data)
    check_xmp(exiftool.tags(made), 399, 299)
    with Pillow.open(io.BytesIO(data)) as before, Pillow.open(io.BytesIO(made)) as after:
        assert after.mode == before.mode == ("RGBA" if alpha else "RGB")
        assert np.array_equal(np.asarray(before), np.asarray(after))


@pytest.mark.parametrize(
    "options",
    [
        {"byteorder": ">"},
        {"compression": "zlib", "predictor": True},
        {"tile": (64, 64)},
        {"rowsperstrip": 7},
        {"planarconfig": "separate"},
    ],
    ids=str,
)
def test_every_kind_of_tiff_stays_what_it_was(options):
    deep = ASTRONAUT.astype(np.uint16) * 257
    if "planarconfig" in options:
        deep = np.ascontiguousarray(deep.transpose(2, 0, 1))
    data = tiff(deep, **options)
    made = write(data)
    check_xmp(exiftool.tags(made))
    assert np.array_equal(tifffile.imread(io.BytesIO(made)), deep)


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_the_file_beside_a_photo_is_changed_where_something_is_said(declared):
    sidecar = (declared + OTHERS.replace("<rdf:RDF", "<!-- mine --><rdf:RDF")).encode()
    data = dng(ASTRONAUT)
    written = description.write(PhotoFile(data, sidecar), SAID)
    tags = exiftool.tags(written.sidecar)
    assert written.data == data and not written.notes
    assert tags["XMP-dc:Subject"] == FLAT and tags["XMP-xmp:Rating"] == 4
    assert tags["XMP-dc:Title-de-DE"] == "Strand"
    assert b"<!-- mine -->" in written.sidecar and written.sidecar.startswith(b"<?xml") == bool(declared)
    regions = [each["Type"] for each in tags["XMP-mwg-rs:RegionInfo"]["RegionList"]]
    assert sorted(regions) == ["Face", "Face", "Face", "Focus", "Pet"]
    assert description.write(PhotoFile(data, written.sidecar), SAID).sidecar == written.sidecar
    # The photo says one thing, the file beside it another: the latter counts, and both are written.
    both = description.write(
        PhotoFile(exiftool.changed(sample("JPEG"), "-XMP-xmp:Rating=1", "-XMP-dc:Title=a"), sidecar), SAID
    )
    assert (
        description.read(PhotoFile(both.data)).rating == 4 and exiftool.tags(both.sidecar)["XMP-dc:Title"] == SAID.title
    )
    there = description.read(
        PhotoFile(exiftool.changed(sample("JPEG"), "-XMP-xmp:Rating=1", "-XMP-iptcExt:PersonInImage=Al"), sidecar)
    )
    assert (there.rating, there.title) == (4, "Beach")


@pytest.mark.parametrize("sidecar", [b"nonsense", b"<x/>", b"<x", "<a>\xe4</a>".encode("latin-1"), b"\0"])
def test_a_damaged_file_beside_a_photo_is_told_and_made_anew(sidecar):
    assert description.read(PhotoFile(sample("RAW"), sidecar)) == Description()
    written = description.write(PhotoFile(sample("RAW"), sidecar), SAID)
    assert written.notes == ["The .xmp file that came with it was damaged; this is a new one."]
    check_xmp(exiftool.tags(written.sidecar))


def test_xmp_reads_no_other_files(tmp_path):
    (tmp_path / "secret").write_text("secret")
    entity = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{tmp_path / "secret"}">]>'
    sidecar = (entity + XMP.replace("1931", "&b;")).encode()
    assert "secret" not in (description.read(PhotoFile(sample("RAW"), sidecar)).tags or ())
    assert b"secret</" not in description.write(PhotoFile(sample("RAW"), sidecar), Description(rating=1)).sidecar


def test_what_is_no_photo_is_refused():
    with pytest.raises(UserError):
        description.read(PhotoFile(b"nonsense"))
    with pytest.raises(UserError):
        description.write(PhotoFile(b"nonsense"), SAID)


HEAD = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">"""
TAIL = "</rdf:Description></rdf:RDF></x:xmpmeta>"


def bag(name: str, items) -> str:
    return f"<{name}><rdf:Bag>{''.join(f'<rdf:li>{each}</rdf:li>' for each in items)}</rdf:Bag></{name}>"


def saying(body: str, compress: bool = False) -> bytes:
    """A PNG with this XMP."""
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", HEAD + body + TAIL, zip=compress)
    return saved(ASTRONAUT[:64, :64], "PNG", pnginfo=info)


def test_of_many_and_long_words_some_are_read_and_the_rest_is_told():
    told = "This file says more than Envo reads; not all of its {} were taken over."
    many = saying(bag("dc:subject", range(3000)))
    assert description.read(PhotoFile(many)).tags == tuple(map(str, range(1000)))
    assert description.write(PhotoFile(many), Description(rating=1)).notes == [told.format("tags")]
    deep = saying(bag("lr:hierarchicalSubject", ["|".join("a" * 30_000), "b|c"]))
    assert description.read(PhotoFile(deep)).tags == ("|".join("a" * 20), "b|c")
    assert description.write(PhotoFile(deep), Description(rating=1)).notes == [told.format("tags")]
    assert description.read(PhotoFile(saying(bag("dc:subject", ["a" * 100_000, "b"])))).tags == ("a" * 200, "b")
    crowd = saying(bag("Iptc4xmpExt:PersonInImage", (f"Name {number}" for number in range(3000))))
    assert len(description.read(PhotoFile(crowd)).people) == 500
    assert description.write(PhotoFile(crowd), Description(rating=1)).notes == [told.format("people")]
    # What was not taken over, nobody changed.
    assert description.write(PhotoFile(many), description.read(PhotoFile(many))).data == many


def test_xmp_without_bounds_is_left_aside_and_told():
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(20))
    for body in (
        bag("dc:subject", range(200_000)),
        "<dc:a rdf:parseType='Resource'>" * 50_000,
        f"<dc:title>{'a' * 17_000_000}</dc:title>",
    ):
        data = saying(body, compress=True)
        assert description.read(PhotoFile(data)) == Description()
        written = description.write(PhotoFile(data), SAID)
        assert written.data == data and "cannot be written into" in written.notes[0]
        assert description.read(PhotoFile(written.data, written.sidecar)) == SAID
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "a">{entities}]>{HEAD}<dc:title>&e20;</dc:title>{TAIL}'
    assert description.read(PhotoFile(saved(ASTRONAUT, "WEBP", xmp=bomb.encode()))) == Description()


def test_what_a_hostile_file_says_costs_little():
    """Whole files, in a process of their own: none takes much memory, or minutes."""
    done = subprocess.run([sys.executable, "-m", "tests.hostile"], capture_output=True, timeout=300, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 700, "megabytes"


def test_what_is_said_already_leaves_as_it_is_spelt():
    data = containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", OTHERS.encode(), {}, {})
    there = description.read(PhotoFile(data))
    same = replace(there, tags=there.tags[::-1], original_name="", regions=there.regions[:1])
    assert description.write(PhotoFile(data), same).data.count(b"a good dog") == 1
    for said in (there, replace(there, original_name="")):
        packet = containers.packet_in(description.write(PhotoFile(data), said).data, "JPEG")
        assert xmp.properties(packet) == xmp.properties(OTHERS.encode())
    # A new tag is added to those that are there, and one that is denied goes.
    hierarchy = exiftool.changed(
        saved(ASTRONAUT, "JPEG"), "-XMP-dc:Subject=Dog", "-XMP-lr:HierarchicalSubject=Animals|Dog"
    )
    tags = exiftool.tags(write(hierarchy, Description(tags=("Animals|Dog", "sea"))))
    assert tags["XMP-lr:HierarchicalSubject"] == ["Animals|Dog", "sea"]


def test_a_region_that_was_drawn_by_hand_stays_as_it_was_drawn():
    packet = OTHERS.replace("Rex", "Ada").replace('"Pet"', '"Face"').encode()
    data = containers.put(saved(ASTRONAUT, "JPEG"), "JPEG", packet, {}, {})
    before = exiftool.tags(data)["XMP-mwg-rs:RegionInfo"]["RegionList"]
    there = {each.name: each for each in description.read(PhotoFile(data)).regions}
    # An engine sees the same faces elsewhere: near by.
    seen = Region("Ada", (0.14, 0.72, 0.24, 0.95)), Region("Anna", (0.39, 0.3, 0.62, 0.55))
    kept = exiftool.tags(write(data, Description(people=("Ada", "Anna"), regions=seen)))
    assert kept["XMP-mwg-rs:RegionInfo"]["RegionList"] == before
    renamed = description.write(PhotoFile(data), Description(regions=(replace(seen[0], name="Bea"), seen[1]))).data
    after = exiftool.tags(renamed)["XMP-mwg-rs:RegionInfo"]["RegionList"]
    assert after == [each | {"Name": "Bea"} if each.get("Name") == "Ada" else each for each in before]
    gone = description.read(PhotoFile(description.write(PhotoFile(data), Description(regions=seen[1:])).data)).regions
    assert gone == (there["Anna"],)
