"""The trades that are said to be behind a figure give that figure, whatever part of whichever result it stands in."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

import pytest

from backend.analysis import (
    RunFrame,
    ToolResult,
    TradeFilter,
    TradeRow,
    analyze_trades,
    calculate_metrics,
    check_figures,
    trade_rows,
)
from backend.analysis.declared_numbers import declared_numbers
from backend.analysis.named_numbers import NamedNumber
from backend.analysis.steps import made_by
from tests.support.factories import make_row, make_run, make_trade

Recompute = Callable[[Sequence[TradeRow]], float]


def total(name: str) -> Recompute:
    return lambda rows: sum(getattr(row, name) for row in rows)


def mean(name: str) -> Recompute:
    return lambda rows: fmean(getattr(row, name) for row in rows)


AGAIN: dict[str, Recompute] = {
    **dict.fromkeys(("trade_count", "win_count", "loss_count", "breakeven_count", "open_count"), len),
    **{name: total(name) for name in ("gross_pnl", "fees", "funding", "net_pnl")},
    **dict.fromkeys(("open_pnl", "total_loss"), total("net_pnl")),
    **dict.fromkeys(("average_net", "average_win", "average_loss", "expectancy"), mean("net_pnl")),
    **dict.fromkeys(
        ("average_holding_seconds", "average_holding", "average_holding_winners", "average_holding_losers"),
        mean("holding_seconds"),
    ),
    "average_fees": mean("fees"),
    "largest_win": lambda rows: max(row.net_pnl for row in rows),
    "largest_loss": lambda rows: min(row.net_pnl for row in rows),
}  # fmt: skip
# Many hours, so that a row's ids are cut, and names that are words of the filters themselves.
SYMBOLS, TAGS = ["BTC/USDT", "ETH", "all", "(others)"], [None, "stop", "take, profit", "(none)"]


@pytest.fixture(scope="module")
def frame() -> RunFrame:
    dice = random.Random(11)
    trades = [
        make_trade(
            dice.choice([0.0, *(dice.uniform(-40, 30) for _ in range(6))]), at=at * 1.75, hours=dice.uniform(0.1, 30),
            symbol=dice.choice(SYMBOLS), side=dice.choice(["long", "short"]), fees=dice.uniform(0, 2),
            funding=dice.uniform(-1, 1), entry_tag=dice.choice(TAGS), exit_tag=dice.choice(TAGS), ref=f"t{at}",
        )
        for at in range(300)
    ]  # fmt: skip
    still_open = [[make_row("buy", at=600 + n, symbol="ETH", quantity=1, price=100, trade_ref=f"o{n}")] for n in (1, 2)]
    return make_run(*trades, *still_open)


def as_filter(query: dict[str, str]) -> TradeFilter:
    return TradeFilter(**{**query, "complement": query.get("complement") == "true"})  # type: ignore[arg-type]


def declared(data: dict[str, Any]) -> list[NamedNumber]:
    return made_by(declared_numbers(data))


def parts_recomputed(frame: RunFrame, data: dict[str, Any]) -> set[str]:
    """Recompute every number that has trades behind it; the parts of the result that they stand in."""
    seen = set()
    for number in declared(data):
        if number.trades is None or number.measure not in AGAIN:
            continue
        rows = trade_rows(frame, as_filter(dict(number.trades)), limit=10_000).rows
        assert AGAIN[number.measure](rows) == pytest.approx(number.value, abs=1e-6), number
        seen.add(number.path.split(".")[0].split("[")[0])
    return seen


@pytest.mark.parametrize(
    ("filter_type", "criteria"),
    [
        ("all", None),
        ("losers", None),
        ("symbol", "BTCUSDT"),
        ("hour", {"from": 22, "to": 2}),
        ("tag", ["stop", "take"]),
        ("largest_losses", 7),
        ("holding_time", "> 4h"),
        ("open", None),
    ],
)
def test_trades_behind_each_number_of_an_analysis_give_it(frame: RunFrame, filter_type: str, criteria: Any):
    data = analyze_trades(frame, filter_type, criteria).model_dump(mode="json")
    parts = {"selection", "breakdowns", "bridge", "concentration", *(["complement"] if filter_type != "all" else [])}
    assert parts <= parts_recomputed(frame, data)


def test_trades_behind_each_metric_give_it(frame: RunFrame):
    data = calculate_metrics(frame, "all").model_dump(mode="json")
    assert parts_recomputed(frame, data) == {"figures"}


def test_a_checked_figure_names_all_of_its_trades_where_the_ids_are_cut(frame: RunFrame):
    data = analyze_trades(frame, "losers").model_dump(mode="json")
    lost = data["selection"]
    (check,) = check_figures(f"The losers lost {lost['net_pnl']:.2f} USDT.", [ToolResult("analyze_trades", "c", data)])
    assert check.source is not None
    assert len(check.source["trade_ids"]) == 50
    assert trade_rows(frame, as_filter(check.source["trades"])).total == lost["trade_count"] > 50


def test_a_metric_of_the_curve_has_no_trades_of_its_own():
    (number,) = declared({"kind": "metrics", "figures": {"sharpe": {"value": 1.2, "unit": "ratio"}}})
    assert (number.measure, number.trades) == ("sharpe", None)


ONE = {"net_pnl": -3.5}


@pytest.mark.parametrize(
    "data",
    [
        {"selection": ONE},
        {"selection": ONE, "filter": {"filter_type": 3}},
        {"selection": ONE, "filter": {"filter_type": "symbol", "criteria": ["BTC/USDT"] * 1000}},
        {"breakdowns": {"symbol": [{**ONE, "key": 7}]}, "filter": {"filter_type": "all"}},
        {"breakdowns": {"moon": [{**ONE, "key": "full"}]}, "filter": {"filter_type": "all"}},
        {"patterns": {"found": [{**ONE, "dimension": ["x"], "key": "13"}]}},
        {"breakdowns": [1], "bridge": {"by_hour": [None]}, "patterns": 3, "worst_trades": "none", "concentration": []},
    ],
)
def test_results_of_an_unknown_shape_lead_to_no_trades(data: dict[str, Any]):
    assert [number.trades for number in declared({"kind": "trade_analysis", **data}) if number.trades] == []
