"""Why a run made what it made: one answer with selection, complement, breakdowns, bridge, worst trades and patterns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.breakdown import (
    BreakdownRow,
    Bridge,
    Concentration,
    Summary,
    breakdown,
    concentrate,
    largest_first,
    loss_bridge,
    summarise,
)
from backend.analysis.causes import Causes, find_causes
from backend.analysis.coverage import Coverage, cover
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.dimensions import DIMENSIONS, USUAL
from backend.analysis.metrics import DEFINITIONS, Conventions, conventions, run_warnings
from backend.analysis.patterns import Patterns, find_patterns
from backend.analysis.rows import TradeRow, rows_of
from backend.analysis.selection import FILTER_TYPES, Criteria, select_trades

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

__all__ = ["FILTER_TYPES", "TradeAnalysis", "analyze_trades"]
_SHOWN = 10
_DEFINED = (
    "trade_count", "win_count", "loss_count", "breakeven_count", "win_rate", "gross_pnl", "fees", "funding", "net_pnl",
    "open_pnl", "average_win", "average_loss", "profit_factor", "largest_win", "largest_loss",
)  # fmt: skip


class AppliedFilter(BaseModel):
    """What was asked and how it was understood: `where` holds the conditions in the one form of all spellings."""

    filter_type: str
    criteria: Any
    description: str
    where: list[dict[str, Any]]


class TradeAnalysis(BaseModel):
    """What `analyze_trades` answers; bridge, concentration, patterns and causes are of the whole run (causes with the
    filter `all` alone).

    Worst and best trades include those still open, marked as open, at the last known price.
    """

    kind: Literal["trade_analysis"] = "trade_analysis"
    filter: AppliedFilter
    currency: str
    selection: Summary
    complement: Summary
    covers: Coverage
    breakdowns: dict[str, list[BreakdownRow]]
    bridge: Bridge
    concentration: Concentration
    worst_trades: list[TradeRow]
    best_trades: list[TradeRow]
    open_trades: list[TradeRow]
    patterns: Patterns
    causes: Causes | None
    definitions: dict[str, str]
    basis: Conventions
    warnings: list[str]


def analyze_trades(
    frame: RunFrame, filter_type: str | None = "all", criteria: Criteria = None, by: Sequence[str] = ()
) -> TradeAnalysis:
    """Explain the chosen trades against the rest, and the run as a whole.

    `worst_trades` are the selection's losses, worst first, `best_trades` its wins, at most 10 each, open ones among
    them; open trades by size of their P&L. `by` names the dimensions of the breakdowns; the usual ones without it.

    Raises:
        InvalidCriteria: when filter, criteria or dimensions can't be understood; `valid` says what can.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown:
        raise InvalidCriteria(f"trades can't be grouped by {unknown[0]!r}", DIMENSIONS)
    if filter_type == "all" and criteria in (None, "", [], {}):
        # No question changes it: computed once for a run and its dimensions.
        kept: TradeAnalysis = _kept(
            frame, f"analysis {','.join(by)}", lambda held: _analysed(held, "all", criteria, by)
        )
        return kept
    return _analysed(frame, filter_type, criteria, by)


def _analysed(frame: RunFrame, filter_type: str | None, criteria: Criteria, by: Sequence[str]) -> TradeAnalysis:
    selection = select_trades(frame, filter_type, criteria)
    net, chosen = frame.trades.net_pnl, selection.chosen
    listed = np.union1d(chosen, selection.chosen_open)
    order = listed[np.argsort(net[listed], kind="stable")]
    by_size = largest_first(frame, chosen)
    still_open = frame.trades.open
    open_by_size = still_open[np.argsort(-np.abs(net[still_open]), kind="stable")]
    return TradeAnalysis(
        filter=AppliedFilter(
            filter_type=selection.filter_type,
            criteria=criteria,
            description=selection.description,
            where=selection.where.as_json(),
        ),
        currency=frame.facts.currency,
        selection=summarise(frame, chosen, None if selection.where.only_open else selection.chosen_open),
        complement=summarise(frame, selection.rest, selection.rest_open),
        covers=cover(frame, listed),
        breakdowns={name: breakdown(frame, name, chosen, by_size, selection.chosen_open) for name in by or USUAL},
        bridge=_kept(frame, "bridge", loss_bridge),
        concentration=_kept(frame, "concentration", concentrate),
        worst_trades=rows_of(frame, order[net[order] < 0][:_SHOWN]),
        best_trades=rows_of(frame, order[net[order] > 0][::-1][:_SHOWN]),
        open_trades=rows_of(frame, open_by_size[:_SHOWN]),
        patterns=find_patterns(frame),
        causes=find_causes(frame) if selection.filter_type == "all" else None,
        definitions={name: DEFINITIONS[name] for name in _DEFINED},
        basis=conventions(frame),
        warnings=run_warnings(frame),
    )


def _kept(frame: RunFrame, name: str, compute: Any) -> Any:
    """What depends on the run alone is computed once."""
    if name not in frame.cache:
        frame.cache[name] = compute(frame)
    return frame.cache[name]
