"""Suggested rules and patterns as answers."""

from __future__ import annotations

from backend.agents.offline.answering.group_words import key_name
from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call
from backend.agents.offline.markdown import count, document, number, percent
from backend.agents.offline.rule_answers import rules_answer
from backend.agents.offline.understanding import Part
from backend.analysis import MetricsResult, RuleSuggestions, TradeAnalysis


def rule_calls(part: Part, desk: Desk, text: str) -> list[PlannedCall]:
    """Rules for the problem as the asker put it."""
    return [PlannedCall("suggest_rules", {"problem": text[:500]})]


def rule_words(part: Part, desk: Desk, text: str) -> str:
    """The rules worth showing, or the one asked for."""
    found = desk.results.of(rule_calls(part, desk, text)[0], RuleSuggestions)
    if found is None:
        return "I could not look that up."
    return rules_answer(part.place or None, found)


def pattern_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The whole run, whose patterns are tested."""
    return [analysis_call()]


def pattern_words(part: Part, desk: Desk) -> str:
    """Whether anything stands out by more than chance."""
    found = desk.results.of(analysis_call(), TradeAnalysis)
    if found is None:
        return "I could not look that up."
    held = found.patterns
    if held.tested == 0:
        return "**There are too few trades to test for patterns**: whatever seems to stand out may be chance."
    if not held.found:
        return f"**No pattern holds up: of {held.tested:,} groups tested (hours, weekdays, symbols, sides …) none differs from the rest by more than chance explains.** Take what seems to stand out as coincidence until more trades say otherwise."
    lines = [
        f"- {one.dimension.replace('_', ' ')} {key_name(one.dimension, one.key)}: average net P&L {number(one.average_net)} {desk.currency} over {count(one.trade_count, 'trade')}, against {number(one.rest_average_net)} {desk.currency} in the rest; by chance so large a difference has a p-value of {number(one.adjusted_p_value)}"
        for one in held.found[:6]
    ]
    return document(
        [
            f"**{count(len(held.found), 'pattern')} of {held.tested:,} groups tested differ from the rest by more than chance explains:**",
            "\n".join(lines),
        ]
    )


def concentration_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The whole run."""
    return [analysis_call(part.where)]


def concentration_words(part: Part, desk: Desk) -> str:
    """How much of the losses few trades or one symbol make."""
    found = desk.results.of(analysis_call(part.where), TradeAnalysis)
    if found is None:
        return "I could not look that up."
    held = found.concentration
    if held.worst_trade_share is None:
        return "**No closed trade lost money, so there are no losses to be concentrated.**"
    worst_5 = (
        f", the five worst {percent(held.worst_5_share)}"
        if held.worst_5_share is not None and found.selection.loss_count > 5
        else ""
    )
    head = f"**The worst trade makes {percent(held.worst_trade_share)} of all losses{worst_5}; the losses come to {number(held.total_loss)} {desk.currency} together.**"
    best = found.best_trades[0] if found.best_trades else None
    lines = (
        f"The largest win is trade #{best.trade_id} with {number(best.net_pnl)} {desk.currency}; the net P&L is {number(found.selection.net_pnl)} {desk.currency}."
        if best is not None
        else ""
    )
    return document([head, lines])


def span_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The run's own figures."""
    return [metrics_call()]


def span_words(part: Part, desk: Desk) -> str:
    """From when to when."""
    metrics = desk.results.of(metrics_call(), MetricsResult)
    days = metrics.figures.get("duration_days") if metrics is not None else None
    length = (
        f", {number(float(days.value))} calendar days"
        if days is not None and isinstance(days.value, (int, float))
        else ""
    )
    if desk.run.first_day is None:
        return "**The run has no dated rows.**"
    return f"**The run goes from {desk.run.first_day} to {desk.run.last_day}{length}** (first and last row of the file, UTC)."
