"""The HTTP routes of the gallery: settings, finding photos, their tags, and how far tagging is."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from envo.errors import UserError
from envo.finding import Facets, Finder, Listed, PersonFacet, Wish
from envo.gallery import MAX_SELECTED, Tag
from envo.library import Library
from models import faces, tagging
from models.tagging import words
from tabs import http, people
from tabs.changes import Changes
from tabs.tagging import Tagger

ORIGINS = {**tagging.ORIGINS, "you": "said by you", "file": "read from the file"}
Words = Annotated[list[str], Field(max_length=100)]
Photos = Annotated[list[str], Field(max_length=MAX_SELECTED)]


class SettingsWish(http.Wish):
    """What an owner changes of the gallery's settings."""

    tagSure: float | None = Field(None, ge=0, le=1)  # noqa: N815, as the page spells it
    faceSure: float | None = Field(None, ge=0, le=1)  # noqa: N815
    detector: str | None = None


class PhotosWish(http.Wish):
    """Some photos."""

    photos: Photos


class TagWish(PhotosWish):
    """What an owner says of the tags of photos; `rename` has pairs of an old and a new word."""

    accept: Words = Field(default_factory=list)
    remove: Words = Field(default_factory=list)
    add: Words = Field(default_factory=list)
    forget: Words = Field(default_factory=list)
    rename: list[tuple[str, str]] = Field(default_factory=list, max_length=100)


class RateWish(PhotosWish):
    rating: int = Field(ge=0, le=5)


class TitleWish(http.Wish):
    title: str = Field(max_length=1000)


class Filter(http.Wish):
    """What photos are asked for, in an address; see `envo.finding.Wish`."""

    # A page's ticket may stand in its addresses, too.
    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=1000)
    tag: list[str] = Field(default_factory=list, max_length=100)
    person: str | None = None
    rating: int = Field(0, ge=0, le=5)
    since: date | None = None
    until: date | None = None
    camera: str | None = None
    like: str | None = None
    twins: bool = False
    unsure: bool = False
    order: Literal["newest", "taken", "name", "rating", "sure", "unsure"] = "newest"

    @property
    def wish(self) -> Wish:
        told = {name: getattr(self, name) for name in Filter.model_fields}
        return Wish(words=told.pop("q"), tags=tuple(told.pop("tag")), **told)


class Page(Filter):
    offset: int = Field(0, ge=0, lt=2**63)
    limit: int = Field(200, ge=1, le=500)


