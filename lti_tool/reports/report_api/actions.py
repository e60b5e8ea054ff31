"""What the services do. An action takes the parameters of its call and whoever calls, and gives back its result."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from lti_tool.models import Account, db
from lti_tool.reports.report_api import errors, filters, mailing, texts, wire
from lti_tool.reports.report_api import ks as tokens
from lti_tool.reports.report_api.answers import File
from lti_tool.reports.report_api.ks import ADMIN, Ks
from lti_tool.reports.report_api.questions import MOST_ROWS, Question, page_of_file, page_of_table, question, report_of
from lti_tool.reports.report_api.reports import Page, Report, Rows

MOST_LISTED = 100_000
DAY = 86_400
LONGEST_SESSION = 10 * 366 * DAY
LONGEST_LINK = 3500  # what every web server takes
_UNSAFE = re.compile(r"[^\w.@+-]", re.ASCII)
_WORDS = ("reportTitle", "reportText", "headers")
_KEPT = ("reportType", "reportInputFilter", "objectIds", "responseOptions", "order", "pager", *_WORDS)


@dataclass(frozen=True)
class Call:
    """A call: its parameters, and whoever makes it. ``ks`` is nobody's where an action asks for none."""

    parameters: Mapping[str, Any]
    ks: Ks
    secret: str

    def text(self, name: str) -> str:
        return wire.text(self.parameters, name)

    @property
    def account_id(self) -> int:
        return self.ks.partner_id


def start_session(call: Call) -> str:
    """A KS for whoever knows the admin secret; type 2 is for administrators."""
    if not call.text("secret"):
        raise errors.missing("secret")
    partner = call.text("partnerId")
    kind = wire.whole(call.parameters, "type", tokens.USER, least=0, most=99)
    expiry = wire.whole(call.parameters, "expiry", DAY, least=1, most=10**12)
    known = partner.isascii() and partner.isdigit() and len(partner) < 10
    account = db.session.get(Account, int(partner)) if known else None
    given = call.text("secret").strip().encode()
    if not hmac.compare_digest((account.admin_secret if account else "").encode(), given) or account is None:
        raise errors.no_session(partner)
    if kind not in (tokens.USER, ADMIN):
        raise errors.not_allowed(str(kind), "type", "0 (user) or 2 (administrator)")
    made = Ks(
        account.id,
        kind,
        call.text("userId"),
        int(time.time()) + min(expiry, LONGEST_SESSION),
        tokens.privileges_of(call.text("privileges")),
    )
    return tokens.make(account.admin_secret, made)


def get_total(call: Call) -> dict[str, Any]:
    of = _question(call)
    report, mark = of.report, of.delimiter
    return {
        "objectType": "KalturaReportTotal",
        "header": texts.header(report.total_columns, mark),
        "data": texts.line(report.total(of.asked), mark),
    }


def get_table(call: Call) -> dict[str, Any]:
    of = _question(call)
    found = of.report.table(of.asked, call.text("order"), page_of_table(call.parameters))
    mark = of.delimiter
    return {
        "objectType": "KalturaReportTable",
        "header": texts.header(of.report.columns, mark) if found.cells else None,
        "data": texts.table(found.cells, mark) if found.cells else None,
        "totalCount": found.found,
    }


def get_graphs(call: Call) -> list[dict[str, Any]]:
    of = _question(call)
    points = texts.graphs(of.report, of.asked)
    return [
        {
            "objectType": "KalturaReportGraph",
            "id": name,
            "data": texts.table([[date, value] for date, value in of_metric], of.delimiter),
        }
        for name, of_metric in points.items()
    ]


def get_base_total(call: Call) -> list[dict[str, Any]]:
    """The totals that a report starts from: none of these reports has any."""
    _question(call)
    return []


def get_url(call: Call) -> str:
    """The address of a file. It holds the question, so that nothing has to be kept for it; the file is made when it is
    fetched.
    """
    of = _question(call)
    of.report.check_order(call.text("order"))
    of.report.check(of.asked)
    page_of_file(call.parameters)
    for name in _WORDS:
        call.text(name)
    kept = {name: call.parameters[name] for name in _KEPT if name in call.parameters}
    packed = zlib.compress(json.dumps(kept, separators=(",", ":")).encode(), 9)
    file = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    ends = min(int(time.time()) + DAY, call.ks.expires_at)
    link = Ks(call.account_id, tokens.USER, call.ks.user, ends, {"download": _name_of(file)})
    made = tokens.make(call.secret, link)
    address = f"{current_app.config['PUBLIC_URL']}/api_v3/index.php/service/report/action/serve/ks/{made}"
    if len(address) + len(file) > LONGEST_LINK:
        raise errors.too_general("the address of the file would be too long; ask for fewer ids, or use getTable")
    return f"{address}/id/{file}/report.csv"


