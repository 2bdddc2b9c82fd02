"""The HTTP routes of restorations: what can be done, what a look suggests, how far it is, and what came of it."""

from collections import ChainMap
from dataclasses import replace
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response, StreamingResponse

from envo import controls, settings, takeaway
from envo.errors import NotFound
from envo.library import Library, Photo
from envo.restorations import Restoration
from models import cache, restore
from models.restore.base import Step
from tabs.routes.engines import add_fetching
from tabs.web import http
from tabs.work.restorations import SIZES, BatchWish, Looks, RestoreJob, RestoreWish, Restoring

ZIP_NAME = "restored.zip"


def add_routes(api: APIRouter, library: Library, restoring: Restoring, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _step_routes(api, owner)
    _look_routes(api, library, Looks(library), owner)
    _restoration_routes(api, library, restoring, owner)
    _batch_routes(api, library, restoring, owner)


def _step_routes(api: APIRouter, owner: type[str]) -> None:
    far = add_fetching(api, "restore", ChainMap(*(step.engines for step in restore.STEPS.values())), owner)

    @api.get("/restore/steps")
    def steps(who: owner):
        """The steps in their order, what each can be done with, and what is being fetched."""
        return {
            "steps": [_step(step) for step in restore.STEPS.values()],
            "sizes": [{"id": size.id, "label": size.label, "pixels": size.pixels} for size in SIZES.values()],
            "device": cache.torch_device_name(),
            **far(),
        }


def _look_routes(api: APIRouter, library: Library, looks: Looks, owner: type[str]) -> None:
    def find(who: str, photo_id: str, original: bool) -> Photo:
        row = library.present(who, photo_id)
        return replace(row, edit=0) if original else row

    @api.get("/photos/{photo_id}/look")
    async def look(who: owner, photo_id: str, seen: int = -1, original: bool = False):
        """What a look at the photo suggests, or how far it is, once there is news that the page has not `seen`.

        It is looked at as its edit shows it, unless the `original` is asked for.
        """
        row = await run_sync(find, who, photo_id, original)
        await run_sync(looks.request, row)
        now = await http.heard(lambda: http.progress(looks.progress(row)), seen, lambda: looks.number)
        is_done = now["state"] == "done"
        return {
            **now,
            "looks": {id: _look(each) for id, each in looks.of(row).items()} if is_done else None,
            "seconds": await run_sync(looks.seconds, row) if is_done else None,
        }

    @api.get("/photos/{photo_id}/marks")
    @http.heavy
    def marks(
        who: owner, photo_id: str, engine: str = "auto", sensitivity: float | None = None, original: bool = False
    ):
        """The scratches found, a grey PNG of the working size: above 127 is one. original: as for `look`."""
        return Response(looks.marks(find(who, photo_id, original), engine, sensitivity), media_type="image/png")


def _restoration_routes(api: APIRouter, library: Library, restoring: Restoring, owner: type[str]) -> None:
    restorations, jobs = library.restorations, restoring.one

    @api.post("/photos/{photo_id}/restorations", status_code=202)
    def start(who: owner, photo_id: str, wish: Annotated[RestoreWish, http.body(RestoreWish)]):
        return {"job": restoring.ask(who, photo_id, wish)}

    @api.get("/photos/{photo_id}/restorations")
    def all_restorations(who: owner, photo_id: str):
        """What came of the photo, and what is under way."""
        row = library.present(who, photo_id)
        return {
            "jobs": [_news(library, job) for job in jobs.under_way(who, row.id)],
            "restorations": [_restoration(library, who, each) for each in restorations.all(who, row.id)],
        }

    @api.get("/photos/{photo_id}/restorations/{job}")
    async def news(who: owner, photo_id: str, job: str, seen: int = -1):
        """How far a restoration is, as soon as there is news that the page has not `seen`."""
        queue = jobs.find(who, photo_id, job).queue
        return await http.heard(lambda: _news(library, jobs.find(who, photo_id, job)), seen, lambda: queue.number)

    @api.get("/photos/{photo_id}/restorations/{job}/preview")
    def preview(who: owner, photo_id: str, job: str):
        """The photo after the last step. A page adds the `number`, for each preview is another picture."""
        return http.preview(jobs.preview(who, photo_id, job))

    @api.delete("/photos/{photo_id}/restorations/{job}", status_code=204)
    def cancel(who: owner, photo_id: str, job: str) -> None:
        jobs.cancel(who, photo_id, job)

    @api.get("/photos/{photo_id}/restorations/{restoration_id}/before")
    @http.heavy
    def before(
        who: owner,
        photo_id: str,
        restoration_id: str,
        edge: Annotated[int, Query(ge=1)] = settings.DISPLAY_EDGE,
    ):
        """What lies under the restored photo, for a page to compare: its long edge is about `edge`, or its own."""
        path = restorations.before(who, photo_id, restoration_id, edge)
        if path:
            return FileResponse(path, media_type="image/jpeg", headers=http.KEEP)
        shown = settings.DISPLAY_EDGE if edge <= settings.DISPLAY_EDGE else settings.DETAIL_EDGE
        path, media_type = library.rendition(who, photo_id, shown)
        return FileResponse(path, media_type=media_type, headers=http.KEEP)

    @api.get("/photos/{photo_id}/restorations/{restoration_id}/invented")
    def invented(who: owner, photo_id: str, restoration_id: str):
        """How much of the restored photo was made up, a grey PNG of its proportions: 255 is all of it."""
        path = restorations.invented(who, photo_id, restoration_id)
        if path is None:
            raise NotFound("Nothing of this photo was made up.")
        return FileResponse(path, media_type="image/png", headers=http.KEEP)


def _batch_routes(api: APIRouter, library: Library, restoring: Restoring, owner: type[str]) -> None:
    jobs = restoring.many

    @api.post("/restorations/batch", status_code=202)
    def start(who: owner, wish: Annotated[BatchWish, http.body(BatchWish)]):
        return {"batch": restoring.ask_many(who, wish)}

    @api.get("/restorations/batch")
    def all_batches(who: owner):
        """Those that are under way, and those whose photos can still be had as one file."""
        return {"batches": [http.batch(job) for job in jobs.all(who)]}

    @api.get("/restorations/batch/{batch}")
    async def news(who: owner, batch: str, seen: int = -1):
        """How far a batch is, as soon as there is news that the page has not `seen`."""
        queue = jobs.find(who, None, batch).queue
        return await http.heard(lambda: http.batch(jobs.find(who, None, batch)), seen, lambda: queue.number)

    @api.delete("/restorations/batch/{batch}", status_code=204)
    def cancel(who: owner, batch: str) -> None:
        jobs.cancel(who, None, batch)

    @api.get("/restorations/batch/{batch}/zip")
    def zipped(who: owner, batch: str):
        """The photos that are done so far, as one file, which is made while it is sent."""
        content = http.made_in_line(who, takeaway.archive(restoring.files(jobs.find(who, None, batch))))
        headers = {"Content-Disposition": f'attachment; filename="{ZIP_NAME}"', "Cache-Control": "no-store"}
        return StreamingResponse(content, media_type="application/zip", headers=headers)


def _step(step: Step) -> dict[str, Any]:
    """A step as the browser gets it."""
    return {
        "id": step.id,
        "label": step.label,
        "about": step.about,
        "controls": controls.for_page(step.controls),
        "takesMarks": step.takes_marks,
        "engines": [http.engine(engine) for engine in step.engines.values()],
        "auto": step.pick().name,
    }


def _look(look: restore.Look) -> dict[str, Any]:
    return {"wanted": look.wanted, "reason": look.reason, "settings": look.settings}


def _news(library: Library, job: RestoreJob) -> dict[str, Any]:
    """How far a restoration is, as the browser gets it."""
    news = http.job(job)
    return {
        **news,
        "steps": [wish.id for wish in job.plan],
        "stepId": job.step_id,
        "done": [_did(each) for each in job.did],
        "restoration": _restoration(library, job.owner, job.restoration) if job.restoration else None,
    }


def _did(did: Any) -> dict[str, Any]:
    """What a step did, as the browser gets it."""
    return {
        "id": did.id,
        "name": restore.STEPS[did.id].label if did.id in restore.STEPS else did.id,
        "engine": did.engine,
        "label": did.label,
        "settings": did.settings,
        "said": did.said,
        "seconds": did.seconds,
        "changed": did.changed,
        "likeness": did.likeness,
    }


def _restoration(library: Library, owner: str, restoration: Restoration) -> dict[str, Any]:
    """A restoration as the browser gets it."""
    row = library.photo(owner, restoration.photo_id)
    return {
        "id": restoration.id,
        "source": restoration.source_id,
        "photo": http.photo(row),
        "steps": [_did(each) for each in restoration.steps],
        "notes": restoration.notes,
        "invented": library.restorations.invented(owner, restoration.source_id, restoration.id) is not None,
        "seconds": restoration.seconds,
        "width": row.width,
        "height": row.height,
        "created": restoration.created_at.isoformat(),
    }
