"""Which trades a question is about: `where` takes conditions, every other `filter_type` is a short form of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.analysis.arrays import IntArray
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.where import Where, describe, read_where
from backend.analysis.where.labels import HOLDING_LABELS
from backend.analysis.where.values import bare, text_bounds

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

FILTER_TYPES = (
    "all", "where", "winners", "losers", "symbol", "side", "action", "tag", "hour", "weekday", "month", "date_range",
    "holding_time", "largest_losses", "largest_wins", "streaks", "open",
)  # fmt: skip
Criteria = str | int | float | Mapping[str, Any] | Sequence[Any] | None
_ALIASES = {
    "": "all", "everything": "all", "none": "all", "loser": "losers", "losing": "losers", "losses": "losers",
    "losing_trades": "losers", "winner": "winners", "winning": "winners", "wins": "winners",
    "winning_trades": "winners", "symbols": "symbol", "pair": "symbol", "ticker": "symbol", "direction": "side",
    "tags": "tag", "exit_tag": "exit_reason", "reason": "tag", "hours": "hour",
    "time_of_day": "hour", "day": "weekday", "weekdays": "weekday", "day_of_week": "weekday", "months": "month",
    "date": "date_range", "dates": "date_range", "period": "date_range", "duration": "holding_time",
    "holding": "holding_time", "worst": "largest_losses", "worst_trades": "largest_losses",
    "biggest_losses": "largest_losses", "largest_loss": "largest_losses", "best": "largest_wins",
    "best_trades": "largest_wins", "biggest_wins": "largest_wins", "largest_win": "largest_wins",
    "streak": "streaks", "losing_streak": "streaks", "open_trades": "open", "unrealized": "open",
    "unrealised": "open", "conditions": "where",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selection:
    """Indices of the chosen trades and of the rest, and what was understood in words.

    `chosen` and `rest` are closed trades; `chosen_open` and `rest_open` those still open that the same conditions hold
    for and do not. Where open trades were asked for, they are the chosen ones, and `chosen_open` is empty.
    """

    filter_type: str
    description: str
    where: Where
    chosen: IntArray
    rest: IntArray
    chosen_open: IntArray
    rest_open: IntArray


def select_trades(frame: RunFrame, filter_type: str | None = "all", criteria: Criteria = None) -> Selection:
    """Choose trades.

    Raises:
        InvalidCriteria: for a filter there is none of, or criteria that can't be read; `valid` lists what would do.
    """
    wanted = re.sub(r"[\s\-]+", "_", (filter_type or "all").strip().lower())
    if wanted in ("long", "short"):
        wanted, criteria = "side", wanted
    wanted = _ALIASES.get(wanted, wanted)
    if wanted == "all" and criteria and not isinstance(criteria, (int, float)) and _looks_like_conditions(criteria):
        wanted = "where"
    if wanted in _SHORT:
        conditions: Any = _SHORT[wanted](criteria)
    elif wanted in _ALSO_KEYS:
        conditions = {wanted: _value(criteria)}
    else:
        raise InvalidCriteria(f"there is no filter_type {filter_type!r}", FILTER_TYPES)
    where = read_where(frame, conditions)
    return selected(frame, where, wanted)


def selected(frame: RunFrame, where: Where, filter_type: str = "where") -> Selection:
    """The trades that conditions hold for, with the rest."""
    still_open, mask = frame.trades.is_open, where.mask
    nothing = np.empty(0, dtype=np.int64)
    if where.only_open:
        return Selection(
            filter_type=filter_type,
            description=describe(where),
            where=where,
            chosen=np.flatnonzero(mask),
            rest=frame.trades.closed,
            chosen_open=nothing,
            rest_open=np.flatnonzero(still_open & ~mask),
        )
    return Selection(
        filter_type=filter_type,
        description=describe(where),
        where=where,
        chosen=np.flatnonzero(mask & ~still_open),
        rest=np.flatnonzero(~mask & ~still_open),
        chosen_open=np.flatnonzero(mask & still_open),
        rest_open=np.flatnonzero(~mask & still_open),
    )


def criteria_text(criteria: Criteria) -> str:
    """Criteria as one line of text: lists by commas, ranges of a dict by "..", other dicts by their values."""
    if criteria is None:
        return ""
    if isinstance(criteria, Mapping):
        named = {str(key).lower(): value for key, value in criteria.items() if value is not None}
        for low, high in (("start", "end"), ("from", "to"), ("min", "max"), ("gte", "lte")):
            if low in named or high in named:
                if low in named and high in named:
                    return f"{named[low]}..{named[high]}"
                return f">= {named[low]}" if low in named else f"<= {named[high]}"
        return ", ".join(criteria_text(value) for value in named.values())
    if isinstance(criteria, (list, tuple, set, frozenset)):
        return ", ".join(criteria_text(value) for value in criteria)
    return str(criteria).strip()


def _looks_like_conditions(criteria: Any) -> bool:
    """Models that mean `where` say `all` now and then; their conditions count, not the word."""
    if isinstance(criteria, str):
        return criteria.strip()[:1] in ("[", "{")
    if isinstance(criteria, (list, tuple)):
        return any(isinstance(held, Mapping) for held in criteria)
    return isinstance(criteria, Mapping)


def _value(criteria: Criteria) -> Any:
    """The value of a single filter: an object is a range, or names its value ({"symbols": [...]})."""
    if isinstance(criteria, Mapping):
        named = {str(key).lower() for key in criteria}
        if named & {"gte", "gt", "lt", "lte", "min", "max", "start", "end", "from", "to"}:
            return criteria
        return criteria_text(criteria)
    return "" if criteria is None else criteria


def _action(criteria: Criteria) -> Any:
    text = criteria_text(criteria)
    side = {"buy": "long", "sell": "long", "short": "short", "cover": "short"}.get(bare(text))
    if side is None:
        raise InvalidCriteria(f"there is no trading action {text!r}", ["buy", "sell", "short", "cover"])
    return {"side": side}


def _count(criteria: Criteria) -> int:
    text = criteria_text(criteria)
    found = re.search(r"\d{1,9}", text)
    if text and not found:
        raise InvalidCriteria(f"{text!r} is no number of trades", ["5", "10", "top 20"])
    return max(1, int(found[0])) if found else 10


def _held(criteria: Criteria) -> Any:
    """Holding times; both ends of what this filter's text names are included, also of "< 30m"."""
    value = _value(criteria)
    if not isinstance(value, str) or value in HOLDING_LABELS:
        return value
    (low, high), _, _ = text_bounds(value)
    if low is not None and high is not None:
        return value
    return {"gte": low} if low is not None else {"lte": high}


