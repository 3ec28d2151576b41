"""What a point of price is worth for one unit, where a layout's nature says it: options, futures, contracts of a coin.

What only the stated P&L can say is left to the stage of reconciliation, but for contracts of a coin: that the quantity
counts contracts the file says itself, so their size follows from its P&L.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from backend.importers.contracts import is_future, is_option, point_value
from backend.importers.layouts.numerals import Floats
from backend.importers.layouts.sheet import LayoutSheet, Mask, unique_texts

PERCENT = 0.01
_INVERSE_SIZES = {"BTC": 100.0, "XBT": 100.0}
_INVERSE_SIZE = 10.0
_CONTRACT_UNITS = frozenset(("cont", "conts", "contract", "contracts"))
_SIZES = tuple(mantissa * 10.0**power for power in range(-8, 8) for mantissa in (1.0, 2.0, 2.5, 5.0))


@dataclass(slots=True)
class RowPoints:
    """Money per point and unit for each row, NaN where nothing says it; symbols whose contracts are inverse; symbols
    whose quantity counts contracts of a size that the stated P&L has to show.
    """

    values: Floats = field(default_factory=lambda: np.empty(0))
    inverse: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()


def row_points(sheet: LayoutSheet, symbols: Sequence[str | None], kept: Mask) -> RowPoints:
    """What each row's point is worth.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    layout = sheet.layout
    values = sheet.numbers("multiplier", where=kept)
    values = np.where(values > 0, values, np.nan)
    names = unique_texts([symbol for symbol, keep in zip(symbols, kept, strict=True) if keep])
    worth: dict[str, float] = {}
    inverse: set[str] = set()
    pattern = re.compile(layout.inverse) if layout.inverse else None
    for name in names:
        match = pattern.match(name.upper()) if pattern else None
        if match:
            inverse.add(name)
            worth[name] = layout.inverse_unit or _INVERSE_SIZES.get(match[1], _INVERSE_SIZE)
        elif layout.points in ("option", "future") and (value := _listed_worth(name, layout.points)) is not None:
            worth[name] = value
    if worth:
        own = np.array([worth.get(symbol or "", np.nan) for symbol in symbols])
        # A file that gives futures a multiplier of 1 means that it has none for them.
        is_future = np.array([(symbol or "").startswith("/") for symbol in symbols], dtype=bool)
        values = np.where(np.isnan(values) | (is_future & (values == 1) & ~np.isnan(own)), own, values)
    if layout.par_assets and sheet.has("asset"):
        words, which = sheet.words("asset")
        at_par = np.array([word in layout.par_assets for word in words])[which]
        values = np.where(at_par, np.where(np.isnan(values), 1.0, values) * PERCENT, values)
    if layout.points in ("option", "future"):
        _say(sheet, names, worth)
    return RowPoints(values, frozenset(inverse), _counted(sheet, symbols, kept) - inverse)


def _listed_worth(name: str, points: str) -> float | None:
    """Of an option (on a future, the future's), or of a future; a share has none."""
    if name.startswith("./"):
        return point_value(name.split(maxsplit=1)[0].removeprefix("."))
    return point_value(name) if is_option(name) or name.startswith("/") or points == "future" else None


def _say(sheet: LayoutSheet, names: Iterable[str], worth: dict[str, float]) -> None:
    futures = {name: value for name, value in worth.items() if not is_option(name)}
    if futures and not sheet.has("pnl"):
        told = ", ".join(f"{name} {value:g}" for name, value in list(futures.items())[:8])
        sheet.warnings.append(f"Money per point and contract was taken from the contracts' specifications: {told}.")
    unknown = [name for name in names if name not in worth and is_future(name) and not sheet.has("multiplier")]
    if unknown and not sheet.has("pnl"):
        sheet.warnings.append(
            f"What a point is worth is not known of {', '.join(unknown[:8])}; 1 was taken. Name the multiplier when "
            "importing."
        )


def _counted(sheet: LayoutSheet, symbols: Sequence[str | None], kept: Mask) -> frozenset[str]:
    if sheet.layout.points != "contract" or not sheet.has("unit"):
        return frozenset()
    words, which = sheet.words("unit")
    counts = np.array([word in _CONTRACT_UNITS for word in words])[which] & kept
    return frozenset(symbol for at in np.flatnonzero(counts).tolist() if (symbol := symbols[at]))


def sizes_by_pnl(
    symbols: Sequence[str], signed: Floats, price: Floats, pnl: Floats, wanted: frozenset[str], inverse: frozenset[str]
) -> dict[str, float]:
    """The contract's size by symbol, as the gross P&L of the closings shows it: the same listed size for all of them,
    within a thousandth (or, for the smallest, what their last digit hides).
    """
    found: dict[str, list[float]] = {}
    held: dict[str, tuple[float, float]] = {}
    for at, symbol in enumerate(symbols):
        if symbol not in wanted:
            continue
        quantity, value = held.get(symbol, (0.0, 0.0))
        unit = 1 / price[at] if symbol in inverse and price[at] else price[at]
        change = float(signed[at])
        if quantity * change < 0:
            closed = min(abs(change), abs(quantity))
            moved = (unit - value / quantity) * closed * np.sign(quantity)
            stated = pnl[at] if symbol not in inverse else -pnl[at]
            if moved and not np.isnan(stated):
                found.setdefault(symbol, []).append(stated / moved)
            value *= 1 - closed / abs(quantity)
            quantity += np.sign(change) * closed
            change -= np.sign(change) * closed
        quantity, value = quantity + change, value + change * unit
        held[symbol] = (quantity, value) if abs(quantity) > 1e-12 else (0.0, 0.0)
    return {symbol: size for symbol, ratios in found.items() if (size := _listed(ratios)) is not None}


def _listed(ratios: Sequence[float]) -> float | None:
    middle = float(np.median(ratios))
    size = min(_SIZES, key=lambda listed: abs(listed - middle))
    close = [abs(ratio - size) <= 0.01 * size for ratio in ratios]
    return size if middle > 0 and abs(middle - size) <= 0.001 * size and all(close) else None
