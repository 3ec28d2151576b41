"""Two groups side by side: differences and intervals worked by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from backend.analysis import InvalidCriteria, compare_groups
from backend.analysis.uncertainty import (
    difference_interval,
    share_difference,
    share_interval,
    t_quantile,
    t_two_sided,
)
from tests.support.factories import make_row, make_run, make_trade

RUN = make_run(
    *(make_trade(net=10 + i % 3, at=24 * i + 9) for i in range(12)),
    *(make_trade(net=-10 - i % 3, at=24 * i + 15, side="short") for i in range(12)),
    [make_row("buy", at=400, symbol="ETH", quantity=1, price=100), make_row("hold", at=401, symbol="ETH", price=90)],
)


def test_longs_against_shorts():
    found = compare_groups(RUN, "long", "shorts")
    # Long closed: 12 × 10 + 4 × (0 + 1 + 2) = 132, one still open at −10.
    assert (found.a.summary.net_pnl, found.a.summary.open_pnl, found.b.summary.net_pnl) == (132, -10, -132)
    per_trade = found.differences["expectancy"]
    assert (per_trade.a, per_trade.b, per_trade.difference, per_trade.more_than_noise) == (11, -11, 22, True)
    assert per_trade.low is not None and per_trade.high is not None and per_trade.low < 22 < per_trade.high
    assert (found.differences["win_rate"].difference, found.in_both) == (100, 0)
    assert found.differences["net_pnl"].difference == 264
    assert "more than chance makes" in found.statement


def test_the_rest_is_the_other_group_without_one():
    found = compare_groups(RUN, [{"side": "short"}])
    assert found.b.description == "all other trades"
    assert found.b.summary.trade_count == 12
    assert found.a.covers.trade_count + found.b.covers.trade_count == 25


def test_few_trades_have_no_interval_and_say_why():
    found = compare_groups(RUN, {"trade": [1, 2, 3]}, "short")
    assert found.differences["expectancy"].more_than_noise is None
    assert "at least 10" in (found.differences["expectancy"].why or "")


def test_groups_chosen_by_results_are_not_called_a_finding():
    assert "chosen by their results" in compare_groups(RUN, "winners", "losers").statement


def test_overlap_is_told():
    found = compare_groups(RUN, "long", [{"result": "win"}])
    assert found.in_both == 12
    assert found.warnings[0] == "12 trades are in both groups."


def test_what_names_no_group_is_refused():
    with pytest.raises(InvalidCriteria, match="no group of trades"):
        compare_groups(RUN, "unicorns")


def test_error_is_taken_over_days():
    # Two days of two equal trades each: twice the same news, not four independent ones.
    a, b = np.array([1.0, 1.0, 3.0, 3.0]), np.array([0.0, 0.0, 0.0, 0.0])
    days = np.array([1, 1, 2, 2])
    found = difference_interval(a, days, b, days)
    assert found is not None
    # Parts by day: 2 × (1 − 2)/4 = −0.5 and +0.5; error √(0.5 × 2/1) = 1, one degree of freedom.
    assert (found.low + found.high) / 2 == pytest.approx(2)
    assert found.high - 2 == pytest.approx(t_quantile(0.975, 1) * sqrt(0.5 * 2))


@pytest.mark.parametrize(("freedom", "exact"), [(5, 2.5706), (10, 2.2281), (30, 2.0423), (1000, 1.9623)])
def test_students_quantile_against_tables(freedom, exact):
    assert t_quantile(0.975, freedom) == pytest.approx(exact, rel=0.002)
    assert t_two_sided(exact, freedom) == pytest.approx(0.05, abs=0.001)


def test_shares_against_published_examples():
    # Newcombe (1998): Wilson's interval of 81 in 263 is 0.2553 to 0.3662; 56/70 − 48/80 lies in 0.0524 to 0.3339.
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    found = share_difference(56, 70, 48, 80)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
