"""One row a play; from when to when events name no session; room for any device's name; no digest of the facts.

Entries with playback or unnamed events are folded anew by the next sweep.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "play",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("play_id", sa.String(255), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_play_entry_id_entry", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_play_person_id_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "person_id", "play_id", name="pk_play"),
    )
    op.create_index("ix_play_person_id", "play", ["person_id"])
    op.create_index("ix_play_time", "play", ["entry_id", "time_ms"])
    op.execute("UPDATE entry SET stale = true WHERE loose OR id IN (SELECT entry_id FROM playback)")
    with op.batch_alter_table("entry") as batch_op:
        batch_op.add_column(sa.Column("first_loose_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("last_loose_ms", sa.BigInteger(), nullable=True))
        batch_op.drop_column("loose")
    with op.batch_alter_table("playback") as batch_op:
        batch_op.drop_column("plays")
    with op.batch_alter_table("session_facts") as batch_op:
        batch_op.drop_column("version")
    with op.batch_alter_table("attendance") as batch_op:
        batch_op.alter_column("device", existing_type=sa.String(16), type_=sa.String(64))
