"""People: the faces in photos, whose they are, and what their owner says of that, which no engine ever takes back."""

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import sqlalchemy as sa
from PIL import Image as Pillow

from envo import database as db
from envo import following, names, photo
from envo.description import Box, Region
from envo.errors import NotFound, UserError
from envo.file import PhotoFile
from envo.gallery import SeenFace, Settings, settings_of
from envo.settings import DISPLAY_EDGE, FACE_EDGE, MAX_PERSON_NAME
from envo.store import Store

FOUND, NAMED, IGNORED = "found", "named", "ignored"
"""What a face may be: see `envo.database.face`."""
MAYBE = 0.5
"""Confidence from which on a face is shown among a person's."""
WHOLE = (0.0, 0.0, 1.0, 1.0)
"""Box of somebody who is in the photo, nobody knows where."""
_SAME = 0.2
"""Share that two boxes have in common, of what both cover, from which on they are of one face.

Programs draw them differently: some around the whole head, which is twice as large as the face.
"""
_MARGIN = 1.8
"""Sides of a crop, in those of its face: the hair belongs to the head."""
_UP = 0.1
"""By how much the middle of a crop lies above that of its face, of the face's height: a head goes up farther."""
_NO_FACE = "This face is not in your library."
_NO_PERSON = "This person is not in your library."


class NameTaken(UserError):  # noqa: N818, the expected answer to a name that is another's
    """Another person has the name, whose id is `person_id`."""

    def __init__(self, name: str, person_id: str):
        super().__init__(f"You have named another person {name}; merge the two if they are one.")
        self.person_id = person_id


@dataclass(frozen=True)
class Face:
    """A face in a photo."""

    id: str
    photo_id: str
    photo_name: str
    box: Box
    """In fractions of the upright photo; may reach a little beyond it."""
    sure: float
    state: str
    person_id: str | None
    """Who it is or, where its state is `found`, may be."""
    name: str | None
    confidence: float
    """Probability from 0 to 1 that it is this person."""

    def is_known(self, sure: float) -> bool:
        """Whether its name counts, where names count from the confidence `sure` on."""
        return self.state == NAMED or (self.person_id is not None and self.confidence >= sure)


@dataclass(frozen=True)
class Embedded:
    """A face as engines compare it."""

    id: str
    photo_id: str
    engine: str
    embedding: bytes
    """Little-endian float32."""
    state: str
    person_id: str | None
    confidence: float
    refused: list[str]
    """Ids of people who it is not."""


@dataclass(frozen=True)
class Person:
    """Somebody with a name, and in how many faces."""

    id: str
    name: str
    named: int
    """By the owner, or by files."""
    found: int
    """As surely as names count."""
    unsure: int
    """Less surely, but from `MAYBE` on."""
    cover: str
    """Id of the face that shows the person best."""


@dataclass(frozen=True)
class Everybody:
    """All faces of an owner: people, those with most faces first, and ids of faces that are nobody's or ignored."""

    people: list[Person]
    unknown: list[str]
    ignored: list[str]


@dataclass(frozen=True)
class Bound:
    """Whether somebody is in a photo, and where."""

    id: str
    """Who it is by now: people are merged."""
    name: str | None
    """None of one who was deleted long ago."""
    face: Face | None
    """Where a name that counts says that it is, or one that does not count; None: nowhere."""
    place: int | None
    """Of the face among the boxes that were asked for; None where it is none of them."""
    is_sure: bool
    """Whether its name counts."""


@dataclass(frozen=True)
class _Said:
    """What is said of a face: the columns that a correction may change."""

    state: str
    person_id: str | None
    confidence: float
    refused: list[str]

    def who(self, sure: float) -> str | None:
        """Tell whose name counts, where names count from the confidence `sure` on."""
        return self.person_id if self.state == NAMED or self.confidence >= sure else None


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    id: str
    name: str


_THERE = db.photo.c.deleted_at.is_(None)
_FACE = (
    sa.select(
        db.face.c.id,
        db.face.c.photo_id,
        db.photo.c.name.label("photo_name"),
        db.face.c.box,
        db.face.c.sure,
        db.face.c.state,
        db.face.c.person_id,
        db.person.c.name,
        db.face.c.confidence,
    )
    .select_from(db.face.join(db.photo).outerjoin(db.person))
    .where(_THERE)
)
_SAID = sa.select(db.face.c.id, *(db.face.c[field.name] for field in fields(_Said))).join(db.photo)
_IN_ORDER = (db.photo.c.created_at, db.photo.c.id, db.face.c.number.nulls_first(), db.face.c.id)
_HAS_REFUSED = sa.cast(db.face.c.refused, sa.Text) != "[]"


