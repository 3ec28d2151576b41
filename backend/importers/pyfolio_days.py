"""pyfolio's daily tables: positions (each symbol's value, and cash) and returns (a ratio a day)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.importers.base import ImportProblem
from backend.importers.csv_values import read_numbers, read_times
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, decode_text

_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Day:
    """What the account was worth at one moment: equity, cash (None when not known), value by symbol."""

    ts: datetime
    equity: float
    cash: float | None
    values: Mapping[str, float]


def is_positions(data: bytes) -> bool:
    """A header with a cash column, and a moment in the first row's first cell."""
    rows = _head(data)
    return len(rows) > 1 and "cash" in rows[0] and _is_moment(rows[1][0])


def is_returns(data: bytes) -> bool:
    """Two columns, a moment and a number, with or without a header."""
    rows = _head(data)
    return len(rows) > 1 and len(rows[1]) == 2 and _is_moment(rows[1][0])


def read_positions(data: bytes, zone: ZoneInfo) -> list[Day]:
    """The days in order of time; equity is the sum of the values and the cash.

    Raises:
        ImportProblem: `bad_value` with line and column, `bad_table`.
    """
    rows = _rows(data)
    headers = [clean_text(header, MAX_LABEL_CHARS) or "" for header in rows[0]]
    body, lines = _body(rows[1:], len(headers))
    moments, _ = read_times([row[0] for row in body], lines, headers[0], zone)
    columns = {
        header: read_numbers([row[at] for row in body], lines, header, decimal=".")
        for at, header in enumerate(headers)
        if at > 0 and header
    }
    days = []
    for at, moment in enumerate(moments):
        if moment is None:
            raise _no_time(lines[at], headers[0])
        values = {name: cells[at] or 0.0 for name, cells in columns.items()}
        cash = values.pop("cash", 0.0)
        days.append(Day(moment, sum(values.values()) + cash, cash, values))
    return sorted(days, key=lambda day: day.ts)


def read_returns(data: bytes, zone: ZoneInfo) -> list[tuple[datetime, float]]:
    """Moment and return of each day, in order of time.

    Raises:
        ImportProblem: `bad_value` with line and column, `bad_table`.
    """
    rows = _rows(data)
    skipped = 0 if _is_moment(rows[0][0]) else 1
    body, lines = _body(rows[skipped:], 2, first_line=skipped + 1)
    moments, _ = read_times([row[0] for row in body], lines, "date", zone)
    values = read_numbers([row[1] for row in body], lines, "return", decimal=".")
    days = []
    for at, (moment, value) in enumerate(zip(moments, values, strict=True)):
        if moment is None:
            raise _no_time(lines[at], "date")
        days.append((moment, value or 0.0))
    return sorted(days)


def _head(data: bytes) -> list[list[str]]:
    """The first rows, to tell a table by; none of what is no table."""
    try:
        return _rows(data[:_HEAD_BYTES].rpartition(b"\n")[0])
    except ImportProblem:
        return []


def _rows(data: bytes) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(decode_text(data)[0], newline="")) if row]
    except csv.Error as error:
        raise ImportProblem(f"The table beside the transactions can't be read: {error}.", code="bad_table") from error
    if not rows:
        raise ImportProblem("The table beside the transactions is empty.", code="bad_table")
    check_rows(len(rows))
    return rows


def _body(rows: Sequence[list[str]], width: int, first_line: int = 2) -> tuple[Sequence[list[str]], Sequence[int]]:
    for line, row in enumerate(rows, first_line):
        if len(row) != width:
            raise ImportProblem(f"Line {line} has {len(row)} cells, not {width}.", line=line, code="bad_table")
    return rows, range(first_line, first_line + len(rows))


def _is_moment(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell.strip())
    except ValueError:
        return False
    return True


def _no_time(line: int, column: str) -> ImportProblem:
    return ImportProblem(f"Line {line}, column {column!r}: the time is missing.", line=line, code="bad_value")
