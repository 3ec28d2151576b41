"""What the words around a number say that it is: its label.

A passage is read from left to right. Words belong to the number they stand beside: behind it up to the next comma,
bracket, conjunction or verb, else before the next number. What a number's own words do not say is said by the words
before (ellipsis: "longs won 69.8 %, shorts 57.1 %"), by the sentence before (pronouns), the list's lead-in or the heads
of the table's row and column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from backend.analysis.figure_check.facets import Facets, Relation, Result, Taken, possible
from backend.analysis.figure_check.lexicon import Mention
from backend.analysis.figure_check.scopes import WHOLE, TradeSet, merged, part, rest_of
from backend.analysis.numerals import Numeral

_BREAK = re.compile(
    r"[,;()\[\]|—，；（）、。]|(?<=\s)[–-](?=\s)|:(?=\s|$)|：|(?i:\b(?:and|but|while|whereas|against|vs|versus|because|so|or|compared with|compared to|although|though|yet|instead of|than"
    r"|und|aber|während|gegen|gegenüber|sondern|y|pero|mientras|frente a|contra|et|mais|tandis que|contre|mas|enquanto|e)\b)|而|但|对|和|与"
)
_STRONG = re.compile(
    r"[;。；]|(?i:\b(?:but|while|whereas|although|though|aber|während|pero|mientras|mais|tandis que|enquanto)\b)|而|但"
)
# Words that join what comes before them to the number behind them.
_LEADS = re.compile(
    r"(?i)(?:\b(?:of|is|was|were|are|at|to|by|on|equals|reached|hit|von|war|ist|bei|auf|waren|lag|liegt|de|es|fue|era|est|était|foi|é|do|da)|[:=≈~：]|是|为|为了)\s{0,8}[*_~≈(+$€£¥−-]{0,8}\s{0,8}$"
)
_ONLY_JOINS = re.compile(
    r"(?i)[\s*_%$€£¥(]{0,8}(?:,|and|und|y|et|e|/|&|or|vs\.?|versus|against|和|与|、)?[\s*_]{0,8}(?:and|und|et)?[\s*_$€£¥+−(-]{0,8}"
)
_OF_THEM = re.compile(
    r"(?i)[\s*_]*(?:of (?:them|these|those|which)|won|lost|closed|gewonnen|verloren|davon|de ellas|d'entre eux|delas)\b"
)
_PART_OF = re.compile(
    r"(?i)[\s*_]*(?:of|out of|/|von|de|sur|aus|das|in|dos)(?:\s+(?:the|all|its|those|these|den|der|las|los|les|as|os|deren|total))*[\s*_]*"
)
_TRADE_HINT = re.compile(
    r"(?i)\b(?:one|a|an|another|single|two|three|second|third|next|this|that|worst|best|largest|biggest|top)\s+(?:\w+\s+){0,2}?(?:trades?|positions?|shorts?|longs?|losers?|winners?|loss|win|entry|stop-outs?)\b|#\d|\balone\b"
    r"|\b(?:schlechteste|beste|größte|peor|mejor|mayor|pire|meilleur|plus gros|plus grosse|pior|melhor|maior)|最[大差佳好]"
)


@dataclass(slots=True)
class Label:
    """What is said of one number. `scopes` are the sets of trades it may be of, likeliest first; `own_scope` and
    `own_quantity` whether its own words say so, not words further off."""

    quantities: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    taken: Taken | None = None
    result: Result | None = None
    phase: str | None = None
    sign: int = 0
    scopes: tuple[TradeSet, ...] = (WHOLE,)
    own_scope: bool = False
    own_quantity: bool = False
    trades: frozenset[str] = frozenset()
    rule: str | None = None
    hints_at_trade: bool = False
    relations: frozenset[Relation] = frozenset()
    base: bool = False
    bracketed: bool = False
    soft_taken: Taken | None = None
    names_something: bool = False
    limits: bool = False


@dataclass(slots=True)
class Context:
    """What words further off say: the sentence before, the heading, the list's lead-in."""

    facets: Facets = field(default_factory=Facets)
    scope: TradeSet = WHOLE
    lead_scope: TradeSet = WHOLE
    lead: Facets = field(default_factory=Facets)
    rule: str | None = None
    trades: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Said:
    """Mentions put together."""

    quantities: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    taken: Taken | None = None
    result: Result | None = None
    phase: str | None = None
    sign: int = 0
    scope: dict[str, tuple[set[str], bool]] = field(default_factory=dict)
    rest: bool = False
    whole: bool = False
    relations: frozenset[Relation] = frozenset()
    trades: frozenset[str] = frozenset()
    rule: str | None = None
    weak: bool = False

    def take(self, facets: Facets, unit: str | None = None) -> None:
        """Add a mention, the nearest first. Later ones fill in what it leaves open, and what names a quantity of its own
        ("gross", "fees") goes before verbs and counted nouns ("made", "trades"). `unit` is that of the number: words
        of what it can't be are passed over."""
        quantities = facets.quantities if unit is None else possible(facets.quantities, unit)
        if unit in ("pct", "bp") and "count" in facets.quantities and facets.result in ("win", "loss"):
            quantities = frozenset({"rate" if facets.result == "win" else "loss_rate"})
        if quantities:
            weak = facets.verb or (quantities == {"count"} and facets.result is None)
            if not self.quantities or (self.weak and not weak):
                keep = self.quantities & quantities
                self.quantities = keep or quantities
                self.measures = facets.measures
                self.weak = weak
                if facets.result and (not facets.verb or quantities != {"pnl"}):
                    self.result = self.result or facets.result
            elif self.quantities & quantities:
                self.quantities &= quantities
                self.measures |= facets.measures
                self.result = self.result or (None if facets.verb else facets.result)
        elif facets.result and not facets.verb:
            self.result = self.result or facets.result
        self.taken = self.taken or facets.taken
        self.phase = self.phase or facets.phase
        self.sign = self.sign or facets.sign
        self.rest |= facets.rest
        self.whole |= facets.whole
        self.relations |= facets.relations
        for key, value in facets.scope:
            if key == "trade":
                self.trades |= {value}
            elif key == "rule":
                self.rule = self.rule or value
            elif key == "open":
                self.result = self.result or "open"
            elif key == "result":
                continue
            else:
                self.scope.setdefault(key, (set(), False))[0].add(value)

    def trade_set(self) -> TradeSet:
        """The conditions said."""
        months = self.scope.get("month")
        parts = [
            part(key, values)
            for key, (values, _) in self.scope.items()
            if not (key == "month" and months and len(months[0]) > 1)
        ]
        return frozenset(parts)