class People:
    """The people in a library, `Library.people`. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's, or is in the trash.
    """

    def __init__(
        self,
        database: db.Database,
        store: Store,
        find_photo: Callable[[sa.Connection, str, str], _Owned],
        settings: Callable[[str], Settings],
    ):
        """Work on a library's database and files.

        find_photo: is given an owner and a photo's id, and checks them. settings: gives what an owner wants.
        """
        self._database = database
        self._store = store
        self._photo = find_photo
        self._settings = settings
        # One at a time: a large photo takes much memory to decode.
        self._making = threading.Lock()

    def take(
        self,
        owner: str,
        photo_id: str,
        faces: Sequence[SeenFace],
        regions: Sequence[Region],
        engine: str,
        people: Sequence[str] = (),
    ) -> None:
        """Keep the faces that an engine found in a photo, and the names that its file gives them.

        Faces that are there already, by their place in `faces`, stay as they are; those that another engine embedded
        are embedded anew. A name for a place without a face makes one that cannot be compared, and so does the name of
        somebody of `people` without a place: its box is `WHOLE`.
        """
        named = [
            Region(_clean(each.name), each.box)
            for each in regions
            if each.kind == "Face" and names.printable(each.name)
        ]
        placed = {folded(each.name) for each in named}
        called = {folded(name): name for name in map(_clean, filter(names.printable, people))}
        somebody = [Region(name, WHOLE) for key, name in called.items() if key not in placed]
        is_taken = False
        while not is_taken:
            with self._database.read() as connection:
                self._photo(connection, owner, photo_id)
                kept = connection.execute(sa.select(db.face).where(db.face.c.photo_id == photo_id)).all()
            draft = _draft(photo_id, faces, named, somebody, engine, kept)
            is_taken = self._take(owner, photo_id, {row.id for row in kept}, *draft)

    def _take(
        self, owner: str, photo_id: str, there: set[str], lacking: dict[str, dict], new: list[tuple[dict, str | None]]
    ) -> bool:
        """Write what `_draft` gives; False where other faces are `there` by now, and nothing was written.

        Where it is much it is written bit by bit, what engines found first: if that is interrupted, it goes on.
        """
        seen = sum(row["number"] is not None for row, _ in new)
        first = max(seen, db.IN_A_ROW)
        for number, part in enumerate([new[:first], *db.parts(new[first:], db.IN_A_ROW)]):
            with self._database.write() as connection:
                self._photo(connection, owner, photo_id)
                if number == 0:
                    now = connection.scalars(sa.select(db.face.c.id).where(db.face.c.photo_id == photo_id))
                    if set(now) != there:
                        return False
                    for face_id, columns in lacking.items():
                        connection.execute(sa.update(db.face).where(db.face.c.id == face_id).values(columns))
                    following.show_anew(connection, [photo_id])
                ids = self._called(connection, owner, [name for _, name in part if name])
                for row, name in part:
                    if name is not None:
                        row |= {"state": NAMED, "confidence": 1.0, "person_id": ids[folded(name)]}
                if part:
                    connection.execute(sa.insert(db.face), [row for row, _ in part])
        return True

    def name_by(self, owner: str, photo_id: str, regions: Sequence[Region]) -> None:
        """Name, once, faces that were found in a photo by what came later of it; what their owner said stays."""
        named = [each for each in regions if each.kind == "Face" and names.printable(each.name)]
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            found = sa.and_(db.face.c.photo_id == photo_id, db.face.c.state == FOUND)
            rows = connection.execute(sa.select(db.face).where(found)).all()
            pairs = _pairs([each.box for each in named], [row.box for row in rows])
            called = {rows[at].id: _clean(named[place].name) for place, at in pairs}
            ids = self._called(connection, owner, called.values())
            for row in rows:
                person_id = ids[folded(called[row.id])] if row.id in called else None
                if person_id and person_id not in row.refused:
                    values = {"state": NAMED, "person_id": person_id, "confidence": 1.0}
                    connection.execute(sa.update(db.face).where(db.face.c.id == row.id).values(values))
            if called:
                following.show_anew(connection, [photo_id])

    def of(self, owner: str, photo_id: str) -> list[Face]:
        """List the faces of a photo, the largest first, then those that only its file tells of."""
        with self._database.read() as connection:
            self._photo(connection, owner, photo_id)
            of_photo = _FACE.where(db.face.c.photo_id == photo_id)
            return _read(
                connection.execute(of_photo.order_by(db.face.c.number.is_(None), db.face.c.number, db.face.c.id))
            )

    def at(self, owner: str, photo_id: str, boxes: Sequence[Box]) -> list[Face | None]:
        """Find the faces at places of a photo, each the box of one; None where none is known."""
        return _at(self.of(owner, photo_id), boxes)

    def bound(self, owner: str, photo_id: str, boxes: Sequence[Box], person_ids: Collection[str]) -> dict[str, Bound]:
        """Tell where in a photo people are, by their ids as edit documents have them.

        boxes: of the faces among which to look. Of several faces of one person it is the surest, by hand before others.
        """
        sure = self._settings(owner).face_sure
        faces = self.of(owner, photo_id)
        places = {face.id: place for place, face in enumerate(_at(faces, boxes)) if face}
        with self._database.read() as connection:
            now = following.current(connection, owner, person_ids)
            called = self._names(connection, owner, now)
        likely = [face for face in faces if face.is_known(sure) or face.confidence >= MAYBE]
        likely.sort(key=lambda face: (face.is_known(sure), face.state == NAMED, face.confidence), reverse=True)
        found = {}
        for asked, person_id in now.items():
            face = next((face for face in likely if face.person_id == person_id), None)
            place = places.get(face.id) if face else None
            found[asked] = Bound(person_id, called.get(asked), face, place, bool(face and face.is_known(sure)))
        return found

    def names(self, owner: str, person_ids: Collection[str]) -> dict[str, str]:
        """Tell the names of people, by their ids as edit documents have them; those forgotten are left out."""
        with self._database.read() as connection:
            return self._names(connection, owner, following.current(connection, owner, person_ids))

    def described(
        self, owner: str, photo_ids: Sequence[str]
    ) -> dict[str, tuple[tuple[str, ...] | None, tuple[Region, ...] | None]]:
        """Give the names of the people in photos and where their faces are, as far as names count, by the photo's id.

        Both are None for a photo that nobody looked at yet. Photos in the trash, and such as are not the owner's, are
        left out.
        """
        sure, known = self._settings(owner).face_sure, {}
        seen = sa.or_(db.photo.c.is_tagged, sa.exists().where(db.face.c.photo_id == db.photo.c.id))
        with self._database.read() as connection:
            for some in db.parts(photo_ids):
                mine = sa.select(db.photo.c.id, seen).where(db.photo.c.owner == owner, _THERE, db.photo.c.id.in_(some))
                known |= {photo_id: [] if is_seen else None for photo_id, is_seen in connection.execute(mine)}
                faces = _FACE.where(db.photo.c.owner == owner, db.face.c.photo_id.in_(some), is_known(sure))
                for face in _read(connection.execute(faces.order_by(db.face.c.number.nulls_first(), db.face.c.id))):
                    known[face.photo_id].append(face)
        return {photo_id: (None, None) if faces is None else _said_of(faces) for photo_id, faces in known.items()}

    def everybody(self, owner: str) -> Everybody:
        """List the people, and the faces that are nobody's yet."""
        sure = self._settings(owner).face_sure
        with self._database.read() as connection:
            names = {row.id: row.name for row in connection.execute(_people(owner))}
            columns = ("id", "person_id", "state", "confidence", "number", "sure")
            rows = sa.select(*(db.face.c[name] for name in columns), is_known(sure).label("is_known")).join(db.photo)
            rows = connection.execute(rows.where(db.photo.c.owner == owner, _THERE).order_by(*_IN_ORDER)).all()
        counts = {person_id: Counter() for person_id in names}
        covers: dict[str, tuple] = {}
        unknown, ignored = [], []
        for face in rows:
            if face.state == IGNORED:
                ignored.append(face.id)
            elif not face.is_known:
                unknown.append(face.id)
            if face.person_id in names and (face.is_known or face.confidence >= MAYBE):
                counts[face.person_id][NAMED if face.state == NAMED else FOUND if face.is_known else "unsure"] += 1
                # The largest face of a photo shows best who it is.
                fitness = (face.state == NAMED, face.is_known, face.number == 0, face.sure)
                covers[face.person_id] = max(covers.get(face.person_id, (fitness, face.id)), (fitness, face.id))
        people = [
            Person(id, names[id], count[NAMED], count[FOUND], count["unsure"], covers[id][1])
            for id, count in counts.items()
            if count
        ]
        people.sort(key=lambda person: (-person.named - person.found, folded(person.name)))
        return Everybody(people, unknown, ignored)

    def faces(self, owner: str, face_ids: Sequence[str]) -> list[Face]:
        """List faces, in the order of their ids; those that are not there any more are left out."""
        found: dict[str, Face] = {}
        with self._database.read() as connection:
            for some in db.parts(face_ids):
                rows = connection.execute(_FACE.where(db.photo.c.owner == owner, db.face.c.id.in_(some)))
                found |= {face.id: face for face in _read(rows)}
        return [found[face_id] for face_id in face_ids if face_id in found]

    def of_person(
        self, owner: str, person_id: str, unsure_first: bool = False, offset: int = 0, limit: int | None = None
    ) -> tuple[list[Face], int]:
        """List the faces that are a person's or may be, the surest first, and count them all."""
        with self._database.read() as connection:
            self._person(connection, owner, person_id)
            theirs = _FACE.where(db.photo.c.owner == owner, self._may_be(owner, person_id))
            count = connection.scalar(sa.select(sa.func.count()).select_from(theirs.subquery()))
            unnamed = db.face.c.state != NAMED
            order = (unnamed.desc(), db.face.c.confidence) if unsure_first else (unnamed, db.face.c.confidence.desc())
            return _read(connection.execute(theirs.order_by(*order, *_IN_ORDER).offset(offset).limit(limit))), count

    def embedded(self, owner: str, person_id: str | None = None) -> list[Embedded]:
        """List all faces that can be compared, or those that are a person's or may be, in the order of their photos."""
        columns = sa.select(*(db.face.c[field.name] for field in fields(Embedded))).join(db.photo)
        columns = columns.where(db.photo.c.owner == owner, _THERE, db.face.c.embedding.is_not(None))
        with self._database.read() as connection:
            if person_id is not None:
                self._person(connection, owner, person_id)
                columns = columns.where(self._may_be(owner, person_id))
            return [Embedded(*row) for row in connection.execute(columns.order_by(*_IN_ORDER))]

    def named(self, owner: str) -> dict[str, set[str]]:
        """Tell who was named, by hand or by a file, and where in the photo: ids of people, by the photo's id."""
        rows = sa.select(db.face.c.photo_id, db.face.c.person_id, db.face.c.box).join(db.photo)
        found: dict[str, set[str]] = {}
        with self._database.read() as connection:
            for row in connection.execute(rows.where(db.photo.c.owner == owner, _THERE, db.face.c.state == NAMED)):
                if tuple(row.box) != WHOLE:  # else a face there may well be theirs
                    found.setdefault(row.photo_id, set()).add(row.person_id)
        return found

    def crop(self, owner: str, face_id: str) -> Path:
        """Find or make the WebP of a face, `FACE_EDGE` pixels squared."""
        with self._database.read() as connection:
            of_face = sa.select(db.face.c.photo_id, db.face.c.box, db.blob.c.sha256, db.blob.c.width, db.blob.c.height)
            of_face = of_face.select_from(db.face.join(db.photo).join(db.blob))
            row = connection.execute(of_face.where(db.photo.c.owner == owner, db.face.c.id == face_id)).one_or_none()
            if row is None:
                raise NotFound(_NO_FACE)
            others = connection.scalars(sa.select(db.face.c.box).where(db.face.c.photo_id == row.photo_id)).all()
        path = self._store.path("faces", _crop_name(row.sha256, row.box))
        if not path.exists():
            with self._making:
                if not path.exists():
                    self._make_crops(row.sha256, (row.width, row.height), row.box, others)
        return path

    def name(self, owner: str, face_ids: Sequence[str], name: str) -> tuple[str, int]:
        """Say whose faces these are; gives the person's id, and how many faces were somebody else's or nobody's.

        A name that nobody has yet makes a person. Raises UserError for one of which nothing can be shown.
        """
        with self._database.write() as connection:
            rows = self._said(connection, owner, face_ids)
            name = _clean(name)
            person_id = self._called(connection, owner, [name])[folded(name)]
            return person_id, self._correct(connection, owner, rows, lambda said: _named(said, person_id))

    def confirm(self, owner: str, face_ids: Sequence[str]) -> int:
        """Say that faces are whose they may be; gives how many that was said of."""

        def confirmed(said: _Said) -> _Said:
            return said if said.person_id is None else _named(said, said.person_id)

        return self._change(owner, face_ids, confirmed)

    def refuse(self, owner: str, face_ids: Sequence[str]) -> int:
        """Say that faces are not whose they may be, or were said to be; gives how many that was said of."""

        def refused(said: _Said) -> _Said:
            return said if said.person_id is None else _Said(FOUND, None, 0.0, [*said.refused, said.person_id])

        return self._change(owner, face_ids, refused)

    def ignore(self, owner: str, face_ids: Sequence[str]) -> int:
        """Say that nobody wants to know whose faces these are; gives of how many that was new."""
        return self._change(owner, face_ids, lambda said: _Said(IGNORED, None, 0.0, said.refused))

    def forget(self, owner: str, face_ids: Sequence[str]) -> int:
        """Take back what was said last of faces: whose they are, that they are ignored, or else whose they are not.

        Gives how many there was something to take back of.
        """

        def forgotten(said: _Said) -> _Said:
            return (
                replace(said, refused=said.refused[:-1])
                if said.state == FOUND
                else _Said(FOUND, None, 0.0, said.refused)
            )

        return self._change(owner, face_ids, forgotten)

    def rename(self, owner: str, person_id: str, name: str) -> str:
        """Give a person another name, and return it made fit to be shown.

        Raises `NameTaken` for that of another one who has faces.
        """
        with self._database.write() as connection:
            self._person(connection, owner, person_id)
            name = _clean(name)
            of_name = _people(owner).where(db.person.c.folded == folded(name), db.person.c.id != person_id)
            other = connection.execute(of_name).first()
            if other is not None:
                if connection.scalar(sa.select(sa.exists().where(db.face.c.person_id == other.id))):
                    raise NameTaken(other.name, other.id)
                self._merge(connection, owner, other.id, person_id)
            values = {"name": name, "folded": folded(name)}
            connection.execute(sa.update(db.person).where(db.person.c.id == person_id).values(values))
            return name

    def merge(self, owner: str, person_id: str, into: str) -> int:
        """Make two people one, who keeps the name of `into`; gives how many faces the other one had."""
        if person_id == into:
            raise UserError("A person can be merged with another one only.")
        with self._database.write() as connection:
            self._person(connection, owner, person_id)
            self._person(connection, owner, into)
            return self._merge(connection, owner, person_id, into)

    def delete(self, owner: str, person_id: str) -> int:
        """Forget a person, whose faces are nobody's again; gives how many they were."""

        def deleted(said: _Said) -> _Said:
            refused = [each for each in said.refused if each != person_id]
            return _Said(FOUND, None, 0.0, refused) if said.person_id == person_id else replace(said, refused=refused)

        with self._database.write() as connection:
            self._person(connection, owner, person_id)
            rows = self._touching(connection, owner, person_id)
            self._correct(connection, owner, rows, deleted)
            self._remove(connection, owner, person_id, None)
            return sum(row.person_id == person_id for row in rows)

    def suggest(self, owner: str, names: Mapping[str, tuple[str | None, float]]) -> int:
        """Keep who faces may be, by their ids: the person's id, or None, and the confidence from 0 to 1.

        What was corrected meanwhile stays as it is. Gives how many faces have another person or confidence now.
        """
        with self._database.read() as connection:
            unnamed = _SAID.where(db.photo.c.owner == owner, db.face.c.state == FOUND)
            rows = connection.execute(unnamed).all()
        new = [row.id for row in rows if names.get(row.id, row[2:4]) != row[2:4]]
        changed = 0
        for some in db.parts(new, db.IN_A_ROW):
            with self._database.write() as connection:
                wanted = {names[face_id][0] for face_id in some}
                there = {row.id for row in connection.execute(_people(owner).where(db.person.c.id.in_(wanted)))}
                said = {}
                for row in connection.execute(unnamed.where(db.face.c.id.in_(some))):
                    person_id, confidence = names[row.id]
                    if person_id is None or (person_id in there and person_id not in row.refused):
                        said[row.id] = _Said(*row[1:]), _Said(FOUND, person_id, confidence, row.refused)
                self._say(connection, owner, said)
                changed += len(said)
        return changed

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand all people over, before the photos are; those of one name become one.

        What was said of a photo's faces is said of those of the same photo that the new owner has, unless that one
        said something.
        """
        there = {row.folded: row.id for row in connection.execute(_people(owner_to))}
        for row in connection.execute(_people(owner_from)).all():
            into = there.get(row.folded)
            if into is None:
                connection.execute(sa.update(db.person).where(db.person.c.id == row.id).values(owner=owner_to))
            else:
                self._merge(connection, owner_from, row.id, into)
        mine, theirs, other = db.photo.alias(), db.photo.alias(), db.face.alias()
        both = db.face.join(mine, mine.c.id == db.face.c.photo_id).join(theirs, theirs.c.sha256 == mine.c.sha256)
        is_both = sa.and_(mine.c.owner == owner_from, theirs.c.owner == owner_to, theirs.c.deleted_at.is_(None))
        same = sa.and_(other.c.photo_id == theirs.c.id, other.c.number == db.face.c.number)
        said = sa.select(other.c.id, *(db.face.c[field.name] for field in fields(_Said)))
        said = said.select_from(both.join(other, same)).where(is_both, other.c.state == FOUND)
        rows = connection.execute(said.where(sa.or_(db.face.c.state != FOUND, _HAS_REFUSED)))
        _write(connection, [(row.id, _Said(*row[1:])) for row in rows])
        for owner in (owner_from, owner_to):  # their names count otherwise, or may
            following.show_anew(connection, connection.scalars(following.of_owner(owner)).all())
        former = sa.update(db.former_person).where(db.former_person.c.owner == owner_from)
        connection.execute(former.values(owner=owner_to))
        columns = [column for column in db.face.c if column.name not in ("id", "photo_id")]
        seen = sa.select(theirs.c.id.label("photo_id"), *columns).select_from(both)
        seen = connection.execute(seen.where(is_both, ~sa.exists().where(other.c.photo_id == theirs.c.id)))
        if copies := [{**row, "id": secrets.token_urlsafe(16)} for row in seen.mappings()]:
            connection.execute(sa.insert(db.face), copies)

    def purge(self, then: datetime) -> None:
        """Forget whose names were deleted before `then`, but for those whom edits follow."""
        with self._database.write() as connection:
            following.purge(connection, then)

    def _person(self, connection: sa.Connection, owner: str, person_id: str) -> str:
        """Find a person's name."""
        name = connection.scalar(sa.select(db.person.c.name).filter_by(id=person_id, owner=owner))
        if name is None:
            raise NotFound(_NO_PERSON)
        return name

    def _called(self, connection: sa.Connection, owner: str, called: Iterable[str]) -> dict[str, str]:
        """Find the ids of the people of these names, which are clean; those that there are not are made.

        Gives them by the names, `folded`: one is the same however it is spelt in capitals.
        """
        wanted: dict[str, str] = {}
        for name in called:
            wanted.setdefault(folded(name), name)
        of_names = _people(owner).where(db.person.c.folded.in_(list(wanted))).order_by(db.person.c.created_at.desc())
        there = {row.folded: row.id for row in connection.execute(of_names)}
        now = datetime.now(UTC)
        lacking = {key: name for key, name in wanted.items() if key not in there}
        ids = following.come_back(connection, owner, lacking) if lacking else {}
        new = [
            {
                "id": ids.get(key) or secrets.token_urlsafe(16),
                "owner": owner,
                "name": name,
                "created_at": now,
                "folded": key,
            }
            for key, name in lacking.items()
        ]
        if new:
            self._database.insert_if_missing(connection, db.person, new)
            there |= {row.folded: row.id for row in connection.execute(of_names)}
        return there

    def _names(self, connection: sa.Connection, owner: str, now: Mapping[str, str]) -> dict[str, str]:
        """Tell the names of people, and of those who were deleted; now: their ids by now, by those asked for."""
        found: dict[str, str] = {}
        for table in (db.former_person, db.person):
            for some in db.parts(sorted(set(now.values()))):
                named = sa.select(table.c.id, table.c.name).where(table.c.owner == owner, table.c.id.in_(some))
                found |= dict(connection.execute(named).all())
        return {asked: found[person_id] for asked, person_id in now.items() if person_id in found}

    def _may_be(self, owner: str, person_id: str) -> sa.ColumnElement:
        least = min(MAYBE, self._settings(owner).face_sure)
        return sa.and_(db.face.c.person_id == person_id, db.face.c.confidence >= least)

    def _said(self, connection: sa.Connection, owner: str, face_ids: Sequence[str]) -> list[sa.Row]:
        """Find what is said of faces. Raises `NotFound` unless all are there."""
        unique = list(dict.fromkeys(face_ids))
        mine = _SAID.where(db.photo.c.owner == owner, _THERE)
        rows = [row for some in db.parts(unique) for row in connection.execute(mine.where(db.face.c.id.in_(some)))]
        if len(rows) < len(unique):
            raise NotFound(_NO_FACE)
        return rows

    def _change(self, owner: str, face_ids: Sequence[str], change: Callable[[_Said], _Said]) -> int:
        with self._database.write() as connection:
            return self._correct(connection, owner, self._said(connection, owner, face_ids), change)

    def _touching(self, connection: sa.Connection, owner: str, person_id: str) -> list[sa.Row]:
        """Find the faces that are a person's or may be, or are not, in the trash even."""
        about = sa.or_(db.face.c.person_id == person_id, _HAS_REFUSED)
        rows = connection.execute(_SAID.where(db.photo.c.owner == owner, about))
        return [row for row in rows if row.person_id == person_id or person_id in row.refused]

    def _merge(self, connection: sa.Connection, owner: str, person_id: str, into: str) -> int:
        def merged(said: _Said) -> _Said:
            refused = list(dict.fromkeys(into if each == person_id else each for each in said.refused))
            said = replace(said, refused=refused, person_id=into if said.person_id == person_id else said.person_id)
            if said.person_id not in refused:
                return said
            return _named(said, said.person_id) if said.state == NAMED else _Said(FOUND, None, 0.0, refused)

        rows = self._touching(connection, owner, person_id)
        self._correct(connection, owner, rows, merged)
        self._remove(connection, owner, person_id, into)
        return sum(row.person_id == person_id for row in rows)

    def _remove(self, connection: sa.Connection, owner: str, person_id: str, into: str | None) -> None:
        """Remove a person of whom no face is left; what follows them follows `into`, if anybody."""
        row = connection.execute(_people(owner).where(db.person.c.id == person_id)).one()
        connection.execute(sa.delete(db.person).where(db.person.c.id == person_id))
        following.leave(connection, owner, tuple(row), into, datetime.now(UTC))

    def _correct(
        self, connection: sa.Connection, owner: str, rows: Iterable[sa.Row], change: Callable[[_Said], _Said]
    ) -> int:
        """Change what is said of faces, rows of `_SAID`; gives of how many it was something else."""
        said = {row.id: _Said(*row[1:]) for row in rows}
        changed = {face_id: (old, new) for face_id, old in said.items() if (new := change(old)) != old}
        self._say(connection, owner, changed)
        return len(changed)

    def _say(self, connection: sa.Connection, owner: str, changed: Mapping[str, tuple[_Said, _Said]]) -> None:
        """Write what is said of faces by now, of which something else was said, by their ids."""
        _write(connection, [(face_id, new) for face_id, (_, new) in changed.items()])
        sure = settings_of(connection, owner).face_sure
        who = {face_id: {old.who(sure), new.who(sure)} for face_id, (old, new) in changed.items()}
        following.named_otherwise(connection, {face_id: both for face_id, both in who.items() if len(both) > 1})

    def _make_crops(self, sha256: str, size: tuple[int, int], box: Box, others: Iterable[Box]) -> None:
        """Make the crop of a face, and of the photo's others as far as that costs nothing more."""
        left, _, right, _ = _square(box, size)
        edge = min(DISPLAY_EDGE, round(max(size) * FACE_EDGE / (right - left)))
        file = PhotoFile(self._store.path("originals", sha256).read_bytes())
        picture = Pillow.fromarray(file.decode(edge).shown())
        for each in [box, *others]:
            square = _square(each, picture.size)
            if each == box or square[2] - square[0] >= FACE_EDGE or edge == DISPLAY_EDGE:
                crop = picture.resize((FACE_EDGE, FACE_EDGE), Pillow.Resampling.LANCZOS, square, reducing_gap=3)
                self._store.put("faces", _crop_name(sha256, each), photo.encode(np.asarray(crop), "WebP", quality=80))


