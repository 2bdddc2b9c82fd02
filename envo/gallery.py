"""The gallery: what is seen in photos and said of them, by engines, files and their owner; and finding photos by it."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import sqlalchemy as sa

from envo import database as db
from envo import following, names
from envo.description import LEVEL, Box, Description
from envo.errors import UserError
from envo.settings import MAX_SELECTED, MAX_WORD

TAG_SURE = 0.5
FACE_SURE = 0.9
"""Confidence from which on a tag, or a name, counts, unless the owner says otherwise."""

FOUND, ACCEPTED, REMOVED = "found", "accepted", "removed"
"""States of a tag."""
BY_HAND, OF_FILE = "you", "file"
"""Origins of tags that no engine found."""


@dataclass(frozen=True)
class Settings:
    """What an owner wants of the gallery. The confidences, 0 to 1, are those from which on a tag or a name counts."""

    is_open: bool = False
    """Whether photos are tagged as they arrive."""
    tag_sure: float = TAG_SURE
    face_sure: float = FACE_SURE
    detector: str = ""
    """Name of the engine that finds objects; "": the first."""


@dataclass(frozen=True)
class Tag:
    """One word for a photo."""

    word: str
    confidence: float
    """Probability from 0 to 1; 1 for what the owner or the file says."""
    origin: str
    """One of `models.tagging.ORIGINS`, `BY_HAND` or `OF_FILE`."""
    engine: str = ""
    """Name of the engine that says so, where one does."""
    parents: tuple[str, ...] = ()
    """Wider words, from the widest to the closest."""
    boxes: tuple[Box, ...] = ()
    """Where it is seen, the surest first; empty where that is not known."""
    state: str = FOUND

    def counts(self, sure: float) -> bool:
        """Tell whether it is shown and written, where engines count from the confidence `sure` on."""
        return self.state == ACCEPTED or (self.state == FOUND and self.confidence >= sure)


@dataclass(frozen=True, eq=False)
class SeenFace:
    """A face that an engine found in a photo."""

    box: Box
    """May reach beyond the photo."""
    sure: float
    """Probability from 0 to 1 that it is a face."""
    embedding: np.ndarray
    """float32 D."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What engines saw in the content of a photo, whoever owns it."""

    tags: tuple[Tag, ...] = ()
    embedding: np.ndarray | None = None
    """What the photo looks like: float32 D of length 1, of `engine`."""
    engine: str = ""
    faces: tuple[SeenFace, ...] = ()
    face_engine: str = ""
    """Whose embeddings the faces have."""
    trouble: str = ""
    """Why nothing could be seen, as a visitor reads it."""


@dataclass(frozen=True)
class Untagged:
    """A photo that was not tagged yet."""

    id: str
    owner: str
    sha256: str
    is_read: bool
    """Whether what its file says was taken over."""
    is_outdated: bool
    """Whether it is to be looked at even where it was seen before."""


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    id: str
    sha256: str
    name: str
    title: str
    rating: int
    original_name: str


FindPhoto = Callable[[sa.Connection, str, str], _Owned]
"""Is given an owner and a photo's id, and checks them."""


