"""The importer of all layouts of one broker: finds the table, reads it by its entry, names what was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from backend.importers.base import Evidence, Flow, ImportedRun, ImportOptions, ImportProblem, Split
from backend.importers.layouts.costs import base_and_quote
from backend.importers.layouts.fills import ReadRows, read_layout_fills
from backend.importers.layouts.finding import located_in, read_located, section_of
from backend.importers.layouts.headers import bind_layout
from backend.importers.layouts.points import sizes_by_pnl
from backend.importers.layouts.sheet import LayoutSheet, open_layout
from backend.importers.layouts.trips import read_layout_trips
from backend.importers.layouts.turning import turning_loosed
from backend.importers.netting import signed_quantities
from backend.importers.parsing import MAX_LABEL_CHARS, stem_of
from backend.importers.position_columns import PositionColumns
from backend.importers.progress import Progress, tell

# What a sum of stated P&Ls is called, by whether it is before costs.
_PUBLISHED = {True: "realized_pnl_before_costs", False: "realized_pnl"}


_ALL_COSTS = frozenset(("fees", "funding"))


class LayoutImporter:
    """All layouts of one source."""

    def __init__(self, source: str) -> None:
        self.name = source

    def recognises(self, filename: str, data: bytes) -> bool:
        """Whether the file holds a table with the header words of one of the source's layouts."""
        located = located_in(data)
        return located is not None and located.layout.source == self.name

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the table.

        Raises:
            ImportProblem: `unknown_layout` where the file holds none of this source; `several_currencies`,
                `ambiguous_time`, `ambiguous_number`, `missing_columns`; `bad_value` with line and column.
        """
        located = located_in(data)
        if located is None or located.layout.source != self.name:
            raise ImportProblem(
                f"No table of {self.name} was found in the file. Export it again, or leave the format to be found by "
                "content.",
                code="unknown_layout",
            )
        found = read_located(data, located)
        bound = bind_layout(located.layout, found.table.headers)
        sheet = open_layout(found, bound, filename, options)
        beside = section_of(data, located.layout.costs_in) if located.layout.costs_in is not None else None
        if beside is not None:
            costs = bind_layout(beside.located.layout, beside.table.headers)
            sheet.beside = open_layout(beside, costs, filename, options)
        return run_of(sheet, filename)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What stands in a file beside its table of fills."""

    splits: Sequence[Split] = ()
    flows: Sequence[Flow] = ()
    warnings: Sequence[str] = ()


def run_of(sheet: LayoutSheet, filename: str, elsewhere: Elsewhere | None = None) -> ImportedRun:
    """The run of an opened table.

    Raises:
        ImportProblem: `empty_file` when no row is left; `several_currencies`; `bad_value`.
    """
    layout, options = sheet.layout, sheet.options
    read = read_layout_fills(sheet) if layout.rows == "fills" else read_layout_trips(sheet)
    tell(Progress("converting", len(read.positions), len(read.positions)))
    if not len(read.positions):
        raise ImportProblem("The file holds no trades.", code="empty_file")
    other = elsewhere or Elsewhere()
    positions = _sized(sheet, read, read.positions)
    if layout.may_be_short and not sheet.has("book"):
        positions = turning_loosed(positions)
    symbols = list(dict.fromkeys(positions.column("symbol") or ()))
    bases, quotes = base_and_quote(symbols)
    believed = layout.believed and read.stated_pnl is not None
    zone = getattr(sheet.zone, "key", "UTC")
    stamps = positions.stamps
    return ImportedRun(
        name=options.name or (stem_of(filename) or layout.title)[:MAX_LABEL_CHARS],
        source=layout.source,
        currency=read.currency,
        positions=positions,
        initial_cash=options.initial_cash,
        started_at=_moment(int(stamps[0])),
        ended_at=_moment(int(stamps[-1])),
        settings={
            "layout": layout.name,
            "rows": "fills" if layout.rows == "fills" else "round trips",
            "timezone": zone,
            "columns": {meaning: sheet.header(meaning) for meaning in sheet.bound.columns},
            **(
                {
                    "pnl_basis": "stated",
                    "stated_after": sorted(layout.pnl_after if layout.pnl_after is not None else _ALL_COSTS),
                }
                if believed
                else {}
            ),
            **({"multipliers": multipliers} if (multipliers := _multipliers(positions)) else {}),
        },
        published={_PUBLISHED[layout.pnl_after == frozenset()]: read.stated_pnl} if read.stated_pnl is not None else {},
        skipped=sheet.skipped,
        warnings=[*_assumptions(sheet), *sheet.warnings, *other.warnings],
        netting="done" if layout.rows != "fills" else "long_only" if layout.long_only else "signed",
        evidence=Evidence(
            splits=[*read.splits, *other.splits],
            flows=[*read.flows, *other.flows],
            inverse=read.points.inverse,
            base_coins=bases,
            quote_coins=quotes,
            linear=layout.currency in ("quote", "settled"),
            pnl_after=layout.pnl_after,
            may_be_short=False if layout.long_only else layout.may_be_short,
            labels=_labels(sheet),
        ),
    )


