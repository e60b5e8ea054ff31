"""(g) Calls of the report API per second, one after the other, at 20 and at 2,000 people of a session."""

from __future__ import annotations

import time

from flask import current_app

from benchmarks.pages import TOOL, _fill
from benchmarks.scratch import account, median
from lti_tool.models import Account, db
from lti_tool.reports.report_api import ks
from lti_tool.reports.report_api.ks import ADMIN, Ks

REPORTS = (60002, 60004, 60010, 60013, 60012, 60005)


def run(sizes: tuple[int, ...] = (20, 2_000)) -> None:
    for people in sizes:
        with account(LTI_TOOL_PUBLIC_URL=TOOL) as account_id:
            _fill(account_id, people)
            secret = db.session.get_one(Account, account_id).admin_secret
            token = ks.make(secret, Ks(account_id, ADMIN, "", int(time.time()) + 3600))
            client = current_app._get_current_object().test_client()

            def call(report: int, client=client, token=token) -> None:
                asked = {"reportInputFilter": {"entryIdIn": "room|recording0"}, "pager": {"pageSize": 25}}
                body = {"reportType": report, "format": 1, **asked}
                headers = {"Authorization": f"KS {token}"}
                found = client.post("/api_v3/service/report/action/getTable", json=body, headers=headers, base_url=TOOL)
                assert found.json["totalCount"]

            rates = (f"{report}: {1 / median(lambda report=report: call(report)):6.0f}" for report in REPORTS)
            print(f"report API, {people:>5,} people, getTable calls a second: {'; '.join(rates)}", flush=True)
