from datetime import UTC, datetime

import pytest

from backend.importers import ImportedRun, ImportOptions, ImportProblem, import_run

FILLS = """time,symbol,side,quantity,price,fee
2024-01-02T10:00:00Z,AAPL,buy,10,100.5,1
2024-01-02T11:00:00Z,AAPL,sell,4,101,1
2024-01-01T09:00:00Z,MSFT,short,2,300,0.5
2024-01-03T09:00:00Z,MSFT,cover,2,290,0.5
"""


def read(text: str | bytes, **options: object) -> ImportedRun:
    data = text if isinstance(text, bytes) else text.encode()
    return import_run("my trades.csv", data, options=ImportOptions(**options))  # type: ignore[arg-type]


def refusal(text: str | bytes, **options: object) -> ImportProblem:
    with pytest.raises(ImportProblem) as caught:
        read(text, **options)
    return caught.value


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def fills(*rows: str) -> str:
    return table("time,symbol,side,quantity,price", *rows)


def test_fills_become_rows_in_order_of_time():
    run = read(FILLS)
    assert [(p.action, p.symbol, p.quantity, p.price, p.fees) for p in run.positions] == [
        ("short", "MSFT", 2, 300, 0.5),
        ("buy", "AAPL", 10, 100.5, 1),
        ("sell", "AAPL", 4, 101, 1),
        ("cover", "MSFT", 2, 290, 0.5),
    ]
    assert (run.source, run.name, run.currency) == ("csv", "my trades", "USD")
    assert (run.started_at, run.ended_at) == (run.positions[0].ts, run.positions[-1].ts)
    assert run.initial_cash is None


