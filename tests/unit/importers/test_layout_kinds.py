# ruff: noqa: E501 - rows of files stand as they are written
"""What makes brokers' tables be read wrong, each in a small file with the value worked by hand."""

import pytest

from backend.analysis import calculate_metrics
from backend.importers import ImportedRun, ImportOptions, ImportProblem, detect, import_run
from backend.ingest.imported_frame import imported_frame

BINANCE = "Date(UTC),Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Quote Asset\n"
BINANCE_2026 = "Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,Trade ID,Order ID\n"
BYBIT = (
    "Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,"
    "Wallet Balance,Action,Time(UTC)\n"
)
OKX = (
    "UID:1,Account Type:Main,Time Zone:UTC+0\nid,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,"
    "Filled Price,PnL,Fee,Fee Unit,Position Change,Position Balance,Balance Change,Balance,Balance Unit\n"
)
SCHWAB = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'
ROBINHOOD = (
    '"Activity Date","Process Date","Settle Date","Instrument","Description","Trans Code","Quantity","Price","Amount"\n'
)
TRADING212 = (
    "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result,"
    "Currency (Result),Total,Currency (Total)\n"
)
NINJATRADER = (
    "Trade number;Instrument;Account;Strategy;Market pos.;Qty;Entry price;Exit price;Entry time;Exit time;Entry name;"
    "Exit name;Profit;Cum. net profit;Commission;MAE;MFE;\n"
)
TASTYTRADE = (
    "Date,Type,Sub Type,Action,Symbol,Instrument Type,Description,Value,Quantity,Average Price,Commissions,Fees,"
    "Multiplier,Root Symbol,Underlying Symbol,Expiration Date,Strike Price,Call or Put,Order #,Total,Currency\n"
)
TRADES = (
    "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,C. Price,Proceeds,"
    "Comm/Fee,Basis,Realized P/L,MTM P/L,Code\n"
)
STATEMENT = f"Statement,Header,Field Name,Field Value\nStatement,Data,BrokerName,Interactive Brokers\n{TRADES}"
INSTRUMENTS = "Financial Instrument Information,Header,Asset Category,Symbol,Description,Conid,Multiplier,Expiry,Code\n"
ACTIONS = (
    "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,Proceeds,Value,"
    "Realized P/L,Code\n"
)
FLEX_TRADE = (
    '<Trade accountId="{account}" currency="USD" assetCategory="{kind}" symbol="{symbol}" multiplier="{multiplier}" '
    'dateTime="{at}" quantity="{quantity}" tradePrice="{price}" ibCommission="-1" ibCommissionCurrency="USD" '
    'buySell="{side}" openCloseIndicator="{effect}" fifoPnlRealized="{pnl}" levelOfDetail="EXECUTION" />'
)


def read(text: str, **options: object) -> ImportedRun:
    return import_run("file.csv", text.encode(), options=ImportOptions(**options))  # type: ignore[arg-type]


def figures(run: ImportedRun) -> dict[str, float]:
    found = calculate_metrics(imported_frame(run), "all").figures
    return {name: figure.value for name, figure in found.items() if isinstance(figure.value, int | float)}


def flex(*trades: str, more: str = "") -> str:
    return (
        '<FlexQueryResponse queryName="q" type="AF"><FlexStatements count="1"><FlexStatement accountId="U1"><Trades>'
        f"{''.join(trades)}</Trades>{more}</FlexStatement></FlexStatements></FlexQueryResponse>"
    )


def trade(at: str, quantity: float, price: float, effect: str, pnl: float = 0, **other: object) -> str:
    values = {"account": "U1", "kind": "STK", "symbol": "MNO", "multiplier": 1, **other}
    side = "BUY" if quantity > 0 else "SELL"
    return FLEX_TRADE.format(at=at, quantity=quantity, price=price, effect=effect, pnl=pnl, side=side, **values)


