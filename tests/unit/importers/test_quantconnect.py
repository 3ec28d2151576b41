import pytest

from backend.importers import ImportOptions, ImportProblem, detect, import_run
from backend.ingest.files import read_run

NO_OPTIONS = ImportOptions()
ORDERS = "Time,Symbol,Price,Quantity,Type,Status,Value,Tag \n"
TRADES = (
    "Entry Time,Symbols,Exit Time,Direction,Entry Price,Exit Price,Quantity,P&L,Fees,Drawdown,MAE,MFE,IsWin,Order Ids\n"
)


def orders(*rows: str) -> bytes:
    return (ORDERS + "".join(f'{row},"" \n' for row in rows)).encode()


def test_option_orders_out_of_time_order_are_netted_at_a_hundred_a_contract():
    data = orders(
        "2024-01-02T20:45:00Z,SPY   240102P00471000,0.25,1,Market,Filled,0.25",
        "2024-01-02T15:00:00Z,SPY   240102P00471000,0.41,-1,,Filled,-0.41",
    )
    run, summary = read_run("x.csv", data, None, NO_OPTIONS)
    assert (run.source, run.currency) == ("quantconnect", "USD")
    assert [(row.action, row.symbol) for row in run.positions] == [
        ("short", "SPY 240102P00471000"), ("cover", "SPY 240102P00471000"),
    ]  # fmt: skip
    assert run.settings["multipliers"] == {"SPY 240102P00471000": 100.0}
    assert (summary.trade_count, summary.net_pnl) == (1, pytest.approx(16.0))


def test_orders_that_were_not_filled_are_skipped_with_their_status():
    data = orders("2024-01-02T20:45:00Z,SPY,1,1,Limit,Canceled,1", "2024-01-02T20:46:00Z,SPY,1,0,Limit,Filled,1")
    run = import_run("x.csv", data, options=NO_OPTIONS)
    assert run.positions == []
    assert [(skip.line, skip.why) for skip in run.skipped] == [
        (2, "its status is 'canceled', so it was not filled"), (3, "its quantity is zero"),
    ]  # fmt: skip
    assert "multipliers" not in run.settings


def test_orders_are_told_from_a_plain_table_by_their_header():
    plain = b"Time,Symbol,Price,Quantity,Side\n2024-01-02T20:45:00Z,SPY,1,1,buy\n"
    assert detect("x.csv", plain).name == "csv"
    assert detect("x.txt", b"\xef\xbb\xbf" + orders("2024-01-02T20:45:00Z,SPY,1,1,,Filled,1")).name == "quantconnect"


def test_trades_download_keeps_the_stated_profit_net_of_fees_and_the_extremes():
    data = (TRADES + '2024-01-02T15:00:00Z,SPY,2024-01-02T16:00:00Z,Sell,400,390,10,100,3,5,-20,130,1,"1,2"\n').encode()
    run, summary = read_run("x.csv", data, None, NO_OPTIONS)
    opening, closing = run.positions
    assert (opening.action, opening.fees, closing.fees, closing.realized_pnl) == ("short", 1.5, 1.5, 97.0)
    assert (closing.low_price, closing.high_price) == (387.0, 402.0)
    assert summary.net_pnl == 97.0


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        ("?,SPY,1,1,,Filled,1", 3, "Time"),
        (",SPY,1,1,,Filled,1", 3, "Time"),
        ("2024-01-02T20:45:00Z,,1,1,,Filled,1", 3, "Symbol"),
        ("2024-01-02T20:45:00Z,SPY,-1,1,,Filled,1", 3, "Price"),
        ("2024-01-02T20:45:00Z,SPY,NaN,1,,Filled,1", 3, "Price"),
        ("2024-01-02T20:45:00Z,SPY,1,,,Filled,1", 3, "Quantity"),
        ("2024-01-02T20:45:00Z,SPY,1,1e400,,Filled,1", 3, "Quantity"),
    ],
)
def test_broken_order_is_refused_with_line_and_column(row, line, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x.csv", orders("2024-01-02T20:45:00Z,SPY,1,1,,Filled,1", row), options=NO_OPTIONS)
    assert (caught.value.line, caught.value.column, caught.value.code) == (line, column, "bad_value")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("2024-01-03T15:00:00Z,SPY,2024-01-02T16:00:00Z,Buy,400,390,10,100,3", "Exit Time"),
        ("2024-01-02T15:00:00Z,SPY,2024-01-02T16:00:00Z,Buy,400,390,0,100,3", "Quantity"),
        ("2024-01-02T15:00:00Z,SPY,2024-01-02T16:00:00Z,Buy,,390,1,100,3", "Entry Price"),
        ("2024-01-02T15:00:00Z,SPY,2024-01-02T16:00:00Z,Buy,400,390,1,,3", "P&L"),
        ("2024-01-02T15:00:00Z,,2024-01-02T16:00:00Z,Buy,400,390,1,1,3", "Symbols"),
    ],
)
def test_broken_trade_is_refused_with_its_column(cells, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x.csv", (TRADES + cells + ",,,,,\n").encode(), options=NO_OPTIONS)
    assert (caught.value.line, caught.value.column) == (2, column)
