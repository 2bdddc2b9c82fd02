"""The gallery: tags, faces, people, and photos that arrive in zips."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in (
        sa.Column("likeness", sa.BigInteger),
        sa.Column("taken_at", sa.DateTime),
        sa.Column("camera", sa.Text),
    ):
        op.add_column("blob", column)
    for column in (
        sa.Column("title", sa.Text, nullable=False, server_default=""),
        sa.Column("sidecar", sa.LargeBinary),
        sa.Column("is_read", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_tagged", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("photo", column)
    op.create_table(
        "gallery",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("tag_sure", sa.Float, nullable=False),
        sa.Column("face_sure", sa.Float, nullable=False),
        sa.Column("detector", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "sight",
        sa.Column("sha256", sa.String(64), sa.ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("embedding", sa.LargeBinary),
        sa.Column("engine", sa.String(80), nullable=False),
        sa.Column("faces", sa.JSON, nullable=False),
        sa.Column("face_embeddings", sa.LargeBinary),
        sa.Column("face_engine", sa.String(80), nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "tag",
        sa.Column("photo_id", sa.String(32), sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("word", sa.String(200), primary_key=True),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("engine", sa.String(80), nullable=False),
        sa.Column("parents", sa.JSON, nullable=False),
        sa.Column("boxes", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
    )
    op.create_index("tag_word", "tag", ["word", "photo_id"])
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("owner", "name", name="person_owner"),
    )
    op.create_table(
        "face",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("photo_id", sa.String(32), sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("box", sa.JSON, nullable=False),
        sa.Column("sure", sa.Float, nullable=False),
        sa.Column("engine", sa.String(80), nullable=False),
        sa.Column("embedding", sa.LargeBinary),
        sa.Column("person_id", sa.String(32), sa.ForeignKey("person.id", ondelete="SET NULL")),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("refused", sa.JSON, nullable=False),
    )
    op.create_index("face_photo", "face", ["photo_id"])
    op.create_index("face_person", "face", ["person_id"])
    op.create_table(
        "arrival",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("known", sa.Integer, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("arrival_owner", "arrival", ["owner", "created_at"])
