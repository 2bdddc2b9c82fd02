"""A RAW keeps what its sensor saw: highlights come back as far as a channel has them, and colours beyond sRGB's."""

import io
import json
import re

import numpy as np
import pytest
import sqlalchemy as sa
import tifffile
from PIL import Image as Pillow

from envo import copies, edits, export, maps, photo, raw
from envo.adjustments import CONSTANTS
from envo.colour import srgb_to_linear
from envo.development import DEVELOPED, KEY, Development, of_key
from envo.exportsettings import ExportSettings
from envo.file import PhotoFile
from envo.library import Library
from envo.material import Material
from envo.renditions import developed as own_developed
from envo.settings import DISPLAY_EDGE, WORKING_EDGE
from tests.conftest import SHARED
from tests.dng import MIXED, NEUTRAL, write
from tests.unit.test_library import at_revision, example, url

CLIP = Development(highlights="clip", noise="keep")
KODAK = SHARED / "data/raw/kodak_dc50.kdc"
WITH_KODAK = pytest.mark.skipif(not KODAK.exists(), reason="the Kodak DC50 sample is not on this machine")


def developed(light: np.ndarray, development: Development = DEVELOPED, **camera) -> np.ndarray:
    """Develop what a camera saw, as bright as it was: 1 % of this is white, which is what a RAW is made bright by."""
    camera = {"neutral": NEUTRAL, "filters": MIXED} | camera
    return PhotoFile(write(light, **camera)).decode(wide=True, development=development).pixels


def card(level: float) -> np.ndarray:
    """A grey card of a brightness, around it what is darker, and a white that says how bright it is."""
    light = np.full((256, 320, 3), 0.18)
    light[:, :24] = 1
    light[64:192, 96:224] = level
    return light


def hue(colour: np.ndarray) -> np.ndarray:
    """Hue of linear sRGB in degrees, by OKLab."""
    lab = np.cbrt(colour @ np.array(CONSTANTS["linear_to_cone"]).T) @ np.array(CONSTANTS["cone_to_oklab"]).T
    return np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))


def spread(colour: np.ndarray) -> float:
    return float((colour.max(axis=-1) / colour.min(axis=-1)).max() - 1)


@pytest.mark.parametrize(("level", "clipped"), [(0.9, 0), (1.3, 1), (1.85, 2), (2.6, 3)])
def test_a_grey_card_is_grey_however_many_of_its_channels_are_clipped(level, clipped):
    within = np.s_[72:184, 104:216]
    light = card(level)
    assert np.sum(np.array(NEUTRAL) * level >= 1) == clipped
    seen = developed(light)[within]
    assert spread(seen) < 0.01
    assert seen.mean() == pytest.approx(min(level, 1 / min(NEUTRAL)), rel=0.01)
    assert developed(light, CLIP)[within].max() <= 1.001


def test_light_that_grows_stays_neutral_and_never_falls():
    ramp = np.broadcast_to(np.linspace(0.05, 3, 1200)[None, :, None], (64, 1200, 3))
    row = developed(ramp)[32, 8:-8]
    assert spread(row) < 0.01
    assert np.diff(row, axis=0).min() > -0.001 * row.max()


@pytest.mark.parametrize("colour", [(1, 0.85, 0.7), (0.75, 0.9, 1), (1, 0.8, 0.95), (0.8, 1, 0.75)])
def test_a_colour_keeps_its_hue_while_a_channel_of_it_is_there(colour):
    light = np.linspace(0.1, 1.6, 1200)[None, :, None] * np.ones((96, 1, 1)) * colour
    seen = developed(light)[48]
    some = (light[48] @ MIXED.T * NEUTRAL).min(axis=1) < 0.9
    assert (light[48] @ MIXED.T * NEUTRAL).max(axis=1)[some].max() > 1.1, "this clips nothing"
    off = (hue(seen[some][8:]) - hue(np.array(colour)) + 180) % 360 - 180
    assert np.abs(off).max() < 2


def test_what_is_clipped_beside_another_colour_takes_nothing_of_it():
    """A white cloud in a blue sky, of which green alone is clipped."""
    light = np.full((256, 320, 3), (0.45, 0.62, 0.85))
    light[80:176, 96:224] = 1.4
    seen = developed(light)[88:168, 104:216]
    assert spread(seen) < 0.02


def test_what_is_clipped_has_no_magenta_edge():
    """The mean of red and blue over green, about a card on darker grey."""
    seen = developed(card(1.5))[56:200, 88:232]
    assert (seen[..., (0, 2)].mean(axis=2) / seen[..., 1]).max() < 1.3


def test_a_white_sky_behind_green_leaves_is_not_green():
    light = np.full((256, 320, 3), 1.3)
    light[::4, :] = light[1::4, :] = (0.2, 0.4, 0.18)
    light[:128] = 1.3
    seen = developed(light)[8:120, 8:-8]
    assert spread(seen) < 0.02


