"""What many people did is counted at folding: playback by quarter, viewers by country and device, answers of polls.

Everything is folded anew by the next sweep.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "playback_quarter",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("impressions", sa.Integer(), nullable=False),
        sa.Column("watched_ms", sa.BigInteger(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_playback_quarter_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "quarter", name=op.f("pk_playback_quarter")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session_playback",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("viewers", sa.Integer(), nullable=False),
        sa.Column("both", sa.Integer(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["room_session.id"], name=op.f("fk_session_playback_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_playback")),
    )
    with op.batch_alter_table("playback_viewer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_watched_quarter", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_playback_viewer_watched", ["entry_id", "last_watched_quarter", "person_id"], unique=False
        )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index("ix_vote_time", ["session_id", "poll_id", "time_ms", "event_id"], unique=False)

    _add_to_filled("poll", sa.Column("participants", sa.Integer(), nullable=False, server_default="0"))
    _add_to_filled("poll", sa.Column("choices", sa.JSON(), nullable=False, server_default="[]"))
    _add_to_filled("session_facts", sa.Column("countries", sa.JSON(), nullable=False, server_default="[]"))
    _add_to_filled("session_facts", sa.Column("devices", sa.JSON(), nullable=False, server_default="[]"))
    op.execute("UPDATE entry SET stale = true")


def _add_to_filled(table: str, column: "sa.Column[object]") -> None:
    """Rows that are there already get the default, which does not stay."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(column)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(column.name, server_default=None)
