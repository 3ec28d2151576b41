"""Which closing row closes which opening row, and how much of it: first in, first out, without a loop over rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    group_starts,
    grouped_cummin,
    grouped_cumsum,
    to_datetime,
)

if TYPE_CHECKING:
    from backend.analysis.positions import Positions

_DUST = 1e-9  # of the largest fill in a book: less is rounding, not a position
_WARNINGS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Matches:
    """Pieces of opening rows, each closed by one closing row or by none (`closing` −1: still open at the end).

    `open_rows` and `close_rows` index the positions; `opening` and `closing` index those. `group` (the trade an opening
    row belongs to) and `by_ref` go with `open_rows`.
    """

    open_rows: IntArray
    close_rows: IntArray
    group: IntArray
    by_ref: BoolArray
    opening: IntArray
    closing: IntArray
    quantity: FloatArray
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fills:
    """Rows that trade, sorted by book and time. A book is a symbol and side of an account, or a `trade_ref`."""

    row: IntArray
    book: IntArray
    ts: IntArray
    opens: BoolArray
    quantity: FloatArray
    by_ref: BoolArray

    def taken(self, order: IntArray) -> _Fills:
        return _Fills(*(getattr(self, name)[order] for name in self.__slots__))


def match_fills(positions: Positions, method: str) -> Matches:
    """Match every closing row to the openings it closes; see `build_trades` for `method`."""
    fills, unusable = _read_fills(positions)
    tolerance = _dust(fills)
    fills = _openings_first_where_needed(fills, tolerance)
    level, excess = _reflect(np.where(fills.opens, fills.quantity, -fills.quantity), fills.book)
    excess = np.where(excess > tolerance, excess, 0.0)
    closed = fills.quantity - excess
    closes = ~fills.opens & (closed > tolerance)
    opening, closing, quantity = _first_in_first_out(fills, closed, closes, tolerance)
    price = positions.price[fills.row]
    return Matches(
        open_rows=fills.row[fills.opens],
        close_rows=fills.row[closes],
        group=_groups(fills, level, tolerance, price, method),
        by_ref=fills.by_ref[fills.opens],
        opening=opening,
        closing=closing,
        quantity=quantity,
        warnings=(*unusable, *_excess_warnings(positions, fills, excess)),
    )


def _read_fills(p: Positions) -> tuple[_Fills, list[str]]:
    trades = p.action < 4
    usable = trades & (p.quantity > 0) & (p.price >= 0)
    rows = np.flatnonzero(usable)
    long_side = p.action[rows] < 2
    owner = (p.trade_ref[rows] + 1) * (len(p.accounts) + 1) + p.account[rows] + 1
    key = (owner * (len(p.symbols) + 1) + p.symbol[rows]) * 2 + long_side
    _, book = np.unique(key, return_inverse=True)
    order = np.lexsort((p.seq[rows], p.ts[rows], book))
    fills = _Fills(
        row=rows,
        book=book.astype(np.int64),
        ts=p.ts[rows],
        opens=(p.action[rows] == 0) | (p.action[rows] == 2),
        quantity=p.quantity[rows],
        by_ref=p.trade_ref[rows] >= 0,
    ).taken(order)
    bad = p.seq[trades & ~usable]
    warnings = [f"Row {seq}: no quantity or price; the row is left out." for seq in bad[:_WARNINGS_SHOWN]]
    if len(bad) > _WARNINGS_SHOWN:
        warnings.append(f"{len(bad) - _WARNINGS_SHOWN} more rows without quantity or price are left out.")
    return fills, warnings


def _dust(fills: _Fills) -> FloatArray:
    largest = np.zeros(int(fills.book.max()) + 1 if len(fills.book) else 0)
    np.maximum.at(largest, fills.book, fills.quantity)
    return largest[fills.book] * _DUST


def _reflect(change: FloatArray, book: IntArray) -> tuple[FloatArray, FloatArray]:
    """A level that never falls below zero: (level after each row, what a row would have taken it below zero)."""
    running = grouped_cumsum(change, book)
    floor = np.minimum(0.0, grouped_cummin(running, book))
    before = np.where(group_starts(book), 0.0, np.roll(floor, 1)) if len(floor) else floor
    return running - floor, before - floor


def _openings_first_where_needed(fills: _Fills, tolerance: FloatArray) -> _Fills:
    """Put openings first in each instant whose own order closes more than is open at that moment."""
    starts = group_starts(fills.book, fills.ts)
    if starts.all():
        return fills
    instant = np.cumsum(starts) - 1
    change = np.where(fills.opens, fills.quantity, -fills.quantity)
    book_of_instant = fills.book[starts]
    level, _ = _reflect(np.bincount(instant, weights=change).astype(np.float64), book_of_instant)
    start_level = np.where(group_starts(book_of_instant), 0.0, np.roll(level, 1))
    inside = start_level[instant] + grouped_cumsum(change, instant)
    short_of = np.zeros(len(book_of_instant), dtype=np.bool_)
    short_of[instant[inside < -tolerance]] = True
    if not short_of.any():
        return fills
    later = short_of[instant] & ~fills.opens
    return fills.taken(np.lexsort((later, instant)))


def _first_in_first_out(
    fills: _Fills, closed: FloatArray, closes: BoolArray, tolerance: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Cut each book's opened quantity at every opening and closing boundary; each piece has one opening, one closing.

    Laid end to end, openings and closings of a book cover the same line from zero: a piece lies under the opening and
    the closing that come next after it.
    """
    open_book, close_book = fills.book[fills.opens], fills.book[closes]
    boundary = np.concatenate(
        [grouped_cumsum(fills.quantity[fills.opens], open_book), grouped_cumsum(closed[closes], close_book)]
    )
    book = np.concatenate([open_book, close_book])
    is_close = np.repeat([False, True], [len(open_book), len(close_book)])
    dust = np.concatenate([tolerance[fills.opens], tolerance[closes]])
    order = np.lexsort((is_close, boundary, book))
    boundary, book, is_close, dust = boundary[order], book[order], is_close[order], dust[order]
    previous = np.where(group_starts(book), 0.0, np.roll(boundary, 1)) if len(boundary) else boundary
    opening = np.cumsum(~is_close) - ~is_close
    closing = np.cumsum(is_close) - is_close
    total_closed = np.bincount(close_book, weights=closed[closes], minlength=int(book.max()) + 1 if len(book) else 0)
    beyond = boundary > total_closed[book] + dust
    length = boundary - previous
    kept = length > dust
    return opening[kept], np.where(beyond, -1, closing)[kept], length[kept]


