"""Values of conditions as people and models write them: ranges, durations, hours, weekdays, months, weeks and dates.

Each reader takes any JSON value and refuses what it can't read with examples of what it can.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.analysis.arrays import BoolArray, FloatArray
from backend.analysis.criteria import InvalidCriteria

_UNIT_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DASHES = re.compile(r"(?<!\s)\s*(?:\.\.+|–|—|\bto\b|\buntil\b|\bthrough\b)\s*")
_LOW = {"gte": True, "min": True, "from": True, "start": True, "at_least": True, ">=": True, "after": False,
        "gt": False, "above": False, "over": False, "more_than": False, ">": False}  # fmt: skip
_HIGH = {"lte": True, "max": True, "to": True, "end": True, "at_most": True, "<=": True, "before": False,
         "lt": False, "below": False, "under": False, "less_than": False, "<": False}  # fmt: skip
_OVER = re.compile(
    r"(>=|≥|>|\bafter|\bsince|\bfrom|\bover|\babove|\blonger than|\bmore than|\bgreater than|\bat least|\bmin)\s*(.+)",
    re.I,
)
_UNDER = re.compile(
    r"(<=|≤|<|\bbefore|\buntil|\bunder|\bbelow|\bshorter than|\bless than|\bat most|\bup to|\bmax)\s*(.+)", re.I
)
_DEEPEST = 3
_LONGEST = 10_000
Read = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Range:
    """low ≤ value ≤ high, or with < at an end that is not included; None is no bound."""

    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = False
    # Half a unit of the last digit written, where one number stands for the range.
    exactly: bool = False

    def holds(self, values: FloatArray) -> BoolArray:
        """Where the values lie inside; NaN never does."""
        inside = ~np.isnan(values)
        if self.low is not None:
            inside &= values >= self.low if self.low_included else values > self.low
        if self.high is not None:
            inside &= values <= self.high if self.high_included else values < self.high
        return inside

    def as_json(self) -> Any:
        """The bounds as a condition holds them."""
        if self.exactly and self.low is not None and self.high is not None:
            return tidy((self.low + self.high) / 2)
        bounds = {}
        if self.low is not None:
            bounds["gte" if self.low_included else "gt"] = tidy(self.low)
        if self.high is not None:
            bounds["lte" if self.high_included else "lt"] = tidy(self.high)
        return bounds

    def words(self, show: Callable[[float], str]) -> str:
        """The range in words: "at least 5", "from 5 to under 10"."""
        if self.exactly and self.low is not None and self.high is not None:
            return show((self.low + self.high) / 2)
        if self.low is not None and self.high is not None:
            first = "from" if self.low_included else "above"
            return f"{first} {show(self.low)} {'to' if self.high_included else 'to under'} {show(self.high)}"
        if self.low is not None:
            return f"{'at least' if self.low_included else 'more than'} {show(self.low)}"
        return f"{'at most' if self.high_included else 'under'} {show(self.high)}" if self.high is not None else "any"


def tidy(value: float) -> float | int:
    """A whole number without its decimals, others without the noise of binary sums."""
    rounded = round(float(value), 10)
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def parts(value: Any, depth: int = 0) -> list[str]:
    """Several values: of a list, or a text with commas, "and" or "or"."""
    if isinstance(value, (list, tuple, set, frozenset, Mapping)):
        if depth > _DEEPEST:
            raise InvalidCriteria("a list of values is nested too deep", ['["a", "b"]'])
        inner = value.values() if isinstance(value, Mapping) else value
        return [part for held in inner for part in parts(held, depth + 1)]
    if value is None:
        return []
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)[:_LONGEST]
    return [part.strip().strip("\"'") for part in re.split(r"[,;|]|\band\b|\bor\b", text) if part.strip()]


def bare(name: str) -> str:
    """Letters and digits alone, in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_number(text: str) -> float:
    """A number with thousands' commas, a currency sign, %, k or M: "−1,200.50", "$5k", "2 %"."""
    plain = text.strip()[:_LONGEST].replace("−", "-").replace(",", "").replace("_", "")
    try:
        if math.isfinite(value := float(plain)):
            return value
    except ValueError:
        pass
    found = re.fullmatch(r"[^\d\-+.]{0,4}([-+]?)[^\d\-+.]{0,4}(\d{0,30}(?:\.\d{0,30})?)\s*([kKmM]?)[^\d]{0,12}", plain)
    if found is None or not found[2].strip("."):
        raise InvalidCriteria(f"{text!r} is no number", ["100", "-50", "> 100", "100..500", '{"gte": 100, "lt": 500}'])
    scale = {"k": 1e3, "m": 1e6}.get(found[3].lower(), 1.0)
    return float(found[2]) * scale * (-1.0 if found[1] == "-" else 1.0)


