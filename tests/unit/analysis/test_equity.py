"""The equity curve: one point a moment, flows, degenerate figures, and what counts as a period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend.analysis import RunFrame, calculate_metrics, compare_runs, drawdown_periods, replay_rule
from backend.analysis.currency import half_unit
from backend.analysis.rules import side_filter
from tests.support.factories import START, make_row, make_run, make_trade


def values(frame: RunFrame) -> dict[str, Any]:
    return {name: figure.value for name, figure in calculate_metrics(frame).figures.items()}


def whys(frame: RunFrame) -> dict[str, Any]:
    return {name: figure.why for name, figure in calculate_metrics(frame).figures.items()}


def test_what_closes_at_one_moment_is_one_point():
    legs = [
        make_trade(net=net, at=24 * day, hours=5, symbol=name)
        for day in range(3)
        for name, net in (("A", 30), ("B", -20))
    ]
    frame = make_run(*legs)
    assert frame.equity.value.tolist() == [1000, 1010, 1020, 1030]
    found = values(frame)
    assert (found["max_drawdown"], found["max_drawdown_money"], found["time_under_water"]) == (0.0, 0.0, 0.0)
    assert drawdown_periods(frame).total == 0


def test_a_loss_at_the_very_first_moment_is_a_fall_from_the_start():
    frame = make_run(make_trade(net=-100, hours=0, quantity=9), make_trade(net=50, at=24))
    assert len(set(frame.equity.at.tolist())) == len(frame.equity)
    assert values(frame)["max_drawdown"] == pytest.approx(-10.0)
    assert drawdown_periods(frame).items[0].depth == -100.0


def test_rounding_of_sums_is_no_fall():
    frame = make_run(*(make_trade(net=net, at=24 * i) for i, net in enumerate([0.1, 0.2, 0.0, 0.7, 0.1])))
    assert values(frame)["max_drawdown"] == 0.0
    assert values(frame)["time_under_water"] == 0.0


def constant_growth(cents: bool = False) -> RunFrame:
    """1 % a day on what there is, to ten digits or to the cent."""
    equity, trades = 1000.0, []
    for day in range(28):
        net = round(equity * 0.01, 2 if cents else 10)
        trades.append(make_trade(net=net, at=24 * day + 10, hours=8, quantity=10))
        equity += net
    return make_run(*trades)


@pytest.mark.parametrize("cents", [True, False])
def test_returns_that_differ_by_rounding_have_no_ratio(cents: bool):
    found, why = values(constant_growth(cents)), whys(constant_growth(cents))
    for name in ("sharpe", "sortino", "skew", "kurtosis"):
        assert found[name] is None, name
        assert "do not vary" in why[name]
    assert found["volatility"] == 0.0
    assert found["calmar"] is None


def test_returns_that_differ_by_more_than_a_cent_have_a_ratio():
    frame = make_run(*(make_trade(net=net, at=24 * i) for i, net in enumerate([10, 10.2, 10.1, 10.5])))
    assert values(frame)["sharpe"] > 0


def test_trades_that_all_made_the_same_but_for_rounding_have_no_system_quality():
    frame = make_run(*(make_trade(exit_price=100 + net, at=i) for i, net in enumerate([0.1, 0.1 + 1e-13, 0.1])))
    assert values(frame)["sqn"] is None


def _big(net: float, at: float, hours: float = 1.0) -> list[dict[str, Any]]:
    return make_trade(net=net, at=at, hours=hours, quantity=50)


@pytest.mark.parametrize(
    "trades",
    [
        [_big(-500, 0, hours=32), _big(-800, 48, hours=32), _big(1600, 96, hours=32)],
        # Below zero and back within one day: no day's end shows it.
        [_big(5, 0), _big(-1200, 24), _big(1500, 26), _big(5, 50)],
        [_big(-1000, 0), _big(500, 24), _big(1, 50)],
    ],
)
def test_equity_at_or_below_zero_leaves_no_ratio(trades: list[list[dict[str, Any]]]):
    found, why = values(make_run(*trades)), whys(make_run(*trades))
    for name in ("cagr", "calmar", "volatility", "sharpe", "sortino", "ulcer_index", "var_95", "cvar_95", "skew",
                 "kurtosis", "tail_ratio", "best_day", "worst_month"):  # fmt: skip
        assert found[name] is None, name
        assert "zero or below" in why[name], name


def with_equity(*rows: tuple[str, float, float, float], **facts: Any) -> RunFrame:
    """Rows (action, quantity, price, equity), a day apart."""
    return make_run(
        [
            make_row(action, at=24 * i + 10, quantity=quantity or None, price=price or None, equity=equity)
            for i, (action, quantity, price, equity) in enumerate(rows)
        ],
        **{"initial_cash": None, **facts},
    )


def test_a_deposit_is_a_flow_and_no_return():
    frame = with_equity(
        ("buy", 10, 100, 10_000), ("sell", 10, 101, 10_010), ("buy", 10, 100, 20_010), ("sell", 10, 99, 20_000)
    )
    found = calculate_metrics(frame)
    # +10 on 10,000, then −10 on 20,010.
    assert found.figures["total_return"].value == pytest.approx((1.001 * (1 - 10 / 20_010) - 1) * 100)
    assert found.figures["final_equity"].value == 20_000.0
    assert found.figures["max_drawdown"].value == pytest.approx(-10 / 20_010 * 100)
    assert found.figures["max_drawdown_money"].value == -10.0
    assert any("+10,000.00" in text and "2024-01-03 10:00" in text for text in found.warnings)


def test_a_withdrawal_with_a_position_open_in_another_symbol_is_a_flow():
    rows = [
        make_row("buy", at=0, symbol="OLD", quantity=1, price=100, equity=10_000.0),
        make_row("buy", at=24, quantity=10, price=100, equity=10_000.0),
        make_row("sell", at=48, quantity=10, price=101, equity=10_010.0),
        make_row("hold", at=60, symbol="", equity=5_010.0),
        make_row("buy", at=72, quantity=10, price=100, equity=5_010.0),
        make_row("sell", at=96, quantity=10, price=100, equity=5_010.0),
    ]
    frame = make_run(rows, initial_cash=10_000.0)
    assert frame.equity.flows is not None
    assert frame.equity.flows.sum() == pytest.approx(-5_000.0)
    assert values(frame)["total_return"] == pytest.approx(0.1)
    assert values(frame)["max_drawdown"] == 0.0


def test_a_source_whose_equity_holds_more_than_its_trades_has_no_flows():
    rng = np.random.default_rng(1)
    equity = 10_000 * np.cumprod(1 + rng.normal(0, 0.01, 200))
    rows = [make_row("hold", at=24 * day, symbol="", equity=float(value)) for day, value in enumerate(equity)]
    assert make_run(rows, make_trade(net=5, at=30), initial_cash=10_000.0).equity.flows is None


def test_costs_that_only_equity_shows_are_named_and_no_flow():
    rows: list[tuple[str, float, float, float]] = []
    equity = 10_000.0
    for _ in range(6):
        rows += [("buy", 10, 100, equity - 1), ("sell", 10, 101, equity + 8)]
        equity += 8
    found = calculate_metrics(with_equity(*rows, initial_cash=10_000.0))
    assert found.figures["total_return"].value == pytest.approx(0.48)
    assert any("-12.00 apart" in text for text in found.warnings)


def test_flows_that_the_source_lists_change_equity_and_no_return():
    day = 86_400_000_000
    start = int(START.timestamp() * 1e6)
    flows = ((start + day * 3 // 2, 500.0), (start + day * 5 // 2, -200.0))
    frame = make_run(make_trade(net=100), make_trade(net=160, at=72), flows=flows)
    assert frame.equity.value.tolist() == [1000, 1100, 1600, 1400, 1560]
    assert values(frame)["total_return"] == pytest.approx((1.1 * 1560 / 1400 - 1) * 100)


def test_final_equity_that_does_not_add_up_is_told():
    frame = with_equity(("buy", 1, 100, 1000), ("sell", 1, 110, 1010.5), initial_cash=1000.0)
    assert any("apart from starting cash" in text for text in calculate_metrics(frame).warnings)


@pytest.mark.parametrize(
    ("per_year", "returns"),
    [(12, 6), (4, 2), (52, 26), (1, 1), (252, 129), (365, 181), (8760, 4297)],
)
def test_periods_per_year_says_what_a_period_is(per_year: int, returns: int):
    # One trade a day for 181 days from Monday, 1 January 2024, to Friday, 28 June: 129 weekdays.
    rng = np.random.default_rng(2)
    nets = rng.normal(0, 10, 180)
    trades = [make_trade(net=float(net), at=24 * day + 12, hours=0.5) for day, net in enumerate(nets)]
    frame = make_run(*trades, initial_cash=100_000.0, periods_per_year=per_year)
    curve = frame.equity
    assert (curve.periods_per_year, abs(len(curve.returns) - returns) <= 1) == (per_year, True)
    assert float(np.prod(1 + curve.returns)) == pytest.approx(1 + values(frame)["total_return"] / 100)
    if returns > 1:
        sharpe = curve.returns.mean() / curve.returns.std(ddof=1) * per_year**0.5
        assert values(frame)["sharpe"] == pytest.approx(sharpe)
        # Whatever the period, independent results have about the same volatility a year.
        if returns > 20:
            assert values(frame)["volatility"] == pytest.approx(10 * 365**0.5 / 1000, rel=0.5)


def test_panel_rules_and_comparison_show_one_sharpe_and_one_drawdown():
    rng = np.random.default_rng(4)
    trades = [
        make_trade(net=float(rng.normal(0, 20)), at=30 * i, hours=3, side=("long", "short")[i % 2]) for i in range(60)
    ]
    frame, other = make_run(*trades), make_run(*trades, run_id=2)
    replay = replay_rule(frame, side_filter.RULE, {"side": "long"})
    found, compared = values(frame), compare_runs([frame, other]).figures
    assert replay.sharpe_before == found["sharpe"] == compared["sharpe"].values[0]
    assert replay.max_drawdown_before == found["max_drawdown"] == compared["max_drawdown"].values[0]
    longs = values(make_run(*trades[::2], started_at=None))
    assert replay.max_drawdown_after == pytest.approx(longs["max_drawdown"])


def test_parts_of_one_position_are_open_once():
    parts = [
        make_trade(net=1, hours=hours, quantity=1, ref=str(i)) for i, hours in enumerate((2, 3, 5))
    ]  # opened at one moment and price, closed bit by bit
    assert values(make_run(*parts))["max_open_trades"] == 1
    rest = [
        make_row("buy", at=0, quantity=2, price=100),
        make_row("sell", at=1, quantity=1, price=101),
        make_row("hold", at=5, price=99),
    ]
    assert values(make_run(rest))["max_open_trades"] == 1
    apart = [make_trade(net=1, hours=4, ref="1"), make_trade(net=1, at=1, hours=4, ref="2", entry=101)]
    assert values(make_run(*apart))["max_open_trades"] == 2
    handed_over = [make_trade(net=1, hours=1), make_trade(net=1, at=1, hours=1)]
    assert values(make_run(*handed_over))["max_open_trades"] == 1


def test_half_a_unit_is_small_beside_a_usual_result():
    assert half_unit("USD", np.array([10.0, -3.0])) == 0.005
    assert half_unit("JPY", np.array([10_000.0])) == 0.5
    assert half_unit("BTC", np.array([0.5])) == 5e-9
    assert half_unit("USD", np.array([0.02])) == pytest.approx(5e-5)
