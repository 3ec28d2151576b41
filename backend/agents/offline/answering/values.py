"""What a measure is called, where a result holds it, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.agents.offline.answering.results import Desk, PlannedCall, analysis_call, metrics_call, trades_call
from backend.agents.offline.answering.scope import duration
from backend.agents.offline.markdown import number, percent
from backend.agents.offline.understanding import Condition, Wanted
from backend.analysis import MetricsResult, TradeAnalysis, TradesFound

Unit = Literal["money", "pct", "count", "ratio", "seconds", "price", "quantity", "times"]


@dataclass(frozen=True, slots=True)
class Label:
    """A measure's name in an answer, its unit, and the field of a selection that holds it (empty: none does)."""

    name: str
    unit: Unit
    field: str = ""


LABELS: dict[str, Label] = {
    "net_pnl": Label("net P&L", "money", "net_pnl"),
    "total_pnl": Label("total P&L", "money", "total_pnl"),
    "gross_pnl": Label("gross P&L", "money", "gross_pnl"),
    "fees": Label("fees", "money", "fees"),
    "funding": Label("funding", "money", "funding"),
    "win_rate": Label("win rate", "pct", "win_rate"),
    "trade_count": Label("closed trades", "count", "trade_count"),
    "win_count": Label("winning trades", "count", "win_count"),
    "loss_count": Label("losing trades", "count", "loss_count"),
    "breakeven_count": Label("breakeven trades", "count", "breakeven_count"),
    "open_count": Label("open trades", "count", "open_count"),
    "open_pnl": Label("unrealised P&L of the open trades", "money", "open_pnl"),
    "expectancy": Label("average net P&L per trade", "money", "average_net"),
    "average_win": Label("average win", "money", "average_win"),
    "average_loss": Label("average loss", "money", "average_loss"),
    "largest_win": Label("largest win", "money", "largest_win"),
    "largest_loss": Label("largest loss", "money", "largest_loss"),
    "profit_factor": Label("profit factor", "ratio", "profit_factor"),
    "payoff_ratio": Label("payoff ratio", "ratio", "payoff_ratio"),
    "risk_reward": Label("payoff ratio", "ratio", "payoff_ratio"),
    "average_fees": Label("average fees per trade", "money"),
    "fees_share_of_gross": Label("fees as a share of gross P&L", "pct"),
    "final_equity": Label("final equity", "money"),
    "initial_cash": Label("initial cash", "money"),
    "cash": Label("cash at the end", "money"),
    "total_return": Label("total return", "pct"),
    "cagr": Label("CAGR", "pct"),
    "volatility": Label("volatility a year", "pct"),
    "var_95": Label("value at risk (95 %, daily)", "pct"),
    "cvar_95": Label("expected shortfall (95 %, daily)", "pct"),
    "skew": Label("skew", "ratio"),
    "kurtosis": Label("kurtosis", "ratio"),
    "tail_ratio": Label("tail ratio", "ratio"),
    "sharpe": Label("Sharpe ratio", "ratio"),
    "sortino": Label("Sortino ratio", "ratio"),
    "calmar": Label("Calmar ratio", "ratio"),
    "max_drawdown": Label("maximum drawdown", "pct"),
    "max_drawdown_money": Label("maximum drawdown in money", "money"),
    "time_under_water": Label("time under water", "pct"),
    "longest_under_water": Label("longest time under water", "seconds"),
    "ulcer_index": Label("Ulcer index", "pct"),
    "exposure": Label("exposure", "pct"),
    "traded_value": Label("traded value", "money"),
    "turnover": Label("turnover", "ratio"),
    "trades_per_day": Label("average number of closed trades per calendar day", "ratio"),
    "max_open_trades": Label("most trades open at one time", "count"),
    "benchmark_return": Label("buy and hold of what was traded", "pct"),
    "excess_return": Label("excess return over buy and hold", "pct"),
    "sqn": Label("SQN", "ratio"),
    "kelly": Label("Kelly fraction", "ratio"),
    "expectancy_r": Label("average R per trade", "ratio"),
    "break_even_win_rate": Label("break-even win rate", "pct"),
    "longest_winning_streak": Label("longest winning streak", "count"),
    "longest_losing_streak": Label("longest losing streak", "count"),
    "total_loss": Label("sum of the losses", "money"),
    "total_win": Label("sum of the wins", "money"),
    "total_costs": Label("fees and funding", "money"),
}
# Figures of single trades by statistic: (label, unit, field of a selection, field of a trade).
_SINGLE: dict[str, tuple[str, Unit, dict[str, str], str]] = {
    "holding": ("holding time", "seconds", {"mean": "average_holding_seconds", "median": "median_holding_seconds"}, "holding_seconds"),
    "mae": ("MAE", "money", {"mean": "average_mae"}, "mae"),
    "mfe": ("MFE", "money", {"mean": "average_mfe"}, "mfe"),
    "leverage": ("leverage", "times", {"mean": "average_leverage", "max": "max_leverage"}, "leverage"),
    "stake": ("position value at entry", "money", {"mean": "average_size"}, "size"),
    "return": ("return per trade", "pct", {"mean": "average_return_pct"}, "return_pct"),
    "net_pnl": ("net P&L per trade", "money", {"std": "deviation_net", "mean": "average_net", "median": "median_net", "max": "largest_win", "min": "largest_loss"}, "net_pnl"),
    "giveback": ("amount given back per trade", "money", {"mean": "average_given_back"}, "given_back"),
    "fees": ("fees per trade", "money", {}, "fees"),
    "quantity": ("quantity", "quantity", {}, "quantity"),
}  # fmt: skip
_STATISTICS = {
    "std": "standard deviation of the",
    "mean": "average",
    "median": "median",
    "max": "largest",
    "min": "smallest",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A figure found, or the reason that there is none; `text` as it is shown, `trade_id` where one trade has it."""

    label: str
    unit: Unit
    value: float | None
    text: str
    why: str = ""
    low_sample: bool = False
    trade_id: int | None = None


def shown(value: float | None, unit: Unit, currency: str) -> str:
    """A figure with its unit."""
    if value is None:
        return "–"
    match unit:
        case "money":
            return f"{number(value)} {currency}"
        case "pct":
            return percent(value)
        case "count":
            return f"{value:,.0f}"
        case "seconds":
            return duration(value)
        case "times":
            return f"{number(value)}×"
        case _:
            return number(value)


def label_of(one: Wanted) -> str:
    """The measure's name with its statistic: "average MAE", "largest leverage"."""
    if one.measure in _SINGLE and (one.statistic or one.measure not in LABELS):
        name = _SINGLE[one.measure][0]
        if one.measure in ("mae", "mfe") and one.statistic == "max":
            return f"largest {name}"
        if one.measure == "holding" and one.statistic in ("max", "min"):
            return f"{'longest' if one.statistic == 'max' else 'shortest'} {name}"
        if one.measure == "leverage" and one.statistic == "max":
            return f"highest {name}"
        return f"{_STATISTICS.get(one.statistic, 'average')} {name}"
    held = LABELS.get(one.measure)
    return held.name if held is not None else one.measure.replace("_", " ")


def calls_for(one: Wanted, where: Sequence[Condition]) -> list[PlannedCall]:
    """The calls that hold a measure of these trades."""
    single = _single(one)
    if single is not None:
        _, _, fields, trade_field = single
        statistic = one.statistic or "mean"
        if statistic in fields and one.measure != "net_pnl":
            return [analysis_call(where)]
        if one.measure == "net_pnl":
            return [analysis_call(where)]
        if statistic in ("max", "min"):
            return [trades_call(where, sort=_sort(one, trade_field), limit=3, periods_by="closed")]
        return [analysis_call(where)]
    if one.measure in ("total_loss", "total_win"):
        return [analysis_call((*where, Condition("result", "loss" if one.measure == "total_loss" else "win")))]
    if one.measure in ("average_fees", "total_costs") and where:
        return [analysis_call(where)]
    held = LABELS.get(one.measure)
    if held is not None and held.field:
        return [analysis_call(where)]
    return [metrics_call()]


def _single(one: Wanted) -> tuple[str, Unit, dict[str, str], str] | None:
    if one.measure not in _SINGLE or (one.measure in LABELS and one.statistic in ("", "sum")):
        return None
    return _SINGLE[one.measure]


def _sort(one: Wanted, field: str) -> str:
    """Descending for the largest; an MAE is below zero, so that its largest comes first ascending."""
    ascending = (one.statistic == "min") != (one.measure == "mae")
    return field if ascending else f"-{field}"


def value_of(one: Wanted, where: Sequence[Condition], desk: Desk) -> Value:
    """A measure of these trades, from the results at hand."""
    label = label_of(one)
    single = _single(one)
    if single is not None:
        return _single_value(one, where, desk, single, label)
    held = LABELS.get(one.measure)
    if held is None:
        return Value(label, "ratio", None, "–", "no tool computes it")
    call = calls_for(one, where)[0]
    if one.measure == "trades_per_day" and not where:
        return _per_day(desk, label)
    if call.tool == "calculate_metrics":
        if where:
            return Value(
                label, held.unit, None, "–", "it is a figure of the whole run's equity, not of a part of its trades"
            )
        return _metric(one, desk, held, label)
    found = desk.results.of(call, TradeAnalysis)
    if found is None:
        return Value(label, held.unit, None, "–", desk.results.failure(call) or "it could not be looked up")
    selection = found.selection
    if one.measure in ("total_loss", "total_win"):
        return Value(label, "money", selection.net_pnl, shown(selection.net_pnl, "money", desk.currency))
    if one.measure == "total_costs":
        costs = selection.fees + selection.funding
        return Value(label, "money", costs, shown(costs, "money", desk.currency))
    if one.measure == "average_fees":
        each = selection.fees / selection.trade_count if selection.trade_count else None
        return Value(
            label, "money", each, shown(each, "money", desk.currency), "no trade was closed" if each is None else ""
        )
    value = getattr(selection, held.field)
    why = (
        ""
        if value is not None
        else _why_none(one.measure, selection.win_count, selection.loss_count, selection.trade_count)
    )
    return Value(label, held.unit, value, shown(value, held.unit, desk.currency), why)


def _why_none(measure: str, wins: int, losses: int, trades: int) -> str:
    if not trades:
        return "no such trade was closed"
    if measure in ("profit_factor", "average_loss", "largest_loss", "payoff_ratio", "risk_reward") and not losses:
        return "none of them lost"
    if measure in ("average_win", "largest_win", "payoff_ratio") and not wins:
        return "none of them won"
    return "it is not known for these trades"


def _per_day(desk: Desk, label: str) -> Value:
    found = desk.results.of(metrics_call(), MetricsResult)
    held = [found.figures[name].value for name in ("trade_count", "duration_days")] if found is not None else []
    if len(held) < 2 or not all(isinstance(one, (int, float)) for one in held) or not float(held[1] or 0):
        return Value(label, "ratio", None, "–", "the length of the run is not known")
    rate = float(held[0] or 0) / float(held[1] or 1)
    return Value(
        label,
        "ratio",
        rate,
        f"{number(rate)} ({float(held[0] or 0):,.0f} closed trades in {number(float(held[1] or 0))} calendar days)",
    )


def _metric(one: Wanted, desk: Desk, held: Label, label: str) -> Value:
    found = desk.results.of(metrics_call(), MetricsResult)
    name = "final_cash" if one.measure == "cash" else one.measure
    figure = found.figures.get(name) if found is not None else None
    if one.measure == "total_costs" and found is not None:
        parts = [found.figures[key].value for key in ("fees", "funding")]
        total = sum(float(part) for part in parts if isinstance(part, (int, float)))
        return Value(label, "money", total, shown(total, "money", desk.currency))
    if figure is None:
        return Value(label, held.unit, None, "–", "the run's file does not say")
    if not isinstance(figure.value, (int, float)):
        return Value(label, held.unit, None, "–", figure.why or "it can't be computed for this run")
    return Value(
        label,
        held.unit,
        float(figure.value),
        shown(float(figure.value), held.unit, desk.currency),
        low_sample=bool(figure.low_sample),
    )


_NOT_RECORDED = {
    "mae": "the run's file records neither MAE nor price highs and lows while trades were open; price data of the traded symbols would tell",
    "mfe": "the run's file records neither MFE nor price highs and lows while trades were open; price data of the traded symbols would tell",
    "giveback": "the run's file records no MFE and no price highs while trades were open; price data of the traded symbols would tell",
    "leverage": "the run's file states no leverage",
}


def _single_value(
    one: Wanted, where: Sequence[Condition], desk: Desk, single: tuple[str, Unit, dict[str, str], str], label: str
) -> Value:
    _, unit, fields, trade_field = single
    statistic = one.statistic or "mean"
    call = calls_for(one, where)[0]
    why = _NOT_RECORDED.get(one.measure, "it is not known for these trades")
    if call.tool == "get_trades":
        listed = desk.results.of(call, TradesFound)
        trade = listed.trades[0] if listed is not None and listed.trades else None
        value = getattr(trade, trade_field) if trade is not None else None
        return Value(
            label,
            unit,
            value,
            shown(value, unit, desk.currency),
            "" if value is not None else why,
            trade_id=trade.trade_id if trade is not None and value is not None else None,
        )
    found = desk.results.of(call, TradeAnalysis)
    if found is None:
        return Value(label, unit, None, "–", desk.results.failure(call) or "it could not be looked up")
    field = fields.get(statistic, "")
    value = getattr(found.selection, field, None) if field else None
    if not field or (value is None and not hasattr(found.selection, field)):
        why = f"no tool computes the {'standard deviation' if statistic == 'std' else statistic} of it"
    if found.selection.trade_count == 0:
        why = "there is no such closed trade"
    return Value(label, unit, value, shown(value, unit, desk.currency), "" if value is not None else why)
