"""Files of every format as other programs read them: with each setting of an export, of one real photo."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from envo import boxes, edits, encoders, export
from envo.errors import UserError
from envo.exportsettings import DEPTHS, ExportSettings, Size
from envo.file import PhotoFile
from envo.material import Material
from tests import exiftool
from tests.unit.test_export import upright_exif
from tests.unit.test_photo import ASTRONAUT, saved

PLACES = (
    *("-GPSLatitude=48.4", "-GPSLatitudeRef=N", "-GPSLongitude=9.99", "-GPSLongitudeRef=E"),
    *("-XMP-exif:GPSLatitude=48.4", "-XMP-photoshop:City=Ulm", "-XMP-iptcCore:Location=Ulm Minster"),
    *("-XMP-iptcExt:LocationShownCity=Ulm", "-XMP-iptcExt:LocationCreatedCity=Ulm", "-XMP-drone-dji:GpsLatitude=48.4"),
    *("-IPTC:City=Ulm", "-IPTC:Sub-location=Ulm Minster", "-IPTC:Country-PrimaryLocationName=Germany"),
)
RIGHTS = ("-XMP-dc:Rights=© Ann", "-XMP-dc:Creator=Ann", "-IPTC:By-line=Ann", "-EXIF:Artist=Ann", "-EXIF:Copyright=Ann")
MORE = ("-XMP-dc:Subject=beach", "-IPTC:Keywords=beach", "-XMP-dc:Title=Moon")
BRIGHTER = edits.parse({"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": 0.3}}]})
WAYS = [(format, depth) for format, depths in DEPTHS.items() for depth in depths]


@pytest.fixture(scope="module")
def photo() -> PhotoFile:
    taken = saved(ASTRONAUT, "JPEG", exif=upright_exif(maker=b"A camera notes: Ulm. " * 9))
    return PhotoFile(exiftool.changed(taken, *PLACES, *RIGHTS, *MORE))


def exported(photo: PhotoFile, **settings) -> export.Exported:
    return export.edited(photo, BRIGHTER, Material(), ExportSettings(**settings))


def pixels(data: bytes, format: str) -> np.ndarray:
    """What another program sees."""
    if format == "TIFF":
        return tifffile.imread(io.BytesIO(data))
    if format == "JPEG XL":
        return imagecodecs.jpegxl_decode(data)
    if format == "PNG":
        return imagecodecs.png_decode(data)
    if format == "AVIF":
        return imagecodecs.avif_decode(data)
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture)


def profile(data: bytes) -> str:
    return exiftool.tags(data).get("ICC_Profile:ProfileDescription", "")


@pytest.mark.parametrize(("format", "depth"), WAYS)
def test_a_file_of_each_format_and_depth_has_the_photos_pixels(photo, format, depth):
    plain = exported(photo, format="PNG", depth=16)
    made = exported(photo, format=format, depth=depth, quality=95)
    seen, told = pixels(made.data, format), exiftool.tags(made.data)
    top = {8: 255, 10: 1023, 16: 65535}[depth]
    assert seen.shape == ASTRONAUT.shape and seen.max() <= top and (depth == 8) == (seen.dtype == np.uint8)
    away = np.abs(seen / top - pixels(plain.data, "PNG") / 65535)
    assert away.mean() < (0.002 if format in ("PNG", "TIFF") else 0.01)
    assert told["File:FileType"].split()[-1].upper() == {"JPEG XL": "JXL"}.get(format, format.upper())
    assert told["IFD0:Make"] == "Nikon" and told["XMP-dc:Subject"] == ["beach"] and made.notes == []
    assert told["XMP-dc:Rights"] == "© Ann" and "GPS:GPSLatitude" in told
    # The photo opens in Envo as it leaves, but for JPEG XL.
    if format != "JPEG XL":
        again = PhotoFile(made.data)
        assert again.header.format == format and again.header.bit_depth == depth


@pytest.mark.parametrize("keep", ["all", "no place", "copyright", "none"])
@pytest.mark.parametrize("format", DEPTHS)
def test_a_file_tells_no_more_than_is_wished(photo, format, keep):
    made = exported(photo, format=format, metadata=keep)
    told = exiftool.tags(made.data)
    assert (profile(made.data) != "") == (format != "JPEG XL") and told.get("IFD0:Orientation", "Horizontal")[
        :4
    ] == "Hori"
    groups = ("IFD0", "ExifIFD", "GPS", "XMP", "IPTC", "MakerNotes")
    said = {key: value for key, value in told.items() if key.startswith(groups)}
    places = {key for key in said if any(word in key for word in ("GPS", "Gps", "City", "Location", "location"))}
    assert bool(places) == (keep == "all") and (b"Ulm" in made.data) == (keep == "all")
    assert ("XMP-dc:Rights" in said) == (keep != "none") and (said.get("XMP-dc:Creator") == ["Ann"]) == (keep != "none")
    assert ("IFD0:Make" in said) == ("XMP-dc:Title" in said) == (keep in ("all", "no place"))
    if keep == "none":
        assert not said or set(said) <= {f"IFD0:{name}" for name in STORED}
    if keep == "copyright":
        assert said["IFD0:Copyright"] == "Ann"
        assert said.keys() - {f"IFD0:{name}" for name in STORED} <= {
            *("XMP-dc:Rights", "XMP-dc:Creator", "XMP-x:XMPToolkit", "IFD0:Artist", "IFD0:Copyright"),
            *("IPTC:By-line", "IPTC:CodedCharacterSet", "IFD0:Orientation"),
        }


STORED = (
    *("ImageWidth", "ImageHeight", "BitsPerSample", "Compression", "PhotometricInterpretation", "StripOffsets"),
    *("Orientation", "SamplesPerPixel", "RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "Predictor"),
)
"""What a TIFF tells of how it is stored."""


def test_a_tiff_keeps_exif_where_it_is_whatever_its_order_of_bytes(photo):
    for order in ("Little-endian", "Big-endian"):
        source = exiftool.changed(saved(ASTRONAUT, "JPEG"), f"-ExifByteOrder={order}", "-Make=Nikon", *PLACES)
        for depth in (8, 16):
            made = exported(PhotoFile(source), format="TIFF", depth=depth)
            assert exiftool.tags(made.data)["File:ExifByteOrder"].startswith(order)
            assert np.array_equal(PhotoFile(made.data).values().colours, tifffile.imread(io.BytesIO(made.data)))
    grey = Image.fromarray(ASTRONAUT).convert("L")
    made = export.remake(PhotoFile(saved(np.asarray(grey), "PNG")), ASTRONAUT[..., :1].repeat(3, 2), False)
    assert pixels(made.data, "PNG").ndim == 2


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_a_jpegs_colours_are_as_fine_as_is_wished(photo, subsampling):
    made = exported(photo, subsampling=subsampling)
    told = exiftool.tags(made.data)
    assert (
        subsampling in told["File:YCbCrSubSampling"].replace("YCbCr", "")
        and "Progressive" in told["File:EncodingProcess"]
    )


@pytest.mark.parametrize("format", ["JPEG", "WebP", "AVIF", "JPEG XL"])
def test_quality_makes_files_larger_and_what_they_show_truer(photo, format):
    plain = pixels(exported(photo, format="PNG").data, "PNG").astype(float)
    made = [exported(photo, format=format, quality=quality, metadata="none").data for quality in (30, 80, 100)]
    assert len(made[0]) < len(made[1]) < len(made[2])
    away = [np.abs(pixels(data, format) - plain).mean() for data in made]
    assert away[0] > away[1] > away[2] and (away[2] == 0 or format == "JPEG")


@pytest.mark.parametrize("format", ["JPEG", "WebP", "AVIF", "JPEG XL"])
def test_a_file_takes_no_more_than_its_limit_and_hardly_less(photo, format, monkeypatch):
    tries, really = [], encoders._lossy
    monkeypatch.setattr(encoders, "_lossy", lambda *what: tries.append(what) or really(*what))
    whole = len(exported(photo, format=format, quality=95).data)
    kb = whole // 2000
    tries.clear()
    made = exported(photo, format=format, quality=95, limit_kb=kb)
    assert 0.8 * 1000 * kb < len(made.data) <= 1000 * kb and len(tries) <= 7
    assert made.notes[0].startswith("Its quality is ") and made.notes[0].endswith(f"no more than {kb} kB.")
    assert exported(photo, format=format, quality=60, limit_kb=1000).notes == []
    with pytest.raises(UserError, match=rf"Even of quality 20 this {format} takes \d+ kB"):
        exported(PhotoFile(saved(np.tile(ASTRONAUT, (3, 3, 1)), "PNG")), format=format, limit_kb=10)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Size(by="edge", value=100), (100, 75)),
        (Size(by="percent", value=50), (200, 150)),
        (Size(by="megapixels", value=0.03), (200, 150)),
        (Size(by="edge", value=5000), (400, 300)),
        (Size(by="percent", value=200), (400, 300)),
        (Size(by="percent", value=0.01), (1, 1)),
    ],
)
def test_a_file_has_the_size_that_is_wished_and_is_never_enlarged(photo, size, expected):
    height, width = ASTRONAUT.shape[:2]
    assert (width, height) == (400, 300)
    made = exported(photo, size=size)
    assert pixels(made.data, "JPEG").shape[1::-1] == expected
    assert exiftool.tags(made.data)["ExifIFD:ExifImageWidth"] == expected[0]


def test_small_pictures_are_averaged_as_light_and_sharpened_without_halos():
    # Black and white in turn are as bright from afar as half of the light: 188 of 255, not 128.
    stripes = np.zeros((120, 160, 3), np.uint8)
    stripes[:, ::2] = 255
    untouched = edits.UNTOUCHED
    half = ExportSettings(format="PNG", size=Size(by="percent", value=50))
    made = export.edited(PhotoFile(saved(stripes, "PNG")), untouched, Material(), half)
    assert np.all(np.abs(pixels(made.data, "PNG").astype(int) - 188) <= 1)
    edge = np.full((120, 160, 3), 60, np.uint8)
    edge[:, 80:] = 200
    steepness = []
    for strength in ("none", "low", "standard", "high"):
        how = half.model_copy(update={"sharpen": strength, "size": Size(by="edge", value=101)})
        row = pixels(export.edited(PhotoFile(saved(edge, "PNG")), untouched, Material(), how).data, "PNG")[30, :, 1]
        steepness.append(int(np.diff(row.astype(int)).max()))
        # Never beyond a tenth of the edge's contrast; far from the edge nothing happens.
        assert row.min() >= 60 - 15 and row.max() <= 200 + 15 and row[20] == 60 and row[80] == 200
    assert steepness == sorted(steepness) and steepness[0] < steepness[2]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WebP", "AVIF"])
@pytest.mark.parametrize("gamut", ["srgb", "display-p3", "adobe-rgb"])
def test_files_are_in_the_gamut_that_is_wished_and_say_so(photo, format, gamut):
    made, plain = (exported(photo, format=format, gamut=each, quality=100) for each in (gamut, "srgb"))
    with Image.open(io.BytesIO(made.data)) as picture:
        icc = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        shown = ImageCms.profileToProfile(picture.convert("RGB"), icc, ImageCms.createProfile("sRGB"))
    away = np.abs(np.asarray(shown).astype(int) - pixels(plain.data, format)).mean()
    assert away < 1.5
    differ = np.abs(pixels(made.data, format).astype(int) - pixels(plain.data, format)).mean()
    assert (differ > 1) == (gamut != "srgb")


@pytest.mark.parametrize("quality", [90, 100])
def test_a_large_avif_is_a_grid_that_other_programs_put_together(photo, quality, monkeypatch):
    how = {"format": "AVIF", "quality": quality, "depth": 10}
    whole = exported(photo, **how)
    monkeypatch.setattr(boxes, "_AVIF_PIXELS", 30_000)  # strips of 75 rows
    made = exported(photo, **how)
    assert made.data.count(b"av01") == 4 and whole.data.count(b"av01") == 1
    seen, expected = pixels(made.data, "AVIF").astype(int), pixels(whole.data, "AVIF").astype(int)
    assert seen.shape == ASTRONAUT.shape and np.abs(seen - expected).mean() < (0.01 if quality == 100 else 8)
    with Image.open(io.BytesIO(made.data)) as picture:
        assert picture.size == (400, 300) and np.abs(np.asarray(picture) - expected / 4).mean() < 4
    assert exiftool.tags(made.data)["IFD0:Make"] == "Nikon" and profile(made.data)
    assert PhotoFile(made.data).header.width == 400


def test_what_a_format_cannot_be_is_said(photo):
    with pytest.raises(UserError, match="A JPEG has 8 bits a channel, not 10"):
        exported(photo, depth=10)
    made = exported(photo, format="JPEG XL", gamut="display-p3")
    assert made.notes == ["It is sRGB: Display P3 cannot be written into a JPEG XL here."]


def test_who_does_not_wait_any_more_stops_an_export_between_bands():
    class GoneError(Exception):
        pass

    large, asked = saved(np.tile(ASTRONAUT, (6, 8, 1)), "PNG"), []

    def stopping() -> None:
        asked.append(1)
        if len(asked) == 4:
            raise GoneError

    heard = []
    with pytest.raises(GoneError):
        how = ExportSettings(format="TIFF")
        export.edited(PhotoFile(large), BRIGHTER, Material(), how, None, stopping, heard.append)
    assert len(asked) == 4 and max(heard, default=0) < 1
    export.edited(PhotoFile(large), BRIGHTER, Material(), how, None, lambda: None, heard.append)
    assert heard[-1] == 1 and heard == sorted(heard)
