"""A table's cells, kept by columns: Arrow's strings take a fifth of what Python's do.

What reads a whole column of plainly written numbers or moments in one go stands here too; each answers None where a
cell is written in any other way, and the careful reader of `csv_values` takes over.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_CHUNK_ROWS = 16_384
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_ISO: Final = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?$"
_ISO_UTC: Final = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)$"
# 1970-01-01 to 2200-01-01, in microseconds.
_EARLIEST, _LATEST = 0, 7_258_118_400_000_000


class CellRows(Sequence[Sequence[str]]):
    """Rows of text that are made when they are asked for."""

    def __init__(self, width: int) -> None:
        self._parts: list[list[Any]] = [[] for _ in range(width)]
        self._open: list[Sequence[str]] = []
        self._count = 0

    def append(self, row: Sequence[str]) -> None:
        """Add a row of the table's width."""
        self._open.append(row)
        self._count += 1
        if len(self._open) == _CHUNK_ROWS:
            self._close()

    def widen(self) -> None:
        """Add a column, empty in the rows there are."""
        empty = [pa.array([""] * size, pa.string()) for size in self._chunk_sizes()]
        self._parts.append(empty)
        self._open = [[*row, ""] for row in self._open]

    def _chunk_sizes(self) -> list[int]:
        closed = self._count - len(self._open)
        full, rest = divmod(closed, _CHUNK_ROWS)
        return [_CHUNK_ROWS] * full + ([rest] if rest else [])

    def kept(self, places: Sequence[int]) -> CellRows:
        """The rows at these places, in their order."""
        return _from_columns([self.arrow(at).take(pa.array(places, pa.int64())) for at in range(len(self._parts))])

    def replaced(self, at: int, cells: Mapping[str, str]) -> CellRows:
        """The same rows, each cell of one column changed to what stands for it in `cells`."""
        columns = [self.arrow(place) for place in range(len(self._parts))]
        coded = columns[at].combine_chunks().dictionary_encode()
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        changed = pa.array([cells[cell] for cell in coded.dictionary.to_pylist()], pa.string())
        columns[at] = pa.chunked_array([changed.take(coded.indices)])
        return _from_columns(columns)

    def _close(self) -> None:
        for part, cells in zip(self._parts, zip(*self._open, strict=True), strict=True):
            part.append(pa.array(cells, pa.string()))
        self._open = []

    def arrow(self, at: int) -> Any:
        """A column as Arrow's chunked array."""
        if self._open:
            self._close()
        return pa.chunked_array(self._parts[at], pa.string())

    def column(self, at: int) -> list[str]:
        """A column as a list."""
        cells: list[str] = self.arrow(at).to_pylist()
        return cells

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Sequence[str]]: ...
    def __getitem__(self, at: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        if isinstance(at, slice):
            return [self._row(place) for place in range(*at.indices(self._count))]
        return self._row(at if at >= 0 else at + self._count)

    def _row(self, at: int) -> list[str]:
        if not 0 <= at < self._count:
            raise IndexError(at)
        if self._open:
            self._close()
        part, place = divmod(at, _CHUNK_ROWS)
        return [chunks[part][place].as_py() for chunks in self._parts]

    def __iter__(self) -> Iterator[Sequence[str]]:
        if self._open:
            self._close()
        for chunks in zip(*self._parts, strict=True):
            yield from zip(*(chunk.to_pylist() for chunk in chunks), strict=True)


def _from_columns(columns: Sequence[Any]) -> CellRows:
    """Rows of Arrow's columns, in chunks as `CellRows` has them."""
    rows = CellRows(len(columns))
    rows._count = len(columns[0]) if columns else 0
    for part, column in zip(rows._parts, columns, strict=True):
        for start in range(0, rows._count, _CHUNK_ROWS):
            part.append(pa.concat_arrays(column.slice(start, _CHUNK_ROWS).chunks))
    return rows


def arrow_rows(columns: Sequence[Any]) -> CellRows:
    """Rows of Arrow's columns of text."""
    return _from_columns(columns)


def cell_rows(width: int, rows: Iterable[Sequence[str]]) -> CellRows:
    """Rows of one width."""
    kept = CellRows(width)
    for row in rows:
        kept.append(row)
    return kept


def holds(column: Any, text: str) -> bool:
    """Whether any cell has the text in it."""
    return bool(pc.any(pc.match_substring(column, text)).as_py())


def plain_numbers(column: Any) -> array[float] | None:
    """Numbers with a decimal point and nothing else, NaN for an empty cell; None where any is written otherwise."""
    if not _all_match(column, _NUMBER):
        return None
    numbers = pc.cast(pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column), pa.float64())
    values = numbers.to_numpy().astype(np.float64)
    filled = ~numbers.is_null().to_numpy()
    return array("d", values.tobytes()) if bool(np.isfinite(values[filled]).all()) else None


def plain_moments(column: Any, zone: str) -> array[int] | None:
    """Microseconds since the epoch of ISO 8601 moments that are all there; None where any is written otherwise, or the
    zone's clocks skip one.
    """
    if pc.any(pc.equal(column, "")).as_py():
        return None
    try:
        if _all_match(column, _ISO):
            local = pc.cast(column, pa.timestamp("us"))
            stamps = local if zone == "UTC" else pc.assume_timezone(local, zone, ambiguous="earliest")
        elif _all_match(column, _ISO_UTC):
            stamps = pc.cast(column, pa.timestamp("us", "UTC"))
        else:
            return None
    except pa.ArrowInvalid:
        return None
    values = pc.cast(stamps, pa.int64()).to_numpy()
    return array("q", values.tobytes()) if values.min() >= _EARLIEST and values.max() < _LATEST else None


def decimals(column: Any) -> int:
    """The most decimals that any cell is written with, by its point; what stands behind the number does not count."""
    written = pc.extract_regex(column, r"\.(?P<decimals>\d+)")
    longest = pc.max(pc.utf8_length(pc.struct_field(written, "decimals"))).as_py() if len(column) else None
    return int(longest or 0)


def units(column: Any) -> list[str | None] | None:
    """The letters that stand behind each cell's number (`0.788 USDT`), in upper case; None where no cell has any."""
    pattern = r"^\s*[+-]?[\d.,]+\s*(?P<unit>[A-Za-z][A-Za-z0-9]{1,9})\s*$"
    if not pc.any(pc.match_substring_regex(column, pattern)).as_py():
        return None
    found = pc.utf8_upper(pc.struct_field(pc.extract_regex(column, pattern), "unit"))
    texts: list[str | None] = found.to_pylist()
    return texts


def distinct(column: Any) -> tuple[list[str], Any]:
    """The different cells, and for each row which of them it has."""
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)


def _all_match(column: Any, pattern: str) -> bool:
    matched = pc.or_(pc.equal(column, ""), pc.match_substring_regex(column, pattern))
    return bool(pc.all(matched).as_py())
