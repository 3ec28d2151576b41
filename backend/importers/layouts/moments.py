"""A column of times as microseconds since the epoch, in the order and zone that layout, file or person says.

The form of the first cell reads nearly all of a column at once; the cells that are written otherwise are read one by
one. ISO 8601 and epochs are read whatever the order. A zone behind the clock (`-05:00`, `EST`) wins over the layout's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import distinct, plain_moments
from backend.importers.parsing import clean_text, from_epoch, to_utc
from backend.importers.position_columns import microseconds

Order = Literal["year", "month", "day"]
MISSING: Final = np.iinfo(np.int64).min
Stamps = np.ndarray[Any, np.dtype[np.int64]]

_EMPTY: Final = frozenset(("", "-", "--", "—", "n/a", "na", "nat", "null", "none"))
_EPOCH = re.compile(r"\d{10}(\.\d+)?|\d{13}|\d{16}|\d{19}")
_WRITTEN = re.compile(
    r"(\d{1,4})([-/. ]?)(\d{1,2}|[^\W\d_]{3,9}\.?)([-/. ,]{0,2})(\d{2,4})"
    r"(?:[ T;,]{1,3}(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?([AaPp]\.?[Mm]\.?)?)?"
)
_CLOCK_FIRST = re.compile(r"(\d{1,2}:\d\d(?::\d\d)?)\s+(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})")
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,9})\.? (\d{1,2}),? (\d{4})(.*)")
_OFFSET = re.compile(r"(?<!\s)\s*+(?:(?:UTC|GMT)\s*+)?([+-])(\d{1,2}):?(\d\d)?$")
_NAMED = re.compile(r"(?<!\s)\s*+\(?([A-Z]{1,4})\)?$")
_ZONES: Final = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "BRT": -3, "CET": 1, "CEST": 2, "BST": 1, "JST": 9, "HKT": 8, "SGT": 8,
}  # fmt: skip
# Months by their first three letters, in the languages of the layouts.
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan ene gen", "feb fev fév", "mar mär mrt mars", "apr abr avr", "may mai mag mei maio", "jun giu juin",
         "jul lug juil", "aug ago aoû", "sep set", "oct okt out ott", "nov", "dec dez dic déc"), 1)
    for name in names.split()
}  # fmt: skip
_AFTERNOON_HOURS, _CENTURY = 12, 2000


def read_moments(
    column: Any, lines: Sequence[int], header: str, *, order: Order, zone: tzinfo, where: Any = None
) -> Stamps:
    """Microseconds since the epoch, `MISSING` for an empty cell; `where` are the rows whose cells must be times.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    plain = plain_moments(column, zone.key) if isinstance(zone, ZoneInfo) and order == "year" and len(column) else None
    if plain is not None:
        return np.frombuffer(plain, dtype=np.int64).copy()
    cells, which = distinct(column)
    stamps = np.full(len(cells), MISSING, dtype=np.int64)
    texts = [_tidy(cell) for cell in cells]
    left = _by_form(texts, stamps, order, zone)
    bad = []
    for at in left:
        moment = _one(texts[at], order, zone)
        if moment is None:
            bad.append(at)
        else:
            stamps[at] = microseconds(moment)
    if bad:
        wrong = np.isin(which, bad) & (np.ones(len(which), dtype=bool) if where is None else where)
        if wrong.any():
            at = int(wrong.argmax())
            raise _bad(cells[which[at]], lines[at], header)
    return stamps[which] if len(cells) else np.empty(0, dtype=np.int64)


def shown_order(columns: Sequence[Any]) -> Order | None:
    """The order that the dates of these columns show: a day above twelve, a month's name, a year in front, an American
    clock, or rows in order of time under one reading alone. None where they show none; `year` where no order matters.
    """
    first = second = 0
    american = by_name = False
    pairs: list[list[tuple[int, int, int, str]]] = []
    for column in columns:
        cells, which = distinct(column)
        parts = [_triple(_tidy(cell)) for cell in cells]
        known = [part for part in parts if part is not None]
        if not known:
            continue
        american |= any(part[4] for part in known)
        numbered = [part for part in known if part[1]]
        by_name |= len(numbered) < len(known)
        first = max([first, *(part[0] for part in numbered)])
        second = max([second, *(part[1] for part in numbered)])
        by_row = [parts[at] for at in which]
        pairs.append([(part[2], part[0], part[1], part[3]) for part in by_row if part is not None and part[1]])
    if not any(pairs):
        return "year" if columns else None
    if first > _AFTERNOON_HOURS or second > _AFTERNOON_HOURS:
        return (
            None
            if first > _AFTERNOON_HOURS and second > _AFTERNOON_HOURS
            else ("day" if first > _AFTERNOON_HOURS else "month")
        )
    if american:
        return "month"
    as_month = all(_in_order([(y, a, b, c) for y, a, b, c in rows]) for rows in pairs)
    as_day = all(_in_order([(y, b, a, c) for y, a, b, c in rows]) for rows in pairs)
    if as_month != as_day:
        return "month" if as_month else "day"
    same = all(a == b for rows in pairs for _, a, b, _ in rows)
    return "month" if same else None


def offset_of(text: str) -> tzinfo:
    """The zone of an offset as headers and preambles write it (`+2`, `-05:00`, `0`)."""
    match = re.fullmatch(r"([+-]*)(\d{1,2}):?(\d\d)?", text.strip())
    if match is None:
        return UTC
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    minutes = -minutes if "-" in match[1] else minutes
    return timezone(timedelta(minutes=minutes)) if abs(minutes) < 24 * 60 else UTC


def _in_order(rows: Sequence[tuple[int, int, int, str]]) -> bool:
    pairs = list(pairwise(rows))
    return all(one <= two for one, two in pairs) or all(one >= two for one, two in pairs)


