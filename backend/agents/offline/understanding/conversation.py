"""A question in its conversation: "and for longs?", "why?", "show me those", "the second one" go on from what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.agents.offline.understanding.clause import Clause, measures_in
from backend.agents.offline.understanding.grammar import Reader
from backend.agents.offline.understanding.nearest import nearest_questions
from backend.agents.offline.understanding.plan import PERIODS, Condition, Order, Part, Plan, Wanted, WhatIf
from backend.agents.offline.understanding.vocabulary import RunVocabulary, strange_symbols

_DEEPEST = 4
_ID = re.compile(r"#(\d{1,9})\b")
_GOES_ON = re.compile(
    r"^\W*(?:and|but|so|ok|okay|also|then|what about|how about|what if|same|no|only|just|or|und|aber|nur|auch|was ist mit|wie sieht es|y|e|pero|pour|et|mais|ou|mas|só|solo|¿y|qu'en est-il|que tal|那|那么|和|只)\b|^\W*[那和只呢]|呢\s*[？?]?$",
    re.IGNORECASE,
)
_RESULTS = {
    "win_count": "win",
    "loss_count": "loss",
    "breakeven_count": "breakeven",
    "average_win": "win",
    "average_loss": "loss",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with the answer it was given."""

    question: str
    answer: str


def understand(text: str, run: RunVocabulary, earlier: Sequence[Turn] = ()) -> Plan:
    """The plan of `text`, in the light of the turns before it, oldest first."""
    questions = [turn.question for turn in reversed(earlier)]
    ids = _ids_of(earlier[-1].answer) if earlier else ()
    reader = Reader(text, run, questions, ids)
    parts = reader.parts()
    strangers = strange_symbols(reader.items, run)
    unread = tuple(
        dict.fromkeys(
            item.text
            for item in reader.items
            if item.kind == "unknown" and len(item.text) > 1 and item.text not in strangers
        )
    )
    if earlier:
        before = _before(run, earlier)
        gone_on = _going_on(reader, parts, before, ids, earlier[-1]) if before is not None else None
        if gone_on is not None and before is not None:
            problem = before.problem or before.text
            return Plan(text, reader.language, tuple(gone_on), unread, True, strangers, problem=problem)
    if not parts:
        parts = _from_fragment(reader.whole())
    nearest = nearest_questions(reader.items, reader.whole().where, run) if not parts else ()
    return Plan(text, reader.language, tuple(parts) or (Part("unclear"),), unread, False, strangers, nearest)


def _ids_of(answer: str) -> tuple[int, ...]:
    """The trades an answer names, in order."""
    return tuple(dict.fromkeys(int(found) for found in _ID.findall(answer)[:200]))


def _before(run: RunVocabulary, earlier: Sequence[Turn]) -> Plan | None:
    """The last plan that asked something; courtesy in between is passed over."""
    held = list(earlier)
    for _ in range(_DEEPEST):
        if not held:
            return None
        plan = understand(held[-1].question, run, held[:-1][-_DEEPEST:])
        if plan.parts[0].intent not in ("courtesy", "help", "unclear"):
            return plan
        held.pop()
    return None


def _from_fragment(whole: Clause) -> list[Part]:
    """Conditions alone are asked how they did: "Fridays?"."""
    return [Part("overview", where=tuple(whole.where))] if whole.where and not _foreign(whole) else []


def _foreign(clause: Clause) -> bool:
    return len(clause.unknown) > max(1, len(clause.meaningful) - len(clause.unknown) + len(clause.where))


_GROUP = re.compile(r"\bis (`[^`]{1,80}`|[A-Z][a-z]+day\b|[A-Z][a-z]{2,8} \d{4}\b|\d{2}:00\b|long\b|short\b)")