class Gallery:
    """What is said of the photos of a library, `Library.gallery`. Methods may be called from any thread.

    Each takes the owner first, and leaves alone, or raises `NotFound` for, what is not that owner's.
    """

    def __init__(self, database: db.Database, find_photo: FindPhoto):
        """Work on a library's database."""
        self._database = database
        self._photo = find_photo

    # Settings

    def settings(self, owner: str) -> Settings:
        """Tell what an owner wants."""
        with self._database.read() as connection:
            return settings_of(connection, owner)

    def open(self, owner: str) -> None:
        """Have an owner's photos tagged, now and as they arrive."""
        with self._database.write() as connection:
            self._open(connection, owner)

    def set(self, owner: str, **values: Any) -> Settings:
        """Set some of what an owner wants, by the names of the fields of `Settings`."""
        if any(not 0 <= values.get(name, 0) <= 1 for name in ("tag_sure", "face_sure")):
            raise UserError("A confidence is between 0 and 1.")
        with self._database.write() as connection:
            self._open(connection, owner)
            before = settings_of(connection, owner).face_sure
            if values:
                connection.execute(sa.update(db.gallery).where(db.gallery.c.owner == owner).values(values))
            sure = sorted((before, values.get("face_sure", before)))
            if sure[0] < sure[1]:
                following.settled_otherwise(connection, owner, *sure)
            return settings_of(connection, owner)

    def _open(self, connection: sa.Connection, owner: str) -> None:
        usual = asdict(Settings())
        del usual["is_open"]
        row = {"owner": owner, **usual, "created_at": datetime.now(UTC)}
        self._database.insert_if_missing(connection, db.gallery, row)

    # What engines see

    def detectors(self) -> list[str]:
        """List the engines that are wanted for photos to be tagged; "": the first one."""
        wanted = sa.select(db.gallery.c.detector).join(db.photo, db.photo.c.owner == db.gallery.c.owner)
        wanted = wanted.where(~db.photo.c.is_tagged, db.photo.c.deleted_at.is_(None))
        with self._database.read() as connection:
            return sorted(connection.scalars(wanted.distinct()))

    def untagged(self, detector: str, limit: int, known: Iterable[str] = ()) -> list[Untagged]:
        """List photos to be tagged with an engine, less the `known` ids: of each owner in turn, the oldest first."""
        by_age = (db.photo.c.created_at, db.photo.c.id)
        turn = sa.func.row_number().over(partition_by=db.photo.c.owner, order_by=by_age)
        waiting = (
            sa.select(*(db.photo.c[field.name] for field in fields(Untagged)), turn.label("turn"))
            .join(db.gallery, db.gallery.c.owner == db.photo.c.owner)
            .where(db.gallery.c.detector == detector, ~db.photo.c.is_tagged, db.photo.c.deleted_at.is_(None))
            .where(db.photo.c.id.not_in(list(known)))
            .subquery()
        )
        chosen = sa.select(*(waiting.c[field.name] for field in fields(Untagged)))
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(waiting.c.turn, waiting.c.id).limit(limit))
            return [Untagged(**row) for row in rows.mappings()]

    def progress(self, owner: str) -> tuple[int, int]:
        """Tell how many of an owner's photos are tagged, and how many there are."""
        of_owner = present(owner)
        count = sa.func.count()
        with self._database.read() as connection:
            done = connection.scalar(sa.select(count).select_from(db.photo).where(of_owner, db.photo.c.is_tagged))
            return done, connection.scalar(sa.select(count).select_from(db.photo).where(of_owner))

    def sight(self, sha256: str) -> Sight | None:
        """Read what engines saw in a photo's content; None before they looked."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(db.sight).where(db.sight.c.sha256 == sha256)).one_or_none()
        return row and _sight(row)

    def set_sight(self, sha256: str, seen: Sight) -> None:
        """Keep what engines saw in a photo's content, in place of what they saw before."""
        values = {
            "tags": [_as_json(tag) for tag in seen.tags],
            "embedding": None if seen.embedding is None else _as_bytes(seen.embedding),
            "engine": seen.engine,
            "faces": [{"box": list(face.box), "sure": face.sure} for face in seen.faces],
            "face_embeddings": _as_bytes(np.stack([face.embedding for face in seen.faces])) if seen.faces else None,
            "face_engine": seen.face_engine,
            "trouble": seen.trouble,
            "created_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            there = connection.scalar(sa.select(db.blob.c.sha256).where(db.blob.c.sha256 == sha256))
            if there is None:
                return  # the photo was removed for good meanwhile
            connection.execute(sa.delete(db.sight).where(db.sight.c.sha256 == sha256))
            connection.execute(sa.insert(db.sight).values(sha256=sha256, **values))

    def take(self, owner: str, photo_id: str, tags: Iterable[Tag]) -> None:
        """Give a photo the tags that engines found; what its owner accepted or removed stays as it is.

        A word of its file's that an engine finds, too, is spelt as the engine does, and has its wider words.
        """
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            connection.execute(sa.delete(db.tag).where(db.tag.c.photo_id == photo_id, db.tag.c.state == FOUND))
            rows = connection.execute(sa.select(db.tag).where(db.tag.c.photo_id == photo_id)).all()
            there, found = {row.folded: row for row in rows}, _by_word(tags)
            for row in rows:
                tag = found.get(row.folded)
                if tag and row.origin == OF_FILE and (tag.word, tag.parents) != (row.word, tuple(row.parents)):
                    values = {"word": tag.word, "parents": row.parents or list(tag.parents)}
                    this = sa.and_(db.tag.c.photo_id == photo_id, db.tag.c.folded == row.folded)
                    connection.execute(sa.update(db.tag).where(this).values(values))
            rows = [_row(photo_id, tag) for folded, tag in found.items() if folded not in there]
            if rows:
                connection.execute(sa.insert(db.tag), rows)
            values = {"is_tagged": True, "is_outdated": False}
            connection.execute(sa.update(db.photo).where(db.photo.c.id == photo_id).values(values))

    def owner(self, photo_id: str) -> str | None:
        """Tell whose a photo is by now, for its owner may have signed in; None where it was removed for good."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(db.photo.c.owner).where(db.photo.c.id == photo_id))

    def look_again(self, owner: str, photo_ids: Sequence[str]) -> None:
        """Have photos tagged anew, as by another engine; what their owner said of them stays.

        What was seen in them until then stays as long, for others may have the same.
        """
        for part in db.parts(_selected(photo_ids)):
            of_them = sa.and_(present(owner), db.photo.c.id.in_(part))
            with self._database.write() as connection:
                values = {"is_tagged": False, "is_outdated": True}
                connection.execute(sa.update(db.photo).where(of_them).values(values))

    def seen(self, owner: str) -> dict[str, tuple[Sight, dict[str, Tag]]]:
        """Read what there is to learn from: for each tagged photo what engines saw, and its tags of now by word.

        Words that are one are spelt alike. Faces are left out.
        """
        columns = (db.photo.c.id, db.sight.c.tags, db.sight.c.embedding, db.sight.c.engine)
        tagged = sa.select(*columns).join(db.sight, db.sight.c.sha256 == db.photo.c.sha256)
        tagged = tagged.where(present(owner), db.photo.c.is_tagged, db.sight.c.embedding.is_not(None))
        with self._database.read() as connection:
            sights = {
                row.id: Sight(tuple(map(_tag_of_json, row.tags)), _as_array(row.embedding), row.engine)
                for row in connection.execute(tagged)
            }
            tags: dict[str, dict[str, Tag]] = {photo_id: {} for photo_id in sights}
            rows = connection.execute(sa.select(db.tag).join(db.photo).where(present(owner))).all()
            spelt: dict[str, str] = {}
            for row in rows:
                spelt[row.folded] = max(row.word, spelt.get(row.folded, ""))
            for row in rows:
                if row.photo_id in tags:
                    word = spelt[row.folded]
                    tags[row.photo_id][word] = replace(_tag(row), word=word)
        return {photo_id: (sight, tags[photo_id]) for photo_id, sight in sights.items()}

    def teach(self, owner: str, found: Mapping[str, Sequence[Tag]], words: Iterable[str]) -> bool:
        """Give photos, by id, what was learnt of some `words`, in place of what engines found of these.

        Returns whether that changed anything.
        """
        words, changed = set(map(names.folded, words)), False
        for photo_ids in db.parts(list(found), db.IN_A_ROW // 5):
            with self._database.read() as connection:
                now, old, _ = self._taught(connection, owner, photo_ids, found, words)
            if now == old:
                continue
            with self._database.write() as connection:
                now, old, of_them = self._taught(connection, owner, photo_ids, found, words)
                connection.execute(sa.delete(db.tag).where(of_them, db.tag.c.state == FOUND))
                if now:
                    connection.execute(sa.insert(db.tag), [_row(id, tag) for (id, _), tag in now.items()])
                changed = True
        return changed

    def _taught(
        self,
        connection: sa.Connection,
        owner: str,
        photo_ids: Sequence[str],
        found: Mapping[str, Sequence[Tag]],
        words: Collection[str],
    ) -> tuple[dict[tuple[str, str], Tag], dict[tuple[str, str], Tag], sa.ColumnElement]:
        """Give the tags that photos are to have of some words, folded, and those that they have of engines.

        Both are by the photo's id and the word; what asks for all that they have of these words is the third.
        """
        there = list(connection.scalars(sa.select(db.photo.c.id).where(present(owner), db.photo.c.id.in_(photo_ids))))
        of_them = sa.and_(db.tag.c.photo_id.in_(there), db.tag.c.folded.in_(words))
        rows = connection.execute(sa.select(db.tag).where(of_them))
        before = {(row.photo_id, row.folded): _tag(row) for row in rows}
        now = {(id, word): tag for id in there for word, tag in _by_word(found[id]).items() if word in words}
        now = {key: tag for key, tag in now.items() if key not in before or before[key].state == FOUND}
        return now, {key: tag for key, tag in before.items() if tag.state == FOUND}, of_them

    # What the owner says

    def tags(self, owner: str, photo_id: str) -> list[Tag]:
        """List the tags of a photo, the surest first, removed ones too."""
        with self._database.read() as connection:
            self._photo(connection, owner, photo_id)
            rows = connection.execute(sa.select(db.tag).where(db.tag.c.photo_id == photo_id))
            return sorted(map(_tag, rows), key=lambda tag: (-tag.confidence, tag.word))

    def correct(
        self,
        owner: str,
        photo_ids: Sequence[str],
        accept: Sequence[str] = (),
        remove: Sequence[str] = (),
        forget: Sequence[str] = (),
        parents: Callable[[str], tuple[str, ...]] = lambda word: (),
    ) -> int:
        """Accept, add or remove words of photos, for good, or forget that; gives how many photos that changes.

        A word is one however it is spelt; the spelling that a photo has stays. parents: gives the wider words of one
        that a photo has not yet. Raises UserError for a word that is none, or too many photos.
        """
        accept, remove, forget = (
            {names.folded(word): word for word in map(clean_word, words)} for words in (accept, remove, forget)
        )
        words, changed = {*accept, *remove, *forget}, 0
        for part in db.parts(_selected(photo_ids)):
            with self._database.write() as connection:
                ids = connection.execute(
                    sa.select(db.photo.c.id, db.photo.c.sha256).where(present(owner), db.photo.c.id.in_(part))
                ).all()
                of_them = sa.and_(db.tag.c.photo_id.in_([id for id, _ in ids]), db.tag.c.folded.in_(words))
                rows = connection.execute(sa.select(db.tag).where(of_them))
                before = {(row.photo_id, row.folded): _tag(row) for row in rows}
                there = dict(before)
                found = self._found(connection, {sha256 for _, sha256 in ids}) if forget else {}
                for id, sha256 in ids:
                    for folded, word in accept.items():
                        tag = there.get((id, folded)) or Tag(word, 1.0, BY_HAND, "", parents(word))
                        there[id, folded] = replace(tag, state=ACCEPTED)
                    for folded, word in remove.items():
                        tag = there.get((id, folded)) or Tag(word, 0.0, BY_HAND, "", parents(word))
                        there[id, folded] = replace(tag, state=REMOVED)
                    for folded in forget:
                        if (id, folded) in there and there[id, folded].state == FOUND:
                            continue  # nothing was said of it: what was learned meanwhile may have brought it back
                        there.pop((id, folded), None)
                        if folded in found.get(sha256, {}):
                            there[id, folded] = found[sha256][folded]
                touched = {id for id, word in {*before, *there} if before.get((id, word)) != there.get((id, word))}
                if touched:
                    connection.execute(sa.delete(db.tag).where(of_them))
                    if there:
                        connection.execute(sa.insert(db.tag), [_row(id, tag) for (id, _), tag in there.items()])
                changed += len(touched)
        return changed

    def _found(self, connection: sa.Connection, contents: Iterable[str]) -> dict[str, dict[str, Tag]]:
        """Read what engines found, by content and folded word."""
        rows = connection.execute(
            sa.select(db.sight.c.sha256, db.sight.c.tags).where(db.sight.c.sha256.in_(list(contents)))
        )
        return {row.sha256: _by_word(map(_tag_of_json, row.tags)) for row in rows}

    def said(self, owner: str, photo_ids: Sequence[str], words: Iterable[str]) -> list[dict[str, list[str]]]:
        """Tell what was said of words of photos so far, so that it can be said again.

        Each of the answers has the `photos` of which the same was said, and the words that they `accept`, `remove` and,
        where nothing was said of them, `forget`: what `correct` takes.
        """
        spelt = {names.folded(word): word for word in map(clean_word, words)}
        alike: dict[tuple[tuple[str, ...], ...], list[str]] = {}
        for part in db.parts(_selected(photo_ids)):
            here = sa.select(db.photo.c.id).where(present(owner), db.photo.c.id.in_(part))
            stated = sa.select(db.tag.c.photo_id, db.tag.c.folded, db.tag.c.state)
            with self._database.read() as connection:
                ids = list(connection.scalars(here))
                rows = connection.execute(stated.where(db.tag.c.photo_id.in_(ids), db.tag.c.folded.in_(spelt)))
                states = {(row.photo_id, row.folded): row.state for row in rows}
            for id in ids:
                now = {folded: states.get((id, folded), FOUND) for folded in spelt}
                key = tuple(
                    tuple(word for folded, word in spelt.items() if now[folded] == state)
                    for state in (ACCEPTED, REMOVED, FOUND)
                )
                alike.setdefault(key, []).append(id)
        return [
            {"photos": ids, "accept": list(accept), "remove": list(remove), "forget": list(forget)}
            for (accept, remove, forget), ids in alike.items()
        ]

    def rename(self, owner: str, photo_ids: Sequence[str], old: str, new: str, **how: Any) -> int:
        """Put another word in the place of one, on those photos that have it; gives on how many. See `correct`."""
        old, new = clean_word(old), clean_word(new)
        having = [id for part in db.parts(_selected(photo_ids)) for id in self._having(owner, part, old)]
        if names.folded(old) == names.folded(new):
            return self._spell(having, new)
        return self.correct(owner, having, accept=[new], remove=[old], **how) if having else 0

    def _having(self, owner: str, photo_ids: Sequence[str], word: str) -> list[str]:
        """List those of some photos that have a word."""
        having = sa.select(db.photo.c.id).join(db.tag).where(present(owner), db.photo.c.id.in_(photo_ids))
        with self._database.read() as connection:
            is_it = sa.and_(db.tag.c.folded == names.folded(word), db.tag.c.state != REMOVED)
            return list(connection.scalars(having.where(is_it)))

    def _spell(self, photo_ids: Sequence[str], word: str) -> int:
        """Spell a word of photos in another way; gives on how many that changes anything."""
        spelt = sa.update(db.tag).where(db.tag.c.folded == names.folded(word), db.tag.c.word != word)
        changed = 0
        for part in db.parts(photo_ids):
            with self._database.write() as connection:
                of_them = spelt.where(db.tag.c.photo_id.in_(part)).values(word=word, state=ACCEPTED, origin=BY_HAND)
                changed += connection.execute(of_them).rowcount
        return changed

    def words(self, owner: str, start: str, limit: int = 20) -> list[str]:
        """List words of an owner's photos that begin so, whatever their case, the most frequent first."""
        begins = db.tag.c.folded.startswith(names.folded(start), autoescape=True)
        chosen = sa.select(sa.func.max(db.tag.c.word)).join(db.photo)
        chosen = chosen.where(present(owner), begins, db.tag.c.state != REMOVED)
        chosen = chosen.group_by(db.tag.c.folded).order_by(sa.func.count().desc(), db.tag.c.folded).limit(limit)
        with self._database.read() as connection:
            return list(connection.scalars(chosen))

    def set_title(self, owner: str, photo_id: str, title: str) -> None:
        """Give a photo a title; "" takes it away."""
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            values = {"title": names.printable(title)[:MAX_WORD]}
            connection.execute(sa.update(db.photo).where(db.photo.c.id == photo_id).values(values))

    def rate(
        self, owner: str, photo_ids: Sequence[str], rating: int, having: int | None = None
    ) -> dict[int, list[str]]:
        """Give many photos 0 to 5 stars; gives their ids by the stars that they had.

        having: those alone that have so many by now.
        """
        before: dict[int, list[str]] = {}
        for part in db.parts(_selected(photo_ids)):
            with self._database.write() as connection:
                meant = sa.and_(db.photo.c.owner == owner, db.photo.c.id.in_(part))
                if having is not None:
                    meant &= db.photo.c.rating == having
                for id, had in connection.execute(sa.select(db.photo.c.id, db.photo.c.rating).where(meant)):
                    before.setdefault(had, []).append(id)
                connection.execute(sa.update(db.photo).where(meant).values(rating=rating))
        return before

    def change(self, owner: str, photo_ids: Sequence[str], **values: Any) -> int:
        """Set `rating`, or `deleted_at`, of many photos; gives of how many."""
        changed = 0
        for part in db.parts(_selected(photo_ids)):
            with self._database.write() as connection:
                of_owner = sa.and_(db.photo.c.owner == owner, db.photo.c.id.in_(part))
                changed += connection.execute(sa.update(db.photo).where(of_owner).values(values)).rowcount
        return changed

    # What files say

    def read(self, connection: sa.Connection, photo_id: str, said: Description) -> None:
        """Take over what a photo's file says of it, beside what its owner says, in a transaction of `Library`."""
        columns, values = db.photo.c, {"is_read": True}
        if said.rating:
            values["rating"] = sa.case((columns.rating == 0, said.rating), else_=columns.rating)
        if said.title:
            values["title"] = sa.case((columns.title == "", said.title[:MAX_WORD]), else_=columns.title)
        connection.execute(sa.update(db.photo).where(columns.id == photo_id).values(values))
        told = _by_word(tag for tag in map(_of_file, said.tags or ()) if tag.word)
        there = set(connection.scalars(sa.select(db.tag.c.folded).where(db.tag.c.photo_id == photo_id)))
        rows = [_row(photo_id, tag) for word, tag in told.items() if word not in there]
        if rows:
            connection.execute(sa.insert(db.tag), rows)

    def described(self, owner: str, photo_ids: Sequence[str]) -> dict[str, tuple[Description, list[Tag]]]:
        """Give what is said of photos, by id, as files are to say it, less people; and the tags that are in it."""
        sure = self.settings(owner).tag_sure
        all_said = {}
        for part in db.parts(photo_ids):
            of_them = sa.and_(db.photo.c.owner == owner, db.photo.c.id.in_(part))
            columns = (db.photo.c.id, db.photo.c.title, db.photo.c.rating, db.photo.c.name, db.photo.c.original_name)
            with self._database.read() as connection:
                rows = connection.execute(sa.select(*columns).where(of_them)).all()
                tags: dict[str, list[Tag]] = {row.id: [] for row in rows}
                for row in connection.execute(sa.select(db.tag).join(db.photo).where(of_them)):
                    tags[row.photo_id].append(_tag(row))
            for row in rows:
                counting = sorted(
                    (tag for tag in tags[row.id] if tag.counts(sure)), key=lambda tag: (-tag.confidence, tag.word)
                )
                removed = {names.folded(tag.word) for tag in tags[row.id] if tag.state == REMOVED}
                said = Description(
                    tags=_paths(counting, removed),
                    rating=row.rating,
                    title=row.title,
                    original_name=row.original_name if row.original_name != row.name else None,
                )
                all_said[row.id] = said, counting
        return all_said

    def inherit(self, connection: sa.Connection, source_id: str, photo_id: str, is_twin: bool) -> None:
        """Give a new photo what is said of the one that it was made of, in the transaction that makes it.

        is_twin: it is of the same bytes, so that what was seen in one is seen in the other.
        """
        source = connection.execute(sa.select(db.photo).where(db.photo.c.id == source_id)).one()
        values = {"title": source.title, "rating": source.rating, "taken_at": source.taken_at}
        tags = sa.select(db.tag).where(db.tag.c.photo_id == source_id)
        if is_twin:
            values |= {"sidecar": source.sidecar, "is_read": source.is_read, "is_tagged": source.is_tagged}
            for face in connection.execute(sa.select(db.face).where(db.face.c.photo_id == source_id)).mappings():
                twin = {**face, "id": secrets.token_urlsafe(16), "photo_id": photo_id}
                connection.execute(sa.insert(db.face).values(twin))
        else:
            tags = tags.where(db.tag.c.state != FOUND)
        connection.execute(sa.update(db.photo).where(db.photo.c.id == photo_id).values(values))
        connection.execute(sa.delete(db.tag).where(db.tag.c.photo_id == photo_id))
        for tag in connection.execute(tags).mappings():
            connection.execute(sa.insert(db.tag).values({**tag, "photo_id": photo_id}))

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand over what an owner wants, in a transaction of `Library.move`; what the new one wants counts for more."""
        old = connection.execute(sa.select(db.gallery).where(db.gallery.c.owner == owner_from)).mappings().one_or_none()
        if old:
            self._database.insert_if_missing(connection, db.gallery, {**old, "owner": owner_to})
            connection.execute(sa.delete(db.gallery).where(db.gallery.c.owner == owner_from))


def clean_word(word: str) -> str:
    """Make a word fit to be a tag. Raises UserError for one that is empty."""
    word = names.printable(word.replace(LEVEL, " ")).strip()[:MAX_WORD]
    if not word:
        raise UserError("A tag needs at least one letter.")
    return word


def present(owner: str) -> sa.ColumnElement:
    """Ask for photos that are an owner's, and not in the trash."""
    return sa.and_(db.photo.c.owner == owner, db.photo.c.deleted_at.is_(None))


def settings_of(connection: sa.Connection, owner: str) -> Settings:
    """Tell what an owner wants."""
    row = connection.execute(sa.select(db.gallery).where(db.gallery.c.owner == owner)).one_or_none()
    return Settings(True, row.tag_sure, row.face_sure, row.detector) if row else Settings()


def _selected(photo_ids: Sequence[str]) -> list[str]:
    if len(photo_ids) > MAX_SELECTED:
        raise UserError(f"Choose at most {MAX_SELECTED} photos at a time.")
    return list(dict.fromkeys(photo_ids))


def _paths(tags: Sequence[Tag], removed: set[str]) -> tuple[str, ...]:
    """Spell tags with their wider words, as files have them; a word that another one's path has is left out.

    removed: words, `names.folded`, that are in none.
    """
    paths = [tuple(word for word in (*tag.parents, tag.word) if names.folded(word) not in removed) for tag in tags]
    compared = [tuple(map(names.folded, path)) for path in paths]
    within = {path[:length] for path in compared for length in range(1, len(path))}
    return tuple(LEVEL.join(path) for path, folded in zip(paths, compared, strict=True) if folded not in within)


def _of_file(path: str) -> Tag:
    """Make a tag of one of a file's, such as "Animals|Dog"."""
    *parents, word = map(names.printable, path.split(LEVEL))
    return Tag(word[:MAX_WORD].strip(), 1.0, OF_FILE, "", tuple(parents), (), ACCEPTED)


def _row(photo_id: str, tag: Tag) -> dict[str, Any]:
    return {"photo_id": photo_id, **_as_json(tag), "state": tag.state, "folded": names.folded(tag.word)}


def _by_word(tags: Iterable[Tag]) -> dict[str, Tag]:
    """Give tags by their words, `names.folded`; of two of one word the first stays."""
    found: dict[str, Tag] = {}
    for tag in tags:
        found.setdefault(names.folded(tag.word), tag)
    return found


def _tag(row: sa.Row) -> Tag:
    return replace(_tag_of_json(row._mapping), state=row.state)


def _as_json(tag: Tag) -> dict[str, Any]:
    told = {**asdict(tag), "parents": list(tag.parents), "boxes": [list(box) for box in tag.boxes]}
    del told["state"]
    return told


def _tag_of_json(told: Mapping[str, Any]) -> Tag:
    return Tag(
        told["word"],
        told["confidence"],
        told["origin"],
        told["engine"],
        tuple(told["parents"]),
        tuple(map(tuple, told["boxes"])),
    )


def _sight(row: sa.Row) -> Sight:
    embeddings = _as_array(row.face_embeddings)
    if embeddings is not None:
        embeddings = embeddings.reshape(len(row.faces), -1)
    faces = tuple(
        SeenFace(tuple(face["box"]), face["sure"], embeddings[number]) for number, face in enumerate(row.faces)
    )
    tags = tuple(map(_tag_of_json, row.tags))
    return Sight(tags, _as_array(row.embedding), row.engine, faces, row.face_engine, row.trouble)


def _as_bytes(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, "<f4").tobytes()


def _as_array(data: bytes | None) -> np.ndarray | None:
    return None if data is None else np.frombuffer(data, "<f4")
