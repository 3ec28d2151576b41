import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.importers import ImportOptions, ImportProblem, import_run

SAMPLES = Path(__file__).parents[2] / "data" / "imports"
NO_OPTIONS = ImportOptions()
OPENED_MS = 1_704_067_200_000  # 2024-01-01T00:00Z
SIGNS = {"buy": -1, "short": 1, "sell": 1, "cover": -1}


def trade(**changes: Any) -> dict[str, Any]:
    return {
        "pair": "ETH/USDT",
        "stake_amount": 100.0,
        "amount": 1.0,
        "open_date": "2024-01-01 00:10:00+00:00",
        "close_date": "2024-01-01 00:40:00+00:00",
        "open_timestamp": OPENED_MS + 600_000,
        "close_timestamp": OPENED_MS + 2_400_000,
        "open_rate": 100.0,
        "close_rate": 110.0,
        "fee_open": 0.001,
        "fee_close": 0.001,
        "profit_abs": 9.79,
        "exit_reason": "roi",
        "is_open": False,
        "enter_tag": "breakout",
        "is_short": False,
        "leverage": 1.0,
        "min_rate": 99.0,
        "max_rate": 111.0,
        **changes,
    }


def result(*trades: Any, name: str = "Alpha", **fields: Any) -> bytes:
    strategy = {"trades": list(trades), "stake_currency": "USDT", "starting_balance": 1000, **fields}
    return json.dumps({"strategy": {name: strategy}, "strategy_comparison": []}).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def order(minute: int, amount: float, price: float, *, entry: bool, **changes: Any) -> dict[str, Any]:
    return {
        "amount": amount,
        "safe_price": price,
        "ft_order_side": "buy" if entry else "sell",
        "order_filled_timestamp": OPENED_MS + minute * 60_000,
        "ft_is_entry": entry,
        "ft_order_tag": None,
        **changes,
    }


def test_real_futures_run_gives_the_files_own_figures():
    run = import_run("x.json", (SAMPLES / "freqtrade_cvddivergence.json").read_bytes(), options=NO_OPTIONS)
    profits = [position.realized_pnl for position in run.positions if position.realized_pnl is not None]
    assert len(profits) == run.published["total_trades"] == 137
    assert sum(profits) == pytest.approx(5870.28207402, abs=1e-8)
    assert run.published["profit_total_abs"] == 5870.28207402
    counted = (sum(p > 0 for p in profits), sum(p < 0 for p in profits), sum(p == 0 for p in profits))
    assert counted == (85, 52, 0) == tuple(run.published[key] for key in ("wins", "losses", "draws"))
    assert (run.currency, run.initial_cash, run.source) == ("USDT", 1000.0, "freqtrade")
    assert run.settings["strategy"] == "CVDDivergence"
    assert run.settings["trading_mode"] == "futures"
    assert {position.action for position in run.positions} == {"buy", "sell", "short", "cover"}


def test_real_futures_run_every_trade_closes_to_its_stated_profit():
    run = import_run("x.json", (SAMPLES / "freqtrade_cvddivergence.json").read_bytes(), options=NO_OPTIONS)
    net: dict[str, float] = {}
    stated: dict[str, float] = {}
    for position in run.positions:
        reference = position.trade_ref or ""
        value = SIGNS[position.action] * (position.quantity or 0) * (position.price or 0)
        net[reference] = net.get(reference, 0.0) + value - position.fees - position.funding
        if position.realized_pnl is not None:
            stated[reference] = position.realized_pnl
    assert net == pytest.approx(stated, abs=1e-7)
    assert sum(position.funding for position in run.positions) == pytest.approx(-90.364683, abs=1e-5)
    assert any("82 futures trades" in warning for warning in run.warnings)


def test_long_trade_becomes_an_opening_and_a_closing_row():
    opening, closing = import_run("x", result(trade()), options=NO_OPTIONS).positions
    assert (opening.action, opening.symbol, opening.quantity, opening.price) == ("buy", "ETH/USDT", 1.0, 100.0)
    assert (opening.tag, opening.trade_ref, opening.realized_pnl) == ("breakout", "1", None)
    assert opening.ts == datetime(2024, 1, 1, 0, 10, tzinfo=UTC)
    assert (closing.action, closing.price, closing.tag) == ("sell", 110.0, "roi")
    assert (closing.realized_pnl, closing.low_price, closing.high_price) == (9.79, 99.0, 111.0)
    assert (opening.fees, closing.fees, closing.funding) == pytest.approx((0.1, 0.11, 0.0))