def _people(owner: str) -> sa.Select:
    return sa.select(db.person.c.id, db.person.c.name, db.person.c.folded).where(db.person.c.owner == owner)


def _at(faces: Sequence[Face], boxes: Sequence[Box]) -> list[Face | None]:
    """Find the faces at places of their photo, each the box of one; None where there is none."""
    placed = [face for face in faces if face.box != WHOLE]
    found: list[Face | None] = [None] * len(boxes)
    for place, at in _pairs(boxes, [face.box for face in placed]):
        found[place] = placed[at]
    return found


def _said_of(faces: Sequence[Face]) -> tuple[tuple[str, ...], tuple[Region, ...]]:
    """Give the names of known faces, each once, and where these are, as far as that is known."""
    names = dict.fromkeys(face.name for face in faces)
    return tuple(names), tuple(Region(face.name, face.box) for face in faces if face.box != WHOLE)


def is_known(sure: float) -> sa.ColumnElement:
    """Ask for faces whose name counts, as `Face.is_known` tells."""
    likely = sa.and_(db.face.c.person_id.is_not(None), db.face.c.confidence >= sure)
    return sa.or_(db.face.c.state == NAMED, likely)


def _read(rows: sa.CursorResult) -> list[Face]:
    return [Face(**{**row, "box": tuple(row["box"])}) for row in rows.mappings()]


