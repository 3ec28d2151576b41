"""What a condition may be about: one entry for each key, with how its value is read and which trades it holds for.

A key answers for every trade of the run, open ones too. Text of the source (symbols, tags) is matched, never executed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from backend.analysis.arrays import (
    WEEKDAYS,
    BoolArray,
    FloatArray,
    IntArray,
    day_of,
    group_starts,
    hour_of,
    month_of,
    to_microseconds,
    weekday_of,
)
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.where.labels import HOLDING_EDGES, HOLDING_LABELS, with_none
from backend.analysis.where.moments import (
    SESSION_WORDS,
    SESSIONS,
    read_months,
    read_sessions,
    read_span,
    read_weeks,
    session_of,
)
from backend.analysis.where.values import (
    Range,
    bare,
    match_names,
    parts,
    read_flag,
    read_hours,
    read_number,
    read_range,
    read_seconds,
    read_weekdays,
)

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

By = Literal["opened", "closed"]
Slot = Literal["which", "how"]


@dataclass(frozen=True, slots=True)
class Held:
    """One condition read against a run: its value in the one form that all spellings of it come to, the trades it holds
    for, and its words, which stand before ("short") or after ("opened on Monday") the word *trades*.
    """

    value: Any
    mask: BoolArray
    words: str
    slot: Slot = "how"


Reader = Callable[["RunFrame", Any, By], Held]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a condition. `takes` tells models what its value is; `timed` keys may be of the closing."""

    name: str
    takes: str
    read: Reader
    aliases: tuple[str, ...] = ()
    timed: bool = False


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _moments(frame: RunFrame, by: By) -> IntArray:
    return frame.trades.opened_at if by == "opened" else frame.trades.closed_at


def _among(frame: RunFrame, mask: BoolArray, by: By) -> BoolArray:
    """What is still open has no closing time."""
    return mask if by == "opened" else mask & ~frame.trades.is_open


def _side(frame: RunFrame, value: Any, _by: By) -> Held:
    wanted = {
        {"long": 1, "longs": 1, "buy": 1, "buys": 1, "bought": 1, "short": -1, "shorts": -1, "sell": -1,
         "sellshort": -1, "shortsell": -1}.get(bare(part))
        for part in parts(value)
    }  # fmt: skip
    if not wanted or None in wanted:
        raise InvalidCriteria(f"there is no side {value!r}", ["long", "short"])
    names = [name for name, sign in (("long", 1), ("short", -1)) if sign in wanted]
    signs = [sign for sign in wanted if sign is not None]
    return Held(_one_or_all(names), np.isin(frame.trades.side, signs), " and ".join(names), "which")


def _symbol(frame: RunFrame, value: Any, _by: By) -> Held:
    t = frame.trades
    names = list(t.symbols)
    used = sorted({names[i] for i in np.unique(t.symbol)})
    exact = {str(value)} if isinstance(value, str) else {str(held) for held in value} if _is_list(value) else set()
    if exact and exact <= set(used):  # a symbol may hold a comma
        meant = [names.index(name) for name in sorted(exact)]
    else:
        meant = [i for i in match_names(value, names) if names[i] in used]
    if not meant:
        raise InvalidCriteria(f"no symbol of this run is meant by {value!r}", used[:50])
    found = [names[i] for i in meant]
    return Held(_one_or_all(found), np.isin(t.symbol, meant), f"in {', '.join(found)}")


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset))


def _tags(frame: RunFrame, moment: Literal["entry", "exit"]) -> tuple[IntArray, list[str]]:
    """(code of each trade's tag, −1 without one; the tags)."""
    key = f"where:{moment}_tag"
    if key not in frame.cache:
        rows = frame.trades.entry_row if moment == "entry" else frame.trades.exit_row
        codes, names = pd.factorize(with_none(frame.positions.tag)[rows], use_na_sentinel=True)
        frame.cache[key] = codes.astype(np.int64), [str(name) for name in names]
    found: tuple[IntArray, list[str]] = frame.cache[key]
    return found


