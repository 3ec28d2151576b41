"""No entries in the hours of the day that lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import hour_of, sum_by
from backend.analysis.chance import Family, Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_WIDTHS = (1, 2, 3, 4)
_LEAST = 3  # trades in a window before it is worth a rule


def candidates(frame: RunFrame) -> list[Params]:
    """The worst windows of one to four hours, and the three worst single hours."""
    t, closed = frame.trades, frame.trades.closed
    hours = hour_of(t.opened_at[closed])
    net, count = sum_by(hours, t.net_pnl[closed], 24), np.bincount(hours, minlength=24)
    if (count > 0).sum() < 2:
        return []
    found: list[Params] = []
    for width in _WIDTHS:
        window = np.array([np.arange(first, first + width) % 24 for first in range(24)])
        money, trades = net[window].sum(axis=1), count[window].sum(axis=1)
        money = np.where((trades >= _LEAST) & (count[window] > 0).all(axis=1) & (trades < len(closed)), money, 0.0)
        worst = np.argsort(money, kind="stable")[: 3 if width == 1 else 1]
        found += [{"hours": [int(hour) for hour in window[first]]} for first in worst if money[first] < 0]
    return found


def _removed(frame: RunFrame, params: Params) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.isin(hour_of(frame.trades.opened_at[frame.trades.closed]), params["hours"])


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades opened in the hours named."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    hours = params["hours"]
    span = f"{hours[0]:02d}:00–{(hours[-1] + 1) % 24:02d}:00 UTC"
    return Wording(
        name=f"No entries {span}",
        plain=f"Do not open a trade from {span.replace('–', ' to ')}. Open trades may close.",
        code=entry_filter(
            f"No entries {span}.",
            "trade: needs opened_at, a datetime in UTC. state is not used."
            "\nReturns False where the entry must not be taken.",
            f'return trade["opened_at"].hour not in {set(hours)!r}',
        ),
        enforcement={"type": "entry_filter", "block_when": {"field": "opened_at.hour_utc", "in": hours}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What those hours made."""
    return evidence(frame, _removed(frame, params), "opened in those hours")


def proposals(frame: RunFrame) -> Proposals:
    """Every window of one to four hours."""
    hours = hour_of(frame.trades.opened_at[frame.trades.closed])
    windows = [np.isin(np.arange(24), np.arange(first, first + width) % 24) for width in _WIDTHS for first in range(24)]
    return Proposals(families=[Family(hours, 24, np.array(windows).T)])


RULE = Rule(
    "no_trade_hours",
    r"hour|time of day|session|night|morning|overnight|when|timing",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