def _write(connection: sa.Connection, said: Sequence[tuple[str, _Said]]) -> None:
    if said:
        columns = {field.name: sa.bindparam(f"new_{field.name}") for field in fields(_Said)}
        update = sa.update(db.face).where(db.face.c.id == sa.bindparam("face_id")).values(columns)
        rows = [{"face_id": id, **dict(zip(_NEW, astuple(each), strict=True))} for id, each in said]
        connection.execute(update, rows)


_NEW = [f"new_{field.name}" for field in fields(_Said)]


def _named(said: _Said, person_id: str) -> _Said:
    return _Said(NAMED, person_id, 1.0, [each for each in said.refused if each != person_id])


def _draft(
    photo_id: str,
    faces: Sequence[SeenFace],
    named: Sequence[Region],
    somebody: Sequence[Region],
    engine: str,
    kept: Sequence[sa.Row],
) -> tuple[dict[str, dict], list[tuple[dict, str | None]]]:
    """Compare what an engine and a file say with the faces that are kept of a photo.

    named, somebody: those with a place, and those without, by clean names. Gives columns for faces that lack them, by
    their ids, and new faces, those that the engine found first, each with its name if the file tells that.
    """
    somewhere = sum(row.number is None and tuple(row.box) == WHOLE for row in kept)
    kept = [row for row in kept if row.number is not None or tuple(row.box) != WHOLE]
    lacking, rows = _new_rows(photo_id, faces, engine, kept)
    boxes = [*(row["box"] for row in rows), *(row.box for row in kept)]
    overlapped, found = dict(_pairs([each.box for each in named], boxes)), len(rows)
    called: list[str | None] = [None] * found
    for place, region in enumerate([*named, *somebody[somewhere:]]):
        at = overlapped.get(place)
        if at is None:
            rows.append(_row(photo_id, number=None, box=region.box, sure=1.0, engine="", embedding=None))
            called.append(region.name)
        elif at < found:  # else its owner may have corrected this one
            called[at] = region.name
    return lacking, list(zip(rows, called, strict=True))


