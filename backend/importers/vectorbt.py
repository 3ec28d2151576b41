"""vectorbt: `records_readable` of trades, positions and orders.

Raw `records` hold bar numbers instead of times and column numbers instead of symbols, so they are refused with advice.
An open trade's exit is only where it was marked: it becomes a mark, not a close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from backend.importers.base import NET, ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_fills import read_fills
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_tables import Table
from backend.importers.csv_trips import read_trips
from backend.importers.engine_tables import chronological, engine_run, open_engine_sheet, require_columns, symbol_for
from backend.importers.netting import net_fills
from backend.importers.tables import load_table, table_head

_TRADE_MARKS: Final = frozenset(("Column", "Size", "Avg Entry Price", "Avg Exit Price", "Direction", "Status"))
_ORDER_MARKS: Final = frozenset(("Order Id", "Column", "Size", "Price", "Fees", "Side"))
_RAW_MARKS: Final = (
    frozenset(("col", "size", "entry_idx", "exit_idx", "entry_price", "exit_price")),
    frozenset(("col", "idx", "size", "price", "fees", "side")),
)
_TRADE_COLUMNS: Final = {
    "entry_time": ("Entry Timestamp", "Entry Index", "Entry Date"),
    "exit_time": ("Exit Timestamp", "Exit Index", "Exit Date"),
    "entry_price": ("Avg Entry Price",),
    "exit_price": ("Avg Exit Price",),
    "quantity": ("Size",),
    "entry_fees": ("Entry Fees",),
    "exit_fees": ("Exit Fees",),
    "pnl": ("PnL",),
    "side": ("Direction",),
    "status": ("Status",),
    "trade_id": ("Exit Trade Id", "Trade Id", "Entry Trade Id", "Position Id"),
}
_ORDER_COLUMNS: Final = {
    "time": ("Timestamp", "Fill Index", "Index", "Date", "Signal Index"),
    "quantity": ("Size",),
    "price": ("Price",),
    "fees": ("Fees",),
    "side": ("Side",),
}


class VectorbtImporter:
    """`pf.trades`, `pf.positions` or `pf.orders` `.records_readable` of vectorbt."""

    name = "vectorbt"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table with the columns of one of the readable forms, or of the raw ones."""
        head = set(table_head(data))
        return any(head >= marks for marks in (_TRADE_MARKS, _ORDER_MARKS, *_RAW_MARKS))

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read trades, positions or orders.

        Raises:
            ImportProblem: `raw_records` for the integer form, or an index of bar numbers; `bad_value` with line and
                column; what a table may raise.
        """
        table = load_table(data)
        head = set(table.headers)
        if any(head >= marks for marks in _RAW_MARKS):
            raise _raw()
        require_columns(table, ("Column",), "table of vectorbt records")
        table, said = _with_symbols(table, filename, options)
        is_orders = head >= _ORDER_MARKS
        columns = _ORDER_COLUMNS if is_orders else _TRADE_COLUMNS
        if not is_orders:
            # Without its exits a closed trade would be read as one still open.
            require_columns(table, sorted(_TRADE_MARKS), "table of vectorbt trades")
        for clock in ("time",) if is_orders else ("entry_time", "exit_time"):
            _require_times(table, columns[clock])
        sheet = open_engine_sheet(table, {**columns, "symbol": ("Column",)}, options)
        rows = net_fills(chronological(read_fills(sheet))) if is_orders else chronological(_trips(sheet))
        settings = {"rows": "orders" if is_orders else "trades"}
        return engine_run(self.name, filename, options, sheet, rows, settings=settings, warnings=said, evidence=NET)


def _trips(sheet: Sheet) -> list[ImportedPosition]:
    """The trades, and a mark where an open one was valued."""
    rows = read_trips(sheet)
    marks = [
        ImportedPosition(ts=moment, action="hold", symbol=symbol, price=price)
        for status, moment, price, symbol in zip(
            sheet.words("status"),
            sheet.times("exit_time"),
            sheet.numbers("exit_price"),
            sheet.labels("symbol"),
            strict=True,
        )
        if status == "open" and moment is not None and price is not None and symbol is not None and price >= 0
    ]
    return [*rows, *marks]


def _with_symbols(table: Table, filename: str, options: ImportOptions) -> tuple[Table, list[str]]:
    """The table with a symbol in `Column`: its own name, or for a numbered column the one that was given."""
    at = list(table.headers).index("Column")
    names = set(table.column(at))
    numbered = {name for name in names if name.strip().isdigit() or not name.strip()}
    if not numbered:
        return table, []
    symbol, said = symbol_for(filename, options)
    labels: Mapping[str, str] = {
        name: (symbol if len(names) == 1 else f"{symbol} #{name.strip() or '?'}") if name in numbered else name
        for name in names
    }
    return replace(table, rows=table.rows.replaced(at, labels)), said


def _require_times(table: Table, names: Sequence[str]) -> None:
    at = next((at for at, header in enumerate(table.headers) if header in names), None)
    if at is None or any(cell.strip().isdigit() and len(cell.strip()) < 9 for cell in table.column(at)):
        raise _raw()


def _raw() -> ImportProblem:
    return ImportProblem(
        "These vectorbt records hold bar numbers, not times. Give the price data a DatetimeIndex and export "
        "pf.trades.records_readable (or pf.positions, pf.orders) with to_csv().",
        code="raw_records",
    )
