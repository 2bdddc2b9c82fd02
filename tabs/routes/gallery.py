"""The HTTP routes of the gallery: its settings, what goes on in it, and what is said of many photos at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter
from pydantic import Field

from envo.library import Library
from envo.settings import MAX_SELECTED, MAX_TITLE
from models import faces, tagging
from models.engine import named
from tabs.web import http
from tabs.work.changes import Changes
from tabs.work.tagging import Tagger
from tabs.work.wish import Wish


class SettingsWish(Wish):
    """What an owner changes of the gallery's settings."""

    tagSure: float | None = Field(None, ge=0, le=1)  # noqa: N815, as the page spells it
    faceSure: float | None = Field(None, ge=0, le=1)  # noqa: N815
    detector: str | None = None


class PhotosWish(Wish):
    """Some photos."""

    photos: list[str] = Field(max_length=MAX_SELECTED)


class RateWish(PhotosWish):
    rating: int = Field(ge=0, le=5)
    having: int | None = Field(None, ge=0, le=5)
    """Those alone that have so many stars by now: what was rated otherwise since stays."""


class TitleWish(Wish):
    title: str = Field(max_length=MAX_TITLE)


def add_routes(
    api: APIRouter,
    library: Library,
    tagger: Tagger,
    changes: Changes,
    people_changed: Callable[[str], None],
    owner: type[str],
) -> None:
    """Add all of them to the routes of the app. people_changed: is told the owner where other names may count."""
    _settings_routes(api, library, tagger, changes, people_changed, owner)
    _photo_routes(api, library, changes, owner)


def _settings_routes(
    api: APIRouter,
    library: Library,
    tagger: Tagger,
    changes: Changes,
    people_changed: Callable[[str], None],
    owner: type[str],
) -> None:
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
        if wish.detector is not None:
            named(tagging.DETECTORS, wish.detector)
        said = {"tag_sure": wish.tagSure, "face_sure": wish.faceSure, "detector": wish.detector}
        library.gallery.set(who, **{name: value for name, value in said.items() if value is not None})
        people_changed(who)
        return _settings(library, who)

    @api.get("/gallery/news")
    async def news(who: owner, seen: int = -1):
        """How far tagging is, as soon as there is news that the page has not `seen`, of that or anything it shows."""

        def number() -> int:
            return tagger.number + changes.version(who)

        await http.changed(number, seen)
        told = {"number": number(), "version": changes.version(who)}
        return await run_sync(tagger.progress, who) | told


def _photo_routes(api: APIRouter, library: Library, changes: Changes, owner: type[str]) -> None:
    @api.patch("/gallery/photos/{photo_id}", status_code=204)
    def entitle(who: owner, photo_id: str, wish: Annotated[TitleWish, http.body(TitleWish)]) -> None:
        library.gallery.set_title(who, photo_id, wish.title)
        changes.tell(who)

    @api.post("/gallery/rate")
    def rate(who: owner, wish: Annotated[RateWish, http.body(RateWish)]):
        """Give photos stars, and tell how many they had."""
        before = library.gallery.rate(who, wish.photos, wish.rating, wish.having)
        changes.tell(who)
        return {
            "changed": sum(map(len, before.values())),
            "before": [{"rating": rating, "photos": ids} for rating, ids in before.items()],
        }

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
