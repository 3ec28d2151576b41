"""R of a trade = net P&L ÷ (distance from entry price to stop × quantity × multiplier), worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analysis import RunFrame, calculate_metrics
from backend.analysis.trade_list import trade_rows
from tests.support.factories import make_row, make_run, make_trade


def r_of(frame: RunFrame) -> list[float | None]:
    return [row.r for row in trade_rows(frame).rows]


def expectancy(frame: RunFrame):
    return calculate_metrics(frame, "trades").figures["expectancy_r"]


@pytest.mark.parametrize(
    ("trade", "multiplier", "expected"),
    [
        pytest.param(make_trade(exit_price=110, stop=95, quantity=2), 1.0, 2.0, id="long, 20 made of 10 risked"),
        pytest.param(make_trade(exit_price=110, stop=95, quantity=2, fees=2, funding=1), 1.0, 1.7, id="17 after costs"),
        pytest.param(make_trade(exit_price=95, stop=95), 1.0, -1.0, id="stopped out where the stop stood"),
        pytest.param(make_trade(exit_price=93, stop=95), 1.0, -1.4, id="filled beyond the stop"),
        pytest.param(make_trade(side="short", exit_price=90, stop=104, quantity=3), 1.0, 2.5, id="short, 30 of 12"),
        pytest.param(make_trade(exit_price=110, stop=95), 50.0, 2.0, id="a point is worth 50 on both sides"),
        pytest.param(make_trade(exit_price=110, stop=95, fees=50), 50.0, 1.8, id="500 less 50 of 250"),
        pytest.param(make_trade(exit_price=110), 1.0, None, id="no stop"),
        pytest.param(make_trade(exit_price=110, stop=100), 1.0, None, id="stop at the entry risks nothing"),
        pytest.param(make_trade(exit_price=110, stop=105), 1.0, None, id="stop on the winning side, long"),
        pytest.param(make_trade(side="short", exit_price=90, stop=95), 1.0, None, id="stop on the winning side, short"),
    ],
)
def test_r_of_a_trade(trade, multiplier, expected):
    [r] = r_of(make_run(trade, multipliers={"BTC": multiplier}))
    assert r == (None if expected is None else pytest.approx(expected))


def test_openings_of_one_trade_are_weighted_and_take_the_first_stop_where_they_have_none():
    opened = [
        make_row("buy", at=0, price=100, quantity=1, stop_price=90),
        make_row("buy", at=1, price=110, quantity=1, stop_price=106),
        make_row("sell", at=2, price=112, quantity=2),
    ]
    # 10 and 4 were risked, 12 and 2 made.
    assert r_of(make_run(opened)) == [pytest.approx(14 / 14)]
    opened[1].pop("stop_price")
    # 10 and 20 were risked.
    assert r_of(make_run(opened)) == [pytest.approx(14 / 30)]
    later = [opened[0] | {"stop_price": None}, opened[1] | {"stop_price": 106}, opened[2]]
    assert r_of(make_run(later)) == [None]


def test_part_closed_counts_its_own_risk():
    rows = [
        make_row("buy", at=0, price=100, quantity=4, stop_price=95),
        make_row("sell", at=1, price=110, quantity=1),
    ]
    closed, still_open = trade_rows(make_run(rows)).rows
    assert (closed.status, closed.r, closed.stop_price) == ("closed", 2.0, 95.0)
    assert (still_open.status, still_open.r) == ("open", 2.0)


def test_expectancy_is_the_mean_of_the_closed_trades():
    frame = make_run(
        make_trade(exit_price=110, stop=95),
        make_trade(exit_price=95, stop=95, at=2),
        make_trade(exit_price=104, stop=96, at=4),
        [make_row("buy", at=6, price=100, quantity=1, stop_price=99), make_row("hold", at=7, price=150)],
    )
    figure = expectancy(frame)
    assert figure.value == pytest.approx((2 - 1 + 1) / 3)
    assert (figure.unit, figure.low_sample, figure.why) == ("ratio", None, None)
    assert not calculate_metrics(frame, "trades").warnings


def test_some_stops_known_is_a_low_sample_and_says_how_many():
    frame = make_run(make_trade(exit_price=110, stop=95), make_trade(exit_price=50, at=2), make_trade(10, at=4))
    assert (expectancy(frame).value, expectancy(frame).low_sample) == (2.0, True)
    [warning] = calculate_metrics(frame, "trades").warnings
    assert "1 of 3 closed trades" in warning


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (make_run(), "no trade was closed"),
        (make_run(make_trade(10)), "no closed trade has a known stop"),
        (make_run([make_row("buy", price=100, quantity=1, stop_price=99)]), "no trade was closed"),
    ],
)
def test_no_stop_known_says_why(frame, why):
    figure = expectancy(frame)
    assert figure.value is None
    assert why in (figure.why or "")
    assert not calculate_metrics(frame, "trades").warnings


drawn_trades = st.lists(
    st.tuples(
        st.integers(10, 500),
        st.integers(1, 500),
        st.integers(1, 9),
        st.integers(0, 20),
        st.integers(1, 9),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def rows_of(drawn, *, flip: bool = False, price: float = 1.0, size: float = 1.0) -> list[dict[str, object]]:
    """Trades at `price` times what was drawn and `size` times the quantity; flipped, prices are mirrored at 1000."""
    rows = []
    for at, (entry, exit_price, stop, fees, quantity, is_long) in enumerate(drawn):
        below = entry - stop if is_long else entry + stop
        levels = [1000 - level if flip else level for level in (entry, exit_price, below)]
        scaled = [level * price for level in levels]
        rows += make_trade(
            side="long" if is_long != flip else "short", at=2 * at, entry=scaled[0], exit_price=scaled[1],
            stop=scaled[2], quantity=quantity * size, fees=fees * price * size,
        )  # fmt: skip
    return rows


@given(drawn_trades, st.integers(1, 50), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_r_knows_no_scale_and_no_side(drawn, price, size):
    """Prices and sizes times anything leave R as it is; so does the mirror image, where longs are shorts."""
    r = make_run(rows_of(drawn)).trades.r
    by_hand = [
        ((exit_price - entry) * (1 if is_long else -1) * quantity - fees) / (stop * quantity)
        for entry, exit_price, stop, fees, quantity, is_long in drawn
    ]
    assert np.allclose(r, by_hand)
    assert np.allclose(make_run(rows_of(drawn, price=price, size=size)).trades.r, by_hand)
    assert np.allclose(make_run(rows_of(drawn, flip=True)).trades.r, by_hand)
