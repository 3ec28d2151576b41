import pytest

from backend.importers import ImportOptions, ImportProblem, detect, import_run
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame

NO_OPTIONS = ImportOptions()

# One long trade won 30 of 1000, one short lost 20; the third is open. The same trades in every generation.
OLDEST = """Trade #,Type,Signal,Date/Time,Price,Contracts,Profit,Profit %,Cum. Profit,Cum. Profit %,Run-up,Run-up %,Drawdown,Drawdown %
1,Entry Long,L,2024-01-02 10:00,100,10,30,3,30,3,50,5,10,1
1,Exit Long,TP,2024-01-02 12:00,103,10,30,3,30,3,50,5,10,1
2,Entry Short,S,2024-01-03 10:00,200,5,-20,-2,10,1,15,1.5,25,2.5
2,Exit Short,SL,2024-01-03 12:00,204,5,-20,-2,10,1,15,1.5,25,2.5
3,Entry Long,L,2024-01-04 10:00,100,10,5,0.5,15,1.5,6,0.6,2,0.2
3,Exit Long,Open,2024-01-04 12:00,100.5,10,5,0.5,15,1.5,6,0.6,2,0.2
"""  # noqa: E501
MIDDLE = """\ufeffTrade #,Type,Date and time,Signal,Price USD,Position size (qty),Position size (value),Net P&L USD,Net P&L %,Favorable excursion USD,Favorable excursion %,Adverse excursion USD,Adverse excursion %,Cumulative P&L USD,Cumulative P&L %
1,Exit long,2024-01-02 12:00,TP,103,10,1000,30,3,50,5,-10,-1,30,3
1,Entry long,2024-01-02 10:00,L,100,10,1000,30,3,50,5,-10,-1,30,3
2,Exit short,2024-01-03 12:00,SL,204,5,1000,-20,-2,15,1.5,-25,-2.5,10,1
2,Entry short,2024-01-03 10:00,S,200,5,1000,-20,-2,15,1.5,-25,-2.5,10,1
3,Exit long,2024-01-04 12:00,Open,100.5,10,1000,5,0.5,6,0.6,-2,-0.2,15,1.5
3,Entry long,2024-01-04 10:00,L,100,10,1000,5,0.5,6,0.6,-2,-0.2,15,1.5
"""  # noqa: E501
NEWEST = """Trade number,Type,Date and time,Signal,Price USD,Size (qty),Size (value),Net PnL USD,Return %,Commission USD,Favorable excursion USD,Favorable excursion %,Adverse excursion USD,Adverse excursion %,Cumulative PnL USD,Cumulative PnL %,Duration (bars)
1,Exit long,2024-01-02 12:00,TP,103,10,1000,30,3,0,50,5,-10,-1,30,3,2
1,Entry long,2024-01-02 10:00,L,100,10,1000,30,3,0,50,5,-10,-1,30,3,2
2,Exit short,2024-01-03 12:00,SL,204,5,1000,-20,-2,0,15,1.5,-25,-2.5,10,1,2
2,Entry short,2024-01-03 10:00,S,200,5,1000,-20,-2,0,15,1.5,-25,-2.5,10,1,2
3,Exit long,Open,Open,,10,1000,5,0.5,0,6,0.6,-2,-0.2,15,1.5,2
3,Entry long,2024-01-04 10:00,L,100,10,1000,5,0.5,0,6,0.6,-2,-0.2,15,1.5,2
"""  # noqa: E501
CHINESE = """交易 #,類型,訊號,日期/時間,價格 USDT,合約,獲利 USDT,獲利 %,累計獲利 USDT,累計獲利 %,上漲 USDT,上漲 %,回撤 USDT,回撤 %
1,多頭進場,L,2024-01-02 10:00,100,10,30,3,30,3,50,5,10,1
1,多頭出場,TP,2024-01-02 12:00,103,10,30,3,30,3,50,5,10,1
2,空頭進場,S,2024-01-03 10:00,200,5,-20,-2,10,1,15,1.5,25,2.5
2,空頭出場,SL,2024-01-03 12:00,204,5,-20,-2,10,1,15,1.5,25,2.5
3,多頭進場,L,2024-01-04 10:00,100,10,5,0.5,15,1.5,6,0.6,2,0.2
3,多頭出場,未平倉,2024-01-04 12:00,100.5,10,5,0.5,15,1.5,6,0.6,2,0.2
"""  # noqa: E501
GERMAN = """Trade #;Typ;Datum und Zeit;Signal;Preis EUR;Größe (Menge);Größe (Wert);Netto-GuV EUR;Netto-GuV %;Günstig EUR;Günstig %;Ungünstig EUR;Ungünstig %;Kumulierte GuV EUR;Kumulierte GuV %
1;Ausstieg Long;2024-01-02 12:00;TP;103,0;10;1000,0;30,0;3;50,0;5;-10,0;-1;30,0;3
1;Einstieg Long;2024-01-02 10:00;L;100,0;10;1000,0;30,0;3;50,0;5;-10,0;-1;30,0;3
2;Ausstieg Short;2024-01-03 12:00;SL;204,0;5;1000,0;-20,0;-2;15,0;1,5;-25,0;-2,5;10,0;1
2;Einstieg Short;2024-01-03 10:00;S;200,0;5;1000,0;-20,0;-2;15,0;1,5;-25,0;-2,5;10,0;1
3;Ausstieg Long;2024-01-04 12:00;Offen;100,5;10;1000,0;5,0;0,5;6,0;0,6;-2,0;-0,2;15,0;1,5
3;Einstieg Long;2024-01-04 10:00;L;100,0;10;1000,0;5,0;0,5;6,0;0,6;-2,0;-0,2;15,0;1,5
"""  # noqa: E501
GENERATIONS = [
    pytest.param(OLDEST, "USD", id="oldest"),
    pytest.param(MIDDLE, "USD", id="middle"),
    pytest.param(NEWEST, "USD", id="newest"),
    pytest.param(CHINESE, "USDT", id="chinese"),
    pytest.param(GERMAN, "EUR", id="german"),
]


