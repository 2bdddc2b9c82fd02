"""Faces are told apart by two networks, where they were by one: those of photos looked at before are embedded anew."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_BEFORE = "dlib"


def upgrade() -> None:
    photo = sa.table(
        "photo", sa.column("id"), sa.column("sha256"), sa.column("is_tagged"), sa.column("is_outdated", sa.Boolean)
    )
    sight = sa.table("sight", sa.column("sha256"), sa.column("face_engine"), sa.column("face_embeddings"))
    face = sa.table("face", sa.column("photo_id"), sa.column("engine"))
    seen = sa.select(sight.c.sha256).where(sight.c.face_engine == _BEFORE, sight.c.face_embeddings.is_not(None))
    of_photos = sa.select(face.c.photo_id).where(face.c.engine == _BEFORE)
    outdated = sa.or_(photo.c.sha256.in_(seen), photo.c.id.in_(of_photos))
    op.execute(sa.update(photo).where(outdated).values(is_tagged=sa.false(), is_outdated=sa.true()))
