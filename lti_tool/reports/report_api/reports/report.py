"""What a report is: its columns, its rows, and what all of them come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lti_tool.analytics import engagement, selected
from lti_tool.analytics.engagement import Cell, Column
from lti_tool.analytics.numbers import Numbers
from lti_tool.reports.report_api.errors import not_allowed
from lti_tool.reports.report_api.filters import Asked

PIECE = 1000
Row = tuple[Mapping[str, Cell], Numbers]
# Columns that are no metric of a row and yet have a total.
_ADDED = frozenset({"count_viewers", "count_download_attachment_clicked"}) | {
    f"reaction_{kind.lower()}_clicked" for kind in selected.REACTIONS
}


@dataclass(frozen=True)
class Order:
    """By which column, and which way round."""

    column: str
    descending: bool


@dataclass(frozen=True)
class Page:
    """``size``: how many rows, or all; ``start``: how many come before them."""

    size: int | None = None
    start: int = 0


@dataclass(frozen=True)
class Rows:
    """The rows of a page, of ``found`` in all."""

    cells: list[list[Cell]]
    found: int


# The rows of a report, piece by piece, and how many there are in all.
Pieces = tuple[Iterator[list[list[Cell]]], int]


@dataclass(frozen=True)
class Report:
    """A report. ``order``: the column that it is sorted by unless asked otherwise, downwards; without one it stays in
    its own order. ``objects``: what its ``objectIds`` are, a field of ``Selection``. ``sums``: what all rows come to.
    ``long``: its rows for a file, where they may be too many for the memory. ``check``: raises ``ApiError``, unless
    these rows can be had whatever happens until a file of them is made.
    """

    id: int
    columns: tuple[Column, ...]
    rows: Callable[[Report, Asked, Order | None, Page], Rows]
    order: str = ""
    objects: str = ""
    sums: Callable[[Asked], Row] = lambda asked: ({}, selected.total(asked.selection))
    long: Callable[[Report, Asked, Order | None, int | None], Pieces] | None = None
    check: Callable[[Asked], object] = lambda asked: None

    @property
    def total_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.metric or column.name in _ADDED)

    def table(self, asked: Asked, order: str = "", page: Page | None = None) -> Rows:
        """A page of its rows."""
        return self.rows(self, asked, self._order(order), page or Page())

    def pieces(self, asked: Asked, order: str, most: int | None) -> Pieces:
        """Its first rows for a file, or all, and how many rows there are."""
        if self.long:
            return self.long(self, asked, self._order(order), most)
        found = self.table(asked, order, Page(most))
        return (found.cells[at : at + PIECE] for at in range(0, len(found.cells), PIECE)), found.found

    def total(self, asked: Asked) -> list[Cell]:
        """The cells of the row over everything."""
        keys, numbers = self.sums(asked)
        return [cell(column, keys, numbers) for column in self.total_columns]

    def check_order(self, asked: str, parameter: str = "order") -> None:
        """Raises ``ApiError``, which names the parameter, where there is no such column."""
        self._order(asked, parameter)

    def _order(self, asked: str, parameter: str = "order") -> Order | None:
        name = asked.strip()
        if not name:
            return Order(self.order, True) if self.order else None
        descending, name = name.startswith("-"), name.lstrip("+- ")
        known = [column.name for column in self.columns]
        if name == "name" and name not in known and self.objects == "people":
            name = "user_name"  # as Kaltura's dashboard asks for it
        elif name not in known:
            raise not_allowed(asked, parameter, f"one of {', '.join(known)}, with + or - in front")
        return Order(name, descending)


def cell(column: Column, keys: Mapping[str, Cell], numbers: Numbers) -> Cell:
    """What a row holds in a column."""
    return engagement.value(column.metric, numbers) if column.metric else keys.get(column.name)


def short(make: Callable[[Asked], Iterable[Row]]) -> Callable[[Report, Asked, Order | None, Page], Rows]:
    """A table that is sorted in memory."""

    def rows(report: Report, asked: Asked, order: Order | None, page: Page) -> Rows:
        made = [[cell(column, keys, numbers) for column in report.columns] for keys, numbers in make(asked)]
        if order:
            place = [column.name for column in report.columns].index(order.column)
            made = _sorted(made, place, descending=order.descending)
        end = None if page.size is None else page.start + page.size
        return Rows(made[page.start : end], len(made))

    return rows


def _sorted(rows: list[list[Cell]], place: int, *, descending: bool) -> list[list[Cell]]:
    """Those without a value come last, whichever way round; equal ones stay as they were."""
    known = [row for row in rows if row[place] not in (None, "")]
    known.sort(key=lambda row: _rank(row[place]), reverse=descending)
    return known + [row for row in rows if row[place] in (None, "")]


def _rank(value: Cell) -> tuple[int, float, str]:
    return (0, value, "") if isinstance(value, int | float) else (1, 0.0, str(value))
