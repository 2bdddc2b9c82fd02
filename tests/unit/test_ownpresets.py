"""Presets and snapshots are kept for their owner alone, leave as files and come back, and go with what they are of."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from envo import edits, settings
from envo import ownpresets as presets_module
from envo import snapshots as snapshots_module
from envo.copies import Choice, taken
from envo.edits import EditDocument
from envo.errors import NotFound, UserError
from envo.library import Library
from envo.ownpresets import read
from envo.visitors import new_visitor
from tests.unit.test_library import picture as file
from tests.unit.test_lightroom import file as lightroom_file

ANNA, BEN = "anna", "ben"


def edit(exposure: float = 1.0, **image) -> EditDocument:
    layers = [
        {"id": "image", "adjustments": {"exposure": exposure, "grain": 10}, **image},
        {"id": "hair", "mask": {"parts": [{"shape": "matte", "kind": "hair"}]}, "adjustments": {"contrast": 20}},
    ]
    return edits.parse({"schema": 3, "layers": layers})


COPY = taken(edit(), Choice())


def test_an_owner_keeps_presets_by_group_and_name_and_changes_them(library: Library):
    kept = [library.presets.add(ANNA, *each, COPY) for each in (("b", "Film"), (" Z\n ", ""), ("A", "film"))]
    assert [(row.group, row.name) for row in library.presets.all(ANNA)] == [("", "Z"), ("film", "A"), ("Film", "b")]
    assert all(row.copy == COPY.dump() for row in library.presets.all(ANNA))
    moved = library.presets.change(ANNA, kept[0].id, name="C", group="People")
    assert (moved.name, moved.group) == ("C", "People") and moved in library.presets.all(ANNA)
    assert library.presets.change(ANNA, kept[0].id, name="  ").name == "C"
    library.presets.delete(ANNA, kept[0].id)
    assert len(library.presets.all(ANNA)) == 2
    assert library.presets.restore(ANNA, kept[0].id) == moved
    assert len(library.presets.all(ANNA)) == 3


def test_nobody_else_sees_or_changes_a_preset(library: Library):
    kept = library.presets.add(ANNA, "Mine", "", COPY)
    assert library.presets.all(BEN) == []
    asks = (library.presets.change, library.presets.delete, library.presets.restore, library.presets.file)
    for ask in asks:
        with pytest.raises(NotFound):
            ask(BEN, kept.id)
    assert library.presets.all(ANNA) == [kept]


def test_there_is_an_end_to_presets_and_to_each(library: Library, monkeypatch):
    monkeypatch.setattr(presets_module, "MAX_PRESETS", 2)
    first = library.presets.add(ANNA, "a", "", COPY)
    library.presets.delete(ANNA, first.id)
    for name in "bc":
        library.presets.add(ANNA, name, "", COPY)
    for more in (lambda: library.presets.add(ANNA, "d", "", COPY), lambda: library.presets.restore(ANNA, first.id)):
        with pytest.raises(UserError, match="2 presets already"):
            more()
    library.presets.add(BEN, "his", "", COPY)
    monkeypatch.setattr(presets_module, "MAX_PRESET_BYTES", 100)
    with pytest.raises(UserError, match="strokes"):
        library.presets.add(BEN, "large", "", COPY)


def test_a_preset_leaves_as_a_file_and_comes_back_the_same(library: Library):
    kept = library.presets.add(ANNA, "Tag/Nacht: Köln", "Städte", COPY)
    name, data = library.presets.file(ANNA, kept.id)
    assert name == "Tag-Nacht_ Köln.envo.json"
    brought = read(name, data)
    assert (brought.name, brought.group, brought.copy, brought.missed) == ("Tag/Nacht: Köln", "Städte", COPY, ())
    unnamed = json.dumps({**json.loads(data), "name": None, "group": 5}).encode()
    assert (read("x.envo.json", unnamed).name, read("x.envo.json", unnamed).group) == ("x", "")


def test_lightrooms_presets_come_with_their_names_and_groups():
    brought = read("a.XMP", lightroom_file("not-understood"))
    assert (brought.name, brought.group) == ("Everything else", "Odd") and "masks" in brought.missed
    assert brought.copy.document.layers[0].adjustments == {"exposure": 0.1}
    unnamed = read("Old summer.xmp", lightroom_file("process-2010"))
    assert (unnamed.name, unnamed.group) == ("Old summer", "Lightroom")


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.envo.json", b"", "no preset"),
        ("a.envo.json", b"[" * 100_000, "no preset"),
        ("a.json", b"{}", "no preset"),
        ("a.json", json.dumps({"format": "envo-preset", "schema": 9}).encode(), "newer Envo"),
        ("a.json", json.dumps({"format": "envo-preset", "schema": 1, "copy": {}}).encode(), "not a copy of an edit"),
        ("a.json", json.dumps({"format": "envo-preset", "schema": 1}).encode(), "not a copy of an edit"),
        ("a.xmp", b"{}", "no XMP"),
        ("a.lrtemplate", b's = {\n\tid = "A",\n}', "lrtemplate"),
        ("a.png", file(1), "no preset"),
    ],
)
def test_what_is_no_preset_is_refused_in_a_sentence(name, data, why):
    with pytest.raises(UserError, match=why) as refused:
        read(name, data)
    assert str(refused.value).endswith(".")


def test_what_a_visitor_has_goes_to_the_account_once_and_with_who_stays_away(library: Library):
    visitor, other = new_visitor(), new_visitor()
    for owner in (visitor, ANNA):
        library.presets.add(owner, "Both", "", COPY)
    mine = library.presets.add(visitor, "Mine", "", COPY)
    library.move(visitor, ANNA)
    assert [row.name for row in library.presets.all(ANNA)] == ["Both", "Mine"]
    assert library.presets.all(visitor) == [] and mine in library.presets.all(ANNA)
    library.presets.add(other, "Left", "", COPY)
    library.purge(datetime.now(UTC) + timedelta(days=settings.keep_days() + 1))
    assert library.presets.all(other) == [] and len(library.presets.all(ANNA)) == 2
    library.presets.delete(ANNA, mine.id)
    library.purge(datetime.now(UTC) + timedelta(days=settings.TRASH_DAYS + 1))
    with pytest.raises(NotFound):
        library.presets.restore(ANNA, mine.id)


def test_snapshots_are_named_states_of_a_photos_edit(library: Library):
    row, _ = library.add(ANNA, "a.png", file(1))
    first = library.snapshots.add(ANNA, row.id, "Warm", edit(1))
    second = library.snapshots.add(ANNA, row.id, "  ", edit(2))
    assert [(each.name, each.document) for each in library.snapshots.all(ANNA, row.id)] == [
        ("Snapshot", edit(2).dump()),
        ("Warm", edit(1).dump()),
    ]
    library.snapshots.rename(ANNA, row.id, second.id, "Cold")
    library.snapshots.delete(ANNA, row.id, first.id)
    assert [each.name for each in library.snapshots.all(ANNA, row.id)] == ["Cold"]
    with pytest.raises(NotFound):
        library.snapshots.rename(ANNA, row.id, first.id, "Gone")
    library.snapshots.restore(ANNA, row.id, first.id)
    assert [each.name for each in library.snapshots.all(ANNA, row.id)] == ["Cold", "Warm"]


def test_snapshots_are_their_photos_and_its_owners(library: Library, monkeypatch):
    row, other = (library.add(ANNA, "a.png", file(shade))[0] for shade in (1, 2))
    kept = library.snapshots.add(ANNA, row.id, "Warm", edit())
    asks = (
        lambda owner, photo: library.snapshots.all(owner, photo),
        lambda owner, photo: library.snapshots.add(owner, photo, "x", edit()),
        lambda owner, photo: library.snapshots.rename(owner, photo, kept.id, "x"),
        lambda owner, photo: library.snapshots.delete(owner, photo, kept.id),
        lambda owner, photo: library.snapshots.restore(owner, photo, kept.id),
    )
    for ask in asks:
        with pytest.raises(NotFound):
            ask(BEN, row.id)
    for ask in asks[2:]:
        with pytest.raises(NotFound):
            ask(ANNA, other.id)
    assert [each.name for each in library.snapshots.all(ANNA, row.id)] == ["Warm"]
    monkeypatch.setattr(snapshots_module, "MAX_SNAPSHOTS", 1)
    with pytest.raises(UserError, match="1 snapshots already"):
        library.snapshots.add(ANNA, row.id, "more", edit())
    monkeypatch.setattr(snapshots_module, "MAX_PRESET_BYTES", 10)
    with pytest.raises(UserError, match="too large"):
        library.snapshots.add(ANNA, other.id, "large", edit())


def test_snapshots_come_along_with_a_copy_and_go_with_their_photo(library: Library):
    visitor = new_visitor()
    row, _ = library.add(visitor, "a.png", file(1))
    library.snapshots.add(visitor, row.id, "Warm", edit())
    twin = library.copy(visitor, row.id)
    (copied,) = library.snapshots.all(visitor, twin.id)
    assert (copied.name, copied.document) == ("Warm", edit().dump())
    library.snapshots.delete(visitor, twin.id, copied.id)
    assert len(library.snapshots.all(visitor, row.id)) == 1
    # Who has a photo of the same bytes gets this one beside it: its snapshots are work.
    library.add(ANNA, "a.png", file(1))
    library.move(visitor, ANNA)
    assert [each.name for each in library.snapshots.all(ANNA, row.id)] == ["Warm"]
    library.delete(ANNA, row.id)
    library.purge(datetime.now(UTC) + timedelta(days=settings.TRASH_DAYS + 1))
    with pytest.raises(NotFound):
        library.snapshots.all(ANNA, row.id)
    with library.database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from snapshot").scalar() == 0
