"""Pictures of edited photos are kept; which edits change anything is known, and which of them results carry."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("edit", sa.Column("shown", sa.Integer, nullable=False, server_default="0"))
    op.add_column("result", sa.Column("edit", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "rendition",
        sa.Column(
            "photo_id", sa.String(32), sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True, nullable=False
        ),
        sa.Column("edge", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("rendition_created", "rendition", ["edge", "created_at"])
    names = ("photo_id", "version", "document", "shown")
    edit = sa.table("edit", *(sa.column(name, sa.JSON if name == "document" else None) for name in names))
    connection = op.get_bind()
    there = connection.execute(sa.select(edit.c.photo_id, edit.c.version, edit.c.document).where(edit.c.version > 0))
    for photo_id, version, document in there.all():
        if document and any(_shows(layer) for layer in document.get("layers", ())):
            connection.execute(sa.update(edit).where(edit.c.photo_id == photo_id).values(shown=version))


def _shows(layer: dict) -> bool:
    return bool(layer.get("visible", True) and layer.get("opacity", 1) > 0 and layer.get("adjustments"))
