"""Answers that are figures of a selection: the figure first, then what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call
from backend.agents.offline.answering.scope import trades_of
from backend.agents.offline.answering.values import Value, calls_for, shown, value_of
from backend.agents.offline.markdown import count, document, number, percent
from backend.agents.offline.understanding import Condition, Part, Wanted
from backend.analysis import MetricsResult, TradeAnalysis
from backend.analysis.breakdown import Summary

_RESULT_MEASURES = ("net_pnl", "total_pnl", "expectancy", "gross_pnl")
_TALLIED = ("win_rate", "trade_count", "net_pnl", "win_count", "loss_count", "expectancy", "profit_factor")


def figure_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The selection, and the run's own figures where they are asked."""
    calls = [call for one in part.wanted for call in calls_for(one, part.where)]
    if not any(call.tool == "analyze_trades" for call in calls) and any(one.measure == "fees" for one in part.wanted):
        calls.append(analysis_call(part.where))
    if (
        any(one.measure in ("fees", "fees_share_of_gross", "average_fees", "total_costs") for one in part.wanted)
        and not part.where
    ):
        calls.append(metrics_call())
    return calls or [analysis_call(part.where)]


def figure_words(part: Part, desk: Desk) -> str:
    """Each figure in the first sentence, then the evidence of each."""
    chosen = desk.results.of(analysis_call(part.where), TradeAnalysis)
    if chosen is not None and part.where and chosen.selection.trade_count + chosen.selection.open_count == 0:
        return nothing_there(part.where, desk)
    wanted = _with_totals(part, chosen)
    if (
        any(one.measure in ("fees", "total_costs", "average_fees", "fees_share_of_gross") for one in wanted)
        and not desk.run.has_fees
    ):
        wanted = [
            one for one in wanted if one.measure not in ("fees", "total_costs", "average_fees", "fees_share_of_gross")
        ]
        if not wanted:
            return no_fees()
        return document([_sentence(wanted, part, desk, chosen), no_fees()])
    return document([_sentence(wanted, part, desk, chosen), _evidence(wanted, part, desk, chosen)])


def no_fees() -> str:
    """Said where the file records no costs."""
    return (
        "**The run's file records no fees or commission**, so none are in these results; whether any were paid outside "
        "of it can't be known from the file."
    )


def nothing_there(where: Sequence[Condition], desk: Desk) -> str:
    """Said where no trade fits."""
    span = ""
    if desk.run.first_day is not None and any(one.key in ("month", "date", "week") for one in where):
        span = f" The run goes from {desk.run.first_day} to {desk.run.last_day}."
    return f"**There are no {trades_of(where)} in this run.**{span}"


def _with_totals(part: Part, chosen: TradeAnalysis | None) -> list[Wanted]:
    """What a trader calls the result has open trades in it, where there are any and closed ones are not asked for."""
    held = list(part.wanted)
    if chosen is None or chosen.selection.open_count == 0 or any(one.key == "open" for one in part.where):
        return held
    return [Wanted("total_pnl") if one == Wanted("net_pnl") else one for one in held]


def _subject(where: Sequence[Condition]) -> str:
    return trades_of(where) if where else "the run"


def _sentence(wanted: Sequence[Wanted], part: Part, desk: Desk, chosen: TradeAnalysis | None) -> str:
    values = [value_of(one, part.where, desk) for one in wanted]
    known = [value for value in values if value.value is not None]
    missing = [value for value in values if value.value is None]
    told = " ".join(f"The {value.label} can't be given: {value.why}." for value in missing)
    if not known:
        return f"**{told}**"
    if len(known) == 1:
        return f"**{_one(known[0], part, chosen)}** {told}".strip()
    return f"**{_capital(_subject(part.where))}: {', '.join(_named(value) for value in known)}.** {told}".strip()


def _one(value: Value, part: Part, chosen: TradeAnalysis | None) -> str:
    of = f" of {trades_of(part.where)}" if part.where else ""
    if value.unit == "count" and value.label.endswith("trades"):
        if part.where:
            return (
                f"{_counted(value)} among the {trades_of(part.where)}."
                if not value.label.startswith("closed")
                else f"{_fits(value, part)}."
            )
        return f"{_counted(value)}."
    at = f" (trade #{value.trade_id})" if value.trade_id is not None else ""
    over = ""
    if value.label in ("net P&L", "total P&L", "gross P&L") and chosen is not None:
        over = f" over {count(chosen.selection.trade_count, 'closed trade')}"
        if chosen.selection.open_count and value.label.startswith("total"):
            over += f" and {count(chosen.selection.open_count, 'trade')} still open"
    verb = "are" if value.label in ("fees", "fees and funding") else "is"
    return f"The {value.label}{of} {verb} {value.text}{at}{over}{_sign_words(value)}."


def _sign_words(value: Value) -> str:
    """Funding below zero was received."""
    if value.label != "funding" or not value.value:
        return ""
    return " (above zero: paid)" if value.value > 0 else " (below zero: received)"


def _counted(value: Value) -> str:
    amount = int(value.value or 0)
    noun = value.label if amount != 1 else value.label.removesuffix("s")
    return f"{amount:,} {noun}" if amount else f"No {noun}"


def _fits(value: Value, part: Part) -> str:
    amount = int(value.value or 0)
    noun = trades_of(part.where)
    closed = "" if " closed " in noun or noun.startswith("closed ") else "closed "
    return f"{amount:,} {closed}{noun}" if amount != 1 else f"1 {closed}{trades_of(part.where, noun='trade')}"


