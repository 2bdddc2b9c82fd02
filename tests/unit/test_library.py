"""What is put into the library stays there, whole, and is seen by its owner alone."""

import contextlib
import errno
import hashlib
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from PIL import Image as Pillow

from envo import database, edits, guide, maps, photo, xmp
from envo.errors import UserError
from envo.file import PhotoFile
from envo.library import EditConflict, Library, NotFound
from envo.settings import MAX_OWN_MASKS, TRASH_DAYS
from envo.store import TEMPORARY_SECONDS
from tests import postgres
from tests.forks import PROCESSES

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
DOCUMENT = {"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": -1.4}}]}


def example(name: str = "coffee.jpg") -> bytes:
    return (EXAMPLES / name).read_bytes()


def picture(shade: int, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (40, 30), (shade % 256, shade // 256, 90)).save(file, format)
    return file.getvalue()


def matte(shade: int) -> bytes:
    file = io.BytesIO()
    Pillow.new("L", (20, 15), shade).save(file, "PNG")
    return file.getvalue()


def url(home: Path) -> str:
    """The address of the database of a library in a folder; in PostgreSQL one is there once it is asked for."""
    return postgres.url(home) if postgres.is_chosen else f"sqlite:///{home / 'library.sqlite'}"


@contextlib.contextmanager
def at_revision(home: Path, revision: str) -> Iterator[sa.Connection]:
    """Make a library's database as it was when a revision was the last one, to write rows into."""
    home.mkdir(exist_ok=True)
    engine, config = sa.create_engine(url(home)), Config()
    config.set_main_option("script_location", str(ROOT / "envo" / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection
    engine.dispose()


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file() and len(path.name) >= 64]


def no_room():
    raise OSError(errno.ENOSPC, "No space left on device")


def test_closing_folds_the_write_ahead_log_in_even_where_somebody_looks_on(home):
    library = Library(home, url(home))
    with contextlib.closing(sqlite3.connect(home / "library.sqlite")) as other:
        other.execute("SELECT count(*) FROM photo").fetchall()
        assert (home / "library.sqlite-wal").stat().st_size
        library.close()
        assert (home / "library.sqlite-wal").stat().st_size == 0


def test_a_photo_is_kept_as_it_was_brought(library):
    row, added = library.add("ann", "../My Coffee.jpg", example())
    assert added
    assert (row.name, row.original_name) == ("My Coffee.jpg", "../My Coffee.jpg")
    assert (row.format, row.width, row.height, row.bit_depth, row.linear) == ("JPEG", 600, 400, 8, False)
    assert (row.bytes, row.rating, row.deleted_at) == (len(example()), 0, None)
    assert abs(datetime.now(UTC) - row.created_at) < timedelta(minutes=1)
    assert library.original("ann", row.id).read_bytes() == example()
    assert Pillow.open(library.thumbnail("ann", row.id)).size == (320, 213)
    assert library.photo("ann", row.id) == row


def test_it_is_there_again_after_closing(home, library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.save_edit("ann", row.id, DOCUMENT, 0, "page", 1)
    row = library.photo("ann", row.id)
    library.close()
    again = Library(home, url(home))
    assert again.photo("ann", row.id) == row
    assert again.edit("ann", row.id).document == DOCUMENT
    again.close()


def test_the_same_photo_is_never_kept_twice(home, library):
    first, _ = library.add("ann", "coffee.jpg", example())
    second, added = library.add("ann", "another name.jpg", example())
    assert (second, added) == (first, False)
    other, added = library.add("bob", "coffee.jpg", example())
    assert added and other.id != first.id
    assert len(files(home / "originals")) == 1


def test_a_photo_brought_again_comes_back_from_the_trash(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.delete("ann", row.id)
    assert library.photos("ann") == ([], 0)
    again, added = library.add("ann", "coffee.jpg", example())
    assert (again.id, again.deleted_at, added) == (row.id, None, False)


@pytest.mark.parametrize("data", [b"", b"no photo", example()[:5000]])
def test_what_is_no_photo_leaves_nothing_behind(home, library, data):
    with pytest.raises(UserError):
        library.add("ann", "x.jpg", data)
    assert library.photos("ann") == ([], 0)
    assert files(home) == []


def test_odd_names_are_taken(library):
    for number, name in enumerate(["", "a\0b", "\ud800", "写真.jpg", "x" * 5000]):
        row, _ = library.add("ann", name, picture(number))
        assert row.name
        assert len(row.original_name) <= 1000


def test_photos_come_newest_first_in_pages(library):
    ids = [library.add("ann", f"{n}.png", picture(n))[0].id for n in range(5)]
    library.add("bob", "b.png", picture(9))
    library.delete("ann", ids[1])
    rows, count = library.photos("ann")
    assert ([row.id for row in rows], count) == ([ids[4], ids[3], ids[2], ids[0]], 4)
    rows, count = library.photos("ann", offset=1, limit=2)
    assert ([row.id for row in rows], count) == ([ids[3], ids[2]], 4)
    rows, count = library.photos("ann", trash=True)
    assert ([row.id for row in rows], count) == ([ids[1]], 1)
    assert library.restore("ann", ids[1]).deleted_at is None
    assert library.photos("ann")[1] == 5


def test_photos_are_renamed_and_rated(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.rename("ann", row.id, "a/b\u202e.jpg")
    library.rate("ann", row.id, 5)
    changed = library.photo("ann", row.id)
    assert (changed.name, changed.rating, changed.original_name) == ("b.jpg", 5, "coffee.jpg")
    with pytest.raises(UserError):
        library.rate("ann", row.id, 6)


def test_a_copy_has_an_edit_of_its_own(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.save_edit("ann", row.id, DOCUMENT, 0, "page", 1)
    twin = library.copy("ann", row.id)
    assert (twin.name, twin.sha256) == ("coffee (copy).jpg", row.sha256)
    assert library.edit("ann", twin.id).version == 0
    library.rename("ann", row.id, "x" * 200)
    assert len(library.copy("ann", row.id).name) == 120


def test_nothing_of_another_owner_can_be_seen_or_changed(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.mattes.put(row.sha256, {"person": matte(1)}, "test", 0.1)
    own = library.mattes.add("ann", row.id, "Cup", matte(2), "quick").kind
    calls = [
        ("photo",),
        ("rename", "x"),
        ("rate", 1),
        ("delete",),
        ("restore",),
        ("copy",),
        ("original",),
        ("thumbnail",),
        ("rendition",),
        ("edit",),
        ("save_edit", DOCUMENT, 0, "page", 1),
        ("mattes.all",),
        ("mattes.file", "person"),
        ("mattes.rate", "person", 1),
        ("mattes.add", "Cup", matte(1), "quick"),
        ("mattes.rename", own, "x"),
        ("mattes.delete", own),
        ("mattes.restore", own),
        ("mattes.file", own),
        ("mattes.rate", own, 1),
    ]
    for name, *arguments in calls:
        for owner, photo_id in (("bob", row.id), ("ann", "nothing")):
            with pytest.raises(NotFound):
                attrgetter(name)(library)(owner, photo_id, *arguments)
    assert library.photo("ann", row.id) == row
    assert library.edit("ann", row.id).version == 0
    assert [(mask.kind, mask.name) for mask in library.mattes.all("ann", row.id)] == [("person", None), (own, "Cup")]
    assert len(row.id) >= 22


def test_a_mask_of_ones_own_is_kept_renamed_rated_and_deleted(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    twin, _ = library.add("bob", "coffee.jpg", example())
    mask = library.mattes.add("ann", row.id, "  The\n cup ", matte(7), "quick")
    assert edits.is_own(mask.kind) and (mask.name, mask.engine, mask.quality) == ("The cup", "quick", None)
    assert library.mattes.all("ann", row.id) == [mask]
    assert library.mattes.file("ann", row.id, mask.kind).read_bytes() == matte(7)
    assert library.mattes.all("bob", twin.id) == []
    with pytest.raises(NotFound):
        library.mattes.file("bob", twin.id, mask.kind)
    library.mattes.put(row.sha256, {"person": matte(1)}, "test", 0.1)
    library.mattes.rename("ann", row.id, mask.kind, "\0")
    library.mattes.rate("ann", row.id, mask.kind, 3)
    _, own = library.mattes.all("ann", row.id)
    assert (own.kind, own.name, own.quality, own.sha256) == (mask.kind, "Mask", 3, hashlib.sha256(matte(7)).hexdigest())
    library.mattes.delete("ann", row.id, mask.kind)
    assert [mask.kind for mask in library.mattes.all("ann", row.id)] == ["person"]
    for change in (("mattes.file",), ("mattes.rename", "x"), ("mattes.rate", 1), ("mattes.delete",)):
        with pytest.raises(NotFound):
            attrgetter(change[0])(library)("ann", row.id, mask.kind, *change[1:])
    library.mattes.restore("ann", row.id, mask.kind)
    assert library.mattes.all("ann", row.id)[1] == own


def test_a_photo_has_so_many_masks_and_no_more(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    kinds = [library.mattes.add("ann", row.id, f"{n}", matte(n), "quick").kind for n in range(MAX_OWN_MASKS)]
    assert [mask.kind for mask in library.mattes.all("ann", row.id)] == kinds
    with pytest.raises(UserError, match="delete one"):
        library.mattes.add("ann", row.id, "one more", matte(1), "quick")
    library.mattes.delete("ann", row.id, kinds[0])
    library.mattes.add("ann", row.id, "one more", matte(1), "quick")
    with pytest.raises(UserError, match="delete one"):
        library.mattes.restore("ann", row.id, kinds[0])


def test_a_copy_has_the_masks_too_and_each_goes_with_its_photo(home, library):
    row, _ = library.add("ann", "coffee.jpg", example())
    other, _ = library.add("bob", "coffee.jpg", example())
    kind, gone = (library.mattes.add("ann", row.id, name, matte(7), "quick").kind for name in ("kept", "gone"))
    library.mattes.delete("ann", row.id, gone)
    twin = library.copy("ann", row.id)
    assert [(mask.kind, mask.name) for mask in library.mattes.all("ann", twin.id)] == [(kind, "kept")]
    library.delete("ann", row.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert library.mattes.file("ann", twin.id, kind).read_bytes() == matte(7)
    assert [path for path in files(home / "mattes") if row.id in path.name] == []
    library.mattes.delete("ann", twin.id, kind)
    library.purge(datetime.now(UTC))
    library.mattes.restore("ann", twin.id, kind)
    library.mattes.delete("ann", twin.id, kind)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert files(home / "mattes") == [] and library.original("bob", other.id).exists()
    with pytest.raises(NotFound):
        library.mattes.restore("ann", twin.id, kind)


def test_a_photo_with_masks_is_handed_over_even_where_the_new_owner_has_it(library):
    row, _ = library.add("visitor", "coffee.jpg", example())
    library.add("ann", "coffee.jpg", example())
    kind = library.mattes.add("visitor", row.id, "Cup", matte(7), "quick").kind
    library.move("visitor", "ann")
    assert library.photos("ann")[1] == 2
    assert library.mattes.file("ann", row.id, kind).exists()


def test_the_trash_is_emptied_after_its_days(home, library):
    kept, _ = library.add("ann", "a.png", picture(1))
    gone, _ = library.add("ann", "b.png", picture(2))
    shared, _ = library.add("ann", "c.jpg", example())
    other, _ = library.add("bob", "c.jpg", example())
    library.mattes.put(gone.sha256, {"person": matte(7)}, "test", 0.1)
    library.save_edit("ann", gone.id, DOCUMENT, 0, "page", 1)
    library.mattes.rate("ann", gone.id, "person", 4)
    for row in (gone, shared):
        library.delete("ann", row.id)
    soon, late = (datetime.now(UTC) + timedelta(days=TRASH_DAYS, minutes=m) for m in (-1, 1))
    assert library.purge(soon) == 0
    library.restore("ann", gone.id)
    library.delete("ann", gone.id)
    assert library.purge(late) == 2
    assert library.photos("ann")[0] == [kept]
    assert library.photos("ann", trash=True)[1] == 0
    assert library.original("bob", other.id).exists() and library.original("ann", kept.id).exists()
    assert not [path for path in files(home) if path.name.startswith(gone.sha256)]
    again, added = library.add("ann", "b.png", picture(2))
    assert added and library.original("ann", again.id).exists() and not library.mattes.made(again.sha256)


def test_a_purge_never_takes_what_is_brought_at_that_moment(library):
    """The same photo brought and purged again and again from several threads: each row keeps its files."""
    far = datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1)
    failures = []

    def bring(owner):
        try:
            for _ in range(12):
                row, _ = library.add(owner, "x.png", picture(3))
                assert library.original(owner, row.id).exists() and library.thumbnail(owner, row.id).exists()
                library.delete(owner, row.id)
        except BaseException as error:
            # A photo deleted and purged in between is the one thing that may be missing.
            if not isinstance(error, NotFound):
                failures.append(error)

    def empty():
        try:
            for _ in range(40):
                library.purge(far)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=bring, args=(owner,)) for owner in ("ann", "bob")]
    threads.append(threading.Thread(target=empty))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    row, _ = library.add("ann", "x.png", picture(3))
    assert library.original("ann", row.id).read_bytes() == picture(3)


def test_files_purged_while_their_photo_is_on_its_way_are_written_again(library, monkeypatch):
    put = library._put

    def put_and_lose(*arguments):
        monkeypatch.setattr(library, "_put", put)
        put(*arguments)
        library.purge(datetime.now(UTC))

    monkeypatch.setattr(library, "_put", put_and_lose)
    row, added = library.add("ann", "x.png", picture(3))
    assert added and library.original("ann", row.id).read_bytes() == picture(3)
    assert library.thumbnail("ann", row.id).exists()


def test_a_photo_that_comes_while_it_is_purged_keeps_its_files(library, monkeypatch):
    row, _ = library.add("ann", "x.png", picture(3))
    library.delete("ann", row.id)
    write, begun = library.database.write, []

    def write_after_an_upload():
        begun.append(True)
        if len(begun) == 2:  # the rows are gone, the files are next
            monkeypatch.setattr(library.database, "write", write)
            library.add("bob", "x.png", picture(3))
        return write()

    monkeypatch.setattr(library.database, "write", write_after_an_upload)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    kept = library.photos("bob")[0][0]
    assert library.original("bob", kept.id).read_bytes() == picture(3)


def test_a_photo_that_takes_long_to_open_holds_up_no_other(library, monkeypatch):
    slow, quick = (library.add("ann", f"{shade}.tif", picture(shade, "TIFF"))[0].id for shade in (1, 2))
    begun, may_end, real = threading.Event(), threading.Event(), photo.rendition

    def rendition(image, edge):
        if not begun.is_set():
            begun.set()
            may_end.wait()
        return real(image, edge)

    monkeypatch.setattr(photo, "rendition", rendition)
    opening = threading.Thread(target=library.rendition, args=("ann", slow))
    opening.start()
    assert begun.wait(20)
    other = threading.Thread(target=library.rendition, args=("ann", quick))
    other.start()
    other.join(20)
    was_held_up = other.is_alive()
    may_end.set()
    for thread in (opening, other):
        thread.join()
    assert not was_held_up
    assert all(library.rendition("ann", each)[0].exists() for each in (slow, quick))


def test_a_photo_brought_by_many_threads_at_once_is_one(library):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(library.add("ann", "x.jpg", example()))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(added for _, added in answers) == 1
    assert len({row.id for row, _ in answers}) == 1


def test_photos_that_a_browser_can_show_are_their_own_rendition(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    assert library.rendition("ann", row.id) == (library.original("ann", row.id), "image/jpeg")


@pytest.mark.parametrize(
    ("format", "media_type"), [("TIFF", "image/jpeg"), ("PNG16", photo.HALF_FLOAT), ("BMP", "image/jpeg")]
)
def test_other_photos_get_a_rendition_made_once(library, format, media_type):
    if format == "PNG16":
        import cv2

        deep = skimage.data.coffee().astype(np.uint16) * 257
        data = cv2.imencode(".png", deep[:, :, ::-1])[1].tobytes()
    else:
        data = picture(5, format)
    row, _ = library.add("ann", "x", data)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(library.rendition("ann", row.id))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    path, kind = answers[0]
    assert set(answers) == {(path, media_type)} and kind == media_type
    if media_type == photo.HALF_FLOAT:
        width, height = photo.rendition_size(PhotoFile(data).header)
        assert path.stat().st_size == width * height * 6
    else:
        assert Pillow.open(path).size == (row.width, row.height)
    written = path.stat().st_mtime_ns
    assert library.rendition("ann", row.id)[0].stat().st_mtime_ns == written


def test_edits_are_versioned(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    assert (library.edit("ann", row.id).version, library.edit("ann", row.id).document) == (0, None)
    assert library.save_edit("ann", row.id, {"a": 1}, 0, "one", 1) == 1
    assert library.save_edit("ann", row.id, {"a": 2}, 1, "one", 2) == 2
    assert library.save_edit("ann", row.id, {"a": 3}, 2, "two", 1) == 3
    assert library.edit("ann", row.id).document == {"a": 3}


def test_two_windows_cannot_overwrite_each_other(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.save_edit("ann", row.id, {"a": 1}, 0, "one", 1)
    with pytest.raises(EditConflict) as conflict:
        library.save_edit("ann", row.id, {"b": 1}, 0, "two", 1)
    assert (conflict.value.version, conflict.value.document) == (1, {"a": 1})
    assert not isinstance(conflict.value, UserError)
    assert library.edit("ann", row.id).document == {"a": 1}
    assert library.save_edit("ann", row.id, {"b": 1}, 1, "two", 2) == 2
    with pytest.raises(EditConflict):
        library.save_edit("ann", row.id, {"a": 2}, 1, "one", 2)


def test_a_page_overtakes_its_own_writes_and_repeats_change_nothing(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    assert library.save_edit("ann", row.id, {"a": 2}, 0, "one", 2) == 1
    # The first write arrives after the second: too late, and no conflict.
    assert library.save_edit("ann", row.id, {"a": 1}, 0, "one", 1) == 1
    assert library.save_edit("ann", row.id, {"a": 2}, 0, "one", 2) == 1
    assert library.save_edit("ann", row.id, {"a": 3}, 0, "one", 3) == 2
    assert library.edit("ann", row.id).document == {"a": 3}


def test_of_many_windows_at_once_one_wins(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    outcomes = []

    def save(name):
        try:
            outcomes.append(library.save_edit("ann", row.id, {"by": name}, 0, name, 1))
        except EditConflict as conflict:
            outcomes.append(conflict.document["by"])

    threads = [threading.Thread(target=save, args=(f"window {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = library.edit("ann", row.id).document["by"]
    assert sorted(map(str, outcomes)) == sorted(["1", *[winner] * 7])


def test_mattes_belong_to_the_content_and_ratings_to_the_owner(library):
    ann, _ = library.add("ann", "coffee.jpg", example())
    assert not library.mattes.made(ann.sha256) and library.mattes.all("ann", ann.id) == []
    library.mattes.put(ann.sha256, {"person": matte(200), "background": matte(55)}, "rvm", 1.5)
    library.mattes.rate("ann", ann.id, "person", 4)
    bob, _ = library.add("bob", "coffee.jpg", example())
    twin = library.copy("ann", ann.id)
    assert library.mattes.made(ann.sha256) and bob.sha256 == twin.sha256 == ann.sha256
    background, person = library.mattes.all("ann", ann.id)
    assert (background.kind, person.kind, person.width, person.height) == ("background", "person", 20, 15)
    assert (person.engine, person.seconds, person.quality) == ("rvm", 1.5, 4)
    assert person.sha256 == hashlib.sha256(matte(200)).hexdigest()
    assert [mask.quality for mask in library.mattes.all("bob", bob.id)] == [None, None]
    assert library.mattes.file("bob", bob.id, "person").read_bytes() == matte(200)
    library.mattes.rate("ann", ann.id, "person", None)
    assert [mask.quality for mask in library.mattes.all("ann", ann.id)] == [None, None]
    with pytest.raises(UserError):
        library.mattes.rate("ann", ann.id, "person", 5)
    with pytest.raises(NotFound):
        library.mattes.rate("ann", ann.id, "hair", 1)
    with pytest.raises(NotFound):
        library.mattes.file("ann", ann.id, "hair")


def test_maps_are_made_once_and_again_where_they_are_damaged(home, library, monkeypatch):
    row, _ = library.add("ann", "coffee.jpg", example())
    twin, _ = library.add("bob", "coffee.jpg", example())
    made = library.maps("ann", row.id).dump()
    monkeypatch.setattr(maps, "make", lambda pixels: pytest.fail("maps were made twice"))
    assert library.maps("bob", twin.id).dump() == made
    monkeypatch.undo()
    (kept,) = [path for path in files(home) if "maps" in path.parts]
    for damage in (b"", made[:1000], made[:-2] + b"xx"):
        kept.write_bytes(damage)
        assert library.maps("ann", row.id).dump() == made == kept.read_bytes()
    kept.unlink()
    monkeypatch.setattr(os, "fsync", lambda descriptor: no_room())
    assert library.maps("ann", row.id).dump() == made and not kept.exists()


def test_maps_are_there_for_the_edits_that_look_at_them(library):
    row, _ = library.add("ann", "coffee.jpg", example())

    def needed(process: int, **adjustments) -> bool:
        layer = {"id": "image", "process": process, "adjustments": adjustments}
        return library.material("ann", row.id, edits.parse({"schema": 2, "layers": [layer]})).maps is not None

    assert needed(2, shadows=10) and needed(1, clarity=5) and needed(2, dehaze=-20)
    assert not needed(1, shadows=10, highlights=-5) and not needed(2, exposure=1)


def test_a_guide_is_made_once_for_the_masks_that_look_at_it_and_goes_with_its_photo(home, library, monkeypatch):
    row, _ = library.add("ann", "coffee.jpg", example())
    twin, _ = library.add("bob", "coffee.jpg", example())
    stroke = {"points": [(0.5, 0.5)], "size": 0.1}

    def needed(**part) -> bool:
        mask = {"parts": [{"shape": "brush", "strokes": [stroke]} | part]}
        layer = {"id": "layer-00000000", "mask": mask, "adjustments": {"exposure": 1}}
        document = edits.parse({"schema": 3, "layers": [{"id": "image"}, layer]})
        return library.material("ann", row.id, document).guide is not None

    assert not needed() and not needed(feather=20.0)
    assert not [path for path in files(home) if "guides" in path.parts]
    assert needed(refine=10.0) and needed(strokes=[stroke | {"aware": True}])
    made = library.guide("ann", row.id)
    monkeypatch.setattr(guide, "make", lambda pixels: pytest.fail("the guide was made twice"))
    assert library.guide("bob", twin.id) == made
    with pytest.raises(NotFound):
        library.guide("bob", row.id)
    for owner, theirs in (("ann", row), ("bob", twin)):
        library.delete(owner, theirs.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert not [path for path in files(home) if "guides" in path.parts]


def test_maps_go_with_their_photo(home, library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.maps("ann", row.id)
    with pytest.raises(NotFound):
        library.maps("bob", row.id)
    library.delete("ann", row.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert not files(home)


def test_nobody_in_the_photo_is_an_answer_too(library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.mattes.put(row.sha256, {"person": matte(1)}, "one", 0.5)
    library.mattes.put(row.sha256, {}, "two", 0.5)
    assert library.mattes.made(row.sha256)
    assert library.mattes.all("ann", row.id) == []


def test_mattes_that_are_made_anew_leave_no_old_files(home, library):
    row, _ = library.add("ann", "coffee.jpg", example())
    own = library.mattes.add("ann", row.id, "Cup", matte(2), "quick").kind
    library.mattes.put(row.sha256, {"person": matte(1), "hair": matte(3)}, "one", 0.5)
    library.mattes.put(row.sha256, {"person": matte(1), "hair": matte(4)}, "two", 0.5)
    assert [library.mattes.file("ann", row.id, kind).read_bytes() for kind in ("person", "hair", own)] == [
        matte(1),
        matte(4),
        matte(2),
    ]
    assert len([path for path in files(home) if "mattes" in path.parts]) == 3


def test_mattes_of_what_nobody_has_any_more_are_not_kept(home, library):
    row, _ = library.add("ann", "coffee.jpg", example())
    library.delete("ann", row.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    library.mattes.put(row.sha256, {"person": matte(1)}, "one", 0.5)
    assert not library.mattes.made(row.sha256) and not [path for path in files(home) if "mattes" in path.parts]


def test_a_visitor_who_signs_in_keeps_everything_once(library):
    plain, _ = library.add("visitor", "a.png", picture(1))
    doubled, _ = library.add("visitor", "b.png", picture(2))
    edited, _ = library.add("visitor", "c.png", picture(3))
    library.save_edit("visitor", edited.id, DOCUMENT, 0, "page", 1)
    for shade in (2, 3):
        library.add("account", "mine.png", picture(shade))
    library.move("visitor", "account")
    assert library.photos("visitor") == ([], 0)
    assert library.photos("account")[1] == 4
    assert library.photo("account", plain.id).owner == "account"
    assert library.edit("account", edited.id).document == DOCUMENT
    with pytest.raises(NotFound):
        library.photo("account", doubled.id)


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing_half(home, library, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: no_room())
    with pytest.raises(UserError, match="full"):
        library.add("ann", "coffee.jpg", example())
    monkeypatch.undo()
    assert library.photos("ann") == ([], 0)
    assert files(home) == [] and list((home / "temporary").iterdir()) == []
    assert library.add("ann", "coffee.jpg", example())[1]


def test_a_full_database_is_said_in_a_sentence(home, library):
    row, _ = library.add("ann", "coffee.jpg", example())
    engine = library.database._engine

    @sa.event.listens_for(engine, "begin")
    def no_more_pages(connection):
        connection.exec_driver_sql("PRAGMA max_page_count=1")

    with pytest.raises(UserError, match="full"):
        library.save_edit("ann", row.id, {"long": "x" * 100_000}, 0, "page", 1)
    assert library.edit("ann", row.id).version == 0


def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="ENVO_HOME"):
        Library(tmp_path / "file", url(tmp_path))


def test_old_temporary_files_are_swept_and_young_ones_left(home):
    Library(home, url(home)).close()
    old, young = home / "temporary" / "old", home / "temporary" / "young"
    for path in (old, young):
        path.write_bytes(b"half a photo")
    long_ago = time.time() - TEMPORARY_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    Library(home, url(home)).close()
    assert not old.exists() and young.exists()


def test_a_library_of_a_newer_envo_is_refused(home, library):
    with library.database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UserError, match="newer Envo"):
        Library(home, url(home))


def test_the_migrations_make_the_tables_that_the_code_knows(library):
    with library.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), database.metadata) == []


def test_a_library_of_the_first_revision_opens(home):
    """Rows written in plain SQL when 0001 was all there was; must pass with every later revision."""
    data = example()
    sha256 = hashlib.sha256(data).hexdigest()
    for folder in ("originals", "thumbnails"):
        (home / folder / sha256[:2]).mkdir(parents=True)
        (home / folder / sha256[:2] / sha256).write_bytes(data)
    with at_revision(home, "0001") as connection:
        connection.execute(
            sa.text("INSERT INTO blob VALUES (:sha, :n, 'JPEG', 600, 400, 8, true, false, 'rvm', 0.2)"),
            {"sha": sha256, "n": len(data)},
        )
        connection.execute(
            sa.text(
                "INSERT INTO photo VALUES ('old-photo', 'ann', :sha, 'c.jpg', 'C.JPG', 3, "
                "'2024-05-06 07:08:09.000000', NULL)"
            ),
            {"sha": sha256},
        )
        connection.execute(
            sa.text("INSERT INTO edit VALUES ('old-photo', 4, :document, 'page', 4)"),
            {"document": json.dumps(DOCUMENT)},
        )
        connection.execute(
            sa.text("INSERT INTO matte VALUES (:sha, 'person', :file, 20, 15)"),
            {"sha": sha256, "file": "ab" * 32},
        )
        connection.execute(sa.text("INSERT INTO matte_rating VALUES ('old-photo', 'person', 2)"))
    library = Library(home, url(home))
    row = library.photo("ann", "old-photo")
    assert (row.rating, row.created_at) == (3, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC))
    assert (library.edit("ann", row.id).version, library.edit("ann", row.id).document) == (4, DOCUMENT)
    assert row.edit == 4
    assert library.mattes.all("ann", row.id)[0].quality == 2
    assert library.original("ann", row.id).read_bytes() == data
    library.close()


def test_words_and_names_of_the_sixth_revision_are_mended(home):
    """Rows written in plain SQL when 0006 was the last one."""
    with at_revision(home, "0006") as connection:
        connection.execute(
            sa.text(
                "INSERT INTO blob (sha256, bytes, format, width, height, bit_depth, browser_ready, linear, taken_at) "
                "VALUES ('ab', 9, 'JPEG', 6, 4, 8, true, false, '1931-05-06 10:11:12.000000')"
            )
        )
        for photo_id, name, title in (("one", "Oma 1931", "Ca\u0303o"), ("two", "語" * 114 + ".jpg", "")):
            connection.execute(
                sa.text(
                    "INSERT INTO photo (id, owner, sha256, name, original_name, rating, created_at, title) "
                    "VALUES (:id, 'ann', 'ab', :name, 'IMG_1.JPG', 3, '2024-05-06 07:08:09.000000', :title)"
                ),
                {"id": photo_id, "name": name, "title": title},
            )
        for word, state in (("cat", "found"), ("Cat", "accepted"), ("Ca\u0303o", "found"), ("Cão", "removed")):
            connection.execute(
                sa.text("INSERT INTO tag VALUES ('one', :word, 0.9, 'file', '', '[]', '[]', :state)"),
                {"word": word, "state": state},
            )
    library = Library(home, url(home))
    one, two = library.photo("ann", "one"), library.photo("ann", "two")
    assert (one.name, one.title, one.taken_at) == ("Oma 1931.JPG", "Cão", datetime(1931, 5, 6, 10, 11, 12))
    assert len(two.name.encode()) <= 255 and two.name.endswith(".jpg")
    assert {tag.word: tag.state for tag in library.gallery.tags("ann", "one")} == {"Cat": "accepted", "Cão": "removed"}
    library.close()


def packet(**said) -> bytes:
    """Make an .xmp file."""
    made = xmp.Packet()
    for name, value in said.items():
        made.set(name.replace("_", ":"), value)
    return bytes(made)


def test_a_sidecar_that_comes_later_is_read(library):
    row, _ = library.add("ann", "IMG_1.JPG", example())
    library.gallery.correct("ann", [row.id], remove=["no"])
    library.rate("ann", row.id, 2)
    beside = packet(dc_subject=["beside", "no"], xmp_Rating="5", exif_DateTimeOriginal="1931-05-06T10:11:12")
    same, added = library.add("ann", "other.jpg", example(), beside)
    assert (same.id, added) == (row.id, False)
    assert (same.taken_at, same.rating) == (datetime(1931, 5, 6, 10, 11, 12), 2)
    assert {tag.word: tag.state for tag in library.gallery.tags("ann", row.id)} == {
        "beside": "accepted",
        "no": "removed",
    }
    assert library.sidecar("ann", row.id) == beside
    # What another owner has of the same bytes is told nothing of it.
    assert library.add("bob", "IMG_1.JPG", example())[0].taken_at is None
    weak = packet(dc_subject=["weak"])
    library.add("ann", "IMG_1.JPG", example(), weak, is_weak=True)
    assert library.sidecar("ann", row.id) == beside


def test_a_lone_sidecar_finds_the_photo_that_is_named_as_it_is(library):
    row, _ = library.add("ann", "a/IMG_1.JPG", example())
    assert library.named_as("ann", "img_1.xmp").id == row.id == library.named_as("ann", "b/IMG_1.jpg.xmp").id
    library.rename("ann", row.id, "Oma")
    assert library.named_as("ann", "img_1.xmp").id == row.id
    for owner, name in (("ann", "IMG_2.xmp"), ("bob", "IMG_1.xmp")):
        with pytest.raises(UserError, match="No photo of yours"):
            library.named_as(owner, name)
    library.add("ann", "IMG_1.png", picture(1))
    with pytest.raises(UserError, match="2 photos of yours"):
        library.named_as("ann", "IMG_1.xmp")
    assert library.named_as("ann", "IMG_1.JPG.xmp").id == row.id


def test_copies_have_their_dates_from_sidecars_too(library):
    row, _ = library.add("ann", "IMG_1.JPG", example(), packet(photoshop_DateCreated="1931-05-06"))
    assert library.copy("ann", row.id).taken_at == row.taken_at == datetime(1931, 5, 6)


def test_several_processes_may_open_a_new_library_at_once(home):
    program = f"from pathlib import Path; from envo.library import Library; Library(Path({str(home)!r}), {url(home)!r})"
    running = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]


def write_until_killed(home: Path, start: int, pipe) -> None:
    """Upload, save and matte without end; each write is told once it is done."""
    library = Library(home, url(home))
    for number in range(start, start + 1000):
        row, _ = library.add("ann", f"{number}.png", picture(number))
        pipe.send(("photo", row.id, number))
        for seq in (1, 2):
            library.save_edit("ann", row.id, {"number": number, "seq": seq}, seq - 1, "page", seq)
            pipe.send(("edit", row.id, seq))
        library.mattes.put(row.sha256, {"person": matte(number % 256)}, "test", 0.1)
        pipe.send(("matte", row.id, number))


def test_what_was_acknowledged_survives_being_killed(home):
    """A process that uploads and saves is killed again and again; what it had said was done is all there."""
    chance = random.Random(20)
    photos, edits, mattes = {}, {}, {}
    for round_number in range(20):
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=write_until_killed, args=(home, round_number * 1000, theirs))
        process.start()
        theirs.close()
        first = True
        with contextlib.suppress(EOFError):
            while True:
                what, photo_id, number = ours.recv()
                {"photo": photos, "edit": edits, "matte": mattes}[what][photo_id] = number
                if first:
                    threading.Timer(chance.uniform(0, 0.12), process.kill).start()
                    first = False
        process.join()
        assert process.exitcode == -signal.SIGKILL
    assert len(photos) >= 20
    library = Library(home, url(home))
    for photo_id, number in photos.items():
        assert library.original("ann", photo_id).read_bytes() == picture(number)
    for photo_id, seq in edits.items():
        assert library.edit("ann", photo_id).document["seq"] >= seq
    for photo_id, number in mattes.items():
        assert library.mattes.file("ann", photo_id, "person").read_bytes() == matte(number % 256)
    for row in library.photos("ann")[0]:
        data = library.original("ann", row.id).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row.sha256
        assert Pillow.open(library.thumbnail("ann", row.id)).size == (40, 30)
        for mask in library.mattes.all("ann", row.id):
            found = library.mattes.file("ann", row.id, mask.kind).read_bytes()
            assert hashlib.sha256(found).hexdigest() == mask.sha256
    library.close()


def test_faces_that_one_network_embedded_are_embedded_anew_by_two(home):
    """Rows written in plain SQL when 0021 was the last one."""
    with at_revision(home, "0021") as connection:
        for name, face_engine, embeddings in (
            ("old", "dlib", b"1234"), ("nobody", "dlib", None), ("facenet", "facenet", b"1234"), ("face", "dlib", None)
        ):  # fmt: skip
            values = {"name": name, "engine": face_engine, "embeddings": embeddings}
            for statement in (
                "INSERT INTO blob (sha256, bytes, format, width, height, bit_depth, browser_ready, linear) "
                "VALUES (:name, 9, 'JPEG', 6, 4, 8, true, false)",
                "INSERT INTO photo (id, owner, sha256, name, original_name, rating, created_at, is_tagged) "
                "VALUES (:name, 'ann', :name, :name, 'a.jpg', 0, '2024-05-06 07:08:09.000000', true)",
                "INSERT INTO sight (sha256, tags, engine, faces, face_embeddings, face_engine, trouble, created_at) "
                "VALUES (:name, '[]', '', '[]', :embeddings, :engine, '', '2024-05-06 07:08:09.000000')",
            ):
                connection.execute(sa.text(statement), values)
        connection.execute(
            sa.text(
                "INSERT INTO face (id, photo_id, box, sure, engine, embedding, confidence, state, refused) "
                "VALUES ('hers', 'face', '[0, 0, 1, 1]', 1, 'dlib', :embedding, 0, 'found', '[]')"
            ),
            {"embedding": b"1234"},
        )
    library = Library(home, url(home))
    library.gallery.open("ann")
    assert {(each.id, each.is_outdated) for each in library.gallery.untagged("", 9)} == {("old", True), ("face", True)}
    library.close()
