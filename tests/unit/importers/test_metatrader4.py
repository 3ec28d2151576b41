import pytest

from backend.importers import ImportOptions, ImportProblem, detect, import_run
from backend.ingest.files import read_run

NO_OPTIONS = ImportOptions()
ENGLISH = ("Symbol", "Period", "Initial deposit", "Total net profit", "Total trades")
FRENCH = ("Symbole", "Période", "Dépot initial", "Profit total net", "Total des Trades")
RUSSIAN = ("Символ", "Период", "Начальный депозит", "Чистая прибыль", "Всего сделок")


def event(number: int, kind: str, order: int, lots: str, price: str, profit: str | None = None, hour: int = 1) -> str:
    tail = "<td colspan=2></td>" if profit is None else f"<td class=mspt>{profit}</td><td class=mspt>0.00</td>"
    return (
        f"<tr align=right><td>{number}</td><td class=msdate>2024.01.{hour:02d} 10:00</td><td>{kind}</td><td>{order}</td>"  # noqa: E501
        f"<td class=mspt>{lots}</td><td>{price}</td><td>0.000</td><td>0.000</td>{tail}</tr>\n"
    )


def page_of_tester(*events: str, labels=ENGLISH, encoding: str = "cp1252", net: str = "15.00") -> bytes:
    six = "<tr align=left><td>{}</td><td>{}</td><td>a</td><td>{}</td><td>b</td><td>{}</td></tr>"
    five = "<tr align=left><td colspan=2>c</td><td>d</td><td>{}</td><td>e</td><td>{}</td></tr>"
    page = [
        "<html><head><title>Strategy Tester: Cross</title></head><body><table>",
        f"<tr><td colspan=2>{labels[0]}</td><td colspan=4>EURUSD (Euro vs US Dollar)</td></tr>",
        f"<tr><td colspan=2>{labels[1]}</td><td colspan=4>M5 2024</td></tr>",
        "<tr><td colspan=2>P</td><td colspan=4>Lots=0.1; Period=26; </td></tr><tr align=left><td colspan=2>",
        six.format("bars", "100", "200", "n/a"), six.format("errors", "0", "", ""), "<tr height=8><td colspan=6></td></tr>",  # noqa: E501
        six.format(labels[2], "10 000.00", "", "2"), six.format(labels[3], net, "25.00", "-10.00"),
        six.format("PF", "2.50", "7.50", ""), six.format("DD", "10.00", "10.00 (0.10%)", "0.10% (10.00)"),
        "<tr height=8><td colspan=6></td></tr>", six.format(labels[4], "2", "1 (0.00%)", "1 (100.00%)"),
        five.format("1 (50.00%)", "1 (50.00%)"), five.format("25.00", "-10.00"), five.format("25.00", "-10.00"),
        five.format("1 (25.00)", "1 (-10.00)"), five.format("25.00 (1)", "-10.00 (1)"), five.format("1", "1"),
        "</table><table><tr><td>#</td><td>T</td><td>T</td><td>O</td><td>S</td><td>P</td><td>S</td><td>T</td><td>P</td><td>B</td></tr>",
        *events, "</table></body></html>",
    ]  # fmt: skip
    return "\n".join(page).encode(encoding)


EVENTS = (
    event(1, "buy", 1, "0.10", "1.10000"), event(2, "modify", 1, "0.10", "1.10000"), event(3, "sell limit", 2, "0.10", "1.2"),  # noqa: E501
    event(4, "t/p", 1, "0.10", "1.10250", "25.00"), event(5, "sell", 2, "0.10", "1.20000"),
    event(6, "close at stop", 2, "0.10", "1.20100", "-10.00"), event(7, "buy stop", 3, "1", "1"), event(8, "delete", 3, "1", "1"),  # noqa: E501
)  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "encoding"), [(ENGLISH, "cp1252"), (FRENCH, "cp1252"), (RUSSIAN, "cp1251"), (RUSSIAN, "utf-8")]
)
def test_tester_report_in_any_language_and_encoding(labels, encoding):
    run, summary = read_run(
        "StrategyTester.htm", page_of_tester(*EVENTS, labels=labels, encoding=encoding), None, NO_OPTIONS
    )
    assert (run.source, run.name, run.initial_cash) == ("metatrader4", "MetaTrader 4 Cross", 10000.0)
    assert [row.action for row in run.positions] == ["buy", "sell", "short", "cover"]
    assert [row.tag for row in run.positions] == [None, "t/p", None, "close at stop"]
    assert (summary.trade_count, summary.net_pnl, summary.win_rate) == (2, 15.0, 50.0)
    assert run.settings["multipliers"] == {"EURUSD": 100000.0}
    assert run.settings["inputs"] == {"Lots": "0.1", "Period": "26"}
    stated = {"total_net_profit": 15.0, "gross_profit": 25.0, "profit_factor": 2.5, "total_trades": 2,
              "maximal_drawdown": 10.0, "relative_drawdown_pct": 0.1, "profit_trades": 1, "largest_loss_trade": -10.0,
              "maximum_consecutive_wins": 1, "average_consecutive_losses": 1}  # fmt: skip
    assert {name: run.published[name] for name in stated} == stated
    assert not any("sum to" in warning for warning in run.warnings)


