"""TradingView's strategy tester: the list of trades as CSV, every generation, order of rows and language.

Two rows of one number are a trade, the exit most often first. The P&L column is net of commission and in the account's
currency, prices may be in another: the P&L is believed. Times are in the chart's time zone, which the file does not
name. Where no commission column is given but the P&L always falls short of price × quantity by a small part of the
turnover, that part is the commission.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import Table, head_rows, header_cells, read_table
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, stem_of, zone_of
from backend.importers.progress import counted
from backend.importers.tradingview_columns import (
    NUMBER,
    PRICE,
    QUANTITY,
    TYPE,
    Layout,
    Side,
    event_of,
    find_columns,
    is_trade_list,
    says_open,
    side_of,
)
from backend.importers.tradingview_money import implied_capital, point_value, with_commission
from backend.importers.whole_trades import Leg, WholeTrade, rows_of, stated_settings, unexplained

# As TradingView names its files: strategy, exchange (some have an underscore of their own), symbol, date.
_FILE = re.compile(r"(?:(.{1,200}?)_)??([A-Z][A-Z0-9]*(?:_MINI|_DL)?)_([A-Z0-9.!]{2,30})_\d{4}-\d{2}-\d{2}.*")
_NO_SYMBOL = "chart"


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as read; `at` is its place in the table."""

    at: int
    ts: datetime | None
    event: str | None
    price: float | None
    quantity: float | None
    signal: str | None
    says_open: bool


