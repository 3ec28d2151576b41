"""The words of a table's side: what a row of fills did, and rows that are no fills (payments, income, splits)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from backend.importers.base import Action, OpenClose

ACTION_WORDS: Final[Mapping[str, Action]] = {
    **dict.fromkeys(("buy", "b", "bot", "bought", "bto", "buy to open", "open long", "enter long", "long"), "buy"),
    **dict.fromkeys(("sell", "s", "sld", "sold", "stc", "sell to close", "close long", "exit long"), "sell"),
    **dict.fromkeys(("short", "sell short", "ss", "sto", "sell to open", "open short", "enter short"), "short"),
    **dict.fromkeys(("cover", "buy to cover", "btc", "buy to close", "close short", "exit short", "bc"), "cover"),
    **dict.fromkeys(("buy order", "purchase", "buy market", "buy limit", "you bought", "kauf"), "buy"),
    **dict.fromkeys(("sell order", "sale", "sell market", "sell limit", "you sold", "verkauf"), "sell"),
    **dict.fromkeys(("hold", "no trade", "none"), "hold"),
}
# Words that say too whether they open or close; plain ones say no more than the direction.
TOLD_WORDS: Final[Mapping[str, OpenClose]] = {
    **dict.fromkeys(("bto", "buy to open", "open long", "enter long"), "open"),
    **dict.fromkeys(("stc", "sell to close", "close long", "exit long"), "close"),
}
PLAIN_WORDS: Final = {word for word, action in ACTION_WORDS.items() if action in ("buy", "sell")} - TOLD_WORDS.keys()
SHORT_WORDS: Final = frozenset(("short", "sell short", "ss"))
COVER_WORDS: Final = frozenset(("cover", "buy to cover", "bc"))
OPEN_CLOSE: Final[Mapping[str, OpenClose]] = {
    **dict.fromkeys(("o", "open", "to open", "opening", "opn", "entry"), "open"),
    **dict.fromkeys(("c", "close", "to close", "closing", "cls", "exit"), "close"),
}

LONG_WORDS: Final = frozenset(("long", "buy", "b", "bot", "bought", "l", "1"))
LONG_SHORT: Final = LONG_WORDS | frozenset(("short", "sell", "s", "sld", "sold", "sell short", "-1"))
TRIP_SHORT_WORDS: Final = LONG_SHORT - LONG_WORDS

CashKind = Literal["flow_in", "flow_out", "flow", "income", "cost", "split"]
CASH_WORDS: Final[Mapping[str, CashKind]] = {
    **dict.fromkeys(("deposit", "contribution", "funds received", "transfer in", "cash in", "ach deposit"), "flow_in"),
    **dict.fromkeys(("withdrawal", "withdraw", "transfer out", "cash out", "ach withdrawal"), "flow_out"),
    **dict.fromkeys(("transfer", "ach", "wire", "wire transfer", "electronic funds transfer", "journal"), "flow"),
    **dict.fromkeys(
        ("dividend", "div", "cash dividend", "qualified dividend", "interest", "credit interest", "coupon"), "income"
    ),
    **dict.fromkeys(
        ("fee", "fees", "tax", "withholding tax", "margin interest", "debit interest", "adr fee", "management fee"),
        "cost",
    ),
    **dict.fromkeys(("split", "stock split", "forward split", "reverse split", "share split"), "split"),
}  # fmt: skip
