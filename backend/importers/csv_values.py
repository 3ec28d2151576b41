"""Columns of text → numbers and moments. A column is read as a whole: one cell alone can be ambiguous.

Cells are the file's text; line numbers for errors come beside them. An empty cell is None; NaN and infinity are errors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd

from backend.importers.base import ImportProblem
from backend.importers.parsing import clean_text, finite, from_epoch, to_utc

_PLAIN = re.compile(r"[+-]?(\d++(\.\d*+)?|\.\d++)([eE][+-]?\d{1,3})?")
_EMPTY = frozenset(("", "-", "--", "—", "null", "none", "n/a", "na", "nil"))
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’_]+")
_MONEY = re.compile(r"^[$€£¥₿₹₽₩]|[$€£¥₿₹₽₩]$|^[A-Z]{3,5}(?=[\d.+-])|(?<=[\d.])[A-Z]{2,5}$")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
_EPOCH = re.compile(r"\d{9,10}(\.\d+)?|\d{12,13}(\.\d+)?|\d{16}|\d{19}")
_ZONE_WORD = re.compile(r"(?<!\s)\s*+\b(UTC|GMT)$", re.IGNORECASE)
_FORMATS = tuple(
    f"{date} {clock}".strip()
    for date in (
        "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y.%m.%d", "%d/%m/%y", "%m/%d/%y",
        "%d.%m.%y", "%d %b %Y", "%b %d %Y", "%d-%b-%Y", "%d %B %Y", "%B %d %Y", "%Y%m%d",
    )
    for clock in ("", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%H%M%S")
)  # fmt: skip


def read_numbers(cells: Sequence[str], lines: Sequence[int], column: str, *, decimal: str) -> list[float | None]:
    """The column's numbers; `decimal` is the file's decimal mark, `.` or `,`.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    values: dict[str, float | None] = {}
    for cell, line in zip(cells, lines, strict=True):
        if cell not in values:
            values[cell] = _number(cell, line, column, decimal)
    return [values[cell] for cell in cells]


def _number(cell: str, line: int, column: str, decimal: str) -> float | None:
    if decimal == "." and _PLAIN.fullmatch(cell):
        text = cell
    else:
        text = _bare(cell)
        if text.lower() in _EMPTY:
            return None
        text = text.replace(",", "") if decimal == "." else text.replace(".", "").replace(",", ".")
    number = finite(float(text)) if _PLAIN.fullmatch(text) else None
    if number is None:
        raise ImportProblem(
            f"Line {line}, column {column!r}: {clean_text(cell, 40)!r} is no finite number. "
            "Correct it, or leave the cell empty if there is no value.",
            line=line,
            column=column,
            code="bad_value",
        )
    return number


def _bare(cell: str) -> str:
    """A number without spaces, currency, Excel's ="…" and accountants' brackets; its marks are kept."""
    text = cell.strip().removeprefix('="').removesuffix('"').replace("−", "-").strip()
    text = _SPACES.sub("", text)
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    if len(text) > 1 and text.endswith("-") and text[:1] not in "+-":
        text = "-" + text[:-1]
    sign = text[:1] if text[:1] in ("+", "-") else ""
    return sign + _MONEY.sub("", _MONEY.sub("", text[len(sign) :]))


def decimal_mark(columns: Sequence[Sequence[str]], lines: Sequence[int], *, delimiter: str) -> str:
    """The decimal mark of all number columns together, `.` unless the cells show a comma.

    `1,5` shows a comma, `1.5` a point, `1,234` and `1.234` nothing by themselves; in a file parted by semicolons, as
    spreadsheets in comma countries write them, a comma that shows nothing is taken for a decimal one.

    Raises:
        ImportProblem: `ambiguous_number` when the cells show both.
    """
    if not any("," in cell for cells in columns for cell in cells):
        return "."
    shown: dict[str, int] = {}
    for cells in columns:
        for cell, line in zip(cells, lines, strict=True):
            mark = _shown_mark(_bare(cell)) if "," in cell or "." in cell else None
            if mark is not None:
                shown.setdefault(mark, line)
    if len(shown) == 2:
        raise ImportProblem(
            f"Line {shown[',']} uses a decimal comma, line {shown['.']} a decimal point. Write all numbers in one way.",
            line=shown["."],
            code="ambiguous_number",
        )
    if shown:
        return next(iter(shown))
    return "," if delimiter == ";" else "."


def _shown_mark(text: str) -> str | None:
    """The decimal mark that the cell proves, None when it proves none."""
    comma, point = text.rfind(","), text.rfind(".")
    if comma < 0 and point < 0:
        return None
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    mark = "," if comma >= 0 else "."
    if text.count(mark) > 1:
        return "." if mark == "," else ","
    whole = text.lstrip("+-").split(mark)[0]
    return None if _GROUPED.fullmatch(text) and whole.lstrip("0") else mark


