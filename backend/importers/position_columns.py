"""Positions by columns: what a run's rows are kept in between the file and the database.

As objects a million rows are some 300 MB; as columns they are 8 bytes a number and a pointer a text, and a column that
no row uses takes nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any, Final, Generic, TypeVar, get_args, overload

import numpy as np

from backend.importers.base import Action, ImportedPosition

_T = TypeVar("_T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAN = float("nan")
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_ACTION_CODES: Final[Mapping[Action, int]] = {action: code for code, action in enumerate(ACTIONS)}
# Number columns with what a row has that says nothing.
NUMBERS: Final[Mapping[str, float]] = {
    "quantity": _NAN, "price": _NAN, "fees": 0.0, "funding": 0.0, "realized_pnl": _NAN, "low_price": _NAN,
    "high_price": _NAN, "stop_price": _NAN, "cash": _NAN, "equity": _NAN, "leverage": _NAN, "multiplier": _NAN,
}  # fmt: skip
# What a file states beside, held against what is read and not saved.
EVIDENCE: Final[Mapping[str, float]] = {"amount": _NAN, "cash_change": _NAN, "position_after": _NAN}
_NUMBERS: Final[Mapping[str, float]] = {**NUMBERS, **EVIDENCE}
TEXTS: Final = ("trade_ref", "tag", "reasoning", "fee_currency", "account", "open_close", "holdings")


def microseconds(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(value: int) -> datetime:
    """The moment, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


class Same(Sequence[_T], Generic[_T]):
    """One value as often as there are rows."""

    def __init__(self, value: _T, count: int) -> None:
        self._value, self._count = value, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> _T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[_T]: ...
    def __getitem__(self, at: int | slice) -> _T | Sequence[_T]:
        if isinstance(at, slice):
            return Same(self._value, len(range(*at.indices(self._count))))
        if not -self._count <= at < self._count:
            raise IndexError(at)
        return self._value

    def __iter__(self) -> Iterator[_T]:
        return repeat(self._value, self._count)


class Numbers(Sequence["float | None"]):
    """Floats of 8 bytes; NaN stands for None, which it never is in a run."""

    def __init__(self, values: array[float]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, at: int) -> float | None: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[float | None]: ...
    def __getitem__(self, at: int | slice) -> float | Sequence[float | None] | None:
        if isinstance(at, slice):
            return Numbers(self.values[at])
        value = self.values[at]
        return value if value == value else None  # noqa: PLR0124 - NaN alone differs from itself

    def __iter__(self) -> Iterator[float | None]:
        for value in self.values:
            yield value if value == value else None  # noqa: PLR0124


class Moments(Sequence["datetime | None"]):
    """Moments of 8 bytes, in UTC; each is there."""

    def __init__(self, stamps: array[int]) -> None:
        self.stamps = stamps

    def __len__(self) -> int:
        return len(self.stamps)

    @overload
    def __getitem__(self, at: int) -> datetime | None: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[datetime | None]: ...
    def __getitem__(self, at: int | slice) -> datetime | Sequence[datetime | None] | None:
        return Moments(self.stamps[at]) if isinstance(at, slice) else moment_of(self.stamps[at])


