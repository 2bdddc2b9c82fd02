"""Edits that follow people: whose face their layers lie on, so that they are shown anew when that is another.

Documents name people by ids. Those of a person who was merged with another, or deleted, stay in documents, and are
looked up here: see `envo.database.former_person`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from envo import database as db
from envo import edits

_NOW = sa.func.coalesce(db.former_person.c.into, db.follower.c.person_id)
"""The id by now of somebody who is followed; of one who was deleted, who that was."""
_FOLLOWERS = db.follower.outerjoin(db.former_person, db.former_person.c.id == db.follower.c.person_id)


def keep(connection: sa.Connection, photo_id: str, document: Mapping[str, Any] | None) -> None:
    """Note whom the edit of a photo follows by now."""
    connection.execute(sa.delete(db.follower).where(db.follower.c.photo_id == photo_id))
    people = edits.followed(document)
    if people:
        rows = [{"photo_id": photo_id, "person_id": person_id} for person_id in sorted(people)]
        connection.execute(sa.insert(db.follower), rows)


def current(connection: sa.Connection, owner: str, person_ids: Collection[str]) -> dict[str, str]:
    """Tell the ids by now of an owner's people, by those that documents have."""
    found = {person_id: person_id for person_id in person_ids}
    for some in db.parts(sorted(person_ids)):
        merged = sa.select(db.former_person.c.id, db.former_person.c.into)
        merged = merged.where(db.former_person.c.owner == owner, db.former_person.c.into.is_not(None))
        found |= dict(connection.execute(merged.where(db.former_person.c.id.in_(some))).all())
    return found


def named_otherwise(connection: sa.Connection, faces: Mapping[str, Collection[str | None]]) -> None:
    """Show anew what follows somebody whose face was named otherwise: ids of who each was and is, by the face's id."""
    followed = sa.select(db.follower.c.photo_id, _NOW.label("person_id"), db.face.c.id.label("face_id"))
    followed = followed.select_from(_FOLLOWERS.join(db.face, db.face.c.photo_id == db.follower.c.photo_id))
    found: set[str] = set()
    for some in db.parts(list(faces)):
        rows = connection.execute(followed.where(db.face.c.id.in_(some)))
        found |= {row.photo_id for row in rows if row.person_id in faces[row.face_id]}
    show_anew(connection, found)


def followers(person_id: str) -> sa.Select:
    """Ask for the ids of photos whose edits follow a person."""
    return sa.select(db.follower.c.photo_id).select_from(_FOLLOWERS).where(_NOW.in_([person_id]))


def settled_otherwise(connection: sa.Connection, owner: str, low: float, high: float) -> None:
    """Show anew what follows somebody whose name counts otherwise, as those of a confidence from low to high do."""
    is_between = sa.and_(db.face.c.confidence >= low, db.face.c.confidence < high, db.face.c.person_id == _NOW)
    joined = _FOLLOWERS.join(db.face, db.face.c.photo_id == db.follower.c.photo_id)
    joined = joined.join(db.photo, db.photo.c.id == db.follower.c.photo_id)
    found = sa.select(db.follower.c.photo_id).select_from(joined).where(db.photo.c.owner == owner, is_between)
    show_anew(connection, connection.scalars(found.distinct()).all())


def of_owner(owner: str) -> sa.Select:
    """Ask for the ids of an owner's photos whose edits follow anybody."""
    return sa.select(db.follower.c.photo_id).join(db.photo).where(db.photo.c.owner == owner)


def show_anew(connection: sa.Connection, photo_ids: Iterable[str]) -> None:
    """Give what is to be seen of those of some photos whose edits follow people another number: it may be another."""
    follows = sa.select(db.follower.c.photo_id)
    for some in db.parts(sorted(set(photo_ids))):
        of_some = db.edit.c.photo_id.in_(some), db.edit.c.photo_id.in_(follows), db.edit.c.shown > 0
        moved = {"shown": db.edit.c.shown + 1, "moves": db.edit.c.moves + 1}
        connection.execute(sa.update(db.edit).where(*of_some).values(moved))


def leave(connection: sa.Connection, owner: str, person: tuple[str, str, str], into: str | None, now: datetime) -> None:
    """Remember a person who is no more, by id, name and folded name, and who that is now, if anybody."""
    person_id, name, folded = person
    show_anew(connection, connection.scalars(followers(person_id)).all())
    merged = sa.update(db.former_person).where(db.former_person.c.into == person_id)
    if into is not None:
        connection.execute(merged.values(into=into))
    values = {"id": person_id, "owner": owner, "name": name, "folded": folded, "into": into, "created_at": now}
    connection.execute(sa.insert(db.former_person).values(values))


def come_back(connection: sa.Connection, owner: str, folded: Collection[str]) -> dict[str, str]:
    """Give the ids that people had who are no more, by their folded names; what follows these ids follows them again.

    To be called when they are made.
    """
    of_names = sa.select(db.former_person.c.folded, db.former_person.c.id).where(db.former_person.c.owner == owner)
    of_names = of_names.where(db.former_person.c.folded.in_(list(folded))).order_by(db.former_person.c.created_at)
    found = dict(connection.execute(of_names).all())
    ids = list(found.values())
    if ids:
        connection.execute(sa.delete(db.former_person).where(db.former_person.c.id.in_(ids)))
        there = sa.select(db.follower.c.photo_id).where(db.follower.c.person_id.in_(ids))
        show_anew(connection, connection.scalars(there).all())
    return found


def purge(connection: sa.Connection, then: datetime) -> None:
    """Forget whoever was deleted before `then`, unless an edit follows them."""
    former = db.former_person.c
    is_followed = sa.exists().where(db.follower.c.person_id == former.id)
    long_ago = former.into.is_(None), former.created_at < then
    connection.execute(sa.delete(db.former_person).where(*long_ago, ~is_followed))
