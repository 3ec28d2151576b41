"""No entries on the days of the week that lost."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import WEEKDAYS, BoolArray, sum_by, weekday_of
from backend.analysis.chance import Family, Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_LEAST = 3


def candidates(frame: RunFrame) -> list[Params]:
    """The worst day, and the two worst together."""
    t, closed = frame.trades, frame.trades.closed
    days = weekday_of(t.opened_at[closed])
    net, count = sum_by(days, t.net_pnl[closed], 7), np.bincount(days, minlength=7)
    losing = [int(day) for day in np.argsort(net, kind="stable") if net[day] < 0 and count[day] >= _LEAST]
    if (count > 0).sum() < 3:
        return []
    return [
        {"weekdays": [WEEKDAYS[day] for day in sorted(losing[:many])]} for many in range(1, min(2, len(losing)) + 1)
    ]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    wanted = [WEEKDAYS.index(day) for day in params["weekdays"]]
    return np.isin(weekday_of(frame.trades.opened_at[frame.trades.closed]), wanted)


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades opened on the days named."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    days = params["weekdays"]
    listed = " or ".join(days)
    numbers = {WEEKDAYS.index(day) for day in days}
    return Wording(
        name=f"No entries on {listed}",
        plain=f"Do not open a trade on {listed} (UTC). Open trades may close.",
        code=entry_filter(
            f"No entries on {listed} (UTC).",
            "trade: needs opened_at, a datetime in UTC. state is not used."
            "\nReturns False where the entry must not be taken.",
            f'return trade["opened_at"].weekday() not in {numbers!r}  # Monday is 0',
        ),
        enforcement={"type": "entry_filter", "block_when": {"field": "opened_at.weekday_utc", "in": list(days)}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What those days made."""
    return evidence(frame, _removed(frame, params), "opened on those days")


def proposals(frame: RunFrame) -> Proposals:
    """Every day of the week and every two."""
    days = weekday_of(frame.trades.opened_at[frame.trades.closed])
    chosen = [*combinations(range(7), 1), *combinations(range(7), 2)]
    return Proposals(families=[Family(days, 7, np.array([np.isin(np.arange(7), days) for days in chosen]).T)])


_ASKED = r"weekday|day of the week|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
RULE = Rule("no_trade_weekdays", _ASKED, candidates, apply, word, rationale, proposals)
