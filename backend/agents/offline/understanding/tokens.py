"""Text → tokens: words without accents, numbers with their units, dates and clock times; each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["word", "number", "date", "month", "clock", "id", "cjk"]
MOST_CHARACTERS = 2_000

_TOKEN = re.compile(
    r"""
      (?P<date>\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2}(?!\d))|\d{1,2}/\d{1,2}/\d{4})
    | (?P<cjkdate>\d{1,4}\s?(?:年|月|日|号))
    | (?P<month>\d{4}[-/]\d{1,2}(?![\d-]))
    | (?P<clock>\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}\s?(?:am|pm|a\.m\.|p\.m\.)(?![a-z])|\d{1,2}\s?uhr(?![a-z]))
    | (?P<id>\#\s?\d{1,9})
    | (?P<number>(?:(?<![\w])[-+−])?\d{1,15}(?:[.,\u00a0\u202f'’]\d{1,6}){0,5})
    | (?P<cjk>[\u3400-\u9fff]{1,60})
    | (?P<word>[^\W\d_]{1,60}(?:&[^\W\d_]{1,20})?)
    | (?P<sign>[%$€£])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_REWRITTEN = (
    (re.compile(r"\bp\s?(?:/|&)\s?l\b", re.I), "pnl"),
    (re.compile(r"\bw/o\b", re.I), "without"),
    (re.compile(r"\br/r\b", re.I), "rr"),
    # Without their dots these would be the past ("wurde", "hatte"), not the conditional.
    (re.compile(r"\bwürde", re.I), "wuerde"),
    (re.compile(r"\bhätte", re.I), "haette"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `plain` is lower case without accents; `start` and `end` are places in the text; `value` a number."""

    kind: TokenKind
    text: str
    plain: str
    start: int
    end: int
    value: float | None = None
    after: str = ""


def plain(text: str) -> str:
    """Lower case, without accents: "Größe" → "grosse", "año" → "ano"."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    parted = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def tidy(text: str) -> str:
    """The question on one line, of bounded length, with common spellings written out."""
    line = " ".join(unicodedata.normalize("NFKC", text)[:MOST_CHARACTERS].split())
    for pattern, written in _REWRITTEN:
        line = pattern.sub(written, line)
    return line


def tokens_of(text: str, *, decimal_comma: bool) -> list[Token]:
    """The tokens of a tidied text. `decimal_comma`: "1.500,5" is one thousand five hundred and a half."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "word"
        held, start, end = match.group(), match.start(), match.end()
        if kind == "number":
            found.append(Token("number", held, held, start, end, number(held, decimal_comma=decimal_comma)))
        elif kind == "id":
            found.append(Token("id", held, held, start, end, float(held.strip("# "))))
        elif kind == "cjkdate":
            found.append(Token("number", held[:-1], held[:-1], start, end - 1, float(held[:-1])))
            found.append(Token("cjk", held[-1], held[-1], end - 1, end))
        elif kind == "sign":
            found.append(Token("word", held, held, start, end))
        else:
            found.append(Token(kind, held, plain(held), start, end))  # type: ignore[arg-type]
    return found


def number(text: str, *, decimal_comma: bool) -> float:
    """A number as written in English ("1,234.5") or with a decimal comma ("1.234,5")."""
    bare = re.sub(r"[\u00a0\u202f'’+]", "", text).replace("−", "-")
    dots, commas = bare.count("."), bare.count(",")
    if dots and commas:
        decimal = "," if bare.rindex(",") > bare.rindex(".") else "."
        bare = bare.replace("." if decimal == "," else ",", "").replace(",", ".")
    elif commas or dots:
        sign = "," if commas else "."
        grouped = re.fullmatch(rf"-?\d{{1,3}}(?:\{sign}\d{{3}})+", bare) is not None
        thousands = grouped and (commas + dots > 1 or (sign == ",") != decimal_comma)
        bare = bare.replace(sign, "" if thousands else ".")
    try:
        return float(bare)
    except ValueError:
        return float(re.sub(r"[^\d-]", "", bare) or 0)


def clock_hour(text: str) -> tuple[int, int] | None:
    """Hours and minutes of a clock time: "22:00", "9 pm", "9 uhr"; None where there is no such time."""
    held = text.lower().replace(".", "").strip()
    digits = re.match(r"(\d{1,2})(?::(\d{2}))?", held)
    if digits is None:
        return None
    hour, minute = int(digits[1]), int(digits[2] or 0)
    if held.endswith("pm") and hour < 12:
        hour += 12
    if held.endswith("am") and hour == 12:
        hour = 0
    return (hour, minute) if hour <= 24 and minute < 60 else None
