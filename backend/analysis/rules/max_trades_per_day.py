"""Take only so many trades a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, IntArray, day_of, group_starts
from backend.analysis.chance import Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, from_level, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


_COUNTS = (1, 2, 3, 5, 8, 13, 21)


def _rank(frame: RunFrame) -> IntArray:
    """How many trades were opened before each closed one on its UTC day; those still open at the end count too."""
    days = day_of(frame.trades.opened_at)
    if not len(days):
        return days
    starts = np.flatnonzero(group_starts(days))
    rank = np.arange(len(days)) - np.repeat(starts, np.diff(np.append(starts, len(days))))
    return rank[frame.trades.closed]


def candidates(frame: RunFrame) -> list[Params]:
    """Counts below the run's busiest day whose later trades lost together."""
    rank, net = _rank(frame), frame.trades.net_pnl[frame.trades.closed]
    most = int(rank.max()) + 1 if len(rank) else 0
    return [{"max_trades": n} for n in _COUNTS if n < most and net[rank >= n].sum() < 0]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    beyond: BoolArray = _rank(frame) >= params["max_trades"]
    return beyond


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades beyond the day's number."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    most = params["max_trades"]
    return Wording(
        name=f"At most {most} trade{'s' if most > 1 else ''} a day",
        plain=f"Open at most {most} trade{'s' if most > 1 else ''} on a UTC day.",
        code=entry_filter(
            f"At most {most} trades a UTC day.",
            "trade is not used. state: needs trades_today, the entries taken since UTC midnight.\n"
            "Returns False where the entry must not be taken.",
            f'return state["trades_today"] < {most}',
        ),
        enforcement={"type": "entry_filter", "block_when": {"field": "trades_today", "at_least": most}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the later trades made."""
    return evidence(frame, _removed(frame, params), "after that number on their day")


def proposals(frame: RunFrame) -> Proposals:
    """Every number of trades."""
    return from_level(_rank(frame), _COUNTS)


RULE = Rule(
    "max_trades_per_day",
    r"overtrad|too many|too often|frequen|churn|fees|commission|per day",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
