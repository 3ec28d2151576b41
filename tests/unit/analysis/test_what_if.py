"""Changes replayed with the asker's numbers: values worked by hand on one small run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analysis import InvalidCriteria, RunFrame, calculate_metrics, replay_change
from backend.analysis.what_if import KINDS, Bounds, Outcome
from tests.support.factories import make_row, make_run, make_trade


def two_days() -> RunFrame:
    """Monday: 1 −10 (09:00), 2 −20 (11:00), 3 +30 short (13:00), 4 −4 (22:00). Tuesday: 5 +8, 6 still open at −10.

    Fees of 1 each. Trades of one unit at 100; lowest and highest prices: 1: 88–101, 2: 80–104, 3: 69–102, 4: 96–103,
    5: 97–110. Trade 6 is bought at 100 with a fee of 1 and stands at 91; its extremes are not known.
    """
    return make_run(
        make_trade(net=-10, at=9, fees=1, low=88, high=101),
        make_trade(net=-20, at=11, fees=1, low=80, high=104),
        make_trade(net=30, at=13, fees=1, side="short", low=69, high=102),
        make_trade(net=-4, at=22, fees=1, low=96, high=103),
        make_trade(net=8, at=33, fees=1, low=97, high=110),
        [make_row("buy", at=35, quantity=1, price=100, fees=1), make_row("hold", at=40, price=91)],
    )


RUN = two_days()


def after(kind: str, params: Any) -> Outcome:
    found = replay_change(RUN, kind, params)
    assert isinstance(found.after, Outcome), found.why
    return found.after


@pytest.mark.parametrize(
    ("kind", "params", "net", "total", "trades"),
    [
        ("position_size", {"factor": 0.5}, 2, -3, 5),
        ("position_size", {"value": 50}, 2, -3, 5),
        ("position_size", {"max_value": 200}, 4, -6, 5),
        ("no_fees", {}, 9, 0, 5),
        ("fees", {"factor": 2}, -1, -12, 5),
        ("side_filter", {"side": "long"}, -26, -36, 4),
        ("longs_only", None, -26, -36, 4),
        ("without_trades", {"worst": 2}, 34, 24, 3),  # of the two that lost 10 the first goes
        ("without_trades", {"best": 1}, -26, -36, 4),
        ("without_trades", {"trades": [2, 4]}, 28, 18, 3),
        ("without_trades", {"where": [{"pnl": {"lt": 0}, "open": False}]}, 38, 28, 2),
        ("only_trades", {"where": [{"side": "short"}]}, 30, 30, 1),
        ("no_trade_hours", {"hours": [22, 23]}, 8, -2, 4),
        ("no_trade_hours", "9-11", 26, 26, 2),
        ("no_trade_weekdays", {"weekdays": ["tuesday"]}, -4, -4, 4),
        ("max_trades_per_day", {"count": 1}, -2, -2, 2),
        ("max_trades_per_day", 2, -22, -32, 3),
        ("stop_after_losses", {"count": 1}, -2, -12, 2),
        ("stop_after_losses", {"count": 2}, -22, -32, 3),
        ("stop_after_losses", {"count": 3}, 4, -6, 5),
        ("symbol_exclusion", {"symbols": ["BTC"]}, 0, 0, 0),
    ],
)
def test_exact_changes_worked_by_hand(kind: str, params: Any, net: float, total: float, trades: int) -> None:
    found = after(kind, params)
    assert (found.net_pnl, found.total_pnl, found.trade_count) == pytest.approx((net, total, trades))


@pytest.mark.parametrize(
    ("kind", "params", "low", "high"),
    [
        # Exits at −5 before the fee: trades 1 and 2 went further and ended further; the others never got there.
        ("stop_loss", {"pct": 5}, 22, 22),
        ("stop_loss", {"money": 5}, 22, 22),
        # Trade 4 ended at −3, trade 5 had been at −3 and ended at +9: stopped or not.
        ("stop_loss", {"pct": 3}, 14, 26),
        ("take_profit", {"pct": 10}, -17, -16),
        # 1 and 2 fell 10 % from the entry: out between 90 and 0.9 × their best; 3 and 5 may have come back 10 %.
        ("trailing_stop", {"pct": 10}, -48, 16.5),
    ],
)
def test_exits_are_bounded_by_the_extremes(kind: str, params: Any, low: float, high: float) -> None:
    found = replay_change(RUN, kind, params)
    cases = found.after
    assert cases is not None
    worst, best = (cases.low, cases.high) if isinstance(cases, Bounds) else (cases, cases)
    assert (worst.net_pnl, best.net_pnl) == pytest.approx((low, high))
    assert isinstance(cases, Bounds) == (low != high)
    # Of the open trade no extremes are known: it stays at −10, and 72 of 82 in size is covered.
    assert (worst.open_pnl, best.open_pnl, found.exact) == (-10, -10, False)
    assert found.coverage_pct == pytest.approx(72 / 82 * 100)
    assert found.basis == "extremes"


def test_without_extremes_a_stop_cannot_be_known_and_says_why() -> None:
    blind = make_run(make_trade(net=-10, at=1), make_trade(net=4, at=3))
    found = replay_change(blind, "stop_loss", {"pct": 2})
    assert (found.after, found.gain, found.exact, found.verdict, found.coverage_pct) == (
        None,
        None,
        False,
        "unknown",
        0,
    )
    assert found.why is not None and "no prices between" in found.why
    assert found.before.net_pnl == -6


def test_before_is_what_the_panel_shows() -> None:
    before = replay_change(RUN, "no_fees").before
    figures = calculate_metrics(RUN).figures
    for name in (
        "net_pnl", "open_pnl", "total_pnl", "trade_count", "win_rate", "average_loss",
        "fees", "profit_factor", "expectancy", "largest_loss",
    ):  # fmt: skip
        assert getattr(before, name) == pytest.approx(figures[name].value), name


def test_changed_trades_are_named_largest_change_first() -> None:
    found = replay_change(RUN, "position_size", {"factor": 0.5})
    assert found.trades_changed == [3, 2, 1, 6, 5, 4]
    assert (found.changed_count, found.removed_count, found.coverage_pct, found.exact) == (6, 0, 100, True)
    assert [(one.trade_id, one.before, one.after_low) for one in found.changes[:2]] == [(3, 30, 15), (2, -20, -10)]


def test_a_run_without_fees_says_that_nothing_changes() -> None:
    found = replay_change(make_run(make_trade(net=5)), "no_fees")
    assert isinstance(found.after, Outcome)
    assert (found.after.net_pnl, found.changed_count) == (5, 0)
    assert "records no fees" in found.note


def test_what_is_no_rule_gets_no_verdict() -> None:
    for kind, params in (("no_fees", {}), ("without_trades", {"worst": 1}), ("fees", {"bps": 1})):
        found = replay_change(RUN, kind, params)
        assert found.verdict == "unknown"
        assert found.verdict_why.startswith("No rule to judge")


@pytest.mark.parametrize(
    ("kind", "params", "says"),
    [
        ("magic", {}, "stop_loss"),
        ("stop_loss", {}, "pct or money"),
        ("stop_loss", {"pct": 0}, "above zero"),
        ("stop_loss", {"pct": "NaN"}, "no number"),
        ("max_trades_per_day", {"count": 1.5}, "whole number"),
        ("side_filter", {"side": "up"}, "long"),
        ("no_trade_hours", {"hours": [99]}, "no hours"),
        ("without_trades", {}, "worst"),
        ("without_trades", {"where": [{"mood": 1}]}, "symbol"),
        ("symbol_exclusion", {"symbols": ["DOGE"]}, "no symbol"),
    ],
)
def test_what_cannot_be_replayed_is_answered_with_what_can(kind: str, params: Any, says: str) -> None:
    with pytest.raises(InvalidCriteria) as refused:
        replay_change(RUN, kind, params)
    assert says in refused.value.message


EXAMPLES: dict[str, Any] = {
    "max_holding_time": {"hours": 0.5}, "max_position_size": 50, "equity_scaled_size": 5,
    "volatility_scaled_size": {"daily_move": 5}, "tag_exclusion": None, "cooldown_after_losses": {"hours": 3},
    "max_concurrent_positions": 1, "daily_loss_limit": 10, "drawdown_circuit_breaker": 1,
    "only_trades": {"where": [{"side": "long"}]}, "without_trades": {"worst": 1}, "no_trade_hours": 9,
    "no_trade_weekdays": "monday", "symbol_exclusion": "BTC", "side_filter": "short",
}  # fmt: skip


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.name != "tag_exclusion"])
def test_every_kind_answers_on_a_small_and_on_an_empty_run(kind: str) -> None:
    params = EXAMPLES.get(kind, 2)
    for run in (RUN, make_run([make_row("hold", at=0, price=1)])):
        try:
            found = replay_change(run, kind, params)
        except InvalidCriteria as refused:
            assert run is not RUN, refused.message
            continue
        assert (found.after is None) == (found.why is not None)
        assert found.description
        found.model_dump_json()


trades = st.lists(
    st.tuples(st.floats(-50, 50), st.integers(0, 200), st.booleans(), st.floats(0, 3)), min_size=1, max_size=12
)


@given(trades, st.sampled_from([kind.name for kind in KINDS if kind.name not in ("tag_exclusion",)]))
@settings(max_examples=60, deadline=None)
def test_worst_is_never_better_than_best_and_gain_closes(rows: list[tuple[float, int, bool, float]], kind: str) -> None:
    run = make_run(
        *(
            make_trade(net=net, at=at, side="short" if short else "long", fees=fees, low=1, high=250, entry=100)
            for net, at, short, fees in rows
        )
    )
    try:
        found = replay_change(run, kind, EXAMPLES.get(kind, 2))
    except InvalidCriteria:
        return
    if found.after is None:
        return
    low, high = (found.after.low, found.after.high) if isinstance(found.after, Bounds) else (found.after,) * 2
    assert low.total_pnl <= high.total_pnl + 1e-6
    assert found.gain_low == pytest.approx(low.total_pnl - found.before.total_pnl, abs=1e-6)
    assert found.gain_high == pytest.approx(high.total_pnl - found.before.total_pnl, abs=1e-6)
    assert low.trade_count + (found.removed_count or 0) == found.before.trade_count


def test_before_has_the_drawdown_and_sharpe_of_the_panel() -> None:
    before = replay_change(RUN, "no_fees").before
    figures = calculate_metrics(RUN).figures
    assert before.max_drawdown == pytest.approx(figures["max_drawdown"].value)
    assert before.sharpe == pytest.approx(figures["sharpe"].value)


def test_what_made_nothing_is_neither_won_nor_lost() -> None:
    run = make_run(make_trade(net=-5, at=1), make_trade(net=0.001, at=3), make_trade(net=6, at=5))
    found = replay_change(run, "without_trades", {"worst": 1})
    assert isinstance(found.after, Outcome)
    assert (found.before.win_count, found.before.loss_count, found.before.win_rate) == (1, 1, 50)
    assert (found.after.win_count, found.after.loss_count, found.after.win_rate) == (1, 0, 100)
    # A draw is no loss that a day is over after.
    again = make_run(make_trade(net=-0.001, at=1), make_trade(net=-5, at=3), make_trade(net=6, at=5))
    stopped = replay_change(again, "stop_after_losses", {"count": 2})
    assert stopped.removed_count == 0


def test_half_the_size_of_what_loses_is_no_rule_that_holds() -> None:
    run = make_run(*(make_trade(net=-12 + i % 5, at=24 * i) for i in range(60)))
    found = replay_change(run, "position_size", {"factor": 0.5})
    assert found.gain is not None and found.gain > 0
    assert found.verdict == "no better than chance"