def _new_rows(
    photo_id: str, faces: Sequence[SeenFace], engine: str, kept: Sequence[sa.Row]
) -> tuple[dict[str, dict], list[dict]]:
    """Make rows of the faces that a photo has none of yet; before them, what those that it has lack, by their ids."""
    numbered = {row.number: row for row in kept if row.number is not None}
    told = [row for row in kept if row.number is None]
    new = [number for number in range(len(faces)) if number not in numbered]
    lacking = {new[place]: told[at] for place, at in _pairs([faces[each].box for each in new], [r.box for r in told])}
    for number, row in numbered.items():
        if row.engine != engine and number < len(faces) and _pairs([faces[number].box], [row.box]):
            lacking[number] = row
    columns = {row.id: _columns(faces[number], number, engine) for number, row in lacking.items()}
    rows = [_row(photo_id, **_columns(faces[number], number, engine)) for number in new if number not in lacking]
    return columns, rows


def _columns(face: SeenFace, number: int, engine: str) -> dict:
    """Give what an engine says of a face."""
    embedding = np.asarray(face.embedding, "<f4").tobytes()
    return {
        "number": number,
        "box": [float(side) for side in face.box],
        "sure": float(face.sure),
        "engine": engine,
        "embedding": embedding,
    }


def _row(photo_id: str, **columns) -> dict:
    """Make a face that nothing is said of yet."""
    said = {"state": FOUND, "person_id": None, "confidence": 0.0, "refused": []}
    return {"id": secrets.token_urlsafe(16), "photo_id": photo_id, **said, **columns}


