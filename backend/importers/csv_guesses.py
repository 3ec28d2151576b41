"""What a table's cells say of its columns where headers do not: a clock beside a date, a side, what was not used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.importers.csv_cells import distinct
from backend.importers.csv_columns import is_cost, is_round_trips, normalise
from backend.importers.csv_tables import Table
from backend.importers.csv_words import ACTION_WORDS, LONG_SHORT

_SAMPLE: Final = 200
_DATE_ONLY: Final = re.compile(
    r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\s*|\s*\d{8}\s*|\s*\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}\s*"
)
_CLOCK: Final = re.compile(r"\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?\s*")
_MOMENT: Final = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T,;]+\d{1,2}:\d{2}.*|\s*\d{8}[ ;]\d{6}\s*")
_CLOCK_NAME: Final = re.compile(r"\b(?:time|clock|timestamp|datetime|executed|filled|execution)\b")
_NOT_THE_FILL: Final = re.compile(
    r"\b(?:settle|settlement|created|placed|submitted|update|updated|expiry|expiration|order placed|cancel)\b"
)
_LOOKS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("an account", re.compile(r"\b(?:account|acct|sub ?account|portfolio|client id)\b")),
    ("a multiplier", re.compile(r"\b(?:multiplier|contract size|point value|lot size|tick value|point)\b")),
    ("a clock", re.compile(r"\b(?:time|clock|timestamp)\b")),
    ("a side", re.compile(r"\b(?:side|direction|buy|sell|long|short|action|open close|effect|market pos)\b")),
    (
        "money",
        re.compile(
            r"\b(?:amount|total|value|proceeds|pnl|p&l|p l|profit|loss|gain|balance|cash|equity|net|gross"
            r"|realized|realised|notional|cost|basis)\b"
        ),
    ),
)  # fmt: skip
_SHARE: Final = re.compile(r"%|\b(?:pct|percent|percentage|rate|ratio|price|type|id)\b", re.IGNORECASE)
_CURRENCY_SIGN: Final = re.compile(r"^\s*+[-(]?\s*+[$€£¥₹]\s*+[-(]?\d")
_WORD: Final = re.compile(r"[^a-z0-9-]+")


def improved(table: Table, bound: Mapping[str, int]) -> dict[str, int]:
    """The binding with what the cells show: the column with the clock for the time, a column of sides for the side,
    and kinds of option only where the cells are such.
    """
    better = dict(bound)
    for name, day in (("time", "day"), ("entry_time", "entry_day"), ("exit_time", "exit_day")):
        if name in better:
            _with_clock(table, better, name, day)
    if "side" not in better:
        _side_by_cells(table, better)
    if "option_type" in better and not _words(table, better["option_type"]) & _OPTION_WORDS:
        del better["option_type"]
    if "position_after" in better and _words(table, better["position_after"]) & LONG_SHORT:
        del better["position_after"]
    return better


_OPTION_WORDS: Final = frozenset(("call", "put", "c", "p", "calls", "puts", "ce", "pe"))


def _with_clock(table: Table, bound: dict[str, int], name: str, day: str) -> None:
    """Where the time's column holds days alone: a whole moment in another column, else the clock of another one."""
    at = bound[name]
    if not _all(table, at, _DATE_ONLY):
        return
    taken = set(bound.values())
    side = {"entry_time": "entry|open|buy", "exit_time": "exit|close|sell"}.get(name)
    for other, header in enumerate(table.headers):
        label = normalise(header)
        if other in taken or not _CLOCK_NAME.search(label) or _NOT_THE_FILL.search(label):
            continue
        if side is not None and not re.search(side, label):
            continue
        if _all(table, other, _MOMENT):
            bound[name] = other
            return
        if _all(table, other, _CLOCK):
            bound[name], bound[day] = other, at
            return


def _side_by_cells(table: Table, bound: dict[str, int]) -> None:
    known = LONG_SHORT if is_round_trips(bound) else ACTION_WORDS.keys()
    taken = set(bound.values())
    for at in range(len(table.headers)):
        if at in taken or not len(table.rows):
            continue
        words = _words(table, at)
        # One word alone, or a number, says nothing of a direction.
        if (
            words
            and words <= known
            and any(len(word) > 1 or word in "bs" for word in words)
            and not words <= {"1", "-1"}
        ):
            bound["side"] = at
            return


def _words(table: Table, at: int) -> set[str]:
    if not len(table.rows):
        return set()
    cells, _ = distinct(table.rows.arrow(at))
    if len(cells) > _SAMPLE:
        return {""}
    return {_WORD.sub(" ", cell.lower()).strip() for cell in cells if cell.strip()}


def _all(table: Table, at: int, pattern: re.Pattern[str]) -> bool:
    cells = [cell for cell in _sample(table, at) if cell.strip()]
    return bool(cells) and all(pattern.fullmatch(cell) for cell in cells)


def _sample(table: Table, at: int) -> list[str]:
    column: Any = table.rows.arrow(at)
    cells: list[str] = column.slice(0, _SAMPLE).to_pylist()
    return cells


def unused_columns(table: Table, used: set[int]) -> list[str]:
    """What to say of the columns that were not used: by name those that may matter, and what they look like."""
    notable: list[str] = []
    others: list[str] = []
    for at, header in enumerate(table.headers):
        if not header or at in used:
            continue
        looks = _looks_like(table, at, header)
        (notable if looks else others).append(f"{header[:40]!r} (looks like {looks})" if looks else header[:40])
    said = []
    if notable:
        said.append(f"Not used, though it may matter: {', '.join(notable[:20])}. Say what it is when importing.")
    if others:
        said.append(f"Columns not used: {', '.join(others[:20])}.")
    return said


def _looks_like(table: Table, at: int, header: str) -> str | None:
    cells = [cell for cell in _sample(table, at) if cell.strip()]
    if not cells:
        return None
    if is_cost(header):
        return "a cost"
    name = normalise(header)
    numbers = any(any(mark.isdigit() for mark in cell) for cell in cells)
    for what, pattern in _LOOKS:
        if pattern.search(name) and not _SHARE.search(header) and (numbers or what in ("a side", "an account")):
            return what
    if all(_CURRENCY_SIGN.match(cell) for cell in cells):
        return "money"
    words = {_WORD.sub(" ", cell.lower()).strip() for cell in cells}
    return "a side" if len(words) >= 2 and words <= ACTION_WORDS.keys() else None
