"""Photos keep colours outside of sRGB, and light above white."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # What there is was shown in sRGB so far, and its renditions are.
    op.add_column("blob", sa.Column("gamut", sa.String(16), nullable=False, server_default="srgb"))
    op.add_column("blob", sa.Column("headroom", sa.Float, nullable=False, server_default="0"))
