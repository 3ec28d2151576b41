"""Why a run lost: each cause on a run made to have it, with money worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analysis import RunFrame, analyze_trades, find_causes
from backend.analysis.causes import Cause
from tests.support.factories import make_row, make_run, make_trade

DAY = 24.0


def cause(run: RunFrame, name: str) -> Cause:
    return next(one for one in find_causes(run).causes if one.name == name)


def names(run: RunFrame) -> list[str]:
    return [one.name for one in find_causes(run).causes]


def bought(symbol: str, at: float, price: float, last: float) -> list[dict[str, object]]:
    return [
        make_row("buy", at=at, symbol=symbol, quantity=1, price=price),
        make_row("hold", at=at + 100, symbol=symbol, price=last),
    ]


def test_losses_still_open_come_first_with_their_symbols():
    run = make_run(make_trade(net=-5, at=1), bought("ETH", 30, 100, 40), bought("SOL", 60, 100, 80))
    found = find_causes(run)
    assert (found.outcome, found.total_pnl, found.causes[0].name) == ("lost", -85.0, "still_open")
    first = found.causes[0]
    assert (first.money, first.share_pct, first.confidence, first.trades) == (
        -80.0, pytest.approx(80 / 85 * 100), "certain", [2, 3],
    )  # fmt: skip
    assert (first.figures["open_count"], first.figures["worst_symbol"]) == (2, "ETH")
    assert found.statement.startswith("The run lost 85.00 USD. 80.00 USD of it is a paper loss")
    assert found.unexplained == pytest.approx(-5)


def test_costs_that_ate_the_gross_say_so():
    run = make_run(*(make_trade(net=3 if i % 2 else -4, fees=1, at=i * DAY) for i in range(12)))
    # Net 6 × 3 − 6 × 4 = −6, fees 12: before costs it made 6.
    found = cause(run, "costs")
    assert (found.money, found.share_pct, found.confidence) == (-12.0, 200.0, "certain")
    assert found.statement == "Before costs it made 6.00 USD; fees of 12.00 turned that into a loss."
    assert find_causes(run).causes[0].name == "costs"
    assert find_causes(run).unexplained == pytest.approx(6)


def test_payoff_names_the_win_rate_that_was_needed():
    run = make_run(*(make_trade(net=10 if i % 3 == 0 else -10, at=i * DAY) for i in range(12)))
    # Four wins and eight losses of the same size: half must win, a third did.
    found = cause(run, "payoff")
    assert found.money == -40.0
    assert (found.figures["win_rate"], found.figures["break_even_win_rate"]) == (
        pytest.approx(100 / 3), pytest.approx(50),
    )  # fmt: skip
    assert "won 33.3 % of its trades" in found.statement
    assert "had to win 50.0 % to break even" in found.statement
    assert find_causes(run).causes[0].name == "payoff"


def test_entries_of_one_moment_are_one_decision():
    falling = [make_trade(net=-20, at=5, symbol=name, hours=3) for name in ("A", "B", "C", "D")]
    run = make_run(*falling, *(make_trade(net=2, at=30 + 5 * i) for i in range(6)))
    found = cause(run, "one_moment")
    assert (found.money, found.trades, found.confidence) == (-80.0, [1, 2, 3, 4], "certain")
    assert "not 4" in found.statement
    assert find_causes(run).causes[0].name == "one_moment"


def test_one_trade_that_makes_most_losses_is_named():
    run = make_run(make_trade(net=-60, at=1), *(make_trade(net=-4 if i % 2 else 3, at=DAY * i + 30) for i in range(10)))
    found = cause(run, "concentration")
    assert (found.money, found.trades) == (-60.0, [1])
    assert found.figures["worst_trade_share"] == pytest.approx(60 / 80 * 100)


def test_a_loss_spread_over_all_has_no_cause_and_says_so():
    run = make_run(*(make_trade(net=(-11, 10)[i % 2], at=DAY * i + i % 7) for i in range(40)))
    found = find_causes(run)
    assert "no_single_cause" in names(run)
    assert found.unexplained == pytest.approx(found.total_pnl) == pytest.approx(-20)
    assert "too_few_to_tell" in names(run)
    assert found.causes[-1].confidence == "could be chance"


def test_larger_losers_cost_what_they_were_larger_by():
    trades = [
        make_trade(net=-20 - i % 3 if i % 2 else 9 + i % 4, quantity=2 if i % 2 else 1, at=DAY * i) for i in range(24)
    ]
    found = cause(make_run(*trades), "size_of_losers")
    lost = -sum(20 + i % 3 for i in range(24) if i % 2)
    assert (found.figures["average_size_losers"], found.figures["average_size_winners"]) == (200.0, 100.0)
    assert found.money == pytest.approx(lost / 2)


def test_a_pattern_beyond_chance_is_a_sure_cause():
    run = make_run(
        *(make_trade(net=-30 - i % 5, at=DAY * i + 13) for i in range(20)),
        *(make_trade(net=5 + i % 5, at=DAY * i + 9) for i in range(40)),
    )
    found = cause(run, "hour")
    assert (found.figures["key"], found.confidence) == ("13", "beyond chance")
    assert found.money == pytest.approx(-20 * 30 - 4 * (0 + 1 + 2 + 3 + 4))


def test_a_run_that_made_money_is_not_asked_why_it_lost():
    found = find_causes(make_run(*(make_trade(net=5 if i % 3 else -1, at=DAY * i) for i in range(12))))
    assert found.outcome == "made"
    assert found.statement.startswith("The run made 36.00 USD; it did not lose.")
    assert all(one.share_pct is None for one in found.causes)
    assert "payoff" not in {one.name for one in found.causes}


@pytest.mark.parametrize("rows", [[], [make_trade(net=-3)], [make_trade(net=0)]])
def test_small_runs_are_answered(rows):
    found = find_causes(make_run(*rows, [make_row("hold", at=0, price=1)]))
    assert found.statement
    assert found.total_pnl == pytest.approx(sum(-3 for row in rows if row and found.outcome == "lost"))


def test_the_analysis_of_all_trades_carries_the_causes_and_no_other():
    run = make_run(make_trade(net=-5, at=1), make_trade(net=2, at=30))
    whole = analyze_trades(run).causes
    assert whole is not None
    assert whole.total_pnl == -3
    assert analyze_trades(run, "losers").causes is None


results = st.lists(
    st.tuples(st.floats(-50, 40), st.integers(0, 30), st.sampled_from(["A", "B"]), st.floats(0, 3)), max_size=25
)


@given(results)
@settings(max_examples=40, deadline=None)
def test_causes_close_and_never_fail(rows: list[tuple[float, int, str, float]]) -> None:
    run = make_run(
        *(make_trade(net=net, at=at * 7.0, symbol=name, fees=fees) for net, at, name, fees in rows),
        [make_row("hold", at=0, price=1)],
    )
    found = find_causes(run)
    assert found.total_pnl == pytest.approx(sum(net for net, *_ in rows), abs=1e-6)
    for one in found.causes:
        assert one.statement
        if found.outcome == "lost" and one.money is not None:
            assert one.share_pct == pytest.approx(one.money / found.total_pnl * 100, abs=1e-3)
    found.model_dump_json()
