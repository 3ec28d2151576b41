"""What a cause is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel

from backend.analysis.arrays import clean
from backend.analysis.brief import FEW, TEXT

# certain: arithmetic of the run, no test needed. beyond chance: tested, and chance alone does not explain it. could be
# chance: tested, and it may be. not tested: it can't be tested on these trades, or nothing tests it.
Confidence = Literal["certain", "beyond chance", "could be chance", "not tested"]
CONFIDENCE = {
    "certain": "arithmetic of the run: no test is needed",
    "beyond chance": "tested, and chance alone does not explain it",
    "could be chance": "tested, and chance alone could explain it",
    "not tested": "nothing tests it: an outcome, too few trades, or outside the run",
}
MAX_TRADES = 200
ALPHA = 0.05


class Cause(BaseModel):
    """One cause. `money` is what it explains of the run's total P&L (below zero it cost), None where it explains no
    part of it by itself; `share_pct` is that of the total, None where the run did not lose. `trades` are ids, at most
    200, that weigh most first. `figures` are the numbers of the statement by name.
    """

    name: str
    statement: Annotated[str, TEXT]
    money: float | None
    share_pct: float | None = None
    confidence: Confidence
    trades: Annotated[list[int], FEW]
    figures: dict[str, float | int | str | None]


def figures(**named: float | int | str | None) -> dict[str, float | int | str | None]:
    """The numbers of a statement, without the noise of binary sums."""
    return {name: clean(value, 8) if isinstance(value, float) else value for name, value in named.items()}


def amount(value: float) -> str:
    """Money by its size: 1,234.56."""
    return f"{abs(value):,.2f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
