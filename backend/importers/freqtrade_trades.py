"""One freqtrade trade → its position rows.

freqtrade's own arithmetic: `amount` already includes leverage; a fee is `rate × amount × fee ratio` on each side;
`profit_abs` is net of both fees and includes `funding_fees`, which are positive when received. In `positions`, costs
are positive, so `funding` is the negative of that. Results before 2025 leave `funding_fees` out of each trade although
`profit_abs` includes them; on a futures trade that was open over a full hour (when exchanges settle funding) what
remains of `profit_abs` after prices and fees is that funding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from backend.importers.base import Action, ImportedPosition, ImportProblem
from backend.importers.parsing import MAX_LABEL_CHARS, clean_text, finite, from_epoch, stop_level, to_utc, zone_of

_HOUR = 3600.0
# The source rounds money to eight decimals; the second term is what floats lose on large positions.
_ROUNDING, _RELATIVE_ROUNDING = 1e-7, 1e-10
_AMOUNT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class ReadTrade:
    """A trade's rows; `profit` as stated (None while open), `implied_funding` where the file left it out.

    `residual` is what prices, fees and funding leave unexplained of `profit`, in stake currency.
    """

    rows: Sequence[ImportedPosition]
    profit: float | None
    implied_funding: float
    residual: float
    orders_ignored: bool


@dataclass(frozen=True, slots=True)
class _Fill:
    """One filled order; `is_entry` opens or adds, else it reduces."""

    ts: datetime
    is_entry: bool
    quantity: float
    price: float
    tag: str | None


@dataclass(frozen=True, slots=True)
class _Trade:
    pair: str
    is_short: bool
    amount: float
    open_rate: float
    close_rate: float | None
    opened_at: datetime
    closed_at: datetime | None
    fee_open: float
    fee_close: float
    funding_fees: float | None
    profit: float | None
    enter_tag: str | None
    exit_reason: str | None
    leverage: float | None


def read_trade(record: object, number: int, *, is_futures: bool) -> ReadTrade:
    """Rows of one record of `trades`; `number` counts from 1 and names the trade in errors and as `trade_ref`.

    Raises:
        ImportProblem: `bad_value`, naming the trade and the field.
    """
    if not isinstance(record, dict):
        raise _bad(number, "is not an object")
    trade = _parse(record, number)
    fills, ignored = _fills(record, trade)
    rows = [_row(fill, trade, number) for fill in fills]
    rows[0] = replace(
        rows[0],
        stop_price=stop_level(finite(record.get("initial_stop_loss_abs"))),
        leverage=_leverage(record, is_futures=is_futures),
    )
    residual, implied = 0.0, 0.0
    funding = -(trade.funding_fees or 0.0)
    if trade.profit is not None and trade.closed_at is not None:
        residual = _net_of_fees(fills, trade) - funding - trade.profit
        if abs(residual) <= _ROUNDING + _RELATIVE_ROUNDING * trade.amount * trade.open_rate:
            residual = 0.0
        elif trade.funding_fees is None and is_futures and _spans_full_hour(trade.opened_at, trade.closed_at):
            implied, residual = residual, 0.0
    last = replace(
        rows[-1],
        funding=funding + implied,
        realized_pnl=trade.profit if trade.closed_at is not None else None,
        low_price=_rate(record, "min_rate", number) if trade.closed_at is not None else None,
        high_price=_rate(record, "max_rate", number) if trade.closed_at is not None else None,
    )
    return ReadTrade([*rows[:-1], last], last.realized_pnl, implied, residual, ignored)


def _leverage(record: Mapping[str, Any], *, is_futures: bool) -> float | None:
    """The leverage stated; on spot the file says 1 of every trade, which says nothing."""
    stated = finite(record.get("leverage"))
    return stated if stated is not None and stated > 0 and (is_futures or stated != 1) else None


def _parse(record: Mapping[str, Any], number: int) -> _Trade:
    pair = clean_text(record.get("pair"), 60)
    if pair is None:
        raise _bad(number, "names no pair", "pair")
    is_open = bool(record.get("is_open") or record.get("open_at_end")) and record.get("close_date") is None
    opened_at = _moment(record, "open", number)
    closed_at = None if is_open else _moment(record, "close", number)
    if closed_at is not None and closed_at < opened_at:
        raise _bad(number, "closes before it opens", "close_date")
    profit = None if is_open else finite(record.get("profit_abs"))
    if profit is None and not is_open:
        raise _bad(number, "states no profit_abs that is a finite number", "profit_abs")
    return _Trade(
        pair=pair,
        is_short=record.get("is_short") is True,
        amount=_positive(record, "amount", number),
        open_rate=_positive(record, "open_rate", number),
        close_rate=None if is_open else _number(record, "close_rate", number),
        opened_at=opened_at,
        closed_at=closed_at,
        fee_open=_number(record, "fee_open", number, default=0.0),
        fee_close=_number(record, "fee_close", number, default=0.0),
        funding_fees=None if record.get("funding_fees") is None else _number(record, "funding_fees", number),
        profit=profit,
        enter_tag=clean_text(record.get("enter_tag") or record.get("buy_tag"), MAX_LABEL_CHARS),
        exit_reason=clean_text(record.get("exit_reason") or record.get("sell_reason"), MAX_LABEL_CHARS),
        leverage=finite(record.get("leverage")) or None,
    )


def _fills(record: Mapping[str, Any], trade: _Trade) -> tuple[list[_Fill], bool]:
    """The filled orders in order of time; one entry and one exit when the orders don't tell the whole trade.

    The second value says that there were more orders than that, and that they were not used.
    """
    whole = [_Fill(trade.opened_at, True, trade.amount, trade.open_rate, trade.enter_tag)]
    if trade.closed_at is not None and trade.close_rate is not None:
        whole.append(_Fill(trade.closed_at, False, trade.amount, trade.close_rate, trade.exit_reason))
    orders = record.get("orders")
    if not isinstance(orders, list) or len(orders) <= len(whole):
        return whole, False
    fills = [fill for order in orders if (fill := _fill(order, trade)) is not None]
    fills.sort(key=lambda fill: fill.ts)
    entered = sum(fill.quantity for fill in fills if fill.is_entry)
    left = entered - sum(fill.quantity for fill in fills if not fill.is_entry)
    expected = 0.0 if trade.closed_at is not None else trade.amount
    if not fills or not fills[0].is_entry or abs(left - expected) > _AMOUNT_TOLERANCE * max(entered, trade.amount):
        return whole, len(fills) != len(whole)
    if trade.closed_at is not None:
        fills[-1] = replace(fills[-1], tag=trade.exit_reason or fills[-1].tag)
    return fills, False


def _fill(order: object, trade: _Trade) -> _Fill | None:
    """A filled order, None for one that was not filled or that states no price."""
    if not isinstance(order, dict) or order.get("order_filled_timestamp") is None:
        return None
    stamp, quantity = finite(order["order_filled_timestamp"]), finite(order.get("filled") or order.get("amount"))
    price = finite(order.get("safe_price") or order.get("average") or order.get("price"))
    ts = None if stamp is None else from_epoch(stamp)
    if ts is None or quantity is None or price is None or quantity <= 0 or price <= 0:
        return None
    is_entry = order.get("ft_is_entry")
    if not isinstance(is_entry, bool):
        is_entry = order.get("ft_order_side") == ("sell" if trade.is_short else "buy")
    tag = clean_text(order.get("ft_order_tag"), MAX_LABEL_CHARS)
    return _Fill(ts, is_entry, quantity, price, tag or (trade.enter_tag if is_entry else trade.exit_reason))


def _row(fill: _Fill, trade: _Trade, number: int) -> ImportedPosition:
    fee_ratio = trade.fee_open if fill.is_entry else trade.fee_close
    opening: Action = "short" if trade.is_short else "buy"
    closing: Action = "cover" if trade.is_short else "sell"
    return ImportedPosition(
        ts=fill.ts,
        action=opening if fill.is_entry else closing,
        symbol=trade.pair,
        quantity=fill.quantity,
        price=fill.price,
        fees=fill.quantity * fill.price * fee_ratio,
        trade_ref=str(number),
        tag=fill.tag,
        leverage=trade.leverage if fill.is_entry and (trade.leverage or 0) > 0 else None,
    )


def _net_of_fees(fills: Sequence[_Fill], trade: _Trade) -> float:
    """What came in less what went out, fees of both sides deducted, in stake currency."""
    entry_sign = 1 if trade.is_short else -1
    total = 0.0
    for fill in fills:
        value = fill.quantity * fill.price
        total += (entry_sign if fill.is_entry else -entry_sign) * value
        total -= value * (trade.fee_open if fill.is_entry else trade.fee_close)
    return total


def _spans_full_hour(opened_at: datetime, closed_at: datetime) -> bool:
    return closed_at.timestamp() // _HOUR * _HOUR >= opened_at.timestamp()


def _moment(record: Mapping[str, Any], which: str, number: int) -> datetime:
    """UTC from `<which>_timestamp` (ms), else from the text of `<which>_date`."""
    stamp, text = finite(record.get(f"{which}_timestamp")), record.get(f"{which}_date")
    moment = None
    if stamp is not None and stamp > 0:
        moment = from_epoch(stamp)
    elif isinstance(text, str):
        try:
            moment = to_utc(datetime.fromisoformat(text), zone_of("UTC"))
        except ValueError:
            moment = None
    if moment is None:
        raise _bad(number, f"has no valid {which}_date", f"{which}_date")
    return moment.astimezone(UTC)


def _number(record: Mapping[str, Any], key: str, number: int, default: float | None = None) -> float:
    raw = record.get(key)
    value = default if raw is None and default is not None else finite(raw)
    if value is None:
        raise _bad(number, f"has a {key} that is no finite number", key)
    return value


def _positive(record: Mapping[str, Any], key: str, number: int) -> float:
    value = _number(record, key, number)
    if value <= 0:
        raise _bad(number, f"has a {key} that is not above zero", key)
    return value


def _rate(record: Mapping[str, Any], key: str, number: int) -> float | None:
    return None if record.get(key) is None else _number(record, key, number)


def _bad(number: int, what: str, column: str | None = None) -> ImportProblem:
    return ImportProblem(
        f"Trade {number} {what}. Export the backtest again with freqtrade.",
        line=number,
        column=column,
        code="bad_value",
    )
