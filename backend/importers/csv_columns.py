"""What the columns of a plain table may be called, and which of them a run needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from backend.importers.base import ImportProblem

_UNITS = re.compile(r"[(\[{][^()\[\]{}]*+[)\]}]")
# A stop given so is a distance, not a price.
_RELATIVE = re.compile(r"%|\b(?:pct|percent|pips?|points?|pts|ticks?|bps|distance|offset|r)\b", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^0-9a-z#&]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# A share of something, not money: "P&L (%)" and "Fee rate" lose what says so when they are normalised.
_SHARE = re.compile(r"%|\b(?:pct|percent(?:age)?|rate|ratio|bps)\b", re.IGNORECASE)
_MONEY_FIELDS = frozenset(
    ("pnl", "fees", "entry_fees", "exit_fees", "funding", "funding_received", "amount", "cash", "cash_change", "equity")
)
_COST = re.compile(
    r"\b(?:fees?|commissions?|comm|brokerage|tax(?:es)?|dut(?:y|ies)|lev(?:y|ies)|charges?|stt|gst|vat|sec|taf|nfa)\b"
)
_NO_COST = re.compile(
    r"\b(?:currency|coin|asset|unit|ccy|type|id|code|date|time|before|without|excl|excluding|less|net|gross|pnl|p&l|profit|"
    r"price|entry|exit|funding|swap|free|schedule)\b"
)
# How many columns of costs are summed.
MOST_FEES = 12

# Field → names, normalised by `normalise`, best first. A field that is bound earlier takes the column.
SYNONYMS: Final[Mapping[str, Sequence[str]]] = {
    "entry_time": (
        "entry time", "entry date", "entry datetime", "entry timestamp", "entry date time", "open time", "open date",
        "open timestamp", "opened at", "opened", "date opened", "time opened", "ts opened", "opening time", "entry at",
    ),
    "exit_time": (
        "exit time", "exit date", "exit datetime", "exit timestamp", "exit date time", "close time", "close date",
        "close timestamp", "closed at", "closed", "date closed", "time closed", "ts closed", "closing time", "exit at",
    ),
    "entry_price": (
        "entry price", "open price", "open rate", "avg entry price", "average entry price", "avg px open",
        "entry rate", "price in", "opening price", "entry",
    ),
    "exit_price": (
        "exit price", "close price", "close rate", "avg exit price", "average exit price", "avg px close",
        "exit rate", "price out", "closing price", "exit",
    ),
    "time": (
        "time", "timestamp", "datetime", "date time", "date", "trade time", "trade date", "execution time",
        "executed at", "exec time", "filled at", "fill time", "filled time", "transaction time", "transaction date",
        "order execution time", "order time", "execution date", "exec date", "fill date", "activity date", "run date",
        "trade datetime", "tradedate", "t d", "created at", "ts", "time utc", "date utc",
    ),
    "symbol": (
        "symbol", "ticker", "pair", "market", "instrument", "asset", "coin", "security", "product", "contract", "item",
        "stock", "trading pair", "instrument id", "trading symbol", "tradingsymbol", "scrip", "contract name",
        "stock symbol", "instrument name", "underlying",
    ),
    "side": (
        "side", "action", "direction", "buy sell", "b s", "order side", "trade type", "transaction type", "type", "dir",
        "long short", "position side", "operation", "bs", "market pos", "market position", "trade side", "buysell",
        "l s", "transaction",
    ),
    "quantity": (
        "quantity", "qty", "size", "shares", "units", "contracts", "lots", "filled quantity", "filled qty",
        "executed quantity", "executed qty", "exec qty", "filled", "executed", "position size", "peak qty", "sz",
        "volume", "amount", "amt",
    ),
    "price": (
        "price", "fill price", "average price", "avg price", "execution price", "exec price", "executed price",
        "trade price", "t price", "average fill price", "avg fill price", "rate", "px", "filled price",
    ),
    "fee_currency": (
        "fee currency", "fee coin", "fee asset", "fee unit", "fee ccy", "fees currency", "commission asset",
        "commission currency", "commission coin",
    ),
    "entry_fees": ("entry fees", "entry fee", "open fee", "entry commission"),
    "exit_fees": ("exit fees", "exit fee", "close fee", "exit commission"),
    "fees": (
        "fees", "fee", "commission", "commissions", "comm", "comm fee", "fees & comm", "total fees", "total fee",
        "trading fee", "transaction cost", "transaction costs", "costs", "brokerage",
    ),
    "funding": ("funding", "funding cost", "funding paid"),
    "funding_received": ("funding fees", "funding fee", "swap", "funding received", "rollover"),
    "pnl": (
        "net pnl", "net p&l", "net profit", "pnl", "p&l", "pl", "p l", "realized pnl", "realised pnl", "realized p&l",
        "realized p l", "profit", "profit loss", "profit abs", "closed pnl", "net p l", "result",
    ),
    "low_price": ("low price", "min price", "min rate", "lowest price"),
    "high_price": ("high price", "max price", "max rate", "highest price"),
    "stop": (
        "initial stop loss abs", "initial stop", "initial stop loss", "initial stop price", "protective stop",
        "stop loss", "stop loss price", "sl", "s l", "stop",
    ),
    "entry_tag": ("entry tag", "enter tag", "entry reason", "entry signal", "setup"),
    "exit_tag": ("exit tag", "exit reason", "exit signal", "sell reason"),
    "tag": ("tag", "signal", "label"),
    "entry_reasoning": ("entry reasoning", "entry notes"),
    "exit_reasoning": ("exit reasoning", "exit notes"),
    "reasoning": ("reasoning", "rationale", "thesis", "reason", "notes", "note", "comment", "comments"),
    "trade_ref": ("trade ref", "position id", "round trip", "round trip id"),
    "trade_id": ("trade id", "trade", "trade #", "trade no", "trade number", "#", "id", "no", "number", "ticket"),
    "status": ("status", "order status", "state"),
    "currency": ("currency", "ccy", "account currency", "quote currency", "trade currency"),
    "cash_change": (
        "cash change", "balance change", "net cash", "net cash flow", "cash flow", "net proceeds", "net amount",
    ),
    "amount": (
        "amount", "total", "value", "proceeds", "gross proceeds", "gross amount", "notional", "notional value",
        "trade value", "total amount", "total value", "traded value", "turnover", "consideration", "quote quantity",
        "quote qty", "quote amount", "net value",
    ),
    "cash": ("cash", "cash balance", "balance", "account balance", "running balance", "balance after"),
    "equity": ("equity", "account value", "portfolio value", "account equity"),
    "position_after": (
        "position", "position after", "position balance", "net position", "running position", "shares held",
        "position quantity", "holding", "holdings",
    ),
    "multiplier": ("multiplier", "contract multiplier", "contract size", "point value", "lot size"),
    "leverage": ("leverage", "lev"),
    "account": (
        "account", "account id", "account number", "account no", "account name", "acct", "acct id", "accountid",
        "sub account", "subaccount", "client id", "portfolio",
    ),
    "open_close": (
        "open close", "openclose", "open close indicator", "pos effect", "position effect", "o c", "effect",
        "opening closing",
    ),
    "expiry": ("exp", "expiry", "expiration", "expiration date", "expiry date", "exp date"),
    "strike": ("strike", "strike price"),
    "option_type": ("call put", "put call", "option type", "right", "c p", "type"),
    "day": ("date", "trade date", "day", "t d"),
    "entry_day": ("entry date", "open date", "date opened"),
    "exit_day": ("exit date", "close date", "date closed"),
}  # fmt: skip

FILL_REQUIRED: Final = ("time", "symbol", "quantity", "price")
TRIP_REQUIRED: Final = ("entry_time", "exit_time", "symbol", "quantity", "entry_price", "exit_price")


def normalise(header: str) -> str:
    """A header as the table above spells it: lower case, words by single blanks, no unit in brackets."""
    bare = _UNITS.sub(" ", header).strip() or header
    return _NOT_WORD.sub(" ", bare.lower()).strip()


def bind(headers: Sequence[str]) -> dict[str, int]:
    """Field → column number. Each column serves one field; a name higher in the table wins.

    Columns of costs beside `fees` are `fees_2`, `fees_3` and so on: all are summed.
    """
    # "EntryTime" is two words, "PnL" is one: both readings count.
    names = [{normalise(header), normalise(_CAMEL.sub(" ", header))} for header in headers]
    bound: dict[str, int] = {}
    taken: set[int] = set()
    for field, synonyms in SYNONYMS.items():
        for synonym in synonyms:
            column = next(
                (
                    at
                    for at, name in enumerate(names)
                    if synonym in name and at not in taken and not _is_other(field, headers[at])
                ),
                None,
            )
            if column is not None:
                bound[field] = column
                taken.add(column)
                break
    return bound | _more_fees(headers, bound, taken)


def _is_other(field: str, header: str) -> bool:
    """Whether a header that has the field's name says that it is something else."""
    if field == "stop":
        return bool(_RELATIVE.search(header))
    return field in _MONEY_FIELDS and bool(_SHARE.search(header))


