"""Stop opening trades for the day once the day has lost so much."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, IntArray, day_of, grouped_cumsum, sum_by
from backend.analysis.chance import Path, Proposals, walks
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

_NEVER = np.iinfo(np.int64).max
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
    t, closed, order = frame.trades, frame.trades.closed, frame.trades.closing_order
    opens, closes, net = t.opened_at[closed], t.closed_at[closed][order], t.net_pnl[closed][order]
    close_day, open_day = _days(frame)
    removed = np.zeros(len(closed), dtype=np.bool_)
    for _ in range(_PASSES):
        # A trade left out adds nothing to its day; one that closed nothing more can't be what breaches it.
        stood = grouped_cumsum(np.where(removed[order], 0.0, net), close_day)
        below = np.flatnonzero(stood <= -params["max_loss"])[::-1]
        breached_at = np.full(len(closed) + 1, _NEVER)
        breached_at[close_day[below]] = closes[below]
        after = opens > breached_at[open_day]
        if (after == removed).all():
            break
        removed = after
    return removed


def _days(frame: RunFrame) -> tuple[IntArray, IntArray]:
    """Number of the day on which each trade closed (in order of closing) and opened (−1 where none closed that day)."""
    if "days" not in frame.cache:
        t, closed = frame.trades, frame.trades.closed
        days, close_day = np.unique(day_of(t.closed_at[t.closed_in_order]), return_inverse=True)
        opened = day_of(t.opened_at[closed])
        place = np.minimum(np.searchsorted(days, opened), max(len(days) - 1, 0))
        frame.cache["days"] = close_day, np.where(days[place] == opened, place, -1) if len(days) else place
    found: tuple[IntArray, IntArray] = frame.cache["days"]
    return found


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


def proposals(frame: RunFrame) -> Proposals:
    """Every limit of this run, walked anew through each deal."""
    events = walks.events_of(frame)
    return Proposals(
        paths=[Path(partial(walks.daily_limit, events, max_loss=params["max_loss"])) for params in candidates(frame)]
    )


RULE = Rule(
    "daily_loss_limit",
    r"daily|per day|one day|a day|bad day|tilt|revenge|limit",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
