"""The HTTP routes under `/envo/`, all of them, and those of libraries for scripts."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.routing import BaseRoute

from envo.library import Library
from tabs.routes import (
    about,
    accounts,
    arrivals,
    auto,
    denoised,
    edits,
    everything,
    exports,
    finding,
    gallery,
    guides,
    lenses,
    luts,
    maps,
    mattes,
    pastes,
    people,
    photos,
    presets,
    renditions,
    restorations,
    results,
    selections,
    session,
    snapshots,
    tagging,
    takeaway,
    tokens,
    watermarks,
)
from tabs.routes import library as scripts
from tabs.web.visitors import Visitors
from tabs.work.arrivals import Unpacker
from tabs.work.changes import Changes
from tabs.work.denoised import Denoising
from tabs.work.exports import Exporting
from tabs.work.mattes import MatteJobs
from tabs.work.pastes import Pasting
from tabs.work.people import Naming
from tabs.work.renditions import Rendering
from tabs.work.restorations import Restoring
from tabs.work.results import Actions
from tabs.work.tagging import Tagger
from tabs.work.watch import Watch


def routes(library: Library, jobs: MatteJobs, visitors: Visitors) -> list[BaseRoute]:
    """All routes, for the app that Gradio serves."""
    owner = Annotated[str, Depends(visitors.owner_of)]
    api = APIRouter(prefix="/envo")
    changes = Changes(library.news)
    rendering = Rendering(library)

    def people_changed(who: str) -> None:
        rendering.ask_for_followers(who)
        changes.tell(who)

    actions, restoring, naming = Actions(library), Restoring(library), Naming(library, people_changed)
    exporting = Exporting(library)
    tagger = Tagger(library, changes.tell, naming.wake)

    def photos_came(who: str) -> None:
        tagger.wake()
        changes.tell(who)

    def edit_saved(who: str, photo_id: str) -> None:
        rendering.ask(who, photo_id)
        changes.tell(who)

    def edits_pasted(who: str, photo_ids: list[str]) -> None:
        for photo_id in reversed(photo_ids):  # who asks last is served first
            rendering.ask(who, photo_id)
        changes.tell(who)

    pasting, unpacker = Pasting(library, jobs, edits_pasted), Unpacker(library, photos_came)
    running = (restoring.one, restoring.many, exporting.jobs, actions)
    wakes = (pasting.wake, unpacker.wake, tagger.wake, *(each.take_over for each in running))
    Watch(library.claims, wakes, [each.heed for each in running])
    moving, guesses = session.Moving(library, (actions, restoring, naming, exporting), visitors), accounts.Guesses()
    session.add_routes(api, library, moving, visitors)
    if visitors.accounts:
        accounts.add_routes(api, visitors.accounts, guesses, moving, visitors)
    everything.add_routes(api, library, (actions, restoring, exporting), guesses, visitors, changes.tell, owner)
    about.add_routes(api, library, owner)
    photos.add_routes(api, library, jobs, photos_came, owner)
    renditions.add_routes(api, library, owner)
    edits.add_routes(api, library, edit_saved, owner)
    lenses.add_routes(api, library, owner)
    pastes.add_routes(api, library, pasting, owner)
    denoised.add_routes(api, library, Denoising(library), owner)
    mattes.add_routes(api, library, jobs, owner)
    guides.add_routes(api, library, owner)
    maps.add_routes(api, library, owner)
    auto.add_routes(api, library, owner)
    luts.add_routes(api, library, owner)
    presets.add_routes(api, library, owner)
    snapshots.add_routes(api, library, owner)
    selections.add_routes(api, library, owner)
    results.add_routes(api, library, actions, jobs, owner)
    restorations.add_routes(api, library, restoring, owner)
    gallery.add_routes(api, library, tagger, changes, people_changed, owner)
    finding.add_routes(api, library, owner)
    tagging.add_routes(api, library, tagger, changes, owner)
    people.add_routes(api, library, naming, owner)
    arrivals.add_routes(api, library, unpacker, photos_came, owner)
    takeaway.add_routes(api, library, owner)
    exports.add_routes(api, library, exporting, owner)
    watermarks.add_routes(api, library, owner)
    tokens.add_routes(api, library, owner)
    told = scripts.Told(photos_came, edit_saved, changes.tell, tagger.learn)
    return [*api.routes, *scripts.routes(library, jobs, told).routes]
