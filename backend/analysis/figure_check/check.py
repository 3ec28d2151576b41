"""The figure check: every number of an answer against the numbers that tools declared, by value, unit and label.

`verified`: value, unit, measure and scope agree with one named number. `derived`: one step from named numbers gives it,
under a label that fits. `found`: the value occurs at a precision that chance does not explain, but the clause names
nothing that it could be checked against. `unverified`: otherwise, with `why`, and `belongs_to` where another label is
right. It flags; it never edits or refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from backend.analysis.figure_check.facets import Facets
from backend.analysis.figure_check.facts import Facts, gather_facts, named_trade_exists
from backend.analysis.figure_check.judge import Verdict, Why, judge, source_of
from backend.analysis.figure_check.labels import Context, Label, label_passage
from backend.analysis.figure_check.layout import Passage, passages
from backend.analysis.figure_check.lexicon import Lexicon, Mention
from backend.analysis.figure_check.names import HOUR_HEADS, names_of, special_mentions
from backend.analysis.figure_check.relations import Operand, derive, named_values
from backend.analysis.named_numbers import ToolResult
from backend.analysis.number_index import index_numbers
from backend.analysis.numerals import Numeral, read_numerals, utf16_offsets
from backend.analysis.steps import Steps, made_by

FigureStatus = Literal["verified", "derived", "found", "unverified"]
_EARLIER_OPERANDS = 5
_RANK_HEADS = frozenset({"#", "rank", "no", "nr", "id", "date", "trade", "hour", "year", "month", "day"})


@dataclass(frozen=True, slots=True)
class FigureCheck:
    """One figure of an answer. `start` and `end` are UTF-16 code units; `source` says where a figure is from:
    {"tool", "id", "path", "value", "trade_ids"}, "trades" where a question to the list of trades answers all of them
    (the ids are at most 50), and for derived ones "inputs", the sources it is worked out from. `why` and `belongs_to`
    are of what is unverified.
    """

    text: str
    start: int
    end: int
    status: FigureStatus
    source: dict[str, Any] | None
    why: Why | None = None
    belongs_to: str | None = None


@dataclass(slots=True)
class _Read:
    """One number with its label and the verdict on it."""

    numeral: Numeral
    label: Label
    verdict: Verdict
    passage: int
    row: int = -1
    column: int = -1
    table: int = -1
    quantities: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(slots=True)
class _Named:
    """A trade that the answer names by its number."""

    start: int
    end: int
    verdict: Verdict
    trade: str = ""


@dataclass(slots=True)
class _Reader:
    text: str
    facts: Facts
    lexicon: Lexicon
    numerals: list[Numeral]
    context: Context = field(default_factory=Context)
    read: list[_Read] = field(default_factory=list)
    trades: list[_Named] = field(default_factory=list)
    at: int = 0
    heads: dict[tuple[int, int], list[Mention]] = field(default_factory=dict)


def check_figures(text: str, results: Sequence[ToolResult]) -> list[FigureCheck]:
    """Check the numbers of an answer against tool results, in order of their places in the text."""
    return made_by(checking_figures(text, results))


def checking_figures(text: str, results: Sequence[ToolResult]) -> Steps[list[FigureCheck]]:
    """As `check_figures`, in steps of about a millisecond at most."""
    index = yield from index_numbers(results)
    facts = yield from gather_facts(index)
    currencies = {number.currency for number in index.numbers if number.currency}
    numerals = yield from read_numerals(text, currencies)
    reader = _Reader(text, facts, names_of(facts), numerals)
    yield
    for number, passage in enumerate(passages(text)):
        if passage.kind == "cell":
            _read_cell(reader, passage, number)
        else:
            _read_sentence(reader, passage, number)
        yield
    yield from _derive_all(reader)
    return (yield from _checks(reader))


def _take_numerals(reader: _Reader, passage: Passage, mentions: list[Mention]) -> list[Numeral]:
    """The numbers of a passage that are not part of a name, such as the hours of "5–30 min"."""
    found = []
    while reader.at < len(reader.numerals) and reader.numerals[reader.at].start < passage.end:
        numeral = reader.numerals[reader.at]
        reader.at += 1
        inside = any(mention.start <= numeral.start and numeral.end <= mention.end + 1 for mention in mentions)
        if numeral.start >= passage.start and not inside:
            found.append(numeral)
    return found


def _mentions(reader: _Reader, start: int, end: int) -> tuple[list[Mention], list[Mention]]:
    """(all mentions in order, those written with digits)."""
    special = special_mentions(reader.text, start, end, reader.facts)
    words = reader.lexicon.find(reader.text, start, end)
    kept = [
        mention for mention in words if not any(one.start < mention.end and mention.start < one.end for one in special)
    ]
    return sorted([*kept, *special], key=lambda mention: mention.start), special


def _read_sentence(reader: _Reader, passage: Passage, number: int) -> None:
    context, text = reader.context, reader.text
    mentions, special = _mentions(reader, passage.start, passage.end)
    numerals = _take_numerals(reader, passage, special)
    _take_trades(reader, special)
    if passage.kind == "heading":
        _lead(context, mentions)
    elif passage.item or not passage.continues:
        context.scope, context.facets = context.lead_scope, Facets()
    labels = label_passage(text, passage.start, passage.end, numerals, mentions, context)
    named = frozenset(value for mention in special for key, value in mention.facets.scope if key == "trade")
    if named or passage.kind == "heading" or (mentions and not passage.continues):
        context.trades = named if len(named) == 1 else frozenset()
    quantities = _quantities(mentions)
    for numeral, label in zip(numerals, labels, strict=True):
        shown = text[numeral.start : numeral.end]
        reader.read.append(
            _Read(numeral, label, judge(numeral, shown, label, reader.facts), number, quantities=quantities)
        )
    if text[passage.start : passage.end].rstrip(" *_\n").endswith((":", "：")):
        _lead(context, mentions)


def _lead(context: Context, mentions: list[Mention]) -> None:
    """A heading or a lead-in speaks for all that follows it."""
    fresh = Context()
    label_passage("", 0, 0, [], mentions, fresh)
    context.lead_scope, context.lead, context.rule = fresh.scope, fresh.facets, fresh.rule
    context.scope, context.facets = fresh.scope, Facets()


def _read_cell(reader: _Reader, passage: Passage, number: int) -> None:
    text = reader.text
    own, special = _mentions(reader, passage.start, passage.end)
    head_texts = [text[start:end].strip(" *_`").lower() for start, end in passage.heads]
    if passage.column == 0:
        own = [*own, *_hour_cell(reader, passage)]
    reader.heads[(passage.start, passage.end)] = own
    numerals = _take_numerals(reader, passage, special)
    _take_trades(reader, special)
    if passage.column == 0 and (_is_label_column(reader, passage) or not numerals):
        return
    mentions = list(own)
    for span in reversed(passage.heads):
        mentions += reader.heads.get(span) or _mentions(reader, *span)[0]
    outer = reader.context
    context = Context(
        scope=outer.scope or outer.lead_scope, lead_scope=outer.lead_scope, lead=outer.lead, rule=outer.rule
    )
    unit = "pct" if any("%" in head for head in head_texts) else None
    for numeral in [replace(one, unit="pct") if unit and one.unit == "plain" else one for one in numerals]:
        around = sorted(mentions, key=lambda mention: mention.start)
        label = _cell_label(numeral, around, context)
        if not label.own_scope and not label.trades:
            label.trades = outer.trades
        shown = text[numeral.start : numeral.end] + " ".join(head_texts).upper()
        verdict = judge(
            numeral, shown if numeral.unit != "plain" else text[numeral.start : numeral.end], label, reader.facts
        )
        reader.read.append(
            _Read(numeral, label, verdict, number, passage.row, passage.column, passage.table, _quantities(mentions))
        )


def _cell_label(numeral: Numeral, mentions: list[Mention], context: Context) -> Label:
    """The heads of its row and column speak for a cell as if they stood right before it."""
    width = len(mentions)
    moved = [Mention(place, place + 1, mention.facets) for place, mention in enumerate(mentions)]
    text = " " * (width + 2) + "0"
    placed = replace(numeral, start=width + 1, end=width + 2)
    (label,) = label_passage(text, 0, len(text), [placed], moved, context)
    label.hints_at_trade = label.hints_at_trade or any(
        key == "trade" for mention in mentions for key, _ in mention.facets.scope
    )
    return label


def _hour_cell(reader: _Reader, passage: Passage) -> list[Mention]:
    """ "23" under "Hour"."""
    text = reader.text[passage.start : passage.end].strip(" *_`")
    if text.isdigit() and int(text) < 24 and any(head in HOUR_HEADS for head in _head_of_column(reader, passage)):
        return [Mention(passage.start, passage.end, Facets(scope=(("hour", f"{int(text):02d}"),)))]
    return []


def _head_of_column(reader: _Reader, passage: Passage) -> list[str]:
    return [reader.text[start:end].strip(" *_`").lower() for start, end in passage.heads]


def _is_label_column(reader: _Reader, passage: Passage) -> bool:
    heads = _head_of_column(reader, passage)
    return any(head in HOUR_HEADS or head.split(" ")[0] in _RANK_HEADS for head in heads)


def _quantities(mentions: Sequence[Mention]) -> tuple[tuple[str, str | None, str | None], ...]:
    found: dict[tuple[str, str | None, str | None], None] = {}
    for mention in mentions:
        facets = mention.facets
        for quantity in sorted(facets.quantities):
            if quantity != "rate" or len(facets.quantities) == 1:
                found.setdefault(
                    (
                        quantity,
                        facets.taken if facets.taken in ("avg", None) else None,
                        None if facets.verb else facets.result,
                    )
                )
    return tuple(found)[:8]


def _take_trades(reader: _Reader, special: list[Mention]) -> None:
    for mention in special:
        for key, value in mention.facets.scope:
            if key == "trade" and reader.facts.index.numbers:
                exists = named_trade_exists(reader.facts, value)
                status: FigureStatus = "verified" if exists else "found" if exists is None else "unverified"
                start = mention.end - len(value)
                reader.trades.append(
                    _Named(start, mention.end, Verdict(status, why=None if exists is not False else "no_match"), value)
                )


def _derive_all(reader: _Reader) -> Steps[None]:
    """Numbers that follow from others near them; twice, since what is derived may serve for another."""
    read = reader.read
    rows: dict[tuple[int, int], list[int]] = {}
    columns: dict[tuple[int, int], list[int]] = {}
    for place, one in enumerate(read):
        if one.table >= 0:
            rows.setdefault((one.table, one.row), []).append(place)
            columns.setdefault((one.table, one.column), []).append(place)
    for _ in range(2):
        for place, one in enumerate(read):
            if one.verdict.status != "unverified" or (
                one.verdict.why == "label_mismatch"
                and not one.label.relations
                and not one.label.bracketed
                and one.numeral.unit != "times"
            ):
                continue
            near = (
                [*rows.get((one.table, one.row), ()), *columns.get((one.table, one.column), ())[:12]]
                if one.table >= 0
                else _neighbours(read, place)
            )
            operands = [
                Operand(other.verdict.value, abs(k - place))
                for k in near
                if k != place
                and (other := read[k]).verdict.value is not None
                and other.verdict.status in ("verified", "derived")
            ]
            named = named_values(one.label, one.quantities, reader.facts) if one.table < 0 else []
            value = derive(
                one.numeral, one.label, operands, named, is_of=one.label.bracketed and one.numeral.unit == "pct"
            )
            if value is not None:
                one.verdict = Verdict("derived", value)
            yield


def _neighbours(read: list[_Read], place: int) -> list[int]:
    passage = read[place].passage
    found = []
    for k in range(max(0, place - 12), min(len(read), place + 12)):
        gap = passage - read[k].passage
        if read[k].table < 0 and (gap == 0 or (0 < gap <= 2 and place - k <= _EARLIER_OPERANDS)):
            found.append(k)
    return found


def _checks(reader: _Reader) -> Steps[list[FigureCheck]]:
    at = utf16_offsets(reader.text)
    entries: list[tuple[int, int, Verdict]] = [(one.numeral.start, one.numeral.end, one.verdict) for one in reader.read]
    entries += [(named.start, named.end, named.verdict) for named in reader.trades]
    checks = []
    for start, end, verdict in sorted(entries, key=lambda entry: entry[0]):
        source = source_of(verdict.value, reader.facts) if verdict.value is not None else None
        shown = reader.text[start:end]
        checks.append(FigureCheck(shown, at(start), at(end), verdict.status, source, verdict.why, verdict.belongs_to))
        yield
    return checks