class TradingViewImporter:
    """TradingView list of trades."""

    name = "tradingview"

    def recognises(self, filename: str, data: bytes) -> bool:
        """The English headers of any generation, or rows that pair up as entry and exit in another language."""
        headers = header_cells(data)
        return len(headers) >= 7 and is_trade_list(headers, head_rows(data, 2))

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all trades.

        Raises:
            ImportProblem: `bad_value` with line and column; `missing_columns`; `bad_table`.
        """
        table = read_table(data, header_is_first=True)
        layout = find_columns(table.headers, table.rows) if len(table.headers) >= 7 else None
        if layout is None:
            raise ImportProblem(
                "No column of the table can be the profit of a TradingView list of trades. Export the list again.",
                code="missing_columns",
            )
        sheet = _sheet(table, layout, options)
        symbol, strategy = _names(filename)
        trades, marks = _read(sheet, layout, symbol)
        multiplier = point_value(trades, sheet, layout)
        multipliers = {} if multiplier == 1.0 else {symbol: multiplier}
        trades, inferred = (trades, False) if layout.commission >= 0 else with_commission(trades, multiplier)
        rows = sorted([*rows_of(trades, multipliers), *marks], key=lambda row: row.ts)
        check_rows(len(rows))
        capital = options.initial_cash if options.initial_cash is not None else implied_capital(sheet)
        currency = options.currency or layout.pnl_ccy or layout.price_ccy
        return ImportedRun(
            name=options.name or f"TradingView {strategy or stem_of(filename) or 'strategy'}"[:MAX_LABEL_CHARS].strip(),
            source=self.name,
            currency=currency or "USD",
            positions=rows,
            initial_cash=capital,
            started_at=rows[0].ts if rows else None,
            ended_at=rows[-1].ts if rows else None,
            settings={
                "timezone": sheet.zone.key,
                **({"strategy": strategy} if strategy else {}),
                **stated_settings(multipliers),
            },
            published=_published(sheet),
            skipped=sheet.skipped,
            warnings=[
                *_assumptions(options, layout, symbol, currency, capital),
                *_money_warnings(trades, multipliers, inferred=inferred),
                *sheet.warnings,
            ],
        )


def _sheet(table: Table, layout: Layout, options: ImportOptions) -> Sheet:
    """The table bound by place; an exit whose date is a word such as Open has none.

    Columns that a plain table does not have take the name of one that is read alike: `entry_price` is the value,
    `high_price` and `low_price` the excursions in money, `equity` and `cash` the cumulative P&L in money and percent.
    """
    dates = {cell: cell if any(map(str.isdigit, cell)) else "" for cell in set(table.column(layout.date))}
    rows = table.rows.replaced(layout.date, dates)
    bound = {
        "trade_id": NUMBER, "side": TYPE, "time": layout.date, "tag": layout.signal, "price": PRICE,
        "quantity": QUANTITY, "pnl": layout.pnl, "entry_price": layout.value, "fees": layout.commission,
        "high_price": layout.favourable, "low_price": layout.adverse, "equity": layout.cumulative,
        "cash": layout.cumulative_pct,
    }  # fmt: skip
    bound = {name: at for name, at in bound.items() if at >= 0}
    return open_sheet(replace(table, rows=rows), bound, zone_of(options.timezone or "UTC"))


def _names(filename: str) -> tuple[str, str | None]:
    match = _FILE.fullmatch(stem_of(filename))
    if match is None:
        return _NO_SYMBOL, None
    return f"{match[2]}:{match[3]}"[:60], clean_text((match[1] or "").replace("_", " "), 80)


def _read(sheet: Sheet, layout: Layout, symbol: str) -> tuple[list[WholeTrade], list[ImportedPosition]]:
    """The trades by number, and the last price of those still open."""
    pairs = _pairs(sheet)
    entry_first = _entry_first(pairs)
    profits, fees = sheet.numbers("pnl"), sheet.costs("fees")
    best, worst = sheet.numbers("high_price"), sheet.numbers("low_price")
    words = sheet.cells("side")
    trades: list[WholeTrade] = []
    marks: list[ImportedPosition] = []
    for number, rows in pairs.items():
        opening, closing = _parted(sheet, number, rows, entry_first=entry_first)
        leg = _leg(sheet, opening)
        is_open = closing is None or closing.says_open
        if closing is not None and (closing.price is None or closing.ts is None) and not is_open:
            raise sheet.bad(closing.at, "price", "the exit's price or time is missing")
        if closing is not None and closing.price is not None and closing.price < 0:
            raise sheet.bad(closing.at, "price", "the price is below zero")
        stated = next((profits[row.at] for row in reversed(rows) if profits[row.at] is not None), None)
        side: Side | None = side_of(words[opening.at])
        if side is None:
            side = _side_by_result(leg, closing, stated)
        if side is None:
            raise sheet.bad(opening.at, "side", f"{words[opening.at][:40]!r} says neither long nor short")
        costs = max((fees[row.at] for row in rows), default=0.0)
        trade = WholeTrade(number, symbol, side == "short", (replace(leg, fees=costs / 2),), None)
        if is_open or closing is None or closing.ts is None or closing.price is None:
            trades.append(replace(trade, entries=(replace(leg, fees=costs),)))
            if closing is not None and closing.ts is not None and closing.price is not None:
                marks.append(
                    ImportedPosition(ts=closing.ts, action="hold", symbol=symbol, price=closing.price, tag="mark")
                )
            continue
        if closing.ts < leg.ts:
            raise sheet.bad(closing.at, "time", "the trade closes before it opens")
        if stated is None:
            raise sheet.bad(closing.at, "pnl", "the trade's profit is missing")
        favourable, adverse = best[closing.at], worst[closing.at]
        trades.append(
            replace(
                trade,
                exit=Leg(closing.ts, leg.quantity, closing.price, fees=costs / 2, tag=closing.signal),
                net_pnl=stated,
                favourable=None if favourable is None else abs(favourable),
                adverse=None if adverse is None else abs(adverse),
            )
        )
    return trades, marks


def _pairs(sheet: Sheet) -> dict[str, list[_Row]]:
    """The rows by trade number, in the file's order."""
    times, prices, quantities = sheet.times("time"), sheet.numbers("price"), sheet.numbers("quantity")
    numbers, signals, words = sheet.labels("trade_id", 40), sheet.labels("tag"), sheet.cells("side")
    dates = sheet.cells("time")
    pairs: dict[str, list[_Row]] = {}
    for at, number in enumerate(counted(numbers, "converting")):
        if number is None:
            raise sheet.bad(at, "trade_id", "the trade's number is missing")
        signal = signals[at]
        row = _Row(
            at, times[at], event_of(words[at]), prices[at], quantities[at], signal,
            says_open=says_open(signal or "") or not dates[at],
        )  # fmt: skip
        pairs.setdefault(number, []).append(row)
        if len(pairs[number]) > 2:
            raise sheet.bad(at, "trade_id", f"trade {number} has more than two rows")
    check_rows(3 * len(pairs))
    return pairs


