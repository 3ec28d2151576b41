"""A plain table of fills (one row, one action) or of round trips (one row, one whole trade): CSV, JSON, Parquet, Excel.

Quantities may be signed instead of having a side. Fees above zero are costs; a column that is never above zero is read
as costs written negative. `swap` and `funding fee` columns are what the account received, so a negative one is a cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from backend.importers.base import Evidence, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_columns import (
    FILL_REQUIRED,
    SYNONYMS,
    TRIP_REQUIRED,
    bind,
    bind_mapped,
    column_labels,
    is_round_trips,
    meaning_of,
    missing,
    normalise,
)
from backend.importers.csv_currency import choose_currency
from backend.importers.csv_fills import TableFills, read_table_fills
from backend.importers.csv_guesses import improved, unused_columns
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import Table, looks_tabular
from backend.importers.csv_trips import read_trips
from backend.importers.csv_values import is_zoneless
from backend.importers.netting import buys_first
from backend.importers.parsing import MAX_LABEL_CHARS, stem_of, zone_of
from backend.importers.tables import TableKind, kind_of, load_table, table_head

_SAMPLE = 1_000


class PlainTableImporter:
    """A table of fills or round trips with tolerant headers, in one kind of file."""

    def __init__(self, kind: TableKind) -> None:
        self.name: str = kind

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table of this kind with at least two columns whose names a run may have; in JSON, Parquet and Excel, which
        hold much else, with two that a run needs.
        """
        if kind_of(data) != self.name:
            return False
        if self.name == "csv":
            return looks_tabular(data)
        bound = bind(table_head(data))
        return len(bound.keys() & (TRIP_REQUIRED if is_round_trips(bound) else FILL_REQUIRED)) >= 2

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all rows; `options.mapping` corrects what the headers were taken for.

        Raises:
            ImportProblem: `missing_columns` naming what was seen and what is needed; `bad_value` with line and column;
                `bad_mapping`, `ambiguous_time`, `ambiguous_number`, `bad_table`, `bad_encoding`.
        """
        table = load_table(data, options.strategy)
        bound = bind_mapped(table.headers, options.mapping)
        constants = {"symbol": options.symbol} if options.symbol and "symbol" not in bound else {}
        _require(table, bound, constants)
        bound = improved(table, bound) if options.mapping is None else bound
        zone = zone_of(options.timezone or "UTC")
        sheet = open_sheet(table, bound, zone, constants, options.date_order)
        is_trips = is_round_trips(bound)
        money = choose_currency(sheet, options)
        sheet = money.sheet
        fills = TableFills(read_trips(sheet), "done") if is_trips else read_table_fills(sheet)
        positions = fills.rows
        positions.sort_chronologically()
        if not is_trips and _is_clockless(sheet):
            positions = buys_first(positions, sheet.warnings)
        unread = {bound[name] for name in fills.unread}
        settings: dict[str, Any] = {
            "columns": {name: table.headers[at] for name, at in bound.items()},
            "rows": "round trips" if is_trips else "fills",
            "timezone": zone.key,
            "layout": layout_of(table.headers),
        }
        if money.pnl_is_stated:
            settings["pnl_basis"] = "stated"
        return ImportedRun(
            name=options.name or stem_of(filename)[:MAX_LABEL_CHARS] or "Imported run",
            source=self.name,
            currency=money.currency,
            positions=positions,
            initial_cash=options.initial_cash,
            started_at=positions[0].ts if positions else None,
            ended_at=positions[-1].ts if positions else None,
            settings=settings,
            skipped=sheet.skipped,
            warnings=[*_assumptions(sheet, options, unread), *sheet.warnings],
            netting=fills.netting,
            evidence=_evidence(sheet, fills),
        )


def layout_of(headers: Sequence[str]) -> str:
    """What tells a table's layout from others: a digest of its headers, in their order."""
    return hashlib.sha256("\n".join(normalise(header) for header in headers).encode("utf-8", "replace")).hexdigest()[
        :16
    ]


def _is_clockless(sheet: Sheet) -> bool:
    """Whether the times are days alone, so that the order within one is not in the file."""
    if "day" in sheet.bound and sheet.header("day") != sheet.header("time"):
        return False
    return all(":" not in cell and len(cell.strip()) <= 12 for cell in sheet.cells("time")[:_SAMPLE])


def _evidence(sheet: Sheet, fills: TableFills) -> Evidence:
    """What the table states beside, for the reconciliation."""
    columns = {"pnl": "realized_pnl", **{name: name for name in ("amount", "cash_change", "cash", "equity", "fees")}}
    named = {**columns, "position_after": "position_after"}
    return Evidence(
        digits={column: sheet.digits(name) for name, column in columns.items() if name in sheet.bound},
        labels={column: f"column {sheet.header(name)!r}" for name, column in named.items() if name in sheet.bound},
        splits=fills.splits,
        flows=fills.flows,
    )


def guessed_mapping(data: bytes, mapping: Mapping[str, str | None] | None) -> dict[str, str | None]:
    """Each column's name → what it is taken for, None for a column not used; `mapping` as in the options.

    Raises:
        ImportProblem: `bad_mapping`.
    """
    headers = table_head(data)
    meanings = {at: meaning_of(name) for name, at in bind_mapped(headers, mapping).items()}
    return {label: meanings.get(at) for at, label in enumerate(column_labels(headers))}


def _require(table: Table, bound: Mapping[str, int], constants: Mapping[str, str]) -> None:
    lacking = [name for name in missing(bound) if name not in constants]
    if not lacking:
        return
    needed = ", ".join(f"{name.replace('_', ' ')} (such as {SYNONYMS[name][0]!r})" for name in lacking)
    seen = ", ".join(repr(header[:40]) for header in table.headers[:40])
    fills, trips = (", ".join(name.replace("_", " ") for name in names) for names in (FILL_REQUIRED, TRIP_REQUIRED))
    raise ImportProblem(
        f"The table lacks: {needed}. Its columns are: {seen}. A table of fills needs {fills} and a side or signed "
        f"quantities; a table of round trips needs {trips}. Rename or add the columns, or say which column is what.",
        code="missing_columns",
    )


def _assumptions(sheet: Sheet, options: ImportOptions, unread: set[int]) -> list[str]:
    said = []
    clock = next((name for name in ("time", "entry_time") if name in sheet.bound), None)
    if options.timezone is None and clock is not None and is_zoneless(sheet.cells(clock)):
        said.append("The times name no zone and were read as UTC. Name the time zone when importing if that is wrong.")
    if sheet.table.encoding == "cp1252":
        said.append("The file is not UTF-8 and was read as Windows-1252; names with accents may be wrong.")
    said += unused_columns(sheet.table, set(sheet.bound.values()) - unread)
    if options.initial_cash is None:
        said.append("The initial cash is not in the file; name it when importing to get returns.")
    return said
