"""An edited photo has pictures of its own: of the newest version of its edit, and for its owner."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image as Pillow

from envo import database as db
from envo import edits, export, photo
from envo.errors import NoRoom, UserError
from envo.exportsettings import ExportSettings
from envo.file import PhotoFile
from envo.gamut import GAMUTS
from envo.library import Library, NotFound
from envo.material import Material
from envo.own import Own
from envo.renditions import FORMATS, developed
from envo.settings import DISPLAY_EDGE, RENDITION_DAYS, THUMBNAIL_EDGE, TRASH_DAYS
from tests.kinds import KINDS
from tests.unit.test_library import example, files, picture, url
from tests.unit.test_photo import saved

SMALL, LARGE = THUMBNAIL_EDGE, DISPLAY_EDGE
HIDDEN = {"schema": 1, "layers": [{"id": "image", "visible": False, "adjustments": {"exposure": 2.0}}]}


def darker(exposure: float = -1.0, kind: str | None = None) -> dict:
    layers = [{"id": "image", "adjustments": {} if kind else {"exposure": exposure}}]
    if kind:
        layers.append({"id": kind, "mask": {"kind": kind}, "adjustments": {"exposure": exposure}})
    return {"schema": 1, "layers": layers}


def save(library: Library, photo_id: str, document: dict, owner: str = "ann") -> int:
    base = library.edit(owner, photo_id).version
    return library.save_edit(owner, photo_id, document, base, f"page {base}", 1)


def mean(data: bytes) -> float:
    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB")).mean()


def kept(home) -> list[str]:
    return sorted(path.name[88:] for path in files(home) if "edited" in path.parts)


@pytest.fixture
def coffee(library) -> str:
    return library.add("ann", "coffee.jpg", example())[0].id


def test_a_picture_is_of_the_newest_version_and_those_before_it_are_gone(home, library, coffee):
    assert library.photo("ann", coffee).edit == 0
    assert library.renditions.find("ann", coffee, SMALL) == library.renditions.make("ann", coffee, SMALL) == (0, None)
    assert save(library, coffee, darker()) == library.photo("ann", coffee).edit == 1
    assert library.renditions.find("ann", coffee, SMALL) == (1, None)
    version, small = library.renditions.make("ann", coffee, SMALL)
    assert (version, Pillow.open(io.BytesIO(small)).size) == (1, (320, 213))
    assert library.renditions.find("ann", coffee, SMALL) == (1, small)
    original = library.thumbnail("ann", coffee).read_bytes()
    assert mean(small) < 0.85 * mean(original)
    large = library.renditions.make("ann", coffee, LARGE)[1]
    assert Pillow.open(io.BytesIO(large)).size == (600, 400)
    assert abs(mean(large) - mean(small)) < 2
    save(library, coffee, darker(-2.0))
    assert library.renditions.find("ann", coffee, SMALL) == (2, None)
    assert mean(library.renditions.make("ann", coffee, SMALL)[1]) < mean(small)
    assert kept(home) == ["320-2.webp"]


def test_an_edit_that_changes_nothing_has_no_picture(home, library, coffee):
    save(library, coffee, darker())
    library.renditions.make("ann", coffee, SMALL)
    for nothing in (HIDDEN, darker(0), {"schema": 1, "layers": [{"id": "image"}]}):
        assert save(library, coffee, nothing) and library.photo("ann", coffee).edit == 0
        assert library.renditions.make("ann", coffee, SMALL) == (0, None) and not library.renditions.missing(9)
        assert kept(home) == []


def test_what_has_no_picture_yet_is_known_whoever_saved_it_and_is_forgotten_with_the_photo(home, library, coffee):
    other, _ = library.add("bob", "a.png", picture(1))
    save(library, coffee, darker())
    save(library, other.id, darker(), "bob")
    assert sorted(library.renditions.missing(9)) == sorted([("ann", coffee), ("bob", other.id)])
    assert library.renditions.missing(9, [coffee]) == [("bob", other.id)]
    assert len(library.renditions.missing(1)) == 1
    library.renditions.make("bob", other.id, SMALL)
    library.delete("ann", coffee)
    assert library.renditions.missing(9) == []
    library.renditions.make("ann", coffee, SMALL)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert kept(home) == ["320-1.webp"]
    library.delete("bob", other.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert kept(home) == []


def test_large_pictures_go_after_a_while_and_small_ones_stay(home, library, coffee):
    save(library, coffee, darker())
    for edge in FORMATS:
        library.renditions.make("ann", coffee, edge)
    library.purge(datetime.now(UTC) + timedelta(days=RENDITION_DAYS - 1))
    assert len(kept(home)) == 2
    library.purge(datetime.now(UTC) + timedelta(days=RENDITION_DAYS + 1))
    assert kept(home) == ["320-1.webp"]
    library.renditions.make("ann", coffee, LARGE)
    assert len(kept(home)) == 2


def test_pictures_are_the_owners_and_go_with_a_visitor_who_signs_in(library, coffee):
    save(library, coffee, darker())
    small = library.renditions.make("ann", coffee, SMALL)
    for ask in (library.renditions.find, library.renditions.make):
        with pytest.raises(NotFound):
            ask("bob", coffee, SMALL)
    for ask in (library.renditions.own, library.renditions.pixels):
        with pytest.raises(NotFound):
            ask("bob", coffee)
    library.move("ann", "account")
    assert library.renditions.find("account", coffee, SMALL) == small
    with pytest.raises(NotFound):
        library.renditions.find("ann", coffee, SMALL)


def test_pictures_count_where_a_visitor_has_little_room(home, empty):
    data = example()
    library = Library(home, url(home), visitor_bytes=len(data) + 1000)
    coffee = library.add("visitor:a", "coffee.jpg", data)[0].id
    library.visits.check_room("visitor:a")
    save(library, coffee, darker(), "visitor:a")
    library.renditions.make("visitor:a", coffee, SMALL)
    with pytest.raises(NoRoom):
        library.visits.check_room("visitor:a")
    library.close()


def test_a_mask_that_is_gone_is_told_and_one_that_is_there_is_used(library, coffee):
    row = library.photo("ann", coffee)
    save(library, coffee, darker(-2.0, "person"))
    with pytest.raises(UserError, match="person"):
        library.renditions.make("ann", coffee, SMALL)
    half = np.zeros((200, 300), np.uint8)
    half[:, :150] = 255
    file = io.BytesIO()
    Pillow.fromarray(half).save(file, "PNG")
    library.mattes.put(row.sha256, {"person": file.getvalue()}, "one", 0.1)
    before, after = (
        np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"))
        for data in (library.thumbnail("ann", coffee).read_bytes(), library.renditions.make("ann", coffee, SMALL)[1])
    )
    assert after[:, :150].mean() < 0.75 * before[:, :150].mean()
    assert np.abs(after[:, 170:].astype(int) - before[:, 170:]).mean() < 3


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return np.asarray(Pillow.open(io.BytesIO(example())).convert("RGB").resize((360, 240)))


@pytest.mark.parametrize("kind", ["JPEG with a profile", "PNG alpha", "HEIC", "TIFF 16", "TIFF CMYK", "RAW"])
def test_small_pictures_of_all_formats_look_as_the_edited_photo_does(library, scene, kind):
    row, _ = library.add("ann", "a", KINDS[kind](scene))
    save(library, row.id, darker(0.7))
    small = np.asarray(Pillow.open(io.BytesIO(library.renditions.make("ann", row.id, SMALL)[1])).convert("RGB"))
    whole = photo.resize(library.renditions.pixels("ann", row.id), SMALL)
    assert small.shape == whole.shape
    assert np.abs(photo.resize(small, 64).astype(int) - photo.resize(whole, 64)).mean() < 3


@pytest.mark.parametrize("kind", ["PNG", "PNG with a profile", "PNG alpha", "PNG 16", "PNG 16 grey", "TIFF 16", "JPEG"])
def test_what_an_edit_leaves_alone_stays_the_files_own(scene, kind):
    file = PhotoFile(KINDS[kind](scene))
    half = np.zeros((2, 40), np.uint8)
    half[:, :20] = 255
    whole, edited = Own.of(file), developed(file, edits.parse(darker(-1.0, "person")), Material({"person": half}))
    assert (edited.depth, edited.space, edited.values.shape) == (whole.depth, whole.space, whole.values.shape)
    middle = whole.size[0] // 2
    assert np.array_equal(edited.values[:, middle + 20 :], whole.values[:, middle + 20 :])
    assert edited.values[20:-20, 20:middle].mean() < 0.8 * whole.values[20:-20, 20:middle].mean()
    assert (edited.alpha is None) == (whole.alpha is None)
    assert edited.alpha is None or np.array_equal(edited.alpha, whole.alpha)


def test_an_edited_photo_to_go_on_from_has_the_pixels_of_its_export(scene):
    document = edits.parse(darker(0.4))
    for kind in ("PNG", "JPEG", "TIFF 16"):
        file = PhotoFile(KINDS[kind](scene))
        exported = PhotoFile(export.edited(file, document, Material(), ExportSettings(format="PNG")).data)
        assert np.array_equal(developed(file, document, Material()).view(exact=True).pixels, exported.decode().pixels)


def test_a_faint_tint_of_a_grey_photo_is_kept(scene):
    file = PhotoFile(KINDS["JPEG grey"](scene))
    document = edits.parse({"schema": 1, "layers": [{"id": "image", "adjustments": {"sepia": 12.0}}]})
    tinted = developed(file, document, Material())
    assert tinted.values.shape[2] == 3 and 0 < np.ptp(tinted.values.astype(int), axis=2).max() < 60


def red_of_p3() -> bytes:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[..., 0] = 255
    return saved(pixels, "PNG", icc_profile=GAMUTS["display-p3"].profile)


def test_a_picture_of_a_photo_in_display_p3_is_in_display_p3(library):
    row = library.add("ann", "red.png", red_of_p3())[0]
    assert row.gamut == "display-p3"
    save(library, row.id, {"schema": 1, "layers": [{"id": "image", "adjustments": {"vignette": -20}}]})
    with Pillow.open(io.BytesIO(library.renditions.make("ann", row.id, LARGE)[1])) as shown:
        assert shown.info["icc_profile"] == GAMUTS["display-p3"].profile
        assert np.abs(np.subtract(shown.convert("RGB").getpixel((150, 100)), (255, 0, 0))).max() <= 3
    own = library.renditions.own("ann", row.id)[1]
    assert own.space.icc == GAMUTS["display-p3"].profile
    assert np.array_equal(own.values[100, 150], (255, 0, 0))
    assert own.values[2, 2, 0] < 250 and own.values[2, 2, 1:].max() <= 1, "what is changed keeps its hue, too"


def test_a_photo_that_came_before_gamuts_were_known_stays_as_it_was(library):
    row = library.add("ann", "red.png", red_of_p3())[0]
    with library.database.write() as connection:
        before = {"gamut": "srgb", "browser_ready": False}
        connection.execute(sa.update(db.blob).where(db.blob.c.sha256 == row.sha256).values(before))
    path, _ = library.rendition("ann", row.id)
    assert PhotoFile(path.read_bytes()).header.gamut == "srgb"
    file = library.file("ann", row.id)
    assert file.header.gamut == file.decode(wide=True).gamut == "srgb"
    library.denoised.take = lambda pixels, report: pixels
    clear = library.denoised.pixels("ann", row.id)
    assert np.abs(clear.astype(int) - file.decode(wide=True).pixels).max() <= 2
