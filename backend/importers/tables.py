"""A table of text cells from any kind of file that holds one: delimited text, JSON, JSON lines, Parquet, Excel."""

from __future__ import annotations

from functools import lru_cache

from backend.importers.csv_tables import Table, TableKind, head_row, read_table
from backend.importers.json_tables import json_head, read_json_table
from backend.importers.parquet_tables import is_parquet, parquet_head, read_parquet_table
from backend.importers.workbook_tables import read_workbook_table, workbook_head
from backend.importers.workbooks import is_workbook

__all__ = ["Table", "TableKind", "kind_of", "load_table", "table_head"]

_HEAD_BYTES = 64 * 1024


def kind_of(data: bytes) -> TableKind:
    """What kind of table the bytes would be; `csv` for all that is none of the others."""
    if is_parquet(data):
        return "parquet"
    if is_workbook(data):
        return "xlsx"
    return "json" if data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else "csv"


def table_head(data: bytes) -> tuple[str, ...]:
    """The columns' names, found without reading the whole file; none when it is no table."""
    kind = kind_of(data)
    if kind == "parquet":
        return parquet_head(data)
    if kind == "xlsx":
        return workbook_head(data)
    return json_head(data) if kind == "json" else _csv_head(data[:_HEAD_BYTES], len(data) > _HEAD_BYTES)


@lru_cache(maxsize=8)
def _csv_head(head: bytes, is_cut: bool) -> tuple[str, ...]:
    # A byte more tells `head_row` that the text goes on; each format asks the same head.
    return head_row(head + b"\n" if is_cut else head)


def load_table(data: bytes, sheet: str | None = None) -> Table:
    """The whole table; `sheet` is the one to read of a workbook.

    Raises:
        ImportProblem: `strategy_required`, `unknown_strategy`, `bad_workbook`, `bad_table`, `bad_json`,
            `bad_parquet`, `bad_encoding`, `empty_file` or `too_large`.
    """
    kind = kind_of(data)
    if kind == "parquet":
        return read_parquet_table(data)
    if kind == "xlsx":
        return read_workbook_table(data, sheet)
    return read_json_table(data) if kind == "json" else read_table(data)
