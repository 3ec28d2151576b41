"""One or more valid examples for every importer: what the fuzzer mutates."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from backend.importers.layouts.registry import LAYOUTS
from tests.support.workbook_files import workbook
from tests.unit.importers.test_engine_tables import BT_HEAD, FLEX_HEAD, RAW
from tests.unit.importers.test_interactive_brokers_xml import query, trade
from tests.unit.importers.test_lean import closed_trade, order, pascal, result
from tests.unit.importers.test_metatrader4 import BALANCE, CLOSED, EVENTS, OPEN, page_of_tester, statement
from tests.unit.importers.test_metatrader5 import SIMPLE, deal, report
from tests.unit.importers.test_nautilus import FILLS, LONG, POSITIONS, SHORT
from tests.unit.importers.test_quantconnect import TRADES, orders
from tests.unit.importers.test_tradingview import CHINESE, GERMAN, MIDDLE, NEWEST, OLDEST

SAMPLES = Path(__file__).parents[1] / "data" / "imports"
PLAIN = (
    b"time;symbol;side;quantity;price;fee\n"
    b"03/04/2024 10:00;A;buy;1,5;2.000,25;(1)\n13/04/2024 10:00;A;sell;1;2;1\n2024-01-01T00:00Z;B;short;1;1;-1\n"
)
TRIPS = (
    b"Pair,Direction,Qty,Entry Time,Entry Price,Exit Time,Exit Price,Commission,P&L,MAE price,Notes\n"
    b'BTC/USDT,Long,2,2024-01-01 10:00,"1,000.5",2024-01-02 10:00,"1,100",1,198,950,"=cmd()"\n'
    b"BTC/USDT,Short,1,1704189600000,1100,,,0.5,,,\n"
)
_CSV_ROWS = list(
    csv.reader(io.StringIO("time,symbol,side,quantity,price,fee\n2024-01-01,A,buy,1,2,0\n2024-01-02,A,sell,1,3,0\n"))
)
RECORDS = [dict(zip(_CSV_ROWS[0], row, strict=True)) for row in _CSV_ROWS[1:]]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of the files, by path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({key: [record[key] for record in RECORDS] for key in RECORDS[0]}), sink)
    return sink.getvalue()


def _freqtrade() -> bytes:
    kept = json.loads((SAMPLES / "freqtrade_cvddivergence.json").read_bytes())["strategy"]["CVDDivergence"]
    facts = {key: value for key, value in kept.items() if isinstance(value, int | float | str)}
    one = {**facts, "trades": kept["trades"][:2], "results_per_pair": [], "stake_currency": "USDT"}
    return json.dumps({"strategy": {"A": one}}).encode()


def _head(name: str, lines: int) -> bytes:
    return b"".join((SAMPLES / name).read_bytes().splitlines(keepends=True)[:lines])


def _prices() -> bytes:
    """The first symbol's bars of three days."""
    record = json.loads(_head("ai_trader_crypto_prices.jsonl", 1))
    series = next(key for key in record if key.startswith("Time Series"))
    record[series] = dict(list(record[series].items())[:3])
    return json.dumps(record).encode()


_POSITIONS = _head("ai_trader_crypto_position.jsonl", 4)
_ACCOUNT = zipped(
    {
        "position.jsonl": _POSITIONS,
        "prices.jsonl": _prices(),
        "m.jsonl": (SAMPLES / "ai_trader_crypto_performance_metrics.jsonl").read_bytes(),
    }
)
_PYFOLIO = {
    "txn.csv": b",amount,price,sid,symbol,txn_dollars\n2024-01-02,10,5,0,A,-50\n2024-01-03,-4,6,0,A,24\n",
    "pos.csv": b"index,A,cash\n2024-01-02,50,60\n2024-01-03,36,84\n",
    "returns.csv": b"2024-01-01,0.0\n2024-01-02,0.1\n2024-01-03,0.09\n",
}
_STATEMENT = (
    b"Statement,Header,Field Name,Field Value\nStatement,Data,BrokerName,X\n"
    b"Trades,Header,DataDiscriminator,Currency,Symbol,Date/Time,Quantity,T. Price,Comm/Fee,Realized P/L\n"
    b'Trades,Data,Order,USD,AAPL,"2021-10-29, 09:37:35","1,000",150,-1,0\n'
    b'Trades,Data,Order,USD,AAPL,"2021-10-30, 09:37:35","-1,000",151,-1,998\nTrades,SubTotal,,USD,,,0,,,\n'
)


