"""Causes in how trades were held, sized and closed, and in the market they were made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import FloatArray, day_of, sum_by
from backend.analysis.causes.base import ALPHA, Cause, amount, figures, plural
from backend.analysis.causes.sums import ids_of, scale_of
from backend.analysis.dimensions import dimension
from backend.analysis.metrics.exposure import benchmark_return
from backend.analysis.metrics.returns import total_return
from backend.analysis.uncertainty import difference_interval
from backend.analysis.where.keys import duration_words
from backend.analysis.where.labels import NO_TAG

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_LARGER = 1.25  # size of losers against winners that is worth a word
_LONGER = 1.5
_LEAST = 5
_ONE_WAY = 0.8  # of the value traded on one side: then the market's move is the run's
_EXIT_SHARE = 0.5


def exits(frame: RunFrame) -> Cause | None:
    """The way of closing that lost most, where several are recorded."""
    t, closed = frame.trades, frame.trades.closed
    codes, labels = dimension(frame, "exit_reason", closed)
    if len({labels[code] for code in np.unique(codes)} - {NO_TAG}) < 2:
        return None
    sums, counts = sum_by(codes, t.net_pnl[closed], len(labels)), np.bincount(codes, minlength=len(labels))
    worst = int(np.argmin(np.where(counts > 0, sums, np.inf)))
    lost = float(t.net_pnl[closed][t.net_pnl[closed] < 0].sum())
    made = float(sums[worst])
    if made >= 0 or -made < scale_of(frame) or made / lost < _EXIT_SHARE or labels[worst] == NO_TAG:
        return None
    places = closed[codes == worst]
    return Cause(
        name="exits",
        statement=f"The {plural(len(places), 'trade')} closed by {labels[worst]} made {made:,.2f} "
        f"{frame.facts.currency}; all other exits together {float(sums.sum()) - made:,.2f}. How a trade ends is its "
        "outcome, so this says where the loss was taken, not why.",
        money=made,
        confidence="not tested",
        trades=ids_of(frame, places),
        figures=figures(
            key=labels[worst], trade_count=len(places), net_pnl=made, other_net_pnl=float(sums.sum()) - made,
            average_net=made / len(places),
        ),
    )  # fmt: skip


def gave_back(frame: RunFrame) -> Cause | None:
    """Losers that had been ahead by as much as an average win."""
    t, closed = frame.trades, frame.trades.closed
    net, ahead = t.result[closed], t.mfe[closed]
    wins = net[net > 0]
    if np.isnan(ahead).all() or not len(wins):
        return None
    turned = closed[(net < 0) & (ahead >= 0.5 * wins.mean())]
    made = float(t.net_pnl[turned].sum())
    if len(turned) < 3 or -made < scale_of(frame):
        return None
    best = float(t.mfe[turned].sum())
    return Cause(
        name="gave_back",
        statement=f"{plural(len(turned), 'losing trade')} had been ahead by half an average win or more, by "
        f"{best:,.2f} {frame.facts.currency} at their best together, and ended at {made:,.2f}.",
        money=made,
        confidence="not tested",
        trades=ids_of(frame, turned),
        figures=figures(trade_count=len(turned), net_pnl=made, mfe=best, threshold=0.5 * float(wins.mean())),
    )


def held_losers(frame: RunFrame) -> Cause | None:
    """Losers held longer than winners; whether beyond chance is tested over days."""
    t, closed = frame.trades, frame.trades.closed
    found = _losers_against_winners(frame, t.holding_seconds, _LONGER)
    if found is None:
        return None
    lost, won, p_value = found
    return Cause(
        name="held_losers",
        statement=f"Losers were held {duration_words(round(lost))} on average, winners {duration_words(round(won))}.",
        money=None,
        confidence="beyond chance" if p_value < ALPHA else "could be chance",
        trades=ids_of(frame, closed[t.result[closed] < 0]),
        figures=figures(average_holding_losers=lost, average_holding_winners=won, p_value=p_value),
    )


def sizes(frame: RunFrame) -> list[Cause]:
    """Losers larger, or at higher leverage, than winners."""
    t, closed = frame.trades, frame.trades.closed
    causes = []
    for name, column, words in (
        ("size", t.entry_value, "worth"), ("leverage", t.leverage, "at a leverage of"),
    ):  # fmt: skip
        found = _losers_against_winners(frame, column, _LARGER)
        if found is None:
            continue
        lost, won, p_value = found
        losing = closed[t.result[closed] < 0]
        # What the losers lost beyond what they would have at the winners' average.
        money = float(t.net_pnl[losing].sum()) * (1 - won / lost)
        if -money < scale_of(frame):
            continue
        unit = f" {frame.facts.currency}" if name == "size" else "×"
        causes.append(
            Cause(
                name=f"{name}_of_losers",
                statement=f"Losing trades were {words} {lost:,.2f}{unit} on average, winning ones {won:,.2f}{unit}. At "
                f"the winners' average the losers would have lost {amount(money)} {frame.facts.currency} less.",
                money=money,
                confidence="beyond chance" if p_value < ALPHA else "could be chance",
                trades=ids_of(frame, losing),
                figures=figures(
                    **{f"average_{name}_losers": lost, f"average_{name}_winners": won}, p_value=p_value, net_pnl=money
                ),
            )
        )
    return causes


def _losers_against_winners(frame: RunFrame, column: FloatArray, ratio: float) -> tuple[float, float, float] | None:
    """(mean of the losers, of the winners, p-value) where the losers' mean is so many times the winners'."""
    t, closed = frame.trades, frame.trades.closed
    known = closed[~np.isnan(column[closed])]
    lost, won = known[t.result[known] < 0], known[t.result[known] > 0]
    if min(len(lost), len(won)) < _LEAST:
        return None
    means = float(column[lost].mean()), float(column[won].mean())
    if means[1] <= 0 or means[0] < ratio * means[1]:
        return None
    days = day_of(t.opened_at)
    interval = difference_interval(column[lost], days[lost], column[won], days[won])
    return (*means, 1.0 if interval is None else interval.p_value)


def market(frame: RunFrame) -> Cause | None:
    """What was traded moved against the side that was traded."""
    t = frame.trades
    held, own = benchmark_return(frame).value, total_return(frame).value
    start = frame.equity.start if frame.equity.has_level else None
    value = float(np.nansum(t.entry_value))
    if not isinstance(held, float) or not start or start <= 0 or not value:
        return None
    longs = float(np.nansum(t.entry_value[t.side > 0])) / value
    side = 1 if longs >= _ONE_WAY else -1 if longs <= 1 - _ONE_WAY else 0
    if not side or held * side >= 0:
        return None
    money = start * held * side / 100
    beside = f", the run {own:,.2f} %" if isinstance(own, float) else ""
    return Cause(
        name="market",
        statement=f"What was traded {'fell' if held < 0 else 'rose'} {abs(held):.2f} % from its first to its last "
        f"price in this run{beside}; {longs * 100 if side > 0 else (1 - longs) * 100:.0f} % of what was traded was "
        f"{'long' if side > 0 else 'short'}. Holding it all the time with the starting equity would have made "
        f"{money:,.2f} {frame.facts.currency}.",
        money=money,
        confidence="not tested",
        trades=[],
        figures=figures(
            benchmark_return=held, total_return=own if isinstance(own, float) else None, long_share=longs * 100,
            initial_equity=start,
        ),
    )  # fmt: skip
