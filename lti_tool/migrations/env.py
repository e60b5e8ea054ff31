"""Alembic's environment: runs the migrations on the engine that ``migrations.config`` was given."""

from alembic import context

from lti_tool.models import Model

engine = context.config.attributes["engine"]
with engine.connect().execution_options(lti_tool_write=True) as connection:
    context.configure(connection=connection, target_metadata=Model.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
