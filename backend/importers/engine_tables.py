"""What the importers of engines' own tables share: columns by exact name, a symbol where none is, the run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.importers.base import Evidence, ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import Table
from backend.importers.csv_values import is_zoneless
from backend.importers.parsing import MAX_LABEL_CHARS, stem_of, zone_of

_MAX_SYMBOL_CHARS = 60
_EXPORT_WORDS = re.compile(
    # Begins where the marks begin, and digits where they begin: no place is looked at twice.
    r"(?<![_\W])[_\W]*+(trades?|fills?|orders?|positions?|transactions?|records|readable|export|history|(?<!\d)\d++)$",
    re.IGNORECASE,
)
_NO_ZONE = "The times name no zone and were read as UTC. Name the time zone when importing if that is wrong."


def require_columns(table: Table, names: Iterable[str], what: str) -> None:
    """Refuse a table that is no `what`, as one may be whose format was named and not recognised.

    Raises:
        ImportProblem: `missing_columns` naming them.
    """
    lacking = [name for name in names if name not in table.headers]
    if lacking:
        raise ImportProblem(
            f"The table is no {what}: it lacks {', '.join(map(repr, lacking))}. Export it with all its columns, or "
            "leave the format to be found by content.",
            code="missing_columns",
        )


def open_engine_sheet(
    table: Table,
    columns: Mapping[str, Sequence[str]],
    options: ImportOptions,
    constants: Mapping[str, str] | None = None,
) -> Sheet:
    """The table with its columns bound by the names an engine gives them, best first.

    Raises:
        ImportProblem: `missing_columns` when no column holds the time; `ambiguous_number`; `bad_timezone`.
    """
    places: dict[str, int] = {}
    for at, header in enumerate(table.headers):
        places.setdefault(header.strip(), at)
    bound = {
        name: next(places[header] for header in headers if header in places)
        for name, headers in columns.items()
        if any(header in places for header in headers)
    }
    clock = "entry_time" if "entry_price" in columns else "time"
    if clock not in bound:
        raise ImportProblem(
            f"The table lacks a column for the time; such as {columns[clock][0]!r}. Export it with its times.",
            code="missing_columns",
        )
    sheet = open_sheet(table, bound, zone_of(options.timezone or "UTC"), constants, options.date_order)
    if options.timezone is None and is_zoneless(sheet.cells(clock)):
        sheet.warnings.append(_NO_ZONE)
    return sheet


def symbol_for(filename: str, options: ImportOptions) -> tuple[str, list[str]]:
    """The symbol of a file that names none, and the warning that says where it was taken from."""
    if options.symbol:
        return options.symbol[:_MAX_SYMBOL_CHARS], []
    stem = stem_of(filename)
    bare = stem
    while (shorter := _EXPORT_WORDS.sub("", bare)) and shorter != bare:
        bare = shorter
    symbol = (bare or stem)[:_MAX_SYMBOL_CHARS] or "UNKNOWN"
    return symbol, [f"The file names no symbol; {symbol!r}, from its name, was taken. Name it when importing."]


def chronological(positions: Sequence[ImportedPosition]) -> list[ImportedPosition]:
    """By time; rows of one instant keep the file's order, or its reverse where the newest row stands first."""
    newest_first = len(positions) > 1 and positions[0].ts > positions[-1].ts
    return sorted(reversed(positions) if newest_first else positions, key=lambda position: position.ts)


def engine_run(
    source: str,
    filename: str,
    options: ImportOptions,
    sheet: Sheet,
    positions: Sequence[ImportedPosition],
    *,
    currency: str | None = None,
    initial_cash: float | None = None,
    settings: Mapping[str, Any] | None = None,
    published: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
    evidence: Evidence | None = None,
) -> ImportedRun:
    """The run of a sheet's positions, which are in order of time.

    Raises:
        ImportProblem: `empty_file` when no row is left.
    """
    if not positions:
        raise ImportProblem("The file holds no trades.", code="empty_file")
    said = [*warnings, *sheet.warnings]
    cash = options.initial_cash if options.initial_cash is not None else initial_cash
    if not (options.currency or currency):
        said.append("The file names no currency; USD was assumed.")
    if cash is None:
        said.append("The initial cash is not in the file; name it when importing to get returns.")
    return ImportedRun(
        name=options.name or (stem_of(filename) or source)[:MAX_LABEL_CHARS],
        source=source,
        currency=options.currency or currency or "USD",
        positions=positions,
        initial_cash=cash,
        started_at=positions[0].ts,
        ended_at=positions[-1].ts,
        settings={"timezone": sheet.zone.key, **(settings or {})},
        published=published or {},
        skipped=sheet.skipped,
        warnings=said,
        evidence=evidence or Evidence(),
    )


def required_time(sheet: Sheet, at: int, moment: datetime | None, name: str = "time") -> datetime:
    """The row's moment.

    Raises:
        ImportProblem: `bad_value` when the cell is empty.
    """
    if moment is None:
        raise sheet.bad(at, name, "the time is missing")
    return moment