def _named_group(last: Part, answer: str) -> Condition | None:
    """The group that the answer before named first: "the worst symbol is `BTC`"."""
    found = _GROUP.search(answer[:600])
    if found is None:
        return None
    name = found[1].strip("`")
    match last.dimension:
        case "symbol":
            return Condition("symbol", name)
        case "weekday":
            return Condition("weekday", name.lower())
        case "hour" if name[:2].isdigit():
            return Condition("hour", int(name[:2]))
        case "side":
            return Condition("side", name)
        case "month" if name[-4:].isdigit() and name[:3].lower() in _MONTHS:
            return Condition("month", f"{name[-4:]}-{_MONTHS.index(name[:3].lower()) + 1:02d}")
        case _:
            return None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _going_on(
    reader: Reader, parts: Sequence[Part], before: Plan, ids: tuple[int, ...], turn: Turn
) -> list[Part] | None:
    """The parts of a question that goes on from the one before; None where it stands by itself."""
    whole = reader.whole()
    marked = _GOES_ON.search(reader.line) is not None
    last = before.parts[-1]
    if whole.has("q:define") and whole.has("pron:it") and last.wanted and not whole.measured():
        return [Part("define", last.wanted[:2], term=last.wanted[0].measure)]
    if parts and parts[0].intent in ("courtesy", "help", "unknowable", "define", "span", "rules"):
        return None
    if (
        last.intent == "groups"
        and (key := _named_group(last, turn.answer)) is not None
        and whole.has("pron:it")
        and not whole.where
    ):
        asked = [part for part in parts if part.intent in ("figures", "overview", "why", "trades")]
        return [replace(part, where=(*last.where, key)) for part in asked] or None
    if (
        last.intent == "trades"
        and last.order
        and len(parts) == 1
        and parts[0].intent == "share"
        and whole.has("pron:them")
        and not whole.where
    ):
        return [replace(parts[0], where=last.where, order=last.order, limit=last.limit)]
    for rule in (_nth, _that_trade, _those, _why_so, _other_end, _other_number, _more):
        found = rule(whole, parts, last, ids)
        if found is not None:
            return [found]
    if not parts and whole.where and not _foreign(whole):
        return [_with_conditions(part, whole.where, whole) for part in before.parts]
    if not parts and marked and (measure := measures_in(whole.items)):
        return [replace(last, wanted=tuple(Wanted(name) for _, name in measure))]
    if not parts or not (marked or whole.has("pron:them", "pron:it", "pron:there", "same")):
        return None
    return _inheriting(parts, last, whole)


def _inheriting(parts: Sequence[Part], last: Part, whole: Clause) -> list[Part] | None:
    """ "And the win rate?" is about the trades of the question before."""
    if whole.has("all") and not whole.where:
        return None
    if (
        not whole.where
        and last.where
        and all(part.intent in ("figures", "groups", "trades", "why", "overview", "reasoning") for part in parts)
    ):
        return [replace(part, where=(*last.where, *part.where)) for part in parts]
    bare_overview = (
        len(parts) == 1
        and parts[0].intent == "overview"
        and whole.where
        and last.intent not in ("why", "what_if", "trade")
    )
    if bare_overview and not whole.has("q:summary", "q:how"):
        return [_with_conditions(last, whole.where, whole)]
    return None


def _with_conditions(part: Part, where: Sequence[Condition], clause: Clause) -> Part:
    """The part before about other trades: conditions of the same kind are replaced, others added."""
    if part.intent in ("trade", "unknowable", "define"):
        ids = [one for one in where if one.key == "trade"]
        return (
            Part("trade", where=tuple(ids), names=part.names)
            if ids and part.intent == "trade"
            else Part("overview", where=tuple(where))
        )
    if part.intent == "compare" and part.groups:
        kept = {one.key for group in part.groups for one in group}
        if all(one.key in kept for one in where):
            return Part("figures" if part.wanted else "overview", part.wanted, (*part.where, *where))
    if part.intent == "what_if" and part.what_if is not None:
        changed = _changed_what_if(part.what_if, where)
        return (
            replace(part, what_if=changed) if changed is not None else replace(part, where=_replaced(part.where, where))
        )
    if part.intent == "groups" and part.dimension in {one.key for one in where}:
        return Part("figures" if part.wanted else "overview", part.wanted, _replaced(part.where, where))
    return replace(part, where=_replaced(part.where, where))


def _replaced(old: Sequence[Condition], new: Sequence[Condition]) -> tuple[Condition, ...]:
    families = {_family(one.key) for one in new}
    return (*(one for one in old if _family(one.key) not in families), *new)


def _family(key: str) -> str:
    return "period" if key in PERIODS else key


_NAMED_BY = {"symbol_exclusion": ("symbol", "symbols"), "side_filter": ("side", "side"), "no_trade_hours": ("hour", "hours"),
             "no_trade_weekdays": ("weekday", "weekdays")}  # fmt: skip


def _changed_what_if(held: WhatIf, where: Sequence[Condition]) -> WhatIf | None:
    named = _NAMED_BY.get(held.kind)
    if named is None:
        return None
    values = [one.value for one in where if one.key == named[0]]
    if not values:
        return None
    return WhatIf(
        held.kind, {named[1]: values[0] if named[1] == "side" else values[0] if isinstance(values[0], list) else values}
    )


