"""All columns of costs, summed: by their sign, their coin, and the side of a trade that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.importers.layouts.instruments import coins_of
from backend.importers.layouts.legs import Legs
from backend.importers.layouts.moments import Stamps
from backend.importers.layouts.numerals import Floats
from backend.importers.layouts.sheet import LayoutSheet, Mask
from backend.importers.parsing import clean_text

_MAX_COIN_CHARS = 12


@dataclass(slots=True)
class CoinCosts:
    """Costs a row, above zero for a cost. `coins` names the coin of `fees` where it is not what the fill is paid in."""

    fees: Floats
    funding: Floats
    entry_fees: Floats
    exit_fees: Floats
    coins: list[str | None] | None = None


def read_costs(sheet: LayoutSheet, kept: Mask, currency: str, legs: Legs | None = None) -> CoinCosts:
    """The costs of the kept rows; a coin is named only where it is not `currency`. Those of a spot fill's other leg are
    put to the leg that is kept.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    count = len(sheet)
    given = kept
    if legs is not None and len(legs.partner):
        kept = kept | (legs.mirrors & np.isin(np.arange(count), list(legs.partner)))
    sums = {name: np.zeros(count) for name in ("row", "entry", "exit", "funding")}
    coins: list[str | None] = [None] * count
    named = False
    second = 0
    for cost, column, header_coin in sheet.bound.costs:
        values, units, unit_of = sheet.numbers_at(column, where=kept)
        values = np.nan_to_num(values)
        values = -values if cost.written == "minus" else np.abs(values) if cost.written == "size" else values
        values = np.where(kept, values, 0.0)
        sums["funding" if cost.what == "funding" else cost.at] += values
        by_row = _coins(sheet, column, units, unit_of)
        if by_row is None and header_coin is None:
            continue
        named = True
        for at in np.flatnonzero(values != 0).tolist():
            coin = by_row[at] if by_row is not None else header_coin
            if coins[at] not in (None, coin) and coin:
                second += 1
            coins[at] = coins[at] or coin
    for mirror, own in legs.partner.items() if legs is not None else ():
        if sums["row"][mirror] and given[own]:
            coins[own] = coins[mirror] if not sums["row"][own] else coins[own]
            sums["row"][own] += sums["row"][mirror]
    if second:
        sheet.warnings.append(f"{second:,} rows have costs in two coins; they were summed as if in the first.")
    other = [coin if coin and coin != currency else None for coin in coins] if named else []
    return CoinCosts(sums["row"], sums["funding"], sums["entry"], sums["exit"], other if any(other) else None)


def _coins(sheet: LayoutSheet, column: int, units: list[str], unit_of: Sequence[int]) -> list[str | None] | None:
    """The coin of each row's cost: of its own column, else behind the number; None where nothing names one."""
    place = sheet.bound.currencies.get(f"cost {column}")
    if place is not None:
        cells = sheet.found.table.column(int(place.removeprefix("#")))
        return [(clean_text(cell, _MAX_COIN_CHARS) or "").upper() or None for cell in cells]
    if len(units) > 1:
        return [units[at].upper()[:_MAX_COIN_CHARS] or None for at in unit_of]
    return None


def costs_beside(sheet: LayoutSheet, other: LayoutSheet, kept: Mask, stamps: Stamps, size: Floats) -> Floats:
    """Costs that another table of the file lists by moment, parted among that moment's fills by quantity."""
    words, which = other.words("kind")
    wanted = np.array([word in other.layout.wants["kind"] for word in words])[which]
    moments = other.moments("time", where=wanted)
    listed = read_costs(other, wanted, "").fees
    sums: dict[int, float] = {}
    for at in np.flatnonzero(wanted & (listed != 0)).tolist():
        sums[int(moments[at])] = sums.get(int(moments[at]), 0.0) + float(listed[at])
    costs = np.zeros(len(stamps))
    rows: dict[int, list[int]] = {}
    for at in np.flatnonzero(kept).tolist():
        rows.setdefault(int(stamps[at]), []).append(at)
    for moment, places in rows.items():
        whole = sum(size[place] for place in places)
        for place in places:
            costs[place] = sums.get(moment, 0.0) * size[place] / whole if whole else 0.0
    apart = sum(cost for moment, cost in sums.items() if moment not in rows)
    if round(apart, 2):
        sheet.warnings.append(f"Costs of {apart:,.2f} in {other.layout.title} belong to no fill of the file; left out.")
    return costs


def base_and_quote(symbols: Sequence[str | None]) -> tuple[dict[str, str], dict[str, str]]:
    """Symbol → the coin that is bought, and the one it is paid with."""
    pairs = {symbol: coins_of(symbol) for symbol in set(symbols) if symbol}
    return (
        {symbol: base for symbol, (base, quote) in pairs.items() if quote},
        {symbol: quote for symbol, (_, quote) in pairs.items() if quote},
    )
