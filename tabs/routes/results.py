"""The HTTP routes of actions on photos: what can be done, how far it is, and what came of it."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from envo import backdrop, controls, settings
from envo.library import Library
from envo.results import Result
from models import cache, inpaint
from models.engine import Engine
from tabs.routes.engines import add_fetching
from tabs.web import http
from tabs.work.mattes import MatteJobs
from tabs.work.results import ActionJob, Actions, ActionWish


def add_routes(api: APIRouter, library: Library, actions: Actions, jobs: MatteJobs, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _engine_routes(api, owner)
    _action_routes(api, library, actions, owner)
    _result_routes(api, library, actions, jobs, owner)
    _file_routes(api, library, owner)


def _engine_routes(api: APIRouter, owner: type[str]) -> None:
    far = add_fetching(api, "replace", ChainMap(inpaint.ERASE, inpaint.REPLACE), owner)

    @api.get("/replace/engines")
    def engines(who: owner):
        """What each action can be done with, its settings, and what is being fetched."""
        return {
            "erase": _choice(inpaint.ERASE, inpaint.erase),
            "replace": _choice(inpaint.REPLACE, inpaint.replace),
            "background": {"kinds": backdrop.for_page()},
            "device": cache.torch_device_name(),
            **far(),
        }


def _action_routes(api: APIRouter, library: Library, actions: Actions, owner: type[str]) -> None:
    @api.post("/photos/{photo_id}/actions", status_code=202)
    def start(who: owner, photo_id: str, wish: Annotated[ActionWish, http.body(ActionWish)]):
        return {"job": actions.ask(who, photo_id, wish)}

    @api.get("/photos/{photo_id}/actions")
    def under_way(who: owner, photo_id: str):
        row = library.present(who, photo_id)
        return {"actions": [_news(library, job) for job in actions.under_way(who, row.id)]}

    @api.get("/photos/{photo_id}/actions/{job}")
    async def news(who: owner, photo_id: str, job: str, seen: int = -1):
        """How far an action is, as soon as there is news that the page has not `seen`."""
        queue = actions.find(who, photo_id, job).queue
        return await http.heard(lambda: _news(library, actions.find(who, photo_id, job)), seen, lambda: queue.number)

    @api.get("/photos/{photo_id}/actions/{job}/preview")
    def preview(who: owner, photo_id: str, job: str):
        """What the result looks like so far. A page adds the `number`, for each preview is another picture."""
        return http.preview(actions.preview(who, photo_id, job))

    @api.delete("/photos/{photo_id}/actions/{job}", status_code=204)
    def cancel(who: owner, photo_id: str, job: str) -> None:
        actions.cancel(who, photo_id, job)


def _result_routes(api: APIRouter, library: Library, actions: Actions, jobs: MatteJobs, owner: type[str]) -> None:
    results = library.results

    @api.get("/photos/{photo_id}/results")
    def all_results(who: owner, photo_id: str):
        row = library.present(who, photo_id)
        return {"results": [_result(library, who, each) for each in results.all(who, row.id)]}

    @api.delete("/photos/{photo_id}/results/{result_id}", status_code=204)
    def delete(who: owner, photo_id: str, result_id: str) -> None:
        results.delete(who, photo_id, result_id)

    @api.post("/photos/{photo_id}/results/{result_id}/restore")
    def restore(who: owner, photo_id: str, result_id: str):
        return _result(library, who, results.restore(who, photo_id, result_id))

    @api.post("/photos/{photo_id}/results/{result_id}/fills", status_code=202)
    def fills(who: owner, photo_id: str, result_id: str):
        """Has the hole that a result fills be filled in other ways, too: a job, as of any action."""
        return {"job": actions.ask_fills(who, library.present(who, photo_id).id, result_id)}

    @api.post("/photos/{photo_id}/results/{result_id}/choose")
    @http.heavy
    def choose(who: owner, photo_id: str, result_id: str):
        """Shows a result in place of the other fills of its hole, and keeps it in place of theirs."""
        kept, gone, notes = actions.choose(who, library.present(who, photo_id).id, result_id)
        return {"photo": http.photo(library.photo(who, kept)) if kept else None, "gone": gone, "notes": notes}

    @api.post("/photos/{photo_id}/results/{result_id}/keep")
    @http.heavy
    def keep(who: owner, photo_id: str, result_id: str):
        """Make a photo of the library of a result, unless it is one."""
        kept, added, notes = results.keep(who, photo_id, result_id)
        row = library.photo(who, kept)
        jobs.request(row, is_ahead=True)
        return {"photo": http.photo(row), "added": added, "notes": notes}


def _file_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    results = library.results

    @api.get("/photos/{photo_id}/results/{result_id}/image")
    @http.heavy
    def image(who: owner, photo_id: str, result_id: str, edge: Annotated[int, Query(ge=1)] = settings.DISPLAY_EDGE):
        """What a page shows: its long edge is about `edge`, or the result's own."""
        path, media_type = results.rendition(who, photo_id, result_id, edge)
        return FileResponse(path, media_type=media_type, headers=http.KEEP)

    @api.get("/photos/{photo_id}/results/{result_id}/thumbnail")
    def thumbnail(who: owner, photo_id: str, result_id: str):
        path = results.thumbnail(who, photo_id, result_id)
        return FileResponse(path, media_type="image/webp", headers=http.KEEP)

    @api.get("/photos/{photo_id}/results/{result_id}/download")
    @http.heavy
    def download(who: owner, photo_id: str, result_id: str):
        """The PNG of full size, which tells how it was made, and what is told of the photo."""
        name, done = results.download(who, photo_id, result_id)
        return http.download(done.data, "image/png", name, done.notes)


def _choice(engines: Mapping[str, Engine], pick: Callable[[], Engine]) -> dict[str, Any]:
    """The engines of an action as the browser gets them, and the one that "auto" stands for."""
    return {
        "engines": [_engine(engine) for engine in engines.values()],
        "auto": pick().name if engines else None,
    }


def _engine(engine: Engine) -> dict[str, Any]:
    """An engine with its settings, and how long it takes with their defaults."""
    told = {**http.engine(engine), "seconds": None, "controls": [], "schedulers": []}
    if isinstance(engine, inpaint.ReplaceEngine):
        told["seconds"] = engine.usual_seconds()
        told["controls"] = controls.for_page(engine.controls)
        told["schedulers"] = list(engine.schedulers)
    return told


def _news(library: Library, job: ActionJob) -> dict[str, Any]:
    """How far an action is, as the browser gets it."""
    results = [_result(library, job.owner, each) for each in job.results]
    return {**http.job(job), "action": job.action, "first": job.first, "results": results}


def _result(library: Library, owner: str, result: Result) -> dict[str, Any]:
    """A result as the browser gets it."""
    return {
        "id": result.id,
        "photo": result.photo_id,
        "action": result.action,
        "engine": result.engine,
        "label": result.label,
        "settings": result.settings,
        "invert": result.invert,
        "grow": result.grow,
        "start": result.start,
        "first": result.first,
        "chosen": result.chosen,
        "masked": result.masked,
        "edit": result.edit,
        "seconds": result.seconds,
        "note": result.note,
        "width": result.width,
        "height": result.height,
        "alpha": result.alpha,
        "kept": http.photo(library.photo(owner, result.kept)) if result.kept else None,
        "created": result.created_at.isoformat(),
    }
