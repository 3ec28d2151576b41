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


FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "csv, 1,000,000 fills": ("fills.csv", lambda: fills_csv(1_000_000)),
    "csv, 2,000,000 fills": ("short.csv", short_csv),
    "csv, every text different": ("distinct.csv", distinct_csv),
    "parquet, 2,000,000 fills": ("fills.parquet", fills_parquet),
    "json, records": ("fills.json", records_json),
    "json, empty objects": ("empty.json", empty_objects_json),
    "freqtrade, json": ("freqtrade.json", freqtrade_json),
    "freqtrade, zip": ("freqtrade.zip", freqtrade_zip),
    "metatrader5, html": ("report.html", metatrader5_html),
    "ai-trader, jsonl": ("position.jsonl", ai_trader_jsonl),
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
