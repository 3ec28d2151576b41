"""Whether a number of an answer is the named number that its label asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from backend.analysis.figure_check.facets import parts_of
from backend.analysis.figure_check.facts import Facts, Value
from backend.analysis.figure_check.labels import Label
from backend.analysis.figure_check.scopes import WHOLE, NumberScope, TradeSet, fits_trade, in_words, rest_of
from backend.analysis.measures import MEASURES, MeasureUnit
from backend.analysis.named_numbers import NamedNumber
from backend.analysis.numeral_words import TextUnit
from backend.analysis.numerals import Numeral

Why = Literal["no_match", "label_mismatch", "unit_mismatch"]
# For each unit a text shows: the units of results it may stand for, and what their values are multiplied by.
_READINGS: dict[TextUnit, tuple[tuple[MeasureUnit, float], ...]] = {
    "pct": (("pct", 1.0), ("ratio", 100.0)),
    "bp": (("pct", 100.0), ("ratio", 10_000.0)),
    "money": (("money", 1.0), ("price", 1.0)),
    "seconds": (("seconds", 1.0), ("ratio", 86_400.0)),
    "times": (("ratio", 1.0), ("count", 1.0)),
    "count": (("count", 1.0),),
    "plain": (
        ("count", 1.0),
        ("money", 1.0),
        ("ratio", 1.0),
        ("pct", 1.0),
        ("price", 1.0),
        ("quantity", 1.0),
        ("seconds", 1.0),
    ),
}
# Ratios that are also given in percent.
_SHOWN_AS_PCT = frozenset({"kelly", "p_value", "adjusted_p_value", "alpha"})
# Quantities of which there is one kind of mean, so that nobody says "average".
_ALWAYS_MEAN = frozenset({"hold", "mae", "mfe", "r"})
_MONEY_DEFAULT = frozenset({"net_pnl", "total_pnl"})
_CURRENCY_SIGNS: dict[str, frozenset[str]] = {
    "$": frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "AUD", "CAD", "NZD", "HKD", "SGD", "TUSD", "DAI"}),
    "€": frozenset({"EUR"}), "£": frozenset({"GBP"}), "¥": frozenset({"JPY", "CNY", "RMB"}), "₿": frozenset({"BTC", "XBT"}), "₹": frozenset({"INR"}),
}  # fmt: skip
_NAMES: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"(?i)euros?\b|евро|欧元|歐元|ユーロ|유로"), frozenset({"EUR"})),
    (re.compile(r"(?i)pounds?\b"), frozenset({"GBP"})),
    (re.compile(r"(?i)dollars?\b|dólares\b|доллар|美元|ドル|달러"), _CURRENCY_SIGNS["$"]),
    (re.compile(r"人民币"), frozenset({"CNY", "RMB"})),
    (re.compile(r"円"), frozenset({"JPY"})),
)
_CODE = re.compile(r"\b(?:USDT|USDC|BUSD|USD|EUR|GBP|JPY|CHF|CNY|RMB|AUD|CAD|NZD|INR|KRW|HKD|SGD|BTC|ETH|BNB)\b")
_DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one number. `value` holds the named numbers it is, or is worked out from."""

    status: Literal["verified", "derived", "found", "unverified"]
    value: Value | None = None
    why: Why | None = None
    belongs_to: str | None = None


