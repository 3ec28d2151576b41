"""Deposits and withdrawals: money that moves equity and is neither a gain nor a loss.

A source that states its equity after each row says by it what came in from outside: equity moves by what the fills
made at the prices known, and by what was paid in or out. Where a holding has no fresh price the move may be the
market's, so that only what is larger than the holding could have made counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import FloatArray, IntArray, group_starts, sum_by, to_datetime

if TYPE_CHECKING:
    from backend.analysis.positions import Positions
    from backend.analysis.trades import Trades

_MOVE = 0.5  # of a holding without a fresh price: what the market is allowed to have moved it by
_CENT = 0.01
_EXACT = 1e-5  # of equity: what rounding of a source's own column may leave
_LARGE = 0.01  # of equity, where the source's column does not agree with the fills to the cent
_OFTEN = 20  # times the usual difference
_MOSTLY = 0.5  # share of the moments at which a trade closed that must agree
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Flows:
    """Money paid in (above zero) or out at moments in order of time, and what to tell of it."""

    at: IntArray
    amount: FloatArray
    warnings: tuple[str, ...] = ()

    def at_points(self, at: IntArray) -> FloatArray:
        """What was paid in by each of these moments since the one before it; what came later by the last of them."""
        place = np.minimum(np.searchsorted(at, self.at, side="left"), len(at) - 1)
        return sum_by(place, self.amount, len(at))


NO_FLOWS = Flows(np.empty(0, dtype=np.int64), np.empty(0))


def stated_flows(listed: Sequence[tuple[int, float]]) -> Flows:
    """What the source itself lists: moments in microseconds and amounts."""
    kept = sorted((at, amount) for at, amount in listed if np.isfinite(amount) and amount)
    if not kept:
        return NO_FLOWS
    return Flows(np.array([at for at, _ in kept], dtype=np.int64), np.array([amount for _, amount in kept]))


def merged(one: Flows, other: Flows) -> Flows:
    """Both, in order of time."""
    at, amount = np.concatenate([one.at, other.at]), np.concatenate([one.amount, other.amount])
    order = np.argsort(at, kind="stable")
    return Flows(at[order], amount[order], (*one.warnings, *other.warnings))


def found_flows(
    marks: tuple[FloatArray, FloatArray], at: IntArray, equity: FloatArray, start: float | None, stated: Flows
) -> Flows:
    """What the source's own equity says was paid in or out, beside what is stated already.

    Args:
        marks: what the run had made by each moment, and the value of what it then held without a fresh price.
        at: moments of which the source gives its equity, each once, in order of time.
        equity: that equity.
        start: what the run began with, where it is known.
        stated: flows known already; they explain their part.
    """
    if not len(at):
        return NO_FLOWS
    made, stale = marks
    paid = np.concatenate([[0.0], np.cumsum(stated.amount)])[np.searchsorted(stated.at, at, side="right")]
    apart = equity - made - paid
    unexplained = np.diff(apart, prepend=apart[0] if start is None else start)
    slack = _MOVE * (stale + np.concatenate([[0.0], stale[:-1]]))
    before = np.concatenate([[equity[0] if start is None else start], equity[:-1]])
    size, scale = np.abs(unexplained), np.maximum(np.abs(equity), np.abs(before))
    exact = np.maximum(2 * _CENT, _EXACT * scale)
    # Does the source's equity do what the trades do, where they do something? Else it holds more than they show, and
    # only what is far out of the ordinary is taken for a flow.
    same = size <= exact
    moved = (np.abs(np.diff(made, prepend=0.0)) > _CENT) & (same | (slack == 0))
    agrees = moved.any() and np.mean(same[moved]) >= _MOSTLY
    beyond = np.maximum(size - slack, 0.0)
    beyond = beyond[beyond > _CENT]
    large = np.maximum(_LARGE * scale, _OFTEN * float(np.median(beyond)) if len(beyond) else 0.0)
    least = np.where(slack == 0, exact, _LARGE * scale + slack) if agrees else large + slack
    is_flow = size > least
    warnings = (_told(at[is_flow], unexplained[is_flow]),) if is_flow.any() else ()
    return Flows(at[is_flow], unexplained[is_flow], warnings)


def _told(at: IntArray, amount: FloatArray) -> str:
    shown = [
        f"{abs(money):,.2f} {'in' if money > 0 else 'out'} at {to_datetime(moment):%Y-%m-%d %H:%M} UTC"
        for moment, money in zip(at[:_SHOWN], amount[:_SHOWN], strict=True)
    ]
    more = f" and {len(at) - _SHOWN} more" if len(at) > _SHOWN else ""
    return (
        f"Equity moves by {amount.sum():+,.2f} more than the trades explain ({'; '.join(shown)}{more}). It is taken "
        "for money paid in or out: it changes equity, and no return counts it."
    )


def marked_by_trades(t: Trades, at: IntArray) -> tuple[FloatArray, FloatArray]:
    """(net P&L of the trades closed by each moment, value at entry of those then open)."""
    closed = t.closed_in_order
    made = np.concatenate([[0.0], np.cumsum(t.net_pnl[closed])])
    opened = np.concatenate([[0.0], np.cumsum(t.entry_value)])
    left = np.concatenate([[0.0], np.cumsum(t.entry_value[closed])])
    ended = np.searchsorted(t.closed_at[closed], at, side="right")
    value = opened[np.searchsorted(t.opened_at, at, side="right")] - left[ended]
    return made[ended], np.where(value > 1e-6 * max(float(opened[-1]), 1.0), value, 0.0)


def marked_by_fills(p: Positions, multiplier: FloatArray, at: IntArray) -> tuple[FloatArray, FloatArray] | None:
    """(what the fills had made by each moment, at the last prices known; value of holdings whose price is older).

    `multiplier` is money per point and unit, by row. None where a fill has no price or quantity, so that nothing
    can be said.
    """
    fills = p.action < 4
    if np.isnan(p.price[fills]).any() or np.isnan(p.quantity[fills]).any():
        return None
    signed = np.where(fills, np.where((p.action == 0) | (p.action == 3), 1.0, -1.0) * np.nan_to_num(p.quantity), 0.0)
    cash = -signed * np.where(fills, np.nan_to_num(p.price), 0.0) * multiplier - p.fees - p.funding
    by_time = np.lexsort((p.seq, p.ts))
    paid = np.concatenate([[0.0], np.cumsum(cash[by_time])])[np.searchsorted(p.ts[by_time], at, side="right")]
    rows = np.flatnonzero(fills | ~np.isnan(p.price))
    rows = rows[np.lexsort((p.seq[rows], p.ts[rows], p.symbol[rows]))]
    symbol, moment = p.symbol[rows], p.ts[rows]
    held = _running(signed[rows], symbol)
    # What is held after the last row of a symbol at a moment is what counts.
    last = np.append(group_starts(symbol, moment)[1:], True) if len(rows) else np.empty(0, dtype=np.bool_)
    symbol, moment, held = symbol[last], moment[last], held[last]
    price = p.price[rows][last]
    first = group_starts(symbol)
    worth = held * price * multiplier[rows][last]
    before = np.where(first, 0.0, np.concatenate([[0.0], worth[:-1]])) if len(worth) else worth
    order = np.argsort(moment, kind="stable")
    place = np.searchsorted(moment[order], at, side="right")
    holdings = np.concatenate([[0.0], np.cumsum((worth - before)[order])])[place]
    size = np.abs(worth)
    gross = np.concatenate([[0.0], np.cumsum((size - np.abs(before))[order])])[place]
    fresh = _fresh(moment, size, at)
    stale = np.where(gross - fresh > 1e-6 * np.maximum(gross, 1.0), gross - fresh, 0.0)
    return paid + holdings, stale


def _running(values: FloatArray, group: IntArray) -> FloatArray:
    """Running sums within consecutive groups; what is left of a closed holding by rounding is nothing."""
    if not len(values):
        return values
    total = np.cumsum(values)
    starts = group_starts(group)
    base = np.concatenate([[0.0], total[:-1]])[starts]
    running: FloatArray = total - np.repeat(base, np.diff(np.append(np.flatnonzero(starts), len(values))))
    return np.where(np.abs(running) <= 1e-9 * max(float(np.abs(values).max()), 1e-300), 0.0, running)


def _fresh(moment: IntArray, size: FloatArray, at: IntArray) -> FloatArray:
    """Value of the holdings that have a price of the moment itself."""
    place = np.searchsorted(at, moment)
    exact = place < len(at)
    exact[exact] = at[place[exact]] == moment[exact]
    return sum_by(place[exact], size[exact], len(at))
