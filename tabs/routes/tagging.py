"""The HTTP routes of tags: what an owner says of them, and words for them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from envo.gallery import Tag
from envo.library import Library
from envo.settings import MAX_WORD, MAX_WORDS
from models import tagging
from models.tagging import words
from tabs.routes.gallery import PhotosWish
from tabs.web import http
from tabs.work.changes import Changes
from tabs.work.tagging import Tagger

ORIGINS = {**tagging.ORIGINS, "you": "said by you", "file": "read from the file"}
Words = Annotated[list[str], Field(max_length=MAX_WORDS)]


class TagWish(PhotosWish):
    """What an owner says of the tags of photos; `rename` has pairs of an old and a new word."""

    accept: Words = Field(default_factory=list)
    remove: Words = Field(default_factory=list)
    add: Words = Field(default_factory=list)
    forget: Words = Field(default_factory=list)
    rename: list[tuple[str, str]] = Field(default_factory=list, max_length=MAX_WORDS)


def add_routes(api: APIRouter, library: Library, tagger: Tagger, changes: Changes, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    gallery = library.gallery

    @api.post("/gallery/tags")
    def correct(who: owner, wish: Annotated[TagWish, http.body(TagWish)]):
        """Say it, and tell what was said before, as wishes that say that again."""
        accept = [*wish.accept, *wish.add]
        every = [*accept, *wish.remove, *wish.forget, *(word for pair in wish.rename for word in pair)]
        before = gallery.said(who, wish.photos, every)
        changed = gallery.correct(who, wish.photos, accept, wish.remove, wish.forget, words.lineage)
        for old, new in wish.rename:
            changed += gallery.rename(who, wish.photos, old, new, parents=words.lineage)
        tagger.learn(who)
        changes.tell(who)
        return {"changed": changed, "before": before}

    @api.get("/gallery/words")
    def suggestions(who: owner, start: Annotated[str, Query(max_length=MAX_WORD)] = ""):
        """Words that a visitor may mean: the own ones, then those that the engines know."""
        known = sorted(word for word in words.all_words() if start and word.startswith(start.lower()))
        return {"words": list(dict.fromkeys([*gallery.words(who, start), *known]))[:20]}

    @api.post("/gallery/again", status_code=202)
    def look_again(who: owner, wish: Annotated[PhotosWish, http.body(PhotosWish)]) -> None:
        """Have photos tagged anew, as by another engine."""
        library.gallery.look_again(who, wish.photos)
        tagger.wake()
        changes.tell(who)


def for_page(tag: Tag, sure: float) -> dict[str, Any]:
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
