"""A plan → the calls it needs → its answer, part by part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.agents.offline.answering import (
    compare_words,
    define_words,
    figure_words,
    group_words,
    judge_words,
    overview_words,
    plain_words,
    rule_words,
    trade_words,
    what_if_words,
    why_words,
)
from backend.agents.offline.answering.results import Desk, PlannedCall
from backend.agents.offline.markdown import code, document
from backend.agents.offline.understanding import Part, Plan
from backend.agents.offline.understanding.plan import Intent
from backend.analysis.measures import Language

LABEL = "*Offline analyst: no language model was used.*"
_IN_ENGLISH: dict[Language, str] = {
    "de": "*Ich habe die Frage verstanden, kann aber vorerst nur auf Englisch antworten.*",
    "es": "*He entendido la pregunta, pero por ahora solo puedo responder en inglés.*",
    "fr": "*J'ai compris la question, mais pour l'instant je réponds en anglais.*",
    "pt": "*Entendi a pergunta, mas por enquanto só respondo em inglês.*",
    "zh": "*我理解您的问题，但目前只能用英文回答。*",
}
_MOST_CALLS = 12


@dataclass(frozen=True, slots=True)
class _Writer:
    calls: Callable[[Part, Desk], list[PlannedCall]]
    words: Callable[[Part, Desk], str]


def _none(part: Part, desk: Desk) -> list[PlannedCall]:
    return []


_WRITERS: dict[Intent, _Writer] = {
    "figures": _Writer(figure_words.figure_calls, figure_words.figure_words),
    "trades": _Writer(trade_words.ranked_calls, trade_words.ranked_words),
    "trade": _Writer(trade_words.one_trade_calls, trade_words.one_trade_words),
    "reasoning": _Writer(trade_words.reasoning_calls, trade_words.reasoning_words),
    "groups": _Writer(group_words.group_calls, group_words.group_words),
    "compare": _Writer(compare_words.compare_calls, compare_words.compare_words),
    "share": _Writer(compare_words.share_calls, compare_words.share_words),
    "what_if": _Writer(what_if_words.what_if_calls, what_if_words.what_if_words),
    "define": _Writer(define_words.define_calls, define_words.define_words),
    "judge": _Writer(judge_words.judge_calls, judge_words.judge_words),
    "why": _Writer(why_words.why_calls, why_words.why_words),
    "overview": _Writer(overview_words.overview_calls, overview_words.overview_words),
    "patterns": _Writer(rule_words.pattern_calls, rule_words.pattern_words),
    "concentration": _Writer(rule_words.concentration_calls, rule_words.concentration_words),
    "span": _Writer(rule_words.span_calls, rule_words.span_words),
    "unknowable": _Writer(plain_words.unknowable_calls, plain_words.unknowable_words),
    "courtesy": _Writer(_none, plain_words.courtesy_words),
    "help": _Writer(_none, plain_words.help_words),
}


def needed_calls(plan: Plan, desk: Desk) -> list[PlannedCall]:
    """The calls that the plan still needs, each once."""
    if plan.strangers and not _names_symbol(plan):
        return []
    calls: list[PlannedCall] = []
    for part in plan.parts:
        if part.intent == "rules":
            calls += rule_words.rule_calls(part, desk, plan.problem or plan.text)
        elif (writer := _WRITERS.get(part.intent)) is not None:
            calls += writer.calls(part, desk)
    return desk.results.missing(calls)[:_MOST_CALLS]


def write_answer(plan: Plan, desk: Desk) -> str:
    """The whole answer, with the line that says what made it."""
    return document([_body(plan, desk), _unread(plan), _language(plan), LABEL])


def _names_symbol(plan: Plan) -> bool:
    return any(one.key == "symbol" for part in plan.parts for group in (part.where, *part.groups) for one in group)


def _body(plan: Plan, desk: Desk) -> str:
    if (
        plan.strangers
        and not _names_symbol(plan)
        and not all(part.intent in ("unknowable", "courtesy", "help", "define") for part in plan.parts)
    ):
        names = ", ".join(code(name) for name in plan.strangers[:4])
        traded = ", ".join(code(name) for name in desk.run.symbols[:12])
        more = f" and {len(desk.run.symbols) - 12} more" if len(desk.run.symbols) > 12 else ""
        return (
            f"**No trade of this run is in {names}.** It traded {traded}{more}."
            if traded
            else f"**No trade of this run is in {names}.**"
        )
    if not plan.understood:
        return plain_words.unclear_words(desk, plan.unread, plan.nearest)
    blocks = [_part(part, plan, desk) for part in plan.parts]
    return document(list(dict.fromkeys(blocks)))


def _part(part: Part, plan: Plan, desk: Desk) -> str:
    if part.intent == "rules":
        return rule_words.rule_words(part, desk, plan.problem or plan.text)
    writer = _WRITERS[part.intent]
    calls = writer.calls(part, desk)
    failed = next((text for call in calls if (text := desk.results.failure(call)) is not None), None)
    if (
        failed is not None
        and all(desk.results.failure(call) is not None for call in calls)
        and part.intent not in ("what_if", "trade")
    ):
        if any(one.key == "exit_reason" for one in part.where):
            tags = ", ".join(code(tag, 40) for tag in desk.run.exit_tags[:12])
            named = next(str(one.value) for one in part.where if one.key == "exit_reason")
            return f"**No exit of this run is recorded as a {named}, so that can't be known from the file.** {f'The exit tags it has: {tags}.' if tags else 'It records no exit tags.'}"
        return f"**I could not look that up:** {code(failed, 300)}"
    return writer.words(part, desk)


def _unread(plan: Plan) -> str:
    """Words that changed nothing are named, so that nobody takes the answer for one that heeds them."""
    if not plan.unread or not plan.understood or plan.strangers or len(plan.unread) > 4:
        return ""
    if all(part.intent in ("courtesy", "help", "unknowable") for part in plan.parts):
        return ""
    return f"*I made nothing of the word{'s' if len(plan.unread) > 1 else ''} {', '.join(code(word) for word in plan.unread)} in your question.*"


def _language(plan: Plan) -> str:
    if all(part.intent == "courtesy" for part in plan.parts):
        return ""
    return _IN_ENGLISH.get(plan.language, "")
