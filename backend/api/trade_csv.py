"""Trades as CSV that a spreadsheet opens without running any of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from backend.analysis import RunFrame
from backend.analysis.arrays import IntArray
from backend.analysis.rows import columns_of

_CHUNK = 2_000
# What spreadsheets take for a formula, also in full width, and what some of them skip before one.
_FORMULA = re.compile(r"[\s]*[=+\-@\t\r＝＋－＠]")


def csv_lines(frame: RunFrame, indices: IntArray, names: Sequence[str]) -> Iterator[str]:
    """A header and the trades at `indices` in this order, in pieces of many lines; unknown values are empty cells.

    Text that a spreadsheet would take for a formula begins with an apostrophe. Numbers stay numbers; times are ISO
    8601 in UTC.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(names)
    yield _taken(sheet)
    for begin in range(0, len(indices), _CHUNK):
        columns = columns_of(frame, indices[begin : begin + _CHUNK])
        writer.writerows(zip(*(_cells(columns[name]) for name in names), strict=True))
        yield _taken(sheet)


def _cells(values: list[Any]) -> list[Any]:
    """One column as cells; a column holds one type of value, and numbers need nothing done to them."""
    known = next((value for value in values if value is not None), None)
    if isinstance(known, str):
        return [f"'{value}" if value is not None and _FORMULA.match(value) else value for value in values]
    if isinstance(known, datetime):
        return [None if value is None else value.isoformat().replace("+00:00", "Z") for value in values]
    return values


def _taken(sheet: io.StringIO) -> str:
    text = sheet.getvalue()
    sheet.seek(0)
    sheet.truncate()
    return text
