"""The standard figures against a second library (ffn), and against what backtesting.py and vectorbt printed.

Where a convention differs, the figure's definition must name ours, and the test turns one into the other.
"""

from __future__ import annotations

from pathlib import Path

import ffn
import numpy as np
import pandas as pd
import pytest

from backend.analysis import METRICS, RunFrame, calculate_metrics
from tests.support.factories import make_row, make_run
from tests.support.oracle_runs import backtesting_py_run, published_stats, vectorbt_run

ORACLES = Path(__file__).parents[2] / "data" / "oracles"
DEFINITIONS = {metric.name: metric.definition for metric in METRICS}


def ours(frame: RunFrame) -> dict[str, float]:
    figures = calculate_metrics(frame).figures
    return {name: figure.value for name, figure in figures.items() if isinstance(figure.value, (int, float))}


def random_run(seed: int, *, weekends: bool) -> RunFrame:
    """Two years of daily equity; its weekends count only if something is traded on one."""
    rng = np.random.default_rng(seed)
    days = [day for day in range(730) if weekends or day % 7 < 5]
    equity = 10_000 * np.cumprod(1 + rng.standard_t(4, len(days)) * 0.01)
    trade_day = 5 if weekends else 0
    rows = [make_row("hold", at=24 * day, equity=float(value)) for day, value in zip(days, equity, strict=True)]
    rows.append(make_row("buy", at=24 * trade_day, quantity=1.0, price=1.0))
    return make_run(rows, initial_cash=float(equity[0]))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("weekends", [True, False])
def test_standard_ratios_agree_with_a_second_library(seed: int, weekends: bool):
    frame = random_run(seed, weekends=weekends)
    days, closes = frame.equity.daily
    periods = 365 if weekends else 252
    assert frame.equity.periods_per_year == periods
    prices = pd.Series(closes, index=pd.to_datetime(days, unit="D"))
    # The first daily return is against the start of the same day here: zero, and not in ffn's returns.
    returns, found = frame.equity.returns, ours(frame)
    assert returns[0] == 0.0
    stats = ffn.PerformanceStats(prices, annualization_factor=periods)
    assert found["total_return"] == pytest.approx(stats.total_return * 100)
    assert found["cagr"] == pytest.approx(stats.cagr * 100)
    assert found["max_drawdown"] == pytest.approx(stats.max_drawdown * 100)
    assert found["calmar"] == pytest.approx(stats.calmar)
    assert found["best_day"] == pytest.approx(stats.best_day * 100)
    assert found["worst_day"] == pytest.approx(stats.worst_day * 100)
    inner = [month for month in stats.monthly_returns.to_numpy()[1:] if np.isfinite(month)]
    assert found["best_month"] >= max(inner[:-1]) * 100 - 1e-9
    assert found["worst_month"] <= min(inner[:-1]) * 100 + 1e-9
    assert found["ulcer_index"] == pytest.approx(np.sqrt((ffn.to_drawdown_series(prices) ** 2).mean()) * 100)
    all_returns = pd.Series(returns)
    assert found["sharpe"] == pytest.approx(ffn.calc_sharpe(all_returns, nperiods=periods))
    assert found["sortino"] == pytest.approx(ffn.calc_sortino_ratio(all_returns, nperiods=periods))
    assert found["volatility"] == pytest.approx(all_returns.std(ddof=1) * periods**0.5 * 100)


@pytest.mark.parametrize("seed", [1, 2])
def test_skew_and_kurtosis_are_of_the_population_and_turn_into_the_sample_s(seed: int):
    frame = random_run(seed, weekends=False)
    returns, found = pd.Series(frame.equity.returns), ours(frame)
    n = len(returns)
    for name in ("skew", "kurtosis"):
        assert "population deviation" in DEFINITIONS[name]
    assert found["skew"] * np.sqrt(n * (n - 1)) / (n - 2) == pytest.approx(returns.skew())
    unbiased = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * found["kurtosis"] + 6)
    assert unbiased == pytest.approx(returns.kurtosis())


