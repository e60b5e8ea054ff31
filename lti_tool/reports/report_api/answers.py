"""What a call is answered with: XML, or JSON where ``format`` is 1; errors in the same forms, and files as they are."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from flask import Response

from lti_tool.reports.report_api import wire
from lti_tool.reports.report_api.errors import ApiError, not_allowed

JSON, XML = "1", "2"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<?xml version="1.0" encoding="utf-8"?><xml><result>'


@dataclass(frozen=True)
class File:
    """A file in the place of an answer. ``name`` holds nothing that a header could not."""

    name: str
    content: Iterable[bytes]


def form(parameters: Mapping[str, Any]) -> str:
    """The form that a call asks for. Raises ``ApiError``."""
    asked = wire.text(parameters, "format").strip() or XML
    if asked not in (JSON, XML):
        raise not_allowed(asked, "format", f"{JSON} (JSON) or {XML} (XML)")
    return asked


def response(result: Any, form: str, started: float) -> Response:
    """The answer. ``result``: a value, a dictionary that begins with its ``objectType``, a list, a file or an error;
    ``started``: by ``time.perf_counter``.
    """
    if isinstance(result, File):
        made = Response(result.content, content_type="text/csv; charset=UTF-8")
        made.headers["Content-Disposition"] = f'attachment; filename="{result.name}"'
    elif form == JSON:
        made = Response(json.dumps(_as_json(result)), content_type="application/json")
    else:
        body = f"{_HEAD}{_as_xml(result)}</result><executionTime>{time.perf_counter() - started}</executionTime></xml>"
        made = Response(body, content_type="text/xml; charset=UTF-8")
    made.headers["Cache-Control"] = "no-store"
    return made


def _as_json(value: Any) -> Any:
    if isinstance(value, ApiError):
        error = {"code": value.code, "message": value.message, "objectType": "KalturaAPIException"}
        return {**error, "args": value.args_of}
    if isinstance(value, Mapping):
        return {name: _as_json(inner) for name, inner in value.items() if inner is not None}
    return [_as_json(inner) for inner in value] if isinstance(value, list) else value


def _as_xml(value: Any) -> str:
    if isinstance(value, ApiError):
        return f"<error>{_as_xml(_error(value))}</error>"
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_as_xml(inner)}</{name}>" for name, inner in value.items() if inner is not None)
    if isinstance(value, list):
        return "".join(f"<item>{_as_xml(inner)}</item>" for inner in value)
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else escape(_NOT_IN_XML.sub(" ", str(value)))


def _error(error: ApiError) -> dict[str, Any]:
    args = [
        {"objectType": "KalturaApiExceptionArg", "name": name, "value": value} for name, value in error.args_of.items()
    ]
    return {"code": error.code, "message": error.message, "objectType": "KalturaAPIException", "args": args}