class PositionColumns(Sequence[ImportedPosition]):
    """Rows that are appended in the file's order and then brought into order of time."""

    def __init__(self, rows: Iterable[ImportedPosition] = ()) -> None:
        self._ts: array[int] = array("q")
        self._actions = bytearray()
        self._symbols: list[str] = []
        self._names: dict[str, str] = {}
        self._numbers: dict[str, array[float]] = {}
        self._texts: dict[str, list[Any]] = {}
        for row in rows:
            self.append(row)

    @classmethod
    def of_arrays(
        cls,
        stamps: np.ndarray[Any, Any],
        actions: np.ndarray[Any, Any],
        symbols: Sequence[str],
        numbers: Mapping[str, np.ndarray[Any, Any]],
        texts: Mapping[str, Sequence[Any]],
    ) -> PositionColumns:
        """Rows of whole columns: moments in microseconds, places in `ACTIONS`; columns without a value are left out."""
        rows = cls()
        rows._ts = array("q", stamps.astype(np.int64).tobytes())
        rows._actions = bytearray(actions.astype(np.uint8).tobytes())
        rows._symbols = [rows._names.setdefault(symbol, symbol) for symbol in symbols]
        for name, values in numbers.items():
            nothing = _NUMBERS[name]
            silent = np.isnan(values) if nothing != nothing else (values == nothing) | np.isnan(values)  # noqa: PLR0124
            if not silent.all():
                filled = values if nothing != nothing else np.where(np.isnan(values), nothing, values)  # noqa: PLR0124
                rows._numbers[name] = array("d", filled.astype(np.float64).tobytes())
        for name, kept in texts.items():
            if any(text is not None for text in kept):
                rows._texts[name] = list(kept)
        return rows

    def append(self, row: ImportedPosition) -> None:
        """Add a row."""
        numbers = {name: getattr(row, name) for name in _NUMBERS}
        texts = {name: getattr(row, name) for name in TEXTS}
        self.add(row.ts, row.action, row.symbol, numbers, texts)

    def add(
        self,
        ts: datetime,
        action: Action,
        symbol: str,
        numbers: Mapping[str, float | None],
        texts: Mapping[str, Any],
    ) -> None:
        """Add a row by its values; what is None or not named says nothing."""
        before = len(self._ts)
        self._ts.append(microseconds(ts))
        self._actions.append(_ACTION_CODES[action])
        self._symbols.append(self._names.setdefault(symbol, symbol))
        for name, value in numbers.items():
            number = _NUMBERS[name] if value is None else value
            column = self._numbers.get(name)
            if column is None:
                if number == _NUMBERS[name] or number != number:  # noqa: PLR0124 - it says nothing yet
                    continue
                column = self._numbers[name] = array("d", [_NUMBERS[name]]) * before
            column.append(number)
        for name, text in texts.items():
            kept = self._texts.get(name)
            if kept is None:
                if text is None:
                    continue
                kept = self._texts[name] = [None] * before
            kept.append(text)
        self._fill_up()

    def _fill_up(self) -> None:
        """Columns that the last row did not name."""
        count = len(self._ts)
        for name, column in self._numbers.items():
            if len(column) < count:
                column.append(_NUMBERS[name])
        for kept in self._texts.values():
            if len(kept) < count:
                kept.append(None)

    def sort_by_time(self) -> None:
        """Into order of time; rows of one instant stay as they are."""
        stamps = np.frombuffer(self._ts, dtype=np.int64)
        if not len(stamps) or bool((stamps[1:] >= stamps[:-1]).all()):
            return
        self._take(np.argsort(stamps, kind="stable"))

    def sort_chronologically(self) -> None:
        """As `sort_by_time`, for rows in a file's order: where the newest stands first, rows of one instant are turned
        round too.
        """
        if len(self._ts) > 1 and self._ts[0] > self._ts[-1]:
            self._take(np.arange(len(self._ts))[::-1])
        self.sort_by_time()

    def _take(self, places: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self._ts = array("q", np.frombuffer(self._ts, dtype=np.int64)[places].tobytes())
        self._actions = bytearray(np.frombuffer(self._actions, dtype=np.uint8)[places].tobytes())
        at = places.tolist()
        self._symbols = [self._symbols[place] for place in at]
        for name, column in self._numbers.items():
            self._numbers[name] = array("d", np.frombuffer(column, dtype=np.float64)[places].tobytes())
        for name, kept in self._texts.items():
            self._texts[name] = [kept[place] for place in at]

    def taken(self, places: np.ndarray[Any, np.dtype[np.int64]]) -> PositionColumns:
        """The rows at these places, in their order; one may be taken several times."""
        rows = PositionColumns()
        rows._ts, rows._actions, rows._symbols = self._ts, self._actions, self._symbols
        rows._names, rows._numbers, rows._texts = self._names, dict(self._numbers), dict(self._texts)
        rows._take(places)
        return rows

    @property
    def stamps(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Microseconds since the epoch, a row; it shares this object's memory."""
        return np.frombuffer(self._ts, dtype=np.int64)

    @property
    def action_codes(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Places in `ACTIONS`; it shares this object's memory."""
        return np.frombuffer(self._actions, dtype=np.uint8)

    def replaced(
        self,
        *,
        actions: np.ndarray[Any, Any] | None = None,
        numbers: Mapping[str, np.ndarray[Any, Any] | None] | None = None,
        texts: Mapping[str, list[Any] | None] | None = None,
    ) -> PositionColumns:
        """The same rows with other columns in place of some; None takes a column away."""
        rows = PositionColumns()
        rows._ts, rows._symbols, rows._names = self._ts, self._symbols, self._names
        rows._actions = self._actions if actions is None else bytearray(actions.astype(np.uint8).tobytes())
        rows._numbers, rows._texts = dict(self._numbers), dict(self._texts)
        for name, values in (numbers or {}).items():
            rows._numbers.pop(name, None)
            if values is not None:
                rows._numbers[name] = array("d", values.astype(np.float64).tobytes())
        for name, kept in (texts or {}).items():
            rows._texts.pop(name, None)
            if kept is not None:
                rows._texts[name] = kept
        return rows

    def column(self, name: str) -> Sequence[Any] | None:
        """The column, as the table `positions` names it; None where no row says anything. `ts` is in microseconds."""
        if name == "ts":
            return self._ts
        if name == "action":
            return [ACTIONS[code] for code in self._actions]
        if name == "symbol":
            return self._symbols
        if name in _NUMBERS:
            values = self._numbers.get(name)
            return None if values is None else Numbers(values)
        return self._texts.get(name)

    def has(self, name: str) -> bool:
        """Whether any row says anything in the column."""
        return name in ("ts", "action", "symbol") or name in self._numbers or name in self._texts

    def floats(self, name: str) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        """A column of numbers, NaN where there is none; it shares this object's memory."""
        values = self._numbers.get(name)
        return None if values is None else np.frombuffer(values, dtype=np.float64)

    def __len__(self) -> int:
        return len(self._ts)

    @overload
    def __getitem__(self, at: int) -> ImportedPosition: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ImportedPosition]: ...
    def __getitem__(self, at: int | slice) -> ImportedPosition | Sequence[ImportedPosition]:
        if isinstance(at, slice):
            return [self._row(place) for place in range(*at.indices(len(self)))]
        return self._row(at)

    def _row(self, at: int) -> ImportedPosition:
        values: dict[str, Any] = {name: column[at] for name, column in self._numbers.items()}
        values = {name: value if value == value else None for name, value in values.items()}  # noqa: PLR0124
        values |= {name: kept[at] for name, kept in self._texts.items()}
        return ImportedPosition(
            ts=moment_of(self._ts[at]), action=ACTIONS[self._actions[at]], symbol=self._symbols[at], **values
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return NotImplemented
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


def whole_columns(
    stamps: np.ndarray[Any, Any],
    actions: np.ndarray[Any, Any],
    symbols: Sequence[str],
    numbers: Mapping[str, np.ndarray[Any, Any]],
    texts: Mapping[str, list[Any]],
) -> PositionColumns:
    """Rows of whole columns: moments in microseconds, places in `ACTIONS`. A column that says nothing is left out."""
    rows = PositionColumns()
    rows._ts = array("q", stamps.astype(np.int64).tobytes())
    names = rows._names
    rows._symbols = [names.setdefault(symbol, symbol) for symbol in symbols]
    telling = {
        name: values
        for name, values in numbers.items()
        if (np.nan_to_num(values) != 0).any() or (np.isnan(_NUMBERS[name]) and not np.isnan(values).all())
    }
    said = {name: kept for name, kept in texts.items() if kept.count(None) != len(kept)}
    return rows.replaced(actions=actions, numbers=telling, texts=said)


def columns_of(rows: Sequence[ImportedPosition]) -> PositionColumns:
    """The rows by columns; they are taken as they are where they are kept so."""
    return rows if isinstance(rows, PositionColumns) else PositionColumns(rows)
