"""A figure as the product shows it: a value or the reason there is none, its unit, its definition, its trades."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from backend.analysis.arrays import clean

Unit = Literal["money", "ratio", "pct", "count", "seconds", "time"]
Bound = Literal["at_least", "at_most"]
MAX_TRADE_IDS = 200
_SHOWN_IF_HELD = ("low_sample", "trade_ids", "bound", "note")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a metric function answers: a value, or None and why; `bound` and `note` as in `Figure`."""

    value: float | int | str | None
    why: str | None = None
    low_sample: bool = False
    trade_ids: tuple[int, ...] = ()
    bound: Bound | None = None
    note: str | None = None


class Figure(BaseModel):
    """One figure with what a reader needs to check it. `value` is None exactly when `why` says why.

    `pct` values are in percent, `ratio` values plain, `seconds` are durations and `time` is ISO 8601 in UTC. Where the
    run's data give only a bound, `bound` says which (of a fall: its size), and `note` what the value rests on.
    """

    model_config = ConfigDict(frozen=True)

    value: float | int | str | None
    unit: Unit
    why: str | None = None
    definition: str = ""
    low_sample: bool | None = None
    trade_ids: list[int] | None = None
    bound: Bound | None = None
    note: str | None = None

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        shown: dict[str, object] = handler(self)
        return {key: held for key, held in shown.items() if held is not None or key not in _SHOWN_IF_HELD}


def missing(why: str) -> Reading:
    """No value, and the reason a reader is given."""
    return Reading(None, why)


def reading(value: float | int | str, *, low_sample: bool = False, trade_ids: Iterable[int] = ()) -> Reading:
    """A value; a number that is not finite becomes a missing one."""
    ids = tuple(int(trade_id) for trade_id in islice(trade_ids, MAX_TRADE_IDS))
    if isinstance(value, str):
        return Reading(value, trade_ids=ids)
    if isinstance(value, int):
        return Reading(value, low_sample=low_sample, trade_ids=ids)
    number = clean(value)
    if number is None:
        return missing("the calculation has no finite result on this run")
    return Reading(number, low_sample=low_sample, trade_ids=ids)


def figure(read: Reading, unit: Unit, definition: str) -> Figure:
    """A reading with its unit and definition."""
    return Figure(
        value=read.value,
        unit=unit,
        why=read.why,
        definition=definition,
        low_sample=True if read.low_sample else None,
        trade_ids=list(read.trade_ids) or None,
        bound=read.bound,
        note=read.note,
    )
