"""Which trades a list shows and in what order: filters, sorting and paging at any number of trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from backend.analysis.arrays import WEEKDAYS, BoolArray, FloatArray, IntArray, hour_of, to_microseconds, weekday_of
from backend.analysis.breakdown import money
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.dimensions import DIMENSIONS, dimension
from backend.analysis.rows import TradeRow, rows_of
from backend.analysis.selection import select_trades

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

SORTS = (
    "opened_at", "closed_at", "trade_id", "symbol", "side", "quantity", "entry_price", "exit_price", "gross_pnl",
    "fees", "funding", "net_pnl", "return_pct", "holding_seconds", "mae", "mfe", "stop_price", "r",
    "entry_tag", "exit_tag", "size", "leverage", "given_back",
)  # fmt: skip
# What a trade can be measured by: the ranges of a filter and the axis of a distribution.
MEASURES = ("net_pnl", "return_pct", "holding_seconds", "mae", "mfe", "fees")
_SIDES = {"long": 1, "short": -1}
Result = Literal["win", "loss", "breakeven"]


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """Conditions on trades; None asks for nothing, and all that are given must hold.

    `tag` is that of the breakdown: the exit's, or the entry's where the exit has none. `hour` and `weekday` are those
    of the opening in UTC. `closed_from` ≤ closing < `closed_to` (open trades never fit). With a `measure`,
    `low` ≤ its value < `high`. `search` is part of a symbol, tag or reference, in any case. `filter_type` and
    `criteria` choose as `analyze_trades` does, or with `complement` what that leaves; `dimension` and `key` are those
    of a row of its breakdowns: so the trades behind a figure of it are had in full.
    """

    ids: Sequence[int] | None = None
    symbol: str | None = None
    side: str | None = None
    status: str | None = None
    tag: str | None = None
    hour: int | None = None
    weekday: str | None = None
    result: Result | None = None
    closed_from: datetime | None = None
    closed_to: datetime | None = None
    measure: str | None = None
    low: float | None = None
    high: float | None = None
    search: str | None = None
    filter_type: str | None = None
    criteria: str | None = None
    complement: bool = False
    dimension: str | None = None
    key: str | None = None


EVERY_TRADE = TradeFilter()


class TradeList(NamedTuple):
    """One page of trades, how many there are in all, and what all of them made together."""

    rows: list[TradeRow]
    total: int
    net_pnl: float


def trade_rows(
    frame: RunFrame, wanted: TradeFilter = EVERY_TRADE, *, sort: str = "opened_at", offset: int = 0, limit: int = 100
) -> TradeList:
    """One page of the wanted trades; `sort` with a leading "-" is descending.

    Raises:
        InvalidCriteria: for a sort, side, status, weekday or measure there is none of.
    """
    found = find_trades(frame, wanted, sort=sort)
    net = money(float(frame.trades.net_pnl[found].sum())) or 0.0
    return TradeList(rows_of(frame, found[max(offset, 0) :][: max(limit, 0)]), len(found), net)


def find_trades(frame: RunFrame, wanted: TradeFilter = EVERY_TRADE, *, sort: str = "opened_at") -> IntArray:
    """Indices of the wanted trades in the order of `sort`, which is stable; unknown values come last either way.

    Raises:
        InvalidCriteria: as `trade_rows`.
    """
    order = _order(frame, sort.removeprefix("-"), descending=sort.startswith("-"))
    if wanted == EVERY_TRADE:
        return order
    chosen = _matches(frame, wanted)
    return order[chosen[order]]


def measure_of(frame: RunFrame, name: str) -> FloatArray:
    """The value of each trade that a range or a distribution is of, NaN where it is not known.

    Raises:
        InvalidCriteria: for a measure there is none of.
    """
    if name not in MEASURES:
        raise InvalidCriteria(f"can't measure trades by {name!r}", MEASURES)
    values: FloatArray = getattr(frame.trades, name)
    return values


def _matches(frame: RunFrame, wanted: TradeFilter) -> BoolArray:
    t = frame.trades
    chosen = np.ones(len(t), dtype=np.bool_)
    if wanted.ids is not None:
        chosen &= np.isin(t.trade_id, np.array(list(wanted.ids), dtype=np.int64))
    if wanted.symbol is not None:
        chosen &= t.symbol == (t.symbols.index(wanted.symbol) if wanted.symbol in t.symbols else -1)
    if wanted.side is not None:
        chosen &= t.side == _SIDES.get(_one_of("side", wanted.side, list(_SIDES)))
    if wanted.status is not None:
        chosen &= t.is_open == (_one_of("status", wanted.status, ["closed", "open"]) == "open")
    if wanted.tag is not None:
        codes, labels = dimension(frame, "tag", np.arange(len(t)))
        chosen &= codes == (labels.index(wanted.tag) if wanted.tag in labels else -1)
    if wanted.hour is not None:
        chosen &= hour_of(t.opened_at) == wanted.hour
    if wanted.weekday is not None:
        chosen &= weekday_of(t.opened_at) == WEEKDAYS.index(_one_of("weekday", wanted.weekday, WEEKDAYS))
    if wanted.result is not None:
        sign = {"win": 1, "loss": -1, "breakeven": 0}[wanted.result]
        chosen &= ~t.is_open & (t.outcome == sign)
    return chosen & _within(frame, wanted) & _found_in_text(frame, wanted.search) & _behind(frame, wanted)


def _behind(frame: RunFrame, wanted: TradeFilter) -> BoolArray:
    """Trades of a choice and of a row of a breakdown."""
    within = np.ones(len(frame.trades), dtype=np.bool_)
    if wanted.filter_type is not None:
        selection = select_trades(frame, wanted.filter_type, wanted.criteria)
        within[:] = False
        within[selection.rest if wanted.complement else selection.chosen] = True
    if wanted.dimension is not None:
        name = _one_of("dimension", wanted.dimension, DIMENSIONS)
        codes, labels = dimension(frame, name, np.arange(len(frame.trades)))
        within &= codes == (labels.index(wanted.key) if wanted.key in labels else -1)
    return within


def _within(frame: RunFrame, wanted: TradeFilter) -> BoolArray:
    """Trades in the ranges of closing time and of the measure."""
    t = frame.trades
    inside = np.ones(len(t), dtype=np.bool_)
    if wanted.closed_from is not None:
        inside &= ~t.is_open & (t.closed_at >= to_microseconds(wanted.closed_from))
    if wanted.closed_to is not None:
        inside &= ~t.is_open & (t.closed_at < to_microseconds(wanted.closed_to))
    if wanted.measure is not None:
        values = measure_of(frame, wanted.measure)
        inside &= ~np.isnan(values)
        if wanted.low is not None:
            inside &= values >= wanted.low
        if wanted.high is not None:
            inside &= values < wanted.high
    return inside


def _found_in_text(frame: RunFrame, search: str | None) -> BoolArray:
    t = frame.trades
    text = (search or "").strip().casefold()
    found = np.ones(len(t), dtype=np.bool_)
    if not text:
        return found

    def holding(labels: Sequence[str]) -> IntArray:
        return np.flatnonzero([text in label.casefold() for label in labels])

    found = np.isin(t.symbol, holding(t.symbols)) | np.isin(t.ref, holding(frame.positions.refs))
    for name in ("tag", "entry_tag"):
        codes, labels = dimension(frame, name, np.arange(len(t)))
        found |= np.isin(codes, holding(labels))
    return found


def _one_of(name: str, value: str, valid: Sequence[str]) -> str:
    if value not in valid:
        raise InvalidCriteria(f"there is no {name} {value!r}", valid)
    return value


def _order(frame: RunFrame, column: str, *, descending: bool) -> IntArray:
    """All trades in the order of a column; kept, since a list is read page by page."""
    if column not in SORTS:
        raise InvalidCriteria(f"can't sort trades by {column!r}", SORTS)
    key = f"order:{'-' if descending else ''}{column}"
    if key not in frame.cache:
        values = _sort_key(frame, column)
        frame.cache[key] = np.lexsort((np.arange(len(values)), -values if descending else values))
    order: IntArray = frame.cache[key]
    return order


def _sort_key(frame: RunFrame, column: str) -> FloatArray:
    t = frame.trades
    if column in ("entry_tag", "exit_tag"):
        codes, labels = dimension(frame, "tag" if column == "exit_tag" else column, np.arange(len(t)))
    elif column == "symbol":
        codes, labels = t.symbol, list(t.symbols)
    elif column in ("size", "given_back"):
        return t.entry_value if column == "size" else np.maximum(0.0, t.mfe - t.gross_pnl)
    else:
        values: FloatArray = getattr(t, column).astype(np.float64)
        return values
    rank = np.argsort(np.argsort(np.array(labels or [""]), kind="stable"))
    by_name: FloatArray = rank[codes].astype(np.float64)
    return by_name
