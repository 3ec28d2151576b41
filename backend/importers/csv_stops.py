"""Stops of a table's trades: only where the column holds prices, and on the losing side of the entries."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from backend.importers.base import ImportProblem
from backend.importers.csv_sheet import Sheet
from backend.importers.parsing import stop_level
from backend.importers.position_columns import Same

# Stops that typically stand further away than this share of the price are percentages or distances.
_FARTHEST = 0.5


def stops_of(sheet: Sheet, entries: Sequence[float | None], opens: Sequence[bool]) -> Sequence[float | None]:
    """The stop of each row that opens something, None for the others and where the column holds no prices.

    A column that can't be read as prices is left out with a warning: a stop only adds to a run.
    """
    if "stop" not in sheet.bound:
        return Same(None, len(entries))
    try:
        cells = sheet.numbers("stop")
    except ImportProblem as problem:
        return _left_out(sheet, len(entries), f"it holds what is no number (line {problem.line})")
    stops = [stop_level(cell) if opening else None for cell, opening in zip(cells, opens, strict=True)]
    apart = [abs(entry - stop) / entry for entry, stop in zip(entries, stops, strict=True) if entry and stop]
    if apart and statistics.median(apart) > _FARTHEST:
        return _left_out(sheet, len(entries), "its values are too far from the prices of the entries")
    return stops


def _left_out(sheet: Sheet, count: int, why: str) -> Sequence[float | None]:
    sheet.warnings.append(f"Column {sheet.header('stop')!r} was not read as the price of each trade's stop: {why}.")
    return Same(None, count)
