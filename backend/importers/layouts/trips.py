"""A layout's table of whole trades → an opening and a closing row of one `trade_ref`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from backend.importers.layouts.costs import read_costs
from backend.importers.layouts.currencies import settle_currency
from backend.importers.layouts.fills import ReadRows, leave_out_unwanted, symbols_of
from backend.importers.layouts.moments import MISSING, Stamps
from backend.importers.layouts.numerals import Floats
from backend.importers.layouts.points import row_points
from backend.importers.layouts.sheet import LayoutSheet, Mask, word_of
from backend.importers.position_columns import ACTIONS, whole_columns

_BUY, _SELL, _SHORT, _COVER = (ACTIONS.index(name) for name in ("buy", "sell", "short", "cover"))
_LONG, _UNKNOWN = 1, 0
# A move of this share of the price is more than costs and rounding can turn round.
_TELLING = 0.003
_ENDS: Final = ("entry", "exit")


def read_layout_trips(sheet: LayoutSheet) -> ReadRows:
    """All trades, their rows in order of time.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    what = np.full(len(sheet), "trade", dtype=object)
    leave_out_unwanted(sheet, what)
    kept = what == "trade"
    quantity = _quantities(sheet, kept)
    symbols = symbols_of(sheet)
    kept = _present(sheet, kept, symbols, quantity)
    entered, left, entry, exit_, side = _ends(sheet, kept, quantity)
    kept &= side != _UNKNOWN
    pnl = sheet.numbers("pnl", where=kept)
    if sheet.layout.side_by_result:
        side = _side_by_result(sheet, side, entry, exit_, pnl, kept)
    is_open = kept & ((left == MISSING) | np.isnan(exit_))
    entered = np.where(entered == MISSING, left, entered)
    _check(sheet, kept, is_open, (entered, left), (entry, exit_))
    settled = settle_currency(sheet, symbols, kept)
    kept = settled.kept
    is_open &= kept
    entry, exit_ = entry * settled.factor, exit_ * settled.factor
    points = row_points(sheet, symbols, kept)
    costs = read_costs(sheet, kept, settled.currency)
    size = np.abs(quantity)
    opening, closing = np.flatnonzero(kept), np.flatnonzero(kept & ~is_open)
    refs = _references(sheet)
    both = np.concatenate([opening, closing])
    is_exit = np.repeat([False, True], [len(opening), len(closing)])
    long = side[both] == _LONG
    actions = np.where(is_exit, np.where(long, _SELL, _COVER), np.where(long, _BUY, _SHORT))
    shared = np.where(is_open, 0.0, costs.fees)
    fees = np.where(is_exit, (costs.exit_fees + shared)[both], (costs.entry_fees + costs.fees - shared)[both])
    low, high = _extremes(sheet, kept, side, entry, size, points.values)
    numbers = {
        "quantity": size[both],
        "price": np.where(is_exit, exit_[both], entry[both]),
        "fees": fees,
        "funding": np.where(is_exit | is_open[both], costs.funding[both], 0.0),
        "multiplier": points.values[both],
        "realized_pnl": np.where(is_exit, pnl[both], np.nan),
        "low_price": np.where(is_exit, low[both], np.nan),
        "high_price": np.where(is_exit, high[both], np.nan),
        "leverage": sheet.numbers("leverage", where=kept)[both],
    }
    tags = [sheet.labels("entry_tag"), sheet.labels("exit_tag")]
    notes = [sheet.labels("reasoning"), [None] * len(sheet)]
    accounts = sheet.labels("account") if sheet.has("account") else [None] * len(sheet)
    places = list(zip(both.tolist(), is_exit.tolist(), strict=True))
    rows = whole_columns(
        np.where(is_exit, left[both], entered[both]),
        actions,
        [symbols[at] or "" for at, _ in places],
        numbers,
        {
            "trade_ref": [refs[at] for at, _ in places],
            "account": [accounts[at] for at, _ in places],
            "tag": [tags[end][at] for at, end in places],
            "reasoning": [notes[end][at] for at, end in places],
            **({"fee_currency": [costs.coins[at] for at, _ in places]} if costs.coins else {}),
        },
    )
    # Openings stand in front of closings here, so that rows of one moment open first.
    rows.sort_by_time()
    total = float(np.nansum(pnl[closing])) if len(closing) and not np.isnan(pnl[closing]).all() else None
    return ReadRows(rows, settled.currency, stated_pnl=total, points=points, costs=costs)


def _quantities(sheet: LayoutSheet, kept: Mask) -> Floats:
    quantity = sheet.numbers("quantity", where=kept) if sheet.has("quantity") else np.ones(len(sheet))
    if sheet.has("other_quantity"):
        quantity = np.fmax(quantity, sheet.numbers("other_quantity", where=kept))
    return quantity


def _present(sheet: LayoutSheet, kept: Mask, symbols: Sequence[str | None], quantity: Floats) -> Mask:
    empty = kept & (np.isnan(quantity) | (quantity == 0))
    sheet.leave_out(empty, "it names no quantity, or zero")
    kept = kept & ~empty
    bare = kept & np.array([symbol is None for symbol in symbols], dtype=bool)
    if bare.any():
        raise sheet.bad(int(bare.argmax()), "symbol", "the symbol is missing")
    return kept


