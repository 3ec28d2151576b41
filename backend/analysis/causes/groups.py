"""Causes that a part of the trades makes: one decision, one moment, one symbol, side, hour or tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import IntArray, day_of, sum_by, to_datetime
from backend.analysis.causes.base import ALPHA, Cause, Confidence, amount, figures, plural
from backend.analysis.causes.sums import ids_of, scale_of
from backend.analysis.dimensions import dimension
from backend.analysis.patterns import find_patterns
from backend.analysis.uncertainty import difference_interval

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_WORST = 0.25  # of all losses in one trade
_WORST_FIVE = 0.5  # of all losses in five of at least 15
_TOGETHER = 3
_MOMENT_SHARE = 0.25  # of all losses in one moment's entries
_MOST = 0.5  # of the loss in one group, of several
_DIMENSIONS = {
    "symbol": "in {}",
    "side": "on the {} side",
    "hour": "opened in hour {} UTC",
    "entry_tag": "entered on {}",
}
# Known only once a trade is over, or by its size: nothing one could have decided by.
_OUTCOMES = ("holding_time",)


def one_decision(frame: RunFrame) -> Cause | None:
    """The worst trade, or the worst five, where they make an unusual share of all losses."""
    t = frame.trades
    lost = np.flatnonzero(t.result < 0)
    if len(lost) < 3:
        return None
    order = lost[np.argsort(t.net_pnl[lost], kind="stable")]
    all_losses = float(t.net_pnl[lost].sum())
    worst, five = float(t.net_pnl[order[0]]), float(t.net_pnl[order[:5]].sum())
    currency = frame.facts.currency
    if worst / all_losses >= _WORST:
        places, money = order[:1], worst
        state = ", still open" if t.is_open[order[0]] else ""
        told = (
            f"One trade, #{t.trade_id[order[0]]} in {t.symbols[int(t.symbol[order[0]])]}{state}, lost {amount(worst)} "
            f"{currency}: {worst / all_losses * 100:.1f} % of all losses."
        )
    elif len(lost) >= 15 and five / all_losses >= _WORST_FIVE:
        places, money = order[:5], five
        told = f"The five worst trades lost {amount(five)} {currency}: {five / all_losses * 100:.1f} % of all losses."
    else:
        return None
    return Cause(
        name="concentration",
        statement=told,
        money=money,
        confidence="certain",
        trades=ids_of(frame, places),
        figures=figures(
            worst_trade=worst, worst_5=five, total_loss=all_losses, worst_trade_share=worst / all_losses * 100,
            worst_5_share=five / all_losses * 100, loss_count=len(lost),
        ),
    )  # fmt: skip


def one_moment(frame: RunFrame) -> Cause | None:
    """Entries made at one moment that fell together."""
    t = frame.trades
    if len(t) < _TOGETHER:
        return None
    moments, place = np.unique(t.opened_at, return_inverse=True)
    counts, sums = np.bincount(place), sum_by(place, t.net_pnl, len(moments))
    fell = sum_by(place, (t.result < 0).astype(np.float64), len(moments))
    sums = np.where((counts >= _TOGETHER) & (fell >= 0.6 * counts), sums, 0.0)
    worst = int(np.argmin(sums))
    all_losses = float(t.net_pnl[t.net_pnl < 0].sum())
    if sums[worst] >= 0 or sums[worst] / all_losses < _MOMENT_SHARE or counts[worst] == len(t) == 1:
        return None
    places = np.flatnonzero(place == worst)
    symbols = len(np.unique(t.symbol[places]))
    made = float(sums[worst])
    when = f"{to_datetime(int(moments[worst])):%Y-%m-%d %H:%M}"
    still_open = int(t.is_open[places].sum())
    held = f", {still_open} of them still open" if still_open else ""
    return Cause(
        name="one_moment",
        statement=f"{plural(len(places), 'trade')} in {plural(symbols, 'symbol')}, opened at one moment ({when} UTC), "
        f"fell together: {int(fell[worst])} of them lost, {amount(made)} {frame.facts.currency} in all{held}. It was "
        f"one decision, not {len(places)}; most was lost in {_worst_symbols(frame, places)}.",
        money=made,
        confidence="certain",
        trades=ids_of(frame, places),
        figures=figures(
            trade_count=len(places), loss_count=int(fell[worst]), symbol_count=symbols, net_pnl=made,
            opened_at=to_datetime(int(moments[worst])).isoformat(),
        ),
    )  # fmt: skip


def _worst_symbols(frame: RunFrame, places: IntArray) -> str:
    t = frame.trades
    sums = sum_by(t.symbol[places], t.net_pnl[places], len(t.symbols))
    worst = [int(i) for i in np.argsort(sums, kind="stable")[:3] if sums[i] < 0]
    return ", ".join(f"{t.symbols[i]} ({sums[i]:,.2f})" for i in worst)


def worst_groups(frame: RunFrame) -> list[Cause]:
    """The worst group of each dimension, where it makes most of a loss that other groups do not share."""
    t = frame.trades
    whole = float(t.net_pnl.sum())
    everything = np.arange(len(t))
    proved = {(one.dimension, one.key) for one in find_patterns(frame).found}
    found = []
    for name, words in _DIMENSIONS.items():
        codes, labels = dimension(frame, name, everything)
        sums, counts = sum_by(codes, t.net_pnl, len(labels)), np.bincount(codes, minlength=len(labels))
        if (counts > 0).sum() < 2:
            continue
        worst = int(np.argmin(np.where(counts > 0, sums, np.inf)))
        made = float(sums[worst])
        beyond = (name, labels[worst]) in proved
        if made >= 0 or -made < scale_of(frame) or not (beyond or whole >= 0 or made / whole >= _MOST):
            continue
        if whole >= 0 and not beyond:
            continue
        places = np.flatnonzero(codes == worst)
        confidence: Confidence = "beyond chance" if beyond else _tested(frame, places)
        rest, rest_count = whole - made, len(t) - len(places)
        found.append(
            Cause(
                name=name,
                statement=f"The {plural(len(places), 'trade')} {words.format(labels[worst])} made {made:,.2f} "
                f"{frame.facts.currency}; the other {plural(rest_count, 'trade')} made {rest:,.2f}.",
                money=made,
                confidence=confidence,
                trades=ids_of(frame, places),
                figures=figures(
                    key=labels[worst], trade_count=len(places), net_pnl=made, average_net=made / len(places),
                    rest_net_pnl=rest, rest_average_net=rest / rest_count if rest_count else None,
                ),
            )
        )  # fmt: skip
    return found


def _tested(frame: RunFrame, places: IntArray) -> Confidence:
    """A group picked because it is the worst is no more than chance unless the pattern test says so."""
    t = frame.trades
    inside = np.zeros(len(t), dtype=np.bool_)
    inside[places] = True
    a, b = np.flatnonzero(inside & ~t.is_open), np.flatnonzero(~inside & ~t.is_open)
    if min(len(a), len(b)) < 5:
        return "not tested"
    days = day_of(t.closed_at)
    interval = difference_interval(t.net_pnl[a], days[a], t.net_pnl[b], days[b])
    return "not tested" if interval is None or interval.p_value < ALPHA / 100 else "could be chance"


def patterns(frame: RunFrame) -> list[Cause]:
    """Groups that did worse than the rest beyond chance and lost money, besides those named already."""
    found = []
    for one in find_patterns(frame).found:
        if one.net_pnl >= 0 or one.average_net >= one.rest_average_net or one.dimension in (*_DIMENSIONS, *_OUTCOMES):
            continue
        found.append(
            Cause(
                name=f"pattern_{one.dimension}",
                statement=f"{plural(one.trade_count, 'trade')} with {one.dimension.replace('_', ' ')} {one.key!r} made "
                f"{one.net_pnl:,.2f} {frame.facts.currency}, {one.average_net:,.2f} each against "
                f"{one.rest_average_net:,.2f} of the others.",
                money=one.net_pnl,
                confidence="beyond chance",
                trades=one.trade_ids,
                figures=figures(
                    key=one.key, trade_count=one.trade_count, net_pnl=one.net_pnl, average_net=one.average_net,
                    rest_average_net=one.rest_average_net, p_value=one.adjusted_p_value,
                ),
            )
        )  # fmt: skip
    return found
