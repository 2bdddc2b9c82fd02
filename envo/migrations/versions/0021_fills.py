"""What was erased may have several fills, one of which is chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("result", sa.Column("first", sa.String(32)))
    op.add_column("result", sa.Column("chosen", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("result", sa.Column("masked", sa.Boolean, nullable=False, server_default=sa.false()))