def serve(call: Call) -> File:
    """The file of such an address, for administrators and for whoever has the address."""
    file = call.text("id")
    if not file:
        raise errors.missing("id")
    if not call.ks.admin and not hmac.compare_digest(call.ks.privileges.get("download", ""), _name_of(file)):
        raise errors.service_forbidden("report->serve")
    try:
        unpacked = zlib.decompressobj()
        kept = json.loads(unpacked.decompress(base64.urlsafe_b64decode(file + "=" * (-len(file) % 4)), 10**6))
    except (binascii.Error, zlib.error, ValueError):
        raise _no_file(file) from None
    if not isinstance(kept, dict):
        raise _no_file(file)
    asked = Call(kept, call.ks, call.secret)
    found = _question(asked)
    rows = found.report.table(found.asked, asked.text("order"), page_of_file(asked.parameters))
    content = texts.whole_report(
        found.report,
        found.asked,
        title=asked.text("reportTitle"),
        text=asked.text("reportText"),
        headers=asked.text("headers"),
        rows=(rows.cells, rows.found),
    )
    return File("report.csv", list(content))


def execute(call: Call) -> dict[str, Any]:
    """The rows of ``getCsv`` within an answer."""
    report, rows = _listed(call, _keys_and_values(call), MOST_ROWS)
    lines = ({"objectType": "KalturaString", "value": texts.line(row, ",")} for row in rows.cells)
    columns = texts.header(report.columns, ",")
    return {"objectType": "KalturaReportResponse", "columns": columns, "results": list(lines)}


def get_csv(call: Call) -> File:
    """``params``: a list of keys and values."""
    return _csv(call, _keys_and_values(call))


def _keys_and_values(call: Call) -> list[tuple[str, str]]:
    return [(wire.text(item, "key"), wire.text(item, "value")) for item in wire.items(call.parameters, "params")]


def get_csv_from_string(call: Call) -> File:
    """``params``: ``k=v;k=v``."""
    parts = [part.strip() for part in call.text("params").split(";") if part.strip()]
    return _csv(call, [(name.strip(), value.strip()) for name, _is, value in (part.partition("=") for part in parts)])


def _listed(call: Call, pairs: list[tuple[str, str]], most: int) -> tuple[Report, Rows]:
    """The report with this ``id``, and its rows of what these parameters ask."""
    report = report_of(call.text("id"), "id")
    given = {name: value for name, value in pairs if name != "partner_id"}
    size = wire.whole(given, "limit", most, least=1, most=most)
    order = given.pop("order_by", "")
    given.pop("limit", None)
    asked = filters.asked(call.account_id, filters.spelled(given))
    return report, report.table(asked, order, Page(size))


def _csv(call: Call, pairs: list[tuple[str, str]]) -> File:
    report, found = _listed(call, pairs, MOST_LISTED)
    hidden = _hidden(call, report)
    pairs = [(name, value) for name, value in pairs if name != "partner_id"]
    name = f"Report_{report.id}_{call.account_id}"
    for key, value in [*pairs, ("partner_id", str(call.account_id))]:
        if len(name) < 200:
            name += f"_{_UNSAFE.sub('_', key)[:60]}_{_UNSAFE.sub('_', value)[:120]}"
    return File(f"{name}.csv", list(texts.unquoted(report.columns, found.cells, hidden)))


def _hidden(call: Call, report: Report) -> frozenset[str]:
    """The columns that a file is to be without."""
    hidden = frozenset(name.strip() for name in call.text("excludedFields").split(",") if name.strip())
    known = [column.name for column in report.columns]
    if unknown := sorted(hidden - {*known}):
        raise errors.not_allowed(unknown[0], "excludedFields", ", ".join(known))
    return hidden


def export_to_csv(call: Call) -> dict[str, Any]:
    """A mail with a link to the files, made later."""
    given = wire.inner(call.parameters, "params")
    if given is None:
        raise errors.missing("params")
    asked = mailing.ask(call.account_id, call.ks.user, given)
    return {"objectType": "KalturaReportExportResponse", "referenceJobId": asked.id, "reportEmail": asked.email}


def _question(call: Call) -> Question:
    return question(call.account_id, call.parameters)


def _no_file(file: str) -> errors.ApiError:
    return errors.no_report(file, "id", "what getUrlForReportAsCsv gave")


def _name_of(file: str) -> str:
    """What the privilege of an address calls its file."""
    return hashlib.sha256(file.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Action:
    """``asks``: ``admin``: a KS of an administrator; ``ks``: any KS; nothing: none. ``mails``: what it writes is to be
    committed, and its result names an export.
    """

    run: Callable[[Call], Any]
    asks: str = "admin"
    mails: bool = False


ACTIONS: dict[str, dict[str, Action]] = {
    "session": {"start": Action(start_session, "")},
    "report": {
        "gettotal": Action(get_total),
        "gettable": Action(get_table),
        "getbasetotal": Action(get_base_total),
        "getgraphs": Action(get_graphs),
        "geturlforreportascsv": Action(get_url),
        "serve": Action(serve, "ks"),
        "execute": Action(execute),
        "getcsv": Action(get_csv),
        "getcsvfromstringparams": Action(get_csv_from_string),
        "exporttocsv": Action(export_to_csv, mails=True),
    },
}
