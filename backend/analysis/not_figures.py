"""What stands in digits but is no figure of a run: code, links, list markers, dates, times of day, names.

Names are numbers that say which one, not how much: Run #5, trade 12, hour 13, top 5, VaR 95 %, RSI 14, S&P 500, GPT-5,
the 5-minute chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend.analysis.steps import Steps

_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|février|mar(?:ch|s|zo)?|märz|apr(?:il)?|avril|abril|may|mai|mayo|june?"
    r"|juni|juin|junio|july?|juli|juillet|julio|aug(?:ust)?|août|agosto|sept?(?:ember|embre|iembre)?|o[ck]t(?:ober|obre"
    r"|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember)?|décembre|diciembre|enero|febrero)\.?"
)
_NAMED = (
    r"run|trade|row|step|leg|rule|session|page|figure|table|section|id|seq|week|lauf|regel|zeile|abschnitt|woche|tag"
    r"|ligne|règle|semaine|fila|regla|semana"
)
# Not the number of a new clause: "in hour 19, 10 trades", "in hour 19, 16.67 %".
_LIST = (
    r"\d+(?:\s*(?:,|and|or|to|–|-|&|und|et|y)\s*#?\d+(?!\d|[.,]\d|\s*%|\s+(?!(?:and|or|und|to|et|y|utc)\b)[^\W\d]))*"
)
_INDICATOR = r"SMA|EMA|WMA|HMA|KAMA|MA|RSI|MACD|ATR|ADX|CCI|BB|VWAP|ROC|MFI|Stoch(?:astic)?"
_BAR = (
    r"bars?|candles?|chart|charts|timeframe|time frame|intervals?|data|moving averages?|[SEW]?MA|lookback"
    r"|Kerzen?|bougies?|velas?"
)
_NOT_FIGURES = re.compile(
    "|".join(
        (
            r"(?s:(?P<tick>`+)[^`].*?(?P=tick)(?!`))",
            r"\]\([^)\n]{0,2000}\)",
            r"https?://\S+",
            r"(?m:^[ \t>]*(?:[-*+][ \t]+)?\d{1,3}[.)][ \t])",
            r"(?m:^[ \t]{0,3}#{1,6}[ \t]+\d+(?:\.\d+)*[.):]?[ \t])",
            r"\b\d{4}[-/]\d{2}(?:[-/]\d{2})?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?(?![\d])",
            r"\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b",
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b",
            r"(?i:\b\d{1,2}\s*(?:a\.?m\b\.?|p\.?m\b\.?|uhr\b))|\b\d{1,2}h\d{2}\b",
            rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th|er|\.)?(?:\s+de|\s+of)?\s+{_MONTH}(?:,?\s+(?:de\s+)?\d{{4}})?\b)",
            rf"(?i:\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[–-]\s*\d{{1,2}})?(?:,?\s+\d{{4}})?(?!\d|\.\d|\s*%))",
            rf"(?i:\b{_MONTH}\s+(?:de\s+)?\d{{4}}\b)",
            r"(?i:\bof\s+(?:19|20)\d{2}\b(?![.,]?\d|-\d|\s*(?:%|[$€£]|[a-z])))",
            r"(?i:\b(?:in|since|during|from|until|year|early|late|im|jahr|seit|en|depuis|année|desde|año|q[1-4]|h[12])"
            r"\s+(?:19|20)\d{2}\b(?![.,]?\d|-\d|\s*%))",
            rf"(?i:\b(?:{_NAMED})\s*(?:\#|no\.?|nr\.?|nº|n°)?\s*\d+\b(?![.,]?\d|\s*%))",
            rf"(?i:\b(?:{_NAMED})s\s*\#?\d+(?:(?:,\s+|\s*(?:and|or|to|–|-|&)\s*)\#?\d+)+\b(?!\.?\d|\s*%))",
            rf"\#{_LIST}",
            rf"(?i:\bhours?\s+{_LIST}(?:\s*UTC)?)",
            r"\b\d{1,2}\s*(?:–|-|to|and)\s*\d{1,2}\s*UTC\b",
            r"\b\d{1,2}\s*UTC\b",
            r"(?i:\b(?:top|worst|best|first|last|largest|biggest|past|next)[\s-]+\d{1,2}\b(?![.,]?\d|\s*%))",
            r"(?i:\bc?var\s*\(?\s*9[059]\s*%?\)?)",
            r"(?i:\b9[059]\s*%\s*(?:bootstrap|confidence|interval|ci\b|c?var\b|value at risk))",
            rf"\b(?:{_INDICATOR})[\s-]?(?:\(\s*\d+(?:\s*[,/]\s*\d+)*\s*\)|\d+(?:/\d+)*\b)",
            rf"(?i:\b\d+[\s-]?(?:m|min|minutes?|h|hours?|d|days?|stunden|minuten)[\s-]+(?:{_BAR})\b)",
            r"\b(?:S&P|Nasdaq|NASDAQ|Russell|Dow|DAX|FTSE|STOXX|Nikkei|CAC)[\s-]?\d{2,4}\b",
            r"\b24/7\b|\b50[/-]50\b|\b\d{1,2}-(?:for|to)-\d{1,2}\b",
        )
    )
)
# "an interval of 120 to 3,310 (95 %)": only the level is a name.
_LEVEL = re.compile(r"(?i:(?P<said>\b(?:interval|confidence)[^\n(]{0,80})(?P<level>\(\s*9[059]\s*%\s*\)))")
# A word, a hyphen, digits: GPT-5, COVID-19, mid-2024. A currency before the hyphen is an amount.
_HYPHENATED = re.compile(r"\b([A-Za-z]{2,})-\d+(?:\.\d+)*\b(?!\s*%)")


_DIGIT = re.compile(r"\d")
# A fence of code, as it opens.
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_MOST_PIECE = 500  # characters: less than a millisecond of matching


def pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is code) of the text's paragraphs, table rows and fenced blocks, in order, without gaps.

    A pattern is matched piece by piece, since one call over a long answer would hold everybody else's stream for as
    long as it takes. No number stands across the ends of a piece.
    """
    start = place = 0
    fence = ""
    while place < len(text):
        line_end = text.find("\n", place) + 1 or len(text)
        mark = _FENCE.match(text, place, line_end)
        if fence:
            if mark and mark[1].startswith(fence):
                yield start, line_end, True
                start, fence = line_end, ""
        elif mark or _stands_alone(text, place, line_end) or line_end - start > _MOST_PIECE:
            yield from _cut(text, start, place)
            start, fence = place, mark[1] if mark else ""
        place = line_end
    if fence:
        yield start, place, True
    else:
        yield from _cut(text, start, place)