def judge(numeral: Numeral, shown: str, label: Label, facts: Facts) -> Verdict:
    """The verdict on one number by its label alone; what other numbers of the answer give comes after."""
    candidates = _candidates(numeral, shown, facts)
    fitting: list[tuple[int, int]] = []
    for place in candidates:
        fit = _fit(numeral, label, facts, place)
        if fit:
            fitting.append((fit, place))
    if fitting:
        best = max(fit for fit, _ in fitting)
        place = _clearest([place for fit, place in fitting if fit == best], facts)
        return Verdict("verified", _value_of(facts, place))
    worked = _worked_out(numeral, shown, label, facts)
    if worked is not None:
        return Verdict("derived", worked)
    if not candidates:
        other = _in_another_unit(numeral, facts)
        if other is not None and _says_something(label):
            return Verdict("unverified", why="unit_mismatch", belongs_to=_owner(numeral, facts, other))
        return Verdict("unverified", why="no_match")
    if not label.quantities and not label.names_something and not label.own_scope and _is_beyond_chance(numeral, facts):
        return Verdict("found", _value_of(facts, candidates[0]))
    if not _tells(numeral):
        return Verdict("unverified", why="no_match" if not label.quantities else "label_mismatch")
    owner = _clearest(candidates, facts)
    return Verdict("unverified", why="label_mismatch", belongs_to=_owner(numeral, facts, owner))


def readings_of(numeral: Numeral) -> list[Numeral]:
    """The number, and as it reads should its comma and point mean the other."""
    if numeral.other is None:
        return [numeral]
    return [numeral, replace(numeral, value=numeral.other[0], tolerance=numeral.other[1], other=None)]


def agrees(numeral: Numeral, value: float) -> bool:
    """Whether a value rounds to what is shown, whatever its sign."""
    return any(
        abs(abs(value) - one.value) <= one.tolerance * (1 + 1e-9) + abs(one.value) * 1e-12
        for one in readings_of(numeral)
    )


def _candidates(numeral: Numeral, shown: str, facts: Facts) -> list[int]:
    found: list[int] = []
    for one in readings_of(numeral):
        for unit, factor in _READINGS[one.unit]:
            for place in facts.index.near(one.value / factor, one.tolerance / factor):
                number = facts.index.numbers[place]
                if (
                    number.unit == unit
                    and _unit_fits(one, number, factor)
                    and currency_fits(shown, number)
                    and place not in found
                ):
                    found.append(place)
    return [place for place in found if sign_fits(numeral, facts.index.numbers[place])]


def _unit_fits(numeral: Numeral, number: NamedNumber, factor: float) -> bool:
    if number.unit == "count" and numeral.tolerance < 0.5:
        return False  # nobody counts in decimals
    if factor == 86_400.0:
        return number.measure == "duration_days"
    if factor in (100.0, 10_000.0) and number.unit == "ratio":
        return number.measure in _SHOWN_AS_PCT
    return True


def currency_fits(shown: str, number: NamedNumber) -> bool:
    """Whether the currency that stands at a number is that of the result."""
    if number.unit not in ("money", "price") or number.currency is None:
        return True
    own = number.currency.upper()
    code = _CODE.search(shown)
    if code:
        return code[0] == own or (own in _DOLLARS and code[0] in _DOLLARS)
    for sign, currencies in _CURRENCY_SIGNS.items():
        if sign in shown:
            return own in currencies
    for pattern, currencies in _NAMES:
        if pattern.search(shown):
            return own in currencies
    return True


def sign_fits(numeral: Numeral, number: NamedNumber) -> bool:
    """Whether what is written or said of making and losing goes with the value."""
    if number.value == 0 or number.unit in ("count", "seconds", "price", "quantity"):
        return not (numeral.sign < 0 and not numeral.said and number.value != 0)
    sign = 1 if number.value > 0 else -1
    if numeral.sign == sign:
        return True
    kinds = MEASURES[number.measure].kinds
    if numeral.sign == 0:
        return sign > 0 or numeral.loss_nearby or "fall" in kinds or "cost" in kinds
    # "−12 in fees", "lost 4 % to the stop": a cost or a fall may be written either way.
    return numeral.sign < 0 and ("cost" in kinds or "fall" in kinds)


def _fit(numeral: Numeral, label: Label, facts: Facts, place: int) -> int:
    """How well a named number goes with the label: 0 not at all, 1 by what is usually meant, 2 by all that is said."""
    number, scope = facts.index.numbers[place], facts.scopes[place]
    if number.measure in ("stated", "rule_parameter") and scope.rule is None:
        # A sentence about causes names figures that stand in the results under their own names.
        return 0
    if number.measure in ("stated", "rule_parameter"):
        return 1 if _stated_fits(numeral, label, number) else 0
    measure = _measure_fit(numeral, label, number, scope)
    if not measure:
        return 0
    scopes = _scope_fit(label, facts, number, scope)
    return min(measure, scopes) if scopes else 0