def add_routes(api: APIRouter, library: Library, tagger: Tagger, changes: Changes, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    finder = Finder(library)
    _settings_routes(api, library, tagger, changes, owner)
    _finding_routes(api, library, finder, owner)
    _tag_routes(api, library, finder, tagger, changes, owner)
    _photo_routes(api, library, changes, owner)


def _settings_routes(api: APIRouter, library: Library, tagger: Tagger, changes: Changes, owner: type[str]) -> None:
    @api.get("/gallery")
    def settings(who: owner):
        return _settings(library, who)

    @api.post("/gallery")
    def open_gallery(who: owner):
        """From now on the owner's photos are tagged as they arrive."""
        library.gallery.open(who)
        tagger.wake()
        return _settings(library, who)

    @api.patch("/gallery")
    def change(who: owner, wish: Annotated[SettingsWish, http.body(SettingsWish)]):
        if wish.detector is not None and wish.detector not in tagging.DETECTORS:
            raise UserError(f"There is no engine named {wish.detector[:40]!r} here.")
        said = {"tag_sure": wish.tagSure, "face_sure": wish.faceSure, "detector": wish.detector}
        library.gallery.set(who, **{name: value for name, value in said.items() if value is not None})
        changes.tell(who)
        return _settings(library, who)

    @api.get("/gallery/news")
    async def news(who: owner, seen: int = -1):
        """How far tagging is, as soon as there is news that the page has not `seen`, of that or anything it shows."""

        def number() -> int:
            return tagger.number + changes.version(who)

        await http.changed(number, seen)
        told = {"number": number(), "version": changes.version(who)}
        return await run_sync(tagger.progress, who) | told

    @api.post("/gallery/again", status_code=202)
    def look_again(who: owner, wish: Annotated[PhotosWish, http.body(PhotosWish)]) -> None:
        """Have photos tagged anew, as by another engine."""
        library.gallery.look_again(who, wish.photos)
        tagger.wake()
        changes.tell(who)


def _finding_routes(api: APIRouter, library: Library, finder: Finder, owner: type[str]) -> None:
    @api.get("/gallery/photos")
    def photos(who: owner, page: Annotated[Page, Query()]):
        found, count = finder.photos(who, page.wish, page.offset, page.limit)
        return {"photos": [_listed(each) for each in found], "count": count}

    @api.get("/gallery/ids")
    def ids(who: owner, asked: Annotated[Filter, Query()]):
        return {"ids": finder.ids(who, asked.wish)}

    @api.get("/gallery/facets")
    def facets(who: owner, asked: Annotated[Filter, Query()]):
        return _facets(finder.facets(who, asked.wish), finder.twins(who))

    @api.post("/gallery/summary")
    def summary(who: owner, wish: Annotated[PhotosWish, http.body(PhotosWish)]):
        """What chosen photos have in common."""
        tags, persons, rating = finder.summary(who, wish.photos)
        return {
            "count": len(wish.photos),
            "tags": [vars(each) for each in tags],
            "people": [_person(each) for each in persons],
            "rating": rating,
        }

    @api.get("/gallery/photos/{photo_id}")
    def photo(who: owner, photo_id: str):
        row, settings = library.present(who, photo_id), library.gallery.settings(who)
        (listed,) = finder.listed(who, [row.id])
        return {
            **_listed(listed),
            "tags": [_tag(tag, settings.tag_sure) for tag in library.gallery.tags(who, row.id)],
            "people": [people.for_page(face, settings.face_sure) for face in library.people.of(who, row.id)],
            "file": {"format": row.format, "bytes": row.bytes, "width": row.width, "height": row.height},
        }


def _tag_routes(
    api: APIRouter, library: Library, finder: Finder, tagger: Tagger, changes: Changes, owner: type[str]
) -> None:
    gallery = library.gallery

    @api.post("/gallery/tags")
    def correct(who: owner, wish: Annotated[TagWish, http.body(TagWish)]):
        accept = [*wish.accept, *wish.add]
        changed = gallery.correct(who, wish.photos, accept, wish.remove, wish.forget, _lineage)
        for old, new in wish.rename:
            changed += gallery.rename(who, wish.photos, old, new, parents=_lineage)
        tagger.learn(who)
        changes.tell(who)
        return {"changed": changed}

    @api.get("/gallery/words")
    def suggestions(who: owner, start: Annotated[str, Query(max_length=100)] = ""):
        """Words that a visitor may mean: the own ones, then those that the engines know."""
        known = sorted(word for word in words.all_words() if start and word.startswith(start.lower()))
        return {"words": list(dict.fromkeys([*gallery.words(who, start), *known]))[:20]}


def _photo_routes(api: APIRouter, library: Library, changes: Changes, owner: type[str]) -> None:
    @api.patch("/gallery/photos/{photo_id}", status_code=204)
    def entitle(who: owner, photo_id: str, wish: Annotated[TitleWish, http.body(TitleWish)]) -> None:
        library.gallery.set_title(who, photo_id, wish.title)
        changes.tell(who)

    @api.post("/gallery/rate")
    def rate(who: owner, wish: Annotated[RateWish, http.body(RateWish)]):
        return changed(who, wish, rating=wish.rating)

    @api.post("/gallery/delete")
    def delete(who: owner, wish: Annotated[PhotosWish, http.body(PhotosWish)]):
        return changed(who, wish, deleted_at=datetime.now(UTC))

    @api.post("/gallery/restore")
    def restore(who: owner, wish: Annotated[PhotosWish, http.body(PhotosWish)]):
        return changed(who, wish, deleted_at=None)

    def changed(who: str, wish: PhotosWish, **values: Any) -> dict[str, int]:
        count = library.gallery.change(who, wish.photos, **values)
        changes.tell(who)
        return {"changed": count}


def _lineage(word: str) -> tuple[str, ...]:
    """Give the wider words of one that the engines know; of others there are none."""
    return words.lineage(word) if word in words.all_words() else ()


def _settings(library: Library, who: str) -> dict[str, Any]:
    said = library.gallery.settings(who)
    detector = said.detector or next(iter(tagging.DETECTORS))
    return {
        "open": said.is_open,
        "tagSure": said.tag_sure,
        "faceSure": said.face_sure,
        "detector": detector,
        "engines": {
            "objects": http.engine(tagging.DETECTORS[detector]),
            "scene": http.engine(next(iter(tagging.CLASSIFIERS.values()))),
            "faces": http.engine(faces.auto()),
        },
        "detectors": [http.engine(engine) for engine in tagging.DETECTORS.values()],
    }


def _listed(each: Listed) -> dict[str, Any]:
    """A photo as a wall of photos shows it."""
    row = each.photo
    return {
        **http.photo(row),
        "title": row.title,
        "taken": row.taken_at and row.taken_at.isoformat(),
        "camera": row.camera or "",
        "created": row.created_at.isoformat(),
        "tagged": each.is_tagged,
        "trouble": each.trouble,
        "faces": each.faces,
        "confidence": each.confidence,
        "edited": each.is_edited,
    }


def _facets(found: Facets, twins: int) -> dict[str, Any]:
    counts = {facet.value: facet.count for facet in found.tags}
    years: dict[str, int] = defaultdict(int)
    for month in found.months:
        years[month.value[:4]] += month.count
    return {
        "categories": [{"word": word, "count": counts[word]} for word in tagging.CATEGORIES if word in counts],
        "tags": [{"word": tag.value, "count": tag.count, "parents": tag.parents} for tag in found.tags],
        "people": [_person(each) for each in found.people],
        "cameras": [{"camera": each.value, "count": each.count} for each in found.cameras],
        "years": [{"year": year, "count": count} for year, count in years.items()],
        "months": [{"month": each.value, "count": each.count} for each in found.months],
        "ratings": found.ratings,
        "untagged": found.untagged,
        "twins": twins,
        "total": found.total,
    }


def _person(each: PersonFacet) -> dict[str, Any]:
    return {"id": each.id, "name": each.value, "count": each.count, "cover": each.cover}


def _tag(tag: Tag, sure: float) -> dict[str, Any]:
    """A tag as the browser gets it."""
    return {
        "word": tag.word,
        "confidence": tag.confidence,
        "origin": tag.origin,
        "originLabel": ORIGINS.get(tag.origin, tag.origin),
        "engine": tag.engine,
        "state": tag.state,
        "parents": tag.parents,
        "boxes": tag.boxes,
        "shown": tag.counts(sure),
    }
