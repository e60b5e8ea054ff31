"""``lti-tool db``."""

from __future__ import annotations

import click


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema; safe to repeat."""
    from lti_tool import migrations
    from lti_tool.app import create_app
    from lti_tool.models import db as database

    with create_app().app_context():
        migrations.upgrade(database.engine)
    click.echo("The database has the newest schema.", err=True)


COMMANDS = (db,)
