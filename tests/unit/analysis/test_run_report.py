"""What the run page shows over all trades: the list's filters, the calendar, the distribution, the drawdowns."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from backend.analysis import (
    InvalidCriteria,
    RunFrame,
    TradeFilter,
    distribution,
    drawdown_periods,
    equity_points,
    find_trades,
    run_calendar,
    trade_rows,
)
from tests.support.factories import START, make_row, make_run, make_trade


def ids(frame: RunFrame, sort: str = "opened_at", **wanted: Any) -> list[int]:
    return [row.trade_id for row in trade_rows(frame, TradeFilter(**wanted), sort=sort).rows]


@pytest.fixture
def mixed() -> RunFrame:
    """1 wins on Monday, 2 loses on Tuesday (tagged), 3 is a short without result, 4 stays open."""
    return make_run(
        make_trade(net=10, symbol="BTC/USDT", at=1, hours=2, exit_tag="roi", ref="a-1"),
        make_trade(net=-20, symbol="ETH/USDT", at=25, hours=1, exit_tag="stop_loss", ref="b-2", low=70, high=101),
        make_trade(net=0, side="short", symbol="ETH/USDT", at=30, hours=4, entry_tag="fade"),
        [make_row("buy", at=40, symbol="BTC/USDT", quantity=1, price=5)],
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"symbol": "ETH/USDT"}, [2, 3]),
        ({"symbol": "eth"}, []),
        ({"side": "short"}, [3]),
        ({"status": "open"}, [4]),
        ({"tag": "stop_loss"}, [2]),
        ({"tag": "fade"}, [3]),
        ({"hour": 1}, [1, 2]),
        ({"weekday": "Tuesday"}, [2, 3, 4]),
        ({"result": "win"}, [1]),
        ({"result": "loss"}, [2]),
        ({"result": "breakeven"}, [3]),
        ({"closed_from": START, "closed_to": START + timedelta(hours=3)}, []),
        ({"closed_from": START, "closed_to": START + timedelta(hours=4)}, [1]),
        ({"closed_from": datetime(2024, 1, 2)}, [2, 3]),
        ({"measure": "net_pnl", "low": -20, "high": 0}, [2]),
        ({"measure": "mae", "high": -1}, [2]),
        ({"search": "USDT"}, [1, 2, 3, 4]),
        ({"search": "STOP"}, [2]),
        ({"search": "a-1"}, [1]),
        ({"search": "nothing like it"}, []),
        ({"symbol": "ETH/USDT", "result": "loss", "hour": 1}, [2]),
    ],
)
def test_trades_are_found_by_what_all_conditions_say(mixed: RunFrame, wanted: dict[str, Any], expected: list[int]):
    assert ids(mixed, **wanted) == expected


def test_filtered_list_says_how_many_and_what_they_made(mixed: RunFrame):
    page = trade_rows(mixed, TradeFilter(status="closed"), sort="net_pnl", limit=2)
    assert ([row.net_pnl for row in page.rows], page.total, page.net_pnl) == ([-20.0, 0.0], 3, -10.0)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("symbol", [1, 4, 2, 3]),
        ("-symbol", [2, 3, 1, 4]),
        ("mae", [2, 1, 3, 4]),
        ("-mae", [2, 1, 3, 4]),
        ("exit_tag", [4, 3, 1, 2]),
        ("-net_pnl", [1, 3, 4, 2]),
    ],
)
def test_order_is_stable_and_unknown_values_are_last(mixed: RunFrame, sort: str, expected: list[int]):
    assert ids(mixed, sort=sort) == expected


@pytest.mark.parametrize("wanted", [{"weekday": "Caturday"}, {"measure": "luck"}, {"side": "up"}, {"status": "odd"}])
def test_condition_there_is_none_of_is_refused(mixed: RunFrame, wanted: dict[str, Any]):
    with pytest.raises(InvalidCriteria):
        find_trades(mixed, TradeFilter(**wanted))


def test_calendar_sums_trades_by_the_day_they_closed():
    frame = make_run(
        make_trade(net=10, fees=1, at=23, hours=2),  # closes on 2 January
        make_trade(net=-4, at=26, hours=1),
        make_trade(net=-30, at=24 * 31, hours=1),  # 1 February
        make_trade(net=5, at=24 * 366, hours=1),  # 1 January 2025
    )
    calendar = run_calendar(frame, 2024)
    assert [(day.key, day.trade_count, day.net_pnl) for day in calendar.days] == [
        ("2024-01-02", 2, 6.0),
        ("2024-02-01", 1, -30.0),
    ]
    assert [(m.key, m.net_pnl, m.day_count, m.winning_days, m.losing_days) for m in calendar.months] == [
        ("2024-01", 6.0, 1, 1, 0),
        ("2024-02", -30.0, 1, 0, 1),
        ("2025-01", 5.0, 1, 1, 0),
    ]
    # 1,000 of initial cash; the year 2025 begins with what 2024 ended with.
    assert [y.return_pct for y in calendar.years] == pytest.approx([-2.4, 5 / 976 * 100])
    assert [m.return_pct for m in calendar.months][:2] == pytest.approx([0.6, -30 / 1006 * 100])
    assert calendar.best_day is not None
    assert calendar.worst_day is not None
    assert (calendar.best_day.key, calendar.worst_day.key) == ("2024-01-02", "2024-02-01")
    assert calendar.days[0].win_rate == 50.0
    assert calendar.days[0].fees == 1.0


def test_calendar_without_a_year_shows_the_last_and_refuses_one_without_trades():
    frame = make_run(make_trade(net=1), make_trade(net=2, at=24 * 366))
    assert [day.key for day in run_calendar(frame).days] == ["2025-01-01"]
    with pytest.raises(InvalidCriteria, match="2019"):
        run_calendar(frame, 2019)


def test_calendar_of_a_run_without_closed_trades_is_empty():
    calendar = run_calendar(make_run([make_row("buy", quantity=1, price=5)]))
    assert (calendar.year, calendar.days, calendar.months, calendar.best_day) == (None, [], [], None)


def test_calendar_has_no_return_without_capital():
    assert run_calendar(make_run(make_trade(net=3), initial_cash=None)).months[0].return_pct is None


def test_bins_have_round_edges_with_zero_between_wins_and_losses():
    nets = [-95, -40, -12, -1, 0, 3, 8, 60]
    shown = distribution(make_run(*(make_trade(net=net, at=i * 2) for i, net in enumerate(nets))), bins=8)
    assert sum(b.trade_count for b in shown.bins) == len(nets)
    assert sum(b.net_pnl for b in shown.bins) == pytest.approx(sum(nets))
    edges = [b.low for b in shown.bins if b.low is not None]
    assert 0 in edges
    assert all(edge % 25 == 0 for edge in edges)
    for one, following in zip(shown.bins, shown.bins[1:], strict=False):
        assert one.high == following.low
    assert (shown.trade_count, shown.percentiles["p50"], shown.unit) == (8, -0.5, "money")


def test_outer_bins_are_open_where_results_lie_beyond():
    nets = [-1e6, *([1.0, 2.0, 3.0, -1.0] * 100), 1e6]
    shown = distribution(make_run(*(make_trade(net=net, at=i, hours=0.5, entry=1e7) for i, net in enumerate(nets))))
    assert (shown.bins[0].low, shown.bins[0].trade_count) == (None, 1)
    assert (shown.bins[-1].high, shown.bins[-1].trade_count) == (None, 1)


@pytest.mark.parametrize("net", [0.0, 7.0, -3e-9, 4e12])
def test_equal_results_make_one_bin_that_holds_them(net: float):
    shown = distribution(make_run(make_trade(net=net, entry=1e13), make_trade(net=net, at=5, entry=1e13)))
    (only,) = (b for b in shown.bins if b.trade_count)
    assert only.trade_count == 2
    assert shown.skew is None or math.isfinite(shown.skew)


def test_measure_that_some_trades_lack_says_how_many():
    frame = make_run(make_trade(net=1, low=90, high=110), make_trade(net=2, at=3))
    shown = distribution(frame, "mae")
    assert (shown.trade_count, shown.unknown_count) == (1, 1)
    (only,) = shown.bins
    assert only.low is not None
    assert only.high is not None
    assert only.low <= -10 < only.high
    with pytest.raises(InvalidCriteria):
        distribution(frame, "luck")


def test_holding_times_fall_into_bins_of_whole_units():
    shown = distribution(make_run(*(make_trade(net=1, at=i * 10, hours=i) for i in range(1, 9))), "holding_seconds", 10)
    assert {(b.high or 0) % 3600 for b in shown.bins if b.high is not None} == {0}


def test_drawdowns_are_told_deepest_first_with_what_was_traded_on_the_way_down():
    nets = [100, -50, 60, -220, -10, 300, -90]
    frame = make_run(*(make_trade(net=net, at=i * 24, hours=1, entry=1000) for i, net in enumerate(nets)))
    found = drawdown_periods(frame)
    assert found.total == 3
    deepest, last, first = found.items
    assert (deepest.depth, deepest.trade_count, deepest.net_pnl) == (-230.0, 2, -230.0)
    assert deepest.depth_pct == pytest.approx(-230 / 1110 * 100)
    assert deepest.peak_at == START + timedelta(hours=49)
    assert deepest.trough_at == START + timedelta(hours=97)
    assert deepest.recovered_at == START + timedelta(hours=121)
    assert (deepest.days_down, deepest.days_under_water) == (2.0, 3.0)
    assert (last.depth, last.recovered_at) == (-90.0, None)
    assert first.depth == -50.0
    assert len(drawdown_periods(frame, limit=1).items) == 1


def test_run_that_only_rose_has_no_drawdown():
    assert drawdown_periods(make_run(make_trade(net=5))).items == []
    assert drawdown_periods(make_run()).total == 0


def test_fall_from_nothing_is_told_in_money():
    frame = make_run(*(make_trade(net=net, at=i * 24, hours=1) for i, net in enumerate([-50, 80, -70])), initial_cash=0)
    found = drawdown_periods(frame)
    assert [(item.depth, item.depth_pct) for item in found.items] == [
        (-70.0, pytest.approx(-70 / 30 * 100)),
        (-50.0, None),
    ]


def test_part_of_the_equity_is_finer_and_keeps_the_whole_runs_drawdown():
    frame = make_run(*(make_trade(net=-1, at=i, hours=0.5) for i in range(400)))
    whole = equity_points(frame, 20)
    since, until = START + timedelta(hours=200), START + timedelta(hours=205)
    part = equity_points(frame, 20, since=since, until=until)
    assert len(whole.points) <= 24
    assert part.points[0].t <= since
    assert part.points[-1].t >= until
    assert len(part.points) == 7
    assert part.total_points == whole.total_points
    assert part.points[-1].drawdown == pytest.approx(-20.6)
    assert equity_points(frame, since=datetime(1990, 1, 1, tzinfo=UTC), until=datetime(1991, 1, 1, tzinfo=UTC)).points


def test_list_of_many_trades_pages_without_gaps():
    count = 5_000
    rng = np.random.default_rng(7)
    frame = make_run(*(make_trade(net=float(net), at=i) for i, net in enumerate(rng.integers(-9, 9, count))))
    pages = [trade_rows(frame, sort="-net_pnl", offset=begin, limit=200).rows for begin in range(0, count, 200)]
    rows = [row for page in pages for row in page]
    assert sorted(row.trade_id for row in rows) == list(range(1, count + 1))
    assert [row.net_pnl for row in rows] == sorted((row.net_pnl for row in rows), reverse=True)
