"""A bound table of fills → positions: one row, one action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backend.importers.base import Action, ImportProblem
from backend.importers.csv_sheet import Sheet
from backend.importers.csv_stops import stops_of
from backend.importers.parsing import MAX_TEXT_CHARS, clean_text
from backend.importers.position_columns import PositionColumns
from backend.importers.progress import counted

_ACTIONS: Final[Mapping[str, Action]] = {
    **dict.fromkeys(("buy", "b", "bot", "bought", "bto", "buy to open", "open long", "enter long", "long"), "buy"),
    **dict.fromkeys(("sell", "s", "sld", "sold", "stc", "sell to close", "close long", "exit long"), "sell"),
    **dict.fromkeys(("short", "sell short", "ss", "sto", "sell to open", "open short", "enter short"), "short"),
    **dict.fromkeys(("cover", "buy to cover", "btc", "buy to close", "close short", "exit short"), "cover"),
    **dict.fromkeys(("hold", "no trade", "none"), "hold"),
}
_DONE = frozenset(
    ("", "filled", "fill", "closed", "done", "complete", "completed", "executed", "partially filled", "3")
)


def read_fills(sheet: Sheet, *, signed: bool = False) -> PositionColumns:
    """One row, one action, in the file's order; unfilled orders and empty quantities are left out and noted.

    `signed`: the format has no side; the sign of the quantity says it.

    Raises:
        ImportProblem: `bad_value` with line and column, or `missing_columns` when sides can't be told.
    """
    quantities = sheet.numbers("quantity")
    actions = _fill_actions(sheet, quantities, signed=signed)
    times, prices, symbols = sheet.times("time"), sheet.numbers("price"), sheet.labels("symbol", 60)
    fees, funding, profits = sheet.costs("fees"), sheet.funding(), sheet.numbers("pnl")
    cash, equity, refs = sheet.numbers("cash"), sheet.numbers("equity"), sheet.labels("trade_ref")
    tags, reasons = sheet.labels("tag"), sheet.labels("reasoning", MAX_TEXT_CHARS)
    stops = stops_of(sheet, prices, [action in ("buy", "short") for action in actions])
    states = sheet.words("status")
    rows = PositionColumns()
    for at, action in enumerate(counted(actions, "converting")):
        if states[at] not in _DONE:
            sheet.skip(at, f"its status is {clean_text(states[at], 40)!r}, so it was not filled")
            continue
        moment, quantity, price, symbol = times[at], quantities[at], prices[at], symbols[at]
        if moment is None:
            raise sheet.bad(at, "time", "the time is missing")
        if action == "hold":
            quantity = None
        elif quantity == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        else:
            check_fill(sheet, at, symbol, quantity, price)
        rows.add(
            moment,
            action,
            symbol or "",
            {
                "quantity": None if quantity is None else abs(quantity),
                "price": None if price is None else abs(price),
                "fees": fees[at],
                "funding": funding[at],
                "realized_pnl": profits[at],
                "stop_price": stops[at],
                "cash": cash[at],
                "equity": equity[at],
            },
            {"trade_ref": refs[at], "tag": tags[at], "reasoning": reasons[at]},
        )
    return rows


def check_fill(sheet: Sheet, at: int, symbol: str | None, quantity: float | None, price: float | None) -> None:
    """Refuse a row that lacks what every fill has.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    if symbol is None:
        raise sheet.bad(at, "symbol", "the symbol is missing")
    if quantity is None:
        raise sheet.bad(at, "quantity", "the quantity is missing")
    if price is None or price < 0:
        raise sheet.bad(at, "price", "the price is missing" if price is None else "the price is below zero")


def _fill_actions(sheet: Sheet, quantities: Sequence[float | None], *, signed: bool = False) -> list[Action]:
    """The side column's words; without one, the sign of the quantity."""
    words = sheet.words("side")
    known = [_ACTIONS.get(word) for word in words]
    signed = signed or any(quantity is not None and quantity < 0 for quantity in quantities)
    if "side" in sheet.bound and (any(known) or not signed):
        for at, action in enumerate(known):
            if action is None:
                raise sheet.bad(at, "side", f"{words[at][:40]!r} is no action; use buy, sell, short, cover or hold")
        return [action for action in known if action is not None]
    if "side" in sheet.bound:
        sheet.warnings.append(f"Column {sheet.header('side')!r} holds no action; the sign of the quantity was taken.")
    elif not signed:
        raise ImportProblem(
            "The table has neither a side column nor a negative quantity, so buys and sells can't be told apart. "
            "Add a column 'side' with buy and sell, or sign the quantities.",
            column=sheet.header("quantity"),
            code="missing_columns",
        )
    return ["sell" if quantity is not None and quantity < 0 else "buy" for quantity in quantities]