def _layout_samples() -> dict[str, list[bytes]]:
    """The samples of each source's layouts, one of them in a workbook."""
    samples: dict[str, list[bytes]] = {}
    for layout in LAYOUTS:
        if layout.source == "interactive-brokers":
            continue
        for path in sorted((SAMPLES / "layouts").glob(f"{layout.name}.*")):
            samples.setdefault(layout.source, []).append(path.read_bytes())
    rows = list(csv.reader(io.StringIO(samples["etoro"][0].decode())))
    samples["etoro"].append(workbook({"Closed Positions": [[None, *row] for row in rows]}))
    return samples


SEEDS: dict[str, list[bytes]] = {
    "ai-trader": [_POSITIONS, _ACCOUNT],
    "freqtrade": [_freqtrade(), zipped({"r.json": _freqtrade(), "r_config.json": b"{}"})],
    "lean": [
        json.dumps(result([closed_trade()], [order(1, 10), order(2, -10), order(3, 4)])).encode(),
        json.dumps(pascal(result([], [order(1, 10), order(2, -15)]))).encode(),
    ],
    "metatrader4": [page_of_tester(*EVENTS), statement(BALANCE, CLOSED, OPEN)],
    "metatrader5": [
        report(*SIMPLE, encoding="utf-8"),
        report(*SIMPLE),
        report(
            deal(2, "buy", "in", "1", "5"), deal(3, "buy", "in", "1", "6"), deal(4, "sell", "in/out", "3", "7", "3")
        ),
    ],
    "quantconnect": [
        orders("2024-01-02T20:45:00Z,SPY   240102P00471000,0.25,1,Market,Filled,0.25", "2024-01-03,SPY,1,-1,,Filled,1"),
        (TRADES + "2024-01-02T15:00Z,SPY,2024-01-02T16:00Z,Sell,400,390,10,100,3,5,-20,130,1,1\n").encode(),
    ],
    "nautilus": [
        (POSITIONS + LONG + SHORT).encode(),
        (FILLS + "1,S,A,BUY,1,1,2025-01-03,1 USD\n2,S,A,SELL,2,1,2025-01-04,1 USD").encode(),
    ],
    **_layout_samples(),
    "tradingview": [text.encode() for text in (OLDEST, MIDDLE, NEWEST, CHINESE, GERMAN)],
    "backtesting.py": [
        _head("backtesting_py_goog.csv", 5),
        f"{BT_HEAD}\n-1,1,2,10,9,,,1,0.1,0.1,2024-01-01,2024-01-02,1 days,tag,55\n".encode(),
    ],
    "vectorbt": [_head("vectorbt_eurusd_trades.csv", 5), _head("vectorbt_goog_orders.csv", 5), RAW],
    "pyfolio": [_PYFOLIO["txn.csv"], zipped(_PYFOLIO)],
    "interactive-brokers": [
        f"{FLEX_HEAD}\nU1,USD,FUT,ESZ1,50,20211031;213735,2,4600.25,-4.5,USD,0,BUY,EXECUTION\n".encode(),
        _STATEMENT,
        query(trade(100, 10), trade(100, 10, level="ORDER"), trade(-160, 12, at="20240116;100000", pnl=118)),
        (SAMPLES / "layouts" / "interactive-brokers-transaction-history.csv").read_bytes(),
    ],
    "csv": [PLAIN, TRIPS, gzip.compress(PLAIN), PLAIN.decode().encode("utf-16")],
    "json": [
        json.dumps({"trades": RECORDS}).encode(),
        "\n".join(json.dumps(record) for record in RECORDS).encode(),
        json.dumps({key: {"0": RECORDS[0][key], "1": RECORDS[1][key]} for key in RECORDS[0]}).encode(),
    ],
    "parquet": [_parquet()],
    "xlsx": [workbook({"Notes": [["none"]], "Trades": [_CSV_ROWS[0], *_CSV_ROWS[1:]]})],
}
