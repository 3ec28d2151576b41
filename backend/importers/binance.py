"""Binance trade history: spot (with or without units in the cells) and USDT-M / COIN-M futures.

Spot only buys and sells what is held; futures keep one net position per contract. Times are UTC. The run is in one
quote currency: where the file holds several, the person chooses. A fee in the coin that was bought is turned into the
quote currency at the fill's own price; one in a third coin (BNB) can't be, and is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_fills import check_fill
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_tables import Table
from backend.importers.engine_tables import chronological, engine_run, open_engine_sheet, required_time
from backend.importers.netting import net_fills
from backend.importers.progress import counted
from backend.importers.tables import load_table, table_head

_TIME: Final = ("Date(UTC)", "Time(UTC)", "Date (UTC)", "Time (UTC)")
_SPOT: Final = (
    frozenset(("Market", "Type", "Price", "Amount", "Total")),
    frozenset(("Pair", "Side", "Price", "Executed")),
)
_FUTURES: Final = frozenset(("Symbol", "Side", "Price", "Quantity", "Realized Profit"))
_COLUMNS: Final = {
    "time": _TIME,
    "symbol": ("Market", "Pair", "Symbol"),
    "side": ("Type", "Side"),
    "price": ("Price",),
    "quantity": ("Executed", "Quantity", "Amount"),
    "fees": ("Fee",),
    "fee_currency": ("Fee Coin", "Fee Asset", "Commission Asset"),
    "pnl": ("Realized Profit",),
}
_QUOTES: Final = (
    "USDT", "FDUSD", "BUSD", "USDC", "TUSD", "USDP", "DAI", "BIDR", "BTC", "ETH", "BNB", "EUR", "GBP", "TRY", "AUD",
    "BRL", "RUB", "UAH", "JPY", "MXN", "PLN", "USD",
)  # fmt: skip
_UNIT = re.compile(r"^\s*([\d.,]+)\s*([A-Z0-9]*?[A-Z][A-Z0-9]*)\s*$")


@dataclass(frozen=True, slots=True)
class _Market:
    base: str
    quote: str


class BinanceImporter:
    """Trade history of a Binance account."""

    name = "binance"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table with a `(UTC)` time column and the columns of the spot or the futures history."""
        head = set(table_head(data))
        return bool(head & set(_TIME)) and (any(head >= marks for marks in _SPOT) or head >= _FUTURES)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the fills of one quote currency.

        Raises:
            ImportProblem: `several_currencies` naming them; `bad_value` with line and column.
        """
        table = load_table(data)
        is_futures = set(table.headers) >= _FUTURES
        # By line: the sheet leaves out lines that sum others up.
        units = dict(zip(table.lines, _units(table, "Fee"), strict=True))
        sheet = open_engine_sheet(_bare(table), _COLUMNS, replace(options, timezone="UTC"))
        markets = {symbol: _market(symbol) for symbol in set(sheet.labels("symbol", 60)) if symbol}
        currency = _currency(sheet, markets, options)
        stated = zip(sheet.labels("fee_currency", 12), sheet.table.lines, strict=True)
        coins = [coin or units[line] for coin, line in stated]
        fills = chronological(_fills(sheet, markets, currency, coins))
        realized = [value for value in sheet.numbers("pnl") if value is not None]
        return engine_run(
            self.name,
            filename,
            replace(options, currency=currency),
            sheet,
            net_fills(fills) if is_futures else fills,
            settings={"rows": "fills", "market": "futures" if is_futures else "spot"},
            published={"realized_profit_before_fees": sum(realized)} if realized else {},
            warnings=["Funding payments are not in the trade history."] if is_futures else [],
        )


def _units(table: Table, header: str) -> list[str | None]:
    """The unit written behind each cell's number (`0.001BNB`)."""
    if header not in table.headers:
        return [None] * len(table.rows)
    at = list(table.headers).index(header)
    return [found.group(2) if (found := _UNIT.match(cell)) else None for cell in table.column(at)]


def _bare(table: Table) -> Table:
    """The table without units behind the numbers."""
    places = [
        at for at, header in enumerate(table.headers) if header in ("Executed", "Amount", "Fee", "Price", "Total")
    ]
    rows = table.rows
    for at in places:
        bare = {cell: found.group(1) if (found := _UNIT.match(cell)) else cell for cell in set(rows.column(at))}
        rows = rows.replaced(at, bare)
    return replace(table, rows=rows)


def _market(symbol: str) -> _Market:
    name = symbol.upper().replace("/", "").replace("-", "").partition("_")[0]
    quote = next((quote for quote in _QUOTES if name.endswith(quote) and name != quote), "")
    return _Market(name.removesuffix(quote) if quote else name, quote)


def _currency(sheet: Sheet, markets: Mapping[str, _Market], options: ImportOptions) -> str:
    counts = Counter(markets[symbol].quote for symbol in sheet.labels("symbol", 60) if symbol)
    known = [quote for quote, _ in counts.most_common() if quote]
    wanted = options.currency.upper() if options.currency else None
    if wanted is not None:
        return wanted
    if len(known) > 1:
        raise ImportProblem(
            f"The trades are quoted in several currencies ({', '.join(known[:8])}). Name one as the currency when "
            "importing; the others are left out.",
            column=sheet.header("symbol"),
            code="several_currencies",
        )
    return known[0] if known else "USDT"


def _fills(
    sheet: Sheet, markets: Mapping[str, _Market], currency: str, coins: Sequence[str | None]
) -> list[ImportedPosition]:
    times, prices, quantities = sheet.times("time"), sheet.numbers("price"), sheet.numbers("quantity")
    symbols, fees, words = sheet.labels("symbol", 60), sheet.costs("fees"), sheet.words("side")
    rows, untold = [], Counter[str]()
    for at, symbol in enumerate(counted(symbols, "converting")):
        market = markets.get(symbol or "", _Market("", ""))
        if market.quote not in ("", currency):
            sheet.skip(at, f"it is quoted in {market.quote}, not in {currency}")
            continue
        if quantities[at] == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        check_fill(sheet, at, symbol, quantities[at], prices[at])
        if words[at] not in ("buy", "sell"):
            raise sheet.bad(at, "side", f"{words[at][:40]!r} is neither BUY nor SELL")
        fee, coin = fees[at], (coins[at] or "").upper()
        if coin == market.base and coin:
            fee *= prices[at] or 0.0
        elif coin not in ("", market.quote) and fee:
            untold[coin] += 1
            fee = 0.0
        rows.append(
            ImportedPosition(
                ts=required_time(sheet, at, times[at]),
                action="buy" if words[at] == "buy" else "sell",
                symbol=symbol or "",
                quantity=abs(quantities[at] or 0.0),
                price=prices[at],
                fees=fee,
            )
        )
    if "fee_currency" not in sheet.bound and not any(coins) and any(fees):
        sheet.warnings.append(f"The file does not say in which coin the fees are; they were read as {currency}.")
    for coin, count in untold.items():
        sheet.warnings.append(f"{count:,} fees were paid in {coin}, whose price the file does not hold; left out.")
    return rows