def reversed_rows(text: str) -> str:
    head, *rows = text.strip().split("\n")
    return "\n".join([head, *reversed(rows)])


@pytest.mark.parametrize("turned", [False, True], ids=["as exported", "rows reversed"])
@pytest.mark.parametrize(("text", "currency"), GENERATIONS)
def test_every_generation_order_and_language_gives_the_same_trades(text, currency, turned):
    data = (reversed_rows(text) if turned else text).encode()
    run, summary = read_run("export.csv", data, None, NO_OPTIONS)
    closing = {row.trade_ref: row for row in run.positions if row.realized_pnl is not None}
    opening = {row.trade_ref: row for row in run.positions if row.realized_pnl is None and row.trade_ref}
    assert (run.source, run.currency, run.initial_cash) == ("tradingview", currency, 1000.0)
    assert (summary.trade_count, summary.open_count, summary.net_pnl) == (2, 1, 10.0)
    assert [opening[ref].action for ref in "123"] == ["buy", "short", "buy"]
    assert (opening["1"].tag, closing["1"].tag, closing["1"].price) == ("L", "TP", 103.0)
    assert (closing["1"].low_price, closing["1"].high_price) == (99.0, 105.0)
    assert (closing["2"].low_price, closing["2"].high_price) == (197.0, 205.0)
    assert run.published == {"cumulative_pnl": 15.0, "cumulative_pnl_pct": 1.5}
    assert sum(row.fees for row in run.positions) == 0


def test_an_open_trade_is_marked_at_the_price_its_exit_row_shows():
    run, summary = read_run("x.csv", MIDDLE.encode(), None, NO_OPTIONS)
    assert (run.positions[-1].action, run.positions[-1].price, run.positions[-1].tag) == ("hold", 100.5, "mark")
    assert summary.open_pnl == 5.0


def test_the_chart_zone_may_be_named_and_is_otherwise_said_to_be_unknown():
    assert any(
        "chart's time zone" in warning for warning in import_run("x", OLDEST.encode(), options=NO_OPTIONS).warnings
    )
    run = import_run("x", OLDEST.encode(), options=ImportOptions(timezone="America/New_York"))
    assert run.positions[0].ts.hour == 15
    assert not any("chart's time zone" in warning for warning in run.warnings)


def test_symbol_and_strategy_come_from_the_name_tradingview_gives_its_files():
    run = import_run("My_Cross_BINANCE_ETHUSDT.P_2026-03-05.csv", OLDEST.encode(), options=NO_OPTIONS)
    assert {row.symbol for row in run.positions} == {"BINANCE:ETHUSDT.P"}
    assert run.settings["strategy"] == "My Cross"


