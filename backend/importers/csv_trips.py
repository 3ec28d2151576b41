"""A bound table of round trips → positions: an opening and a closing row a trade."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.importers.base import ImportedPosition
from backend.importers.csv_fills import check_fill
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_stops import stops_of
from backend.importers.parsing import MAX_TEXT_CHARS
from backend.importers.position_columns import PositionColumns, Same
from backend.importers.progress import counted

_LONG = frozenset(("long", "buy", "b", "bot", "bought", "l", "1"))
_SHORT = frozenset(("short", "sell", "s", "sld", "sold", "sell short", "-1"))
_OPEN = frozenset(("open", "opened", "active"))


def read_trips(sheet: Sheet, *, signed: bool = False) -> PositionColumns:
    """Two rows a trade, tied by `trade_ref`; one while it is open.

    `signed`: the format has no side; the sign of the quantity says it.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    quantities = sheet.numbers("quantity")
    shorts = _trip_sides(sheet, quantities, signed=signed)
    opened, closed = sheet.times("entry_time"), sheet.times("exit_time")
    entries, exits, symbols = sheet.numbers("entry_price"), sheet.numbers("exit_price"), sheet.labels("symbol", 60)
    states = sheet.words("status")
    stops = stops_of(sheet, entries, Same(True, len(entries)))
    build = _TripBuilder(sheet)
    rows = PositionColumns()
    for at, quantity in enumerate(counted(quantities, "converting")):
        if quantity == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        check_fill(sheet, at, symbols[at], quantity, entries[at])
        start, end = opened[at], closed[at]
        if start is None:
            raise sheet.bad(at, "entry_time", "the entry time is missing")
        if end is not None and end < start:
            raise sheet.bad(at, "exit_time", "the trade closes before it opens")
        exit_price = exits[at]
        if exit_price is not None and exit_price < 0:
            raise sheet.bad(at, "exit_price", "the price is below zero")
        is_open = states[at] in _OPEN or end is None or exit_price is None
        for row in build.rows(
            at,
            symbol=symbols[at] or "",
            short=shorts[at],
            quantity=abs(quantity or 0.0),
            entry=(start, entries[at]),
            stop=stops[at],
            exit_=None if is_open or end is None else (end, exit_price),
        ):
            rows.append(row)
    return rows


class _TripBuilder:
    """Two rows per trade, one while it is open. Costs not given by side stand on the closing row."""

    def __init__(self, sheet: Sheet) -> None:
        self._entry_fees, self._exit_fees = sheet.costs("entry_fees"), sheet.costs("exit_fees")
        self._fees, self._funding, self._profits = sheet.costs("fees"), sheet.funding(), sheet.numbers("pnl")
        self._lows, self._highs = sheet.numbers("low_price"), sheet.numbers("high_price")
        self._entry_tags, self._exit_tags, self._tags = (sheet.labels(n) for n in ("entry_tag", "exit_tag", "tag"))
        self._reasons = sheet.labels("reasoning", MAX_TEXT_CHARS)
        self._entry_reasons = sheet.labels("entry_reasoning", MAX_TEXT_CHARS)
        self._exit_reasons = sheet.labels("exit_reasoning", MAX_TEXT_CHARS)
        self._refs = self._references(sheet)

    @staticmethod
    def _references(sheet: Sheet) -> list[str]:
        """The file's own trade ids where each row has another; else the rows' numbers."""
        for name in ("trade_ref", "trade_id"):
            labels = sheet.labels(name, 60)
            given = [label for label in labels if label is not None]
            if len(given) == len(labels) and len(set(given)) == len(given):
                return given
        return [str(number) for number in range(1, len(sheet.table.rows) + 1)]

    def rows(
        self,
        at: int,
        *,
        symbol: str,
        short: bool,
        quantity: float,
        entry: tuple[datetime, float | None],
        stop: float | None,
        exit_: tuple[datetime, float | None] | None,
    ) -> list[ImportedPosition]:
        """The trade's rows, opening first."""
        shared = self._fees[at]
        opening = ImportedPosition(
            ts=entry[0],
            action="short" if short else "buy",
            symbol=symbol,
            quantity=quantity,
            price=entry[1],
            fees=self._entry_fees[at] + (shared if exit_ is None else 0.0),
            funding=self._funding[at] if exit_ is None else 0.0,
            trade_ref=self._refs[at],
            stop_price=stop,
            tag=self._entry_tags[at] or self._tags[at],
            reasoning=self._entry_reasons[at] or self._reasons[at],
        )
        if exit_ is None:
            return [opening]
        closing = ImportedPosition(
            ts=exit_[0],
            action="cover" if short else "sell",
            symbol=symbol,
            quantity=quantity,
            price=exit_[1],
            fees=self._exit_fees[at] + shared,
            funding=self._funding[at],
            trade_ref=self._refs[at],
            realized_pnl=self._profits[at],
            low_price=self._lows[at],
            high_price=self._highs[at],
            tag=self._exit_tags[at],
            reasoning=self._exit_reasons[at],
        )
        return [opening, closing]


def _trip_sides(sheet: Sheet, quantities: Sequence[float | None], *, signed: bool) -> list[bool]:
    """Per trade, whether it is short: by the side's word, else by the sign of the quantity, else long."""
    if "side" in sheet.bound:
        words = sheet.words("side")
        for at, word in enumerate(words):
            if word not in _LONG and word not in _SHORT:
                raise sheet.bad(at, "side", f"{word[:40]!r} is no side; use long or short")
        return [word in _SHORT for word in words]
    shorts = [quantity is not None and quantity < 0 for quantity in quantities]
    if not signed and not any(shorts):
        sheet.warnings.append("The table has no side column; all trades were read as long.")
    return shorts
