"""The deals of a MetaTrader 5 report → whole trades, one for each deal that closes.

A report names no position in its deals. With one position open on a side there is no question; where several are
stacked (hedging accounts) the one whose price explains the stated profit is taken, or all of them at their average
price (netting accounts), or the oldest where nothing else tells. Commission and swap of an opening deal are parted by
volume. An opening deal's stop is its order's. A history without deals lists positions with the last of their stops,
which says nothing of the risk at the entry: it is not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from backend.importers.base import Skipped
from backend.importers.metatrader_values import bad_row, is_clock, moment, number
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, stop_level
from backend.importers.progress import counted
from backend.importers.whole_trades import Leg, WholeTrade

_SIDES: Final = {"buy": False, "sell": True}
_DIRECTIONS: Final = frozenset(("in", "out", "in/out", "out by"))
_TRANSFERS: Final = frozenset(("balance", "credit", "bonus"))
# An order's row: that many cells, the volume as `0.01 / 0.01`, the stop here.
_ORDER_WIDTHS: Final = (11, 12, 13)
_ORDER_STOP: Final = 6
# Number of cells → where commission, fee (−1: none), swap, profit stand. Newer builds add a fee, then a cost.
_TAILS: Final = {12: (8, -1, 9, 10), 13: (8, -1, 9, 10), 14: (8, 9, 10, 11), 15: (9, 10, 11, 12)}
_DUST = 1e-7
# More than that open on one side become one lot at their average price: it bounds the work, and no broker allows it.
_MOST_OPEN = 256
_SAME_PROFIT = 0.006


@dataclass(slots=True)
class Deals:
    """What a report's rows came to; `deposit` is what was paid in before the first trade."""

    trades: list[WholeTrade] = field(default_factory=list)
    deposit: float | None = None
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Deal:
    """A row: `net_costs` is commission + fee (negative is a cost), `swap` as the report signs it."""

    number: str
    ts: datetime
    symbol: str
    is_sell: bool
    direction: str
    volume: float
    price: float
    commission: float
    swap: float
    profit: float
    comment: str | None
    stop: float | None = None


def is_deal_row(row: Sequence[str]) -> bool:
    """Whether the row is a deal that moves a position, or money."""
    return (
        len(row) in _TAILS
        and is_clock(row[0])
        and row[1].isdigit()
        and (row[4].lower() in _DIRECTIONS if row[3].lower() in _SIDES else not row[4] and not row[5])
    )


def is_position_row(row: Sequence[str]) -> bool:
    """Whether the row is a closed position of an account history."""
    return len(row) == 13 and is_clock(row[0]) and row[1].isdigit() and row[3].lower() in _SIDES and is_clock(row[8])


def read_deals(rows: Sequence[Sequence[str]], zone: ZoneInfo) -> Deals:
    """All deals, matched.

    Raises:
        ImportProblem: naming the row of the report.
    """
    found = Deals()
    matcher = _Matcher(found)
    stops = _stops_of_orders(rows)
    paid_in, later, charges = 0.0, 0, 0.0
    for at, row in enumerate(counted(rows, "converting"), 1):
        if not is_deal_row(row):
            continue
        if row[3].lower() in _SIDES:
            matcher.take(_deal(row, at, zone, stops), at)
            continue
        commission, fee, swap, profit = _amounts(row, at)
        if row[3].lower() not in _TRANSFERS:
            charges += commission + fee + swap + profit
        elif matcher.seen:
            later += 1
        else:
            paid_in += profit
    found.deposit = paid_in if paid_in > 0 else None
    found.trades += matcher.still_open()
    if later:
        found.warnings.append(f"{later} deposits or withdrawals after the first trade are not part of the run's P&L.")
    if charges:
        found.warnings.append(f"Charges of {charges:+.2f} that belong to no deal are not part of the run's P&L.")
    if matcher.by_age:
        found.warnings.append(
            f"{matcher.by_age} closing deals could belong to several open positions and no price explains their "
            "profit; the oldest was taken. The stated profit is kept."
        )
    return found


