"""The HTTP routes of selecting: engines, clicks, steps on masks, masks in and cutouts out."""

import base64
from typing import Annotated, Any, Literal

import numpy as np
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import Base64Bytes, Field

from envo import cutout, masks, memory, settings
from envo.library import Library
from models import select
from tabs.routes.engines import add_fetching
from tabs.web import http
from tabs.work.scheduler import Rank
from tabs.work.selections import Answer, Gestures, Picture, Selector
from tabs.work.wish import Wish


class SelectWish(Wish):
    """Clicks in their order and a box, in pixels of the original; see `tabs.work.selections.Gestures`."""

    engine: str = "auto"
    points: tuple[tuple[float, float, bool], ...] = ()
    box: tuple[float, float, float, float] | None = None
    start: Base64Bytes | None = None
    picture: str | None = None
    """Id of the result that is clicked in."""
    choice: int = Field(0, ge=0, le=2)


class StepWish(Wish):
    mask: Base64Bytes
    step: Literal["grow", "shrink", "feather", "fill", "largest", "refine"]
    amount: float = Field(0, ge=0, le=settings.MAX_MASK_STEP)
    picture: str | None = None


class CutoutWish(Wish):
    mask: Base64Bytes
    picture: str | None = None
    original: bool = False
    """Whether to cut out of the photo as it came, where there is no such picture; else as its edit shows it."""


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    selector = Selector(library)
    _engine_routes(api, owner)
    _click_routes(api, library, selector, owner)
    _mask_routes(api, library, selector, owner)


def _engine_routes(api: APIRouter, owner: type[str]) -> None:
    far = add_fetching(api, "select", select.ENGINES, owner)

    @api.get("/select/engines")
    def engines(who: owner):
        """What there is to select with, and what is being fetched."""
        return {
            "engines": [http.engine(engine) for engine in select.ENGINES.values()],
            "auto": select.auto().name if select.ENGINES else None,
            **far(),
        }


def _click_routes(api: APIRouter, library: Library, selector: Selector, owner: type[str]) -> None:
    def find(who: str, photo_id: str, result_id: str | None) -> Picture:
        if result_id:
            library.results.one(who, photo_id, result_id)
        return Picture(who, library.photo(who, photo_id), result_id)

    @api.get("/photos/{photo_id}/select/prepared")
    async def prepared(who: owner, photo_id: str, engine: str = "auto", picture: str | None = None, seen: int = -1):
        """Prepare a photo for clicks: how far that is, as soon as there is news that the page has not `seen`."""
        clicked = await run_sync(find, who, photo_id, picture)
        await run_sync(selector.prepare, clicked, engine)

        def now() -> dict[str, Any]:
            far, name = selector.progress(clicked, engine)
            return {**http.progress(far), "engine": name}

        return await http.heard(now, seen, lambda: selector.number)

    @api.post("/photos/{photo_id}/select")
    @http.heavy
    def click(who: owner, photo_id: str, wish: Annotated[SelectWish, http.body(SelectWish)]):
        return told(selector.answer(find(who, photo_id, wish.picture), wish.engine, gestures(wish)))

    @api.post("/photos/{photo_id}/select/glance")
    async def glance(request: Request, who: owner, photo_id: str, wish: Annotated[SelectWish, http.body(SelectWish)]):
        """What a click would select, while the pointer rests there; without a photo that is ready, nothing."""

        def look() -> dict[str, Any] | None:
            answer = selector.glance(find(who, photo_id, wish.picture), wish.engine, gestures(wish))
            return answer and told(answer)

        return await http.while_asked(request, who, lambda check: look(), Rank.GLANCE)

    def gestures(wish: SelectWish) -> Gestures:
        return Gestures(wish.points, wish.box, wish.start, wish.choice)


def told(answer: Answer) -> dict[str, Any]:
    """What clicks select, as the browser gets it."""
    return {
        "engine": answer.engine,
        "label": select.ENGINES[answer.engine].label,
        "seconds": answer.seconds,
        "candidates": [
            {"score": score, "share": share, "mask": _base64(png)} for score, share, png in answer.candidates
        ],
    }


def _mask_routes(api: APIRouter, library: Library, selector: Selector, owner: type[str]) -> None:
    @api.post("/photos/{photo_id}/mask-steps")
    @http.heavy
    def step(who: owner, photo_id: str, wish: Annotated[StepWish, http.body(StepWish)]):
        """One step on a mask; `amount` is in pixels of the working size, where the step has one."""
        row = library.photo(who, photo_id)
        mask = masks.read_matte(wish.mask, row.working_size)
        changed = {
            "grow": lambda: masks.grow(mask, round(wish.amount)),
            "shrink": lambda: masks.shrink(mask, round(wish.amount)),
            "feather": lambda: masks.to_uint8(masks.blur(mask.astype(np.float32) / 255, wish.amount)),
            "fill": lambda: masks.fill_holes(mask),
            "largest": lambda: masks.keep_largest(mask),
            "refine": lambda: masks.snap(mask, selector.image(Picture(who, row, wish.picture)), wish.amount),
        }[wish.step]()
        return {"mask": _base64(masks.encode_matte(changed))}

    @api.post("/photos/{photo_id}/mask-upload")
    async def upload(who: owner, photo_id: str, request: Request):
        """Read any picture file as a mask of the photo: what is white or painted in it, or shows of a cutout."""
        async with http.brought(request) as brought:
            return await http.while_asked(request, who, lambda check: as_mask(who, photo_id, brought()))

    def as_mask(who: str, photo_id: str, data: bytes) -> dict[str, str]:
        size, original = library.photo(who, photo_id).working_size, library.file(who, photo_id)
        mask = masks.read_mask(data, size, original.stored.orientation)
        return {"mask": _base64(masks.encode_matte(mask))}

    @api.post("/photos/{photo_id}/cutout")
    @http.heavy
    def cut(who: owner, photo_id: str, wish: Annotated[CutoutWish, http.body(CutoutWish)]):
        """What is in the mask, at full size, the rest transparent."""
        row = library.photo(who, photo_id)
        mask = masks.read_matte(wish.mask, row.working_size)
        with memory.PHOTOS:
            is_own = wish.picture or wish.original
            own = library.own(who, photo_id, wish.picture) if is_own else library.renditions.own(who, photo_id)[1]
            cut = cutout.cut_out(own, mask)
            is_edited = library.results.one(who, photo_id, wish.picture).edit if wish.picture else not wish.original
            frame = library.framing(who, photo_id) if is_edited else None
            done = library.finished(who, photo_id, cut.framed(frame).png(), "PNG", frame)
        return http.download(done.data, "image/png", cutout.name(row.name), [*cut.notes, *done.notes])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
