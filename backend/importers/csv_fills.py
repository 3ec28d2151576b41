"""A bound table of fills → positions: one row, one action, by columns. Payments, income and splits among them too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from backend.importers.base import Flow, ImportProblem, Netting, OpenClose, Split
from backend.importers.csv_cash import CashRows, read_cash_rows
from backend.importers.csv_sheet import NO_MOMENT, FloatArray, Sheet, as_floats, as_stamps
from backend.importers.csv_stops import stops_of
from backend.importers.csv_words import (
    ACTION_WORDS,
    CASH_WORDS,
    COVER_WORDS,
    OPEN_CLOSE,
    PLAIN_WORDS,
    SHORT_WORDS,
    TOLD_WORDS,
)
from backend.importers.parsing import MAX_TEXT_CHARS, clean_text
from backend.importers.position_columns import ACTIONS, PositionColumns
from backend.importers.progress import Progress, tell

_CODES: Final = {action: code for code, action in enumerate(ACTIONS)}
_BUY, _SELL, _SHORT, _COVER, _HOLD = (_CODES[action] for action in ACTIONS)
# Rows that are no fills stand apart until they are read as what they are.
_CASH = len(ACTIONS)
_DONE = frozenset(
    ("", "filled", "fill", "closed", "done", "complete", "completed", "executed", "partially filled", "3")
)
_EVIDENCE: Final = ("cash", "equity", "leverage", "multiplier", "amount", "cash_change", "position_after")


@dataclass(slots=True)
class TableFills:
    """A table's rows in the file's order, how its buys and sells are to be netted, and what moved money beside."""

    rows: PositionColumns
    netting: Netting = "signed"
    flows: Sequence[Flow] = ()
    splits: Sequence[Split] = ()
    unread: list[str] = field(default_factory=list)


def read_fills(sheet: Sheet, *, signed: bool = False) -> PositionColumns:
    """One row, one action, in the file's order; unfilled orders and empty quantities are left out and noted.

    `signed`: the format has no side; the sign of the quantity says it.

    Raises:
        ImportProblem: `bad_value` with line and column, or `missing_columns` when sides can't be told.
    """
    return read_table_fills(sheet, signed=signed).rows


def read_table_fills(sheet: Sheet, *, signed: bool = False) -> TableFills:
    """As `read_fills`, with how the rows are to be netted and what else the table holds."""
    count = len(sheet.table.rows)
    tell(Progress("converting", 0, count))
    quantity = sheet.floats("quantity")
    codes, words = _actions(sheet, quantity, signed=signed)
    stamps, price = as_stamps(sheet.times("time")), sheet.floats("price")
    kept = _kept(sheet, codes, stamps, quantity, price)
    cash = read_cash_rows(sheet, np.flatnonzero(kept & (codes == _CASH)), words, stamps, quantity)
    at = np.flatnonzero(kept & ((codes != _CASH) | cash.is_row))
    codes = np.where(cash.is_row, _HOLD, codes)
    fees = sheet.all_costs()
    numbers: dict[str, FloatArray] = {
        "quantity": np.where(codes == _HOLD, np.nan, np.abs(quantity)),
        "price": np.where(cash.is_row, np.nan, np.abs(price)),
        "fees": np.where(cash.is_row, 0.0, fees),
        "funding": np.where(cash.is_row, cash.cost, as_floats(sheet.funding())),
        "realized_pnl": np.where(cash.is_row, np.nan, sheet.floats("pnl")),
        "stop_price": as_floats(stops_of(sheet, _optional(price), ((codes == _BUY) | (codes == _SHORT)).tolist())),
    }
    unread = []
    for name in _EVIDENCE:
        values = sheet.evidence(name)
        if values is not None and (
            name not in ("leverage", "multiplier") or bool((values[np.isfinite(values)] > 0).all())
        ):
            numbers[name] = np.abs(values) if name == "leverage" else values
        elif name in sheet.bound:
            unread.append(name)
    texts = _texts(sheet, cash)
    netting, codes = _vocabulary(set(words[codes != _HOLD].tolist()), codes)
    rows = PositionColumns.of_arrays(
        stamps[at],
        codes[at],
        [label or "" for label in _taken(_symbols(sheet), at)],
        {name: values[at] for name, values in numbers.items()},
        {name: _taken(values, at) for name, values in texts.items()},
    )
    tell(Progress("converting", count, count))
    return TableFills(rows, netting, cash.flows, cash.splits, unread)


def check_fill(sheet: Sheet, at: int, symbol: str | None, quantity: float | None, price: float | None) -> None:
    """Refuse a row that lacks what every fill has.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    if symbol is None:
        raise sheet.bad(at, "symbol", "the symbol is missing")
    if quantity is None or quantity != quantity:  # noqa: PLR0124 - NaN alone differs from itself
        raise sheet.bad(at, "quantity", "the quantity is missing")
    if price is None or not price >= 0:
        raise sheet.bad(
            at, "price", "the price is below zero" if price is not None and price < 0 else "the price is missing"
        )


