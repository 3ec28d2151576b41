"""Answers to "is it any good?" and "is it luck?": the figures that decide, and what is too little to tell."""

from __future__ import annotations

from backend.agents.offline.answering.figure_words import figure, nothing_there
from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call
from backend.agents.offline.answering.scope import trades_of
from backend.agents.offline.markdown import count, document, number, percent
from backend.agents.offline.understanding import Part
from backend.analysis import MetricsResult, TradeAnalysis

_FEW = 30
_CLEAR = 2.0  # standard errors


def judge_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The selection, and the run's figures."""
    return [analysis_call(part.where), metrics_call()]


def judge_words(part: Part, desk: Desk) -> str:
    """A verdict no surer than the sample allows, then the figures it rests on, one a line."""
    found = desk.results.of(analysis_call(part.where), TradeAnalysis)
    metrics = desk.results.of(metrics_call(), MetricsResult)
    if found is None or metrics is None:
        return "I could not look that up."
    if found.selection.trade_count == 0:
        return nothing_there(part.where, desk) if part.where else "**Nothing can be said of it: no trade was closed.**"
    return document(
        [
            _verdict(part, found, metrics, desk),
            "\n".join(f"- {line}" for line in _lines(part, found, metrics, desk)),
            _would_tell(found),
        ]
    )


def _verdict(part: Part, found: TradeAnalysis, metrics: MetricsResult, desk: Desk) -> str:
    held, currency = found.selection, desk.currency
    of = f" of {trades_of(part.where)}" if part.where else ""
    made = held.average_net or 0.0
    sqn = figure(metrics, "sqn") if not part.where else None
    trades = count(held.trade_count, "closed trade")
    average = f"average net P&L per trade{of} {number(made)} {currency} over {trades}"
    if held.trade_count < _FEW:
        return f"**That can't be told yet: {trades}{of} are too few, the sample is too small to tell skill from luck.** So far: {average}."
    if part.topic == "risk":
        depth = figure(metrics, "max_drawdown")
        fell = (
            f"Equity once fell by a maximum drawdown of {percent(depth)}"
            if depth is not None
            else "How deep equity fell is not known"
        )
        return f"**{fell}; whether that is too much is for you to say.** The {average}."
    if sqn is None:
        return f"**On these trades alone it can't be told from chance; they {'made' if made > 0 else 'lost'} money so far.** The {average}."
    if abs(sqn) < _CLEAR:
        way = "made" if made > 0 else "lost"
        return (
            f"**It can't be told from luck: the strategy {way} money, but so small an average could be chance.** The {average}; that is "
            f"an SQN of {number(sqn)}, and below 2 in size the average is within what noise alone would give (about the 95 % interval)."
        )
    if made > 0:
        return f"**On this record it is good, more than luck would explain:** {average}, an SQN of {number(sqn)} (above 2 the average stands clear of noise). That says nothing certain of other times."
    return f"**No: on this record it loses, more clearly than chance would explain.** The {average}, an SQN of {number(sqn)} (below -2 the average stands clear of noise)."


def _lines(part: Part, found: TradeAnalysis, metrics: MetricsResult, desk: Desk) -> list[str]:
    held, currency = found.selection, desk.currency
    lines = []
    if held.open_count:
        lines.append(
            f"Result: net P&L {number(held.net_pnl)} {currency} of the closed trades, unrealised {number(held.open_pnl)} {currency} of {count(held.open_count, 'open trade')}, total P&L {number(held.total_pnl)} {currency}."
        )
    else:
        lines.append(f"Result: net P&L {number(held.net_pnl)} {currency}.")
    if held.win_rate is not None:
        payoff = (
            f", payoff ratio {number(held.payoff_ratio)} (average win {number(held.average_win)} {currency}, average loss {number(held.average_loss)} {currency})"
            if held.payoff_ratio is not None
            else ""
        )
        lines.append(f"Win rate {percent(held.win_rate)}{payoff}.")
    if held.profit_factor is not None:
        lines.append(f"Profit factor {number(held.profit_factor)}; below 1 the losses outweigh the wins.")
    if not part.where:
        lines += _run_lines(metrics, currency)
    if found.concentration.worst_5_share is not None and held.loss_count > 5 and not part.where:
        lines.append(f"The five worst trades make {percent(found.concentration.worst_5_share)} of all losses.")
    if held.largest_win is not None and held.net_pnl > 0 and held.largest_win > held.net_pnl / 2:
        lines.append(
            f"The largest win alone, {number(held.largest_win)} {currency}, is more than half of the net P&L of {number(held.net_pnl)} {currency}: without it little would be left."
        )
    return lines


def _run_lines(metrics: MetricsResult, currency: str) -> list[str]:
    lines = []
    depth, sharpe, market = (figure(metrics, name) for name in ("max_drawdown", "sharpe", "benchmark_return"))
    if depth is not None:
        lines.append(f"Maximum drawdown {percent(depth)}.")
    if sharpe is not None:
        low = " (few daily returns: not much weight on it)" if metrics.figures["sharpe"].low_sample else ""
        lines.append(f"Sharpe ratio {number(sharpe)}{low}.")
    total = figure(metrics, "total_return")
    if market is not None and total is not None:
        lines.append(f"Total return {percent(total)}, against {percent(market)} for buy and hold of what it traded.")
    fees = figure(metrics, "fees_share_of_gross")
    if fees is not None and fees > 20:
        lines.append(f"Fees are {percent(fees)} of the gross P&L by size.")
    return lines


def _would_tell(found: TradeAnalysis) -> str:
    return "What would tell more: a longer run, or the same rules on a time they were not made on."
