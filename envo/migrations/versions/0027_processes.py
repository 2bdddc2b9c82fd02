"""Several processes work on one library: which of them does what, what visitors asked for, and what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "process",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("beat", sa.Integer, nullable=False),
    )
    op.create_table(
        "claim",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("process_id", sa.String(32), sa.ForeignKey("process.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("claim_process", "claim", ["process_id"])
    op.create_table(
        "job",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("photo_id", sa.String(32), sa.ForeignKey("photo.id", ondelete="CASCADE")),
        sa.Column("wish", sa.JSON),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("fraction", sa.Float),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("is_wanted", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("job_owner", "job", ["owner", "kind", "created_at"])
    op.create_index("job_state", "job", ["state"])
    op.create_index("job_photo", "job", ["photo_id"])
    op.create_table(
        "news",
        sa.Column("whose", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("teller", sa.String(32), nullable=False),
    )
    op.create_index("news_number", "news", ["number"])
