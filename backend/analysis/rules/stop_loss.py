"""Exit at a fixed distance against the trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.chance import Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, priced_rule, quantiles
from backend.analysis.rules.price_exit import excursion_pct, exit_at

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


def candidates(frame: RunFrame) -> list[Params]:
    """What most winners never moved against, and what losers lost, in percent of entry."""
    t, closed = frame.trades, frame.trades.closed
    net, adverse = t.net_pnl[closed], excursion_pct(frame, "stop")
    known = ~np.isnan(adverse)
    winners, losers = adverse[known & (net > 0)], -t.return_pct[closed][net < 0]
    found = {*quantiles(winners, (0.75, 0.9, 0.95)), *quantiles(losers[~np.isnan(losers)], (0.5, 0.75))}
    return [{"stop_pct": stop} for stop in sorted(found) if stop < 100]


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Exit the trades that met the stop, at the stop."""
    return exit_at(frame, params["stop_pct"], "stop")


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    stop = params["stop_pct"]
    return Wording(
        name=f"Stop-loss at {stop:g} %",
        plain=f"Close a trade when the price has moved {stop:g} % of the entry price against it.",
        code=priced_rule(
            "stop_price",
            f"Stop-loss {stop:g} % from entry.",
            'trade: needs entry_price and side, "long" or "short". state is not used.\nReturns the price to exit at.',
            f'sign = 1 if trade["side"] == "long" else -1\nreturn trade["entry_price"] * (1 - sign * {stop!r} / 100)',
        ),
        enforcement={"type": "stop_loss", "distance_pct": stop, "of": "entry_price"},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """How many trades went further against their entry."""
    t, closed = frame.trades, frame.trades.closed
    adverse, net, stop = excursion_pct(frame, "stop"), t.net_pnl[closed], params["stop_pct"]
    if np.isnan(adverse).any():
        beyond = int((-t.return_pct[closed] > stop).sum())
        return f"{beyond} of {int((net < 0).sum())} losing trades ended more than {stop:g} % down, costs included."
    return (
        f"{int(((adverse >= stop) & (net < 0)).sum())} of {int((net < 0).sum())} losers moved {stop:g} % or more "
        f"against their entry, and {int(((adverse >= stop) & (net > 0)).sum())} of {int((net > 0).sum())} winners."
    )


def proposals(frame: RunFrame) -> Proposals:
    """As many exits as this run has values for."""
    return Proposals(exits=len(candidates(frame)))


RULE = Rule(
    "stop_loss",
    r"stop|large loss|big loss|biggest|worst trade|cut|tail|risk",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
