"""QuantConnect's cloud downloads as CSV: the orders, or the closed trades, of a backtest.

Orders carry signed quantities and no fees, and are not always in order of time. Trades carry `P&L` before `Fees`, MAE
and MFE in money. Times are UTC. An option's ticker shows in its form; its contracts are of 100.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import header_cells, read_table
from backend.importers.csv_values import is_zoneless
from backend.importers.netting import net_fills, signed_fill
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, stem_of, zone_of
from backend.importers.progress import counted
from backend.importers.whole_trades import Leg, WholeTrade, point_values, rows_of, stated_settings

# Download's column → the field its cells are read as; MAE and MFE stand in for the extremes they lead to.
_ORDERS: Final = {
    "time": "time", "symbol": "symbol", "price": "price", "quantity": "quantity", "status": "status", "tag": "tag",
    "type": "side", "value": "cash",
}  # fmt: skip
_TRADES: Final = {
    "entry time": "entry_time", "symbols": "symbol", "symbol": "symbol", "exit time": "exit_time", "direction": "side",
    "entry price": "entry_price", "exit price": "exit_price", "quantity": "quantity", "p&l": "pnl", "fees": "fees",
    "mae": "low_price", "mfe": "high_price",
}  # fmt: skip
_TRADES_NEEDED: Final = frozenset(
    ("entry time", "exit time", "direction", "entry price", "exit price", "quantity", "p&l", "fees")
)
_OPTION = re.compile(r"\S{1,6} ?\d{6}[CP]\d{8}")
_OPTION_MULTIPLIER = 100.0
_FILLED: Final = frozenset(("filled", "3"))
_SHORT: Final = frozenset(("sell", "short", "1", "-1"))


class QuantConnectImporter:
    """QuantConnect orders and trades as CSV."""

    name = "quantconnect"

    def recognises(self, filename: str, data: bytes) -> bool:
        """The headers of either download."""
        headers = header_cells(data)
        return _is_orders(headers) or _is_trades(headers)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all filled orders, or all trades.

        Raises:
            ImportProblem: `bad_value` with line and column; `bad_table`.
        """
        table = read_table(data, header_is_first=True)
        headers = [" ".join(header.lower().split()) for header in table.headers]
        fields = _TRADES if set(headers) >= _TRADES_NEEDED else _ORDERS
        _require(headers, fields)
        bound = {fields[header]: at for at, header in enumerate(headers) if header in fields}
        sheet = open_sheet(table, bound, zone_of(options.timezone or "UTC"))
        trades = _trades(sheet) if fields is _TRADES else []
        multipliers = _multipliers(sheet.labels("symbol", 60)) | point_values(trades)
        rows = rows_of(trades, multipliers) if trades else _fills(sheet)
        settings = stated_settings(multipliers) if trades else {"multipliers": multipliers} if multipliers else {}
        return ImportedRun(
            name=options.name or f"QuantConnect {stem_of(filename) or 'backtest'}"[:MAX_LABEL_CHARS],
            source=self.name,
            currency=options.currency or "USD",
            positions=rows,
            initial_cash=options.initial_cash,
            started_at=rows[0].ts if rows else None,
            ended_at=rows[-1].ts if rows else None,
            settings={"rows": "trades" if trades else "orders", **settings},
            skipped=sheet.skipped,
            warnings=[*_assumptions(sheet, options, trades), *sheet.warnings],
        )


def _is_orders(headers: Sequence[str]) -> bool:
    return headers[:8] == ["time", "symbol", "price", "quantity", "type", "status", "value", "tag"]


def _is_trades(headers: Sequence[str]) -> bool:
    return set(headers) >= _TRADES_NEEDED and bool({"symbols", "symbol"} & set(headers))


def _require(headers: Sequence[str], fields: Mapping[str, str]) -> None:
    needed = {"entry time", "exit time"} if fields is _TRADES else {"time", "symbol", "price", "quantity", "status"}
    lacking = sorted(needed - set(headers))
    if lacking or not {"symbol", "symbols"} & set(headers):
        raise ImportProblem(
            "The table is neither QuantConnect's orders (Time, Symbol, Price, Quantity, Type, Status, Value, Tag) nor "
            "its trades (Entry Time, Symbols, Exit Time, Direction, …). Download it again.",
            code="missing_columns",
        )


