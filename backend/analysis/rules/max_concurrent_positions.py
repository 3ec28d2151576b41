"""Hold only so many positions at one time."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, IntArray
from backend.analysis.chance import Family, Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_COUNTS = (1, 2, 3, 5, 8, 13, 21, 34)
_NEVER = np.iinfo(np.int64).max


def _closing(frame: RunFrame) -> IntArray:
    """When each trade frees its place; one still open at the end never does."""
    closing: IntArray = np.where(frame.trades.is_open, _NEVER, frame.trades.closed_at)
    return closing


def _already_open(frame: RunFrame) -> IntArray:
    """How many trades of the run were open when each one was opened; what closes at that instant is not counted."""
    opened, closing = frame.trades.opened_at, _closing(frame)
    # A trade closed at the instant it was opened took a place and freed it.
    earlier = np.arange(len(opened)) - np.searchsorted(np.sort(closing), opened, side="right")
    instant = closing <= opened
    passed = np.cumsum(instant)
    ahead = passed[np.searchsorted(opened, opened, side="right") - 1] - passed + instant if len(opened) else passed
    before: IntArray = earlier + ahead
    return before


def candidates(frame: RunFrame) -> list[Params]:
    """Numbers below the run's own most whose later trades lost together."""
    t, closed = frame.trades, frame.trades.closed
    if not len(closed):
        return []
    before, net = _already_open(frame)[closed], t.net_pnl[closed]
    most = int(before.max()) + 1
    return [{"max_open": n} for n in _COUNTS if n < most and net[before >= n].sum() < 0]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    """Trades for which no place was free.

    A trade left out leaves its place to the next, so crowded stretches are walked in order of opening; stretches that
    never hold too many are not looked at.
    """
    t, most = frame.trades, params["max_open"]
    before = _already_open(frame)
    removed = np.zeros(len(t), dtype=np.bool_)
    if not len(t):
        return removed
    stretch = np.cumsum(before == 0)
    crowded = np.zeros(int(stretch[-1]) + 1, dtype=np.bool_)
    crowded[stretch[before >= most]] = True
    rows = np.flatnonzero(crowded[stretch])
    opened, closing = t.opened_at[rows].tolist(), _closing(frame)[rows].tolist()
    held: list[int] = []
    refused: list[int] = []
    for place, moment in enumerate(opened):
        while held and held[0] <= moment:
            heapq.heappop(held)
        if len(held) < most:
            heapq.heappush(held, closing[place])
        else:
            refused.append(place)
    removed[rows[refused]] = True
    return removed[t.closed]


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades for which no place was free."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    most = params["max_open"]
    held = f"{most} open position{'s' if most > 1 else ''}"
    return Wording(
        name=f"At most {held} at a time",
        plain=f"Open no trade while {most} {'are' if most > 1 else 'is'} open already.",
        code=entry_filter(
            f"At most {held} at a time.",
            "trade is not used. state: needs open_trades, the trades open now over all symbols, without those that\n"
            "close at this very moment. Returns False where the entry must not be taken.",
            f'return state["open_trades"] < {most}',
        ),
        enforcement={"type": "entry_filter", "block_when": {"field": "open_trades", "at_least": most}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the trades beyond the number made."""
    return evidence(frame, _removed(frame, params), "opened while that many were held")


def proposals(frame: RunFrame) -> Proposals:
    """Every number of positions; which trades each takes out, results don't change."""
    t = frame.trades
    most = int(_already_open(frame)[t.closed].max(initial=0)) + 1
    counts = [n for n in _COUNTS if n < most]
    if not counts:
        return Proposals()
    removed = np.array([_removed(frame, {"max_open": n}) for n in counts])
    patterns, codes = np.unique(removed, axis=1, return_inverse=True)
    return Proposals(families=[Family(codes.reshape(-1).astype(np.int64), patterns.shape[1], patterns.T)])


RULE = Rule(
    "max_concurrent_positions",
    r"concurrent|at once|at the same time|at a time|simultaneous|too many open|open positions|correlat|exposure",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
