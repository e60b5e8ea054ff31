"""``lti-tool report``: the CSV of a report, on standard output or into a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

import click

from lti_tool.cli import application, fail

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LATEST = 4_102_444_800_000  # 2100, in epoch milliseconds


@dataclass(frozen=True)
class Wanted:
    """What was asked on the command line; the times are epoch milliseconds, the second is not included."""

    account_id: int
    start_ms: int
    end_ms: int
    filters: Mapping[str, str]
    descriptive: bool


# A report: from what is wanted to the bytes of its file. Raises ``ToolError`` before the first of them.
Make = Callable[[Wanted], Iterator[bytes]]


def _known() -> dict[str, Make]:
    """All reports by name, in the order in which they are listed."""
    from lti_tool.reports import registry
    from lti_tool.reports.custom import REPORTS

    return {name: _custom(name) for name in REPORTS} | {name: _numbered(name) for name in registry.names()}


def _numbered(name: str) -> Make:
    """A report of the API: its filters go by the API's names, its times are seconds."""

    def make(wanted: Wanted) -> Iterator[bytes]:
        from lti_tool.reports import registry

        times = {"fromDate": str(wanted.start_ms // 1000), "toDate": str(-(-wanted.end_ms // 1000))}
        given = times | dict(wanted.filters)
        pieces = registry.lines(name, wanted.account_id, given, descriptive=wanted.descriptive)
        return chain([next(pieces, b"")], pieces)

    return make


def _custom(name: str) -> Make:
    def make(wanted: Wanted) -> Iterator[bytes]:
        from lti_tool.access.scope import Scope
        from lti_tool.reports.custom import REPORTS, Asked, lines, read_filters

        report, scope = REPORTS[name], Scope(wanted.account_id, whole_account=True, people=True)
        filters = read_filters(wanted.filters, report.filters)
        asked = Asked(scope, wanted.start_ms, wanted.end_ms, filters=filters)
        return lines(report, asked, descriptive=wanted.descriptive)

    return make


def _time(_context: click.Context, parameter: click.Parameter, text: str) -> int:
    from lti_tool.collect.contract import EventError, time_ms

    if _DAY.fullmatch(text):
        text += "T00:00:00Z"
    try:
        time = int(text) if text.isascii() and text.isdigit() else time_ms(text)
    except EventError as error:
        raise click.BadParameter(f"{error}; such as 1778600000000 or 2026-05-12T15:33:20Z", param=parameter) from error
    if time > LATEST:
        raise click.BadParameter("time is after 2100 (milliseconds since the epoch are expected)", param=parameter)
    return time


def _filters(_context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if not all(name and equals for name, equals, _ids in pairs):
        raise click.BadParameter("it takes name=ids, such as entry_ids=1_abc,1_def", param=parameter)
    found: dict[str, str] = {}
    for name, _equals, ids in pairs:
        found[name] = f"{found[name]},{ids}" if name in found else ids
    return found


@click.command("report")
@click.argument("name", metavar="ID")
@click.option("--account", "account_id", type=int, required=True, metavar="N", help="The account's partner id.")
@click.option(
    "--from",
    "start_ms",
    required=True,
    metavar="T",
    callback=_time,
    help="ISO 8601, a day (from 0:00 UTC) or epoch milliseconds.",
)
@click.option("--to", "end_ms", required=True, metavar="T", callback=_time, help="The same; not included.")
@click.option("--filter", "filters", multiple=True, metavar="K=V", callback=_filters, help="Such as entry_ids=1_a,1_b.")
@click.option("--descriptive", is_flag=True, help="Headers for people instead of names for machines.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Else: printed.")
def report(
    *,
    name: str,
    account_id: int,
    start_ms: int,
    end_ms: int,
    filters: dict[str, str],
    descriptive: bool,
    output: Path | None,
) -> None:
    """Write report ID as CSV. Sessions count if they start in the time from T to before T."""
    from flask_babel import force_locale

    from lti_tool.errors import ToolError
    from lti_tool.models import Account, db

    known = _known()
    if name not in known:
        raise click.UsageError(f"there is no report '{name}'; there are: {', '.join(known)}")
    if end_ms < start_ms:
        raise click.UsageError("--to must not come before --from")
    with application().app_context(), force_locale("en"):
        if db.session.get(Account, account_id) is None:
            fail(f"there is no account {account_id}.")
        try:
            made = known[name](Wanted(account_id, start_ms, end_ms, filters, descriptive))
        except ToolError as error:
            raise click.UsageError(error.message) from error
        if output is None:
            _write(sys.stdout.buffer, made)
            return
        try:
            with output.open("wb") as file:
                _write(file, made)
        except OSError as error:
            fail(f"{output}: {error.strerror}.")


def _write(file: IO[bytes], made: Iterator[bytes]) -> None:
    for some in made:
        file.write(some)


COMMANDS = (report,)
