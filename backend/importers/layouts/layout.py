"""What a broker's table is: one literal entry a layout says how it is known and what its columns and words mean.

A header word is compared as a whole, in lower case, blanks made single. In it `{ccy}` stands for a currency (`net usd`,
`profit(eur)`) and `{zone}` for an offset (`opening time (utc+2)`); both are read as what they say. A word of a cell is
compared in lower case, underscores and blanks made one blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

# What a row is or does. `buy` and `sell` give the sign alone; those with `open` or `close` say what they did as well.
Side = Literal[
    "buy", "sell", "buy open", "sell close", "sell open", "buy close",
    # It is no fill: an option that ended worthless or became shares; shares that came from a split
    # (or the holding before it and after it, in two rows); what was paid or
    # received for holding something; a dividend or interest; a charge that belongs to no fill; money moved in or out.
    "expire", "split", "split from", "split to", "funding", "income", "cost", "flow",
    # Known and without meaning for a run.
    "pass",
]  # fmt: skip
# What a row of a ledger is, where a column says it before the side does: `trade` leaves it to the side.
Kind = Literal["trade", "expire", "split", "funding", "income", "cost", "flow", "pass"]
# How a date is written: its order, or `file` where exports differ and the file itself has to show it.
DateOrder = Literal["year", "month", "day", "file"]
# What a point of price is worth for one unit: by the contract's root, 100 for an option, contracts of a coin whose size
# the stated P&L shows, lots whose size the stated P&L shows, or a share of par for a bond.
Points = Literal["future", "option", "contract", "lot"]

# A column's meaning → what it holds. `Layout.columns` may name no other.
MEANINGS: Final[Mapping[str, str]] = {
    "time": "when the fill happened",
    "day": "its day, where the clock stands in a column of its own",
    "entry_time": "when the trade was opened",
    "exit_time": "when it was closed",
    "bought_time": "when it was bought",
    "sold_time": "when it was sold",
    "symbol": "what was traded",
    "description": "what was traded, in words",
    "expiry": "an option's expiry",
    "strike": "its strike",
    "right": "call or put",
    "account": "the account",
    "asset": "what kind of thing was traded",
    "kind": "what the row is",
    "subkind": "what it is more closely: a kind of `kind: subkind` comes before that of `kind`",
    "side": "what was done",
    "effect": "whether it opened or closed",
    "book": "the side of a hedged position",
    "status": "the state of the order",
    "quantity": "how much",
    "other_quantity": "how much on the other side of the trade",
    "price": "the price of the fill",
    "entry_price": "the price of the opening",
    "exit_price": "the price of the closing",
    "buy_price": "what was paid",
    "sell_price": "what was received",
    "unit": "what the quantity counts",
    "balance_unit": "the coin of the row's money",
    "unit_price": "the price in money per contract",
    "multiplier": "money per point of price and unit",
    "leverage": "the leverage",
    "pnl": "the profit that the file states",
    "amount": "money that the row states for the fill, without costs",
    "cash_change": "what the account saw, costs included",
    "cash": "the account's money after the row",
    "position": "what is held after the row",
    "currency": "the currency of price and money",
    "account_currency": "the currency of the account",
    "rate": "price ÷ rate is in the account's currency",
    "fee_currency": "the coin of the costs",
    "entry_tag": "why it was opened",
    "exit_tag": "why it was closed",
    "tag": "a label",
    "reasoning": "a note",
    "stop": "the protective stop at the entry",
    "adverse": "the largest move against the trade, in money",
    "favourable": "the largest move for it, in money",
    "ratio": "how many shares one share became",
    "order": "the fill's number, which orders what one moment holds",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """A column of costs, all of which are summed.

    `written`: `plus` where a cost is above zero, `minus` where it is below (as money that left), `size` where its sign
    says nothing. `at`: the side of a trade that it belongs to. `what`: a fee, or funding (swap, rollover). `coin`: the
    column that names its coin. A coin behind the number (`0.8 USDT`) counts as well.
    """

    columns: tuple[str, ...]
    written: Literal["plus", "minus", "size"] = "plus"
    at: Literal["row", "entry", "exit"] = "row"
    what: Literal["fee", "funding"] = "fee"
    coin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One table of one broker. See `MEANINGS` for the columns, `Side` for the words.

    What it is: `source` is what `runs.source` says; `marks` are sets of header words, each of which identifies the
    table; `section` is the line above the header, in files that hold several tables. `rows`: `fills` (one action),
    `trips` (a whole trade) or `pairs` (a whole trade as what was bought and what was sold). `ignored` are columns that
    are known and say nothing more.

    What its words mean: `sides`, `kinds`, `effects` and `books` for those columns; `wants` are the words that a column
    must hold for the row to be read. `symbol_in` is a pattern whose group is the symbol within its cell. `fills_down`
    are columns that a leg takes from the row above. `two_legs`: a spot fill has a row for each of its two coins.

    Its clock: `dates` is the order of day and month, `zone` the zone where the broker fixes it, `usual_zone` the one
    assumed, and said, where nobody tells. `newest_first`: of rows of one moment the last stands first.

    Its money: `currency` is fixed, or `quote` for the coin that the symbol names last, or `settled` for that of a
    contract's money (the base coin where it is inverse); a column wins. `points` is what a point is worth, `par_assets`
    are kinds quoted in percent of their face. `inverse` are symbols (as a pattern whose first group is the base coin)
    whose contracts are worth a fixed sum of the quote coin: `inverse_unit`, else 100 for BTC and 10 for others.
    `price_is`: the column that the price follows from, divided by quantity and multiplier. `costs_in` is the table of
    the statement that holds the costs by moment; `costs_implied`: what the account saw less than price × quantity is
    the cost. `event_money` is the column that holds what rows without a fill moved.

    What it states: `pnl_after` are the costs that the stated P&L is after, where that is known; `believed`: prices are
    in another currency or lots, so trades made what is stated; `side_by_result`: some of these files name the side the
    other way round, which the P&L shows. `long_only`: it can't be short; `may_be_short`: a sale of more than is held is
    a short. `on_margin`: the account sees profits and costs, not what was paid. `lacks` is what the file does not hold
    and a result needs, which is said.
    """

    name: str
    source: str
    title: str
    marks: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]]
    rows: Literal["fills", "trips", "pairs"] = "fills"
    section: str | None = None
    sides: Mapping[str, Side] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    effects: Mapping[str, Literal["open", "close"]] = field(default_factory=dict)
    books: Mapping[str, Literal["long", "short"]] = field(default_factory=dict)
    wants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    costs: tuple[Cost, ...] = ()
    dates: DateOrder = "year"
    zone: str | None = None
    usual_zone: str | None = None
    decimal: Literal[".", ",", "file"] = "."
    currency: str | None = None
    points: Points | None = None
    par_assets: tuple[str, ...] = ()
    inverse: str | None = None
    inverse_unit: float | None = None
    two_legs: bool = False
    long_only: bool = False
    may_be_short: bool | None = None
    on_margin: bool = False
    newest_first: bool = False
    fills_down: tuple[str, ...] = ()
    costs_in: Layout | None = None
    costs_implied: bool = False
    event_money: Literal["cash_change", "amount", "pnl"] = "cash_change"
    pnl_after: frozenset[str] | None = None
    pnl_rows: Literal["closing", "all"] = "closing"
    believed: bool = False
    side_by_result: bool = False
    price_is: Literal["price", "amount", "unit_price"] = "price"
    symbol_in: str | None = None
    lacks: str | None = None
    ignored: tuple[str, ...] = ()