def test_leverage_is_already_in_the_amount():
    short = trade(is_short=True, leverage=5.0, close_rate=90.0, profit_abs=9.81)
    run = import_run("x", result(short), options=NO_OPTIONS)
    assert [(p.action, p.quantity, p.leverage) for p in run.positions] == [("short", 1.0, 5.0), ("cover", 1.0, None)]
    assert not [warning for warning in run.warnings if "differs" in warning]


def test_leverage_stated_is_carried_on_futures_and_says_nothing_on_spot():
    levered = import_run("r.json", result(trade(leverage=5.0), trading_mode="futures"), options=NO_OPTIONS).positions
    assert [position.leverage for position in levered] == [5.0, None]
    spot = import_run("r.json", result(trade(), trading_mode="spot"), options=NO_OPTIONS).positions
    assert [position.leverage for position in spot] == [None, None]


def test_funding_received_is_a_negative_cost():
    run = import_run("x", result(trade(funding_fees=0.5, profit_abs=10.29), trading_mode="futures"), options=NO_OPTIONS)
    assert run.positions[1].funding == -0.5
    assert run.warnings == []


@pytest.mark.parametrize(
    ("closed_minute", "mode", "funding"),
    [(70, "futures", 1.0), (40, "futures", 0.0), (70, "spot", 0.0)],
)
def test_unstated_funding_is_taken_only_where_funding_can_be(closed_minute, mode, funding):
    record = trade(close_timestamp=OPENED_MS + closed_minute * 60_000, profit_abs=8.79)
    run = import_run("x", result(record, trading_mode=mode), options=NO_OPTIONS)
    assert run.positions[1].funding == pytest.approx(funding)
    assert any("differs" in warning for warning in run.warnings) == (funding == 0.0)


def test_results_of_2021_say_sell_reason_and_have_no_sides():
    record = trade(sell_reason="stop_loss")
    for key in ("exit_reason", "is_short", "leverage", "enter_tag", "open_timestamp", "close_timestamp", "min_rate"):
        del record[key]
    opening, closing = import_run("x", result(record), options=NO_OPTIONS).positions
    assert (opening.tag, closing.tag, closing.action) == (None, "stop_loss", "sell")
    assert opening.ts == datetime(2024, 1, 1, 0, 10, tzinfo=UTC)


def test_scale_ins_and_partial_exits_become_rows_of_one_trade():
    orders = [
        order(10, 1, 100.0, entry=True),
        order(15, 1, 90.0, entry=True, ft_order_tag="dip"),
        order(20, 0.5, 105.0, entry=False, ft_order_tag="half"),
        order(25, 9, 1.0, entry=True, order_filled_timestamp=None),
        order(40, 1.5, 110.0, entry=False),
    ]
    gross = 0.5 * 105 + 1.5 * 110 - 190
    record = trade(amount=1.5, orders=orders, profit_abs=gross - 0.001 * (190 + 0.5 * 105 + 1.5 * 110))
    run = import_run("x", result(record), options=NO_OPTIONS)
    assert [(p.action, p.quantity, p.price, p.tag) for p in run.positions] == [
        ("buy", 1, 100.0, "breakout"),
        ("buy", 1, 90.0, "dip"),
        ("sell", 0.5, 105.0, "half"),
        ("sell", 1.5, 110.0, "roi"),
    ]
    assert {position.trade_ref for position in run.positions} == {"1"}
    assert [p.realized_pnl is None for p in run.positions] == [True, True, True, False]
    assert run.warnings == []


def test_orders_that_do_not_add_up_give_one_entry_and_one_exit():
    orders = [order(10, 1, 100.0, entry=True), order(15, 1, 90.0, entry=True), order(40, 1, 110.0, entry=False)]
    run = import_run("x", result(trade(orders=orders)), options=NO_OPTIONS)
    assert len(run.positions) == 2
    assert any("don't add up" in warning for warning in run.warnings)


