"""All that one owner has: it leaves as one zip, and goes without a trace, whoever owns it."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from envo import database as db
from envo import takeaway
from envo.cube import parse
from envo.errors import NotFound
from envo.everything import OWNED
from envo.exportsettings import ExportSettings
from envo.library import Library
from envo.visitors import new_visitor
from tabs.work.takeaway import everything
from tests.unit.test_library import matte, picture
from tests.unit.test_luts import written
from tests.unit.test_ownpresets import COPY, edit
from tests.unit.test_people import Faces
from tests.unit.test_results import ERASED, own

OTHER = "login:other"


def account(library: Library) -> str:
    return library.accounts.of(library.accounts.add("Ann", "correct horse battery")).owner


OWNERS = {"visitor": lambda library: new_visitor(), "login": lambda library: "login:ann", "account": account}


def fill(library: Library, owner: str, home: Path) -> str:
    """Bring and do one of each; gives a photo."""
    theirs = Faces(library, owner)
    ann, eve = ([face] for face in theirs.add(2))
    library.people.name(owner, ann, "Ada")
    library.people.name(owner, eve, "Eve")
    library.people.merge(owner, theirs.id("Eve"), theirs.id("Ada"))
    photo, trashed = theirs.photos
    library.gallery.open(owner)
    library.save_edit(owner, photo, edit(1).dump(), 0, "a-window", 1)
    library.mattes.add(owner, photo, "mine", matte(7), "brush")
    library.snapshots.add(owner, photo, "Warm", edit(1))
    library.results.add(owner, photo, [(ERASED, own())])
    library.presets.add(owner, "Film", "", COPY)
    library.exports.add(owner, "Print", ExportSettings())
    library.watermarks.add(owner, "mark.png", picture(5))
    library.luts.add(owner, "a.cube", written(np.array([[0, 0, 0], [1, 0.25, 1]])))
    library.pastes.add(owner, [photo], COPY, "paste")
    zip_file = home / "temporary" / "a"
    zip_file.write_bytes(b"PK")
    library.arrivals.add(owner, "a.zip", zip_file)
    told = {"plan": [], "did": [], "restoration": None}
    library.jobs.add(("a-job", owner, "restore", photo), {"size": "fine"}, told, lambda theirs, all: None)
    library.tokens.add(owner, "Backup", may_write=False)
    library.delete(owner, trashed)
    return photo


def left(library: Library, owner: str) -> set[str]:
    """The tables in which something is an owner's."""
    with library.database.read() as connection:
        counts = {
            table.name: connection.scalar(sa.select(sa.func.count()).where(table.c.owner == owner)) for table in OWNED
        }
    return {name for name, count in counts.items() if count}


def stored(home: Path) -> set[Path]:
    """All files of a library but its database's own."""
    return {path for path in home.rglob("*") if path.is_file() and not path.name.startswith("library.")}


@pytest.mark.parametrize("kind", OWNERS)
def test_nothing_is_left_of_who_deletes_everything_and_nothing_of_others_goes(home, library, kind):
    library.add(OTHER, "shared.png", picture(0))  # the same bytes as the owner's first
    before = stored(home)
    owner = OWNERS[kind](library)
    photo = fill(library, owner, home)
    of_kind = {"visitor": {"visitor"}, "account": {"account", "session"}, "login": set()}
    filled = left(library, owner)
    others = set().union(*of_kind.values()) - of_kind[kind]
    assert filled == {table.name for table in OWNED} - others, "what is not filled here is not seen to go"
    assert len(stored(home)) > len(before) + 5

    library.remove_all(owner)
    assert left(library, owner) == set()
    assert stored(home) == before
    assert library.photos(OTHER)[1] == 1
    with library.database.read() as connection:
        of_photos = [table for table in db.metadata.sorted_tables if "photo_id" in table.c]
        for table in of_photos:
            gone = sa.select(sa.func.count()).select_from(table).where(table.c.photo_id == photo)
            assert connection.scalar(gone) == 0, table.name


def test_what_was_on_its_way_to_an_account_that_is_deleted_does_not_come(home, library):
    owner = account(library)
    library.remove_all(owner)
    with pytest.raises(NotFound, match="This account was deleted"):
        library.add(owner, "late.png", picture(1))
    assert left(library, owner) == set()


def test_all_of_it_leaves_as_one_zip_and_nothing_of_others(home, library):
    library.add(OTHER, "theirs.png", picture(99))
    owner = account(library)
    fill(library, owner, home)
    with zipfile.ZipFile(io.BytesIO(b"".join(takeaway.archive(everything(library, owner))))) as packed:
        assert packed.testzip() is None
        contents = {name: packed.read(name) for name in packed.namelist()}
    files = {name for name in contents if not name.startswith("library/")}
    assert files == {
        "photos/0.png",
        "trash/1.png",
        "masks/0/mine.png",
        "results/0/erase.png",
        "watermarks/mark.png",
        "luts/a.cube",
    }
    assert contents["photos/0.png"] == picture(0) and contents["trash/1.png"] == picture(1)
    assert parse(contents["luts/a.cube"]).id == library.luts.all(owner)[0].id
    tables = {name[8:-5]: json.loads(data) for name, data in contents.items() if name not in files}
    assert tables.keys() >= {table.name for table in OWNED} - {"session", "visitor"}
    assert tables.keys() >= {"edit", "snapshot", "own_mask", "tag", "face", "result"} - {"tag"}
    assert [row["name"] for row in tables["person"]] == ["Ada"]
    assert {row["name"] for row in tables["photo"]} == {"0.png", "1.png"}
    assert tables["account"][0]["name"] == "Ann" and "password" not in tables["account"][0]
