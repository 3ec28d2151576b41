"""Numbers in prose: where they stand, what they say, to what precision, in what unit, with what sign.

Left alone: code, link targets, list markers, heading numbers, dates and times of day, numbers that name something
(Run #5, trade 12, hour 13, top 5, VaR 95 %), and digits inside words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

TextUnit = Literal["pct", "money", "plain", "seconds", "bp", "times"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NAMED = "run|trade|row|step|rule|session|page|figure|table|section|id|seq"
_LIST = r"\d+(?:\s*(?:,|and|or|to|–|-|&)\s*#?\d+)*"
_NOT_FIGURES = re.compile(
    "|".join(
        (
            r"(?ms)^[ \t]*(?P<fence>```+|~~~+).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)",
            r"(?P<tick>`+)[^`].*?(?P=tick)(?!`)",
            r"\]\([^)\n]{0,2000}\)",
            r"https?://\S+",
            r"(?m:^[ \t>]*(?:[-*+][ \t]+)?\d{1,3}[.)][ \t])",
            r"(?m:^[ \t]{0,3}#{1,6}[ \t]+\d+(?:\.\d+)*[.):]?[ \t])",
            r"\b\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?(?![\d])",
            r"\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b",
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b",
            rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+\d{{4}})?\b)",
            rf"(?i:\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[–-]\s*\d{{1,2}})?(?:,?\s+\d{{4}})?(?![\d.%]))",
            rf"(?i:\b{_MONTH}\s+\d{{4}}\b)",
            r"(?i:\b(?:in|since|during|of|from|until|year)\s+(?:19|20)\d{2}\b(?![.,]?\d|-\d|\s*%))",
            rf"(?i:\b(?:{_NAMED})\s*(?:\#|no\.?|nr\.?)?\s*\d+\b(?!\.?\d|\s*%))",
            rf"(?i:\b(?:{_NAMED})s\s*\#?\d+(?:\s*(?:,|and|or|to|–|-|&)\s*\#?\d+)+\b(?!\.?\d|\s*%))",
            rf"\#{_LIST}",
            rf"(?i:\bhours?\s+{_LIST}(?:\s*UTC)?)",
            r"\b\d{1,2}\s*(?:–|-|to|and)\s*\d{1,2}\s*UTC\b",
            r"\b\d{1,2}\s*UTC\b",
            r"(?i:\b(?:top|worst|best|first|last|largest|biggest|past|next)[\s-]+\d{1,2}\b(?![.,]?\d|\s*%))",
            r"(?i:\bc?var\s*\(?\s*9[059]\s*%?\)?)",
            r"(?i:\b9[059]\s*%\s*(?:bootstrap|confidence|interval|ci\b|c?var\b|value at risk))",
        )
    )
)
_CURRENCIES = "USDT|USDC|BUSD|USD|EUR|GBP|JPY|CHF|CNY|RMB|AUD|CAD|NZD|INR|KRW|HKD|SGD|BTC|ETH|BNB"
_CORE = (
    r"\d{1,3}(?:[,'’\u00a0\u202f\u2009]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+"
    r"|\d+,\d{1,2}(?![\d,])|\d+(?:\.\d+)?|\.\d+"
)  # fmt: skip
_SUFFIXES: tuple[tuple[str, TextUnit, float], ...] = (
    (r"percentage points?|percent|pct|pp|%", "pct", 1.0),
    (r"basis points?|bps|bp", "bp", 1.0),
    (r"seconds?|secs?|s", "seconds", 1.0),
    (r"minutes?|mins?", "seconds", 60.0),
    (r"hours?|hrs?|h", "seconds", 3600.0),
    (r"days?|d", "seconds", 86400.0),
    (r"weeks?", "seconds", 604800.0),
    (r"x|×|times", "times", 1.0),
)
_TOO_LONG = 40  # digits: no figure, and more than a float can hold further on
_MAGNITUDES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "b": 1e9, "billion": 1e9}
_LOST = (
    r"lost|loses?|losing|loss(?:es)? of|down(?: by)?|fell(?: by)?|fall of|falls? by|dropped(?: by)?|drop of"
    r"|declined?(?: by| of)?|drawdown of|negative|minus|gave back|deficit of"
)
_MADE = r"made|earned|gained|gains? of|profits? of|up(?: by)?|rose(?: by)?|positive|returned|won|plus"
_HEDGE = r"(?:\s+(?:about|around|roughly|nearly|almost|only|just|over|a|an|total|of|by|net|some|approximately|~|≈))*"
_IMPLIED = re.compile(rf"\b(?:(?P<lost>{_LOST})|(?P<made>{_MADE})){_HEDGE}\s*[*_~≈(]*$", re.I)
_LOSS_NEARBY = re.compile(
    r"\b(?:los[ts]|loss|losses|losing|lose|loses|drawdown|down|fell|drop|decline|worst|cost|negative|below)\w*", re.I
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as a text shows it. `value` is unsigned, in the unit's base (percent, money, seconds …).

    `tolerance` is half of the last digit shown. `sign` is −1 or 1 where it is written or said right before, 0 where it
    is left open; `said` tells the second. `loss_nearby` is whether the sentence speaks of losing.
    """

    start: int
    end: int
    value: float
    tolerance: float
    digits: int
    unit: TextUnit
    sign: int
    said: bool
    loss_nearby: bool