@pytest.mark.parametrize("filters", [None, MIXED])
def test_a_dng_tells_the_light_that_its_camera_was_balanced_for(filters):
    camera = {"filters": filters, "neutral": NEUTRAL}
    with raw.opened(write(card(0.5), **camera)) as source:
        kelvin, tint = raw.white(source)
    assert kelvin == pytest.approx(6504, abs=20) and tint == pytest.approx(10, abs=5)  # D65 is beside the black body


def test_light_beyond_srgb_is_kept_for_what_can_show_it():
    light = np.full((128, 160, 3), 0.2)
    light[:, :16] = 1
    light[32:96, 48:112] = (0.5, -0.02, 0.05)  # a red of Display P3
    assert developed(light)[64, 80] == pytest.approx((0.5, -0.02, 0.05), abs=0.003)
    within = PhotoFile(write(light, neutral=NEUTRAL, filters=MIXED)).decode().pixels
    assert within[64, 80] == pytest.approx((0.5, 0, 0.05), abs=0.003)


@pytest.mark.parametrize("demosaic", ["auto", "ahd", "dht", "aahd", "dcb", "vng", "ppg", "linear"])
def test_each_way_of_demosaicing_gives_the_same_picture_but_for_its_detail(demosaic):
    chance = np.random.default_rng(3)
    light = np.kron(chance.uniform(0.05, 0.4, (8, 10, 3)), np.ones((16, 16, 1)))
    light[:16] = 1
    seen = developed(light, Development(demosaic=demosaic))
    assert np.abs(seen - light)[8::16, 8::16].max() < 0.02


@WITH_KODAK
def test_a_real_raw_is_as_bright_whatever_becomes_of_its_highlights():
    file = PhotoFile(KODAK.read_bytes())
    both = [file.decode(development=each).pixels for each in (Development(noise="keep"), CLIP)]
    assert np.median(both[0]) == pytest.approx(np.median(both[1]), rel=0.01)
    dark = both[1].max(axis=2) < 0.8 * both[1].max()
    assert np.abs(both[0] - both[1])[dark].max() < 0.02


def test_an_edit_says_how_its_raw_is_developed(library):
    row, _ = library.add("ann", "card.dng", write(card(1.85), neutral=NEUTRAL, filters=MIXED))
    for development, expected in ((None, 1.85), ("clip", 1.0)):
        chosen = {"development": {"highlights": development}} if development else {}
        document = {"schema": 3, "layers": [{"id": "image", "adjustments": {"exposure": -1.0}}], **chosen}
        version = library.edit("ann", row.id).version
        library.save_edit("ann", row.id, document, version, f"page {version}", 1)
        whole = library.renditions.pixels("ann", row.id)[128, 160]
        assert srgb_to_linear(whole / 255) == pytest.approx([expected / 2] * 3, abs=0.01)
        small = np.asarray(Pillow.open(io.BytesIO(library.renditions.make("ann", row.id, DISPLAY_EDGE)[1])))[128, 160]
        assert np.abs(small.astype(int) - whole).max() <= 3
        own = own_developed(library.file("ann", row.id), edits.parse(document), Material())
        assert own.values[128, 160] // 257 == pytest.approx(whole, abs=1)


def test_of_a_raw_is_kept_what_was_chosen_last_and_what_nobody_chose(library):
    data = write(card(1.85), neutral=NEUTRAL, filters=MIXED)
    row, _ = library.add("ann", "card.dng", data)
    ways = [DEVELOPED, Development(highlights="clip"), Development(demosaic="linear")]
    paths = [library.rendition("ann", row.id, development=each)[0] for each in ways]
    assert [path.exists() for path in paths] == [True, False, True]
    lights = [photo.from_half(paths[at].read_bytes(), (320, 256))[128, 160, 1] for at in (0, 2)]
    assert lights == pytest.approx([1.85, 1.85], rel=0.02)
    grey, _ = library.add("ann", "grey.jpg", example())
    assert library.rendition("ann", grey.id, development=ways[1]) == library.rendition("ann", grey.id)


def test_a_development_shows_and_comes_along_where_it_is_copied():
    chosen = edits.parse({"schema": 3, "development": {"demosaic": "dht"}, "layers": [{"id": "image"}]})
    assert chosen.shows and not edits.UNTOUCHED.shows
    copy = copies.parse(copies.taken(chosen, copies.Choice(development=True)).dump())
    assert copies.pasted(edits.UNTOUCHED, copy).document == chosen
    assert copies.pasted(edits.UNTOUCHED, copy, is_raw=False).document == edits.UNTOUCHED
    assert copies.pasted(edits.UNTOUCHED, copies.taken(chosen, copies.Choice())).document == edits.UNTOUCHED
    assert copies.pasted(chosen, copies.taken(edits.UNTOUCHED, copies.Choice())).document == chosen


