"""Days, months, weeks and parts of the run, as a question names them → conditions of time."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.agents.offline.understanding.items import Item
from backend.agents.offline.understanding.plan import Condition
from backend.agents.offline.understanding.vocabulary import RunVocabulary

_SUFFIXES = frozenset({"st", "nd", "rd", "th", "er", "ten", "te"})


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a month, a year or several months, and the place after it among the items."""

    first: date
    last: date
    end: int
    months: tuple[str, ...] = ()


def read_time(items: Sequence[Item], place: int, run: RunVocabulary) -> tuple[Condition, int] | None:
    """The condition of time that begins at this item, with its words before ("since", "between") already passed."""
    part = _part_of_run(items, place, run)
    if part is not None:
        return part
    before = _word_before(items, place)
    found = read_moment(items, place, run) or _day_of_second(items, place, run, before)
    if found is None:
        return None
    following = _skip(items, found.end)
    if following < len(items) and items[following].has("op:to") and not items[following].has("m:net_pnl"):
        second = read_moment(items, _skip(items, following + 1), run, after=found.first) or _second_day(
            items, _skip(items, following + 1), found
        )
        joined = before is not None and before.has("op:between", "op:from")
        if second is not None and (joined or not items[following].has("and")):
            return Condition("date", f"{found.first}..{second.last}"), second.end
    if before is not None and before.has("op:before") and not before.has("op:in"):
        until = found.first if not before.has("op:to") else found.last + timedelta(days=1)
        return Condition("date", f"< {until}"), found.end
    if before is not None and before.has("op:after") and not before.has("op:on", "op:in"):
        return Condition("date", f">= {found.last + timedelta(days=1)}"), found.end
    onwards = following < len(items) and items[following].has("op:on") and not items[following].has("op:in")
    if onwards or (before is not None and before.has("op:from") and not before.has("op:in")):
        return Condition("date", f">= {found.first}"), found.end
    return _on(found), found.end


def _day_of_second(items: Sequence[Item], place: int, run: RunVocabulary, before: Item | None) -> Moment | None:
    """ "Between 5 and 20 August": the first day takes the month of the second."""
    number = _whole(items[place], 1, 31)
    if number is None or items[place].kind != "number" or before is None or not before.has("op:between", "op:from"):
        return None
    following = _skip(items, place + 1)
    if following >= len(items) or not items[following].has("op:to"):
        return None
    second = read_moment(items, _skip(items, following + 1), run)
    if second is None or second.first != second.last:
        return None
    try:
        day = second.first.replace(day=number)
    except ValueError:
        return None
    return Moment(day, day, place + 1)


def _second_day(items: Sequence[Item], place: int, first: Moment) -> Moment | None:
    """ "August 5 to 20": the second day takes the month of the first."""
    number = _whole(items[place], 1, 31) if place < len(items) else None
    if number is None or items[place].kind != "number" or first.first != first.last or number <= first.first.day:
        return None
    if _counts(items, place + 1):
        return None
    try:
        day = first.first.replace(day=number)
    except ValueError:
        return None
    return Moment(day, day, place + 1)


def _on(found: Moment) -> Condition:
    if found.months:
        return Condition("month", found.months[0] if len(found.months) == 1 else list(found.months))
    if found.first == found.last:
        return Condition("date", str(found.first))
    return Condition("date", f"{found.first}..{found.last}")


def _word_before(items: Sequence[Item], place: int) -> Item | None:
    """The nearest word before that is more than an article."""
    back = place - 1
    while back >= 0 and items[back].concepts == frozenset({"stop"}):
        back -= 1
    return items[back] if back >= 0 else None


def _skip(items: Sequence[Item], place: int) -> int:
    while place < len(items) and (
        items[place].concepts == frozenset({"stop"}) or items[place].text.lower() in _SUFFIXES
    ):
        place += 1
    return place


def _whole(item: Item, low: int, high: int) -> int | None:
    if item.kind == "number" and not item.concepts and item.value is not None and item.value == int(item.value):
        return int(item.value) if low <= item.value <= high else None
    if item.has("ord") and item.value is not None and low == 1 and high == 31 and not item.has("n:"):
        return int(item.value)
    return None


