"""Every metric once: its name, unit, definition, group and function; `calculate_metrics` answers from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from backend.analysis.arrays import clean
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.equity import BASIS_WORDS
from backend.analysis.figures import Bound, Figure, Reading, Unit, figure
from backend.analysis.metrics import closed_trades, costs, details, exposure, returns, risk, trades
from backend.analysis.periods import WORDS, Period

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Group = Literal["returns", "risk", "ratios", "drawdown", "trades", "costs", "exposure", "benchmark"]
METRIC_TYPES = ("all", "returns", "risk", "ratios", "drawdown", "trades", "costs", "exposure", "benchmark")


@dataclass(frozen=True, slots=True)
class Metric:
    """A named figure of a run. The definition is what the page and the agent show."""

    name: str
    unit: Unit
    metric_type: Group
    definition: str
    compute: Callable[[RunFrame], Reading]


METRICS: tuple[Metric, ...] = (
    Metric(
        "final_equity", "money", "returns", "Equity at the end of the run, open trades included.", returns.final_equity
    ),
    Metric("initial_cash", "money", "returns", "Cash that the run started with.", returns.initial_cash),
    Metric("final_cash", "money", "returns", "Cash after the last row that states it.", returns.final_cash),
    Metric("total_return", "pct", "returns", "Final equity ÷ starting equity − 1.", returns.total_return),
    Metric("cagr", "pct", "returns", "(Final ÷ starting equity) ^ (365.25 ÷ calendar days) − 1.", returns.cagr),
    Metric("best_day", "pct", "returns", "Highest daily return (last equity of each UTC day).", returns.best_day),
    Metric("worst_day", "pct", "returns", "Lowest daily return (last equity of each UTC day).", returns.worst_day),
    Metric(
        "best_month",
        "pct",
        "returns",
        "Highest return of a calendar month; the first and last may be parts.",
        returns.best_month,
    ),
    Metric(
        "worst_month",
        "pct",
        "returns",
        "Lowest return of a calendar month; the first and last may be parts.",
        returns.worst_month,
    ),
    Metric("duration_days", "ratio", "returns", "Calendar days from the start to the end of the run.", risk.duration),
    Metric(
        "volatility",
        "pct",
        "risk",
        "Sample standard deviation (ddof 1) of daily returns × √periods a year.",
        returns.volatility,
    ),
    Metric("var_95", "pct", "risk", "Historical value at risk: the 5th percentile of daily returns.", risk.var_95),
    Metric("cvar_95", "pct", "risk", "Mean of the worst 5 % of daily returns.", risk.cvar_95),
    Metric("skew", "ratio", "risk", "Third standardised moment of daily returns (population deviation).", risk.skew),
    Metric(
        "kurtosis",
        "ratio",
        "risk",
        "Fourth standardised moment of daily returns − 3 (population deviation).",
        risk.kurtosis,
    ),
    Metric("tail_ratio", "ratio", "risk", "95th percentile of daily returns ÷ size of the 5th.", risk.tail_ratio),
    Metric(
        "sharpe",
        "ratio",
        "ratios",
        "Mean ÷ sample standard deviation (ddof 1) of daily returns × √periods a year; risk-free rate 0.",
        returns.sharpe,
    ),
    Metric(
        "sortino",
        "ratio",
        "ratios",
        "Mean ÷ downside deviation (over all) of daily returns × √periods a year; required return 0.",
        returns.sortino,
    ),
    Metric("calmar", "ratio", "ratios", "CAGR ÷ size of the maximum drawdown in percent.", risk.calmar),
    Metric(
        "max_drawdown",
        "pct",
        "drawdown",
        "Deepest fall of equity from its peak so far, in percent of that peak, over every equity point.",
        risk.max_drawdown,
    ),
    Metric(
        "max_drawdown_money",
        "money",
        "drawdown",
        "Deepest fall of equity from its peak so far, in money.",
        risk.max_drawdown_money,
    ),
    Metric(
        "drawdown_peak_at",
        "time",
        "drawdown",
        "When equity last stood at the peak before the maximum drawdown.",
        risk.drawdown_peak,
    ),
    Metric("drawdown_trough_at", "time", "drawdown", "When the maximum drawdown was deepest.", risk.drawdown_trough),
    Metric("drawdown_recovery_at", "time", "drawdown", "When equity was back at that peak.", risk.drawdown_recovery),
    Metric(
        "time_under_water",
        "pct",
        "drawdown",
        "Share of the run's time with equity below its peak so far.",
        risk.time_under_water,
    ),
    Metric(
        "longest_under_water",
        "seconds",
        "drawdown",
        "Longest time from one equity high to the next, or to the end of the run.",
        risk.longest_under_water,
    ),
    Metric("ulcer_index", "pct", "drawdown", "Root mean square of the daily drawdowns in percent.", risk.ulcer_index),
    Metric("trade_count", "count", "trades", "Closed trades.", trades.trade_count),
    Metric("win_count", "count", "trades", "Closed trades with net P&L above zero.", trades.win_count),
    Metric("loss_count", "count", "trades", "Closed trades with net P&L below zero.", trades.loss_count),
    Metric(
        "breakeven_count",
        "count",
        "trades",
        "Closed trades with net P&L of exactly zero: neither wins nor losses.",
        trades.breakeven_count,
    ),
    Metric("open_count", "count", "trades", "Trades still open at the end, reported apart.", trades.open_count),
    Metric("win_rate", "pct", "trades", "Wins ÷ (wins + losses).", trades.win_rate),
    Metric(
        "gross_pnl",
        "money",
        "trades",
        "Closed trades: signed (exit − entry) × quantity × multiplier, before costs.",
        trades.gross_pnl,
    ),
    Metric("net_pnl", "money", "trades", "Closed trades: gross P&L − fees − funding.", trades.net_pnl),
    Metric(
        "open_pnl",
        "money",
        "trades",
        "Open trades at the last known prices, after the costs paid so far.",
        trades.open_pnl,
    ),
    Metric(
        "total_pnl",
        "money",
        "trades",
        "Net P&L of closed trades plus open trades at the last known prices.",
        trades.total_pnl,
    ),
    Metric("average_win", "money", "trades", "Mean net P&L of the wins.", trades.average_win),
    Metric("average_loss", "money", "trades", "Mean net P&L of the losses (below zero).", trades.average_loss),
    Metric("largest_win", "money", "trades", "Highest net P&L of one trade.", trades.largest_win),
    Metric("largest_loss", "money", "trades", "Lowest net P&L of one trade.", trades.largest_loss),
    Metric("payoff_ratio", "ratio", "trades", "Average win ÷ size of the average loss.", trades.payoff_ratio),
    Metric(
        "profit_factor",
        "ratio",
        "trades",
        "Sum of the wins ÷ size of the sum of the losses, net.",
        trades.profit_factor,
    ),
    Metric("expectancy", "money", "trades", "Net P&L ÷ closed trades.", trades.expectancy),
    Metric(
        "expectancy_r",
        "ratio",
        "trades",
        "Mean R of the closed trades whose stop at entry is known; R = net P&L ÷ "
        "(distance from entry price to stop × quantity × multiplier).",
        trades.expectancy_r,
    ),
    Metric("sqn", "ratio", "trades", "√trades × mean ÷ sample standard deviation of net P&L per trade.", trades.sqn),
    Metric("kelly", "ratio", "trades", "Win rate − (1 − win rate) ÷ payoff ratio.", trades.kelly),
    Metric(
        "longest_winning_streak",
        "count",
        "trades",
        "Most wins in a row, by closing time.",
        trades.longest_winning_streak,
    ),
    Metric(
        "longest_losing_streak",
        "count",
        "trades",
        "Most losses in a row, by closing time.",
        trades.longest_losing_streak,
    ),
    Metric(
        "average_holding",
        "seconds",
        "trades",
        "Mean time from first opening to last closing fill.",
        trades.average_holding,
    ),
    Metric(
        "average_holding_winners", "seconds", "trades", "Mean holding time of the wins.", trades.average_holding_winners
    ),
    Metric(
        "average_holding_losers", "seconds", "trades", "Mean holding time of the losses.", trades.average_holding_losers
    ),
    Metric(
        "average_mae",
        "money",
        "trades",
        "Mean of the worst unrealised P&L while a trade was open, before costs, where the source gives price extremes.",
        trades.average_mae,
    ),
    Metric(
        "average_mfe",
        "money",
        "trades",
        "Mean of the best unrealised P&L while a trade was open, before costs, where the source gives price extremes.",
        trades.average_mfe,
    ),
    Metric("fees", "money", "costs", "Fees of the closed trades; above zero is a cost.", costs.fees),
    Metric("funding", "money", "costs", "Funding of the closed trades; above zero is a cost.", costs.funding),
    Metric("fees_share_of_gross", "pct", "costs", "Fees ÷ size of the gross P&L.", costs.fees_share_of_gross),
    Metric("average_fees", "money", "costs", "Fees ÷ closed trades.", costs.average_fees),
    Metric("exposure", "pct", "exposure", "Share of the run's time with at least one trade open.", exposure.exposure),
    Metric(
        "traded_value",
        "money",
        "exposure",
        "Sum of price × quantity × multiplier over all fills.",
        exposure.traded_value,
    ),
    Metric("turnover", "ratio", "exposure", "Traded value ÷ mean daily equity, over the whole run.", exposure.turnover),
    Metric(
        "max_open_trades",
        "count",
        "exposure",
        "Most positions open at one time; parts of one position, closed bit by bit, count once.",
        exposure.max_open_trades,
    ),
    Metric(
        "benchmark_return",
        "pct",
        "benchmark",
        "Buy and hold of what was traded, equal parts, from the first to the last price of each symbol in this run.",
        exposure.benchmark_return,
    ),
    Metric(
        "excess_return",
        "pct",
        "benchmark",
        "Total return − buy and hold of what was traded, in percentage points.",
        exposure.excess_return,
    ),
    *(Metric(name, unit, group, definition, compute) for name, unit, group, definition, compute in details.FURTHER),
)
DEFINITIONS = {metric.name: metric.definition for metric in METRICS}


class Conventions(BaseModel):
    """What the figures of a result rest on.

    `known_at` is `closed trades` where equity is known only then; `day_ends_open` is over how many day-ends (c in the
    definitions) a trade then stays open on average.
    """

    equity: str
    equity_definition: str
    periods_per_year: int
    days: Literal["calendar", "weekdays"]
    period: Period = "day"
    known_at: Literal["closed trades", "each mark"] = "each mark"
    day_ends_open: float | None = None
    risk_free: float = 0.0
    trades: str = "one trade per trade_ref, else FIFO per symbol from flat to flat; times in UTC"
    currency: str


class MetricsResult(BaseModel):
    """Figures by name with the conventions they rest on."""

    kind: Literal["metrics"] = "metrics"
    metric_type: str
    figures: dict[str, Figure]
    basis: Conventions
    warnings: list[str]


class RunSummary(BaseModel):
    """The plain numbers a list of runs shows; percentages in percent, None where there is no figure.

    `max_drawdown_bound` says where the run's data give only a bound of its size.
    """

    trade_count: int
    open_count: int
    net_pnl: float
    open_pnl: float
    total_pnl: float
    total_return: float | None
    max_drawdown: float | None
    final_equity: float | None
    win_rate: float | None
    positions: int
    max_drawdown_bound: Bound | None = None
    warnings: list[str] = Field(default_factory=list)


def conventions(frame: RunFrame) -> Conventions:
    """The conventions this run's figures rest on."""
    curve = frame.equity
    definition = BASIS_WORDS[curve.basis]
    if curve.day_ends is not None:
        definition = f"{definition}; a trade stays open over c = {curve.day_ends:.2f} day-ends on average"
    return Conventions(
        equity=curve.basis,
        equity_definition=definition,
        known_at="each mark" if curve.day_ends is None else "closed trades",
        day_ends_open=clean(curve.day_ends, 4),
        periods_per_year=curve.periods_per_year,
        days="calendar" if curve.every_day else "weekdays",
        period=curve.period,
        currency=frame.facts.currency,
    )


