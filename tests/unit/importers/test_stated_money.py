"""Small tables of kinds that are easily read wrong, each with its figures worked by hand."""

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend.analysis import RunFrame
from backend.importers.base import ImportedRun, ImportOptions
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame


@dataclass(frozen=True)
class Case:
    """A table, what is said when it is imported, and the figures that follow by hand."""

    table: str
    net: float
    trades: int
    open: int = 0
    fees: float | None = None
    sides: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    warned: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


CASES = {
    # 4 × (190 − 180) − 2 and 6 × (170 − 160) − 2, both short.
    "sells first": Case(
        "time,symbol,side,quantity,price,fee\n2026-01-05 10:00:00Z,QQ,sell,4,190,1\n"
        "2026-01-06 10:00:00Z,QQ,buy,4,180,1\n"
        "2026-01-07 10:00:00Z,QQ,sell,6,170,1\n2026-01-08 10:00:00Z,QQ,buy,6,160,1\n",
        net=96, trades=2, fees=4, sides="SS", warned=("opening shorts",), asked=("long_only",),
    ),
    # The same rows of a cash account: nothing is closed by the first sale, the buys open, the last is left open.
    "sells first, long only": Case(
        "time,symbol,side,quantity,price,fee\n2026-01-05 10:00:00Z,QQ,sell,4,190,1\n"
        "2026-01-06 10:00:00Z,QQ,buy,4,180,1\n"
        "2026-01-07 10:00:00Z,QQ,sell,4,185,1\n",
        net=18, trades=1, fees=2, sides="L", options={"long_only": True},
        warned=("2026-01-05 10:00:00 UTC", "fees of 1"),
    ),
    # Long 8: (52 − 50) × 8 = 16; short 12 from 52 to 49: 36; long 12 − … the last buy of 20 closes 12 and opens 8.
    "two flips": Case(
        "time,symbol,side,quantity,price\n2026-01-05 10:00:00Z,RR,buy,8,50\n2026-01-06 10:00:00Z,RR,sell,20,52\n"
        "2026-01-07 10:00:00Z,RR,buy,20,49\n2026-01-08 10:00:00Z,RR,sell,8,51\n",
        net=16 + 36 + 16, trades=3, sides="LSL",
    ),
    # Signed quantities, no side: short 5 from 30 to 28, then long 2 from 28 to 27.
    "signed quantities turn": Case(
        "Date,Ticker,Qty,Price\n2026-01-05 10:00:00Z,TT,-5,30\n2026-01-06 10:00:00Z,TT,7,28\n"
        "2026-01-07 10:00:00Z,TT,-2,27\n",
        net=10 - 2, trades=2, sides="SL",
    ),
    # (70 − 60) × 3 = 30 less 1 + 0.5 + 0.02 and 1 + 0.5 + 0.03.
    "three columns of costs": Case(
        "Date,Symbol,Side,Qty,Price,Commission,Exchange Fee,SEC Fee\n2026-01-05 10:00:00Z,UU,buy,3,60,1,0.5,0.02\n"
        "2026-01-06 10:00:00Z,UU,sell,3,70,1,0.5,0.03\n",
        net=30 - 3.05, trades=1, fees=3.05,
    ),
    # The total is of the other two: 2.5 a fill, not 5.
    "total fees beside its parts": Case(
        "Date,Symbol,Side,Qty,Price,Commission,Reg Fee,Total Fees\n2026-01-05 10:00:00Z,UU,buy,3,60,2,0.5,2.5\n"
        "2026-01-06 10:00:00Z,UU,sell,3,70,2,0.5,2.5\n",
        net=25, trades=1, fees=5,
    ),
    # 0.002 ETH of 1 are the fee: 0.998 × 2100 − 2.0958 = 2093.7042 − 2000.
    "fee in the coin that was bought": Case(
        "time,symbol,side,quantity,price,fee,fee coin\n2026-01-05 10:00:00Z,ETHUSDT,buy,1,2000,0.002,ETH\n"
        "2026-01-06 10:00:00Z,ETHUSDT,sell,0.998,2100,2.0958,USDT\n",
        net=0.998 * 2100 - 2.0958 - 2000, trades=1, warned=("change what is held",),
    ),
    # BNB at 600 in the file itself: 0.01 × 600 twice, on (3100 − 3000) × 1; the BNB itself stays open.
    "fee in a coin that the file prices": Case(
        "time,symbol,side,quantity,price,fee,fee coin\n2026-01-05 09:00:00Z,BNBUSDT,buy,1,600,0,USDT\n"
        "2026-01-05 10:00:00Z,ETHUSDT,buy,1,3000,0.01,BNB\n2026-01-06 10:00:00Z,ETHUSDT,sell,1,3100,0.01,BNB\n",
        net=100 - 12, trades=1, open=1, fees=12, warned=("last price in the file",),
    ),
    # The unit stands behind the number: 0.03 BNB are no 0.03 USDT.
    "fee with its coin in the cell": Case(
        "time,symbol,side,quantity,price,fee\n2026-01-05 10:00:00Z,ETHUSDT,buy,2,3000,0.01 BNB\n"
        "2026-01-06 10:00:00Z,ETHUSDT,sell,2,3010,0.02 BNB\n",
        net=20, trades=1, fees=0, warned=("0.03 BNB",),
    ),
    # 3 trades: (5101.25 − 5100) × 2 × 50 = 125, (5110 − 5112) × 1 × 50 = −100, short (5120 − 5119.5) × 3 × 50 = 75.
    "points of a future by three trades": Case(
        "Contract,Direction,Open Time,Close Time,Open Price,Close Price,Qty,Profit,Commission\n"
        "XYZ,Long,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,5100,5101.25,2,125.00,4\n"
        "XYZ,Long,2026-01-06 15:00:00Z,2026-01-06 15:20:00Z,5112,5110,1,-100.00,2\n"
        "XYZ,Short,2026-01-07 15:00:00Z,2026-01-07 15:20:00Z,5120,5119.5,3,75.00,6\n",
        net=100 - 12, trades=3, fees=12, sides="LLS", warned=("50 × price difference",),
    ),
    # Two trades prove nothing of a symbol that says nothing: 1 is used, 50 is offered.
    "two trades only offer": Case(
        "Symbol,Side,Entry Time,Exit Time,Entry Price,Exit Price,Qty,PnL\n"
        "XYZ,Long,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,5100,5101.25,2,125.00\n"
        "XYZ,Long,2026-01-06 15:00:00Z,2026-01-06 15:20:00Z,5112,5110,1,-100.00\n",
        net=2.5 - 2, trades=2, warned=("can't prove it",), asked=("multipliers",),
    ),
    "the person says the multiplier": Case(
        "Symbol,Side,Entry Time,Exit Time,Entry Price,Exit Price,Qty,PnL\n"
        "XYZ,Long,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,5100,5101.25,2,125.00\n"
        "XYZ,Long,2026-01-06 15:00:00Z,2026-01-06 15:20:00Z,5112,5110,1,-100.00\n",
        net=25, trades=2, options={"multipliers": {"XYZ": 50}},
    ),
    # The symbol agrees, so that one trade is enough: (18010.25 − 18000) × 1 × 20 = 205 less 4.
    "one trade of a known future": Case(
        "Symbol,Side,Entry Time,Exit Time,Entry Price,Exit Price,Qty,P&L,Fees\n"
        "NQH6,Long,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,18000,18010.25,1,201.00,4.00\n",
        net=201, trades=1, fees=4, warned=("20 × price difference",),
    ),
    # A percentage of one fixed stake is no P&L: 1000 / 100 = 10 units each, +2 %, −1 %, +3 %.
    "a percentage of one stake": Case(
        "Symbol,Side,Entry Time,Exit Time,Entry Price,Exit Price,Qty,Result\n"
        "AA,Long,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,100,102,10,2.00\n"
        "AA,Long,2026-01-06 15:00:00Z,2026-01-06 15:20:00Z,100,99,10,-1.00\n"
        "AA,Long,2026-01-07 15:00:00Z,2026-01-07 15:20:00Z,100,103,10,3.00\n",
        net=40, trades=3, warned=("Result",), asked=("multipliers",),
    ),
    # Amount tells the contract: 2 × 1.20 × 100 = 240, 2 × 1.50 × 100 = 300, costs 1.30 each.
    "an option by its amounts": Case(
        "Date,Action,Symbol,Quantity,Price,Fees & Comm,Amount\n"
        '2026-01-05 10:00:00Z,Buy to Open,ABC 02/20/2026 50.00 P,2,$1.20,$1.30,"-$241.30"\n'
        '2026-01-06 10:00:00Z,Sell to Close,ABC 02/20/2026 50.00 P,2,$1.50,$1.30,$298.70\n',
        net=57.40, trades=1, fees=2.60, warned=("100 × price × quantity",),
    ),
    # Nothing confirms what the symbol says: asked.
    "an option without amounts": Case(
        "Date,Side,Symbol,Quantity,Price\n2026-01-05 10:00:00Z,buy,ABC260220P00050000,2,1.20\n"
        "2026-01-06 10:00:00Z,sell,ABC260220P00050000,2,1.50\n",
        net=0.6, trades=1, warned=("looks like a contract",), asked=("multipliers",),
    ),
    # Value is money (6 × 20 = 120), Units is the quantity.
    "value is no quantity": Case(
        "Date,Ticker,Action,Value,Units,Price\n2026-01-05 10:00:00Z,VV,Buy,120,6,20\n"
        "2026-01-06 10:00:00Z,VV,Sell,138,6,23\n",
        net=18, trades=1,
    ),
    # A deposit among the rows changes equity and is no result.
    "a deposit among fills": Case(
        "Date,Action,Symbol,Quantity,Price,Amount\n2026-01-05 09:00:00Z,Deposit,,,,5000\n"
        "2026-01-05 10:00:00Z,Buy,WW,10,100,-1000\n2026-01-06 10:00:00Z,Sell,WW,10,104,1040\n",
        net=40, trades=1, warned=("deposit of 5,000",),
    ),
    # One share became three: 12 × 40 − 4 × 90.
    "a split by added shares": Case(
        "Date,Action,Symbol,Quantity,Price\n2026-01-05 10:00:00Z,Buy,SP,4,90\n2026-01-06 10:00:00Z,Split,SP,8,\n"
        "2026-01-07 10:00:00Z,Sell,SP,12,40\n",
        net=480 - 360, trades=1, warned=("Split 3 for 1",),
    ),
    # In each account for itself: A long 100 → 110 (10), B short 105 → 103 (2); netted together they would be 1 trade.
    "two accounts of one symbol": Case(
        "time,account,symbol,side,quantity,price\n2026-01-05 10:00:00Z,A,XX,buy,1,100\n"
        "2026-01-05 11:00:00Z,B,XX,sell,1,105\n"
        "2026-01-05 12:00:00Z,B,XX,buy,1,103\n2026-01-05 13:00:00Z,A,XX,sell,1,110\n",
        net=12, trades=2, sides="LS", warned=("2 accounts",),
    ),
    "one of two accounts": Case(
        "time,account,symbol,side,quantity,price\n2026-01-05 10:00:00Z,A,XX,buy,1,100\n"
        "2026-01-05 11:00:00Z,B,XX,sell,1,105\n"
        "2026-01-05 12:00:00Z,B,XX,buy,1,103\n2026-01-05 13:00:00Z,A,XX,sell,1,110\n",
        net=10, trades=1, options={"account": "A"},
    ),
    # Contracts of two expiries are two books: (12 − 10) and (8 − 9).
    "two expiries of one symbol": Case(
        "time,symbol,exp,strike,type,side,quantity,price\n2026-01-05 10:00:00Z,YY,20 FEB 26,50,CALL,buy,1,10\n"
        "2026-01-05 11:00:00Z,YY,20 MAR 26,50,CALL,buy,1,9\n2026-01-06 10:00:00Z,YY,20 MAR 26,50,CALL,sell,1,8\n"
        "2026-01-06 11:00:00Z,YY,20 FEB 26,50,CALL,sell,1,12\n",
        net=1, trades=2, asked=("multipliers",),
    ),
    # 4/6 is the fourth of June where the day comes first.
    "day first is said": Case(
        "Date,Symbol,Side,Qty,Price\n4/6/2026 10:00,ZZ,buy,1,10\n4/6/2026 11:00,ZZ,sell,1,12\n",
        net=2, trades=1, options={"date_order": "day"},
    ),
    # The clock stands in a column of its own: bought 9:30 at 10, sold 10:15 at 9, bought 11:00 at 8, sold 11:30 at 9.
    "a clock in another column": Case(
        "Trade Date,Symbol,Type,Qty,Rate,Trade Time\n2026-01-05,IN,sell,10,9,11:30:00\n"
        "2026-01-05,IN,buy,10,8,11:00:00\n"
        "2026-01-05,IN,sell,10,9,10:15:00\n2026-01-05,IN,buy,10,10,09:30:00\n",
        net=0, trades=2, sides="LL",
    ),
    # Days without a clock: the sale closes what was bought that day, not the other way round.
    "days that list the sale first": Case(
        "Date,Symbol,Side,Qty,Price\n2026-01-05,DD,sell,5,11\n2026-01-05,DD,buy,5,10\n",
        net=5, trades=1, sides="L", warned=("without a clock",),
    ),
    # 5 were held before the file: the position says so.
    "held before the file, by the position": Case(
        "time,symbol,side,quantity,price,position\n2026-01-05 10:00:00Z,HB,buy,5,20,10\n"
        "2026-01-06 10:00:00Z,HB,sell,5,22,5\n",
        net=10, trades=1, warned=("5 were held before the file",),
    ),
    # A closing of what the file did not open: its P&L says that it was bought at 40; 10 × (52 − 48) − 2 beside.
    "closed, but opened before the file": Case(
        "time,symbol,side,quantity,price,fee,open close,realized pnl\n2026-01-05 10:00:00Z,OB,sell,10,50,1,C,99\n"
        "2026-01-06 10:00:00Z,OB,buy,10,48,1,O,0\n2026-01-07 10:00:00Z,OB,sell,10,52,1,C,38\n",
        net=137, trades=2, sides="LL", warned=("had no opening in the file",),
    ),
    # Equity falls by 3,000 between two trades of +10 and −10: paid out.
    "a withdrawal in the equity": Case(
        "time,symbol,side,quantity,price,fee,equity\n2026-01-05 10:00:00,AB,buy,10,100,0,10000\n"
        "2026-01-06 10:00:00,AB,sell,10,101,0,10010\n2026-01-07 10:00:00,AB,buy,10,100,0,7010\n"
        "2026-01-08 10:00:00,AB,sell,10,99,0,7000\n",
        net=0, trades=2, warned=("falls by 3,000", "withdrawal"),
    ),
    # Rows in euros are left out: 3 × (11 − 10).
    "one of two currencies": Case(
        "Date,Symbol,Side,Quantity,Price,Currency\n2026-01-05 09:00:00Z,PP,Buy,3,10,USD\n"
        "2026-01-06 09:00:00Z,PP,Sell,3,11,USD\n"
        "2026-01-05 09:00:00Z,QQ,Buy,7,20,EUR\n2026-01-06 09:00:00Z,QQ,Sell,7,30,EUR\n",
        net=3, trades=1, options={"currency": "USD"}, warned=("2 in EUR",),
    ),
    # Profit is a share of something where the header says so: it is not held against prices.
    "profit in percent is no P&L": Case(
        "Symbol,Side,Entry Time,Exit Time,Entry Price,Exit Price,Qty,Profit %\n"
        "PC,Long,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,100,105,3,5.0\n",
        net=15, trades=1,
    ),
    # The side has no header that is known; its cells say it.
    "a side by its cells": Case(
        "Symbol,L/S kind,Entry Time,Exit Time,Entry Price,Exit Price,Qty\n"
        "SC,Short,2026-01-05 15:00:00Z,2026-01-05 15:20:00Z,100,95,2\n"
        "SC,Long,2026-01-06 15:00:00Z,2026-01-06 15:20:00Z,100,104,1\n",
        net=14, trades=2, sides="SL",
    ),
    # Amounts are 10 each lower than price × quantity: a cost that the table has no column for.
    "a cost that is missing": Case(
        "Date,Symbol,Side,Qty,Price,Net Amount\n2026-01-05 10:00:00Z,MC,buy,10,50,-510\n"
        "2026-01-06 10:00:00Z,MC,sell,10,60,590\n",
        net=100, trades=1, warned=("cost or a multiplier may be missing",),
    ),
    # Long words of a vocabulary with shorts and covers are taken as they are.
    "shorts and covers by name": Case(
        "time,symbol,side,quantity,price\n2026-01-05 10:00:00Z,NM,sell short,2,50\n"
        "2026-01-06 10:00:00Z,NM,buy to cover,2,45\n"
        "2026-01-07 10:00:00Z,NM,buy,2,40\n2026-01-08 10:00:00Z,NM,sell,2,44\n",
        net=18, trades=2, sides="SL",
    ),
    # "Sell short" without a word for the way back: the buy covers.
    "shorts that a buy covers": Case(
        "time,symbol,side,quantity,price\n2026-01-05 10:00:00Z,NB,sell short,2,50\n"
        "2026-01-06 10:00:00Z,NB,buy,2,45\n",
        net=10, trades=1, sides="S",
    ),
}  # fmt: skip


