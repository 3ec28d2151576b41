"""Terms by any of their names, with the run's own value."""

from __future__ import annotations

import pytest

from backend.analysis import METRICS, InvalidCriteria, calculate_metrics, explain_term
from backend.analysis.terms import TERMS
from tests.support.factories import make_row, make_run, make_trade

RUN = make_run(
    make_trade(net=10, at=1, low=95, high=118, fees=1),
    make_trade(net=-20, at=30, low=70, high=104, fees=1),
    make_trade(net=5, at=60, low=99, high=106, fees=1, quantity=2),
    [make_row("buy", at=90, symbol="ETH", quantity=1, price=100), make_row("hold", at=91, symbol="ETH", price=88)],
)


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("MAE", "mae"),
        ("Maximum Adverse Excursion", "mae"),
        ("what is the sharpe ratio?", "sharpe"),
        ("unrealised loss", "open_pnl"),
        ("unrealized P&L", "open_pnl"),
        ("drawdwn", "max_drawdown"),
        ("R multiple", "expectancy_r"),
        ("profit_factor", "profit_factor"),
        ("left on the table", "given_back"),
        ("tail_ratio", "tail_ratio"),
    ],
)
def test_terms_are_found_by_their_usual_names(asked, term):
    assert explain_term(RUN, asked).term == term


def test_values_are_those_of_the_metrics_and_the_example_is_the_trade_that_shows_it():
    found = explain_term(RUN, "MAE")
    # Trade 2 fell from 100 to 70.
    assert found.figures["largest_mae"].value == -30.0
    assert [trade.trade_id for trade in found.example] == [2]
    assert found.figures["average_mae"] == calculate_metrics(RUN).figures["average_mae"]
    assert "worst" in found.meaning
    assert explain_term(RUN, "unrealised loss").figures["open_pnl"].value == -12.0


def test_what_a_run_can_not_show_says_why():
    found = explain_term(RUN, "leverage")
    assert found.figures["max_leverage"].value is None
    assert found.figures["max_leverage"].why == "the source states no leverage"
    assert found.example == []


def test_an_unknown_term_is_refused_with_the_nearest():
    with pytest.raises(InvalidCriteria) as refused:
        explain_term(RUN, "profit facts of life")
    assert "profit_factor" in refused.value.valid


def test_every_figure_of_a_term_is_a_metric_and_every_metric_a_term():
    names = {metric.name for metric in METRICS}
    for term in TERMS:
        assert set(term.figures) <= names, term.name
        assert explain_term(RUN, term.name).formula or not term.figures
    for name in names:
        assert explain_term(RUN, name).figures


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # Nets 10, −20 and 5.
        ("total_win", 15),
        ("total_loss", -20),
        ("median_trade", 5),
        ("median_win", 7.5),
        ("median_loss", -20),
        ("break_even_win_rate", 20 / 27.5 * 100),
        ("largest_mae", -30),
        ("largest_mfe", 18),
        # MFE 18, 4, 12; gross 11, −19, 6.
        ("average_given_back", (7 + 23 + 6) / 3),
        ("average_size", (100 + 100 + 200) / 3),
        ("total_costs", 3),
        # Entries of 100, 100 and 200, exits of 111, 81 and 206.
        ("fees_bps", 3 / 798 * 10_000),
        ("median_holding", 3600),
        ("trades_per_day", 1),
        ("average_return", (10 - 20 + 2.5) / 3),
        ("initial_cash", 1000),
        # One trade a day: √(Σ(x + 5/3)² ⁄ 3² × 3/2).
        ("expectancy_error", (((35 / 3) ** 2 + (55 / 3) ** 2 + (20 / 3) ** 2) / 9 * 1.5) ** 0.5),
    ],
)
def test_further_metrics_worked_by_hand(name, value):
    assert calculate_metrics(RUN).figures[name].value == pytest.approx(value)


def test_final_cash_is_the_last_the_source_states():
    run = make_run(make_trade(net=1, at=1), [make_row("hold", at=5, cash=71.75), make_row("hold", at=4, cash=80)])
    assert calculate_metrics(run).figures["final_cash"].value == 71.75
