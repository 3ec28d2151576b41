"""A table whose columns are bound to fields: each column read as numbers, moments or texts when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from backend.importers.base import ImportProblem, Skipped
from backend.importers.csv_cells import decimals, distinct, holds, plain_moments, plain_numbers, units
from backend.importers.csv_columns import is_round_trips
from backend.importers.csv_tables import Table
from backend.importers.csv_values import decimal_mark, read_numbers, read_times
from backend.importers.parsing import MAX_LABEL_CHARS, clean_text
from backend.importers.position_columns import Moments, Numbers, Same, microseconds

_T = TypeVar("_T")
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
NO_MOMENT = -(2**63)

_NOT_WORD = re.compile(r"[^a-z0-9-]+")
_TOTAL = re.compile(r"((sub|grand )?totals?|sum|average):?", re.IGNORECASE)
_DAYS = {"time": "day", "entry_time": "entry_day", "exit_time": "exit_day"}
_CLOCK = re.compile(r"\s*\d{1,2}:\d{2}")
_NUMBERS = (
    "quantity", "price", "entry_price", "exit_price", "fees", "entry_fees", "exit_fees", "funding",
    "funding_received", "pnl", "low_price", "high_price", "cash", "equity", "amount", "cash_change", "position_after",
    "multiplier", "leverage",
)  # fmt: skip


@dataclass(slots=True)
class Sheet:
    """A bound table: columns by field, read on demand; what was assumed is noted as it happens.

    `constants` are fields that the file has no column for and that are the same in every row, such as the symbol.
    """

    table: Table
    bound: Mapping[str, int]
    zone: ZoneInfo
    decimal: str
    constants: Mapping[str, str] = field(default_factory=dict)
    date_order: Literal["day", "month"] | None = None
    warnings: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def header(self, name: str) -> str:
        """The column's name in the file; its field's name where it has no column."""
        return self.table.headers[self.bound[name]] if name in self.bound else name

    def cells(self, name: str) -> Sequence[str]:
        """The column's cells; where there is no such column its constant, else empty ones."""
        if name not in self.bound:
            return Same(self.constants.get(name, ""), len(self.table.rows))
        return self.table.column(self.bound[name])

    def _arrow(self, name: str) -> Any:
        """The column as Arrow keeps it; None where it is not there."""
        return self.table.rows.arrow(self.bound[name]) if name in self.bound else None

    def numbers(self, name: str) -> Sequence[float | None]:
        """The column's numbers, None for an empty cell."""
        if name not in self.bound:
            return Same(None, len(self.table.rows))
        column = self._arrow(name)
        plain = plain_numbers(column) if column is not None and self.decimal == "." else None
        if plain is not None:
            return Numbers(plain)
        return read_numbers(self.cells(name), self.table.lines, self.header(name), decimal=self.decimal)

    def floats(self, name: str) -> FloatArray:
        """The column's numbers as an array, NaN for an empty cell."""
        return as_floats(self.numbers(name))

    def evidence(self, name: str) -> FloatArray | None:
        """A column that the file may state beside, None where there is none or it holds what is no number."""
        if name not in self.bound:
            return None
        try:
            values = self.floats(name)
        except ImportProblem as problem:
            if problem.code != "bad_value":
                raise
            return None
        return values if bool(np.isfinite(values).any()) else None

    def digits(self, name: str) -> int:
        """How many decimals the column is written with."""
        if name not in self.bound:
            return 0
        if self.decimal == ",":
            return max(
                (len(cell.strip().rpartition(",")[2]) for cell in set(self.cells(name)) if "," in cell), default=0
            )
        return decimals(self._arrow(name))

    def units(self, name: str) -> list[str | None] | None:
        """The coin or currency behind each number of a column; None where none is written."""
        return units(self._arrow(name)) if name in self.bound else None

    def all_costs(self) -> FloatArray:
        """All columns of costs that are of the whole row, summed; one that is the others' total stands for them."""
        names = [name for name in self.bound if name == "fees" or name.startswith("fees_")]
        columns = {name: as_floats(self.costs(name)) for name in names}
        if not columns:
            return np.zeros(len(self.table.rows))
        for name, values in columns.items():
            others = sum((column for other, column in columns.items() if other != name), np.zeros(len(values)))
            if "total" in self.header(name).lower() and len(columns) > 1 and bool((values >= others - 1e-9).all()):
                return values
        total: FloatArray = np.sum(list(columns.values()), axis=0, dtype=np.float64)
        return total

    def costs(self, name: str) -> Sequence[float]:
        """A column of costs, above zero; a column that holds only negative ones is turned round."""
        if name not in self.bound:
            return Same(0.0, len(self.table.rows))
        values = [value or 0.0 for value in self.numbers(name)]
        if any(value < 0 for value in values) and all(value <= 0 for value in values):
            self.warnings.append(f"Column {self.header(name)!r} is never above zero; its values were read as costs.")
            return [-value for value in values]
        return values

    def funding(self) -> Sequence[float]:
        """Funding as a cost, whichever way the file writes it."""
        if "funding" not in self.bound and "funding_received" not in self.bound:
            return Same(0.0, len(self.table.rows))
        paid, received = self.numbers("funding"), self.numbers("funding_received")
        return [(cost or 0.0) - (income or 0.0) for cost, income in zip(paid, received, strict=True)]

    def times(self, name: str) -> Sequence[datetime | None]:
        """The column's moments in UTC, None for an empty cell; a day and a time-of-day column are joined."""
        column = self._arrow(name)
        stamps = plain_moments(column, self.zone.key) if column is not None else None
        if stamps is not None:
            return Moments(stamps)
        cells = self.cells(name)
        day = _DAYS.get(name, "")
        if day in self.bound and all(_CLOCK.match(cell) for cell in cells if cell.strip()):
            cells = [
                f"{date.strip()} {clock.strip()}".strip() for date, clock in zip(self.cells(day), cells, strict=True)
            ]
        moments, assumed = read_times(cells, self.table.lines, self.header(name), self.zone, self.date_order)
        self.warnings += assumed
        return moments

    def labels(self, name: str, limit: int = MAX_LABEL_CHARS) -> Sequence[str | None]:
        """The column's clean texts, None for an empty cell."""
        return self._mapped(name, lambda cell: clean_text(cell, limit))

    def words(self, name: str) -> Sequence[str]:
        """The cells in lower case, words by single blanks."""
        return self._mapped(name, lambda cell: _NOT_WORD.sub(" ", cell.lower()).strip())

    def _mapped(self, name: str, function: Callable[[str], _T]) -> Sequence[_T]:
        """Each cell through `function`, which is asked once for each different one."""
        if name not in self.bound:
            return Same(function(self.constants.get(name, "")), len(self.table.rows))
        found, which = distinct(self._arrow(name))
        mapped = [function(cell) for cell in found]
        return [mapped[at] for at in which]

    def bad(self, at: int, name: str, what: str) -> ImportProblem:
        """The refusal of one cell, with its line and column."""
        line = self.table.lines[at]
        column = self.header(name)
        return ImportProblem(f"Line {line}, column {column!r}: {what}.", line=line, column=column, code="bad_value")

    def skip(self, at: int, why: str) -> None:
        """Note a row that is left out."""
        self.skipped.append(Skipped(self.table.lines[at], why))


