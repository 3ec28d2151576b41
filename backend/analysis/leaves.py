"""The numbers of tool results, with paths and units, indexed by size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backend.analysis.arrays import FloatArray, IntArray
from backend.analysis.numerals import Numeral, read_numerals
from backend.analysis.steps import Steps, made_by

LeafUnit = Literal["pct", "money", "count", "ratio", "seconds", "any"]
_SKIPPED = re.compile(r"(?:^|_)(?:ids?|seq|ref)$|^(?:version|duration_ms|definition|definitions|unit)$")
_QUOTED_BY_US = frozenset({"plain", "rationale", "name", "verdict_why", "description", "method", "warnings", "verdict"})
_BY_NAME: tuple[tuple[LeafUnit, re.Pattern[str]], ...] = (
    (
        "count",
        re.compile(
            r"count|tested|_tried$|trades_|losers_avoided|winners_lost|positions$|total_points|streak|max_trades|max_open"
        ),
    ),
    ("seconds", re.compile(r"seconds")),
    ("money", re.compile(r"drawdown_money|funding_pnl")),
    (
        "ratio",
        re.compile(r"hours$|factor|ratio|sharpe|sortino|calmar|p_value|alpha|sqn|kelly|periods|days|skew|kurtosis|^r$"),
    ),
    ("pct", re.compile(r"pct|rate$|share|drawdown|return|cagr|volatility|exposure|ulcer|var_95")),
    (
        "money",
        re.compile(r"pnl|fees|funding|net|gain|loss|win|equity|cash|value|price|mae|mfe|expectancy|half|max_|cost"),
    ),
)
_LEAVES_A_STEP = 50
_COST = re.compile(r"fees|funding|cost")
_FALL = re.compile(r"loss|drawdown|mae|var_95|worst|decline|stop")


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered: its name, the call's id and the structured data."""

    tool: str
    call_id: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One number of a result; `name` is the key that says what it is."""

    value: float
    unit: LeafUnit
    path: str
    name: str
    trade_ids: tuple[int, ...]
    result: int


class LeafIndex:
    """Finds numbers near a value, whatever their sign, without looking at all of them."""

    def __init__(self, results: Sequence[ToolResult], leaves: Sequence[Leaf]) -> None:
        self.results = results
        self.leaves = leaves
        size = np.abs(np.array([leaf.value for leaf in leaves], dtype=np.float64))
        self._order: IntArray = np.argsort(size, kind="stable")
        self._size: FloatArray = size[self._order]

    def near(self, value: float, tolerance: float) -> list[Leaf]:
        """Numbers whose size rounds to the value, closest first."""
        slack = tolerance * (1 + 1e-9) + abs(value) * 1e-12
        first, last = np.searchsorted(self._size, [value - slack, value + slack], side="left")
        last = int(np.searchsorted(self._size, value + slack, side="right"))
        found = self._order[first:last]
        by_distance = np.lexsort((found, np.round(np.abs(self._size[first:last] - value), 12)))
        return [self.leaves[int(i)] for i in found[by_distance][:200]]


def index_leaves(results: Sequence[ToolResult]) -> Steps[LeafIndex]:
    """The index of all numbers of these results."""
    leaves: list[Leaf] = []
    for place, one in enumerate(results):
        for leaf in _walk(one.data, "", "", None, (), place):
            leaves.append(leaf)
            if len(leaves) % _LEAVES_A_STEP == 0:
                yield
    return LeafIndex(results, leaves)


def _unit(name: str) -> LeafUnit:
    return next((unit for unit, pattern in _BY_NAME if pattern.search(name)), "any")


def _walk(node: Any, path: str, name: str, unit: LeafUnit | None, ids: tuple[int, ...], result: int) -> Iterator[Leaf]:
    """Every number below a node; counts of lists too, since a text may say how many there are."""
    if isinstance(node, bool) or node is None:
        return
    if isinstance(node, (int, float)):
        if np.isfinite(node):
            yield Leaf(float(node), unit or _unit(name), path, name, ids, result)
    elif isinstance(node, str):
        if name in _QUOTED_BY_US:
            for numeral in made_by(read_numerals(node)):
                value = -numeral.value if numeral.sign < 0 else numeral.value
                yield Leaf(value, _unit_of_text(numeral), path, name, ids, result)
    elif isinstance(node, Mapping):
        own = _ids(node) or ids
        stated = _stated_unit(node)
        for key, value in node.items():
            if not _SKIPPED.search(str(key)):
                inner = name if stated and key == "value" else str(key)
                yield from _walk(value, f"{path}.{key}" if path else str(key), inner, stated, own, result)
    elif isinstance(node, (list, tuple)):
        if node:
            yield Leaf(float(len(node)), "count", f"{path}.length", f"{name}_count", ids, result)
        for i, value in enumerate(node):
            yield from _walk(value, f"{path}[{i}]", name, unit, ids, result)


def _unit_of_text(numeral: Numeral) -> LeafUnit:
    units: dict[str, LeafUnit] = {"pct": "pct", "money": "money", "seconds": "seconds", "times": "ratio"}
    return units.get(numeral.unit, "any")


def _stated_unit(node: Mapping[str, Any]) -> LeafUnit | None:
    """The unit a figure object states for its value."""
    stated = node.get("unit")
    known: tuple[LeafUnit, ...] = ("pct", "money", "count", "ratio", "seconds")
    return next((unit for unit in known if unit == stated), None) if "value" in node else None


def _ids(node: Mapping[str, Any]) -> tuple[int, ...]:
    ids = node.get("trade_ids")
    if isinstance(ids, (list, tuple)):
        return tuple(i for i in ids[:50] if isinstance(i, int))
    one = node.get("trade_id")
    return (one,) if isinstance(one, int) else ()


def is_cost(leaf: Leaf) -> bool:
    """Whether a number above zero is money paid."""
    return bool(_COST.search(leaf.name))


def is_fall(leaf: Leaf) -> bool:
    """Whether the number's own name says that it is a loss, so that texts leave its sign out."""
    return bool(_FALL.search(leaf.name))
