"""A program may ask for a report by mail without being a person of the account."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.alter_column("person_id", existing_type=key, nullable=True)
