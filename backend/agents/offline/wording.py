"""A plan in words: what was understood, and questions that would have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.agents.offline.answering.scope import trades_of
from backend.agents.offline.answering.values import label_of
from backend.agents.offline.understanding.plan import PERIODS, Condition, Part, Plan

_INTENTS = {
    "why": "why the result is what it is", "judge": "whether it is any good, or luck", "rules": "rules that might have helped", "patterns": "patterns that pass a test",
    "reasoning": "what was recorded with the trades", "overview": "how it did", "span": "from when to when", "concentration": "how concentrated the losses are",
    "unknowable": "something this file can't tell", "courtesy": "courtesy", "help": "what can be asked", "unclear": "not understood",
}  # fmt: skip
_ORDERS = {"best": "best", "worst": "worst", "both": "best and worst", "most": "largest", "least": "smallest", "": ""}


def plan_words(plan: Plan) -> str:
    """What was understood, in one line: "win rate · short trades"."""
    return "; ".join(part_words(part) for part in plan.parts)


def part_words(part: Part) -> str:
    """One part in words, without marks of markdown."""
    about = trades_of(part.where).replace("`", "") if part.where else ""
    named = ", ".join(label_of(one) for one in part.wanted if one.measure != "group_count")
    match part.intent:
        case "figures":
            what = named
        case "trades":
            what = _ranked(part)
        case "trade":
            what = f"one trade: {', '.join(part.names).replace('_', ' ')}" if part.names else "one trade"
        case "groups":
            what = f"{_ORDERS[part.order]} {part.dimension.replace('_', ' ')} by {named or 'net P&L'}".strip()
        case "compare":
            sides = " against ".join(trades_of(group).replace("`", "") for group in part.groups)
            what = f"{named or 'net P&L'}: {sides}"
        case "share":
            what = f"share of {named or 'trades'}"
        case "what_if":
            what = f"what if: {_what_if(part)}"
        case "define":
            what = f"what {named or part.term} means"
        case _:
            what = _INTENTS.get(part.intent, part.intent)
    return (
        f"{what} · {about}"
        if about
        else f"{what} · whole run"
        if part.intent in ("figures", "groups", "why", "overview")
        else what
    )


def _ranked(part: Part) -> str:
    if not part.order:
        return "list of trades"
    count = f"{part.limit} " if part.limit > 1 else ""
    by = f" by {part.topic.replace('_', ' ')}" if part.topic not in ("pnl", "") else ""
    return f"{count}{_ORDERS[part.order]} trade{'s' if part.limit > 1 else ''}{by}"


def _what_if(part: Part) -> str:
    if part.what_if is None:
        return "a change"
    params = ", ".join(f"{key.replace('_', ' ')} {_plain(value)}" for key, value in part.what_if.params.items())
    return f"{part.what_if.kind.replace('_', ' ')} {params}".strip()


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return str(value)


def corrections(plan: Plan) -> list[str]:
    """At most two questions that ask for another reading: of the whole run, or by the other date."""
    found: list[str] = []
    for part in plan.parts:
        what = _asked(part)
        if not what or not part.where:
            continue
        if any(one.key in PERIODS and one.by != "opened" for one in part.where):
            other = tuple(replace(one, by="opened") if one.key in PERIODS else one for one in part.where)
            found.append(f"What is the {what} of {_plain_scope(other)}?")
        found.append(f"What is the {what} of the whole run?")
    return list(dict.fromkeys(found))[:2] if plan.understood else list(plan.nearest)


def _asked(part: Part) -> str:
    if part.intent in ("figures", "overview"):
        return " and the ".join(label_of(one) for one in part.wanted[:2]) or "net P&L"
    return ""


def _plain_scope(where: Sequence[Condition]) -> str:
    return trades_of(where).replace("`", "")