def test_stated_commission_is_parted_and_net_is_the_stated_one():
    text = NEWEST.replace(",30,3,0,50", ",28,2.8,2,50")
    run, summary = read_run("x.csv", text.encode(), None, NO_OPTIONS)
    assert summary.net_pnl == 8.0
    assert sum(row.fees for row in run.positions) == 2.0
    assert imported_frame(run).trades.gross_pnl[0] == 30.0


def test_commission_that_is_not_listed_is_what_the_profit_falls_short_of():
    text = MIDDLE.replace(",30,3,50", ",27.97,2.8,50").replace(",-20,-2,15", ",-22.02,-2.2,15")
    run, summary = read_run("x.csv", text.encode(), None, NO_OPTIONS)
    assert summary.net_pnl == pytest.approx(5.95)
    assert sum(row.fees for row in run.positions) == pytest.approx(4.05)
    assert any("4.05 was taken" in warning for warning in run.warnings)


def test_profit_in_another_currency_is_believed():
    text = OLDEST.replace("Price,", "Price USDT,").replace("Profit,Profit", "Profit EUR,Profit")
    text = text.replace(",30,3,30", ",27,3,27").replace(",-20,-2,10", ",-18.4,-2,8.6")
    run, summary = read_run("x.csv", text.encode(), None, NO_OPTIONS)
    assert (run.currency, summary.net_pnl) == ("EUR", pytest.approx(8.6))
    assert any("Prices are in USDT, P&L is in EUR" in warning for warning in run.warnings)


def test_contracts_of_fifty_are_found_by_their_value():
    text = MIDDLE.replace(",1000,", ",50000,").replace(",30,3,50", ",1500,3,50").replace(",-20,-2,15", ",-1000,-2,15")
    run, summary = read_run("CME_MINI_ES1!_2024-01-05.csv", text.encode(), None, NO_OPTIONS)
    assert run.settings["multipliers"] == {"CME_MINI:ES1!": 50.0}
    assert (summary.net_pnl, summary.open_pnl) == (500.0, 250.0)


def test_a_plain_table_with_repeated_order_ids_is_not_taken_for_trades():
    plain = "id,side,time,symbol,price,quantity,fee\n1,buy,2024-01-02,A,1,1,0\n1,sell,2024-01-02,A,1,1,0\n"
    assert detect("x.csv", plain.encode()).name == "csv"


LINE = "1,Exit long,2024-01-02 12:00,TP,103,10,1000,30,3,50,5,-10,-1,30,3"


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        (LINE.replace("2024-01-02 12:00", "2024-01-32 12:00"), 2, "Date and time"),
        (LINE.replace("2024-01-02", "2023-01-02"), 2, "Date and time"),
        (LINE.replace(",30,3,", ",NaN,3,"), 2, "Net P&L USD"),
        (LINE.replace("Exit long", "Entry long"), 3, "Type"),
        (LINE.replace("1,Exit", ",Exit"), 2, "Trade #"),
        (LINE + "\n" + LINE, 4, "Trade #"),
        (LINE.replace("103", "1e999"), 2, "Price USD"),
        (LINE.replace("103", "-103"), 2, "Price USD"),
        (LINE.replace("103", ""), 2, "Price USD"),
    ],
)
def test_broken_row_is_refused_with_line_and_column(row, line, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x.csv", MIDDLE.replace(LINE, row).encode(), options=NO_OPTIONS)
    assert (caught.value.line, caught.value.column, caught.value.code) == (line, column, "bad_value")


def test_closed_trade_without_a_profit_is_refused():
    with pytest.raises(ImportProblem) as caught:
        import_run("x.csv", MIDDLE.replace(",30,3,50", ",,3,50").encode(), options=NO_OPTIONS)
    assert (caught.value.line, caught.value.column) == (2, "Net P&L USD")


def test_list_without_a_profit_is_refused():
    with pytest.raises(ImportProblem) as caught:
        import_run("x", b"a,b,c,d,e,f,g %\n1,2,3,4,5,6,7\n", format="tradingview", options=NO_OPTIONS)
    assert caught.value.code == "missing_columns"
