"""People are found by what names are compared by; photos may be looked at anew without losing what was seen."""

import sqlalchemy as sa
from alembic import op

from envo.people import folded

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("person", sa.Column("folded", sa.String(200), nullable=False, server_default=""))
    person = sa.table("person", *map(sa.column, ("id", "name", "folded")))
    for row in list(op.get_bind().execute(sa.select(person.c.id, person.c.name))):
        op.execute(sa.update(person).where(person.c.id == row.id).values(folded=folded(row.name)))
    op.create_index("person_folded", "person", ["owner", "folded"])
    op.add_column("photo", sa.Column("is_outdated", sa.Boolean, nullable=False, server_default=sa.false()))
