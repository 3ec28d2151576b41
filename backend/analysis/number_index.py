"""The named numbers of a conversation's results, found by size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.analysis.arrays import FloatArray, IntArray
from backend.analysis.declared_numbers import declared_numbers
from backend.analysis.named_numbers import NamedNumber, ToolResult
from backend.analysis.steps import Steps

_MOST_NEAR = 200


class NumberIndex:
    """Finds numbers near a value, whatever their sign, without looking at all of them."""

    def __init__(self, results: Sequence[ToolResult], numbers: Sequence[NamedNumber], places: Sequence[int]) -> None:
        self.results = results
        self.numbers = numbers
        # Of which result each number is.
        self.places = places
        size = np.abs(np.array([number.value for number in numbers], dtype=np.float64))
        self._order: IntArray = np.argsort(size, kind="stable")
        self._size: FloatArray = size[self._order]

    def near(self, value: float, tolerance: float) -> list[int]:
        """Places of the numbers whose size rounds to the value, closest first, at most 200."""
        slack = tolerance * (1 + 1e-9) + abs(value) * 1e-12
        first = int(np.searchsorted(self._size, value - slack, side="left"))
        last = int(np.searchsorted(self._size, value + slack, side="right"))
        found = self._order[first:last]
        by_distance = np.lexsort((found, np.round(np.abs(self._size[first:last] - value), 12)))
        return [int(i) for i in found[by_distance][:_MOST_NEAR]]

    def source(self, place: int) -> dict[str, Any]:
        """Where a number is from, as evidence: tool, call, path, value and the trades behind it."""
        number, result = self.numbers[place], self.results[self.places[place]]
        return {
            "tool": result.tool,
            "id": result.call_id,
            "path": number.path,
            "value": number.value,
            "trade_ids": list(number.trade_ids),
            **({"trades": dict(number.trades)} if number.trades else {}),
        }


def index_numbers(results: Sequence[ToolResult]) -> Steps[NumberIndex]:
    """The index of all numbers that these results declare."""
    numbers: list[NamedNumber] = []
    places: list[int] = []
    for place, one in enumerate(results):
        found = yield from declared_numbers(one.data)
        numbers += found
        places += [place] * len(found)
        yield
    return NumberIndex(results, numbers, places)
