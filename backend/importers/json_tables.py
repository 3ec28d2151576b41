"""JSON as a table: an array of objects, JSON lines, or an object of columns (pandas' `to_json` in any `orient`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_columns import bind
from backend.importers.csv_tables import Table
from backend.importers.parsing import MAX_LABEL_CHARS, check_cells, check_rows, clean_text, decode_text, parse_json
from backend.importers.progress import row_read

# Where an object keeps its rows, in the order looked at.
_ROWS_KEYS = (
    "trades", "fills", "executions", "transactions", "orders", "data", "rows", "records", "results", "result", "items",
)  # fmt: skip
_ROWS_AT = re.compile(rf'"({"|".join(_ROWS_KEYS)})"\s*:\s*\[\s*(?=\{{)')
_COLUMNS_AT = re.compile(r'^\{\s*"((?:[^"\\]|\\.){1,200})"\s*:\s*(\{\s*"[^"]{1,40}"\s*:\s*[^\s{\[]|\[\s*[^\s{\[])')
_HEAD_CHARS = 64 * 1024
_MAX_COLUMNS = 500
_MAX_CELL_CHARS = 20_000
_DECODER = json.JSONDecoder()


def json_head(data: bytes) -> tuple[str, ...]:
    """The names of the first record's fields; none when the bytes hold no records.

    Only an object of columns is read whole for it.
    """
    try:
        text = decode_text(data[:_HEAD_CHARS] if len(data) <= _HEAD_CHARS else _cut(data))[0].lstrip()
    except ImportProblem:
        return ()
    start = _first_record(text)
    if start is not None:
        try:
            record, _ = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            record = None  # cut off, as an object of columns is
        if isinstance(record, dict) and not _is_columns(record) and len(record) > 1:
            return tuple(clean_text(key, MAX_LABEL_CHARS) or "" for key in record)
    if _COLUMNS_AT.match(text):
        try:
            return tuple(read_json_table(data).headers)
        except ImportProblem:
            return ()
    return ()


def read_json_table(data: bytes) -> Table:
    """The whole table; a record's number stands for its line.

    Raises:
        ImportProblem: `bad_json`, `bad_table`, `empty_file`, `too_large`, `bad_encoding`.
    """
    text, encoding = decode_text(data)
    columns: dict[str, int] = {}
    rows = CellRows(0)
    records = _records(text)
    total = len(records) if isinstance(records, list) else None
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise ImportProblem(f"Row {number} is no object of named values.", line=number, code="bad_table")
        for key in record:
            if key not in columns:
                columns[key] = len(columns)
                rows.widen()
        if len(columns) > _MAX_COLUMNS:
            raise ImportProblem(f"The rows have more than {_MAX_COLUMNS} fields.", line=number, code="bad_table")
        rows.append([_cell(record.get(key)) for key in columns])
        row_read(number, total)
        check_rows(number)
        check_cells(number, len(columns))
    if not rows:
        raise ImportProblem("The file holds no rows.", code="empty_file")
    headers = [clean_text(key, MAX_LABEL_CHARS) or "" for key in columns]
    return Table(headers, rows, range(1, len(rows) + 1), encoding, ",", kind="json")


def _cut(data: bytes) -> bytes:
    """The head, cut where no character is cut in two."""
    head = data[:_HEAD_CHARS]
    return head[: max(head.rfind(b","), head.rfind(b"\n"), 0)]


def _first_record(text: str) -> int | None:
    """Where the first record begins: in an array, under a name that rows have, or as the first line."""
    if text.startswith("["):
        start = len(text) - len(text[1:].lstrip())
        return start if text[start : start + 1] == "{" else None
    found = _ROWS_AT.search(text)
    return found.end() if found else 0 if text.startswith("{") else None


def _records(text: str) -> Iterable[Any]:
    try:
        value = parse_json(text)
    except ImportProblem as error:
        if error.code != "bad_json" or not text.lstrip().startswith("{"):
            raise
        return _lines(text, error)
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise _no_rows()
    for key in _ROWS_KEYS:
        rows = value.get(key)
        if isinstance(rows, list) and isinstance(value.get("columns"), list):
            return _split(value["columns"], rows)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return rows
    if _is_columns(value):
        return _from_columns(value)
    if len(bind([str(key) for key in value])) >= 2:
        return [value]
    raise _no_rows()


def _lines(text: str, error: ImportProblem) -> Iterable[Any]:
    """JSON lines; when not even the first line is a value, the whole file was meant to be one."""
    start = number = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line, start, number = text[start:end], end + 1, number + 1
        if not line.strip():
            continue
        try:
            yield parse_json(line, line=number)
        except ImportProblem as fault:
            raise (error if number == 1 else fault) from fault


def _is_columns(value: Mapping[str, Any]) -> bool:
    cells = list(value.values())
    lists = all(isinstance(cell, list) for cell in cells)
    return (
        len(cells) > 1
        and (lists or all(isinstance(cell, dict) for cell in cells))
        and len({len(cell) for cell in cells}) == 1
    )


def _from_columns(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    columns = {key: list(cells.values()) if isinstance(cells, dict) else cells for key, cells in value.items()}
    check_rows(max(map(len, columns.values())))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _split(columns: Sequence[Any], rows: Sequence[Any]) -> list[dict[str, Any]]:
    names = [str(column)[:MAX_LABEL_CHARS] for column in columns]
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(names):
            raise ImportProblem(
                f"Row {number} has not as many values as there are columns.", line=number, code="bad_table"
            )
    return [dict(zip(names, row, strict=True)) for row in rows]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return _whole(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    try:
        return _whole(json.dumps(value, ensure_ascii=False)[:_MAX_CELL_CHARS])
    except (RecursionError, ValueError):
        return ""


def _whole(text: str) -> str:
    """The text without the half characters that escapes may stand for, which no table can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _no_rows() -> ImportProblem:
    return ImportProblem(
        "The JSON holds no table. Write an array of objects, one a fill or a trade, or one object a line.",
        code="bad_table",
    )