def test_options_win_over_the_file():
    run = read(FILLS, name="Mine", currency="EUR", initial_cash=500.0)
    assert (run.name, run.currency, run.initial_cash) == ("Mine", "EUR", 500.0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiters_and_encodings(delimiter, encoding):
    assert read(FILLS.replace(",", delimiter).encode(encoding)).positions == read(FILLS).positions


def test_windows_1252_is_read_and_said():
    run = read(
        table("Date,Symbol,Side,Qty,Price,Comment", "2024-01-02,AAPL,buy,1,2,prise de bénéfice").encode("cp1252")
    )
    assert run.positions[0].reasoning == "prise de bénéfice"
    assert any("Windows-1252" in warning for warning in run.warnings)


def test_lines_above_the_header_and_sums_below_are_not_rows():
    text = "Account 5,,,,\nsep=,\n" + fills("2024-01-02,AAPL,buy,1,2", ",,,,", "2024-01-03,AAPL,sell,1,3")
    run = read(text + "Total,,,2,\n")
    assert [position.action for position in run.positions] == ["buy", "sell"]
    assert [skipped.why for skipped in run.skipped] == ["it sums up other lines"]


def test_signed_quantities_need_no_side():
    run = read(table("Date,Ticker,Shares,Px", "2024-01-02,AAPL,10,5", "2024-01-03,AAPL,-10,6"))
    assert [(p.action, p.quantity) for p in run.positions] == [("buy", 10), ("sell", 10)]


def test_a_type_column_that_names_no_action_yields_to_the_sign():
    run = read(table("Time,Symbol,Price,Quantity,Type,Status", "2024-01-02,SPY,5,-1,Limit,Filled"))
    assert run.positions[0].action == "short"
    assert any("'Type'" in warning for warning in run.warnings)


def test_orders_that_were_not_filled_are_skipped_with_the_reason():
    text = table(
        "time,symbol,side,quantity,price,status",
        "2024-01-02,AAPL,buy,1,2,Canceled",
        "2024-01-02,AAPL,buy,1,2,FILLED",
        "2024-01-02,AAPL,buy,0,2,filled",
    )
    run = read(text)
    assert len(run.positions) == 1
    assert [(skipped.line, skipped.why) for skipped in run.skipped] == [
        (2, "its status is 'canceled', so it was not filled"),
        (4, "its quantity is zero"),
    ]


TRIPS = table(
    "Trade ID,Symbol,Direction,Entry Time,Exit Time,EntryPrice,Exit Price,Qty,PnL,Commission,Entry Tag,Exit Reason",
    "7,EURUSD,Long,2024-01-02 10:00,2024-01-02 12:00,1.10,1.12,100,1.5,0.5,cross,target",
    "8,EURUSD,Short,2024-01-03 10:00,2024-01-03 12:00,1.10,1.12,100,-2.5,0.5,cross,stop",
    "9,EURUSD,Long,2024-01-04 10:00,,1.10,,100,,0.25,cross,",
)


def test_round_trips_become_two_rows_tied_by_the_trade():
    run = read(TRIPS)
    assert [(p.action, p.trade_ref, p.price, p.fees, p.realized_pnl, p.tag) for p in run.positions] == [
        ("buy", "7", 1.10, 0, None, "cross"),
        ("sell", "7", 1.12, 0.5, 1.5, "target"),
        ("short", "8", 1.10, 0, None, "cross"),
        ("cover", "8", 1.12, 0.5, -2.5, "stop"),
        ("buy", "9", 1.10, 0.25, None, "cross"),
    ]


def test_round_trips_with_signed_sizes_or_no_side():
    header = "symbol,size,entry_time,exit_time,entry_price,exit_price"
    run = read(table(header, "A,-2,2024-01-02,2024-01-03,5,4", "A,2,2024-01-02,2024-01-03,5,4"))
    assert [position.action for position in run.positions] == ["short", "buy", "cover", "sell"]
    assert [position.trade_ref for position in run.positions] == ["1", "2", "1", "2"]
    assert any("as long" in w for w in read(table(header, "A,2,2024-01-02,2024-01-03,5,4")).warnings)


def test_costs_written_negative_and_funding_received_become_costs():
    header = "time,symbol,side,quantity,price,commission,swap"
    run = read(table(header, "2024-01-02,A,buy,1,2,-0.5,-0.2", "2024-01-03,A,sell,1,2,-0.5,0.1"))
    assert [(position.fees, position.funding) for position in run.positions] == [(0.5, 0.2), (0.5, -0.1)]


@pytest.mark.parametrize(
    ("quantity", "price", "delimiter", "expected"),
    [
        ('"1,234"', '"$1,234.50"', ",", (1234.0, 1234.5)),
        ('"1,234"', "5", ",", (1234.0, 5.0)),
        ("1 234", "(5.25)", ",", None),
        ("1.234,5", "0,75", ";", (1234.5, 0.75)),
        ("1.234", "2,5", ";", (1234.0, 2.5)),
        ("10", "1,125", ";", (10.0, 1.125)),
        ("1'234.5", "5 €", ",", (1234.5, 5.0)),
        ("1e-3", "USD 5", ",", (0.001, 5.0)),
        ("10\u00a0000", "\u20b95", ",", (10000.0, 5.0)),
        ('"=""5"""', "5.", ",", (5.0, 5.0)),
    ],
)
def test_numbers_as_people_write_them(quantity, price, delimiter, expected):
    header = delimiter.join(("time", "symbol", "side", "quantity", "price"))
    text = table(header, delimiter.join(("2024-01-02", "A", "buy", quantity, price)))
    if expected is None:
        assert "below zero" in refusal(text).message
    else:
        assert (read(text).positions[0].quantity, read(text).positions[0].price) == expected


def test_mixed_decimal_marks_are_refused():
    problem = refusal(fills('2024-01-02,A,buy,"1,5",2.25'))
    assert problem.code == "ambiguous_number"


TEN = datetime(2024, 1, 31, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-31T10:00:00Z",
        "2024-01-31 10:00:00",
        "2024-01-31 11:00:00+01:00",
        "2024-01-31 10:00:00 UTC",
        "2024-01-31;10:00:00",
        "20240131 10:00",
        "1706695200",
        "1706695200000",
        "1706695200000000000",
        "31/01/2024 10:00",
        "01/31/2024 10:00 AM",
        "31.01.2024 10:00:00",
        "2024.01.31 10:00",
        "2024/01/31 10:00",
        "31/01/2024 - 10:00:00",
        "31 Jan 2024 10:00",
        '"Jan 31, 2024 10:00"',
    ],
)
def test_times_as_tools_write_them(written):
    assert read(fills(f"{written},A,buy,1,2")).positions[0].ts == TEN


def test_a_date_and_a_time_column_are_joined():
    run = read(table("Date,Time,Symbol,Side,Quantity,Price", "31/01/2024,10:00:00,A,buy,1,2"))
    assert run.positions[0].ts == TEN


def test_zoneless_times_take_the_zone_named_and_say_when_utc_was_assumed():
    text = fills("2024-07-01 10:00,A,buy,1,2")
    assert any("read as UTC" in warning for warning in read(text).warnings)
    run = read(text, timezone="America/New_York")
    assert run.positions[0].ts == datetime(2024, 7, 1, 14, tzinfo=UTC)
    assert not any("read as UTC" in warning for warning in run.warnings)


