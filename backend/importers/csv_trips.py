"""A bound table of round trips → positions: an opening and a closing row a trade, by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from backend.importers.csv_fills import check_fill, fee_coins
from backend.importers.csv_sheet import NO_MOMENT, FloatArray, IntArray, Sheet, as_floats, as_stamps
from backend.importers.csv_stops import stops_of
from backend.importers.csv_words import LONG_SHORT, TRIP_SHORT_WORDS
from backend.importers.netting import BoolArray
from backend.importers.parsing import MAX_TEXT_CHARS
from backend.importers.position_columns import ACTIONS, PositionColumns, Same
from backend.importers.progress import Progress, tell

_OPEN: Final = ("open", "opened", "active")
_BUY, _SELL, _SHORT, _COVER, _ = range(len(ACTIONS))


def read_trips(sheet: Sheet, *, signed: bool = False) -> PositionColumns:
    """Two rows a trade, tied by `trade_ref`; one while it is open. Costs not given by side stand on the closing row.

    `signed`: the format has no side; the sign of the quantity says it.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    count = len(sheet.table.rows)
    tell(Progress("converting", 0, count))
    quantity = sheet.floats("quantity")
    short = _trip_sides(sheet, quantity, signed=signed)
    opened, closed = as_stamps(sheet.times("entry_time")), as_stamps(sheet.times("exit_time"))
    entry, exit_price = sheet.floats("entry_price"), sheet.floats("exit_price")
    stops = as_floats(stops_of(sheet, [None if x != x else x for x in entry.tolist()], Same(True, count)))  # noqa: PLR0124
    kept = _kept(sheet, quantity, entry, exit_price, opened, closed)
    is_open = (closed == NO_MOMENT) | np.isnan(exit_price)
    if "status" in sheet.bound:
        is_open |= np.isin(np.array(sheet.words("status"), dtype=object), list(_OPEN))
    source = np.repeat(kept, np.where(is_open[kept], 1, 2))
    closes = np.concatenate([[False], source[1:] == source[:-1]])[: len(source)]
    # What is of the whole trade stands on its last row.
    last = closes | is_open[source]
    fees, funding = sheet.all_costs(), as_floats(sheet.funding())
    own = np.where(closes, as_floats(sheet.costs("exit_fees"))[source], as_floats(sheet.costs("entry_fees"))[source])
    numbers: dict[str, FloatArray] = {
        "quantity": np.abs(quantity)[source],
        "price": np.where(closes, exit_price[source], entry[source]),
        "fees": own + np.where(last, fees[source], 0.0),
        "funding": np.where(last, funding[source], 0.0),
        "stop_price": np.where(closes, np.nan, stops[source]),
    }
    for name, column in (("realized_pnl", "pnl"), ("low_price", "low_price"), ("high_price", "high_price")):
        numbers[name] = np.where(closes, sheet.floats(column)[source], np.nan)
    for name in ("leverage", "multiplier"):
        values = sheet.evidence(name)
        if values is not None and bool((values[np.isfinite(values)] > 0).all()):
            numbers[name] = values[source]
    short_row = short[source]
    rows = PositionColumns.of_arrays(
        np.where(closes, closed[source], opened[source]),
        np.where(closes, np.where(short_row, _COVER, _SELL), np.where(short_row, _SHORT, _BUY)),
        _repeated([symbol or "" for symbol in sheet.labels("symbol", 60)], source),
        numbers,
        _texts(sheet, source, closes),
    )
    tell(Progress("converting", count, count))
    return rows


def _kept(
    sheet: Sheet, quantity: FloatArray, entry: FloatArray, exit_price: FloatArray, opened: IntArray, closed: IntArray
) -> IntArray:
    """Which rows are read. The first row that can't be is refused, as if the rows were read one by one."""
    empty = quantity == 0
    symbols = sheet.labels("symbol", 60)
    nameless = (
        np.array([symbol is None for symbol in symbols]) if None in symbols else np.zeros(len(quantity), dtype=bool)
    )
    backward = (closed != NO_MOMENT) & (closed < opened)
    bad = ~empty & (
        nameless | np.isnan(quantity) | ~(entry >= 0) | (opened == NO_MOMENT) | backward | (exit_price < 0)
    )  # fmt: skip
    for at in np.flatnonzero(empty).tolist():
        sheet.skip(at, "its quantity is zero")
    if bad.any():
        at = int(np.argmax(bad))
        check_fill(sheet, at, symbols[at], float(quantity[at]), float(entry[at]))
        if opened[at] == NO_MOMENT:
            raise sheet.bad(at, "entry_time", "the entry time is missing")
        if backward[at]:
            raise sheet.bad(at, "exit_time", "the trade closes before it opens")
        raise sheet.bad(at, "exit_price", "the price is below zero")
    return np.flatnonzero(~empty)


def _texts(sheet: Sheet, source: IntArray, closes: BoolArray) -> dict[str, Sequence[Any]]:
    tags, reasons = sheet.labels("tag"), sheet.labels("reasoning", MAX_TEXT_CHARS)
    entry_tags, entry_reasons = sheet.labels("entry_tag"), sheet.labels("entry_reasoning", MAX_TEXT_CHARS)
    texts: dict[str, Sequence[Any]] = {"trade_ref": _repeated(_references(sheet), source)}
    opening_tag = [own or every for own, every in zip(entry_tags, tags, strict=True)]
    opening_reason = [own or every for own, every in zip(entry_reasons, reasons, strict=True)]
    texts["tag"] = _by_side(opening_tag, sheet.labels("exit_tag"), source, closes)
    texts["reasoning"] = _by_side(opening_reason, sheet.labels("exit_reasoning", MAX_TEXT_CHARS), source, closes)
    texts["account"] = _repeated(sheet.labels("account"), source)
    texts["fee_currency"] = _repeated(fee_coins(sheet), source)
    return texts


def _by_side(opening: Sequence[Any], closing: Sequence[Any], source: IntArray, closes: BoolArray) -> list[Any]:
    return [
        closing[at] if is_closing else opening[at]
        for at, is_closing in zip(source.tolist(), closes.tolist(), strict=True)
    ]


def _repeated(values: Sequence[Any], source: IntArray) -> list[Any]:
    listed = list(values)
    return [listed[at] for at in source.tolist()]


def _references(sheet: Sheet) -> Sequence[str | None]:
    """The file's own trade ids where each row has another; else the rows' numbers."""
    for name in ("trade_ref", "trade_id"):
        labels = sheet.labels(name, 60)
        given = [label for label in labels if label is not None]
        if len(given) == len(labels) and len(set(given)) == len(given):
            return given
    return [str(number) for number in range(1, len(sheet.table.rows) + 1)]


def _trip_sides(sheet: Sheet, quantity: FloatArray, *, signed: bool) -> BoolArray:
    """Per trade, whether it is short: by the side's word, else by the sign of the quantity, else long."""
    if "side" in sheet.bound:
        words = np.array(sheet.words("side"), dtype=object)
        wrong = np.flatnonzero(~np.isin(words, list(LONG_SHORT)))
        if len(wrong):
            at = int(wrong[0])
            raise sheet.bad(at, "side", f"{words[at][:40]!r} is no side; use long or short")
        return np.isin(words, list(TRIP_SHORT_WORDS))
    shorts: BoolArray = quantity < 0
    if not signed and not shorts.any():
        sheet.warnings.append("The table has no side column; all trades were read as long.")
    return shorts
