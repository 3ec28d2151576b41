"""A run's positions as they come from the database: page by page, each taken in before the next is asked for.

Reading JSON holds the interpreter's lock, so a very large run comes in parts: others wait for one part at a time.
All but such runs are one round trip. Numbers become arrays page by page; the JSON's own objects never all exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from backend.analysis.positions import NUMBERS

PAGE_ROWS = 125_000
_INTEGERS = ("seq", "ts")
_Column = list[Any] | np.ndarray[Any, Any] | None


class FramePages:
    """Collects pages; `last_seq` is after which row the next one begins, `run` the run's row from the first."""

    def __init__(self) -> None:
        self.run: dict[str, Any] | None = None
        self.last_seq = 0
        self._rows: list[int] = []
        self._pages: dict[str, list[_Column]] = {}

    def add(self, page: bytes) -> bool:
        """Take one answer of `get_run_frame` in; whether there may be more after it."""
        data = orjson.loads(page)
        if not data:
            return False
        self.run = self.run or data["run"]
        columns: Mapping[str, Any] = data["positions"]
        count = len(columns["seq"])
        if count or not self._rows:
            self._rows.append(count)
            for name, values in columns.items():
                self._pages.setdefault(name, []).append(_taken_in(name, values))
        if count:
            self.last_seq = columns["seq"][-1]
        return count == PAGE_ROWS

    def columns(self) -> dict[str, Any]:
        """All pages as one, as `RunFrame.from_columns` takes it; a column that no page has is None."""
        return {name: self._joined(pages) for name, pages in self._pages.items()}

    def _joined(self, pages: list[_Column]) -> _Column:
        if len(pages) == 1:
            return pages[0]
        filled = next((page for page in pages if page is not None), None)
        if filled is None:
            return None
        if isinstance(filled, np.ndarray):
            return np.concatenate(
                [np.full(rows, np.nan) if page is None else page for rows, page in zip(self._rows, pages, strict=True)]
            )
        joined: list[Any] = []
        for rows, page in zip(self._rows, pages, strict=True):
            joined.extend([None] * rows if page is None else page)
        return joined


def _taken_in(name: str, values: list[Any] | None) -> _Column:
    """Numbers as an array of 8 bytes each; the database's numerals are numbers in JSON, and null is NaN."""
    if values is None:
        return None
    if name in _INTEGERS:
        return np.array(values, dtype=np.int64)
    return np.array(values, dtype=np.float64) if name in NUMBERS else values
