"""Layouts of Interactive Brokers: its trades in queries and statements, and its transaction history."""

from __future__ import annotations

from typing import Final

from backend.importers.layouts.layout import BUY_SELL, OPTION_WORDS, Cost, Layout

_BOND_WORDS: Final = ("bond", "bonds", "bill", "bills", "treasury bills", "corporate bonds", "municipal bonds")

STATEMENT: Final = Layout(
    name="interactive-brokers-trades",
    source="interactive-brokers",
    title="trades of Interactive Brokers",
    marks=(),
    columns={
        "time": ("datetime", "date/time", "tradedatetime", "tradedate"),
        "symbol": ("symbol",),
        "account": ("clientaccountid", "accountid", "account"),
        "asset": ("assetclass", "asset category", "assetcategory"),
        "side": ("buy/sell",),
        "effect": ("open/closeindicator", "code"),
        "quantity": ("quantity",),
        "price": ("tradeprice", "t. price", "price"),
        "multiplier": ("multiplier",),
        "amount": ("proceeds",),
        "cash_change": ("netcash",),
        "pnl": ("fifopnlrealized", "realized p/l"),
        "currency": ("currencyprimary", "currency"),
    },
    # What takes an execution back is listed under that one's side.
    sides={**BUY_SELL, "buy (ca.)": "sell", "sell (ca.)": "buy"},
    effects={"o": "open", "open": "open", "c": "close", "close": "close"},
    par_assets=_BOND_WORDS,
    costs=(
        Cost(
            ("ibcommission", "comm/fee", "commission", "comm in {ccy}"),
            "minus",
            coin=("ibcommissioncurrency", "commissioncurrency"),
        ),
        Cost(("taxes",), "minus"),
    ),
    points="future",
    pnl_after=frozenset(("fees",)),
    ignored=(
        "levelofdetail",
        "datadiscriminator",
        "tradetime",
        "tradedate",
        "tradedatetime",
        "c. price",
        "basis",
        "mtm p/l",
        "tradeid",
        "fxratetobase",
        "ibexecid",
        "iborderid",
        "description",
        "exchange",
        "putcall",
        "put/call",
        "expiry",
        "strike",
        "conid",
        "securityid",
        "securityidtype",
        "cusip",
        "isin",
        "listingexchange",
        "underlyingsymbol",
        "ordertype",
        "ordertime",
        "notes/codes",
        "notes",
        "transactiontype",
        "settledatetarget",
        "trademoney",
        "costbasis",
        "cost",
        "mtmpnl",
        "closeprice",
        "reportdate",
        "dateopened",
        "accountalias",
        "model",
    ),
)

TRANSACTION_HISTORY: Final = Layout(
    name="interactive-brokers-transaction-history",
    source="interactive-brokers",
    title="a transaction history of Interactive Brokers",
    marks=(("transaction history", "header", "date", "account", "transaction type", "symbol", "quantity", "price"),),
    columns={
        "time": ("date",),
        "account": ("account",),
        "status": ("header",),
        "side": ("transaction type",),
        "symbol": ("symbol",),
        "quantity": ("quantity",),
        "amount": ("gross amount",),
        "cash_change": ("net amount",),
        "reasoning": ("description",),
    },
    wants={"status": ("data",)},
    sides={
        **BUY_SELL, **OPTION_WORDS, "expired": "expire", "expiration": "expire", "option expiration": "expire",
        **dict.fromkeys(("assigned", "assignment", "exercised", "exercise"), "expire"),
        **dict.fromkeys(("dividend", "payment in lieu", "credit interest", "bond interest", "interest"), "income"),
        **dict.fromkeys(("debit interest", "other fee", "foreign tax withholding", "sales tax", "commission adjustment",
                         "transaction fee", "investment interest paid"), "cost"),
        **dict.fromkeys(("deposit", "withdrawal", "electronic fund transfer", "cash transfer", "internal transfer"),
                        "flow"),
        **dict.fromkeys(("forex trade component", "adjustment", "corporate action", "fx translations p&l"), "pass"),
    },
    costs=(Cost(("commission",), "minus"),),
    price_is="amount",
    points="option",
    ignored=("transaction history", "price", "price currency", "currency", "multiplier", "exchange rate"),
)  # fmt: skip

INTERACTIVE_BROKERS: Final[tuple[Layout, ...]] = (TRANSACTION_HISTORY,)
