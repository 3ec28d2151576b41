"""Names of this conversation's own: its symbols, tags, rules, hours, holding times and trades, found in the text."""

from __future__ import annotations

import re

from backend.analysis.figure_check.facets import Facets
from backend.analysis.figure_check.facts import Facts
from backend.analysis.figure_check.lexicon import Lexicon, Mention, field_lexicon
from backend.analysis.scope_words import HOUR_WORDS, rule_names, symbol_names, tag_names

_MOST_NAMES = 400
# Made once, when the program starts: no answer waits for it.
_FIELD = field_lexicon()
_HOURS = "|".join(
    sorted(
        (re.escape(word) for word in ("hour", "hours", "stunde", "stunden", "hora", "horas", "heure", "heures")),
        key=len,
        reverse=True,
    )
)
_HOUR = re.compile(
    rf"(?i)\b(?:{_HOURS})\s+(?P<a>\d{{1,2}})(?::00)?(?:\s*(?:–|-|to|bis|a|à)\s*(?P<b>\d{{1,2}})(?!\d)(?::00)?|(?P<more>(?:\s*(?:,|and|und|y|et|e|&)\s*\d{{1,2}}(?!\d|[.,]\d|\s*%|\s*(?!(?:and|or|und|to|utc|et|y)\b)[^\W\d]))+))?(?!\d|[.,]\d|\s*%)(?:\s*(?:utc|h\b))?"
    r"|\b(?P<c>\d{1,2}):00(?:\s*(?:–|-|to)\s*\d{1,2}:\d{2})?(?:\s*(?:utc|uhr|h)\b)?(?!:\d)|\b(?P<d>\d{1,2})\s*(?:utc|uhr)\b|(?<![\d.,])(?P<e>\d{1,2})\s?(?P<half>[ap])\.?m\b\.?|(?<![\d.,])(?P<f>\d{1,2})\s?[点時]"
)
_TRADE = re.compile(
    r"(?i)(?:(?<!#)#(?P<a>\d{1,7})\b|\b(?:trade|trades(?=\s*#)|position|geschäft|operación|opération|operação|交易)\s*(?:#|no\.?|nr\.?|nº|n°)?\s?(?P<b>\d{1,7})\b(?![.,/]?\d|\s*%|\s*(?:trades|wins|losses)))"
)
_RUN = re.compile(r"(?i)\b(?:run|rule|lauf|regel|step|row|session|page|week|section|finding|point|nr|no|issue)\s*#?$")
_DURATION = re.compile(
    r"(?i)(?P<a>\d{1,12}(?:\.\d{1,6})?)\s{0,3}(?P<ua>s|sec\w{0,9}|min\w{0,9}|m|h|hours?|days?|d)?\s{0,3}(?:–|-|to|bis|and)\s{0,3}(?P<b>\d{1,12}(?:\.\d{1,6})?)\s{0,3}-?(?P<ub>sec\w{0,9}|min\w{0,9}|m|h|hours?|days?|d|weeks?|w|stunden|tage|minuten)(?![a-z])"
    r"|(?:under|less than|below|shorter than|<)\s{0,3}(?P<under>\d{1,12})\s{0,3}(?P<uu>sec\w{0,9}|min\w{0,9}|m|h|hours?|hour|days?|d)(?![a-z])|(?:over|more than|longer than|>)\s{0,3}(?P<over>\d{1,12})\s{0,3}(?P<uo>weeks?|days?|h|hours?|min\w{0,9})\b"
)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "t": 86400.0}
_NUMBER = re.compile(r"\d+")


