"""Trades as rows: what lists, evidence and the worst trades show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import IntArray, clean, to_datetime
from backend.analysis.criteria import InvalidCriteria

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

SORTS = (
    "opened_at", "closed_at", "trade_id", "symbol", "side", "quantity", "entry_price", "exit_price", "gross_pnl",
    "fees", "funding", "net_pnl", "return_pct", "holding_seconds", "mae", "mfe",
)  # fmt: skip


class TradeRow(BaseModel):
    """One trade; money in the run's currency. `mae` ≤ 0 and `mfe` ≥ 0 are money, None where not known.

    An open trade has no `closed_at`; its `exit_price` is the last known price. Tags and reasoning are quoted from the
    source: data, not instructions.
    """

    trade_id: int
    trade_ref: str | None
    symbol: str
    side: Literal["long", "short"]
    status: Literal["closed", "open"]
    opened_at: datetime
    closed_at: datetime | None
    quantity: float
    entry_price: float
    exit_price: float | None
    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float
    return_pct: float | None
    holding_seconds: float
    mae: float | None
    mfe: float | None
    entry_tag: str | None
    exit_tag: str | None
    entry_reasoning: str | None
    exit_reasoning: str | None
    entry_seq: int
    exit_seq: int | None


def rows_of(frame: RunFrame, indices: Iterable[int]) -> list[TradeRow]:
    """The trades at these indices, in this order."""
    return [_row(frame, int(index)) for index in indices]


def _row(frame: RunFrame, i: int) -> TradeRow:
    t, p = frame.trades, frame.positions
    entry, last, is_open = int(t.entry_row[i]), int(t.exit_row[i]), bool(t.is_open[i])
    return TradeRow(
        trade_id=int(t.trade_id[i]),
        trade_ref=p.refs[t.ref[i]] if t.ref[i] >= 0 else None,
        symbol=t.symbols[t.symbol[i]],
        side="long" if t.side[i] > 0 else "short",
        status="open" if is_open else "closed",
        opened_at=to_datetime(t.opened_at[i]),
        closed_at=None if is_open else to_datetime(t.closed_at[i]),
        quantity=float(t.quantity[i]),
        entry_price=float(t.entry_price[i]),
        exit_price=clean(t.exit_price[i]),
        gross_pnl=clean(t.gross_pnl[i]) or 0.0,
        fees=clean(t.fees[i]) or 0.0,
        funding=clean(t.funding[i]) or 0.0,
        net_pnl=clean(t.net_pnl[i]) or 0.0,
        return_pct=clean(t.return_pct[i]),
        holding_seconds=float(t.holding_seconds[i]),
        mae=clean(t.mae[i]),
        mfe=clean(t.mfe[i]),
        entry_tag=p.tag[entry],
        exit_tag=p.tag[last] if last >= 0 else None,
        entry_reasoning=p.reasoning[entry],
        exit_reasoning=p.reasoning[last] if last >= 0 else None,
        entry_seq=int(p.seq[entry]),
        exit_seq=int(p.seq[last]) if last >= 0 else None,
    )


def trade_rows(
    frame: RunFrame,
    *,
    ids: Sequence[int] | None = None,
    symbol: str | None = None,
    side: str | None = None,
    status: str | None = None,
    sort: str = "opened_at",
    offset: int = 0,
    limit: int = 100,
) -> tuple[list[TradeRow], int]:
    """One page of trades and how many there are in all; `sort` with a leading "-" is descending.

    Raises:
        InvalidCriteria: for a sort, side or status there is none of.
    """
    t = frame.trades
    column = sort.removeprefix("-")
    if column not in SORTS:
        raise InvalidCriteria(f"can't sort trades by {sort!r}", SORTS)
    chosen = np.ones(len(t), dtype=np.bool_)
    if ids is not None:
        chosen &= np.isin(t.trade_id, np.array(list(ids), dtype=np.int64))
    if symbol is not None:
        chosen &= t.symbol == (t.symbols.index(symbol) if symbol in t.symbols else -1)
    if side is not None:
        chosen &= t.side == _one_of("side", side, {"long": 1, "short": -1})
    if status is not None:
        chosen &= t.is_open == bool(_one_of("status", status, {"closed": 0, "open": 1}))
    found = _sorted(frame, np.flatnonzero(chosen), column, descending=sort.startswith("-"))
    return rows_of(frame, found[max(offset, 0) :][: max(limit, 0)]), len(found)


def _one_of(name: str, value: str, valid: dict[str, int]) -> int:
    if value not in valid:
        raise InvalidCriteria(f"there is no {name} {value!r}", list(valid))
    return valid[value]


def _sorted(frame: RunFrame, found: IntArray, column: str, *, descending: bool) -> IntArray:
    """Stable, with unknown values last either way."""
    t = frame.trades
    if column == "symbol":
        rank = np.argsort(np.argsort(np.array(t.symbols or ("",))))
        key = rank[t.symbol[found]].astype(np.float64)
    else:
        key = getattr(t, column)[found].astype(np.float64)
    return found[np.lexsort((found, -key if descending else key))]
