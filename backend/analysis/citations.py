"""The figure check: every number of an answer is traced to a tool result, or said to be derived, or flagged.

It flags; it never edits or refuses. `verified`: a number of this session's results, at the precision shown, in a unit
and with a sign that agree. `derived`: one sum, difference, ratio or percentage of two verified figures of the same
answer. `unverified`: neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from backend.analysis.arrays import FloatArray
from backend.analysis.measures import MEASURES, MeasureUnit
from backend.analysis.named_numbers import NamedNumber, ToolResult
from backend.analysis.number_index import NumberIndex, index_numbers
from backend.analysis.numeral_words import TextUnit
from backend.analysis.numerals import Numeral, read_numerals, utf16_offsets
from backend.analysis.steps import Steps, made_by

__all__ = ["FigureCheck", "ToolResult", "check_figures", "checking_figures"]
_MOST_DERIVED_FROM = 60
# For each unit a text shows: the units of results it may stand for, and what their values are multiplied by.
_READINGS: dict[TextUnit, tuple[tuple[MeasureUnit, float], ...]] = {
    "pct": (("pct", 1.0), ("ratio", 100.0)),
    "bp": (("pct", 100.0), ("ratio", 10_000.0)),
    "money": (("money", 1.0), ("price", 1.0), ("ratio", 1.0)),
    "seconds": (("seconds", 1.0), ("ratio", 86_400.0)),
    "times": (("ratio", 1.0), ("count", 1.0)),
    "count": (("count", 1.0), ("ratio", 1.0)),
    "plain": (
        ("count", 1.0),
        ("money", 1.0),
        ("ratio", 1.0),
        ("pct", 1.0),
        ("seconds", 1.0),
        ("price", 1.0),
        ("quantity", 1.0),
    ),
}


@dataclass(frozen=True, slots=True)
class FigureCheck:
    """One figure of an answer. `start` and `end` are UTF-16 code units; `source` says where a figure is from:
    {"tool", "id", "path", "value", "trade_ids"}, "trades" where a question to the list of trades answers all of them
    (`trade_query`; the ids are at most 50), and for derived ones "inputs", the two sources.
    """

    text: str
    start: int
    end: int
    status: Literal["verified", "derived", "unverified"]
    source: dict[str, Any] | None


def check_figures(text: str, results: Sequence[ToolResult]) -> list[FigureCheck]:
    """Check the numbers of an answer against tool results, in order of their places in the text."""
    return made_by(checking_figures(text, results))


def checking_figures(text: str, results: Sequence[ToolResult]) -> Steps[list[FigureCheck]]:
    """As `check_figures`, in steps of about a millisecond at most."""
    index = yield from index_numbers(results)
    currencies = {number.currency for number in index.numbers if number.currency}
    numerals = yield from read_numerals(text, currencies)
    places = []
    for numeral in numerals:
        places.append(_first(_verify(numeral, index), _verify_other(numeral, index)))
        yield
    verified = list(dict.fromkeys(place for place in places if place is not None))[:_MOST_DERIVED_FROM]
    at = utf16_offsets(text)
    checks = []
    for numeral, place in zip(numerals, places, strict=True):
        status: Literal["verified", "derived", "unverified"] = "verified"
        source = index.source(place) if place is not None else _derive(numeral, verified, index)
        if place is None:
            status = "derived" if source else "unverified"
        start, end = at(numeral.start), at(numeral.end)
        checks.append(FigureCheck(text[numeral.start : numeral.end], start, end, status, source))
        yield
    return checks


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def _verify(numeral: Numeral, index: NumberIndex) -> int | None:
    """The result's number that this one shows: by the likeliest unit first, then the closest."""
    for unit, factor in _READINGS[numeral.unit]:
        agreeing = []
        for place in index.near(numeral.value / factor, numeral.tolerance / factor):
            number = index.numbers[place]
            days_only = factor == 86_400.0 and number.measure != "duration_days"
            if number.unit != unit or days_only or not _signs_agree(numeral, number):
                continue
            # Nobody counts in decimals: "1,000" is not a list of one.
            if number.unit != "count" or numeral.tolerance >= 0.5:
                agreeing.append(place)
        if agreeing:
            first = abs(index.numbers[agreeing[0]].value)
            same = [place for place in agreeing if abs(index.numbers[place].value) == first]
            return min(same, key=lambda place: _vagueness(index.numbers[place])) if unit == "money" else agreeing[0]
    return None


