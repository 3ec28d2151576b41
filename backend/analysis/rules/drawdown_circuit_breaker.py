"""Stop trading for good once realised equity has fallen so far from its peak."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray
from backend.analysis.chance import Path, Proposals, walks
from backend.analysis.rules.base import Outcome, Params, Rule, Wording, entry_filter, evidence, rounded, without

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame


def _drawdown(frame: RunFrame) -> FloatArray:
    """Deepest drawdown of realised equity so far in percent, after each closed trade in order of closing."""
    t = frame.trades
    equity = np.cumsum(np.concatenate([[frame.facts.initial_cash or 0.0], t.net_pnl[t.closed_in_order]]))
    peak = np.maximum.accumulate(equity)
    depth: FloatArray = np.maximum.accumulate((peak - equity) / peak * 100)[1:]
    return depth


def candidates(frame: RunFrame) -> list[Params]:
    """A quarter, a half and three quarters of the run's own deepest drawdown."""
    if not frame.facts.initial_cash or frame.facts.initial_cash <= 0 or len(frame.trades.closed) < 4:
        return []
    deepest = float(_drawdown(frame)[-1])
    return [{"max_drawdown_pct": rounded(deepest * share)} for share in (0.25, 0.5, 0.75) if deepest * share >= 0.1]


def _removed(frame: RunFrame, params: Params) -> BoolArray:
    t, closed = frame.trades, frame.trades.closed
    if not frame.facts.initial_cash or frame.facts.initial_cash <= 0 or not len(closed):
        return np.zeros(len(closed), dtype=np.bool_)
    hit = _drawdown(frame) >= params["max_drawdown_pct"]
    if not hit.any():
        return np.zeros(len(closed), dtype=np.bool_)
    stopped_at = t.closed_at[t.closed_in_order][int(np.argmax(hit))]
    after: BoolArray = t.opened_at[closed] > stopped_at
    return after


def apply(frame: RunFrame, params: Params) -> Outcome:
    """Take out the trades opened after the breaker was hit."""
    return without(frame, _removed(frame, params))


def word(_frame: RunFrame, params: Params) -> Wording:
    """Words, structured form and code."""
    limit = params["max_drawdown_pct"]
    return Wording(
        name=f"Stop trading at a drawdown of {limit:g} %",
        plain=(
            f"Once realised equity has fallen {limit:g} % from its peak, open no more trades until you have reviewed "
            "the strategy."
        ),
        code=entry_filter(
            f"Stop trading at a drawdown of {limit:g} %.",
            "trade is not used. state: needs drawdown_pct, the deepest fall of realised equity from its peak so far,\n"
            "in percent (0 at the start). Returns False where the entry must not be taken.",
            f'return state["drawdown_pct"] < {limit!r}',
        ),
        enforcement={
            "type": "entry_filter",
            "block_when": {"field": "drawdown_pct", "at_least": limit},
            "until": "reviewed",
        },
    )


def rationale(frame: RunFrame, params: Params) -> str:
    """What the trades after the breaker made."""
    return evidence(frame, _removed(frame, params), "opened after that drawdown")


def proposals(frame: RunFrame) -> Proposals:
    """Every depth of this run, applied anew to each deal."""
    t = frame.trades
    walk = partial(
        walks.breaker, t.opened_at[t.closed], t.closed_at[t.closed_in_order], t.closing_order,
        start=frame.facts.initial_cash or 0.0,
    )  # fmt: skip
    return Proposals(paths=[Path(partial(walk, limit_pct=each["max_drawdown_pct"])) for each in candidates(frame)])


RULE = Rule(
    "drawdown_circuit_breaker",
    r"drawdown|circuit|breaker|blow|ruin|risk",
    candidates,
    apply,
    word,
    rationale,
    proposals,
)