def label_passage(
    text: str, start: int, end: int, numerals: Sequence[Numeral], mentions: Sequence[Mention], context: Context
) -> list[Label]:
    """A label for each number of a sentence, in order; `context` is brought up to date for what follows."""
    if not numerals:
        said = _put_together(mentions)
        _carry(context, said, said.trade_set())
        return []
    before, after = _share_out(text, start, end, numerals, mentions)
    for i in range(len(numerals) - 1, 0, -1):
        # "11,019 (65.6 %) went to fees": what follows the bracket is of both.
        if re.fullmatch(
            r"[\s*_]*[(（][\s~≈*_]*", text[numerals[i - 1].end : numerals[i].start + 1].rstrip("0123456789")
        ):
            after[i - 1] = [*after[i - 1], *after[i]]
    distributed = _respectively(text, numerals, before, after)
    labels: list[Label] = []
    running = _Running(context)
    for i, numeral in enumerate(numerals):
        own = distributed.get(i) or _nearest_first(text, start, numeral, after[i], before[i])
        labels.append(running.label(text, numeral, own, first=i == 0, start=start, end=end))
    _parts_of_wholes(text, numerals, labels, after, end)
    _subjects_behind(labels, numerals, mentions)
    _before_and_after(text, numerals, labels)
    running.finish(mentions)
    return labels


def _nearest_first(
    text: str, start: int, numeral: Numeral, after: list[Mention], before: list[Mention]
) -> list[Mention]:
    """The words of a number by how near they are; where they lead up to it ("a win rate of"), those before it first."""
    leads = any(one.facets.quantities for one in before[-3:]) and _LEADS.search(
        text, max(start, numeral.start - 24), numeral.start
    )
    joined = [one for one in after if one.start - numeral.end <= 2 and not one.facets.verb]
    if leads and not (joined and possible(joined[0].facets.quantities, numeral.unit) not in (frozenset(), {"count"})):
        return [*reversed(before), *after]
    return [*after, *reversed(before)]