def _pattern(currencies: Iterable[str]) -> re.Pattern[str]:
    codes = "|".join([*(re.escape(code) for code in currencies if re.fullmatch(r"[A-Za-z]{2,10}", code)), _CURRENCIES])
    units = "|".join(f"(?P<u{i}>{words})" for i, (words, _, _) in enumerate(_SUFFIXES))
    return re.compile(
        rf"(?<![\w.,/^_])(?P<open>\()?(?P<s1>[-−–+])?(?P<c1>[$€£¥₿]|(?:{codes})\s|(?:USDT?|EUR|GBP))?(?P<s2>[-−+])?"
        rf"(?P<core>{_CORE})"
        rf"(?:\s?(?P<mag>k|K|M|mn|bn|B|thousand|million|billion)(?![a-zA-Z]))?"
        rf"(?:[\s\u00a0\u202f-]?(?:{units})(?![a-zA-Z0-9]))?"
        rf"(?:\s?(?P<c2>[$€£¥₿]|(?:{codes})\b))?(?P<close>\))?(?![\w^]|[.,]\d)"
    )


def read_numerals(text: str, currencies: Iterable[str] = ()) -> list[Numeral]:
    """The numbers of a text, in order; `currencies` are codes to know besides the common ones."""
    hidden = _NOT_FIGURES.sub(lambda found: re.sub(r"[^\n]", "\x00", found[0]), text)
    return [_read(hidden, found) for found in _pattern(currencies).finditer(hidden) if len(found["core"]) < _TOO_LONG]


def _read(text: str, found: re.Match[str]) -> Numeral:
    core = found["core"]
    value, decimals = _value(core)
    unit: TextUnit = "money" if found["c1"] or found["c2"] else "plain"
    scale = _MAGNITUDES.get((found["mag"] or "").lower(), 1.0)
    for i, (_, name, factor) in enumerate(_SUFFIXES):
        if found[f"u{i}"]:
            unit, scale = name, scale * factor
    enclosed = bool(found["open"] and found["close"])
    start = found.start() if enclosed or not found["open"] else found.start() + 1
    end = found.end() if enclosed or not found["close"] else found.end() - 1
    mark = found["s1"] or found["s2"]
    # A dash between two numbers is a range, not a sign.
    if found["s1"] and re.search(r"[\d%]\s?$", text[max(0, found.start() - 2) : found.start()]):
        mark = found["s2"]
    sentence = re.split(r"[.!?;\n](?:\s|$)", text[max(0, start - 80) : start])[-1]
    implied = _IMPLIED.search(sentence)
    sign = (1 if mark == "+" else -1) if mark else 0
    said = False
    if not mark and implied and not enclosed:
        sign, said = (-1 if implied["lost"] else 1), True
    after = re.split(r"[.!?;\n]", text[end : end + 40])[0]
    return Numeral(
        start=start,
        end=end,
        value=value * scale,
        tolerance=0.5 * 10.0**-decimals * scale,
        digits=len(re.sub(r"\D", "", core).lstrip("0")),
        unit=unit,
        sign=sign,
        said=said,
        loss_nearby=enclosed or bool(_LOSS_NEARBY.search(sentence) or _LOSS_NEARBY.search(after)),
    )


def _value(core: str) -> tuple[float, int]:
    """(value, decimals shown) of digits with "," or "." in either role."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", core):
        core = core.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", core):
        core = core.replace(",", ".")
    else:
        core = re.sub(r"[,'’\u00a0\u202f\u2009]", "", core)
    return float(core), len(core.partition(".")[2])


def utf16_offsets(text: str) -> Callable[[int], int]:
    """From an index into the text to the UTF-16 code units before it, as a browser counts."""
    beyond = [i for i, character in enumerate(text) if ord(character) > 0xFFFF]
    return lambda index: index + bisect_left(beyond, index)