def _triple(text: str) -> tuple[int, int, int, str, bool] | None:
    """(first, second, year, clock, whether the clock has AM or PM); second is 0 for a month's name; None for others."""
    match = _WRITTEN.match(text)
    if match is None or len(match[1]) > 2:
        return None
    clock = f"{int(match[6]):02}:{match[7]}:{match[8] or '00'}" if match[6] else ""
    second = int(match[3]) if match[3].isdigit() else 0
    return int(match[1]), second, int(match[5]), clock, match[10] is not None


def _tidy(cell: str) -> str:
    text = " ".join(cell.strip().removeprefix('="').removesuffix('"').replace(" - ", " ").split())
    if text.casefold() in _EMPTY:
        return ""
    # What was booked later says the day that it is of.
    text = text.partition(" as of ")[2] or text
    turned = _CLOCK_FIRST.fullmatch(text)
    return f"{turned[2]} {turned[1]}" if turned else text


def _by_form(texts: Sequence[str], stamps: Stamps, order: Order, zone: tzinfo) -> list[int]:
    """Read the cells of the first one's form in one go; the places of the others, but for empty ones."""
    filled = [at for at, text in enumerate(texts) if text]
    form = _form(texts[filled[0]], order) if filled else None
    if form is None:
        return filled
    written = pd.Series([texts[at] for at in filled], dtype="object")
    parsed = pd.to_datetime(written, format=form, errors="coerce")
    try:
        local = parsed.dt.tz_localize(zone, ambiguous=np.ones(len(parsed), dtype=bool), nonexistent="shift_forward")
    except (ValueError, TypeError, OverflowError):
        return filled
    good = local.notna().to_numpy(copy=True)
    values = local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype(np.int64)
    years = parsed.dt.year.to_numpy()
    good &= (years >= 1970) & (years < 2200)
    places = np.array(filled, dtype=np.int64)
    stamps[places[good]] = values[good]
    return [int(place) for place in places[~good]]


def _form(text: str, order: Order) -> str | None:
    """The `strptime` form of a zoneless time, where it is a plain one."""
    match = _WRITTEN.fullmatch(text)
    if match is None or not match[2] or match[2] != match[4] or not match[3].isdigit():
        return None
    year = "%Y" if len(match[5]) == 4 else "%y"
    if len(match[1]) == 4:
        date = match[2].join(("%Y", "%m", "%d"))
    elif order == "year":
        date = match[2].join(("%y", "%m", "%d"))
    else:
        date = match[2].join(("%d", "%m", year) if order == "day" else ("%m", "%d", year))
    if match[6] is None:
        return date
    between = text[match.end(5) : match.start(6)]
    fraction = text[match.end(8)] if match[9] else ""
    hour = "%I" if match[10] else "%H"
    half = text[match.end(9) if match[9] else match.end(8) if match[8] else match.end(7) : match.start(10)] + "%p"
    seconds = (":%S" if match[8] else "") + (f"{fraction}%f" if fraction else "")
    return f"{date}{between}{hour}:%M{seconds}{half if match[10] else ''}"


def _one(text: str, order: Order, zone: tzinfo) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return from_epoch(float(text))
    if text[:4].isdigit() and text[4:5] == "-":
        try:
            return _utc(
                datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-") if " " in text[11:] else text), zone
            )
        except ValueError:
            pass
    text, own = _without_zone(text)
    named = _MONTH_FIRST.fullmatch(text)
    if named:
        text = f"{named[2]} {named[1]} {named[3]}{named[4]}"
    match = _WRITTEN.fullmatch(text)
    return None if match is None else _assembled(match, order, own or zone)


def _assembled(match: re.Match[str], order: Order, zone: tzinfo) -> datetime | None:
    numbers = _day(match[1], match[3], match[5], order)
    hour = int(match[6] or 0)
    half = (match[10] or "").lower().replace(".", "")
    if numbers is None or (half and not 1 <= hour <= _AFTERNOON_HOURS):
        return None
    if half:
        hour = hour % _AFTERNOON_HOURS + (_AFTERNOON_HOURS if half == "pm" else 0)
    micro = int((match[9] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(*numbers, hour, int(match[7] or 0), int(match[8] or 0), micro)
    except ValueError:
        return None
    return _utc(moment, zone)


def _day(first: str, second: str, third: str, order: Order) -> tuple[int, int, int] | None:
    month = (
        int(second) if second.isdigit() else _MONTHS.get(second[:4].casefold()) or _MONTHS.get(second[:3].casefold())
    )
    if month is None:
        return None
    if len(first) == 4 or (order == "year" and len(third) == 2 and second.isdigit()):
        year, day = int(first), int(third)
    elif not second.isdigit() or order == "day":
        year, day = int(third), int(first)
    else:
        year, month, day = int(third), int(first), int(second)
    return year + _CENTURY if year < 100 else year, month, day


def _without_zone(text: str) -> tuple[str, tzinfo | None]:
    offset = _OFFSET.search(text)
    if offset and ":" in text[: offset.start()]:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes < 24 * 60:
            return text[: offset.start()], timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    named = _NAMED.search(text)
    if named and named[1] in _ZONES and ":" in text:
        return text[: named.start()], timezone(timedelta(hours=_ZONES[named[1]]))
    return text, None


def _utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        stamped = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return to_utc(stamped, ZoneInfo("UTC"))
    except (OverflowError, ValueError):
        return None


def _bad(cell: str, line: int, header: str) -> ImportProblem:
    return ImportProblem(
        f"Line {line}, column {header!r}: {clean_text(cell, 40)!r} is no time that can be read. "
        "Write YYYY-MM-DD HH:MM:SS, with a zone if you can.",
        line=line,
        column=header,
        code="bad_value",
    )