BUY_SELL: Final[Mapping[str, Side]] = {
    **dict.fromkeys(("buy", "b", "bought", "bot", "bid"), "buy"),
    **dict.fromkeys(("sell", "s", "sold", "sld", "ask"), "sell"),
}
SHORT_WORDS: Final[Mapping[str, Side]] = {
    **dict.fromkeys(("ss", "sell short", "sellshort", "short", "sold short", "short sell"), "sell open"),
    **dict.fromkeys(("bc", "buy to cover", "buytocover", "cover", "bought to cover", "bought cover"), "buy close"),
}
OPTION_WORDS: Final[Mapping[str, Side]] = {
    **dict.fromkeys(("bto", "buy to open", "bought to open"), "buy open"),
    **dict.fromkeys(("stc", "sell to close", "sold to close"), "sell close"),
    **dict.fromkeys(("sto", "sell to open", "sold to open"), "sell open"),
    **dict.fromkeys(("btc", "buy to close", "bought to close"), "buy close"),
}
LONG_SHORT: Final[Mapping[str, Side]] = {
    **dict.fromkeys(("long", "buy", "b", "l", "bought"), "buy"),
    **dict.fromkeys(("short", "sell", "s", "sold"), "sell"),
}
FILLED: Final = ("filled", "partially filled", "partial filled", "partialfilled", "executed", "closed", "completed", "")
