"""Hyperliquid fills: the page's trade-history CSV, or the API's `userFills` JSON.

`dir` says what each fill did; one that turns a position round is split by what was held. The page writes local times
as `dd/mm/yyyy - HH:MM:SS`. `closedPnl` is kept as published: its fees are handled in two ways.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from backend.importers.base import Action, ImportedPosition, ImportedRun, ImportOptions
from backend.importers.csv_fills import check_fill
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_tables import Table
from backend.importers.engine_tables import chronological, engine_run, open_engine_sheet, require_columns, required_time
from backend.importers.netting import net_fills
from backend.importers.parsing import MAX_LABEL_CHARS
from backend.importers.progress import counted
from backend.importers.tables import load_table, table_head

_MARKS: Final = frozenset(("time", "coin", "dir", "px", "sz"))
_COLUMNS: Final = {
    "time": ("time",),
    "symbol": ("coin",),
    "side": ("dir",),
    "price": ("px",),
    "quantity": ("sz",),
    "fees": ("fee",),
    "pnl": ("closedPnl",),
}
# What a direction says by itself; `None` for those that need what is held.
_PLAIN: Final[dict[str, Action]] = {
    "open long": "buy",
    "close long": "sell",
    "open short": "short",
    "close short": "cover",
}
_NET: Final[dict[str, Action]] = {
    "buy": "buy",
    "sell": "sell",
    "short long": "buy",
    "long short": "sell",
    "spot dust conversion": "sell",
}
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s*-?\s*(.*)")


class HyperliquidImporter:
    """Fills of a Hyperliquid account."""

    name = "hyperliquid"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table with coin, dir, px and sz."""
        return set(table_head(data)) >= _MARKS

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the fills.

        Raises:
            ImportProblem: `bad_value` with line and column; what a table may raise.
        """
        table = load_table(data)
        require_columns(table, ("time", *sorted(_MARKS)), "table of Hyperliquid fills")
        sheet = open_engine_sheet(_with_iso_times(table), _COLUMNS, options)
        fills, closed = _fills(sheet)
        return engine_run(
            self.name,
            filename,
            options,
            sheet,
            _netted(chronological(fills)),
            currency="USDC",
            settings={"rows": "fills"},
            published={"closed_pnl": closed},
            warnings=[
                "Funding payments are not in the fills; export them apart and name them as costs if they matter."
            ],
        )


def _with_iso_times(table: Table) -> Table:
    at = list(table.headers).index("time")
    written = {cell: _DAY_FIRST.sub(_iso, cell.strip()) for cell in set(table.column(at))}
    return replace(table, rows=table.rows.replaced(at, written))


def _iso(found: re.Match[str]) -> str:
    day, month, year, clock = found.groups()
    return f"{year}-{int(month):02}-{int(day):02} {clock}".strip()


def _fills(sheet: Sheet) -> tuple[list[ImportedPosition], float]:
    times, prices, quantities = sheet.times("time"), sheet.numbers("price"), sheet.numbers("quantity")
    symbols, fees, pnl = sheet.labels("symbol", 60), [fee or 0.0 for fee in sheet.numbers("fees")], sheet.numbers("pnl")
    words, tags = [word.replace("-", " ") for word in sheet.words("side")], sheet.labels("side", MAX_LABEL_CHARS)
    rows = []
    for at, word in enumerate(counted(words, "converting")):
        action = _PLAIN.get(word) or _NET.get(word) or _forced(word)
        if action is None:
            sheet.skip(at, f"its direction {word[:40]!r} is no trade")
            continue
        if quantities[at] == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        check_fill(sheet, at, symbols[at], quantities[at], prices[at])
        rows.append(
            ImportedPosition(
                ts=required_time(sheet, at, times[at]),
                action=action,
                symbol=symbols[at] or "",
                quantity=abs(quantities[at] or 0.0),
                price=prices[at],
                fees=fees[at],
                tag=tags[at] if word in _PLAIN or word in ("buy", "sell") else (tags[at] or word),
                trade_ref="net" if word in _NET else None,
            )
        )
    return rows, sum(value or 0.0 for value in pnl)


def _forced(word: str) -> Action | None:
    """`Liquidated Isolated Long`, `Auto-Deleveraging`, `Settlement`: what they close is in the words, or unknown."""
    if "liquidated" in word or "settlement" in word or "deleverag" in word:
        return "cover" if "short" in word else "sell"
    return None


def _netted(rows: list[ImportedPosition]) -> list[ImportedPosition]:
    """Rows whose direction needs what is held, told apart by it; the plain ones keep what they say."""
    signed = {"buy": "buy", "cover": "buy", "sell": "sell", "short": "sell"}
    needed = {row.symbol for row in rows if row.trade_ref == "net"}
    plain = [row for row in rows if row.symbol not in needed]
    mixed = [
        replace(row, action=signed[row.action], trade_ref=None)  # type: ignore[arg-type]
        for row in rows
        if row.symbol in needed
    ]
    return sorted([*plain, *net_fills(mixed)], key=lambda row: row.ts)
