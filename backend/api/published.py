"""A run's figures beside those its source published."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from backend.analysis import RunFrame, calculate_metrics
from backend.analysis.figures import Figure, Unit
from backend.api.connection import FrameDep, RunDep
from backend.importers.published import STATISTICS, Statistic

router = APIRouter(prefix="/api/models/{model_id}/runs", tags=["runs"])

# Sums of thousands of floats differ in their last digits; a published 2.35 may have been 2.345 to 2.355.
_RELATIVE = 1e-6
_NO_REASON = "No reason for the difference is known."
_FOLLOWS = "The total P&L differs already, and this follows from it."
# Where one of these differs without a reason, the file's trades are not those its statistics are of.
_TOTALS = frozenset(("net_pnl", "gross_pnl", "total_pnl"))


class PublishedRow(BaseModel):
    """One statistic of the source in our unit and sign, and ours; `why` says what a difference comes from.

    `figure`, `ours`, `difference` (ours − published), `unit`, `agrees` and `definition` are None where Rundown has no
    such figure, or (all but `figure`, `unit`, `definition`) where it has none for this run.
    """

    name: str
    published: float
    figure: str | None = None
    ours: float | None = None
    difference: float | None = None
    unit: Unit | None = None
    agrees: bool | None = None
    why: str | None = None
    definition: str | None = None


class PublishedFigures(BaseModel):
    """All numbers that a run's source states: first those that Rundown has too, then the others."""

    source: str
    currency: str
    rows: list[PublishedRow]


@router.get("/{run_id}/published")
async def get_published(run: RunDep, frame: FrameDep) -> PublishedFigures:
    """What the source says of the run, beside our figures."""
    rows = await asyncio.to_thread(compare_published, run.source, run.published, frame)
    return PublishedFigures(source=run.source, currency=run.currency, rows=rows)


def compare_published(source: str, published: Mapping[str, Any], frame: RunFrame) -> list[PublishedRow]:
    """A row for each published number, those with a figure of ours first and in the order of `STATISTICS`."""
    known = STATISTICS.get(source, {})
    stated = {name: value for name, value in published.items() if _is_number(value)}
    if not stated:
        return []
    figures = calculate_metrics(frame).figures
    matched = [_compared(name, stated[name], known[name], figures) for name in known if name in stated]
    unmatched = [
        PublishedRow(name=name, published=value, why="Rundown computes no such figure.")
        for name, value in stated.items()
        if name not in known
    ]
    if any(row.figure in _TOTALS and row.why == _NO_REASON for row in matched):
        for row in matched:
            row.why = _FOLLOWS if row.agrees is False and row.figure not in _TOTALS else row.why
    return matched + unmatched


def _compared(name: str, value: float, statistic: Statistic, figures: Mapping[str, Figure]) -> PublishedRow:
    figure = figures[statistic.figure]
    theirs, ours = value * statistic.factor, figure.value
    row = PublishedRow(
        name=name, published=theirs, figure=statistic.figure, unit=figure.unit, definition=figure.definition
    )
    if not isinstance(ours, int | float):
        row.why = figure.why
        return row
    row.ours, row.difference = ours, ours - theirs
    rounded = max(_rounding(value) * abs(statistic.factor), statistic.step / 2)
    row.agrees = abs(row.difference) <= rounded + _RELATIVE * abs(theirs)
    if not row.agrees:
        row.why = statistic.why or _NO_REASON
    return row


def _rounding(value: float) -> float:
    """Half a unit of the last decimal that the value is written with: it may have been rounded there."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) and exponent < 0 and not float(value).is_integer() else 0.0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
