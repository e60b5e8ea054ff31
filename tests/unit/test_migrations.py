"""The migrated schema is the models' schema, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from lti_tool import migrations
from lti_tool.models import Model


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
