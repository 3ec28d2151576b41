"""Which trades, in words: "short trades opened on Thursday, held more than 4 h"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.agents.offline.markdown import code, number
from backend.agents.offline.understanding import Condition
from backend.agents.offline.understanding.plan import PERIODS

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_RESULTS = {"win": "winning", "loss": "losing", "breakeven": "breakeven"}
_SESSIONS = {
    "asia": "the Asian session (22:00–07:00 UTC)",
    "europe": "the European session (07:00–13:00 UTC)",
    "us": "the US session (13:00–22:00 UTC)",
}


def trades_of(where: Sequence[Condition], *, noun: str = "trades", periods_by: str = "closed") -> str:
    """The trades that conditions choose, as a noun with its attributes; "all trades" without any."""
    before: list[str] = []
    after: list[str] = []
    for one in where:
        words, ahead = _words(one, periods_by)
        if one.negated:
            after.append(f"outside of those {words}" if not ahead else f"that are not {words}")
        else:
            (before if ahead else after).append(words)
    if not before and not after:
        return f"all {noun}"
    return " ".join([*before, noun]) + (f" {', '.join(after)}" if after else "")


def short_scope(where: Sequence[Condition], *, periods_by: str = "closed") -> str:
    """A name for a group of a comparison: "shorts", "Mondays", "`BTC`"."""
    if len(where) == 1 and not where[0].negated:
        one = where[0]
        if one.key == "side":
            return f"{one.value} trades"
        if one.key == "symbol":
            return _named(one.value)
        if one.key == "result":
            return {"win": "winners", "loss": "losers"}.get(one.value, "breakeven trades")
        if one.key == "weekend":
            return "weekend" if one.value else "Monday to Friday"
        if one.key == "weekday" and isinstance(one.value, str):
            return one.value.capitalize()
        if one.key == "month":
            return _month(one.value)
    if len(where) == 1 and where[0].negated:
        return "all other trades"
    return trades_of(where, periods_by=periods_by)


def _words(one: Condition, periods_by: str) -> tuple[str, bool]:
    """(words, whether they stand before the noun)."""
    by = one.by or (periods_by if one.key in PERIODS else "opened")
    match one.key:
        case "side":
            return str(one.value), True
        case "result":
            return _RESULTS.get(str(one.value), str(one.value)), True
        case "open":
            return ("still open" if one.value else "closed"), True
        case "symbol":
            return f"in {_named(one.value)}", False
        case "tag" | "entry_tag" | "exit_reason":
            where = {"tag": "tagged", "entry_tag": "with the entry tag", "exit_reason": "with the exit reason"}[one.key]
            return f"{where} {_named(one.value)}", False
        case "weekday":
            days = one.value if isinstance(one.value, list) else [one.value]
            return f"{by} on {' or '.join(str(day).capitalize() for day in days)}", False
        case "weekend":
            return (f"{by} at the weekend" if one.value else f"{by} from Monday to Friday"), False
        case "session":
            return f"{by} in {_SESSIONS.get(str(one.value), str(one.value))}", False
        case "hour":
            return f"{by} {_hours(one.value)}", False
        case "month":
            return f"{by} in {_month(one.value)}", False
        case "week":
            return f"{by} in week {_given(str(one.value))}", False
        case "date":
            return f"{by} {_date(str(one.value))}", False
        case "duration":
            return f"held {_bounds(one.value, lambda value: _given(duration(value)))}", False
        case "trade":
            return _trade_numbers(one.value), False
        case "streak":
            kind = "losses" if one.value["after"] == "losses" else "wins"
            count = one.value["at_least"]
            return f"opened after {_count_word(count, kind)}", False
        case "nth_of_day":
            return (
                "opened first on their day"
                if one.value == 1
                else f"opened as number {_given(str(one.value))} of their day"
            ), False
        case "pnl":
            return f"with a net P&L of {_bounds(one.value, lambda value: _given(number(value)))}", False
        case "return":
            return f"with a return of {_bounds(one.value, lambda value: _given(f'{number(value)}%'))}", False
        case "size":
            return f"with a value at entry of {_bounds(one.value, lambda value: _given(number(value)))}", False
        case "leverage":
            return f"with a leverage of {_bounds(one.value, lambda value: _given(f'{value:g}×'))}", False
        case _:
            return f"with {one.key} of {_bounds(one.value, lambda value: _given(number(value)))}", False


def _given(text: str) -> str:
    """A number of the asker's own: as code, for no result is to hold it."""
    return f"`{text}`"


def _count_word(count: int, kind: str) -> str:
    if count == 1:
        return f"a {kind[:-2] if kind == 'losses' else kind[:-1]}"
    return f"at least {_given(str(count))} {kind} in a row"


def _named(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return " or ".join(code(str(one)) for one in values)


def _hours(value: Any) -> str:
    if isinstance(value, dict):
        low, high = int(value.get("gte", 0)), value.get("lt")
        if high is None:
            return f"from {low:02d}:00 UTC on"
        return f"before {int(high):02d}:00 UTC" if low == 0 else f"from {low:02d}:00 to {int(high):02d}:00 UTC"
    if isinstance(value, str) and "-" in value:
        first, last = value.split("-")
        return f"from {int(first):02d}:00 to {(int(last) + 1) % 24:02d}:00 UTC"
    hours = value if isinstance(value, list) else [value]
    return f"in the hour from {' or '.join(f'{int(hour):02d}:00' for hour in hours)} UTC"


def _month(value: Any) -> str:
    months = value if isinstance(value, list) else [value]
    return " or ".join(month_name(str(one)) for one in months)


def month_name(value: str) -> str:
    """ "2024-08" → "August 2024"."""
    year, _, month = value.partition("-")
    return f"{_MONTHS[int(month) - 1]} {year}" if month.isdigit() and 1 <= int(month) <= 12 else value


def _date(value: str) -> str:
    if ".." in value:
        first, last = value.split("..")
        return f"from {first} to {last}"
    if value.startswith(">="):
        return f"from {value[2:].strip()} on"
    if value.startswith("<"):
        return f"before {value.lstrip('<= ')}"
    if value.startswith(("last ", "first ")):
        which, _, span = value.partition(" ")
        one = span.startswith("1 ")
        return f"in the {which} {span.removeprefix('1 ').removesuffix('s') if one else _given(span)} of the run"
    return f"on {value}"


def _trade_numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"numbered {', '.join(f'#{one}' for one in value)}"
    if isinstance(value, str) and ".." in value:
        first, last = value.split("..")
        return f"from #{first} to #{last}"
    return f"numbered #{value}"


def _bounds(value: Any, show: Any) -> str:
    if not isinstance(value, dict):
        return str(show(value))
    low, high = value.get("gte", value.get("gt")), value.get("lt", value.get("lte"))
    if low is not None and high is not None:
        return f"{show(low)} to {show(high)}"
    if low is not None:
        return f"{'more than' if 'gt' in value else 'at least'} {show(low)}"
    return f"{'less than' if 'lt' in value else 'at most'} {show(high)}"


def duration(seconds: float) -> str:
    """In one unit: 45 s, 58.3 min, 21.5 h, 2.25 days."""
    for size, name, most in ((1.0, "s", 120), (60.0, "min", 7_200), (3600.0, "h", 172_800), (86_400.0, "days", None)):
        if most is None or seconds < most:
            return f"{number(seconds / size).removesuffix('.00')} {name}"
    return f"{number(seconds)} s"