def _stated_fits(numeral: Numeral, label: Label, number: NamedNumber) -> bool:
    if label.limits:
        return number.unit in ("count", "ratio") and numeral.tolerance >= 0.5
    # A parameter that the product's own sentence gives; it is looked up by its rule, so a lone digit proves nothing.
    if number.unit in ("money", "count") and label.own_scope:
        return False
    precise = (
        numeral.digits >= 3
        or numeral.unit in ("pct", "seconds", "bp")
        or (numeral.unit == "money" and numeral.digits >= 2)
    )
    return precise and not (label.own_quantity and label.quantities & _NOT_A_PARAMETER)


_NOT_A_PARAMETER = frozenset(
    {"rate", "sharpe", "sortino", "calmar", "profit_factor", "ret", "cagr", "drawdown", "payoff_ratio", "volatility"}
)


def _measure_fit(numeral: Numeral, label: Label, number: NamedNumber, scope: NumberScope) -> int:
    quantity, taken, result, phase = parts_of(number.measure)
    if scope.result is not None:
        if result is not None and result != scope.result:
            return 0
        result = scope.result
        if quantity == "pnl" and taken == "avg":
            taken = "avg"
    if not label.quantities or (numeral.unit == "seconds" and not label.own_quantity):
        return _default_fit(numeral, label, number, scope)
    wanted = _wanted_quantities(numeral, label)
    if quantity not in wanted:
        return 0
    if label.measures and number.measure not in label.measures and not (label.quantities & {"pnl", "count"}):
        return 0
    return (
        2
        if _taken_fits(label, number, scope, quantity, taken)
        and _result_fits(number, label, scope, quantity, result)
        and _phase_fits(label, scope, phase, number)
        else 0
    )


def _wanted_quantities(numeral: Numeral, label: Label) -> frozenset[str]:
    """Words of money said with a percentage mean a return; of winning, the win rate."""
    wanted = label.quantities
    if numeral.unit in ("pct", "plain", "bp") and "pnl" in wanted and "rate" not in wanted:
        wanted |= {"ret"}
    if numeral.unit in ("pct", "plain") and "count" in wanted and label.result == "win":
        wanted |= {"rate"}
    if numeral.unit in ("count", "plain") and "pnl" in wanted and label.result in ("win", "loss"):
        wanted |= {"count"}
    if "gain" in wanted:
        wanted |= (
            {"first_half_gain", "second_half_gain", "gain_low", "gain_high"} if not label.measures else frozenset()
        )
    return wanted


def _taken_fits(label: Label, number: NamedNumber, scope: NumberScope, quantity: str, taken: str | None) -> bool:
    if label.taken == "median":
        return False
    if scope.trade is not None:
        return label.taken != "avg"
    if taken == "avg":
        return "avg" in (label.taken, label.soft_taken) or quantity in _ALWAYS_MEAN
    if taken == "max":
        return label.taken == "max" or (label.taken is None and label.hints_at_trade)
    if taken == "sum":
        # "The worst hour lost 1,934": the group is the worst, its sum is meant.
        return label.taken is None or (label.taken == "max" and label.own_scope)
    return True


def _result_fits(number: NamedNumber, label: Label, scope: NumberScope, quantity: str, result: str | None) -> bool:
    if scope.trade is not None or quantity not in ("pnl", "count", "hold"):
        return True
    said = label.result
    if (
        said is None
        and (label.taken == "max" or label.hints_at_trade)
        and parts_of(number.measure)[1] == "max"
        and result is not None
    ):
        # "The costliest trade lost 841".
        return label.sign == 0 or (label.sign > 0) == (number.value > 0)
    if result is None:
        # "The worst hour" says nothing of which trades in it; nor does a verb of the money they made.
        return (
            said is None
            or (label.taken == "max" and label.own_scope)
            or (
                quantity == "pnl"
                and said in ("win", "loss")
                and label.taken is None
                and scope.trades != WHOLE
                and not label.own_quantity
            )
        )
    return said == result


