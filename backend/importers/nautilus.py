"""NautilusTrader reports as CSV: positions, fills, or filled orders.

A position's `realized_pnl` is net of its commissions and has its currency behind it, as `-25.14 USD`; `entry` says
which side it was opened on. Times are UTC, as text or in nanoseconds. A position that was scaled in or out shows only
its average prices: it becomes one opening and one closing row at its peak quantity.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import Table, header_cells, read_table
from backend.importers.netting import net_fills, signed_fill
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, finite, stem_of, zone_of
from backend.importers.progress import counted
from backend.importers.whole_trades import Leg, WholeTrade, point_values, rows_of, stated_settings

# Report's column → the field its cells are read as; `cash` stands for the quantity still open.
_POSITIONS: Final = {
    "instrument_id": "symbol", "entry": "side", "side": "status", "quantity": "cash", "peak_qty": "quantity",
    "ts_opened": "entry_time", "ts_closed": "exit_time", "avg_px_open": "entry_price", "avg_px_close": "exit_price",
    "commissions": "fees", "realized_pnl": "pnl", "strategy_id": "tag",
}  # fmt: skip
_FILLS: Final = {
    "instrument_id": "symbol", "order_side": "side", "last_qty": "quantity", "last_px": "price", "ts_event": "time",
    "commission": "fees", "strategy_id": "tag", "position_id": "trade_ref",
}  # fmt: skip
_ORDERS: Final = {
    "instrument_id": "symbol", "side": "side", "filled_qty": "quantity", "avg_px": "price", "ts_last": "time",
    "commissions": "fees", "strategy_id": "tag", "position_id": "trade_ref",
}  # fmt: skip
_POSITIONS_NEEDED: Final = frozenset(
    ("instrument_id", "entry", "peak_qty", "ts_opened", "ts_closed", "avg_px_open", "avg_px_close", "realized_pnl")
)
_FILLS_NEEDED: Final = frozenset(("instrument_id", "order_side", "last_qty", "last_px", "ts_event"))
_ORDERS_NEEDED: Final = frozenset(("instrument_id", "side", "filled_qty", "avg_px", "ts_last"))
_MONEY = re.compile(r"([+-]?[\d_,]+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)\s+([A-Z][A-Z0-9]{1,11})")
_MOST_MONEY_CHARS = 500
_SIDES: Final = {"buy": 1.0, "sell": -1.0, "1": 1.0, "2": -1.0}


class NautilusImporter:
    """NautilusTrader positions, fills and order fills reports."""

    name = "nautilus"

    def recognises(self, filename: str, data: bytes) -> bool:
        """The headers of any of the three reports."""
        headers = set(header_cells(data))
        return headers >= _POSITIONS_NEEDED or headers >= _FILLS_NEEDED or headers >= _ORDERS_NEEDED

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all rows.

        Raises:
            ImportProblem: `bad_value` with line and column; `several_currencies`; `missing_columns`; `bad_table`.
        """
        table = read_table(data, header_is_first=True)
        headers = [header.strip().lower() for header in table.headers]
        fields, kind = _fields(set(headers))
        bound = {fields[header]: at for at, header in enumerate(headers) if header in fields}
        sheet = open_sheet(_without_moneys(table, bound), bound, zone_of("UTC"))
        currencies: set[str] = set()
        if kind == "positions":
            trades = _positions(sheet, table, currencies)
            multipliers = point_values(trades)
            rows, settings = rows_of(trades, multipliers), stated_settings(multipliers)
        else:
            rows, settings = _fills(sheet, table, currencies), {}
        strategies = sorted({label for label in sheet.labels("tag", 100) if label})
        return ImportedRun(
            name=options.name
            or f"Nautilus {strategies[0] if len(strategies) == 1 else stem_of(filename) or 'run'}"[:MAX_LABEL_CHARS],
            source=self.name,
            currency=options.currency or _only(currencies) or "USD",
            positions=rows,
            initial_cash=options.initial_cash,
            started_at=rows[0].ts if rows else None,
            ended_at=rows[-1].ts if rows else None,
            settings={"report": kind, **({"strategy": ", ".join(strategies[:20])} if strategies else {}), **settings},
            skipped=sheet.skipped,
            warnings=[
                *([] if currencies or options.currency else ["The report names no currency; USD was assumed."]),
                *([] if options.initial_cash is not None else [_NO_CASH]),
                *sheet.warnings,
            ],
        )


_NO_CASH = "The initial cash is not in the file; name it when importing to get returns."


def _fields(headers: set[str]) -> tuple[dict[str, str], str]:
    for needed, fields, kind in (
        (_POSITIONS_NEEDED, _POSITIONS, "positions"),
        (_FILLS_NEEDED, _FILLS, "fills"),
        (_ORDERS_NEEDED, _ORDERS, "order fills"),
    ):
        if headers >= needed:
            return fields, kind
    raise ImportProblem(
        f"The table is no NautilusTrader report. A positions report has {', '.join(sorted(_POSITIONS_NEEDED))}; a "
        f"fills report {', '.join(sorted(_FILLS_NEEDED))}.",
        code="missing_columns",
    )


