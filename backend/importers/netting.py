"""Signed fills → actions: what a fill closes of the position there is, and what it opens beyond that.

Whoever keeps one net position per symbol writes only buys and sells. A sell with nothing held opens a short; a fill
that crosses zero closes what is held and opens the rest, its costs parted by quantity. Books are a symbol in an
account; contracts of another expiry or strike are other symbols.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from backend.importers.base import ImportedPosition, Netting
from backend.importers.position_columns import ACTIONS, EVIDENCE, PositionColumns, columns_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_BUY, _SELL, _SHORT, _COVER = (ACTIONS.index(action) for action in ("buy", "sell", "short", "cover"))
# Quantities are sums of decimals: what is left below this share of the book's largest fill or holding is nothing.
_DUST = 1e-9
# Money of a fill that turns a position round, parted by quantity.
_PARTED = ("fees", "funding", *EVIDENCE)


def books_of(rows: PositionColumns) -> IntArray:
    """The book of each row: its symbol in its account, counted from 0."""
    symbols = pd.factorize(np.array(rows.column("symbol"), dtype=object))[0]
    accounts = rows.column("account")
    if accounts is None:
        return symbols.astype(np.int64)
    account = pd.factorize(np.array(accounts, dtype=object), use_na_sentinel=False)[0]
    return pd.factorize(symbols.astype(np.int64) * (int(account.max(initial=0)) + 1) + account)[0].astype(np.int64)


def signed_quantities(rows: PositionColumns) -> FloatArray:
    """What each row bought, below zero for what it sold; 0 for rows that trade nothing."""
    quantity = rows.floats("quantity")
    if quantity is None:
        return np.zeros(len(rows))
    codes = rows.action_codes
    sign = np.select([(codes == _BUY) | (codes == _COVER), (codes == _SELL) | (codes == _SHORT)], [1.0, -1.0], 0.0)
    return np.where(sign == 0, 0.0, np.nan_to_num(quantity) * sign)


def held_before(rows: PositionColumns, signed: FloatArray, books: IntArray) -> FloatArray:
    """What each row's book holds before it, with the noise of sums taken away; rows are in order of time."""
    after = pd.Series(signed).groupby(books, sort=False).cumsum().to_numpy(dtype=np.float64)
    largest = _largest(np.maximum(np.abs(after), np.abs(signed)), books)
    after = np.where(np.abs(after) <= _DUST * largest[books], 0.0, after)
    before = np.zeros(len(rows))
    order = np.argsort(books, kind="stable")
    same = books[order][1:] == books[order][:-1]
    before[order[1:]] = np.where(same, after[order[:-1]], 0.0)
    return before


def net_positions(rows: PositionColumns, netting: Netting) -> PositionColumns:
    """The rows, in order of time, with `buy` and `sell` told apart into opening and closing actions.

    Rows with a `trade_ref`, `short`s, `cover`s and `hold`s pass as they are. A row whose `open_close` is said does that
    and no more: what it closes beyond what is held is for the analysis to name. `long_only` sources close with every
    sell; `done` rows are not touched. Costs of a row that becomes two are parted by quantity; a realised P&L is of the
    part that closes.
    """
    if netting == "done" or not len(rows):
        return rows
    free = np.ones(len(rows), dtype=np.bool_)
    refs = rows.column("trade_ref")
    if refs is not None:
        free = np.array([ref is None for ref in refs])
    rows, free = _told(rows, free)
    if netting == "long_only" or not free.any():
        return rows
    signed = np.where(free & (rows.action_codes <= _SELL), signed_quantities(rows), 0.0)
    return _parted(rows, signed, _closed_by(rows, signed))


def net_fills(fills: Iterable[ImportedPosition]) -> list[ImportedPosition]:
    """As `net_positions` with `signed`, for rows as objects."""
    return list(net_positions(columns_of(list(fills)), "signed"))


def buys_first(rows: PositionColumns, warnings: list[str]) -> PositionColumns:
    """Rows of times without a clock: within a day whose sells would come before its buys, the buys go first.

    Only where the day begins and ends without a short, so that a short that was meant stays one.
    """
    signed, books = signed_quantities(rows), books_of(rows)
    stamps, before = rows.stamps, held_before(rows, signed, books)
    day = pd.factorize(books * np.int64(len(rows) + 1) + pd.factorize(stamps)[0])[0].astype(np.int64)
    count = int(day.max(initial=-1)) + 1
    lowest, first, last = np.zeros(count), np.zeros(count), np.zeros(count)
    np.minimum.at(lowest, day, before + signed)
    last[day] = before + signed
    first[day[::-1]] = before[::-1]
    size = _largest(np.abs(signed), day)
    turned = (lowest < -_DUST * size) & (first >= 0) & (last >= -_DUST * size)
    if not turned.any():
        return rows
    warnings.append(
        f"The times are days without a clock: on {int(turned.sum()):,} of them the file lists sells before the buys "
        "they close; there the buys were taken to come first."
    )
    return rows.taken(np.lexsort((np.arange(len(rows)), turned[day] & (signed < 0), stamps)))


