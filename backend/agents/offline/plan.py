"""Which tools a question needs: the first calls, and those that the first results make necessary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from backend.agents.core.context import ToolOutcome
from backend.agents.offline.questions import Question, Scope, named_symbol, unknown_symbol
from backend.analysis import MetricsResult, RuleSuggestions, TradeAnalysis


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A tool call to make."""

    tool: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the tools have answered this turn. `whole` is the analysis of all trades, `part` that of a part of them."""

    whole: TradeAnalysis | None = None
    part: TradeAnalysis | None = None
    metrics: MetricsResult | None = None
    rules: RuleSuggestions | None = None
    failed: str | None = None
    calls: int = 0


ALL = PlannedCall("analyze_trades", {"filter_type": "all"})
_METRICS = {
    "why": "all",
    "risk": "all",
    "overview": "all",
    "costs": "costs",
}


def gather(outcomes: Sequence[ToolOutcome]) -> Findings:
    """Sort the turn's results by what they are."""
    findings = Findings(calls=len(outcomes))
    for outcome in outcomes:
        result: BaseModel | None = outcome.result
        if isinstance(result, TradeAnalysis):
            whole = result.filter.filter_type == "all"
            findings = replace(findings, whole=result) if whole else replace(findings, part=result)
        elif isinstance(result, MetricsResult):
            findings = replace(findings, metrics=result)
        elif isinstance(result, RuleSuggestions):
            findings = replace(findings, rules=result)
        elif not outcome.ok:
            findings = replace(findings, failed=outcome.data.get("message", ""))
    return findings


def resolve(question: Question, findings: Findings, before: Question | None) -> Question:
    """The question with the symbol it names, now that the run's symbols are known."""
    if findings.whole is None or question.scope is not None or question.trade_id is not None:
        return question
    if question.item is not None:
        place = _nth_place(question, findings.whole)
        return question if place is None else replace(question, scope=place)
    symbol = named_symbol(question.text, [row.key for row in findings.whole.breakdowns["symbol"]])
    if symbol is None:
        return replace(question, unknown_symbol=unknown_symbol(question.text))
    topic = question.topic
    if topic == "unknown":
        topic = before.topic if before is not None and before.topic not in ("risk", "rules", "help") else "why"
    return replace(question, topic=topic, scope=Scope("symbol", symbol))


def next_calls(question: Question, findings: Findings) -> list[PlannedCall]:
    """The calls to make now; none when there is enough to answer."""
    if findings.failed is not None or question.topic == "help":
        return []
    if findings.calls == 0:
        return _first_calls(question)
    if question.scope is not None and findings.part is None and question.topic not in ("rules", "risk"):
        return [PlannedCall("analyze_trades", _scope_args(question.scope))]
    return []


def _first_calls(question: Question) -> list[PlannedCall]:
    if question.topic == "rules":
        return [PlannedCall("suggest_rules", {"problem": question.problem})]
    calls = [ALL]
    if metric_type := _METRICS.get(question.topic):
        calls.append(PlannedCall("calculate_metrics", {"metric_type": metric_type}))
    if question.scope is not None and question.topic != "risk":
        calls.append(PlannedCall("analyze_trades", _scope_args(question.scope)))
    return calls


def _scope_args(scope: Scope) -> dict[str, Any]:
    return {"filter_type": scope.filter_type, "criteria": scope.criteria}


def _nth_place(question: Question, whole: TradeAnalysis) -> Scope | None:
    """The n-th worst hour, weekday or symbol, for "tell me more about the second one" after a list of them."""
    if question.topic != "where" or question.item is None:
        return None
    dimension = question.dimension or "hour"
    rows = sorted(whole.breakdowns[dimension], key=lambda row: row.net_pnl)
    if not rows:
        return None
    place = len(rows) - 1 if question.item < 0 else min(question.item, len(rows)) - 1
    return Scope(dimension, rows[place].key)
