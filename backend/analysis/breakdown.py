"""Sums over groups of trades: summaries, breakdowns, the loss bridge and how concentrated the losses are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel

from backend.analysis.arrays import FloatArray, IntArray, clean, sum_by, weightiest
from backend.analysis.brief import FEW
from backend.analysis.dimensions import BY_NAME, dimension
from backend.analysis.figures import MAX_TRADE_IDS

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

OTHERS = "(others)"
_ROW_IDS = 50
_MAX_KEYS = 200
money = partial(clean, digits=8)


def total(values: FloatArray) -> float:
    """A sum as plain money."""
    return money(float(values.sum())) or 0.0


class Summary(BaseModel):
    """Counts and money of a set of trades; `win_rate` in percent of wins and losses, at most 200 ids, largest first.

    All but the last lines are of the closed trades (of the open ones where those were asked for). `open_pnl` is of
    those of the set that are still open, at the last known prices, and `total_pnl` of all of them.
    """

    trade_count: int
    win_count: int
    loss_count: int
    breakeven_count: int
    win_rate: float | None
    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float
    average_net: float | None
    average_win: float | None
    average_loss: float | None
    profit_factor: float | None
    largest_win: float | None
    largest_loss: float | None
    average_holding_seconds: float | None
    payoff_ratio: float | None
    median_net: float | None
    deviation_net: float | None
    median_holding_seconds: float | None
    average_given_back: float | None
    average_return_pct: float | None
    average_mae: float | None
    average_mfe: float | None
    average_size: float | None
    average_leverage: float | None
    max_leverage: float | None
    open_count: int
    open_pnl: float
    total_pnl: float
    trade_ids: Annotated[list[int], FEW]


class BreakdownRow(BaseModel):
    """One group of a breakdown; at most 50 ids, largest results first.

    All but the open ones' and the total are of closed trades (of the open ones where those were asked for); a group of
    open trades alone has no average.
    """

    key: str
    trade_count: int
    win_count: int
    loss_count: int
    win_rate: float | None
    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float
    average_net: float | None
    average_win: float | None
    average_loss: float | None
    profit_factor: float | None
    open_count: int
    open_pnl: float
    total_pnl: float
    trade_ids: list[int]


class Leg(BaseModel):
    """One group's part of the way from gross to net."""

    key: str
    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float


class Bridge(BaseModel):
    """gross − fees − funding = net of the closed trades; net + `open_pnl` = `total_pnl`.

    Each list sums to the totals of the closed trades.
    """

    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float
    open_pnl: float
    total_pnl: float
    by_symbol: list[Leg]
    by_side: list[Leg]
    by_tag: list[Leg]
    by_hour: list[Leg]
    by_weekday: list[Leg]


class Concentration(BaseModel):
    """How much of all losses the worst trades and the worst symbol make, in percent of the sum of losses."""

    total_loss: float
    worst_trade_share: float | None
    worst_5_share: float | None
    worst_symbol: str | None
    worst_symbol_share: float | None


def _ids_by_size(frame: RunFrame, chosen: IntArray, limit: int) -> list[int]:
    return [int(i) for i in frame.trades.trade_id[chosen[weightiest(frame.trades.net_pnl[chosen], limit)]]]