def _tag(frame: RunFrame, value: Any, _by: By, *, at: Literal["entry", "exit", "either"]) -> Held:
    moments: list[Literal["entry", "exit"]] = ["entry", "exit"] if at == "either" else [at]
    columns = [_tags(frame, moment) for moment in moments]
    names = sorted({name for _, labels in columns for name in labels})
    mask = np.zeros(len(frame.trades), dtype=np.bool_)
    if bare(str(value)) == "none" and "none" not in names:
        for codes, _ in columns:
            mask |= codes < 0
        return Held("(none)", mask, "without a tag")
    meant = [str(value)] if str(value) in names else [names[i] for i in match_names(value, names)]
    if not meant:
        what = {"entry": "entry tag", "exit": "exit reason", "either": "tag"}[at]
        raise InvalidCriteria(f"no {what} of this run is meant by {value!r}", names[:50])
    for codes, labels in columns:
        places = [place for place, name in enumerate(labels) if name in meant]
        mask |= np.isin(codes, places)
    how = {"entry": "entered on", "exit": "closed by", "either": "tagged"}[at]
    return Held(_one_or_all(meant), mask, f"{how} {', '.join(meant)}")


def _hour(frame: RunFrame, value: Any, by: By) -> Held:
    hours = read_hours(value)
    mask = np.isin(hour_of(_moments(frame, by)), hours)
    together = len(hours) > 2 and hours[-1] - hours[0] == len(hours) - 1
    shown = f"{hours[0]:02d}–{hours[-1]:02d}" if together else ", ".join(f"{hour:02d}" for hour in hours)
    return Held(
        f"{hours[0]}-{hours[-1]}" if together else _one_or_all(hours),
        _among(frame, mask, by),
        f"{by} in hour {shown} UTC",
    )


def _weekday(frame: RunFrame, value: Any, by: By) -> Held:
    days = read_weekdays(value, WEEKDAYS)
    names = [WEEKDAYS[day] for day in days]
    mask = np.isin(weekday_of(_moments(frame, by)), days)
    return Held(
        _one_or_all([name.lower() for name in names]), _among(frame, mask, by), f"{by} on {', '.join(names)} (UTC)"
    )


def _weekend(frame: RunFrame, value: Any, by: By) -> Held:
    wanted = read_flag(value, "weekend")
    mask = (weekday_of(_moments(frame, by)) >= 5) == wanted
    return Held(wanted, _among(frame, mask, by), f"{by} {'on a weekend' if wanted else 'from Monday to Friday'} (UTC)")


def _month(frame: RunFrame, value: Any, by: By) -> Held:
    mask, understood = read_months(value, _moments(frame, by))
    return Held(_one_or_all(understood), _among(frame, mask, by), f"{by} in {', '.join(understood)}")


def _week(frame: RunFrame, value: Any, by: By) -> Held:
    mask, understood = read_weeks(value, _moments(frame, by))
    return Held(_one_or_all(understood), _among(frame, mask, by), f"{by} in week {', '.join(understood)}")


def _date(frame: RunFrame, value: Any, by: By) -> Held:
    span = read_span(value, *run_span(frame))
    return Held(span.as_json(), _among(frame, span.holds(_moments(frame, by)), by), f"{by} {span.words} (UTC)")


def run_span(frame: RunFrame) -> tuple[int, int]:
    """When the run began and ended, in microseconds: what its facts say, as far as its rows do not reach beyond it."""
    ts, facts = frame.positions.ts, frame.facts
    first, last = (int(ts.min()), int(ts.max())) if len(ts) else (0, 0)
    began = min(first, to_microseconds(facts.started_at)) if facts.started_at else first
    ended = max(last, to_microseconds(facts.ended_at)) if facts.ended_at else last
    return began, ended


def _session(frame: RunFrame, value: Any, by: By) -> Held:
    names = read_sessions(value)
    places = [list(SESSIONS).index(name) for name in names]
    mask = np.isin(session_of(hour_of(_moments(frame, by))), places)
    shown = ", ".join(f"{name} session ({SESSION_WORDS[name]})" for name in names)
    return Held(_one_or_all(names), _among(frame, mask, by), f"{by} in the {shown}")


