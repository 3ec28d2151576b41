"""Tables that engines and venues write: recognised by their columns, read to what the source itself states."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.analysis import build_trades, calculate_metrics
from backend.importers import ImportedRun, ImportOptions, ImportProblem, detect, import_run
from backend.ingest.imported_frame import imported_frame

SAMPLES = Path(__file__).parents[2] / "data" / "imports"

RAW = (
    b"id,col,size,entry_idx,entry_price,entry_fees,exit_idx,exit_price,exit_fees,pnl,return,direction,status,parent_id\n\
0,0,907.6,1,16.3,4.5,12,14.6,4.1,-1480.1,-0.09,0,1,0\n"
)
BT_HEAD = "Size,EntryBar,ExitBar,EntryPrice,ExitPrice,SL,TP,PnL,Commission,ReturnPct,EntryTime,ExitTime,Duration,Tag,\
Entry_RSI(C)"
FLEX_HEAD = "ClientAccountID,CurrencyPrimary,AssetClass,Symbol,Multiplier,DateTime,Quantity,TradePrice,IBCommission,\
IBCommissionCurrency,FifoPnlRealized,Buy/Sell,LevelOfDetail"
TXN_HEAD = ",amount,price,sid,symbol,txn_dollars"


def sample(name: str) -> tuple[str, bytes]:
    return name, (SAMPLES / name).read_bytes()


def read(text: str | bytes, filename: str = "run.csv", **options: object) -> ImportedRun:
    data = text.encode() if isinstance(text, str) else text
    return import_run(filename, data, options=ImportOptions(**options))  # type: ignore[arg-type]


def told(run: ImportedRun) -> list[tuple[str, str, float | None, float | None, float]]:
    return [(row.action, row.symbol, row.quantity, row.price, round(row.fees, 9)) for row in run.positions]


def figures(run: ImportedRun) -> dict[str, object]:
    frame = imported_frame(run)
    return {name: figure.value for name, figure in calculate_metrics(frame, "all").figures.items()}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# What the libraries printed for these very files. backtesting.py's profit factor is of returns, ours of money.
@pytest.mark.parametrize(
    ("name", "source", "published"),
    [
        ("backtesting_py_goog.csv", "backtesting.py", {"trade_count": 93, "win_rate": 52.688172}),
        (
            "backtesting_py_eurusd.csv",
            "backtesting.py",
            {"trade_count": 263, "win_rate": 34.220532, "final_equity": 9035.293857416},
        ),
        (
            "vectorbt_goog_trades.csv",
            "vectorbt",
            {
                "trade_count": 46,
                "open_count": 1,
                "win_rate": 52.173913,
                "profit_factor": 2.829906,
                "expectancy": 922.705725,
                "final_equity": 60420.422271,
                "total_return": 504.204223,
                "fees": 5809.523395,
            },
        ),
        (
            "vectorbt_eurusd_trades.csv",
            "vectorbt",
            {
                "trade_count": 262,
                "open_count": 1,
                "win_rate": 33.969466,
                "profit_factor": 0.758429,
                "expectancy": -3.665964,
                "final_equity": 9073.306997,
                "total_return": -9.26693,
                "fees": 972.052327,
            },
        ),
        (
            "vectorbt_goog_orders.csv",
            "vectorbt",
            {"trade_count": 46, "open_count": 1, "win_rate": 52.173913, "profit_factor": 2.829906},
        ),
        (
            "vectorbt_eurusd_orders.csv",
            "vectorbt",
            {"trade_count": 262, "open_count": 1, "win_rate": 33.969466, "profit_factor": 0.758429},
        ),
    ],
)
def test_sample_gives_the_figures_its_library_printed(name, source, published):
    run = import_run(*sample(name), options=ImportOptions(initial_cash=10_000, symbol="X"))
    assert run.source == source
    # The library's fees include those of the trade that is still open.
    ours = figures(run) | {"fees": sum(row.fees for row in run.positions)}
    got = {key: ours[key] for key in published}
    assert got == pytest.approx(published, rel=1e-6)


@pytest.mark.parametrize(
    "name", ["backtesting_py_goog.csv", "vectorbt_eurusd_trades.csv", "vectorbt_eurusd_orders.csv"]
)
@pytest.mark.parametrize("kind", ["json", "jsonl", "columns", "split", "parquet", "gzip", "utf-16", "semicolons"])
def test_one_table_in_any_kind_of_file_is_one_run(name, kind):
    _, data = sample(name)
    plain = import_run(name, data, options=ImportOptions(symbol="X"))
    again = import_run("x", as_kind(data, kind), options=ImportOptions(symbol="X"))
    assert again.source == plain.source
    assert again.positions == plain.positions


def as_kind(data: bytes, kind: str) -> bytes:
    header, *rows = list(csv.reader(io.StringIO(data.decode())))
    records = [dict(zip(header, row, strict=True)) for row in rows]
    columns = {key: [record[key] for record in records] for key in header}
    if kind == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        return sink.getvalue()
    if kind == "semicolons":
        sink_text = io.StringIO()
        csv.writer(sink_text, delimiter=";").writerows([header, *rows])
        return sink_text.getvalue().encode()
    return {
        "json": lambda: json.dumps({"trades": records}).encode(),
        "jsonl": lambda: "\n".join(json.dumps(record) for record in records).encode(),
        "columns": lambda: json.dumps({key: dict(enumerate(cells)) for key, cells in columns.items()}).encode(),
        "split": lambda: json.dumps(records).encode(),
        "gzip": lambda: gzip.compress(data),
        "utf-16": lambda: data.decode().encode("utf-16"),
    }[kind]()


def test_backtesting_py_keeps_side_commission_tag_levels_indicators_and_zone():
    rows = [
        "-10,1,5,100,90,110,80,97,3,0.1,2025-06-15 15:00:00-07:00,2025-06-16 12:00:00-07:00,0 days 21:00:00,dip,55.5",
        "5,6,,50,,,,,,,2025-06-17 00:00:00-07:00,,,,",
    ]
    run = read("\n".join([BT_HEAD, *rows]), "BTC_trades.csv")
    assert told(run) == [("short", "BTC", 10, 100, 0), ("cover", "BTC", 10, 90, 3), ("buy", "BTC", 5, 50, 0)]
    first, last, _ = run.positions
    assert first.ts.isoformat() == "2025-06-15T22:00:00+00:00"
    assert (first.tag, first.reasoning, last.realized_pnl) == ("dip", "stop 110; target 80; RSI(C) 55.5", 97)
    assert any("'BTC'" in warning for warning in run.warnings)
    assert read("\n".join([BT_HEAD, *rows]), symbol="ETH").positions[0].symbol == "ETH"


def test_vectorbt_open_trade_is_marked_and_columns_name_the_symbols():
    head = "Exit Trade Id,Column,Size,Entry Timestamp,Avg Entry Price,Entry Fees,Exit Timestamp,Avg Exit Price,\
Exit Fees,PnL,Return,Direction,Status,Position Id\n"
    rows = "0,AAPL,2,2024-01-01,10,0.1,2024-01-02,11,0.2,1.7,0.1,Long,Closed,0\n\
1,MSFT,1,2024-01-01,20,0,2024-01-05,25,0,5,0.1,Short,Open,1\n"
    run = read(head + rows)
    assert told(run) == [
        ("buy", "AAPL", 2, 10, 0.1),
        ("short", "MSFT", 1, 20, 0),
        ("sell", "AAPL", 2, 11, 0.2),
        ("hold", "MSFT", None, 25, 0),
    ]
    trades = build_trades(imported_frame(run).positions, {})
    assert trades.net_pnl[trades.open].tolist() == [-5]
    numbered = read((head + rows).replace("AAPL", "0").replace("MSFT", "1"), symbol="X")
    assert {row.symbol for row in numbered.positions} == {"X #0", "X #1"}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(RAW, id="trades"),
        pytest.param(b"id,col,idx,size,price,fees,side\n0,0,1,1,1,0,0\n", id="orders"),
        pytest.param(b"Order Id,Column,Timestamp,Size,Price,Fees,Side\n0,0,17,1,1,0,Buy\n", id="bar numbers"),
        pytest.param(b"Order Id,Column,Size,Price,Fees,Side\n0,0,1,1,0,Buy\n", id="no index"),
    ],
)
def test_vectorbt_without_times_is_refused_with_advice(data):
    with pytest.raises(ImportProblem, match="records_readable") as caught:
        import_run("x.csv", data, options=ImportOptions())
    assert (caught.value.code, caught.value.status) == ("raw_records", 422)


def test_signed_fills_open_close_and_turn_positions():
    rows = ["2024-01-02,10,5,0,A,-50", "2024-01-03,-15,6,0,A,90", "2024-01-04,5,7,0,A,-35"]
    run = read("\n".join([TXN_HEAD, *rows]))
    assert run.source == "pyfolio"
    assert told(run) == [
        ("buy", "A", 10, 5, 0),
        ("sell", "A", 10, 6, 0),
        ("short", "A", 5, 6, 0),
        ("cover", "A", 5, 7, 0),
    ]
    assert told(read("\n".join([TXN_HEAD, *reversed(rows)]))) == told(run)


def test_vectorbt_trades_without_their_exits_are_refused_and_not_read_as_open():
    _, data = sample("vectorbt_goog_trades.csv")
    for column, code in ((b"Avg Exit Price", "missing_columns"), (b"Exit Timestamp", "raw_records")):
        assert column in data
        with pytest.raises(ImportProblem) as caught:
            import_run("run.csv", data.replace(column, b"Other"), format="vectorbt", options=ImportOptions())
        assert caught.value.code == code


def test_pyfolio_zip_with_a_broken_table_beside_the_transactions_is_refused():
    returns = b"2024-01-01,0.0\n2024-01-02,0.1\n2024-01-03,\x0e"  # only the last line is not looked at to tell it by
    files = {"txn.csv": f"{TXN_HEAD}\n2024-01-02,10,5,0,A,-50\n".encode(), "returns.csv": returns}
    with pytest.raises(ImportProblem) as caught:
        read(zipped(files), "run.zip")
    assert caught.value.code == "bad_encoding"


def test_pyfolio_zip_gives_equity_marks_initial_cash_and_published_return():
    files = {
        "txn.csv": f"{TXN_HEAD}\n2024-01-02,10,5,0,A,-50\n".encode(),
        "pos.csv.gz": gzip.compress(b"index,A,cash\n2024-01-02,50,60\n2024-01-03,60,60\n"),
        "returns.csv": b"2024-01-01,0.0\n2024-01-02,0.1\n2024-01-03,0.0909090909\n",
    }
    run = read(zipped(files), "run.zip")
    assert run.initial_cash == pytest.approx(100)
    assert run.published == pytest.approx({"cumulative_return": 0.2, "return_days": 3})
    assert [row.equity for row in run.positions if row.equity] == [110, 120]
    assert run.positions[-1].price == 6
    with pytest.raises(ImportProblem, match="two tables of returns"):
        read(zipped({**files, "more.csv": files["returns.csv"]}), "run.zip")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin\n2021-01-02 03:04:05,BTCUSDT,BUY,100,2,,0.002,BTC\n"
            "2021-01-03 03:04:05,BTCUSDT,SELL,110,1.998,219.78,0.22,USDT\n",
            # The fee was paid in the coin that was bought: less is held.
            [("buy", "BTCUSDT", 1.998, 100, 0.2), ("sell", "BTCUSDT", 1.998, 110, 0.22)],
            id="spot",
        ),
        pytest.param(
            "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n2021-01-02 03:04,BTCUSDT,BUY,100,2BTC,200USDT,0.001BNB\n",
            # In BNB, whose price the file does not hold: it stays in its coin.
            [("buy", "BTCUSDT", 2, 100, 0.001)],
            id="units in the cells",
        ),
        pytest.param(
            "Time(UTC),Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit\n"
            "2021-01-02 03:04:05,BTCUSDT,SELL,100,1,100,0.1,0\n2021-01-02 04:04:05,BTCUSDT,BUY,90,1,90,0.1,10\n",
            [("short", "BTCUSDT", 1, 100, 0.1), ("cover", "BTCUSDT", 1, 90, 0.1)],
            id="futures",
        ),
    ],
)
def test_binance_histories(text, expected):
    run = read(text)
    assert (run.source, run.currency, told(run)) == ("binance", "USDT", expected)


def test_binance_in_several_quotes_asks_for_one_and_says_what_it_left_out():
    text = "Date(UTC),Market,Type,Price,Amount,Total,Fee,Fee Coin\n\
2021-01-02,BTCUSDT,BUY,100,2,200,0,BTC\n2021-01-02,ETHBTC,BUY,0.05,2,0.1,0,ETH\n"
    with pytest.raises(ImportProblem, match="USDT, BTC") as caught:
        read(text)
    assert caught.value.code == "several_currencies"
    run = read(text, currency="BTC")
    assert ([row.symbol for row in run.positions], [skip.line for skip in run.skipped]) == (["ETHBTC"], [2])


def test_hyperliquid_page_and_api_say_the_same():
    page = "time,coin,dir,px,sz,ntl,fee,closedPnl\n\
13/02/2025 - 10:00:00,ETH,Open Long,2000,1,2000,0.5,-0.5\n\
13/02/2025 - 11:00:00,ETH,Long > Short,2100,3,6300,1.5,99.5\n\
14/02/2025 - 11:00:00,ETH,Close Short,2000,2,4000,1,199\n"
    api = [
        {
            "time": 1739440800000,
            "coin": "ETH",
            "dir": "Open Long",
            "px": "2000",
            "sz": "1",
            "fee": "0.5",
            "closedPnl": "0",
        },
        {
            "time": 1739444400000,
            "coin": "ETH",
            "dir": "Long > Short",
            "px": "2100",
            "sz": "3",
            "fee": "1.5",
            "closedPnl": "0",
        },
        {
            "time": 1739530800000,
            "coin": "ETH",
            "dir": "Close Short",
            "px": "2000",
            "sz": "2",
            "fee": "1",
            "closedPnl": "0",
        },
    ]
    run = read(page)
    assert run.source == "hyperliquid"
    assert told(run) == [
        ("buy", "ETH", 1, 2000, 0.5),
        ("sell", "ETH", 1, 2100, 0.5),
        ("short", "ETH", 2, 2100, 1),
        ("cover", "ETH", 2, 2000, 1),
    ]
    assert run.published == {"realized_pnl": 298}
    fills = read(json.dumps(api), "fills.json")
    assert [(row.ts, *row_told) for row, row_told in zip(fills.positions, told(fills), strict=True)] == [
        (row.ts, *row_told) for row, row_told in zip(run.positions, told(run), strict=True)
    ]


def test_interactive_brokers_flex_reads_executions_of_one_currency_with_multipliers():
    rows = [
        "U1,USD,FUT,ESZ1,50,20211031;213735,2,4600.25,-4.5,USD,0,BUY,EXECUTION",
        "U1,USD,FUT,ESZ1,50,2021-10-31;21:37:35,2,4600.25,-4.5,USD,0,BUY,ORDER",
        FLEX_HEAD,
        "U1,USD,FUT,ESZ1,50,20211101;100000,-3,4610,-6.75,USD,966,SELL,EXECUTION",
    ]
    run = read("\n".join([FLEX_HEAD, *rows]))
    assert (run.source, run.currency, run.settings["multipliers"]) == ("interactive-brokers", "USD", {"ESZ1": 50})
    assert told(run) == [
        ("buy", "ESZ1", 2, 4600.25, 4.5),
        ("sell", "ESZ1", 2, 4610, 4.5),
        ("short", "ESZ1", 1, 4610, 2.25),
    ]
    assert run.positions[0].ts.isoformat() == "2021-10-31T21:37:35+00:00"
    with pytest.raises(ImportProblem, match="USD, EUR"):
        read("\n".join([FLEX_HEAD, rows[0], rows[0].replace("USD", "EUR")]))


def test_interactive_brokers_statement_reads_its_trades_section_alone():
    text = 'Statement,Header,Field Name,Field Value\nStatement,Data,BrokerName,X\n\
Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,C. Price,Proceeds,Comm/Fee,\
Basis,Realized P/L,MTM P/L,Code\n\
Trades,Data,Order,Stocks,USD,AAPL,"2021-10-29, 09:37:35","1,000",150,151,-150000,-1,150001,0,0,O\n\
Trades,Data,Order,Stocks,USD,AAPL,"2021-10-30, 09:37:35","-1,000",151,151,151000,-1,-150001,998,0,C\n\
Trades,SubTotal,,Stocks,USD,AAPL,,0,,,1000,-2,0,998,0,\n'
    run = read(text)
    assert told(run) == [("buy", "AAPL", 1000, 150, 1), ("sell", "AAPL", 1000, 151, 1)]
    assert run.published == {"realized_pnl": 998}


def test_mapping_names_columns_that_no_one_knows():
    text = "when,what,how,many,at\n2024-01-01,A,buy,1,10\n2024-01-02,A,sell,1,11\n"
    mapping = {"when": "time", "what": "symbol", "how": "side", "many": "quantity", "at": "price"}
    with pytest.raises(ImportProblem):
        read(text)
    assert told(read(text, mapping=mapping)) == [("buy", "A", 1, 10, 0), ("sell", "A", 1, 11, 0)]
    for wrong in ({"nowhere": "time"}, {"when": "moon"}, {"when": "time", "what": "time"}):
        with pytest.raises(ImportProblem) as caught:
            read(text, mapping=wrong)
        assert caught.value.code == "bad_mapping"


def test_mapping_overrules_a_guess():
    text = "time,symbol,side,quantity,price,fee,tax\n2024-01-01,A,buy,1,10,1,2\n"
    assert read(text).positions[0].fees == 3
    assert read(text, mapping={"tax": "fees"}).positions[0].fees == 2
    assert read(text, mapping={"fee": None}).positions[0].fees == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"PAR1" + b"\x00" * 40 + b"PAR1", "unknown_format", id="parquet of zeros"),
        pytest.param(gzip.compress(b"x")[:-4], "bad_archive", id="cut gzip"),
        pytest.param(gzip.compress(b"\0" * (65 * 2**20)), "too_large", id="gzip bomb"),
        pytest.param(b'[{"time": 1, "symbol": "A"}, 3]', "bad_table", id="row of no kind"),
        pytest.param(b'[{"time": 1, "symbol": "A"}', "bad_json", id="cut json"),
        pytest.param(b'{"time": 1, "symbol": "A"}\n{"time": ', "bad_json", id="cut json line"),
        pytest.param(b'{"columns": ["time", "price"], "data": [[1]]}', "unknown_format", id="ragged split"),
        pytest.param(f"{BT_HEAD}\n1,1,2,NaN,1,,,1,0,0,2024-01-01,2024-01-02,,,\n".encode(), "bad_value", id="nan"),
        pytest.param(f"{BT_HEAD}\n1,1,2,1,1,,,1,0,0,2024-01-03,2024-01-02,,,\n".encode(), "bad_value", id="backwards"),
        pytest.param(f"{BT_HEAD}\n1,1,2,1e300,1,,,1,0,0,2024-01-01,2024-01-02,,,\n".encode(), "bad_value", id="huge"),
        pytest.param(f"{TXN_HEAD}\n,1,1,0,A,1\n".encode(), "bad_value", id="no date"),
        pytest.param(
            f"{FLEX_HEAD.replace('DateTime', 'X')}\n".encode() + b",".join([b"1"] * 13),
            "missing_columns",
            id="no clock",
        ),
    ],
)
def test_hostile_tables_are_refused(data, code):
    with pytest.raises(ImportProblem) as caught:
        import_run("x", data, options=ImportOptions())
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


HEADS = [
    BT_HEAD,
    TXN_HEAD,
    FLEX_HEAD,
    RAW.decode().partition("\n")[0],
    "time,coin,dir,px,sz,ntl,fee,closedPnl",
    "Date(UTC),Pair,Side,Price,Executed,Amount,Fee",
    "Order Id,Column,Timestamp,Size,Price,Fees,Side",
    "Exit Trade Id,Column,Size,Entry Timestamp,Avg Entry Price,Exit Timestamp,Avg Exit Price,PnL,Direction,Status",
    "Trades,Header,DataDiscriminator,Currency,Symbol,Date/Time,Quantity,T. Price,Comm/Fee",
]
CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "-2", "1e308", "nan", "inf", "2024-01-01", "2024-01-02 03:04:05+09:00", "9999-99-99",
         "31/12/2024 - 1:2:3",
         "Buy", "Sell", "Open Long", "Long > Short", "Open", "Closed", "A", "BTCUSDT", "2BTC", "USD", "EXECUTION", "0",
         "Trades", "Data", "20240101;101010", "(5)", "1,5", "\x00", "𝟙"]
    ),
    st.text(max_size=12),
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(HEADS), st.lists(st.lists(CELLS, min_size=1, max_size=15), max_size=6), st.booleans())
def test_any_cells_under_a_known_header_are_read_or_refused(head, rows, full):
    width = head.count(",") + 1
    buffer = io.StringIO()
    csv.writer(buffer).writerows([(row * width)[:width] if full else row for row in rows])
    try:
        run = import_run("x.csv", f"{head}\n{buffer.getvalue()}".encode("utf-8", "replace"), options=ImportOptions())
    except ImportProblem as problem:
        assert problem.message
    else:
        assert imported_frame(run) is not None


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_file_of_any_kind_is_read_or_refused(data):
    name = data.draw(st.sampled_from(["backtesting_py_goog.csv", "vectorbt_goog_orders.csv"]))
    kind = data.draw(st.sampled_from(["json", "jsonl", "columns", "parquet", "gzip", "utf-16"]))
    content = bytearray(as_kind(sample(name)[1][:2000].rpartition(b"\n")[0], kind))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        try:
            detect("x", damaged)
            import_run("x", damaged, options=ImportOptions())
        except ImportProblem as problem:
            assert problem.message
