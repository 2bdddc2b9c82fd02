"""Where the faces are. Mattes are made anew, so that photos of before come apart into their new parts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("blob", sa.Column("faces", sa.JSON))
    op.execute("UPDATE blob SET matte_engine = NULL")
