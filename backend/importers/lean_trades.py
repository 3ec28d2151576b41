"""LEAN's closed trades and orders → position rows.

`profitLoss` of a closed trade is in the account's currency and before `totalFees`; `mae` and `mfe` are money, before
fees. An order's `quantity` is signed; its `price` is the average fill, in the currency of the quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from backend.importers.base import ImportedPosition, ImportProblem, Skipped
from backend.importers.lean_fields import entry, number, text
from backend.importers.netting import net_fills, signed_fill
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, to_utc, zone_of
from backend.importers.progress import counted
from backend.importers.whole_trades import Leg, WholeTrade

_FILLED: Final = frozenset((3, "3", "filled"))
_STATES: Final = {
    0: "new", 1: "submitted", 2: "partially filled", 5: "canceled", 6: "none", 7: "invalid", 8: "cancel pending",
    9: "update submitted",
}  # fmt: skip
_OPTION_TYPES: Final = frozenset((2, 9, "option", "indexoption"))
_FUTURE_TYPES: Final = frozenset((5, 8, "future", "futureoption"))
_OPTION_MULTIPLIER = 100.0
_DUST = 1e-9


def read_closed_trades(records: Sequence[Any], orders: Sequence[Mapping[str, Any]]) -> list[WholeTrade]:
    """Each closed trade whole, with the tags of its first and last order where the file says which they are.

    Raises:
        ImportProblem: `bad_value` naming the trade.
    """
    check_rows(2 * len(records))
    tags = {
        identifier: tag
        for order in orders
        if isinstance(identifier := entry(order, "id"), int) and (tag := _tag(order)) is not None
    }
    return [_closed_trade(record, at, tags) for at, record in enumerate(counted(records, "reading"), 1)]


def still_open(closed: Sequence[WholeTrade], orders: Sequence[Mapping[str, Any]]) -> list[WholeTrade]:
    """What the filled orders leave open: per symbol, the newest fills that make up the quantity left."""
    fills: dict[str, list[tuple[datetime, float, float, str | None]]] = {}
    for order in orders:
        ts, price, quantity = _filled_at(order), number(order, "price"), number(order, "quantity")
        if _state(order) in _FILLED and ts is not None and price is not None and price >= 0 and quantity:
            fills.setdefault(symbol_of(order) or "", []).append((ts, price, quantity, _tag(order)))
    found = []
    for symbol in {trade.symbol for trade in closed} | set(fills):
        of_symbol = sorted(fills.get(symbol, []), key=lambda fill: fill[0])
        left = sum(fill[2] for fill in of_symbol)
        largest = max((abs(fill[2]) for fill in of_symbol), default=0.0)
        if not symbol or abs(left) <= _DUST * max(largest, 1.0):
            continue
        legs = []
        needed = abs(left)
        for ts, price, quantity, tag in reversed(of_symbol):
            if quantity * left > 0 and needed > _DUST * largest:
                legs.append(Leg(ts, min(needed, abs(quantity)), price, tag=tag))
                needed -= legs[-1].quantity
        found.append(WholeTrade(f"{symbol} open", symbol, left < 0, tuple(reversed(legs)), None))
    return sorted(found, key=lambda trade: trade.entries[0].ts)


def read_orders(
    orders: Sequence[Mapping[str, Any]], currency: str | None
) -> tuple[list[ImportedPosition], dict[str, float], list[Skipped], list[str]]:
    """Rows of the filled orders, multipliers of options, what was left out, what to say.

    Raises:
        ImportProblem: `bad_value` naming the order.
    """
    skipped: list[Skipped] = []
    fills: list[tuple[ImportedPosition, float]] = []
    multipliers: dict[str, float] = {}
    futures: set[str] = set()
    quotes: set[str] = set()
    for at, order in enumerate(counted(orders, "reading"), 1):
        state = _state(order)
        if state not in _FILLED:
            skipped.append(Skipped(at, f"the order is {_STATES.get(state, clean_text(str(state)[:40]))}, not filled"))
            continue
        row, signed = _order_row(order, at)
        kind = _kind(order)
        if kind in _OPTION_TYPES:
            multipliers[row.symbol] = _OPTION_MULTIPLIER
        elif kind in _FUTURE_TYPES:
            futures.add(row.symbol)
        quotes.add(clean_text(text(order, "priceCurrency"), 12) or currency or "")
        fills.append((row, signed))
    check_rows(2 * len(fills))
    fills.sort(key=lambda fill: fill[0].ts)
    rows = net_fills(signed_fill(fill, signed) for fill, signed in fills)
    warnings = ["Orders carry no fees: the run's P&L is before costs."] if rows else []
    if futures:
        warnings.append(
            f"The file does not say what a point of {', '.join(sorted(futures)[:5])} is worth; 1 was taken. "
            "Profits of futures are too small."
        )
    if len(quotes) > 1:
        warnings.append(
            f"Prices are in several currencies ({', '.join(sorted(quotes)[:6])}) and are not converted: totals mix "
            "them."
        )
    return rows, multipliers, skipped, warnings


def symbol_of(record: Mapping[str, Any]) -> str | None:
    """The ticker: of `symbol`, or of the first of `symbols`; blanks within an option's ticker become one."""
    found = entry(record, "symbol")
    several = entry(record, "symbols")
    if found is None and isinstance(several, list) and several:
        found = several[0]
    if isinstance(found, dict):
        found = entry(found, "value") or entry(found, "permtick") or entry(found, "ID") or entry(found, "id")
    return clean_text(" ".join(found.split()), 60) if isinstance(found, str) else None


