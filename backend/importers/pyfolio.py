"""pyfolio / zipline: the transactions table, alone or in a ZIP with positions and returns.

`amount` is signed; a positions table holds each symbol's value and the cash per day, a returns table the daily return
as a ratio. Positions give the run's equity and marks, returns give what the source itself publishes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from backend.importers.archives import MAX_TOTAL_BYTES, is_zip, list_members, read_head, read_member
from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_cells import CellRows
from backend.importers.csv_fills import read_fills
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_tables import Table
from backend.importers.engine_tables import chronological, engine_run, open_engine_sheet
from backend.importers.netting import net_fills
from backend.importers.parsing import MAX_BYTES
from backend.importers.pyfolio_days import Day, is_positions, is_returns, read_positions, read_returns
from backend.importers.tables import load_table, table_head
from backend.importers.unpacking import gzip_head, is_gzip, unpack_gzip

_MARKS: Final = frozenset(("amount", "price"))
_NAMES: Final = frozenset(("symbol", "sid"))
_ALSO: Final = frozenset(("sid", "txn_dollars", "txn_volume", "order_id", "value"))
_COLUMNS: Final = {
    "time": ("date", "dt", "index", "timestamp", ""),
    "quantity": ("amount",),
    "price": ("price",),
    "symbol": ("symbol", "sid"),
    "fees": ("commission",),
}
_HEAD_BYTES = 64 * 1024
_ASSET = re.compile(r"[A-Za-z]{1,20}\(\d{1,12} \[([^\]]{1,40})\]\)")


@dataclass(frozen=True, slots=True)
class _Parts:
    transactions: bytes
    positions: bytes | None = None
    returns: bytes | None = None


class PyfolioImporter:
    """Transactions as pyfolio takes them, with positions and returns when a ZIP brings them."""

    name = "pyfolio"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table with amount, price and symbol and one of zipline's own columns; or a ZIP that holds one."""
        if is_zip(data):
            return any(_is_transactions(_head(data, name)) for name in _table_names(data))
        return _is_transactions(data)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the transactions, and what came with them.

        Raises:
            ImportProblem: `several_runs` for a ZIP with two transactions tables; `bad_value` with line and column.
        """
        parts = _parts(data) if is_zip(data) else _Parts(data)
        sheet = open_engine_sheet(_named(load_table(parts.transactions)), _COLUMNS, options)
        fills = net_fills(chronological(read_fills(sheet, signed=True)))
        days = read_positions(parts.positions, sheet.zone) if parts.positions else []
        returns = read_returns(parts.returns, sheet.zone) if parts.returns else []
        initial = _initial_cash(days, returns) if days else None
        if not days and returns and options.initial_cash:
            days = _compounded(returns, options.initial_cash)
        rows = sorted([*fills, *_marks(fills, days)], key=lambda row: (row.ts, row.action == "hold"))
        return engine_run(
            self.name,
            filename,
            options,
            sheet,
            rows,
            initial_cash=initial,
            settings={"rows": "transactions", "with_positions": bool(parts.positions)},
            published=_published(returns),
            warnings=_said(sheet, days),
        )


def _is_transactions(data: bytes) -> bool:
    head = set(table_head(data))
    return head >= _MARKS and bool(head & _NAMES) and bool(head & _ALSO)


def _named(table: Table) -> Table:
    """The table with each row's `sid` for its symbol where it has none; of zipline's `Equity(24 [AAPL])` its ticker."""
    headers = [header.strip() for header in table.headers]
    if "sid" not in headers:
        return table
    sid, symbol = headers.index("sid"), headers.index("symbol") if "symbol" in headers else headers.index("sid")
    if symbol != sid and all(cell.strip() for cell in table.column(symbol)):
        return table
    rows = CellRows(len(headers))
    for row in table.rows:
        own = row[symbol].strip() or row[sid].strip()
        found = _ASSET.fullmatch(own)
        rows.append([*row[:symbol], found[1] if found else own, *row[symbol + 1 :]])
    return replace(table, rows=rows)


def _table_names(data: bytes) -> list[str]:
    endings = (".csv", ".csv.gz", ".json", ".parquet")
    return [member.name for member in list_members(data) if member.name.lower().endswith(endings)]


def _head(data: bytes, name: str) -> bytes:
    # A Parquet's columns stand at its end, and what is packed twice has no head of its own.
    whole = name.lower().endswith((".parquet", ".json"))
    content = read_member(data, name) if whole else read_head(data, name, _HEAD_BYTES)
    return gzip_head(content, _HEAD_BYTES) if is_gzip(content) else content


def _parts(data: bytes) -> _Parts:
    found: dict[str, bytes] = {}
    left = MAX_TOTAL_BYTES
    for name in _table_names(data):
        content = read_member(data, name)
        content = unpack_gzip(content, min(left, MAX_BYTES)) if is_gzip(content) else content
        left -= len(content)
        role = (
            "transactions"
            if _is_transactions(content)
            else "positions"
            if is_positions(content)
            else "returns"
            if is_returns(content)
            else None
        )
        if role in found:
            raise ImportProblem(
                f"The archive holds two tables of {role}. Import one run at a time.", code="several_runs"
            )
        if role is not None:
            found[role] = content
    if "transactions" not in found:
        raise ImportProblem("The archive holds no table of transactions.", code="bad_archive")
    return _Parts(found["transactions"], found.get("positions"), found.get("returns"))


def _initial_cash(days: list[Day], returns: list[tuple[datetime, float]]) -> float | None:
    """The equity of the first day, taken back over the returns up to it."""
    first = days[0]
    grown = math.prod(1 + value for moment, value in returns if moment <= first.ts)
    return round(first.equity / grown, 6) if first.equity > 0 and grown > 0 else None


def _compounded(returns: list[tuple[datetime, float]], cash: float) -> list[Day]:
    days, equity = [], cash
    for moment, value in returns:
        equity *= 1 + value
        days.append(Day(ts=moment, equity=equity, cash=None, values={}))
    return days


def _marks(fills: list[ImportedPosition], days: list[Day]) -> list[ImportedPosition]:
    """A row a day with equity and cash, and on the last day a price for each symbol still held."""
    rows = [ImportedPosition(ts=day.ts, action="hold", equity=day.equity, cash=day.cash) for day in days]
    if not days:
        return rows
    last = days[-1]
    held: dict[str, float] = {}
    for fill in fills:
        if fill.quantity is not None and fill.ts <= last.ts:
            held[fill.symbol] = held.get(fill.symbol, 0.0) + (
                fill.quantity if fill.action in ("buy", "cover") else -fill.quantity
            )
    for symbol, quantity in held.items():
        value = last.values.get(symbol)
        if value and abs(quantity) > 1e-9 and value / quantity > 0:
            rows.append(ImportedPosition(ts=last.ts, action="hold", symbol=symbol, price=value / quantity))
    return [replace(row, ts=max(row.ts, fills[0].ts)) if row.symbol and fills else row for row in rows]


def _published(returns: list[tuple[datetime, float]]) -> Mapping[str, float]:
    if not returns:
        return {}
    grown = math.prod(1 + value for _, value in returns)
    return {"cumulative_return": grown - 1, "return_days": len(returns)} if math.isfinite(grown) else {}


def _said(sheet: Sheet, days: list[Day]) -> list[str]:
    said = [] if "fees" in sheet.bound else ["The transactions hold no commissions; fees are zero."]
    if not days:
        said.append("Upload a ZIP with the positions and returns tables too, to get the run's own equity.")
    return said
