from datetime import UTC, datetime

import pytest

from backend.importers import ImportOptions, ImportProblem, import_run
from backend.ingest.files import read_run
from backend.ingest.imported_frame import imported_frame

NO_OPTIONS = ImportOptions()
BALANCE = ("2024.01.01 00:00:00", "1", "", "balance", "", "", "", "", "0.00", "0.00", "10 000.00", "10 000.00", "")
ENGLISH = ("Total Net Profit:", "Gross Profit:", "Gross Loss:", "Profit Factor:", "Total Trades:", "Deposit:")
GERMAN = ("Nettogewinn gesamt:", "Bruttogewinn:", "Bruttoverlust:", "Profitfaktor:", "Gesamtanzahl Trades:", "Einlage:")


def deal(number: int, side: str, direction: str, volume: str, price: str, profit: str = "0.00", *, commission="0.00",
         swap="0.00", symbol="XAUUSD", comment="", fee: str | None = None, cost: str | None = None):  # fmt: skip
    extra = [cost] if cost is not None else []
    fees = [fee] if fee is not None else []
    return (f"2024.01.02 {number:02d}:00:00", str(number), symbol, side, direction, volume, price, str(number), *extra,
            commission, *fees, swap, profit, "0.00", comment)  # fmt: skip


def table(rows, tag: str = "td") -> str:
    return "".join("<tr align=right>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>\n" for row in rows)


def report(*deals, labels=ENGLISH, net="-6.11", encoding="utf-16", currency="USD") -> bytes:
    settings = [("Expert:", "<b>Cross</b>"), ("Symbol:", "<b>XAUUSD</b>"), ("Period:", "<b>M5</b>"),
                ("Inputs:", "<b>Fast=20</b>"), ("", "<b>Slow=50</b>"), ("Currency:", f"<b>{currency}</b>")]  # fmt: skip
    results = [
        (labels[0], net, "Balance:", "6.11", "Equity:", "6.11"),
        (labels[1], "6.69", "a:", "1 012.80 (68.49%)", "b:", "13.30 (69.31%)"),
        (labels[2], "-12.80", "a:", "68.49% (12.80)", "b:", "69.31% (13.30)"),
        (labels[3], "0.52", "c:", "-2.04", "d:", "96.39%"),
        ("e:", "-0.46", "f:", "-2.49", "g:", "0.35 (27.37%)"),
        ("h:", "0.9084 (-9.16%)", "i:", "-0.84", "j:", "0"),
        ("k:", "0.7888 (-21.12%)", "l:", "5.17", "", ""),
        (labels[4], "3", "m:", "0 (0.00%)", "n:", "3 (33.33%)"),
    ]  # fmt: skip
    header = [
        [
            "Time",
            "Deal",
            "Symbol",
            "Type",
            "Direction",
            "Volume",
            "Price",
            "Order",
            "Commission",
            "Swap",
            "Profit",
            "Balance",
            "Comment",
        ]
    ]
    body = table(settings) + table(results) + table(header, "th") + table([BALANCE, *deals])
    total = "<tr><td colspan=8></td><td>0.00</td><td>0.00</td><td>-6.11</td><td>5.89</td><td></td></tr>"
    page = f"<html><head><title>Strategy Tester Report</title></head><body><table>{body}{total}</table></body></html>"
    return page.encode(encoding)


def trades_of(data: bytes):
    run, summary = read_run("report.html", data, None, NO_OPTIONS)
    closing = {row.trade_ref: row for row in run.positions if row.realized_pnl is not None}
    opening = {row.trade_ref: row for row in run.positions if row.action in ("buy", "short")}
    return run, summary, opening, closing


