"""A layout's table with its columns bound: each read as numbers, moments, words or labels when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from backend.importers.base import ImportOptions, ImportProblem, Skipped
from backend.importers.csv_cells import distinct, holds
from backend.importers.csv_values import decimal_mark
from backend.importers.layouts.finding import FoundTable
from backend.importers.layouts.headers import Bound
from backend.importers.layouts.layout import Layout
from backend.importers.layouts.moments import MISSING, Order, Stamps, offset_of, read_moments, shown_order
from backend.importers.layouts.numerals import Floats, bare_number, read_numbers_of
from backend.importers.parsing import MAX_LABEL_CHARS, clean_text, zone_of

_T = TypeVar("_T")
Mask = np.ndarray[Any, np.dtype[np.bool_]]

CLOCKS: Final = ("time", "entry_time", "exit_time", "bought_time", "sold_time")
_NUMBERS: Final = (
    "quantity", "price", "entry_price", "exit_price", "buy_price", "sell_price", "unit_price", "pnl", "amount",
    "cash_change", "cash", "position", "rate", "adverse", "favourable", "ratio",
)  # fmt: skip
_PREAMBLE_ZONE = re.compile(r"time\s?zone\s*+(?:[:=]\s*+)?(?:UTC|GMT)\s*+([+-]?\d{1,2}(?::?\d\d)?)?", re.IGNORECASE)
_NAME_ZONE = re.compile(r"\(UTC([+-]{0,2}\d{1,2})?\)")


@dataclass(slots=True)
class LayoutSheet:
    """The bound table; what was assumed is noted as it happens. `zone` and `order` are those of its clocks, `beside` is
    the table of the same file that holds its costs.
    """

    found: FoundTable
    bound: Bound
    options: ImportOptions
    decimal: str
    zone: tzinfo
    order: Order
    warnings: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    beside: LayoutSheet | None = None

    @property
    def layout(self) -> Layout:
        """The layout that the table is of."""
        return self.found.located.layout

    def __len__(self) -> int:
        return len(self.found.table.rows)

    def has(self, meaning: str) -> bool:
        """Whether the table has the column."""
        return meaning in self.bound.columns

    def header(self, meaning: str) -> str:
        """What the file calls the column."""
        return self.found.table.headers[self.bound.columns[meaning]] if self.has(meaning) else meaning

    def arrow(self, meaning: str) -> Any:
        """The column as Arrow keeps it."""
        return self.found.table.rows.arrow(self.bound.columns[meaning])

    def numbers(self, meaning: str, where: Mask | None = None) -> Floats:
        """The column's numbers, NaN where there is none."""
        return self.numbers_with_units(meaning, where)[0]

    def numbers_with_units(self, meaning: str, where: Mask | None = None) -> tuple[Floats, list[str], Any]:
        """The numbers, the different units behind them, and which of these each row has."""
        if not self.has(meaning):
            return np.full(len(self), np.nan), [""], np.zeros(len(self), dtype=np.int64)
        return self.numbers_at(self.bound.columns[meaning], where)

    def numbers_at(self, column: int, where: Mask | None = None) -> tuple[Floats, list[str], Any]:
        """As `numbers_with_units`, of a column by its number."""
        table = self.found.table
        return read_numbers_of(
            table.rows.arrow(column), table.lines, table.headers[column], decimal=self.decimal, where=where
        )

    def moments(self, meaning: str, where: Mask | None = None) -> Stamps:
        """The column's moments in UTC, `MISSING` where there is none; a day's column is put in front of a clock's."""
        if not self.has(meaning):
            return np.full(len(self), MISSING, dtype=np.int64)
        column = self.arrow(meaning)
        if meaning == "time" and self.has("day"):
            import pyarrow.compute as pc  # noqa: PLC0415 - only for tables that part day and clock

            column = pc.binary_join_element_wise(self.arrow("day"), column, " ")
        zone = self.bound.zones.get(meaning)
        return read_moments(
            column,
            self.found.table.lines,
            self.header(meaning),
            order=self.order,
            zone=self.zone if zone is None else offset_of(zone),
            where=where,
        )

    def words(self, meaning: str) -> tuple[list[str], Any]:
        """The different cells in plain form, and for each row which of them it has."""
        return self.mapped(meaning, word_of)

    def labels(self, meaning: str, limit: int = MAX_LABEL_CHARS) -> list[str | None]:
        """The column's clean texts, None for an empty cell."""
        found, which = self.mapped(meaning, lambda cell: clean_text(cell, limit))
        return [found[at] for at in which]

    def mapped(self, meaning: str, function: Callable[[str], _T]) -> tuple[list[_T], Any]:
        """Each different cell through `function`, and for each row which of them it has; without the column one row's
        worth of an empty cell.
        """
        if not self.has(meaning):
            return [function("")], np.zeros(len(self), dtype=np.int64)
        cells, which = distinct(self.arrow(meaning))
        return [function(cell) for cell in cells], which

    def line(self, at: int) -> int:
        """The file's line of a row."""
        return int(self.found.table.lines[at])

    def bad(self, at: int, meaning: str, what: str) -> ImportProblem:
        """The refusal of one cell, with its line and column."""
        line, column = self.line(at), self.header(meaning)
        return ImportProblem(f"Line {line}, column {column!r}: {what}.", line=line, column=column, code="bad_value")

    def leave_out(self, rows: Mask, why: str) -> None:
        """Note rows that are left out."""
        self.skipped += [Skipped(self.line(int(at)), why) for at in np.flatnonzero(rows)]


def word_of(cell: str) -> str:
    """A cell as layouts spell their words."""
    return " ".join(cell.casefold().replace("_", " ").split())