def _symbol(label: str) -> str:
    return " ".join(label.split())


def _multipliers(symbols: Sequence[str | None]) -> dict[str, float]:
    """100 for options, told by their tickers."""
    known = {_symbol(label) for label in set(symbols) if label}
    return {symbol: _OPTION_MULTIPLIER for symbol in sorted(known) if _OPTION.fullmatch(symbol)}


def _fills(sheet: Sheet) -> list[ImportedPosition]:
    times, symbols, tags = sheet.times("time"), sheet.labels("symbol", 60), sheet.labels("tag")
    prices, quantities, states = sheet.numbers("price"), sheet.numbers("quantity"), sheet.words("status")
    fills: list[tuple[ImportedPosition, float]] = []
    for at, state in enumerate(counted(states, "converting")):
        if state not in _FILLED:
            sheet.skip(at, f"its status is {state[:40]!r}, so it was not filled")
            continue
        moment, symbol, price, quantity = times[at], symbols[at], prices[at], quantities[at]
        if moment is None:
            raise sheet.bad(at, "time", "the time is missing")
        if symbol is None:
            raise sheet.bad(at, "symbol", "the symbol is missing")
        if price is None or price < 0:
            raise sheet.bad(at, "price", "the price is missing or below zero")
        if quantity is None:
            raise sheet.bad(at, "quantity", "the quantity is missing")
        if quantity == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        row = ImportedPosition(ts=moment, action="buy", symbol=_symbol(symbol), price=price, tag=tags[at])
        fills.append((row, quantity))
    check_rows(2 * len(fills))
    fills.sort(key=lambda fill: fill[0].ts)
    return net_fills(signed_fill(fill, signed) for fill, signed in fills)


def _trades(sheet: Sheet) -> list[WholeTrade]:
    opened, closed = sheet.times("entry_time"), sheet.times("exit_time")
    entries, exits, quantities = sheet.numbers("entry_price"), sheet.numbers("exit_price"), sheet.numbers("quantity")
    profits, fees, sides = sheet.numbers("pnl"), sheet.costs("fees"), sheet.words("side")
    worst, best, symbols = sheet.numbers("low_price"), sheet.numbers("high_price"), sheet.labels("symbol", 60)
    check_rows(2 * len(sides))
    trades = []
    for at, side in enumerate(counted(sides, "converting")):
        start, end, quantity, profit = opened[at], closed[at], quantities[at], profits[at]
        symbol, entry, exit_price = symbols[at], entries[at], exits[at]
        if start is None or end is None or end < start:
            raise sheet.bad(at, "exit_time", "the trade has no entry time, or closes before it opens")
        if symbol is None:
            raise sheet.bad(at, "symbol", "the symbol is missing")
        if not quantity:
            raise sheet.bad(at, "quantity", "the quantity is missing or zero")
        if entry is None or exit_price is None or entry < 0 or exit_price < 0:
            raise sheet.bad(at, "entry_price", "a price is missing or below zero")
        if profit is None:
            raise sheet.bad(at, "pnl", "the P&L is missing")
        low, high = worst[at], best[at]
        trades.append(
            WholeTrade(
                ref=str(at + 1),
                symbol=_symbol(symbol),
                is_short=side in _SHORT,
                entries=(Leg(start, abs(quantity), entry, fees=fees[at] / 2),),
                exit=Leg(end, abs(quantity), exit_price, fees=fees[at] / 2),
                net_pnl=profit - fees[at],
                adverse=None if low is None else max(0.0, -low),
                favourable=None if high is None else max(0.0, high),
            )
        )
    return trades


def _assumptions(sheet: Sheet, options: ImportOptions, trades: Sequence[WholeTrade]) -> list[str]:
    said = []
    clock: Mapping[bool, str] = {True: "entry_time", False: "time"}
    if options.timezone is None and is_zoneless(sheet.cells(clock[bool(trades)])):
        said.append("The times name no zone and were read as UTC, as QuantConnect writes them.")
    if not trades:
        said.append("Orders carry no fees: the run's P&L is before costs.")
    if options.currency is None:
        said.append("The file names no currency; USD was assumed.")
    if options.initial_cash is None:
        said.append("The initial cash is not in the file; name it when importing to get returns.")
    return said
