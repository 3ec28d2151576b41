"""A question → its plan: the clauses it has, what each asks, and which conditions they share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from backend.agents.offline.understanding.clause import Clause
from backend.agents.offline.understanding.conditions import ConditionReader, Found
from backend.agents.offline.understanding.heads import read_part
from backend.agents.offline.understanding.items import Item
from backend.agents.offline.understanding.language import language_of
from backend.agents.offline.understanding.plan import Condition, Part, Plan, Statistic, Wanted
from backend.agents.offline.understanding.tagging import items_of
from backend.agents.offline.understanding.vocabulary import RunVocabulary

_SENTENCE = re.compile(r"[?!;。？！；]|\.(?:\s|$)")
_PAUSE = re.compile(r"[,:、，：]| [–—-] ")
# "Number of trades" is a noun, "how many trades" asks.
_NUMBER_OF = ("number", "count", "anzahl", "nombre", "numero", "número")
_MOST_PARTS = 6
# Words whose clause is one supposition to its end.
_WHOLE = ("if", "q:why", "share")


class Reader:
    """Reads one question of a conversation. `ids` are the trades a pronoun stands for."""

    def __init__(self, text: str, run: RunVocabulary, earlier: Sequence[str] = (), ids: Sequence[int] = ()) -> None:
        self.language = language_of(text, earlier)
        self.line, self.items = items_of(text, self.language, run)
        self.run = run
        self.ids = tuple(ids)
        self.hypothetical = _hypothetical(self.items)
        self._reader = ConditionReader(self.items, run, hypothetical=self.hypothetical)
        self.found = self._reader.read()

    def clauses(self) -> list[Clause]:
        """The clauses, parted at sentence ends, pauses and "and" where both sides ask something."""
        return [clause for sentence in self._sentences() for clause in self._clauses_of(sentence)]

    def parts(self) -> list[Part]:
        """What each clause asks, neighbours that ask of the same trades taken together."""
        return _merged(self._read(self.clauses()))

    def whole(self) -> Clause:
        """The question as one clause."""
        return self._clause(0, len(self.items))

    def _clause(self, first: int, end: int, separator: str = "") -> Clause:
        inside = [one for one in self.found if first <= one.first < end]
        items = [item for place, item in enumerate(self.items[first:end], first) if place not in self._reader.taken]
        return Clause(items, [one.condition for one in inside], self.hypothetical, separator)

    def _sentences(self) -> list[tuple[int, int]]:
        return self._parted(0, len(self.items), _SENTENCE)

    def _between(self, place: int) -> str:
        return self.line[self.items[place - 1].end : self.items[place].start] if place else ""

    def _parted(self, first: int, end: int, sign: re.Pattern[str]) -> list[tuple[int, int]]:
        cuts = [place for place in range(first + 1, end) if sign.search(self._between(place))]
        bounds = [first, *cuts, end]
        return [(a, b) for a, b in pairwise(bounds) if b > a]

    def _clauses_of(self, sentence: tuple[int, int]) -> list[Clause]:
        first, end = sentence
        held = self.items[first:end]
        if any(item.has("if", "q:why") for item in held) and not any(
            item.has("un:future", "q:define") for item in held
        ):
            tail = self._after_condition(first, end)
            return (
                [self._clause(first, end)]
                if tail is None
                else [self._clause(first, tail), self._clause(tail, end, "and")]
            )
        cuts = []
        for place in range(first + 1, end):
            if any(one.first < place <= one.last for one in self.found):
                continue
            paused = _PAUSE.search(self._between(place)) is not None
            joined = self.items[place].has("and") and place not in self._reader.taken
            if paused or joined:
                cuts.append(place)
        bounds = [first, *cuts, end]
        return [
            self._clause(a, b, self._between(a).strip() or ("and" if a and self.items[a].has("and") else ""))
            for a, b in pairwise(bounds)
            if b > a
        ]

    def _after_condition(self, first: int, end: int) -> int | None:
        """Where a second question begins behind a supposition: "… without fees, and what was my win rate?"."""
        for place in range(first + 2, end - 1):
            if self.items[place].has("and") and _PAUSE.search(self._between(place)):
                rest = self.items[place:end]
                if any(item.has("q:which", "q:howmuch", "q:howmany", "q:whatis") for item in rest) and not any(
                    item.has("if", "v:win", "pron:it") for item in rest
                ):
                    return place
        return None

    def _read(self, clauses: Sequence[Clause]) -> list[Part]:
        joined = _joined(clauses, self.run, self.ids)
        parts = []
        for clause in joined:
            part = read_part(clause, self.run, self.ids)
            if part is not None:
                parts.append(part)
        return parts[:_MOST_PARTS]


def _hypothetical(items: Sequence[Item]) -> bool:
    if any(item.has("if") for item in items):
        return True
    if any(item.has("should") for item in items) and any(item.has("without", "wi:stop", "only") for item in items):
        return True
    changed = any(item.has("wi:half", "wi:double", "wi:trailing", "wi:target", "wi:stop") for item in items)
    numbered = any(item.kind == "number" for item in items)
    without = any(item.has("without") for item in items)
    about_costs = any(item.has("m:fees", "m:funding") for item in items)
    ranked = any(item.has("r:worst", "r:best", "r:big") for item in items)
    if without and ranked:
        return not (about_costs and any(item.has("trade", "res:win", "res:loss") for item in items))
    if without and about_costs and not ranked:
        return True
    if any(item.has("wi:perday") for item in items) and numbered and any(item.has("trade") for item in items):
        return not any(item.has("q:howmany", "s:mean") for item in items)
    if without and any(item.has("pron:it") for item in items):
        return True
    return (
        changed
        and (numbered or any(item.has("wi:half", "wi:double") for item in items))
        and not any(item.has("half1", "half2", "wi:stopped") for item in items)
    )


def _joined(clauses: Sequence[Clause], run: RunVocabulary, ids: tuple[int, ...]) -> list[Clause]:
    """Clauses that ask nothing by themselves go to a neighbour: conditions ahead to all, the rest to the one before."""
    held: list[Clause] = []
    ahead: list[Clause] = []
    for clause in clauses:
        alone = read_part(clause, run, ids)
        asks = alone is not None and not _only_an_addition(clause, bool(held))
        if asks and held and alone is not None and alone.intent == "courtesy":
            continue
        if asks:
            leading = Clause([], [], clause.hypothetical)
            for one in ahead:
                leading = _together(leading, one)
            joined = _together(leading, clause)
            joined.separator = clause.separator
            if (held and not clause.where and not ahead) or (ahead and held and not clause.where):
                _inherit(held[-1], joined)
            held.append(joined)
            ahead = [one for one in ahead if one.where and not one.items] if not ahead or held else ahead
        elif held:
            held[-1] = _together(held[-1], clause)
        else:
            ahead.append(clause)
    if not held and ahead:
        merged = ahead[0]
        for one in ahead[1:]:
            merged = _together(merged, one)
        return [merged]
    leading_courtesy = [c for c in held if (p := read_part(c, run, ids)) is not None and p.intent == "courtesy"]
    if leading_courtesy and len(held) > len(leading_courtesy):
        held = [c for c in held if c not in leading_courtesy]
    _share_forward(clauses, held)
    _share_back(held)
    return held


def _share_forward(clauses: Sequence[Clause], held: Sequence[Clause]) -> None:
    """Conditions of a clause that stood ahead of all ("August 2024 only: …") hold for every part."""
    if len(held) < 2 or not clauses:
        return
    first = clauses[0]
    shared = (
        first.where
        if first.where
        and not [
            item
            for item in first.meaningful
            if not item.has("only", "op:in", "all", "trade", "v:open", "v:hold", "op:gt", "and", "u:hour", "op:lt")
        ]
        else []
    )
    for clause in held[1:]:
        if not clause.where:
            clause.where = list(shared)


def _share_back(held: Sequence[Clause]) -> None:
    """ "Net result and win rate for August": a bare measure takes the conditions said with the next one."""
    for clause, following in reversed(list(pairwise(held))):
        fragment = all(
            item.measures or item.has("stop", "and", "s:mean", "op:in", "q:whatis", "q:which", "trade", "q:howmany")
            for item in clause.items
        )
        asks = any(
            item.has("q:which", "q:howmuch", "q:howmany", "q:why", "q:when", "q:whatis")
            and not item.text.lower().startswith(_NUMBER_OF)
            for item in following.items
        )
        joined = following.separator in ("and", "", ",", ", and") and not asks
        if fragment and joined and not clause.where and following.where:
            clause.where = list(following.where)


def _only_an_addition(clause: Clause, follows: bool) -> bool:
    """What adds to the clause before and asks nothing of its own: "on average and at most", "and when did it happen"."""
    if not follows or clause.where:
        return False
    return (
        all(
            item.has(
                "stop",
                "s:mean",
                "s:median",
                "r:big",
                "r:small",
                "and",
                "q:when",
                "q:howlong",
                "pron:it",
                "pron:them",
                "q:howmuch",
                "q:yesno",
                "against",
                "infavour",
                "giveback",
                "q:how",
                "op:in",
                "op:lt",
                "op:gt",
                "q:which",
                "v:hold",
                "v:close",
                "v:open",
                "v:buy",
                "v:sell",
                "rank:better",
                "rank:worse",
                "share",
                "q:whatis",
                "op:between",
                "r:worst",
                "r:best",
                "m:net_pnl",
            )
            or item.kind == "unknown"
            for item in clause.items
        )
        and clause.has(
            "s:mean",
            "s:median",
            "r:big",
            "r:small",
            "q:when",
            "q:howlong",
            "against",
            "infavour",
            "giveback",
            "rank:better",
            "rank:worse",
            "share",
            "r:worst",
        )
        and not (clause.has("r:worst", "r:best") and clause.has("trade"))
        and not (clause.has("r:big") and clause.measured())
    )


def _inherit(before: Clause, clause: Clause) -> None:
    """A clause about "they" or "it" is about the trades of the one before."""
    asks_alone = all(
        item.has("q:howmany", "q:howmuch", "q:which", "stop", "and", "v:win", "v:lose", "pron:them")
        for item in clause.items
    )
    fragment = (
        asks_alone
        or not clause.has("q:which", "q:howmuch", "q:howmany", "q:why", "q:when", "q:whatis", "q:list")
        or clause.has("pron:them", "pron:it")
    )
    if before.where and fragment and not clause.has("all", "q:summary"):
        clause.where = list(before.where)


def _together(first: Clause, second: Clause) -> Clause:
    where = [*first.where, *(one for one in second.where if one not in first.where)]
    return Clause([*first.items, *second.items], where, first.hypothetical or second.hypothetical, first.separator)


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Measures of the same trades in one part; best and worst of the same groups as both."""
    held: list[Part] = []
    for part in parts:
        before = held[-1] if held else None
        if before is None:
            held.append(part)
        elif part == before:
            continue
        elif before.intent == "overview" and part.intent in ("figures", "compare") and before.where == part.where:
            held[-1] = part
        elif (
            part.intent == before.intent
            and part.intent in ("figures", "compare")
            and (part.where, part.groups) == (before.where, before.groups)
        ):
            wanted = (*before.wanted, *(one for one in part.wanted if one not in before.wanted))
            held[-1] = replace(before, wanted=wanted, include_open=before.include_open or part.include_open)
        elif (
            part.intent == before.intent == "groups"
            and (part.dimension, part.where, part.wanted) == (before.dimension, before.where, before.wanted)
            and {part.order, before.order} == {"best", "worst"}
        ):
            held[-1] = replace(before, order="both")
        elif (
            before.intent in ("trade", "trades")
            and part.intent == "figures"
            and (not part.where or part.where == before.where)
            and all(one.measure in TRADE_FIELDS for one in part.wanted)
            and not any(one.measure == "net_pnl" for one in part.wanted)
        ):
            names = (*before.names, *(TRADE_FIELDS[one.measure] for one in part.wanted))
            held[-1] = replace(before, names=tuple(dict.fromkeys(names)))
        else:
            held.append(part)
    return held


# What a measure is called as a field of one trade.
TRADE_FIELDS = {"holding": "holding", "mae": "mae", "mfe": "mfe", "leverage": "leverage", "giveback": "giveback", "entry_price": "entry_price",
                "exit_price": "exit_price", "return": "return_pct", "quantity": "quantity", "stake": "stake", "net_pnl": "net_pnl", "stop_price": "stop_price"}  # fmt: skip


def read_alone(
    text: str, run: RunVocabulary, earlier: Sequence[str] = (), ids: Sequence[int] = ()
) -> tuple[Plan, Reader]:
    """The plan of a question by itself, with how it was read."""
    reader = Reader(text, run, earlier, ids)
    parts = tuple(reader.parts())
    return Plan(text, reader.language, parts or (Part("unclear"),), unread=_unread(reader)), reader


def _unread(reader: Reader) -> tuple[str, ...]:
    """Words of the question that nothing was made of."""
    return tuple(dict.fromkeys(item.text for item in reader.items if item.kind == "unknown" and len(item.text) > 1))


__all__ = ["Condition", "Found", "Reader", "Statistic", "Wanted", "read_alone"]
