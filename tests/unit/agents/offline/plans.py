"""A plan as one short line, so that a table of questions can say what each must come to."""

from __future__ import annotations

from datetime import date
from typing import Any

from backend.agents.offline.understanding import Condition, Part, Plan, RunVocabulary, Turn, understand
from backend.agents.offline.understanding.vocabulary import _aliases

CRYPTO = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT")
STOCKS = ("AAPL", "AMD", "MSFT", "NVDA")


def vocabulary(symbols: tuple[str, ...] = CRYPTO, **more: Any) -> RunVocabulary:
    """A run of January to September 2024 with three exit tags."""
    given: dict[str, Any] = {
        "currency": "USDT",
        "symbols": symbols,
        "aliases": _aliases(symbols),
        "entry_tags": ("Bull_Div", "Bear_Div"),
        "exit_tags": ("stop_loss", "trailing_stop", "roi"),
        "first_day": date(2024, 1, 6),
        "last_day": date(2024, 9, 24),
        "trade_count": 120,
    }
    return RunVocabulary(**{**given, **more})


def condition(one: Condition) -> str:
    """weekday=monday, not side=short, month=2024-08@closed."""
    value = ",".join(map(str, one.value)) if isinstance(one.value, list) else one.value
    if isinstance(value, dict):
        value = " ".join(f"{key}{_number(held)}" for key, held in value.items())
    return f"{'not ' if one.negated else ''}{one.key}={value}{f'@{one.by}' if one.by else ''}"


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def part_line(part: Part) -> str:
    """figures win_rate | side=short."""
    words: list[str] = [part.intent]
    words += [f"{one.measure}{f':{one.statistic}' if one.statistic else ''}" for one in part.wanted]
    words += [f"by {part.dimension}"] if part.dimension else []
    words += [part.order] if part.order else []
    words += [f"#{part.place}"] if part.place else []
    words += [f"top{part.limit}"] if part.limit and part.order else []
    if part.what_if is not None:
        words += [part.what_if.kind, *(f"{key}={_number(value)}" for key, value in part.what_if.params.items())]
    words += [f"<{part.term}>"] if part.term and not part.wanted else []
    words += [f"({part.topic})"] if part.topic and part.intent in ("judge", "courtesy", "unknowable", "groups") else []
    words += (
        [f"order:{part.topic}"]
        if part.intent == "trades" and part.topic not in ("pnl", "list", "acted", "open", "")
        else []
    )
    words += [f"?{','.join(part.names)}"] if part.names else []
    line = " ".join(words)
    if part.where:
        line += " | " + ", ".join(condition(one) for one in part.where)
    if part.groups:
        line += " | " + " vs ".join(", ".join(condition(one) for one in group) for group in part.groups)
    return line


def plan_line(plan: Plan) -> str:
    """All parts."""
    return "; ".join(part_line(part) for part in plan.parts)


def read(*questions: str, run: RunVocabulary | None = None, answer: str = "Trade #17 and #5") -> str:
    """The plan of the last question, after the others; every answer before named trades 17 and 5."""
    turns = [Turn(question, answer) for question in questions[:-1]]
    return plan_line(understand(questions[-1], run or vocabulary(), turns))