def test_day_and_month_are_told_apart_by_the_whole_column():
    run = read(fills("03/04/2024,A,buy,1,2", "13/04/2024,A,sell,1,2"))
    assert run.positions[0].ts == datetime(2024, 4, 3, tzinfo=UTC)


def test_day_and_month_are_told_apart_by_order_and_that_is_said():
    run = read(fills("05/03/2024,A,buy,1,2", "02/04/2024,A,sell,1,2", "04/04/2024,A,buy,1,2"))
    assert [position.ts.month for position in run.positions] == [3, 4, 4]
    assert any("day first" in warning for warning in run.warnings)


def test_day_and_month_that_nothing_tells_apart_are_refused():
    problem = refusal(fills("03/04/2024,A,buy,1,2"))
    assert (problem.code, problem.column) == ("ambiguous_time", "time")
    assert "YYYY-MM-DD" in problem.message


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2024-01-02,A,buy,NaN,2", "quantity"),
        ("2024-01-02,A,buy,inf,2", "quantity"),
        ("2024-01-02,A,buy,1e999,2", "quantity"),
        ("2024-01-02,A,buy,ten,2", "quantity"),
        ("2024-01-02,A,buy,,2", "quantity"),
        ("2024-01-02,A,buy,1,", "price"),
        ("2024-01-02,A,buy,1,-2", "price"),
        ("2024-01-02,,buy,1,2", "symbol"),
        ("2024-01-02,A,explode,1,2", "side"),
        ("2024-01-02,A,,1,2", "side"),
        (",A,buy,1,2", "time"),
        ("2024-02-30,A,buy,1,2", "time"),
        ("0001-01-01,A,buy,1,2", "time"),
        ("99999999999999999999,A,buy,1,2", "time"),
        ("soon,A,buy,1,2", "time"),
    ],
)
def test_a_bad_cell_is_refused_with_line_and_column(row, column):
    problem = refusal(fills("2024-01-01,A,buy,1,2", row))
    assert (problem.code, problem.status, problem.line, problem.column) == ("bad_value", 422, 3, column)


def test_a_trade_that_closes_before_it_opens_is_refused():
    problem = refusal(table("symbol,size,entry time,exit time,entry price,exit price", "A,1,2024-01-03,2024-01-02,1,2"))
    assert (problem.code, problem.line, problem.column) == ("bad_value", 2, "exit time")


def test_missing_columns_are_named_with_those_seen():
    problem = refusal("Ticker,Date,Colour\nA,2024-01-02,red\n")
    assert problem.code == "missing_columns"
    assert all(word in problem.message for word in ("'Colour'", "'quantity'", "'price'"))


def test_buys_and_sells_that_cannot_be_told_apart_are_refused():
    assert refusal(table("time,symbol,quantity,price", "2024-01-02,A,1,2")).code == "missing_columns"


def test_ragged_rows_are_refused_with_their_line():
    problem = refusal(fills("2024-01-02,A,buy,1,2,3"))
    assert (problem.code, problem.line) == ("bad_table", 2)


def test_several_currencies_are_refused():
    header = "time,symbol,side,quantity,price,currency"
    assert read(table(header, "2024-01-02,A,buy,1,2,eur")).currency == "EUR"
    problem = refusal(table(header, "2024-01-02,A,buy,1,2,EUR", "2024-01-02,A,buy,1,2,USD"))
    assert problem.code == "several_currencies"


def test_a_header_alone_is_refused():
    assert refusal("time,symbol,side,quantity,price\n").code == "empty_file"


def test_columns_not_used_are_named():
    run = read(table("time,symbol,side,quantity,price,Moon Phase", "2024-01-02,A,buy,1,2,full"))
    assert any("Moon Phase" in warning for warning in run.warnings)
    assert run.settings["columns"] == {
        "time": "time",
        "symbol": "symbol",
        "side": "side",
        "quantity": "quantity",
        "price": "price",
    }


def test_a_side_of_a_round_trip_that_is_neither_long_nor_short_is_refused():
    header = "symbol,direction,size,entry time,exit time,entry price,exit price"
    problem = refusal(table(header, "A,sideways,1,2024-01-02,2024-01-03,1,2"))
    assert (problem.code, problem.line, problem.column) == ("bad_value", 2, "direction")
    assert "long or short" in problem.message