def _entry_first(pairs: dict[str, list[_Row]]) -> bool:
    """Whether the earlier row of a trade mostly stands first, for pairs of one moment in unknown words."""
    order = [
        rows[0].ts < rows[1].ts
        for rows in pairs.values()
        if len(rows) == 2 and rows[0].ts and rows[1].ts and rows[0].ts != rows[1].ts
    ]
    return sum(order) * 2 > len(order)


def _parted(sheet: Sheet, number: str, rows: Sequence[_Row], *, entry_first: bool) -> tuple[_Row, _Row | None]:
    """Entry and exit by their words, else by their times."""
    if len(rows) == 1:
        if rows[0].event == "exit":
            raise sheet.bad(rows[0].at, "side", f"trade {number} has an exit but no entry")
        return rows[0], None
    first, second = rows
    if {first.event, second.event} == {"entry", "exit"}:
        return (first, second) if first.event == "entry" else (second, first)
    if first.event == second.event and first.event is not None:
        raise sheet.bad(second.at, "side", f"trade {number} has two rows of one kind")
    if first.ts is None or second.ts is None:
        return (second, first) if first.ts is None else (first, second)
    if first.ts == second.ts:
        return (first, second) if entry_first else (second, first)
    return (first, second) if first.ts < second.ts else (second, first)


def _leg(sheet: Sheet, row: _Row) -> Leg:
    if row.ts is None:
        raise sheet.bad(row.at, "time", "the time is missing")
    if row.price is None or row.price < 0:
        raise sheet.bad(row.at, "price", "the price is missing or below zero")
    if row.quantity is None or row.quantity == 0:
        raise sheet.bad(row.at, "quantity", "the quantity is missing or zero")
    return Leg(row.ts, abs(row.quantity), row.price, tag=row.signal)


def _side_by_result(leg: Leg, closing: _Row | None, profit: float | None) -> Side | None:
    """The side under which the price moved as the P&L says."""
    if closing is None or closing.price is None or not profit or closing.price == leg.price:
        return None
    return "long" if (closing.price > leg.price) == (profit > 0) else "short"


def _published(sheet: Sheet) -> dict[str, Any]:
    """The last cumulative P&L the list states, the open trade's included."""
    if "equity" not in sheet.bound:
        return {}
    totals, numbers = sheet.numbers("equity"), sheet.labels("trade_id", 40)
    rows = [at for at, total in enumerate(totals) if total is not None]
    if not rows:
        return {}
    last = max(rows, key=lambda at: (int(number) if (number := numbers[at] or "").isdigit() else 0, at))
    share = sheet.numbers("cash")[last]
    return {"cumulative_pnl": totals[last], **({} if share is None else {"cumulative_pnl_pct": share})}


def _assumptions(
    options: ImportOptions, layout: Layout, symbol: str, currency: str | None, capital: float | None
) -> list[str]:
    said = []
    if options.timezone is None:
        said.append(
            "Times are in the chart's time zone, which the file does not name; they were read as UTC. Name the chart's "
            "time zone when importing if it was another."
        )
    if symbol == _NO_SYMBOL:
        said.append(
            f"The file names no symbol (TradingView puts it in the file's own name); it is called {symbol!r} here."
        )
    if currency is None:
        said.append("The headers name no currency; USD was assumed.")
    if layout.pnl_ccy and layout.price_ccy and layout.pnl_ccy != layout.price_ccy:
        said.append(f"Prices are in {layout.price_ccy}, P&L is in {layout.pnl_ccy}; the P&L column was taken.")
    if capital is None:
        said.append("The initial capital is not in the file; name it when importing to get returns.")
    elif options.initial_cash is None:
        said.append(f"The initial capital, {capital:g}, was had from the cumulative P&L in money and in percent.")
    return said


def _money_warnings(trades: Sequence[WholeTrade], multipliers: dict[str, float], *, inferred: bool) -> list[str]:
    said = []
    if inferred:
        total = math.fsum(sum(leg.fees for leg in trade.entries) + trade.exit.fees for trade in trades if trade.exit)
        said.append(
            f"The file lists no commission; {total:.2f} was taken for it: what the P&L falls short of price × quantity."
        )
    elif odd := unexplained(trades, multipliers):
        said.append(
            f"In {odd} trades the P&L is not price × quantity, for costs or a currency conversion the file does not "
            "list. The P&L column was taken."
        )
    return said
