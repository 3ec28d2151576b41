"""Splits: what was held before one becomes more or fewer shares at a smaller or larger price, with the same worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.importers.base import Split
from backend.importers.netting import signed_quantities
from backend.importers.position_columns import PositionColumns, microseconds

_PRICES = ("price", "low_price", "high_price", "stop_price")
_LARGEST = 10_000.0


def apply_splits(rows: PositionColumns, splits: Sequence[Split]) -> tuple[PositionColumns, list[str]]:
    """The rows with all before a split counted in the shares there are after it, and what was done.

    Earlier round trips keep their P&L: quantity × price stays as it was.
    """
    said: list[str] = []
    symbols = np.array(rows.column("symbol"), dtype=object)
    accounts = rows.column("account")
    books = None if accounts is None else np.array(accounts, dtype=object)
    for split in sorted(splits, key=lambda each: each.ts):
        before = (symbols == split.symbol) & (rows.stamps < microseconds(split.ts))
        if books is not None and split.account is not None:
            before &= books == split.account
        ratio = split.ratio
        if ratio is None and split.added is not None:
            held = float(signed_quantities(rows)[before].sum())
            ratio = (held + split.added) / held if held else None
        name = f"{split.symbol}, {split.ts:%Y-%m-%d}"
        if ratio is None or not 1 / _LARGEST <= ratio <= _LARGEST:
            said.append(f"A split ({name}) could not be applied: the file does not hold what was split.")
            continue
        rows = _scaled(rows, before, ratio)
        words = f"{ratio:.10g} for 1" if ratio >= 1 else f"1 for {1 / ratio:.10g}"
        said.append(f"Split {words} ({name}): rows before it are counted in the shares after it.")
    return rows, said


def _scaled(rows: PositionColumns, before: np.ndarray, ratio: float) -> PositionColumns:
    numbers: dict[str, np.ndarray | None] = {}
    for name in (*_PRICES, "quantity", "position_after"):
        values = rows.floats(name)
        if values is not None:
            factor = 1 / ratio if name in _PRICES else ratio
            numbers[name] = np.where(before, values * factor, values)
    return rows.replaced(numbers=numbers)
