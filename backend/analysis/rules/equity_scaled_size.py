"""Size each position as a share of realised equity at its entry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import FloatArray
from backend.analysis.chance import Path, Proposals, walks
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, priced_rule, quantiles

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_MOST = 100.0  # percent of equity
_NOTE = (
    "Exact for the trades of this run: each is scaled to its share of the equity realised until then under the rule, "
    "costs in proportion. Larger fills might not have got the same prices."
)


def _realised(frame: RunFrame, factor: FloatArray) -> FloatArray:
    """Realised equity at the entry of each closed trade, had the trades been scaled by `factor`."""
    t, closed = frame.trades, frame.trades.closed
    start = frame.facts.initial_cash or 0.0
    equity = np.concatenate([[start], start + np.cumsum((t.net_pnl[closed] * factor)[t.closing_order])])
    at_entry: FloatArray = np.maximum(equity[t.closed_before], 0.0)
    return at_entry


def candidates(frame: RunFrame) -> list[Params]:
    """The median share of equity the run itself put in, the lower quartile, and half of that: never more at risk.

    No share is above the whole equity: what an account could borrow beyond it is not known.
    """
    value = frame.trades.entry_value[frame.trades.closed]
    if not frame.facts.initial_cash or frame.facts.initial_cash <= 0 or len(value) < 4:
        return []
    equity = _realised(frame, np.ones(len(value)))
    share = value[equity > 0] / equity[equity > 0] * 100
    if not len(share):
        return []
    lower, median = np.minimum(np.quantile(share, [0.25, 0.5]), _MOST)
    return [{"equity_pct": pct} for pct in quantiles(np.array([lower / 2, lower, median]), (0.0, 0.5, 1.0))]


def _factor(frame: RunFrame, params: Params) -> FloatArray:
    """What each closed trade is scaled by.

    Each trade's size follows from the results of those closed before it. Repeating the whole column settles at least
    one more trade a pass, and in practice all within some dozen: the effect of one pass on the next shrinks fast.
    """
    value = frame.trades.entry_value[frame.trades.closed]
    factor = np.ones(len(value))
    if not frame.facts.initial_cash:
        return factor
    for _ in range(len(value) + 1):
        wanted = _realised(frame, factor) * params["equity_pct"] / 100
        scaled = np.divide(wanted, value, out=np.ones(len(value)), where=value > 0)
        if np.allclose(scaled, factor, rtol=1e-12, atol=1e-15):
            break
        factor = scaled
    return factor


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Scale each trade to its share of equity, costs in proportion."""
    factor = _factor(frame, params)
    net = frame.trades.net_pnl[frame.trades.closed] * factor
    return Outcome(net, net, np.zeros(len(net), dtype=np.bool_), note=_NOTE, factor=factor)


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    share = params["equity_pct"]
    return Wording(
        name=f"Size positions at {share:g} % of equity",
        plain=(
            f"Make each position worth {share:g} % of realised equity (initial cash and the net P&L of closed trades) "
            "at its entry."
        ),
        code=priced_rule(
            "position_size",
            f"Positions worth {share:g} % of realised equity.",
            "trade: needs quantity (as wanted), entry_price, and multiplier where a point is not worth 1.\n"
            "state: needs equity, initial cash and the net P&L of the trades closed so far. Returns the quantity to\n"
            "trade.",
            'unit_value = trade["entry_price"] * trade.get("multiplier", 1.0)\n'
            'if unit_value <= 0:\n    return trade["quantity"]\n'
            f'return max(state["equity"], 0.0) * {share!r} / 100 / unit_value',
        ),
        enforcement={"type": "position_size", "equity_pct": share},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """How far the run's own sizes were from that share."""
    value = frame.trades.entry_value[frame.trades.closed]
    equity = _realised(frame, np.ones(len(value)))
    larger = int((value > equity * params["equity_pct"] / 100).sum())
    return f"{larger} of {len(value)} trades put in more than {params['equity_pct']:g} % of the equity of that moment."


def proposals(frame: RunFrame) -> Proposals:
    """Every share of this run, walked anew through each deal."""
    events, value = walks.events_of(frame), frame.trades.entry_value[frame.trades.closed]
    walk = partial(walks.equity_share, events, value=value, start=frame.facts.initial_cash or 0.0)
    return Proposals(
        paths=[Path(partial(walk, share=params["equity_pct"] / 100), by_size=True) for params in candidates(frame)]
    )


RULE = Rule(
    "equity_scaled_size",
    r"scal|equity|fraction|percent of|compound|size|sizing|stake|leverage",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
