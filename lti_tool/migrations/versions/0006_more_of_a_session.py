"""Raised hands, threads, downloads, the stage, presented media; what of a recording was watched, where and on what.

Everything is folded anew by the next sweep.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "playback_viewer",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("operating_system", sa.String(length=64), nullable=True),
        sa.Column("browser", sa.String(length=64), nullable=True),
        sa.Column("context_from", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_playback_viewer_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_playback_viewer_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name=op.f("pk_playback_viewer")),
    )
    with op.batch_alter_table("playback_viewer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_playback_viewer_person_id"), ["person_id"], unique=False)

    op.create_table(
        "media_edge",
        sa.Column(
            "event_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("media_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_media_edge_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["room_session.id"], name=op.f("fk_media_edge_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_pk", name=op.f("pk_media_edge")),
    )
    with op.batch_alter_table("media_edge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_edge_session_id"), ["session_id"], unique=False)

    op.create_table(
        "moment",
        sa.Column(
            "event_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_moment_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["room_session.id"], name=op.f("fk_moment_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_pk", name=op.f("pk_moment")),
    )
    with op.batch_alter_table("moment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moment_session_id"), ["session_id"], unique=False)

    op.create_table(
        "stage_edge",
        sa.Column(
            "event_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stage_edge_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["room_session.id"], name=op.f("fk_stage_edge_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_pk", name=op.f("pk_stage_edge")),
    )
    with op.batch_alter_table("stage_edge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_edge_session_id"), ["session_id"], unique=False)

    op.execute("DELETE FROM play")
    op.execute("UPDATE entry SET stale = true")
    with op.batch_alter_table("play", schema=None) as batch_op:
        batch_op.add_column(sa.Column("positions", sa.LargeBinary(), nullable=False))
        batch_op.alter_column("time_ms", existing_type=sa.BIGINT(), nullable=True)
    with op.batch_alter_table("session_facts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("presented", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("session_facts", schema=None) as batch_op:
        batch_op.alter_column("presented", server_default=None)