def _pairs(ones: Sequence[Box], others: Sequence[Box]) -> list[tuple[int, int]]:
    """Pair boxes that are of one face, by their places, each with one at most: those that overlap most go first."""
    if not len(ones) or not len(others):
        return []
    a, b = np.array(ones, float)[:, None], np.array(others, float)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    common = np.prod(np.maximum(sides, 0), axis=-1)
    whole = np.prod(a[..., 2:] - a[..., :2], axis=-1) + np.prod(b[..., 2:] - b[..., :2], axis=-1) - common
    share = common / np.maximum(whole, 1e-12)
    pairs = []
    while share.max() >= _SAME:
        one, other = np.unravel_index(share.argmax(), share.shape)
        pairs.append((int(one), int(other)))
        share[one], share[:, other] = 0, 0
    return pairs


def _clean(name: str) -> str:
    """Make a person's name fit to be shown. Raises UserError where nothing is left of it."""
    name = names.printable(name)[:MAX_PERSON_NAME].strip()
    if not name:
        raise UserError("A person's name needs at least one letter that can be shown.")
    return name


def folded(name: str) -> str:
    """Spell a clean name so that it equals the same name in other capitals, in no more characters than it may have."""
    return names.folded(name)[:MAX_PERSON_NAME]


def _square(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Frame a face with a square inside a picture of this width and height, in pixels."""
    (left, top, right, bottom), (width, height) = box, size
    side = max(1.0, min(_MARGIN * max((right - left) * width, (bottom - top) * height), width, height))
    x = min(max((left + right) / 2 * width - side / 2, 0), width - side)
    y = min(max(((top + bottom) / 2 - _UP * (bottom - top)) * height - side / 2, 0), height - side)
    return x, y, x + side, y + side


def _crop_name(sha256: str, box: Box) -> str:
    """Name a crop: under its photo's content, with which it is removed; for all owners of that."""
    return "-".join([sha256, "head", *(f"{round(side * 10_000)}" for side in box)])