def read_positions(rows: Sequence[Sequence[str]], zone: ZoneInfo) -> Deals:
    """The closed positions, for histories saved without their deals.

    Raises:
        ImportProblem: naming the row of the report.
    """
    found = Deals()
    for at, row in enumerate(counted(rows, "converting"), 1):
        if not is_position_row(row):
            continue
        opened, closed = moment(row[0], zone), moment(row[8], zone)
        volume, entry, exit_price = number(row[4]), number(row[5]), number(row[9])
        amounts = [number(cell) if cell else 0.0 for cell in row[10:13]]
        if opened is None or closed is None:
            raise bad_row(at, "has an impossible time", "Time")
        if volume is None or entry is None or exit_price is None or None in amounts or volume <= 0:
            raise bad_row(at, "has a number that can't be read", "Volume")
        commission, swap, profit = (amount or 0.0 for amount in amounts)
        found.trades.append(
            WholeTrade(
                ref=f"{row[1][:40]}.{len(found.trades) + 1}",
                symbol=_symbol(row, at),
                is_short=_SIDES[row[3].lower()],
                entries=(Leg(opened, volume, abs(entry), fees=-commission / 2),),
                exit=Leg(max(opened, closed), volume, abs(exit_price), fees=-commission / 2),
                net_pnl=commission + swap + profit,
                funding=-swap,
            )
        )
    return found


