"""What a metric is: a name, a definition, and one formula on ``Numbers``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.analytics.numbers import INPUTS, Numbers


class Unit(StrEnum):
    PEOPLE = "people"
    COUNT = "count"
    SHARE = "share"  # a fraction from 0, shown as a percentage
    MINUTES = "minutes"
    CHANGE = "change"  # how many more or fewer, shown with its sign
    PERCENT = "percent"  # from 0 to 100, shown as a percentage
    SCORE = "score"  # shown with one decimal


class NotReported:
    """The value of a metric whose signal the source does not carry."""

    def __repr__(self) -> str:
        return "not-reported"


NOT_REPORTED = NotReported()
OWN = _("this tool")
Value = float | int | None | NotReported


@dataclass(frozen=True)
class Metric:
    """A number: its name in the API, what it is called, what it means, what goes into it and how.

    ``signal``: what a source must report for the number to exist. ``source``: where the definition comes from.
    ``note``: where Kaltura's help text and its code disagree, or we with them: the other rule.
    ``of_session``: asked of a whole session; else only of a part of it, such as a minute, a poll or a recording.
    """

    name: str
    label: Any
    unit: Unit
    definition: Any
    inputs: tuple[str, ...]
    formula: Callable[[Numbers], float | int | None]
    words: Any
    signal: str | None = None
    source: Any = "Kaltura help, Session analytics"
    note: Any = None
    of_session: bool = True

    def value(self, numbers: Numbers) -> Value:
        """The unrounded value; nothing where nobody is there to divide by; not reported without its signal."""
        if self.signal is not None and self.signal not in numbers.reported:
            return NOT_REPORTED
        return self.formula(numbers)

    def reading(self, numbers: Numbers) -> Reading:
        """The metric with its value."""
        return Reading(self, self.value(numbers))


@dataclass(frozen=True)
class Reading:
    """A metric and its value for what is asked about."""

    metric: Metric
    value: Value


def data_value(value: Value | str) -> str:
    """A value, or a text beside it, as it is written for machines: unrounded, empty for no value."""
    return "" if value is None else str(value)


def ratio(dividend: float, divisor: float) -> float | None:
    """Nothing where there is nobody to divide by."""
    return dividend / divisor if divisor else None


def counted(name: str, label: Any, field: str, definition: Any, **more: Any) -> Metric:
    """A metric that is one of the sums itself."""
    unit = (
        Unit.PEOPLE if field.endswith(("people", "viewers", "participants", "choosers", "contributors")) else Unit.COUNT
    )
    return Metric(name, label, unit, definition, (field,), lambda n: int(getattr(n, field)), INPUTS[field], **more)
