"""What a word says of a number, in parts that combine: of which quantity it is, how taken, over which trades.

"The average winner made 201" names the quantity by "made", the way it is taken by "average" and the trades by "winner".
A measure of `MEASURES` has the same parts, so that words and numbers can be compared part by part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.analysis.measures import MEASURES

# How a quantity is taken over trades, and of which of them by their result.
Taken = Literal["sum", "avg", "max", "median"]
Result = Literal["win", "loss", "breakeven", "open"]
Relation = Literal["difference", "share", "ratio", "sum", "change", "per"]


@dataclass(frozen=True, slots=True)
class Facets:
    """What words say; an empty part says nothing.

    `quantities` are alternatives. `measures` is set by words that name a measure whole ("average loss", "Sharpe").
    """

    quantities: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    taken: Taken | None = None
    result: Result | None = None
    phase: str | None = None
    sign: int = 0
    verb: bool = False
    scope: tuple[tuple[str, str], ...] = ()
    rest: bool = False
    whole: bool = False
    relations: frozenset[Relation] = frozenset()
    ends: bool = False

    def joined(self, other: Facets) -> Facets:
        """What both say, for a phrase that is listed twice."""
        return Facets(
            quantities=self.quantities | other.quantities,
            measures=self.measures | other.measures,
            taken=self.taken if self.taken == other.taken else self.taken or other.taken,
            result=self.result or other.result,
            phase=self.phase or other.phase,
            sign=self.sign or other.sign,
            verb=self.verb or other.verb,
            scope=self.scope or other.scope,
            rest=self.rest or other.rest,
            whole=self.whole or other.whole,
            relations=self.relations | other.relations,
            ends=self.ends or other.ends,
        )


# (quantity, taken, result, phase) of each measure.
_PARTS: dict[str, tuple[str, Taken | None, Result | None, str | None]] = {
    "trade_count": ("count", "sum", None, None),
    "trades_covered": ("count", "sum", None, None),
    "all_trades": ("count", "sum", None, None),
    "win_count": ("count", "sum", "win", None),
    "loss_count": ("count", "sum", "loss", None),
    "breakeven_count": ("count", "sum", "breakeven", None),
    "open_count": ("count", "sum", "open", None),
    "win_rate": ("rate", None, None, None),
    "gross_pnl": ("gross", "sum", None, None),
    "net_pnl": ("pnl", "sum", None, None),
    "total_pnl": ("pnl", "sum", None, None),
    "open_pnl": ("pnl", "sum", "open", None),
    "total_win": ("pnl", "sum", "win", None),
    "total_loss": ("pnl", "sum", "loss", None),
    "average_win": ("pnl", "avg", "win", None),
    "average_loss": ("pnl", "avg", "loss", None),
    "expectancy": ("pnl", "avg", None, None),
    "largest_win": ("pnl", "max", "win", None),
    "largest_loss": ("pnl", "max", "loss", None),
    "fees": ("fees", "sum", None, None),
    "average_fees": ("fees", "avg", None, None),
    "funding": ("funding", "sum", None, None),
    "total_costs": ("costs", "sum", None, None),
    "average_holding": ("hold", "avg", None, None),
    "average_holding_winners": ("hold", "avg", "win", None),
    "average_holding_losers": ("hold", "avg", "loss", None),
    "holding_seconds": ("hold", None, None, None),
    "return_pct": ("ret", None, None, None),
    "total_return": ("ret", None, None, None),
    "average_mae": ("mae", "avg", None, None),
    "average_mfe": ("mfe", "avg", None, None),
    "max_drawdown": ("drawdown", None, None, None),
    "max_drawdown_money": ("drawdown", None, None, None),
    "net_pnl_before": ("pnl", "sum", None, "before"),
    "net_pnl_after": ("pnl", "sum", None, "after"),
    "gain": ("gain", None, None, None),
    "max_drawdown_before": ("drawdown", None, None, "before"),
    "max_drawdown_after": ("drawdown", None, None, "after"),
    "sharpe_before": ("sharpe", None, None, "before"),
    "sharpe_after": ("sharpe", None, None, "after"),
    "losers_avoided": ("avoided", None, None, None),
    "winners_lost": ("given_up", None, None, None),
    "adjusted_p_value": ("p_value", None, None, None),
    "expectancy_r": ("r", "avg", None, None),
}


def quantity_of(name: str) -> str:
    """The quantity of a measure; those that have no parts are their own."""
    return _PARTS[name][0] if name in _PARTS else name


def parts_of(name: str) -> tuple[str, Taken | None, Result | None, str | None]:
    """(quantity, how taken, of which result, before or after a rule) of a measure."""
    return _PARTS.get(name, (name, None, None, None))


# Named by more than one measure: only the quantity is said.
_PLAIN = frozenset({
    "net_pnl", "trade_count", "fees", "funding", "gross_pnl", "total_costs", "total_return", "return_pct",
    "holding_seconds", "average_holding", "max_drawdown", "sharpe", "average_mae", "average_mfe",
})  # fmt: skip
# Their words are too general to say the measure alone.
_UNSAID = frozenset({
    "stated", "rule_parameter", "net_pnl_before", "net_pnl_after", "max_drawdown_before", "max_drawdown_after",
    "sharpe_before", "sharpe_after", "max_drawdown_money", "r", "mae", "mfe", "total_pnl",
})  # fmt: skip


def facets_of_measure(name: str) -> Facets | None:
    """What the words of a measure say; None where they are too general to say it alone."""
    if name in _UNSAID:
        return None
    quantity, taken, result, _ = parts_of(name)
    quantities = frozenset({quantity})
    if name in _PLAIN:
        return Facets(quantities=quantities)
    if name == "fees_share_of_gross":
        return Facets(quantities=frozenset({name, "fees"}), relations=frozenset({"share"}))
    if name == "expectancy":
        return Facets(quantities=quantities, taken="avg")
    if quantity == "count":
        return Facets(quantities=quantities, result=result)
    named = frozenset({name})
    return Facets(quantities=quantities, measures=named, taken=None if taken == "sum" else taken, result=result)


def _units_of_quantities() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, measure in MEASURES.items():
        found.setdefault(quantity_of(name), set()).add(measure.unit)
    return {name: frozenset(units) for name, units in found.items()}


_UNITS = _units_of_quantities()
# What a number as written may be, by its unit; of "plain" anything, with decimals anything but a count.
_POSSIBLE: dict[str, frozenset[str]] = {
    "money": frozenset({"money", "price"}), "pct": frozenset({"pct"}), "bp": frozenset({"pct"}), "seconds": frozenset({"seconds"}),
    "plain": frozenset({"count", "money", "pct", "ratio", "price", "quantity"}), "count": frozenset({"count"}), "times": frozenset({"ratio", "count"}), "decimal": frozenset({"money", "pct", "ratio", "price", "quantity"}),
}  # fmt: skip
_ALSO: dict[tuple[str, str], bool] = {
    ("pct", "pnl"): True, ("pct", "kelly"): True, ("pct", "p_value"): True, ("pct", "alpha"): True, ("seconds", "duration_days"): True, ("bp", "fees"): True,
    ("bp", "pnl"): True, ("pct", "gain"): True,
}  # fmt: skip


def possible(quantities: frozenset[str], unit: str) -> frozenset[str]:
    """Those of the quantities that a number written in this unit may be."""
    allowed = _POSSIBLE.get(unit)
    if allowed is None or not quantities:
        return quantities
    return frozenset(
        name
        for name in quantities
        if (name == "limit" and unit in ("plain", "count"))
        or _UNITS.get(name, frozenset()) & allowed
        or (unit, name) in _ALSO
    )
