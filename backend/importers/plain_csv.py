"""A plain table of fills (one row, one action) or of round trips (one row, one whole trade): CSV, JSON or Parquet.

Quantities may be signed instead of having a side. Fees above zero are costs; a column that is never above zero is read
as costs written negative. `swap` and `funding fee` columns are what the account received, so a negative one is a cost.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.importers.base import ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_columns import (
    FILL_REQUIRED,
    SYNONYMS,
    TRIP_REQUIRED,
    bind,
    bind_mapped,
    column_labels,
    is_round_trips,
    missing,
)
from backend.importers.csv_fills import read_fills
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import Table, looks_tabular
from backend.importers.csv_trips import read_trips
from backend.importers.csv_values import is_zoneless
from backend.importers.parsing import MAX_LABEL_CHARS, stem_of, zone_of
from backend.importers.tables import TableKind, kind_of, load_table, table_head


class PlainTableImporter:
    """A table of fills or round trips with tolerant headers, in one kind of file."""

    def __init__(self, kind: TableKind) -> None:
        self.name: str = kind

    def recognises(self, filename: str, data: bytes) -> bool:
        """A table of this kind with at least two columns whose names a run may have; in JSON and Parquet, which hold
        much else, with two that a run needs.
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
        table = load_table(data)
        bound = bind_mapped(table.headers, options.mapping)
        constants = {"symbol": options.symbol} if options.symbol and "symbol" not in bound else {}
        _require(table, bound, constants)
        zone = zone_of(options.timezone or "UTC")
        sheet = open_sheet(table, bound, zone, constants, options.date_order)
        positions = read_trips(sheet) if is_round_trips(bound) else read_fills(sheet)
        positions.sort_by_time()
        return ImportedRun(
            name=options.name or stem_of(filename)[:MAX_LABEL_CHARS] or "Imported run",
            source=self.name,
            currency=options.currency or _currency(sheet),
            positions=positions,
            initial_cash=options.initial_cash,
            started_at=positions[0].ts if positions else None,
            ended_at=positions[-1].ts if positions else None,
            settings={
                "columns": {name: table.headers[at] for name, at in bound.items()},
                "rows": "round trips" if is_round_trips(bound) else "fills",
                "timezone": zone.key,
            },
            skipped=sheet.skipped,
            warnings=[*_assumptions(sheet, options), *sheet.warnings],
        )


def guessed_mapping(data: bytes, mapping: Mapping[str, str | None] | None) -> dict[str, str | None]:
    """Each column's name → what it is taken for, None for a column not used; `mapping` as in the options.

    Raises:
        ImportProblem: `bad_mapping`.
    """
    headers = table_head(data)
    meanings = {at: name for name, at in bind_mapped(headers, mapping).items()}
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


def _assumptions(sheet: Sheet, options: ImportOptions) -> list[str]:
    said = []
    clock = next((name for name in ("time", "entry_time") if name in sheet.bound), None)
    if options.timezone is None and clock is not None and is_zoneless(sheet.cells(clock)):
        said.append("The times name no zone and were read as UTC. Name the time zone when importing if that is wrong.")
    if sheet.table.encoding == "cp1252":
        said.append("The file is not UTF-8 and was read as Windows-1252; names with accents may be wrong.")
    unused = [header for at, header in enumerate(sheet.table.headers) if header and at not in set(sheet.bound.values())]
    if unused:
        said.append(f"Columns not used: {', '.join(header[:40] for header in unused[:20])}.")
    if options.initial_cash is None:
        said.append("The initial cash is not in the file; name it when importing to get returns.")
    return said


def _currency(sheet: Sheet) -> str:
    found = {label.upper() for label in sheet.labels("currency", 12) if label}
    if len(found) > 1:
        raise ImportProblem(
            f"The rows are in several currencies ({', '.join(sorted(found)[:8])}). Import one currency at a time.",
            column=sheet.header("currency"),
            code="several_currencies",
        )
    if not found:
        sheet.warnings.append("The file names no currency; USD was assumed.")
    return found.pop() if found else "USD"