def _ends(sheet: LayoutSheet, kept: Mask, quantity: Floats) -> tuple[Stamps, Stamps, Floats, Floats, Floats]:
    """Entry and exit time, entry and exit price, and the side: 1 long, −1 short, 0 where nothing tells."""
    if sheet.layout.rows == "pairs":
        return _pair_ends(sheet, kept)
    entered, left = (sheet.moments(f"{end}_time", where=kept) for end in _ENDS)
    entry, exit_ = (sheet.numbers(f"{end}_price", where=kept) for end in _ENDS)
    bought, sold = sheet.numbers("buy_price", where=kept), sheet.numbers("sell_price", where=kept)
    if not sheet.has("side"):
        if not (quantity < 0).any():
            sheet.warnings.append("The table has no side column; all trades were read as long.")
        return entered, left, entry, exit_, np.where(quantity < 0, -1.0, 1.0)
    words, which = sheet.words("side")
    sides = np.array([_side_of(sheet, word) for word in words])[which]
    unknown = kept & (sides == _UNKNOWN)
    if unknown.any():
        at = int(unknown.argmax())
        raise sheet.bad(at, "side", f"{word_of(words[which[at]])[:40]!r} says neither long nor short")
    if sheet.has("buy_price"):
        entry, exit_ = np.where(sides > 0, bought, sold), np.where(sides > 0, sold, bought)
    return entered, left, entry, exit_, sides


def _side_of(sheet: LayoutSheet, word: str) -> float:
    sides = sheet.layout.sides
    own = sides.get(word)
    if own is None:
        starts = [start for start in sides if start.endswith("*") and word.startswith(start[:-1])]
        own = sides[max(starts, key=len)] if starts else None
    return 0.0 if own is None else 1.0 if own.startswith("buy") else -1.0


def _pair_ends(sheet: LayoutSheet, kept: Mask) -> tuple[Stamps, Stamps, Floats, Floats, Floats]:
    """A pair is long where it was bought first; where both were at one moment, the fills' numbers tell."""
    bought, sold = sheet.moments("bought_time", where=kept), sheet.moments("sold_time", where=kept)
    paid, received = sheet.numbers("buy_price", where=kept), sheet.numbers("sell_price", where=kept)
    first, second = (np.array([_serial(cell) for cell in _cells(sheet, name)]) for name in ("entry_tag", "exit_tag"))
    short = (sold < bought) | ((sold == bought) & (second < first))
    missing = kept & ((bought == MISSING) | (sold == MISSING))
    if missing.any():
        at = int(missing.argmax())
        name = "bought_time" if bought[at] == MISSING else "sold_time"
        raise sheet.bad(at, name, "the time is missing")
    return (
        np.where(short, sold, bought),
        np.where(short, bought, sold),
        np.where(short, received, paid),
        np.where(short, paid, received),
        np.where(short, -1.0, 1.0),
    )


def _cells(sheet: LayoutSheet, meaning: str) -> Sequence[str]:
    columns = sheet.bound.columns
    return sheet.found.table.column(columns[meaning]) if meaning in columns else [""] * len(sheet)


def _serial(cell: str) -> float:
    digits = cell.strip()
    return float(digits) if digits.isdigit() and len(digits) < 20 else 0.0


def _side_by_result(sheet: LayoutSheet, side: Floats, entry: Floats, exit_: Floats, pnl: Floats, kept: Mask) -> Floats:
    """Some of these files name the side of the position, others that of the closing order: the P&L shows which."""
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = (exit_ - entry) / entry
    telling = kept & (np.abs(moved) > _TELLING) & (pnl != 0) & ~np.isnan(pnl)
    against = telling & (np.sign(moved) * side != np.sign(pnl))
    if against.sum() * 2 > telling.sum():
        sheet.warnings.append(
            f"Column {sheet.header('side')!r} was read the other way round: only so does the stated P&L agree with the "
            "prices."
        )
        return -side
    return side


def _check(
    sheet: LayoutSheet, kept: Mask, is_open: Mask, moments: tuple[Stamps, Stamps], prices: tuple[Floats, Floats]
) -> None:
    (entered, left), (entry, exit_) = moments, prices
    for wrong, name, why in (
        (kept & (entered == MISSING), "entry_time", "the time is missing"),
        (kept & ~is_open & (left < entered), "exit_time", "the trade closes before it opens"),
        (kept & ~(entry >= 0), "entry_price", "the price is missing or below zero"),
        (kept & ~is_open & ~(exit_ >= 0), "exit_price", "the price is below zero"),
    ):
        if wrong.any():
            raise sheet.bad(int(wrong.argmax()), name, why)


def _references(sheet: LayoutSheet) -> list[str]:
    """The file's own numbers where each row has another; else the rows' places."""
    own = sheet.labels("order", 60) if sheet.has("order") else []
    if own and all(own) and len(set(own)) == len(own):
        return [label or "" for label in own]
    return [str(number) for number in range(1, len(sheet) + 1)]


def _extremes(
    sheet: LayoutSheet, kept: Mask, side: Floats, entry: Floats, size: Floats, worth: Floats
) -> tuple[Floats, Floats]:
    """The lowest and highest price while a trade was open, from its largest moves in money."""
    nothing = np.full(len(sheet), np.nan)
    if not (sheet.has("adverse") and sheet.has("favourable")):
        return nothing, nothing
    unit = np.where(kept, size, np.nan) * np.where(np.isnan(worth), 1.0, worth)
    adverse = np.abs(sheet.numbers("adverse", where=kept)) / unit
    favourable = np.abs(sheet.numbers("favourable", where=kept)) / unit
    low = entry - np.where(side > 0, adverse, favourable)
    return np.where(low > 0, low, np.nan), entry + np.where(side > 0, favourable, adverse)
