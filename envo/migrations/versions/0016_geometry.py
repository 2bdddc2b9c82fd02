"""Whoever lists photos knows how their edits crop and turn them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # No edit that is there has a crop.
    op.add_column("edit", sa.Column("geometry", sa.JSON))
