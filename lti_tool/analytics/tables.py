"""Tables that are short enough to be sorted in memory: what was asked of one, and the ten rows that are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lti_tool.analytics.metrics import METRICS, Metric, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import asked_page, page_of, size_of

T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """A column of numbers: its name in addresses, and its metric."""

    sort: str
    metric: Metric


@dataclass(frozen=True)
class Layout:
    """What a table is made of. ``sort``: the column that it is sorted by, downwards, unless asked otherwise.

    The first column holds what a row is about, and is sorted by as ``name``.
    """

    name: str
    columns: tuple[Column, ...]
    sort: str

    @classmethod
    def of(cls, name: str, sort: str, **metrics: str) -> Layout:
        """Columns by their names in addresses and the names of their metrics."""
        return cls(name, tuple(Column(key, METRICS[metric]) for key, metric in metrics.items()), sort)

    def readings(self, numbers: Numbers) -> tuple[Reading, ...]:
        return tuple(column.metric.reading(numbers) for column in self.columns)

    def asked(self, arguments: Mapping[str, str]) -> Order:
        """What an address asks of this table; what it does not say or says wrongly is as usual."""
        sort = arguments.get(f"{self.name}_sort", "")
        known = sort == "name" or any(column.sort == sort for column in self.columns)
        return Order(
            sort=sort if known else self.sort,
            descending=arguments.get(f"{self.name}_order", "asc" if sort == "name" else "desc") != "asc",
            page=asked_page(arguments.get(f"{self.name}_page", "")),
        )


@dataclass(frozen=True)
class Order:
    """By which column, which way round, and which page."""

    sort: str
    descending: bool
    page: int = 1

    def slice(self, found: int) -> tuple[int, int, int]:
        """The page that there is, how many there are, and where its rows begin."""
        return page_of(found, self.page)


@dataclass(frozen=True)
class Row:
    """``key``: the outside id of what the row is about. ``subject``: what it is about, for the page to name."""

    key: str
    subject: Any
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Picked(Generic[T]):
    """The items of page ``page`` of ``pages``, of ``found`` in all."""

    items: tuple[T, ...]
    found: int
    page: int
    pages: int


@dataclass(frozen=True)
class Table:
    """The rows of a page, with the row over all of them."""

    layout: Layout
    order: Order
    rows: tuple[Row, ...]
    total: tuple[Reading, ...]
    found: int
    page: int
    pages: int


def pick(
    layout: Layout, order: Order, items: Sequence[T], *, numbers: Callable[[T], Any], name: Callable[[T], Any]
) -> Picked[T]:
    """A page of all items, in their order."""
    ordered = in_order(layout, order, items, numbers=numbers, name=name)
    page, pages, start = order.slice(len(ordered))
    return Picked(tuple(ordered[start : start + size_of(len(ordered), order.page)]), len(ordered), page, pages)


def in_order(
    layout: Layout, order: Order, items: Sequence[T], *, numbers: Callable[[T], Any], name: Callable[[T], Any]
) -> list[T]:
    """All items, sorted. Those without a value come below all others; equal ones go by name.

    ``numbers``: what the formulas take of an item; it may be anything that has the inputs of the table's metrics.
    """
    ordered = sorted(items, key=name)
    if order.sort == "name":
        return ordered[::-1] if order.descending else ordered
    formula = next(column.metric.formula for column in layout.columns if column.sort == order.sort)

    def rank(item: T) -> float:
        value = formula(numbers(item))
        return -1.0 if value is None else float(value)

    return sorted(ordered, key=rank, reverse=order.descending)


def table(layout: Layout, order: Order, picked: Picked[Any], rows: Sequence[Row], total: Numbers) -> Table:
    """The table of a page's rows."""
    shown = tuple(rows)
    return Table(layout, order, shown, layout.readings(total), picked.found, picked.page, picked.pages)
