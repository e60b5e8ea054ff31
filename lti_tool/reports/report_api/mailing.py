"""Reports by mail: what ``exportToCsv`` asks for. One call is one export, one mail and one link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import ToolError
from lti_tool.models import Export
from lti_tool.reports import exports, mail, names, queries
from lti_tool.reports.report_api import errors, wire
from lti_tool.reports.report_api.questions import Question, question

TABLE, TOTAL, GRAPH = "1", "2", "3"
MOST_ITEMS = 20
_GROUP = re.compile(r"\w[\w\s]*")
_STORED = ("reportTitle", "action", "reportType", "filter", "objectIds", "order", "responseOptions")


@dataclass(frozen=True)
class Item:
    """One file. ``action``: the table of its report, the total or a graph."""

    of: Question
    action: str
    title: str
    order: str
    descriptive: bool


def ask(account_id: int, user: str, given: Mapping[str, Any]) -> Export:
    """Take in a request. ``given``: as a ``KalturaReportExportParams``; ``user``: in whose name. The caller commits.

    Everything is checked here, so that whoever makes the files need not refuse any. Raises ``ApiError``.
    """
    group = wire.text(given, "reportsItemsGroup")[:100]
    if group and not _GROUP.fullmatch(group):
        raise errors.bad_group(group)
    sent = wire.items(given, "reportItems")
    if not sent:
        raise errors.missing("reportItems")
    if len(sent) > MOST_ITEMS:
        raise errors.too_general(f"reportItems may be at most {MOST_ITEMS}")
    stored = {
        "user": user,
        "group": group,
        "timeZoneOffset": wire.text(given, "timeZoneOffset"),
        "reportItems": [{name: item[name] for name in _STORED if name in item} for item in sent],
    }
    files = items(account_id, stored)
    address, person_id = _recipient(account_id, user, wire.text(given, "recipientEmail").strip())
    about = names.in_line(group) or files[0].title
    row = Export(
        id=exports.new_form(),
        account_id=account_id,
        person_id=person_id,
        form=exports.new_form(),
        permissions=[],
        locale="en",
        timezone="UTC",
        kind=exports.API_REPORT if len(files) == 1 else exports.API_REPORTS,
        question=stored,
        descriptive=any(item.descriptive for item in files),
        about=about,
        name=file_name(files[0].title, "csv") if len(files) == 1 else file_name(about, "zip"),
        email=address,
    )
    try:
        return exports.put_in(row)
    except ToolError:
        most = f"{exports.OF_PERSON} of a person or address, {exports.OF_ACCOUNT} of an account"
        raise errors.action_forbidden("exportToCsv", f"too many wait to be made; at most {most}; try later") from None


def items(account_id: int, stored: Mapping[str, Any]) -> list[Item]:
    """The files that ``ask`` has stored. Raises ``ApiError``."""
    return [
        _item(account_id, stored, item, f"reportItems:{place}:") for place, item in enumerate(stored["reportItems"])
    ]


def file_name(title: str, ending: str) -> str:
    """What a file is called on whoever's disk."""
    return f"{names.of_file(title) or 'report'}.{ending}"


def _item(account_id: int, stored: Mapping[str, Any], item: Mapping[str, Any], place: str) -> Item:
    for name in ("action", "reportType", "filter"):
        if not item.get(name):
            raise errors.missing(f"{place}{name}")
    action = wire.text(item, "action")
    if action not in (TABLE, TOTAL, GRAPH):
        raise errors.not_allowed(action, f"{place}action", "1 (table), 2 (total) or 3 (graph)")
    given = {"timeZoneOffset": stored["timeZoneOffset"], **(wire.inner(item, "filter") or {})}
    found = question(account_id, {**item, "filter": given}, "filter", place)
    order = wire.text(item, "order")
    found.report.check_order(order, f"{place}order")
    if action == GRAPH:
        found.asked.buckets()
    elif action == TABLE:
        found.report.check(found.asked)
    title = names.in_line(wire.text(item, "reportTitle")) or str(found.report.id)
    options = wire.inner(item, "responseOptions") or {}
    return Item(found, action, title, order, wire.switch(options, "useFriendlyHeadersNames"))


def _recipient(account_id: int, user: str, asked: str) -> tuple[str, int | None]:
    """The address that the mail goes to, and the key of the person who asks, if the account knows one."""
    person = queries.person_of(account_id, user) if user.isprintable() and user else None
    person_id = person.id if person else None
    if asked and not mail.is_address(asked):
        raise errors.not_allowed(asked, "recipientEmail", "one e-mail address")
    for address in (asked, person.email if person else None, user):
        if address and mail.is_address(address):
            return address, person_id
    raise errors.missing("recipientEmail")
