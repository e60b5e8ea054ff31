"""``lti-tool report``."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from lti_tool.cli import application, fail


@click.command()
@click.argument("name", metavar="ID")
@click.option("--account", "account_id", type=int, required=True, metavar="N", help="The account's partner id.")
@click.option("--from", "start", required=True, metavar="T", help="A day or time, or seconds since 1970; UTC.")
@click.option("--to", "end", required=True, metavar="T", help="The same; a day is taken whole, a time is left out.")
@click.option("--filter", "filters", multiple=True, metavar="K=V", help="Such as entry_ids=1_a,1_b; may be repeated.")
@click.option("--descriptive", is_flag=True, help="Descriptive headers instead of the names of the API.")
@click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Default: shown.")
def report(  # noqa: PLR0917
    name: str, account_id: int, start: str, end: str, filters: tuple[str, ...], descriptive: bool, output: Path | None
) -> None:
    """Write report ID as CSV."""
    from lti_tool.errors import ToolError
    from lti_tool.models import Account, db
    from lti_tool.reports import registry

    make = registry.report(name)
    if make is None:
        raise click.UsageError(f"there is no report '{name}'; there are: {', '.join(registry.names())}")
    given = {"fromDate": _seconds(start, "--from", last=False), "toDate": _seconds(end, "--to", last=True)}
    for one in filters:
        key, is_, value = one.partition("=")
        if not is_:
            raise click.UsageError(f"--filter takes NAME=VALUE, not '{one}'")
        given[key] = value
    with application().app_context():
        if db.session.get(Account, account_id) is None:
            fail(f"there is no account {account_id}.")
        try:
            pieces = make(account_id, given, descriptive)
            first = next(pieces)  # before the file is made
        except ToolError as error:
            fail(f"{error.message}.")
        with click.open_file(str(output or "-"), "wb") as file:
            file.write(first)
            file.writelines(pieces)


def _seconds(text: str, option: str, *, last: bool) -> str:
    """Seconds since the epoch of a day (its end, if it is the last), a time, or seconds."""
    if text.isascii() and text.isdigit() and len(text) != 8:
        return text
    try:
        day = date.fromisoformat(text)
        moment = datetime.combine(day, time(), UTC).timestamp() + (86_400 if last else 0)
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            message = f"'{text}' is no time; use 2026-05-12, 2026-05-12T08:00:00Z or seconds since 1970"
            raise click.BadParameter(message, param_hint=option) from None
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return str(max(int(moment), 0))


COMMANDS = (report,)
