"""Numbers in prose: where they stand, what they say, to what precision, in what unit, with what sign.

Read in the ways they are written around the world: 1,234.56; 1.234,56; 1 234,56; 1'234.56; 12,34,567.89; 123.46万; in
the digits of Arabic and Indian scripts. The words beside them are in `numeral_words`. Where digits can be read two ways
(1,234 and 1.234), both are kept.

Left alone: what `not_figures` names, numbers in words, ordinals, and digits inside words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backend.analysis.not_figures import hide, pieces
from backend.analysis.numeral_words import (
    COUNTED,
    CURRENCIES,
    CURRENCY_NAMES,
    IMPLIED,
    LOSS_NEARBY,
    MAGNITUDES,
    MOST_ROUGH,
    ROUGHLY,
    SAID_AFTER,
    SUFFIXES,
    UNSPACED,
    TextUnit,
)
from backend.analysis.steps import Steps

_CORE = (
    r"\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+[.,]\d+|\d{1,3}(?:['’\u00a0\u202f\u2009]\d{3})+(?:[.,]\d+)?"
    r"|\d{1,3}(?: \d{3})+(?! ?\d|[.,]\d)|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?"
    r"|\d+(?:[.,]\d+)?(?:[eE][-+−]?\d+)?|\.\d+"
)
# Digits of other scripts and their marks, one for one, so that places stay.
_ASCII = {
    **{ord(zero) + i: str(i) for zero in "٠۰०০๐０" for i in range(10)},
    **str.maketrans({"٫": ".", "٬": ",", "٪": "%", "％": "%", "．": "."}),
}
_TRANSLATED_AT_ONCE = 4_000  # characters
# What takes two code units of UTF-16.
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_TOO_LONG = 40  # digits: no figure, and more than a float can hold further on
_RANGE = re.compile(r"[ \u00a0*]*(?:–|—|-|to|and|bis|und|à|et|a|y)[ \u00a0*]*")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as a text shows it. `value` is unsigned, in the unit's base (percent, money, seconds …).

    `tolerance` is half of the last digit shown, more where the text says "about". `other` is a second reading of the
    same digits as (value, tolerance), None mostly. `sign` is −1 or 1 where it is written or said beside, 0 where it is
    left open; `said` tells the second. `loss_nearby` is whether the sentence speaks of losing.
    """

    start: int
    end: int
    value: float
    tolerance: float
    other: tuple[float, float] | None
    digits: int
    unit: TextUnit
    sign: int
    said: bool
    loss_nearby: bool


def _pattern(currencies: Iterable[str]) -> re.Pattern[str]:
    codes = "|".join([*(re.escape(code) for code in currencies if re.fullmatch(r"[A-Za-z]{2,10}", code)), CURRENCIES])
    units = "|".join(f"(?P<u{i}>(?i:{words}))" for i, (words, _, _) in enumerate(SUFFIXES))
    magnitudes = "|".join(f"(?P<m{i}>{words})" for i, (words, _) in enumerate(MAGNITUDES))
    return re.compile(
        rf"(?<![^\W{UNSPACED}])(?<![.,/^_])(?P<open>\()?(?P<s1>[-−–+])?(?P<c1>[$€£¥₿₹]\s?|(?<![A-Za-z\d][-/:])(?:{codes})\s|(?<![A-Za-z\d][-/:])(?:USDT?|EUR|GBP|CHF))?"
        rf"(?P<s2>[-−+])?(?P<core>{_CORE})"
        rf"(?:[\s\u00a0\u202f]?(?:{magnitudes})(?![a-zA-Z]))?"
        rf"(?:[\s\u00a0\u202f-]?(?:{units})(?![a-zA-Z0-9'’]))?"
        rf"(?:[\s\u00a0\u202f]?(?P<c2>[$€£¥₿₹]|(?:{codes})\b|(?i:{CURRENCY_NAMES})))?(?P<close>\))?"
        rf"(?![^\W{UNSPACED}]|\^|[.,]\d)"
    )


def read_numerals(text: str, currencies: Iterable[str] = ()) -> Steps[list[Numeral]]:
    """The numbers of a text, in order; `currencies` are codes to know besides the common ones."""
    known = list(currencies)
    if not text.isascii():
        text = yield from _in_ascii_digits(text)
    hidden = yield from hide(text, [*known, *CURRENCIES.split("|")])
    pattern = _pattern(known)
    found: list[re.Match[str]] = []
    for start, end, _ in pieces(hidden):
        found += [one for one in pattern.finditer(hidden, start, end) if len(one["core"]) < _TOO_LONG]
        yield
    scales = []
    for one in found:
        scales.append(_scale(one))
        yield
    for i in range(len(found) - 2, -1, -1):
        # "10–12 %", "5 to 6k": the unit stands once, behind the second end.
        between = hidden[found[i].end() : found[i + 1].start()] + (found[i + 1]["s1"] or "")
        if scales[i] == ("plain", 1.0) and _RANGE.fullmatch(between):
            spans = between.strip() not in ("and", "und", "et", "y") or re.search(
                r"(?i)\b(?:between|zwischen|entre)\s+\S*$", hidden[max(0, found[i].start() - 40) : found[i].start() + 1]
            )
            scales[i] = scales[i + 1] if spans else scales[i]
    numerals = []
    for one, (unit, scale) in zip(found, scales, strict=True):
        numerals.append(_read(hidden, one, unit, scale))
        yield
    return numerals


