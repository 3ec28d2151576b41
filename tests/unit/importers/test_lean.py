import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.importers import ImportOptions, ImportProblem, import_run
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame

SAMPLES = Path(__file__).parents[2] / "data" / "imports"
NO_OPTIONS = ImportOptions()


def closed_trade(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": {"value": "ABC", "id": "ABC X"},
        "entryTime": "2024-01-02T15:00:00Z",
        "entryPrice": 100.0,
        "direction": 0,
        "quantity": 10.0,
        "exitTime": "2024-01-02T16:00:00Z",
        "exitPrice": 103.0,
        "profitLoss": 30.0,
        "totalFees": 2.0,
        "mae": -15.0,
        "mfe": 40.0,
        "orderIds": [1, 2],
        **changes,
    }


def order(identifier: int, quantity: float, price: float = 100.0, **changes: Any) -> dict[str, Any]:
    stamp = f"2024-01-02T15:{identifier:02d}:00Z"
    return {
        "id": identifier,
        "symbol": {"value": "ABC"},
        "price": price,
        "priceCurrency": "USD",
        "time": stamp,
        "lastFillTime": stamp,
        "quantity": quantity,
        "status": 3,
        "tag": f"tag {identifier}",
        "securityType": 1,
        **changes,
    }


def pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(entry) for key, entry in value.items()}
    return [pascal(entry) for entry in value] if isinstance(value, list) else value


def result(trades: list[Any] = (), orders: list[Any] | None = (), **parts: Any) -> dict[str, Any]:  # type: ignore[assignment]
    found = {
        "totalPerformance": {"tradeStatistics": {"profitFactor": "1.5"}, "closedTrades": list(trades)},
        "runtimeStatistics": {"Equity": "$1.00"},
        "statistics": {
            "Net Profit": "-1.831%",
            "Total Fees": "$1,063.82",
            "Total Orders": "52",
            "Sharpe Ratio": "1.48",
        },
        "algorithmConfiguration": {"accountCurrency": "EUR", "parameters": {"period": "14"}, "tradingDaysPerYear": 252},
        **parts,
    }
    return found if orders is None else found | {"orders": {str(entry["id"]): entry for entry in orders}}


def read(document: Any, filename: str = "run.json"):
    return import_run(filename, json.dumps(document).encode(), options=NO_OPTIONS)


def test_closed_trade_becomes_two_rows_net_of_its_fees_with_tags_and_extremes():
    run = read(result([closed_trade()], [order(1, 10), order(2, -10)]))
    opening, closing = run.positions
    assert (run.source, run.currency) == ("lean", "EUR")
    assert (opening.action, opening.quantity, opening.price, opening.fees, opening.tag) == ("buy", 10, 100, 1, "tag 1")
    assert (closing.action, closing.price, closing.fees, closing.tag) == ("sell", 103, 1, "tag 2")
    assert (closing.realized_pnl, closing.low_price, closing.high_price) == (28.0, 98.5, 104.0)
    assert opening.ts == datetime(2024, 1, 2, 15, tzinfo=UTC)
    assert run.settings["inputs"] == {"period": "14"}
    assert run.periods_per_year == 252


def test_pascal_case_reads_as_camel_case_does():
    camel = result([closed_trade(direction=1, profitLoss=-30.0)], [order(1, -10), order(2, 10)])
    assert read(pascal(camel)).positions == read(camel).positions
    assert read(camel).positions[0].action == "short"
    assert read(camel).positions[1].low_price == 96.0


def test_statistics_become_typed_numbers_with_their_unit_in_the_name():
    published = read(result([closed_trade()])).published
    assert published == {
        "trades_profit_factor": 1.5,
        "net_profit_pct": -1.831,
        "total_fees": 1063.82,
        "total_orders": 52,
        "sharpe_ratio": 1.48,
    }


def test_net_is_profit_less_fees_and_a_contract_of_fifty_is_found():
    trades = [closed_trade(profitLoss=1500.0), closed_trade(exitPrice=98.0, profitLoss=-1000.0)]
    run, summary = read_run("x", json.dumps(result(trades)).encode(), None, NO_OPTIONS)
    assert run.settings["multipliers"] == {"ABC": 50.0}
    assert (summary.trade_count, summary.net_pnl) == (2, 496.0)
    assert imported_frame(run).trades.warnings == ()


def test_stated_profit_wins_over_prices_in_another_currency():
    trades = [closed_trade(profitLoss=27.0), closed_trade(profitLoss=28.5), closed_trade(profitLoss=27.6)]
    run, summary = read_run("x", json.dumps(result(trades)).encode(), None, NO_OPTIONS)
    assert summary.net_pnl == pytest.approx(27 + 28.5 + 27.6 - 6)
    assert list(imported_frame(run).trades.gross_pnl) == pytest.approx([27.0, 28.5, 27.6])


