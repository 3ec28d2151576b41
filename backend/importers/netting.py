"""Signed fills → actions: what a fill closes of the position there is, and what it opens beyond that.

Engines and venues that keep one net position per symbol write only buys and sells. A sell with nothing held opens a
short; a fill that crosses zero closes what is held and opens the rest, its costs parted by quantity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backend.importers.base import Action, ImportedPosition

# Quantities are sums of decimals: what is left below this share of the largest fill or holding is nothing.
_DUST = 1e-9


class NetPositions:
    """The net position of each symbol as fills go by, in order of time."""

    def __init__(self) -> None:
        self._held: dict[str, float] = {}
        self._largest: dict[str, float] = {}

    def rows(self, row: ImportedPosition, signed: float) -> list[ImportedPosition]:
        """The fill as one row, or as two where it turns a position round.

        `row` carries all but action and quantity; `signed` is what was bought, or sold where below zero. Fees and
        funding are parted by quantity; a realised P&L is of the part that closes.
        """
        held = self._held.get(row.symbol, 0.0)
        largest = max(self._largest.get(row.symbol, 0.0), abs(held), abs(signed))
        self._largest[row.symbol] = largest
        after = held + signed
        self._held[row.symbol] = 0.0 if abs(after) <= _DUST * largest else after
        closed = min(abs(signed), abs(held)) if held * signed < 0 else 0.0
        if closed and abs(signed) - closed <= _DUST * largest:
            closed = abs(signed)
        closing: Action = "sell" if signed < 0 else "cover"
        opening: Action = "short" if signed < 0 else "buy"
        parts = [(closing, closed), (opening, abs(signed) - closed)]
        return [
            replace(
                row,
                action=action,
                quantity=quantity,
                fees=row.fees * (quantity / abs(signed)),
                funding=row.funding * (quantity / abs(signed)),
                realized_pnl=row.realized_pnl if action == closing or not closed else None,
            )
            for action, quantity in parts
            if quantity > 0
        ]


def net_fills(fills: Iterable[ImportedPosition]) -> list[ImportedPosition]:
    """The fills, in order of time, with `buy` and `sell` (which give the sign alone) told apart into opening and
    closing actions. Rows of other actions pass as they are.
    """
    net = NetPositions()
    rows: list[ImportedPosition] = []
    for fill in fills:
        if fill.action in ("buy", "sell") and fill.quantity is not None:
            rows += net.rows(fill, fill.quantity if fill.action == "buy" else -fill.quantity)
        else:
            rows.append(fill)
    return rows
