"""Answers about single trades: the worst, the best, one of them, and what was thought when they were made."""

from __future__ import annotations

from backend.agents.offline import sections as part
from backend.agents.offline.markdown import code, document, number, percent, table
from backend.agents.offline.plan import Findings
from backend.agents.offline.questions import Question
from backend.analysis import TradeAnalysis, TradeRow


def trades_block(trades: list[TradeRow], currency: str, *, quote: bool) -> str:
    """The first trades of a list, and the reasoning recorded with the first that has any."""
    if not trades:
        return ""
    quoted = next((trade for trade in trades if trade.entry_reasoning or trade.exit_reasoning), None)
    return document(
        [
            part.trades_table(trades[: part.SHOWN_TRADES], currency),
            part.reasoning_quotes(quoted) if quote and quoted is not None else "",
        ]
    )


def open_trades_block(whole: TradeAnalysis) -> str:
    """Trades still open at the end, if there are any."""
    if not whole.open_trades:
        return ""
    return document(
        [
            "### Still open at the end",
            "Marked at the last known price; neither wins nor losses.",
            part.trades_table(whole.open_trades[: part.SHOWN_TRADES], whole.currency),
        ]
    )


def worst_answer(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    """The losing trades, worst first; or one of them."""
    return _listed(question, whole, whole.worst_trades, "worst", "No closed trade lost money.")


def best_answer(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    """The winning trades, best first; or one of them."""
    return _listed(question, whole, whole.best_trades, "best", "No closed trade made money.")


def _listed(question: Question, whole: TradeAnalysis, trades: list[TradeRow], which: str, nothing: str) -> str:
    if question.trade_id is not None:
        return _trade_by_id(question.trade_id, whole)
    if not trades:
        return document([f"**{nothing}**", part.verdict(whole, None), open_trades_block(whole)])
    if question.item is not None:
        place = len(trades) if question.item < 0 else question.item
        if place <= len(trades):
            return _one_trade(trades[place - 1], whole)
        return f"There is no such trade: the list of the {which} trades ends before it."
    first = trades[0]
    head = (
        f"**The {which} trade is #{first.trade_id}**: {code(first.symbol)} {first.side}, "
        f"{part.money(first.net_pnl, whole.currency)} net{_returned(first)}."
    )
    line = part.concentration_line(whole) if which == "worst" else ""
    return document([head, line, trades_block(trades, whole.currency, quote=True)])


def _trade_by_id(trade_id: int, whole: TradeAnalysis) -> str:
    known = [*whole.worst_trades, *whole.best_trades, *whole.open_trades]
    trade = next((trade for trade in known if trade.trade_id == trade_id), None)
    if trade is None:
        return (
            "That trade is not among the worst, the best or the open ones, which are what I see one by one. The trade "
            "table of the run lists every trade with its reasoning."
        )
    return _one_trade(trade, whole)


def _returned(trade: TradeRow) -> str:
    return "" if trade.return_pct is None else f" ({percent(trade.return_pct)})"


def _one_trade(trade: TradeRow, whole: TradeAnalysis) -> str:
    head = (
        f"**Trade #{trade.trade_id}**: {code(trade.symbol)} {trade.side}, "
        f"{part.money(trade.net_pnl, whole.currency)} net{_returned(trade)}."
    )
    closed = "still open" if trade.closed_at is None else f"{trade.closed_at:%Y-%m-%d %H:%M}"
    lines = [
        ("Opened (UTC)", f"{trade.opened_at:%Y-%m-%d %H:%M}"),
        ("Closed (UTC)", closed),
        ("Quantity", number(trade.quantity)),
        ("Entry price", number(trade.entry_price)),
        ("Exit price" if trade.closed_at else "Last known price", number(trade.exit_price)),
        ("Gross", number(trade.gross_pnl)),
        ("Fees", number(trade.fees)),
        ("Funding", number(trade.funding)),
        ("**Net**", f"**{number(trade.net_pnl)}**"),
        ("Worst while open", number(trade.mae)),
        ("Best while open", number(trade.mfe)),
        ("Entry tag", code(trade.entry_tag)),
        ("Exit tag", code(trade.exit_tag)),
    ]
    shown = [line for line in lines if line[1] != "–"]
    quotes = part.reasoning_quotes(trade) or "The run's file records no reasoning for this trade."
    return document([head, table([f"In {whole.currency}", "Value"], shown), quotes])


def reasoning_answer(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    """What the source recorded with the trades that lost most."""
    told = [trade for trade in whole.worst_trades if trade.entry_reasoning or trade.exit_reasoning]
    if not told:
        return document(
            [
                "**The run's file records no reasoning for its worst trades**, so what was thought can't be known from "
                "it. These are the trades:",
                trades_block(whole.worst_trades, whole.currency, quote=False),
            ]
        )
    blocks = [
        f"**Trade #{trade.trade_id}**, {code(trade.symbol)} {trade.side}: "
        f"{part.money(trade.net_pnl, whole.currency)} net\n\n{part.reasoning_quotes(trade)}"
        for trade in told[:3]
    ]
    return document(["This is what was recorded with the trades that lost most:", *blocks])