@pytest.mark.parametrize("each", [DEVELOPED, CLIP, Development(demosaic="vng")])
def test_a_development_is_named_in_addresses(each):
    assert re.match(KEY, each.key) and of_key(each.key) == each
    assert not re.match(KEY, each.key + "/../x")


def test_coloured_noise_is_taken_out_and_detail_stays():
    """Of a dark frame with a grid of fine grey lines in it, and a chart beside it that is not noisy enough to show."""
    light = np.full((700, 512, 3), 0.02)
    light[:, :40] = 1
    light[200:400, 100:400:3] = 0.1
    noisy = {"noise": 0.06, "black": 800}
    clear, kept = (developed(light, each, **noisy) for each in (DEVELOPED, Development(noise="keep")))
    flat, lines = np.s_[450:, 100:400], np.s_[200:400, 100:400]

    def colour(pixels: np.ndarray) -> float:
        return (pixels[..., 0] - pixels[..., 1]).std() + (pixels[..., 2] - pixels[..., 1]).std()

    assert colour(clear[flat]) < 0.3 * colour(kept[flat])
    some = developed(light, Development(noise="some"), **noisy)
    assert 0.4 * colour(kept[flat]) < colour(some[flat]) < 0.8 * colour(kept[flat])
    grey = [(pixels @ [0.25, 0.5, 0.25])[lines] for pixels in (clear, kept)]
    assert np.corrcoef(grey[0].ravel(), grey[1].ravel())[0, 1] > 0.97
    assert grey[0].std() == pytest.approx(grey[1].std(), rel=0.03)
    assert clear[flat].mean(axis=(0, 1)) == pytest.approx(kept[flat].mean(axis=(0, 1)), abs=0.001)


def test_what_has_no_noise_loses_none_of_its_colours():
    chance = np.random.default_rng(4)
    light = np.kron(chance.uniform(0.05, 0.4, (10, 8, 3)), np.ones((64, 64, 1)))
    light[:16] = 1
    each = [developed(light, Development(noise=noise)) for noise in ("reduce", "keep")]
    assert np.abs(each[0] - each[1]).max() < 0.003


def test_raws_that_were_edited_before_stay_as_they_were(home):
    """Rows written in plain SQL when 0018 was the last one: of two RAWs, one with nothing to be seen, and a JPEG."""
    with at_revision(home, "0018") as connection:

        def insert(table: str, **values: object) -> None:
            named = ", ".join(f":{name}" for name in values)
            connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({named})"), values)

        for name, format, shown in (("raw", "RAW", 4), ("still", "RAW", 0), ("jpeg", "JPEG", 4)):
            size = {"bytes": 9, "width": 6, "height": 4, "bit_depth": 14, "browser_ready": False, "linear": True}
            insert("blob", sha256=name, format=format, **size)
            when = "2024-05-06 07:08:09.000000"
            insert("photo", id=name, owner="ann", sha256=name, name=name, original_name=name, rating=0, created_at=when)
            document = json.dumps({"schema": 3, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]})
            insert("edit", photo_id=name, version=4, document=document, writer="page", seq=4, shown=shown)
            insert("snapshot", id=name, photo_id=name, name="Then", document=document, created_at=when)
    library = Library(home, url(home))
    of_edits = [edits.parse(library.edit("ann", name).document).development for name in ("raw", "still", "jpeg")]
    assert of_edits == [CLIP, DEVELOPED, DEVELOPED]
    states = [library.snapshots.all("ann", name)[0].document["development"] for name in ("raw", "still", "jpeg")]
    assert [Development(**each) for each in states] == [CLIP, CLIP, DEVELOPED]
    library.close()


@pytest.mark.parametrize("camera", ["dng", pytest.param("kodak", marks=WITH_KODAK)])
def test_the_darkest_tones_of_a_raw_have_room_in_a_file_of_16_bits(camera):
    """Of a dark ramp across many rows, and of a real photo: shadows are lifted, and no tones fall together."""
    ramp = np.linspace(0.0005, 0.25, 2048)[None, :, None] * np.ones((64, 1, 3))
    ramp[:, -32:] = 1
    file = PhotoFile(
        KODAK.read_bytes() if camera == "kodak" else write(ramp, neutral=NEUTRAL, filters=MIXED, black=600)
    )
    shadows = edits.parse({"schema": 3, "layers": [{"id": "image", "adjustments": {"shadows": 100.0}}]})
    material = Material(maps=maps.make(file.decode(WORKING_EDGE).pixels))
    made = export.edited(file, shadows, material, ExportSettings(format="TIFF", depth=16))
    pixels = tifffile.imread(io.BytesIO(made.data))
    assert pixels.dtype == np.uint16
    assert min(len(np.unique(pixels[..., channel])) for channel in range(3)) > 1000
