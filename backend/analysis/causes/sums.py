"""Causes that are arithmetic of the run: what is still open, what trading cost, wins too small for how often it won."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.analysis.arrays import IntArray, day_of, sum_by
from backend.analysis.causes.base import MAX_TRADES, Cause, Confidence, amount, figures, plural
from backend.analysis.uncertainty import mean_interval

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

_FEW = 30
# Below these shares, of all that was won and lost and of the result itself, it is no cause.
_LEAST_SHARE = 0.03
_LEAST_OF_TOTAL = 0.1


def ids_of(frame: RunFrame, places: IntArray) -> list[int]:
    """Ids of trades, largest losses first."""
    net = frame.trades.net_pnl[places]
    return [int(i) for i in frame.trades.trade_id[places[np.argsort(net, kind="stable")[:MAX_TRADES]]]]


def scale_of(frame: RunFrame) -> float:
    """What is small in a run: a share of all that its trades won and lost, or of what they made together if less."""
    net = frame.trades.net_pnl
    return min(_LEAST_SHARE * float(np.abs(net).sum()), _LEAST_OF_TOTAL * abs(float(net.sum())))


def still_open(frame: RunFrame) -> Cause | None:
    """Losses of positions that are still open."""
    t = frame.trades
    places = t.open[t.net_pnl[t.open] < 0]
    made = float(t.net_pnl[t.open].sum())
    if made >= 0 or -made < scale_of(frame):
        return None
    by_symbol = sum_by(t.symbol[t.open], t.net_pnl[t.open], len(t.symbols))
    worst = np.argsort(by_symbol, kind="stable")[:3]
    named = ", ".join(f"{t.symbols[i]} ({by_symbol[i]:,.2f})" for i in worst if by_symbol[i] < 0)
    count = len(t.open)
    return Cause(
        name="still_open",
        statement=f"{amount(made)} {frame.facts.currency} of it is a paper loss of {plural(count, 'position')} still "
        f"open at the end, at the last known prices: most in {named}.",
        money=made,
        confidence="certain",
        trades=ids_of(frame, places),
        figures=figures(
            open_pnl=made, open_count=count, losing_open_count=len(places), worst_symbol=t.symbols[int(worst[0])],
            worst_symbol_pnl=float(by_symbol[worst[0]]),
        ),
    )  # fmt: skip


def costs(frame: RunFrame) -> Cause | None:
    """Fees and funding, where they are a part of what was lost."""
    t = frame.trades
    fees, funding = float(t.fees.sum()), float(t.funding.sum())
    paid, gross = fees + funding, float(t.gross_pnl.sum())
    if paid <= 0 or paid < scale_of(frame):
        return None
    currency, parts = frame.facts.currency, f"fees of {fees:,.2f}" if fees else ""
    if funding:
        parts += f"{' and ' if parts else ''}funding of {funding:,.2f}"
    if gross > 0 and gross - paid < 0:
        told = f"Before costs it made {amount(gross)} {currency}; {parts} turned that into a loss."
    elif gross <= 0:
        told = f"It paid {parts} {currency} on top of {amount(gross)} lost by the prices alone."
    else:
        told = f"It paid {parts} {currency}, {paid / gross * 100:.1f} % of what the prices alone made ({gross:,.2f})."
    return Cause(
        name="costs",
        statement=told,
        money=-paid,
        confidence="certain",
        trades=[],
        figures=figures(
            fees=fees, funding=funding, total_costs=paid, gross_pnl=gross, trade_count=len(t),
            average_costs=paid / len(t),
        ),
    )  # fmt: skip


def payoff(frame: RunFrame) -> Cause | None:
    """Wins too small, or too few, for each other: the break-even win rate beside the real one."""
    t, closed = frame.trades, frame.trades.closed
    net, gross = t.net_pnl[closed], float(t.gross_pnl[closed].sum())
    result = t.result[closed]
    wins, losses = result[result > 0], result[result < 0]
    if net.sum() >= 0 or not len(losses):
        return None
    rate = len(wins) / (len(wins) + len(losses)) * 100
    currency = frame.facts.currency
    average_loss = float(losses.mean())
    if not len(wins):
        told, needed, payoff_ratio = f"None of its {plural(len(losses), 'closed trade')} won.", None, None
    else:
        payoff_ratio = float(wins.mean()) / -average_loss
        needed = 100 / (1 + payoff_ratio)
        told = (
            f"It won {rate:.1f} % of its trades; with wins of {wins.mean():,.2f} and losses of {amount(average_loss)} "
            f"{currency} on average it had to win {needed:.1f} % to break even."
        )
    return Cause(
        name="payoff",
        statement=told,
        money=gross if gross < 0 else None,
        confidence=_mean_confidence(frame),
        trades=[],
        figures=figures(
            win_rate=rate, break_even_win_rate=needed, average_win=float(wins.mean()) if len(wins) else None,
            average_loss=average_loss, payoff_ratio=payoff_ratio, gross_pnl=gross, net_pnl=float(net.sum()),
            trade_count=len(net),
        ),
    )  # fmt: skip


def _mean_confidence(frame: RunFrame) -> Confidence:
    t, closed = frame.trades, frame.trades.closed
    interval = mean_interval(t.net_pnl[closed], day_of(t.closed_at[closed]))
    if interval is None or len(closed) < 10:
        return "not tested"
    return "beyond chance" if interval.high < 0 else "could be chance"


def too_few(frame: RunFrame) -> Cause | None:
    """Whether the closed trades are enough to say that the trading itself loses."""
    t, closed = frame.trades, frame.trades.closed
    net = t.net_pnl[closed]
    if not len(net) or net.sum() >= 0:
        return None
    interval = mean_interval(net, day_of(t.closed_at[closed]))
    mean = float(net.mean())
    if interval is not None and interval.high < 0 and len(net) >= _FEW:
        return None
    many = plural(len(net), "closed trade")
    if interval is None:
        told = f"{many} on one day or alike: too few to say whether the trading itself loses."
    else:
        told = (
            f"{many} averaged {mean:,.2f} {frame.facts.currency}; the 95 % interval of that average is "
            f"{interval.low:,.2f} to {interval.high:,.2f}"
        )
        told += (
            ", so chance alone could have made the loss."
            if interval.high >= 0
            else ". With so few trades that is rough."
        )
    return Cause(
        name="too_few_to_tell",
        statement=told,
        money=None,
        confidence="could be chance" if interval is not None and interval.high >= 0 else "not tested",
        trades=[],
        figures=figures(
            trade_count=len(net), expectancy=mean, expectancy_low=interval.low if interval else None,
            expectancy_high=interval.high if interval else None,
        ),
    )  # fmt: skip
