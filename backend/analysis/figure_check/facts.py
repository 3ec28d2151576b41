"""What the results of a conversation say, in the form in which labels ask for it: by measure and set of trades.

Sums of groups that share no trades, what a group leaves of the whole, and quotients of such sums are worked out here,
so that "Saturday and Sunday together" or "the other hours" have a value though no result holds one.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.analysis.figure_check.scopes import WHOLE, NumberScope, TradeSet, part, scope_of
from backend.analysis.named_numbers import NamedNumber
from backend.analysis.number_index import NumberIndex
from backend.analysis.steps import Steps

# What adds up over groups, as (quantity, result).
_ADDITIVE = {
    "trade_count": ("count", None), "win_count": ("count", "win"), "loss_count": ("count", "loss"), "gross_pnl": ("gross", None),
    "fees": ("fees", None), "funding": ("funding", None), "net_pnl": ("pnl", None),
}  # fmt: skip
_MOST_INPUTS = 4
_A_STEP = 400
Amount = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Value:
    """A value with the places of the numbers it is made of; one place: the number itself."""

    value: float
    unit: str
    places: tuple[int, ...]
    formula: str


class Facts:
    """The named numbers by what they are of."""

    def __init__(self, index: NumberIndex) -> None:
        self.index = index
        self.scopes: list[NumberScope] = []
        self.by_scope: dict[TradeSet, dict[str, int]] = {}
        self.sums: dict[TradeSet, dict[Amount, int]] = {}
        self.trades: set[str] = set()
        self.trade_total = 0
        self.groups: dict[str, set[str]] = {}
        self._same_as_whole: set[TradeSet] = set()

    def whole_or(self, trades: TradeSet) -> TradeSet:
        """The whole run for a set that holds all its trades, as the one symbol of a run does."""
        return WHOLE if trades in self._same_as_whole else trades

    def known(self, measure: str, trades: TradeSet) -> Value | None:
        """A measure of a set of trades, where a result states it."""
        place = self.by_scope.get(self.whole_or(trades), {}).get(measure)
        if place is None:
            return None
        number = self.index.numbers[place]
        return Value(number.value, number.unit, (place,), number.path)

    def sum_of(self, amount: Amount, trades: TradeSet) -> Value | None:
        """What adds up, of a set: stated, of the parts of it, or of the whole less what it leaves."""
        trades = self.whole_or(trades)
        place = self.sums.get(trades, {}).get(amount)
        if place is not None:
            number = self.index.numbers[place]
            return Value(number.value, number.unit, (place,), number.path)
        if len(trades) != 1:
            return None
        ((key, values, negated),) = trades
        if negated:
            return self._less(amount, frozenset({(key, values, False)}))
        if len(values) > 1:
            parts = self._added(amount, key, values)
            if parts is not None and len(parts.places) <= _MOST_INPUTS:
                return parts
            others = frozenset(self.groups.get(key, ())) - values
            rest = self._less(amount, frozenset({(key, others, False)})) if others else None
            return rest if rest is not None else parts
        return None

    def _added(self, amount: Amount, key: str, values: frozenset[str]) -> Value | None:
        # A day or hour without trades is in no breakdown; it adds nothing.
        present = [one for one in values if frozenset({part(key, [one])}) in self.sums]
        if not present or (key not in ("weekday", "hour") and len(present) < len(values)):
            return None
        places = [self.sums[frozenset({part(key, [one])})].get(amount) for one in sorted(present)]
        if any(place is None for place in places):
            return None
        known = [place for place in places if place is not None]
        total = sum(self.index.numbers[place].value for place in known)
        paths = " + ".join(self.index.numbers[place].path for place in known)
        return Value(total, self.index.numbers[known[0]].unit, tuple(known), paths)

    def _less(self, amount: Amount, trades: TradeSet) -> Value | None:
        whole = self.sum_of(amount, WHOLE)
        taken = self.sum_of(amount, trades)
        if whole is None or taken is None or len(taken.places) >= _MOST_INPUTS:
            return None
        return Value(
            whole.value - taken.value,
            whole.unit,
            (*whole.places, *taken.places),
            f"{whole.formula} − ({taken.formula})",
        )

    def worked_out(self, measure_parts: tuple[str, str | None, str | None], trades: TradeSet) -> Value | None:
        """A quantity of a set, by how it is taken and of which result; None where the results do not give it."""
        quantity, taken, result = measure_parts
        if quantity in ("rate", "loss_rate"):
            counts = [self.sum_of(("count", one), trades) for one in ("win", "loss")]
            wins, losses = counts if quantity == "rate" else counts[::-1]
            if wins is None or losses is None or wins.value + losses.value == 0:
                return None
            return _quotient(
                wins,
                Value(
                    wins.value + losses.value,
                    "count",
                    (*wins.places, *losses.places),
                    f"({wins.formula} + {losses.formula})",
                ),
                "pct",
                100.0,
            )
        if quantity == "break_even_win_rate":
            won, lost = self.known("average_win", trades), self.known("average_loss", trades)
            if won is None or lost is None or won.value - lost.value == 0:
                return None
            size = Value(
                won.value - lost.value, "money", (*won.places, *lost.places), f"({won.formula} − {lost.formula})"
            )
            return _quotient(Value(-lost.value, "money", lost.places, lost.formula), size, "pct", 100.0)
        if quantity == "payoff_ratio":
            won, lost = self.known("average_win", trades), self.known("average_loss", trades)
            return (
                None
                if won is None or lost is None or lost.value == 0
                else _quotient(won, Value(-lost.value, "money", lost.places, lost.formula), "ratio", 1.0)
            )
        if quantity == "costs":
            fees, funding = self.sum_of(("fees", None), trades), self.sum_of(("funding", None), trades)
            if fees is None or funding is None:
                return None
            both = Value(
                fees.value + funding.value,
                "money",
                (*fees.places, *funding.places),
                f"{fees.formula} + {funding.formula}",
            )
            return self._per(both, trades, None) if taken == "avg" else both
        if quantity == "pnl" and result in ("win", "loss"):
            return self._of_result(taken, result, trades)
        amount = self.sum_of((quantity, result if quantity == "count" else None), trades)
        if amount is None:
            return None
        return self._per(amount, trades, result) if taken == "avg" and quantity != "count" else amount

    def _of_result(self, taken: str | None, result: str, trades: TradeSet) -> Value | None:
        average = self.known("average_win" if result == "win" else "average_loss", trades)
        count = self.sum_of(("count", result), trades)
        if average is None or count is None:
            return None
        if taken == "avg":
            return average
        if taken is not None and taken != "sum":
            return None
        return Value(
            average.value * count.value,
            "money",
            (*average.places, *count.places),
            f"{average.formula} × {count.formula}",
        )

    def _per(self, amount: Value, trades: TradeSet, result: str | None) -> Value | None:
        count = self.sum_of(("count", result), trades)
        return None if count is None or count.value == 0 else _quotient(amount, count, amount.unit, 1.0)


def _quotient(a: Value, b: Value, unit: str, scale: float) -> Value:
    places = tuple(dict.fromkeys((*a.places, *b.places)))
    return Value(a.value / b.value * scale, unit, places, f"{a.formula} ÷ {b.formula}")


def gather_facts(index: NumberIndex) -> Steps[Facts]:
    """Sort the numbers by what they are of."""
    facts = Facts(index)
    seen: dict[tuple[tuple[str, str], ...], NumberScope] = {}
    for place, number in enumerate(index.numbers):
        scope = seen.get(number.scope)
        if scope is None:
            scope = seen[number.scope] = scope_of(number.scope)
        facts.scopes.append(scope)
        _take(facts, place, number, scope)
        if place % _A_STEP == 0:
            yield
    _find_equals(facts)
    return facts


def _take(facts: Facts, place: int, number: NamedNumber, scope: NumberScope) -> None:
    if scope.trade is not None:
        facts.trades.add(scope.trade)
        return
    if scope.rule is not None:
        return
    if scope.result is None:
        facts.by_scope.setdefault(scope.trades, {}).setdefault(number.measure, place)
        amount = _ADDITIVE.get(number.measure)
        if amount is not None:
            facts.sums.setdefault(scope.trades, {}).setdefault(amount, place)
    if not scope.trades and number.measure in ("trade_count", "open_count"):
        facts.trade_total = max(facts.trade_total, int(number.value))
    for key, values, negated in scope.trades:
        if not negated:
            facts.groups.setdefault(key, set()).update(values)


def _find_equals(facts: Facts) -> None:
    whole = facts.sums.get(WHOLE, {})
    numbers = facts.index.numbers
    for trades, amounts in facts.sums.items():
        if (
            trades
            and all(
                amount in whole
                and abs(numbers[amounts[amount]].value - numbers[whole[amount]].value)
                <= 1e-9 * abs(numbers[whole[amount]].value)
                for amount in (("count", None), ("pnl", None))
                if amount in amounts
            )
            and ("count", None) in amounts
        ):
            facts._same_as_whole.add(trades)


def named_trade_exists(facts: Facts, trade: str) -> bool | None:
    """Whether a trade of this number is in the results; None where its number is possible and no result shows it."""
    if trade in facts.trades:
        return True
    return None if 1 <= int(trade) <= facts.trade_total else False
