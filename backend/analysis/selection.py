"""Which trades a question is about: `filter_type` and `criteria`, read tolerantly, refused with what is valid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backend.analysis.arrays import WEEKDAYS, IntArray, group_starts, hour_of, month_of, to_microseconds, weekday_of
from backend.analysis.breakdown import HOLDING_EDGES, HOLDING_LABELS, with_none
from backend.analysis.criteria import InvalidCriteria

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

FILTER_TYPES = (
    "all", "winners", "losers", "symbol", "side", "action", "tag", "hour", "weekday", "month", "date_range",
    "holding_time", "largest_losses", "largest_wins", "streaks", "open",
)  # fmt: skip
Criteria = str | int | float | Mapping[str, Any] | Sequence[Any] | None
_ALIASES = {
    "": "all", "everything": "all", "none": "all", "loser": "losers", "losing": "losers", "losses": "losers",
    "losing_trades": "losers", "winner": "winners", "winning": "winners", "wins": "winners",
    "winning_trades": "winners", "symbols": "symbol", "pair": "symbol", "ticker": "symbol", "direction": "side",
    "tags": "tag", "exit_reason": "tag", "exit_tag": "tag", "entry_tag": "tag", "reason": "tag", "hours": "hour",
    "time_of_day": "hour", "day": "weekday", "weekdays": "weekday", "day_of_week": "weekday", "months": "month",
    "date": "date_range", "dates": "date_range", "period": "date_range", "duration": "holding_time",
    "holding": "holding_time", "worst": "largest_losses", "worst_trades": "largest_losses",
    "biggest_losses": "largest_losses", "largest_loss": "largest_losses", "best": "largest_wins",
    "best_trades": "largest_wins", "biggest_wins": "largest_wins", "largest_win": "largest_wins",
    "streak": "streaks", "losing_streak": "streaks", "open_trades": "open", "unrealized": "open",
}  # fmt: skip
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_UNIT_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DASHES = re.compile(r"\s*(?:\.\.+|–|—|\bto\b|\buntil\b|\bthrough\b)\s*")


@dataclass(frozen=True, slots=True)
class Selection:
    """Indices of the chosen trades and of the rest, and what was understood in words."""

    filter_type: str
    description: str
    chosen: IntArray
    rest: IntArray


def select_trades(frame: RunFrame, filter_type: str | None = "all", criteria: Criteria = None) -> Selection:
    """Choose trades; all but `open` choose among the closed ones.

    Raises:
        InvalidCriteria: for a filter there is none of, or criteria that can't be read; `valid` lists what would do.
    """
    wanted = re.sub(r"[\s\-]+", "_", (filter_type or "all").strip().lower())
    if wanted in ("long", "short"):
        wanted, criteria = "side", wanted
    wanted = _ALIASES.get(wanted, wanted)
    if wanted not in FILTER_TYPES:
        raise InvalidCriteria(f"there is no filter_type {filter_type!r}", FILTER_TYPES)
    closed = frame.trades.closed
    if wanted == "open":
        return Selection(wanted, "trades still open at the end, at the last known price", frame.trades.open, closed)
    within, description = _FILTERS[wanted](frame, closed, criteria_text(criteria))
    mask = np.zeros(len(closed), dtype=np.bool_)
    mask[within] = True
    return Selection(wanted, description, closed[mask], closed[~mask])


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


def _parts(text: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.split(r"[,;|]|\band\b|\bor\b", text) if part.strip()]


def _all(_frame: RunFrame, closed: IntArray, _text: str) -> tuple[IntArray, str]:
    return np.arange(len(closed)), "all closed trades"


def _winners(frame: RunFrame, closed: IntArray, _text: str) -> tuple[IntArray, str]:
    return np.flatnonzero(frame.trades.net_pnl[closed] > 0), "trades with net P&L above zero"


def _losers(frame: RunFrame, closed: IntArray, _text: str) -> tuple[IntArray, str]:
    return np.flatnonzero(frame.trades.net_pnl[closed] < 0), "trades with net P&L below zero"


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def match_names(text: str, names: Sequence[str]) -> list[int]:
    """Names meant by a text: exact, else the same letters, else those that begin with it; in that order for each."""
    found: list[int] = []
    for part in _parts(text):
        letters = _bare(part)
        hits = (
            [i for i, name in enumerate(names) if name == part]
            or [i for i, name in enumerate(names) if name.lower() == part.lower()]
            or [i for i, name in enumerate(names) if letters and _bare(name) == letters]
            or [i for i, name in enumerate(names) if letters and _bare(name).startswith(letters)]
        )
        found += [i for i in hits if i not in found]
    return found


def _symbol(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    used = sorted({frame.trades.symbols[i] for i in np.unique(frame.trades.symbol)})
    names = list(frame.trades.symbols)
    meant = [i for i in match_names(text, names) if names[i] in used]
    if not meant:
        raise InvalidCriteria(f"no symbol of this run is meant by {text!r}", used[:50])
    return np.flatnonzero(
        np.isin(frame.trades.symbol[closed], meant)
    ), f"trades in {', '.join(names[i] for i in meant)}"


def _side(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    word = _bare(text)
    wanted = {"long": 1, "longs": 1, "buy": 1, "short": -1, "shorts": -1, "sellshort": -1}.get(word)
    if wanted is None:
        raise InvalidCriteria(f"there is no side {text!r}", ["long", "short"])
    side = "long" if wanted > 0 else "short"
    return np.flatnonzero(frame.trades.side[closed] == wanted), f"{side} trades"


def _action(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    wanted = {"buy": 1, "sell": 1, "short": -1, "cover": -1}.get(_bare(text))
    if wanted is None:
        raise InvalidCriteria(f"there is no trading action {text!r}", ["buy", "sell", "short", "cover"])
    return np.flatnonzero(frame.trades.side[closed] == wanted), f"trades with a {_bare(text)} action"


def _tag(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    tags = with_none(frame.positions.tag)
    entry, leaving = tags[frame.trades.entry_row[closed]], tags[frame.trades.exit_row[closed]]
    names = sorted({str(tag) for tag in pd.unique(np.concatenate([entry, leaving])) if not pd.isna(tag)})
    meant = [names[i] for i in match_names(text, names)]
    if not meant:
        raise InvalidCriteria(f"no tag of this run is meant by {text!r}", names[:50])
    hit = pd.Series(entry).isin(meant).to_numpy() | pd.Series(leaving).isin(meant).to_numpy()
    return np.flatnonzero(hit), f"trades tagged {', '.join(meant)} at entry or exit"


def _hours(text: str) -> set[int]:
    """Hours named: "13", "13, 14", "13-15" (15 included), "13:00-15:00" (up to 15:00), "22-2" over midnight."""
    hours: set[int] = set()
    for part in _parts(_DASHES.sub("-", text.lower().replace("utc", "").replace("h", ""))):
        found = re.fullmatch(r"(\d{1,2})(:\d\d)?(?:\s*-\s*(\d{1,2})(:\d\d)?)?", part)
        if found is None or int(found[1]) > 23 or int(found[3] or 0) > 24:
            raise InvalidCriteria(
                f"{text!r} names no hours of the day", ["13", "13, 14", "13-15", "13:00-15:00", "22-2"]
            )
        first = int(found[1])
        last = first if found[3] is None else int(found[3]) - (1 if found[4] == ":00" else 0)
        last += 24 if last < first else 0
        hours |= {hour % 24 for hour in range(first, last + 1)}
    if not hours:
        raise InvalidCriteria("which hours?", ["13", "13, 14", "13-15", "13:00-15:00", "22-2"])
    return hours


def _hour(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    hours = sorted(_hours(text))
    within = np.flatnonzero(np.isin(hour_of(frame.trades.opened_at[closed]), hours))
    return within, f"trades opened in hour {', '.join(f'{hour:02d}' for hour in hours)} UTC"


def _named(part: str, names: Sequence[str]) -> int | None:
    word = _bare(part).removesuffix("s") if len(part) > 4 else _bare(part)
    hits = [i for i, name in enumerate(names) if len(word) >= 3 and name.lower().startswith(word)]
    return hits[0] if len(hits) == 1 else None


def _weekday(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    days: set[int] = set()
    for part in _parts(_DASHES.sub("-", text.lower())):
        if _bare(part) in ("weekend", "weekends"):
            days |= {5, 6}
            continue
        if _bare(part) in ("workday", "workdays", "weekdays"):
            days |= {0, 1, 2, 3, 4}
            continue
        ends = [_named(end.strip(), WEEKDAYS) for end in part.split("-")]
        if not ends or None in ends or len(ends) > 2:
            raise InvalidCriteria(f"{part!r} is no day of the week", WEEKDAYS)
        first, last = ends[0] or 0, ends[-1] or 0
        days |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    if not days:
        raise InvalidCriteria("which weekday?", WEEKDAYS)
    within = np.flatnonzero(np.isin(weekday_of(frame.trades.opened_at[closed]), sorted(days)))
    return within, f"trades opened on {', '.join(WEEKDAYS[day] for day in sorted(days))} (UTC)"


def _month(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    months = month_of(frame.trades.opened_at[closed])
    hit = np.zeros(len(closed), dtype=np.bool_)
    present = sorted({f"{1970 + month // 12}-{month % 12 + 1:02d}" for month in np.unique(months)})
    for part in _parts(text):
        year = re.search(r"\b(\d{4})\b", part)
        rest = part.replace(year[0], "") if year else part
        named = next(
            (i for i in (_named(word, _MONTHS) for word in re.findall(r"[A-Za-z]+", rest)) if i is not None), None
        )
        number = re.search(r"\d{1,2}", rest)
        month = named if named is not None else int(number[0]) - 1 if number else None
        if month is None or not 0 <= month < 12:
            raise InvalidCriteria(f"{part!r} is no month", present)
        hit |= (months % 12 == month) & ((months // 12 == int(year[0]) - 1970) if year else True)
    if not _parts(text):
        raise InvalidCriteria("which month?", present)
    return np.flatnonzero(hit), f"trades opened in {', '.join(_parts(text))}"


def _moment(text: str, *, end: bool) -> int:
    """A date or time in UTC, microseconds; as an end, what it names is included."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            return _midnight(following) - 1 if end else _midnight(first)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return _midnight(day + timedelta(days=1)) - 1 if end else _midnight(day)
        return to_microseconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        examples = ["2024-01-01..2024-02-01", "2024-01", "2024-01-05", ">= 2024-01-05"]
        raise InvalidCriteria(f"{text!r} is no date", examples) from error