SIMPLE = (
    deal(2, "buy", "in", "0.01", "2071.89", comment="entry"),
    deal(3, "sell", "out", "0.01", "2078.58", "6.69", comment="tp 2078.58"),
)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("labels", [ENGLISH, GERMAN], ids=["english", "german"])
def test_tester_report_in_any_language_and_encoding(labels, encoding):
    run, summary, opening, closing = trades_of(report(*SIMPLE, labels=labels, encoding=encoding))
    assert (run.source, run.currency, run.initial_cash, run.name) == (
        "metatrader5",
        "USD",
        10000.0,
        "MetaTrader 5 Cross",
    )
    assert (summary.trade_count, summary.net_pnl) == (1, 6.69)
    assert (opening["3"].price, opening["3"].tag, closing["3"].tag) == (2071.89, "entry", "tp 2078.58")
    assert opening["3"].ts == datetime(2024, 1, 2, 2, tzinfo=UTC)
    assert run.settings["inputs"] == {"Fast": "20", "Slow": "50"}
    assert run.settings["multipliers"] == {"XAUUSD": 100.0}
    stated = {"total_net_profit": -6.11, "profit_factor": 0.52, "total_trades": 3, "long_trades_pct": 33.33,
              "balance_drawdown_maximal": 1012.8, "equity_drawdown_maximal_pct": 69.31, "sharpe_ratio": -2.49}  # fmt: skip  # noqa: E501
    assert {name: run.published[name] for name in stated} == stated
    assert any("sums to 6.69, the report states -6.11" in warning for warning in run.warnings)


def test_net_is_profit_and_swap_and_commission_of_both_deals_to_the_cent():
    deals = (
        deal(2, "sell", "in", "1.00", "1.10000", symbol="EURUSD", commission="-3.50"),
        deal(3, "buy", "out", "1.00", "1.09000", "1 000.00", symbol="EURUSD", commission="-3.50", swap="-2.25"),
    )
    run, summary, opening, closing = trades_of(report(*deals))
    assert (opening["3"].fees, closing["3"].fees, closing["3"].funding) == (3.5, 3.5, 2.25)
    assert (closing["3"].realized_pnl, summary.net_pnl) == (990.75, 990.75)
    assert run.settings["multipliers"] == {"EURUSD": 100000.0}


@pytest.mark.parametrize("extra", [{"fee": "-1.00"}, {"fee": "-1.00", "cost": "1.20"}], ids=["fee", "fee and cost"])
def test_newer_reports_have_a_fee_and_a_cost_column(extra):
    deals = (deal(2, "buy", "in", "0.01", "2000", commission="-2.00", **extra),
             deal(3, "sell", "out", "0.01", "2010", "10.00", swap="-0.50", **extra))  # fmt: skip
    assert trades_of(report(*deals))[1].net_pnl == 5.5


def test_stacked_positions_are_told_apart_by_the_profit_they_made():
    deals = (
        deal(2, "buy", "in", "0.01", "2000"), deal(3, "sell", "out", "0.01", "2010", "10.00"),
        deal(4, "buy", "in", "0.01", "2000"), deal(5, "buy", "in", "0.01", "2020"), deal(6, "buy", "in", "0.01", "2040"),  # noqa: E501
        deal(7, "sell", "out", "0.01", "2030", "10.00"), deal(8, "sell", "out", "0.01", "2030", "-10.00"),
        deal(9, "sell", "out", "0.01", "2030", "30.00"),
    )  # fmt: skip
    run, summary, opening, _ = trades_of(report(*deals))
    assert [opening[ref].price for ref in "3789"] == [2000, 2020, 2040, 2000]
    assert (summary.trade_count, summary.net_pnl) == (4, 40.0)
    assert not any("oldest" in warning for warning in run.warnings)


def test_netting_account_closes_a_share_of_every_lot():
    deals = (
        deal(2, "buy", "in", "0.01", "2000"), deal(3, "sell", "out", "0.01", "2010", "10.00"),
        deal(4, "buy", "in", "0.01", "2000", commission="-1.00"), deal(5, "buy", "in", "0.03", "2040"),
        deal(6, "sell", "out", "0.02", "2050", "40.00"), deal(7, "sell", "out", "0.02", "2060", "60.00"),
    )  # fmt: skip
    run, summary, _, closing = trades_of(report(*deals))
    assert [(row.quantity, row.price) for row in run.positions if row.trade_ref == "6"][:2] == [
        (pytest.approx(0.005), 2000), (pytest.approx(0.015), 2040),
    ]  # fmt: skip
    assert closing["6"].realized_pnl == pytest.approx(39.5)
    assert (summary.trade_count, summary.open_count, summary.net_pnl) == (3, 0, pytest.approx(109.0))
    assert list(imported_frame(run).trades.multiplier) == pytest.approx([100.0] * 3)


def test_reversal_partial_close_and_what_stays_open():
    deals = (
        deal(2, "buy", "in", "0.03", "2000"), deal(3, "sell", "out", "0.01", "2010", "10.00"),
        deal(4, "sell", "in/out", "0.05", "2020", "40.00"),
    )  # fmt: skip
    _, summary, opening, _ = trades_of(report(*deals))
    assert (summary.trade_count, summary.open_count, summary.net_pnl) == (2, 1, 50.0)
    assert (opening["4 open"].action, opening["4 open"].quantity) == ("short", pytest.approx(0.03))
    assert opening["4"].quantity == pytest.approx(0.02)