def hide(text: str, currencies: Iterable[str]) -> Steps[str]:
    """The text with what is no figure blanked out, places unchanged."""
    codes = {code.upper() for code in currencies}
    hidden = []
    for start, end, code in pieces(text):
        hidden.append(_blank(text[start:end]) if code else _hide_names(text[start:end], codes))
        yield
    return "".join(hidden)


def _hide_names(text: str, codes: set[str]) -> str:
    if not _DIGIT.search(text):
        return text
    hidden = _NOT_FIGURES.sub(lambda found: _blank(found[0]), text)
    hidden = _LEVEL.sub(lambda found: found["said"] + _blank(found["level"]), hidden)
    return _HYPHENATED.sub(lambda found: found[0] if found[1].upper() in codes else _blank(found[0]), hidden)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a line is blank or a row of a table."""
    line = text[start:end].lstrip()
    return not line or line[0] == "|"


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """A piece, in several where it is a long line: after a sentence, else after a word, else anywhere."""
    while end - start > _MOST_PIECE:
        limit = start + _MOST_PIECE
        after = max(text.rfind(". ", start, limit) + 2, start + 1)
        if after == start + 1:
            after = text.rfind(" ", start, limit) + 1 or limit
        yield start, after, False
        start = after
    if start < end:
        yield start, end, False


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", "\x00", text)
