"""Numbers with names: what each number of a tool's result is, said by the tool itself.

A tool's result is declared once: a function that goes through the result (as the JSON of its typed model, which is also
what a saved conversation holds) and says of each number its measure, its scope and where it stands. The figure check,
the evidence behind a figure and answers read these declarations; nobody guesses from how a key is spelt.

To declare the result of a new tool:

1. Give its model a `kind: Literal["my_kind"] = "my_kind"`.
2. Write `def my_numbers(data: Data, numbers: Numbers) -> None` and say what stands where. Mostly one call per model:
   `numbers.fields(data["selection"], "selection", fields_of(Summary), scope)`. `fields_of` takes every field of a typed
   model that is named as a measure, or that `renamed` gives a measure; `numbers.one` declares a single number.
3. Add it to `DECLARATIONS` in `backend/analysis/declared_numbers.py`. A measure that is not there yet is added to
   `MEASURES`, with its unit and words.

`ToolOutcome.numbers` then holds them, and so does every later turn of the conversation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from backend.analysis.measures import MEASURES, MeasureUnit

# (key, value) as in the keys of a condition; "not hour" is every trade that the condition "hour" does not hold for.
Condition = tuple[str, str]
# All conditions hold; () is the whole run.
Scope = tuple[Condition, ...]
Data = Mapping[str, Any]
# Parameters of the list of trades that answer exactly the trades behind a number.
TradeQuery = tuple[tuple[str, str], ...]
_MOST_IDS = 50


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """One number of a tool's result.

    `pct` values are in percent, `ratio` values plain, money in `currency`. `measure` is a key of `MEASURES`, `path` is
    where in the result it stands. `origin` is "fills", "bars", "context" or "web". `trade_ids` are at most 50 trades it
    is made of; `trades` asks the list of trades for all of them.
    """

    value: float
    unit: MeasureUnit
    measure: str
    scope: Scope
    path: str
    origin: str = "fills"
    trade_ids: tuple[int, ...] = ()
    currency: str | None = None
    trades: TradeQuery | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered: its name, the call's id and the structured data."""

    tool: str
    call_id: str
    data: Mapping[str, Any]


@cache
def _fields(model: type[BaseModel], renamed: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    names = dict(renamed)
    return tuple((name, names.get(name, name)) for name in model.model_fields if names.get(name, name) in MEASURES)


def fields_of(model: type[BaseModel], **renamed: str) -> tuple[tuple[str, str], ...]:
    """(field, measure) of the fields of a typed model that are measures, by their own name or by the one given."""
    return _fields(model, tuple(renamed.items()))


class Numbers:
    """Takes down the numbers of one result."""

    def __init__(self, data: Data, *, origin: str = "fills") -> None:
        currency = data.get("currency")
        basis = data.get("basis")
        if currency is None and isinstance(basis, Mapping):
            currency = basis.get("currency")
        self.currency = currency if isinstance(currency, str) else None
        self.found: list[NamedNumber] = []
        self._origin = origin

    def one(
        self,
        value: Any,
        measure: str,
        path: str,
        scope: Scope = (),
        *,
        unit: MeasureUnit | None = None,
        trade_ids: tuple[int, ...] = (),
        trades: TradeQuery | None = None,
    ) -> None:
        """Declare one number; what is none, or not finite, is left out. `unit` is the measure's where not given."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return
        what = MEASURES[measure]
        if trades is not None and not what.listed:
            trades = None
        elif trades is not None and what.result is not None:
            trades = (*trades, ("result", what.result))
        self.found.append(
            NamedNumber(
                float(value), unit or what.unit, measure, scope, path, self._origin, trade_ids, self.currency, trades
            )
        )

    def fields(
        self,
        node: Any,
        path: str,
        fields: Iterable[tuple[str, str]],
        scope: Scope = (),
        *,
        trades: TradeQuery | None = None,
    ) -> None:
        """Declare the fields of one object, as `fields_of` names them; its ids are the trades they are made of."""
        if not isinstance(node, Mapping):
            return
        ids = ids_of(node)
        for name, measure in fields:
            value = node.get(name)
            if value is not None:
                self.one(value, measure, f"{path}.{name}" if path else name, scope, trade_ids=ids, trades=trades)


def ids_of(node: Data) -> tuple[int, ...]:
    """The trades an object of a result names: `trade_ids`, or its one `trade_id`."""
    ids = node.get("trade_ids")
    if isinstance(ids, (list, tuple)):
        return tuple(i for i in ids[:_MOST_IDS] if isinstance(i, int))
    one = node.get("trade_id")
    return (one,) if isinstance(one, int) else ()
