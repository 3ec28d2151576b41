"""What a change would have done to each trade of a run, at worst and at best, and where that can be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from backend.analysis.arrays import HOUR_US, BoolArray, FloatArray, day_of
from backend.analysis.rules.base import Params, Rule
from backend.analysis.where import Where

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Basis = Literal["bars", "extremes", "trades"]
FILTERED = (
    "Exact for the trades of this run: those taken out are gone, the others stay as they were (what they would have "
    "made with the money set free is not known)."
)
SCALED = "Exact for the trades of this run: each result is scaled with its size, fees and funding in proportion."
_ONE_SIDED = "The other trades are as they were."


@dataclass(frozen=True, slots=True)
class Effect:
    """Net P&L and costs of every trade (open ones too) under a change; 0 where it is taken out.

    `low` and `high` are the worst and the best case, alike where it is exact. `known` is where the outcome can be known
    at all; elsewhere the trade is as it was.
    """

    low: FloatArray
    high: FloatArray
    removed: BoolArray
    known: BoolArray
    fees: FloatArray
    funding: FloatArray
    basis: Basis
    note: str
    # What a change of sizes scales each trade by.
    factor: FloatArray | None = None


Apply = Callable[["RunFrame", Params], Effect]


class CannotBeKnown(Exception):
    """Nothing of the outcome can be known from the run; the message says why and what would tell."""


def _none(frame: RunFrame) -> BoolArray:
    return np.zeros(len(frame.trades), dtype=np.bool_)


def without(frame: RunFrame, removed: BoolArray, note: str = FILTERED) -> Effect:
    """Some trades not taken."""
    t = frame.trades
    net = np.where(removed, 0.0, t.net_pnl)
    return Effect(
        low=net,
        high=net,
        removed=removed,
        known=~_none(frame),
        fees=np.where(removed, 0.0, t.fees),
        funding=np.where(removed, 0.0, t.funding),
        basis="trades",
        note=note,
    )


def without_where(frame: RunFrame, where: Where) -> Effect:
    """The trades that conditions hold for not taken."""
    return without(frame, where.mask)


def scaled(frame: RunFrame, factor: FloatArray | float, note: str = SCALED) -> Effect:
    """Every trade larger or smaller by its factor."""
    t = frame.trades
    by = np.broadcast_to(np.asarray(factor, dtype=np.float64), (len(t),))
    net = t.net_pnl * by
    return Effect(
        low=net,
        high=net,
        removed=_none(frame),
        known=~_none(frame),
        fees=t.fees * by,
        funding=t.funding * by,
        basis="trades",
        note=note,
        factor=by,
    )


def with_costs(frame: RunFrame, fees: FloatArray, funding: FloatArray, note: str) -> Effect:
    """The same trades with other costs."""
    t = frame.trades
    net = t.gross_pnl - fees - funding
    return Effect(
        low=net, high=net, removed=_none(frame), known=~_none(frame), fees=fees, funding=funding, basis="trades",
        note=note,
    )  # fmt: skip


def exited(frame: RunFrame, low: FloatArray, high: FloatArray, known: BoolArray, *, basis: Basis, note: str) -> Effect:
    """Trades closed elsewhere, with the costs they had; where nothing is known they are as they were."""
    t = frame.trades
    return Effect(
        low=np.where(known, low, t.net_pnl),
        high=np.where(known, high, t.net_pnl),
        removed=_none(frame),
        known=known,
        fees=t.fees,
        funding=t.funding,
        basis=basis,
        note=note,
    )


def by_rule(frame: RunFrame, rule: Rule, params: Params) -> Effect:
    """A rule of the library, which answers for the closed trades; those still open are as they were.

    Raises:
        CannotBeKnown: where the rule would need prices that the run does not have.
    """
    t, outcome = frame.trades, rule.apply(frame, params)
    if outcome.method == "needs_prices":
        raise CannotBeKnown(outcome.note)
    low, high, removed = t.net_pnl.copy(), t.net_pnl.copy(), _none(frame)
    low[t.closed], high[t.closed], removed[t.closed] = outcome.low, outcome.high, outcome.removed
    share = np.divide(low, t.net_pnl, out=np.ones(len(t)), where=t.net_pnl != 0)
    # A size rule scales costs with the result; any other rule keeps them or takes them out.
    resized = rule.kind.endswith("_size")
    kept = np.where(removed, 0.0, share if resized else 1.0)
    return Effect(
        low=low,
        high=high,
        removed=removed,
        known=~t.is_open,
        fees=t.fees * kept,
        funding=t.funding * kept,
        basis="extremes" if outcome.method == "bounded" else "trades",
        note=outcome.note,
        factor=_of_all(frame, outcome.factor),
    )


def _of_all(frame: RunFrame, factor: FloatArray | None) -> FloatArray | None:
    """What a rule scales its closed trades by, with 1 for those still open."""
    if factor is None:
        return None
    every = np.ones(len(frame.trades))
    every[frame.trades.closed] = factor
    return every


def after_losses(frame: RunFrame, count: int, *, in_a_row: bool) -> BoolArray:
    """Trades not taken when the day is over after so many losses closed on that UTC day.

    A loss counts on the day it closes, once it has closed before the entry; only trades that were taken count. Which
    trades were taken hangs on all before them, so the events are walked in order of time, over plain numbers.
    """
    t = frame.trades
    places = np.arange(len(t))
    at = np.concatenate([t.opened_at, t.closed_at[t.closed]])
    events = np.concatenate([places, ~t.closed])
    # Entries first within one moment: what closes then is not known yet.
    order = np.argsort(at, kind="stable")
    moments, events = at[order], events[order]
    days = day_of(moments)
    results = t.outcome.astype(np.int8).tobytes()
    removed = bytearray(len(t))
    today, losses = -(2**62), 0
    for event, day in zip(events.data, days.data, strict=True):
        if day != today:
            today, losses = day, 0
        if event >= 0:
            if losses >= count:
                removed[event] = 1
        elif not removed[~event]:
            result = results[~event]
            if result == 255:  # −1 as a byte: it lost
                losses += 1
            elif in_a_row and losses < count:
                losses = 0
    return np.frombuffer(removed, dtype=np.bool_).copy()


def hours_us(hours: float) -> int:
    """Hours in microseconds."""
    return round(hours * HOUR_US)
