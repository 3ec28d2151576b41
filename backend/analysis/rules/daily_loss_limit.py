"""Stop opening trades for the day once the day has lost so much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, day_of, group_starts, grouped_cumsum, sum_by
from backend.analysis.rules.base import (
    Outcome,
    Params,
    Rule,
    Wording,
    amount,
    entry_filter,
    evidence,
    quantiles,
    without,
)

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_PASSES = 200  # each settles at least one more day; runs of day trades need two or three


def candidates(frame: RunFrame) -> list[Params]:
    """Quantiles of what losing days lost."""
    t, closed = frame.trades, frame.trades.closed
    if not len(closed):
        return []
    _, day = np.unique(day_of(t.closed_at[closed]), return_inverse=True)
    by_day = sum_by(day, t.net_pnl[closed], int(day.max()) + 1)
    limits = quantiles(-by_day[by_day < 0], (0.1, 0.25, 0.5, 0.75))
    return [{"max_loss": limit, "currency": frame.facts.currency} for limit in limits]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    """Trades opened after the day's realised P&L first stood at the limit.

    A trade left out changes what later days have lost, so the days are settled one after another until nothing moves.
    """
    t, closed = frame.trades, frame.trades.closed
    order = np.searchsorted(closed, t.closed_in_order)
    closes, opens = t.closed_at[closed], t.opened_at[closed]
    net, open_day = t.net_pnl[closed], day_of(opens)
    removed = np.zeros(len(closed), dtype=np.bool_)
    for _ in range(_PASSES):
        kept = order[~removed[order]]
        day = day_of(closes[kept])
        below = grouped_cumsum(net[kept], day) <= -params["max_loss"]
        breach_day, breach_at = day[below], closes[kept][below]
        first = group_starts(breach_day) if len(breach_day) else np.zeros(0, dtype=np.bool_)
        breach_day, breach_at = breach_day[first], breach_at[first]
        place = np.searchsorted(breach_day, open_day)
        hit = place < len(breach_day)
        hit[hit] = breach_day[place[hit]] == open_day[hit]
        after = np.zeros(len(closed), dtype=np.bool_)
        after[hit] = opens[hit] > breach_at[place[hit]]
        if (after == removed).all():
            break
        removed = after
    return removed


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades opened after the limit was hit."""
    return without(frame, _removed(frame, params))


def word(frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    limit, currency = params["max_loss"], frame.facts.currency
    return Wording(
        name=f"Daily loss limit {amount(limit)} {currency}",
        plain=f"Once trades closed on a UTC day have lost {amount(limit)} {currency} net, open no more until midnight.",
        code=entry_filter(
            f"Daily loss limit of {limit!r} in account currency.",
            "trade is not used. state: needs day_pnl_low, the lowest the net P&L realised since UTC midnight has\n"
            "stood (0 on a day without a closed trade). Returns False where the entry must not be taken.",
            f'return state["day_pnl_low"] > -{limit!r}',
        ),
        enforcement={
            "type": "entry_filter",
            "block_when": {"field": "day_pnl_low", "at_most": -limit},
            "until": "next_utc_day",
        },
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the trades after the limit made."""
    return evidence(frame, _removed(frame, params), "opened after the day had lost that much")


RULE = Rule(
    "daily_loss_limit", r"daily|per day|one day|a day|bad day|tilt|revenge|limit", candidates, apply, word, rationale
)
