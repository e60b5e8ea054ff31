"""People are sorted by name and searched outside of sessions too: each keeps the key of the name."""

import sqlalchemy as sa
from alembic import op

from lti_tool.models.names import name_key

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAMES = ("first_name", "last_name", "display_name", "external_id")


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.alter_column("name_key", server_default=None)
    person = sa.table("person", sa.column("id"), sa.column("name_key"), *map(sa.column, _NAMES))
    connection = op.get_bind()
    keys = [
        {"pk": row.id, "key": name_key(_name(row))}
        for row in connection.execute(sa.select(person.c.id, *(person.c[name] for name in _NAMES)))
    ]
    if keys:
        statement = sa.update(person).where(person.c.id == sa.bindparam("pk")).values(name_key=sa.bindparam("key"))
        connection.execute(statement, keys)


def _name(row: "sa.Row[tuple[object, ...]]") -> str:
    full = " ".join(part for part in (row.first_name, row.last_name) if part)
    return full or row.display_name or row.external_id
