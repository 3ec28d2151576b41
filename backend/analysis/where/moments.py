"""Dates of conditions: a day, a month, a week, a range of days, or a part of the run counted from its end or start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from backend.analysis.arrays import DAY_US, BoolArray, IntArray, day_of, month_of, to_datetime, to_microseconds
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.where.values import bare, named, parts, text_bounds

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
_EXAMPLES = ("2024-01-05", "2024-01-01..2024-02-01", "2024-01", ">= 2024-01-05", "last 7 days", '{"gte": "2024-01-05"}')
_PART = re.compile(r"(?:the\s+)?(first|last|final)\s+(?:(\d{1,4})\s*)?(day|week|month|year)s?(?:\s+of the run)?", re.I)
_PART_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_LOW = frozenset({"gte", "gt", "from", "start", "since", "after", "min", "at_least"})
_HIGH = frozenset({"lt", "lte", "to", "end", "until", "before", "max", "at_most"})


class Span(NamedTuple):
    """first ≤ moment ≤ last in microseconds; None is no bound. `words` says it."""

    first: int | None
    last: int | None
    words: str

    def holds(self, moments: IntArray) -> BoolArray:
        """Where the moments lie inside."""
        inside = np.ones(len(moments), dtype=np.bool_)
        if self.first is not None:
            inside &= moments >= self.first
        if self.last is not None:
            inside &= moments <= self.last
        return inside

    def as_json(self) -> str:
        """The span as a date condition reads it; days where it is of whole days."""
        first, last = self.first, self.last
        if first is not None and last is not None and first % DAY_US == 0 and (last + 1) % DAY_US == 0:
            begin, end = (to_datetime(at).date().isoformat() for at in (first, last))
            return begin if begin == end else f"{begin}..{end}"
        named_ends = [None if at is None else to_datetime(at).isoformat() for at in (first, last)]
        if named_ends[0] is None or named_ends[1] is None:
            return f">= {named_ends[0]}" if named_ends[0] else f"<= {named_ends[1]}"
        return f"{named_ends[0]}..{named_ends[1]}"


def read_span(value: Any, began: int, ended: int) -> Span:
    """A span of time; `began` and `ended` are those of the run, for its first and last days.

    Raises:
        InvalidCriteria: for what is no date.
    """
    if isinstance(value, Mapping):
        first = last = None
        for name, bound in value.items():
            side = str(name).lower()
            if bound is None:
                continue
            if side in _LOW:
                first = _moment(str(bound), end=side in ("gt", "after"))
            elif side in _HIGH:
                last = _moment(str(bound), end=side not in ("lt", "before")) - (side in ("lt", "before"))
            else:
                raise InvalidCriteria(f"a range of dates has no {name!r}", ["gte", "lt", "from", "to"])
        span = Span(first, last, "")
    elif isinstance(value, (list, tuple)) and len(value) == 2:
        span = Span(_moment(str(value[0]), end=False), _moment(str(value[1]), end=True), "")
    else:
        text = str(value if value is not None else "").strip()
        part = _PART.fullmatch(text)
        if part:
            return _part_of_run(part, began, ended)
        (low, high), _, _ = text_bounds(text)
        strictly_before = re.match(r"\s*(?:<(?!=)|before|under)", text, re.I) is not None
        first = None if low is None else _moment(low, end=False)
        last = None if high is None else _moment(high, end=not strictly_before) - strictly_before
        span = Span(first, last, "")
    if span.first is None and span.last is None:
        raise InvalidCriteria("which dates?", _EXAMPLES)
    if span.first is not None and span.last is not None and span.first > span.last:
        raise InvalidCriteria(f"{value!r} begins after its end", _EXAMPLES)
    return span._replace(words=_words(span))


def _part_of_run(part: re.Match[str], began: int, ended: int) -> Span:
    days = int(part[2] or 1) * _PART_DAYS[part[3].lower()]
    at_end = part[1].lower() != "first"
    if at_end:
        first, last = max(ended - days * DAY_US + 1, began), ended
    else:
        first, last = began, min(began + days * DAY_US - 1, ended)
    which = "last" if at_end else "first"
    span = Span(first, last, "")
    return span._replace(words=f"in the {which} {days} day{'s' if days > 1 else ''} of the run ({_words(span)})")


def _words(span: Span) -> str:
    ends = [None if at is None else _shown(at) for at in (span.first, span.last)]
    if ends[0] == ends[1] and ends[0] is not None:
        return f"on {ends[0]}"
    return " ".join(f"{word} {end}" for word, end in zip(("from", "to"), ends, strict=True) if end is not None)


def _shown(at: int) -> str:
    moment = to_datetime(at)
    return f"{moment:%Y-%m-%d}" if at % DAY_US == 0 or (at + 1) % DAY_US == 0 else f"{moment:%Y-%m-%d %H:%M}"


def _moment(text: str, *, end: bool) -> int:
    """A date or time in UTC, microseconds; as an end, what it names is included."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}", text):
            return _midnight(date(int(text) + end, 1, 1)) - end
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            return _midnight(following) - 1 if end else _midnight(first)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return _midnight(day) + DAY_US - 1 if end else _midnight(day)
        return to_microseconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise InvalidCriteria(f"{text!r} is no date", _EXAMPLES) from error