def _phase_fits(label: Label, scope: NumberScope, phase: str | None, number: NamedNumber) -> bool:
    if scope.rule is None:
        return label.phase != "after"
    if phase == "after":
        return label.phase == "after"
    if phase == "before":
        return label.phase == "before"
    return True


def _default_fit(numeral: Numeral, label: Label, number: NamedNumber, scope: NumberScope) -> int:
    """A number whose clause names no measure: of a group, money is what it made."""
    if (
        numeral.unit in ("money", "plain")
        and numeral.digits >= 3
        and scope.rule is not None
        and label.phase is not None
    ):
        return 1 if number.measure == f"net_pnl_{label.phase}" else 0
    if numeral.unit == "seconds" and number.measure == "duration_days" and not label.own_scope:
        return 1
    if label.taken == "max" and label.own_scope and scope.trade is None and numeral.digits >= 3:
        # "The worst hour is 15:00 with −90": what the group made.
        return int(number.measure in _MONEY_DEFAULT and numeral.unit in ("money", "plain"))
    if label.taken == "max" and numeral.unit in ("money", "plain") and numeral.digits >= 3:
        if scope.trade is not None:
            return int(number.measure == "net_pnl" and (number.value > 0) == (label.result == "win"))
        return int(number.measure in ("largest_win", "largest_loss") and parts_of(number.measure)[2] == label.result)
    if (
        numeral.unit in ("money", "plain")
        and number.measure in _MONEY_DEFAULT
        and label.own_scope
        and numeral.digits >= 3
        and label.taken is None
    ):
        return 1
    if (
        numeral.unit in ("money", "plain")
        and scope.trade is not None
        and number.measure == "net_pnl"
        and label.trades
        and numeral.digits >= 3
    ):
        return 1
    return 0


def _scope_fit(label: Label, facts: Facts, number: NamedNumber, scope: NumberScope) -> int:
    if scope.rule is not None:
        return 0 if label.rule is not None and label.rule != scope.rule else 2
    if scope.trade is not None:
        if label.trades:
            return 2 if scope.trade in label.trades else 0
        if not label.hints_at_trade and label.taken != "max":
            return 0
        return 2 if any(fits_trade(_without_dates(trades), scope.trades) for trades in label.scopes[:1]) else 0
    if label.trades:
        return 0
    if "test" in MEASURES[number.measure].kinds and scope.trades and not label.own_quantity:
        return 0
    if "test" in MEASURES[number.measure].kinds and any(
        scope.trades in (trades, rest_of(trades)) for trades in label.scopes
    ):
        return 2
    own = facts.whole_or(scope.trades)
    allowed = [facts.whole_or(trades) for trades in label.scopes]
    if own in allowed:
        return 2
    if (
        own == WHOLE
        and parts_of(number.measure)[0] not in ("pnl", "count", "rate", "gross", "fees", "funding", "costs", "hold")
        and not label.own_scope
    ):
        return 2
    return 0


def _without_dates(trades: TradeSet) -> TradeSet:
    return frozenset(one for one in trades if one[0] in ("side", "symbol", "tag", "hour", "weekday"))


def _worked_out(numeral: Numeral, shown: str, label: Label, facts: Facts) -> Value | None:
    if not label.quantities or label.trades or label.phase == "after" or label.taken in ("max", "median"):
        return None
    for trades in label.scopes:
        for quantity in sorted(_wanted_quantities(numeral, label)):
            value = facts.worked_out(
                (
                    quantity,
                    label.taken if quantity not in ("rate", "loss_rate") else None,
                    label.result if quantity not in ("rate", "loss_rate") else None,
                ),
                trades,
            )
            if (
                value is not None
                and unit_agrees(numeral, value.unit)
                and agrees(numeral, value.value)
                and _sign_of_value_fits(numeral, quantity, value.value)
            ):
                first = facts.index.numbers[value.places[0]]
                if currency_fits(shown, first) and (value.unit != "count" or numeral.tolerance >= 0.5):
                    return value
    return None


