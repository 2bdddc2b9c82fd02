"""Finding photos of a library: by words, tags, people, stars, dates, cameras, and by what they look like."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

import numpy as np
import sqlalchemy as sa

from envo import database as db
from envo import names
from envo.description import Box
from envo.gallery import ACCEPTED, FOUND, REMOVED, Settings, present
from envo.library import PHOTO, Library, Photo
from envo.likeness import Likenesses
from envo.people import IGNORED, MAYBE, NAMED, WHOLE, is_known

OWNERS_KEPT = 50
"""Owners of whose photos it is kept in memory which look the same; of ten thousand photos it takes some megabytes."""
TELLING = ("subject", "scene", "objects")
"""Origins of tags that tell what a photo is of."""
OF_THINGS, PERSON = "objects", "person"
"""Origin of tags that tell of things in it, and the word for one who may stand there."""
HEAD = 0.15
"""Where the head of somebody is, from the top of the box, of its height."""
COMMON, ALIKE = 0.2, 0.414
"""Photos are alike by the inner product of their embeddings, and by so much of what they are both of; from `ALIKE` on
they look alike. Chosen by nine tenths of a thousand everyday photos: of pairs of one kind, such as dogs, 0.75 are found
so, by the embeddings alone 0.06, and of pairs of unlike things 1 in 400. `bench.tagging` measures the other tenth."""
ORDERS = ("newest", "taken", "name", "rating", "sure", "unsure")
_WHOLE = 4
"""Letters from which on the beginning of a word is enough."""
_TERM = re.compile(r'(-?)(?:"([^"]+)"|(\S+))')


@dataclass(frozen=True)
class Wish:
    """What photos are asked for; all of it must hold."""

    words: str = ""
    """In the name, the title, tags, people, the camera or the date; -word for what must not be there."""
    tags: tuple[str, ...] = ()
    person: str | None = None
    """Id."""
    rating: int = 0
    """At least so many stars."""
    since: date | None = None
    until: date | None = None
    """Days on which they were taken, both included; where the camera does not say, when they came."""
    camera: str | None = None
    like: str | None = None
    """Id of a photo that the others resemble; the most alike come first, after itself."""
    twins: bool = False
    """Only those that look the same as another one, these next to each other."""
    unsure: bool = False
    """Also those whose tags and names are less sure than the owner wants."""
    order: str = "newest"
    """One of `ORDERS`; sure and unsure go by the first tag, else the person, else the first word, else as newest."""


@dataclass(frozen=True)
class Listed:
    """A photo, and what a wall of photos shows of it."""

    photo: Photo
    is_tagged: bool
    trouble: str
    """Why nothing could be seen, or ""."""
    faces: int
    """That are not ignored."""
    confidence: float | None
    """Of the tag or the person asked for."""
    focus: tuple[float, float] | None
    """What is to be seen of it where it is cut to a square, (x, y) from 0 to 1: heads, else a person, else a thing."""


@dataclass(frozen=True)
class Facet:
    """Photos that have something in common."""

    value: str
    count: int


@dataclass(frozen=True)
class TagFacet(Facet):
    """Photos that have a tag."""

    parents: tuple[str, ...]


@dataclass(frozen=True)
class PersonFacet(Facet):
    """Photos that a person is in; `value` is the name."""

    id: str
    cover: str
    """Id of the face that shows the person best."""


@dataclass(frozen=True)
class Facets:
    """By what photos can be told apart, the most frequent first."""

    tags: list[TagFacet]
    people: list[PersonFacet]
    cameras: list[Facet]
    months: list[Facet]
    """As "2024-05", the latest first."""
    ratings: dict[int, int]
    """Photos by stars, less those without."""
    untagged: int
    total: int


@dataclass(frozen=True)
class TagSum:
    """How a tag stands among chosen photos."""

    word: str
    count: int
    accepted: int
    confidence: float
    """Mean of those that have it."""
    parents: tuple[str, ...]


class Finder:
    """Finds photos of a library. Methods may be called from any thread; each takes the owner first."""

    def __init__(self, library: Library):
        self._library = library
        self._database = library.database
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        """By owner; those asked for last are the last."""

    def ids(self, owner: str, wish: Wish) -> list[str]:
        """List the ids of all photos that are asked for, in order."""
        query = self._query(owner, wish)
        with self._database.read() as connection:
            found = list(connection.scalars(query))
        if wish.like:
            return self._alike(owner, wish.like, found)
        if not wish.twins:
            return found
        with self._known(owner) as known:
            return known.twins(found)

    def photos(self, owner: str, wish: Wish, offset: int = 0, limit: int = 200) -> tuple[list[Listed], int]:
        """List a page of the photos that are asked for, and count them all."""
        if wish.like or wish.twins:
            ids = self.ids(owner, wish)
            count, page = len(ids), ids[offset : offset + limit]
        else:
            query = self._query(owner, wish)
            with self._database.read() as connection:
                count = connection.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery()))
                page = list(connection.scalars(query.offset(offset).limit(limit)))
        return self.listed(owner, page, wish), count

    def twins(self, owner: str) -> int:
        """Count the owner's photos that look the same as another one."""
        return len(self.ids(owner, Wish(twins=True)))

    def listed(self, owner: str, photo_ids: Sequence[str], wish: Wish | None = None) -> list[Listed]:
        """Give what a wall shows of photos, in this order; those that are not the owner's are left out."""
        settings, wish = self._library.gallery.settings(owner), wish or Wish()
        faces = sa.select(sa.func.count()).where(db.face.c.photo_id == db.photo.c.id, db.face.c.state != IGNORED)
        shown = PHOTO.add_columns(
            db.photo.c.is_tagged,
            sa.select(db.sight.c.trouble)
            .where(db.sight.c.sha256 == db.photo.c.sha256)
            .scalar_subquery()
            .label("trouble"),
            faces.scalar_subquery().label("faces"),
            (_confidence(settings, wish) if wish.tags or wish.person else sa.null()).label("confidence"),
        )
        with self._database.read() as connection:
            rows = connection.execute(shown.where(db.photo.c.owner == owner, db.photo.c.id.in_(photo_ids))).mappings()
            rows = {row["id"]: row for row in rows}
            focuses = self._focuses(connection, list(rows), settings)
        found = {id: _listed(row, focuses.get(id)) for id, row in rows.items()}
        return [found[id] for id in photo_ids if id in found]

    def _focuses(
        self, connection: sa.Connection, photo_ids: Sequence[str], settings: Settings
    ) -> dict[str, tuple[float, float]]:
        """Tell what is to be seen of photos, by id, where they are cut to a square; see `Listed`."""
        # What is taken last counts: somebody rather than something.
        by = (sa.case((db.tag.c.word == PERSON, 1), else_=0), db.tag.c.confidence)
        things = sa.select(db.tag.c.photo_id, db.tag.c.word, db.tag.c.boxes).order_by(*by)
        things = things.where(_counts(settings.tag_sure), db.tag.c.origin == OF_THINGS)
        faces = sa.select(db.face.c.photo_id, db.face.c.box).where(db.face.c.state != IGNORED)
        seen: dict[str, tuple[float, float]] = {}
        heads: dict[str, list[Box]] = {}
        for some in db.parts(photo_ids):
            for row in connection.execute(things.where(db.tag.c.photo_id.in_(some))):
                if row.boxes:
                    seen[row.photo_id] = _middle(row.boxes[:1], upright=row.word == PERSON)
            for row in connection.execute(faces.where(db.face.c.photo_id.in_(some))):
                if tuple(row.box) != WHOLE:
                    heads.setdefault(row.photo_id, []).append(row.box)
        return seen | {id: _middle(_large(boxes)) for id, boxes in heads.items()}

    def facets(self, owner: str, wish: Wish, most: int = 200) -> Facets:
        """Tell by what the photos that are asked for can be told apart; of tags and people the `most` frequent."""
        settings, count = self._library.gallery.settings(owner), sa.func.count().label("count")
        ids = self._query(owner, replace(wish, order="newest")).order_by(None)
        of_them = db.photo.c.id.in_(ids)
        month = sa.func.substr(sa.cast(_taken(), sa.String), 1, 7)
        with self._database.read() as connection:

            def counted(column: sa.ColumnElement, *where: sa.ColumnElement) -> list[sa.Row]:
                chosen = sa.select(column.label("value"), count).select_from(db.photo.join(db.blob))
                return list(connection.execute(chosen.where(of_them, *where).group_by("value").order_by(count.desc())))

            tags = self._tags(connection, ids, settings, most)
            people = self._people(connection, ids, settings, most)
            return Facets(
                [TagFacet(row.word, row.count, parents) for row, parents in tags],
                people,
                [Facet(row.value, row.count) for row in counted(db.blob.c.camera) if row.value],
                sorted((Facet(row.value, row.count) for row in counted(month)), key=lambda facet: facet.value)[::-1],
                {row.value: row.count for row in counted(db.photo.c.rating) if row.value},
                sum(row.count for row in counted(db.photo.c.is_tagged, ~db.photo.c.is_tagged)),
                connection.scalar(sa.select(sa.func.count()).select_from(ids.subquery())),
            )

    def summary(
        self, owner: str, photo_ids: Sequence[str], most: int = 200
    ) -> tuple[list[TagSum], list[PersonFacet], int | None]:
        """Tell what chosen photos have in common: tags, the people by name, and the stars that they all have."""
        settings = self._library.gallery.settings(owner)
        chosen = sa.select(db.photo.c.id).where(present(owner), db.photo.c.id.in_(list(photo_ids)))
        with self._database.read() as connection:
            accepted = sa.func.sum(sa.case((db.tag.c.state == ACCEPTED, 1), else_=0)).label("accepted")
            confidence = sa.func.avg(db.tag.c.confidence).label("confidence")
            tags = self._tags(connection, chosen, settings, most, accepted, confidence)
            people = self._people(connection, chosen, settings, most)
            ratings = set(connection.scalars(sa.select(db.photo.c.rating).where(db.photo.c.id.in_(chosen)).distinct()))
        sums = [TagSum(row.word, row.count, row.accepted, row.confidence, parents) for row, parents in tags]
        return sums, people, ratings.pop() if len(ratings) == 1 else None

    def looks_like(self, owner: str, photo_id: str) -> list[Photo]:
        """List the owner's other photos that look the same as one, the most alike first."""
        self._library.photo(owner, photo_id)
        with self._known(owner) as known:
            others = known.like(photo_id) if photo_id in known else []
        with self._database.read() as connection:
            found = {}
            for some in db.parts(others):
                rows = connection.execute(PHOTO.where(present(owner), db.photo.c.id.in_(some))).mappings()
                found |= {row["id"]: Photo(**row) for row in rows}
        return [found[id] for id in others if id in found]

    @contextmanager
    def _known(self, owner: str) -> Iterator[Likenesses]:
        """Give the likenesses of an owner's photos, those in the trash too, for a block in which nobody else has them.

        They are kept in memory, and what has come since they were asked for last is read.
        """
        of_owner = db.photo.c.owner == owner
        with self._lock, self._database.read() as connection:
            totals = sa.select(sa.func.count(), sa.func.max(db.photo.c.created_at)).where(of_owner)
            count, last = connection.execute(totals).one()
            kept = self._kept.pop(owner, None) or _Kept()
            if (count, last) != (kept.count, kept.last):
                self._read(connection, of_owner, kept)
                if kept.count != count:  # some were removed for good, or came with another owner
                    kept = _Kept()
                    self._read(connection, of_owner, kept)
            self._complete(connection, kept)
            self._kept[owner] = kept
            if len(self._kept) > OWNERS_KEPT:
                del self._kept[next(iter(self._kept))]
            yield kept.likenesses

    def _read(self, connection: sa.Connection, of_owner: sa.ColumnElement, kept: "_Kept") -> None:
        """Read what has come since."""
        new = sa.select(db.photo.c.id, db.photo.c.created_at, db.blob.c.likeness).join(db.blob).where(of_owner)
        if kept.last is not None:
            new = new.where(db.photo.c.created_at >= kept.last)
        rows = [row for row in connection.execute(new) if row.id not in kept.ids]
        kept.likenesses.add({row.id: row.likeness for row in rows if row.likeness is not None})
        kept.unknown += [row.id for row in rows if row.likeness is None]
        kept.ids |= {row.id for row in rows}
        kept.count += len(rows)
        kept.last = max([row.created_at for row in rows], default=kept.last)

    def _complete(self, connection: sa.Connection, kept: "_Kept") -> None:
        """Read what is known since of photos that came before their likeness was."""
        known = sa.select(db.photo.c.id, db.blob.c.likeness).join(db.blob).where(db.blob.c.likeness.is_not(None))
        for some in db.parts(kept.unknown):
            found = {row.id: row.likeness for row in connection.execute(known.where(db.photo.c.id.in_(some)))}
            kept.likenesses.add(found)
        kept.unknown = [id for id in kept.unknown if id not in kept.likenesses]

    def _query(self, owner: str, wish: Wish) -> sa.Select:
        """Make the query for ids."""
        settings = self._library.gallery.settings(owner)
        query = sa.select(db.photo.c.id).join(db.blob).where(present(owner))
        surely = None
        for sign, phrase, term in _TERM.findall(wish.words):
            words = self._words(owner, phrase or term)
            holds = _says(phrase or term, words, settings)
            query = query.where(~holds if sign else holds)
            if not sign and surely is None:
                surely = _surely(phrase or term, words)
        for word in wish.tags:
            query = query.where(_has_tag(_is_word(word), 0.0 if wish.unsure else settings.tag_sure))
        if wish.person:
            sure = min(MAYBE, settings.face_sure) if wish.unsure else settings.face_sure
            query = query.where(_has_face(is_known(sure), db.face.c.person_id == wish.person))
        if wish.rating:
            query = query.where(db.photo.c.rating >= wish.rating)
        if wish.since:
            query = query.where(_taken() >= datetime.combine(wish.since, time()))
        if wish.until:
            query = query.where(_taken() <= datetime.combine(wish.until, time.max))
        if wish.camera:
            query = query.where(db.blob.c.camera == wish.camera)
        if wish.tags or wish.person:
            surely = _confidence(settings, wish)
        return query.order_by(*_order(wish, surely))

    def _words(self, owner: str, term: str) -> list[str]:
        """List the words of an owner's photos, folded, that a term means."""
        used, term = sa.select(db.tag.c.folded).distinct().join(db.photo).where(present(owner)), names.folded(term)
        with self._database.read() as connection:
            return [word for word in connection.scalars(used) if _means(term, word)]

    def _people(
        self, connection: sa.Connection, photo_ids: sa.Select, settings: Settings, most: int
    ) -> list[PersonFacet]:
        """Count photos by the people in them."""
        count = sa.func.count(db.face.c.photo_id.distinct()).label("count")
        who = (db.person.c.name.label("value"), count, db.person.c.id, sa.func.max(db.face.c.id).label("cover"))
        known = sa.select(*who).join(db.face, db.face.c.person_id == db.person.c.id)
        known = known.where(db.face.c.photo_id.in_(photo_ids), is_known(settings.face_sure))
        known = known.group_by(db.person.c.id, db.person.c.name).order_by(count.desc(), db.person.c.name)
        return [PersonFacet(**row) for row in connection.execute(known.limit(most)).mappings()]

    def _tags(
        self, connection: sa.Connection, photo_ids: sa.Select, settings: Settings, most: int, *more: sa.ColumnElement
    ) -> list[tuple[sa.Row, tuple[str, ...]]]:
        """Count photos by their tags, with `more` of each, and its wider words: those of one photo that has it.

        Of a word's spellings one is told: capitals come before small letters, which the engines write.
        """
        count, first = sa.func.count().label("count"), sa.func.min(db.tag.c.photo_id).label("first")
        counted = sa.select(db.tag.c.folded, sa.func.max(db.tag.c.word).label("word"), count, first, *more)
        counted = counted.where(db.tag.c.photo_id.in_(photo_ids), _counts(settings.tag_sure))
        counted = counted.group_by(db.tag.c.folded).order_by(count.desc(), db.tag.c.folded).limit(most)
        rows = connection.execute(counted).all()
        firsts = {row.folded: row.first for row in rows}
        wider = sa.select(db.tag.c.photo_id, db.tag.c.folded, db.tag.c.parents)
        wider = wider.where(db.tag.c.photo_id.in_(set(firsts.values())), db.tag.c.folded.in_(firsts))
        parents = {
            row.folded: tuple(row.parents) for row in connection.execute(wider) if firsts[row.folded] == row.photo_id
        }
        return [(row, parents.get(row.folded, ())) for row in rows]

    def _alike(self, owner: str, photo_id: str, photo_ids: list[str]) -> list[str]:
        """Give those of some photos that look like one, the most alike first, after itself; see `ALIKE`.

        Those that no engine has seen look like none.
        """
        self._library.photo(owner, photo_id)
        seen = sa.select(db.photo.c.id, db.sight.c.embedding, db.sight.c.engine)
        seen = seen.join(db.sight, db.sight.c.sha256 == db.photo.c.sha256).where(db.photo.c.owner == owner)
        with self._database.read() as connection:
            rows = connection.execute(seen.where(db.sight.c.embedding.is_not(None))).all()
            common = self._common(connection, owner, photo_id)
        engines = {row.id: row.engine for row in rows}
        comparable = [row for row in rows if row.engine == engines.get(photo_id)]
        places = {row.id: place for place, row in enumerate(comparable)}
        if photo_id not in places:
            return [photo_id]
        embeddings = np.stack([np.frombuffer(row.embedding, "<f4") for row in comparable])
        alike = embeddings @ embeddings[places[photo_id]]
        for id, told in common.items():
            if id in places:
                alike[places[id]] += COMMON * told
        others = [id for id in photo_ids if id in places and id != photo_id and alike[places[id]] >= ALIKE]
        return [photo_id, *sorted(others, key=lambda id: -alike[places[id]])]

    def _common(self, connection: sa.Connection, owner: str, photo_id: str) -> dict[str, float]:
        """Tell what an owner's photos, by id, are of that one of them is of, too.

        That is the word that tells most: how sure it is in both, times the number of its wider words.
        """
        words = sa.select(db.tag.c.photo_id, db.tag.c.folded, db.tag.c.confidence, db.tag.c.parents)
        words = words.where(db.tag.c.origin.in_(TELLING), db.tag.c.state != REMOVED)
        own = {row.folded: row for row in connection.execute(words.where(db.tag.c.photo_id == photo_id))}
        theirs = words.join(db.photo).where(present(owner), db.tag.c.folded.in_(list(own)))
        common: dict[str, float] = {}
        for row in connection.execute(theirs):
            told = own[row.folded].confidence * row.confidence * len(own[row.folded].parents)
            common[row.photo_id] = max(told, common.get(row.photo_id, 0.0))
        return common


