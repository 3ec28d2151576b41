"""Answers to "why": the largest causes in money first, each with what it rests on and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from backend.agents.offline.answering.figure_words import figure, nothing_there
from backend.agents.offline.answering.group_words import groups_of, key_name
from backend.agents.offline.answering.results import USUAL, Desk, PlannedCall, analysis_call, metrics_call
from backend.agents.offline.answering.scope import trades_of
from backend.agents.offline.answering.trade_words import reasoning_quotes, trades_table
from backend.agents.offline.markdown import code, count, document, number, percent
from backend.agents.offline.understanding import Part
from backend.analysis import MetricsResult, TradeAnalysis

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """A statement with the money it explains, always above zero."""

    money: float
    short: str
    text: str


def why_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The selection with the run's figures."""
    return [analysis_call(part.where, USUAL), metrics_call()]


def why_words(part: Part, desk: Desk) -> str:
    """What was made, with the largest cause, in the first sentence; then the causes by money."""
    found = desk.results.of(analysis_call(part.where, USUAL), TradeAnalysis)
    metrics = desk.results.of(metrics_call(), MetricsResult)
    if found is None or metrics is None:
        return nothing_there(part.where, desk)
    held = found.selection
    if held.trade_count + held.open_count == 0:
        return (
            nothing_there(part.where, desk)
            if part.where
            else "**This run has no trades**, so there is nothing to explain."
        )
    result = held.total_pnl if held.open_count else held.net_pnl
    won = result > 0
    causes = sorted(_gains(found, desk) if won else _losses(found, desk), key=lambda one: -one.money)
    return document(
        [
            _head(part, found, metrics, result, causes, desk),
            "\n".join(f"- {one.text}" for one in causes[:4]),
            _how_sure(found),
            _worst(found, desk, won),
        ]
    )


def _head(
    part: Part, found: TradeAnalysis, metrics: MetricsResult, result: float, causes: list[Cause], desk: Desk
) -> str:
    subject = _capital(trades_of(part.where)) if part.where else "This run"
    verb = "lost" if result < 0 else "made" if result > 0 else "broke even"
    returned = figure(metrics, "total_return") if not part.where else None
    amount = f" {number(abs(result))} {desk.currency}" if result else ""
    in_percent = f" (total return {percent(returned)})" if returned is not None else ""
    asked_loss = part.order != "best" and result > 0
    instead = " It did not lose." if asked_loss and not part.where else ""
    most = f": {causes[0].short}" if causes else ": no single cause stands out"
    tally = f" {count(found.selection.trade_count, 'closed trade')}, {found.selection.win_count:,} won and {found.selection.loss_count:,} lost"
    if found.selection.open_count:
        tally += f"; {count(found.selection.open_count, 'trade')} still open"
    total = "total P&L" if found.selection.open_count else "net P&L"
    return f"**{subject} {verb}{amount}{in_percent}{most}.**{instead} Its {total} is {number(result)} {desk.currency}:{tally}."


def _losses(found: TradeAnalysis, desk: Desk) -> list[Cause]:
    held, currency = found.selection, desk.currency
    causes: list[Cause] = []
    if held.open_count and held.open_pnl < 0:
        losers = [trade for trade in found.worst_trades if trade.status == "open"][:_SHOWN]
        named = ", ".join(f"{code(trade.symbol)} {number(trade.net_pnl)}" for trade in losers)
        causes.append(Cause(-held.open_pnl, f"most of it ({number(held.open_pnl)} {currency}) is unrealised, in {count(held.open_count, 'trade')} still open at the end{', largest ' + named if named else ''}",
                            f"**Still open:** {count(held.open_count, 'open trade')} with {number(held.open_pnl)} {currency} unrealised at the last known prices{': ' + named if named else ''}. Nothing of it is final."))  # fmt: skip
    costs = held.fees + held.funding
    if costs > 0:
        if held.gross_pnl > 0 > held.net_pnl:
            causes.append(
                Cause(
                    costs,
                    f"costs turned a gross profit of {number(held.gross_pnl)} {currency} into a loss",
                    f"**Costs:** fees {number(held.fees)} {currency}{f', funding {number(held.funding)} {currency}' if held.funding else ''}, against a gross P&L of {number(held.gross_pnl)} {currency}: before costs the trades made money.",
                )
            )
        elif held.net_pnl < 0:
            causes.append(
                Cause(
                    costs,
                    f"fees took {number(held.fees)} {currency}",
                    f"**Costs:** fees {number(held.fees)} {currency}{f', funding {number(held.funding)} {currency}' if held.funding else ''} on top of a gross P&L of {number(held.gross_pnl)} {currency}.",
                )
            )
    if (
        held.payoff_ratio is not None
        and held.win_rate is not None
        and held.net_pnl < 0
        and held.average_win
        and held.average_loss
    ):
        causes.append(Cause(abs(held.net_pnl) * 0.9, f"wins are too small or too few: win rate {percent(held.win_rate)} with an average win of {number(held.average_win)} against an average loss of {number(held.average_loss)} {currency}",
                            f"**Payoff:** the win rate is {percent(held.win_rate)}, the average win {number(held.average_win)} {currency}, the average loss {number(held.average_loss)} {currency}: a payoff ratio of {number(held.payoff_ratio)} is too little for this win rate."))  # fmt: skip
    causes += _group_causes(found, desk, -1)
    share = found.concentration.worst_5_share
    if share is not None and share > 40 and held.loss_count > 5 and found.filter.filter_type == "all":
        causes.append(
            Cause(
                -found.concentration.total_loss * share / 100 * 0.5,
                f"five trades make {percent(share)} of all losses",
                f"**Few large losses:** the five worst trades make {percent(share)} of the sum of all losses, {number(found.concentration.total_loss)} {currency}.",
            )
        )
    return causes


