"""Names that differ in their apostrophes only are alike; what has an empty name is called by its id."""

import sqlalchemy as sa
from alembic import op

from lti_tool.models.names import name_key

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NAMES = ("first_name", "last_name", "display_name", "external_id")


def upgrade() -> None:
    person = sa.table("person", sa.column("id"), sa.column("name_key"), *map(sa.column, _NAMES))
    connection = op.get_bind()
    rows = connection.execute(sa.select(person.c.id, person.c.name_key, *(person.c[name] for name in _NAMES))).all()
    for row in rows:
        key = name_key(_name(row))
        if key != row.name_key:
            connection.execute(sa.update(person).where(person.c.id == row.id).values(name_key=key))
            for name in ("attendance", "session_viewer"):
                table = sa.table(name, sa.column("person_id"), sa.column("name_key"))
                connection.execute(sa.update(table).where(table.c.person_id == row.id).values(name_key=key))
    for name in ("channel", "entry", "attachment"):
        table = sa.table(name, sa.column("name"), sa.column("external_id"))
        connection.execute(sa.update(table).where(sa.func.trim(table.c.name) == "").values(name=table.c.external_id))


def _name(row: "sa.Row[tuple[object, ...]]") -> str:
    full = " ".join(part for part in (row.first_name, row.last_name) if part)
    return full or row.display_name or row.external_id
