"""``exportToCsv``: what is asked for, who may, the mail, the link and the files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from lti_tool.access.accounts import NewAccount
from lti_tool.analytics.queries import engagement
from lti_tool.models import Export, begin_write, db, now_ms
from lti_tool.reports import exports, mail, tasks
from lti_tool.reports.report_api import mailed
from lti_tool.reports.report_api.ks import USER
from lti_tool.reports.report_api.reports import REPORTS
from tests.actors import account_with, visitor
from tests.functional.api_data import CATALOG, HOUR, START, events
from tests.functional.test_exports import DAY, app, everything_is_due, exports_of, link, mails, work
from tests.functional.test_exports_killed import kill
from tests.kaltura import BASE, Client, KalturaException, typed, user_filter

__all__ = ["app"]  # a fixture
DATES = {"fromDate": START // 1000, "toDate": (START + 60 * HOUR) // 1000}
RULE = "# ------------------------------------"


@pytest.fixture
def account(app: Flask) -> NewAccount:
    return account_with(app, CATALOG, events())


@pytest.fixture
def client(app: Flask, account: NewAccount) -> Client:
    client = Client(app.test_client())
    client.start(account.admin_secret, account.partner_id, user="ada")
    return client


def item(report: int = 60013, **more: Any) -> dict[str, Any]:
    """One item, as the published clients write it."""
    options = typed("KalturaReportResponseOptions", delimiter="|", useFriendlyHeadersNames=more.pop("friendly", False))
    given = {"reportTitle": "Viewer engagement", "action": 1, "reportType": report, "filter": user_filter(**DATES)}
    return typed("KalturaReportExportItem", **{**given, "responseOptions": options, **more})


def parameters(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"reportItems": list(items), "reportsItemsGroup": "Viewers Engagement", "timeZoneOffset": -120}
    return typed("KalturaReportExportParams", **given | more)


def ask(client: Client, *items: dict[str, Any], **more: Any) -> tuple[str, str]:
    """The number of the job and the address."""
    result = client.call("report", "exportToCsv", params=parameters(*items, **more))
    assert result.findtext("objectType") == "KalturaReportExportResponse"
    return result.findtext("referenceJobId", ""), result.findtext("reportEmail", "")


def refused(client: Client, *items: dict[str, Any], **more: Any) -> tuple[str, str]:
    with pytest.raises(KalturaException) as error:
        ask(client, *items, **more)
    return error.value.code, str(error.value)


def file_of(app: Flask, address: str) -> Any:
    found = app.test_client().get(f"{address}/file", base_url=BASE)
    assert found.status_code == 200
    return found


def made(app: Flask, client: Client, *items: dict[str, Any], **more: Any) -> bytes:
    """The file, by way of its mail."""
    job, _address = ask(client, *items, **more)
    work(app)
    (one,) = [one for one in mails(app) if job in str(one["Message-ID"])]
    return bytes(file_of(app, link(one)).data)


def lines_of(file: bytes) -> list[list[str]]:
    assert file.startswith(b"\xef\xbb\xbf") and file.endswith(b"\n\n")
    return list(csv.reader(io.StringIO(file[:-1].decode("utf-8-sig"), newline="")))


def test_one_item_is_one_file_with_the_rows_of_its_table(app: Flask, client: Client) -> None:
    job, address = ask(client, item(order="-live_view_time", filter=user_filter(entryIdIn="r1|rec", **DATES)))
    assert address == "ada@example.edu" and re.fullmatch("[0-9a-f]{32}", job)
    (row,) = exports_of(app)
    assert (row.id, row.state) == (job, "waiting")
    work(app)
    (one,) = mails(app)
    assert one["To"] == "ada@example.edu"
    at = datetime.fromtimestamp(row.created_at / 1000 + 7200, UTC)
    assert (
        str(one["Subject"]).strip() == f"Your Viewers Engagement Export from {at:%m-%d-%y %H:%M} is ready to download"
    )
    page = app.test_client().get(link(one), base_url=BASE).text
    assert "Viewer engagement.csv" in page and "Ada Byron" in page
    found = file_of(app, link(one))
    assert found.headers["Content-Disposition"].startswith('attachment; filename="Viewer engagement.csv"')
    start, end = (datetime.fromtimestamp(DATES[name], UTC) for name in ("fromDate", "toDate"))
    head = (
        f'"{RULE}"\n"Report: Viewer engagement"\n"Filtered dates: {start:%F %T} - {end:%F %T} (GMT)"\n'
        f'"Filtered entries: r1, rec"\n"{RULE}"\nfirst_name,last_name,title,'
    )
    assert found.data.startswith(b"\xef\xbb\xbf" + head.encode())
    header, rows, _count = client.table(60013, user_filter(entryIdIn="r1|rec", **DATES), order="-live_view_time")
    lines = lines_of(found.data)
    assert lines[5] == header
    assert [line[8:] for line in lines[6:]] == [row[8:] for row in rows] and len(rows) > 2


def test_several_items_are_an_archive_of_files_with_names_of_their_own(app: Flask, client: Client) -> None:
    items = [
        item(),
        item(60010, reportTitle="../viewer ENGAGEMENT", friendly=True),
        item(60006, reportTitle="\u202e..\x01/"),
    ]
    items += [item(6001, reportTitle="viewer engagement")]
    archive = zipfile.ZipFile(io.BytesIO(made(app, client, *items)))
    names = ["Viewer engagement.csv", "_viewer ENGAGEMENT.csv", "_.csv", "viewer engagement (2).csv"]
    assert archive.namelist() == names and archive.testzip() is None
    assert exports_of(app)[0].name == "Viewers Engagement.zip"
    headers = [next(line for line in lines_of(archive.read(name))[2:] if len(line) > 1) for name in names]
    assert headers[0][0] == "first_name" and headers[1][0] == "User ID" and headers[2][0] == "device"
    assert headers[3] == [column.name for column in REPORTS[6001].columns]
    assert f"How the numbers are computed: {BASE}/definitions" in archive.read(names[1]).decode()
    assert "definitions" not in archive.read(names[0]).decode()
    rows = client.table(6001, user_filter(**DATES))[1]
    assert [line[-2:] for line in lines_of(archive.read(names[3]))[5:]] == [row[-2:] for row in rows]
    total = sum(client.table(report, user_filter(**DATES))[2] for report in (60013, 60010, 60006, 6001))
    assert exports_of(app)[0].rows == total


def test_a_form_asks_as_an_object_does(app: Flask, client: Client) -> None:
    item = {"reportTitle": "Viewer engagement", "action": 1, "reportType": 60013, "filter][entryIdIn": "r1,rec"}
    item["responseOptions][useFriendlyHeadersNames"] = "true"
    form = {f"params[reportItems][0][{name}]": value for name, value in item.items()}
    form |= {"params[recipientEmail]": "jane@example.edu", "params[reportsItemsGroup]": "Viewers Engagement"}
    header = {"Authorization": f"KS {client.ks}"}
    address = "/api_v3/service/report/action/exportToCsv"
    found = client.http.post(address, data={**form, "format": 1}, headers=header, base_url=BASE).json
    assert found["objectType"] == "KalturaReportExportResponse" and found["reportEmail"] == "jane@example.edu"
    work(app)
    lines = lines_of(file_of(app, link(mails(app)[0])).data)
    assert lines[3] == ["Filtered entries: r1, rec"] and lines[6][:2] == ["First Name", "Last Name"] and len(lines) > 8


def test_totals_and_graphs(app: Flask, client: Client) -> None:
    lines = lines_of(made(app, client, item(60002, action=2)))
    total = client.total(60002, user_filter(**DATES))
    assert lines[4:] == [list(total), list(total.values())]
    filter_ = user_filter(**DATES, interval="days", timeZoneOffset=0)
    lines = lines_of(made(app, client, item(60002, action=3, filter=filter_, friendly=True)))
    days = ["20260512", "20260513", "20260514", "20260515"]
    assert lines[5] == ["Date", *total] and [line[0] for line in lines[6:]] == days
    graphs = client.call("report", "getGraphs", reportType="60002", reportInputFilter=filter_)
    live = next(one for one in graphs if one.findtext("id") == "unique_combined_live_viewers")
    assert live.findtext("data") == "".join(f"{line[0]},{line[2]};" for line in lines[6:])


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_can_be_mailed(app: Flask, client: Client, report: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engagement, "CHUNK", 1)  # as many pieces as rows
    lines = lines_of(made(app, client, item(report)))
    header, rows, count = client.table(report, user_filter(**DATES, timeZoneOffset=-120), size=12_000)
    assert lines[4] == header and len(lines) == 5 + count == 5 + len(rows)
    exact = [place for place, column in enumerate(REPORTS[report].columns) if column.metric]
    assert [[line[place] for place in exact] for line in lines[5:]] == [[row[place] for place in exact] for row in rows]


def test_days_are_written_as_days(app: Flask, client: Client) -> None:
    days = {"fromDay": "20260512", "toDay": "2026-05-13", "categoriesIdsIn": "101", "userIds": "ada|cy"}
    lines = lines_of(made(app, client, item(filter=user_filter(**days))))
    above = [line[0] for line in lines[1:5]]
    assert above[1:] == [
        "Filtered dates: 2026-05-12 00:00:00 - 2026-05-13 23:59:59 (GMT+02:00)",
        "Filtered categories: 101",
        "Filtered users: ada, cy",
    ]
    lines = lines_of(made(app, client, item(filter=user_filter(**days)), timeZoneOffset=0))
    assert lines[2] == ["Filtered dates: 2026-05-12 00:00:00 - 2026-05-13 23:59:59 (GMT)"]


def test_nothing_runs_in_a_spreadsheet_and_no_name_breaks_a_line(app: Flask, client: Client) -> None:
    text = made(app, client, item(reportTitle="a\r\n=1+1")).decode("utf-8-sig")
    lines = lines_of(text.encode("utf-8-sig"))
    assert lines[1] == ["Report: a =1+1"]
    first = {line[0] for line in lines[5:]}
    assert "'=1+1" in first and "Bo; drop" in first
    assert any(line[1] == "Li ng" for line in lines[5:])


def test_what_is_wrong_is_named(client: Client) -> None:
    assert refused(client, reportItems=[]) == ("MISSING_MANDATORY_PARAMETER", 'Missing parameter "reportItems"')
    for name in ("action", "reportType", "filter"):
        bad = {key: value for key, value in item().items() if key != name}
        assert refused(client, item(), bad)[1] == f'Missing parameter "reportItems:1:{name}"'
    assert refused(client, item(1))[0] == "REPORT_NOT_FOUND"
    code, message = refused(client, item(action=4))
    assert code == "INVALID_ENUM_VALUE" and "reportItems:0:action" in message and "1 (table), 2 (total)" in message
    message = refused(client, item(), item(order="-nothing"))[1]
    assert "one of first_name" in message and "reportItems:1:order" in message
    assert refused(client, item(filter=user_filter(keywords="x")))[0] == "FEATURE_FORBIDDEN"
    assert "fromDate" in refused(client, item(filter=user_filter(fromDate="soon")))[1]
    assert refused(client, item(filter=user_filter(entryIdIn="\ud800")))[0] == "INVALID_ENUM_VALUE"
    assert refused(client, item(), reportsItemsGroup="a\r\nBcc: x")[0] == "INVALID_REPORT_ITEMS_GROUP"
    code, message = refused(client, item(), recipientEmail="a@x.edu, b@x.edu")
    assert code == "INVALID_ENUM_VALUE" and '"recipientEmail" is not valid: one e-mail address' in message
    assert "timeZoneOffset" in refused(client, item(), timeZoneOffset=99_999)[1]
    assert "responseOptions:delimiter" in refused(client, item(responseOptions={"delimiter": ";"}))[1]
    assert refused(client, *[item()] * 21)[0] == "SEARCH_TOO_GENERAL"


@pytest.mark.parametrize("report", [60004, 60011])
def test_what_could_not_be_made_is_refused_at_once(client: Client, report: int) -> None:
    years = {"fromDate": 0, "toDate": DATES["toDate"]}
    assert refused(client, item(report, filter=user_filter(**years)))[0] == "SEARCH_TOO_GENERAL"
    assert "needs fromDate and toDate" in refused(client, item(report, filter=user_filter(entryIdIn="r1")))[1]
    assert refused(client, item(report, action=3, filter=user_filter(entryIdIn="r1")))[0] == "SEARCH_TOO_GENERAL"
    ask(client, item(report, action=2, filter=user_filter(entryIdIn="r1")))


def test_a_break_in_the_name_of_the_group_stays_within_the_subject(app: Flask, client: Client) -> None:
    made(app, client, item(), reportsItemsGroup="a\n\x1cb")
    (one,) = mails(app)
    assert str(one["Subject"]).strip().startswith("Your a b Export from ") and one.keys().count("To") == 1


def test_whom_the_mail_goes_to(app: Flask, account: NewAccount) -> None:
    def asked_by(user: str, **more: Any) -> tuple[str, int | None]:
        client = Client(app.test_client())
        client.start(account.admin_secret, account.partner_id, user=user)
        job, address = ask(client, item(), **more)
        (row,) = [one for one in exports_of(app) if one.id == job]
        return address, row.person_id

    address, ada = asked_by("ada")
    assert address == "ada@example.edu" and ada
    assert asked_by("ADA@example.edu") == (address, ada)
    assert asked_by("ada", recipientEmail="boss@example.org") == ("boss@example.org", ada)
    assert asked_by("admin@x.org") == ("admin@x.org", None)
    assert asked_by("nobody", recipientEmail="boss@example.org") == ("boss@example.org", None)
    for user in ("", "nobody", "cy", "x\0y"):  # cy has no address
        client = Client(app.test_client())
        client.start(account.admin_secret, account.partner_id, user=user)
        assert refused(client, item()) == ("MISSING_MANDATORY_PARAMETER", 'Missing parameter "recipientEmail"')


def test_my_exports_and_the_page_of_the_link_whoever_asked(app: Flask, account: NewAccount, client: Client) -> None:
    ask(client, item(), item(60006))
    program = Client(app.test_client())
    program.start(account.admin_secret, account.partner_id, user="admin@x.org")
    ask(program, item(), reportsItemsGroup="Of a program")
    work(app)
    of_ada, of_nobody = sorted(mails(app), key=lambda one: str(one["To"]), reverse=True)[::-1]
    assert of_ada["To"] == "ada@example.edu"
    mine = visitor(app, account.partner_id, person="ada").client.get("/exports", base_url=BASE).text
    assert "Viewers Engagement" in mine and "Of a program" not in mine and "Report API" in mine
    theirs = app.test_client().get(link(of_nobody), base_url=BASE).text
    assert "Asked for by" not in theirs and re.search(r"4\s+rows", theirs)


def test_a_user_may_not_and_another_account_gets_its_own(app: Flask, account: NewAccount, client: Client) -> None:
    user = Client(app.test_client())
    user.start(account.admin_secret, account.partner_id, user="ada", type=USER)
    assert refused(user, item())[0] == "SERVICE_FORBIDDEN"
    other = account_with(app, {}, [])
    theirs = Client(app.test_client())
    theirs.start(other.admin_secret, other.partner_id, user="a@x.edu")
    assert len(lines_of(made(app, theirs, item()))) == 5
    assert {one.account_id for one in exports_of(app)} == {other.partner_id}


def test_nobody_may_fill_the_queue(app: Flask, account: NewAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    def of(user: str) -> Client:
        client = Client(app.test_client())
        client.start(account.admin_secret, account.partner_id, user=user)
        return client

    monkeypatch.setattr(exports, "OF_PERSON", 2)
    for user in ("ada", "program@x.org"):
        for _ in range(2):
            ask(of(user), item())
        code, message = refused(of(user), item())
        assert code == "ACTION_FORBIDDEN" and "at most 2 of a person or address, 100 of an account" in message
    monkeypatch.setattr(exports, "OF_ACCOUNT", 5)
    ask(of("other@x.org"), item())
    assert refused(of("more@x.org"), item())[0] == "ACTION_FORBIDDEN"
    work(app)
    ask(of("ada"), item())


def test_several_exports_in_one_request_are_all_kept_and_worked_on(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinted: list[str] = []

    def hint(_path: str, export_id: str) -> None:
        with app.app_context():  # another transaction sees it: it is committed
            assert db.session.get(Export, export_id)
        hinted.append(export_id)

    monkeypatch.setattr("lti_tool.reports.report_api.routes.hint", hint)
    call = {"service": "report", "action": "exportToCsv", "ks": client.ks}
    bad = parameters(item(1))
    body = {
        str(place): {**call, "params": given}
        for place, given in enumerate((parameters(item()), bad, parameters(item())))
    }
    found = client.http.post("/api_v3/service/multirequest", json={**body, "format": 1}, base_url=BASE).json
    assert [one.get("code") for one in found] == [None, "REPORT_NOT_FOUND", None]
    assert hinted == [found[0]["referenceJobId"], found[2]["referenceJobId"]] and len(set(hinted)) == 2
    assert {one.id for one in exports_of(app)} == set(hinted)


def test_after_eight_days_the_link_says_so(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made(app, client, item())
    (one,) = mails(app)
    folder = tasks.storage._folder(app.config["SETTINGS"])
    assert folder and len(list(folder.rglob("*.csv"))) == 1
    later = now_ms() + 8 * DAY
    monkeypatch.setattr("lti_tool.models.exports.now_ms", lambda: later)
    monkeypatch.setattr("lti_tool.reports.tasks.now_ms", lambda: later)
    assert app.test_client().get(link(one), base_url=BASE).status_code == 410
    with app.app_context():
        tasks.forget_expired()
        db.session.remove()
    assert list(folder.rglob("*")) == []


def test_a_file_of_too_many_rows_says_so(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailed, "MOST_CSV_ROWS", 3)
    for report in (60013, 6001, 60004):
        lines = lines_of(made(app, client, item(report)))
        assert re.fullmatch(r"Only the first 3 of \d+ rows", lines[2][0]) and len(lines) == 6 + 3
    assert exports_of(app)[0].rows == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_killed_anywhere_sends_one_mail(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "OF_PERSON", 100)
    ids = [ask(client, item(), item(60006))[0] for _ in range(11)]
    assert kill(app, ids, seed=3) >= 8
    everything_is_due(app)
    work(app)
    assert Counter(str(one["Message-ID"]) for one in mails(app)) == Counter(
        f"<export.{one}@tool.example>" for one in ids
    )
    outbox = mail.outbox(app.config["SETTINGS"])
    assert outbox and {path.suffix for path in outbox.iterdir()} == {".eml"}
    for one in mails(app):
        assert zipfile.ZipFile(io.BytesIO(file_of(app, link(one)).data)).testzip() is None
    assert {(one.state, one.due_at) for one in exports_of(app)} == {("done", None)}


def test_whoever_cannot_be_reached_costs_no_export(app: Flask, client: Client) -> None:
    """A person who is deleted takes their exports along; one whose address goes away keeps the address asked for."""
    ask(client, item())
    with app.app_context():
        begin_write()
        row = db.session.query(Export).one()
        assert row.person
        row.person.email = None
        db.session.commit()
    work(app)
    assert [one["To"] for one in mails(app)] == ["ada@example.edu"]