def _nth(clause: Clause, parts: Sequence[Part], last: Part, ids: tuple[int, ...]) -> Part | None:
    """The second one, the last one, the third."""
    place = clause.place() or (-1 if clause.has("last") else 0)
    if not place or clause.where or clause.prefix("g:") or clause.has("q:howmany"):
        return None
    small = all(
        item.has(
            "stop",
            "ord",
            "last",
            "one",
            "and",
            "pron:it",
            "trade",
            "q:more",
            "q:which",
            "q:define",
            "r:worst",
            "r:best",
            "r:big",
            "q:how",
            "but",
            "then",
            "rules",
            "pron:there",
        )
        for item in clause.items
    )
    if not small or (
        parts and not clause.has("one") and not clause.prefix("r:") and parts[0].intent not in ("trade", "trades")
    ):
        return None
    if last.intent == "groups":
        return replace(last, place=place, limit=0, order=_flipped(clause, last.order) or last.order)
    if last.intent == "rules":
        return replace(last, place=place)
    if (
        last.intent in ("trades", "trade", "figures", "why", "reasoning")
        and clause.prefix("r:")
        and not clause.has("one")
    ):
        return Part(
            "trades",
            where=_without_ids(last.where),
            order=_flipped(clause, last.order) or "worst",
            place=place,
            topic=last.topic or "pnl",
            names=last.names,
        )
    if ids and last.intent in ("trades", "trade", "reasoning", "why", "overview", "figures"):
        which = ids[place - 1] if 0 < place <= len(ids) else ids[-1] if place < 0 else None
        if which is not None and ((last.intent != "trade" and last.limit != 1) or place == 1):
            return Part("trade", where=(Condition("trade", which),))
        if last.order:
            return Part(
                "trades",
                where=_without_ids(last.where),
                order=last.order,
                place=place,
                topic=last.topic,
                names=last.names,
            )
    return None


def _without_ids(where: Sequence[Condition]) -> tuple[Condition, ...]:
    return tuple(one for one in where if one.key != "trade")


def _flipped(clause: Clause, old: Order) -> Order:
    if clause.has("r:worst") or (clause.has("r:big") and clause.has("res:loss", "loss")):
        return "worst"
    if clause.has("r:best") or (clause.has("r:big") and clause.has("res:win", "profit")):
        return "best"
    return old


def _that_trade(clause: Clause, parts: Sequence[Part], last: Part, ids: tuple[int, ...]) -> Part | None:
    """When was it bought? And without that one? How long was it held?"""
    about_it = clause.has("pron:it") or (
        not clause.has("trade", "pron:them", "all")
        and parts
        and parts[0].names
        and parts[0].intent in ("trade", "trades")
    )
    if not about_it or (clause.where and not all(one.key == "trade" for one in clause.where)):
        return None
    if parts and parts[0].intent == "what_if":
        return parts[0]
    if (
        last.intent == "figures"
        and clause.has("q:when")
        and any(one.measure.startswith("max_drawdown") for one in last.wanted)
    ):
        return replace(last, names=("when",))
    single = last.intent == "trade" or (last.intent in ("trades", "figures", "reasoning") and len(ids) >= 1)
    if not single or not ids:
        return None
    if clause.has("q:why", "un:wrote"):
        return Part("reasoning", where=(Condition("trade", ids[0]),), limit=1)
    names = parts[0].names if parts else ()
    if not names and parts and parts[0].intent == "figures":
        names = tuple(_TRADE_FIELD.get(one.measure, "") for one in parts[0].wanted)
        names = tuple(name for name in names if name)
    if not parts and not clause.has(
        "q:when", "q:howlong", "q:howmuch", "q:more", "v:hold", "v:close", "v:open", "q:how", "q:which"
    ):
        return None
    return Part("trade", where=(Condition("trade", ids[0]),), names=names)


_TRADE_FIELD = {"holding": "holding", "fees": "fees", "mae": "mae", "mfe": "mfe", "leverage": "leverage", "giveback": "giveback", "entry_price": "entry_price",
                "exit_price": "exit_price", "return": "return_pct", "quantity": "quantity", "stake": "stake", "net_pnl": "net_pnl", "funding": "funding", "gross_pnl": "gross_pnl"}  # fmt: skip


def _those(clause: Clause, parts: Sequence[Part], last: Part, _ids: tuple[int, ...]) -> Part | None:
    """Show me those; list them; which ones?"""
    asks = (clause.has("pron:them", "one") and clause.has("q:list", "q:which", "q:more")) or (
        clause.has("q:list", "q:which")
        and all(
            item.has("stop", "q:list", "q:which", "one", "pron:them", "and", "trade", "all", "k:praise")
            for item in clause.items
        )
    )
    if (
        not asks
        or clause.where
        or (parts and parts[0].intent not in ("trades", "figures", "overview"))
        or clause.prefix("r:")
        or clause.prefix("g:")
    ):
        return None
    where = list(last.where)
    if last.intent == "figures":
        result = next((_RESULTS[one.measure] for one in last.wanted if one.measure in _RESULTS), None)
        if result is not None:
            where.append(Condition("result", result))
        if any(one.measure in ("open_count", "open_pnl") for one in last.wanted):
            where.append(Condition("open", True))
    if last.intent == "compare" and last.groups:
        where = [*where, *last.groups[0]]
    return Part(
        "trades", where=tuple(where), order=last.order if last.intent == "trades" else "", limit=20, topic="list"
    )


