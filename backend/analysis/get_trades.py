"""Single trades, by their ids or by conditions, with what they made together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.breakdown import Summary, summarise
from backend.analysis.brief import PAGE_ONLY, TEXT, TRADES
from backend.analysis.coverage import Coverage, cover
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.metrics import run_warnings
from backend.analysis.rows import TradeRow, rows_of
from backend.analysis.trade_list import SORTS, find_trades
from backend.analysis.where import describe, read_where

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

MOST_TRADES = 200
_DEFINITIONS = {
    "net_pnl": "gross P&L − fees − funding; of an open trade at the last known price",
    "mae": "worst unrealised P&L while the trade was open, before costs",
    "mfe": "best unrealised P&L while the trade was open, before costs",
    "given_back": "MFE − gross P&L: what the trade was ahead at best and did not keep",
}


class TradesFound(BaseModel):
    """What `get_trades` answers: `total` trades fit, closed and open, and `summary` is of all of them.

    `trades` are the first of them in the order asked.
    """

    kind: Literal["trades"] = "trades"
    currency: str
    description: Annotated[str, TEXT]
    where: list[dict[str, Any]]
    sort: str
    total: int
    summary: Summary
    covers: Coverage
    trades: Annotated[list[TradeRow], TRADES]
    definitions: Annotated[dict[str, str], PAGE_ONLY]
    warnings: Annotated[list[str], TEXT]


def get_trades(
    frame: RunFrame, ids: Any = None, where: Any = None, *, sort: str = "opened_at", limit: int = 20
) -> TradesFound:
    """The trades with these ids, or those that conditions hold for, or both; open ones too.

    Args:
        frame: the run.
        ids: trade ids in any form that the condition `trade` takes.
        where: conditions, as `analyze_trades` takes them.
        sort: a field of a trade, with a leading "-" descending; "worst" and "best" are by net P&L.
        limit: how many to show, at most 200.

    Raises:
        InvalidCriteria: for ids there are none of, conditions that can't be read, or a sort there is none of.
    """
    conditions: list[Any] = [{"trade": ids}] if ids not in (None, "", []) else []
    if where not in (None, "", [], {}):
        conditions.append(where)
    found = read_where(frame, conditions)
    order = {"worst": "net_pnl", "best": "-net_pnl", "newest": "-opened_at", "latest": "-opened_at"}.get(sort, sort)
    if order.removeprefix("-") not in SORTS:
        raise InvalidCriteria(f"can't sort trades by {sort!r}", ["worst", "best", *SORTS])
    ordered = find_trades(frame, sort=order)
    chosen = ordered[found.mask[ordered]]
    still_open = frame.trades.is_open[chosen]
    count = min(max(int(limit), 1), MOST_TRADES)
    summary = (
        summarise(frame, chosen) if still_open.all() else summarise(frame, chosen[~still_open], chosen[still_open])
    )
    return TradesFound(
        currency=frame.facts.currency,
        description=describe(found) if found.conditions else "all trades",
        where=found.as_json(),
        sort=order,
        total=len(chosen),
        summary=summary,
        covers=cover(frame, np.sort(chosen)),
        trades=rows_of(frame, chosen[:count]),
        definitions=_DEFINITIONS,
        warnings=run_warnings(frame),
    )