def read_moment(items: Sequence[Item], place: int, run: RunVocabulary, after: date | None = None) -> Moment | None:
    """A day, month or year that begins at this item; without a year it is the one that the run holds."""
    if place >= len(items):
        return None
    item = items[place]
    if item.kind == "date":
        day = _written_day(item.text, run)
        return None if day is None else Moment(day, day, place + 1)
    if item.kind == "month":
        year, month = (int(part) for part in item.text.replace("/", "-").split("-"))
        return _month_of(year, month, place + 1) if 1 <= month <= 12 else None
    if item.kind == "number":
        return _from_number(items, place, run)
    month_name = item.of("mo:")
    if month_name is None:
        return _quarter(items, place, run)
    month = int(month_name)
    following = _skip(items, place + 1)
    day_number = _whole(items[following], 1, 31) if following < len(items) else None
    day_follows = day_number is not None and not _counts(items, following + 1)
    if day_follows and day_number is not None:
        end = _skip(items, following + 1)
        year_number = _year_at(items, end)
        return _day_of(run, month, day_number, year_number, end + 1 if year_number else following + 1)
    year_number = _year_at(items, following)
    if year_number:
        return _month_of(year_number, month, following + 1)
    return _months_of(run, month, place + 1, after)


def _counts(items: Sequence[Item], place: int) -> bool:
    """Whether a number before this place counts something: "May 10 trades"."""
    return place < len(items) and (
        items[place].has("trade", "u:hour", "u:minute", "u:pct", "u:money", "r:worst", "r:best", "res:loss", "res:win")
    )


def _year_at(items: Sequence[Item], place: int) -> int | None:
    return _whole(items[place], 1990, 2100) if place < len(items) else None


def _from_number(items: Sequence[Item], place: int, run: RunVocabulary) -> Moment | None:
    following = _skip(items, place + 1)
    sign = items[following].text if following < len(items) else ""
    year = _whole(items[place], 1990, 2100)
    if year is not None:
        if sign == "年" and (month := _cjk_month(items, following + 1)) is not None:
            day = _cjk_day(items, following + 3)
            return _day_of(run, month, day, year, following + 5) if day else _month_of(year, month, following + 3)
        if place + 1 < len(items) and items[place + 1].has("trade", "u:money", "u:hour", "u:pct"):
            return None
        return Moment(date(year, 1, 1), date(year, 12, 31), following + 1 if sign == "年" else place + 1)
    month = _cjk_month(items, place)
    if month is not None:
        day = _cjk_day(items, place + 2)
        return _day_of(run, month, day, None, place + 4) if day else _months_of(run, month, place + 2, None)
    number = _whole(items[place], 1, 31)
    if number is None or following >= len(items):
        return None
    month_name = items[following].of("mo:")
    if month_name is None:
        return None
    end = _skip(items, following + 1)
    year = _year_at(items, end)
    return _day_of(run, int(month_name), number, year, end + 1 if year else following + 1)


def _cjk_month(items: Sequence[Item], place: int) -> int | None:
    if place + 1 >= len(items) or items[place + 1].text not in ("月", "月份"):
        return None
    return _whole(items[place], 1, 12)


def _cjk_day(items: Sequence[Item], place: int) -> int | None:
    if place + 1 >= len(items) or items[place + 1].text not in ("日", "号"):
        return None
    return _whole(items[place], 1, 31)


def _quarter(items: Sequence[Item], place: int, run: RunVocabulary) -> Moment | None:
    """Q3, Q3 2024."""
    if items[place].text.lower() != "q" or place + 1 >= len(items):
        return None
    quarter = _whole(items[place + 1], 1, 4)
    if quarter is None:
        return None
    following = _skip(items, place + 2)
    stated = _year_at(items, following)
    years = [stated] if stated else _years(run, quarter * 3 - 2) or _years(run, quarter * 3)
    year = years[-1] if years else (run.last_day or date.today()).year
    return Moment(date(year, quarter * 3 - 2, 1), _last_of(year, quarter * 3), following + 1 if stated else place + 2)


def _written_day(text: str, run: RunVocabulary) -> date | None:
    """2024-08-31, 31.08.2024, 31/08/2024 or 08/31/2024; of both ways to read a date the one inside the run."""
    numbers = [int(part) for part in text.replace("/", "-").replace(".", "-").split("-")]
    orders = (
        [numbers] if numbers[0] > 31 else [[numbers[2], numbers[1], numbers[0]], [numbers[2], numbers[0], numbers[1]]]
    )
    days = []
    for year, month, day in orders:
        try:
            days.append(date(year + 2000 if year < 100 else year, month, day))
        except ValueError:
            continue
    inside = [day for day in days if _inside(day, run)]
    return inside[0] if inside else days[0] if days else None


