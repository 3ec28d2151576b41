import pytest

from backend.importers import ImportOptions, ImportProblem, import_run
from backend.ingest.files import read_run

NO_OPTIONS = ImportOptions()
POSITIONS = (
    "trader_id,strategy_id,instrument_id,account_id,entry,side,quantity,peak_qty,ts_opened,ts_closed,avg_px_open,"
    "avg_px_close,commissions,realized_return,realized_pnl,is_snapshot\n"
)
FILLS = "client_order_id,strategy_id,instrument_id,order_side,last_qty,last_px,ts_event,commission\n"
ORDER_FILLS = "client_order_id,instrument_id,side,filled_qty,avg_px,ts_last,status,commissions\n"
LONG = (
    "T,Cross-1,EUR/USD.X,A,BUY,FLAT,0.00,100000.00,2025-01-03 09:05:00+00:00,2025-01-06 08:14:00+00:00,1.02,1.03,"
    "['4.14 USD'],0.01,995.86 USD,True\n"
)
SHORT = (
    LONG.replace("BUY", "SELL").replace("995.86", "-1_004.14").replace("['4.14 USD']", "\"['4.00 USD', '0.14 USD']\"")
)


def read(text: str):
    return read_run("positions.csv", text.encode(), None, NO_OPTIONS)


def test_positions_become_whole_trades_net_of_commissions():
    run, summary = read(POSITIONS + LONG + SHORT)
    assert [row.action for row in run.positions] == ["buy", "short", "sell", "cover"]
    assert run.positions[2].realized_pnl == 995.86
    assert [row.fees for row in run.positions] == pytest.approx([2.07] * 4)
    assert (run.currency, run.settings["strategy"], run.source) == ("USD", "Cross-1", "nautilus")
    assert (summary.trade_count, summary.win_rate, summary.net_pnl) == (2, 50.0, pytest.approx(-8.28))


def test_nanoseconds_are_read_as_times():
    stamped = LONG.replace("2025-01-03 09:05:00+00:00", "1735895100000000000")
    assert read(POSITIONS + stamped)[0].positions[0].ts == read(POSITIONS + LONG)[0].positions[0].ts


def test_position_that_is_not_flat_stays_open_with_what_is_left():
    left = (
        LONG.replace("FLAT,0.00", "LONG,60000.00")
        .replace("2025-01-06 08:14:00+00:00", "")
        .replace("995.86 USD", "None")
    )
    run, summary = read(POSITIONS + left)
    assert [(row.action, row.quantity, row.fees) for row in run.positions] == [("buy", 60000.0, 4.14)]
    assert (summary.trade_count, summary.open_count) == (0, 1)


def test_fills_are_netted_and_a_reversal_parts_its_commission():
    rows = [
        "1,S,ABC.X,BUY,10,100,2025-01-03T09:05:00Z,1.00 USD", "2,S,ABC.X,SELL,15,110,2025-01-03T10:05:00Z,3.00 USD",
        "3,S,ABC.X,BUY,5,100,2025-01-03T11:05:00Z,None",
    ]  # fmt: skip
    run, summary = read(FILLS + "\n".join(rows))
    assert [(row.action, row.quantity, row.fees) for row in run.positions] == [
        ("buy", 10, 1), ("sell", 10, pytest.approx(2)), ("short", 5, pytest.approx(1)), ("cover", 5, 0),
    ]  # fmt: skip
    assert (summary.trade_count, summary.net_pnl) == (2, pytest.approx(146.0))


def test_filled_orders_are_read_and_unfilled_ones_skipped():
    rows = [
        "1,ABC.X,BUY,10,100,1735895100000000000,FILLED,['1.00 EUR']",
        "2,ABC.X,SELL,0,,1735895200000000000,CANCELED,",
    ]
    run = import_run("x.csv", (ORDER_FILLS + "\n".join(rows)).encode(), options=NO_OPTIONS)
    assert [(row.action, row.quantity, row.fees) for row in run.positions] == [("buy", 10, 1)]
    assert (run.currency, run.skipped[0].line) == ("EUR", 3)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("995.86 USD", "995.86", "realized_pnl"),
        ("995.86 USD", "nan USD", "realized_pnl"),
        ("['4.14 USD']", "lots", "commissions"),
        ("BUY", "MAYBE", "entry"),
        ("100000.00", "0", "peak_qty"),
        ("100000.00", "inf", "peak_qty"),
        (",1.02,", ",-1,", "avg_px_open"),
        ("2025-01-06", "2025-01-01", "ts_closed"),
        ("2025-01-03", "2025-02-31", "ts_opened"),
        ("EUR/USD.X", "", "instrument_id"),
    ],
)
def test_broken_position_is_refused_with_line_and_column(old, new, column):
    with pytest.raises(ImportProblem) as caught:
        read(POSITIONS + SHORT + LONG.replace(old, new))
    assert (caught.value.line, caught.value.column, caught.value.code) == (3, column, "bad_value")


def test_several_currencies_are_refused():
    with pytest.raises(ImportProblem, match="EUR, USD") as caught:
        read(POSITIONS + LONG + SHORT.replace("USD'", "EUR'"))
    assert caught.value.code == "several_currencies"


def test_table_that_is_no_report_is_refused_when_the_format_is_named():
    with pytest.raises(ImportProblem) as caught:
        import_run("x.csv", b"a,b\n1,2\n", format="nautilus", options=NO_OPTIONS)
    assert caught.value.code == "missing_columns"