def summarise(frame: RunFrame, chosen: IntArray, still_open: IntArray | None = None) -> Summary:
    """Sum up the trades at these indices, and apart from them those still open of the same set.

    Open trades count as neither wins nor losses. Where `chosen` are open trades themselves, all is of them.
    """
    t = frame.trades
    apart = t.net_pnl[chosen[t.is_open[chosen]] if still_open is None else still_open]
    net = t.net_pnl[chosen]
    decided = np.where(t.is_open[chosen], 0.0, t.result[chosen])
    wins, losses = decided[decided > 0], decided[decided < 0]
    closed_count = int((~t.is_open[chosen]).sum())
    return Summary(
        trade_count=len(chosen),
        win_count=len(wins),
        loss_count=len(losses),
        breakeven_count=closed_count - len(wins) - len(losses),
        win_rate=money(len(wins) / (len(wins) + len(losses)) * 100) if len(wins) + len(losses) else None,
        gross_pnl=total(t.gross_pnl[chosen]),
        fees=total(t.fees[chosen]),
        funding=total(t.funding[chosen]),
        net_pnl=total(net),
        average_net=_mean(net),
        average_win=_mean(wins),
        average_loss=_mean(losses),
        profit_factor=money(wins.sum() / -losses.sum()) if len(losses) else None,
        largest_win=money(wins.max()) if len(wins) else None,
        largest_loss=money(losses.min()) if len(losses) else None,
        average_holding_seconds=_mean(t.holding_seconds[chosen]),
        payoff_ratio=money(wins.mean() / -losses.mean()) if len(wins) and len(losses) else None,
        median_net=money(float(np.median(net))) if len(net) else None,
        deviation_net=money(float(net.std(ddof=1))) if len(net) > 1 else None,
        median_holding_seconds=money(float(np.median(t.holding_seconds[chosen]))) if len(chosen) else None,
        average_given_back=_mean(np.maximum(0.0, t.mfe[chosen] - t.gross_pnl[chosen])),
        average_return_pct=_mean(t.return_pct[chosen]),
        average_mae=_mean(t.mae[chosen]),
        average_mfe=_mean(t.mfe[chosen]),
        average_size=_mean(t.entry_value[chosen]),
        average_leverage=_mean(t.leverage[chosen]),
        max_leverage=_highest(t.leverage[chosen]),
        open_count=len(apart),
        open_pnl=total(apart),
        total_pnl=total(net) if still_open is None else money(float(net.sum() + apart.sum())) or 0.0,
        trade_ids=_ids_by_size(frame, chosen, MAX_TRADE_IDS),
    )


def _mean(values: FloatArray) -> float | None:
    """The mean of what is known."""
    known = values[~np.isnan(values)]
    return money(float(known.mean())) if len(known) else None