def _inside(day: date, run: RunVocabulary) -> bool:
    return run.first_day is None or run.last_day is None or run.first_day <= day <= run.last_day


def _last_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _month_of(year: int, month: int, end: int) -> Moment:
    return Moment(date(year, month, 1), _last_of(year, month), end, (f"{year}-{month:02d}",))


def _years(run: RunVocabulary, month: int) -> list[int]:
    """The years in which the run has this month."""
    if run.first_day is None or run.last_day is None:
        return []
    years = range(run.first_day.year, run.last_day.year + 1)
    return [year for year in years if run.first_day <= _last_of(year, month) and date(year, month, 1) <= run.last_day]


def _months_of(run: RunVocabulary, month: int, end: int, after: date | None) -> Moment:
    years = _years(run, month) or [(run.last_day or date(2000, 1, 1)).year]
    if after is not None:
        later = [year for year in years if _last_of(year, month) >= after]
        return _month_of(later[0] if later else years[-1], month, end)
    months = tuple(f"{year}-{month:02d}" for year in years)
    return Moment(date(years[0], month, 1), _last_of(years[-1], month), end, months)


def _day_of(run: RunVocabulary, month: int, day: int | None, year: int | None, end: int) -> Moment | None:
    years = [year] if year else _years(run, month) or [(run.last_day or date(2000, 1, 1)).year]
    for one in years:
        try:
            found = date(one, month, day or 1)
        except ValueError:
            return None
        if year or _inside(found, run) or one == years[-1]:
            return Moment(found, found, end)
    return None


def _part_of_run(items: Sequence[Item], place: int, run: RunVocabulary) -> tuple[Condition, int] | None:
    """The last week, the first 10 days, the first half, week 35."""
    item = items[place]
    if run.first_day is None or run.last_day is None:
        return None
    if item.has("half1", "half2"):
        middle = run.first_day + (run.last_day - run.first_day) // 2
        span = f"{run.first_day}..{middle}" if item.has("half1") else f"{middle + timedelta(days=1)}..{run.last_day}"
        month = read_moment(items, _skip(items, place + 1), run)
        if month is not None and len(month.months) == 1:
            middle = month.first + timedelta(days=14)
            span = f"{month.first}..{middle}" if item.has("half1") else f"{middle + timedelta(days=1)}..{month.last}"
            return Condition("date", span), month.end
        return Condition("date", span), place + 1
    if item.has("g:week") or item.text.lower() in ("kw", "cw"):
        number = _whole(items[place + 1], 1, 53) if place + 1 < len(items) else None
        return (Condition("week", f"W{number:02d}"), place + 2) if number else None
    at_end = item.has("last")
    if not at_end and not (item.has("ord") and item.value == 1):
        return None
    following = place + 1
    if at_end and following < len(items) and items[following].has("number"):
        following += 1
    count = _count_at(items, following)
    unit = following + (1 if count else 0)
    if unit >= len(items):
        return None
    which = "last" if at_end else "first"
    held = items[unit]
    within = read_moment(items, _skip(items, unit + 1), run)
    if within is not None and len(within.months) == 1 and held.has("u:week", "g:week", "u:day", "g:day"):
        days = (count or 1) * (7 if held.has("u:week", "g:week") else 1) - 1
        first = within.last - timedelta(days=days) if at_end else within.first
        return Condition("date", f"{first}..{first + timedelta(days=days)}" if days else str(first)), within.end
    if held.has("u:day", "g:day"):
        if not count:
            return Condition("date", str(run.last_day if at_end else run.first_day)), unit + 1
        return Condition("date", f"{which} {count} days"), unit + 1
    if held.has("u:week", "g:week"):
        return Condition("date", f"{which} {count or 1} weeks"), unit + 1
    if held.has("u:month", "g:month"):
        day = run.last_day if at_end else run.first_day
        if not count or count == 1:
            return Condition("month", f"{day:%Y-%m}"), unit + 1
        return Condition("date", f"{which} {count} months"), unit + 1
    return None


def _count_at(items: Sequence[Item], place: int) -> int | None:
    if place >= len(items) or items[place].kind != "number" or items[place].value is None:
        return None
    value = int(items[place].value or 0)
    return value if 1 <= value <= 1000 else None