def _named(value: Value) -> str:
    if value.unit == "count" and value.label.endswith("trades"):
        return _counted(value)
    at = f" (trade #{value.trade_id})" if value.trade_id is not None else ""
    return f"{value.label} {value.text}{at}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _evidence(wanted: Sequence[Wanted], part: Part, desk: Desk, chosen: TradeAnalysis | None) -> str:
    names = [one.measure for one in wanted]
    lines: list[str] = []
    metrics = desk.results.of(metrics_call(), MetricsResult)
    if chosen is not None:
        lines += _of_selection(names, part, chosen, desk.currency)
    if metrics is not None:
        lines += _of_run(names, metrics, desk, part)
    return document([" ".join(lines)])


def _of_selection(names: Sequence[str], part: Part, chosen: TradeAnalysis, currency: str) -> list[str]:
    held, lines = chosen.selection, []
    if "total_pnl" in names and held.open_count:
        lines.append(
            f"The closed ones made {number(held.net_pnl)} {currency}, those still open stand at {number(held.open_pnl)} "
            f"{currency} unrealised, at the last known prices."
        )
    if set(names) & set(_TALLIED) and held.trade_count:
        lines.append(tally(held))
    if set(names) & set(_RESULT_MEASURES) and (held.fees or held.funding):
        lines.append(f"Gross P&L {number(held.gross_pnl)} {currency}, {_costs(held, currency)}.")
    if (
        part.where
        and held.trade_count
        and set(names) & {"net_pnl", "trade_count", "win_rate", "total_pnl", "expectancy"}
    ):
        rest = chosen.complement
        if rest.trade_count:
            rate = f", win rate {percent(rest.win_rate)}" if rest.win_rate is not None and "win_rate" in names else ""
            lines.append(
                f"All other closed trades: net P&L {number(rest.net_pnl)} {currency} over {count(rest.trade_count, 'trade')}{rate}."
            )
    if held.trade_count == 0 and set(names) & {"win_rate", "expectancy", "average_win"}:
        lines.append("None of them was closed.")
    return lines


def _costs(held: Summary, currency: str) -> str:
    parts = []
    if held.fees:
        parts.append(f"fees {number(held.fees)} {currency}")
    if held.funding:
        word = "paid" if held.funding > 0 else "received"
        parts.append(f"funding {number(held.funding)} {currency} ({word})")
    return ", ".join(parts)


def tally(held: Summary) -> str:
    """48 won and 36 lost, a win rate of 57.14%."""
    parts = [f"{held.win_count:,} won", f"{held.loss_count:,} lost"]
    if held.breakeven_count:
        parts.append(f"{held.breakeven_count:,} broke even")
    rate = f" (win rate {percent(held.win_rate)})" if held.win_rate is not None else ""
    return f"Of {count(held.trade_count, 'closed trade')} {', '.join(parts)}{rate}."


def _of_run(names: Sequence[str], metrics: MetricsResult, desk: Desk, part: Part) -> list[str]:
    lines = []
    if set(names) & {"max_drawdown", "max_drawdown_money"}:
        lines.append(drawdown_dates(metrics, desk.currency))
    if "fees" in names and not part.where:
        share, each = figure(metrics, "fees_share_of_gross"), figure(metrics, "average_fees")
        if share is not None:
            lines.append(f"Fees are {percent(share)} of the gross P&L by size.")
        if each is not None:
            lines.append(f"A trade cost {shown(each, 'money', desk.currency)} in fees on average.")
    if "total_return" in names or "final_equity" in names:
        start = figure(metrics, "initial_cash")
        if start is not None and "initial_cash" not in names:
            lines.append(f"It started with {shown(start, 'money', desk.currency)}.")
    ratios = [name for name in names if name in metrics.figures and metrics.figures[name].low_sample]
    if ratios:
        lines.append("There are few daily returns: take this with caution.")
    if set(names) & {"sharpe", "sortino", "calmar", "volatility"}:
        lines.append(
            f"It rests on `{metrics.basis.equity_definition.rstrip('.')}`, {metrics.basis.periods_per_year} periods a year."
        )
    return [line for line in lines if line]


def figure(metrics: MetricsResult, name: str) -> float | None:
    """A metric's number."""
    held = metrics.figures.get(name)
    return float(held.value) if held is not None and isinstance(held.value, (int, float)) else None


def drawdown_dates(metrics: MetricsResult, currency: str) -> str:
    """In money, from when to when, and whether it was made good."""
    lost = figure(metrics, "max_drawdown_money")
    peak, trough, back = (_day(metrics, f"drawdown_{name}_at") for name in ("peak", "trough", "recovery"))
    amount = f"The largest fall in money was {shown(lost, 'money', currency)}. " if lost is not None else ""
    if not peak or not trough:
        return amount.strip()
    after = (
        f" and was back at the peak on {back}"
        if back
        else " and did not come back to that peak before the end of the run"
    )
    return f"{amount}Equity fell from its peak on {peak} to its low on {trough} (UTC){after}."


def _day(metrics: MetricsResult, name: str) -> str:
    held = metrics.figures.get(name)
    return (
        str(held.value)[:16].replace("T", " ").removesuffix(" 00:00")
        if held is not None and isinstance(held.value, str)
        else ""
    )
