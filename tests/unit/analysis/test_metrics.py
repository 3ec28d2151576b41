from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from backend.analysis import (
    METRIC_TYPES,
    METRICS,
    InvalidCriteria,
    RunFrame,
    calculate_metrics,
    equity_points,
    summarise_run,
)
from tests.support.factories import START, make_row, make_run, make_trade


def values(frame: RunFrame) -> dict[str, Any]:
    return {name: figure.value for name, figure in calculate_metrics(frame).figures.items()}


def mixed() -> RunFrame:
    """Six trades, one a day from Monday: +100, −50, 0, +30, −20, −40; fees of 2 each; 1,000 of cash."""
    results = [100, -50, 0, 30, -20, -40]
    return make_run(*(make_trade(net=net, fees=2, at=24 * day, hours=2) for day, net in enumerate(results)))


EMPTY = {
    "trade_count": 0,
    "win_rate": None,
    "net_pnl": 0.0,
    "profit_factor": None,
    "sharpe": None,
    "max_drawdown": None,
}
ONE = {"trade_count": 1, "win_count": 1, "win_rate": 100.0, "net_pnl": 50.0, "profit_factor": None,
       "average_loss": None,
       "total_return": 5.0, "final_equity": 1050.0, "sharpe": None, "max_drawdown": 0.0, "sqn": None}  # fmt: skip
ALL_WINS = {"win_count": 3, "loss_count": 0, "profit_factor": None, "payoff_ratio": None, "kelly": None,
            "sortino": None,
            "longest_winning_streak": 3, "longest_losing_streak": 0, "calmar": None, "sqn": 3.4641016151}  # fmt: skip
FLAT = {"trade_count": 2, "breakeven_count": 2, "win_rate": None, "profit_factor": None, "sharpe": None, "sqn": None,
        "total_return": 0.0, "max_drawdown": 0.0, "drawdown_peak_at": None}  # fmt: skip
MIXED = {
    "trade_count": 6, "win_count": 2, "loss_count": 3, "breakeven_count": 1, "win_rate": 40.0, "gross_pnl": 32.0,
    "fees": 12.0, "net_pnl": 20.0, "average_win": 65.0, "average_loss": -36.6666666667, "largest_win": 100.0,
    "largest_loss": -50.0, "payoff_ratio": 1.7727272727, "profit_factor": 1.1818181818, "expectancy": 3.3333333333,
    "kelly": 0.4 - 0.6 / (65 / (110 / 3)), "total_return": 2.0, "final_equity": 1020.0, "max_drawdown_money": -80.0,
    "max_drawdown": -80 / 1100 * 100, "drawdown_peak_at": "2024-01-01T02:00:00Z",
    "drawdown_trough_at": "2024-01-06T02:00:00Z", "drawdown_recovery_at": None, "longest_losing_streak": 2,
    "longest_winning_streak": 1, "exposure": 12 / 122 * 100, "average_holding": 7200.0, "fees_share_of_gross": 37.5,
    "best_day": 10.0, "worst_day": -50 / 1100 * 100, "max_open_trades": 1, "average_fees": 2.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        pytest.param(make_run(), EMPTY, id="empty"),
        pytest.param(make_run(make_trade(net=50)), ONE, id="one trade"),
        pytest.param(
            make_run(*(make_trade(net=n, at=i * 24) for i, n in enumerate([10, 20, 30]))), ALL_WINS, id="all wins"
        ),
        pytest.param(make_run(make_trade(net=0), make_trade(net=0, at=24)), FLAT, id="flat"),
        pytest.param(mixed(), MIXED, id="mixed"),
    ],
)
def test_figures_worked_by_hand(frame: RunFrame, expected: dict[str, Any]):
    found = values(frame)
    for name, value in expected.items():
        if isinstance(value, float):
            assert found[name] == pytest.approx(value, abs=1e-9), name
        else:
            assert found[name] == value, name


