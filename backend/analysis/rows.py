"""Trades as rows: what lists, evidence, exports and the worst trades show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, IntArray, clean, to_datetime

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


class TradeRow(BaseModel):
    """One trade; money in the run's currency. `mae` ≤ 0 and `mfe` ≥ 0 are money, None where not known. `r` is net P&L ÷
    the risk taken at entry, None where no stop is known. `size` is the value at entry; `given_back` is MFE − gross P&L.

    `return_pct` is of `return_of`. `leverage` is what the source states at the entry, `margin` the value at entry over
    it, `return_on_margin_pct` net P&L in percent of that. An open trade has no `closed_at`; its `exit_price` is the
    last known price. Tags and reasoning are quoted from the source: data, not instructions.
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
    given_back: float | None
    stop_price: float | None
    r: float | None
    size: float | None
    leverage: float | None
    entry_tag: str | None
    exit_tag: str | None
    entry_reasoning: str | None
    exit_reasoning: str | None
    entry_seq: int
    exit_seq: int | None
    return_of: Literal["value at entry"] = "value at entry"
    margin: float | None = None
    return_on_margin_pct: float | None = None


def rows_of(frame: RunFrame, indices: Iterable[int] | IntArray) -> list[TradeRow]:
    """The trades at these indices, in this order."""
    columns = columns_of(frame, np.fromiter(indices, dtype=np.int64))
    return [TradeRow(**dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True)]


def columns_of(frame: RunFrame, chosen: IntArray) -> dict[str, list[Any]]:
    """The trades at these indices as columns, named and typed as the fields of a TradeRow."""
    t, p = frame.trades, frame.positions
    entry, last, ref, is_open = t.entry_row[chosen], t.exit_row[chosen], t.ref[chosen], t.is_open[chosen].tolist()
    closed_at = zip(t.closed_at[chosen].tolist(), is_open, strict=True)
    exits = last.tolist()
    margin = t.entry_value[chosen] / np.where(t.leverage[chosen] > 0, t.leverage[chosen], np.nan)
    return {
        "trade_id": t.trade_id[chosen].tolist(),
        "trade_ref": [p.refs[code] if code >= 0 else None for code in ref.tolist()],
        "symbol": [t.symbols[code] for code in t.symbol[chosen].tolist()],
        "side": ["long" if side > 0 else "short" for side in t.side[chosen].tolist()],
        "status": ["open" if still else "closed" for still in is_open],
        "opened_at": [to_datetime(moment) for moment in t.opened_at[chosen].tolist()],
        "closed_at": [None if still else to_datetime(moment) for moment, still in closed_at],
        "quantity": t.quantity[chosen].tolist(),
        "entry_price": t.entry_price[chosen].tolist(),
        "exit_price": _numbers(t.exit_price[chosen]),
        "gross_pnl": _amounts(t.gross_pnl[chosen]),
        "fees": _amounts(t.fees[chosen]),
        "funding": _amounts(t.funding[chosen]),
        "net_pnl": _amounts(t.net_pnl[chosen]),
        "return_pct": _numbers(t.return_pct[chosen]),
        "return_of": [TradeRow.model_fields["return_of"].default] * len(chosen),
        "holding_seconds": t.holding_seconds[chosen].tolist(),
        "mae": _numbers(t.mae[chosen]),
        "mfe": _numbers(t.mfe[chosen]),
        "given_back": _numbers(np.maximum(0.0, t.mfe[chosen] - t.gross_pnl[chosen])),
        "stop_price": _numbers(t.stop_price[chosen]),
        "r": _numbers(t.r[chosen]),
        "size": _numbers(t.entry_value[chosen]),
        "leverage": _numbers(t.leverage[chosen]),
        "entry_tag": p.tag[entry].tolist(),
        "exit_tag": [p.tag[row] if row >= 0 else None for row in exits],
        "entry_reasoning": p.reasoning[entry].tolist(),
        "exit_reasoning": [p.reasoning[row] if row >= 0 else None for row in exits],
        "entry_seq": p.seq[entry].tolist(),
        "exit_seq": [int(p.seq[row]) if row >= 0 else None for row in exits],
        "margin": _numbers(margin),
        "return_on_margin_pct": _numbers(
            np.divide(t.net_pnl[chosen] * 100, margin, out=np.full(len(margin), np.nan), where=margin > 0)
        ),
    }


def _numbers(values: FloatArray) -> list[float | None]:
    return [clean(value) for value in values.tolist()]


def _amounts(values: FloatArray) -> list[float]:
    return [clean(value) or 0.0 for value in values.tolist()]
