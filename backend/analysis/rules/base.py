"""What a rule is: parameters from a run, words, a structured form, pasteable code, its effect on the trades.

Pasted functions all take `(trade, state)`. `trade` describes the entry asked for: symbol, side ("long" or "short"),
opened_at (UTC datetime), quantity, entry_price, multiplier (money per point and unit), entry_tag. `state` holds what
was known before that moment: day_pnl_low (the lowest the net P&L realised since UTC midnight has stood), trades_today
(entries taken since UTC midnight), drawdown_pct (the deepest fall of realised equity from its peak so far, in percent),
losing_streak and last_closed_at (losing trades closed in a row; when the last trade was closed), open_trades (open now,
without those that close at this moment), equity (initial cash and the net P&L of the trades closed), volatility_pct (of
the trade's symbol in percent a day, from its prices so far; None while they are too few), now (UTC).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray, IntArray
from backend.analysis.chance import Family, Proposals

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Method = Literal["exact", "bounded", "needs_prices"]
Params = Mapping[str, Any]
EXACT_FILTER = (
    "Exact for the trades of this run: the trades removed are taken out, the others stay as they were "
    "(capital set free is not put to other use)."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Net P&L of each closed trade (as `trades.closed`) under the rule, at worst and at best; 0 if removed.

    `factor` is what a rule of sizes scales each trade by.
    """

    low: FloatArray
    high: FloatArray
    removed: BoolArray
    method: Method = "exact"
    note: str = EXACT_FILTER
    factor: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """A rule with its parameters, for people (`name`, `plain`), for engines (`enforcement`) and to paste (`code`)."""

    name: str
    plain: str
    code: str
    enforcement: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of rule. `asked_by` is a pattern of the words by which a trader asks for it.

    `proposals` are all removals that any data could have had it propose on this run's times, symbols and sizes.
    """

    kind: str
    asked_by: str
    candidates: Callable[[RunFrame], list[Params]]
    apply: Callable[[RunFrame, Params], Outcome]
    word: Callable[[RunFrame, Params], Wording]
    rationale: Callable[[RunFrame, Params], str]
    proposals: Callable[[RunFrame], Proposals]


def without(frame: RunFrame, removed: BoolArray) -> Outcome:
    """The effect of not taking some of the closed trades."""
    net = np.where(removed, 0.0, frame.trades.net_pnl[frame.trades.closed])
    return Outcome(net, net, removed)


def from_level(level: IntArray, limits: tuple[int, ...]) -> Proposals:
    """Filters that take out the trades whose level is at or above one of some limits."""
    codes = np.searchsorted(np.array(limits), level, side="right")
    groups = len(limits) + 1
    unions = np.arange(groups)[:, np.newaxis] > np.arange(len(limits))
    return Proposals(families=[Family(codes.astype(np.int64), groups, unions)])


def rounded(value: float, digits: int = 3) -> float:
    """To so many significant digits: a parameter a person would write."""
    return float(f"{value:.{digits}g}")


def amount(value: float) -> str:
    """Money in words: thousands separated, cents only where they matter."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def quantiles(values: FloatArray, shares: tuple[float, ...]) -> list[float]:
    """Distinct positive quantiles, rounded, in order."""
    if not len(values):
        return []
    found = {rounded(float(value)) for value in np.quantile(values, shares)}
    return sorted(value for value in found if value > 0)


def evidence(frame: RunFrame, removed: BoolArray, which: str) -> str:
    """What the trades a filter removes made, in this run."""
    net = frame.trades.net_pnl[frame.trades.closed][removed]
    lost = int((frame.trades.result[frame.trades.closed][removed] < 0).sum())
    return (
        f"{len(net)} trades {which} made {amount(float(net.sum()))} {frame.facts.currency} net in this run; "
        f"{lost} of them lost."
    )


def duration(hours: float) -> str:
    """Hours in words a person would use: "45 minutes", "36 hours", "3 days"."""
    unit, size = ("day", 24.0) if hours >= 48 else ("hour", 1.0) if hours >= 2 else ("minute", 1 / 60)
    many = rounded(hours / size)
    return f"{many:g} {unit}{'' if many == 1 else 's'}"


def entry_filter(name: str, docstring: str, body: str) -> str:
    """The pasted function of a filter."""
    return _function("allow_entry", "bool", name, docstring, body)


def exit_rule(name: str, docstring: str, body: str) -> str:
    """The pasted function of a rule that says when to close."""
    return _function("exit_due", "bool", name, docstring, body)


def priced_rule(function: str, name: str, docstring: str, body: str) -> str:
    """The pasted function of a rule that answers with a price or a quantity."""
    return _function(function, "float", name, docstring, body)


def _function(function: str, returns: str, name: str, docstring: str, body: str) -> str:
    return (
        f"def {function}(trade: dict, state: dict) -> {returns}:\n"
        f'    """{name}\n\n{_indented(docstring)}\n    """\n{_indented(body)}\n'
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
