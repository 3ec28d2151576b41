"""Zero is zero: a trade that shows 0.00 is a draw in counts, lists, averages and streaks."""

import json
from typing import Any

import pytest

from backend.analysis import analyze_trades, calculate_metrics
from backend.analysis.currency import half_unit
from backend.importers.base import ImportOptions
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame
from tests.support.factories import make_row, make_run


def trips(*results: float, currency: str = "USD") -> Any:
    """Trades of one unit bought at 100, each closed so that it makes what is given."""
    rows, price = [], 10_000 if currency == "JPY" else 100
    for at, made in enumerate(results):
        rows.append(make_row("buy", at=2 * at, quantity=1, price=price))
        rows.append(make_row("sell", at=2 * at + 1, quantity=1, price=price + made))
    return make_run(rows, currency=currency)


def counts(frame: Any) -> tuple[int, int, int]:
    figures = calculate_metrics(frame).figures
    return tuple(int(figures[name].value or 0) for name in ("win_count", "breakeven_count", "loss_count"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("results", "currency", "expected"),
    [
        # 0.004 dollars show as 0.00; 0.006 as 0.01.
        ((10.0, 0.004, -0.004, 0.006, -8.0, 12.0, -9.0), "USD", (3, 2, 2)),
        # A yen has no smaller money.
        ((1200.0, 0.4, -0.4, 0.6, -900.0, 1500.0, -700.0), "JPY", (3, 2, 2)),
        # Bitcoin is counted to eight digits.
        ((0.5, 0.000001, -0.000000004, -0.4), "BTC", (2, 1, 1)),
        # Where all results are small, as many digits are shown as tell them apart.
        ((0.004, -0.002, 0.006, -0.004), "USD", (2, 0, 2)),
        # The noise of sums.
        ((10.0, 1e-12, -1e-12, -8.0), "USD", (1, 2, 1)),
    ],
)
def test_what_shows_as_zero_is_a_draw(
    results: tuple[float, ...], currency: str, expected: tuple[int, int, int]
) -> None:
    frame = trips(*results, currency=currency)
    assert counts(frame) == expected
    figures = calculate_metrics(frame).figures
    assert figures["net_pnl"].value == pytest.approx(sum(results), abs=1e-9)
    everything = analyze_trades(frame, "all", "")
    selected = everything.selection
    assert (selected.win_count, selected.breakeven_count, selected.loss_count) == expected
    assert analyze_trades(frame, "winners", "").selection.trade_count == expected[0]
    assert analyze_trades(frame, "losers", "").selection.trade_count == expected[2]


def test_a_draw_ends_a_streak_and_moves_no_average() -> None:
    figures = calculate_metrics(trips(10.0, 0.001, 20.0, -5.0, -0.001, -7.0)).figures
    assert figures["longest_winning_streak"].value == 1
    assert figures["longest_losing_streak"].value == 1
    assert figures["average_win"].value == pytest.approx(15)
    assert figures["average_loss"].value == pytest.approx(-6)
    assert figures["win_rate"].value == pytest.approx(50)


def test_half_a_unit_shrinks_with_the_results() -> None:
    assert half_unit("USD", trips(10.0, -8.0).trades.net_pnl) == pytest.approx(0.005)
    assert half_unit("USD", trips(0.01, -0.02).trades.net_pnl) <= 0.01 * 0.02


def freqtrade(*trades: tuple[float, float]) -> bytes:
    """A result whose trades made (profit in money, profit ratio)."""
    listed = [
        {
            "pair": "A/BTC", "amount": 1.0, "open_rate": 0.1, "close_rate": 0.1 + profit, "fee_open": 0.0,
            "fee_close": 0.0,
            "open_date": f"2024-01-0{at} 10:00:00+00:00", "close_date": f"2024-01-0{at} 11:00:00+00:00",
            "profit_abs": profit, "profit_ratio": ratio, "is_short": False, "stake_amount": 0.1,
        }
        for at, (profit, ratio) in enumerate(trades, 1)
    ]  # fmt: skip
    strategy = {"trades": listed, "stake_currency": "BTC", "starting_balance": 1.0, "total_trades": len(listed)}
    return json.dumps({"strategy": {"S": strategy}, "strategy_comparison": []}).encode()


def test_freqtrade_says_itself_what_is_a_draw() -> None:
    run, _ = read_run("r.json", freqtrade((0.005, 0.05), (0.0005, 0.0), (-0.004, -0.04)), None, ImportOptions())
    assert counts(imported_frame(run)) == (1, 1, 1)


def test_a_printed_result_of_zero_is_a_draw() -> None:
    table = (
        "Symbol,Side,Entry Time,Exit Time,Entry Price,Exit Price,Qty,Net PnL,Fee\n"
        "A,long,2024-01-01 10:00:00Z,2024-01-01 11:00:00Z,100,110,1,10.00,0\n"
        "A,long,2024-01-02 10:00:00Z,2024-01-02 11:00:00Z,100,100.004,1,0.00,0\n"
        "A,long,2024-01-03 10:00:00Z,2024-01-03 11:00:00Z,100,90,1,-10.00,0\n"
    )
    run, _ = read_run("t.csv", table.encode(), None, ImportOptions())
    assert counts(imported_frame(run)) == (1, 1, 1)
