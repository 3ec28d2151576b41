"""Rolling statistics against pandas, which rolls over every window; ours are thinned."""

import numpy as np
import pandas as pd
import pytest

from backend.analysis import RunFrame, rolling
from backend.analysis.metrics import calculate_metrics
from backend.analysis.rolling import default_window
from tests.support.factories import make_row, make_run, make_trade


def run_of(nets: list[float] | np.ndarray, hours: float = 24) -> RunFrame:
    return make_run(*(make_trade(net=float(net), at=i * hours, hours=hours / 2) for i, net in enumerate(nets)))


@pytest.fixture(scope="module")
def run() -> RunFrame:
    """300 trades, one a day, of which every seventh made nothing; a stretch in the middle never loses."""
    nets = np.random.default_rng(5).normal(1, 9, 300).round(2)
    nets[::7] = 0
    nets[120:170] = np.abs(nets[120:170])
    return run_of(nets)


def close(ours: list[float | None], theirs: pd.Series) -> bool:
    return bool(np.allclose([np.nan if v is None else v for v in ours], theirs, atol=1e-6, equal_nan=True))


def test_figures_over_trades_are_those_of_every_window(run: RunFrame) -> None:
    found = rolling(run, window=20, points=2000).trades
    net = pd.Series(run.trades.net_pnl[run.trades.closed_in_order])
    won, lost = (net > 0).rolling(20).sum(), (net < 0).rolling(20).sum()
    up, down = net.clip(lower=0).rolling(20).sum(), -net.clip(upper=0).rolling(20).sum()
    assert [point.trade_id for point in found.points] == list(range(20, 301))
    assert close([p.win_rate for p in found.points], (won / (won + lost) * 100)[19:])
    assert close([p.expectancy for p in found.points], net.rolling(20).mean()[19:])
    assert close([p.profit_factor for p in found.points], (up / down).where(lost > 0)[19:])
    # Where nothing lost there is no profit factor, and no infinity either.
    assert [p.profit_factor for p in found.points].count(None) >= 31
    first = found.points[0]
    assert (first.t - first.since).days == 19


def test_sharpe_over_days_is_that_of_every_window(run: RunFrame) -> None:
    found = rolling(run, days=63, points=2000).days
    returns = pd.Series(run.equity.returns)
    theirs = returns.rolling(63).mean() / returns.rolling(63).std() * np.sqrt(365)
    assert (found.count, found.periods_per_year, found.windows) == (300, 365, [63, 126, 252])
    assert close([p.sharpe for p in found.points], theirs[62:])
    # A window of all days but one ends with the figure of the days it holds.
    assert rolling(run, days=299).days.points[-1].sharpe == pytest.approx(
        returns[1:].mean() / returns[1:].std() * np.sqrt(365)
    )


def test_figures_over_nearly_all_trades_are_those_of_the_run() -> None:
    run = run_of([0, 10, -4, 7, -3, 5])
    last = rolling(run, window=5).trades.points[-1]
    figures = calculate_metrics(run, "trades").figures
    assert last.win_rate == figures["win_rate"].value
    assert last.profit_factor == pytest.approx(figures["profit_factor"].value)


@pytest.mark.parametrize(
    ("count", "window"), [(0, 10), (16, 10), (200, 20), (499, 20), (500, 50), (1000, 100), (10**6, 10_000)]
)
def test_window_follows_the_number_of_trades(count: int, window: int) -> None:
    assert default_window(count) == window


def test_too_few_trades_or_days_say_so() -> None:
    none = rolling(make_run())
    assert (none.trades.why, none.trades.points, none.days.points) == ("no trade was closed", [], [])
    assert none.days.why
    few = rolling(run_of([1, -2, 3]))
    assert few.trades.why == "a window of 10 needs more than 10 closed trades; the run has 3"
    assert few.days.why == "a window of 63 needs more than 63 daily returns; the run has 3"
    still_open = rolling(make_run([make_row("buy", quantity=1, price=5)]))
    assert still_open.trades.why == "no trade was closed"
    unknown = rolling(make_run(*(make_trade(net=1, at=i * 24) for i in range(90)), initial_cash=None))
    assert unknown.trades.points
    assert "initial cash" in (unknown.days.why or "")


def test_days_that_do_not_vary_have_no_ratio() -> None:
    flat = rolling(run_of([0.0] * 90), days=20)
    assert {point.sharpe for point in flat.days.points} == {None}
    assert {(point.win_rate, point.expectancy) for point in flat.trades.points} == {(None, 0.0)}


def test_a_long_run_is_thinned_to_its_extremes() -> None:
    nets = np.ones(20_000)
    nets[7_000:7_050] = -40.0
    # A huge trade far from it leaves no trace in what is said of it.
    nets[100] = 1e15
    found = rolling(run_of(nets, hours=0.5), window=50, points=100).trades
    assert len(found.points) <= 110
    assert (found.points[0].trade_id, found.points[-1].trade_id) == (50, 20_000)
    worst = min(found.points, key=lambda point: point.expectancy)
    assert (worst.expectancy, worst.win_rate, worst.trade_id) == (-40.0, 0.0, 7_050)