@dataclass
class _Kept:
    """What is kept of an owner's photos to tell which look the same."""

    likenesses: Likenesses = field(default_factory=Likenesses)
    ids: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    """Ids of those whose likeness is not known yet."""
    count: int = 0
    last: datetime | None = None
    """When the newest came."""


def _listed(row: Any, focus: tuple[float, float] | None) -> Listed:
    values = dict(row)
    more = {name: values.pop(name) for name in ("is_tagged", "trouble", "faces", "confidence")}
    return Listed(Photo(**values), **{**more, "trouble": more["trouble"] or ""}, focus=focus)


def _large(boxes: Sequence[Box]) -> list[Box]:
    """Leave out faces that are bystanders': those not half as wide as the widest."""
    widest = max(right - left for left, _, right, _ in boxes)
    return [box for box in boxes if 2 * (box[2] - box[0]) >= widest]


def _middle(boxes: Sequence[Box], upright: bool = False) -> tuple[float, float]:
    """Give the middle of what boxes cover, inside the photo; of who stands there `upright`, where the head is."""
    left, top = (min(box[side] for box in boxes) for side in (0, 1))
    right, bottom = (max(box[side] for box in boxes) for side in (2, 3))
    x, y = (left + right) / 2, top + (bottom - top) * (HEAD if upright else 0.5)
    return round(min(max(x, 0.0), 1.0), 3), round(min(max(y, 0.0), 1.0), 3)