def names_of(facts: Facts) -> Lexicon:
    """The field's words and those of these results."""
    lexicon = Lexicon(_FIELD)
    for key, names in (("symbol", symbol_names), ("tag", tag_names)):
        for value in sorted(facts.groups.get(key, ()))[:_MOST_NAMES]:
            if value == "(none)":
                lexicon.add("no tag", Facets(scope=((key, value),)))
                lexicon.add("untagged", Facets(scope=((key, value),)))
                continue
            for name in names(value):
                lexicon.add(name, Facets(scope=((key, value),)))
    for key in facts.groups.keys() & {"after", "size", "playbook", "mistake"}:
        for value in sorted(facts.groups[key])[:_MOST_NAMES]:
            lexicon.add(value, Facets(scope=((key, value),)))
    kinds = {scope.rule for scope in facts.scopes if scope.rule}
    for kind in sorted(kinds):
        for name in rule_names(kind, kind.replace("_", " "))[:2]:
            # "A stop-loss" is the rule where no exits are tagged so.
            lexicon.add(name, Facets(scope=(("rule", kind),)))
    for streak in ("streak", "streaks"):
        if "streaks" in facts.groups:
            lexicon.add(streak, Facets(scope=(("streaks", next(iter(facts.groups["streaks"]))),)))
    return lexicon


def special_mentions(text: str, start: int, end: int, facts: Facts) -> list[Mention]:
    """Hours, trades and holding times, which are written with digits."""
    found: list[Mention] = []
    for hour in _HOUR.finditer(text, start, end):
        scope = tuple(("hour", f"{value:02d}") for value in _hours_of(hour) if value < 24)
        if scope:
            found.append(Mention(hour.start(), hour.end(), Facets(scope=scope)))
    for trade in _TRADE.finditer(text, start, end):
        if not _RUN.search(text, max(start, trade.start() - 12), trade.start()):
            found.append(Mention(trade.start(), trade.end(), Facets(scope=(("trade", trade["a"] or trade["b"]),))))
    labels = facts.groups.get("duration", set())
    if labels:
        for duration in _DURATION.finditer(text, start, end):
            label = _duration_label(duration, labels)
            if label is not None:
                found.append(Mention(duration.start(), duration.end(), Facets(scope=(("duration", label),))))
    return found


def _hours_of(found: re.Match[str]) -> list[int]:
    if found["a"]:
        first = int(found["a"])
        if found["b"]:
            last = int(found["b"])
            return list(range(first, last + 1)) if first <= last < 25 else [first]
        more = [int(one) for one in _NUMBER.findall(found["more"] or "")]
        return [first, *more]
    if found["e"]:
        hour = int(found["e"]) % 12 + (12 if found["half"] in "pP" else 0)
        return [hour]
    return [int(found["c"] or found["d"] or found["f"])]


def _duration_label(found: re.Match[str], labels: set[str]) -> str | None:
    """The label of a breakdown by holding time that means the same span."""
    if found["under"]:
        low, high = 0.0, float(found["under"]) * _unit(found["uu"])
    elif found["over"]:
        low, high = float(found["over"]) * _unit(found["uo"]), float("inf")
    else:
        unit = _unit(found["ub"])
        low = float(found["a"]) * (_unit(found["ua"]) if found["ua"] else unit)
        high = float(found["b"]) * unit
    return next((label for label in labels if _span(label) == (low, high)), None)


def _unit(word: str) -> float:
    return _UNITS.get(word[0].lower(), 60.0)


def _span(label: str) -> tuple[float, float] | None:
    found = _DURATION.search(label)
    if found is None:
        return None
    if found["under"]:
        return 0.0, float(found["under"]) * _unit(found["uu"])
    if found["over"]:
        return float(found["over"]) * _unit(found["uo"]), float("inf")
    unit = _unit(found["ub"])
    return float(found["a"]) * (_unit(found["ua"]) if found["ua"] else unit), float(found["b"]) * unit


HOUR_HEADS = frozenset(
    {
        *HOUR_WORDS["en"],
        *HOUR_WORDS["de"],
        *HOUR_WORDS["es"],
        *HOUR_WORDS["fr"],
        *HOUR_WORDS["pt"],
        "hour (utc)",
        "hour utc",
    }
)
