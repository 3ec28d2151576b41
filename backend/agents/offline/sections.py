"""Parts that answers are made of: verdicts, tables and lines, each figure as a tool gave it."""

from __future__ import annotations

from collections.abc import Sequence

from backend.agents.offline.markdown import code, count, document, moment, number, percent, table
from backend.analysis import MetricsResult, TradeAnalysis, TradeRow
from backend.analysis.breakdown import BreakdownRow, Summary

SHOWN_TRADES = 5
SHOWN_ROWS = 6
DIMENSION_NAMES = {
    "hour": "hour of opening (UTC)",
    "weekday": "weekday of opening (UTC)",
    "symbol": "symbol",
    "side": "side",
    "tag": "exit tag",
    "entry_tag": "entry tag",
    "holding_time": "holding time",
    "after": "what came before",
    "size": "position size",
}


def money(value: float | None, currency: str) -> str:
    """An amount with its currency."""
    return number(value) if value is None else f"{number(value)} {currency}"


def key_name(dimension: str, key: str) -> str:
    """A group's name: an hour as 13:00, anything from the run as code."""
    return f"{key}:00" if dimension == "hour" else key if dimension in ("weekday", "side") else code(key)


def figure(metrics: MetricsResult | None, name: str) -> float | None:
    """A metric's number, None when there is none."""
    held = metrics.figures.get(name) if metrics is not None else None
    value = held.value if held is not None else None
    return float(value) if isinstance(value, int | float) else None


def moment_of(metrics: MetricsResult | None, name: str) -> str:
    """A metric's time to the minute, or a dash."""
    held = metrics.figures.get(name) if metrics is not None else None
    return str(held.value)[:16].replace("T", " ") if held is not None and isinstance(held.value, str) else "–"


def tally(summary: Summary) -> str:
    """12 trades: 5 won, 7 lost (win rate 41.67%)."""
    parts = [f"{summary.win_count:,} won", f"{summary.loss_count:,} lost"]
    if summary.breakeven_count:
        parts.append(f"{summary.breakeven_count:,} broke even")
    rate = f" (win rate {percent(summary.win_rate)})" if summary.win_rate is not None else ""
    return f"{count(summary.trade_count, 'trade')}: {', '.join(parts)}{rate}"


def verdict(whole: TradeAnalysis, metrics: MetricsResult | None) -> str:
    """What the run made, in one or two sentences."""
    bridge, currency = whole.bridge, whole.currency
    if whole.selection.trade_count == 0 and not whole.open_trades:
        return "**This run has no trades**, so there is nothing to explain."
    closed = f"Its closed trades brought {money(bridge.net_pnl, currency)} net over {tally(whole.selection)}."
    if whole.selection.trade_count == 0:
        closed = "No trade was closed."
    still_open = ""
    if whole.open_trades:
        still_open = f" Trades still open at the end stand at {money(bridge.open_pnl, currency)}."
    result = bridge.net_pnl + bridge.open_pnl
    head = (
        "This run lost money" if result < 0 else "This run did not lose money" if result > 0 else "This run broke even"
    )
    total, returned = figure(metrics, "total_pnl"), figure(metrics, "total_return")
    in_all = f": {money(total, currency)}" if total is not None else ""
    in_percent = f" ({percent(returned)})" if in_all and returned is not None else ""
    return f"**{head}{in_all}{in_percent}.** {closed}{still_open}"


def open_line(whole: TradeAnalysis) -> str:
    """Said when what is still open weighs more than all that was closed."""
    bridge = whole.bridge
    if bridge.open_pnl < 0 and bridge.open_pnl < bridge.net_pnl:
        return "**Most of the loss sits in trades that are still open**, not in the closed ones: they are listed below."
    return ""


def bridge_table(whole: TradeAnalysis) -> str:
    """Gross to net of the closed trades."""
    bridge = whole.bridge
    rows = [("Gross result of the trades", bridge.gross_pnl), ("− fees", bridge.fees), ("− funding", bridge.funding)]
    shown = [(name, number(value)) for name, value in rows if value != 0 or name.startswith("Gross")]
    lines = [*shown, ("**= net result**", f"**{number(bridge.net_pnl)}**")]
    if whole.open_trades:
        lines.append(("apart: open trades", number(bridge.open_pnl)))
    return table(["Closed trades", whole.currency], lines)


def bridge_line(whole: TradeAnalysis) -> str:
    """What costs did to the result, in words."""
    bridge = whole.bridge
    if bridge.gross_pnl > 0 > bridge.net_pnl:
        return "Before costs the trades made money: **costs turned the result into a loss.**"
    if bridge.fees <= 0 and bridge.funding <= 0:
        return "The run's file records no costs, so the result is that of the trades alone."
    if bridge.net_pnl < 0:
        return "The trades lost before costs; costs made it worse."
    return "The trades made money before costs, and more than the costs."