def _multipliers(rows: PositionColumns) -> dict[str, float]:
    """Money per point and unit, by symbol, where it is not 1."""
    worth = rows.floats("multiplier")
    symbols: Sequence[str] = rows.column("symbol") or ()
    if worth is None:
        return {}
    known = {symbol: float(value) for symbol, value in zip(symbols, worth, strict=True) if value > 0}
    return {symbol: value for symbol, value in known.items() if value != 1}


def _labels(sheet: LayoutSheet) -> dict[str, str]:
    """What the file calls the columns that are held against what is read."""
    evidence = {"pnl": "realized_pnl", "amount": "amount", "cash_change": "cash_change", "cash": "cash"}
    return {name: sheet.header(meaning) for meaning, name in evidence.items() if sheet.has(meaning)}


def _assumptions(sheet: LayoutSheet) -> list[str]:
    said = []
    if sheet.found.table.encoding == "cp1252":
        said.append("The file is not UTF-8 and was read as Windows-1252; names with accents may be wrong.")
    if sheet.bound.unused:
        said.append(f"Columns not used: {', '.join(header[:40] for header in sheet.bound.unused[:20])}.")
    if sheet.layout.lacks is not None:
        said.append(f"The file holds no {sheet.layout.lacks}; they are in no result.")
    if sheet.options.initial_cash is None:
        said.append("The initial cash is not in the file; name it when importing to get returns.")
    return said


def _sized(sheet: LayoutSheet, read: ReadRows, rows: PositionColumns) -> PositionColumns:
    """Rows whose quantity counts contracts, with the size of these that the stated P&L shows."""
    pnl, price = rows.floats("realized_pnl"), rows.floats("price")
    if not read.points.counted or pnl is None or price is None:
        return rows
    symbols: Sequence[str] = rows.column("symbol") or ()
    sizes = sizes_by_pnl(symbols, signed_quantities(rows), price, pnl, read.points.counted, read.points.inverse)
    unknown = sorted(read.points.counted - sizes.keys())
    if sizes:
        told = ", ".join(f"{symbol} {size:g}" for symbol, size in sizes.items())
        sheet.warnings.append(f"Contracts were read by the size that their P&L shows: {told}.")
    if unknown:
        sheet.warnings.append(
            f"The size of a contract of {', '.join(unknown[:8])} is not known; 1 was taken. Name the multiplier when "
            "importing."
        )
    own = rows.floats("multiplier")
    worth = np.array([sizes.get(symbol, np.nan) for symbol in symbols])
    return rows.replaced(numbers={"multiplier": worth if own is None else np.where(np.isnan(own), worth, own)})


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp / 1_000_000, UTC)
