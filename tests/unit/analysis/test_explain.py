from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analysis import FILTER_TYPES, InvalidCriteria, RunFrame, analyze_trades
from tests.support.factories import make_row, make_run, make_trade


def week() -> RunFrame:
    """Monday to Friday; Monday 09:00 on: +10, −20, −30, +40, −5, one open at the end."""
    return make_run(
        make_trade(net=10, at=9, symbol="BTC/USDT", hours=0.5, entry_tag="breakout", exit_tag="target"),
        make_trade(net=-20, at=24 + 13, symbol="ETH/USDT", hours=2, fees=1, exit_tag="stop", entry_reasoning="Dips."),
        make_trade(net=-30, at=48 + 14, symbol="BTC/USDT", side="short", hours=30, funding=2, exit_tag="stop"),
        make_trade(net=40, at=72 + 23, symbol="ETH/USDT", hours=5),
        make_trade(net=-5, at=96 + 9, symbol="BTCDOM/USDT", hours=0.01),
        [make_row("buy", at=120, symbol="ETH/USDT", quantity=1, price=100)],
        [make_row("hold", at=121, symbol="ETH/USDT", price=90)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("filter_type", "criteria", "ids"),
    [
        ("all", None, [1, 2, 3, 4, 5]),
        (None, None, [1, 2, 3, 4, 5]),
        ("LOSERS", None, [2, 3, 5]),
        ("losing trades", None, [2, 3, 5]),
        ("winners", "", [1, 4]),
        ("symbol", "BTC/USDT", [1, 3]),
        ("symbol", "btcusdt", [1, 3]),
        ("symbol", "ETH", [2, 4]),
        ("symbol", "ETH and BTCDOM", [2, 4, 5]),
        ("symbol", {"symbols": ["ETH/USDT", "BTCDOM/USDT"]}, [2, 4, 5]),
        ("side", "Short", [3]),
        ("long", None, [1, 2, 4, 5]),
        ("action", "cover", [3]),
        ("tag", "STOP", [2, 3]),
        ("tag", {"tag": "breakout"}, [1]),
        ("hour", 13, [2]),
        ("hour", "13-14", [2, 3]),
        ("hour", "13:00–14:00", [2]),
        ("hour", "22-9", [1, 4, 5]),
        ("hour", [9, 23], [1, 4, 5]),
        ("weekday", "monday", [1]),
        ("weekday", "Thu-Mon", [1, 4, 5]),
        ("weekday", "mon, wed", [1, 3]),
        ("month", "2024-01", [1, 2, 3, 4, 5]),
        ("month", "February", []),
        ("date_range", "2024-01-02..2024-01-03", [2, 3]),
        ("date_range", "2024-01-02 to 2024-01-02", [2]),
        ("date_range", {"start": "2024-01-04"}, [4, 5]),
        ("date_range", "before 2024-01-01T10:00", [1]),
        ("holding_time", "> 1h", [2, 3, 4]),
        ("holding_time", "< 30m", [1, 5]),
        ("holding_time", "1h..6 hours", [2, 4]),
        ("holding_time", "1-3 days", [3]),
        ("holding_time", {"min": 3600, "max": 7200}, [2]),
        ("holding_time", "under 1 min", [5]),
        ("largest_losses", "top 2", [2, 3]),
        ("largest_wins", {"n": 1}, [4]),
        ("streaks", None, [2, 3]),
        ("streaks", "winning 1", [1, 4]),
        ("streaks", 1, [2, 3, 5]),
        ("open", None, [6]),
    ],
)
def test_filters_choose_what_was_meant(filter_type, criteria, ids):
    found = analyze_trades(week(), filter_type, criteria)
    assert sorted(found.selection.trade_ids) == ids
    assert found.filter.description
    if filter_type != "open":
        assert found.selection.trade_count + found.complement.trade_count == 5
        assert found.selection.net_pnl + found.complement.net_pnl == pytest.approx(-5)


@pytest.mark.parametrize(
    ("filter_type", "criteria", "valid"),
    [
        ("vibes", None, "losers"),
        ("symbol", "DOGE", "BTC/USDT"),
        ("symbol", None, "ETH/USDT"),
        ("side", "up", "long"),
        ("action", "hold", "cover"),
        ("tag", "moon", "stop"),
        ("hour", "late", "13-15"),
        ("hour", "25", "13"),
        ("hour", None, "13"),
        ("weekday", "someday", "Monday"),
        ("month", "13", "2024-01"),
        ("date_range", "yesterday", "2024-01"),
        ("date_range", "2024-13-01..2024-14-01", "2024-01"),
        ("holding_time", "long", "> 1h"),
        ("largest_losses", "many", "10"),
        ("streaks", "lucky", "losing"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_what_can(filter_type, criteria, valid):
    with pytest.raises(InvalidCriteria) as refused:
        analyze_trades(week(), filter_type, criteria)
    assert valid in refused.value.valid
    assert valid in refused.value.message


def test_summary_of_a_selection_worked_by_hand():
    found = analyze_trades(week(), "losers").selection
    assert (found.trade_count, found.win_rate, found.net_pnl, found.fees, found.funding) == (3, 0.0, -55.0, 1.0, 2.0)
    assert (found.gross_pnl, found.largest_loss, found.largest_win) == (-52.0, -30.0, None)
    assert found.trade_ids == [3, 2, 5]


def test_worst_trades_carry_what_was_written_at_entry_and_exit():
    worst = analyze_trades(week()).worst_trades
    # The open trade is marked at 90 after a purchase at 100.
    assert [(trade.net_pnl, trade.status) for trade in worst] == [
        (-30.0, "closed"), (-20.0, "closed"), (-10.0, "open"), (-5.0, "closed"),
    ]  # fmt: skip
    assert (worst[1].entry_reasoning, worst[1].exit_tag) == ("Dips.", "stop")


def test_concentration_is_of_the_sum_of_losses():
    found = analyze_trades(week()).concentration
    assert found.total_loss == -55
    assert found.worst_trade_share == pytest.approx(30 / 55 * 100)
    assert (found.worst_5_share, found.worst_symbol) == (100.0, "BTC/USDT")


def test_breakdowns_use_natural_order_and_opening_times():
    rows = analyze_trades(week()).breakdowns
    # On Saturday nothing was bought that was closed: its row is of the open trade alone.
    days = [(row.key, row.trade_count, row.open_count) for row in rows["weekday"]]
    assert days[:5] == [(day, 1, 0) for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")]
    assert days[5:] == [("Saturday", 0, 1)]
    assert (rows["weekday"][5].total_pnl, rows["weekday"][5].average_net) == (-10.0, None)
    hours = [(row.key, row.net_pnl) for row in rows["hour"] if row.trade_count]
    assert hours == [("09", 5.0), ("13", -20.0), ("14", -30.0), ("23", 40.0)]
    assert rows["symbol"][0].key == "BTC/USDT"
    assert {row.key: row.trade_count for row in rows["tag"]} == {"stop": 2, "(none)": 2, "target": 1}
    assert {row.key: row.open_count for row in rows["tag"]} == {"stop": 0, "(none)": 1, "target": 0}


def test_empty_run_is_explained_without_figures():
    found = analyze_trades(make_run())
    assert found.selection.trade_count == 0
    assert found.patterns.tested == 0
    json.dumps(found.model_dump(mode="json"), allow_nan=False)


def test_result_has_the_promised_shape():
    data = analyze_trades(week(), "losers").model_dump(mode="json")
    assert data["kind"] == "trade_analysis"
    assert {"filter", "currency", "selection", "complement", "breakdowns", "bridge", "concentration", "worst_trades",
            "best_trades", "open_trades", "patterns", "definitions", "basis", "warnings"} <= set(data)  # fmt: skip
    assert data["open_trades"][0]["closed_at"] is None
    assert {"symbol", "side", "tag", "hour", "weekday", "holding_time"} <= set(data["breakdowns"])
    assert all(FILTER_TYPES)


@given(
    st.lists(
        st.tuples(
            st.floats(-1e4, 1e4, allow_nan=False), st.floats(0, 50), st.floats(-5, 5), st.integers(0, 400),
            st.sampled_from("ABC"), st.sampled_from(["long", "short"]),
        ),
        max_size=40,
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_bridge_closes_to_the_cent_on_every_side(drawn):
    trades = [
        make_trade(
            net=net, fees=fees, funding=funding, at=at, symbol=symbol, side=side, ref=str(i), entry=50_000, quantity=3
        )
        for i, (net, fees, funding, at, symbol, side) in enumerate(drawn)
    ]
    bridge = analyze_trades(make_run(*trades)).bridge
    assert bridge.gross_pnl - bridge.fees - bridge.funding == pytest.approx(bridge.net_pnl, abs=0.005)
    assert bridge.net_pnl == pytest.approx(sum(net for net, *_ in drawn), abs=0.005)
    for legs in (bridge.by_symbol, bridge.by_side, bridge.by_tag, bridge.by_hour, bridge.by_weekday):
        for name in ("gross_pnl", "fees", "funding", "net_pnl"):
            assert sum(getattr(leg, name) for leg in legs) == pytest.approx(getattr(bridge, name), abs=0.005)


def test_many_symbols_are_folded_but_still_sum():
    frame = make_run(*(make_trade(net=i - 150, at=i, symbol=f"S{i}", entry=1000) for i in range(300)))
    rows = analyze_trades(frame).breakdowns["symbol"]
    assert len(rows) == 200
    assert sum(row.net_pnl for row in rows) == pytest.approx(sum(i - 150 for i in range(300)))


def test_a_planted_pattern_is_found_and_named():
    rng = np.random.default_rng(5)
    trades = [
        make_trade(net=float(rng.normal(0, 10) - (30 if hour == 13 else 0)), at=24 * day + hour, entry=1000)
        for day in range(30)
        for hour in (9, 13, 17)
    ]
    found = analyze_trades(make_run(*trades)).patterns
    assert [(p.dimension, p.key) for p in found.found if p.average_net < p.rest_average_net][:1] == [("hour", "13")]
    assert found.found[0].adjusted_p_value >= found.found[0].p_value


@pytest.mark.parametrize("count", [60, 1500])
def test_noise_has_no_pattern(count: int):
    rng = np.random.default_rng(8)
    trades = [make_trade(net=float(rng.normal(0, 10)), at=3.7 * i, entry=1000, ref=str(i)) for i in range(count)]
    found = analyze_trades(make_run(*trades)).patterns
    assert found.tested >= 3
    assert found.found == []


def test_same_question_same_answer():
    assert analyze_trades(week(), "losers").model_dump() == analyze_trades(week(), "losers").model_dump()