def _stops_of_orders(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """The stop each order was sent with, by its number; a position's stop that is moved later leaves it as it was."""
    stops: dict[str, float] = {}
    for row in rows:
        if len(row) in _ORDER_WIDTHS and is_clock(row[0]) and row[1].isdigit() and "/" in row[4] and is_clock(row[8]):
            stop = stop_level(number(row[_ORDER_STOP]))
            if stop is not None:
                stops[row[1]] = stop
    return stops


def _deal(row: Sequence[str], at: int, zone: ZoneInfo, stops: Mapping[str, float]) -> _Deal:
    ts = moment(row[0], zone)
    if ts is None:
        raise bad_row(at, f"has the impossible time {row[0]!r}", "Time")
    volume, price = number(row[5]), number(row[6])
    if volume is None or volume <= 0:
        raise bad_row(at, f"has the volume {clean_text(row[5], 40)!r}, which is no number above zero", "Volume")
    if price is None or price < 0:
        raise bad_row(at, f"has the price {clean_text(row[6], 40)!r}, which is no price", "Price")
    commission, fee, swap, profit = _amounts(row, at)
    comment = row[_TAILS[len(row)][3] + 2] if len(row) > 12 else ""
    return _Deal(
        number=row[1][:40],
        ts=ts,
        symbol=_symbol(row, at),
        is_sell=_SIDES[row[3].lower()],
        direction=row[4].lower(),
        volume=volume,
        price=price,
        commission=commission + fee,
        swap=swap,
        profit=profit,
        comment=clean_text(comment, MAX_LABEL_CHARS),
        stop=stops.get(row[7]) if row[4].lower() in ("in", "in/out") else None,
    )


def _amounts(row: Sequence[str], at: int) -> tuple[float, float, float, float]:
    values = []
    for column, place in zip(("Commission", "Fee", "Swap", "Profit"), _TAILS[len(row)], strict=True):
        value = 0.0 if place < 0 or not row[place] else number(row[place])
        if value is None:
            raise bad_row(at, f"has the {column.lower()} {clean_text(row[place], 40)!r}, which is no number", column)
        values.append(value)
    return values[0], values[1], values[2], values[3]


def _symbol(row: Sequence[str], at: int) -> str:
    symbol = clean_text(row[2], 60)
    if symbol is None:
        raise bad_row(at, "names no symbol", "Symbol")
    return symbol


class _Matcher:
    """Open lots by symbol and side; `by_age` counts the closings that had to be matched by age alone."""

    def __init__(self, found: Deals) -> None:
        self.seen = False
        self.by_age = 0
        self._rows = 0
        self._found = found
        self._lots: dict[tuple[str, bool], list[_Deal]] = {}
        self._point: dict[str, float] = {}

    def take(self, deal: _Deal, at: int) -> None:
        """One deal, in the report's order."""
        self.seen = True
        if deal.direction == "in":
            book = self._lots.setdefault((deal.symbol, deal.is_sell), [])
            book.append(deal)
            if len(book) > _MOST_OPEN:
                book[:] = [_merged(book)]
            return
        book = self._lots.get((deal.symbol, not deal.is_sell), [])
        closed = min(deal.volume, sum(lot.volume for lot in book))
        if closed > _DUST:
            self._close(book, _part(deal, closed))
        if deal.direction == "in/out" and deal.volume - closed > _DUST:
            rest = replace(_part(deal, deal.volume - closed), direction="in", profit=0.0, swap=0.0, commission=0.0)
            self._lots.setdefault((deal.symbol, deal.is_sell), []).append(rest)
        elif closed <= _DUST:
            self._found.skipped.append(Skipped(at, f"deal {deal.number} closes a position the report does not open"))

    def still_open(self) -> list[WholeTrade]:
        """What no deal closed."""
        return [
            WholeTrade(
                f"{lot.number} open", lot.symbol, lot.is_sell,
                (_leg(lot, fees=-(lot.commission + lot.swap)),), None,
            )
            for lots in self._lots.values()
            for lot in lots
        ]  # fmt: skip

    def _close(self, book: list[_Deal], deal: _Deal) -> None:
        taken = self._choose(book, deal)
        self._rows += len(taken) + 1
        check_rows(self._rows)
        entries = tuple(_leg(lot, fees=-lot.commission) for lot in taken)
        opening_swap, opening_commission = sum(lot.swap for lot in taken), sum(lot.commission for lot in taken)
        swap = deal.swap + opening_swap
        trade = WholeTrade(
            ref=deal.number,
            symbol=deal.symbol,
            is_short=not deal.is_sell,
            entries=entries,
            exit=Leg(max(deal.ts, taken[-1].ts), deal.volume, deal.price, fees=-deal.commission, tag=deal.comment),
            net_pnl=deal.profit + swap + deal.commission + opening_commission,
            funding=-swap,
        )
        if len(taken) == 1 and trade.points and deal.profit / trade.points > 0:
            self._point[deal.symbol] = deal.profit / trade.points
        self._found.trades.append(trade)

    def _choose(self, book: list[_Deal], deal: _Deal) -> list[_Deal]:
        """The lots that the deal closes, taken out of the book."""
        whole = [at for at, lot in enumerate(book) if lot.volume >= deal.volume - _DUST]
        if len(book) == 1:
            return [self._cut(book, 0, deal.volume)]
        point = self._point.get(deal.symbol)
        sign = 1.0 if deal.is_sell else -1.0
        if point is None:
            # The first stacked closing: a lot of just the deal's volume, the oldest first.
            equal = [at for at in whole if abs(book[at].volume - deal.volume) <= _DUST]
            return [self._cut(book, equal[0], deal.volume)] if equal else self._oldest(book, deal.volume)
        tolerance = _SAME_PROFIT + 0.002 * abs(deal.profit)
        apart = {at: abs(sign * (deal.price - book[at].price) * deal.volume * point - deal.profit) for at in whole}
        volume = sum(lot.volume for lot in book)
        average = sum(lot.volume * lot.price for lot in book) / volume
        at_average = abs(sign * (deal.price - average) * deal.volume * point - deal.profit)
        best = min(whole, key=lambda at: (apart[at], abs(book[at].volume - deal.volume), at), default=None)
        if best is not None and (apart[best] <= tolerance or apart[best] <= at_average):
            return [self._cut(book, best, deal.volume)]
        if at_average <= tolerance or deal.volume >= volume - _DUST:
            return self._share(book, deal.volume, volume)
        self.by_age += 1
        return self._oldest(book, deal.volume)

    @staticmethod
    def _cut(book: list[_Deal], at: int, volume: float) -> _Deal:
        """Part of one lot, or all of it."""
        lot = book[at]
        part = _part(lot, min(volume, lot.volume))
        if lot.volume - part.volume > _DUST:
            book[at] = _part(lot, lot.volume - part.volume)
        else:
            del book[at]
        return part

    def _oldest(self, book: list[_Deal], volume: float) -> list[_Deal]:
        taken: list[_Deal] = []
        while book and volume > _DUST:
            taken.append(self._cut(book, 0, volume))
            volume -= taken[-1].volume
        return taken

    @staticmethod
    def _share(book: list[_Deal], volume: float, held: float) -> list[_Deal]:
        """The same share of each lot, as netting accounts reckon."""
        share = min(1.0, volume / held)
        taken = [_part(lot, lot.volume * share) for lot in book]
        book[:] = [] if held - volume <= _DUST else [_part(lot, lot.volume * (1 - share)) for lot in book]
        return taken


def _leg(lot: _Deal, *, fees: float) -> Leg:
    return Leg(lot.ts, lot.volume, lot.price, fees=fees, tag=lot.comment, stop=lot.stop)


def _merged(book: list[_Deal]) -> _Deal:
    """The lots as one, at their average price."""
    volume = sum(lot.volume for lot in book)
    stops = [lot.stop * lot.volume for lot in book if lot.stop is not None]
    return replace(
        book[0],
        volume=volume,
        price=sum(lot.volume * lot.price for lot in book) / volume,
        commission=sum(lot.commission for lot in book),
        swap=sum(lot.swap for lot in book),
        stop=sum(stops) / volume if len(stops) == len(book) else None,
    )


def _part(deal: _Deal, volume: float) -> _Deal:
    """The deal with less volume and the same share of its costs; its profit is kept whole."""
    share = volume / deal.volume
    if share >= 1 - _DUST:
        return deal
    if deal.direction == "in":
        return replace(deal, volume=volume, commission=deal.commission * share, swap=deal.swap * share)
    return replace(deal, volume=volume)