def test_open_trade_has_only_its_opening_row():
    record = trade(is_open=True, close_date=None, close_timestamp=None, close_rate=None, profit_abs=None)
    (opening,) = import_run("x", result(record), options=NO_OPTIONS).positions
    assert (opening.action, opening.realized_pnl) == ("buy", None)


def test_rows_of_one_moment_close_before_the_next_trade_opens():
    later = trade(
        open_timestamp=OPENED_MS + 2_400_000, close_timestamp=OPENED_MS + 3_000_000, pair="ETH/USDT", enter_tag="b"
    )
    run = import_run("x", result(trade(), later), options=NO_OPTIONS)
    assert [(p.action, p.trade_ref) for p in run.positions] == [
        ("buy", "1"),
        ("sell", "1"),
        ("buy", "2"),
        ("sell", "2"),
    ]


def two_strategies() -> bytes:
    both = {name: {"trades": [trade(pair=f"{name}/USDT")], "stake_currency": "USDT"} for name in ("Alpha", "Beta")}
    return json.dumps({"strategy": both}).encode()


def test_several_strategies_must_be_chosen_from():
    with pytest.raises(ImportProblem, match="Alpha, Beta") as caught:
        import_run("x", two_strategies(), options=NO_OPTIONS)
    assert caught.value.code == "strategy_required"
    with pytest.raises(ImportProblem, match="Alpha, Beta") as caught:
        import_run("x", two_strategies(), options=ImportOptions(strategy="Gamma"))
    assert caught.value.code == "unknown_strategy"
    run = import_run("x", two_strategies(), options=ImportOptions(strategy="Beta"))
    assert run.positions[0].symbol == "Beta/USDT"


def test_zip_reads_the_result_and_nothing_else():
    data = zipped(
        {
            "backtest-result-2025.json": result(trade()),
            "backtest-result-2025_config.json": b'{"strategy": {"trades": [',
            "backtest-result-2025_Alpha.py": b"raise SystemExit",
            "backtest-result-2025_market_change.feather": b"\x00" * 50,
        }
    )
    assert len(import_run("x.zip", data, options=NO_OPTIONS).positions) == 2


def test_meta_file_is_refused_with_advice():
    meta = b'{"Alpha": {"run_id": "abc", "backtest_start_time": 1}}'
    with pytest.raises(ImportProblem, match="result file beside it") as caught:
        import_run("x.meta.json", meta, options=NO_OPTIONS)
    assert caught.value.code == "not_a_run"


def test_placeholders_of_undefined_ratios_are_not_published():
    run = import_run("x", result(trade(), losses=0, profit_factor=0.0, sortino=-100, sharpe=1.5), options=NO_OPTIONS)
    assert run.published == {"losses": 0, "sharpe": 1.5}


def test_infinite_statistics_are_left_out_and_the_run_is_read():
    data = result(trade(), calmar=float("inf"), winrate=0.5)
    assert b"Infinity" in data
    assert import_run("x", data, options=NO_OPTIONS).published == {"winrate": 0.5}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"pair": None}, "pair"),
        ({"amount": 0}, "amount"),
        ({"amount": float("nan")}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"open_rate": -1}, "open_rate"),
        ({"close_rate": float("inf")}, "close_rate"),
        ({"profit_abs": float("nan")}, "profit_abs"),
        ({"fee_open": "x"}, "fee_open"),
        ({"funding_fees": float("inf")}, "funding_fees"),
        ({"min_rate": float("nan")}, "min_rate"),
        ({"open_timestamp": 1e30}, "open_date"),
        ({"close_timestamp": OPENED_MS}, "close_date"),
        ({"open_timestamp": None, "open_date": "soon"}, "open_date"),
    ],
)
def test_a_bad_trade_is_refused_with_its_number(changes, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x", result(trade(), trade(**changes)), options=NO_OPTIONS)
    assert (caught.value.code, caught.value.line, caught.value.column) == ("bad_value", 2, column)
