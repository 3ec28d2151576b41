"""Rules that depend on the results so far, walked through many deals at once.

A walk goes over the openings and closings in order of time; at each it looks at all deals together. What closes within
the instant of an opening is not known to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import DAY_US, HOUR_US, FloatArray, IntArray

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_NEVER = -(2**62)


@dataclass(frozen=True, slots=True)
class Events:
    """Openings and closings in order of time: the trade's place among the closed ones, whether it closes, and when."""

    trade: IntArray
    closes: IntArray
    at: IntArray

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        return zip(self.trade.tolist(), self.closes.tolist(), self.at.tolist(), strict=True)


def events_of(frame: RunFrame) -> Events:
    """The run's; openings first within an instant."""
    t, closed = frame.trades, frame.trades.closed
    place = np.arange(len(closed))
    at = np.concatenate([t.opened_at[closed], t.closed_at[closed]])
    order = np.argsort(at, kind="stable")
    kind = np.repeat([0, 1], len(closed))
    return Events(np.concatenate([place, place])[order], kind[order], at[order])


def cooldown(events: Events, dealt: FloatArray, losses: int, hours: float) -> FloatArray:
    """Shares taken out (trades × deals) by waiting `hours` after `losses` losing trades in a row."""
    wait, deals = round(hours * HOUR_US), dealt.shape[1]
    lost = dealt < 0
    removed = np.zeros(dealt.shape, dtype=np.bool_)
    streak, until = np.zeros(deals, dtype=np.int64), np.full(deals, _NEVER)
    for trade, closes, at in events:
        if not closes:
            np.greater(until, at, out=removed[trade])
            continue
        taken = ~removed[trade]
        losing = lost[trade]
        streak = np.where(taken, (streak + 1) * losing, streak)
        until = np.where(taken, np.where(losing & (streak >= losses), at + wait, _NEVER), until)
    return removed.astype(np.float64)


def daily_limit(events: Events, dealt: FloatArray, max_loss: float) -> FloatArray:
    """Shares taken out (trades × deals) once a day's closed trades have lost so much."""
    deals = dealt.shape[1]
    removed = np.zeros(dealt.shape, dtype=np.bool_)
    made, breached, today = np.zeros(deals), np.zeros(deals, dtype=np.bool_), None
    for trade, closes, at in events:
        if (day := at // DAY_US) != today:
            today = day
            made, breached = np.zeros(deals), np.zeros(deals, dtype=np.bool_)
        if not closes:
            removed[trade] = breached
            continue
        made += np.where(removed[trade], 0.0, dealt[trade])
        breached |= made <= -max_loss
    return removed.astype(np.float64)


def equity_share(events: Events, dealt: FloatArray, value: FloatArray, start: float, share: float) -> FloatArray:
    """Shares taken out (trades × deals; below zero where more is put in) by sizing at `share` of realised equity."""
    factor = np.ones(dealt.shape)
    equity = np.full(dealt.shape[1], start)
    for trade, closes, _ in events:
        if closes:
            equity += dealt[trade] * factor[trade]
        elif value[trade] > 0:
            np.multiply(np.maximum(equity, 0.0), share / value[trade], out=factor[trade])
    taken: FloatArray = 1.0 - factor
    return taken


def breaker(
    opened: IntArray, closed_in_order: IntArray, order: IntArray, dealt: FloatArray, start: float, limit_pct: float
) -> FloatArray:
    """Shares taken out (trades × deals) after realised equity has fallen `limit_pct` from its peak."""
    equity = start + np.cumsum(dealt[order], axis=0)
    peak = np.maximum(np.maximum.accumulate(equity, axis=0), start)
    hit = (peak - equity) * 100 >= limit_pct * peak
    first = hit.argmax(axis=0)
    stopped = np.where(hit.any(axis=0), closed_in_order[first], np.iinfo(np.int64).max)
    return (opened[:, np.newaxis] > stopped).astype(np.float64)