def read_times(
    cells: Sequence[str],
    lines: Sequence[int],
    column: str,
    zone: ZoneInfo,
    date_order: Literal["day", "month"] | None = None,
) -> tuple[list[datetime | None], list[str]]:
    """The column's moments in UTC and what was assumed; zoneless ones are read in `zone`.

    ISO 8601, epoch seconds to nanoseconds, and the common written forms. Where day and month can't be told apart,
    `date_order` says which comes first; without it the reading under which the rows are in order of time is taken and
    said, and when both or none are, the column is refused.

    Raises:
        ImportProblem: `bad_value` with line and column, or `ambiguous_time`.
    """
    texts = [_tidy(cell) for cell in cells]
    present = [(text, line) for text, line in zip(texts, lines, strict=True) if text]
    assumed: list[str] = []
    parsed: dict[str, datetime] = {}
    written: dict[str, int] = {}
    for text, line in present:
        if text in parsed or text in written:
            continue
        moment = _direct(text)
        if moment is not None:
            parsed[text] = moment
        else:
            written[text] = line
    if written:
        found, note = _by_format([text for text, _ in present if text in written], written, column, date_order)
        parsed |= found
        assumed += [note] if note else []
    moments = {text: to_utc(moment, zone) for text, moment in parsed.items()}
    for text, line in present:
        if moments[text] is None:
            raise _bad_time(text, line, column)
    return [moments[text] if text else None for text in texts], assumed


def is_zoneless(cells: Sequence[str]) -> bool:
    """Whether any cell of a time column names no zone."""
    return any(
        (moment := _direct(text)) is None or moment.tzinfo is None for cell in cells[:1000] if (text := _tidy(cell))
    )


def _tidy(cell: str) -> str:
    text = cell.strip().removeprefix('="').removesuffix('"').replace(" - ", " ").replace(";", " ").replace(", ", " ")
    return "" if text.lower() in _EMPTY or text.lower() == "nat" else _ZONE_WORD.sub("+00:00", text)


def _direct(text: str) -> datetime | None:
    """A moment from epoch digits or ISO 8601; None when it is neither."""
    if _EPOCH.fullmatch(text):
        return from_epoch(float(text))
    if not text[:4].isdigit() or text[4:5] != "-":
        return None
    try:
        return datetime.fromisoformat(text.replace(" +", "+") if " +" in text else text)
    except ValueError:
        return None


def _by_format(
    texts: Sequence[str], lines: dict[str, int], column: str, date_order: Literal["day", "month"] | None
) -> tuple[dict[str, datetime], str | None]:
    """All texts by one written form; `texts` in the file's order, `lines` the first line of each."""
    unique = pd.Series(list(lines), dtype="object")
    bare = unique.str.replace(r"\+00:00$", "", regex=True)
    readings: dict[str, pd.Series[pd.Timestamp]] = {}
    nearest, fewest = unique, len(unique) + 1
    for written in _FORMATS:
        if pd.isna(pd.to_datetime(bare.iloc[:1], format=written, errors="coerce")).all() and fewest <= len(unique):
            continue
        moments = pd.to_datetime(bare, format=written, errors="coerce")
        failed = unique[moments.isna()]
        if failed.empty:
            readings[written] = moments
        elif len(failed) < fewest:
            nearest, fewest = failed, len(failed)
    if not readings:
        text = str(nearest.iloc[0])
        raise _bad_time(text, lines[text], column)
    written, note = _unambiguous(readings, unique, texts, column, date_order)
    suffixed = zip(unique, readings[written], strict=True)
    zone = ZoneInfo("UTC")
    return {
        str(text): stamp.to_pydatetime(warn=False).replace(tzinfo=zone if str(text).endswith("+00:00") else None)
        for text, stamp in suffixed
    }, note


def _unambiguous(
    readings: dict[str, pd.Series[pd.Timestamp]],
    unique: pd.Series[str],
    texts: Sequence[str],
    column: str,
    date_order: Literal["day", "month"] | None,
) -> tuple[str, str | None]:
    distinct: dict[str, pd.Series[pd.Timestamp]] = {}
    for written, moments in readings.items():
        if not any(moments.equals(other) for other in distinct.values()):
            distinct[written] = moments
    if len(distinct) == 1:
        return next(iter(distinct)), None
    if date_order is not None:
        said = [written for written in distinct if written.startswith("%d") == (date_order == "day")]
        if len(said) == 1:
            return said[0], None
    in_order = []
    for written, moments in distinct.items():
        by_text = dict(zip(unique, moments, strict=True))
        ordered = pd.Series([by_text[text] for text in texts])
        if ordered.is_monotonic_increasing or ordered.is_monotonic_decreasing:
            in_order.append(written)
    if len(in_order) != 1:
        raise ImportProblem(
            f"Column {column!r}: {clean_text(str(unique.iloc[0]), 40)!r} may be day first or month first, and nothing "
            "in the file tells which. Say which when importing (date order: day or month), or write the dates as "
            "YYYY-MM-DD.",
            column=column,
            code="ambiguous_time",
        )
    first = "day" if in_order[0].startswith("%d") else "month"
    return in_order[0], f"Column {column!r} was read {first} first: only so are its rows in order of time."


def _bad_time(text: str, line: int, column: str) -> ImportProblem:
    return ImportProblem(
        f"Line {line}, column {column!r}: {clean_text(text, 40)!r} is no time that can be read. "
        "Write YYYY-MM-DD HH:MM:SS, with a zone if you can.",
        line=line,
        column=column,
        code="bad_value",
    )
