"""The named numbers of a conversation's results, found by size."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from backend.analysis.declared_numbers import declared_numbers
from backend.analysis.named_numbers import NamedNumber, ToolResult
from backend.analysis.steps import Steps

_MOST_NEAR = 2_000


class NumberIndex:
    """Finds numbers near a value, whatever their sign, without looking at all of them."""

    def __init__(self, results: Sequence[ToolResult], numbers: Sequence[NamedNumber], places: Sequence[int]) -> None:
        self.results = results
        self.numbers = numbers
        # Of which result each number is.
        self.places = places
        order = sorted(range(len(numbers)), key=lambda place: abs(numbers[place].value))
        self._order = order
        self._size = [abs(numbers[place].value) for place in order]

    def near(self, value: float, tolerance: float) -> list[int]:
        """Places of the numbers whose size rounds to the value, closest first, at most 2,000."""
        slack = tolerance * (1 + 1e-9) + abs(value) * 1e-12
        first, last = bisect_left(self._size, value - slack), bisect_right(self._size, value + slack)
        if last - first <= 1:
            return self._order[first:last]
        apart = [(round(abs(self._size[at] - value), 12), self._order[at]) for at in range(first, last)]
        return [place for _, place in sorted(apart)[:_MOST_NEAR]]

    def count_between(self, low: float, high: float) -> int:
        """How many numbers are of a size between two."""
        return bisect_right(self._size, high) - bisect_left(self._size, low)

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
