"""LUTs that visitors brought: each is its owner's, for all of their photos."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import PurePath

import sqlalchemy as sa

from envo import cube, names
from envo import database as db
from envo.cube import Lut
from envo.errors import NotFound, UserError
from envo.settings import MAX_LUTS, MAX_NAME
from envo.store import Store
from envo.visitors import Visits

_NO_LUT = "This LUT is not among yours any more; bring its .cube file again."


@dataclass(frozen=True)
class KeptLut:
    """What is known of a LUT of an owner's. `size`: entries along each of its `dimensions`, 1 or 3."""

    id: str
    name: str
    dimensions: int
    size: int


_LUT = sa.select(*(db.lut.c[field.name] for field in fields(KeptLut)))


class Luts:
    """The LUTs of a library, `Library.luts`. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, database: db.Database, store: Store, visits: Visits):
        """Work on a library's database and files."""
        self._database = database
        self._store = store
        self._visits = visits

    def add(self, owner: str, name: str, data: bytes) -> KeptLut:
        """Keep the LUT of a .cube file under the name of that, or find the one that this owner has of the same table.

        Raises UserError as `cube.parse` does and where there are too many, and NoRoom as `Visits.check_disk` does.
        """
        lut = cube.parse(data)
        dump, file = lut.dump(), secrets.token_hex(16)
        self._visits.check_disk(owner, len(dump))
        there = sa.select(sa.func.count()).select_from(db.lut).where(db.lut.c.owner == owner)
        with self._database.write() as connection:
            if found := self._find(connection, owner, lut.id):
                return found
            if connection.scalar(there) >= MAX_LUTS:
                raise UserError(f"You have {MAX_LUTS} LUTs already; delete one of them first.")
            self._store.put("luts", file, dump)
            row = KeptLut(lut.id, _name(name, lut.title), lut.dimensions, lut.size)
            connection.execute(sa.insert(db.lut).values({**vars(row), "owner": owner, "file": file}))
            self._visits.keep(connection, owner)
        return row

    def all(self, owner: str) -> list[KeptLut]:
        """List the LUTs of an owner, in the order of their names."""
        with self._database.read() as connection:
            rows = connection.execute(_LUT.where(db.lut.c.owner == owner)).mappings()
            return sorted((KeptLut(**row) for row in rows), key=lambda row: (names.folded(row.name), row.id))

    def dump(self, owner: str, lut_id: str) -> bytes:
        """Read a LUT as `Lut.dump` writes it."""
        with self._database.read() as connection:
            file = connection.scalar(sa.select(db.lut.c.file).filter_by(owner=owner, id=lut_id))
        if file is None:
            raise NotFound(_NO_LUT)
        return self._store.path("luts", file).read_bytes()

    def load(self, owner: str, lut_ids: Collection[str]) -> dict[str, Lut]:
        """Read LUTs, as far as they are there, by their ids."""
        there = {row.id for row in self.all(owner)} if lut_ids else set()
        return {lut_id: Lut.load(self.dump(owner, lut_id)) for lut_id in there.intersection(lut_ids)}

    def delete(self, owner: str, lut_id: str) -> None:
        """Take a LUT away; edits that use it need its .cube file again."""
        with self._database.write() as connection:
            removed = sa.delete(db.lut).filter_by(owner=owner, id=lut_id).returning(db.lut.c.file)
            file = connection.scalar(removed)
        if file is None:
            raise NotFound(_NO_LUT)
        self.remove([file])

    def purge(self, now: datetime) -> None:
        """Remove those of visitors who stayed away for so long that nothing of theirs is kept."""
        with self._database.write() as connection:
            gone = sa.delete(db.lut).where(db.lut.c.owner.in_(self._visits.gone(now))).returning(db.lut.c.file)
            files = connection.scalars(gone).all()
        self.remove(files)

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> list[str]:
        """Hand an owner's LUTs over, in a transaction of `Library.move`; what the new owner has is not doubled.

        Gives the files that are to be removed once it is over.
        """
        theirs, of_owner = sa.select(db.lut.c.id).where(db.lut.c.owner == owner_to), db.lut.c.owner == owner_from
        twins = sa.delete(db.lut).where(of_owner, db.lut.c.id.in_(theirs)).returning(db.lut.c.file)
        files = list(connection.scalars(twins))
        connection.execute(sa.update(db.lut).where(of_owner).values(owner=owner_to))
        return files

    def remove(self, files: Iterable[str]) -> None:
        """Remove the files of LUTs that are gone."""
        for file in files:
            self._store.remove("luts", file)

    def _find(self, connection: sa.Connection, owner: str, lut_id: str) -> KeptLut | None:
        row = connection.execute(_LUT.where(db.lut.c.owner == owner, db.lut.c.id == lut_id)).mappings().one_or_none()
        return row and KeptLut(**row)


def _name(name: str, title: str) -> str:
    """Call a LUT as its file is named, or as it calls itself."""
    path = PurePath(names.printable(name))
    stem = path.stem if path.suffix.lower() == ".cube" else path.name
    return names.printable(stem or title)[:MAX_NAME].strip() or "LUT"