def as_floats(values: Sequence[float | None]) -> FloatArray:
    """Numbers as an array, NaN for None."""
    if isinstance(values, Numbers):
        return np.frombuffer(values.values, dtype=np.float64)
    return np.array(values, dtype=np.float64)


def as_stamps(values: Sequence[datetime | None]) -> IntArray:
    """Moments as microseconds, `NO_MOMENT` for None."""
    if isinstance(values, Moments):
        return np.frombuffer(values.stamps, dtype=np.int64)
    return np.array([NO_MOMENT if value is None else microseconds(value) for value in values], dtype=np.int64)


def open_sheet(
    table: Table,
    bound: Mapping[str, int],
    zone: ZoneInfo,
    constants: Mapping[str, str] | None = None,
    date_order: Literal["day", "month"] | None = None,
) -> Sheet:
    """The table with its columns bound; lines that sum others up are left out and noted.

    Raises:
        ImportProblem: `ambiguous_number` when its numbers are written in two ways.
    """
    table, totals = _without_totals(table, bound)
    decimal = _decimal(table, [bound[name] for name in _NUMBERS if name in bound])
    return Sheet(table, bound, zone, decimal, constants or {}, date_order, skipped=totals)


def _decimal(table: Table, places: Sequence[int]) -> str:
    if table.kind != "csv":
        return "."
    if not any(holds(table.rows.arrow(at), ",") for at in places):
        return "."
    return decimal_mark([table.column(at) for at in places], table.lines, delimiter=table.delimiter)


def _without_totals(table: Table, bound: Mapping[str, int]) -> tuple[Table, list[Skipped]]:
    """The table without the lines that sum it up: no time, and Total or the like in their first cell."""
    # An engine's table of trades may lack its prices: what it lacks is said when it is read.
    names = ("entry_time", "time") if is_round_trips(bound) else ("time", "entry_time")
    clocks = table.column(next(bound[name] for name in names if name in bound))
    sums = []
    for at, clock in enumerate(clocks):
        moment = clock.strip()
        if moment and not _TOTAL.fullmatch(moment):
            continue
        first = next((cell.strip() for cell in table.rows[at] if cell.strip()), "")
        if moment in ("", first) and _TOTAL.fullmatch(first):
            sums.append(at)
    if not sums:
        return table, []
    left_out = set(sums)
    kept = [at for at in range(len(table.rows)) if at not in left_out]
    lines = [table.lines[at] for at in kept]
    skipped = [Skipped(table.lines[at], "it sums up other lines") for at in sums]
    return replace(table, rows=table.rows.kept(kept), lines=lines), skipped
