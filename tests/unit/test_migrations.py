"""The migrated schema is the models' schema, on both databases."""

from importlib import import_module

from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, select

from lti_tool import migrations
from lti_tool.models import Attendance, Entry, Model, Person, begin_write, db
from tests.actors import account_with


def test_migrated_schema_equals_the_models(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Model.metadata) == []
    engine.dispose()


def test_upgrade_is_safe_to_repeat(database_url: str) -> None:
    engine = create_engine(database_url)
    migrations.upgrade(engine)
    assert migrations.current(engine)
    engine.dispose()


def test_old_names_are_found_by_any_apostrophe(app: Flask) -> None:
    hour = {"startTime": 1_778_600_000_000, "endTime": 1_778_603_600_000}
    catalog = {
        "people": [{"id": "u1", "firstName": "Brid", "lastName": "O\u2019Hara"}, {"id": "u2", "lastName": "Okafor"}],
        "entries": [{"id": "r1", "name": "Room", "type": "room"}],
        "sessions": [{"id": "s1", "entryId": "r1", **hour}],
    }
    beat = {"name": "view", "time": hour["startTime"] + 60_000, "seconds": 60, "entryId": "r1", "sessionId": "s1"}
    account_with(app, catalog, [{"id": "e1", "userId": "u1", **beat}])
    with app.app_context():
        begin_write()
        for model in (Person, Attendance):
            for row in db.session.scalars(select(model).where(model.name_key.contains("hara"))):
                assert row.name_key == "brid o'hara"
                row.name_key = "brid o\u2019hara"  # as it was before
        db.session.scalars(select(Entry).filter_by(external_id="r1")).one().name = ""
        db.session.commit()
        with db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
            import_module("lti_tool.migrations.versions.0012_one_apostrophe").upgrade()
        assert sorted(db.session.scalars(select(Person.name_key))) == ["brid o'hara", "okafor"]
        assert db.session.scalars(select(Attendance.name_key)).all() == ["brid o'hara"]
        assert db.session.scalars(select(Entry.name)).all() == ["r1"]
