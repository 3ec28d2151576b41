"""AI-Trader's account, row by row: which trade each row made, at what price, and which rows were undone later.

The file states the whole account after each action but no price, so a price is the change in cash over the change in
holdings. AI-Trader sometimes starts a session from an older state than its newest one (after a weekend, most often):
the ids repeat, and what was recorded between is no longer part of the account. Such rows are found by looking for the
older state that the row's action does explain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

# Comparing with older states is quadratic at worst; real files need a few dozen comparisons.
_SEARCH_BUDGET = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of position.jsonl. `holdings` leaves out cash and what is zero; `side` is +1 buy, −1 sell, 0 none."""

    line: int
    stamp: str
    side: Literal[-1, 0, 1]
    symbol: str
    amount: float
    cash: float
    holdings: Mapping[str, float]
    reasoning: str | None


Outcome = Literal["start", "trade", "corrected", "idle", "unexplained", "superseded"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a row did to the account. `quantity` > 0 and `price` only for `trade` and `corrected`."""

    outcome: Outcome
    side: Literal[-1, 0, 1] = 0
    symbol: str = ""
    quantity: float = 0.0
    price: float = 0.0
    why: str = ""


def replay(rows: Sequence[Row]) -> list[Step]:
    """One step per row, in file order; rows that a later session started before are `superseded`."""
    steps: list[Step] = []
    chain: list[int] = []
    budget = _SEARCH_BUDGET
    for index, row in enumerate(rows):
        if not chain:
            steps.append(Step("start"))
        else:
            parent, spent = _parent(rows, chain, row, budget)
            budget -= spent
            for undone in chain[parent + 1 :] if parent is not None else ():
                steps[undone] = _superseded(rows[undone], steps[undone], row)
            if parent is not None:
                del chain[parent + 1 :]
            steps.append(_explained(rows[chain[-1]], row) or _reconciled(rows[chain[-1]], row))
        chain.append(index)
    return steps


def _parent(rows: Sequence[Row], chain: Sequence[int], row: Row, budget: int) -> tuple[int | None, int]:
    """Place in the chain of the newest state the row's action explains (None: none does), and comparisons made."""
    spent = 0
    for place in range(len(chain) - 1, -1, -1):
        if spent >= budget:
            break
        spent += 1
        if _explained(rows[chain[place]], row) is not None:
            return place, spent
    return None, spent


def _explained(before: Row, row: Row) -> Step | None:
    """The step when the row's action alone leads from `before` to it; None when it does not."""
    if row.side == 0:
        same = _same(before.cash, row.cash) and not _changes(before, row)
        return Step("idle") if same else None
    expected = before.holdings.get(row.symbol, 0.0) + row.side * row.amount
    if not _same(expected, row.holdings.get(row.symbol, 0.0)) or set(_changes(before, row)) - {row.symbol}:
        return None
    price = row.side * (before.cash - row.cash) / row.amount
    return Step("trade", row.side, row.symbol, row.amount, price) if price > 0 and math.isfinite(price) else None


def _reconciled(before: Row, row: Row) -> Step:
    """The account, not the action, is believed: one holding that changed against cash is the trade."""
    changes = _changes(before, row)
    paid = before.cash - row.cash
    if len(changes) == 1:
        symbol, change = next(iter(changes.items()))
        price = paid / change
        if price > 0 and math.isfinite(price):
            said = f"{_verb(row.side)} {row.amount:g} {row.symbol}".strip()
            why = f"the action says {said}, the account shows {_verb(_sign(change))} {abs(change):g} {symbol}"
            return Step("corrected", _sign(change), symbol, abs(change), price, why)
    if not changes and _same(before.cash, row.cash):
        return Step(
            "unexplained",
            why=f"the action says {_verb(row.side)} {row.amount:g} {row.symbol}, the account did not move",
        )
    moved = ", ".join(sorted(changes)[:5]) or "only cash"
    return Step("unexplained", why=f"the account changed in a way that no single trade explains ({moved})")


def _superseded(row: Row, step: Step, later: Row) -> Step:
    what = f"{_verb(step.side)} {step.quantity:g} {step.symbol} at {step.price:.8g}" if step.quantity else "no trade"
    why = f"line {later.line} starts again from the account as it was before this row, so its {what} was undone"
    return Step("superseded", step.side, step.symbol, step.quantity, step.price, why)


def _changes(before: Row, row: Row) -> dict[str, float]:
    """Holdings that differ, with the difference."""
    return {
        symbol: row.holdings.get(symbol, 0.0) - before.holdings.get(symbol, 0.0)
        for symbol in {*before.holdings, *row.holdings}
        if not _same(before.holdings.get(symbol, 0.0), row.holdings.get(symbol, 0.0))
    }


def _same(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-8)


def _sign(value: float) -> Literal[-1, 1]:
    return 1 if value > 0 else -1


def _verb(side: int) -> str:
    return {1: "buy", -1: "sell"}.get(side, "no trade")