def _vagueness(number: NamedNumber) -> tuple[bool, bool]:
    """Among equal amounts the one of a single trade shows most; where nothing was paid, gross is net: net is meant."""
    return len(number.trade_ids) != 1, number.measure != "net_pnl"


def _verify_other(numeral: Numeral, index: NumberIndex) -> int | None:
    """The same, should the digits be meant the other way: 1.234 for a thousand and more, 1,234 for one and a bit."""
    if numeral.other is None:
        return None
    return _verify(replace(numeral, value=numeral.other[0], tolerance=numeral.other[1], other=None), index)


def _signs_agree(numeral: Numeral, number: NamedNumber) -> bool:
    if number.value == 0 or number.unit in ("count", "seconds"):
        return not (numeral.sign < 0 and not numeral.said and number.value != 0)
    sign = 1 if number.value > 0 else -1
    if numeral.sign == sign:
        return True
    kinds = MEASURES[number.measure].kinds
    if numeral.sign == 0:
        return sign > 0 or numeral.loss_nearby or "fall" in kinds
    # "−12 in fees", "lost 4 % to the stop": a cost or a fall may be written either way.
    return numeral.sign < 0 and ("cost" in kinds or "fall" in kinds)


def _derive(numeral: Numeral, verified: Sequence[int], index: NumberIndex) -> dict[str, Any] | None:
    """One step from two verified figures of one unit (or per counted one), if exactly what the text shows.

    A single digit without a unit proves nothing: something always gives it.
    """
    if len(verified) < 2 or (numeral.digits < 2 and numeral.unit in ("plain", "count", "times")):
        return None
    values = np.array([index.numbers[place].value for place in verified])
    units = np.array([index.numbers[place].unit for place in verified])
    two = ~np.eye(len(verified), dtype=np.bool_)
    for words, made, allowed in _steps(numeral.unit, values, units):
        off = np.abs(np.abs(made) - numeral.value)
        hit = two & allowed & np.isfinite(made) & (off <= numeral.tolerance * (1 + 1e-9))
        if hit.any():
            a, b = np.unravel_index(int(np.argmin(np.where(hit, off, np.inf))), hit.shape)
            inputs = [index.source(verified[int(i)]) for i in (a, b)]
            behind = inputs[0].get("trades")
            same = behind is not None and behind == inputs[1].get("trades")
            return {
                "tool": inputs[0]["tool"],
                "id": inputs[0]["id"],
                "path": words.format(a=inputs[0]["path"], b=inputs[1]["path"]),
                "value": float(made[a, b]),
                "trade_ids": sorted({*inputs[0]["trade_ids"], *inputs[1]["trade_ids"]}),
                **({"trades": behind} if same else {}),
                "inputs": inputs,
            }
    return None


def _steps(unit: TextUnit, values: FloatArray, units: np.ndarray[Any, Any]) -> Iterator[tuple[str, FloatArray, Any]]:
    """(formula, its value for each pair, the pairs it may be taken of) that can give a number of this unit."""
    a, b = values[:, None], values[None, :]
    same = units[:, None] == units[None, :]
    of_unit = {"pct": ("pct",), "money": ("money",), "seconds": ("seconds",)}.get(unit, ("count", "money", "ratio"))
    additive = same & np.isin(units, of_unit)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        if unit in ("pct", "money", "seconds", "count", "plain"):
            yield "{a} − {b}", a - b, additive
            yield "{a} + {b}", a + b, additive
        if unit == "pct":
            yield "{a} ÷ {b}", a / b * 100, same
            yield "({a} − {b}) ÷ {b}", (a - b) / np.abs(b) * 100, same
        if unit in ("plain", "times"):
            yield "{a} ÷ {b}", a / b, same
        if unit in ("money", "seconds"):
            # Fees per trade, hours per day: so much for each of what is counted.
            yield "{a} ÷ {b}", a / b, (units == unit)[:, None] & (units == "count")[None, :]
