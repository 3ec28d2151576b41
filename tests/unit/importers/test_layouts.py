"""Every layout of the registry on a sample of its own: what comes out of it was worked by hand.

Each sample holds a trade that was won and one that was lost, one of them short where the source can be short, its
costs, and a row to pass over. `docs/import-formats.md` says which were made from public descriptions.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from backend.analysis import calculate_metrics
from backend.importers import ImportedRun, ImportOptions, ImportProblem, detect, import_run
from backend.importers.layouts.finding import located_in
from backend.importers.layouts.layout import MEANINGS
from backend.importers.layouts.registry import LAYOUTS
from backend.ingest.imported_frame import imported_frame

SAMPLES = Path(__file__).parents[2] / "data" / "imports" / "layouts"


class Expected(NamedTuple):
    """Closed trades won and lost, net P&L, all costs (fees and funding), currency, rows that are left out."""

    won: int
    lost: int
    net: float
    costs: float
    currency: str = "USD"
    left_out: int = 1
    still_open: int = 0


EXPECTED = {
    # (6010 − 6000) × 2 × 5 = 100; (5999 − 6005) × 5 = −30. The fills cost 0.35 a contract.
    "tradovate-orders": Expected(1, 1, 70, 0),
    "tradovate-fills": Expected(1, 1, 67.9, 2.1),
    # A third pair, at one moment: sold first, as its fill's number says, (6000 − 6001) × 5 = −5.
    "tradovate-performance": Expected(1, 2, 65, 0),
    "tradovate-position-history": Expected(1, 1, 70, 0),
    # (21010 − 21000) × 2 × 2 = 40 less 1.24; (20999.50 − 21005) × 2 = −11 less 0.62: the five kinds of fees summed.
    "ninjatrader-trades": Expected(1, 1, 27.14, 1.86),
    "ninjatrader-executions": Expected(1, 1, 25.28, 3.72),
    "topstepx-trades": Expected(1, 1, 25.28, 3.72),
    # (4500 − 4490) × 10 = 100; (4491 − 4495) × 10 = −40.
    "topstepx-orders": Expected(1, 1, 60, 0),
    # WXY 10 × 2 − 0.02; the spread −0.30 × 100 − 2 × 1.34: as the cash balance says, 10,000 − 12.70.
    "thinkorswim-trade-history": Expected(1, 2, -12.7, 2.7),
    "thinkorswim-filled-orders": Expected(1, 1, -90, 0),
    # WXY 20 − 0.02; the call 100 − 1.32; the put that expired −50 − 0.66.
    "schwab-transactions": Expected(2, 1, 68, 2, left_out=1),
    "schwab-realized": Expected(1, 1, -100, 0),
    # WXY −20; the call 150 − 0.16; the written put 50 − 0.04: what the account saw less is the cost.
    "robinhood-activity": Expected(2, 1, 179.8, 0.2),
    "webull-orders": Expected(1, 1, 140, 0),
    "tastytrade-transactions": Expected(1, 1, -53.72, 3.72, left_out=0),
    "tastyworks-transactions": Expected(1, 1, -82.61, 2.61, left_out=0),
    # 20 − (0.61 + 0.49); −15 − (0.50 + 0.52): seven columns of costs, one of them a rebate.
    "tradezero-trades": Expected(1, 1, 2.84, 2.16),
    "lightspeed-blotter": Expected(1, 1, 2.86, 2.14),
    "etrade-activity": Expected(2, 1, 128.02, 1.98, left_out=0),
    "etrade-transactions": Expected(1, 1, 88.68, 1.32, left_out=0),
    "firstrade-history": Expected(1, 1, -30.08, 0.08, left_out=0),
    "questrade-activity": Expected(1, 1, 58.2, 31.8, "CAD", 0),
    "questrade-executions": Expected(1, 1, -14.8, 19.8, "CAD"),
    "binance-futures-trades": Expected(1, 1, 8.572, 1.428, "USDT"),
    # A long and a short of one contract, held at once.
    "binance-futures-trades.hedge": Expected(1, 1, 16.8, 3.2, "USDT", 0),
    # 8 × 100 × (1/80000 − 1/100000) = 0.002; 4 × 100 × (1/80000 − 1/64000) = −0.00125.
    "binance-futures-trades.coin-margined": Expected(1, 1, 0.000736, 0.000014, "BTC", 0),
    "binance-position-history": Expected(1, 1, 10, 0, "USDT"),
    "binance-spot-trades": Expected(1, 1, 6.39, 3.61, "USDT"),
    "binance-spot-orders": Expected(1, 1, 10, 0, "USDT"),
    # The stated P&L is after fees that the file does not list.
    "bybit-closed-pnl": Expected(1, 1, 8.11, 0, "USDT"),
    # ETH 20 − 1.09 + 0.02 of funding; BTC −10 − 0.87; BTC/USDT of two legs a fill 16 − 1.60.
    "bybit-transaction-log": Expected(2, 1, 22.46, 3.54, "USDT", 0),
    "bybit-trade-history": Expected(1, 1, 8.04, 1.96, "USDT"),
    # Contracts of 0.01 BTC and 0.1 ETH, as the P&L shows: 20 − 1.61; −5 − 0.9975.
    "okx-trading-history": Expected(1, 1, 12.3925, 2.6075, "USDT", 0),
    "okx-trading-history.spot": Expected(1, 0, 17.98, 2.02, "USDT", 0),
    # ETH 20 − 0.792; BTC −10 − 0.636; the short that its sale turned to −5 − 0.634: the closed P&Ls are after each fee.
    "hyperliquid-fills": Expected(1, 2, 2.938, 2.062, "USDC"),
    "kraken-trades": Expected(1, 1, 0.73, 9.27),
    "coinbase-transactions": Expected(1, 1, 26, 24),
    "coinbase-fills": Expected(1, 1, 26, 24),
    "ctrader-history": Expected(1, 1, 13.8, 1.2),
    "metatrader5-positions": Expected(1, 1, 13.85, 1.15),
    "metatrader5-deals": Expected(1, 1, 13.9, 1.1, left_out=0),
    "metatrader4-trades": Expected(1, 1, 13.85, 1.15),
    "xtb-closed-positions": Expected(1, 1, 3.25, 1.75),
    "etoro-closed-positions": Expected(1, 1, -30.5, 0.5),
    # Pence, and dollars at 1.25 a pound: 10 − 1.00; −8 − 0.60.
    "trading212-history": Expected(1, 1, 0.4, 1.6, "GBP", 0),
    "degiro-transactions": Expected(1, 1, -13.56, 8.56, "EUR"),
    "parqet-activities": Expected(1, 1, -41, 11, "EUR", 0),
    "tradingview-orders": Expected(1, 1, 67.9, 2.1),
    "zerodha-tradebook": Expected(1, 1, 20, 0, "INR"),
    # (5235 − 5231.50) × 10 = 35; (128450 − 128700) × 2 × 0.2 = −100.
    "profit-operations": Expected(1, 1, -65, 0, "BRL"),
    "interactive-brokers-transaction-history": Expected(1, 1, 4.4, 3.6, "EUR", 0),
}


def sample(name: str) -> tuple[str, bytes]:
    path = next(SAMPLES.glob(f"{name}.csv"))
    return path.name, path.read_bytes()


def read(name: str, **options: object) -> ImportedRun:
    return import_run(*sample(name), options=ImportOptions(**options))  # type: ignore[arg-type]


def figures(run: ImportedRun) -> dict[str, float]:
    found = calculate_metrics(imported_frame(run), "all").figures
    return {name: figure.value for name, figure in found.items() if isinstance(figure.value, int | float)}


def test_every_layout_has_a_sample_and_every_sample_is_expected():
    assert {path.stem for path in SAMPLES.glob("*.csv")} == set(EXPECTED)
    assert {layout.name for layout in LAYOUTS} <= set(EXPECTED)


def test_entries_name_known_meanings_and_words_in_plain_form():
    names = [layout.name for layout in LAYOUTS]
    assert len(set(names)) == len(names)
    for layout in LAYOUTS:
        assert set(layout.columns) <= set(MEANINGS), layout.name
        words = [*(word for mark in layout.marks for word in mark), *layout.sides, *layout.kinds, *layout.ignored]
        words += [word for columns in layout.columns.values() for word in columns]
        assert [word for word in words if word != " ".join(word.casefold().split())] == [], layout.name


def test_the_record_names_every_layout():
    record = (Path(__file__).parents[3] / "docs" / "import-formats.md").read_text()
    assert [layout.name for layout in LAYOUTS if f"| `{layout.name}` |" not in record] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_read_to_what_it_states(name):
    layout = name.partition(".")[0]
    filename, data = sample(name)
    located = located_in(data)
    assert located is not None
    assert (located.layout.name, detect(filename, data).name) == (layout, located.layout.source)
    run = read(name)
    found, expected = figures(run), EXPECTED[name]
    assert run.settings["layout"] == layout
    assert (found["win_count"], found["loss_count"], found["open_count"]) == (
        expected.won, expected.lost, expected.still_open,
    )  # fmt: skip
    assert found["net_pnl"] == pytest.approx(expected.net, abs=1e-9)
    assert found["fees"] + found["funding"] == pytest.approx(expected.costs, abs=1e-9)
    assert run.currency == expected.currency
    assert len(run.skipped) == expected.left_out
    assert not [warning for warning in run.warnings if warning.startswith("Columns not used")]


# Sources that sell what they hold alone have no short.
LONG_ONLY = {layout.name for layout in LAYOUTS if layout.long_only} | {
    "schwab-realized", "degiro-transactions", "okx-trading-history.spot",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in LONG_ONLY])
def test_a_short_is_read_as_one(name):
    run = read(name)
    actions = [row.action for row in run.positions]
    assert actions.count("short") == actions.count("cover") >= 1


@pytest.mark.parametrize("name", [name for name in EXPECTED if read(name).published])
def test_the_stated_result_agrees(name):
    run = read(name)
    found = figures(run)
    stated = dict(run.published)
    ours = {
        "realized_pnl": found["net_pnl"], "realized_pnl_before_costs": found["gross_pnl"],
    }  # fmt: skip
    # Sums that are gross of some costs alone are held against net and gross: one of them it must be.
    value = next(iter(stated.values()))
    assert any(value == pytest.approx(mine, abs=1e-6) for mine in ours.values()) or name in {
        "bybit-transaction-log", "xtb-closed-positions",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        # 09:20 in Mumbai; 09:31:05 in New York; 10:05 in São Paulo; 18:00 at UTC+8; 18:00 at UTC+10.
        ("zerodha-tradebook", "2026-02-17T03:50:00+00:00"),
        ("tradezero-trades", "2026-02-03T14:31:05+00:00"),
        ("webull-orders", "2026-02-03T14:31:05+00:00"),
        ("profit-operations", "2026-03-10T13:05:00+00:00"),
        ("okx-trading-history", "2026-02-17T10:00:00+00:00"),
        ("bybit-trade-history", "2026-02-17T08:00:00+00:00"),
        ("ctrader-history", "2026-02-17T09:30:00+00:00"),
        ("tradovate-fills", "2026-02-03T14:31:05.732000+00:00"),
        ("topstepx-trades", "2026-02-03T14:31:05+00:00"),
        ("binance-futures-trades", "2026-02-17T08:34:12+00:00"),
        ("schwab-transactions", "2026-02-03T00:00:00+00:00"),
        ("degiro-transactions", "2026-02-17T09:00:00+00:00"),
    ],
)
def test_clocks_are_read_in_their_zone_and_order(name, moment):
    assert read(name).positions[0].ts.isoformat() == moment


def test_what_was_booked_late_counts_on_the_day_it_is_of():
    closing = next(row for row in read("schwab-transactions").positions if row.action == "sell" and row.price == 4)
    assert closing.ts.isoformat() == "2026-02-17T00:00:00+00:00"


def test_money_that_is_no_trade_is_said():
    run = read("schwab-transactions")
    assert [(flow.amount, flow.what) for flow in run.evidence.flows] == [(12.5, "income"), (5000.0, "deposit")]
    assert any("dividends and interest (12.50 in all)" in warning for warning in run.warnings)


def test_words_that_a_layout_does_not_know_are_left_out_and_said():
    name, data = sample("schwab-transactions")
    run = import_run(name, data.replace(b'"Buy to Cover"', b'"Buy by Mistake"'), options=ImportOptions())
    assert any("'buy by mistake'" in warning and "line 7" in warning for warning in run.warnings)


def test_a_day_that_may_be_a_month_is_asked_about():
    text = b"Symbol,Side,Type,Qty,Fill Price,Status,Commission,Placing Time,Closing Time,Order ID\n\
NASDAQ:WXY,Buy,Market,1,50,Filled,0,2/3/26 15:56,2/3/26 15:56,2\n"
    with pytest.raises(ImportProblem) as caught:
        import_run("orders.csv", text, options=ImportOptions())
    assert caught.value.code == "ambiguous_time"
    for order, moment in (("month", "2026-02-03"), ("day", "2026-03-02")):
        run = import_run("orders.csv", text, options=ImportOptions(date_order=order))
        assert run.positions[0].ts.isoformat()[:10] == moment


def test_several_currencies_are_asked_about():
    name, data = sample("questrade-executions")
    mixed = data.replace(b"02:15:30 PM,A1,CAD", b"02:15:30 PM,A1,USD")
    with pytest.raises(ImportProblem) as caught:
        import_run(name, mixed, options=ImportOptions())
    assert (caught.value.code, caught.value.choices) == ("several_currencies", ("CAD", "USD"))
    run = import_run(name, mixed, options=ImportOptions(currency="USD"))
    assert (len(run.positions), run.currency) == (1, "USD")


def test_a_table_further_down_is_found_and_ends_where_the_next_one_begins():
    name, data = sample("thinkorswim-trade-history")
    padded = data.replace(b"TOTAL,", b"2/6/26,09:00:00,EFN,,INTEREST,,,0.01,1\n" * 5000 + b"TOTAL,", 1)
    run = import_run(name, padded, options=ImportOptions())
    assert len(run.positions) == 6
    assert figures(run)["net_pnl"] == pytest.approx(-12.7)


def test_a_header_must_match_word_by_word():
    _, data = sample("zerodha-tradebook")
    assert located_in(data.replace(b"order_execution_time", b"order_execution_times")) is None
