"""Wait some hours after so many losing trades in a row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import HOUR_US, BoolArray, IntArray
from backend.analysis.chance import Path, Proposals, walks
from backend.analysis.metrics.trades import longest_losing_streak
from backend.analysis.rules.base import (
    Outcome,
    Params,
    Rule,
    Wording,
    duration,
    entry_filter,
    evidence,
    quantiles,
    without,
)

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_STREAKS = (1, 2, 3, 5)
_NEVER = -(2**63)
_MOST = 8  # values tried: each one more makes chance likelier


def candidates(frame: RunFrame) -> list[Params]:
    """Streaks the run had, with waits that span the next one, three and ten entries after a loss."""
    t, closed = frame.trades, frame.trades.closed
    longest = longest_losing_streak(frame).value
    if len(closed) < 4 or not isinstance(longest, int):
        return []
    opens = np.sort(t.opened_at[closed])
    lost_at = t.closed_at[closed][t.net_pnl[closed] < 0]
    found: set[float] = set()
    for ahead in (1, 3, 10):
        place = np.searchsorted(opens, lost_at, side="right") + ahead - 1
        reached = place < len(opens)
        hours = (opens[place[reached]] - lost_at[reached]) / HOUR_US
        found.update(quantiles(hours, (0.5,)))
    streaks = [streak for streak in _STREAKS if streak <= longest]
    every: list[Params] = [{"losses": streak, "hours": hours} for streak in streaks for hours in sorted(found)]
    return every[:_MOST]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    """Trades opened within the wait, the streak counted over the trades that were taken.

    Whether a trade is taken depends on all that were taken before it, so events are walked in order: over plain lists
    that is linear, where a vectorised fixed point can need as many passes as there are trades.
    """
    events, moments, losing = _events(frame)
    needed, wait = params["losses"], round(params["hours"] * HOUR_US)
    removed = bytearray(len(losing))
    streak, until = 0, _NEVER
    # A memory view makes each number as it is asked for: quicker than the array, and no list of them all.
    for event, moment in zip(events.data, moments.data, strict=True):
        if event >= 0:
            if moment < until:
                removed[event] = 1
        elif not removed[~event]:
            if losing[~event]:
                streak += 1
                until = moment + wait if streak >= needed else _NEVER
            else:
                streak, until = 0, _NEVER
    return np.frombuffer(removed, dtype=np.bool_).copy()


def _events(frame: RunFrame) -> tuple[IntArray, IntArray, bytes]:
    """(place of the closed trade opened, or ~place of the one closed; when) in order of time; which trades lost."""
    if "events" not in frame.cache:
        t, closed = frame.trades, frame.trades.closed
        place = np.arange(len(closed))
        at = np.concatenate([t.opened_at[closed], t.closed_at[closed]])
        # Entries first, and the sort is stable: what closes within the same instant is not known yet.
        order = np.argsort(at, kind="stable")
        frame.cache["events"] = np.concatenate([place, ~place])[order], at[order], (t.net_pnl[closed] < 0).tobytes()
    found: tuple[IntArray, IntArray, bytes] = frame.cache["events"]
    return found


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades opened within the wait."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    losses, hours = params["losses"], params["hours"]
    after = "a losing trade" if losses == 1 else f"{losses} losing trades in a row"
    return Wording(
        name=f"Wait {duration(hours)} after {after}",
        plain=(
            f"After {after} (in order of closing), open no trade until {duration(hours)} after the last of them, or "
            "until a trade that was still open closes without a loss."
        ),
        code=entry_filter(
            f"Wait {duration(hours)} after {after}.",
            "trade: needs opened_at, a datetime in UTC. state: needs losing_streak, how many losing trades closed in\n"
            "a row up to now (0 after a trade without a loss), and last_closed_at, when the last trade was closed\n"
            "(None before the first). Returns False where the entry must not be taken.",
            f'if state["losing_streak"] < {losses}:\n    return True\n'
            'waited = trade["opened_at"] - state["last_closed_at"]\n'
            f"return waited.total_seconds() >= {hours!r} * 3600",
        ),
        enforcement={
            "type": "entry_filter",
            "block_when": {"field": "losing_streak", "at_least": losses},
            "for_hours": hours,
        },
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the trades within the wait made."""
    return evidence(frame, _removed(frame, params), "opened within that time")


def proposals(frame: RunFrame) -> Proposals:
    """Every streak and wait of this run, walked anew through each deal."""
    events = walks.events_of(frame)
    return Proposals(
        paths=[
            Path(partial(walks.cooldown, events, losses=params["losses"], hours=params["hours"]))
            for params in candidates(frame)
        ]
    )


RULE = Rule(
    "cooldown_after_losses",
    r"cool.?down|in a row|streak|consecutive|revenge|tilt|after (?:a )?loss|pause|wait",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
