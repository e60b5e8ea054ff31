"""The ``lti-tool`` command: thin wrappers; results on standard output, everything else on standard error.

Exit 0: done; 1: something was refused or failed; 2: wrong usage. Never a traceback.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, NoReturn

import click
from flask import Flask

from config.logging import configure, redacted
from config.settings import SettingsError

log = logging.getLogger(__name__)


def print_json(value: Any) -> None:
    """A result, on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def fail(message: str) -> NoReturn:
    """Something was refused: say it on standard error and exit 1."""
    click.echo(f"lti-tool: {message}", err=True)
    sys.exit(1)


def application() -> Flask:
    """The application for a command, its database at the newest schema (embedded defaults: migrated here)."""
    from lti_tool import migrations
    from lti_tool.app import create_app
    from lti_tool.models import db

    app = create_app()
    with app.app_context():
        if not migrations.current(db.engine):
            if app.config["SETTINGS"].production:
                fail("the database is not at the newest schema: run 'lti-tool db upgrade' first.")
            migrations.upgrade(db.engine)
    return app


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Room analytics for live video rooms, launched from an LMS by LTI 1.3."""


def main() -> None:
    """The console script."""
    configure(logging.WARNING)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        fail("stopped.")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SettingsError as error:
        fail(str(error))
    except Exception as error:
        log.debug("crash", exc_info=error)
        fail(redacted(f"{type(error).__name__}: {error}"))


def _load_commands() -> None:
    from lti_tool.cli import accounts, collecting, database, demo, platforms, report, serving

    for module in (accounts, collecting, database, demo, platforms, report, serving):
        for command in module.COMMANDS:
            cli.add_command(command)


_load_commands()