def test_profit_converted_to_the_accounts_currency_is_believed():
    deals = [
        deal(2, "buy", "in", "0.10", "157.000", symbol="USDJPY"),
        deal(3, "sell", "out", "0.10", "158.000", "63.29", symbol="USDJPY"),
        deal(4, "buy", "in", "0.10", "140.000", symbol="USDJPY"),
        deal(5, "sell", "out", "0.10", "139.000", "-71.94", symbol="USDJPY"),
    ]
    _, summary, _, _ = trades_of(report(*deals))
    assert summary.net_pnl == pytest.approx(-8.65)


def test_history_without_deals_is_read_from_its_positions_and_hidden_cells_are_left_out():
    position = ("2024.01.02 02:00:00", "77", "EURUSD", "sell", "1.00", "1.10000", "", "", "2024.01.02 03:00:00", "1.09000",  # noqa: E501
                "-7.00", "-2.25", "1 000.00")  # fmt: skip
    cells = "".join(f"<td>{cell}</td>" for cell in position)
    row = f"<tr>{cells[: cells.index('<td>1.00')]}<td class='hidden' colspan=8>note</td>{cells[cells.index('<td>1.00') :]}</tr>"  # noqa: E501
    account = "<tr><th>Account:</th><th>123 (EUR, Broker-Real, real, Hedge)</th></tr>"
    page = f"<html><head><title>123: Trade History Report</title></head><table>{account}{row}</table></html>"
    run, summary, _, closing = trades_of(page.encode("utf-16"))
    assert (run.currency, summary.net_pnl) == ("EUR", 990.75)
    assert closing["77.1"].funding == 2.25


def test_deposits_after_the_first_trade_and_charges_are_said():
    later = ("2024.01.03 00:00:00", "9", "", "balance", "", "", "", "", "0.00", "0.00", "500.00", "0.00", "")
    charge = ("2024.01.03 00:00:00", "10", "", "commission daily", "", "", "", "", "-1.50", "0.00", "0.00", "0.00", "")
    run = import_run("x", report(*SIMPLE, later, charge), options=NO_OPTIONS)
    assert run.initial_cash == 10000.0
    assert any("1 deposits" in warning for warning in run.warnings)
    assert any("-1.50" in warning for warning in run.warnings)


def test_broker_time_may_be_named():
    run = import_run("x", report(*SIMPLE), options=ImportOptions(timezone="Europe/Athens"))
    assert run.positions[0].ts.hour == 0
    assert not any("broker's" in warning for warning in run.warnings)


def test_a_closing_deal_without_its_opening_is_skipped_by_row():
    run = import_run("x", report(SIMPLE[1]), options=NO_OPTIONS)
    assert run.positions == []
    assert [skip.why for skip in run.skipped] == ["deal 3 closes a position the report does not open"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (deal(2, "buy", "in", "x", "2000"), "Volume"),
        (deal(2, "buy", "in", "0", "2000"), "Volume"),
        (deal(2, "buy", "in", "1", "NaN"), "Price"),
        (deal(2, "buy", "in", "1", "-5"), "Price"),
        (deal(2, "buy", "in", "1", "5", "1,5"), "Profit"),
        (deal(2, "buy", "in", "1", "5", commission="inf"), "Commission"),
        (deal(2, "buy", "in", "1", "5", symbol=""), "Symbol"),
        (deal(25, "buy", "in", "1", "5"), "Time"),
    ],
)
def test_broken_deal_is_refused_with_row_and_column(row, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x", report(*SIMPLE, row), options=NO_OPTIONS)
    assert (caught.value.column, caught.value.code) == (column, "bad_value")
    assert caught.value.line == 19


def test_many_positions_open_at_once_stay_within_bounds():
    ins = [deal(2, "buy", "in", "0.01", f"{2000 + number}") for number in range(2000)]
    outs = [deal(3, "sell", "out", "0.01", "2500", "1.00") for _ in range(2000)]
    _, summary, _, _ = trades_of(report(*ins, *outs))
    assert (summary.trade_count, summary.net_pnl) == (2000, pytest.approx(2000.0))
