"""Numbers that one step from other numbers of the answer gives: a difference, sum, ratio, share or change.

The step must be said ("12.7 points more", "36 % of", "1.3 times", "together"), and what it is taken of must be named: by
numbers of the same sentence or row of a table, or by the words of the clause.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.analysis.figure_check.facts import Facts, Value
from backend.analysis.figure_check.judge import agrees, unit_agrees
from backend.analysis.figure_check.labels import Label
from backend.analysis.figure_check.scopes import WHOLE
from backend.analysis.numerals import Numeral

_MOST_OPERANDS = 10
_MOST_INPUTS = 4


@dataclass(frozen=True, slots=True)
class Operand:
    """A value that a step may be taken of, and how many places off in the sentence it stands."""

    value: Value
    distance: int


def derive(
    numeral: Numeral, label: Label, operands: Sequence[Operand], named: Sequence[Value], *, is_of: bool
) -> Value | None:
    """The step that gives this number, if its label says that there is one; `is_of` where the number stands in brackets
    behind the amount it is a share of, or right before the whole."""
    relations: set[str] = set(label.relations)
    if is_of:
        relations.add("share")
    if numeral.unit == "times":
        relations.add("ratio")
    if not relations:
        return None
    if (
        numeral.digits < 2
        and numeral.unit in ("plain", "count")
        and "difference" not in relations
        and "sum" not in relations
        and "per" not in relations
    ):
        return None
    values = [operand.value for operand in sorted(operands, key=lambda one: one.distance)[:_MOST_OPERANDS]]
    values += [value for value in named if all(value.places != known.places for known in values)]
    for value in _steps(numeral, relations, values):
        places = tuple(dict.fromkeys(value.places))
        if (
            len(places) <= _MOST_INPUTS
            and unit_agrees(numeral, value.unit)
            and math.isfinite(value.value)
            and agrees(numeral, value.value)
        ):
            return Value(value.value, value.unit, places, value.formula)
    return None


def _steps(numeral: Numeral, relations: set[str], values: Sequence[Value]) -> Iterator[Value]:
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            if i == j or a.places == b.places:
                continue
            yield from _pair(numeral, relations, a, b, first=i < j)
    if "sum" in relations and len(values) >= 3:
        for start in range(len(values) - 2):
            for count in (3, 4):
                group = values[start : start + count]
                if len(group) == count and len({value.unit for value in group}) == 1:
                    yield Value(
                        sum(value.value for value in group),
                        group[0].unit,
                        tuple(place for value in group for place in value.places),
                        " + ".join(value.formula for value in group),
                    )


def _pair(numeral: Numeral, relations: set[str], a: Value, b: Value, *, first: bool) -> Iterator[Value]:
    places = (*a.places, *b.places)
    same = a.unit == b.unit
    if (
        same
        and "difference" in relations
        and a.unit in ("money", "count", "pct", "seconds", "ratio", "price")
        and first
    ):
        yield Value(abs(a.value - b.value), a.unit, places, f"{a.formula} − {b.formula}")
        if a.value * b.value < 0:
            yield Value(abs(abs(a.value) - abs(b.value)), a.unit, places, f"|{a.formula}| − |{b.formula}|")
    if same and "sum" in relations and a.unit in ("money", "count", "pct", "seconds") and first:
        yield Value(a.value + b.value, a.unit, places, f"{a.formula} + {b.formula}")
    if b.value == 0:
        return
    if same and numeral.unit == "pct" and "share" in relations and abs(a.value) <= abs(b.value) * 20:
        yield Value(abs(a.value / b.value) * 100, "pct", places, f"{a.formula} ÷ {b.formula}")
    if same and numeral.unit == "pct" and ("change" in relations or "difference" in relations):
        yield Value(
            abs((abs(a.value) - abs(b.value)) / b.value) * 100,
            "pct",
            places,
            f"({a.formula} − {b.formula}) ÷ {b.formula}",
        )
    if (
        same
        and (numeral.unit == "times" or (numeral.unit == "plain" and numeral.tolerance < 0.5))
        and "ratio" in relations
    ):
        yield Value(abs(a.value / b.value), "ratio", places, f"{a.formula} ÷ {b.formula}")
    if "per" in relations and a.unit in ("money", "seconds") and b.unit == "count":
        yield Value(a.value / b.value, a.unit, places, f"{a.formula} ÷ {b.formula}")


def named_values(label: Label, quantities: Sequence[tuple[str, str | None, str | None]], facts: Facts) -> list[Value]:
    """Values of what the words of the sentence name: in the label's sets of trades, and in the whole run."""
    found: dict[tuple[int, ...], Value] = {}
    for parts in quantities:
        for trades in dict.fromkeys((*label.scopes, WHOLE)):
            value = facts.worked_out(parts, trades) or (facts.known(parts[0], trades) if parts[1] is None else None)
            if value is not None:
                found.setdefault(value.places, value)
    return list(found.values())[:6]