def _streaks(criteria: Criteria) -> Any:
    """Trades of the longest streak, or of all at least as long as the number given; losing unless it says win."""
    if isinstance(criteria, Mapping) and {"after", "in"} & {str(key).lower() for key in criteria}:
        return {"streak": criteria}
    text = criteria_text(criteria).lower()
    if text and not re.search(r"\d|win|los", text):
        raise InvalidCriteria(f"{text!r} names no streak", ["losing", "winning", "losing 3", "winning 3"])
    number = re.search(r"\d{1,9}", text)
    kind = "wins" if "win" in text else "losses"
    return {"streak": {"in": kind, **({"at_least": max(1, int(number[0]))} if number else {})}}


_ALSO_KEYS = (
    "symbol", "side", "tag", "entry_tag", "exit_reason", "hour", "weekday", "weekend", "month", "week", "session",
    "pnl", "return", "size", "quantity", "leverage", "mae", "mfe", "result", "trade",
)  # fmt: skip
_SHORT: dict[str, Callable[[Any], Any]] = {
    "all": lambda _criteria: None,
    "where": lambda criteria: criteria,
    "winners": lambda _criteria: {"result": "win"},
    "losers": lambda _criteria: {"result": "loss"},
    "action": _action,
    "date_range": lambda criteria: {"date": _value(criteria)},
    "holding_time": lambda criteria: {"duration": _held(criteria)},
    "largest_losses": lambda criteria: {"worst": _count(criteria)},
    "largest_wins": lambda criteria: {"best": _count(criteria)},
    "streaks": _streaks,
    "open": lambda _criteria: {"open": True},
}
