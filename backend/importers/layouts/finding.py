"""Where in a file a layout's table stands: below lines of a preamble, in a section of a statement, in a sheet."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backend.importers.base import ImportProblem, Skipped
from backend.importers.csv_cells import CellRows
from backend.importers.csv_tables import Table
from backend.importers.layouts.headers import mark_count, numbered, plain
from backend.importers.layouts.layout import Layout
from backend.importers.layouts.registry import LAYOUTS
from backend.importers.parsing import MAX_LABEL_CHARS, check_cells, check_rows, clean_text, decode_text, open_text
from backend.importers.progress import row_read
from backend.importers.tables import kind_of, load_table, table_head
from backend.importers.workbooks import is_workbook, sheet_heads, sheet_rows

_DELIMITERS = (",", ";", "\t", "|")
_HEAD_BYTES = 64 * 1024
_HEAD_ROWS = 60
_MAX_COLUMNS = 500
_FEWEST_CELLS = 2
# A table that its section's title names comes before one that only has such a header.
_IN_SECTION = 1000


@dataclass(frozen=True, slots=True)
class Located:
    """A layout's table: from byte `offset`, its header in the `row`-th row; or in a sheet of a workbook.

    `preamble` are the cells of the lines above it.
    """

    layout: Layout
    delimiter: str = ","
    row: int = 0
    offset: int = 0
    sheet: str | None = None
    preamble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundTable:
    """The table of a layout, and the rows below its header that are none of it."""

    located: Located
    table: Table
    left_out: Sequence[Skipped]


# Each source asks of the same bytes, one after the other.
@lru_cache(maxsize=1)
def located_in(data: bytes) -> Located | None:
    """The first layout of the registry whose header the file holds; the one with more words where several fit."""
    if is_workbook(data):
        return _in_workbook(data)
    if kind_of(data) != "csv":
        head = table_head(data)
        return _best([head] if head else [], ",")
    found = _in_head(data[:_HEAD_BYTES], len(data) > _HEAD_BYTES)
    return found or _in_section(data)


def section_of(data: bytes, layout: Layout) -> FoundTable | None:
    """The table of a section that stands beside the one that is read; None where the file has none, or it is empty."""
    start = _section_start(data, layout.section or "")
    if start is None:
        return None
    text = data[start : start + 8192].decode("utf-8", "replace")
    place = _best(_rows_of(text), ",", (layout,))
    if place is None:
        return None
    try:
        return read_located(data, Located(layout, ",", place.row, start))
    except ImportProblem as problem:
        if problem.code == "empty_file":
            return None
        raise


def _rows_of(text: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(itertools.islice(csv.reader(io.StringIO(text, newline="")), _HEAD_ROWS))
    return rows


def read_located(data: bytes, located: Located) -> FoundTable:
    """The whole table.

    Raises:
        ImportProblem: `bad_encoding`, `bad_table` with the line, `empty_file` or `too_large`.
    """
    if located.sheet is not None:
        rows: Iterable[tuple[int, Sequence[str]]] = enumerate(sheet_rows(data, located.sheet), 1)
        return _collected(located, rows, "utf-8", "xlsx")
    if kind_of(data) != "csv":
        return FoundTable(located, load_table(data), ())
    stream, encoding = open_text(data[located.offset :] if located.offset else data)
    before = data.count(b"\n", 0, located.offset)
    return _collected(located, _csv_rows(stream, located.delimiter, before), encoding, "csv")


def _csv_rows(stream: Iterable[str], delimiter: str, before: int) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(stream, delimiter=delimiter)
    try:
        for row in reader:
            yield before + reader.line_num, row
    except csv.Error as error:
        line = before + reader.line_num
        raise ImportProblem(
            f"Line {line} can't be read as a table ({error}). Check its quotes.", line=line, code="bad_table"
        ) from error


def _collected(located: Located, rows: Iterable[tuple[int, Sequence[str]]], encoding: str, kind: str) -> FoundTable:
    headers: list[str] = []
    cells = CellRows(0)
    lines = array("I")
    left_out: list[Skipped] = []
    rows_left = itertools.islice(rows, located.row, None)
    for line, row in rows_left:
        if not headers:
            headers = [clean_text(cell, MAX_LABEL_CHARS) or "" for cell in row]
            cells = CellRows(len(headers))
            continue
        filled = _FEWEST_CELLS if len(row) > 1 and row[0] and row[-1] else sum(bool(cell.strip()) for cell in row)
        if filled < _FEWEST_CELLS:
            if not filled:
                continue
            if not len(cells):
                # Right under the header it is a line that sums up, as some exports begin.
                left_out.append(Skipped(line, "it is a line of text"))
                continue
            # A line of text ends the table: a footer, or the title of another one.
            below = sum(len(other) > 1 and any(map(str.strip, other)) for _, other in rows_left)
            why = f"it ends the table; {below:,} lines below it are of others" if below else "it is a line of text"
            left_out.append(Skipped(line, why))
            break
        if any(cell.strip() for cell in row[len(headers) :]):
            raise ImportProblem(
                f"Line {line} has {len(row)} cells, the header has {len(headers)}. Put cells that hold the delimiter "
                "in quotes.",
                line=line,
                code="bad_table",
            )
        cells.append([*row[: len(headers)], *[""] * (len(headers) - len(row))])
        lines.append(line)
        row_read(len(cells))
        check_rows(len(cells))
        check_cells(len(cells), len(headers))
    if not len(cells):
        raise ImportProblem("The table has a header but no rows.", code="empty_file")
    return FoundTable(located, Table(headers, cells, lines, encoding, located.delimiter, kind=kind), left_out)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _in_head(head: bytes, is_cut: bool) -> Located | None:
    try:
        text, _ = decode_text(head[: head.rfind(b"\n") + 1] if is_cut and b"\n" in head else head)
    except ImportProblem:
        return None
    found = [_in_text(text, delimiter) for delimiter in _DELIMITERS if delimiter in text]
    return max((place for place in found if place is not None), key=_words, default=None)


def _in_text(text: str, delimiter: str) -> Located | None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    # A head that is cut within quotes gives the rows before them.
    with contextlib.suppress(csv.Error):
        rows.extend(row[:_MAX_COLUMNS] for row in itertools.islice(reader, _HEAD_ROWS))
    return _best(rows, delimiter)


def _in_section(data: bytes) -> Located | None:
    """A table below its section's title, far down in a statement."""
    for layout in LAYOUTS:
        if layout.section is None:
            continue
        start = _section_start(data, layout.section)
        if start is None:
            continue
        head = data[start : start + 8192]
        found = _in_head(head[: head.rfind(b"\n") + 1] or head, False)
        if found is not None and found.layout is layout:
            return Located(layout, found.delimiter, found.row, start)
    return None


