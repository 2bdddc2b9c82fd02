"""Edits are pasted on many photos, photo by photo, and can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "paste",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("copy", sa.JSON),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("paste_owner", "paste", ["owner", "created_at"])
    op.create_index("paste_state", "paste", ["state"])
    op.create_table(
        "pasted",
        sa.Column("paste_id", sa.String(32), sa.ForeignKey("paste.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("photo_id", sa.String(32), sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("document", sa.JSON),
        sa.Column("is_back", sa.Boolean, nullable=False),
        sa.Column("left", sa.JSON, nullable=False),
        sa.Column("lacking", sa.JSON, nullable=False),
        sa.Column("absent", sa.JSON, nullable=False),
        sa.Column("unsure", sa.JSON, nullable=False),
    )
    op.create_index("pasted_photo", "pasted", ["photo_id"])
