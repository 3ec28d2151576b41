"""How much of a result's field a model is told, said where the field is defined.

A tool's result is whole for the page and short for the model. What is left out or cut follows from the field's type
and, where that is not right, from one of these marks in its annotation: `trades_changed: Annotated[list[int], FEW]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["page_only", "few", "whole", "text", "trades"]


@dataclass(frozen=True, slots=True)
class Brief:
    """page_only: the model is not told. few: the first of a list. whole: never cut. text: words of the product, longer
    than a name. trades: rows of trades, of which fewer are told than of other rows."""

    how: How


PAGE_ONLY = Brief("page_only")
FEW = Brief("few")
WHOLE = Brief("whole")
TEXT = Brief("text")
TRADES = Brief("trades")
