import io
import json
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from backend.importers import ImportedRun, ImportOptions, ImportProblem, import_run

SAMPLES = Path(__file__).parents[2] / "data" / "imports"
NO_OPTIONS = ImportOptions()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def lines(*rows: dict[str, object]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def row(date: str, row_id: int, cash: float, action: tuple[str, str, float] | None = None, **held: float):
    record: dict[str, object] = {"date": date, "id": row_id, "positions": {**held, "CASH": cash}}
    if action is not None:
        record["this_action"] = {"action": action[0], "symbol": action[1], "amount": action[2]}
    return record


def crypto_zip() -> bytes:
    return zipped(
        {
            "run/position/position.jsonl": (SAMPLES / "ai_trader_crypto_position.jsonl").read_bytes(),
            "crypto_merged.jsonl": (SAMPLES / "ai_trader_crypto_prices.jsonl").read_bytes(),
            "performance_metrics.jsonl": (SAMPLES / "ai_trader_crypto_performance_metrics.jsonl").read_bytes(),
        }
    )


def account_after(run: ImportedRun) -> tuple[float, dict[str, float]]:
    """Cash and holdings that the imported trades alone lead to."""
    cash, held = run.initial_cash or 0.0, {}
    for position in run.positions:
        if position.quantity and position.price is not None:
            sign = 1 if position.action == "buy" else -1
            cash -= sign * position.quantity * position.price
            held[position.symbol] = held.get(position.symbol, 0.0) + sign * position.quantity
    return cash, {symbol: quantity for symbol, quantity in held.items() if abs(quantity) > 1e-9}


def test_crypto_zip_reproduces_the_published_final_value():
    run = import_run("run.zip", crypto_zip(), options=NO_OPTIONS)
    assert run.positions[-1].equity == run.published["final_value"] == 42348.323446999995
    assert (run.source, run.currency, run.initial_cash) == ("ai-trader", "USDT", 50000.0)
    assert run.name == "AI-Trader claude-3.7-sonnet"
    marks = [position for position in run.positions if position.tag == "mark"]
    assert {mark.symbol for mark in marks} == set(marks[-1].holdings or {})
    assert all(mark.action == "hold" and mark.quantity is None and mark.price for mark in marks)


def test_crypto_zip_daily_equity_gives_the_published_drawdown_and_win_rate():
    run = import_run("run.zip", crypto_zip(), options=NO_OPTIONS)
    by_day = {position.ts.date(): position.equity for position in run.positions if position.equity is not None}
    values = list(by_day.values())
    rises = [later > earlier for earlier, later in pairwise(values)]
    peak, worst = values[0], 0.0
    for value in values:
        peak = max(peak, value)
        worst = max(worst, 1 - value / peak)
    assert len(values) == run.published["total_trading_days"]
    assert round(worst, 4) == run.published["max_drawdown"]
    assert round(sum(rises) / len(rises), 4) == run.published["win_rate"]


def test_crypto_file_alone_has_no_equity_and_says_so():
    run = import_run("x", (SAMPLES / "ai_trader_crypto_position.jsonl").read_bytes(), options=NO_OPTIONS)
    assert len(run.positions) == 71
    assert all(position.equity is None for position in run.positions)
    assert any("No price file" in warning for warning in run.warnings)


def test_sessions_that_start_from_an_older_state_undo_the_rows_between():
    run = import_run("x", (SAMPLES / "ai_trader_crypto_position.jsonl").read_bytes(), options=NO_OPTIONS)
    undone = [position for position in run.positions if position.tag == "superseded"]
    assert [skipped.line for skipped in run.skipped] == list(range(30, 39))
    assert len(undone) == 9
    assert {(position.action, position.quantity) for position in undone} == {("hold", None)}
    cash, held = account_after(run)
    last = run.positions[-1]
    assert cash == pytest.approx(last.cash, abs=1e-9)
    assert held == pytest.approx(dict(last.holdings or {}))


def test_prices_come_from_the_change_in_cash():
    run = import_run("x", (SAMPLES / "ai_trader_crypto_position.jsonl").read_bytes(), options=NO_OPTIONS)
    first = run.positions[1]
    assert (first.action, first.symbol, first.quantity) == ("buy", "BTC-USDT", 0.159)
    assert first.price == pytest.approx(110052.25, abs=0.01)
    assert first.holdings == {"BTC-USDT": 0.159}


US = lines(
    row("2025-10-01 10:00:00", 0, 1000.0, AAPL=0),
    row("2025-10-01 11:00:00", 1, 800.0, ("buy", "AAPL", 2), AAPL=2),
    row("2025-10-01 12:00:00", 2, 800.0, ("no_trade", "", 0), AAPL=2),
    row("2025-10-02 10:00:00", 3, 890.0, ("sell", "AAPL", 1), AAPL=1),
)
CHINA = lines(
    row("2025-10-09", 0, 100000.0),
    row("2025-10-09", 1, 85000.0, ("buy", "600519.SH", 10), **{"600519.SH": 10}),
)
CRYPTO = lines(
    row("2025-10-09", 0, 1000.0),
    row("2025-10-09", 1, 900.0, ("buy_crypto", "SOL-USDT", 0.5), **{"SOL-USDT": 0.5}),
)


@pytest.mark.parametrize(
    ("data", "timezone", "currency", "moment"),
    [
        (US, None, "USD", datetime(2025, 10, 1, 15, tzinfo=UTC)),
        (US, "UTC", "USD", datetime(2025, 10, 1, 11, tzinfo=UTC)),
        (CHINA, None, "CNY", datetime(2025, 10, 9, 1, 30, tzinfo=UTC)),
        (CRYPTO, None, "USDT", datetime(2025, 10, 9, tzinfo=UTC)),
    ],
)
def test_each_variant_has_its_currency_and_zone(data, timezone, currency, moment):
    run = import_run("position.jsonl", data, options=ImportOptions(timezone=timezone))
    assert (run.currency, run.positions[1].ts) == (currency, moment)
    assumed = any("no time zone" in warning for warning in run.warnings)
    assert assumed == (timezone is None)


def test_us_rows_become_buys_sells_and_holds():
    run = import_run("position.jsonl", US, options=NO_OPTIONS)
    assert [(p.action, p.symbol, p.quantity, p.price, p.cash) for p in run.positions] == [
        ("hold", "", None, None, 1000.0),
        ("buy", "AAPL", 2, 100.0, 800.0),
        ("hold", "", None, None, 800.0),
        ("sell", "AAPL", 1, 90.0, 890.0),
    ]


def test_hourly_price_file_marks_each_row_at_its_own_bar():
    bars = {
        "2025-10-01 11:00:00": {"1. buy price": "100", "4. sell price": "101"},
        "2025-10-01 12:00:00": {"1. buy price": "101", "4. sell price": "95"},
        "2025-10-02 10:00:00": {"1. buy price": "90", "4. sell price": "88"},
        "2025-10-02 11:00:00": {"1. buy price": "88"},
    }
    prices = lines({"Meta Data": {"2. Symbol": "AAPL"}, "Time Series (60min)": bars})
    data = zipped({"gpt/position/position.jsonl": US, "merged.jsonl": prices})
    run = import_run("run.zip", data, options=NO_OPTIONS)
    assert [position.equity for position in run.positions] == [1000.0, 1002.0, 990.0, 978.0, 978.0]
    assert (run.positions[-1].price, run.positions[-1].ts) == (88.0, run.positions[-2].ts)
    assert run.name == "AI-Trader gpt"


def test_a_holding_without_a_price_leaves_equity_unknown_and_says_so():
    prices = lines({"Meta Data": {"2. Symbol": "MSFT"}, "Time Series (Daily)": {}})
    run = import_run("run.zip", zipped({"position.jsonl": US, "merged.jsonl": prices}), options=NO_OPTIONS)
    assert [position.equity for position in run.positions] == [1000.0, None, None, None]
    assert any("no price for" in warning for warning in run.warnings)


def test_when_action_and_account_disagree_the_account_is_believed():
    data = lines(
        row("2025-10-01", 0, 1000.0),
        row("2025-10-02", 1, 500.0, ("buy", "AAPL", 2), AAPL=5),
        row("2025-10-03", 1, 500.0, ("sell", "AAPL", 5), AAPL=5),
        row("2025-10-06", 2, 300.0, ("buy", "MSFT", 1), AAPL=4, MSFT=3),
    )
    run = import_run("position.jsonl", data, options=NO_OPTIONS)
    assert [(p.action, p.quantity, p.price, p.tag) for p in run.positions] == [
        ("hold", None, None, None),
        ("buy", 5, 100.0, None),
        ("hold", None, None, "unexplained"),
        ("hold", None, None, "unexplained"),
    ]
    assert [skipped.line for skipped in run.skipped] == [3, 4]
    assert any("buy 2 AAPL" in warning and "buy 5 AAPL" in warning for warning in run.warnings)


def test_reasoning_is_kept_as_clean_text():
    record = row("2025-10-02", 1, 900.0, ("buy", "AAPL", 1), AAPL=1)
    record["reasoning"] = "cheap\x00 \ud800"
    run = import_run("position.jsonl", lines(row("2025-10-01", 0, 1000.0), record), options=NO_OPTIONS)
    assert run.positions[1].reasoning == "cheap ?"


def test_rows_are_in_order_of_time_and_ties_keep_the_files_order():
    run = import_run("x", (SAMPLES / "ai_trader_crypto_position.jsonl").read_bytes(), options=NO_OPTIONS)
    stamps = [position.ts for position in run.positions]
    assert stamps == sorted(stamps)
    assert [position.symbol for position in run.positions[1:4]] == ["BTC-USDT", "ETH-USDT", "SOL-USDT"]


GOOD = row("2025-10-01", 0, 1000.0)


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        ({**GOOD, "date": "yesterday"}, "date"),
        ({**GOOD, "date": 5}, "date"),
        ({**GOOD, "date": "0001-01-01"}, "date"),
        ({**GOOD, "positions": []}, "positions"),
        ({**GOOD, "positions": {"AAPL": 1}}, "positions"),
        ({**GOOD, "positions": {"CASH": float("nan")}}, "positions"),
        ({**GOOD, "positions": {"CASH": 10**400}}, "positions"),
        ({**GOOD, "positions": {"CASH": "1000"}}, "positions"),
        (row("2025-10-01", 1, 1.0, ("buy", "AAPL", float("inf"))), "this_action.amount"),
        (row("2025-10-01", 1, 1.0, ("buy", "AAPL", -1)), "this_action.amount"),
        (row("2025-10-01", 1, 1.0, ("buy", "", 1)), "this_action.symbol"),
        (row("2025-10-01", 1, 1.0, ("explode", "AAPL", 1)), "this_action.action"),
        ({**GOOD, "this_action": "buy"}, "this_action"),
        ([1], None),
    ],
)
def test_a_bad_row_is_refused_with_its_line(bad, column):
    data = (json.dumps(GOOD) + "\n" + json.dumps(bad)).encode()
    with pytest.raises(ImportProblem) as caught:
        import_run("position.jsonl", data, options=NO_OPTIONS)
    assert (caught.value.code, caught.value.status) == ("bad_value", 422)
    assert (caught.value.line, caught.value.column) == (2, column)