def _section_start(data: bytes, title: str) -> int | None:
    """Where the line that is the section's title begins."""
    start = data.find(title.encode())
    if start < 0 or (start and data[start - 1 : start] not in (b"\n", b'"', b"\r")):
        return None
    return start - (data[start - 1 : start] == b'"')


def _in_workbook(data: bytes) -> Located | None:
    found = [
        Located(place.layout, ",", place.row, 0, name, place.preamble)
        for name, rows in sheet_heads(data, _HEAD_ROWS).items()
        if (place := _best(rows, ",")) is not None
    ]
    return max(found, key=_words, default=None)


def _words(place: Located) -> int:
    return max(map(len, place.layout.marks))


def _best(rows: Sequence[Sequence[str]], delimiter: str, layouts: Sequence[Layout] = LAYOUTS) -> Located | None:
    best: tuple[int, Located] | None = None
    title = ""
    above: list[str] = []
    for at, row in enumerate(rows):
        names = frozenset(numbered(row))
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(names) > 1:
            for layout in layouts:
                if layout.section is not None and plain(layout.section) != plain(title):
                    continue
                count = mark_count(layout, names) + (_IN_SECTION if layout.section is not None else 0)
                if count == _IN_SECTION:
                    continue
                if count and (best is None or count > best[0]):
                    best = (count, Located(layout, delimiter, at, preamble=tuple(above)))
        if len(filled) == 1:
            title = filled[0]
        above += filled[:8]
    return None if best is None else best[1]
