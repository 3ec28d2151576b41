"""Close a trade that has been open for too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import HOUR_US, BoolArray, FloatArray, IntArray
from backend.analysis.chance import Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, duration, exit_rule, quantiles

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_EXACT = (
    "Exact: the run holds a price of the symbol at the moment each of these trades would have been closed. Each keeps "
    "its own costs."
)
_BOUNDED = (
    "Bounded: not every price at the time limit is known, but the lowest and highest while each trade was open are. "
    "Worst and best case are given, with the trades' own costs."
)
_NO_PRICES = (
    "Neither the price at the time limit nor the price extremes of every trade held longer are in the source, so it "
    "can't be known at what price they would have been closed."
)
_IN_PARTS = (
    "Some of the trades held longer were filled in parts, so it can't be known how much was open at the time limit."
)


def candidates(frame: RunFrame) -> list[Params]:
    """How long losers were held, and what most winners needed; in hours."""
    t, closed = frame.trades, frame.trades.closed
    hours, net = t.holding_seconds[closed] / 3600, t.net_pnl[closed]
    found = {*quantiles(hours[net < 0], (0.5, 0.75)), *quantiles(hours[net > 0], (0.75, 0.9, 0.95))}
    return [{"max_hours": limit} for limit in sorted(found) if (hours > limit).any()]


def _limit(params: Params) -> int:
    return round(float(params["max_hours"]) * HOUR_US)


def _late(frame: RunFrame, params: Params) -> BoolArray:
    t, closed = frame.trades, frame.trades.closed
    late: BoolArray = t.closed_at[closed] - t.opened_at[closed] > _limit(params)
    return late


def _priced(frame: RunFrame) -> tuple[IntArray, IntArray, FloatArray]:
    """(moments that any price is known of, place of symbol and moment in order, the price there); kept on the frame."""
    if "priced" not in frame.cache:
        p = frame.positions
        rows = np.flatnonzero(~np.isnan(p.price))
        moments, at = np.unique(p.ts[rows], return_inverse=True)
        keys = p.symbol[rows] * (len(moments) + 1) + at
        order = np.lexsort((p.seq[rows], keys))
        frame.cache["priced"] = moments, keys[order], p.price[rows[order]]
    found: tuple[IntArray, IntArray, FloatArray] = frame.cache["priced"]
    return found


def _known_prices(frame: RunFrame, symbol: IntArray, at: IntArray) -> FloatArray:
    """Prices that any row of the run gives for a symbol at a moment, the last of several; NaN where none does."""
    moments, keys, prices = _priced(frame)
    found = np.full(len(at), np.nan)
    if not len(keys):
        return found
    place = np.searchsorted(moments, at)
    wanted = symbol * (len(moments) + 1) + place
    last = np.maximum(np.searchsorted(keys, wanted, side="right") - 1, 0)
    hit = (moments[np.minimum(place, len(moments) - 1)] == at) & (keys[last] == wanted)
    found[hit] = prices[last[hit]]
    return found


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Close the trades held longer at the price of that moment, as far as it is known."""
    t, p, closed = frame.trades, frame.positions, frame.trades.closed
    net, late = t.net_pnl[closed], _late(frame, params)
    nothing_removed = np.zeros(len(closed), dtype=np.bool_)
    chosen = closed[late]
    whole = np.isclose(p.quantity[t.entry_row[chosen]], t.quantity[chosen])
    whole &= np.isclose(p.quantity[t.exit_row[chosen]], t.quantity[chosen])
    if not whole.all():
        return Outcome(net, net, nothing_removed, "needs_prices", _IN_PARTS)
    price = _known_prices(frame, t.symbol[chosen], t.opened_at[chosen] + _limit(params))
    exact = not np.isnan(price).any()
    lowest, highest = (np.where(np.isnan(price), edge[chosen], price) for edge in (t.low_price, t.high_price))
    if np.isnan(lowest).any() or np.isnan(highest).any():
        return Outcome(net, net, nothing_removed, "needs_prices", _NO_PRICES)
    size, costs = t.side[chosen] * t.quantity[chosen] * t.multiplier[chosen], t.fees[chosen] + t.funding[chosen]
    ends = [size * (edge - t.entry_price[chosen]) - costs for edge in (lowest, highest)]
    low, high = net.copy(), net.copy()
    low[late], high[late] = np.minimum(*ends), np.maximum(*ends)
    return Outcome(low, high, nothing_removed, "exact" if exact else "bounded", _EXACT if exact else _BOUNDED)


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    limit = params["max_hours"]
    return Wording(
        name=f"Hold no trade longer than {duration(limit)}",
        plain=f"Close a trade that is still open {duration(limit)} after its entry, whatever the price.",
        code=exit_rule(
            f"Hold no trade longer than {duration(limit)}.",
            "trade: needs opened_at, a datetime in UTC. state: needs now, the present moment in UTC.\n"
            "Returns True once the trade must be closed.",
            f'return (state["now"] - trade["opened_at"]).total_seconds() >= {limit!r} * 3600',
        ),
        enforcement={"type": "time_exit", "max_hours": limit},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """How many trades were held longer, and how they ended."""
    net = frame.trades.net_pnl[frame.trades.closed][_late(frame, params)]
    return f"{len(net)} trades were held longer; {int((net < 0).sum())} of them lost."


def proposals(frame: RunFrame) -> Proposals:
    """As many exits as this run has values for."""
    return Proposals(exits=len(candidates(frame)))


RULE = Rule(
    "max_holding_time",
    r"hold|held|too long|duration|time limit|time stop|overstay|stuck|hope",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
