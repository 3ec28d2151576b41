"""A run's figures beside those its source published."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
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
_BEFORE_COSTS = "before costs: ours agrees with it where fees and funding are left out."
_A_CENT = 0.01
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
    if any(row.agrees is False for row in matched):
        _explain(matched, {name: known[name] for name in known if name in stated}, figures, frame)
    unmatched = [
        PublishedRow(name=name, published=value, why="Rundown computes no such figure.")
        for name, value in stated.items()
        if name not in known
    ]
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
    row.agrees = _agrees(ours, value, statistic)
    return row


def _agrees(ours: float, value: float, statistic: Statistic) -> bool:
    theirs = value * statistic.factor
    rounded = max(_rounding(value) * abs(statistic.factor), statistic.step / 2)
    return abs(ours - theirs) <= rounded + _RELATIVE * abs(theirs)


def _explain(
    rows: list[PublishedRow], statistics: Mapping[str, Statistic], figures: Mapping[str, Figure], frame: RunFrame
) -> None:
    """Say why each differs, where the reason can be shown or lies in the definitions; else that none is known."""
    before_costs = calculate_metrics(_without_costs(frame)).figures
    for row in rows:
        if row.agrees is False:
            row.why = _reason(row, statistics[row.name], figures, before_costs, frame)
    if any(row.figure in _TOTALS and row.why == _NO_REASON for row in rows):
        for row in rows:
            row.why = _FOLLOWS if row.agrees is False and row.figure not in _TOTALS else row.why


def _reason(
    row: PublishedRow,
    statistic: Statistic,
    figures: Mapping[str, Figure],
    before_costs: Mapping[str, Figure],
    frame: RunFrame,
) -> str:
    gross = before_costs[statistic.figure].value
    is_gross = isinstance(gross, int | float) and _agrees(gross, row.published / statistic.factor, statistic)
    closed, apart = len(frame.trades.closed), abs(row.difference or 0.0)
    holds = {
        "defined": True,
        "open": len(frame.trades.open) > 0,
        "gross": is_gross,
        "cents": apart <= 0.005 * closed + _RELATIVE or row.unit == "ratio",
        "zeros": apart <= _number(figures["breakeven_count"]),
    }
    if statistic.why and holds[statistic.holds]:
        return statistic.why
    if row.figure in _TOTALS:
        return _reason_of_total(row, frame, is_gross=is_gross)
    return f"The source's figure is {_BEFORE_COSTS}" if is_gross else _NO_REASON


def _reason_of_total(row: PublishedRow, frame: RunFrame, *, is_gross: bool) -> str:
    """What parts a total of theirs from ours, where the rows show it."""
    if is_gross:
        return f"The source's total is {_BEFORE_COSTS}"
    differing = [line for line in frame.facts.settings.get("reconciliation", ()) if _is_difference(line)]
    openings = [line for line in differing if line["what"] == "openings"]
    outside = _stated_outside(frame)
    if outside and abs((row.difference or 0.0) + outside) <= _A_CENT:
        return (
            f"The source's total holds {outside:,.2f} of closings whose openings are not in the file, so that they are "
            "in no trade here."
        )
    found = openings or differing
    return str(found[0]["message"]) if found else _NO_REASON


def _is_difference(line: Any) -> bool:
    return (
        isinstance(line, Mapping)
        and line.get("outcome") in ("differs", "offered")
        and line.get("what") in ("openings", "pnl", "amount", "multiplier")
        and isinstance(line.get("message"), str)
    )


def _stated_outside(frame: RunFrame) -> float:
    """P&L that the source states on rows that are in no trade."""
    p, t = frame.positions, frame.trades
    return float(np.nansum(p.realized_pnl) - np.nansum(t.stated_pnl[t.closed]))


def _without_costs(frame: RunFrame) -> RunFrame:
    """The same run as if nothing had cost anything."""
    nothing, stated = np.zeros(len(frame.positions)), frame.positions.realized_pnl
    if frame.facts.pnl_is_stated:
        # What each trade made is what the source states, after its costs.
        t = frame.trades
        stated = stated.copy()
        stated[t.exit_row[t.closed]] += (t.fees + t.funding)[t.closed]
    return RunFrame(frame.facts, replace(frame.positions, fees=nothing, funding=nothing, realized_pnl=stated))


def _number(figure: Figure) -> float:
    return float(figure.value) if isinstance(figure.value, int | float) else 0.0


def _rounding(value: float) -> float:
    """Half a unit of the last decimal that the value is written with: it may have been rounded there."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) and exponent < 0 and not float(value).is_integer() else 0.0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
