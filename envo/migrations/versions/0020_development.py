"""Highlights of RAWs are rebuilt, and their coloured noise is taken out; those edited before stay as they were."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_BEFORE = {"highlights": "clip", "demosaic": "auto", "noise": "keep"}


def upgrade() -> None:
    connection = op.get_bind()
    blob = sa.table("blob", sa.column("sha256"), sa.column("format"))
    photo = sa.table("photo", sa.column("id"), sa.column("sha256"))
    edit = sa.table("edit", sa.column("photo_id"), sa.column("document", sa.JSON), sa.column("shown"))
    snapshot = sa.table("snapshot", sa.column("photo_id"), sa.column("document", sa.JSON), sa.column("id"))
    raws = sa.select(photo.c.id).join(blob, blob.c.sha256 == photo.c.sha256).where(blob.c.format == "RAW")
    # An edit that shows nothing is as the photo comes.
    for table, key, shows in ((edit, edit.c.photo_id, edit.c.shown > 0), (snapshot, snapshot.c.id, sa.true())):
        there = sa.select(key.label("key"), table.c.document).where(table.c.photo_id.in_(raws), shows)
        for row in connection.execute(there).all():
            document = {"development": _BEFORE, **row.document}
            connection.execute(sa.update(table).where(key == row.key).values(document=document))
