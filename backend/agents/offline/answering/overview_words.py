"""How the run, or a part of it, did: the result first, then the figures around it."""

from __future__ import annotations

from backend.agents.offline.answering.figure_words import figure, nothing_there
from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call
from backend.agents.offline.answering.scope import duration, trades_of
from backend.agents.offline.answering.values import LABELS, shown
from backend.agents.offline.markdown import code, count, document, number, percent, table
from backend.agents.offline.understanding import Part
from backend.analysis import MetricsResult, TradeAnalysis

_RUN_ROWS = (
    "total_return",
    "final_equity",
    "win_rate",
    "profit_factor",
    "expectancy",
    "average_win",
    "average_loss",
    "fees",
    "max_drawdown",
    "sharpe",
    "exposure",
)


def overview_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The selection; the run's own figures where it is the whole run."""
    return [analysis_call(part.where)] if part.where else [analysis_call(), metrics_call()]


def overview_words(part: Part, desk: Desk) -> str:
    """What it made, over how many trades."""
    found = desk.results.of(analysis_call(part.where), TradeAnalysis)
    if found is None:
        return nothing_there(part.where, desk)
    held = found.selection
    if held.trade_count + held.open_count == 0:
        return nothing_there(part.where, desk) if part.where else "**This run has no trades.**"
    subject = trades_of(part.where) if part.where else "this run"
    total, name = (held.total_pnl, "total P&L") if held.open_count else (held.net_pnl, "net P&L")
    verb = "lost" if total < 0 else "made" if total > 0 else "broke even:"
    open_ = (
        f" (closed {number(held.net_pnl)} {desk.currency}, still open {number(held.open_pnl)} {desk.currency})"
        if held.open_count
        else ""
    )
    head = f"**{_capital(subject)} {verb} money: {name} {shown(total, 'money', desk.currency)}{open_} over {count(held.trade_count, 'closed trade')}"
    rate = f", win rate {percent(held.win_rate)}" if held.win_rate is not None else ""
    if part.where:
        return document([f"{head}{rate}.**", _selection_lines(found, desk)])
    metrics = desk.results.of(metrics_call(), MetricsResult)
    return document(
        [f"{head}{rate}.**", _figures_table(metrics, desk) if metrics is not None else "", _extremes(found, desk)]
    )


def _selection_lines(found: TradeAnalysis, desk: Desk) -> str:
    held, rest, currency = found.selection, found.complement, desk.currency
    lines = []
    if held.trade_count:
        parts = [f"{held.win_count:,} won", f"{held.loss_count:,} lost"]
        averages = f", average win {number(held.average_win)} {currency}" if held.average_win is not None else ""
        averages += f", average loss {number(held.average_loss)} {currency}" if held.average_loss is not None else ""
        lines.append(f"{' and '.join(parts)}{averages}.")
        if held.fees:
            lines.append(f"Gross P&L {number(held.gross_pnl)} {currency}, fees {number(held.fees)} {currency}.")
        if held.average_holding_seconds:
            lines.append(f"They were held {duration(held.average_holding_seconds)} on average.")
    if rest.trade_count:
        rate = f", win rate {percent(rest.win_rate)}" if rest.win_rate is not None else ""
        lines.append(
            f"All other closed trades: net P&L {number(rest.net_pnl)} {currency} over {count(rest.trade_count, 'trade')}{rate}."
        )
    return document([" ".join(lines), _extremes(found, desk)])


def _extremes(found: TradeAnalysis, desk: Desk) -> str:
    told = []
    for name, trades in (("worst", found.worst_trades), ("best", found.best_trades)):
        if trades:
            trade = trades[0]
            told.append(
                f"the {name} trade is #{trade.trade_id} ({code(trade.symbol)} {trade.side}, net P&L {number(trade.net_pnl)} {desk.currency}{', open' if trade.closed_at is None else ''})"
            )
    return f"{'; '.join(told)[:1].upper()}{'; '.join(told)[1:]}." if told else ""


def _figures_table(metrics: MetricsResult, desk: Desk) -> str:
    lines = []
    for name in _RUN_ROWS:
        value = figure(metrics, name)
        if value is None or (name == "fees" and not value):
            continue
        label = LABELS[name]
        lines.append([f"{label.name[:1].upper()}{label.name[1:]}", shown(value, label.unit, desk.currency)])
    return table(["Figure", "Value"], lines) if len(lines) > 1 else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