def _counts(sure: float) -> sa.ColumnElement:
    """Ask for tags that count from the confidence `sure` on."""
    found = sa.and_(db.tag.c.state == FOUND, db.tag.c.confidence >= sure)
    return sa.or_(db.tag.c.state == ACCEPTED, found)


def _has_tag(which: sa.ColumnElement, sure: float) -> sa.ColumnElement:
    return sa.exists().where(db.tag.c.photo_id == db.photo.c.id, which, _counts(sure))


def _has_face(*which: sa.ColumnElement) -> sa.ColumnElement:
    return sa.exists().where(db.face.c.photo_id == db.photo.c.id, *which)


def _taken() -> sa.ColumnElement:
    """When a photo was taken, or else came."""
    return sa.func.coalesce(db.photo.c.taken_at, db.photo.c.created_at)


def _confidence(settings: Settings, wish: Wish) -> sa.ColumnElement:
    """How sure the first tag asked for is, or the person."""
    if wish.tags:
        sure = sa.case((db.tag.c.state == ACCEPTED, 1.0), else_=db.tag.c.confidence)
        of_tag = sa.select(sure).where(db.tag.c.photo_id == db.photo.c.id, _is_word(wish.tags[0]))
        return of_tag.where(db.tag.c.state != REMOVED).scalar_subquery()
    sure = sa.func.max(sa.case((db.face.c.state == NAMED, 1.0), else_=db.face.c.confidence))
    of_face = sa.select(sure).where(db.face.c.photo_id == db.photo.c.id, db.face.c.person_id == wish.person)
    return of_face.where(db.face.c.state != IGNORED).scalar_subquery()


