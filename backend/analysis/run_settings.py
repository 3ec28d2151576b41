"""What an import writes into a run's settings for the analysis, read as hostile JSON: what is not that is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from backend.analysis.arrays import to_microseconds

StatedAfter = Literal["fees", "funding", "closing_fees"]
# What an import found in the file, beside how the run was set up.
OF_THE_IMPORT = frozenset(("answers", "drawn", "flows", "layout", "reconciliation"))
ALL_COSTS: frozenset[StatedAfter] = frozenset(("fees", "funding"))


def texts_in(value: Any) -> frozenset[str]:
    """The texts of a list."""
    return frozenset(item for item in _items(value) if isinstance(item, str))


def costs_in(value: Any) -> frozenset[StatedAfter]:
    """The costs that the stated P&L is after; all of them where the run does not say."""
    if not isinstance(value, list | tuple):
        return ALL_COSTS
    return frozenset(cost for cost in get_args(StatedAfter) if cost in value)


def flows_in(value: Any) -> tuple[tuple[int, float], ...]:
    """Moments (microseconds) and money paid in, or out where below zero, in order of time."""
    found = []
    for flow in _items(value):
        if not isinstance(flow, Mapping):
            continue
        amount, at = flow.get("amount"), flow.get("at")
        if isinstance(amount, int | float) and isinstance(at, str):
            try:
                found.append((to_microseconds(datetime.fromisoformat(at)), float(amount)))
            except ValueError:
                continue
    return tuple(sorted(found))


def _items(value: Any) -> list[Any] | tuple[Any, ...]:
    return value if isinstance(value, list | tuple) else ()