def _more_fees(headers: Sequence[str], bound: Mapping[str, int], taken: Collection[int]) -> dict[str, int]:
    """Columns of costs that no field has taken: they are costs too."""
    found = [at for at, header in enumerate(headers) if at not in taken and is_cost(header)]
    first = 2 if "fees" in bound else 1
    names = ["fees" if number == 1 else f"fees_{number}" for number in range(first, MOST_FEES + 1)]
    return dict(zip(names, found, strict=False))


def is_cost(header: str) -> bool:
    """Whether a column's name says that it holds costs in money."""
    name = normalise(_CAMEL.sub(" ", header))
    return bool(_COST.search(name)) and not _NO_COST.search(name) and not _SHARE.search(header)


def meaning_of(field: str) -> str:
    """What a field is called to people: each column of costs is `fees`."""
    return "fees" if field.startswith("fees_") else field


def column_labels(headers: Sequence[str]) -> list[str]:
    """A name for each column that no other has: the header, numbered where it stands twice or is empty."""
    labels: list[str] = []
    taken: set[str] = set()
    for at, header in enumerate(headers, 1):
        label = header if header and header not in taken else f"{header or 'column'} ({at})"
        taken.add(label)
        labels.append(label)
    return labels


def bind_mapped(headers: Sequence[str], mapping: Mapping[str, str | None] | None) -> dict[str, int]:
    """Field → column number: what the person said, then what the names of the other columns say.

    Raises:
        ImportProblem: `bad_mapping` for a column or meaning that does not exist, or a meaning given twice.
    """
    guessed = bind(headers)
    if mapping is None:
        return guessed
    columns = {label: at for at, label in enumerate(column_labels(headers))}
    said: dict[str, int] = {}
    for label, meaning in mapping.items():
        if label not in columns:
            raise _bad_mapping(label, f"the table has no column {label[:60]!r}")
        if meaning is None:
            continue
        if meaning not in SYNONYMS:
            raise _bad_mapping(label, f"{meaning[:60]!r} is no meaning; known are {', '.join(SYNONYMS)}")
        if meaning == "fees" and meaning in said:
            meaning = f"fees_{sum(name.startswith('fees') for name in said) + 1}"  # noqa: PLW2901
        if meaning in said:
            raise _bad_mapping(label, f"two columns can't both be the {meaning.replace('_', ' ')}")
        said[meaning] = columns[label]
    spoken_for = {columns[label] for label in mapping}
    # Who says which columns are the fees says all of them.
    kept = {
        name: at
        for name, at in guessed.items()
        if at not in spoken_for and name not in said and not (name.startswith("fees") and "fees" in said)
    }
    return kept | said


def _bad_mapping(column: str, why: str) -> ImportProblem:
    return ImportProblem(f"The mapping of the columns can't be used: {why}.", column=column[:200], code="bad_mapping")


def is_round_trips(bound: Mapping[str, int]) -> bool:
    """Whether a row is a whole trade rather than a fill."""
    return {"entry_time", "exit_time"} <= bound.keys() or {"entry_price", "exit_price"} <= bound.keys()


def missing(bound: Mapping[str, int]) -> list[str]:
    """The required fields that no column was found for."""
    return [field for field in (TRIP_REQUIRED if is_round_trips(bound) else FILL_REQUIRED) if field not in bound]