def read(case: Case) -> tuple[ImportedRun, RunFrame]:
    run, _ = read_run("table.csv", case.table.encode(), None, ImportOptions(**case.options))
    return run, imported_frame(run)


@pytest.mark.parametrize("name", CASES)
def test_table_is_read_as_it_is(name: str) -> None:
    case = CASES[name]
    run, frame = read(case)
    trades = frame.trades
    closed = trades.closed
    assert trades.net_pnl[closed].sum() == pytest.approx(case.net, abs=1e-9)
    assert (len(closed), len(trades.open)) == (case.trades, case.open)
    if case.fees is not None:
        assert trades.fees.sum() == pytest.approx(case.fees, abs=1e-9)
    if case.sides is not None:
        assert "".join("L" if side > 0 else "S" for side in trades.side.tolist()) == case.sides
    said = "\n".join(run.warnings)
    assert [text for text in case.warned if text not in said] == [], said
    assert {question.field for question in run.reconciliation.questions} >= set(case.asked)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize("name", CASES)
def test_other_kinds_of_table_are_read_the_same(name: str, kind: str) -> None:
    case = CASES[name]
    cells = [row for row in csv.reader(io.StringIO(case.table)) if row]
    records = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    if kind == "jsonl":
        data = "\n".join(json.dumps(record) for record in records).encode()
    else:
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(records), sink)
        data = sink.getvalue()
    run, _ = read_run(f"table.{kind}", data, None, ImportOptions(**case.options))
    trades = imported_frame(run).trades
    assert trades.net_pnl[trades.closed].sum() == pytest.approx(case.net, abs=1e-9)
    assert (len(trades.closed), len(trades.open)) == (case.trades, case.open)