def unit_agrees(numeral: Numeral, unit: str) -> bool:
    """Whether a number as shown may be of this unit."""
    allowed = {
        "pct": ("pct",),
        "bp": (),
        "money": ("money", "price"),
        "seconds": ("seconds",),
        "times": ("ratio",),
        "count": ("count",),
    }
    return numeral.unit == "plain" or unit in allowed.get(numeral.unit, ())


def _sign_of_value_fits(numeral: Numeral, quantity: str, value: float) -> bool:
    if quantity in ("fees", "costs", "funding", "count", "hold", "rate", "loss_rate") or value == 0:
        return not (numeral.sign < 0 and quantity in ("count", "hold", "rate", "loss_rate"))
    sign = 1 if value > 0 else -1
    return numeral.sign == sign or (numeral.sign == 0 and (sign > 0 or numeral.loss_nearby))


def _in_another_unit(numeral: Numeral, facts: Facts) -> int | None:
    if not _tells(numeral):
        return None
    near = facts.index.near(numeral.value, numeral.tolerance)
    return near[0] if near else None


def _tells(numeral: Numeral) -> bool:
    return numeral.digits >= 3


def _says_something(label: Label) -> bool:
    return bool(label.quantities) or label.own_scope


def _is_beyond_chance(numeral: Numeral, facts: Facts) -> bool:
    """Whether a number of this size and precision would hardly occur among the results by chance."""
    if numeral.digits < 3 or numeral.value == 0:
        return False
    around = facts.index.count_between(numeral.value * 0.5, numeral.value * 2)
    return around * 2 * numeral.tolerance / (1.5 * numeral.value) < 0.05


def _clearest(places: Sequence[int], facts: Facts) -> int:
    """Among equal numbers the one whose words say most: of one trade, else of the largest set, net before gross."""

    def rank(place: int) -> tuple[bool, bool, int, bool, int]:
        number, scope = facts.index.numbers[place], facts.scopes[place]
        said_in_words = number.measure in ("stated", "rule_parameter")
        return said_in_words, scope.trade is None, len(scope.trades), number.measure != "net_pnl", place

    return min(places, key=rank)


def _value_of(facts: Facts, place: int) -> Value:
    number = facts.index.numbers[place]
    return Value(number.value, number.unit, (place,), number.path)


def _owner(numeral: Numeral, facts: Facts, place: int) -> str:
    """Whose number it is: "57.14 % is the win rate of short trades"."""
    number, scope = facts.index.numbers[place], facts.scopes[place]
    unit = {"pct": " %", "money": f" {number.currency}" if number.currency else "", "seconds": " seconds"}.get(
        number.unit, ""
    )
    shown = (
        f"{number.value:,.0f}" if number.unit == "count" or float(number.value).is_integer() else f"{number.value:,.2f}"
    )
    return f"{shown}{unit} is the {number.measure.replace('_', ' ')} {in_words(scope)}"


def source_of(value: Value, facts: Facts) -> dict[str, Any]:
    """Where a value is from, as evidence; of what is worked out, the numbers it is made of."""
    if len(value.places) == 1:
        return facts.index.source(value.places[0])
    inputs = [facts.index.source(place) for place in value.places]
    behind = inputs[0].get("trades")
    same = behind is not None and all(one.get("trades") == behind for one in inputs)
    return {
        "tool": inputs[0]["tool"],
        "id": inputs[0]["id"],
        "path": value.formula,
        "value": float(value.value),
        "trade_ids": sorted({trade for one in inputs for trade in one["trade_ids"]}),
        **({"trades": behind} if same else {}),
        "inputs": inputs,
    }