def test_profits_that_do_not_sum_to_the_stated_net_are_said():
    run = import_run("x", page_of_tester(*EVENTS, net="15.10"), options=NO_OPTIONS)
    assert any("sum to 15.00, the report states 15.10" in warning for warning in run.warnings)


def test_profit_with_swap_in_it_is_believed():
    events = (*EVENTS, event(9, "buy", 4, "0.10", "1.10000"), event(10, "s/l", 4, "0.10", "1.10100", "-3.00"))
    run, summary = read_run("x", page_of_tester(*events), None, NO_OPTIONS)
    assert summary.net_pnl == 12.0
    assert any("In 1 trades" in warning for warning in run.warnings)


def test_rest_of_an_order_closed_in_part_is_found_under_its_new_number():
    events = (event(1, "buy", 1, "0.30", "1.1"), event(2, "close", 1, "0.10", "1.2", "1000.00"),
              event(3, "close", 2, "0.20", "1.3", "4000.00"), event(4, "close", 9, "0.50", "1.3", "1.00"))  # fmt: skip
    run, summary = read_run("x", page_of_tester(*events), None, NO_OPTIONS)
    assert (summary.trade_count, summary.open_count, summary.net_pnl) == (2, 0, 5000.0)
    assert [skip.why for skip in run.skipped] == ["it closes order 9, which the report does not open"]


def test_order_that_is_never_closed_stays_open():
    _, summary = read_run("x", page_of_tester(*EVENTS, event(9, "buy", 4, "0.10", "1.1")), None, NO_OPTIONS)
    assert (summary.trade_count, summary.open_count) == (2, 1)


def statement(*rows: str) -> bytes:
    head = "<tr><td><b>Account: 1</b></td><td><b>Name: N</b></td><td><b>Currency: EUR</b></td></tr>"
    foot = (
        "<tr><td colspan=2><b>Gross Profit:</b></td><td>30.00</td><td><b>Total Net Profit:</b></td><td>19.00</td></tr>"
    )
    return f"<html><title>Statement: 1 - N</title><table>{head}{''.join(rows)}{foot}</table></html>".encode("cp1252")


def ticket(number: int, side: str, *cells: str) -> str:
    dated = "".join(f"<td class=mspt>{cell}</td>" for cell in cells)
    return f"<tr><td title='x'>{number}</td><td class=msdate nowrap>2024.01.02 10:00</td><td>{side}</td>{dated}</tr>"


BALANCE = "<tr><td>1</td><td class=msdate>2024.01.01 00:00</td><td>balance</td><td colspan=10>Deposit</td><td>1 000.00</td></tr>"  # noqa: E501
CLOSED = ticket(
    2, "sell", "0.10", "eurusd", "1.10000", "0", "0", "2024.01.02 12:00", "1.09700", "-7.00", "-1.00", "-3.00", "30.00"
)
OPEN = ticket(3, "buy", "0.10", "eurusd", "1.10000", "0", "0", "", "1.10100", "0.00", "0.00", "0.00", "10.00")
PENDING = ticket(4, "buy limit", "0.10", "eurusd", "1.0", "0", "0", "2024.01.02 12:00", "1.09", "cancelled")


def test_statement_keeps_commission_taxes_and_swap_apart():
    run, summary = read_run("x.htm", statement(BALANCE, CLOSED, OPEN, PENDING), None, NO_OPTIONS)
    assert (run.currency, run.initial_cash, run.settings["report"]) == ("EUR", 1000.0, "statement")
    closing = next(row for row in run.positions if row.action == "cover")
    assert (closing.fees, closing.funding, closing.realized_pnl) == (4.0, 3.0, 19.0)
    assert (summary.trade_count, summary.open_count, summary.net_pnl) == (1, 1, 19.0)
    assert run.published == {"gross_profit": 30.0, "total_net_profit": 19.0}


@pytest.mark.parametrize(
    ("data", "column"),
    [
        (page_of_tester(*EVENTS, event(9, "buy", 4, "0", "1.1")), "Size"),
        (page_of_tester(*EVENTS, event(9, "buy", 4, "1", "NaN")), "Price"),
        (page_of_tester(*EVENTS, event(9, "buy", 4, "1", "1", hour=32)), "Time"),
        (page_of_tester(*EVENTS, event(9, "buy", 4, "1", "1"), event(10, "close", 4, "1", "1", "1,5")), "Profit"),
        (statement(CLOSED.replace("12:00", "25:00")), "Close Time"),
        (statement(CLOSED.replace("30.00", "inf")), "Profit"),
        (statement(CLOSED.replace("eurusd", "")), "Item"),
        (statement(CLOSED.replace("0.10", "-1")), "Size"),
    ],
)
def test_broken_row_is_refused_with_its_column(data, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x", data, options=NO_OPTIONS)
    assert (caught.value.column, caught.value.code) == (column, "bad_value")
    assert caught.value.line


def test_report_without_trades_is_refused_with_advice():
    with pytest.raises(ImportProblem, match="lists no trades"):
        import_run("x", page_of_tester(), options=NO_OPTIONS)


def test_any_other_page_is_not_taken_for_a_report():
    with pytest.raises(ImportProblem) as caught:
        detect("report.htm", b"<html><table><tr><td>2024.01.02 10:00</td></tr></table></html>")
    assert caught.value.status == 415