def _midnight(day: date) -> int:
    return to_microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def month_label(month: int) -> str:
    """Months since January 1970 as "2024-08"."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def read_months(value: Any, moments: IntArray) -> tuple[BoolArray, list[str]]:
    """(moments in the months named, what was understood): "2024-08", "August", "aug 2024", 8.

    Raises:
        InvalidCriteria: with the months there are.
    """
    months = month_of(moments)
    present = [month_label(int(month)) for month in np.unique(months)]
    hit = np.zeros(len(moments), dtype=np.bool_)
    understood: list[str] = []
    for part in parts(value):
        year = re.search(r"\b(\d{4})\b", part)
        rest = part.replace(year[0], "") if year else part
        words = (named(word, MONTHS) for word in re.findall(r"[A-Za-z]+", rest))
        found = next((place for place in words if place is not None), None)
        number = re.search(r"\d{1,2}", rest)
        month = found if found is not None else int(number[0]) - 1 if number else None
        if month is None or not 0 <= month < 12:
            raise InvalidCriteria(f"{part!r} is no month", present)
        hit |= (months % 12 == month) & ((months // 12 == int(year[0]) - 1970) if year else True)
        understood.append(f"{year[0]}-{month + 1:02d}" if year else MONTHS[month])
    if not understood:
        raise InvalidCriteria("which month?", present)
    return hit, understood


def week_of(moments: IntArray) -> IntArray:
    """ISO weeks, counted from the one that holds 1 January 1970."""
    return np.floor_divide(day_of(moments) + 3, 7)


def week_label(week: int) -> str:
    """A week as "2024-W35" (ISO 8601)."""
    year, number, _ = (date(1970, 1, 1) + timedelta(days=int(week) * 7 - 3)).isocalendar()
    return f"{year}-W{number:02d}"


def read_weeks(value: Any, moments: IntArray) -> tuple[BoolArray, list[str]]:
    """(moments in the ISO weeks named, what was understood): "2024-W35", "W35", 35, or the week of a day.

    Raises:
        InvalidCriteria: with the weeks there are.
    """
    weeks, place = np.unique(week_of(moments), return_inverse=True)
    labels = [week_label(int(week)) for week in weeks]
    chosen = np.zeros(len(labels), dtype=np.bool_)
    understood: list[str] = []
    for part in parts(value):
        found = re.fullmatch(r"(?:(\d{4})[\s\-]*+)?(?:(?:w|kw|week|cw)\s*+)?(\d{1,2})", part.strip(), re.I)
        if found:
            ends = f"-W{int(found[2]):02d}"
            wanted = f"{found[1]}{ends}" if found[1] else ends
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", part.strip()):
            wanted = week_label(int(week_of(np.array([_moment(part, end=False)]))[0]))
        else:
            raise InvalidCriteria(f"{part!r} is no week", labels[-50:] or ["2024-W35"])
        chosen |= np.array([label.endswith(wanted) for label in labels], dtype=np.bool_)
        understood.append(wanted.removeprefix("-"))
    if not understood:
        raise InvalidCriteria("which week?", labels[-50:])
    return chosen[place] if labels else np.zeros(0, dtype=np.bool_), understood


# Partitions the day, so that a breakdown by session sums to the whole; the hours are told with every result.
SESSIONS = {"asia": (22, 7), "europe": (7, 13), "us": (13, 22)}
SESSION_WORDS = {"asia": "22:00–07:00 UTC", "europe": "07:00–13:00 UTC", "us": "13:00–22:00 UTC"}
_SESSION_NAMES = {
    "asia": "asia", "asian": "asia", "tokyo": "asia", "sydney": "asia", "hongkong": "asia", "europe": "europe",
    "european": "europe", "london": "europe", "eu": "europe", "frankfurt": "europe", "us": "us", "usa": "us",
    "american": "us", "america": "us", "newyork": "us", "ny": "us",
}  # fmt: skip


def read_sessions(value: Any) -> list[str]:
    """Sessions named: asia, europe or us, by their usual names."""
    found = []
    for part in parts(value):
        name = _SESSION_NAMES.get(bare(part).removesuffix("session").removesuffix("hours"))
        if name is None:
            raise InvalidCriteria(f"{part!r} is no session", list(SESSIONS))
        found += [] if name in found else [name]
    if not found:
        raise InvalidCriteria("which session?", list(SESSIONS))
    return found


def session_of(hours: IntArray) -> IntArray:
    """Place in SESSIONS of each hour of the day."""
    by_hour = np.zeros(24, dtype=np.int64)
    for place, (first, last) in enumerate(SESSIONS.values()):
        by_hour[np.arange(first, last if last > first else last + 24) % 24] = place
    return by_hour[hours]