def open_layout(found: FoundTable, bound: Bound, filename: str, options: ImportOptions) -> LayoutSheet:
    """The table with its clock's zone, the order of its dates and its decimal mark settled.

    Raises:
        ImportProblem: `missing_columns`, `ambiguous_number`, `ambiguous_time`, `bad_timezone`.
    """
    layout = found.located.layout
    _require(layout, bound, found)
    warnings: list[str] = []
    zone = _zone(found, bound, filename, options, warnings)
    decimal = layout.decimal if layout.decimal != "file" else _decimal(found, bound)
    order = _order(found, bound, options, warnings)
    return LayoutSheet(found, bound, options, decimal, zone, order, warnings, list(found.left_out))


def _require(layout: Layout, bound: Bound, found: FoundTable) -> None:
    needed = {
        "fills": ("time", "symbol") if "quantity" not in layout.columns else ("time", "symbol", "quantity"),
        "trips": ("exit_time", "symbol"),
        "pairs": ("bought_time", "sold_time", "symbol", "quantity", "buy_price", "sell_price"),
    }[layout.rows]
    lacking = [name for name in needed if name not in bound.columns]
    if lacking:
        words = ", ".join(f"{layout.columns[name][0]!r}" for name in lacking if name in layout.columns)
        seen = ", ".join(repr(header[:40]) for header in found.table.headers[:40])
        raise ImportProblem(
            f"The table looks like {layout.title} but lacks {words}. Its columns are: {seen}. Export it again with all "
            "its columns.",
            code="missing_columns",
        )


def _zone(found: FoundTable, bound: Bound, filename: str, options: ImportOptions, warnings: list[str]) -> tzinfo:
    layout = found.located.layout
    told = _told_zone(found, bound, filename, options)
    if told is not None:
        return told
    if layout.usual_zone is not None:
        warnings.append(
            f"The times name no zone and were read as {layout.usual_zone}, which {layout.title} usually are in. Name "
            "the time zone when importing if that is wrong."
        )
        return zone_of(layout.usual_zone)
    if _has_clock(found, bound):
        warnings.append(
            "The times name no zone and were read as UTC. Name the time zone when importing if that is wrong."
        )
    return ZoneInfo("UTC")


def _told_zone(found: FoundTable, bound: Bound, filename: str, options: ImportOptions) -> tzinfo | None:
    """What the broker fixes, the lines above the table say, the person said, or the file's name says; UTC where each
    time names a zone itself.
    """
    fixed = found.located.layout.zone
    above = next((match[1] or "0" for cell in found.located.preamble if (match := _PREAMBLE_ZONE.search(cell))), None)
    named = _NAME_ZONE.search(filename)
    if fixed is not None or (above is None and options.timezone is not None):
        return zone_of(fixed or options.timezone or "UTC")
    in_name = (named[1] or "0").replace("--", "-") if named is not None else None
    if above is not None or in_name is not None:
        return offset_of(above or in_name or "0")
    if any(clock in bound.zones for clock in CLOCKS) or _all_zoned(found, bound):
        return ZoneInfo("UTC")
    return None


_ZONED = re.compile(r".*(?:Z|[+-]\d\d:?\d\d|\b(?!(?:AM|PM)\b)[A-Z]{2,4})\s*")
_EPOCHS = re.compile(r"\s*\d{10,19}(?:\.\d+)?\s*")


def _all_zoned(found: FoundTable, bound: Bound) -> bool:
    cells = [cell for cell in _clock_cells(found, bound) if (cell.strip() and ":" in cell) or _EPOCHS.fullmatch(cell)]
    return bool(cells) and all(_ZONED.fullmatch(cell) or _EPOCHS.fullmatch(cell) for cell in cells)


def _has_clock(found: FoundTable, bound: Bound) -> bool:
    return any(":" in cell for cell in _clock_cells(found, bound))


def _clock_cells(found: FoundTable, bound: Bound) -> Iterable[str]:
    for clock in CLOCKS:
        if clock in bound.columns:
            column = found.table.rows.arrow(bound.columns[clock])
            yield from (cell for cell in column.slice(0, 200).to_pylist())


def _decimal(found: FoundTable, bound: Bound) -> str:
    if found.table.kind != "csv":
        return "."
    places = [bound.columns[name] for name in _NUMBERS if name in bound.columns]
    places += [at for _, at, _ in bound.costs]
    rows = found.table.rows
    if not any(holds(rows.arrow(at), ",") for at in places):
        return "."
    columns = [[bare_number(cell) for cell in rows.column(at)] for at in places]
    return decimal_mark(columns, found.table.lines, delimiter=found.table.delimiter)


def _order(found: FoundTable, bound: Bound, options: ImportOptions, warnings: list[str]) -> Order:
    layout = found.located.layout
    if layout.dates != "file":
        return layout.dates
    names = ["day"] if "day" in bound.columns else [clock for clock in CLOCKS if clock in bound.columns]
    columns = [found.table.rows.arrow(bound.columns[name]) for name in names]
    shown = shown_order(columns)
    if shown is not None:
        if shown != "year" and options.date_order not in (None, shown):
            warnings.append(f"The dates were read {shown} first: they can't be read the other way round.")
        return shown
    if options.date_order is not None:
        return options.date_order
    header = found.table.headers[bound.columns[names[0]]]
    raise ImportProblem(
        f"Column {header!r} may be day first or month first, and nothing in the file tells which. Say which when "
        "importing, or write the dates as YYYY-MM-DD.",
        column=header,
        code="ambiguous_time",
    )


def unique_texts(values: Sequence[str | None]) -> Mapping[str, int]:
    """How often each text stands there, most frequent first."""
    counts: dict[str, int] = {}
    for value in values:
        if value:
            counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