def rows_table(dimension: str, rows: Sequence[BreakdownRow], currency: str) -> str:
    """Groups of a breakdown."""
    lines = [
        [
            key_name(dimension, row.key),
            f"{row.trade_count:,}",
            percent(row.win_rate),
            number(row.net_pnl),
            number(row.average_net),
        ]
        for row in rows
    ]
    name = DIMENSION_NAMES[dimension]
    title = f"{name[0].upper()}{name[1:]}"
    return table([title, "Trades", "Win rate", f"Net {currency}", "Average"], lines)


def worst_rows(rows: Sequence[BreakdownRow], limit: int = SHOWN_ROWS) -> list[BreakdownRow]:
    """Groups that lost, worst first."""
    return sorted((row for row in rows if row.net_pnl < 0), key=lambda row: row.net_pnl)[:limit]


def best_rows(rows: Sequence[BreakdownRow], limit: int = SHOWN_ROWS) -> list[BreakdownRow]:
    """Groups that won, best first."""
    return sorted((row for row in rows if row.net_pnl > 0), key=lambda row: -row.net_pnl)[:limit]


def concentration_line(whole: TradeAnalysis) -> str:
    """How much of the losses a few trades, or one symbol, make."""
    held = whole.concentration
    if held.worst_trade_share is None:
        return ""
    text = f"The losing trades lost {money(held.total_loss, whole.currency)} together. The worst of them alone makes "
    text += f"{percent(held.worst_trade_share)} of that"
    if held.worst_5_share is not None and whole.selection.loss_count > 5:
        text += f", the worst five {percent(held.worst_5_share)}"
    if held.worst_symbol is not None and len(whole.breakdowns["symbol"]) > 1:
        text += f", and {code(held.worst_symbol)} {percent(held.worst_symbol_share)}"
    return f"{text}."


def trades_table(trades: Sequence[TradeRow], currency: str) -> str:
    """Trades with what is needed to find them again; the result stands early, where a phone still shows it."""
    columns: dict[str, list[str]] = {
        "Trade": [f"#{trade.trade_id}" for trade in trades],
        "Symbol": [code(trade.symbol) for trade in trades],
        f"Net {currency}": [number(trade.net_pnl) for trade in trades],
        "Return": [percent(trade.return_pct) for trade in trades],
        "Side": [trade.side for trade in trades],
        "Opened (UTC)": [moment(trade.opened_at) for trade in trades],
        "Closed": [moment(trade.closed_at) if trade.closed_at else "open" for trade in trades],
    }
    if any(trade.exit_tag for trade in trades):
        columns["Exit tag"] = [code(trade.exit_tag, 30) for trade in trades]
    return table(list(columns), list(zip(*columns.values(), strict=True)))


def reasoning_quotes(trade: TradeRow) -> str:
    """What the source recorded when the trade was opened and closed, as quoted data."""
    lines = [
        f"> Recorded at {moment_name} of trade #{trade.trade_id}: {code(text, 400)}"
        for moment_name, text in (("entry", trade.entry_reasoning), ("exit", trade.exit_reasoning))
        if text
    ]
    return "\n>\n".join(lines)


def pattern_lines(whole: TradeAnalysis, dimensions: Sequence[str] = ()) -> str:
    """What passed the permutation test, and out of how many tries; of the named dimensions, or of all."""
    held = whole.patterns
    found = [pattern for pattern in held.found if not dimensions or pattern.dimension in dimensions]
    if held.tested == 0:
        return "There are too few trades to test for patterns: take what stands out above as observations."
    if not found:
        return (
            f"Of the {held.tested:,} groups tested over the whole run (hours, weekdays, symbols …), none of this kind "
            "differs from the rest by more than chance explains: take what stands out above as observations."
        )
    lines = [
        f"- {DIMENSION_NAMES.get(one.dimension, one.dimension)} {key_name(one.dimension, one.key)}: "
        f"{count(one.trade_count, 'trade')}, {number(one.average_net)} {whole.currency} on average against "
        f"{number(one.rest_average_net)} in the rest (adjusted p-value {number(one.adjusted_p_value)})"
        for one in found[:4]
    ]
    return document([f"Of {held.tested:,} groups tested, these pass a permutation test:", "\n".join(lines)])


def warning_lines(warnings: Sequence[str]) -> str:
    """What a reader should know before trusting the figures; quoted, since warnings name things of the run."""
    return "\n".join(f"> Note: {code(text, 300)}" for text in warnings[:2])
