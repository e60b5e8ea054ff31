"""What a custom report is: one list of columns, from which come its file and its table in the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lti_tool.models import Person
from lti_tool.reports.custom.asked import Asked


@dataclass(frozen=True)
class Column:
    """``name`` for machines, ``label`` for people; ``value`` takes it out of a row. Texts are English, as they are in
    the file: who works with it further must not depend on the language of who took it.
    """

    name: str
    label: str
    meaning: str
    unit: str
    source: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Report:
    """``title`` and ``sentence`` are shown on pages. ``filters``: names of ``asked.FILTERS`` that it can be cut by."""

    name: str
    title: Any
    sentence: Any
    columns: tuple[Column, ...]
    filters: tuple[str, ...]
    rows: Callable[[Asked], Iterator[Any]]


def cell(value: Any) -> str:
    """A value as it stands in a file: unrounded, nothing for no value."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    return str(value)


FIRST_NAME = "first name; of somebody without names what the source calls the person, else the id"


def first_name(person: Person) -> str | None:
    """So that no row is without a person."""
    return person.first_name if person.last_name else person.name


def iso(time_ms: int | None) -> str | None:
    """2026-05-12T15:33:20.000Z"""
    if time_ms is None:
        return None
    seconds, thousandths = divmod(time_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{thousandths:03}Z"


def unix(time_ms: int) -> int:
    """Whole seconds since the epoch."""
    return time_ms // 1000