def _gains(found: TradeAnalysis, desk: Desk) -> list[Cause]:
    held, currency = found.selection, desk.currency
    causes: list[Cause] = []
    if held.average_win and held.win_rate is not None:
        against = f" against an average loss of {number(held.average_loss)} {currency}" if held.average_loss else ""
        causes.append(Cause(abs(held.net_pnl) * 0.9, f"win rate {percent(held.win_rate)} with an average win of {number(held.average_win)} {currency}{against}",
                            f"**Wins against losses:** win rate {percent(held.win_rate)}, average win {number(held.average_win)} {currency}{against}."))  # fmt: skip
    if held.open_count and held.open_pnl > 0:
        causes.append(
            Cause(
                held.open_pnl,
                f"{number(held.open_pnl)} {currency} of it is unrealised, in {count(held.open_count, 'trade')} still open",
                f"**Still open:** {count(held.open_count, 'open trade')} with {number(held.open_pnl)} {currency} unrealised. Nothing of it is final.",
            )
        )
    causes += _group_causes(found, desk, 1)
    if held.largest_win and held.net_pnl > 0 and held.largest_win > held.net_pnl * 0.25:
        causes.append(
            Cause(
                held.largest_win,
                f"one trade made {number(held.largest_win)} {currency}",
                f"**One large win:** the largest win is {number(held.largest_win)} {currency} of a net P&L of {number(held.net_pnl)} {currency}.",
            )
        )
    return causes


def _group_causes(found: TradeAnalysis, desk: Desk, sign: int) -> list[Cause]:
    """The side, symbol, hour and weekday where most of it sits; observations, not tested causes."""
    causes = []
    for dimension, word in (
        ("symbol", "symbol"),
        ("side", "side"),
        ("weekday", "weekday"),
        ("hour", "hour"),
        ("tag", "exit tag"),
    ):
        rows = groups_of(found, dimension) if dimension in found.breakdowns else []
        if len(rows) < 2 or (dimension == "hour" and not desk.run.intraday):
            continue
        row = max(rows, key=lambda one: sign * one.total_pnl)
        if sign * row.total_pnl <= 0:
            continue
        label = "total P&L" if row.open_count else "net P&L"
        still_open = f" and {count(row.open_count, 'trade')} still open" if row.open_count else ""
        name = key_name(dimension, row.key) if dimension != "tag" else code(row.key)
        made = "lost" if sign < 0 else "made"
        noun = f"{name} trades" if dimension == "side" else name
        causes.append(Cause(abs(row.total_pnl) * 0.7, f"the {word} {name} {made} most, {label} {number(row.total_pnl)} {desk.currency}",
                            f"**By {word}:** {noun} {made} most, {label} {number(row.total_pnl)} {desk.currency} over {count(row.trade_count, 'closed trade')}{still_open}{f' (win rate {percent(row.win_rate)})' if row.win_rate is not None else ''}."))  # fmt: skip
    return causes


def _how_sure(found: TradeAnalysis) -> str:
    held = found.patterns
    if held.tested == 0:
        return "How sure: there are too few trades to test any of this against chance; take it as what happened, not as what will happen."
    if not held.found:
        return "How sure: sums are exact; but no hour, weekday, symbol or side differs from the rest by more than chance explains, so where the losses sit may be coincidence."
    lines = [
        f"- {one.dimension.replace('_', ' ')} {key_name(one.dimension, one.key)}: average net P&L {number(one.average_net)} against {number(one.rest_average_net)} in the rest over {count(one.trade_count, 'trade')}; so large a difference comes by chance with a p-value of {number(one.adjusted_p_value)}"
        for one in held.found[:3]
    ]
    return document(
        ["How sure: sums are exact; these differ from the rest by more than chance explains:", "\n".join(lines)]
    )


def _worst(found: TradeAnalysis, desk: Desk, won: bool) -> str:
    trades = (found.best_trades if won else found.worst_trades)[:_SHOWN]
    if not trades:
        return ""
    if len(trades) == 1:
        only = trades[0]
        return f"The {'best' if won else 'worst'} trade is #{only.trade_id}: {code(only.symbol)} {only.side}, net P&L {number(only.net_pnl)} {desk.currency}."
    quoted = next((trade for trade in trades if trade.entry_reasoning or trade.exit_reasoning), None)
    return document(
        [
            f"The trades that {'made' if won else 'lost'} most:",
            trades_table(trades, desk),
            reasoning_quotes(quoted) if quoted is not None else "",
        ]
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