@pytest.mark.parametrize(
    "frame",
    [make_run(), make_run(make_trade(net=50)), make_run(make_trade(net=-2000, quantity=100)), mixed(),
     make_run(initial_cash=None),
     make_run(make_trade(net=5), initial_cash=None), make_run(make_trade(net=5), initial_cash=0.0),
     make_run(make_trade(net=5), make_trade(net=-1e-14, at=24)),
     make_run(make_trade(net=1e15, hours=25, quantity=7)), make_run([make_row("hold")])],
)  # fmt: skip
def test_every_figure_is_finite_or_says_why(frame: RunFrame):
    result = calculate_metrics(frame)
    json.dumps(result.model_dump(mode="json"), allow_nan=False)
    assert set(result.figures) == {metric.name for metric in METRICS}
    for name, figure in result.figures.items():
        assert (figure.value is None) == bool(figure.why), name
        assert figure.definition, name
        if isinstance(figure.value, float):
            assert math.isfinite(figure.value), name


def test_ratios_agree_with_their_definitions_on_daily_returns():
    results = [10, -5, 7, 3, -12, 4, 8, -6, 2, 9, -3, 5]
    frame = make_run(
        *(make_trade(net=net, at=24 * day) for day, net in enumerate(results))
    )  # from Monday over a weekend
    equity = np.concatenate([[1000], 1000 + np.cumsum(results)])
    returns = equity[1:] / equity[:-1] - 1
    found = values(frame)
    periods = 365
    assert found["volatility"] == pytest.approx(returns.std(ddof=1) * math.sqrt(periods) * 100)
    assert found["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(periods))
    downside = math.sqrt((np.minimum(returns, 0) ** 2).mean())
    assert found["sortino"] == pytest.approx(returns.mean() / downside * math.sqrt(periods))
    assert found["var_95"] == pytest.approx(np.percentile(returns, 5) * 100)
    assert found["tail_ratio"] == pytest.approx(np.percentile(returns, 95) / abs(np.percentile(returns, 5)))
    depth = equity[1:] / np.maximum.accumulate(equity)[1:] - 1
    assert found["ulcer_index"] == pytest.approx(math.sqrt((depth**2).mean()) * 100)
    years = (11 * 24 + 1) / 24 / 365.25
    assert found["cagr"] == pytest.approx((((1000 + sum(results)) / 1000) ** (1 / years) - 1) * 100)
    assert found["calmar"] == pytest.approx(found["cagr"] / abs(found["max_drawdown"]))
    assert calculate_metrics(frame).figures["sharpe"].low_sample is True


@pytest.mark.parametrize(
    ("facts", "last_day", "periods", "returns"),
    [({}, 4, 252, 5), ({}, 7, 252, 6), ({}, 5, 365, 6), ({"periods_per_year": 260}, 4, 260, 5)],
)
def test_days_and_periods_follow_what_the_run_trades_on(
    facts: dict[str, Any], last_day: int, periods: int, returns: int
):
    frame = make_run(make_trade(net=1), make_trade(net=2, at=24 * last_day), **facts)
    assert (frame.equity.periods_per_year, len(frame.equity.returns)) == (periods, returns)


def test_equity_of_the_source_comes_first():
    rows = [make_row("hold", at=hour, equity=value) for hour, value in enumerate([1000, 1200, 900, 1100])]
    frame = make_run(rows)
    assert frame.equity.basis == "source"
    assert values(frame)["max_drawdown"] == pytest.approx(-25.0)
    assert values(frame)["total_return"] == pytest.approx(10.0)


def test_equity_from_cash_and_holdings_marks_with_the_last_price_so_far():
    rows = [
        make_row("hold", at=0, symbol="", cash=1000.0, holdings={}),
        make_row("buy", at=1, symbol="A", quantity=5, price=100, cash=500.0, holdings={"A": 5.0}),
        make_row("buy", at=2, symbol="B", quantity=1, price=50, cash=450.0, holdings={"A": 5.0, "B": 1.0}),
        make_row("hold", at=3, symbol="A", price=80.0),
        make_row("hold", at=3, symbol="B", price=70.0),
    ]
    frame = make_run(rows)
    assert frame.equity.basis == "holdings"
    # One point a moment: what both prices of the last one give.
    assert frame.equity.value.tolist() == [1000, 1000, 1000, 450 + 400 + 70]
    assert values(frame)["open_pnl"] == pytest.approx(-80.0)
    assert values(frame)["final_equity"] == pytest.approx(1000 + values(frame)["net_pnl"] + values(frame)["open_pnl"])


def test_holdings_nobody_priced_are_told_and_left_out():
    rows = [
        make_row("hold", at=0, symbol="", cash=900.0, holdings={"X": 1.0}),
        make_row("buy", at=1, symbol="X", quantity=1, price=100, cash=800.0, holdings={"X": 2.0}),
    ]
    frame = make_run(rows)
    assert frame.equity.value[-1] == 1000.0
    assert "1 rows hold something" in frame.equity.warnings[0]


def test_without_initial_cash_there_is_money_but_no_percentage():
    found = calculate_metrics(make_run(make_trade(net=10), make_trade(net=-30, at=24), initial_cash=None)).figures
    assert found["max_drawdown_money"].value == -30.0
    assert found["total_return"].value is None
    assert "initial cash" in (found["total_return"].why or "")


def test_open_trades_count_in_final_equity_but_not_as_losses():
    frame = make_run(
        make_trade(net=10), [make_row("buy", at=5, quantity=1, price=100), make_row("hold", at=9, price=60)]
    )
    found = values(frame)
    assert (found["trade_count"], found["loss_count"], found["open_count"], found["open_pnl"]) == (1, 0, 1, -40.0)
    assert found["final_equity"] == 970.0


def test_ruin_leaves_ratios_undefined():
    found = calculate_metrics(
        make_run(make_trade(net=-2000, quantity=100), make_trade(net=10, at=24), make_trade(net=1, at=48))
    ).figures
    assert found["sharpe"].why == "equity fell to zero or below, so returns are not defined"
    assert found["max_drawdown"].value == -200.0


@pytest.mark.parametrize("metric_type", METRIC_TYPES)
def test_each_group_has_its_figures(metric_type: str):
    found = calculate_metrics(mixed(), metric_type.upper())
    wanted = {m.name for m in METRICS if metric_type in ("all", m.metric_type)}
    assert set(found.figures) == wanted != set()


def test_unknown_group_names_the_valid_ones():
    with pytest.raises(InvalidCriteria) as refused:
        calculate_metrics(mixed(), "vibes")
    assert refused.value.valid == list(METRIC_TYPES)
    assert "drawdown" in refused.value.message


def test_summary_agrees_with_the_metrics():
    found, summary = values(mixed()), summarise_run(mixed())
    for name in ("trade_count", "open_count", "net_pnl", "total_return", "max_drawdown", "final_equity", "win_rate"):
        assert getattr(summary, name) == found[name]
    assert summary.positions == 12


def test_down_sampling_keeps_first_last_and_extremes():
    rng = np.random.default_rng(3)
    equity = 1000 + np.cumsum(rng.normal(size=5000))
    rows = [make_row("hold", at=START + timedelta(minutes=i), equity=float(v)) for i, v in enumerate(equity)]
    series = equity_points(make_run(rows), 100)
    kept = [point.equity for point in series.points]
    assert len(kept) <= 104
    assert series.total_points == 5000
    assert (kept[0], kept[-1]) == (pytest.approx(equity[0]), pytest.approx(equity[-1]))
    assert (min(kept), max(kept)) == (pytest.approx(equity.min()), pytest.approx(equity.max()))
    depth = (equity / np.maximum.accumulate(np.maximum(equity, 1000)) - 1).min() * 100
    assert min(point.drawdown for point in series.points) == pytest.approx(depth, abs=0.5)


def test_times_on_the_wire_are_utc_with_z():
    point = json.loads(equity_points(mixed(), 10).model_dump_json())["points"][0]
    assert point == {"t": "2024-01-01T00:00:00Z", "equity": 1000.0, "drawdown": 0.0}
