"""Run files at the limits of an import, and some of the heaviest shapes that the limits let in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from backend.importers import MAX_BYTES, MAX_ROWS

# What a multipart body adds is not the file's.
_FULL = MAX_BYTES - 4096
_START = datetime(2000, 1, 1, tzinfo=UTC)


def fills_csv(rows: int) -> bytes:
    """Fills of three symbols, a minute apart: buys and sells in turn, with fees."""
    lines = ["time,symbol,side,quantity,price,fee"]
    lines += [
        f"{moment}Z,{('BTC', 'ETH', 'SOL')[number // 2 % 3]},{('buy', 'sell')[number % 2]},1.5,{100 + number % 97},0.01"
        for number, moment in enumerate(_moments(rows))
    ]
    return ("\n".join(lines) + "\n").encode()


def short_csv() -> bytes:
    """As many rows as a file may have, in as many bytes."""
    lines = ["time,symbol,side,quantity,price"]
    lines += [
        f"{moment[:16]},A,{('buy', 'sell')[number % 2]},1,{number % 9}1"
        for number, moment in enumerate(_moments(MAX_ROWS))
    ]
    return ("\n".join(lines) + "\n").encode()[:_FULL].rsplit(b"\n", 1)[0]


def distinct_csv() -> bytes:
    """Text that differs in every cell: symbols, tags and references of their own."""
    return _repeated(
        b"time,symbol,side,quantity,price,tag,notes\n",
        lambda n: b"2024-01-01T00:00:00Z,S%d,buy,1,1,t%d,n%d\n" % (n, n, n),
        b"",
    )


def records_json() -> bytes:
    """A JSON array of fills."""
    return _repeated(
        b"[",
        lambda n: (
            b'%s{"time":"2024-01-01T00:00:00Z","symbol":"A","side":"%s","quantity":1,"price":1%d}'
            % (b"," if n else b"", (b"buy", b"sell")[n % 2], n % 10)
        ),
        b"]",
    )


def empty_objects_json() -> bytes:
    """As many JSON objects as fit, under the name of freqtrade's trades."""
    return _repeated(b'{"strategy":{"A":{"trades":[{}', lambda _: b",{}", b"]}}}")


def freqtrade_json() -> bytes:
    """freqtrade's trades with the few fields they need."""
    return _repeated(
        b'{"strategy":{"A":{"stake_currency":"USDT","trades":[',
        lambda n: (
            b'%s{"pair":"A/B","amount":1,"open_rate":1,"close_rate":2,"profit_abs":1,"fee_open":0,"fee_close":0,'
            b'"open_date":"2024-01-01 00:00:00","close_date":"2024-01-02 00:00:00"}' % (b"," if n else b"")
        ),
        b"]}}}",
    )


def freqtrade_zip() -> bytes:
    """The same as freqtrade's own archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("backtest-result.json", freqtrade_json())
    return buffer.getvalue()


def metatrader5_html() -> bytes:
    """A tester report of deals in and out."""
    head = (
        b"<html><head><title>Strategy Tester Report</title></head><body><table>"
        b"<tr><td>Currency:</td><td><b>USD</b></td></tr><tr><th><b>Deals</b></th></tr><tr>"
        + b"".join(b"<td><b>%s</b></td>" % name.encode() for name in _DEALS)
        + b"</tr>\n<tr><td>2024.01.01 00:00:00</td><td>1</td><td></td><td>balance</td>"
        + b"<td></td>" * 4
        + b"<td>0.00</td><td>0.00</td><td>1000.00</td><td>1000.00</td><td></td></tr>\n"
    )
    return _repeated(head, _deal, b"</table></body></html>")


def ai_trader_jsonl() -> bytes:
    """AI-Trader's rows with the holdings after each."""
    return _repeated(
        b"",
        lambda n: (
            b'{"date":"2024-01-02","id":%d,"this_action":{"action":"buy","symbol":"AAPL","amount":1},'
            b'"positions":{"AAPL":%d,"MSFT":0,"CASH":%d.5}}\n' % (n, n, 10**9 - 100 * n)
        ),
        b"",
    )


