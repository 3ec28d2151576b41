"""backtesting.py: the table `stats._trades`, from any version.

It names no symbol. `Size` is signed; `PnL` is net where a `Commission` stands beside it. Indicator values at entry and
exit, the stop and the target become the reasoning of the trade's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from backend.importers.base import NET, ImportedPosition, ImportedRun, ImportOptions
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_trips import read_trips
from backend.importers.engine_tables import chronological, engine_run, open_engine_sheet, require_columns, symbol_for
from backend.importers.parsing import MAX_TEXT_CHARS, clean_text
from backend.importers.tables import load_table, table_head

_MARKS: Final = frozenset(("Size", "EntryBar", "ExitBar", "EntryPrice", "ExitPrice", "EntryTime", "ExitTime"))
_COLUMNS: Final = {
    "entry_time": ("EntryTime",),
    "exit_time": ("ExitTime",),
    "entry_price": ("EntryPrice",),
    "exit_price": ("ExitPrice",),
    "quantity": ("Size",),
    "pnl": ("PnL",),
    "fees": ("Commission",),
    "tag": ("Tag",),
    "stop": ("SL",),
}
_LEVELS: Final = (("SL", "stop"), ("TP", "target"))


class BacktestingPyImporter:
    """`stats._trades` of backtesting.py, as CSV, JSON or Parquet."""

    name = "backtesting.py"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table with the columns that only backtesting.py names so."""
        return set(table_head(data)) >= _MARKS

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the trades, two rows each; one where the trade is still open.

        Raises:
            ImportProblem: `bad_value` with line and column; what a table may raise.
        """
        symbol, said = symbol_for(filename, options)
        table = load_table(data)
        require_columns(table, sorted(_MARKS), "table of backtesting.py trades")
        sheet = open_engine_sheet(table, _COLUMNS, options, {"symbol": symbol})
        entries, exits = _notes(sheet, "Entry_", with_levels=True), _notes(sheet, "Exit_", with_levels=False)
        rows = _with_stops(sheet, [_explained(sheet, row, entries, exits) for row in read_trips(sheet, signed=True)])
        return engine_run(
            self.name,
            filename,
            options,
            sheet,
            chronological(rows),
            settings={"symbol": symbol},
            warnings=said,
            evidence=NET,
        )


def _with_stops(sheet: Sheet, rows: list[ImportedPosition]) -> list[ImportedPosition]:
    """The rows with their stops, or without any where one was evidently moved.

    `SL` is where a trade's stop stood last. A stop on the winning side of the entry was moved there, so the others of
    the run may have been too; to keep only those that still lie on the losing side would keep the losers.
    """
    stopped = [row for row in rows if row.stop_price is not None and row.price is not None]
    if not stopped:
        return rows
    if any(((row.price or 0.0) - (row.stop_price or 0.0)) * (1 if row.action == "buy" else -1) <= 0 for row in stopped):
        sheet.warnings.append(
            "Column 'SL' states where each trade's stop stood last, and the strategy moved stops beyond the entry; "
            "what was risked at the entries is not known, so no R is given."
        )
        return [replace(row, stop_price=None) for row in rows]
    sheet.warnings.append(
        "Column 'SL' states where each trade's stop stood last; R is right as far as the strategy does not "
        "move its stops."
    )
    return rows


def _explained(
    sheet: Sheet, row: ImportedPosition, entries: Sequence[str | None], exits: Sequence[str | None]
) -> ImportedPosition:
    # A trade's reference is its row's number here: the table has no ids of its own.
    at = int(row.trade_ref or 1) - 1
    note = (entries if row.action in ("buy", "short") else exits)[at]
    return replace(row, reasoning=note) if note else row


def _notes(sheet: Sheet, prefix: str, *, with_levels: bool) -> list[str | None]:
    """Per trade, what was recorded at one end: `stop 1.05; target 1.1; SMA(C,10) 1.0734`."""
    columns = [(at, label) for mark, label in _LEVELS for at in _places(sheet, mark)] if with_levels else []
    columns += [
        (at, header.removeprefix(prefix)) for at, header in enumerate(sheet.table.headers) if header.startswith(prefix)
    ]
    return [
        clean_text("; ".join(f"{label} {_short(row[at])}" for at, label in columns if row[at].strip()), MAX_TEXT_CHARS)
        for row in sheet.table.rows
    ]


def _places(sheet: Sheet, header: str) -> list[int]:
    return [at for at, name in enumerate(sheet.table.headers) if name == header]


def _short(cell: str) -> str:
    try:
        return f"{float(cell):.6g}"
    except ValueError:
        return cell.strip()
