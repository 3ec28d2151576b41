"""What trades can be grouped by: one entry for each dimension, with the condition that a group's label stands for.

Hours, weekdays, months and the like are of the opening in UTC; those named `closed_…` are of the closing, and what is
still open is in none of their groups but "(open)".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from backend.analysis.arrays import (
    DAY_US,
    WEEKDAYS,
    FloatArray,
    IntArray,
    ObjectArray,
    day_of,
    hour_of,
    month_of,
    to_datetime,
    weekday_of,
)
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.where.keys import nth_of_day, streaks_before
from backend.analysis.where.labels import HOLDING_EDGES, HOLDING_LABELS, NO_TAG, with_none
from backend.analysis.where.moments import SESSIONS, month_label, session_of, week_label, week_of
from backend.analysis.where.values import parts

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Grouped = tuple[IntArray, list[str]]
_OPEN = "(open)"
_UNKNOWN = "(unknown)"
_MOST_OF_DAY = 10
_MOST_LOSSES = 5
_LEVELS = 12  # distinct leverages that are a group each


@dataclass(frozen=True, slots=True)
class Dimension:
    """`group` answers (group of each trade, labels); `in_order` keeps the labels' own order instead of worst first.
    `condition` is the object of conditions that chooses a group by its label, None where none does.
    """

    name: str
    group: Callable[[RunFrame], Grouped]
    in_order: bool
    condition: Callable[[str], dict[str, Any] | None]


def _symbol(frame: RunFrame) -> Grouped:
    return frame.trades.symbol, list(frame.trades.symbols)


def _side(frame: RunFrame) -> Grouped:
    return np.where(frame.trades.side > 0, 0, 1).astype(np.int64), ["long", "short"]


def _tags(frame: RunFrame, rows: IntArray, fallback: IntArray | None = None) -> ObjectArray:
    padded = with_none(frame.positions.tag)
    tags = padded[rows]
    if fallback is not None:
        tags = np.where(pd.isna(tags), padded[fallback], tags)
    return np.where(pd.isna(tags), NO_TAG, tags)


def _tag(frame: RunFrame, which: Literal["either", "entry", "exit"]) -> Grouped:
    t = frame.trades
    rows, fallback = (
        (t.entry_row, None) if which == "entry" else (t.exit_row, t.entry_row if which == "either" else None)
    )
    codes, labels = pd.factorize(_tags(frame, rows, fallback))
    return codes.astype(np.int64), [str(label) for label in labels]


def _moments(frame: RunFrame, by: Literal["opened", "closed"]) -> IntArray:
    return frame.trades.opened_at if by == "opened" else frame.trades.closed_at


def _hour(frame: RunFrame) -> Grouped:
    return hour_of(frame.trades.opened_at), [f"{hour:02d}" for hour in range(24)]


def _weekday(frame: RunFrame) -> Grouped:
    return weekday_of(frame.trades.opened_at), list(WEEKDAYS)


def _weekend(frame: RunFrame) -> Grouped:
    return (weekday_of(frame.trades.opened_at) >= 5).astype(np.int64), ["Monday to Friday", "weekend"]


def _session(frame: RunFrame) -> Grouped:
    return session_of(hour_of(frame.trades.opened_at)), list(SESSIONS)


def _calendar(
    frame: RunFrame,
    by: Literal["opened", "closed"],
    period: Callable[[IntArray], IntArray],
    label: Callable[[int], str],
) -> Grouped:
    found, codes = np.unique(period(_moments(frame, by)), return_inverse=True)
    labels = [label(int(one)) for one in found]
    if by == "closed" and frame.trades.is_open.any():
        codes = np.where(frame.trades.is_open, len(labels), codes)
        labels = [*labels, _OPEN]
    return codes.astype(np.int64), labels


def day_label(day: int) -> str:
    """Days since the epoch as "2024-08-05"."""
    return to_datetime(day * DAY_US).date().isoformat()


def _year(moments: IntArray) -> IntArray:
    return np.floor_divide(month_of(moments), 12)


def _holding(frame: RunFrame) -> Grouped:
    bins = np.searchsorted(np.array(HOLDING_EDGES[1:]), frame.trades.holding_seconds, side="right")
    return bins.astype(np.int64), list(HOLDING_LABELS)


def _after(frame: RunFrame, sign: int) -> Grouped:
    """How many losses (−1) or wins (1) in a row stood before each entry."""
    names = ("loss", "losses") if sign < 0 else ("win", "wins")
    labels = [
        f"after no {names[0]}",
        f"after 1 {names[0]}",
        *(f"after {count} {names[1]}" for count in range(2, _MOST_LOSSES)),
        f"after {_MOST_LOSSES} or more {names[1]}",
    ]
    return np.minimum(streaks_before(frame, sign), _MOST_LOSSES), labels


def _nth(frame: RunFrame) -> Grouped:
    labels = [*(str(count) for count in range(1, _MOST_OF_DAY)), f"{_MOST_OF_DAY} or later"]
    return np.minimum(nth_of_day(frame), _MOST_OF_DAY) - 1, labels


def _quarters(values: FloatArray) -> Grouped:
    """Groups of about as many trades each between the quartiles, labelled by their bounds."""
    known = values[~np.isnan(values)]
    edges = [float(f"{edge:.4g}") for edge in np.unique(np.quantile(known, [0.25, 0.5, 0.75]))] if len(known) else []
    edges = sorted({edge for edge in edges if len(known) and known.min() < edge <= known.max()})
    codes = np.searchsorted(np.array(edges), values, side="right") if edges else np.zeros(len(values), dtype=np.int64)
    labels = _range_labels(edges)
    return np.where(np.isnan(values), len(labels), codes).astype(np.int64), [*labels, _UNKNOWN]


def _range_labels(edges: list[float]) -> list[str]:
    if not edges:
        return ["all"]
    inner = [f"{low:,.10g} to under {high:,.10g}" for low, high in pairwise(edges)]
    return [f"under {edges[0]:,.10g}", *inner, f"{edges[-1]:,.10g} and more"]


def _size(frame: RunFrame) -> Grouped:
    return _quarters(frame.trades.entry_value)


def _leverage(frame: RunFrame) -> Grouped:
    values = frame.trades.leverage
    levels = np.unique(values[~np.isnan(values)])
    if len(levels) > _LEVELS:
        return _quarters(values)
    codes = np.where(np.isnan(values), len(levels), np.searchsorted(levels, values))
    return codes.astype(np.int64), [*(f"{level:g}" for level in levels), _UNKNOWN]


def _of(key: str) -> Callable[[str], dict[str, Any] | None]:
    def condition(label: str) -> dict[str, Any] | None:
        return None if label.startswith("(") and label != NO_TAG else {key: label}

    return condition


def _by_closing(key: str) -> Callable[[str], dict[str, Any] | None]:
    def condition(label: str) -> dict[str, Any] | None:
        return {"open": True} if label == _OPEN else {key: label, "by": "closed"}

    return condition


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def _of_range(key: str) -> Callable[[str], dict[str, Any] | None]:
    def condition(label: str) -> dict[str, Any] | None:
        words = label.replace(",", "").split()
        if label.startswith("under "):
            return {key: {"lt": float(words[1])}}
        if label.endswith(" and more"):
            return {key: {"gte": float(words[0])}}
        if " to under " in label:
            return {key: {"gte": float(words[0]), "lt": float(words[-1])}}
        return {key: float(words[0])} if _NUMBER.fullmatch(words[0]) else None

    return condition


def _of_streak(kind: str) -> Callable[[str], dict[str, Any] | None]:
    def condition(label: str) -> dict[str, Any]:
        words = label.split()
        if words[1] == "no":
            return {"not": {"streak": {"after": kind, "at_least": 1}}}
        limits = {"at_least": int(words[1]), **({} if "more" in words else {"at_most": int(words[1])})}
        return {"streak": {"after": kind, **limits}}

    return condition


def _of_nth(label: str) -> dict[str, Any]:
    return {"nth_of_day": {"gte": _MOST_OF_DAY}} if " " in label else {"nth_of_day": int(label)}


def _of_weekend(label: str) -> dict[str, Any]:
    return {"weekend": label == "weekend"}


def _periods(
    by: Literal["opened", "closed"],
) -> tuple[tuple[str, Callable[[IntArray], IntArray], Callable[[int], str], str], ...]:
    prefix = "closed_" if by == "closed" else ""
    return (
        (f"{prefix}month", month_of, month_label, "month"),
        (f"{prefix}week", week_of, week_label, "week"),
        (f"{prefix}date", day_of, day_label, "date"),
        (f"{prefix}year", _year, lambda year: str(1970 + year), "date"),
    )


REGISTRY: tuple[Dimension, ...] = (
    Dimension("symbol", _symbol, False, _of("symbol")),
    Dimension("side", _side, True, _of("side")),
    Dimension("tag", partial(_tag, which="either"), False, _of("tag")),
    Dimension("entry_tag", partial(_tag, which="entry"), False, _of("entry_tag")),
    Dimension("hour", _hour, True, _of("hour")),
    Dimension("weekday", _weekday, True, _of("weekday")),
    Dimension("holding_time", _holding, True, _of("duration")),
    *(
        Dimension(name, partial(_calendar, by="opened", period=period, label=label), True, _of(key))
        for name, period, label, key in _periods("opened")
    ),
    *(
        Dimension(name, partial(_calendar, by="closed", period=period, label=label), True, _by_closing(key))
        for name, period, label, key in _periods("closed")
    ),
    Dimension("exit_reason", partial(_tag, which="exit"), False, _of("exit_reason")),
    Dimension("session", _session, True, _of("session")),
    Dimension("weekend", _weekend, True, _of_weekend),
    Dimension("after_losses", partial(_after, sign=-1), True, _of_streak("losses")),
    Dimension("after_wins", partial(_after, sign=1), True, _of_streak("wins")),
    Dimension("nth_of_day", _nth, True, _of_nth),
    Dimension("size", _size, True, _of_range("size")),
    Dimension("leverage", _leverage, True, _of_range("leverage")),
)
BY_NAME = {one.name: one for one in REGISTRY}
DIMENSIONS = tuple(BY_NAME)
# What an analysis shows unless other dimensions are asked for.
USUAL = ("symbol", "side", "tag", "entry_tag", "hour", "weekday", "holding_time", "month")


_ALIASES = {
    "day": "date", "days": "date", "months": "month", "weeks": "week", "years": "year", "hours": "hour",
    "weekdays": "weekday", "symbols": "symbol", "sides": "side", "duration": "holding_time", "holding": "holding_time",
    "sessions": "session", "exit_tag": "exit_reason", "streak": "after_losses", "trade_number": "nth_of_day",
    "closed_day": "closed_date", "tags": "tag",
}  # fmt: skip


def read_dimensions(names: Any) -> tuple[str, ...]:
    """Dimensions named by a text with commas or a list; `all` is every one, None none.

    Raises:
        InvalidCriteria: for one there is none of.
    """
    found: list[str] = []
    for part in parts(names):
        name = re.sub(r"[\s\-]+", "_", part.lower())
        name = _ALIASES.get(name, name)
        if name == "all":
            return DIMENSIONS
        if name not in BY_NAME:
            raise InvalidCriteria(f"trades can't be grouped by {part!r}", DIMENSIONS)
        found += [] if name in found else [name]
    return tuple(found)


def dimension(frame: RunFrame, name: str, chosen: IntArray) -> Grouped:
    """(group of each chosen trade, labels of the groups).

    `tag` is the exit's tag, or the entry's where the exit has none.
    """
    key = f"dimension:{name}"
    if key not in frame.cache:
        frame.cache[key] = BY_NAME[name].group(frame)
    codes, labels = frame.cache[key]
    return codes[chosen], labels


def condition_of(name: str, label: str) -> dict[str, Any] | None:
    """The object of conditions that chooses a group of a dimension by its label; None where none does.

    Labels of results saved long ago, or of a pattern's own groups, may be none of the dimension's.
    """
    try:
        return BY_NAME[name].condition(label) if name in BY_NAME else None
    except (ValueError, IndexError):
        return None