# name → (file, closed trades, net, currency)
KINDS = {
    # 8 × 100 × (1/80000 − 1/100000) = 0.002, less 0.000009.
    "inverse contracts of 100 dollars": (
        f"{OKX}1,11,2026-02-16 10:00:00,Perpetual swap,BTC-USD-SWAP,Buy,8,cont,80000,0,-0.000005,BTC,8,8,-0.000005,1,BTC\n"
        "2,12,2026-02-16 12:00:00,Perpetual swap,BTC-USD-SWAP,Sell,8,cont,100000,0.002,-0.000004,BTC,-8,0,0.001996,1,BTC\n",
        1, 0.001991, "BTC",
    ),
    "inverse contracts of one dollar": (
        f"{BYBIT}1,BTC,BTCUSD,TRADE,SELL,-800,0,100000,0,-0.000004,0.002,0.001996,1.001991,CLOSE,2026-02-16 12:00:00\n"
        "1,BTC,BTCUSD,TRADE,BUY,800,800,80000,0,-0.000005,0,-0.000005,0.999995,OPEN,2026-02-16 10:00:00\n",
        1, 0.001991, "BTC",
    ),
    # 10 × 10 × (1/2000 − 1/2500) = 0.01.
    "inverse contracts of 10 dollars": (
        f"{BINANCE}2026-02-16 10:00:00,ETHUSD_PERP,BUY,2000,10,0.05,0.00002,0,ETH\n"
        "2026-02-16 12:00:00,ETHUSD_PERP,SELL,2500,10,0.04,0.00002,0.01,ETH\n",
        1, 0.00996, "ETH",
    ),
    "fees in a third coin stay in it": (
        f"{BINANCE_2026}1,26-02-17 09:34:12,ETHUSDT,BUY,1970,1,1970,0.0005 BNB,30,true,false,2,2\n"
        "1,26-02-17 08:34:12,ETHUSDT,SELL,2000,1,2000,0.0005 BNB,0,false,false,1,1\n",
        1, 30, "USDT",
    ),
    # (6005 − 6000) × 2 × 5 − 2.40; (6010 − 6014) × 2 × 5 − 2.40.
    "decimal commas and days first": (
        f"{NINJATRADER}1;MES 03-26;S;S;Long;2;6000,00;6005,00;17.02.2026 09:31:00;17.02.2026 09:41:00;E;T;47,60 $;47,60 $;"
        "2,40 $;5,00 $;60,00 $;\n2;MES 03-26;S;S;Short;2;6010,00;6014,00;18.02.2026 09:31:00;18.02.2026 09:41:00;E;S;"
        "-42,40 $;5,20 $;2,40 $;45,00 $;2,00 $;\n",
        2, 5.2, "USD",
    ),
    "options of a statement that lists no instruments": (
        f'{STATEMENT}Trades,Data,Order,Equity and Index Options,USD,STU 20MAR26 100 C,"2026-02-16, 10:31:22",1,3.00,3.1,-300,'
        '-1,301,0,0,O\nTrades,Data,Order,Equity and Index Options,USD,STU 20MAR26 100 C,"2026-02-17, 10:31:22",-1,4.00,4.1,'
        "400,-1,-301,98,0,C;P\n",
        1, 98, "USD",
    ),
    "multipliers that a statement lists": (
        f'{STATEMENT}Trades,Data,Order,Futures,USD,XYZH6,"2026-02-16, 11:00:00",-1,6010,6001,0,-0.62,0,0,0,O\n'
        'Trades,Data,Order,Futures,USD,XYZH6,"2026-02-16, 12:00:00",1,6000,6001,0,-0.62,0,68.76,0,C\n'
        f"{INSTRUMENTS}Financial Instrument Information,Data,Futures,XYZH6,XYZ 20MAR26,2,7,2026-03-20,\n",
        1, 68.76, "USD",
    ),
    # A bond in percent 100 − 2; a split 1200 − 1000 − 2; a holding from before the file, as its P&L says.
    "bonds, splits and older holdings of a statement": (
        f'{STATEMENT}Trades,Data,Order,Bonds,USD,T 4 1/4 12/31/27,"2026-02-10, 10:00:00","10,000",99.5,99.5,-9950,-1,9951,0,'
        '0,O\nTrades,Data,Order,Bonds,USD,T 4 1/4 12/31/27,"2026-09-07, 10:00:00","-10,000",100.5,100.5,10050,-1,-9951,98,'
        '0,C\nTrades,Data,Order,Stocks,USD,KLO,"2026-01-15, 10:00:00",5,200,200,-1000,-1,1001,0,0,O\n'
        'Trades,Data,Order,Stocks,USD,KLO,"2026-07-15, 10:00:00",-20,60,60,1200,-1,-1001,198,0,C\n'
        'Trades,Data,Order,Stocks,USD,MNO,"2026-01-15, 11:00:00",-10,50,50,500,-1,-400,99,0,C\n'
        f'{ACTIONS}Corporate Actions,Data,Stocks,USD,2026-06-01,"2026-06-01, 20:25:00","KLO(US0) Split 4 for 1 (KLO, KLO '
        'INC, US0)",15,0,0,0,\n',
        3, 395, "USD",
    ),
    "bonds in percent, as the amounts show": (
        f'{SCHWAB}"09/07/2026","Sell","912828YY0","US TREASURY NOTE","10,000","$100.50","","$10,050.00"\n'
        '"02/10/2026","Buy","912828YY0","US TREASURY NOTE","10,000","$99.50","","-$9,950.00"\n',
        1, 100, "USD",
    ),
    "a split by the shares that it added": (
        f'{ROBINHOOD}"7/15/2026","","","KLO","KLO","Sell","20","$60.00","$1,200.00"\n'
        '"6/1/2026","","","KLO","KLO split","SPL","15","",""\n"1/15/2026","","","KLO","KLO","Buy","5","$200.00","($1,000.00)"\n',
        1, 200, "USD",
    ),
    "a reverse split": (
        f'{SCHWAB}"07/15/2026","Sell","KLO","KLO INC","10","$15.00","","$150.00"\n'
        '"06/01/2026","Reverse Split","KLO","KLO INC","-90","","",""\n'
        '"01/15/2026","Buy","KLO","KLO INC","100","$2.00","","-$200.00"\n',
        1, -50, "USD",
    ),
    "a split as the holding before and after it": (
        f"{TRADING212}Market buy,2026-01-17 09:00:00,X,KLO,Klo,5,200.00,USD,1.00,,USD,1000.00,USD\n"
        "Stock split close,2026-06-01 09:00:00,X,KLO,Klo,5,200.00,USD,1.00,,USD,1000.00,USD\n"
        "Stock split open,2026-06-01 09:00:00,X,KLO,Klo,20,50.00,USD,1.00,,USD,1000.00,USD\n"
        "Market sell,2026-07-17 09:00:00,X,KLO,Klo,20,60.00,USD,1.00,200,USD,1200.00,USD\n",
        1, 200, "USD",
    ),
    # Its profit is 20 before its fee of 0.54; what the opening cost the file does not say.
    "a closing whose opening the file does not hold": (
        f"{BYBIT}1,USDT,ETHUSDT,TRADE,BUY,0.5,0,1960,0,-0.54,20,19.46,1018.93,CLOSE,2026-02-17 09:34:12\n",
        1, 19.46, "USDT",
    ),
    "a closing without opening or profit is no short": (
        f'{SCHWAB}"02/18/2026","Sell to Close","QRS 03/20/2026 100.00 C","CALL QRS","1","$4.00","$0.66","$399.34"\n',
        0, 0, "USD",
    ),
    # 10 × 5 less 4: the file's multiplier of 1 is none, and the account saw the costs alone.
    "futures of a broker that lists no multiplier for them": (
        f"{TASTYTRADE}2026-02-05T17:00:00+0100,Trade,Sell,SELL,/MESH6,Future,Sold 1 /MESH6 @ 6010.0,0.00,1,0.00,-1.00,-1.00,1,"
        "/MES,/MESH6,,,,4,-2.00,USD\n2026-02-05T09:00:00+0100,Money Movement,Mark to Market,,/MESH6,Future,Mark,12.50,0,,,,"
        ",,,,,,,12.50,USD\n2026-02-04T15:35:00+0100,Trade,Buy,BUY,/MESH6,Future,Bought 1 /MESH6 @ 6000.0,0.00,1,0.00,-1.00,"
        "-1.00,1,/MES,/MESH6,,,,3,-2.00,USD\n",
        1, 46, "USD",
    ),
    # 10 × 50 long, then 5 × 50 short: the fill between closes one contract and opens one.
    "a fill that turns a position and calls itself an exit": (
        "Instrument,Action,Quantity,Price,Time,ID,E/X,Position,Order ID,Name,Commission,Rate,Account display name,Connection,\n"
        "ES 03-26,Buy,1,6000,2/13/2026 9:31:00 AM,1,Entry,1 L,1,x,$2.00,1,A,S,\n"
        "ES 03-26,Sell,2,6010,2/13/2026 9:41:00 AM,2,Exit,1 S,2,x,$4.00,1,A,S,\n"
        "ES 03-26,Buy,1,6005,2/13/2026 9:51:00 AM,3,Exit,-,3,x,$2.00,1,A,S,\n",
        2, 742, "USD",
    ),
    "accounts are not netted with one another": (
        flex(
            trade("20260115;100000", 10, 50, "O"),
            trade("20260116;100000", -10, 51, "O", account="U2"),
            trade("20260117;100000", -10, 52, "C", 18),
            trade("20260118;100000", 10, 52, "C", -12, account="U2"),
        ),
        2, 6, "USD",
    ),
    "bonds of a query": (
        flex(
            trade("20260210;100000", 10000, 99.5, "O", kind="BOND", symbol="T 4 1/4 12/31/27"),
            trade("20260907;100000", -10000, 100.5, "C", 98, kind="BOND", symbol="T 4 1/4 12/31/27"),
        ),
        1, 98, "USD",
    ),
    "a reverse split of a query, whose old shares have a row of their own": (
        flex(
            trade("20260115;100000", 100, 2, "O", symbol="KLO"),
            trade("20260715;100000", -10, 15, "C", -52, symbol="KLO"),
            more='<CorporateActions><CorporateAction accountId="U1" symbol="KLO.OLD" type="RS" actionDescription="KLO '
            'SPLIT 1 FOR 10" dateTime="20260601;202500" quantity="-100" /><CorporateAction accountId="U1" symbol="KLO" '
            'type="RS" actionDescription="KLO SPLIT 1 FOR 10" dateTime="20260601;202500" quantity="10" /></CorporateActions>',
        ),
        1, -52, "USD",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_read_right(name):
    text, trades, net, currency = KINDS[name]
    run = read(text)
    found = figures(run)
    assert (found["trade_count"], found["open_count"], run.currency) == (trades, 0, currency)
    assert found["net_pnl"] == pytest.approx(net, abs=1e-9)


CTRADER = (
    "ID,Symbol,Opening Direction,Opening Time (UTC+2),Closing Time (UTC+2),Entry Price,Closing Price,Closing Quantity,"
    "Commission,Swap,Gross USD,Net USD,Balance USD\n"
    "P1,XAUUSD,Buy,18/02/2026 10:00:00.000,18/02/2026 10:30:00.000,2650.00,-5,0.05 Lots,0,0,-10.00,-10.00,990.00\n"
)
COINBASE = (
    "portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\n"
    "default,1,BTC-USD,BUY,2026-02-18T09:00:00.000Z,0.01,BTC,80000,2,-802,a line that lost its end\n"
)


@pytest.mark.parametrize(("text", "column"), [(CTRADER, "Closing Price"), (COINBASE, "price/fee/total unit")])
def test_a_cell_that_is_no_price_or_currency_is_refused(text, column):
    with pytest.raises(ImportProblem) as caught:
        import_run("x.csv", text.encode(), options=ImportOptions())
    assert (caught.value.code, caught.value.column) == ("bad_value", column)


def test_fees_in_a_third_coin_are_said():
    warnings = read(KINDS["fees in a third coin stay in it"][0]).warnings
    assert any("0.001 BNB" in warning for warning in warnings)


def test_deposits_of_a_query_are_flows():
    cash = (
        '<CashTransactions><CashTransaction type="Deposits/Withdrawals" amount="5000" currency="USD" '
        'dateTime="20260102;000000" /><CashTransaction type="Dividends" amount="5" dateTime="20260103" /></CashTransactions>'
    )
    run = read(flex(trade("20260115;100000", 10, 50, "O"), more=cash))
    assert [flow.amount for flow in run.evidence.flows] == [5000]


DEGIRO = {
    "english": "Date,Time,Product,ISIN,Reference exchange,Venue,Quantity,Price,,Local value,,Value EUR,Exchange rate,AutoFX "
    "Fee,Transaction and/or third party fees EUR,Total EUR,Order ID",
    "dutch": "Datum,Tijd,Product,ISIN,Beurs,Uitvoeringsplaats,Aantal,Koers,,Lokale waarde,,Waarde EUR,Wisselkoers,AutoFX "
    "Kosten,Transactiekosten en/of kosten van derden EUR,Totaal EUR,Order ID",
    "spanish": "Fecha,Hora,Producto,ISIN,Bolsa de referencia,Centro de ejecución,Número,Precio,,Valor local,,Valor EUR,Tipo "
    "de cambio,Comision AutoFX,Costes de transaccion y/o externos EUR,Total EUR,ID Orden",
    "portuguese": "Data,Hora,Produto,ISIN,Bolsa de referência,Bolsa,Quantidade,Preços,,Valor local,,Valor EUR,Taxa de "
    "Câmbio,Taxa Autofx,Custos de transação e/ou taxas de terceiros,Total EUR,ID da Ordem",
    "french": "Date,Heure,Produit,Code ISIN,Place boursière sectionnée,Lieu d'exécution,Quantité,Cours,,Montant devise "
    "locale,,Montant EUR,Taux de change,Frais conversion AutoFX,Frais de courtage et/ou de parties,Montant négocié EUR,"
    "ID Ordre",
}


@pytest.mark.parametrize("language", DEGIRO)
def test_degiro_is_read_in_its_languages(language):
    rows = (
        '17-02-2026,15:30,WXY NV,NL0,EAM,XAMS,-10,"52,00",EUR,"520,00",EUR,"520,00",,"-0,50","-2,00","517,50",b\n'
        '17-02-2026,10:00,WXY NV,NL0,EAM,XAMS,10,"50,00",EUR,"-500,00",EUR,"-500,00",,"0,00","-2,00","-502,00",a\n'
    )
    run = read(f"{DEGIRO[language]}\n{rows}")
    assert detect("x", f"{DEGIRO[language]}\n{rows}".encode()).name == run.source == "degiro"
    assert figures(run)["net_pnl"] == pytest.approx(15.5)
    assert run.currency == "EUR"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Trade,Type,Date,Time,Price,Qty,Net PnL", "1,{} long,2026-01-0{},10:00,11{},2,20"),
        ("Trade #,Type,Symbol,Date,Price,Qty,Net PnL", "1,{} long,WXY,2026-01-0{} 10:00,11{},2,20"),
    ],
)
def test_a_list_that_only_resembles_tradingviews_is_not_read_by_place(header, row):
    data = "\n".join((header, row.format("Exit", 2, 0), row.format("Entry", 1, 1))).encode()
    assert detect("x.csv", data).name == "csv"


def test_a_list_of_tradingviews_columns_with_short_names_is_read():
    run = read(
        "Trade #,Type,Date/Time,Signal,Price,Qty,Net PnL,Cum. PnL\n1,Exit short,2026-01-02 10:00,x,90,2,20,20\n"
        "1,Entry short,2026-01-01 10:00,x,100,2,20,20\n"
    )
    assert (run.source, figures(run)["net_pnl"]) == ("tradingview", 20)
    assert [row.action for row in run.positions] == ["short", "cover"]