def _kept(sheet: Sheet, codes: Any, stamps: Any, quantity: FloatArray, price: FloatArray) -> Any:
    """Which rows are read. The first row that can't be is refused, as if the rows were read one by one."""
    states = np.array(sheet.words("status"), dtype=object)
    undone = ~np.isin(states, list(_DONE)) if "status" in sheet.bound else np.zeros(len(codes), dtype=np.bool_)
    fills = ~undone & (codes != _HOLD) & (codes != _CASH)
    empty = fills & (quantity == 0)
    fills &= ~empty
    symbols = sheet.labels("symbol", 60)
    nameless = np.array([symbol is None for symbol in symbols]) if None in symbols else np.zeros(len(codes), dtype=bool)
    bad = (~undone & (stamps == NO_MOMENT)) | (fills & (nameless | np.isnan(quantity) | ~(price >= 0)))
    first = int(np.argmax(bad)) if bad.any() else len(codes)
    for at in np.flatnonzero(undone | empty).tolist():
        if undone[at]:
            sheet.skip(at, f"its status is {clean_text(states[at], 40)!r}, so it was not filled")
        else:
            sheet.skip(at, "its quantity is zero")
    if first < len(codes):
        if stamps[first] == NO_MOMENT:
            raise sheet.bad(first, "time", "the time is missing")
        check_fill(sheet, first, symbols[first], float(quantity[first]), float(price[first]))
    return ~(undone | empty)


def _actions(sheet: Sheet, quantity: FloatArray, *, signed: bool) -> tuple[Any, Any]:
    """The action of each row and its word: the side column's, without one the sign of the quantity."""
    words = np.array(sheet.words("side"), dtype=object)
    signed = signed or bool((quantity < 0).any())
    by_sign = np.where(quantity < 0, _SELL, _BUY)
    if "side" in sheet.bound:
        known = {word: _CODES[action] for word, action in ACTION_WORDS.items()}
        cash = dict.fromkeys(CASH_WORDS, _CASH)
        codes = np.array([known.get(word, cash.get(word, -1)) for word in words], dtype=np.int64)
        if (codes >= 0).any() or not signed:
            wrong = np.flatnonzero(codes < 0)
            if len(wrong):
                at = int(wrong[0])
                raise sheet.bad(at, "side", f"{words[at][:40]!r} is no action; use buy, sell, short, cover or hold")
            return codes, words
        sheet.warnings.append(f"Column {sheet.header('side')!r} holds no action; the sign of the quantity was taken.")
    elif not signed:
        raise ImportProblem(
            "The table has neither a side column nor a negative quantity, so buys and sells can't be told apart. "
            "Add a column 'side' with buy and sell, or sign the quantities.",
            column=sheet.header("quantity"),
            code="missing_columns",
        )
    return by_sign, np.where(by_sign == _SELL, "sell", "buy").astype(object)


def _vocabulary(words: set[str], codes: Any) -> tuple[Netting, Any]:
    """How the table's words are to be netted.

    One that says shorts and covers means what it says. One that has a word for only one of them gives the direction
    alone: its "short" is a sale and its "cover" a purchase.
    """
    shorts, covers = bool(words & SHORT_WORDS), bool(words & COVER_WORDS)
    if shorts and covers:
        return "done", codes
    if shorts or covers:
        told = words & (ACTION_WORDS.keys() - PLAIN_WORDS - SHORT_WORDS - COVER_WORDS)
        if not told:
            return "signed", np.where(codes == _SHORT, _SELL, np.where(codes == _COVER, _BUY, codes))
    return "signed", codes


def _symbols(sheet: Sheet) -> Sequence[str | None]:
    """The symbols, with expiry, strike and kind of option behind them where those have columns of their own."""
    symbols = sheet.labels("symbol", 60)
    if not {"expiry", "strike"} <= sheet.bound.keys():
        return symbols
    parts = [sheet.labels(name, 20) for name in ("expiry", "strike", "option_type")]
    return [
        symbol
        if symbol is None or not (expiry and strike)
        else clean_text(f"{symbol} {expiry} {strike} {kind or ''}", 60)
        for symbol, expiry, strike, kind in zip(symbols, *parts, strict=True)
    ]


def _texts(sheet: Sheet, cash: CashRows) -> dict[str, Sequence[Any]]:
    texts: dict[str, Sequence[Any]] = {
        "trade_ref": sheet.labels("trade_ref"),
        "tag": sheet.labels("tag"),
        "reasoning": sheet.labels("reasoning", MAX_TEXT_CHARS),
        "account": sheet.labels("account"),
        "fee_currency": fee_coins(sheet),
        "open_close": _said(sheet),
    }
    if cash.is_row.any():
        own = sheet.words("side")
        texts["tag"] = [own[at] if cash.is_row[at] else tag for at, tag in enumerate(texts["tag"])]
    return texts


def _said(sheet: Sheet) -> Sequence[OpenClose | None]:
    """Whether each row opens or closes: by a column of its own, else by the side's words."""
    if "open_close" in sheet.bound:
        return [OPEN_CLOSE.get(word) for word in sheet.words("open_close")]
    return [TOLD_WORDS.get(word) for word in sheet.words("side")]


def fee_coins(sheet: Sheet) -> Sequence[str | None]:
    """The coin of each row's fees, as a column or the cells' own units say it."""
    if "fee_currency" in sheet.bound:
        return [coin.upper() if coin else None for coin in sheet.labels("fee_currency", 12)]
    named = sheet.units("fees")
    return named if named is not None else sheet.labels("fee_currency", 12)


def _taken(values: Sequence[Any], at: Any) -> list[Any]:
    listed = list(values)
    return listed if len(at) == len(listed) else [listed[place] for place in at.tolist()]


def _optional(values: FloatArray) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN alone differs
