"""Exit at a fixed distance in the trade's favour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.chance import Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, priced_rule, quantiles
from backend.analysis.rules.price_exit import excursion_pct, exit_at

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


def candidates(frame: RunFrame) -> list[Params]:
    """How far losers had been in profit, and how far winners went, in percent of entry."""
    net, favourable = frame.trades.net_pnl[frame.trades.closed], excursion_pct(frame, "target")
    known = ~np.isnan(favourable)
    found = {
        *quantiles(favourable[known & (net < 0)], (0.5, 0.75, 0.9)),
        *quantiles(favourable[known & (net > 0)], (0.5, 0.75)),
    }
    return [{"target_pct": target} for target in sorted(found)]


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Exit the trades that met the target, at the target."""
    return exit_at(frame, params["target_pct"], "target")


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    target = params["target_pct"]
    return Wording(
        name=f"Take profit at {target:g} %",
        plain=f"Close a trade when the price has moved {target:g} % of the entry price in its favour.",
        code=priced_rule(
            "target_price",
            f"Take profit {target:g} % from entry.",
            'trade: needs entry_price and side, "long" or "short". state is not used.\nReturns the price to exit at.',
            f'sign = 1 if trade["side"] == "long" else -1\nreturn trade["entry_price"] * (1 + sign * {target!r} / 100)',
        ),
        enforcement={"type": "take_profit", "distance_pct": target, "of": "entry_price"},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """How many losers had been that far in profit."""
    net, favourable = frame.trades.net_pnl[frame.trades.closed], excursion_pct(frame, "target")
    gone = int(((favourable >= params["target_pct"]) & (net < 0)).sum())
    return f"{gone} of {int((net < 0).sum())} losers had been {params['target_pct']:g} % or more in profit."


def proposals(frame: RunFrame) -> Proposals:
    """As many exits as this run has values for."""
    return Proposals(exits=len(candidates(frame)))


RULE = Rule(
    "take_profit",
    r"take.?profit|target|give back|gave back|turned into|exit",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
