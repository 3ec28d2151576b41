"""Cap the value of a position."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import FloatArray
from backend.analysis.chance import Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, amount, priced_rule, quantiles

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


def candidates(frame: RunFrame) -> list[Params]:
    """Quantiles of the value at entry."""
    t, closed = frame.trades, frame.trades.closed
    caps = quantiles(t.entry_value[closed], (0.25, 0.5, 0.75, 0.9))
    return [{"max_value": cap, "currency": frame.facts.currency} for cap in caps]


def _factor(frame: RunFrame, params: Params) -> FloatArray:
    value = frame.trades.entry_value[frame.trades.closed]
    return np.minimum(1.0, np.divide(params["max_value"], value, out=np.ones(len(value)), where=value > 0))


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Scale the trades above the cap down to it, costs in proportion."""
    factor = _factor(frame, params)
    net = frame.trades.net_pnl[frame.trades.closed] * factor
    note = "Exact for the trades of this run: larger ones are scaled down to the cap, costs in proportion."
    return Outcome(net, net, np.zeros(len(net), dtype=np.bool_), note=note, factor=factor)


def word(frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    cap, currency = params["max_value"], frame.facts.currency
    return Wording(
        name=f"Positions of at most {amount(cap)} {currency}",
        plain=f"Open no position worth more than {amount(cap)} {currency} (price × quantity × multiplier).",
        code=priced_rule(
            "position_size",
            f"Positions worth at most {cap!r} in account currency.",
            "trade: needs quantity (as wanted), entry_price, and multiplier where a point is not worth 1.\n"
            "state is not used. Returns the quantity to trade.",
            'unit_value = trade["entry_price"] * trade.get("multiplier", 1.0)\n'
            'if unit_value <= 0:\n    return trade["quantity"]\n'
            f'return min(trade["quantity"], {cap!r} / unit_value)',
        ),
        enforcement={"type": "position_size", "max_value": cap, "currency": currency},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the trades above the cap made."""
    net = frame.trades.net_pnl[frame.trades.closed][_factor(frame, params) < 1]
    made = f"{amount(float(net.sum()))} {frame.facts.currency}"
    return f"{len(net)} trades were larger; together they made {made} net in this run."


def proposals(frame: RunFrame) -> Proposals:
    """Every cap of this run; what each takes away, results don't change."""
    return Proposals(shares=[1.0 - _factor(frame, params) for params in candidates(frame)])


RULE = Rule(
    "max_position_size",
    r"size|sizing|position|large|too big|leverage|exposure|stake|concentrat",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