def _duration(frame: RunFrame, value: Any, _by: By) -> Held:
    held = frame.trades.holding_seconds
    if isinstance(value, str) and value in HOLDING_LABELS:
        place = HOLDING_LABELS.index(value)
        edges = (*HOLDING_EDGES, np.inf)
        return Held(value, (held >= edges[place]) & (held < edges[place + 1]), f"held {value}")
    span = read_range(value, read_seconds)
    if span.exactly and isinstance(value, str) and span.low is not None:
        span = Range(low=round(span.low))  # "2 days" alone: that long or longer
    return Held(span.as_json(), span.holds(held), f"held {span.words(duration_words)}")


def duration_words(seconds: float) -> str:
    """Seconds in the largest unit that shows them plainly: "90 s", "30 min", "4 h", "2 days"."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            many = round(seconds / size, 2)
            return f"{many:g} {'day' if unit == 'days' and many == 1 else unit}"
    return f"{seconds:g} s"


def _measure(
    frame: RunFrame, value: Any, _by: By, *, column: Callable[[RunFrame], FloatArray], words: str, unit: str, why: str
) -> Held:
    values = column(frame)
    if len(values) and np.isnan(values).all():
        raise InvalidCriteria(why, ())
    span = read_range(value, read_number)
    shown = {"money": frame.facts.currency, "": ""}.get(unit, unit)
    return Held(
        span.as_json(),
        span.holds(values),
        f"with {words} {span.words(lambda number: f'{number:,.10g} {shown}'.strip())}",
    )


def _column(name: str) -> Callable[[RunFrame], FloatArray]:
    def column(frame: RunFrame) -> FloatArray:
        values: FloatArray = getattr(frame.trades, name)
        return values

    return column


_RESULTS = {
    "win": 1, "wins": 1, "won": 1, "winner": 1, "winners": 1, "winning": 1, "loss": -1, "losses": -1, "lost": -1,
    "loser": -1, "losers": -1, "losing": -1, "breakeven": 0, "even": 0, "flat": 0, "zero": 0,
}  # fmt: skip


def _result(frame: RunFrame, value: Any, _by: By) -> Held:
    t = frame.trades
    wanted = {_RESULTS.get(bare(part)) for part in parts(value)}
    if not wanted or None in wanted:
        raise InvalidCriteria(f"there is no result {value!r}", ["win", "loss", "breakeven"])
    names = [name for name, sign in (("win", 1), ("loss", -1), ("breakeven", 0)) if sign in wanted]
    words = {"win": "winning", "loss": "losing", "breakeven": "break-even"}
    mask = ~t.is_open & np.isin(t.outcome, [sign for sign in wanted if sign is not None])
    return Held(_one_or_all(names), mask, " and ".join(words[name] for name in names), "which")


def _open(frame: RunFrame, value: Any, _by: By) -> Held:
    wanted = read_flag(value, "open")
    words = "still open at the end, at the last known price" if wanted else "closed"
    return Held(wanted, frame.trades.is_open == wanted, words, "how" if wanted else "which")


def _trade(frame: RunFrame, value: Any, _by: By) -> Held:
    ids = frame.trades.trade_id
    examples = ["12", "3, 7, 9", "10..20", '{"gte": 10, "lt": 20}']
    if isinstance(value, Mapping):
        span = read_range(value, read_number)
        return Held(span.as_json(), span.holds(ids.astype(np.float64)), f"number {span.words(lambda n: f'{n:g}')}")
    mask = np.zeros(len(ids), dtype=np.bool_)
    named: list[Any] = []
    for part in parts(value):
        text = part.replace("#", "").lower().removeprefix("trade").strip()
        try:
            span = read_range(text.replace("–", "..").replace("-", ".."), read_number)
        except InvalidCriteria as error:
            raise InvalidCriteria(f"{part!r} is no trade number", examples) from error
        mask |= span.holds(ids.astype(np.float64))
        named.append(text if span.low is None or span.high is None or not span.exactly else round(span.high))
    if not named:
        raise InvalidCriteria("which trades?", examples)
    if not mask.any():
        raise InvalidCriteria(f"there is no trade {value!r}; this run has {len(ids)}", [f"1..{len(ids)}"])
    return Held(_one_or_all(named), mask, f"#{', #'.join(str(name) for name in named[:20])}")


def streaks_before(frame: RunFrame, sign: int) -> IntArray:
    """How many trades in a row had won (1) or lost (−1) when each trade was opened, of those closed before that moment;
    what closed at that very moment is not known yet.
    """
    key = ("where:streak", sign)
    if key not in frame.cache:
        t = frame.trades
        order = t.closed_in_order
        of_kind = t.outcome[order] == sign
        place = np.arange(1, len(order) + 1)
        running = place - np.maximum.accumulate(np.where(of_kind, 0, place)) if len(order) else place
        before = np.searchsorted(t.closed_at[order], t.opened_at, side="left")
        frame.cache[key] = np.concatenate([[0], running])[before]
    found: IntArray = frame.cache[key]
    return found


def _streak(frame: RunFrame, value: Any, _by: By) -> Held:
    """{"after": "losses", "at_least": 2} is opened after so many losses in a row.

    {"in": "losses", "at_least": 3} is part of such a streak, the longest one without a number.
    """
    examples = ['{"after": "losses", "at_least": 2}', '{"in": "wins", "at_least": 3}', '{"in": "losses"}']
    given = {str(name).lower(): held for name, held in value.items()} if isinstance(value, Mapping) else {}
    if not ({"after", "in"} & given.keys()) or given.keys() - {"after", "in", "at_least", "at_most"}:
        raise InvalidCriteria(f"{value!r} is no streak", examples)
    kind = bare(str(given.get("after", given.get("in"))))
    sign = -1 if kind.startswith("los") else 1 if kind.startswith("w") else None
    if sign is None:
        raise InvalidCriteria(f"a streak is of wins or losses, not of {kind!r}", examples)
    kind = "losses" if sign < 0 else "wins"
    low = given.get("at_least")
    least = round(read_number(str(low))) if low is not None else None
    most = round(read_number(str(given["at_most"]))) if given.get("at_most") is not None else None
    limits = {name: held for name, held in (("at_least", least), ("at_most", most)) if held is not None}
    shown = f"{least} to {most}" if least is not None and most is not None else f"{least or 1} or more"
    if "after" in given:
        length = streaks_before(frame, sign)
        mask = (length >= (1 if least is None else least)) & (length <= most if most is not None else True)
        return Held({"after": kind, **limits}, mask, f"opened after {shown} {kind} in a row")
    length = _streak_lengths(frame, sign)
    if least is None and most is None:
        top = int(length.max(initial=0))
        first = int(np.argmax(length[frame.trades.closed_in_order] == top)) if top else 0
        mask = np.zeros(len(length), dtype=np.bool_)
        mask[frame.trades.closed_in_order[first : first + top]] = True
        return Held({"in": kind}, mask, f"of the longest streak of {kind}")
    mask = (length >= max(1, least or 1)) & (length <= most if most is not None else True)
    return Held({"in": kind, **limits}, mask, f"in streaks of {shown} {kind}")


def _streak_lengths(frame: RunFrame, sign: int) -> IntArray:
    """Length of the streak of wins (1) or losses (−1) that each trade is part of, by closing time; 0 for the others."""
    t = frame.trades
    order = t.closed_in_order
    length = np.zeros(len(t), dtype=np.int64)
    if len(order):
        signs = t.outcome[order]
        streak = np.cumsum(group_starts(signs)) - 1
        length[order] = np.where(signs == sign, np.bincount(streak)[streak], 0)
    return length


def nth_of_day(frame: RunFrame) -> IntArray:
    """Place of each trade among those opened on its UTC day, from 1."""
    days = day_of(frame.trades.opened_at)
    if not len(days):
        return days
    starts = np.flatnonzero(group_starts(days))
    return np.arange(1, len(days) + 1) - np.repeat(starts, np.diff(np.append(starts, len(days))))


def months_of(frame: RunFrame, by: By) -> IntArray:
    """Months since January 1970 of each trade."""
    return month_of(_moments(frame, by))


_RANGE = 'number or {"gte": a, "lt": b}'
_NO_EXTREMES = "this run's file gives no price extremes while trades were open, so how far a trade went is not known"

KEYS: tuple[Key, ...] = (
    Key("side", '"long" or "short"', _side, ("direction",)),
    Key("symbol", "a symbol or a list of them", _symbol, ("symbols", "ticker", "pair", "coin", "instrument", "market")),
    Key("tag", "an entry or exit tag", partial(_tag, at="either"), ("tags", "reason", "strategy", "setup")),
    Key("entry_tag", "a tag of the entry", partial(_tag, at="entry"), ("enter_tag", "entry_reason", "signal")),
    Key("exit_reason", "a tag of the exit", partial(_tag, at="exit"), ("exit_tag", "closed_by")),
    Key("hour", '0-23 UTC, a list, "22-2", {"gte": 22}', _hour, ("hours", "time_of_day"), timed=True),
    Key("weekday", '"monday", a list, "thu-mon"', _weekday, ("weekdays", "day_of_week", "day"), timed=True),
    Key("weekend", "true or false", _weekend, ("weekends",), timed=True),
    Key("month", '"2024-08" or "august"', _month, ("months",), timed=True),
    Key("week", '"2024-W35" (ISO)', _week, ("weeks",), timed=True),
    Key("date", '"2024-08-05", "2024-08-05..2024-08-20", "last 7 days"', _date,
        ("dates", "date_range", "period", "opened_at", "opened"), timed=True),
    Key("session", '"asia" (22-07 UTC), "europe" (07-13), "us" (13-22)', _session, ("sessions",), timed=True),
    Key("duration", 'seconds or {"gte": "1h", "lt": "4h"}', _duration,
        ("holding_time", "holding", "held", "holding_seconds", "time_held")),
    Key("pnl", f"net P&L: {_RANGE}", partial(_measure, column=_column("net_pnl"), words="a net P&L of", unit="money",
        why="no P&L is known"), ("net_pnl", "net", "profit")),
    Key("return", f"net P&L in % of the value at entry: {_RANGE}", partial(_measure, column=_column("return_pct"),
        words="a return of", unit="%", why="no trade's value at entry is known"), ("return_pct", "returns")),
    Key("size", f"value at entry in money: {_RANGE}", partial(_measure, column=_column("entry_value"),
        words="a value at entry of", unit="money", why="no size is known"), ("value", "notional", "position_size")),
    Key("quantity", f"units: {_RANGE}", partial(_measure, column=_column("quantity"), words="a quantity of", unit="",
        why="no quantity is known"), ("lots", "contracts", "shares", "qty")),
    Key("leverage", _RANGE, partial(_measure, column=_column("leverage"), words="a leverage of", unit="×",
        why="this run's file states no leverage"), ()),
    Key("mae", f"worst excursion in money, ≤ 0: {_RANGE}", partial(_measure, column=_column("mae"), words="an MAE of",
        unit="money", why=_NO_EXTREMES), ()),
    Key("mfe", f"best excursion in money, ≥ 0: {_RANGE}", partial(_measure, column=_column("mfe"), words="an MFE of",
        unit="money", why=_NO_EXTREMES), ()),
    Key("fees", f"fees of the trade: {_RANGE}", partial(_measure, column=_column("fees"), words="fees of", unit="money",
        why="no fees are known"), ("fee", "commission")),
    Key("r", f"net P&L ÷ risk at entry: {_RANGE}", partial(_measure, column=_column("r"), words="an R of", unit="R",
        why="no stop at entry is known, so the risk taken (R) is not known"), ("r_multiple",)),
    Key("nth_of_day", f"place among the day's entries, from 1: {_RANGE}", partial(_measure,
        column=lambda frame: nth_of_day(frame).astype(np.float64), words="a place in its day's entries of", unit="",
        why="no trade was opened"), ("trade_of_day",)),
    Key("result", '"win", "loss" or "breakeven"', _result, ("outcome",)),
    Key("open", "true: still open at the end; false: closed", _open, ("is_open", "still_open")),
    Key("trade", 'ids, a list or a range: 12, [3, 7], "10..20"', _trade,
        ("trade_id", "trades", "ids", "trade_ids", "id")),
    Key("streak", '{"after": "losses", "at_least": 2}: opened after so many in a row', _streak, ("streaks",)),
)  # fmt: skip
