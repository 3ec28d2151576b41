"""Trade one side only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray
from backend.analysis.chance import Family, Proposals
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


def candidates(frame: RunFrame) -> list[Params]:
    """The better side, where the other one lost."""
    t, closed = frame.trades, frame.trades.closed
    long_side = t.side[closed] > 0
    if not long_side.any() or long_side.all():
        return []
    longs, shorts = float(t.net_pnl[closed][long_side].sum()), float(t.net_pnl[closed][~long_side].sum())
    return [{"side": "short" if longs < shorts else "long"}] if min(longs, shorts) < 0 else []


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    kept: BoolArray = frame.trades.side[frame.trades.closed] == (1 if params["side"] == "long" else -1)
    return ~kept


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades of the other side."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    side = params["side"]
    return Wording(
        name=f"Trade {side} only",
        plain=f"Open {side} trades only.",
        code=entry_filter(
            f"Trade {side} only.",
            'trade: needs side, "long" or "short". state is not used.'
            "\nReturns False where the entry must not be taken.",
            f'return trade["side"] == "{side}"',
        ),
        enforcement={"type": "entry_filter", "allow_when": {"field": "side", "equals": side}},
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the other side made."""
    other = "short" if params["side"] == "long" else "long"
    return evidence(frame, _removed(frame, params), f"on the {other} side")


def proposals(frame: RunFrame) -> Proposals:
    """Either side."""
    short = frame.trades.side[frame.trades.closed] < 0
    return Proposals(families=[Family(short.astype(np.int64), 2)])


RULE = Rule("side_filter", r"\bside|long|short|direction", candidates, apply, word, rationale, proposals)
