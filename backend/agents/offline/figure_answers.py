"""Answers made of figures: risk and drawdown, an overview, costs."""

from __future__ import annotations

from backend.agents.offline import sections as part
from backend.agents.offline.markdown import code, document, number, percent, table
from backend.agents.offline.plan import Findings
from backend.agents.offline.questions import Question
from backend.analysis import TradeAnalysis

_RISK_ROWS = (
    ("Maximum drawdown", "max_drawdown", "pct"),
    ("Maximum drawdown, money", "max_drawdown_money", "money"),
    ("Time under water", "time_under_water", "pct"),
    ("Ulcer index", "ulcer_index", "pct"),
    ("Volatility a year", "volatility", "pct"),
    ("Value at risk, daily", "var_95", "pct"),
    ("Expected shortfall, daily", "cvar_95", "pct"),
    ("Sharpe ratio", "sharpe", "ratio"),
    ("Sortino ratio", "sortino", "ratio"),
    ("Calmar ratio", "calmar", "ratio"),
)
_OVERVIEW_ROWS = (
    ("Total return", "total_return", "pct"),
    ("Final equity", "final_equity", "money"),
    ("Net P&L", "net_pnl", "money"),
    ("Fees", "fees", "money"),
    ("Closed trades", "trade_count", "count"),
    ("Win rate", "win_rate", "pct"),
    ("Profit factor", "profit_factor", "ratio"),
    ("Expectancy a trade", "expectancy", "money"),
    ("Average win", "average_win", "money"),
    ("Average loss", "average_loss", "money"),
    ("Maximum drawdown", "max_drawdown", "pct"),
    ("Sharpe ratio", "sharpe", "ratio"),
    ("Exposure", "exposure", "pct"),
)


def _figures_table(findings: Findings, rows: tuple[tuple[str, str, str], ...], currency: str) -> str:
    lines, missing = [], []
    for label, name, unit in rows:
        value = part.figure(findings.metrics, name)
        held = findings.metrics.figures.get(name) if findings.metrics is not None else None
        if value is None:
            if held is not None and held.why:
                missing.append(f"- {label}: not available, {code(held.why, 120)}")
            continue
        shown = percent(value) if unit == "pct" else f"{value:,.0f}" if unit == "count" else number(value)
        lines.append([label, f"{shown} {currency}" if unit == "money" else shown])
    return document([table(["Figure", "Value"], lines) if lines else "", "\n".join(missing)])


def risk_answer(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    """Drawdown and risk of the whole run."""
    line = drawdown_line(findings, whole) or "**Drawdown can't be computed for this run.**"
    recovered = part.moment_of(findings.metrics, "drawdown_recovery_at")
    after = (
        "Equity has not come back to that peak." if recovered == "–" else f"It was back at that peak on {recovered}."
    )
    known = part.figure(findings.metrics, "max_drawdown") is not None
    low = findings.metrics is not None and any(held.low_sample for held in findings.metrics.figures.values())
    return document(
        [
            f"**{line}** {after}" if known else line,
            _figures_table(findings, _RISK_ROWS, whole.currency),
            "There are few daily returns: take the ratios with caution." if low else "",
            "These are figures of the whole run." if question.scope is not None else "",
            part.concentration_line(whole),
        ]
    )


def overview_answer(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    """The headline figures."""
    return document(
        [
            part.verdict(whole, findings.metrics),
            _figures_table(findings, _OVERVIEW_ROWS, whole.currency),
            part.warning_lines(whole.warnings),
        ]
    )


def costs_answer(question: Question, findings: Findings, whole: TradeAnalysis) -> str:
    """What fees and funding took."""
    bridge, currency = whole.bridge, whole.currency
    fees = f"**Fees came to {part.money(bridge.fees, currency)}"
    head = f"{fees} and funding to {part.money(bridge.funding, currency)}.**" if bridge.funding else f"{fees}.**"
    if bridge.fees == 0 and bridge.funding == 0:
        head = "**The run's file records no fees and no funding.**"
    share = part.figure(findings.metrics, "fees_share_of_gross")
    each = part.figure(findings.metrics, "average_fees")
    sized = f"Fees are {percent(share)} of the size of the gross result." if share is not None and bridge.fees else ""
    average = f"A trade cost {part.money(each, currency)} in fees on average." if each else ""
    legs = sorted(
        (leg for leg in bridge.by_symbol if leg.fees or leg.funding), key=lambda leg: -(leg.fees + leg.funding)
    )
    lines = [
        [code(leg.key), number(leg.gross_pnl), number(leg.fees), number(leg.funding), number(leg.net_pnl)]
        for leg in legs[: part.SHOWN_ROWS]
    ]
    return document(
        [
            head,
            part.bridge_table(whole),
            part.bridge_line(whole) if bridge.fees or bridge.funding else "",
            f"{sized} {average}".strip(),
            table(["Symbol", f"Gross {currency}", "Fees", "Funding", "Net"], lines) if lines else "",
        ]
    )


def drawdown_line(findings: Findings, whole: TradeAnalysis) -> str:
    """The deepest fall of equity in a sentence; empty when it is not known."""
    metrics = findings.metrics
    depth = part.figure(metrics, "max_drawdown")
    if depth is None:
        return ""
    lost = part.figure(metrics, "max_drawdown_money")
    amount = f" ({part.money(lost, whole.currency)})" if lost is not None else ""
    peak, trough = part.moment_of(metrics, "drawdown_peak_at"), part.moment_of(metrics, "drawdown_trough_at")
    return f"The deepest fall of equity was {percent(depth)}{amount}. Peak: {peak}, trough: {trough} (UTC)."
