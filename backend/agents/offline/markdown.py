"""Markdown from figures and from hostile text.

Whatever comes from a run (symbols, tags, recorded reasoning) is set as code: there it can be neither markup nor link,
and the figures in it are not taken for ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

NONE = "–"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#!&@])")
_FIGURE = re.compile(r"\**-?[\d,]+(?:\.\d+)?(?:e-?\d+)?%?(?: \S+)?\**$")


def code(text: str | None, length: int = 60) -> str:
    """Text of the run as inline code, on one line, shortened."""
    line = " ".join(str(text or "").replace("`", "'").split())
    if not line:
        return NONE
    return f"`{line if len(line) <= length else line[: length - 1] + '…'}`"


def plain(text: str) -> str:
    """Text on one line that may hold names of the run: readable, with all that markdown could make of it taken away."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return line.replace("://", "\\://").replace("www.", "www\\.")


def number(value: float | None) -> str:
    """A figure at two decimals, with more only where two would show nothing: 1,234.50, 0.0031."""
    if value is None:
        return NONE
    if value != 0 and abs(value) < 0.01:
        return f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.8f}".rstrip("0").rstrip(".")
    return f"{value:,.2f}"


def percent(value: float | None) -> str:
    """A percentage: -8.24%."""
    return NONE if value is None else f"{number(value)}%"


def count(value: int, noun: str) -> str:
    """1 trade, 12 trades."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def moment(value: datetime | None) -> str:
    """2026-03-01 13:00."""
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M}"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A GFM table; columns of figures to the right."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headers)
    rule = ["---:" if any(_FIGURE.match(cell) for cell in column) else "---" for column in columns]
    lines = [headers, rule, *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def python(source: str) -> str:
    """A fenced block that its content can't close."""
    fence = "```"
    while fence in source:
        fence += "`"
    return f"{fence}python\n{source.rstrip()}\n{fence}"


def document(parts: Sequence[str]) -> str:
    """Parts with a blank line between; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)