def _without_moneys(table: Table, bound: dict[str, int]) -> Table:
    """The table with its money cells blank for the number reader, which would not know `['4.13 USD']`."""
    blank = {bound[name] for name in ("fees", "pnl") if name in bound}
    rows = table.rows
    for at in blank:
        rows = rows.replaced(at, dict.fromkeys(rows.column(at), ""))
    return replace(table, rows=rows)


def _money(sheet: Sheet, table: Table, at: int, name: str, currencies: set[str]) -> float | None:
    """The sum of a cell's amounts: `-25.14 USD`, or a list of such; None where there is none."""
    cell = table.rows[at][sheet.bound[name]].strip() if name in sheet.bound else ""
    if cell.lower() in ("", "none", "nan", "null", "[]", "{}"):
        return None
    found = _MONEY.findall(cell) if len(cell) <= _MOST_MONEY_CHARS else []
    values = [
        finite(float(amount.replace("_", "").replace(",", ""))) for amount, _ in found if any(map(str.isdigit, amount))
    ]
    if not values or None in values:
        raise sheet.bad(at, name, f"{clean_text(cell, 40)!r} is no amount such as '-25.14 USD'")
    currencies |= {currency for _, currency in found}
    return sum(value for value in values if value is not None)


def _only(currencies: set[str]) -> str | None:
    if len(currencies) > 1:
        raise ImportProblem(
            f"P&L and commissions are in several currencies ({', '.join(sorted(currencies)[:8])}). Import the "
            "positions of one currency at a time.",
            code="several_currencies",
        )
    return next(iter(currencies), None)


def _positions(sheet: Sheet, table: Table, currencies: set[str]) -> list[WholeTrade]:
    opened, closed = sheet.times("entry_time"), sheet.times("exit_time")
    entries, exits, quantities = sheet.numbers("entry_price"), sheet.numbers("exit_price"), sheet.numbers("quantity")
    held, sides, states = sheet.numbers("cash"), sheet.words("side"), sheet.words("status")
    symbols, tags = sheet.labels("symbol", 60), sheet.labels("tag")
    check_rows(2 * len(sides))
    trades = []
    for at, side in enumerate(counted(sides, "converting")):
        start, quantity, price, symbol = opened[at], quantities[at], entries[at], symbols[at]
        if start is None or symbol is None:
            raise sheet.bad(at, "entry_time" if start is None else "symbol", "the value is missing")
        if not quantity or quantity < 0:
            raise sheet.bad(at, "quantity", "the peak quantity is missing or not above zero")
        if price is None or price < 0:
            raise sheet.bad(at, "entry_price", "the price is missing or below zero")
        if side not in _SIDES:
            raise sheet.bad(at, "side", f"{side[:40]!r} is neither BUY nor SELL")
        end, exit_price = closed[at], exits[at]
        is_open = end is None or states[at] in ("long", "short")
        fees = _money(sheet, table, at, "fees", currencies) or 0.0
        leg = Leg(start, quantity, price, fees=fees / 2, tag=tags[at])
        if is_open or end is None:
            rest = abs(held[at] or quantity)
            trades.append(
                WholeTrade(str(at + 1), symbol, _SIDES[side] < 0, (Leg(start, rest, price, fees, tags[at]),), None)
            )
            continue
        if end < start or exit_price is None or exit_price < 0:
            raise sheet.bad(at, "exit_time", "the position closes before it opens, or at no price")
        trades.append(
            WholeTrade(
                ref=str(at + 1),
                symbol=symbol,
                is_short=_SIDES[side] < 0,
                entries=(leg,),
                exit=Leg(end, quantity, exit_price, fees=fees / 2),
                net_pnl=_money(sheet, table, at, "pnl", currencies),
            )
        )
    return trades


def _fills(sheet: Sheet, table: Table, currencies: set[str]) -> list[ImportedPosition]:
    times, sides, symbols = sheet.times("time"), sheet.words("side"), sheet.labels("symbol", 60)
    quantities, prices, tags = sheet.numbers("quantity"), sheet.numbers("price"), sheet.labels("tag")
    fills: list[tuple[ImportedPosition, float]] = []
    for at, side in enumerate(counted(sides, "converting")):
        moment, symbol, quantity, price = times[at], symbols[at], quantities[at], prices[at]
        if not quantity:
            sheet.skip(at, "nothing of it was filled")
            continue
        if moment is None or symbol is None:
            raise sheet.bad(at, "time" if moment is None else "symbol", "the value is missing")
        if quantity < 0 or price is None or price < 0:
            raise sheet.bad(at, "price", "the price is missing, or the price or quantity is below zero")
        if side not in _SIDES:
            raise sheet.bad(at, "side", f"{side[:40]!r} is neither BUY nor SELL")
        fees = _money(sheet, table, at, "fees", currencies) or 0.0
        row = ImportedPosition(ts=moment, action="buy", symbol=symbol, price=price, fees=fees, tag=tags[at])
        fills.append((row, quantity * _SIDES[side]))
    check_rows(2 * len(fills))
    fills.sort(key=lambda fill: fill[0].ts)
    return net_fills(signed_fill(fill, signed) for fill, signed in fills)