def _order(wish: Wish, surely: sa.ColumnElement | None) -> list[sa.ColumnElement]:
    """Give what photos are sorted by; surely: how sure it is that one is asked for, where that can be told."""
    newest = [db.photo.c.created_at.desc(), db.photo.c.id]
    if wish.order in ("sure", "unsure") and surely is not None:
        return [surely.desc() if wish.order == "sure" else surely, *newest]
    by = {"taken": _taken().desc(), "name": db.folded(db.photo.c.name), "rating": db.photo.c.rating.desc()}
    return [by[wish.order], *newest] if wish.order in by else newest


def _says(term: str, words: Sequence[str], settings: Settings) -> sa.ColumnElement:
    """Ask for photos of which a term is said anywhere; as a tag it is one of these words, which are folded."""
    texts = (db.photo.c.name, db.photo.c.title, sa.func.coalesce(db.blob.c.camera, ""))
    named = sa.select(db.person.c.id).where(db.holds(db.person.c.name, term))
    return sa.or_(
        *(db.holds(text, term) for text in texts),
        sa.cast(_taken(), sa.String).startswith(term, autoescape=True),
        _has_tag(db.tag.c.folded.in_(words), settings.tag_sure),
        _has_face(is_known(settings.face_sure), db.face.c.person_id.in_(named)),
    )


def _surely(term: str, words: Sequence[str]) -> sa.ColumnElement:
    """How sure it is that a term is said of a photo: wholly in its name or title, else as a tag, one of these words."""
    sure = sa.func.max(sa.case((db.tag.c.state == ACCEPTED, 1.0), else_=db.tag.c.confidence))
    of_tag = sa.select(sure).where(db.tag.c.photo_id == db.photo.c.id, db.tag.c.folded.in_(words))
    as_tag = sa.func.coalesce(of_tag.where(db.tag.c.state != REMOVED).scalar_subquery(), 0.0)
    return sa.case((sa.or_(db.holds(db.photo.c.name, term), db.holds(db.photo.c.title, term)), 1.0), else_=as_tag)


def _is_word(word: str) -> sa.ColumnElement:
    return db.tag.c.folded == names.folded(word)


def _means(term: str, word: str) -> bool:
    """Tell whether a term means a tag, both folded: it stands in it as a word, in the plural or not, or begins one."""
    within = f" {word} "
    if any(f" {each} " in within for each in (term, f"{term}s", term.removesuffix("s") or term)):
        return True
    return len(term) >= _WHOLE and f" {term}" in within
