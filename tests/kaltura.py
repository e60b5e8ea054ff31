"""A client of the report API that writes requests as the official Python client does: what it sends is public."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from flask.testing import FlaskClient

BASE = "https://tool.example"
HEADERS = {"Accept": "text/xml", "Accept-encoding": "gzip", "User-Agent": "python-requests/2"}


class KalturaException(Exception):
    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def typed(name: str, **fields: Any) -> dict[str, Any]:
    """An object: every scalar a text, and its type."""
    given = {key: value if isinstance(value, dict | list) else str(value) for key, value in fields.items()}
    return {**given, "objectType": name}


@dataclass
class Client:
    http: FlaskClient
    ks: str = ""
    sent: list[Any] = field(default_factory=list)

    def call(self, service: str, action: str, **parameters: Any) -> Any:
        """The result of an action, as an XML element."""
        body = self._common() | {name: value for name, value in parameters.items() if value is not None}
        path = f"/api_v3/service/{service}" + (f"/action/{action}" if action else "")
        response = self.http.post(path, data=self._signed(body), headers=HEADERS, content_type="application/json",
                                  base_url=BASE)  # fmt: skip
        assert response.status_code == 200 and response.mimetype == "text/xml"
        result = ElementTree.fromstring(response.data).find("result")
        assert result is not None
        return self.checked(result)

    @staticmethod
    def checked(result: ElementTree.Element) -> ElementTree.Element:
        error = result.find("error")
        if error is not None:
            raise KalturaException(error.findtext("message", ""), error.findtext("code", ""))
        return result

    def url(self, service: str, action: str, **parameters: Any) -> str:
        """The address that the client gives back for an action whose result is a file."""
        body = {**self._common(), "format": "2", **parameters}
        body = {key: str(value) for key, value in body.items()}
        body["kalsig"] = hashlib.md5(json.dumps(body).encode()).hexdigest()
        return f"/api_v3/service/{service}/action/{action}?{urlencode(body)}"

    def start(self, secret: str, partner_id: int, user: str = "admin@x.org", type: int = 2) -> None:
        session = {"secret": secret, "userId": user, "type": str(type), "partnerId": str(partner_id)}
        result = self.call("session", "start", **session, expiry="86400", privileges="disableentitlement")
        self.ks = result.text or ""

    def table(self, report: int, filter: dict[str, Any], *, size: int = 500, page: int = 1, order: str = "") -> Any:
        """(header, rows, total count) with the bar for a delimiter."""
        result = self.call(
            "report",
            "getTable",
            reportType=str(report),
            reportInputFilter=filter,
            pager=typed("KalturaFilterPager", pageIndex=page, pageSize=size),
            order=order or None,
            responseOptions=typed("KalturaReportResponseOptions", delimiter="|", skipEmptyDates=False),
        )
        header, data = result.findtext("header") or "", result.findtext("data") or ""
        rows = [row.split("|") for row in data.split(";")[:-1]]
        return header.split("|") if header else [], rows, int(result.findtext("totalCount", ""))

    def total(self, report: int, filter: dict[str, Any]) -> dict[str, str]:
        options = typed("KalturaReportResponseOptions", delimiter="|")
        result = self.call(
            "report", "getTotal", reportType=str(report), reportInputFilter=filter, responseOptions=options
        )
        pairs = zip(result.findtext("header", "").split("|"), result.findtext("data", "").split("|"), strict=True)
        return dict(pairs)

    def _common(self) -> dict[str, Any]:
        common = {"clientTag": "python-26-10-22", "apiVersion": "23.10.0", "format": "2"}
        return common | ({"ks": self.ks} if self.ks else {})

    def _signed(self, body: dict[str, Any]) -> str:
        body["kalsig"] = hashlib.md5(json.dumps(body).encode()).hexdigest()
        self.sent.append(body)
        return json.dumps(body)


def user_filter(**fields: Any) -> dict[str, Any]:
    return typed("KalturaEndUserReportInputFilter", **fields)