def _closed_trade(record: Any, at: int, tags: Mapping[int, str]) -> WholeTrade:
    if not isinstance(record, dict):
        raise _bad("Trade", at, "is not an object")
    symbol = symbol_of(record)
    if symbol is None:
        raise _bad("Trade", at, "names no symbol", "symbol")
    opened, closed = _moment(record, "entryTime"), _moment(record, "exitTime")
    if opened is None or closed is None or closed < opened:
        raise _bad("Trade", at, "has no valid entry and exit time", "entryTime")
    quantity = _required(record, "quantity", at)
    if quantity == 0:
        raise _bad("Trade", at, "has the quantity zero", "quantity")
    entry_price, exit_price = _price(record, "entryPrice", at), _price(record, "exitPrice", at)
    profit = _required(record, "profitLoss", at)
    fees = number(record, "totalFees") or 0.0
    mae, mfe = number(record, "mae"), number(record, "mfe")
    if mae is None:
        mae, mfe = number(record, "MAE"), number(record, "MFE")
    direction, first_tag, last_tag = entry(record, "direction"), *_order_tags(record, tags)
    return WholeTrade(
        ref=str(at),
        symbol=symbol,
        is_short=direction in (1, "1", "short", "Short", "sell", "Sell"),
        entries=(Leg(opened, abs(quantity), entry_price, fees=fees / 2, tag=first_tag),),
        exit=Leg(closed, abs(quantity), exit_price, fees=fees / 2, tag=last_tag),
        net_pnl=profit - fees,
        adverse=None if mae is None else max(0.0, -mae),
        favourable=None if mfe is None else max(0.0, mfe),
    )


def _order_tags(record: Mapping[str, Any], tags: Mapping[int, str]) -> tuple[str | None, str | None]:
    found = entry(record, "orderIds")
    ids = [identifier for identifier in found if isinstance(identifier, int)] if isinstance(found, list) else []
    return (tags.get(ids[0]), tags.get(ids[-1])) if len(ids) > 1 else (None, None)


def _order_row(order: Mapping[str, Any], at: int) -> tuple[ImportedPosition, float]:
    ts, symbol = _filled_at(order), symbol_of(order)
    price, quantity = number(order, "price"), number(order, "quantity")
    if ts is None:
        raise _bad("Order", at, "has no valid time", "time")
    if symbol is None:
        raise _bad("Order", at, "names no symbol", "symbol")
    if price is None or price < 0:
        raise _bad("Order", at, "has no valid price", "price")
    if quantity is None or quantity == 0:
        raise _bad("Order", at, "has no quantity", "quantity")
    row = ImportedPosition(ts=ts, action="buy", symbol=symbol, quantity=abs(quantity), price=price, tag=_tag(order))
    return row, quantity


def _state(order: Mapping[str, Any]) -> Any:
    state = entry(order, "status")
    if isinstance(state, str):
        return state.strip().lower()
    return state if isinstance(state, int) else None


def _kind(order: Mapping[str, Any]) -> Any:
    kind = entry(order, "securityType")
    if isinstance(kind, str):
        return kind.lower()
    return kind if isinstance(kind, int) else None


def _tag(order: Mapping[str, Any]) -> str | None:
    return clean_text(text(order, "tag"), MAX_LABEL_CHARS)


def _filled_at(order: Mapping[str, Any]) -> datetime | None:
    return _moment(order, "lastFillTime") or _moment(order, "time")


def _moment(record: Mapping[str, Any], key: str) -> datetime | None:
    stamp = text(record, key)
    try:
        return to_utc(datetime.fromisoformat(stamp), zone_of("UTC")) if stamp else None
    except ValueError:
        return None


def _required(record: Mapping[str, Any], key: str, at: int) -> float:
    value = number(record, key)
    if value is None:
        raise _bad("Trade", at, f"has no {key} that is a finite number", key)
    return value


def _price(record: Mapping[str, Any], key: str, at: int) -> float:
    value = _required(record, key, at)
    if value < 0:
        raise _bad("Trade", at, f"has the {key} {value:g}, below zero", key)
    return value


def _bad(what: str, at: int, why: str, column: str | None = None) -> ImportProblem:
    return ImportProblem(
        f"{what} {at} {why}. Export the backtest again from LEAN.", line=at, column=column, code="bad_value"
    )
