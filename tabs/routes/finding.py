"""The HTTP routes by which photos are found: those asked for, what they have in common, and one of them."""

from collections import defaultdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from envo import finding
from envo.finding import Facets, Finder, Listed, PersonFacet
from envo.library import Library
from envo.settings import MAX_PAGE, MAX_TITLE, MAX_WORDS
from models.tagging import CATEGORIES
from tabs.routes import people, tagging
from tabs.routes.gallery import PhotosWish
from tabs.web import http
from tabs.work.wish import Wish


class Filter(Wish):
    """What photos are asked for, in an address; see `envo.finding.Wish`."""

    # How a page without a cookie is known may stand in its addresses, too.
    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=MAX_TITLE)
    tag: list[str] = Field(default_factory=list, max_length=MAX_WORDS)
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
    def wish(self) -> finding.Wish:
        told = {name: getattr(self, name) for name in Filter.model_fields}
        return finding.Wish(words=told.pop("q"), tags=tuple(told.pop("tag")), **told)


class Page(Filter):
    offset: int = Field(0, ge=0, lt=2**63)
    limit: int = Field(200, ge=1, le=MAX_PAGE)


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    finder = Finder(library)

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
            "tags": [tagging.for_page(tag, settings.tag_sure) for tag in library.gallery.tags(who, row.id)],
            "people": [people.for_page(face, settings.face_sure) for face in library.people.of(who, row.id)],
            "file": {"format": row.format, "bytes": row.bytes, "width": row.width, "height": row.height},
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
        "focus": each.focus,
    }


def _facets(found: Facets, twins: int) -> dict[str, Any]:
    counts = {facet.value: facet.count for facet in found.tags}
    years: dict[str, int] = defaultdict(int)
    for month in found.months:
        years[month.value[:4]] += month.count
    return {
        "categories": [{"word": word, "count": counts[word]} for word in CATEGORIES if word in counts],
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
