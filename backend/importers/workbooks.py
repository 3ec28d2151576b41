"""Excel workbooks (.xlsx) as rows of text, sheet by sheet.

A workbook is a ZIP, so the limits of archives hold for it. Its cells are laid out by the address that each names, which
costs a file nothing and memory the whole rectangle: addresses are looked through before any sheet is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from backend.importers.archives import is_zip, list_members
from backend.importers.base import ImportProblem
from backend.importers.parsing import MAX_BYTES

MAX_SHEET_CELLS = 12_000_000
# Of a sheet's rectangle for each cell that it spells out; a sheet below the first number may be as empty as it likes.
_FEW_CELLS, _MOST_EMPTY = 1_000_000, 40
_COLUMN = re.compile(rb"""r=["']([A-Z]{1,3})\d""")
_ROW = re.compile(rb"""r=["'][A-Z]{0,3}(\d{1,7})["']""")
_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 32
_LETTERS = 26


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are a ZIP that holds a workbook."""
    return is_zip(data) and b"xl/workbook.xml" in data[-(1 << 16) :]


def sheet_heads(data: bytes, count: int) -> Mapping[str, Sequence[Sequence[str]]]:
    """The first `count` rows of each sheet, by its name.

    Raises:
        ImportProblem: `bad_workbook`, `bad_archive` or `too_large`.
    """
    return _heads(data, count)


def sheet_rows(data: bytes, name: str) -> Iterator[Sequence[str]]:
    """All rows of a sheet, as text.

    Raises:
        ImportProblem: as `sheet_heads`.
    """
    return _rows(data, name, None)


@lru_cache(maxsize=2)
def _heads(data: bytes, count: int) -> Mapping[str, Sequence[Sequence[str]]]:
    return {name: list(_rows(data, name, count)) for name in _opened(data).sheet_names}


# The last workbook stays open: each format asks for its heads, and the one that knows it for its rows.
@lru_cache(maxsize=1)
def _opened(data: bytes) -> CalamineWorkbook:
    _check_addresses(data)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (CalamineError, OSError, ValueError) as error:
        raise _bad() from error


@lru_cache(maxsize=2)
def _sheet(data: bytes, name: str) -> CalamineSheet:
    try:
        return _opened(data).get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError) as error:
        raise _bad() from error


def _rows(data: bytes, name: str, count: int | None) -> Iterator[Sequence[str]]:
    for number, row in enumerate(_sheet(data, name).iter_rows()):
        if number == count:
            return
        yield [_text(cell) for cell in row]


def _check_addresses(data: bytes) -> None:
    """Refuse a workbook whose sheets would be larger than any table may be."""
    names = [member.name for member in list_members(data) if member.name.startswith("xl/worksheets/")]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in names:
            if name.endswith(".xml"):
                _check_sheet(archive, name)


def _check_sheet(archive: zipfile.ZipFile, name: str) -> None:
    width = height = left = spelt = 0
    tail = b""
    try:
        with archive.open(name) as stream:
            while left < MAX_BYTES and (piece := stream.read(_CHUNK_BYTES)):
                left += len(piece)
                text = tail + piece
                letters = _COLUMN.findall(text)
                spelt += len(letters)
                height = max([height, *map(int, set(_ROW.findall(text)))])
                width = max([width, *map(_number, set(letters))])
                tail = piece[-_OVERLAP_BYTES:]
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise _bad() from error
    if width * height > min(MAX_SHEET_CELLS, max(_FEW_CELLS, _MOST_EMPTY * spelt)):
        raise ImportProblem(
            f"A sheet of the workbook spans {width * height:,} cells, more than a table of trades does. Delete what "
            "stands far away from the table, or save the sheet as CSV.",
            status=413,
            code="too_large",
        )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, str | int | timedelta) else ""


def _bad() -> ImportProblem:
    return ImportProblem(
        "The workbook can't be read: it is damaged or protected. Save it again, or save the sheet as CSV.",
        code="bad_workbook",
    )
