"""A session knows its last event. Everything is folded anew by the next sweep."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("room_session") as batch_op:
        batch_op.add_column(sa.Column("last_ms", sa.BigInteger(), nullable=True))
    op.execute("UPDATE entry SET stale = true")
