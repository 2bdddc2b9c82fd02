"""It is known which photo of the library a result became; those of before are kept again by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("result", sa.Column("kept", sa.String(32)))
