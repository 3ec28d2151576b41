"""Follow-up questions, from what the turn looked at: the next thing a trader would ask, never what was just asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.analysis import ToolResult

_AFTER_ANALYSIS = ("What rules would have helped?", "Show me the worst trades", "Which hours cost the most?")
_AFTER_METRICS = ("Why did it lose money?", "How much did fees cost?", "Compare long and short")
_AFTER_RULES = ("Tell me more about the first one", "How deep was the drawdown?", "Show me the worst trades")
_FIRST = ("Why did this run lose money?", "Show me the worst trades", "What rules would have helped?")
LIMIT = 3


def follow_ups(question: str, results: Sequence[ToolResult]) -> list[str]:
    """At most three questions; deterministic, so that a replayed turn offers the same."""
    kinds = {str(result.data.get("kind")) for result in results}
    candidates: list[str] = []
    if "rule_suggestions" in kinds:
        candidates += _AFTER_RULES
    for result in results:
        if result.data.get("kind") == "trade_analysis":
            candidates += _about(result.data)
    if "trade_analysis" in kinds:
        candidates += _AFTER_ANALYSIS
    if "metrics" in kinds:
        candidates += _AFTER_METRICS
    asked = _words(question)
    fresh = [text for text in dict.fromkeys(candidates or _FIRST) if len(_words(text) & asked) < 3]
    return fresh[:LIMIT]


def _about(data: Mapping[str, Any]) -> list[str]:
    """A question about what this analysis found."""
    symbol = data["concentration"].get("worst_symbol")
    if symbol and len(data["breakdowns"].get("symbol", ())) > 1 and len(symbol) <= 30:
        return [f"And for {symbol} only?"]
    if len(data["breakdowns"].get("side", ())) > 1 and data["filter"]["filter_type"] != "side":
        return ["Compare long and short"]
    return []


def _words(text: str) -> set[str]:
    return {word.strip("?.,!").lower() for word in text.split() if len(word) > 3}
