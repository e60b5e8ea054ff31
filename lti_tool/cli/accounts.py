"""``lti-tool account``."""

from __future__ import annotations

from dataclasses import asdict
from typing import BinaryIO

import click

from lti_tool.cli import application, fail, print_json


@click.group()
def account() -> None:
    """Accounts: tenants of the tool."""


@account.command()
@click.argument("name")
@click.option(
    "--partner-id",
    type=click.IntRange(1, 2**31 - 1),
    help="The account's number; default: the next free one.",
)
def create(name: str, partner_id: int | None) -> None:
    """Make an account and print its secrets, once."""
    from lti_tool.access.accounts import create_account
    from lti_tool.models import begin_write, db

    with application().app_context():
        begin_write()
        try:
            made = create_account(name, partner_id=partner_id)
        except ValueError as error:
            fail(f"{error}.")
        db.session.commit()
    print_json(asdict(made))


@account.command()
@click.argument("partner_id", type=int, metavar="N")
@click.argument("name", metavar="FLAG")
@click.argument("value", type=click.Choice(["yes", "no"]))
def flag(partner_id: int, name: str, value: str) -> None:
    """Set a switch of account N, such as theming.analytics."""
    from lti_tool.access.flags import FLAGS, set_flag
    from lti_tool.models import Account, begin_write, db

    if name not in FLAGS:
        fail(f"there is no switch '{name}'; there are: {', '.join(FLAGS)}.")
    with application().app_context():
        begin_write()
        if db.session.get(Account, partner_id) is None:
            fail(f"there is no account {partner_id}.")
        set_flag(partner_id, name, value == "yes", actor="command line")
        db.session.commit()
    print_json({"account": partner_id, "flag": name, "value": value})


@account.command()
@click.argument("partner_id", type=int, metavar="N")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--remove", is_flag=True, help="Remove it instead.")
def logo(partner_id: int, file: BinaryIO | None, remove: bool) -> None:
    """Set the picture (PNG or JPEG) that stands on the PDFs of account N."""
    from flask import g

    from lti_tool.access.logo import MOST_BYTES, remove_logo, set_logo
    from lti_tool.errors import ToolError
    from lti_tool.models import Account, begin_write, db

    if (file is None) == (not remove):
        raise click.UsageError("Give either a file or --remove.")
    with application().app_context():
        g.actor = None  # refusals in the usual language
        begin_write()
        if db.session.get(Account, partner_id) is None:
            fail(f"there is no account {partner_id}.")
        try:
            if file is None:
                remove_logo(partner_id, actor="command line")
            else:
                set_logo(partner_id, file.read(MOST_BYTES + 1), actor="command line")
        except ToolError as error:
            fail(f"{error.message} {error.advice}")
        db.session.commit()
    print_json({"account": partner_id, "logo": "removed" if remove else "set"})


COMMANDS = (account,)