def _groups(fills: _Fills, level: FloatArray, tolerance: FloatArray, price: FloatArray, method: str) -> IntArray:
    """The trade each opening row belongs to: from flat to flat, or one per instant and price for lots."""
    new_book = group_starts(fills.book)
    before = np.where(new_book, 0.0, np.roll(level, 1)) if len(level) else level
    flat = before <= tolerance
    opens = fills.opens
    if method == "lot":
        flat = np.zeros(len(flat), dtype=np.bool_)
        flat[opens] = group_starts(fills.book[opens], fills.ts[opens], price[opens]) if opens.any() else flat[opens]
    first_of_book = group_starts(fills.book[opens]) if opens.any() else np.zeros(0, dtype=np.bool_)
    return np.cumsum(first_of_book | (flat[opens] & ~fills.by_ref[opens])) - 1


def _excess_warnings(p: Positions, fills: _Fills, excess: FloatArray) -> list[str]:
    over = np.flatnonzero(excess)
    over = over[np.argsort(p.seq[fills.row[over]], kind="stable")]
    warnings = []
    for i in over[:_WARNINGS_SHOWN]:
        row = fills.row[i]
        side = "long" if p.action[row] < 2 else "short"
        fee = p.fees[row] * excess[i] / fills.quantity[i]
        warnings.append(
            f"Row {p.seq[row]} ({to_datetime(p.ts[row]):%Y-%m-%d %H:%M:%S} UTC) closes {fills.quantity[i]:.10g} "
            f"{p.symbols[p.symbol[row]]} but only {fills.quantity[i] - excess[i]:.10g} were open {side}; the other "
            f"{excess[i]:.10g}{f' and their fees of {fee:.10g}' if fee else ''} are in no trade."
        )
    if len(over) > _WARNINGS_SHOWN:
        warnings.append(f"{len(over) - _WARNINGS_SHOWN} more rows close more than is open.")
    return warnings
