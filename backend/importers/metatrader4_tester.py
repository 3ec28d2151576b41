"""The table of a MetaTrader 4 tester report: one row per event of an order → whole trades.

Columns: number, time, event, order, lots, price, stop, target, profit, balance. The events that change a position are
`buy`, `sell` and those that state a profit; `modify`, `delete` and pending orders are not. When an order is closed in
part the rest goes on under another order number, with no event that says so. The stop is that of the opening row: what
`modify` makes of it later is no risk taken at the entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.importers.base import Skipped
from backend.importers.metatrader_values import bad_row, is_clock, moment, number
from backend.importers.parsing import clean_text, stop_level
from backend.importers.progress import counted
from backend.importers.whole_trades import Leg, WholeTrade

_LOT_DUST = 1e-6


@dataclass(frozen=True, slots=True)
class _Order:
    """An open order; `rest` are its lots still open."""

    ts: datetime
    is_short: bool
    lots: float
    price: float
    stop: float | None
    rest: float


def is_tester_row(row: Sequence[str]) -> bool:
    """Whether the row is an event: number, time, event, order, lots, price and more."""
    return len(row) >= 8 and row[0].isdigit() and is_clock(row[1]) and row[3].isdigit() and not row[2].isdigit()


def read_tester(rows: Sequence[Sequence[str]], symbol: str, zone: ZoneInfo) -> tuple[list[WholeTrade], list[Skipped]]:
    """The trades in order of closing, those still open last, and what was left out.

    Raises:
        ImportProblem: naming the row of the report.
    """
    book = _Book(symbol)
    for at, row in enumerate(counted(rows, "converting"), 1):
        if not is_tester_row(row):
            continue
        ts = moment(row[1], zone)
        if ts is None:
            raise bad_row(at, f"has the impossible time {row[1]!r}", "Time")
        event = row[2].lower()
        if event in ("buy", "sell"):
            lots, stop = _lots(row, at), stop_level(number(row[6]))
            book.open(row[3], _Order(ts, event == "sell", lots, _price(row, at), stop, lots))
        elif len(row) > 8 and row[8]:
            profit = number(row[8])
            if profit is None:
                raise bad_row(at, f"states the profit {clean_text(row[8], 40)!r}, which is no number", "Profit")
            book.close(row[3], Leg(ts, _lots(row, at), _price(row, at), tag=clean_text(row[2], 40)), profit, at)
    return book.trades + book.still_open(), book.skipped


class _Book:
    def __init__(self, symbol: str) -> None:
        self.trades: list[WholeTrade] = []
        self.skipped: list[Skipped] = []
        self._symbol = symbol
        self._open: dict[str, _Order] = {}
        self._partly: list[str] = []

    def open(self, order: str, opened: _Order) -> None:
        self._open[order] = opened

    def close(self, order: str, leg: Leg, profit: float, at: int) -> None:
        key = order if order in self._open else self._rest_of(leg.quantity)
        if key is None:
            self.skipped.append(Skipped(at, f"it closes order {order[:20]}, which the report does not open"))
            return
        opened = self._open.pop(key)
        lots = min(leg.quantity, opened.rest)
        rest = opened.rest - lots
        if key in self._partly:
            self._partly.remove(key)
        if rest > _LOT_DUST:
            self._open[key] = replace(opened, rest=rest)
            self._partly.append(key)
        self.trades.append(
            WholeTrade(
                ref=order[:60],
                symbol=self._symbol,
                is_short=opened.is_short,
                entries=(Leg(opened.ts, lots, opened.price, stop=opened.stop),),
                exit=Leg(max(leg.ts, opened.ts), lots, leg.price, tag=leg.tag),
                net_pnl=profit,
            )
        )

    def still_open(self) -> list[WholeTrade]:
        return [
            WholeTrade(
                f"{order[:60]} open", self._symbol, left.is_short,
                (Leg(left.ts, left.rest, left.price, stop=left.stop),), None,
            )
            for order, left in self._open.items()
        ]  # fmt: skip

    def _rest_of(self, lots: float) -> str | None:
        """The order closed in part whose rest has just these lots, the newest first."""
        for key in reversed(self._partly[-50:]):
            if abs(self._open[key].rest - lots) <= _LOT_DUST:
                return key
        return None


def _lots(row: Sequence[str], at: int) -> float:
    value = number(row[4])
    if value is None or value <= 0:
        raise bad_row(at, f"has the size {clean_text(row[4], 40)!r}, which is no number above zero", "Size")
    return value


def _price(row: Sequence[str], at: int) -> float:
    value = number(row[5])
    if value is None or value < 0:
        raise bad_row(at, f"has the price {clean_text(row[5], 40)!r}, which is no price", "Price")
    return value