def test_what_the_orders_leave_open_stays_open():
    orders = [order(1, 10), order(2, -10), order(3, 4, 90), order(4, 6, 91), order(5, -3, 95)]
    run, summary = read_run("x", json.dumps(result([closed_trade()], orders)).encode(), None, NO_OPTIONS)
    left = [row for row in run.positions if row.trade_ref == "ABC open"]
    assert [(row.action, row.quantity, row.price) for row in left] == [("buy", 1, 90), ("buy", 6, 91)]
    assert (summary.trade_count, summary.open_count) == (1, 1)


def test_orders_alone_are_netted_and_a_reversal_becomes_two_rows():
    orders = [order(1, 10), order(2, -15, 110), order(3, 5, 100), order(4, 7, status=7), order(5, 7, status=5)]
    run, summary = read_run("x", json.dumps(result([], orders)).encode(), None, NO_OPTIONS)
    assert [(row.action, row.quantity) for row in run.positions] == [
        ("buy", 10), ("sell", 10), ("short", 5), ("cover", 5),
    ]  # fmt: skip
    assert [skip.why for skip in run.skipped] == [
        "the order is invalid, not filled",
        "the order is canceled, not filled",
    ]
    assert (summary.trade_count, summary.net_pnl) == (2, 150.0)
    assert any("no fees" in warning for warning in run.warnings)


@pytest.mark.parametrize(("kind", "multipliers"), [(2, {"ABC": 100.0}), (9, {"ABC": 100.0}), (1, None)])
def test_option_orders_are_of_a_hundred(kind, multipliers):
    assert read(result([], [order(1, 1, securityType=kind)])).settings.get("multipliers") == multipliers


def test_futures_and_mixed_currencies_are_said():
    run = read(result([], [order(1, 1, securityType=5), order(2, 1, priceCurrency="JPY", symbol="XY")]))
    assert any("point of ABC" in warning for warning in run.warnings)
    assert any("JPY, USD" in warning for warning in run.warnings)


@pytest.mark.parametrize("values", [[[1704200000, 1, 2, 0.5, 1000], [1704286400, 5, 5, 5, 990]],
                                    [{"x": 1704200000, "y": 1000}, {"x": 1704286400, "y": 990}]])  # fmt: skip
def test_equity_curve_of_either_form_is_kept(values):
    run = read(result([closed_trade()], charts={"Strategy Equity": {"series": {"Equity": {"values": values}}}}))
    assert [row.equity for row in run.positions if row.equity is not None] == [1000, 990]
    assert run.initial_cash == 1000


def test_real_pascal_case_file_of_the_engine_reads():
    run = read(json.loads((SAMPLES / "lean_pascal_case.json").read_bytes()))
    fills = [row for row in run.positions if row.action != "hold"]
    assert (len(fills), run.initial_cash) == (8, 1_000_000)
    assert run.settings["multipliers"] == {"SPY 210716P00385000": 100.0}
    assert run.published["net_profit_pct"] == 361.374


def test_summary_is_refused_with_advice():
    summary = result(orders=None)
    with pytest.raises(ImportProblem, match="without -summary") as caught:
        read(summary, "1-summary.json")
    assert caught.value.code == "not_a_run"


def test_backtest_without_orders_is_an_empty_run():
    run = read(result())
    assert run.positions == []
    assert "The backtest filled no orders." in run.warnings


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"entryPrice": float("nan")}, "entryPrice"),
        ({"exitPrice": -1}, "exitPrice"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": "10"}, "quantity"),
        ({"profitLoss": None}, "profitLoss"),
        ({"profitLoss": float("inf")}, "profitLoss"),
        ({"entryTime": "2024-13-01T00:00:00Z"}, "entryTime"),
        ({"exitTime": "2023-01-01T00:00:00Z"}, "entryTime"),
        ({"entryTime": "0001-01-01T00:00:00Z"}, "entryTime"),
        ({"symbol": {}}, "symbol"),
        ({"symbol": 3}, "symbol"),
    ],
)
def test_broken_trade_is_refused_by_number_and_field(changes, column):
    with pytest.raises(ImportProblem) as caught:
        read(result([closed_trade(), closed_trade(**changes)]))
    assert (caught.value.line, caught.value.column, caught.value.code) == (2, column, "bad_value")


@pytest.mark.parametrize(
    ("changes", "column"),
    [({"price": None}, "price"), ({"quantity": 0}, "quantity"), ({"symbol": None}, "symbol"),
     ({"time": "?", "lastFillTime": None}, "time")],
)  # fmt: skip
def test_broken_order_is_refused_by_number_and_field(changes, column):
    with pytest.raises(ImportProblem) as caught:
        read(result([], [order(1, 1), order(2, 1) | changes]))
    assert (caught.value.line, caught.value.column) == (2, column)
