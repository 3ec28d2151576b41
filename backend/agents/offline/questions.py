"""What is being asked: plain words → a topic, and what of the last answer it goes on about. Deterministic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Topic = Literal[
    "why", "worst", "best", "where", "risk", "costs", "sides", "rules", "overview", "reasoning", "help", "unknown"
]
Dimension = Literal["hour", "weekday", "symbol"]

# In order: the first that matches decides. "Which hours cost most?" is about hours, "what about fees?" about costs.
_TOPICS: tuple[tuple[Topic, str], ...] = (
    (
        "rules",
        r"\brules?\b|suggest|improve|\bfix(?:es)?\b|prevent|avoid|stop[- ]?loss|\blimits?\b|do differently"
        r"|what (?:should|could|can) i (?:do|change)",
    ),
    ("costs", r"\bfees?\b|commission|funding|slippage"),
    (
        "where",
        r"\bhours?\b|time of (?:the )?day|\bweekdays?\b|days? of the week|\bwhen\b|\bsymbols\b"
        r"|\b(?:which|what|best|worst|by) (?:\w+ ){0,3}(?:symbol|pair|coin|asset|ticker|market|stock|day|time)s?\b",
    ),
    ("sides", r"\blongs?\b|\bshorts?\b|\bsides?\b|\bdirections?\b"),
    ("risk", r"draw ?downs?|\brisks?\b|risky|volatil|sharpe|sortino|calmar|\bvar\b|under ?water|ratios?\b"),
    (
        "reasoning",
        r"\breasoning\b|what was it thinking"
        r"|why did (?:it|the (?:agent|model|bot|strategy)) (?:buy|sell|short|enter|open|exit|close)",
    ),
    ("worst", r"worst|(?:biggest|largest|big) (?:loss|loser|losing)|losing trades|\blosers\b"),
    ("best", r"\bbest\b|\bwinners\b|winning trades|(?:biggest|largest) (?:win|gain|profit)"),
    (
        "why",
        r"\bwhy\b|what (?:happened|happens|went wrong)|reasons?\b|explain|\blos(?:e|t|s|ses|ing)\b"
        r"|(?:make|made|earn\w*) money|profitable|went wrong",
    ),
    ("costs", r"\bcosts?\b"),
    (
        "overview",
        r"\bstats?\b|statistics|summar|overview|perform|\bmetrics?\b|win rate|figures|result"
        r"|how (?:did|was|is|good|bad)",
    ),
    ("help", r"\bhelp\b|what can you|who are you|^(?:hi|hello|hey)\b"),
)

_ORDINALS: tuple[tuple[int, str], ...] = (
    (1, r"\bfirst\b|\b1st\b"),
    (2, r"\bsecond\b(?! half)|\b2nd\b"),
    (3, r"\bthird\b|\b3rd\b"),
    (4, r"\bfourth\b|\b4th\b"),
    (5, r"\bfifth\b|\b5th\b"),
    (-1, r"\blast (?:one|trade|rule|hour|symbol)\b"),
)
_GOING_ON = re.compile(
    r"^(?:and|but|so|ok|okay|what about|how about|only|just|more|also|then)\b|tell me more|more (?:about|detail)|go on"
    r"|\b(?:it|that|this|those|these|them) (?:one|again)\b|\bonly\b",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(?:at|hour|around)\s+(\d{1,2})(?::00|h)?\b|\b(\d{1,2}):00\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_MONTH = re.compile(r"\b(\d{4}-\d{2})\b(?!-)")
_TRADE = re.compile(r"\btrade\s*(?:#|no\.?\s*|number\s*)?(\d+)\b|#(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the run, as analyze_trades takes it."""

    filter_type: str
    criteria: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question, read. `item` is the n-th thing of the last answer (−1 the last); `trade_id` a trade named by id."""

    text: str
    topic: Topic
    scope: Scope | None = None
    item: int | None = None
    trade_id: int | None = None
    dimension: Dimension | None = None
    problem: str = ""
    unknown_symbol: str | None = None


def read_question(text: str, earlier: Sequence[str]) -> Question:
    """Understand `text`, in the light of the user's earlier questions (oldest first)."""
    asked = _read_alone(text)
    if asked.topic == "unknown":
        before = _last_with_topic(earlier)
        names_item = asked.item is not None or _GOING_ON.search(text) is not None
        if before is not None and (names_item or asked.scope is not None):
            inherited = replace(before, text=text, scope=asked.scope or before.scope, trade_id=asked.trade_id)
            more = asked.item is None and asked.scope is None and re.search(r"more|go on", text, re.IGNORECASE)
            return replace(inherited, item=1 if more else asked.item, dimension=asked.dimension or before.dimension)
        if asked.scope is not None:
            return replace(asked, topic="why")
        if before is not None:
            # Names of symbols are known only once the trades are read; until then it may go on from the last question.
            return replace(asked, problem=before.problem, dimension=before.dimension)
    return asked


