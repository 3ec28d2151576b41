"""Ledgers that write a spot fill as two rows, one for each coin: the coin's row is the fill, the money's its mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from backend.importers.layouts.instruments import coins_of
from backend.importers.layouts.moments import Stamps
from backend.importers.layouts.sheet import LayoutSheet, Mask


@dataclass(frozen=True, slots=True)
class Legs:
    """`spot` are rows of the coin that was bought or sold, `mirrors` those of the money; `partner` leads from a mirror
    to its fill.
    """

    spot: Mask
    mirrors: Mask
    partner: Mapping[int, int] = field(default_factory=dict)

    def named(self, symbols: list[str | None]) -> list[str | None]:
        """The symbols, those of spot fills parted by a slash: a venue may call a contract by the same name."""
        if not self.spot.any():
            return symbols
        names = list(symbols)
        for at in np.flatnonzero(self.spot).tolist():
            base, quote = coins_of(names[at] or "")
            names[at] = f"{base}/{quote}" if quote and names[at] == f"{base}{quote}" else names[at]
        return names


def parted_legs(sheet: LayoutSheet, is_fill: Mask, stamps: Stamps, symbols: Sequence[str | None]) -> Legs:
    """The two legs of each spot fill: rows of one moment and symbol, one in the base coin, one in the quote coin."""
    none = np.zeros(len(sheet), dtype=bool)
    if not sheet.layout.two_legs or not sheet.has("balance_unit"):
        return Legs(none, none.copy())
    pairs = {symbol: coins_of(symbol.removesuffix("-SWAP")) for symbol in set(symbols) if symbol}
    coins = [(coin or "").upper() for coin in sheet.labels("balance_unit", 12)]
    own = [pairs.get(symbol or "", ("", "")) for symbol in symbols]
    pairs_of = list(zip(coins, own, strict=True))
    in_base = is_fill & np.array([coin != "" and coin == base for coin, (base, _) in pairs_of], dtype=bool)
    in_quote = is_fill & np.array([coin != "" and coin == quote for coin, (_, quote) in pairs_of], dtype=bool)
    group = pd.factorize(pd.Series(list(zip(symbols, stamps.tolist(), strict=True))))[0]
    both = np.zeros(int(group.max(initial=0)) + 1, dtype=np.int64)
    both[group[in_base]] |= 1
    both[group[in_quote]] |= 2
    parted = both[group] == 3
    spot, mirrors = in_base & parted, in_quote & parted
    return Legs(spot, mirrors, _partners(group, spot, mirrors))


def _partners(group: np.ndarray[tuple[int], np.dtype[np.int64]], spot: Mask, mirrors: Mask) -> dict[int, int]:
    fills: dict[int, list[int]] = {}
    for at in np.flatnonzero(spot).tolist():
        fills.setdefault(int(group[at]), []).append(at)
    seen: dict[int, int] = {}
    partner = {}
    for at in np.flatnonzero(mirrors).tolist():
        places = fills[int(group[at])]
        number = seen.get(int(group[at]), 0)
        seen[int(group[at])] = number + 1
        partner[at] = places[min(number, len(places) - 1)]
    return partner