def test_a_cut_file_is_refused_with_its_line():
    with pytest.raises(ImportProblem) as caught:
        import_run("position.jsonl", US[:-30], options=NO_OPTIONS)
    assert (caught.value.code, caught.value.line) == ("bad_json", 4)


def test_two_position_files_in_one_zip_are_refused():
    with pytest.raises(ImportProblem) as caught:
        import_run("x.zip", zipped({"a/position.jsonl": US, "b/position.jsonl": US}), options=NO_OPTIONS)
    assert caught.value.code == "several_runs"


@pytest.mark.parametrize("price", ["nan", "-1", "x", None, []])
def test_a_bad_price_is_refused_or_absent(price):
    prices = lines(
        {"Meta Data": {"2. Symbol": "AAPL"}, "Time Series (Daily)": {"2025-10-01": {"4. sell price": price}}}
    )
    data = zipped({"position.jsonl": US, "merged.jsonl": prices})
    if price is None:
        assert import_run("x.zip", data, options=NO_OPTIONS).positions[-1].equity is None
        return
    with pytest.raises(ImportProblem) as caught:
        import_run("x.zip", data, options=NO_OPTIONS)
    assert (caught.value.code, caught.value.line) == ("bad_value", 1)


def test_the_summary_alone_is_refused_with_its_own_hint():
    data = (SAMPLES / "ai_trader_crypto_performance_metrics.jsonl").read_bytes()
    for name in ("performance_metrics.jsonl", "x"):
        with pytest.raises(ImportProblem, match="AI-Trader's summary") as caught:
            import_run(name, data, options=NO_OPTIONS)
        assert (caught.value.status, caught.value.code) == (415, "unknown_format")
