"""Stops, targets and trailing stops replayed within the extremes of each trade.

The lowest and highest price while a trade was open are known, their order is not; so each outcome has a worst and a
best case. A trade whose own exit lies beyond the price surely met it; one whose extremes alone do may have met it on
the same bar before the entry or after the exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray
from backend.analysis.what_if.effects import CannotBeKnown, Effect, exited

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_BOUNDED = (
    "Bounded: the lowest and highest prices of each trade are known, their order is not. Filled at the exit price "
    "itself, without slippage or gaps, with the trade's own costs."
)
_PARTLY = " For the trades without price extremes nothing is known: they are as they were."
_NO_EXTREMES = (
    "The file gives no prices between a trade's entry and its exit (no lowest and highest price, no MAE or MFE), so it "
    "can't be known which trades would have been exited, nor where. An export with MAE and MFE, or the price series of "
    "what was traded, would tell."
)
_NO_RISK = "No stop at entry is known, so the risk taken (R) is not known."


def exit_at(frame: RunFrame, distance: FloatArray, kind: Literal["stop", "target"]) -> Effect:
    """Exit each trade once it has moved so much money against it (stop) or for it (target), before costs.

    Raises:
        CannotBeKnown: where no trade's extremes are known.
    """
    t = frame.trades
    reached = -t.mae if kind == "stop" else t.mfe
    known = ~np.isnan(reached) & ~np.isnan(distance)
    _require(frame, known)
    sign = -1.0 if kind == "stop" else 1.0
    at_exit = sign * distance - t.fees - t.funding
    surely = sign * t.gross_pnl >= distance
    maybe = ~surely & (reached >= distance)
    low = np.where(surely, at_exit, np.where(maybe, np.minimum(at_exit, t.net_pnl), t.net_pnl))
    high = np.where(surely, at_exit, np.where(maybe, np.maximum(at_exit, t.net_pnl), t.net_pnl))
    return exited(frame, low, high, known, basis="extremes", note=_note(known))


def pct_distance(frame: RunFrame, pct: float, kind: Literal["stop", "target"]) -> FloatArray:
    """A move in percent of the entry price against a trade (stop) or for it (target), as money of each trade."""
    t = frame.trades
    straight: FloatArray = t.entry_value * pct / 100
    if not t.inverse.any():
        return straight
    price = t.entry_price * (1 + t.side * (-pct if kind == "stop" else pct) / 100)
    curved = np.abs(t.gross_at(np.where(price > 0, price, np.nan)))
    # A fall by all and more has no price, but it has its money.
    return np.where(t.inverse & ~np.isnan(curved), curved, straight)


def r_distance(frame: RunFrame, r: float) -> FloatArray:
    """So many times the risk taken at entry, as money of each trade.

    Raises:
        CannotBeKnown: where no stop is known.
    """
    t = frame.trades
    risk: FloatArray = np.abs(t.gross_at(t.stop_price))
    if len(risk) and np.isnan(risk).all():
        raise CannotBeKnown(_NO_RISK)
    return risk * r


def trailing(frame: RunFrame, pct: float) -> Effect:
    """Exit each trade once the price has come back so many percent from the best it had reached since the entry.

    Raises:
        CannotBeKnown: where no trade's extremes are known.
    """
    t = frame.trades
    known = ~np.isnan(t.low_price) & ~np.isnan(t.high_price)
    _require(frame, known)
    long_side = t.side > 0
    best = np.where(long_side, t.high_price, t.low_price)
    best = np.where(long_side, np.maximum(best, t.entry_price), np.minimum(best, t.entry_price))
    worst = np.where(long_side, t.low_price, t.high_price)
    share = pct / 100
    back = 1 - share * t.side  # of a long below its best, of a short above it
    fall = t.side * (best - worst) / best
    # From the best to the own exit, or from the entry to the worst: the order does not matter for either.
    surely = (t.side * (best - t.exit_price) / best >= share) | (
        t.side * (t.entry_price - worst) / t.entry_price >= share
    )
    maybe = ~surely & (fall >= share)

    def net(price: FloatArray) -> FloatArray:
        made: FloatArray = t.gross_at(price) - t.fees - t.funding
        return made

    ends = net(t.entry_price * back), net(best * back)
    low = np.where(surely, ends[0], np.where(maybe, np.minimum(ends[0], t.net_pnl), t.net_pnl))
    high = np.where(surely, ends[1], np.where(maybe, np.maximum(ends[1], t.net_pnl), t.net_pnl))
    return exited(frame, low, high, known, basis="extremes", note=_note(known))


def _require(frame: RunFrame, known: BoolArray) -> None:
    if len(frame.trades) and not known.any():
        raise CannotBeKnown(_NO_EXTREMES)


def _note(known: BoolArray) -> str:
    return _BOUNDED if known.all() else _BOUNDED + _PARTLY
