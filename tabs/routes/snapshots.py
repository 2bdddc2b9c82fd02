"""The HTTP routes of snapshots: states of a photo's edit that are kept by name."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from envo import edits
from envo.library import Library
from envo.settings import MAX_NAME
from tabs.web import http
from tabs.work.wish import Wish


class SnapshotWish(Wish):
    name: str = Field("", max_length=MAX_NAME)
    document: dict[str, Any]


class SnapshotName(Wish):
    name: str = Field(max_length=MAX_NAME)


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.get("/photos/{photo_id}/snapshots")
    def all_snapshots(who: owner, photo_id: str):
        """The latest first."""
        return {"snapshots": [asdict(row) for row in library.snapshots.all(who, photo_id)]}

    @api.post("/photos/{photo_id}/snapshots")
    def keep(who: owner, photo_id: str, wish: Annotated[SnapshotWish, http.body(SnapshotWish)]):
        return asdict(library.snapshots.add(who, photo_id, wish.name, edits.parse(wish.document)))

    @api.patch("/photos/{photo_id}/snapshots/{snapshot_id}", status_code=204)
    def rename(
        who: owner, photo_id: str, snapshot_id: str, wish: Annotated[SnapshotName, http.body(SnapshotName)]
    ) -> None:
        library.snapshots.rename(who, photo_id, snapshot_id, wish.name)

    @api.delete("/photos/{photo_id}/snapshots/{snapshot_id}", status_code=204)
    def delete(who: owner, photo_id: str, snapshot_id: str) -> None:
        library.snapshots.delete(who, photo_id, snapshot_id)

    @api.post("/photos/{photo_id}/snapshots/{snapshot_id}/restore", status_code=204)
    def restore(who: owner, photo_id: str, snapshot_id: str) -> None:
        library.snapshots.restore(who, photo_id, snapshot_id)
