"""Which trades a number of a tool's result is made of, as a question to the list of trades.

A result names at most some of its trades by their ids. What a number covers is known in full all the same, by its place
in the result: `breakdowns.hour[3].net_pnl` of an analysis of the losers is made of the losers opened in that hour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.analysis.breakdown import DIMENSIONS, OTHERS
from backend.analysis.selection import criteria_text

# An address holds no more; a longer choice is had by its ids alone.
MAX_CRITERIA_CHARS = 4_000
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_WHOLE = {"filter_type": "all"}
# Names of figures that are made of a part of the trades around them.
_RESULT = {
    "win": ("win_count", "average_win", "largest_win", "average_holding_winners"),
    "loss": ("loss_count", "average_loss", "largest_loss", "average_holding_losers"),
    "breakeven": ("breakeven_count",),
}
_RESULT_OF = {name: result for result, names in _RESULT.items() for name in names}
_OPEN = frozenset({"open_count", "open_pnl"})
# Metrics that say nothing of single trades are not listed: an equity curve's, or the time in the market.
_OF_ALL_CLOSED = frozenset({
    "trade_count", "win_rate", "net_pnl", "gross_pnl", "payoff_ratio", "profit_factor", "expectancy", "expectancy_r",
    "sqn", "kelly", "average_holding", "average_mae", "average_mfe", "fees", "funding", "fees_share_of_gross",
    "average_fees",
})  # fmt: skip


def trade_query(tool: str, data: Mapping[str, Any], path: str) -> dict[str, str] | None:
    """Parameters of the trade list that answer exactly the trades behind the number at `path`; None if none do.

    `filter_type` and `criteria` choose as `analyze_trades` does, `complement` is "true" for the rest of that choice,
    `dimension` and `key` name a row of a breakdown, and `result` is "win", "loss" or "breakeven".
    """
    steps = [int(place) if place else name for name, place in _STEP.findall(path)]
    match tool, steps:
        case "calculate_metrics", ["figures", str() as name, "value"]:
            return _of_metric(name)
        case "analyze_trades", [str() as part, *inner] if part in _PARTS:
            return _PARTS[part](data, inner)
    return None


def _of_metric(name: str) -> dict[str, str] | None:
    if name in _OPEN:
        return {"filter_type": "open"}
    return {**_WHOLE, **_result(name)} if name in _OF_ALL_CLOSED or name in _RESULT_OF else None


def _of_selection(data: Mapping[str, Any], steps: list[str | int]) -> dict[str, str] | None:
    chosen = _chosen(data)
    return {**chosen, **_result(steps[0])} if chosen and steps else None


def _of_complement(data: Mapping[str, Any], steps: list[str | int]) -> dict[str, str] | None:
    chosen = _chosen(data)
    return {**chosen, "complement": "true", **_result(steps[0])} if chosen and steps else None


def _of_breakdowns(data: Mapping[str, Any], steps: list[str | int]) -> dict[str, str] | None:
    match steps:
        case [str() as dimension, int() as place, name]:
            return _row(_chosen(data), data["breakdowns"][dimension][place], dimension, name)
    return None


def _of_bridge(data: Mapping[str, Any], steps: list[str | int]) -> dict[str, str] | None:
    match steps:
        case [str() as by, int() as place, name]:
            return _row(_WHOLE, data["bridge"][by][place], by.removeprefix("by_"), name)
        case [name]:
            return {"filter_type": "open"} if name in _OPEN else _WHOLE
    return None


def _of_patterns(data: Mapping[str, Any], steps: list[str | int]) -> dict[str, str] | None:
    match steps:
        case ["found", int() as place, "trade_count" | "net_pnl" | "average_net" as name]:
            found = data["patterns"]["found"][place]
            return _row(_WHOLE, found, found.get("dimension"), name)
    return None


def _of_concentration(_data: Mapping[str, Any], steps: list[str | int]) -> dict[str, str] | None:
    return {"filter_type": "losers"} if steps == ["total_loss"] else None


_PARTS = {
    "selection": _of_selection,
    "complement": _of_complement,
    "breakdowns": _of_breakdowns,
    "bridge": _of_bridge,
    "patterns": _of_patterns,
    "concentration": _of_concentration,
}


def _chosen(data: Mapping[str, Any]) -> dict[str, str] | None:
    """How the analysis chose; None if the result does not say, as one saved long ago, or at too great length."""
    asked = data.get("filter")
    if not isinstance(asked, Mapping) or not isinstance(asked.get("filter_type"), str):
        return None
    criteria = criteria_text(asked.get("criteria"))
    if len(criteria) > MAX_CRITERIA_CHARS:
        return None
    return {"filter_type": asked["filter_type"], **({"criteria": criteria} if criteria else {})}


def _result(name: str | int) -> dict[str, str]:
    return {"result": _RESULT_OF[name]} if name in _RESULT_OF else {}


def _row(chosen: Mapping[str, str] | None, row: Any, dimension: Any, name: str | int) -> dict[str, str] | None:
    key = row.get("key") if isinstance(row, Mapping) else None
    if chosen is None or dimension not in DIMENSIONS or not isinstance(key, str) or key == OTHERS:
        return None
    return {**chosen, "dimension": dimension, "key": key, **_result(name)}
