"""The tables of a MetaTrader 4 account statement: one row per closed or open order → whole trades.

Columns: ticket, open time, type, lots, item, price, stop, target, close time, price, commission, taxes, swap, profit.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from backend.importers.base import Skipped
from backend.importers.metatrader_values import bad_row, is_clock, moment, number
from backend.importers.parsing import clean_text
from backend.importers.progress import counted
from backend.importers.whole_trades import Leg, WholeTrade

_WIDTH = 14
_SIDES = {"buy": False, "sell": True}
_TRANSFERS = frozenset(("balance", "credit"))


def is_statement_row(row: Sequence[str]) -> bool:
    """Whether the row is an order or a transfer: ticket, time, type."""
    return len(row) >= 4 and row[0].isdigit() and is_clock(row[1]) and row[2].lower() in (*_SIDES, *_TRANSFERS)


def read_statement(
    rows: Sequence[Sequence[str]], zone: ZoneInfo
) -> tuple[list[WholeTrade], list[Skipped], dict[str, float]]:
    """The trades, what was left out, and as `initial_deposit` what was paid in before the first trade.

    Raises:
        ImportProblem: naming the row of the report.
    """
    trades: list[WholeTrade] = []
    skipped: list[Skipped] = []
    transfers: list[tuple[str, float]] = []
    refs: set[str] = set()
    for at, row in enumerate(counted(rows, "converting"), 1):
        if not is_statement_row(row):
            continue
        if row[2].lower() in _TRANSFERS:
            transfers.append((row[1], number(row[-1]) or 0.0))
        elif len(row) < _WIDTH:
            skipped.append(Skipped(at, "its order was cancelled or deleted"))
        elif row[0] in refs:
            skipped.append(Skipped(at, f"ticket {row[0][:20]} is listed twice"))
        else:
            refs.add(row[0])
            trades.append(_trade(row, at, zone))
    first = min((row[1] for row in rows if is_statement_row(row) and row[2].lower() in _SIDES), default="9999")
    deposit = sum(amount for when, amount in transfers if when <= first)
    return trades, skipped, {"initial_deposit": deposit} if deposit > 0 else {}


def _trade(row: Sequence[str], at: int, zone: ZoneInfo) -> WholeTrade:
    opened = moment(row[1], zone)
    if opened is None:
        raise bad_row(at, f"has the impossible time {row[1]!r}", "Open Time")
    lots, price = number(row[3]), number(row[5])
    if lots is None or lots <= 0 or price is None or price < 0:
        raise bad_row(at, "has no valid size and price", "Size")
    symbol = clean_text(row[4], 60)
    if symbol is None:
        raise bad_row(at, "names no item", "Item")
    entry = Leg(opened, lots, price)
    is_short = _SIDES[row[2].lower()]
    if not row[8]:
        return WholeTrade(row[0][:60], symbol, is_short, (entry,), None)
    closed, exit_price = moment(row[8], zone), number(row[9])
    if closed is None or exit_price is None or exit_price < 0:
        raise bad_row(at, "has no valid close time and price", "Close Time")
    amounts = [number(cell) if cell else 0.0 for cell in row[10:14]]
    if any(amount is None for amount in amounts):
        raise bad_row(at, "has a commission, tax, swap or profit that is no number", "Profit")
    commission, taxes, swap, profit = (amount or 0.0 for amount in amounts)
    fees = -(commission + taxes)
    return WholeTrade(
        ref=row[0][:60],
        symbol=symbol,
        is_short=is_short,
        entries=(Leg(opened, lots, price, fees=fees / 2),),
        exit=Leg(max(closed, opened), lots, exit_price, fees=fees / 2),
        net_pnl=profit + swap + commission + taxes,
        funding=-swap,
    )