def _put_together(mentions: Sequence[Mention]) -> _Said:
    said = _Said()
    for mention in mentions:
        said.take(mention.facets)
    return said


def _carry(context: Context, said: _Said, scope: TradeSet) -> None:
    if said.whole and not scope:
        context.scope = WHOLE
    elif scope:
        context.scope = rest_of(scope) if said.rest else scope
    if said.rule:
        context.rule = said.rule
    if said.trades:
        context.trades = said.trades
    if said.quantities:
        context.facets = Facets(quantities=said.quantities, taken=said.taken, result=said.result, phase=said.phase)


class _Running:
    """What has been said so far in a sentence."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._scope: TradeSet | None = None
        self._said: _Said | None = None
        self._earlier: list[_Said] = []
        self._rule = context.rule
        self._trades: frozenset[str] = frozenset()

    def label(self, text: str, numeral: Numeral, own: list[Mention], *, first: bool, start: int, end: int) -> Label:
        said = _Said()
        for mention in own:
            if mention.facets.ends and not _stands_at(text, mention, numeral):
                continue
            said.take(
                mention.facets,
                "decimal"
                if numeral.unit == "plain" and numeral.tolerance < 0.5 and numeral.other is None
                else numeral.unit,
            )
        label = Label(own_quantity=bool(said.quantities), relations=said.relations, sign=said.sign)
        label.quantities, label.measures = said.quantities, said.measures
        label.taken, label.result, label.phase = said.taken, said.result, said.phase
        if (
            numeral.unit == "plain"
            and numeral.tolerance == 0.5
            and said.weak
            and "pnl" in said.quantities
            and self._said is not None
            and self._said.quantities == {"count"}
        ):
            # "Of 137 trades 52 lost".
            said.quantities = label.quantities = frozenset({"count"})
        if numeral.unit == "plain" and numeral.tolerance == 0.5 and _OF_THEM.match(text, numeral.end):
            said.quantities = label.quantities = frozenset({"count"})
            label.own_quantity = True
        label.limits = any("limit" in mention.facets.quantities for mention in own)
        if label.quantities == {"count"} and label.result is None:
            label.result = _verb_behind([mention for mention in own if mention.start >= numeral.end])
        if not said.quantities and said.taken == "avg" and numeral.unit in ("money", "plain"):
            said.quantities = label.quantities = frozenset({"pnl"})
            label.own_quantity = True
        label.names_something = any(mention.facets.quantities for mention in own)
        if self._said is not None and said.quantities and said.taken is None:
            # "Wins averaged 812, losses 1,296": both may be averages.
            label.soft_taken = self._said.taken
        if numeral.unit == "pct" and said.taken == "max" and (said.weak or not said.quantities):
            # "The worst of them makes 16 % of that".
            said.quantities = label.quantities = _LOSS_SHARES
        if numeral.unit == "pct" and _OF.match(text, numeral.end):
            label.relations |= {"share"}
        self._inherit(label, said, numeral.unit)
        if numeral.unit == "count" and not said.quantities and not possible(label.quantities, "count"):
            # "53 longs": what stands behind it is counted.
            label.quantities, label.taken, label.own_quantity = frozenset({"count"}), None, True
            label.result = said.result
        label.scopes, label.own_scope = self._scopes(said)
        label.rule = said.rule or self._rule
        label.trades = said.trades or self._trades
        lead = text[max(start, numeral.start - 3) : numeral.start].strip(" *_~≈+−-")
        label.bracketed = (
            text[numeral.start] in "(（" or lead[-1:] in ("(", "（", "[") or (not own and lead[-1:] in (":", ",", "–"))
        )
        near = text[max(start, numeral.start - 90) : min(end, numeral.end + 40)]
        label.hints_at_trade = bool(_TRADE_HINT.search(near)) or bool(label.trades)
        self._rule, self._trades = label.rule, said.trades or self._trades
        if said.quantities:
            self._said = said
            self._earlier = [*self._earlier[-3:], said]
        return label

    def _inherit(self, label: Label, said: _Said, unit: str) -> None:
        if said.quantities:
            return
        # The nearest words before that a number of this unit may have: "3,878 net over 53 trades, against 1,992".
        earlier = next((one for one in reversed(self._earlier) if possible(one.quantities, unit)), self._said)
        source: _Said | Facets
        if earlier is not None:
            source = earlier
        elif self._context.lead.quantities:
            source = self._context.lead
        else:
            source = self._context.facets
        label.quantities = possible(source.quantities, unit)
        if "break_even_win_rate" in source.quantities:
            label.quantities |= {"rate"}
        if label.quantities & _LOSS_SHARES:
            label.quantities = _LOSS_SHARES
            label.measures = frozenset()
            return
        label.measures = source.measures
        label.taken = label.taken or source.taken
        label.phase = label.phase or source.phase
        if label.result is None and not said.whole:
            label.result = source.result

    def _scopes(self, said: _Said) -> tuple[tuple[TradeSet, ...], bool]:
        own = said.trade_set()
        outer = self._scope if self._scope is not None else self._context.scope or self._context.lead_scope
        if said.rest:
            base = own or outer
            scope = rest_of(base) if len(base) == 1 else base
            if own or outer:
                self._scope = scope
                return (scope,), True
        if own:
            self._scope = own
            wider = merged(own, outer)
            lead = merged(own, self._context.lead_scope)
            return tuple(dict.fromkeys((own, wider, lead))), True
        if said.whole:
            self._scope = WHOLE
            return (WHOLE,), True
        return tuple(dict.fromkeys((outer, self._context.lead_scope, WHOLE))), False

    def finish(self, mentions: Sequence[Mention]) -> None:
        """Leave behind what the next sentence may refer to."""
        said = _put_together(mentions)
        if self._scope is not None:
            self._context.scope = self._scope
        if said.rule:
            self._context.rule = said.rule
        if self._said is not None:
            self._context.facets = Facets(
                quantities=self._said.quantities,
                taken=self._said.taken,
                result=self._said.result,
                phase=self._said.phase,
            )


def _share_out(
    text: str, start: int, end: int, numerals: Sequence[Numeral], mentions: Sequence[Mention]
) -> tuple[list[list[Mention]], list[list[Mention]]]:
    """(mentions before, mentions behind) that belong to each number."""
    count = len(numerals)
    before: list[list[Mention]] = [[] for _ in range(count)]
    after: list[list[Mention]] = [[] for _ in range(count)]
    edges = [start, *(numeral.end for numeral in numerals)]
    at = 0
    for i in range(count + 1):
        gap_start, gap_end = edges[i], numerals[i].start if i < count else end
        inside: list[Mention] = []
        while at < len(mentions) and mentions[at].start < gap_end:
            if mentions[at].start >= gap_start:
                inside.append(mentions[at])
            at += 1
        if i == 0:
            before[0] = inside
        elif i == count:
            after[count - 1] = _behind_last(text, gap_start, inside, numerals[count - 1])
        else:
            after[i - 1], before[i] = _between(text, gap_start, gap_end, inside, numerals[i - 1])
    return before, after


def _behind_last(text: str, start: int, inside: list[Mention], numeral: Numeral) -> list[Mention]:
    """Words behind the last number of a sentence: its own up to a break, all of them if they stand without one."""
    kept = []
    place = start
    for mention in inside:
        if _STRONG.search(text, place, mention.start):
            break
        breaks = len(_BREAK.findall(text, place, mention.start))
        if breaks and not text[start : mention.start].lstrip(" *_%").startswith(")"):
            break
        if breaks > 1:
            break
        kept.append(mention)
        place = mention.end
    return kept


def _between(
    text: str, start: int, end: int, inside: list[Mention], numeral: Numeral
) -> tuple[list[Mention], list[Mention]]:
    """Words between two numbers: what belongs to the first, and to the second."""
    if not inside:
        return [], []
    # The first break that is not the end of a bracket the number stands in.
    first = next(
        (
            found
            for found in _BREAK.finditer(text, start, end)
            if not (found[0] in ")）]" and not text[start : found.start()].strip(" *_%"))
        ),
        None,
    )
    if first is not None:
        left = [mention for mention in inside if mention.end <= first.start()]
        right = [mention for mention in inside if mention.start >= first.end() or mention.end > first.start()]
        return left, right
    left = []
    place = start
    for mention in inside:
        gap = text[place : mention.start].strip(" *_`’'s\u00a0")
        if (
            mention.facets.quantities
            and not mention.facets.scope
            and re.match(r"(?i)\s*(?:of|von|de|do|da|del|du)\b", text[start : mention.end])
            and not text[mention.end : end].strip(" *_$€£¥(−-")
        ):
            # "65.6 % of the gross 16,799".
            break
        if mention.facets.verb or not (
            gap == ""
            or re.fullmatch(
                r"(?i)(?:in|of|the|for|on|from|at|de|der|des|in the|of the|closed|net|in total|with|du|do|da|dos|las|los|bei|am|im|aus|的|个)?",
                gap,
            )
        ):
            break
        last = not any(later.facets.quantities for later in inside if later.start > mention.start)
        if left and last and mention.facets.quantities and _LEADS.search(text[mention.end : end]):
            # "5,814 exceeds the gross of 3,085": the word before "of" is of what follows.
            break
        left.append(mention)
        place = mention.end
    right = inside[len(left) :]
    return left, right


def _respectively(
    text: str, numerals: Sequence[Numeral], before: list[list[Mention]], after: list[list[Mention]]
) -> dict[int, list[Mention]]:
    """ "A and B were x and y": the first name for the first number, the second for the second."""
    found: dict[int, list[Mention]] = {}
    for i, mentions in enumerate(before):
        if i in found or len(mentions) < 2:
            continue
        run = 1
        while (
            i + run < len(numerals)
            and not before[i + run]
            and _ONLY_JOINS.fullmatch(text[numerals[i + run - 1].end : numerals[i + run].start])
        ):
            run += 1
        if run < 2:
            continue
        names = _coordinated(text, mentions, run)
        if names is None:
            continue
        shared = [mention for mention in mentions if all(mention is not name for name in names)]
        for k in range(run):
            head = names[0].facets
            name = names[k]
            if k and head.quantities and name.facets.quantities and head.taken and not name.facets.taken:
                name = replace(name, facets=replace(name.facets, taken=head.taken))
            found[i + k] = [name, *reversed(shared), *(after[i + k])]
    return found


_JOINED = re.compile(r"(?i),|\b(?:and|und|y|et|e|or|vs|versus|against|than|que|als)\b|/|&|和|与|、")


def _coordinated(text: str, mentions: list[Mention], count: int) -> list[Mention] | None:
    """So many neighbouring mentions of one kind, joined by commas, "and" or "than"; the last such group before the
    number."""
    names = [mention for mention in mentions if mention.facets.scope or mention.facets.quantities]
    for last in range(len(names), count - 1, -1):
        group = names[last - count : last]
        gaps = [text[a.end : b.start] for a, b in pairwise(group)]
        if all(len(gap) <= 40 and _JOINED.search(gap) for gap in gaps) and _same_kind([one.facets for one in group]):
            return group
    return None


def _same_kind(group: list[Facets]) -> bool:
    keys = {tuple(key for key, _ in facets.scope) for facets in group}
    if len(keys) == 1 and next(iter(keys)):
        return len({facets.scope for facets in group}) == len(group)
    return all(facets.quantities for facets in group) and len(
        {(facets.quantities, facets.measures, facets.taken, facets.result) for facets in group}
    ) == len(group)


_OF = re.compile(r"(?i)[\s*_]*(?:of|von|des|der|de|del|du|da|do)\b")
_IS = re.compile(r"(?i)\b(?:were|was|are|is|waren|sind|eran|fueron|étaient|sont|eram|foram|opened|ended|hit)\b")


def _parts_of_wholes(
    text: str, numerals: Sequence[Numeral], labels: list[Label], after: list[list[Mention]], end: int
) -> None:
    """ "44 of 53 trades won": the first counts the wins among the second; the second counts all of them."""
    for i in range(len(numerals) - 1):
        between = text[numerals[i].end : numerals[i + 1].start]
        if _OVER.fullmatch(between) and labels[i + 1].own_scope and not labels[i].own_scope:
            # "against −339.52 over 15 short trades".
            labels[i].scopes, labels[i].own_scope = labels[i + 1].scopes, True
            continue
        if not _PART_OF.fullmatch(between):
            continue
        part_label, whole_label = labels[i], labels[i + 1]
        if numerals[i].unit not in ("plain", "count") or numerals[i + 1].unit not in ("plain", "count"):
            if numerals[i].unit == "pct":
                # "57 % of 84 trades": the verb is of the percentage.
                whole_label.base = True
                whole_label.result = None
                if not whole_label.own_quantity:
                    whole_label.quantities = frozenset({"count"})
                if whole_label.own_scope and not part_label.own_scope:
                    part_label.scopes, part_label.own_scope = whole_label.scopes, True
                whole_label.scopes = tuple(dict.fromkeys((*whole_label.scopes, WHOLE)))
            continue
        whole_label.base = True
        verb = _verb_behind(after[i + 1])
        part_label.quantities = frozenset({"count"})
        whole_label.quantities = frozenset({"count"})
        noun_result = next(
            (one.facets.result for one in after[i + 1] if one.facets.result and not one.facets.verb), None
        )
        if noun_result is not None:
            # "7 of the 52 losers": both among the losers.
            whole_label.result = noun_result
            part_label.result = noun_result
        else:
            result = part_label.result if part_label.result and part_label.own_quantity else verb
            part_label.result = result
            whole_label.result = None
        if whole_label.own_scope and not part_label.own_scope:
            part_label.scopes = whole_label.scopes
            part_label.own_scope = True
            scoped = next((one for one in after[i + 1] if one.facets.scope), None)
            if scoped is not None and _IS.search(text, numerals[i + 1].end, scoped.start):
                # "53 of 137 trades were long": of all trades.
                whole_label.scopes = (WHOLE,)
        elif not whole_label.own_scope:
            whole_label.scopes = tuple(dict.fromkeys((*part_label.scopes, *whole_label.scopes, WHOLE)))
        part_label.own_quantity = whole_label.own_quantity = True


_LOSS_SHARES = frozenset({"worst_trade_share", "worst_5_share", "worst_symbol_share"})
_OVER = re.compile(r"(?i)[\s*_]*(?:net\s+)?(?:over|across)[\s*_]*")
_INTO = re.compile(r"(?i)[\s*_]*(?:to|→|⇒|->|=>|auf|a|al|à|para|bis|into|到|instead of)[\s*_$€£¥]*")
_FROM = re.compile(r"(?i)(?:\b(?:from|von|de|del)\b)[\s*_$€£¥−-]*$")


def _before_and_after(text: str, numerals: Sequence[Numeral], labels: list[Label]) -> None:
    """ "From 18.3 % to 9.7 %", "−0.42 → 1.18": what a rule makes of a figure."""
    for i in range(len(numerals) - 1):
        between = text[numerals[i].end : numerals[i + 1].start]
        joined = _INTO.fullmatch(between)
        if joined and (
            _FROM.search(text, max(0, numerals[i].start - 12), numerals[i].start) or re.search("[→⇒>]", between)
        ):
            labels[i].phase, labels[i + 1].phase = "before", "after"
        elif re.fullmatch(
            r"(?i)[\s*_]*(?:instead of|rather than|statt|anstatt|en lugar de|au lieu de|em vez de)[\s*_$€£¥−-]*",
            between,
        ):
            labels[i].phase, labels[i + 1].phase = "after", "before"
        else:
            continue
        if not labels[i + 1].own_quantity:
            labels[i + 1].quantities, labels[i + 1].taken = labels[i].quantities, labels[i].taken
        elif not labels[i].own_quantity:
            labels[i].quantities = labels[i + 1].quantities


def _stands_at(text: str, mention: Mention, numeral: Numeral) -> bool:
    """Whether a word such as "before" stands right at a number, as a label and not as a preposition."""
    if mention.start >= numeral.end:
        follows = re.match(r"\s*(?:[,;.)|\]]|$)", text[mention.end : mention.end + 4])
        return follows is not None and not re.search(r"\w", text[numeral.end : mention.start])
    return numeral.start - mention.end <= 3


def _subjects_behind(labels: list[Label], numerals: Sequence[Numeral], mentions: Sequence[Mention]) -> None:
    """ "With a hit rate of 58 %, Mondays were nothing special": whom a sentence is about may come behind its numbers."""
    if any(label.own_scope for label in labels):
        return
    said = _put_together([mention for mention in mentions if mention.start >= numerals[-1].end])
    behind = said.trade_set()
    if behind and not said.rest:
        for label in labels:
            label.scopes = tuple(dict.fromkeys((behind, *label.scopes)))


def _verb_behind(mentions: list[Mention]) -> Result | None:
    for mention in mentions:
        if mention.facets.verb and mention.facets.sign:
            return "win" if mention.facets.sign > 0 else "loss"
    return None
