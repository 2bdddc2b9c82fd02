"""It is known whose edits follow people, and who of these people became somebody else."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("edit", sa.Column("moves", sa.Integer, nullable=False, server_default="0"))
    photo = sa.ForeignKey("photo.id", ondelete="CASCADE")
    op.create_table(
        "follower",
        sa.Column("photo_id", sa.String(32), photo, primary_key=True, nullable=False),
        sa.Column("person_id", sa.String(40), primary_key=True, nullable=False),
    )
    op.create_index("follower_person", "follower", ["person_id"])
    op.create_table(
        "former_person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("folded", sa.String(200), nullable=False),
        sa.Column("into", sa.String(32)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("former_person_folded", "former_person", ["owner", "folded"])
