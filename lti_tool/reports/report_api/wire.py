"""What a call is made of, in any of the forms that it may come: path pairs, query, form, JSON; and many calls at once.

Whatever the form, a call is nested dictionaries, lists and texts. Addresses override bodies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from flask import Request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lti_tool.reports.report_api.errors import ApiError, missing, not_allowed, too_general, unreadable

MOST_BYTES = 1024 * 1024
MOST_PARAMETERS = 5000
MOST_CALLS = 50
DEEPEST = 8
_NESTED = re.compile(r"[\[\]:]+")
_RESULT = re.compile(r"\{(\d{1,3}):result((?::\w+)*)\}")
_HALF = re.compile("[\ud800-\udfff]")
_SERVICE = ("service", "action")


def read(request: Request, path: str) -> dict[str, Any]:
    """The parameters of a call. ``path``: what follows ``/api_v3/`` in the address, as it was sent. Raises
    ``ApiError``.
    """
    request.max_content_length = MOST_BYTES
    body = _body(request)
    address = [*request.args.items(), *_pairs(path)]
    if len(address) + len(body) > MOST_PARAMETERS:
        raise unreadable(f"it has more than {MOST_PARAMETERS} parameters")
    merged: dict[str, Any] = _merged(_tree(body.items()), _tree(address))
    return merged


def path_of(request: Request) -> str:
    """What follows ``/api_v3/`` in the address, before any ``%2F`` in it became a slash."""
    sent = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or ""
    raw = str(sent).partition("?")[0]
    _host, found, rest = raw.partition("/api_v3/")
    return rest if found else request.path.partition("/api_v3/")[2]


def _pairs(path: str) -> list[tuple[str, str]]:
    """``service/report/action/getTable/k/v``: names and values in turn; ``;`` and ``=`` are letters like others."""
    parts = [unquote(part) for part in path.split("/")]
    if parts and parts[0] == "index.php":
        del parts[0]
    return [(name, value) for name, value in zip(parts[::2], parts[1::2], strict=False) if name]


def _body(request: Request) -> Mapping[str, Any]:
    try:
        if request.mimetype == "application/json":
            return _json(request.get_data())
        form = dict(request.form.items())
        if request.mimetype == "multipart/form-data" and "json" in form:
            return {**form, **_json(form.pop("json").encode())}
        return form
    except RequestEntityTooLarge:
        raise unreadable(f"the body is larger than {MOST_BYTES} bytes") from None
    except HTTPException:
        raise unreadable("the body is no form") from None


def _json(data: bytes) -> Mapping[str, Any]:
    if not data.strip():
        return {}
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise unreadable("the body is no JSON") from None
    if not isinstance(found, dict):
        raise unreadable("the body is no JSON object")
    return found


def _tree(parameters: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Names like ``a[b][c]`` or ``a:b:c`` are nested."""
    tree: dict[str, Any] = {}
    for name, value in parameters:
        place, steps = tree, [step for step in _NESTED.split(name) if step]
        if not steps or len(steps) > DEEPEST:
            continue
        for step in steps[:-1]:
            inner = place.get(step)
            if not isinstance(inner, dict):
                inner = place[step] = {}
            place = inner
        place[steps[-1]] = _merged(place.get(steps[-1]), _plain(value, DEEPEST))
    return tree


def _plain(value: Any, depth: int) -> Any:
    """Texts, lists and dictionaries; numbers and switches as the texts that they are in an address."""
    if depth < 0:
        raise unreadable("it is nested too deeply")
    if isinstance(value, dict):
        return {str(name): _plain(inner, depth - 1) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner, depth - 1) for inner in value]
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{name: _merged(below.get(name), value) for name, value in above.items()}}
    return above


def calls_of(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The calls of a multirequest, in the order of their numbers; what they share comes from around them."""
    numbers = sorted(int(name) for name in parameters if name.isdecimal() and len(name) < 6)
    if not numbers:
        raise missing("0")
    if len(numbers) > MOST_CALLS:
        raise too_general(f"a multirequest may hold {MOST_CALLS} calls")
    shared = {name: value for name, value in parameters.items() if not name.isdigit() and name not in _SERVICE}
    calls = [parameters[str(number)] for number in numbers if str(number) in parameters]
    if not all(isinstance(call, dict) for call in calls):
        raise unreadable("a call of the multirequest has no parameters")
    return [{**shared, **call} for call in calls]


def with_results(value: Any, results: list[Any]) -> Any:
    """The parameters with ``{1:result:a:b}`` replaced by that part of the first call's result."""
    if isinstance(value, dict):
        return {name: with_results(inner, results) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_results(inner, results) for inner in value]
    return _RESULT.sub(lambda found: _part(found, results), value) if isinstance(value, str) else value


def _part(found: re.Match[str], results: list[Any]) -> str:
    place = int(found[1]) - 1
    value = results[place] if 0 <= place < len(results) else None
    for step in found[2].split(":")[1:]:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and len(step) < 6 and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
    if value is None or isinstance(value, ApiError | Mapping | list):
        raise not_allowed(found[0], "result", "a text or number of an earlier call's result")
    return str(value)


def text(parameters: Mapping[str, Any], name: str) -> str:
    """A parameter that is a text; empty, where there is none."""
    value = parameters.get(name, "")
    if not isinstance(value, str):
        raise not_allowed("an object", name, "a text")
    if _HALF.search(value):
        raise not_allowed(value, name, "a text without half letters (lone surrogates)")
    return value


def whole(parameters: Mapping[str, Any], name: str, usual: int, *, least: int, most: int) -> int:
    """A parameter that is a whole number."""
    value = text(parameters, name).strip()
    if not value:
        return usual
    number = int(value) if re.fullmatch(r"[+-]?[0-9]{1,15}", value) else None
    if number is None or not least <= number <= most:
        raise not_allowed(value, name, f"a whole number from {least} to {most}")
    return number


def switch(parameters: Mapping[str, Any], name: str) -> bool:
    """A parameter that is true or false, as any of the clients writes it."""
    return text(parameters, name).strip().lower() in ("1", "true", "yes")


def inner(parameters: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """A parameter that is an object; nothing, where there is none."""
    value = parameters.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, dict):
        raise not_allowed(str(value), name, "an object, as in JSON or as name[part]=value")
    return value


def items(parameters: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A parameter that is a list of objects, as JSON has it or with numbers for names."""
    value = parameters.get(name)
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=lambda key: (len(key), key)) if key.isdigit()]
    if value in (None, ""):
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise not_allowed("no list", name, "a list of objects")
    return value