def _read_alone(text: str) -> Question:
    lowered = text.lower()
    topic: Topic = next((topic for topic, pattern in _TOPICS if re.search(pattern, lowered)), "unknown")
    trade = _TRADE.search(text)
    if trade is not None and topic not in ("rules",):
        return Question(text, "worst", trade_id=int(trade[1] or trade[2]))
    item = next((place for place, pattern in _ORDINALS if re.search(pattern, lowered)), None)
    if item is not None and not re.search(
        r"\bones?\b|\btrade|\brule|\bhour|\bsymbol|^\W*(?:and |what about )?(?:the )?\w+\W*$", lowered
    ):
        item = None
    if item is not None and topic in ("worst", "best", "rules", "where") and not re.search(r"\bones?\b", lowered):
        return Question(text, topic, _scope(text), item, dimension=_dimension(lowered), problem=text)
    if item is not None:
        return Question(text, "unknown", item=item, dimension=_dimension(lowered))
    return Question(text, topic, _scope(text), dimension=_dimension(lowered), problem=text)


def _last_with_topic(earlier: Sequence[str]) -> Question | None:
    for text in reversed(earlier):
        question = _read_alone(text)
        if question.topic not in ("unknown", "help"):
            return question
    return None


def _scope(text: str) -> Scope | None:
    if hour := _HOUR.search(text):
        value = int(hour[1] or hour[2])
        return Scope("hour", str(value)) if value <= 23 else None
    if day := _WEEKDAY.search(text):
        return Scope("weekday", f"{day[1].capitalize()}day")
    if month := _MONTH.search(text):
        return Scope("month", month[1])
    return None


def _dimension(lowered: str) -> Dimension | None:
    hours = re.search(r"\bhours?\b|time of|\bwhen\b|\btimes\b", lowered)
    symbols = re.search(r"symbol|pair|coin|asset|ticker|market|stock", lowered)
    days = re.search(r"weekday|days?\b", lowered) and not re.search(r"time of (?:the )?day", lowered)
    if bool(hours) + bool(symbols) + bool(days) != 1:
        return None
    return "hour" if hours else "symbol" if symbols else "weekday"


# Words that are also tickers; as such they count only when written in capitals.
_COMMON = frozenset(
    """
    a all am an and any are as at be best bit but by can cat cost day did do fast fee few for get go good had has have
    how i if in is it its key last life like link long loss love low made me more most near net new next not now of off
    on one only open or out own pay play real rule run safe see show so some stop tell than that the then this to trade
    true up us wall was way we well what when where who why win with work you
    """.split()  # noqa: SIM905
)


_CAPITALS = frozenset(
    [
        "AI",
        "API",
        "CAGR",
        "CVAR",
        "EUR",
        "GBP",
        "LLM",
        "MAE",
        "MFE",
        "OK",
        "PNL",
        "ROI",
        "SQN",
        "USD",
        "USDC",
        "USDT",
        "UTC",
        "VAR",
    ]
)


def unknown_symbol(text: str) -> str | None:
    """What a question names as a symbol would be written, for when the run has none such."""
    words = re.findall(r"(?<![\w&])[A-Z][A-Z0-9]{1,9}(?:[/_-][A-Z0-9]{2,6})?(?![\w&])", text)
    return next((word for word in words if word not in _CAPITALS), None)


def named_symbol(text: str, symbols: Sequence[str]) -> str | None:
    """The symbol that a question names, whole or by its base ("BTC" of "BTC/USDT"); None when it names none."""
    words = re.findall(r"[A-Za-z0-9][A-Za-z0-9/:_.-]*", text)
    spoken = {word.strip(".:-_/").upper() for word in words if word.isupper() or word.lower() not in _COMMON}
    for symbol in symbols:
        if symbol.upper() in spoken:
            return symbol
    for symbol in symbols:
        base = re.split(r"[/:_\-.\s]", symbol, maxsplit=1)[0].upper()
        quoteless = re.sub(r"(?:USDT|USDC|USD|EUR|PERP)$", "", base)
        if len(base) >= 2 and (base in spoken or (len(quoteless) >= 2 and quoteless in spoken)):
            return symbol
    return None
