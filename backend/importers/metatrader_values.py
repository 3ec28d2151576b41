"""What MetaTrader 4 and 5 reports share: how they write numbers, moments and statistics, and what they leave unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from backend.importers.base import ImportOptions, ImportProblem
from backend.importers.parsing import MAX_LABEL_CHARS, clean_text, decode_text, finite, to_utc

HEAD_BYTES = 512 * 1024
_CLOCK = re.compile(r"(\d{4})[.\-/](\d{2})[.\-/](\d{2})\s+(\d{2}):(\d{2})(?::(\d{2}))?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
# Thousands are parted by a blank, in most builds one that does not break.
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")
_PAIR = re.compile(r"([+-]?[\d\s\u00a0.]++%?+)\s*+\(\s*+([+-]?[\d\s\u00a0.]++%?+)\s*+\)")
_INPUT = re.compile(r"([A-Za-z_]\w{0,60})\s*=\s*(.{0,200})", re.DOTALL)
_MAX_INPUTS = 500

LABELS: Final[Mapping[str, str]] = {
    "total net profit": "total_net_profit",
    "gross profit": "gross_profit",
    "gross loss": "gross_loss",
    "profit factor": "profit_factor",
    "expected payoff": "expected_payoff",
    "recovery factor": "recovery_factor",
    "sharpe ratio": "sharpe_ratio",
    "balance drawdown absolute": "balance_drawdown_absolute",
    "balance drawdown maximal": "balance_drawdown_maximal",
    "balance drawdown relative": "balance_drawdown_relative",
    "equity drawdown absolute": "equity_drawdown_absolute",
    "equity drawdown maximal": "equity_drawdown_maximal",
    "equity drawdown relative": "equity_drawdown_relative",
    "absolute drawdown": "absolute_drawdown",
    "maximal drawdown": "maximal_drawdown",
    "relative drawdown": "relative_drawdown",
    "total trades": "total_trades",
    "total deals": "total_deals",
    "short trades (won %)": "short_trades",
    "long trades (won %)": "long_trades",
    "short positions (won %)": "short_trades",
    "long positions (won %)": "long_trades",
    "profit trades (% of total)": "profit_trades",
    "loss trades (% of total)": "loss_trades",
    "largest profit trade": "largest_profit_trade",
    "largest loss trade": "largest_loss_trade",
    "average profit trade": "average_profit_trade",
    "average loss trade": "average_loss_trade",
    "maximum consecutive wins ($)": "maximum_consecutive_wins",
    "maximum consecutive losses ($)": "maximum_consecutive_losses",
}


def page_text(data: bytes) -> str | None:
    """The head of the file as text where it is a page, else None."""
    head = data[:HEAD_BYTES]
    try:
        text = decode_text(head[: len(head) - len(head) % 4])[0]
    except ImportProblem:
        # A head cut within a character of many bytes is no proof against the file.
        text = head.decode("utf-8", "ignore")
    return text if text.lstrip("\ufeff \t\r\n")[:1] == "<" else None


def number(cell: str) -> float | None:
    """A number as MetaTrader writes it (`-1 234.50`), None for anything else."""
    text = _BLANKS.sub("", cell).replace("−", "-")
    return finite(float(text)) if len(text) < 40 and _NUMBER.fullmatch(text) else None


def moment(cell: str, zone: ZoneInfo) -> datetime | None:
    """`2024.01.02 07:15[:00]`, read in `zone`, as UTC; None for anything else."""
    match = _CLOCK.fullmatch(cell)
    if match is None:
        return None
    try:
        return to_utc(datetime(*(int(part or 0) for part in match.groups())), zone)  # type: ignore[arg-type]
    except ValueError:
        return None


def is_clock(cell: str) -> bool:
    """Whether the cell has the form of a moment, possible or not."""
    return _CLOCK.fullmatch(cell) is not None


def statistic(name: str, cell: str) -> dict[str, float]:
    """A cell of the summary as typed numbers: `12.80 (68.49%)` gives `name` and `name_pct`, whole ones as int."""
    match = _PAIR.fullmatch(cell.strip())
    parts = match.groups() if match else (cell,)
    result: dict[str, float] = {}
    for part in parts:
        text = part.strip().removesuffix("%")
        value = number(text)
        if value is not None:
            key = f"{name}_pct" if part.strip().endswith("%") else name
            result.setdefault(key, value if "." in text else int(value))
    return result


def labelled(rows: Iterable[Sequence[str]]) -> dict[str, float]:
    """Statistics by their English labels, each followed by its value."""
    found: dict[str, float] = {}
    for row in rows:
        for label, value in pairwise(row):
            name = LABELS.get(label.rstrip(":").strip().lower())
            if name is not None:
                found.update(statistic(name, value))
    return found


def inputs_of(texts: Iterable[str]) -> dict[str, str]:
    """The expert's parameters out of texts such as `Lots=0.1`, as the report writes their values."""
    found: dict[str, str] = {}
    for text in texts:
        match = _INPUT.fullmatch(text.strip())
        if match and len(found) < _MAX_INPUTS:
            found[match[1]] = clean_text(match[2], MAX_LABEL_CHARS) or ""
    return found


def zone_warning(options: ImportOptions) -> list[str]:
    """What to say where the report's broker time was taken for UTC."""
    if options.timezone is not None:
        return []
    return [
        "Times are the broker's and name no zone; they were read as UTC. Most brokers' servers keep Eastern European "
        "time: name the time zone (such as Europe/Athens) when importing to have the true hours."
    ]


def bad_row(row: int, what: str, column: str | None = None) -> ImportProblem:
    """The refusal of one row of the report."""
    return ImportProblem(
        f"Row {row} of the report {what}. Save the report again from the terminal.",
        line=row,
        column=column,
        code="bad_value",
    )
