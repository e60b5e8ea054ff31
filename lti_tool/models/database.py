"""The database handle: one engine per application, the same code on SQLite (WAL) and PostgreSQL.

Reading needs nothing special. A transaction that will write calls ``begin_write()`` first: on SQLite it takes the
write lock at once, so that a transaction never fails half way because another writer came first.
"""

from __future__ import annotations

import time
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, Engine, Integer, MetaData, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

# Named constraints, so that migrations can drop them on both databases.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite counts rows only in INTEGER PRIMARY KEY columns.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Model(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Model, disable_autonaming=True)


def now_ms() -> int:
    """The time, as everywhere in the database: milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def begin_write() -> Connection:
    """Begin the session's transaction as a writing one. Must be the first use of the session in it."""
    return db.session.connection(execution_options={"lti_tool_write": True})


def dialect_insert(table: Any) -> Any:
    """``INSERT`` with ``on_conflict_…`` for the database in use."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def prepare_engine(engine: Engine) -> None:
    """SQLite only: WAL, foreign keys, durable commits, patient locks and explicit BEGIN."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions behind our back
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout = 30000",
            "journal_mode = WAL",
            "synchronous = FULL",  # what was answered 'stored' survives a power cut
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("lti_tool_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
