"""Words that people take for one are one; names have the endings of their files; each photo has a date of its own."""

import sqlalchemy as sa
from alembic import op

from envo import names

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _date_photos()
    _fold_words()
    _mend_names()


def _date_photos() -> None:
    """A date may be told by what lay beside one owner's photo: it is no longer that of a content."""
    op.add_column("photo", sa.Column("taken_at", sa.DateTime))
    of_content = "(SELECT taken_at FROM blob WHERE blob.sha256 = photo.sha256)"
    op.execute(f"UPDATE photo SET taken_at = {of_content}")
    op.drop_column("blob", "taken_at")


def _fold_words() -> None:
    op.add_column("tag", sa.Column("folded", sa.Text, nullable=False, server_default=""))
    tag = sa.table("tag", *map(sa.column, ("photo_id", "word", "folded", "state", "confidence")))
    # Of two that are one, what the owner accepted counts for more than what the owner removed, or an engine found.
    weight = sa.case((tag.c.state == "accepted", 0), (tag.c.state == "removed", 1), else_=2)
    by_weight = (weight, tag.c.confidence.desc(), tag.c.word)
    kept, gone = {}, []
    for row in op.get_bind().execute(sa.select(tag).order_by(*by_weight)):
        key = (row.photo_id, names.folded(row.word))
        if key in kept:
            gone.append({"of": row.photo_id, "was": row.word})
        else:
            kept[key] = row.word
    changes = [
        {"of": photo_id, "was": word, "word": names.printable(word), "folded": folded}
        for (photo_id, folded), word in kept.items()
    ]
    this = sa.and_(tag.c.photo_id == sa.bindparam("of"), tag.c.word == sa.bindparam("was"))
    for statement, values in ((sa.delete(tag), gone), (sa.update(tag), changes)):
        if values:
            op.get_bind().execute(statement.where(this), values)
    op.create_index("tag_folded", "tag", ["folded", "photo_id"], unique=True)


def _mend_names() -> None:
    photo = sa.table("photo", *map(sa.column, ("id", "sha256", "name", "original_name", "title")))
    blob = sa.table("blob", *map(sa.column, ("sha256", "format")))
    columns = (photo.c.id, photo.c.name, photo.c.original_name, photo.c.title, blob.c.format)
    rows = sa.select(*columns).join_from(photo, blob, photo.c.sha256 == blob.c.sha256)
    for row in list(op.get_bind().execute(rows)):
        came_as, name = names.safe_name(row.original_name), names.safe_name(row.name)
        if name != came_as and names.stem(name) == name:
            name = names.renamed(name, came_as, row.format)
        values = {"name": name, "title": names.printable(row.title)}
        if values != {"name": row.name, "title": row.title}:
            op.execute(sa.update(photo).where(photo.c.id == row.id).values(values))
