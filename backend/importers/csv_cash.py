"""Rows of a table of fills that are no fills: money paid in or out, dividends, interest, charges, splits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from backend.importers.base import Flow, Split
from backend.importers.csv_sheet import NO_MOMENT, FloatArray, IntArray, Sheet
from backend.importers.csv_words import CASH_WORDS
from backend.importers.netting import BoolArray
from backend.importers.position_columns import moment_of

_RATIO: Final = re.compile(r"(?<!\d)(\d++(?:\.\d++)?)\s*+(?::|for|-for-|/)\s*+(\d++(?:\.\d++)?)", re.IGNORECASE)
_NAMED = 5


@dataclass(slots=True)
class CashRows:
    """`is_row`: which rows stay in the run, as `hold` rows whose `cost` is below zero where they brought money."""

    is_row: BoolArray
    cost: FloatArray
    flows: list[Flow] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)


def read_cash_rows(sheet: Sheet, at: IntArray, words: Any, stamps: IntArray, quantity: FloatArray) -> CashRows:
    """The rows at these places, each read as what its word says; what states no money is left out and noted."""
    count = len(sheet.table.rows)
    found = CashRows(np.zeros(count, dtype=np.bool_), np.zeros(count))
    if not len(at):
        return found
    amount = _money(sheet, count)
    symbols, notes = sheet.labels("symbol", 60), sheet.labels("reasoning", 200)
    income: dict[str, float] = {}
    for place in at.tolist():
        if stamps[place] == NO_MOMENT:
            raise sheet.bad(place, "time", "the time is missing")
        word = str(words[place])
        kind, moment, money = CASH_WORDS[word], moment_of(int(stamps[place])), float(amount[place])
        if kind == "split":
            split = _split(moment, symbols[place], float(quantity[place]), " ".join(filter(None, (notes[place], word))))
            if split is None:
                sheet.skip(place, "it is a split whose ratio is not in the file")
                sheet.warnings.append(f"Line {sheet.table.lines[place]} is a split whose ratio is not in the file.")
            else:
                found.splits.append(split)
            continue
        if not np.isfinite(money) or money == 0:
            sheet.skip(place, f"it is a {word} without an amount")
            continue
        if kind.startswith("flow"):
            signed = abs(money) if kind == "flow_in" else -abs(money) if kind == "flow_out" else money
            found.flows.append(Flow(moment, signed, word))
            continue
        found.is_row[place] = True
        found.cost[place] = -money if kind == "income" else abs(money)
        income[word] = income.get(word, 0.0) - found.cost[place]
    _say(sheet, found, income)
    return found


def _money(sheet: Sheet, count: int) -> FloatArray:
    for name in ("cash_change", "amount"):
        values = sheet.evidence(name)
        if values is not None:
            return values
    return np.full(count, np.nan)


def _split(moment: Any, symbol: str | None, quantity: float, text: str) -> Split | None:
    if symbol is None:
        return None
    ratio = _RATIO.search(text)
    if ratio is not None and float(ratio.group(2)) > 0:
        return Split(moment, symbol, ratio=float(ratio.group(1)) / float(ratio.group(2)))
    return Split(moment, symbol, added=quantity) if np.isfinite(quantity) and quantity else None


def _say(sheet: Sheet, found: CashRows, income: dict[str, float]) -> None:
    for flow in found.flows[:_NAMED]:
        sheet.warnings.append(
            f"A {flow.what} of {abs(flow.amount):,.10g} on {flow.ts:%Y-%m-%d}: it changes equity and is no result."
        )
    if len(found.flows) > _NAMED:
        sheet.warnings.append(f"{len(found.flows) - _NAMED:,} more payments were read so.")
    for word, total in income.items():
        sheet.warnings.append(
            f"Rows of {word} bring {total:,.10g} in all; they are counted as income (below zero: costs) of no trade."
        )