def test_backtesting_py_figures_are_reproduced():
    frame = backtesting_py_run(
        ORACLES / "btpy_GOOG_SmaCross_readme_trades.csv", ORACLES / "btpy_GOOG_SmaCross_readme_equity.csv"
    )
    published, found = published_stats(ORACLES / "btpy_GOOG_SmaCross_readme_stats.txt"), ours(frame)
    assert frame.trades.warnings == ()  # each P&L is what prices and commission give
    for theirs, name in {
        "Equity Final [$]": "final_equity", "Return [%]": "total_return", "Max. Drawdown [%]": "max_drawdown",
        "# Trades": "trade_count", "Win Rate [%]": "win_rate", "Commissions [$]": "fees", "SQN": "sqn",
        "Kelly Criterion": "kelly",
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(published[theirs], rel=1e-6), name
    assert found["duration_days"] * 86_400 == published["Duration"]


def test_conventions_in_which_backtesting_py_differs_are_named_and_turn_into_ours():
    frame = backtesting_py_run(
        ORACLES / "btpy_GOOG_SmaCross_readme_trades.csv", ORACLES / "btpy_GOOG_SmaCross_readme_equity.csv"
    )
    published = published_stats(ORACLES / "btpy_GOOG_SmaCross_readme_stats.txt")
    t, found = frame.trades, ours(frame)
    # Profit factor and best trade of percentages instead of money.
    pct = np.divide(t.net_pnl, t.entry_value)
    assert pct[pct > 0].sum() / -pct[pct < 0].sum() == pytest.approx(published["Profit Factor"], rel=1e-5)
    assert "net" in DEFINITIONS["profit_factor"]
    assert found["profit_factor"] == pytest.approx(t.net_pnl[t.net_pnl > 0].sum() / -t.net_pnl[t.net_pnl < 0].sum())
    # A year of 252 bars instead of 365.25 calendar days.
    bars = len(frame.equity.daily[0])
    assert "365.25" in DEFINITIONS["cagr"]
    growth = 1 + found["total_return"] / 100
    theirs = growth ** (1 / (len(_bars(frame)) / 252)) - 1
    assert theirs * 100 == pytest.approx(published["CAGR [%]"], rel=1e-3)
    assert growth ** (365.25 / found["duration_days"]) - 1 == pytest.approx(found["cagr"] / 100)
    assert bars > len(_bars(frame))  # we carry holidays
    # Sharpe of geometric annual growth over compounded volatility, instead of mean over deviation.
    assert "Mean ÷ sample standard deviation" in DEFINITIONS["sharpe"]
    day = pd.Series(_bars(frame)).pct_change().dropna()
    mean = np.exp(np.log1p(day).mean()) - 1
    annual = (1 + mean) ** 252 - 1
    deviation = np.sqrt((day.var(ddof=1) + (1 + mean) ** 2) ** 252 - (1 + mean) ** (2 * 252))
    assert annual / deviation == pytest.approx(published["Sharpe Ratio"], rel=0.01)


def _bars(frame: RunFrame) -> np.ndarray:
    p = frame.positions
    return p.equity[~np.isnan(p.equity)]


def test_vectorbt_figures_are_reproduced():
    published = published_stats(ORACLES / "vbt_GOOG_stats.txt")
    frame = vectorbt_run(ORACLES / "vbt_GOOG_trades_records_readable.csv", published["Start Value"])
    found = ours(frame)
    assert frame.trades.warnings == ()
    for theirs, name in {
        "End Value": "final_equity", "Total Return [%]": "total_return", "Total Closed Trades": "trade_count",
        "Total Open Trades": "open_count", "Open Trade PnL": "open_pnl", "Win Rate [%]": "win_rate",
        "Profit Factor": "profit_factor", "Expectancy": "expectancy", "SQN": "sqn",
        "Max Win Streak": "longest_winning_streak", "Max Loss Streak": "longest_losing_streak",
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(published[theirs], rel=1e-6), name
    # Fees of closed trades here, of all trades there.
    assert "closed trades" in DEFINITIONS["fees"]
    assert float(frame.trades.fees.sum()) == pytest.approx(published["Total Fees Paid"], rel=1e-6)


def test_vectorbt_percentages_of_trades_are_those_of_our_rows():
    published = published_stats(ORACLES / "vbt_GOOG_stats.txt")
    t = vectorbt_run(ORACLES / "vbt_GOOG_trades_records_readable.csv", published["Start Value"]).trades
    pct = t.return_pct[t.closed]
    for name, value in {
        "Best Trade [%]": pct.max(), "Worst Trade [%]": pct.min(), "Avg Winning Trade [%]": pct[pct > 0].mean(),
        "Avg Losing Trade [%]": pct[pct < 0].mean(),
    }.items():  # fmt: skip
        assert value == pytest.approx(published[name], rel=1e-6), name