def _highest(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return money(float(known.max())) if len(known) else None


def _fold(codes: IntArray, labels: list[str]) -> tuple[IntArray, list[str]]:
    """Keep the groups with most trades and put the rest together, so that a result stays readable and still sums."""
    counts = np.bincount(codes, minlength=len(labels))
    if (counts > 0).sum() <= _MAX_KEYS:
        return codes, labels
    kept = np.sort(np.argsort(-counts, kind="stable")[: _MAX_KEYS - 1])
    place = np.full(len(labels), len(kept), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return place[codes], [*(labels[i] for i in kept), OTHERS]


def largest_first(frame: RunFrame, chosen: IntArray) -> IntArray:
    """Places in `chosen` by size of the net P&L, largest first."""
    order: IntArray = np.argsort(-np.abs(frame.trades.net_pnl[chosen]), kind="stable")
    return order


def breakdown(
    frame: RunFrame,
    name: str,
    chosen: IntArray,
    by_size: IntArray | None = None,
    still_open: IntArray | None = None,
) -> list[BreakdownRow]:
    """Counts and money by one dimension: in natural order for times, else worst total first.

    `by_size` is `largest_first` of the same trades, for callers who ask for several dimensions. `still_open` are open
    trades that belong to the same choice: they are told apart in each row.
    """
    t = frame.trades
    apart = np.empty(0, dtype=np.int64) if still_open is None else still_open
    codes, labels = _fold(*dimension(frame, name, np.concatenate([chosen, apart])))
    codes, open_codes = codes[: len(chosen)], codes[len(chosen) :]
    size, net = len(labels), t.net_pnl[chosen]
    decided = np.where(t.is_open[chosen], 0.0, t.result[chosen])
    counts, open_counts = np.bincount(codes, minlength=size), np.bincount(open_codes, minlength=size)
    won, lost = decided > 0, decided < 0
    wins, losses = np.bincount(codes[won], minlength=size), np.bincount(codes[lost], minlength=size)
    gained, given = sum_by(codes[won], net[won], size), sum_by(codes[lost], net[lost], size)
    sums = {k: sum_by(codes, getattr(t, k)[chosen], size) for k in ("gross_pnl", "fees", "funding", "net_pnl")}
    open_pnl = sum_by(open_codes, t.net_pnl[apart], size)
    present = np.flatnonzero(counts + open_counts)
    if not BY_NAME[name].in_order:
        present = present[np.argsort((sums["net_pnl"] + open_pnl)[present], kind="stable")]
    members = _members(codes, largest_first(frame, chosen) if by_size is None else by_size, size)
    return [
        BreakdownRow(
            key=labels[k],
            trade_count=int(counts[k]),
            win_count=int(wins[k]),
            loss_count=int(losses[k]),
            win_rate=money(wins[k] / (wins[k] + losses[k]) * 100) if wins[k] + losses[k] else None,
            **{column: money(held[k]) or 0.0 for column, held in sums.items()},
            average_net=money(sums["net_pnl"][k] / counts[k]) if counts[k] else None,
            average_win=money(gained[k] / wins[k]) if wins[k] else None,
            average_loss=money(given[k] / losses[k]) if losses[k] else None,
            profit_factor=money(gained[k] / -given[k]) if losses[k] else None,
            open_count=int(open_counts[k]),
            open_pnl=money(open_pnl[k]) or 0.0,
            total_pnl=money(sums["net_pnl"][k] + open_pnl[k]) or 0.0,
            trade_ids=[int(i) for i in t.trade_id[chosen[members[k]]]],
        )
        for k in present
    ]


def _members(codes: IntArray, by_size: IntArray, count: int) -> list[IntArray]:
    """The largest members of each group."""
    # Short integers sort by radix, in linear time.
    narrow = codes[by_size].astype(np.int16) if count < 2**15 else codes[by_size]
    place = np.argsort(narrow, kind="stable")
    order, begins = by_size[place], np.searchsorted(narrow[place], np.arange(count + 1))
    return [order[begins[k] : min(begins[k + 1], begins[k] + _ROW_IDS)] for k in range(count)]


def legs(frame: RunFrame, name: str, chosen: IntArray) -> list[Leg]:
    """The way from gross to net by one dimension; sums to the totals of the chosen trades."""
    return [
        Leg(key=row.key, gross_pnl=row.gross_pnl, fees=row.fees, funding=row.funding, net_pnl=row.net_pnl)
        for row in breakdown(frame, name, chosen)
    ]


def loss_bridge(frame: RunFrame) -> Bridge:
    """From gross to net over all closed trades of the run."""
    t, closed = frame.trades, frame.trades.closed
    return Bridge(
        gross_pnl=total(t.gross_pnl[closed]),
        fees=total(t.fees[closed]),
        funding=total(t.funding[closed]),
        net_pnl=total(t.net_pnl[closed]),
        open_pnl=total(t.net_pnl[t.open]),
        total_pnl=total(t.net_pnl),
        by_symbol=legs(frame, "symbol", closed),
        by_side=legs(frame, "side", closed),
        by_tag=legs(frame, "tag", closed),
        by_hour=legs(frame, "hour", closed),
        by_weekday=legs(frame, "weekday", closed),
    )


def concentrate(frame: RunFrame) -> Concentration:
    """How few trades make the run's losses."""
    t, closed = frame.trades, frame.trades.closed
    lost = closed[t.result[closed] < 0]
    if not len(lost):
        return Concentration(
            total_loss=0.0, worst_trade_share=None, worst_5_share=None, worst_symbol=None, worst_symbol_share=None
        )
    losses = np.sort(t.net_pnl[lost])
    all_losses = float(losses.sum())
    by_symbol = sum_by(t.symbol[lost], t.net_pnl[lost], len(t.symbols))
    return Concentration(
        total_loss=money(all_losses) or 0.0,
        worst_trade_share=money(losses[0] / all_losses * 100),
        worst_5_share=money(losses[:5].sum() / all_losses * 100),
        worst_symbol=t.symbols[int(by_symbol.argmin())],
        worst_symbol_share=money(by_symbol.min() / all_losses * 100),
    )
