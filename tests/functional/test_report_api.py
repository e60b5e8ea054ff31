"""The report API over HTTP: the forms of calls and answers, files, and whatever is wrong with a call."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask

from lti_tool.access.accounts import NewAccount
from lti_tool.cli import cli
from lti_tool.models import Account, db
from lti_tool.reports.report_api import errors, ks, texts
from lti_tool.reports.report_api.filters import INTERVALS, LATEST
from lti_tool.reports.report_api.ks import ADMIN, USER, Ks
from lti_tool.reports.report_api.reports import REPORTS
from tests.actors import account_with
from tests.functional.api_data import CATALOG, HOUR, START, Truth, events
from tests.kaltura import BASE, Client, KalturaException, typed, user_filter

DAY = 86_400
TABLE = "/api_v3/service/report/action/getTable"
DATES = {"fromDate": START // 1000, "toDate": (START + 60 * HOUR) // 1000}


@pytest.fixture
def account(app: Flask) -> NewAccount:
    return account_with(app, CATALOG, events())


@pytest.fixture
def client(app: Flask, account: NewAccount) -> Client:
    client = Client(app.test_client())
    client.start(account.admin_secret, account.partner_id)
    return client


def signed(account: NewAccount, **said: Any) -> str:
    return ks.make(
        account.admin_secret, Ks(account.partner_id, **{"type": ADMIN, "expires_at": int(time.time()) + 60, **said})
    )  # type: ignore[arg-type]


def unique_users(media: list[str]) -> str:
    """Of room r1, and of these media."""
    truth = Truth(events(), ["s1", "s2"], media)
    recorded, live = truth.recorded, truth.live("watched")
    return f"{len(recorded)},{len(live)},{len(recorded | live)}"


def get(client: Client, path: str, **more: Any) -> Any:
    return client.http.get(path, base_url=BASE, **more)


def code(response: Any) -> str:
    assert response.status_code == 200
    return str(ElementTree.fromstring(response.data).findtext("result/error/code"))


def test_a_table_in_xml_and_in_json(client: Client) -> None:
    path = f"{TABLE}/ks/{client.ks}/reportType/60017/pager:pageSize/2/reportInputFilter:entryIdIn/r1"
    found = get(client, path)
    assert re.fullmatch(
        rb'<\?xml version="1.0" encoding="utf-8"\?><xml><result><objectType>KalturaReportTable</objectType>'
        rb"<header>event_session_context_id,name,[^<]+</header><data>s\d,[^<]+;s\d,[^<]+;</data>"
        rb"<totalCount>2</totalCount></result><executionTime>[0-9.e-]+</executionTime></xml>",
        found.data,
    )
    assert found.mimetype == "text/xml" and found.headers["Cache-Control"] == "no-store"
    as_json = get(client, f"{path}/format/1")
    assert as_json.mimetype == "application/json"
    assert list(as_json.json) == ["objectType", "header", "data", "totalCount"]
    assert as_json.json["data"] == ElementTree.fromstring(found.data).findtext("result/data")


def test_nothing_found_has_neither_header_nor_data(client: Client) -> None:
    path = f"{TABLE}/ks/{client.ks}/reportType/60010/pager:pageSize/2/reportInputFilter:entryIdIn/nobody"
    assert get(client, f"{path}/format/1").json == {"objectType": "KalturaReportTable", "totalCount": 0}
    found = ElementTree.fromstring(get(client, path).data)
    assert [child.tag for child in found.find("result") or []] == ["objectType", "totalCount"]


def test_an_error_in_xml_and_in_json(client: Client) -> None:
    found = get(client, f"{TABLE}/reportType/1")
    expected = (
        "<error><code>MISSING_KS</code><message>Missing KS, session not established</message>"
        "<objectType>KalturaAPIException</objectType><args></args></error>"
    )
    assert expected in found.text
    forged = get(client, f"{TABLE}/ks/{client.ks[:-8]}/format/1")
    assert (forged.status_code, forged.json) == (
        200,
        {
            "code": "INVALID_KS",
            "message": 'Invalid KS "", Error "-1,INVALID_STR"',
            "objectType": "KalturaAPIException",
            "args": {"KSID": "", "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"},
        },
    )
    in_xml = get(client, f"{TABLE}/ks/x").text
    item = "<item><objectType>KalturaApiExceptionArg</objectType><name>KSID</name><value></value></item>"
    assert f"<args>{item}" in in_xml


@pytest.mark.parametrize("form", ["path", "query", "index", "nested form", "flat form", "json", "multipart", "header"])
def test_every_form_of_a_call_says_the_same(client: Client, form: str) -> None:
    asked = {"reportType": "60002", "reportInputFilter": {"entryIdIn": "r1|rec"}, "format": "1"}
    flat = {"reportType": "60002", "reportInputFilter:entryIdIn": "r1|rec", "format": "1", "ks": client.ks}
    nested = {name.replace("r:entryIdIn", "r[entryIdIn]"): value for name, value in flat.items()}
    path, action = "/api_v3/service/REPORT/action/gettotal", {"service": "report", "action": "getTotal"}
    http: Any = {"base_url": BASE}
    match form:
        case "path":
            pairs = "/".join(f"{name}/{value}" for name, value in flat.items())
            found = client.http.get(f"{path}/{pairs}", **http)
        case "query":
            found = client.http.get(path, query_string=flat, **http)
        case "index":
            found = client.http.get("/api_v3/index.php", query_string=action | nested, **http)
        case "nested form":
            found = client.http.post(path, data=nested, **http)
        case "flat form":
            found = client.http.post("/api_v3/index.php/service/report/action/getTotal", data=flat, **http)
        case "json":
            found = client.http.post("/api_v3/", json={**action, **asked, "ks": client.ks}, **http)
        case "multipart":
            body = {"json": json.dumps({**asked, "ks": client.ks})}
            found = client.http.post(path, data=body, content_type="multipart/form-data", **http)
        case "header":
            found = client.http.post(path, json=asked, headers={"Authorization": f"KS {client.ks}"}, **http)
    assert found.json["header"] == "unique_vod_viewers,unique_combined_live_viewers,unique_vod_live_viewers"
    assert found.json["data"] == unique_users(["rec"])


def test_addresses_override_bodies(client: Client) -> None:
    body = {"reportType": "60001", "reportInputFilter": {"entryIdIn": "r1"}, "ks": client.ks, "format": "1"}
    found = client.http.post("/api_v3/service/report/action/getTotal?reportType=60002", json=body, base_url=BASE)
    assert found.json["header"].startswith("unique_vod_viewers")


def test_several_calls_in_one(client: Client, account: NewAccount) -> None:
    session = {"service": "session", "action": "start", "secret": account.admin_secret, "type": 2}
    total = {"service": "report", "action": "getTotal", "reportType": "60002", "reportInputFilter": {"entryIdIn": "r1"}}
    body = {"0": session | {"partnerId": account.partner_id}, "1": total | {"ks": "{1:result}"}, "2": total}
    found = client.http.post("/api_v3/service/multirequest", json=body, base_url=BASE)
    items = ElementTree.fromstring(found.data).findall("result/item")
    assert len(items) == 3 and len(items[0].text or "") > 100
    assert items[1].findtext("data") == unique_users([])
    assert items[2].findtext("error/code") == "MISSING_KS"
    one = {"1": {"service": "report", "action": "getTable"}, "2": total | {"ks": "{1:result:x}"}, "ks": client.ks}
    codes = client.http.post("/api_v3/service/multirequest", json=one | {"format": 1}, base_url=BASE).json
    assert [error["code"] for error in codes] == ["MISSING_MANDATORY_PARAMETER", "INVALID_ENUM_VALUE"]
    odd = {"1": {"service": "report", "action": "getBaseTotal", "reportType": "60002", "reportInputFilter": {}}}
    odd |= {"²": total, "2": total | {"reportType": "{1:result:²}"}}  # a digit, and no number
    odd |= {"3": total | {"reportType": f"{{1:result:{'9' * 5000}}}"}, "ks": client.ks}
    base, *codes = client.http.post("/api_v3/service/multirequest", json=odd | {"format": 1}, base_url=BASE).json
    assert base == [] and [error["code"] for error in codes] == ["INVALID_ENUM_VALUE", "INVALID_ENUM_VALUE"]
    many = {str(number): total for number in range(60)}
    assert client.http.post("/api_v3/service/multirequest", json=many | {"format": 1}, base_url=BASE).json["code"] == (
        "SEARCH_TOO_GENERAL"
    )


def test_the_official_client_works_as_it_is(client: Client, account: NewAccount) -> None:
    header, rows, count = client.table(60010, user_filter(entryIdIn="r1|rec", **DATES), size=2, order="-live_view_time")
    assert header[:4] == ["user_id", "user_name", "email", "title"] and len(rows) == 2 < count
    _header, second, _count = client.table(60010, user_filter(entryIdIn="r1|rec", **DATES), size=2, page=2)
    assert not {row[0] for row in rows} & {row[0] for row in second}
    graphs = client.call(
        "report", "getGraphs", reportType="60002", reportInputFilter=user_filter(**DATES), dimension=None
    )
    names = [item.findtext("id") for item in graphs.findall("item")]
    assert names == ["unique_vod_viewers", "unique_combined_live_viewers", "unique_vod_live_viewers"]
    assert re.fullmatch(r"(2026051\d,\d;){4}", graphs.findall("item")[1].findtext("data") or "")
    params = f"from_date={START // 1000};to_date={START // 1000 + 200_000};entry_ids=r1"
    address = client.url("report", "getCsvFromStringParams", id=6000, params=params, excludedFields="entry_name")
    file = get(client, address)
    assert file.headers["Content-Type"].startswith("text/csv")
    assert file.data.startswith(b"\xef\xbb\xbfentry_id,parent_entry_id,cue_point_id,session_start_time,")
    with pytest.raises(KalturaException) as error:
        client.table(4711, user_filter())
    assert error.value.code == "REPORT_NOT_FOUND"
    with pytest.raises(KalturaException) as error:
        client.start("wrong", account.partner_id)
    assert error.value.code == "START_SESSION_ERROR"


def test_a_file_without_quotes(client: Client, account: NewAccount) -> None:
    params = "from_date=1700000000;to_date=1900000000"
    path = f"/api_v3/service/report/action/getCsvFromStringParams/id/6001/ks/{client.ks}/params/{params}"
    found = get(client, path)
    assert found.headers["Content-Disposition"] == (
        f'attachment; filename="Report_6001_{account.partner_id}_from_date_1700000000_to_date_1900000000'
        f'_partner_id_{account.partner_id}.csv"'
    )
    lines = found.data.decode("utf-8-sig").split("\n")
    assert lines[0] == (
        "entry_id,cue_point_id,user_id,user_name,user_email,user_type,meeting_view_time,meeting_engaged_play_time_ratio"
    )
    assert lines[-1] == "" and len(lines) == 2 + 12 and "\r" not in found.text
    assert all(line.count(",") == 7 for line in lines[:-1])
    assert any(",bo,Bo; drop Li ng,bo@example.edu," in line for line in lines)
    assert any(",cy,'=1+1,," in line for line in lines)
    pairs = [{"key": "from_date", "value": "1700000000"}, {"key": "to_date", "value": "1900000000"}]
    same = client.http.post(
        "/api_v3/service/report/action/getCsv",
        json={"id": 6001, "params": pairs, "ks": client.ks},
        base_url=BASE,
    )
    assert same.data == found.data


def test_columns_that_are_not_there_cannot_be_left_out(client: Client) -> None:
    path = f"/api_v3/service/report/action/getCsvFromStringParams/id/6002/ks/{client.ks}/excludedFields"
    left = get(client, f"{path}/duration, engagement_rate,").data.decode("utf-8-sig").splitlines()[0]
    assert left.split(",") == [column.name for column in REPORTS[6002].columns if column.name not in
                               ("duration", "engagement_rate")]  # fmt: skip
    found = get(client, f"{path}/duration,entry_name/format/1").json
    assert found["code"] == "INVALID_ENUM_VALUE" and found["args"]["PARAM_NAME"] == "excludedFields"
    assert found["args"]["VALUE"] == "entry_name" and "parent_entry_name, breakout_entry_id" in found["message"]


def test_countries_have_codes_and_names_and_devices_any_case(client: Client) -> None:
    def people(**given: str) -> list[list[str]]:
        rows: list[list[str]] = client.table(60013, user_filter(**given))[1]
        return rows

    known = people(countryIn="DE")
    assert known and known == people(countryIn="de") == people(countryIn="Germany") == people(countryIn="gErmany|FR")
    assert people(countryIn="France") == []
    assert len(people(countryIn="United Kingdom|germany")) > len(known)
    devices = {name: people(deviceIn=name) for name in ("Mobile", "mobile", "MOBILE")}
    assert devices["Mobile"] and len({str(rows) for rows in devices.values()}) == 1
    assert people(deviceIn="phone") == []


def test_sessions_of_rooms_and_of_breakout_rooms(client: Client) -> None:
    def rows(report: int, params: str) -> list[dict[str, str]]:
        path = f"/api_v3/service/report/action/getCsvFromStringParams/id/{report}/ks/{client.ks}/params/{params}"
        return list(csv.DictReader(io.StringIO(get(client, path).data.decode("utf-8-sig"))))

    rooms = {row["cue_point_id"]: row for row in rows(6000, "from_date=0;to_date=4000000000")}
    assert list(rooms) == ["s1", "sb", "s3", "s2", "none"]
    assert rooms["none"]["meeting_view_period_unique_users"] == "0"
    assert rooms["none"]["meeting_engaged_play_time_ratio"] == ""
    assert rooms["sb"]["parent_entry_id"] == "r1" and rooms["s1"]["session_host_user_id"] == "ada"
    assert rooms["s1"]["session_start_time"] == str(START // 1000)
    assert rooms["s1"]["entry_name"] == "Lecture  weekly"
    assert [row["cue_point_id"] for row in rows(6000, "virtual_event_ids=77")] == ["s1", "s2"]
    (breakout,) = rows(6002, "fromDate=0;toDate=4000000000;parentEntryIds=r1")
    assert (breakout["parent_entry_name"], breakout["breakout_entry_name"]) == ("Lecture  weekly", "Group 1")
    assert (breakout["session_initiator"], breakout["duration"]) == ("Bo; drop Li ng", "900")
    assert breakout["participant_count"] == "3" and 0 < float(breakout["engagement_rate"]) < 1
    assert rows(6002, "parentEntryIds=r2") == []
    assert {row["user_id"] for row in rows(6001, "user_ids=bo,cy;cue_point_ids=s1,s3")} <= {"bo", "cy"}


def test_the_rows_of_a_file_in_an_answer(client: Client) -> None:
    params = [typed("KalturaKeyValue", key="entry_ids", value="r1"), typed("KalturaKeyValue", key="limit", value=1)]
    found = client.call("report", "execute", id="6000", params=params)
    assert found.findtext("objectType") == "KalturaReportResponse"
    assert found.findtext("columns") == ",".join(column.name for column in REPORTS[6000].columns)
    (row,) = found.findall("results/item")
    assert row.findtext("objectType") == "KalturaString"
    assert row.findtext("value", "").startswith("r1,Lecture  weekly,,s1,")
    with pytest.raises(KalturaException) as error:
        client.call("report", "execute", id="6000", params=[typed("KalturaKeyValue", key="limit", value=12_001)])
    assert "whole number from 1 to 12000" in str(error.value)


def test_no_report_starts_from_a_total(client: Client) -> None:
    for report in REPORTS:
        found = client.call("report", "getBaseTotal", reportType=str(report), reportInputFilter=user_filter(**DATES))
        assert len(found) == 0 and not found.text
    path = f"/api_v3/service/report/action/getBaseTotal/ks/{client.ks}/reportType/1/reportInputFilter:entryIdIn/r1"
    assert code(get(client, path)) == "REPORT_NOT_FOUND"


def test_errors_say_what_there_is_and_repeat_no_ks_and_no_secret(client: Client, account: NewAccount) -> None:
    def told(address: str) -> str:
        return ElementTree.fromstring(get(client, address).data).findtext("result/error/message") or ""

    assert "only gettotal, gettable" in told("/api_v3/service/report/action/drop")
    assert "only session, report, multirequest" in told("/api_v3/service/media/action/list")
    assert re.search(r'"reportType" takes 13, 21, .*70001$', told(f"{TABLE}/ks/{client.ks}/reportType/7"))
    first = ks.make(account.admin_secret, Ks(account.partner_id, ADMIN, "", int(time.time()) + 60), version=1)
    for hidden in (client.ks, first, account.admin_secret):
        for name in ("reportType", "reportInputFilter", "reportInputFilter:fromDate", "format/1/reportType"):
            found = get(client, f"{TABLE}/ks/{client.ks}/reportType/60010/{name}/x{hidden}").text
            assert hidden[:24] not in found and "left out" in found
        found = (
            get(client, f"/api_v3/service/{hidden}").text + get(client, f"/api_v3/service/report/action/{hidden}").text
        )
        assert hidden[:24] not in found
        assert hidden[:24] not in get(client, f"/api_v3/service/session/action/start/secret/a/partnerId/{hidden}").text


def test_the_address_of_a_file(client: Client, app: Flask) -> None:
    result = client.call(
        "report",
        "getUrlForReportAsCsv",
        reportTitle='Who "came"',
        reportText="All of them",
        headers="Reactions;ID,Name",
        reportType="60010",
        reportInputFilter=user_filter(**DATES),
        dimension=None,
        pager=typed("KalturaFilterPager", pageIndex=1, pageSize=500),
    )
    address = result.text or ""
    assert address.startswith(f"{BASE}/api_v3/index.php/service/report/action/serve/ks/") and "/report.csv" in address
    found = app.test_client().get(address.removeprefix(BASE), base_url=BASE)  # no other KS than that of the address
    assert found.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(found.data.decode("utf-8-sig"))))
    assert (
        lines[0] == ['Who "came"']
        and lines[1][0].startswith("Filtered dates: 2026-05-12")
        and lines[2] == ["All of them"]
    )
    at = next(place for place, line in enumerate(lines) if line[0] == "# Table")
    assert lines[at] == ["# Table", "", "Total Count", "4"]
    assert lines[at + 1][:3] == ["ID", "Name", "email"] and len(lines) == at + 2 + 4
    assert any(line[0] == "# Total" for line in lines) and ["# Graph", "live_view_time"] in lines
    other = address.split("/ks/")[1].split("/")[0]
    elsewhere = f"/api_v3/service/report/action/serve/ks/{other}/id/AAAA"
    assert code(get(client, elsewhere)) == "SERVICE_FORBIDDEN"
    assert code(get(client, f"{TABLE}/ks/{other}")) == "SERVICE_FORBIDDEN"


def file_of(client: Client, **parameters: Any) -> list[list[str]]:
    """The lines of the file of an address."""
    address = client.call("report", "getUrlForReportAsCsv", **parameters).text or ""
    found = client.http.get(address.removeprefix(BASE), base_url=BASE)
    assert found.mimetype == "text/csv", found.text
    return list(csv.reader(io.StringIO(found.data.decode("utf-8-sig"))))


def table_of(lines: list[list[str]]) -> tuple[int, list[list[str]]]:
    """How many rows the file says that there are, and those that it has."""
    at = next(place for place, line in enumerate(lines) if line[0] == "# Table")
    return int(lines[at][3]), lines[at + 2 :]


def test_a_file_has_all_rows_unless_a_page_is_asked_for(client: Client) -> None:
    asked: dict[str, Any] = {"reportType": "60016", "reportInputFilter": user_filter(**DATES)}
    count, rows = table_of(file_of(client, **asked))
    assert count == len(rows) > 30
    pager = typed("KalturaFilterPager", pageIndex=2, pageSize=7)
    assert table_of(file_of(client, **asked, pager=pager)) == (count, rows[7:14])
    assert len(table_of(file_of(client, **asked, pager=typed("KalturaFilterPager")))[1]) == 30


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"toDate": 400 * DAY}, None),
        ({"toDate": 401 * DAY}, "Graphs are by months: by days they would have more than 400 points"),
        ({"toDate": 401 * HOUR // 1000, "interval": "hours"}, "Graphs are by days: by hours they would have more"),
        ({"toDate": 12_800 * DAY, "interval": "hours"}, "Graphs are by years: by hours they would have more than 400"),
        ({"toDate": 200_000 * DAY}, "There are no graphs: by days they would have more than 400 points"),
    ],
)
def test_graphs_of_a_file_are_coarse_rather_than_too_long(
    client: Client, given: dict[str, Any], said: str | None
) -> None:
    """And the table always comes. ``getGraphs`` refuses what it cannot draw as it was asked for."""
    start = 1_767_225_600  # a year begins
    asked = {"reportInputFilter": user_filter(**given | {"fromDate": start, "toDate": start + given["toDate"]})}
    lines = file_of(client, reportType="60012", **asked)
    count, rows = table_of(lines)
    assert (count, len(rows)) == (client.table(60012, asked["reportInputFilter"])[2],) * 2
    assert lines[3][0].startswith(said) if said else lines[3] == [texts.RULE], lines[3]
    points = [line for line in lines if re.fullmatch("20[0-9]{2,8}", line[0])]
    assert len(points) <= 5 * 400 and bool(points) == (not said or "no graphs" not in said)
    if said:
        with pytest.raises(KalturaException) as error:
            client.call("report", "getGraphs", reportType="60012", **asked)
        assert error.value.code == "SEARCH_TOO_GENERAL" and "interval takes years, months" in str(error.value)


@pytest.mark.parametrize(
    ("report", "more", "expected"),
    [
        (34, {}, "SEARCH_TOO_GENERAL"),
        (34, {"reportInputFilter": {"fromDate": "0", "toDate": str(401 * DAY)}}, "SEARCH_TOO_GENERAL"),
        (60004, {}, "SEARCH_TOO_GENERAL"),
        (60011, {"reportInputFilter": {"fromDate": "0", "toDate": str(60_001 * 60)}}, "SEARCH_TOO_GENERAL"),
        (60013, {"order": "-nothing"}, "INVALID_ENUM_VALUE"),
        (60013, {"reportTitle": chr(0xD800)}, "INVALID_ENUM_VALUE"),
    ],
)
def test_what_could_not_be_made_gets_no_address(
    client: Client, report: int, more: dict[str, Any], expected: str
) -> None:
    with pytest.raises(KalturaException) as error:
        client.call(
            "report", "getUrlForReportAsCsv", reportType=report, **{"reportInputFilter": {"userIds": ""}, **more}
        )
    assert error.value.code == expected


WRONG = {
    "reportInputFilter:fromDate/yesterday": "INVALID_ENUM_VALUE",
    "reportInputFilter:fromDate/-5": "INVALID_ENUM_VALUE",
    "reportInputFilter:toDate/9999999999999": "INVALID_ENUM_VALUE",
    "reportInputFilter:fromDate/5/reportInputFilter:toDate/4": "INVALID_ENUM_VALUE",
    "reportInputFilter:fromDay/20260230/reportInputFilter:toDay/20260301": "INVALID_ENUM_VALUE",
    "reportInputFilter:timeZoneOffset/1440": "INVALID_ENUM_VALUE",
    "reportInputFilter:toDate/221845392000": "INVALID_ENUM_VALUE",
    "reportInputFilter:fromDay/90000102/reportInputFilter:toDay/90000103": "INVALID_ENUM_VALUE",
    "pager:pageSize/1/reportInputFilter:fromDay/20260512": "MISSING_MANDATORY_PARAMETER",
    "pager:pageSize/1/reportInputFilter:toDay/20260512/reportInputFilter:fromDate/5": "MISSING_MANDATORY_PARAMETER",
    "reportInputFilter:countryIn/DE|Atlantis": "INVALID_ENUM_VALUE",
    "reportInputFilter:entryIdIn/r1/objectIds/DE/reportType/60007": "INVALID_ENUM_VALUE",
    "format/3": "INVALID_ENUM_VALUE",
    "format/9": "INVALID_ENUM_VALUE",
    "reportInputFilter:interval/weeks": "INVALID_ENUM_VALUE",
    "reportInputFilter:virtualEventIdIn/1%27--": "INVALID_ENUM_VALUE",
    "reportInputFilter:keywords/x": "FEATURE_FORBIDDEN",
    "reportInputFilter/x": "INVALID_ENUM_VALUE",
    "reportInputFilter:userIds/a%00b": "INVALID_ENUM_VALUE",
    "reportInputFilter:x/1/pager:pageSize/0": "FEATURE_FORBIDDEN",
    "reportInputFilter:a/" + "": "MISSING_MANDATORY_PARAMETER",
}


@pytest.mark.parametrize("pairs", WRONG)
def test_what_is_wrong_is_named(client: Client, pairs: str) -> None:
    found = get(client, f"{TABLE}/ks/{client.ks}/reportType/60010/{pairs}")
    assert code(found) == WRONG[pairs]
    message = ElementTree.fromstring(found.data).findtext("result/error/message") or ""
    assert re.search(r'parameter "[\w:]+"|feature \[\w+\]', message), message


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("offset", [-1439, 0, 1439])
def test_graphs_up_to_the_last_second_that_can_be_asked_for(client: Client, interval: str, offset: int) -> None:
    given = {"interval": interval, "timeZoneOffset": offset, "fromDate": LATEST - 10, "toDate": LATEST}
    found = client.call("report", "getGraphs", reportType="60002", reportInputFilter=user_filter(**given))
    assert re.fullmatch("(8999|9000)[0-9]*,0;", found.findtext("item/data") or "")


def test_half_a_letter_is_no_text(client: Client, account: NewAccount) -> None:
    half = {"secret": account.admin_secret, "userId": chr(0xD800), "type": 2, "partnerId": account.partner_id}
    found = client.http.post("/api_v3/service/session/action/start", json=half, base_url=BASE)
    assert code(found) == "INVALID_ENUM_VALUE" and '"userId"' in found.text


def test_a_call_that_crashes_leaves_the_others_of_a_multirequest_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lti_tool.analytics.queries import selected

    counted = selected.counted

    def crash(asked: Any, **more: Any) -> Any:
        if asked.entries == ("crash",):
            db.session.execute(db.text("SELECT nothing FROM nowhere"))
        return counted(asked, **more)

    monkeypatch.setattr(selected, "counted", crash)
    total = {"service": "report", "action": "getTotal", "reportType": 60002}
    body = {str(n): total | {"reportInputFilter": {"entryIdIn": one}} for n, one in enumerate(("crash", "r1"))}
    both = client.http.post("/api_v3/service/multirequest", json=body | {"ks": client.ks, "format": 1}, base_url=BASE)
    assert both.json[0]["code"] == "INTERNAL_SERVERL_ERROR" and both.json[1]["data"] == unique_users([])


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_answers_to_a_million_days_and_to_everything_hostile(client: Client, report: int) -> None:
    million = {"fromDate": "0", "toDate": str(86_400 * 1_000_000)}
    found = client.http.post(
        TABLE,
        json={"ks": client.ks, "reportType": report, "reportInputFilter": million, "pager": {}, "format": 1},
        base_url=BASE,
    ).json
    assert found.get("code") == "SEARCH_TOO_GENERAL" if report in (60004, 60011, 34) else found["totalCount"] >= 1
    for hostile in ("' OR 1=1 --", '"; DROP TABLE entry; --', "%", "\\", "x" * 5000, "🎉", "</data><x>"):
        body = {"reportInputFilter": {"entryIdIn": hostile, **DATES}, "reportType": report, "pager": {}, "format": 1}
        found = client.http.post(TABLE, json=body | {"ks": client.ks}, base_url=BASE).json
        rows = (found.get("data") or ";").split(";")[:-1]
        assert all(set(row.split(",")[1:]) <= {"0", "0.0", "", "Offline"} or report in (52, 60001, 60002, 60003, 70001)
                   for row in rows)  # fmt: skip
        order = client.http.post(TABLE, json=body | {"ks": client.ks, "order": f"-{hostile}"}, base_url=BASE).json
        assert order["code"] == "INVALID_ENUM_VALUE"


def test_pages_have_limits(client: Client) -> None:
    path = f"{TABLE}/ks/{client.ks}/reportType/60010/reportInputFilter:entryIdIn/r1"
    assert code(get(client, path)) == "MISSING_MANDATORY_PARAMETER"
    assert code(get(client, f"{path}/pager:pageSize/0")) == "INVALID_ENUM_VALUE"
    assert code(get(client, f"{path}/pager:pageSize/12001")) == "SEARCH_TOO_GENERAL"
    assert code(get(client, f"{path}/pager:pageSize/500/pager:pageIndex/25")) == "SEARCH_TOO_GENERAL"
    assert code(get(client, f"{path}/pager:pageSize/500/pager:pageIndex/24")) == "None"


def test_another_account_sees_nothing(app: Flask, client: Client) -> None:
    other = account_with(app, {}, [])
    theirs = Client(app.test_client())
    theirs.start(other.admin_secret, other.partner_id)
    for report in REPORTS:
        for given in ({}, {"entryIdIn": "r1|rec"}, {"cuePointIdIn": "s1"}, {"userIds": "ada"}):
            if report != 34:
                _header, rows, _count = theirs.table(report, user_filter(**given))
                assert all(set(row) <= {"0", "", "0.0"} for row in rows), report
    mixed = Ks(other.partner_id, ADMIN, "", int(time.time()) + 60, {})
    with app.app_context():
        secret = db.session.get_one(Account, client_id(client)).admin_secret
    assert code(get(client, f"{TABLE}/ks/{ks.make(secret, mixed)}")) == "INVALID_KS"


def client_id(client: Client) -> int:
    return ks.partner_of(client.ks)


def test_who_may_ask(app: Flask, client: Client, account: NewAccount) -> None:
    def answer(**said: Any) -> str:
        return code(get(client, f"{TABLE}/reportType/1/ks/{signed(account, **said)}"))

    assert answer() == "REPORT_NOT_FOUND"
    assert answer(type=USER) == "SERVICE_FORBIDDEN"
    assert answer(expires_at=1) == "INVALID_KS"
    assert answer(privileges={"iprestrict": "10.0.0.1"}) == "INVALID_KS"
    assert answer(privileges={"urirestrict": "/other/*"}) == "INVALID_KS"
    assert answer(privileges={"urirestrict": "/other/*|/api_v3/*"}) == "REPORT_NOT_FOUND"
    assert answer(privileges={"actionslimit": "5"}) == "INVALID_KS"
    nobody = ks.make(account.admin_secret, Ks(99_999_999, ADMIN, "", int(time.time()) + 60))
    assert "-2,INVALID_PARTNER" in get(client, f"{TABLE}/ks/{nobody}").text
    assert code(get(client, "/api_v3/")) == "SERVICE_NOT_SPECIFIED"
    assert code(get(client, "/api_v3/service/media/action/list")) == "SERVICE_DOES_NOT_EXISTS"
    assert code(get(client, "/api_v3/service/report")) == "ACTION_NOT_SPECIFIED"
    assert code(get(client, "/api_v3/service/report/action/drop")) == "ACTION_DOES_NOT_EXISTS"
    start = "/api_v3/service/session/action/start"
    assert code(get(client, f"{start}/secret/{account.admin_secret}/partnerId/x")) == "START_SESSION_ERROR"
    assert code(get(client, f"{start}/partnerId/{account.partner_id}")) == "MISSING_MANDATORY_PARAMETER"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b"[" * 100_000, b'{"a":' * 5000, b"\xff\xfe", b'{"x":"' + b"x" * 1_100_000 + b'"}'],
    ids=["open", "list", "text", "deep", "deeper", "bytes", "large"],
)
def test_a_body_that_cannot_be_read(client: Client, body: bytes) -> None:
    found = client.http.post(TABLE, data=body, content_type="application/json", base_url=BASE)
    assert code(found) == "INVALID_PARAMS"


def test_neither_a_ks_nor_a_secret_is_ever_logged(
    client: Client, account: NewAccount, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_anything: object) -> None:
        raise RuntimeError(f"at /api_v3/ks/{client.ks}/secret/{account.admin_secret}/x ks={client.ks}")

    from config.logging import Redacting
    from lti_tool.reports.report_api import filters

    monkeypatch.setattr(filters, "asked", crash)
    with caplog.at_level(logging.DEBUG):
        path = f"{TABLE}/ks/{client.ks}/reportType/60010/reportInputFilter:entryIdIn/r1/pager:pageSize/2"
        found = get(client, path)
        get(client, f"/api_v3/service/session/action/start/secret/{account.admin_secret}x/partnerId/1")
    assert code(found) == "INTERNAL_SERVERL_ERROR" and client.ks not in found.text
    written = "\n".join(Redacting("%(message)s").format(record) for record in caplog.records)
    assert "crash reference=" in written
    assert client.ks[:40] not in written and account.admin_secret not in written


def test_the_command_writes_the_same_rows(app: Flask, client: Client, account: NewAccount, tmp_path: Any) -> None:
    from click.testing import CliRunner

    import lti_tool.cli.report as command

    def run(*words: str) -> Any:
        words = ("report", *words, "--account", str(account.partner_id))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command, "application", lambda: app)
            return CliRunner().invoke(cli, words)

    file = tmp_path / "report.csv"
    times = ("--from", "2026-05-12", "--to", "2026-05-15")
    done = run("60013", *times, "--filter", "entry_ids=r1,rec", "-o", str(file))
    assert done.exit_code == 0, done.output
    lines = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))
    day = 1_778_544_000
    header, rows, _count = client.table(
        60013, user_filter(entryIdIn="r1|rec", fromDate=day, toDate=day + 3 * 86_400), order="-live_view_time"
    )
    assert lines[0] == header and [line[8:] for line in lines[1:]] == [row[8:] for row in rows]
    assert "'=1+1" in {line[0] for line in lines} and "Example, U" in {line[3] for line in lines}
    descriptive = run("60013", *times, "--descriptive").stdout_bytes.decode("utf-8-sig")
    assert descriptive.startswith("First Name,Last Name,Job Title,Company Name,Email Address ,")
    assert run("1", *times).exit_code == 2
    assert run("6000", *times, "--filter", "nothing=1").exit_code == 2
    assert run("6000", "--from", "soon", "--to", "2026-05-14").exit_code == 2


def test_the_manual_lists_every_report_as_it_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "report-api.md").read_text(encoding="utf-8")
    for number, report in REPORTS.items():
        columns = ", ".join(f"`{column.name}`" for column in report.columns)
        assert re.search(rf"^\| {number} \| [^|]+ \| {re.escape(columns)} \|$", text, re.MULTILINE), number
    known = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", text))
    source = Path(errors.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'ApiError\(\s*"([A-Z_]+)"', source))
    assert len(codes) > 10 and codes - known == set()