def run_warnings(frame: RunFrame) -> list[str]:
    """What a reader should know before trusting the figures."""
    said = (frame.facts.warnings, frame.trades.warnings, frame.equity.warnings, trades.stop_warnings(frame))
    return list(dict.fromkeys(warning for warnings in said for warning in warnings))


def calculate_metrics(frame: RunFrame, metric_type: str | None = "all") -> MetricsResult:
    """The figures of one group, or of all.

    Raises:
        InvalidCriteria: when there is no such group; `valid` lists those there are.
    """
    wanted = (metric_type or "all").strip().lower()
    if wanted not in METRIC_TYPES:
        raise InvalidCriteria(f"there is no metric_type {metric_type!r}", METRIC_TYPES)
    chosen = [metric for metric in METRICS if wanted in ("all", metric.metric_type)]
    return MetricsResult(
        metric_type=wanted,
        figures={metric.name: figure_of(frame, metric) for metric in chosen},
        basis=conventions(frame),
        warnings=run_warnings(frame),
    )


def figure_of(frame: RunFrame, metric: Metric) -> Figure:
    """The figure of a run, computed once: no question changes it, and nothing changes a figure."""
    key = ("figure", metric.name)
    if key not in frame.cache:
        definition = metric.definition.replace("daily returns", f"{WORDS[frame.equity.period]} returns")
        read = closed_trades.as_known(frame, metric.name, metric.compute(frame))
        frame.cache[key] = figure(read, metric.unit, definition)
    kept: Figure = frame.cache[key]
    return kept


def summarise_run(frame: RunFrame) -> RunSummary:
    """What a list of runs shows of this one."""
    net = frame.trades.net_pnl[frame.trades.closed]

    def number(read: Reading) -> float | None:
        return clean(read.value) if isinstance(read.value, (int, float)) else None

    return RunSummary(
        trade_count=len(net),
        open_count=len(frame.trades.open),
        net_pnl=clean(net.sum()) or 0.0,
        open_pnl=number(trades.open_pnl(frame)) or 0.0,
        total_pnl=number(trades.total_pnl(frame)) or 0.0,
        total_return=number(returns.total_return(frame)),
        max_drawdown=number(risk.max_drawdown(frame)),
        final_equity=number(returns.final_equity(frame)),
        win_rate=number(trades.win_rate(frame)),
        positions=len(frame.positions),
        max_drawdown_bound=closed_trades.as_known(frame, "max_drawdown", risk.max_drawdown(frame)).bound,
        warnings=run_warnings(frame),
    )
