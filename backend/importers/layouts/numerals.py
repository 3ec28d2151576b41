"""A column of numbers as brokers write them: currency signs, brackets, units behind, marks of thousands."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from backend.importers.base import ImportProblem
from backend.importers.csv_cells import distinct, plain_numbers
from backend.importers.parsing import clean_text

Floats = np.ndarray[Any, np.dtype[np.float64]]

_EMPTY: Final = frozenset(("", "-", "--", "—", "~", "n/a", "na", "null", "none", "nil", "not available"))
_BLANKS = re.compile("[\\s\u00a0\u2007\u2009\u202f'’]+")
_SIGNS = re.compile(r"(?:US|C|A|HK|S|NZ|R)?\$|[€£¥₿₹₽₩@]")
_PLAIN = re.compile(r"[+-]?(\d++(\.\d*+)?|\.\d++)([eE][+-]?\d{1,3})?")
# A coin or unit behind (or, as a currency's code, before) the number. Shortened thousands are no units.
_UNIT = re.compile(r"([+-]?[\d.,]+(?:[eE][+-]?\d{1,3})?)([A-Za-z][A-Za-z0-9.]{0,14})")
_CODE = re.compile(r"([+-]?)([A-Z]{3})([+-]?[\d.,]+)")
_SHORTENED: Final = frozenset(("k", "m", "b", "mm", "bn", "mn", "tsd", "mio"))


class Unreadable(ValueError):
    """The cell holds no number."""


def read_numbers_of(
    column: Any, lines: Sequence[int], header: str, *, decimal: str, where: Any = None
) -> tuple[Floats, list[str], Any]:
    """The numbers (NaN for an empty cell), the different units behind them, and for each row which of these it has.

    `where` are the rows whose cells must be numbers; what stands in the others is left out.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    plain = plain_numbers(column) if decimal == "." and len(column) else None
    if plain is not None:
        return np.frombuffer(plain, dtype=np.float64).copy(), [""], np.zeros(len(plain), dtype=np.int64)
    cells, which = distinct(column)
    values = np.full(len(cells), np.nan)
    units: dict[str, int] = {"": 0}
    unit_of = np.zeros(len(cells), dtype=np.int64)
    bad = []
    for at, cell in enumerate(cells):
        try:
            values[at], unit = number_and_unit(cell, decimal)
        except Unreadable:
            bad.append(at)
            continue
        unit_of[at] = units.setdefault(unit, len(units))
    if bad:
        wrong = np.isin(which, bad) & (np.ones(len(which), dtype=bool) if where is None else where)
        if wrong.any():
            at = int(wrong.argmax())
            raise _bad(cells[which[at]], lines[at], header)
    if not len(cells):
        return np.empty(0), [""], np.empty(0, dtype=np.int64)
    return values[which], list(units), unit_of[which]


def number_and_unit(cell: str, decimal: str) -> tuple[float, str]:
    """The number (NaN where the cell says there is none) and the unit or coin beside it, empty without one.

    Raises:
        Unreadable: it is no number.
    """
    text = cell.strip().removeprefix('="').removesuffix('"').replace("−", "-")
    if text.casefold() in _EMPTY:
        return math.nan, ""
    text = _SIGNS.sub("", _BLANKS.sub("", text))
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1]
    if len(text) > 1 and text.endswith("-"):
        text = "-" + text[:-1]
    unit = ""
    behind, before = _UNIT.fullmatch(text), _CODE.fullmatch(text)
    if behind:
        text, unit = behind[1], behind[2]
        if unit.casefold() in _SHORTENED:
            raise Unreadable(cell)
    elif before:
        text, unit = before[1] + before[3], before[2]
    text = text.replace(",", "") if decimal == "." else text.replace(".", "").replace(",", ".")
    if not _PLAIN.fullmatch(text):
        raise Unreadable(cell)
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable(cell)
    return -number if negative else number, unit


def bare_number(cell: str) -> str:
    """The cell without signs and units, its marks kept: what shows which mark is the decimal one."""
    text = _SIGNS.sub("", _BLANKS.sub("", cell.replace("−", "-"))).strip("()")
    behind = _UNIT.fullmatch(text)
    return behind[1] if behind else text


def _bad(cell: str, line: int, header: str) -> ImportProblem:
    return ImportProblem(
        f"Line {line}, column {header!r}: {clean_text(cell, 40)!r} is no finite number. "
        "Correct it, or leave the cell empty if there is no value.",
        line=line,
        column=header,
        code="bad_value",
    )