def read_seconds(text: str) -> float:
    """A duration: "90m", "4 hours", "2 days"; a bare number is seconds."""
    found = re.fullmatch(r"\s*+(\d{1,12}(?:\.\d{1,12})?)\s*+(s|m|h|d|w)?[a-z]*+\s*+", text[:100].lower())
    if found is None:
        raise InvalidCriteria(f"{text!r} is no holding time", ["> 1h", "< 30m", "1h..4h", "2 days", '{"gte": 3600}'])
    return float(found[1]) * _UNIT_SECONDS[found[2] or "s"]


def read_range(value: Any, read: Read) -> Range:
    """A number, {"gte", "lt"} (also "gt", "lte", "min", "max", …), or text: "> 5", "5..10", "between 5 and 10".

    Both ends of a text's range are included. One number stands for itself, within half a unit of its last digit.

    Raises:
        InvalidCriteria: when no range is meant, or its ends are the wrong way round.
    """
    if isinstance(value, Mapping):
        found = _from_mapping(value, read)
    elif isinstance(value, (list, tuple)) and len(value) == 2:
        found = Range(read(str(value[0])), read(str(value[1])), high_included=True)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found = _exact(read_number(str(value)), str(value))
    else:
        found = _from_text(str(value if value is not None else ""), read)
    if found.low is not None and found.high is not None and found.low > found.high:
        raise InvalidCriteria(f"{value!r} begins after its end", ['{"gte": 1, "lt": 5}'])
    return found


def _from_mapping(value: Mapping[Any, Any], read: Read) -> Range:
    low = high = None
    low_included, high_included = True, False
    for name, bound in value.items():
        if bound is None:
            continue
        side = re.sub(r"[\s\-]+", "_", str(name).lower())
        if side in _LOW:
            low, low_included = read(str(bound)), _LOW[side]
        elif side in _HIGH:
            high, high_included = read(str(bound)), _HIGH[side]
        else:
            raise InvalidCriteria(f"a range has no {name!r}", ["gte", "gt", "lt", "lte"])
    if low is None and high is None:
        raise InvalidCriteria("a range needs an end", ["gte", "gt", "lt", "lte"])
    return Range(low, high, low_included, high_included)


def _from_text(text: str, read: Read) -> Range:
    ends, low_included, high_included = text_bounds(text)
    low, high = ends
    if low is not None and high is not None and low != high:
        unit = re.search(r"(?<![a-z])[a-z]++\s*$", high.lower())
        if unit and re.fullmatch(r"\s*[\d.]+\s*", low):
            low += unit[0]  # "1-4h" begins at an hour
    if low is not None and low == high:
        return _exact(read(low), low)
    return Range(None if low is None else read(low), None if high is None else read(high), low_included, high_included)


def _exact(value: float, text: str) -> Range:
    decimals = re.search(r"\.(\d{1,15})(?![\deE])", text)
    half = 0.5 * 10.0 ** -len(decimals[1]) if decimals and set(decimals[1]) != {"0"} else 1e-9 * max(1.0, abs(value))
    return Range(value - half, value + half, high_included=True, exactly=True)


def text_bounds(text: str) -> tuple[tuple[str | None, str | None], bool, bool]:
    """((low, high), low included, high included) of "a..b", "> a", "since a", "< b", "before b", or of "a" alone."""
    text = text.strip()
    low = _OVER.match(text)
    if low and not re.search(r"\.\.|\bto\b|\band\b", low[2]):
        return (low[2], None), low[1].lower() not in {">", "over", "above", "more than", "longer than"}, False
    high = _UNDER.match(text)
    if high:
        return (None, high[2]), True, high[1].lower() in {"<=", "≤", "until", "at most", "up to", "max"}
    text = re.sub(r"^(?:between|from)\s+", "", text, flags=re.I)
    ends = re.split(
        r"(?<!\s)\s*(?:\.\.+|–|—|\bto\b|\band\b|\s-\s|(?<=[a-z\d])-(?=\d+(?:\.\d+)?\s*[smhdw]))\s*", text, maxsplit=1,
        flags=re.I,
    )  # fmt: skip
    return (ends[0], ends[-1]), True, True


