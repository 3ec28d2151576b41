"""Sets of trades by their conditions: what a label asks for, what a named number is of, and when both are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.analysis.figure_check.facets import Result
from backend.analysis.named_numbers import Scope
from backend.analysis.scope_words import weekend_days

# (key, values any of which fits, whether it is what they leave): all of a set's conditions hold.
Part = tuple[str, frozenset[str], bool]
TradeSet = frozenset[Part]
WHOLE: TradeSet = frozenset()
# Conditions under another name.
_SAME_KEY = {
    "entry_tag": "tag",
    "exit_reason": "tag",
    "exit_tag": "tag",
    "date_range": "date",
    "holding_time": "duration",
}
_OTHER_SIDE = {"long": "short", "short": "long"}
_RESULTS: dict[str, Result] = {"win": "win", "loss": "loss", "breakeven": "breakeven", "open": "open"}


@dataclass(frozen=True, slots=True)
class NumberScope:
    """What a named number is of: a set of trades, the wins or losses of it, one trade, or a rule's replay."""

    trades: TradeSet
    result: Result | None = None
    trade: str | None = None
    rule: str | None = None


def part(key: str, values: Iterable[str], negated: bool = False) -> Part:
    """One condition, in the one form it is compared in."""
    key = _SAME_KEY.get(key, key)
    chosen = frozenset(values)
    if key == "side" and negated and len(chosen) == 1 and next(iter(chosen)) in _OTHER_SIDE:
        return key, frozenset({_OTHER_SIDE[next(iter(chosen))]}), False
    if key == "weekend":
        days = frozenset(weekend_days("true" if ("true" in chosen) is not negated else "false"))
        return "weekday", days, False
    if key == "month":
        # "August" of a label is "2024-08" of a result.
        chosen = frozenset(value[-2:] for value in chosen)
    if key == "hour":
        chosen = frozenset(f"{int(value):02d}" if re.fullmatch(r"\d{1,2}", value) else value for value in chosen)
    return key, chosen, negated


def scope_of(scope: Scope) -> NumberScope:
    """The scope of a named number; result, single trade and rule stand apart."""
    parts: list[Part] = []
    result: Result | None = None
    trade = rule = None
    for key, value in scope:
        if key == "result":
            result = _RESULTS.get(value)
        elif key == "open":
            result = "open"
        elif key == "trade":
            trade = value
        elif key == "rule":
            rule = value
        elif key.startswith("not "):
            parts.append(part(key[4:], [value], negated=True))
        else:
            parts.append(part(key, [value]))
    return NumberScope(frozenset(parts), result, trade, rule)


def rest_of(trades: TradeSet) -> TradeSet:
    """What a set of one condition leaves."""
    return frozenset(part(key, values, not negated) for key, values, negated in trades)


def merged(own: TradeSet, inherited: TradeSet) -> TradeSet:
    """A set within another: its own conditions, and those of the other that it says nothing about."""
    keys = {key for key, _, _ in own}
    return own | frozenset(one for one in inherited if one[0] not in keys)


def fits_trade(trades: TradeSet, of_trade: TradeSet) -> bool:
    """Whether one trade has all that a label says."""
    known: Mapping[str, frozenset[str]] = {key: values for key, values, _ in of_trade}
    return all((key in known and bool(known[key] & values)) is not negated for key, values, negated in trades)


def in_words(scope: NumberScope) -> str:
    """A set of trades as people say it, for whose number it is."""
    words = []
    if scope.trade is not None:
        return f"of trade #{scope.trade}"
    for key, values, negated in sorted(scope.trades, key=lambda one: one[0]):
        named = " and ".join(sorted(values))
        but = "other than " if negated else ""
        if key == "side":
            words.append(f"of {but}{named} trades")
        elif key == "weekday":
            words.append(f"on {but}{' and '.join(day.capitalize() for day in sorted(values))}")
        elif key == "hour":
            words.append(f"in {but}hour {named} UTC")
        elif key == "symbol":
            words.append(f"in {but}{named}")
        elif key == "tag":
            words.append(f"of {but}trades tagged {named}")
        elif key == "duration":
            words.append(f"of trades held {but}{named}")
        else:
            words.append(f"of {key.replace('_', ' ')} {but}{named}".rstrip())
    if scope.result is not None:
        words.append(
            {"win": "of winners", "loss": "of losers", "open": "of open trades"}.get(
                scope.result, f"of {scope.result} trades"
            )
        )
    if scope.rule is not None:
        words.append(f"under the rule {scope.rule.replace('_', ' ')}")
    return " ".join(words) or "of the whole run"