def _midnight(day: date) -> int:
    return to_microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _bounds(text: str) -> tuple[str | None, str | None]:
    """The two ends of "a..b", "> a", "since a", "< b", "before b", or of "a" alone."""
    low = re.match(
        r"(?:>=?|after|since|from|over|longer than|more than|at least|min)\s*(?!.*(?:\.\.|\bto\b))(.+)", text, re.I
    )
    high = re.match(r"(?:<=?|before|until|under|shorter than|less than|at most|max)\s*(.+)", text, re.I)
    if low:
        return low[1], None
    if high:
        return None, high[1]
    text = re.sub(r"^(?:between|from)\s+", "", text, flags=re.I)
    ends = re.split(r"\s*(?:\.\.+|–|—|\bto\b|\band\b|\s-\s)\s*", text, maxsplit=1, flags=re.I)
    return ends[0], ends[-1]


def _date_range(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    low, high = _bounds(text)
    opened = frame.trades.opened_at[closed]
    hit = np.ones(len(closed), dtype=np.bool_)
    if low is not None:
        hit &= opened >= _moment(low, end=False)
    if high is not None:
        hit &= opened <= _moment(high, end=True)
    return np.flatnonzero(
        hit
    ), f"trades opened {'from ' + low if low else ''}{' to ' + high if high else ''} (UTC)".replace("  ", " ")


def _seconds(text: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)?[a-z]*\s*", text.lower())
    if found is None:
        examples = ["> 1h", "< 30m", "1h..4h", "2 days", *HOLDING_LABELS]
        raise InvalidCriteria(f"{text!r} is no holding time", examples)
    return float(found[1]) * _UNIT_SECONDS[found[2] or "s"]


def _holding_time(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    held = frame.trades.holding_seconds[closed]
    if text in HOLDING_LABELS:
        place = HOLDING_LABELS.index(text)
        edges = (*HOLDING_EDGES, np.inf)
        return np.flatnonzero((held >= edges[place]) & (held < edges[place + 1])), f"trades held {text}"
    low, high = _bounds(re.sub(r"(?<=[a-z\d])-(?=\d)", "..", text))
    hit = np.ones(len(closed), dtype=np.bool_)
    if low is not None:
        unit = re.search(r"[a-z]+\s*$", (high or "").lower())
        bare = re.fullmatch(r"\s*[\d.]+\s*", low) is not None and unit is not None
        hit &= held >= _seconds(low + unit[0] if bare and unit else low)
    if high is not None and high != low:
        hit &= held <= _seconds(high)
    return np.flatnonzero(hit), f"trades held {text}" if high != low else f"trades held at least {text}"


def _count(text: str) -> int:
    found = re.search(r"\d+", text)
    if text and not found:
        raise InvalidCriteria(f"{text!r} is no number of trades", ["5", "10", "top 20"])
    return max(1, int(found[0])) if found else 10


def _largest_losses(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    net = frame.trades.net_pnl[closed]
    order = np.argsort(net, kind="stable")[: _count(text)]
    return order[net[order] < 0], f"the {_count(text)} largest losses"


def _largest_wins(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    net = frame.trades.net_pnl[closed]
    order = np.argsort(-net, kind="stable")[: _count(text)]
    return order[net[order] > 0], f"the {_count(text)} largest wins"


def _streaks(frame: RunFrame, closed: IntArray, text: str) -> tuple[IntArray, str]:
    """Trades of the longest streak, or of all at least as long as the number given; losing unless it says win."""
    if text and not re.search(r"\d|win|los", text.lower()):
        raise InvalidCriteria(f"{text!r} names no streak", ["losing", "winning", "losing 3", "winning 3"])
    winning = "win" in text.lower()
    order = frame.trades.closed_in_order
    sign = np.sign(frame.trades.net_pnl[order])
    of_kind = sign == (1 if winning else -1)
    streak = np.cumsum(group_starts(sign)) - 1 if len(sign) else np.empty(0, dtype=np.int64)
    length = np.bincount(streak, weights=of_kind) if len(streak) else np.empty(0)
    number = re.search(r"\d+", text)
    kind = "winning" if winning else "losing"
    if number:
        hit, words = length[streak] >= max(1, int(number[0])), f"trades in {kind} streaks of at least {number[0]}"
    else:
        hit, words = streak == (int(length.argmax()) if len(length) else -1), f"the longest {kind} streak"
    return np.searchsorted(closed, np.sort(order[hit & of_kind])), words


_FILTERS: dict[str, Callable[[RunFrame, IntArray, str], tuple[IntArray, str]]] = {
    "all": _all,
    "winners": _winners,
    "losers": _losers,
    "symbol": _symbol,
    "side": _side,
    "action": _action,
    "tag": _tag,
    "hour": _hour,
    "weekday": _weekday,
    "month": _month,
    "date_range": _date_range,
    "holding_time": _holding_time,
    "largest_losses": _largest_losses,
    "largest_wins": _largest_wins,
    "streaks": _streaks,
}