def signed_fill(row: ImportedPosition, signed: float) -> ImportedPosition:
    """The row as a buy of `signed` units, or as a sell where that is below zero."""
    return replace(row, action="buy" if signed > 0 else "sell", quantity=abs(signed))


def _told(rows: PositionColumns, free: BoolArray) -> tuple[PositionColumns, BoolArray]:
    """Rows with what they say they did as their action, and which rows are still to be netted."""
    said = rows.column("open_close")
    if said is None:
        return rows, free
    words = np.array(said, dtype=object)
    codes = rows.action_codes.astype(np.int64)
    told = free & (words != None) & (codes <= _SELL)  # noqa: E711 - elementwise
    actions = np.where(told & (codes == _SELL) & (words == "open"), _SHORT, codes)
    actions = np.where(told & (codes == _BUY) & (words == "close"), _COVER, actions)
    # A book in which some rows say it and others do not is netted as a whole, but for what the rows say.
    return rows.replaced(actions=actions), free & ~told


def _closed_by(rows: PositionColumns, signed: FloatArray) -> FloatArray:
    """How much of each free row closes what its book holds."""
    books = books_of(rows)
    told = (signed == 0) & (signed_quantities(rows) != 0)
    mixed = np.zeros(int(books.max(initial=0)) + 1, dtype=np.bool_)
    mixed[books[told]] = True
    before = held_before(rows, signed, books)
    closed = np.where(before * signed < 0, np.minimum(np.abs(before), np.abs(signed)), 0.0)
    if (mixed[books] & (signed != 0)).any():
        closed = _closed_beside_told(rows, signed, books, mixed, closed)
    largest = _largest(np.maximum(np.abs(before), np.abs(signed)), books)[books]
    return np.where(closed >= np.abs(signed) - _DUST * largest, np.abs(signed), closed)


def _closed_beside_told(
    rows: PositionColumns, signed: FloatArray, books: IntArray, mixed: BoolArray, closed: FloatArray
) -> FloatArray:
    """As `_closed_by` for books in which rows that say what they did stand between those that do not."""
    codes, every = rows.action_codes, signed_quantities(rows)
    closed = closed.copy()
    held: dict[int, list[float]] = {}
    for at in np.flatnonzero(mixed[books] & (every != 0)).tolist():
        sides = held.setdefault(int(books[at]), [0.0, 0.0])  # long, short
        size = abs(float(every[at]))
        if signed[at] == 0:
            code = int(codes[at])
            side = 0 if code in (_BUY, _SELL) else 1
            sides[side] = sides[side] + size if code in (_BUY, _SHORT) else max(0.0, sides[side] - size)
            continue
        own, other = (0, 1) if signed[at] > 0 else (1, 0)
        closed[at] = min(size, sides[other])
        sides[other] -= closed[at]
        sides[own] += size - closed[at]
    return closed


def _parted(rows: PositionColumns, signed: FloatArray, closed: FloatArray) -> PositionColumns:
    """Each row as what it closes, then as what it opens."""
    size = np.abs(signed)
    turns = (closed > 0) & (closed < size)
    source = np.repeat(np.arange(len(rows)), np.where(turns, 2, 1))
    is_second = np.concatenate([[False], source[1:] == source[:-1]]) if len(source) else np.zeros(0, dtype=np.bool_)
    closes = (closed[source] > 0) & ~is_second
    free, sold = signed[source] != 0, signed[source] < 0
    actions = np.where(closes, np.where(sold, _SELL, _COVER), np.where(sold, _SHORT, _BUY))
    parted = rows.taken(source) if turns.any() else rows
    actions = np.where(free, actions, parted.action_codes)
    if not turns.any():
        return parted.replaced(actions=actions)
    part = np.where(closes, closed[source], size[source] - closed[source])
    share = np.divide(part, size[source], out=np.ones(len(part)), where=turns[source])
    numbers: dict[str, npt.NDArray[Any] | None] = {
        name: values * share for name in _PARTED if (values := parted.floats(name)) is not None
    }
    quantity, profit = parted.floats("quantity"), parted.floats("realized_pnl")
    if quantity is not None:
        numbers["quantity"] = np.where(turns[source], part, quantity)
    if profit is not None:
        numbers["realized_pnl"] = np.where(turns[source] & ~closes, np.nan, profit)
    after = parted.floats("position_after")
    if after is not None:
        numbers["position_after"] = after
    return parted.replaced(actions=actions, numbers=numbers)


def _largest(values: FloatArray, books: IntArray) -> FloatArray:
    largest = np.zeros(int(books.max(initial=0)) + 1)
    np.maximum.at(largest, books, values)
    return largest
