"""Flex queries as XML: the same run as the CSV of the same query, and nothing but elements and attributes."""

from datetime import UTC, datetime

import pytest

from backend.importers import ImportOptions, ImportProblem, detect, import_run, parsing

NO_OPTIONS = ImportOptions()
TRADE = (
    '<Trade accountId="U1" currency="{currency}" assetCategory="STK" symbol="{symbol}" multiplier="{multiplier}" '
    'tradeID="1" dateTime="{at}" tradeDate="20240115" quantity="{quantity}" tradePrice="{price}" taxes="0" '
    'ibCommission="{fee}" ibCommissionCurrency="USD" fifoPnlRealized="{pnl}" buySell="{side}" '
    'levelOfDetail="{level}" />'
)


def trade(
    quantity: float,
    price: float,
    *,
    at: str = "20240115;093000",
    symbol: str = "AAPL",
    side: str | None = None,
    fee: float = -1,
    pnl: float = 0,
    currency: str = "USD",
    multiplier: float = 1,
    level: str = "EXECUTION",
) -> str:
    return TRADE.format(
        quantity=quantity, price=price, at=at, symbol=symbol, side=side or ("BUY" if quantity > 0 else "SELL"),
        fee=fee, pnl=pnl, currency=currency, multiplier=multiplier, level=level,
    )  # fmt: skip


def query(*rows: str, kind: str = "Trades", head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> bytes:
    return (
        f'{head}<FlexQueryResponse queryName="q" type="AF"><FlexStatements count="1"><FlexStatement accountId="U1">'
        f'<CashTransactions><CashTransaction amount="5" currency="USD" /></CashTransactions><{kind}>{"".join(rows)}'
        f"</{kind}></FlexStatement></FlexStatements></FlexQueryResponse>"
    ).encode()


def test_executions_are_read_and_what_repeats_them_is_left_out():
    data = query(
        trade(100, 10),
        trade(100, 10, level="ORDER"),
        '<Lot symbol="AAPL" quantity="60" levelOfDetail="CLOSED_LOT" />',
        trade(-60, 12, at="20240116;100000", pnl=118),
    )
    run = import_run("flex.xml", data, options=NO_OPTIONS)
    assert detect("x", data).name == run.source == "interactive-brokers"
    assert [(row.action, row.quantity, row.price, row.fees) for row in run.positions] == [
        ("buy", 100, 10, 1),
        ("sell", 60, 12, 1),
    ]
    assert run.positions[0].ts == datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
    assert run.published == {"realized_pnl": 118}
    assert [skipped.line for skipped in run.skipped] == [2]


@pytest.mark.parametrize(
    "at", ["20240115;093000", "2024-01-15;09:30:00", "2024-01-15, 09:30:00", "2024-01-1509:30:00", "20240115093000"]
)
def test_moments_are_read_however_the_query_writes_them(at):
    run = import_run("flex.xml", query(trade(1, 10, at=at)), options=NO_OPTIONS)
    assert run.positions[0].ts == datetime(2024, 1, 15, 9, 30, tzinfo=UTC)


def test_a_query_without_datetime_has_its_day_and_time():
    row = trade(1, 10).replace('dateTime="20240115;093000"', 'tradeTime="09:30:00"')
    assert import_run("x", query(row), options=NO_OPTIONS).positions[0].ts == datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
    day = trade(1, 10).replace('dateTime="20240115;093000"', "")
    assert import_run("x", query(day), options=NO_OPTIONS).positions[0].ts == datetime(2024, 1, 15, tzinfo=UTC)


def test_trade_confirmations_are_read():
    row = (
        '<TradeConfirm symbol="ES" currency="USD" quantity="-2" price="4000" commission="-4" multiplier="50" '
        'commissionCurrency="USD" dateTime="20240115;093000" buySell="SELL" levelOfDetail="EXECUTION" />'
    )
    run = import_run("x", query(row, kind="TradeConfirms"), options=NO_OPTIONS)
    assert [(p.action, p.quantity, p.price, p.fees) for p in run.positions] == [("short", 2, 4000, 4)]
    assert run.settings["multipliers"] == {"ES": 50}


def test_a_cancelled_execution_is_taken_back():
    data = query(trade(100, 10), trade(-100, 10, side="BUY (Ca.)", fee=1, at="20240115;093001"))
    run = import_run("x", data, options=NO_OPTIONS)
    assert [(row.action, row.quantity, row.fees) for row in run.positions] == [("buy", 100, 1), ("sell", 100, -1)]
    assert any("cancel" in warning for warning in run.warnings)


def test_several_currencies_are_asked_about():
    data = query(trade(1, 10), trade(1, 10, currency="EUR"))
    with pytest.raises(ImportProblem) as caught:
        import_run("x", data, options=NO_OPTIONS)
    assert caught.value.code == "several_currencies"
    assert len(import_run("x", data, options=ImportOptions(currency="EUR")).positions) == 1


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]>', "entities"),
        ('<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">', "entities"),
        ("<!doctype x>", "entities"),
    ],
)
def test_a_document_type_is_refused(head, why):
    with pytest.raises(ImportProblem, match=why) as caught:
        import_run("x.xml", query(trade(1, 10), head=head), options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (422, "bad_xml")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(query(trade(1, 10))[:-60], "bad_xml", id="cut"),
        pytest.param(query(trade(1, 10)).replace(b'"AAPL"', b'"&nothing;"'), "bad_xml", id="unknown entity"),
        pytest.param(query("<a>" * 60 + trade(1, 10) + "</a>" * 60), "bad_xml", id="depth"),
        pytest.param(b"<FlexQueryResponse>" + b"<a>" * 100_000, "bad_xml", id="depth beyond the parser"),
        pytest.param(query(), "empty_file", id="no trades"),
        pytest.param(query(trade(1, 10, at="20249999;000000")), "bad_value", id="impossible date"),
        pytest.param(query(trade(1, float("nan"))), "bad_value", id="nan"),
        pytest.param(query(trade(float("inf"), 1)), "bad_value", id="infinity"),
        pytest.param(query('<Trade symbol="A" quantity="1" tradePrice="1" />'), "bad_value", id="no time"),
    ],
)
def test_a_damaged_query_is_refused(data, code):
    with pytest.raises(ImportProblem) as caught:
        import_run("x.xml", data, options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (422, code)


def test_rows_beyond_the_limit_are_413(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_ROWS", 3)
    with pytest.raises(ImportProblem) as caught:
        import_run("x.xml", query(*[trade(1, 10)] * 4), options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (413, "too_large")


def test_a_utf16_query_is_read():
    text = query(trade(1, 10), head='<?xml version="1.0" encoding="UTF-16"?>').decode()
    assert len(import_run("x.xml", text.encode("utf-16"), options=NO_OPTIONS).positions) == 1


def test_a_multiplier_that_no_contract_has_is_refused():
    with pytest.raises(ImportProblem, match="A point of AAPL is worth more") as caught:
        import_run("x", query(trade(1, 10), trade(-1, 11, multiplier=1e300)), options=NO_OPTIONS)
    assert caught.value.code == "bad_value"