def _in_ascii_digits(text: str) -> Steps[str]:
    parts = []
    for start in range(0, len(text), _TRANSLATED_AT_ONCE):
        parts.append(text[start : start + _TRANSLATED_AT_ONCE].translate(_ASCII))
        yield
    return "".join(parts)


def _scale(found: re.Match[str]) -> tuple[TextUnit, float]:
    """(unit, what the digits are multiplied by)."""
    unit: TextUnit = "money" if found["c1"] or found["c2"] else "plain"
    scale = next((factor for i, (_, factor) in enumerate(MAGNITUDES) if found[f"m{i}"]), 1.0)
    for i, (_, name, factor) in enumerate(SUFFIXES):
        if found[f"u{i}"]:
            unit, scale = name, scale * factor
    return unit, scale


def _read(text: str, found: re.Match[str], unit: TextUnit, scale: float) -> Numeral:
    enclosed = bool(found["open"] and found["close"])
    start = found.start() if enclosed or not found["open"] else found.start() + 1
    end = found.end() if enclosed or not found["close"] else found.end() - 1
    sentence = re.split(r"(?<!\bok)(?<!\bca)[.!?;\n](?:\s|$)", text[max(0, start - 80) : start])[-1]
    after = re.split(r"[.!?;\n]", text[end : end + 40])[0]
    readings = _readings(found["core"])
    if unit == "plain" and min(decimals for _, decimals in readings) == 0 and COUNTED.match(after):
        unit = "count"
    value, tolerance = _roughly(sentence, *readings[0])
    other = _roughly(sentence, *readings[1]) if len(readings) > 1 else None
    sign, said = _sign(text, found, sentence, after, enclosed=enclosed, unit=unit)
    return Numeral(
        start=start,
        end=end,
        value=value * scale,
        tolerance=tolerance * scale,
        other=(other[0] * scale, other[1] * scale) if other else None,
        digits=len(re.sub(r"\D", "", found["core"]).lstrip("0")),
        unit=unit,
        sign=sign,
        said=said,
        loss_nearby=enclosed or bool(LOSS_NEARBY.search(sentence) or LOSS_NEARBY.search(after)),
    )


def _sign(
    text: str, found: re.Match[str], sentence: str, after: str, *, enclosed: bool, unit: TextUnit
) -> tuple[int, bool]:
    """(−1, 0 or 1, whether words say so rather than a mark)."""
    mark = found["s1"] or found["s2"]
    # A dash between two numbers is a range, not a sign.
    if found["s1"] and re.search(r"[\d%kM]\s?$", text[max(0, found.start() - 2) : found.start()]):
        mark = found["s2"]
    if mark:
        return (1 if mark == "+" else -1), False
    if enclosed:
        # "(216.51) USDT" is how accounts write a loss; "an average win (216.51)" is not.
        return (-1 if re.match(rf"\s?(?:{CURRENCIES})\b", after) else 0), False
    implied = IMPLIED.search(sentence)
    if not implied and unit in ("money", "pct"):
        implied = SAID_AFTER.match(after)
    return ((-1 if implied["lost"] else 1), True) if implied else (0, False)


def _roughly(sentence: str, value: float, decimals: int) -> tuple[float, float]:
    """(value, tolerance): half of the last digit shown, or of the last that is not zero where the text says "about"."""
    exact = 0.5 * 10.0**-decimals
    said = ROUGHLY.search(sentence)
    whole = round(value)
    if not said or decimals or value == 0 or whole != value:
        return value, exact
    place = 10.0 ** (len(str(whole)) - len(str(whole).rstrip("0")))
    room = min(place, MOST_ROUGH * value)
    if said["about"]:
        return value, max(exact, room / 2)
    # Somewhere up to one step above, or below: the middle of that step and half its width.
    middle = value + room / 2 if said["over"] else value - room / 2
    return (middle, room / 2) if room > 1 else (value, exact)


def _readings(core: str) -> list[tuple[float, int]]:
    """(value, decimals shown) of digits with "," or "." in either role; two where both make sense."""
    grouped = re.search(r"['’\s]", core) is not None
    digits = re.sub(r"['’\s]", "", core).replace("−", "-")
    mantissa, _, exponent = digits.lower().partition("e")
    if exponent:
        plain = mantissa.replace(",", ".")
        return [(float(f"{plain}e{exponent}"), len(plain.partition(".")[2]) - int(exponent))]
    marks = re.findall(r"[.,]", digits)
    if len(set(marks)) > 1 or len(marks) == 1:
        decimal = marks[-1]
        as_decimal = digits.replace("," if decimal == "." else ".", "").replace(decimal, ".")
        read = (float(as_decimal), len(as_decimal.partition(".")[2]))
        if len(marks) > 1 or grouped or not re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
            return [read]
        whole = (float(re.sub(r"[.,]", "", digits)), 0)
        return [whole, read] if decimal == "," else [read, whole]
    return [(float(re.sub(r"[.,]", "", digits)), 0)]


def utf16_offsets(text: str) -> Callable[[int], int]:
    """From an index into the text to the UTF-16 code units before it, as a browser counts."""
    beyond = [found.start() for found in _BEYOND.finditer(text)]
    return lambda index: index + bisect_left(beyond, index)
