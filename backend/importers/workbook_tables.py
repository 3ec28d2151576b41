"""A sheet of a workbook as a plain table: the one that is named, else the one whose header a run's columns stand in."""

from __future__ import annotations

import itertools
from array import array
from dataclasses import dataclass

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_columns import bind, missing
from backend.importers.csv_tables import Table
from backend.importers.parsing import MAX_LABEL_CHARS, check_cells, check_rows, clean_text
from backend.importers.progress import row_read
from backend.importers.workbooks import sheet_heads, sheet_rows

_HEAD_ROWS = 30
_FEWEST_KNOWN = 2


@dataclass(frozen=True, slots=True)
class _Place:
    """A sheet's header: its row, how many of its names are known, and whether they are all that a run needs."""

    sheet: str
    row: int
    headers: tuple[str, ...]
    known: int
    is_whole: bool


def workbook_head(data: bytes) -> tuple[str, ...]:
    """The columns' names of the sheet that would be read; none where no sheet holds a table."""
    try:
        place = max(_places(data), key=lambda place: (place.is_whole, place.known), default=None)
    except ImportProblem:
        return ()
    return () if place is None else place.headers


def read_workbook_table(data: bytes, sheet: str | None = None) -> Table:
    """The table of one sheet.

    Raises:
        ImportProblem: `strategy_required` with the sheets to choose from, where several hold trades;
            `unknown_strategy`, `bad_table`, `empty_file`, `bad_workbook`, `bad_archive` or `too_large`.
    """
    place = _chosen(_places(data), sheet)
    rows = CellRows(len(place.headers))
    lines = array("I")
    width = len(place.headers)
    for line, row in enumerate(itertools.islice(sheet_rows(data, place.sheet), place.row + 1, None), place.row + 2):
        if not any(cell.strip() for cell in row):
            continue
        rows.append([*row[:width], *[""] * (width - len(row))])
        lines.append(line)
        row_read(len(rows))
        check_rows(len(rows))
        check_cells(len(rows), width)
    if not len(rows):
        raise ImportProblem(f"The sheet {place.sheet[:60]!r} has a header but no rows.", code="empty_file")
    return Table(list(place.headers), rows, lines, "utf-8", ",", kind="xlsx")


def _places(data: bytes) -> list[_Place]:
    """The best header row of each sheet that has one."""
    found = []
    for name, rows in sheet_heads(data, _HEAD_ROWS).items():
        heads = [tuple(clean_text(cell, MAX_LABEL_CHARS) or "" for cell in row) for row in rows]
        known = [len(bind(head)) for head in heads]
        if known and max(known) >= _FEWEST_KNOWN:
            at = known.index(max(known))
            found.append(_Place(name, at, heads[at], known[at], not missing(bind(heads[at]))))
    return found


def _chosen(places: list[_Place], sheet: str | None) -> _Place:
    names = [place.sheet for place in places]
    if sheet is not None:
        named = next((place for place in places if place.sheet == sheet), None)
        if named is None:
            raise ImportProblem(
                f"The workbook has no sheet of trades of that name. It has: {', '.join(names[:20]) or 'none'}.",
                code="unknown_strategy",
                choices=names,
            )
        return named
    whole = [place for place in places if place.is_whole]
    if len(whole) > 1:
        choices = [place.sheet for place in whole]
        raise ImportProblem(
            f"Several sheets of the workbook hold trades ({', '.join(choices[:20])}). Name one as the strategy.",
            code="strategy_required",
            choices=choices,
        )
    if not places:
        raise ImportProblem(
            "No sheet of the workbook holds a table of trades. It needs a header line with names such as time, symbol, "
            "quantity and price.",
            code="bad_table",
        )
    return max(places, key=lambda place: (place.is_whole, place.known))
