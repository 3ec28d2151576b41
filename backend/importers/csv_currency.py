"""In which currency a table's money is: its own column, the units in its headers and cells, the pairs it trades.

Rows of several currencies are never added up: the person names one, and the others are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.importers.base import ImportOptions, ImportProblem, Skipped
from backend.importers.contracts import is_money, pair_of
from backend.importers.csv_columns import is_round_trips
from backend.importers.csv_sheet import Sheet

_UNIT: Final = re.compile(r"[(\[]\s*([A-Za-z]{3,5})\s*[)\]]")
_MONEY_FIELDS: Final = ("pnl", "amount", "cash_change", "price", "entry_price", "exit_price")
# Pence by the names that exchanges give them; in capitals the second would be a pound.
_PENCE: Final = {"GBp": "GBX", "GBX": "GBX", "ZAc": "ZAC", "ILA": "ILA"}


@dataclass(frozen=True, slots=True)
class Money:
    """The run's currency, the rows that are in it, and whether the P&L must be taken as the file states it."""

    currency: str
    sheet: Sheet
    pnl_is_stated: bool = False


def choose_currency(sheet: Sheet, options: ImportOptions) -> Money:
    """The currency that the rows are in, or the one that was asked for with its rows alone.

    Raises:
        ImportProblem: `several_currencies`, or `other_currency` where no row is in the one that was asked for.
    """
    wanted = options.currency.upper() if options.currency else None
    of_row = _by_row(sheet)
    if of_row is not None:
        return _of_rows(sheet, of_row, wanted, sheet.header("currency"))
    quotes = _by_pair(sheet)
    if len(set(quotes)) > 1 and None not in quotes:
        is_stated = "pnl" in sheet.bound and is_round_trips(sheet.bound)
        return _as_stated(sheet, wanted) if is_stated else _of_rows(sheet, quotes, wanted, sheet.header("symbol"))
    named = wanted or _by_unit(sheet)
    if named is None and quotes and quotes[0] is not None and len(set(quotes)) == 1:
        named = quotes[0]
        sheet.warnings.append(f"The file names no currency; {named} was taken, which its symbols are quoted in.")
    elif named is None:
        sheet.warnings.append("The file names no currency; USD was assumed.")
    return Money(named or "USD", sheet)


def _by_row(sheet: Sheet) -> Sequence[str | None] | None:
    """The currency of each row as a column names it."""
    if "currency" not in sheet.bound:
        return None
    labels = [None if label is None else _PENCE.get(label, label.upper()) for label in sheet.labels("currency", 12)]
    return labels if any(labels) else None


def _by_pair(sheet: Sheet) -> Sequence[str | None]:
    """The currency that each row's symbol is quoted in, None where it is no pair."""
    known: dict[str | None, str | None] = {}
    quotes = []
    for symbol in sheet.labels("symbol", 60):
        if symbol not in known:
            pair = pair_of(symbol) if symbol else None
            known[symbol] = pair.quote if pair else None
        quotes.append(known[symbol])
    return quotes


def _by_unit(sheet: Sheet) -> str | None:
    """The one currency that headers (`PnL (USDT)`) or cells (`6000 USDT`) of money are written in."""
    found = {
        unit.group(1).upper()
        for name in _MONEY_FIELDS
        if name in sheet.bound and (unit := _UNIT.search(sheet.header(name))) and is_money(unit.group(1))
    }
    for name in ("pnl", "amount", "cash_change"):
        written = sheet.units(name)
        found |= {unit for unit in written or () if unit and is_money(unit)}
    return found.pop() if len(found) == 1 else None


def _of_rows(sheet: Sheet, of_row: Sequence[str | None], wanted: str | None, column: str) -> Money:
    counts = Counter(currency for currency in of_row if currency)
    names = [name for name, _ in counts.most_common()]
    if len(names) > 1 and wanted is None:
        raise ImportProblem(
            f"The rows are in several currencies ({', '.join(names[:8])}). Import one currency at a time: name it, and "
            "the rows of the others are left out.",
            column=column,
            code="several_currencies",
            choices=names[:20],
        )
    chosen = wanted or names[0]
    if names and chosen not in names:
        raise ImportProblem(
            f"No row is in {chosen}; the rows are in {', '.join(names[:8])}. Name one of these.",
            column=column,
            code="other_currency",
            choices=names[:20],
        )
    other = np.array([currency not in (None, chosen) for currency in of_row], dtype=np.bool_)
    if not other.any():
        return Money(chosen, sheet)
    lines = sheet.table.lines
    left = np.flatnonzero(other).tolist()
    skipped = [Skipped(lines[at], f"it is in {of_row[at]}, not in {chosen}") for at in left]
    kept = np.flatnonzero(~other).tolist()
    table = replace(sheet.table, rows=sheet.table.rows.kept(kept), lines=[lines[at] for at in kept])
    rest = ", ".join(f"{counts[name]:,} in {name}" for name in names if name != chosen)
    warnings = [*sheet.warnings, f"Only the rows in {chosen} were read; left out were {rest}."]
    return Money(chosen, replace(sheet, table=table, skipped=[*sheet.skipped, *skipped], warnings=warnings))


def _as_stated(sheet: Sheet, wanted: str | None) -> Money:
    named = wanted or _by_unit(sheet)
    sheet.warnings.append(
        f"The symbols are quoted in several currencies; what each trade made was taken from column "
        f"{sheet.header('pnl')!r}, as net P&L in {named or 'USD (which the file does not name)'}."
    )
    return Money(named or "USD", sheet, pnl_is_stated=True)
