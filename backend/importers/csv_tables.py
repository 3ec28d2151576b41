"""Delimited text → headers and rows: encoding, delimiter and header line are found, ragged rows are errors."""

from __future__ import annotations

import csv
import io
import itertools
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_columns import bind
from backend.importers.csv_plain_text import read_plainly
from backend.importers.parsing import MAX_LABEL_CHARS, check_cells, check_rows, clean_text, decode_text, open_text
from backend.importers.progress import row_read

TableKind = Literal["csv", "json", "parquet", "xlsx", "xml"]

_DELIMITERS = (",", ";", "\t", "|")
_HEAD_ROWS = 30
_HEAD_CHARS = 64 * 1024
_MAX_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text. `lines[i]` is the file's line on which `rows[i]` ends (the record's number in JSON and Parquet);
    rows have as many cells as headers. All but CSV write numbers in one way, so only a CSV's are ambiguous.
    """

    headers: Sequence[str]
    rows: CellRows
    lines: Sequence[int]
    encoding: str
    delimiter: str
    kind: TableKind = "csv"

    def column(self, at: int) -> Sequence[str]:
        """The cells of a column."""
        return self.rows.column(at)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which delimiter, and how many rows stand above the header; `known` counts recognised headers."""

    delimiter: str
    header_row: int
    known: int
    columns: int


def looks_tabular(data: bytes) -> bool:
    """Whether the head of the bytes is delimited text with at least two columns a run may have."""
    head = data[: _HEAD_CHARS - _HEAD_CHARS % 4]
    try:
        text, _ = decode_text(head if len(data) == len(head) else _whole_characters(head))
    except ImportProblem:
        return False
    if text.lstrip()[:1] in ("{", "[", "<", "%", ""):
        return False
    return _layout(text).known >= 2


def header_cells(data: bytes) -> list[str]:
    """The cells of the first line, tidied and in lower case; none where the bytes are no delimited text."""
    first = next(iter(_head(data, 1)), [])
    return [" ".join(cell.lower().split()) for cell in first]


def head_rows(data: bytes, count: int) -> list[list[str]]:
    """The first `count` rows below the first line; fewer where the bytes hold fewer, or are no delimited text."""
    return _head(data, count + 1)[1:]


def _head(data: bytes, count: int) -> list[list[str]]:
    head = data[: _HEAD_CHARS - _HEAD_CHARS % 4]
    rows: list[list[str]] = []
    try:
        text, _ = decode_text(head if len(data) == len(head) else _whole_characters(head))
        lines = io.StringIO(text.lstrip("\ufeff\r\n \t"), newline="")
        for row in csv.reader(lines, delimiter=_first_line_layout(text).delimiter):
            if len(rows) == count:
                break
            if any(cell.strip() for cell in row):
                rows.append(row[:_MAX_COLUMNS])
    except (ImportProblem, csv.Error):
        return rows
    return rows


def head_row(data: bytes) -> tuple[str, ...]:
    """The headers, from the head of the bytes alone; none when it is no delimited text."""
    head = data[: _HEAD_CHARS - _HEAD_CHARS % 4]
    try:
        text, _ = decode_text(head if len(data) == len(head) else _whole_characters(head))
    except ImportProblem:
        return ()
    if text.lstrip()[:1] in ("{", "[", "<", "%", ""):
        return ()
    layout = _layout(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    try:
        row = next(itertools.islice(reader, layout.header_row, None), [])
    except csv.Error:
        return ()
    return tuple(clean_text(cell, MAX_LABEL_CHARS) or "" for cell in row)


def read_table(data: bytes, *, header_is_first: bool = False) -> Table:
    """The whole table; `header_is_first` where the format's first line is its header, in whatever language.

    Raises:
        ImportProblem: `bad_encoding`, `bad_table` with the line, `empty_file` or `too_large`.
    """
    stream, encoding = open_text(data)
    head = stream.read(_HEAD_CHARS)
    layout = _first_line_layout(head) if header_is_first else _layout(head)
    if layout.columns < 2:
        raise ImportProblem(
            "No table was found. The file needs a header line and cells parted by commas, semicolons, tabs or bars.",
            code="bad_table",
        )
    plain = read_plainly(data, encoding, layout.delimiter, layout.header_row)
    if plain is not None:
        names, rows, first_line = plain
        check_rows(len(rows))
        check_cells(len(rows), len(names))
        labels = [clean_text(cell, MAX_LABEL_CHARS) or "" for cell in names]
        return Table(labels, rows, range(first_line, first_line + len(rows)), encoding, layout.delimiter)
    stream.seek(0)
    headers: list[str] = []
    rows = CellRows(0)
    lines = array("I")
    reader = csv.reader(stream, delimiter=layout.delimiter)
    try:
        for number, row in enumerate(reader):
            if number < layout.header_row or not any(cell.strip() for cell in row):
                continue
            if not headers:
                headers = [clean_text(cell, MAX_LABEL_CHARS) or "" for cell in row]
                rows = CellRows(len(headers))
                continue
            rows.append(_fitted(row, len(headers), reader.line_num))
            lines.append(reader.line_num)
            row_read(len(rows))
            check_rows(len(rows))
            check_cells(len(rows), len(headers))
    except csv.Error as error:
        raise ImportProblem(
            f"Line {reader.line_num} can't be read as a table ({error}). Check its quotes.",
            line=reader.line_num,
            code="bad_table",
        ) from error
    if not rows:
        raise ImportProblem("The table has a header but no rows.", code="empty_file")
    return Table(headers, rows, lines, encoding, layout.delimiter)


def _whole_characters(head: bytes) -> bytes:
    """The head cut at its last line end, so that no character of it is cut in two."""
    end = head.rfind(b"\n")
    return head[: end + 1 + (end % 2 == 0 and head[end + 1 : end + 2] == b"\0")] if end > 0 else head


def _fitted(row: Sequence[str], width: int, line: int) -> Sequence[str]:
    if len(row) == width:
        return row
    if any(cell.strip() for cell in row[width:]):
        raise ImportProblem(
            f"Line {line} has {len(row)} cells, the header has {width}. Put cells that hold the delimiter in quotes.",
            line=line,
            code="bad_table",
        )
    return [*row[:width], *[""] * (width - len(row))]


def _first_line(text: str) -> str:
    return text[:_HEAD_CHARS].lstrip("\ufeff\r\n \t").split("\n", 1)[0].rstrip("\r")


def _first_line_layout(text: str) -> _Layout:
    line = _first_line(text)
    columns, delimiter = max((line.count(mark) + 1, mark) for mark in _DELIMITERS)
    return _Layout(delimiter, 0, 0, columns)


def _layout(text: str) -> _Layout:
    """The reading with the most recognised headers; among equals, the one with more columns."""
    candidates = [_header_of(text, delimiter) for delimiter in _DELIMITERS]
    return max(candidates, key=lambda layout: (layout.known, layout.columns))


def _header_of(text: str, delimiter: str) -> _Layout:
    best = _Layout(delimiter, 0, 0, 0)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader):
            if number >= _HEAD_ROWS:
                break
            filled = sum(bool(cell.strip()) for cell in row)
            known = len(bind(row)) if 2 <= len(row) <= _MAX_COLUMNS else 0
            if known > best.known or (best.known == 0 and best.columns < 2 <= filled):
                best = _Layout(delimiter, number, known, filled)
    except csv.Error:
        return best
    return best
