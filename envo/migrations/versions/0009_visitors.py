"""It is known when visitors without an account were last here; those of before were here just now."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "visitor",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("visitor_seen", "visitor", ["seen_at"])
    visitor = sa.table("visitor", sa.column("owner"), sa.column("seen_at", sa.DateTime(timezone=True)))
    photo = sa.table("photo", sa.column("owner"))
    now = sa.literal(datetime.now(UTC), sa.DateTime(timezone=True))
    theirs = sa.select(photo.c.owner, now).where(photo.c.owner.like("visitor:%")).distinct()
    op.execute(sa.insert(visitor).from_select(["owner", "seen_at"], theirs))
