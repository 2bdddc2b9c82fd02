"""LUTs are read as their files say, make of colours what they should, and are their owner's."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from envo import cube, settings
from envo.cube import Lut
from envo.edits import parse
from envo.errors import NotFound, UserError
from envo.library import Library
from envo.material import Material
from envo.render import render
from tests.picture import picture
from tests.unit.test_library import picture as file

ANNA, BEN = "anna", "ben"
COLOURS = np.random.default_rng(1).random((5000, 3), np.float32)


def written(table: np.ndarray, *head: str) -> bytes:
    """A .cube file of a table of one dimension, Nx3, or three: blue, green, red."""
    size = f"LUT_{table.ndim - 1}D_SIZE {len(table)}"
    rows = [" ".join(f"{value:.6f}" for value in row) for row in table.reshape(-1, 3)]
    return "\n".join(['TITLE "Made here"', "# of numbers", *head, size, "", *rows, ""]).encode()


def identity(size: int) -> np.ndarray:
    blue, green, red = np.meshgrid(*[np.linspace(0, 1, size)] * 3, indexing="ij")
    return np.stack([red, green, blue], axis=-1)


def bent(size: int = 9) -> np.ndarray:
    """A cube that mixes and bends channels, and takes other values at each corner."""
    red, green, blue = np.moveaxis(identity(size), -1, 0)
    made = (0.8 * red**2 + 0.2 * blue, 1 - green * (1 - 0.3 * red), np.sqrt(blue) * (0.5 + green / 2))
    return np.stack(made, axis=-1)


def applied(file: bytes, colours: np.ndarray) -> np.ndarray:
    """What a .cube file makes of encoded colours, float Nx3: float32 Nx3."""
    made = np.array(colours.T, np.float32, order="C")
    cube.parse(file).apply(made)
    return made.T


def test_an_identity_changes_nothing_that_is_seen():
    everything = np.arange(256**2 * 8, dtype=np.int64) * 33 % 256**3
    pixels = np.stack([everything >> 16, everything >> 8 & 255, everything & 255], axis=-1).astype(np.uint8)
    pixels = pixels.reshape(512, -1, 3)
    document = parse(
        {"schema": 2, "layers": [{"id": "image", "adjustments": {}, "lut": {"id": "0" * 16, "name": "Same"}}]}
    )
    for table in (identity(2), identity(33), np.linspace([0] * 3, [1] * 3, 1024)):
        made = render(picture(pixels), document, Material(luts={"0" * 16: cube.parse(written(table))}))
        assert np.abs(made.astype(int) - pixels).max() <= 1


def test_colours_between_entries_lie_in_the_tetrahedron_of_their_cell():
    """Found for each colour by itself: from corner to corner along the channels, from the farthest to the nearest."""
    table = bent().astype(np.float16).astype(np.float32)
    made = applied(written(table), COLOURS)
    for colour, found in zip(COLOURS[:300], made, strict=False):
        place = colour * (len(table) - 1)
        corner = np.floor(place).astype(int)
        expected = table[tuple(corner[::-1])].copy()
        for channel in np.argsort(np.floor(place) - place):
            following = corner.copy()
            following[channel] += 1
            expected += (place % 1)[channel] * (table[tuple(following[::-1])] - table[tuple(corner[::-1])])
            corner = following
        assert np.abs(found - expected).max() < 1e-4


def test_greys_stay_grey_where_a_luts_greys_are():
    table = bent()
    for n in range(9):
        table[n, n, n] = (n / 8) ** 1.7
    made = applied(written(table), np.linspace([0] * 3, [1] * 3, 999))
    assert np.ptp(made, axis=1).max() < 1e-6


def test_a_ramp_is_for_each_channel_by_itself():
    ramp = np.linspace([0, 0, 0], [1, 1, 1], 17) ** [0.5, 1, 2]
    made = applied(written(ramp), COLOURS)
    for channel in range(3):
        expected = np.interp(COLOURS[:, channel], np.linspace(0, 1, 17), ramp[:, channel])
        assert np.abs(made[:, channel] - expected).max() < 1e-3


@pytest.mark.parametrize("head", [("DOMAIN_MIN -0.5 0 0.2", "DOMAIN_MAX 1.5 2 0.7"), ()])
def test_a_domain_says_for_which_values_the_table_is(head):
    low, high = (np.array([-0.5, 0, 0.2]), np.array([1.5, 2, 0.7])) if head else (0, 1)
    made = applied(written(identity(5), *head), COLOURS)
    assert np.abs(made - np.clip((COLOURS - low) / (high - low), 0, 1)).max() < 1e-3


def test_ranges_of_other_programs_are_read_and_what_else_they_say_is_not():
    resolve = written(identity(5), "LUT_3D_INPUT_RANGE 0.0 2.0", "LUT_IN_VIDEO_RANGE", "")
    assert np.abs(applied(resolve, COLOURS) - COLOURS / 2).max() < 1e-3
    windows = b"\xef\xbb\xbf" + written(identity(5)).replace(b"\n", b"\r\n").replace(b" ", b"\t")
    assert np.array_equal(cube.parse(windows).table, cube.parse(written(identity(5))).table)


def test_what_is_written_for_the_page_is_read_again():
    for table in (bent(), np.linspace([0, 0.1, 0], [1, 1, 0.4], 300)):
        lut = cube.parse(written(table, "DOMAIN_MAX 2 2 2"))
        again = Lut.load(lut.dump())
        assert np.array_equal(again.table, lut.table) and np.array_equal(again.domain, lut.domain)
        assert again.id == lut.id
    for damaged in (b"", lut.dump()[:-1], b"none" + lut.dump()[4:]):
        with pytest.raises(ValueError, match="damaged"):
            Lut.load(damaged)


GOOD = written(identity(2)).decode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "no .cube file"),
        (file(1), "damaged"),
        ("0 0 0\n" * 8, "no .cube file"),
        (GOOD.replace("LUT_3D_SIZE 2", "LUT_3D_SIZE 3"), "more or fewer lines"),
        (GOOD + "1 1 1\n", "more or fewer lines"),
        (GOOD.replace("LUT_3D_SIZE 2", "LUT_3D_SIZE 1"), "2 to 65"),
        (GOOD.replace("LUT_3D_SIZE 2", "LUT_3D_SIZE 66"), "2 to 65"),
        (GOOD.replace("LUT_3D_SIZE 2", "LUT_3D_SIZE many"), "“many”"),
        (GOOD.replace("LUT_3D_SIZE 2", "LUT_1D_SIZE 65537"), "2 to 65536"),
        ("LUT_1D_SIZE 4\n" + GOOD, "more than one table"),
        (GOOD.replace("1.000000", "one", 1), "line 6 .* 3 numbers"),
        (GOOD.replace("1.000000", "nan", 1), "3 numbers"),
        (GOOD.replace("1.000000", "1e999", 1), "3 numbers"),
        (GOOD.replace("1.000000", "1 1", 1), "3 numbers"),
        ("DOMAIN_MIN 0 0\n" + GOOD, "line 1 .* 3 numbers"),
        ("DOMAIN_MIN 0 1 0\n" + GOOD, "ends before it begins"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data, why):
    with pytest.raises(UserError, match=why):
        cube.parse(data if isinstance(data, bytes) else data.encode())


def test_the_largest_there_may_be_is_read():
    assert len(written(identity(settings.MAX_CUBE_SIZE))) < settings.MAX_CUBE_BYTES
    assert cube.parse(written(identity(settings.MAX_CUBE_SIZE))).size == 65


def test_an_owner_keeps_luts_by_the_names_of_their_files_each_once(library: Library):
    data = written(bent())
    kept = library.luts.add(ANNA, "/films/Köln 1987.CUBE", data)
    assert (kept.name, kept.dimensions, kept.size) == ("Köln 1987", 3, 9)
    assert library.luts.add(ANNA, "again.cube", data) == kept
    ramp = library.luts.add(ANNA, "", written(np.linspace([0] * 3, [1] * 3, 4)))
    assert (ramp.name, ramp.dimensions) == ("Made here", 1)
    assert library.luts.all(ANNA) == [kept, ramp]
    assert Lut.load(library.luts.dump(ANNA, kept.id)).id == kept.id
    library.luts.delete(ANNA, kept.id)
    assert library.luts.all(ANNA) == [ramp]
    with pytest.raises(NotFound):
        library.luts.dump(ANNA, kept.id)
    with pytest.raises(NotFound):
        library.luts.delete(ANNA, kept.id)


def test_nobody_else_sees_or_deletes_a_lut(library: Library):
    kept = library.luts.add(ANNA, "a.cube", written(bent()))
    assert library.luts.all(BEN) == [] and library.luts.load(BEN, {kept.id}) == {}
    for refused in (library.luts.dump, library.luts.delete):
        with pytest.raises(NotFound):
            refused(BEN, kept.id)
    # What both have, each has by themselves.
    assert library.luts.add(BEN, "b.cube", written(bent())).name == "b"
    library.luts.delete(BEN, kept.id)
    assert library.luts.dump(ANNA, kept.id)


def test_there_is_an_end_to_luts(library: Library, monkeypatch):
    monkeypatch.setattr("envo.luts.MAX_LUTS", 2)
    first, _ = (library.luts.add(ANNA, "a.cube", written(bent() * share)) for share in (0.5, 0.7))
    with pytest.raises(UserError, match="2 LUTs already"):
        library.luts.add(ANNA, "a.cube", written(bent()))
    assert library.luts.add(ANNA, "a.cube", written(bent() * 0.5)) == first


def test_luts_move_to_the_account_and_none_is_doubled(library: Library, home):
    both = library.luts.add(BEN, "ours.cube", written(bent()))
    library.luts.add(ANNA, "theirs.cube", written(bent()))
    more = library.luts.add(ANNA, "more.cube", written(bent() * 0.5))
    library.move(ANNA, BEN)
    assert library.luts.all(ANNA) == [] and library.luts.all(BEN) == [more, both]
    assert all(library.luts.dump(BEN, each.id) for each in (more, both))
    assert len(list(home.glob("luts/*/*"))) == 2


def test_luts_go_with_their_visitor(library: Library, home):
    who = "visitor:somebody"
    library.luts.add(who, "a.cube", written(bent()))
    kept = library.luts.add(ANNA, "a.cube", written(bent()))
    library.purge(datetime.now(UTC) + timedelta(days=settings.keep_days() + 1))
    assert library.luts.all(who) == [] and library.luts.all(ANNA) == [kept]
    assert len(list(home.glob("luts/*/*"))) == 1


def test_a_photo_is_rendered_with_the_luts_of_its_edit_and_not_without(library: Library):
    row, _ = library.add(ANNA, "a.png", file(1))
    inverted = library.luts.add(ANNA, "a.cube", written(1 - identity(2)))
    lut = {"id": inverted.id, "name": inverted.name}
    layer = {"id": "image", "adjustments": {"lut_strength": 50}, "lut": lut}
    document = parse({"schema": 2, "layers": [layer]})
    image = library.decode(ANNA, row.id)
    made = render(image, document, library.material(ANNA, row.id, document))
    assert np.abs(made.astype(int) - 127).max() <= 1, "halfway between a photo and its negative all is grey"
    library.luts.delete(ANNA, inverted.id)
    with pytest.raises(UserError, match=r"A LUT that this edit uses was deleted"):
        render(image, document, library.material(ANNA, row.id, document))
