"""Size each position so that a day's typical move of its symbol is worth the same.

The volatility of a symbol is what the run's own prices show: the root of the squared log changes between its
consecutive prices so far over the time they span, as percent a day. Only prices strictly before the entry count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import DAY_US, FloatArray, group_starts, grouped_cumsum
from backend.analysis.chance import Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, amount, priced_rule, quantiles

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_LEAST = 10  # price changes before a symbol's volatility is taken for known
_MOST = 2.0  # times the quantity wanted: a quiet stretch is no reason for a bet without limit
_NOTE = (
    "Exact for the trades of this run: each is scaled by the volatility that the run's own prices of its symbol showed "
    f"before the entry, costs in proportion; those with fewer than {_LEAST} price changes before them stay as they "
    "were. Larger fills might not have got the same prices."
)


def _volatility(frame: RunFrame) -> FloatArray:
    """Percent a day for each closed trade, from what was known before its entry; NaN where too little was."""
    if "volatility" not in frame.cache:
        frame.cache["volatility"] = _measured(frame)
    found: FloatArray = frame.cache["volatility"]
    return found


def _measured(frame: RunFrame) -> FloatArray:
    t, p = frame.trades, frame.positions
    chosen = t.closed
    volatility = np.full(len(chosen), np.nan)
    moments, rank = np.unique(p.ts, return_inverse=True)
    priced = np.flatnonzero(p.price > 0)
    order = priced[np.lexsort((p.seq[priced], p.ts[priced], p.symbol[priced]))]
    if not len(order) or not len(chosen):
        return volatility
    symbol, at, price = p.symbol[order], p.ts[order], np.log(p.price[order])
    starts = group_starts(symbol)
    changes = np.where(starts, 0.0, np.diff(price, prepend=price[0]))
    squares = grouped_cumsum(changes**2, symbol)
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    # The last price of the symbol strictly before the entry.
    width = len(moments)
    wanted = t.symbol[chosen] * width + rank[t.entry_row[chosen]]
    place = np.searchsorted(symbol * width + rank[order], wanted, side="left") - 1
    known = np.maximum(place, 0)
    days = (at[known] - at[first[known]]) / DAY_US
    enough = (place >= 0) & (symbol[known] == t.symbol[chosen]) & (known - first[known] >= _LEAST) & (days > 0)
    enough &= squares[known] > 0
    volatility[enough] = np.sqrt(squares[known][enough] / days[enough]) * 100
    return volatility


def candidates(frame: RunFrame) -> list[Params]:
    """The lower quartile and the median of what a day's typical move of the run's own positions was worth."""
    t, closed = frame.trades, frame.trades.closed
    risk = t.entry_value[closed] * _volatility(frame) / 100
    known = risk[~np.isnan(risk)]
    if len(known) < max(4, len(closed) // 2):
        return []
    return [
        {"daily_move": move, "max_factor": _MOST, "currency": frame.facts.currency}
        for move in quantiles(known, (0.25, 0.5))
    ]


def _factor(frame: RunFrame, params: Params) -> FloatArray:
    """What each closed trade is scaled by; 1 where the volatility is not known."""
    moves = frame.trades.entry_value[frame.trades.closed] * _volatility(frame) / 100
    wanted = np.divide(params["daily_move"], moves, out=np.ones(len(moves)), where=moves > 0)
    factor: FloatArray = np.minimum(wanted, params["max_factor"])
    return factor


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Scale each trade by the volatility of its symbol, costs in proportion."""
    factor = _factor(frame, params)
    net = frame.trades.net_pnl[frame.trades.closed] * factor
    return Outcome(net, net, np.zeros(len(net), dtype=np.bool_), note=_NOTE, factor=factor)


def word(frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    move, most, currency = params["daily_move"], params["max_factor"], frame.facts.currency
    return Wording(
        name=f"Size positions to a daily move of {amount(move)} {currency}",
        plain=(
            f"Make each position so large that a day's typical move of its symbol is worth {amount(move)} {currency}, "
            f"and at most {most:g} times the size you wanted."
        ),
        code=priced_rule(
            "position_size",
            f"Positions whose typical move in a day is worth {move!r} in account currency.",
            "trade: needs quantity (as wanted), entry_price, and multiplier where a point is not worth 1.\n"
            "state: needs volatility_pct, the volatility of the trade's symbol in percent a day so far: the root of\n"
            "the sum of its squared log price changes over the days they span (None while there are fewer than\n"
            f"{_LEAST} changes). Returns the quantity to trade.",
            'unit_value = trade["entry_price"] * trade.get("multiplier", 1.0)\n'
            'if unit_value <= 0 or not state["volatility_pct"]:\n    return trade["quantity"]\n'
            f'wanted = {move!r} / (state["volatility_pct"] / 100 * unit_value)\n'
            f'return min(wanted, {most!r} * trade["quantity"])',
        ),
        enforcement={"type": "position_size", "daily_move": move, "max_factor": most, "currency": currency},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """How far the run's own sizes were from that."""
    factor = _factor(frame, params)
    return f"{int((factor < 1).sum())} of {len(factor)} trades risked more than that on a day's typical move."


def proposals(frame: RunFrame) -> Proposals:
    """Every move of this run; what each takes away, results don't change."""
    return Proposals(shares=[1.0 - _factor(frame, params) for params in candidates(frame)])


RULE = Rule(
    "volatility_scaled_size",
    r"volatil|scal|atr|risk|size|sizing|stake|leverage",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