def _why_so(clause: Clause, parts: Sequence[Part], last: Part, ids: tuple[int, ...]) -> Part | None:
    """Why? — of the trades the question before was about."""
    if not parts or parts[0].intent != "why" or clause.where:
        return None
    bare = all(
        item.has(
            "q:why",
            "stop",
            "and",
            "but",
            "pron:it",
            "not",
            "q:which",
            "q:yesno",
            "r:worst",
            "j:good",
            "red",
            "loss",
            "rank:worse",
            "green",
            "same",
            "then",
            "only",
        )
        for item in clause.items
    )
    if not bare:
        return None
    if last.intent == "trade" and ids:
        return Part("reasoning", where=(Condition("trade", ids[0]),), limit=1)
    where = list(last.where)
    if last.intent == "compare" and last.groups:
        where = [*where, *last.groups[0]]
    return Part(
        "why",
        where=tuple(where),
        order=parts[0].order or ("best" if last.order == "best" and last.intent != "groups" else ""),
    )


def _other_end(clause: Clause, parts: Sequence[Part], last: Part, _ids: tuple[int, ...]) -> Part | None:
    """And the best? — after the worst."""
    if clause.where or clause.prefix("g:") or clause.place() or clause.limit() or measures_in(clause.items):
        return None
    small = all(
        item.has(
            "stop",
            "r:worst",
            "r:best",
            "r:big",
            "r:small",
            "and",
            "one",
            "res:win",
            "res:loss",
            "loss",
            "profit",
            "but",
            "q:which",
            "r:long",
            "r:short",
        )
        for item in clause.items
    )
    if not small or not clause.prefix("r:") or last.intent not in ("trades", "groups", "trade"):
        return None
    order = _flipped(clause, "" if clause.prefix("r:") else last.order)
    if not order:
        order = "least" if clause.has("r:small", "r:short") else "most"
    if last.intent == "trade":
        return Part("trades", order=order, limit=1, topic="pnl")
    if clause.has("trade", "res:win", "res:loss") and last.intent == "groups":
        return None
    return replace(last, order=order, place=0)


def _other_number(clause: Clause, parts: Sequence[Part], last: Part, _ids: tuple[int, ...]) -> Part | None:
    """And with 3 %? And the worst 10?"""
    numbers = [item for item in clause.items if item.kind == "number" and item.value is not None]
    if len(numbers) != 1 or clause.where or (parts and parts[0].intent != "what_if"):
        return None
    value = numbers[0].value or 0.0
    rest = [
        item
        for item in clause.meaningful
        if item is not numbers[0]
        and not item.has(
            "and",
            "u:pct",
            "stop",
            "op:in",
            "if",
            "u:hour",
            "u:minute",
            "u:day",
            "u:money",
            "one",
            "u:x",
            "op:lt",
            "op:after",
            "op:gt",
            "trade",
            "instead",
        )
    ]
    if rest or parts:
        return None
    if last.intent == "what_if" and last.what_if is not None and len(last.what_if.params) >= 1:
        name = next(
            (
                key
                for key, held in last.what_if.params.items()
                if isinstance(held, (int, float)) and not isinstance(held, bool)
            ),
            None,
        )
        if name is not None:
            return replace(
                last,
                what_if=WhatIf(
                    last.what_if.kind,
                    {
                        **last.what_if.params,
                        name: int(value) if name in ("count", "worst", "best", "losses") else value,
                    },
                ),
            )
    if last.intent in ("trades", "groups") and value == int(value) and 1 <= value <= 200:
        return replace(last, limit=int(value), place=0)
    return None


def _more(clause: Clause, parts: Sequence[Part], last: Part, ids: tuple[int, ...]) -> Part | None:
    """Tell me more."""
    if not clause.has("q:more") or clause.where or measures_in(clause.items) or clause.place():
        return None
    if last.intent in ("trade", "trades", "reasoning") and ids:
        return Part("trade", where=(Condition("trade", ids[0]),))
    if last.intent == "rules":
        return replace(last, place=1)
    return Part("why" if last.intent == "why" else "overview", where=last.where)
