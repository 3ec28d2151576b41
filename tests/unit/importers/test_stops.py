"""The stop that stood at a trade's entry, from each format that states it, and nothing where it is not that stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.analysis import calculate_metrics
from backend.importers import ImportedRun, ImportOptions, import_run
from backend.importers.csv_columns import bind
from backend.ingest.imported_frame import imported_frame
from tests.unit.importers.test_engine_tables import BT_HEAD
from tests.unit.importers.test_freqtrade import result, trade
from tests.unit.importers.test_metatrader4 import page_of_tester
from tests.unit.importers.test_metatrader5 import deal, report, table

SAMPLES = Path(__file__).parents[2] / "data" / "imports"
TRIPS = "entry time,exit time,symbol,side,quantity,entry price,exit price"


def read(data: bytes | str, **options: object) -> ImportedRun:
    content = data.encode() if isinstance(data, str) else data
    return import_run("trades", content, options=ImportOptions(**options))  # type: ignore[arg-type]


def stops(run: ImportedRun) -> list[float | None]:
    """Of the opening rows; closing rows never carry one."""
    assert all(row.stop_price is None for row in run.positions if row.action not in ("buy", "short"))
    return [row.stop_price for row in run.positions if row.action in ("buy", "short")]


def r_of(run: ImportedRun) -> list[float]:
    return [round(float(r), 6) for r in imported_frame(run).trades.r]


def test_freqtrade_takes_the_initial_stop_and_not_the_trailed_one():
    run = read(result(trade(initial_stop_loss_abs=95.0, stop_loss_abs=108.0, stop_loss_ratio=-0.05)))
    assert stops(run) == [95.0]
    assert r_of(run) == [round(9.79 / 5, 6)]


@pytest.mark.parametrize("level", [None, 0.0, -3.0, "none", float("inf")])
def test_freqtrade_without_a_stop_has_none(level):
    assert stops(read(result(trade(initial_stop_loss_abs=level)))) == [None]


def test_freqtrade_file_states_a_stop_for_every_trade():
    """freqtrade_cvddivergence.json, 5 % of the stake at up to 20 times leverage: the mean R from its own fields."""
    data = (SAMPLES / "freqtrade_cvddivergence.json").read_bytes()
    run = read(data)
    assert len(stops(run)) == 137
    assert None not in stops(run)
    [strategy] = json.loads(data)["strategy"].values()
    by_hand = [
        each["profit_abs"] / (abs(each["open_rate"] - each["initial_stop_loss_abs"]) * each["amount"])
        for each in strategy["trades"]
    ]
    figure = calculate_metrics(imported_frame(run), "trades").figures["expectancy_r"]
    assert figure.value == pytest.approx(sum(by_hand) / 137, rel=1e-6)
    assert figure.low_sample is None


def event_row(number: int, kind: str, order: int, price: str, stop: str, profit: str | None = None) -> str:
    tail = "<td colspan=2></td>" if profit is None else f"<td class=mspt>{profit}</td><td class=mspt>0.00</td>"
    return (
        f"<tr align=right><td>{number}</td><td class=msdate>2024.01.01 1{number}:00</td><td>{kind}</td><td>{order}</td>"
        f"<td class=mspt>0.10</td><td>{price}</td><td>{stop}</td><td>0.000</td>{tail}</tr>"
    )


def test_metatrader4_tester_takes_the_stop_of_the_opening_row():
    run = read(
        page_of_tester(
            event_row(1, "buy", 1, "1.10000", "1.09900"), event_row(2, "modify", 1, "1.10000", "1.10100"),
            event_row(3, "s/l", 1, "1.10100", "1.10100", "10.00"), event_row(4, "sell", 2, "1.20000", "0.00000"),
            event_row(5, "close", 2, "1.19900", "0.00000", "10.00"),
        )
    )  # fmt: skip
    assert stops(run) == [1.099, None]
    assert r_of(run)[0] == 1.0
    figure = calculate_metrics(imported_frame(run), "trades").figures["expectancy_r"]
    assert (round(float(figure.value or 0), 6), figure.low_sample) == (1.0, True)


def order(number: int, side: str, stop: str) -> tuple[str, ...]:
    moment = f"2024.01.02 {number:02d}:00:00"
    return (moment, str(number), "XAUUSD", side, "0.01 / 0.01", "0.00", stop, "2078.58", moment, "filled", "")


def test_metatrader5_takes_the_stop_of_the_opening_order():
    page = report(
        deal(2, "buy", "in", "0.01", "2072.36"), deal(3, "sell", "out", "0.01", "2080.36", "8.00"),
        deal(4, "sell", "in", "0.01", "2080.00"), deal(5, "buy", "out", "0.01", "2081.00", "-1.00"), encoding="utf-8",
    )  # fmt: skip
    orders = table(
        [order(2, "buy", "2 068.36"), order(3, "sell", "2090.00"), order(4, "sell", ""), order(5, "buy", "")]
    )
    run = read(page.replace(b"<table>", f"<table>{orders}".encode(), 1))
    assert stops(run) == [2068.36, None]
    assert r_of(run)[0] == 2.0
    assert stops(read(page)) == [None, None]


def bt(*rows: str) -> str:
    return "\n".join([BT_HEAD, *rows])


def test_backtesting_py_takes_stops_that_no_trade_shows_to_have_moved():
    long = "5,1,5,100,110,95,,50,,0.1,2025-06-15,2025-06-16,1 days,,"
    short = "-10,6,7,100,104,104,80,-40,,0.1,2025-06-17,2025-06-18,1 days,,"
    run = read(bt(long, short), symbol="GOOG")
    assert (stops(run), r_of(run)) == ([95.0, 104.0], [2.0, -1.0])
    assert any("where each trade's stop stood last" in warning for warning in run.warnings)
    moved = read(bt(long, short, "5,8,9,100,110,108,,50,,0.1,2025-06-19,2025-06-20,1 days,,"), symbol="GOOG")
    assert stops(moved) == [None, None, None]
    assert any("no R is given" in warning for warning in moved.warnings)
    assert stops(read(bt(long.replace(",95,", ",,")), symbol="GOOG")) == [None]


@pytest.mark.parametrize("header", ["stop loss", "SL", "S/L", "Initial Stop", "initial_stop_loss_abs", "StopLoss"])
def test_round_trips_name_their_stop(header):
    run = read(
        f"{TRIPS},{header}\n2024-01-01,2024-01-02,AAPL,long,2,100,110,95\n2024-01-03,2024-01-04,AAPL,short,2,100,90,\n"
    )
    assert stops(run) == [95.0, None]
    assert r_of(run)[0] == 2.0
    assert run.settings["columns"]["stop"] == header


@pytest.mark.parametrize(
    "header", ["Stop Loss (%)", "SL pips", "stop loss distance", "stop price", "stop_loss_abs", "SL %"]
)
def test_columns_that_hold_no_initial_stop_price_are_not_taken_for_one(header):
    assert "stop" not in bind([header])


@pytest.mark.parametrize("cells", [("0.05", "0.04"), ("5%", "95"), ("yes", "no")])
def test_a_column_without_stop_prices_is_left_out_and_said(cells):
    rows = [f"2024-01-0{day},2024-01-0{day + 1},AAPL,long,2,100,110,{cell}" for day, cell in enumerate(cells, 1)]
    run = read("\n".join([f"{TRIPS},SL", *rows]))
    assert stops(run) == [None, None]
    assert any("'SL' was not read as the price" in warning for warning in run.warnings)


def test_fills_take_stops_where_they_open_and_the_mapping_says_which_column_it_is():
    text = "time,symbol,side,quantity,price,guard\n2024-01-01,AAPL,buy,1,100,96\n2024-01-02,AAPL,sell,1,108,96\n"
    assert stops(read(text)) == [None]
    run = read(text, mapping={"guard": "stop"})
    assert stops(run) == [96.0]
    assert r_of(run) == [2.0]


def test_json_records_name_their_stop():
    record = {"entry_time": "2024-01-01", "exit_time": "2024-01-02", "symbol": "A", "side": "long", "quantity": 1,
              "entry_price": 100, "exit_price": 90, "stop_loss": 95.0}  # fmt: skip
    run = read(json.dumps([record]))
    assert (run.source, stops(run), r_of(run)) == ("json", [95.0], [-2.0])
