"""An attendance without a rate holds -1, so that it sorts below 0 on every database."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE attendance SET rate = -1 WHERE rate IS NULL")
    with op.batch_alter_table("attendance") as batch_op:
        batch_op.alter_column("rate", existing_type=sa.Double(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("attendance") as batch_op:
        batch_op.alter_column("rate", existing_type=sa.Double(), nullable=True)
    op.execute("UPDATE attendance SET rate = NULL WHERE rate < 0")
