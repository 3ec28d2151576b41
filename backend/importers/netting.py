"""Signed fills → actions: what a fill closes of the position there is, and what it opens beyond that."""

from __future__ import annotations

from dataclasses import replace

from backend.importers.base import Action, ImportedPosition

_DUST = 1e-9  # of the fill: less is rounding, not a position


class NetPositions:
    """The net position of each symbol as fills go by, in order of time."""

    def __init__(self) -> None:
        self._held: dict[str, float] = {}

    def rows(self, row: ImportedPosition, signed: float) -> list[ImportedPosition]:
        """The fill as one row, or as two where it turns a position round; its costs are parted by quantity.

        `row` carries all but action and quantity; `signed` is what was bought, or sold where below zero.
        """
        held = self._held.get(row.symbol, 0.0)
        after = held + signed
        self._held[row.symbol] = 0.0 if abs(after) <= _DUST * abs(signed) else after
        closed = min(abs(signed), abs(held)) if held * signed < 0 else 0.0
        if abs(signed) - closed <= _DUST * abs(signed):
            closed = abs(signed)
        opened = abs(signed) - closed
        closing: Action = "sell" if signed < 0 else "cover"
        opening: Action = "short" if signed < 0 else "buy"
        parts = [(closing, closed), (opening, opened)]
        return [
            replace(row, action=action, quantity=quantity, fees=row.fees * (quantity / abs(signed)))
            for action, quantity in parts
            if quantity > 0
        ]