def ai_trader_zip() -> bytes:
    """The same with a price file of as many bars as fit, by which every row is marked."""
    bars = [
        b'"%s":{"1. buy price":"%d.25","4. sell price":"%d.75"}' % (moment.replace("T", " ").encode(), n, n)
        for n, moment in enumerate(_moments(12_000), 1)
    ]
    series = b'"},"Time Series (60min)":{%b}}\n' % b",".join(bars)
    prices = _repeated(
        b"", lambda n: b'{"Meta Data":{"2. Symbol":"' + (b"AAPL" if n == 0 else b"S%d" % n) + series, b""
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("position.jsonl", ai_trader_jsonl())
        archive.writestr("merged.jsonl", prices)
    return buffer.getvalue()


def flex_xml() -> bytes:
    """Interactive Brokers' executions as attributes."""
    return _repeated(
        b'<FlexQueryResponse queryName="q" type="AF"><FlexStatements count="1"><FlexStatement accountId="U1"><Trades>',
        lambda n: (
            b'<Trade currency="USD" symbol="A" dateTime="20240102;100000" quantity="1" tradePrice="1" '
            b'ibCommission="-1" buySell="%s" levelOfDetail="EXECUTION"/>' % ((b"BUY", b"SELL")[n % 2])
        ),
        b"</Trades></FlexStatement></FlexStatements></FlexQueryResponse>",
    )


def fills_parquet() -> bytes:
    """As many rows as a file may have, in Parquet, which packs them into little."""
    sink = io.BytesIO()
    times = [_START + timedelta(minutes=number) for number in range(MAX_ROWS)]
    columns = {
        "time": times,
        "symbol": ["BTC"] * MAX_ROWS,
        "side": ["buy", "sell"] * (MAX_ROWS // 2),
        "quantity": [1.0] * MAX_ROWS,
        "price": [100.0 + number % 97 for number in range(MAX_ROWS)],
    }
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def repeated_parquet() -> bytes:
    """As many rows as a file may have, of 200 columns of one text: some bytes of Parquet for 400,000,000 cells."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * MAX_ROWS, pa.int32()), pa.array(["the same text"]))
    sink = io.BytesIO()
    pq.write_table(pa.table({**dict.fromkeys(_HEAD, column), **{f"c{n}": column for n in range(200)}}), sink)
    return sink.getvalue()


def long_text_parquet() -> bytes:
    """A long text that every row repeats: a page of Parquet for gigabytes of cells."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 400_000, pa.int32()), pa.array(["long " * 4_000]))
    sink = io.BytesIO()
    pq.write_table(pa.table(dict.fromkeys((*_HEAD, "tag"), column)), sink)
    return sink.getvalue()


def ragged_csv() -> bytes:
    """Rows of one cell below a header of 500."""
    head = ",".join([*_HEAD, *(f"c{n}" for n in range(495))])
    return (head + "\n" + "1\n" * (MAX_ROWS - 1)).encode()


def wide_csv() -> bytes:
    """As many cells as fit, in rows of 500."""
    head = ",".join([*_HEAD, *(f"c{n}" for n in range(495))]).encode() + b"\n"
    row = b"2024-01-01T00:00:00Z,A,buy,1,1" + b",1" * 495 + b"\n"
    return head + row * ((_FULL - len(head)) // len(row))


def windows_csv() -> bytes:
    """Days before months, decimal commas and accents in Windows-1252: what only the careful reader reads."""
    return _repeated(
        "Datum;symbol;side;quantity;price;tag\n".encode("cp1252"),
        lambda n: (
            b"%02d.%02d.2024 %02d:%02d:%02d;\xc4%d;buy;1,5;%d,25;t%d\n"
            % (13 + n % 15, 1 + n // 15 % 12, n // 180 % 24, n // 4320 % 60, n // 259200 % 60, n % 5000, n % 9973, n)
        ),
        b"",
    ).replace(b"Datum", b"time", 1)


def sparse_jsonl() -> bytes:
    """JSON lines whose fields are others in each."""
    return _repeated(b'{"time":1,"symbol":"A","quantity":1,"price":1}\n', lambda n: b'{"c%d":1}\n' % (n % 490), b"")


def records_jsonl() -> bytes:
    """A fill a line."""
    return _repeated(
        b"",
        lambda n: (
            b'{"time":"2024-01-01T00:00:00Z","symbol":"A%d","side":"%s","quantity":1,"price":1%d,"tag":"t%d"}\n'
            % (n % 1000, (b"buy", b"sell")[n % 2], n % 10, n)
        ),
        b"",
    )


def vectorbt_csv() -> bytes:
    """vectorbt's trades, each of an asset with a number for its name."""
    return _repeated(
        b"Exit Trade Id,Column,Size,Entry Timestamp,Avg Entry Price,Entry Fees,Exit Timestamp,Avg Exit Price,Exit Fees,"
        b"PnL,Return,Direction,Status,Position Id\n",
        lambda n: (
            b"%d,%d,1.5,2024-01-01 00:00:00,10,0.1,2024-01-02 00:00:00,11,0.1,1.3,0.1,Long,Closed,%d\n" % (n, n % 9, n)
        ),
        b"",
    )


def tradingview_csv() -> bytes:
    """TradingView's list of trades: two rows a trade."""
    return _repeated(
        b"Trade #,Type,Date/Time,Signal,Price USD,Contracts,Profit USD,Profit %,Cum. Profit USD,Cum. Profit %,"
        b"Run-up USD,Run-up %,Drawdown USD,Drawdown %\n",
        lambda n: (
            b"%d,Exit Long,2024-01-02 10:00,s,11,1,1,10,%d,1,1,1,1,1\n%d,Entry Long,2024-01-01 10:00,b,10,1,1,"
            b"10,%d,1,1,1,1,1\n" % (n + 1, n + 1, n + 1, n + 1)
        ),
        b"",
    )


def nautilus_csv() -> bytes:
    """NautilusTrader's fills."""
    return _repeated(
        b"trade_id,strategy_id,instrument_id,order_side,last_qty,last_px,ts_event,commission\n",
        lambda n: (
            b"T%d,S,A/B.SIM,%s,1,1.%d,2025-01-03 00:00:00+00:00,1.00 USD\n" % (n, (b"BUY", b"SELL")[n % 2], 1 + n % 9)
        ),
        b"",
    )


def lean_json() -> bytes:
    """LEAN's closed trades with the few fields they need."""
    return _repeated(
        b'{"runtimeStatistics":{},"totalPerformance":{"closedTrades":[',
        lambda n: (
            b'%s{"symbol":{"value":"A"},"entryTime":"2024-01-01T00:00:00Z","entryPrice":1,"direction":0,"quantity":1,'
            b'"exitTime":"2024-01-02T00:00:00Z","exitPrice":2,"profitLoss":1,"totalFees":0,"mae":0,"mfe":1}'
            % (b"," if n else b"")
        ),
        b"]}}",
    )


_HEAD = ("time", "symbol", "side", "quantity", "price")

FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "csv, 1,000,000 fills": ("fills.csv", lambda: fills_csv(1_000_000)),
    "csv, 2,000,000 fills": ("short.csv", short_csv),
    "csv, every text different": ("distinct.csv", distinct_csv),
    "csv, 500 columns": ("wide.csv", wide_csv),
    "csv, one cell of 500": ("ragged.csv", ragged_csv),
    "csv, windows-1252": ("windows.csv", windows_csv),
    "parquet, 2,000,000 fills": ("fills.parquet", fills_parquet),
    "parquet, 200 equal columns": ("equal.parquet", repeated_parquet),
    "parquet, one long text": ("long.parquet", long_text_parquet),
    "json, records": ("fills.json", records_json),
    "jsonl, records": ("fills.jsonl", records_jsonl),
    "jsonl, other fields in each": ("sparse.jsonl", sparse_jsonl),
    "json, empty objects": ("empty.json", empty_objects_json),
    "freqtrade, json": ("freqtrade.json", freqtrade_json),
    "freqtrade, zip": ("freqtrade.zip", freqtrade_zip),
    "lean, json": ("lean.json", lean_json),
    "vectorbt, csv": ("trades.csv", vectorbt_csv),
    "tradingview, csv": ("list.csv", tradingview_csv),
    "nautilus, csv": ("fills.csv", nautilus_csv),
    "metatrader5, html": ("report.html", metatrader5_html),
    "ai-trader, jsonl": ("position.jsonl", ai_trader_jsonl),
    "ai-trader, zip with prices": ("agent.zip", ai_trader_zip),
    "interactive brokers, xml": ("flex.xml", flex_xml),
}

_DEALS = (
    "Time", "Deal", "Symbol", "Type", "Direction", "Volume", "Price", "Order", "Commission", "Swap", "Profit",
    "Balance", "Comment",
)  # fmt: skip


def _deal(number: int) -> bytes:
    entering = number % 2 == 0
    return (
        b"<tr><td>2024.01.02 10:00:00</td><td>%d</td><td>X</td><td>%s</td><td>%s</td><td>1</td><td>1.5</td><td>%d</td>"
        b"<td>0.00</td><td>0.00</td><td>0.00</td><td>1000.00</td><td></td></tr>\n"
        % (number + 2, b"buy" if entering else b"sell", b"in" if entering else b"out", number + 2)
    )


def _repeated(head: bytes, row: Callable[[int], bytes], tail: bytes) -> bytes:
    """Rows between head and tail until the file is as large as it may be."""
    parts, size, number = [head], len(head) + len(tail), 0
    while size + len(part := row(number)) <= _FULL and number < MAX_ROWS * 20:
        parts.append(part)
        size += len(part)
        number += 1
    return b"".join([*parts, tail])


def _moments(rows: int) -> Iterator[str]:
    return ((_START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S") for number in range(rows))