def named(part: str, names: Sequence[str]) -> int | None:
    """Place of the one name that begins with these letters, three at least."""
    word = bare(part)
    for letters in (word, word.removesuffix("s")):
        hits = [i for i, name in enumerate(names) if len(letters) >= 3 and name.lower().startswith(letters)]
        if len(hits) == 1:
            return hits[0]
    return None


def match_names(value: Any, names: Sequence[str]) -> list[int]:
    """Names meant by a value: exact, else the same letters, else the same first part ("BTC" of "BTC/USDT"), else those
    that begin with it; in that order for each.
    """
    found: list[int] = []
    for part in parts(value):
        letters = bare(part)
        hits = (
            [i for i, name in enumerate(names) if name == part]
            or [i for i, name in enumerate(names) if name.lower() == part.lower()]
            or [i for i, name in enumerate(names) if letters and bare(name) == letters]
            or [i for i, name in enumerate(names) if letters and bare(re.split(r"[/:\-_ .]", name)[0]) == letters]
            or [i for i, name in enumerate(names) if letters and bare(name).startswith(letters)]
        )
        found += [i for i in hits if i not in found]
    return found


def read_hours(value: Any) -> list[int]:
    """Hours of the day: 13, [13, 14], "13-15" (15 included), "13:00-15:00" (up to 15:00), "22-2" over midnight, "from
    22", {"gte": 22}.
    """
    examples = ["13", "13, 14", "13-15", "13:00-15:00", "22-2", '{"gte": 22}']
    if isinstance(value, Mapping):
        names = {str(name).lower(): bound for name, bound in value.items()}
        for low, high in (("from", "to"), ("start", "end")):
            if names.keys() == {low, high}:
                return read_hours(f"{names[low]}-{names[high]}")
        span = read_range(value, read_number)
        hours = np.flatnonzero(span.holds(np.arange(24.0))).tolist()
        if not hours:
            raise InvalidCriteria(f"{value!r} names no hours of the day", examples)
        return [int(hour) for hour in hours]
    found: set[int] = set()
    for part in parts(value):
        text = part.lower().replace("utc", "").replace("h", "").strip()
        one_sided = _OVER.match(text) or _UNDER.match(text)
        if one_sided and not re.search(r"\bto\b|\.\.", text):
            number = re.fullmatch(r"\s*(\d{1,2})(?::00)?\s*", one_sided[2])
            if number is None or int(number[1]) > 24:
                raise InvalidCriteria(f"{part!r} names no hours of the day", examples)
            edge = int(number[1])
            found |= set(range(edge, 24)) if _OVER.match(text) else set(range(edge))
            continue
        text = _DASHES.sub("-", re.sub(r"^(?:between|from)\s+", "", text))
        span_text = re.fullmatch(r"(\d{1,2})(:\d\d)?(?:\s*-\s*(\d{1,2})(:\d\d)?)?", text)
        if span_text is None or int(span_text[1]) > 23 or int(span_text[3] or 0) > 24:
            raise InvalidCriteria(f"{part!r} names no hours of the day", examples)
        first = int(span_text[1])
        last = first if span_text[3] is None else int(span_text[3]) - (1 if span_text[4] == ":00" else 0)
        last += 24 if last < first else 0
        found |= {hour % 24 for hour in range(first, last + 1)}
    if not found:
        raise InvalidCriteria("which hours?", examples)
    return sorted(found)


def read_weekdays(value: Any, names: Sequence[str]) -> list[int]:
    """Days of the week, Monday = 0: "Monday", "Thu-Mon", ["mon", "wed"], "weekend"."""
    days: set[int] = set()
    for part in parts(value):
        text = _DASHES.sub("-", part.lower())
        if bare(text) in ("weekend", "weekends"):
            days |= {5, 6}
            continue
        if bare(text) in ("workday", "workdays", "weekdays"):
            days |= {0, 1, 2, 3, 4}
            continue
        ends = [named(end.strip(), names) for end in text.split("-")]
        if not ends or None in ends or len(ends) > 2:
            raise InvalidCriteria(f"{part!r} is no day of the week", names)
        first, last = ends[0] or 0, ends[-1] or 0
        days |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    if not days:
        raise InvalidCriteria("which weekday?", names)
    return sorted(days)


def read_flag(value: Any, key: str) -> bool:
    """true or false, in any spelling."""
    if isinstance(value, bool):
        return value
    word = bare(str(value)) if value is not None else "true"
    if word in ("true", "yes", "1", "", key):
        return True
    if word in ("false", "no", "0"):
        return False
    raise InvalidCriteria(f"{key} is true or false, not {value!r}", ["true", "false"])
