"""All causes of a run's result, those that explain most money first, with what none of them explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import clean
from backend.analysis.brief import PAGE_ONLY, TEXT
from backend.analysis.causes import conduct, groups, sums
from backend.analysis.causes.base import CONFIDENCE, Cause, amount, figures, plural
from backend.analysis.metrics import run_warnings

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Found = Cause | list[Cause] | None
_FINDERS: tuple[Callable[[RunFrame], Found], ...] = (
    sums.still_open, sums.costs, sums.payoff, groups.one_moment, groups.one_decision, groups.worst_groups,
    groups.patterns, conduct.exits, conduct.gave_back, conduct.sizes, conduct.market, conduct.held_losers, sums.too_few,
)  # fmt: skip
# These restate the result of all trades or compare it with something outside: they explain none of it by themselves.
_VIEWS = frozenset({
    "payoff", "market", "size_of_losers", "leverage_of_losers", "held_losers", "too_few_to_tell", "exits",
})  # fmt: skip
# Of these confidences a group counts as an explanation.
_SURE = frozenset({"certain", "beyond chance"})
_NOTABLE = 0.5


class Causes(BaseModel):
    """What `causes` answers: those that are sure first, by money, then those that chance could explain.

    `unexplained` is the part of the total P&L that is neither open, nor costs, nor in a group of trades whose result is
    certain or beyond chance: the many trades that each lost a little.
    """

    kind: Literal["causes"] = "causes"
    currency: str
    outcome: Literal["lost", "made", "flat"]
    statement: Annotated[str, TEXT]
    causes: list[Cause]
    total_pnl: float
    unexplained: float
    definitions: Annotated[dict[str, str], PAGE_ONLY]
    warnings: Annotated[list[str], TEXT]


_DEFINITIONS = {
    "money": "what the cause explains of the total P&L; causes overlap, so they do not add up to it",
    "share_pct": "money ÷ total P&L, in percent, where the run lost",
    **{f"confidence: {name}": words for name, words in CONFIDENCE.items()},
}


def find_causes(frame: RunFrame) -> Causes:
    """The causes of a run's result, by the money they explain; kept, since no question changes them."""
    if "causes" not in frame.cache:
        frame.cache["causes"] = _find(frame)
    found: Causes = frame.cache["causes"]
    return found


def _find(frame: RunFrame) -> Causes:
    total = float(frame.trades.net_pnl.sum())
    found: list[Cause] = []
    for finder in _FINDERS:
        one = finder(frame) if len(frame.trades) else None
        found += one if isinstance(one, list) else [one] if one is not None else []
    outcome: Literal["lost", "made", "flat"] = "flat" if not clean(total, 6) else "lost" if total < 0 else "made"
    unexplained = _unexplained(frame, found, total)
    if outcome == "lost" and unexplained <= _NOTABLE * total:
        found.append(_no_single_cause(frame, unexplained))
    shares = [
        cause.model_copy(
            update={
                "money": clean(cause.money, 8),
                "share_pct": clean(cause.money / total * 100, 6) if cause.money is not None and total < 0 else None,
            }
        )
        for cause in found
    ]
    shares.sort(key=lambda cause: (_tier(cause), cause.money if cause.money is not None else 0.0))
    return Causes(
        currency=frame.facts.currency,
        outcome=outcome,
        statement=_statement(frame, outcome, total, shares),
        causes=shares,
        total_pnl=clean(total, 8) or 0.0,
        unexplained=clean(unexplained, 8) or 0.0,
        definitions=_DEFINITIONS,
        warnings=run_warnings(frame),
    )


def _tier(cause: Cause) -> int:
    """What is sure, or the payoff itself, comes before what may be chance; what explains no money comes last."""
    if cause.money is None:
        return 3
    if cause.name == "no_single_cause":
        return 1
    return 0 if cause.name == "payoff" or cause.confidence in _SURE else 2


def _unexplained(frame: RunFrame, found: list[Cause], total: float) -> float:
    """The total less open losses, costs, and the gross result of the trades that sure groups name (each once)."""
    t = frame.trades
    names = {cause.name for cause in found}
    named = np.zeros(len(t), dtype=np.bool_)
    for cause in found:
        if cause.name not in _VIEWS and cause.confidence in _SURE:
            named |= np.isin(t.trade_id, cause.trades)
    if "still_open" in names:
        named |= t.is_open
    explained = float((t.net_pnl if "costs" not in names else t.gross_pnl)[named].sum())
    if "costs" in names:
        explained -= float(t.fees.sum() + t.funding.sum())
    return total - explained


def _no_single_cause(frame: RunFrame, unexplained: float) -> Cause:
    losers = int((frame.trades.result[frame.trades.closed] < 0).sum())
    return Cause(
        name="no_single_cause",
        statement=f"{amount(unexplained)} {frame.facts.currency} of the loss has no cause that can be named: it is "
        f"spread over {plural(losers, 'losing trade')}, and no symbol, side, hour or tag lost more than chance makes.",
        money=unexplained,
        confidence="certain",
        trades=[],
        figures=figures(unexplained=unexplained, loss_count=losers),
    )


def _statement(frame: RunFrame, outcome: str, total: float, causes: list[Cause]) -> str:
    """The result and its largest cause, in one or two sentences."""
    currency = frame.facts.currency
    if not len(frame.trades):
        return "The run made no trade."
    if outcome == "flat":
        return "The run made nothing and lost nothing."
    sure = [cause for cause in causes if _tier(cause) == 0 and (cause.money or 0.0) < 0]
    if outcome == "made":
        told = f"The run made {amount(total)} {currency}; it did not lose."
        return f"{told} What took most from it: {sure[0].statement}" if sure else told
    told = f"The run lost {amount(total)} {currency}."
    first = sure[0] if sure else causes[0] if causes else None
    return f"{told} {first.statement}" if first is not None else told
