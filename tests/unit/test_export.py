"""A restored or edited photo is as nearly the same file as its original as can be: format, colours, metadata."""

import io

import numpy as np
import pyexiv2
import pytest
import skimage.data
from PIL import Image as Pillow
from PIL import ImageCms

from envo import description, export, photo
from envo.description import Description, Region
from envo.errors import UserError
from tests.unit.test_photo import ASTRONAUT, camera_exif, difference, png16, profile, sample, saved, tiff

OLD = 255 - ASTRONAUT
"""What restoring made of the astronaut, for these tests."""


def remake(data: bytes, pixels: np.ndarray = OLD, cropped: bool = False) -> export.Exported:
    return export.remake(data, photo.inspect(data), pixels, cropped)


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
    assert made.format == photo.inspect(made.data).format == kept
    assert difference(photo.decode(made.data).pixels, OLD) < (0.001 if kept == "PNG" else 2.5)
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
    assert difference(photo.decode(made.data).pixels, OLD) < 2.5


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
    assert made.format == "JPEG" and photo.inspect(made.data).browser_ready
    assert difference(photo.decode(made.data).pixels, OLD) < 2.5


@pytest.mark.parametrize("icc", [None, profile("grey")])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_grey_photo_stays_grey_until_it_gets_colours(format, icc):
    grey = skimage.data.camera()[:300, :400]
    data = saved(grey, format, **({"icc_profile": icc} if icc else {}))
    restored = 255 - photo.decode(data).pixels
    made = remake(data, restored)
    with Pillow.open(io.BytesIO(made.data)) as file:
        assert file.mode == "L" and file.info.get("icc_profile") == icc
    assert difference(photo.decode(made.data).pixels, restored) < 2
    coloured = remake(data)
    with Pillow.open(io.BytesIO(coloured.data)) as file:
        assert file.mode == "RGB"
    assert difference(photo.decode(coloured.data).pixels, OLD) < 2.5


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
    assert difference(photo.decode(made.data).pixels, OLD) < 2.5


def test_regions_of_faces_do_not_stay_where_parts_are_elsewhere_now():
    with pyexiv2.ImageData(remake(tagged("JPEG"), OLD[:100, :200], cropped=True).data) as file:
        xmp = file.read_xmp()
    assert xmp["Xmp.dc.subject"] == ["Großmutter", "1931"] and xmp["Xmp.tiff.ImageWidth"] == "200"
    assert not any("mwg-rs" in key for key in xmp)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_regions_of_a_photo_that_was_stored_on_its_side_are_upright(format):
    regions = (Region("Anna", (0.1, 0.2, 0.3, 0.6)), Region("Rex", (0.5, 0.5, 0.9, 0.6), "Pet"))
    data = description.write(saved(ASTRONAUT, format, exif=camera_exif()), Description(regions=regions)).data
    made = remake(data, photo.decode(data).pixels)
    assert photo.stored(made.data).orientation == 1 and description.read(made.data).regions == regions
    assert description.read(remake(data, OLD, cropped=True).data).regions is None


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_what_moves_is_restored_by_its_first_picture_and_says_so(format):
    file = io.BytesIO()
    first, second = Pillow.fromarray(ASTRONAUT), Pillow.fromarray(255 - ASTRONAUT)
    first.save(file, format, save_all=True, append_images=[second], duration=100)
    made = remake(file.getvalue())
    assert made.notes == ["The original moves; its first picture was restored."]
    with Pillow.open(io.BytesIO(made.data)) as still:
        assert getattr(still, "n_frames", 1) == 1


def test_what_was_transparent_says_that_it_is_white_now():
    alpha = np.dstack([ASTRONAUT, np.full(ASTRONAUT.shape[:2], 128, np.uint8)])
    assert remake(saved(alpha, "PNG")).notes == ["What was transparent in the original is white now."]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_one_pixel_is_a_photo_too(format):
    pixel = np.full((1, 1, 3), 90, np.uint8)
    made = remake(saved(pixel, format), pixel + 9)
    assert difference(photo.decode(made.data).pixels, pixel + 9) < 4


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
