"""Visitors' libraries are kept for fewer days than was promised: all visitors have these from today on."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    visitor = sa.table("visitor", sa.column("seen_at", sa.DateTime(timezone=True)))
    op.execute(sa.update(visitor).values(seen_at=datetime.now(UTC)))
