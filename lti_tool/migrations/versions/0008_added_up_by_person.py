"""What each person played since a session began, and which percentiles were watched, is added up at folding.

Everything is folded anew by the next sweep.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "playback_retention",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plays", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_playback_retention_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "quarter", name=op.f("pk_playback_retention")),
    )
    op.create_table(
        "session_viewer",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("watched_ms", sa.BigInteger(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("measured_plays", sa.Integer(), nullable=False),
        sa.Column("percentiles", sa.Integer(), nullable=False),
        sa.Column("completion", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_viewer_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["room_session.id"], name=op.f("fk_session_viewer_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_session_viewer")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_session_viewer_person_id"), "session_viewer", ["person_id"])
    for column in ("name_key", "impressions", "plays", "watched_ms", "completion"):
        op.create_index(f"ix_session_viewer_{column}", "session_viewer", ["session_id", column, "person_id"])
    with op.batch_alter_table("play", schema=None) as batch_op:
        batch_op.add_column(sa.Column("percentiles", sa.Integer(), nullable=True))
    _add_to_filled("playback_quarter", sa.Column("measured_plays", sa.Integer(), nullable=False, server_default="0"))
    _add_to_filled("playback_quarter", sa.Column("percentiles", sa.Integer(), nullable=False, server_default="0"))
    _order_playback_by_person()
    op.execute("UPDATE entry SET stale = true")


def _order_playback_by_person() -> None:
    """Only folding reads it, which fills it anew."""
    op.drop_table("playback")
    op.create_table(
        "playback",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG_ID, nullable=False),
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("watched_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_playback_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_playback_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "person_id", "quarter", name=op.f("pk_playback")),
        sqlite_with_rowid=False,
    )


def _add_to_filled(table: str, column: "sa.Column[object]") -> None:
    """Rows that are there already get the default, which does not stay."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(column)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(column.name, server_default=None)
