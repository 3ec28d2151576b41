"""Parquet as a table of text cells: flat columns only, read batch by batch; nothing in it is ever executed."""

from __future__ import annotations

import io
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_tables import Table
from backend.importers.parsing import MAX_BYTES, MAX_LABEL_CHARS, check_cells, check_rows, clean_text
from backend.importers.progress import Progress, tell

MAGIC = b"PAR1"
_MAX_COLUMNS = 500
_MAX_EXPANDED = 8 * MAX_BYTES
_BATCH_ROWS = 8_192
_INDEX = "__index_level_0__"
# pyarrow's own faults are ValueError, OSError, KeyError, TypeError and the rest by inheritance.
_FAULTS = (pa.ArrowException, ValueError, OSError, KeyError, TypeError, OverflowError, IndexError)


def is_parquet(data: bytes) -> bool:
    """Whether the bytes begin and end as a Parquet file does."""
    return len(data) >= 12 and data.startswith(MAGIC) and data.endswith(MAGIC)


def parquet_head(data: bytes) -> tuple[str, ...]:
    """The columns' names; none when the footer can't be read."""
    try:
        names = pq.read_schema(io.BytesIO(data)).names
    except _FAULTS:
        return ()
    return tuple(_label(name) for name in names)


def read_parquet_table(data: bytes) -> Table:
    """The whole table; a row's number stands for its line.

    Raises:
        ImportProblem: `bad_parquet`, `empty_file` or `too_large`.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        _check(file.metadata, file.schema_arrow)
        rows = CellRows(len(file.schema_arrow.names))
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            for row in zip(*(_cells(column) for column in batch.columns), strict=True):
                rows.append(row)
            tell(Progress("reading", len(rows), file.metadata.num_rows))
            check_rows(len(rows))
        headers = [_label(name) for name in file.schema_arrow.names]
    except MemoryError:
        # Arrow's own is among the faults too; what it means is said where the bound is known.
        raise
    except _FAULTS as error:
        raise _broken("it is damaged, or of a kind that is not supported") from error
    if not rows:
        raise ImportProblem("The table has columns but no rows.", code="empty_file")
    return Table(headers, rows, range(1, len(rows) + 1), "utf-8", ",", kind="parquet")


def _check(metadata: Any, schema: Any) -> None:
    """Refuse by the footer what would not fit; batches are counted again as they come."""
    check_rows(metadata.num_rows)
    check_cells(metadata.num_rows, metadata.num_columns)
    if metadata.num_columns > _MAX_COLUMNS:
        raise _broken(f"it has more than {_MAX_COLUMNS} columns")
    if any(pa.types.is_nested(kind) for kind in schema.types):
        raise _broken("it has columns of lists or records; only flat ones can be read")
    if sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)) > _MAX_EXPANDED:
        raise ImportProblem("The file expands too far. Export fewer columns.", status=413, code="too_large")


def _cells(column: Any) -> list[str]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [_text(value) for value in column.to_pylist()]


@lru_cache(maxsize=65_536)
def _label(name: str) -> str:
    return "" if name == _INDEX else clean_text(name, MAX_LABEL_CHARS) or ""


def _text(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - pandas writes what is missing as NaN, which no cell means
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else str(value)


def _broken(why: str) -> ImportProblem:
    return ImportProblem(f"The Parquet file can't be read: {why}. Export it again, or as CSV.", code="bad_parquet")
